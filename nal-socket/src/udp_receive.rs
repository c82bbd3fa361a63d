//! Receiving: one datagram at a time.
//!
//! A datagram goes straight into the caller's buffer if that holds every datagram the socket does, else
//! by way of the socket's own room: stacks disagree on what does not fit, and there it fits.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::address::{canonical, same_endpoint};
use crate::datagrams::Datagrams;
use crate::udp_bind::Wanted;
use crate::udp_send::datagram_failure;
use crate::udp_socket::{Phase, UdpHandle};
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, UdpSocket};

/// How many datagrams of strangers are thrown away before the clock and the idle hook get a turn.
const STRANGERS: usize = 16;

impl<N: NetworkRef, const DATAGRAM: usize> UdpSocket<N, DATAGRAM> {
    /// Receives one datagram and returns its length, or that of `buf` if it was longer; its rest is
    /// gone. Waits for it within the receive timeout. With a peer, only the peer's count: 16 of others
    /// are thrown away at a time, and a call that must not wait ends there.
    ///
    /// A socket that was never used gets a local port first. `buf` holds nothing of meaning behind the
    /// returned length, or after an error.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`MessageTooLong`](ErrorKind::MessageTooLong) in place of a datagram that neither `buf`
    /// nor the socket has room for (whoever sent it), [`DataLost`](ErrorKind::DataLost) in place of datagrams that the
    /// stack has lost, [`NotConnected`](ErrorKind::NotConnected) without a peer on stacks that cannot
    /// bind, [`NotSupported`](ErrorKind::NotSupported) if there are no datagrams,
    /// [`NoMemory`](ErrorKind::NoMemory) with `alloc`, [`Closed`](ErrorKind::Closed),
    /// [`Interrupted`](ErrorKind::Interrupted), [`Busy`](ErrorKind::Busy), or what the stack reports.
    /// The socket stays usable.
    pub fn recv(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.recvfrom(buf).map(|(count, _)| count)
    }

    /// Receives without waiting, whatever the timeout (`MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv) on a non-blocking socket.
    pub fn try_recv(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.try_recvfrom(buf).map(|(count, _)| count)
    }

    /// Like [`recv`](Self::recv), and tells who sent the datagram. A sender that a stack tells as an
    /// IPv4 address mapped into IPv6 is told as IPv4.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn recvfrom(&mut self, buf: &mut [u8]) -> Result<(usize, SocketAddr), Error> {
        self.recvfrom_within(self.receive_limit(), buf)
    }

    /// Receives without waiting, whatever the timeout (`MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv) on a non-blocking socket.
    pub fn try_recvfrom(&mut self, buf: &mut [u8]) -> Result<(usize, SocketAddr), Error> {
        self.recvfrom_within(Limit::Now, buf)
    }

    /// Like [`recv`](Self::recv), but the datagram stays to be received again (`MSG_PEEK`). The socket
    /// keeps at most `DATAGRAM` bytes of it.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn peek(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.peekfrom(buf).map(|(count, _)| count)
    }

    /// Peeks without waiting, whatever the timeout (`MSG_PEEK | MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv) on a non-blocking socket.
    pub fn try_peek(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.try_peekfrom(buf).map(|(count, _)| count)
    }

    /// Like [`peek`](Self::peek), and tells who sent the datagram.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn peekfrom(&mut self, buf: &mut [u8]) -> Result<(usize, SocketAddr), Error> {
        self.peekfrom_within(self.receive_limit(), buf)
    }

    /// Peeks without waiting, whatever the timeout (`MSG_PEEK | MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv) on a non-blocking socket.
    pub fn try_peekfrom(&mut self, buf: &mut [u8]) -> Result<(usize, SocketAddr), Error> {
        self.peekfrom_within(Limit::Now, buf)
    }

    /// Whether [`recv`](Self::recv) would not wait: there is a datagram or an error to be had. Asks the
    /// stack once, without waiting, and not at all on a socket that was never used: it has no port yet,
    /// so nothing can have come.
    ///
    /// A datagram or an error that it finds is there for the next receiver. A stranger's datagram is
    /// `false`, even if one of the peer's is behind it: ask again.
    ///
    /// # Errors
    ///
    /// [`Closed`](ErrorKind::Closed), [`Busy`](ErrorKind::Busy), [`NoMemory`](ErrorKind::NoMemory) with
    /// `alloc`.
    pub fn recv_ready(&mut self) -> Result<bool, Error> {
        self.not_closed()?;
        if self.held.from().is_some() || self.pending.is_some() {
            return Ok(true);
        }
        if self.phase == Phase::Fresh {
            return Ok(false);
        }
        // Not the stack's doing, and nothing has been used up yet.
        self.held.reserve()?;
        drop(self.net.network().borrow_stack()?);
        match self.look(Limit::Now, 1) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => {
                // The receiver shall have it, not the one who only asked.
                self.pending = Some(error);
                Ok(true)
            }
        }
    }

    fn peekfrom_within(
        &mut self,
        limit: Limit,
        buf: &mut [u8],
    ) -> Result<(usize, SocketAddr), Error> {
        let limit = self.usable(limit)?;
        if self.held.from().is_none() {
            self.look(limit, STRANGERS)?;
        }
        self.held.copy(buf).ok_or(NOTHING)
    }

    fn recvfrom_within(
        &mut self,
        limit: Limit,
        buf: &mut [u8],
    ) -> Result<(usize, SocketAddr), Error> {
        let limit = self.usable(limit)?;
        if self.held.from().is_none() {
            if buf.len() >= DATAGRAM {
                let handle = self.handle.as_mut().ok_or(NOTHING)?;
                return receive(&self.net, handle, self.peer, limit, STRANGERS, buf);
            }
            self.look(limit, STRANGERS)?;
        }
        self.held.take(buf).ok_or(NOTHING)
    }

    /// Everything before the stack is asked for a datagram. What is left of the limit.
    fn usable(&mut self, limit: Limit) -> Result<Limit, Error> {
        self.not_closed()?;
        match self.pending.take() {
            Some(error) => Err(error),
            None if self.held.from().is_some() => Ok(limit),
            None => self.open(limit, Wanted::Any(self.peer)),
        }
    }

    /// Gets a datagram into the socket's own room, which is empty.
    fn look(&mut self, limit: Limit, most: usize) -> Result<(), Error> {
        let handle = self.handle.as_mut().ok_or(NOTHING)?;
        let (net, peer) = (&self.net, self.peer);
        self.held
            .fill(|room| receive(net, handle, peer, limit, most, room))
    }
}

/// An open socket has a handle and a successful look leaves a datagram, so nobody sees this.
const NOTHING: Error = Error::new(ErrorKind::NotConnected);

/// Receives a datagram of the peer, or of anybody. `most` is how many the stack is asked for at once.
fn receive<N: NetworkRef>(
    net: &N,
    handle: &mut UdpHandle<N>,
    peer: Option<SocketAddr>,
    limit: Limit,
    most: usize,
    buf: &mut [u8],
) -> Result<(usize, SocketAddr), Error> {
    let net = net.network();
    net.wait(limit, |stack, _| {
        for _ in 0..most {
            let (count, from) = net
                .udp
                .receive(stack, handle, buf)
                .map_err(datagram_failure)?;
            let from = canonical(from);
            if peer.is_none_or(|peer| same_endpoint(peer, from)) {
                // Never trust a count from below.
                return Ok((count.min(buf.len()), from));
            }
        }
        net.hurry.set(true);
        Err(nb::Error::WouldBlock)
    })
}
