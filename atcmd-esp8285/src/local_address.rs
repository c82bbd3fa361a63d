//! The local address of a TCP socket, which the modem is asked for once.
//!
//! ```
//! use core::net::SocketAddr;
//!
//! use atcmd_esp8285::{Clock, Esp8285, SocketError, TcpSocket, Uart};
//!
//! fn own_end(
//!     wifi: &mut Esp8285<impl Uart, impl Clock>,
//!     socket: &mut TcpSocket,
//! ) -> Result<SocketAddr, SocketError> {
//!     wifi.wait(|wifi| wifi.local_address(socket))
//! }
//! ```
//!
//! The port of a connection from here is in the modem's list of links
//! (`AT+CIPSTATUS`); that of an accepted one is the server's. The IP address
//! is that of the interface (`AT+CIFSR`), and where both are up, the access
//! point's for peers on its network (`AT+CIPAP?` tells the mask). The socket
//! keeps the answer, since neither changes while the connection stands.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use crate::at::command::{Addresses, InterfaceAddress, LinkStatus, Status, lines};
use crate::driver::flatten;
use crate::error::{ModemError, SocketError};
use crate::machine::{Key, LinkState, Outcome, Purpose, State, Turn};
use crate::tcp::{Role, TcpSocket};
use crate::wifi::{Interface, parse_addresses, parse_config};
use crate::{Capability, Clock, Esp8285, Uart};

/// The network of firmware that does not tell its mask, and cannot change it.
const FIXED_MASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// The local address and port of a socket that is connected, bound or
    /// listening; `0.0.0.0` and the port for the last two, at once. For a
    /// connection the modem is asked up to three questions, the first time.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    /// [`Unsupported`](ModemError::Unsupported) for connections from here on
    /// firmware before 1.x, which does not tell their port;
    /// [`NotConnected`](SocketError::NotConnected) also if the modem does not
    /// know the connection any more, and [`PeerClosed`](SocketError::PeerClosed)
    /// if the peer closed before the modem was asked;
    /// [`NoAddress`](SocketError::NoAddress) if it has lost its IP address.
    pub fn local_address(&mut self, socket: &mut TcpSocket) -> nb::Result<SocketAddr, SocketError> {
        flatten(self.turn(None, |state, now| state.local_address(socket, now)))
    }
}

/// A question about a connection is that connection's alone: what was asked
/// for an earlier one on the same link is not its answer.
fn fingerprint(key: Key) -> u32 {
    u32::from(key.link) << 16 | u32::from(key.generation)
}

impl<const RX: usize> State<RX> {
    fn local_address(
        &mut self,
        socket: &mut TcpSocket,
        now: u64,
    ) -> Outcome<SocketAddr, SocketError> {
        let key = match socket.role {
            Role::Fresh => return Err(SocketError::NotConnected),
            Role::Bound(port) => return Ok(Some((Ipv4Addr::UNSPECIFIED, port).into())),
            Role::Listening(listener) => {
                let port = self.listening_port(listener).ok_or(SocketError::Stale)?;
                return Ok(Some((Ipv4Addr::UNSPECIFIED, port).into()));
            }
            Role::Connection(key) => key,
        };
        let link = self.find(key)?;
        let remote = link.target.remote;
        let over = match link.state {
            LinkState::Failed(error) => return Err(error),
            LinkState::Wanted | LinkState::Opening { .. } => return Err(SocketError::NotConnected),
            state => !matches!(state, LinkState::Open),
        };
        if socket.local.port() == 0 {
            let Some(port) = self.local_port(key, remote, over, now)? else {
                return Ok(None);
            };
            socket.local.set_port(port);
        }
        if socket.local.ip().is_unspecified() {
            let Some(ip) = self.local_ip(key, remote, now)? else {
                return Ok(None);
            };
            socket.local.set_ip(ip);
        }
        Ok(Some(socket.local.into()))
    }

    fn local_port(
        &mut self,
        key: Key,
        remote: SocketAddrV4,
        over: bool,
        now: u64,
    ) -> Outcome<u16, SocketError> {
        self.require(Capability::LocalPort)?;
        let owner = (Purpose::LocalPort, fingerprint(key));
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            // It is not in the list any more.
            Turn::Begin if over => Err(SocketError::PeerClosed),
            Turn::Begin => Ok(self.put_command(owner, 0, |_| Status {})?),
            Turn::Answer(_, result) => {
                result?;
                match listed_port(&self.control.body, key.link, remote)? {
                    Some(port) => Ok(Some(port)),
                    None if over => Err(SocketError::PeerClosed),
                    None => {
                        // Perhaps its `CLOSED` was lost: the driver looks
                        // itself.
                        self.look_at_links();
                        Err(SocketError::NotConnected)
                    }
                }
            }
        }
    }

    fn local_ip(
        &mut self,
        key: Key,
        remote: SocketAddrV4,
        now: u64,
    ) -> Outcome<Ipv4Addr, SocketError> {
        let owner = (Purpose::LocalIp, fingerprint(key));
        let step = match self.turn_of(owner, now)? {
            Turn::Wait => return Ok(None),
            Turn::Begin => return Ok(self.put_command(owner, 0, |_| Addresses {})?),
            Turn::Answer(step, result) => {
                result?;
                step
            }
        };
        let found = parse_addresses(&self.control.body);
        if found.station.is_none() && found.access_point.is_none() {
            return Err(ModemError::Unreadable.into());
        }
        let station = found.station.and_then(|station| station.ip);
        let access_point = found.access_point.and_then(|point| point.ip);
        let (Some(station), Some(point)) = (station, access_point) else {
            let only = station.or(access_point);
            return only.map(Some).ok_or(SocketError::NoAddress);
        };
        match remote {
            // Nobody was told who that was.
            remote if remote.port() == 0 => Err(SocketError::PeerClosed),
            // Names are looked up on the station's side.
            remote if remote.ip().is_unspecified() => Ok(Some(station)),
            _ if step == 0 => Ok(self.put_command(owner, 1, |dialect| InterfaceAddress {
                interface: Interface::AccessPoint,
                current: dialect.cur_suffix,
            })?),
            _ => {
                let config = parse_config(&self.control.body, Interface::AccessPoint);
                let config = config.ok_or(ModemError::Unreadable)?;
                let mask = config.map_or(Ipv4Addr::UNSPECIFIED, |config| config.netmask);
                let mask = match mask {
                    Ipv4Addr::UNSPECIFIED => FIXED_MASK,
                    told => told,
                };
                let near = *remote.ip() & mask == point & mask;
                Ok(Some(if near { point } else { station }))
            }
        }
    }
}

/// The port of a link in the reply to `AT+CIPSTATUS`; `None` if that lists no
/// such connection.
fn listed_port(reply: &[u8], link: u8, remote: SocketAddrV4) -> Result<Option<u16>, ModemError> {
    let id = [b'0' + link, b','];
    let mut listed =
        lines(reply).filter_map(|line| Some((line, line.strip_prefix(b"+CIPSTATUS:")?)));
    let Some((line, _)) = listed.find(|(_, values)| values.starts_with(&id)) else {
        return Ok(None);
    };
    let status = LinkStatus::parse(line).ok_or(ModemError::Unreadable)?;
    let named = remote.ip().is_unspecified();
    let same = status.remote.port() == remote.port() && (named || status.remote == remote);
    if !same {
        return Ok(None);
    }
    match LinkStatus::local_port(line) {
        Some(port) => Ok(Some(port)),
        None => Err(ModemError::Unreadable),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REMOTE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);
    const NAMED: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 80);

    #[test]
    fn a_port_is_found_by_link_and_peer() {
        let reply = b"STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,4097,0\r\n\
                      +CIPSTATUS:3,\"TCP\",\"10.0.0.1\",80,65535,0";
        assert_eq!(listed_port(reply, 0, REMOTE), Ok(Some(4097)));
        assert_eq!(listed_port(reply, 3, REMOTE), Ok(Some(65535)));
        assert_eq!(listed_port(reply, 3, NAMED), Ok(Some(65535)));
        assert_eq!(listed_port(reply, 1, REMOTE), Ok(None));
        let other = SocketAddrV4::new(*REMOTE.ip(), 81);
        assert_eq!(listed_port(reply, 0, other), Ok(None));
        let other = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 2), 80);
        assert_eq!(listed_port(reply, 0, other), Ok(None));
    }

    #[test]
    fn what_is_no_port_is_unreadable() {
        for line in [
            &b"+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,0"[..],
            b"+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,x,0",
            b"+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,,0",
            b"+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,0,0",
            b"+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,65536,0",
            b"+CIPSTATUS:0,\"TCP\",\"10.0.0.x\",80,4097,0",
            b"+CIPSTATUS:0,\"TCP\",\"10.0.0.1\"",
            b"+CIPSTATUS:0,",
        ] {
            let port = listed_port(line, 0, REMOTE);
            assert_eq!(port, Err(ModemError::Unreadable), "{}", line.escape_ascii());
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(reply in "(\\+CIPSTATUS:)?[0-5],?[\"0-9TCP.,\r\n]{0,60}", link in 0u8..5) {
            let _ = listed_port(reply.as_bytes(), link, REMOTE);
        }
    }
}
