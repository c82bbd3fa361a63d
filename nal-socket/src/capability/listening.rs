//! Listening in earnest: whether a stack that starts its server later has it up.
//!
//! `TcpFullStack::listen` cannot say "not yet". A driver whose modem takes some milliseconds to open the
//! port returns before that, and who connects in between is refused. With this capability
//! [`TcpListener::listen`](crate::TcpListener::listen) returns when the port is open.
//!
//! ```
//! use nal_socket::{Network, TcpListener, capability::ListeningFn};
//! use std_embedded_nal::Stack;
//!
//! // The sockets of the operating system listen once `listen` has returned.
//! let up: ListeningFn<Stack> = |_stack, _socket| Ok(());
//! let network = Network::new(Stack, || 0_u64).with_listening_by(up);
//! let mut listener = TcpListener::new(&network);
//! listener.bind(0)?;
//! listener.listen()?;
//! # Ok::<(), nal_socket::Error>(())
//! ```

use embedded_nal::{TcpClientStack, nb};

use crate::{ErrorKind, Network};

/// A stack that tells when the server of a listening socket is up.
pub trait Listening: TcpClientStack {
    /// `Ok` once a peer that connects to this listening socket is not refused any more, `WouldBlock`
    /// until then: call again.
    ///
    /// # Errors
    ///
    /// Why it could not be started: [`AddressInUse`](ErrorKind::AddressInUse),
    /// [`NetworkDown`](ErrorKind::NetworkDown) or what else the stack reports. The socket is then as it
    /// was before `listen`: bound to the same port, and `listen` may be called again.
    fn listening(&mut self, socket: &mut Self::TcpSocket) -> nb::Result<(), ErrorKind>;
}

/// Tells whether the server is up, as [`Listening::listening`] does.
pub type ListeningFn<S> =
    fn(&mut S, &mut <S as TcpClientStack>::TcpSocket) -> nb::Result<(), ErrorKind>;

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Puts in that the stack tells when it listens. [`TcpListener::listen`](crate::TcpListener::listen)
    /// waits for it.
    #[must_use]
    pub fn with_listening(self) -> Self
    where
        S: Listening,
    {
        self.with_listening_by(S::listening)
    }

    /// The same by a function, for a stack that cannot implement [`Listening`] because it is not yours.
    #[must_use]
    pub fn with_listening_by(mut self, listening: ListeningFn<S>) -> Self {
        self.capabilities.listening = Some(listening);
        self
    }
}
