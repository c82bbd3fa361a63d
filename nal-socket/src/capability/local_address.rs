//! Local addresses: which of its own addresses and ports a stack uses for a socket.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, TcpListener};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut listener = TcpListener::new(&network);
//! // The port that was asked for is known without the stack; the one that 0 became is not.
//! assert_eq!(listener.local_port().unwrap_err().kind(), ErrorKind::InvalidInput);
//! ```

use core::net::SocketAddr;

use embedded_nal::{TcpClientStack, nb};

use crate::{ErrorKind, Network};

/// A stack that tells the local address of its TCP sockets.
pub trait LocalAddress: TcpClientStack {
    /// The local address and port of a socket that is connected, bound or listening. One that listens
    /// on every address has the unspecified one. `WouldBlock` means "call again", for a stack that has
    /// to ask its modem.
    ///
    /// # Errors
    ///
    /// What the stack reports.
    fn local_address(&mut self, socket: &mut Self::TcpSocket) -> nb::Result<SocketAddr, ErrorKind>;
}

/// Tells the local address, as [`LocalAddress::local_address`] does.
pub type LocalAddressFn<S> =
    fn(&mut S, &mut <S as TcpClientStack>::TcpSocket) -> nb::Result<SocketAddr, ErrorKind>;

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Puts in that the stack tells local addresses.
    #[must_use]
    pub fn with_local_address(self) -> Self
    where
        S: LocalAddress,
    {
        self.with_local_address_by(S::local_address)
    }

    /// The same by a function, for a stack that cannot implement [`LocalAddress`] because it is not
    /// yours.
    #[must_use]
    pub fn with_local_address_by(mut self, local_address: LocalAddressFn<S>) -> Self {
        self.capabilities.local_address = Some(local_address);
        self
    }
}
