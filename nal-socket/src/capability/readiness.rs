//! Readiness: what could be done on a connection, told without trying.
//!
//! Without it [`poll`](Network::poll) finds out by receiving ahead, and a socket is writable as far as
//! can be told. With it the bytes stay in the stack until they are read, and
//! [`Events::OUT`](crate::Events::OUT) is more than a hint.
//!
//! ```
//! use nal_socket::capability::{Readiness, Ready};
//! use nal_socket::embedded_nal::{TcpClientStack, nb};
//! use nal_socket::{ErrorKind, Network};
//! # use core::net::SocketAddr;
//! # use nal_socket::embedded_nal::{TcpError, TcpErrorKind};
//! # #[derive(Debug)] struct Never;
//! # impl TcpError for Never { fn kind(&self) -> TcpErrorKind { TcpErrorKind::Other } }
//! # struct Stack;
//! # impl TcpClientStack for Stack {
//! #     type TcpSocket = Buffers;
//! #     type Error = Never;
//! #     fn socket(&mut self) -> Result<Buffers, Never> { Err(Never) }
//! #     fn connect(&mut self, _: &mut Buffers, _: SocketAddr) -> nb::Result<(), Never> { Ok(()) }
//! #     fn send(&mut self, _: &mut Buffers, b: &[u8]) -> nb::Result<usize, Never> { Ok(b.len()) }
//! #     fn receive(&mut self, _: &mut Buffers, _: &mut [u8]) -> nb::Result<usize, Never> { Ok(0) }
//! #     fn close(&mut self, _: Buffers) -> Result<(), Never> { Ok(()) }
//! # }
//! struct Buffers {
//!     received: usize,
//!     room: usize,
//!     peer_closed: bool,
//! }
//!
//! impl Readiness for Stack {
//!     fn readiness(&mut self, socket: &mut Buffers) -> Result<Ready, ErrorKind> {
//!         Ok(Ready {
//!             readable: socket.received > 0 || socket.peer_closed,
//!             writable: socket.room > 0,
//!         })
//!     }
//! }
//!
//! let network = Network::without_dns(Stack, || 0).with_readiness();
//! # let _ = network;
//! ```

use embedded_nal::TcpClientStack;

use crate::{ErrorKind, Network};

/// A stack that can say what a connection is ready for without taking anything from it.
pub trait Readiness: TcpClientStack {
    /// What a connected `socket` is ready for. Must not wait, and must not take anything from it.
    ///
    /// # Errors
    ///
    /// The error that the next operation on the socket is going to report; it is still there then.
    fn readiness(&mut self, socket: &mut Self::TcpSocket) -> Result<Ready, ErrorKind>;
}

/// The answer of [`Readiness`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ready {
    /// `receive` would give bytes or the end of the stream.
    pub readable: bool,
    /// `send` would take a byte at least.
    pub writable: bool,
}

/// Tells what a socket is ready for, as [`Readiness::readiness`] does.
pub type ReadinessFn<S> =
    fn(&mut S, &mut <S as TcpClientStack>::TcpSocket) -> Result<Ready, ErrorKind>;

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Puts the stack's word about readiness in, for [`poll`](Self::poll) and the sockets'
    /// `recv_ready` and `send_ready`.
    #[must_use]
    pub fn with_readiness(self) -> Self
    where
        S: Readiness,
    {
        self.with_readiness_by(S::readiness)
    }

    /// The same by a function, for a stack that cannot implement [`Readiness`] because it is not yours.
    #[must_use]
    pub fn with_readiness_by(mut self, readiness: ReadinessFn<S>) -> Self {
        self.capabilities.readiness = Some(readiness);
        self
    }
}
