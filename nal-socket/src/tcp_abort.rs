//! Resetting a connection.

use crate::error::Fault;
use crate::tcp_socket::{Phase, is_end};
use crate::{Error, NetworkRef, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Breaks the connection off and closes the socket, without waiting: bytes that were sent and not
    /// confirmed may be lost, and the peer sees a reset. A connect that is under way is given up.
    /// Aborting a closed socket is `Ok`.
    ///
    /// # Errors
    ///
    /// [`NotSupported`](crate::ErrorKind::NotSupported) for a network built without
    /// [`with_abort`](crate::Network::with_abort), [`Busy`](crate::ErrorKind::Busy), or what the stack
    /// reports about the reset: the socket stays as it is then, and [`close`](Self::close) ends it in
    /// order.
    pub fn abort(&mut self) -> Result<(), Error> {
        if self.phase == Phase::Closed {
            return Ok(());
        }
        let net = self.net.network();
        let abort = net
            .capabilities
            .abort
            .ok_or(Error::unsupported(Fault::NoAbort))?;
        if self.phase == Phase::Connected
            && let Some(handle) = self.handle.as_mut()
        {
            match abort(&mut *net.borrow_stack()?, handle) {
                // Or there was nothing left to reset.
                Err(kind) if !is_end(kind) => return Err(Error::new(kind)),
                Ok(()) | Err(_) => {}
            }
        }
        self.release()
    }
}
