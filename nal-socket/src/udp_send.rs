//! Sending datagrams: each whole, and once.
//!
//! What the stack has accepted is `Ok` whatever the clock says. A call that ends in any other way has
//! sent nothing as far as the stack has told, and can be made again.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::address::same_endpoint;
use crate::datagrams::Datagrams;
use crate::error::Fault;
use crate::policy::again_or;
use crate::tcp_socket::LINGER_MICROS;
use crate::udp_bind::Wanted;
use crate::udp_socket::Phase;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, UdpSocket};

impl<N: NetworkRef, const DATAGRAM: usize> UdpSocket<N, DATAGRAM> {
    /// Sends one datagram to the peer of [`connect`](Self::connect), and returns its length. Waits for
    /// room within the send timeout. No data is a datagram too, if the stack can send it.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](ErrorKind::NotConnected) without a peer, else as [`sendto`](Self::sendto).
    pub fn send(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.send_within(self.send_limit(), data)
    }

    /// Sends to the peer without waiting, whatever the timeout (`MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send) on a non-blocking socket.
    pub fn try_send(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.send_within(Limit::Now, data)
    }

    /// Sends one datagram to `remote`, whatever the peer, and returns its length. Waits for room within
    /// the send timeout.
    ///
    /// # Errors
    ///
    /// [`MessageTooLong`](ErrorKind::MessageTooLong),
    /// [`InvalidInput`](ErrorKind::InvalidInput) for port 0,
    /// [`NotSupported`](ErrorKind::NotSupported) if there are no datagrams, or not to a second address,
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`Closed`](ErrorKind::Closed), [`Interrupted`](ErrorKind::Interrupted),
    /// [`Busy`](ErrorKind::Busy), or what the stack reports.
    pub fn sendto(&mut self, data: &[u8], remote: SocketAddr) -> Result<usize, Error> {
        self.sendto_within(self.send_limit(), data, remote)
    }

    /// Sends to `remote` without waiting, whatever the timeout (`MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`sendto`](Self::sendto) on a non-blocking socket.
    pub fn try_sendto(&mut self, data: &[u8], remote: SocketAddr) -> Result<usize, Error> {
        self.sendto_within(Limit::Now, data, remote)
    }

    /// Whether sending would not wait, as far as can be told. The stack is not asked: embedded-nal has
    /// no question but a datagram. So it is `true` on any open socket, but for the first time after a
    /// send that found no room, and [`try_sendto`](Self::try_sendto) may still be
    /// [`WouldBlock`](ErrorKind::WouldBlock).
    ///
    /// # Errors
    ///
    /// [`Closed`](ErrorKind::Closed).
    pub fn send_ready(&mut self) -> Result<bool, Error> {
        self.not_closed()?;
        Ok(!core::mem::take(&mut self.full))
    }

    fn send_within(&mut self, limit: Limit, data: &[u8]) -> Result<usize, Error> {
        self.not_closed()?;
        let peer = self.peer.ok_or(Error::new(ErrorKind::NotConnected))?;
        self.sendto_within(limit, data, peer)
    }

    fn sendto_within(
        &mut self,
        limit: Limit,
        data: &[u8],
        remote: SocketAddr,
    ) -> Result<usize, Error> {
        self.not_closed()?;
        if remote.port() == 0 {
            return Err(Error::invalid(Fault::PortZero));
        }
        if data.len() > self.net.network().udp.longest_send() {
            return Err(Error::new(ErrorKind::MessageTooLong));
        }
        let limit = self.open(limit, Wanted::Any(self.peer.or(Some(remote))))?;
        let attached = match self.phase {
            Phase::Attached(peer) if !same_endpoint(peer, remote) => {
                return Err(Error::unsupported(Fault::OnePeer));
            }
            Phase::Attached(_) => true,
            _ => false,
        };
        let net = self.net.network();
        let handle = self
            .handle
            .as_mut()
            .ok_or(Error::new(ErrorKind::NotConnected))?;
        let full = &mut self.full;
        net.wait(limit, |stack, _| {
            let sent = if attached {
                net.udp.send(stack, handle, data)
            } else {
                net.udp.send_to(stack, handle, remote, data)
            };
            let sent = sent.map_err(datagram_failure);
            *full = matches!(sent, Err(nb::Error::WouldBlock));
            sent
        })?;
        self.unflushed = true;
        Ok(data.len())
    }

    /// Waits within the send timeout until everything sent has left, as far as the stack can tell
    /// ([`UdpFlush`](crate::capability::UdpFlush)). If nothing was sent, it does not ask the stack.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`Closed`](ErrorKind::Closed), [`Interrupted`](ErrorKind::Interrupted),
    /// [`Busy`](ErrorKind::Busy), or what the stack reports: something did not leave.
    pub fn flush(&mut self) -> Result<(), Error> {
        self.not_closed()?;
        self.flush_within(self.send_limit())
    }

    /// What closing does first.
    pub(crate) fn linger(&mut self) -> Result<(), Error> {
        match self.send_limit() {
            Limit::Now => Ok(()),
            limit => self.flush_within(limit.at_most(LINGER_MICROS)),
        }
    }

    fn flush_within(&mut self, limit: Limit) -> Result<(), Error> {
        let net = self.net.network();
        if let (true, Some(handle)) = (self.unflushed, self.handle.as_mut()) {
            net.wait(limit, |stack, _| {
                net.udp.flush(stack, handle).map_err(datagram_failure)
            })?;
            self.unflushed = false;
            // What has left makes room.
            self.full = false;
        }
        Ok(())
    }
}

/// What a datagram function of the stack has said, "not yet" in any form included.
pub(crate) fn datagram_failure(error: nb::Error<ErrorKind>) -> nb::Error<Error> {
    match error {
        nb::Error::WouldBlock => nb::Error::WouldBlock,
        nb::Error::Other(kind) => again_or(Error::new(kind)),
    }
}
