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
use crate::at::parse::{ipv4, value_of};
use crate::driver::flatten;
use crate::error::{ModemError, SocketError};
use crate::machine::{Key, LinkState, Outcome, Purpose, State, Turn};
use crate::tcp::{Role, TcpSocket};
use crate::wifi::{Interface, parse_addresses};
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
        let known = socket.local;
        if known.port() != 0 && !known.ip().is_unspecified() {
            return Ok(Some(known.into()));
        }
        let port_known = known.port() != 0;
        if !port_known {
            self.require(Capability::LocalPort)?;
        }
        let owner = (Purpose::LocalAddress, fingerprint(key));
        match self.turn_of(owner, now)? {
            Turn::Wait => return Ok(None),
            Turn::Begin if port_known => {}
            // It is not in the list any more.
            Turn::Begin if over => return Err(SocketError::PeerClosed),
            Turn::Begin => return Ok(self.put_command(owner, 0, |_| Status {})?),
            Turn::Answer(step, result) => {
                result?;
                if port_known {
                    let Some(ip) = interface(&self.control.body, step, remote)? else {
                        return Ok(self.put_command(owner, 1, |dialect| InterfaceAddress {
                            interface: Interface::AccessPoint,
                            current: dialect.cur_suffix,
                        })?);
                    };
                    socket.local.set_ip(ip);
                    return Ok(Some(socket.local.into()));
                }
                match listed_port(&self.control.body, key.link, remote)? {
                    Some(port) => socket.local.set_port(port),
                    None if over => return Err(SocketError::PeerClosed),
                    None => {
                        // Perhaps its `CLOSED` was lost: the driver looks
                        // itself.
                        self.look_at_links();
                        return Err(SocketError::NotConnected);
                    }
                }
            }
        }
        Ok(self.put_command(owner, 0, |_| Addresses {})?)
    }
}

/// The address that a peer reaches, from the replies so far: to `AT+CIFSR`
/// and, from step 1 on, to `AT+CIPAP?`. `None` if that has to be asked.
fn interface(
    replies: &[u8],
    step: u8,
    remote: SocketAddrV4,
) -> Result<Option<Ipv4Addr>, SocketError> {
    let found = parse_addresses(replies);
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
        _ if step == 0 => Ok(None),
        _ => {
            let mask = netmask(replies).ok_or(ModemError::Unreadable)?;
            let near = *remote.ip() & mask == point & mask;
            Ok(Some(if near { point } else { station }))
        }
    }
}

/// The access point's mask in the reply to `AT+CIPAP?`.
fn netmask(reply: &[u8]) -> Option<Ipv4Addr> {
    let mut mask = None;
    for value in lines(reply).filter_map(|line| value_of(line, b"CIPAP")) {
        match value.strip_prefix(b"netmask:") {
            Some(text) => return ipv4(text),
            None => mask = Some(FIXED_MASK),
        }
    }
    mask
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

    #[test]
    fn a_mask_is_the_one_told_or_the_one_of_firmware_that_tells_none() {
        let told = b"+CIPAP:ip:\"10.0.1.1\"\r\n+CIPAP:netmask:\"255.255.254.0\"";
        assert_eq!(netmask(told), Some(Ipv4Addr::new(255, 255, 254, 0)));
        assert_eq!(netmask(b"+CIPAP:\"192.168.4.1\""), Some(FIXED_MASK));
        assert_eq!(netmask(b"+CIPAP:ip:\"10.0.1.1\"\r\n+CIPAP:netmask:x"), None);
        assert_eq!(netmask(b""), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(reply in "(\\+CIPSTATUS:)?[0-5],?[\"0-9TCP.,\r\n]{0,60}", link in 0u8..5) {
            let _ = listed_port(reply.as_bytes(), link, REMOTE);
        }
    }
}
