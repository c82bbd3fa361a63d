//! Half close: one direction of a connection ends, the other goes on.
//!
//! ```
//! use nal_socket::capability::Direction;
//! use nal_socket::{ErrorKind, Network, TcpSocket};
//!
//! // Nothing was declared about this stack's half close.
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! let error = socket.shutdown(Direction::Write).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::NotSupported);
//! // Ending the reading direction is this crate's own work, once there is a connection.
//! let error = socket.shutdown(Direction::Read).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::NotConnected);
//! ```

use embedded_nal::{TcpClientStack, nb};

use crate::{ErrorKind, Network};

/// A direction of a connection, as seen from this side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Direction {
    /// Receiving (`SHUT_RD`).
    Read,
    /// Sending (`SHUT_WR`).
    Write,
    /// Both (`SHUT_RDWR`).
    Both,
}

impl Direction {
    pub(crate) const fn reads(self) -> bool {
        matches!(self, Self::Read | Self::Both)
    }

    pub(crate) const fn writes(self) -> bool {
        matches!(self, Self::Write | Self::Both)
    }
}

/// A stack that can end the sending direction of a connection and go on receiving.
pub trait Shutdown: TcpClientStack {
    /// Tells the peer that nothing more will come (TCP's FIN), behind everything that `send` took.
    /// Receiving goes on. `WouldBlock` means "call again".
    ///
    /// # Errors
    ///
    /// What the stack reports; the connection stays as it is.
    fn shutdown_write(&mut self, socket: &mut Self::TcpSocket) -> nb::Result<(), ErrorKind>;
}

/// Ends the sending direction, as [`Shutdown::shutdown_write`] does.
pub type ShutdownWrite<S> =
    fn(&mut S, &mut <S as TcpClientStack>::TcpSocket) -> nb::Result<(), ErrorKind>;

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Puts the stack's half close in.
    #[must_use]
    pub fn with_shutdown(self) -> Self
    where
        S: Shutdown,
    {
        self.with_shutdown_by(S::shutdown_write)
    }

    /// The same by a function, for a stack that cannot implement [`Shutdown`] because it is not yours.
    #[must_use]
    pub fn with_shutdown_by(mut self, shutdown: ShutdownWrite<S>) -> Self {
        self.capabilities.shutdown = Some(shutdown);
        self
    }
}
