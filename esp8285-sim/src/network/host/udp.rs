//! UDP on the host's sockets.

use std::io::Result;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4, ToSocketAddrs, UdpSocket};

use super::HostNetwork;
use crate::network::{Event, SocketId};

/// Largest datagram there is.
const LONGEST: usize = 65_535;

/// One socket, and which made-up address stands for which place on it.
#[derive(Debug)]
pub(super) struct Udp {
    socket: UdpSocket,
    aliases: Vec<(SocketAddrV4, SocketAddrV4)>,
}

impl HostNetwork {
    pub(super) fn open_udp(&mut self, port: Option<u16>) -> Option<(SocketId, u16)> {
        let at = SocketAddrV4::new(self.own_address(), port.unwrap_or(0));
        let socket = ready(at).ok()?;
        let port = socket.local_addr().ok()?.port();
        let id = SocketId(self.name());
        let aliases = Vec::new();
        self.udp.insert(id, Udp { socket, aliases });
        Some((id, port))
    }

    /// Where the modem's own sockets are.
    pub(super) fn own_address(&self) -> Ipv4Addr {
        if self.allow_net {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        }
    }

    pub(super) fn send_datagram(
        &mut self,
        now_us: u64,
        id: SocketId,
        to: SocketAddrV4,
        data: &[u8],
    ) {
        let place = self.place_of(to);
        let addresses = place.to_socket_addrs().into_iter().flatten();
        let found = addresses.into_iter().find_map(|address| match address {
            SocketAddr::V4(address) => Some(address),
            SocketAddr::V6(_) => None,
        });
        let Some(real) = found else { return };
        if !self.allow_net && !real.ip().is_loopback() {
            self.forbidden.tell(now_us, &place);
            return;
        }
        let Some(udp) = self.udp.get_mut(&id) else {
            return;
        };
        if real != to {
            udp.aliases.retain(|&(known, _)| known != real);
            udp.aliases.push((real, to));
        }
        // A datagram that cannot be sent is a datagram lost.
        let _ = udp.socket.send_to(data, real);
    }

    /// Reads one datagram from each socket.
    pub(super) fn read_datagrams(&mut self) {
        let mut buffer = [0; LONGEST];
        for (&id, udp) in &self.udp {
            // An error here tells of an earlier datagram that nobody wanted.
            let Ok((length, SocketAddr::V4(from))) = udp.socket.recv_from(&mut buffer) else {
                continue;
            };
            let shown = udp.aliases.iter().find(|&&(real, _)| real == from);
            let from = shown.map_or(from, |&(_, alias)| alias);
            let data = buffer.get(..length).unwrap_or_default().to_vec();
            self.events.push_back(Event::Datagram(id, from, data));
        }
    }
}

fn ready(at: SocketAddrV4) -> Result<UdpSocket> {
    let socket = UdpSocket::bind(at)?;
    socket.set_nonblocking(true)?;
    socket.set_broadcast(true)?;
    Ok(socket)
}
