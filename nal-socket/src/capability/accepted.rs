//! A hook for each connection that the stack accepts, before its socket is used.
//!
//! It puts right what a stack leaves undone. The reason that it exists: std-embedded-nal 0.4 sets the
//! sockets that it connects to non-blocking, but not those that it accepts, so on these no timeout can
//! work. A Unix program mends that with nix 0.29, whose `fcntl` takes the descriptor that the stack's
//! socket tells:
//!
//! ```
//! # #[cfg(unix)] {
//! use nal_socket::{ErrorKind, Network};
//! use nix::fcntl::{FcntlArg, OFlag, fcntl};
//! use std_embedded_nal::Stack;
//!
//! let network = Network::new(Stack, || 0_u64).with_accepted(|_stack, socket| {
//!     let descriptor = socket.as_raw_fd().ok_or(ErrorKind::Other)?;
//!     // A new socket has no other status flags that could be lost.
//!     fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(|_| ErrorKind::Other)?;
//!     Ok(())
//! });
//! # let _ = network;
//! # }
//! ```

use core::net::SocketAddr;

use embedded_nal::{TcpClientStack, nb};

use super::Server;
use crate::{Error, ErrorKind, Network, Policy};

/// Prepares an accepted socket of the stack. Must not wait.
pub type Accepted<S> = fn(&mut S, &mut <S as TcpClientStack>::TcpSocket) -> Result<(), ErrorKind>;

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Gives the function that every accepted connection goes through. If it fails, the connection is
    /// closed, and [`accept`](crate::TcpListener::accept) reports the error; the listener goes on.
    #[must_use]
    pub fn with_accepted(mut self, accepted: Accepted<S>) -> Self {
        self.capabilities.accepted = Some(accepted);
        self
    }
}

/// Accepts a connection from the stack, if one is there, and has it prepared.
pub(crate) fn accept<S: TcpClientStack>(
    stack: &mut S,
    policy: &Policy<S::Error>,
    server: Server<S>,
    accepted: Option<Accepted<S>>,
    listener: &mut S::TcpSocket,
) -> nb::Result<(S::TcpSocket, SocketAddr), Error> {
    let (mut connection, peer) =
        (server.accept)(stack, listener).map_err(|error| policy.failure(error))?;
    if let Some(prepare) = accepted
        && let Err(kind) = prepare(stack, &mut connection)
    {
        // Nobody had it, so nobody minds how it ends.
        let _ = stack.close(connection);
        return Err(nb::Error::Other(Error::new(kind)));
    }
    Ok((connection, peer))
}
