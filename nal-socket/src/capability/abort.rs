//! Abort: a connection ends at once, and the peer learns that it did not end in order.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, TcpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! assert_eq!(socket.abort().unwrap_err().kind(), ErrorKind::NotSupported);
//! ```

use embedded_nal::TcpClientStack;

use crate::{ErrorKind, Network};

/// A stack that can reset a connection.
pub trait Abort: TcpClientStack {
    /// Breaks the connection off (TCP's RST) and forgets what was not sent. Does not wait. The socket
    /// is given to [`close`](TcpClientStack::close) next, which must not fail for this.
    ///
    /// # Errors
    ///
    /// What the stack reports, [`ErrorKind::NotSupported`] for one; the connection stays as it is.
    fn abort(&mut self, socket: &mut Self::TcpSocket) -> Result<(), ErrorKind>;
}

/// Resets a connection, as [`Abort::abort`] does.
pub type AbortFn<S> = fn(&mut S, &mut <S as TcpClientStack>::TcpSocket) -> Result<(), ErrorKind>;

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Puts the stack's abort in.
    #[must_use]
    pub fn with_abort(self) -> Self
    where
        S: Abort,
    {
        self.with_abort_by(S::abort)
    }

    /// The same by a function, for a stack that cannot implement [`Abort`] because it is not yours.
    #[must_use]
    pub fn with_abort_by(mut self, abort: AbortFn<S>) -> Self {
        self.capabilities.abort = Some(abort);
        self
    }
}
