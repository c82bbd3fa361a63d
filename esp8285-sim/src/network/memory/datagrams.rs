//! UDP in a memory network.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::MemoryNetwork;
use super::world::{Happening, Inner};
use crate::network::{SocketId, UdpIo, UdpPeer};

impl MemoryNetwork {
    /// Answers datagrams to that address. A broadcast reaches every such peer with its port.
    pub fn listen_udp(&self, at: SocketAddrV4, peer: impl UdpPeer + 'static) {
        self.0
            .borrow_mut()
            .udp_peers
            .insert(at, Some(Box::new(peer)));
    }

    /// Sends a datagram from anywhere to a port of the modem, half a round trip before it arrives.
    ///
    /// It is lost when the modem has no UDP socket on that port at its arrival.
    pub fn datagram(&self, now_us: u64, from: SocketAddrV4, port: u16, data: &[u8]) {
        let mut inner = self.0.borrow_mut();
        let at = now_us + inner.round_trip / 2;
        inner.later(at, Happening::Datagram(port, from, data.to_vec()));
    }

    /// Hands a datagram from the modem to whoever it is for.
    pub(super) fn deliver(&self, now: u64, port: u16, to: SocketAddrV4, data: &[u8]) {
        let peers: Vec<SocketAddrV4> = self
            .0
            .borrow()
            .udp_peers
            .keys()
            .filter(|&&peer| peer == to || (is_broadcast(*to.ip()) && peer.port() == to.port()))
            .copied()
            .collect();
        for peer in peers {
            self.call_udp(now, port, peer, |peer, io| peer.received(data, io));
        }
    }

    /// Calls a peer with the network released, so that a peer may use a handle to it.
    pub(super) fn call_udp(
        &self,
        now: u64,
        modem_port: u16,
        at: SocketAddrV4,
        call: impl FnOnce(&mut dyn UdpPeer, &mut UdpIo),
    ) {
        let taken = self
            .0
            .borrow_mut()
            .udp_peers
            .get_mut(&at)
            .and_then(Option::take);
        let Some(mut peer) = taken else { return };
        let mut io = UdpIo {
            now,
            modem_port,
            out: Vec::new(),
            wake: None,
        };
        call(peer.as_mut(), &mut io);
        let mut inner = self.0.borrow_mut();
        inner
            .udp_peers
            .entry(at)
            .and_modify(|place| *place = place.take().or(Some(peer)));
        if let Some(wake) = io.wake {
            inner.later(wake.max(now), Happening::UdpTick(modem_port, at));
        }
        drop(inner);
        for data in io.out {
            self.datagram(now, at, modem_port, &data);
        }
    }
}

/// A limited broadcast, or one in a network of the usual size.
fn is_broadcast(address: Ipv4Addr) -> bool {
    address.is_broadcast() || address.octets()[3] == 255
}

impl Inner {
    pub(super) fn bind(&mut self, port: Option<u16>) -> Option<(SocketId, u16)> {
        let port = match port {
            Some(port) => port,
            None => self.free_port(),
        };
        if self.udp.values().any(|&bound| bound == port) {
            return None;
        }
        let id = SocketId(self.name());
        self.udp.insert(id, port);
        Some((id, port))
    }
}
