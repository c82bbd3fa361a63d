//! Whether the datagrams that a stack accepted have left, for stacks that send in the background.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, UdpSocket};
//! use std_embedded_nal::Stack;
//!
//! // The operating system has what it accepted; it does not need the socket any more.
//! let network = Network::new(Stack, || 0_u64)
//!     .with_udp()
//!     .with_udp_flush_by(|_stack, _socket| Ok(()));
//! let mut socket = UdpSocket::new(&network);
//! socket.sendto(b"last words", ([127, 0, 0, 1], 9).into())?;
//! socket.flush()?;
//! socket.close()?;
//! # Ok::<(), nal_socket::Error>(())
//! ```
//!
//! Limits: left is not arrived. A network without it takes every datagram for gone once the stack has
//! accepted it.

use embedded_nal::{TcpClientStack, UdpClientStack, UdpFullStack, nb};

use crate::datagrams::{UdpClient, UdpFull};
use crate::{ErrorKind, Network};

/// A stack that sends datagrams in the background and can tell when they have left.
///
/// [`UdpSocket::flush`](crate::UdpSocket::flush) waits for it, and so does closing a socket.
pub trait UdpFlush: UdpClientStack {
    /// `Ok` when everything that was accepted from this socket has left; `WouldBlock` means "call
    /// again". Moves the sending along.
    ///
    /// # Errors
    ///
    /// What the stack reports: something accepted did not leave and will not.
    fn flush_udp(&mut self, socket: &mut Self::UdpSocket) -> nb::Result<(), ErrorKind>;
}

/// Asks whether everything has left, as [`UdpFlush::flush_udp`] does.
pub type FlushUdp<S> =
    fn(&mut S, &mut <S as UdpClientStack>::UdpSocket) -> nb::Result<(), ErrorKind>;

impl<S: TcpClientStack + UdpClientStack, P> Network<S, P, UdpClient<S>> {
    /// Has sockets wait until their datagrams have left.
    #[must_use]
    pub fn with_udp_flush(self) -> Self
    where
        S: UdpFlush,
    {
        self.with_udp_flush_by(S::flush_udp)
    }

    /// The same by a function, for a stack that cannot implement [`UdpFlush`] because it is not yours.
    #[must_use]
    pub fn with_udp_flush_by(mut self, flush: FlushUdp<S>) -> Self {
        self.udp.flush = Some(flush);
        self
    }
}

impl<S: TcpClientStack + UdpFullStack, P> Network<S, P, UdpFull<S>> {
    /// Has sockets wait until their datagrams have left.
    #[must_use]
    pub fn with_udp_flush(self) -> Self
    where
        S: UdpFlush,
    {
        self.with_udp_flush_by(S::flush_udp)
    }

    /// The same by a function, for a stack that cannot implement [`UdpFlush`] because it is not yours.
    #[must_use]
    pub fn with_udp_flush_by(mut self, flush: FlushUdp<S>) -> Self {
        self.udp.client.flush = Some(flush);
        self
    }
}
