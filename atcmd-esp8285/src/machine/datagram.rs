//! Datagrams: kept whole in a link's ring, each behind who sent it.

use core::net::{Ipv4Addr, SocketAddrV4};

use super::input::Sink;
use super::link::{Kind, Link, State as LinkState, Target};
use super::staging::MAX_SEND;
use super::{Key, Outcome, State};
use crate::Capability;
use crate::at::digest::Frame;
use crate::error::{SocketError, UdpError};

/// In front of each datagram in the ring: length, address, port.
pub(crate) const HEADER: usize = 8;

/// A datagram taken out of a ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Datagram {
    /// Its length, whatever fitted the caller's buffer.
    pub(crate) len: usize,
    pub(crate) from: SocketAddrV4,
}

impl<const RX: usize> Link<RX> {
    /// Where a datagram that begins to arrive goes. Room is made sure of
    /// before the first byte, so that one that does not fit is dropped whole.
    pub(super) fn datagram_sink(&mut self, id: u8, frame: &Frame) -> Sink {
        let remote = self.target.remote;
        let from = frame.peer.unwrap_or(remote);
        if !remote.ip().is_unspecified() && from != remote {
            // A connected socket hears its peer only.
            let n = u32::try_from(frame.total).unwrap_or(u32::MAX);
            self.stray = self.stray.saturating_add(n);
            return Sink::Discard;
        }
        let Ok(len) = u16::try_from(frame.total) else {
            return Sink::Lost(id);
        };
        if self.rx.free() < HEADER + frame.total || self.lost > 0 {
            return Sink::Lost(id);
        }
        let [a, b] = len.to_le_bytes();
        let [c, d] = from.port().to_le_bytes();
        let [e, f, g, h] = from.ip().octets();
        self.rx.push(&[a, b, c, d, e, f, g, h]);
        Sink::Ring(id)
    }

    /// Leaves the bytes of the datagrams alone.
    pub(super) fn strip_headers(&mut self) {
        let mut left = self.rx.len();
        let mut header = [0; HEADER];
        while left > 0 && self.rx.pop(&mut header) == HEADER {
            let [a, b, ..] = header;
            let len = usize::from(u16::from_le_bytes([a, b]));
            left = left.saturating_sub(HEADER + len);
            for _ in 0..len {
                let mut byte = [0];
                self.rx.pop(&mut byte);
                self.rx.push(&byte);
            }
        }
    }

    /// Its rest was lost on the wire: nothing of it counts.
    pub(crate) fn datagram_cut(&mut self, frame: &Frame) {
        self.rx
            .take_back(HEADER + frame.total.saturating_sub(frame.remaining));
    }

    /// The next complete datagram, as much of it as `buf` holds.
    pub(crate) fn next_datagram(&mut self, buf: &mut [u8]) -> Option<Datagram> {
        let mut header = [0; HEADER];
        if self.rx.peek(&mut header) < HEADER {
            return None;
        }
        let [a, b, c, d, e, f, g, h] = header;
        let len = usize::from(u16::from_le_bytes([a, b]));
        if self.rx.len() < HEADER + len {
            return None;
        }
        self.rx.skip(HEADER);
        let taken = self
            .rx
            .pop(buf.get_mut(..len.min(buf.len())).unwrap_or_default());
        self.rx.skip(len - taken);
        Some(Datagram {
            len,
            from: SocketAddrV4::new(Ipv4Addr::new(e, f, g, h), u16::from_le_bytes([c, d])),
        })
    }
}

impl<const RX: usize> State<RX> {
    /// Reserves a link for datagrams: to and from one peer, or, with an
    /// unspecified address, to and from everybody.
    pub(crate) fn open_udp(
        &mut self,
        remote: SocketAddrV4,
        local_port: u16,
        now: u64,
    ) -> Outcome<Key, UdpError> {
        self.require(Capability::Udp)?;
        if remote.ip().is_unspecified() {
            self.require(Capability::PeerInfo)?;
        }
        self.start(now);
        let target = Target {
            kind: Kind::Udp { local_port },
            ..Target::tcp(remote)
        };
        // The modem would say so only once it is asked, and not why.
        if local_port != 0 && self.links.iter().any(|link| link.holds(target.kind)) {
            return Err(SocketError::PortInUse.into());
        }
        Ok(self.open(target)?)
    }

    /// Accepts a datagram for sending; without an address it goes to the peer
    /// of the socket.
    pub(crate) fn send_datagram(
        &mut self,
        key: Key,
        to: Option<SocketAddrV4>,
        bytes: &[u8],
        now: u64,
    ) -> Outcome<(), UdpError> {
        let max = usize::from(self.dialect.max_send).min(MAX_SEND);
        let link = self.find(key)?;
        if bytes.is_empty() {
            return Err(UdpError::Empty);
        }
        if bytes.len() > max {
            return Err(UdpError::TooLong { max });
        }
        // Alone, it is what cancels a send.
        if bytes == b"+++" {
            return Err(UdpError::Unsendable);
        }
        if core::mem::take(&mut link.send_failed) {
            return Err(UdpError::SendFailed);
        }
        let remote = link.target.remote;
        let connected = !remote.ip().is_unspecified();
        let to = match to {
            None if !connected => return Err(UdpError::NotConnected),
            Some(to) if connected && to == remote => None,
            to => to,
        };
        match link.state {
            LinkState::Failed(error) => return Err(error.into()),
            LinkState::Wanted | LinkState::Opening { .. } => return Ok(None),
            _ => {}
        }
        let taken = self.staging.offer_whole(key, bytes, to, now);
        self.dirty |= taken;
        Ok(taken.then_some(()))
    }

    /// Whether the datagrams that were accepted have left.
    #[cfg(feature = "nal-socket")]
    pub(crate) fn flush_datagrams(&mut self, key: Key) -> Outcome<(), UdpError> {
        let pending = self.staging.is_for(key);
        let link = self.find(key)?;
        if core::mem::take(&mut link.send_failed) {
            return Err(UdpError::SendFailed);
        }
        if let LinkState::Failed(error) = link.state {
            return Err(error.into());
        }
        Ok((!pending).then_some(()))
    }

    /// Takes the next datagram.
    pub(crate) fn receive_datagram(
        &mut self,
        key: Key,
        buf: &mut [u8],
    ) -> Outcome<Datagram, UdpError> {
        let passive = self.passive;
        let link = self.find(key)?;
        // Before the answer it can be a peer of the server who has the link.
        if matches!(link.state, LinkState::Opening { .. }) {
            return Ok(None);
        }
        if let Some(datagram) = link.next_datagram(buf) {
            link.wanted = false;
            let more = passive && link.waiting;
            self.dirty |= more && self.exchange.is_none();
            return Ok(Some(datagram));
        }
        if link.lost > 0 {
            let lost = core::mem::take(&mut link.lost);
            self.dirty = true;
            return Err(UdpError::DataLost(lost));
        }
        if let LinkState::Failed(error) = link.state {
            return Err(error.into());
        }
        let first = !core::mem::replace(&mut link.wanted, true);
        self.dirty |= first;
        Ok(None)
    }
}
