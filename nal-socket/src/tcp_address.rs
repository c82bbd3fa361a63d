//! The addresses of a connection's two ends.

use core::net::SocketAddr;

use crate::address::canonical;
use crate::error::Fault;
use crate::policy::again_or_kind;
use crate::{Error, NetworkRef, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// The address of the other side, once there is one (`getpeername`).
    pub const fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The address and port of this side (`getsockname`). A stack that has to ask its modem may wait
    /// within the receive timeout. A connect that is under way is finished first.
    ///
    /// # Errors
    ///
    /// [`NotSupported`](crate::ErrorKind::NotSupported) for a network built without
    /// [`with_local_address`](crate::Network::with_local_address),
    /// [`NotConnected`](crate::ErrorKind::NotConnected), [`Closed`](crate::ErrorKind::Closed),
    /// [`TimedOut`](crate::ErrorKind::TimedOut), [`WouldBlock`](crate::ErrorKind::WouldBlock) on a
    /// non-blocking socket, [`Interrupted`](crate::ErrorKind::Interrupted),
    /// [`Busy`](crate::ErrorKind::Busy), or what the stack reports.
    pub fn local_addr(&mut self) -> Result<SocketAddr, Error> {
        let local_address = self
            .net
            .network()
            .capabilities
            .local_address
            .ok_or(Error::unsupported(Fault::NoLocalAddress))?;
        let limit = self.receive_limit();
        self.need_connection(limit)?;
        let handle = self
            .handle
            .as_mut()
            .ok_or(Error::new(crate::ErrorKind::NotConnected))?;
        let address = self.net.network().wait(limit, |stack, _| {
            local_address(stack, handle).map_err(again_or_kind)
        })?;
        Ok(canonical(address))
    }
}
