//! UDP sockets: `embedded_nal::{UdpClientStack, UdpFullStack}`.
//!
//! ```
//! use atcmd_esp8285::embedded_nal::{UdpClientStack, UdpFullStack};
//! use atcmd_esp8285::{Clock, Esp8285, Uart, UdpError};
//!
//! fn answer(wifi: &mut Esp8285<impl Uart, impl Clock>) -> Result<(), UdpError> {
//!     let mut socket = UdpClientStack::socket(wifi)?;
//!     wifi.bind(&mut socket, 5353)?;
//!     let mut buf = [0; 512];
//!     let (n, from) = wifi.wait(|wifi| UdpClientStack::receive(wifi, &mut socket, &mut buf))?;
//!     wifi.wait(|wifi| wifi.send_to(&mut socket, from, &buf[..n]))?;
//!     UdpClientStack::close(wifi, socket)
//! }
//! ```
//!
//! * `connect` and `bind` return at once; the link is opened as calls go on.
//!   `send` is `WouldBlock` until it is, and says if it could not be.
//! * A connected socket hears its peer only. A bound one hears everybody, and
//!   `send_to` reaches everybody, broadcast addresses included.
//! * A datagram arrives whole or not at all. One that is longer than the
//!   caller's buffer is [`Truncated`](UdpError::Truncated): its beginning is in
//!   the buffer, and its whole length is told. What does not fit the ring is
//!   counted and reported as [`DataLost`](UdpError::DataLost). A ring of `RX`
//!   bytes holds datagrams of at most `RX - 8`.
//! * 1 to 2048 bytes can be sent at once; more than 1472 travel in fragments,
//!   which not every network carries. `+++` alone cannot be sent.
//! * An accepted datagram goes out whether the caller comes back or not, while
//!   the driver is polled. So it does when the socket is closed: its link is
//!   closed after that. If the modem refuses it, a later call says so once.
//! * A link that the modem closes on its own (a datagram without bytes does
//!   that on ESP-AT) is opened again.
//!
//! Limits of the firmware: 0.2x does not say who sent a datagram, so `bind` is
//! an error there. ESP-AT from 2.1 on, in passive mode, loses datagrams that
//! come close together or hands them over as one. So the driver changes to
//! active mode for datagrams, but not while a TCP connection is open or a server
//! listens: open the datagram socket first, or choose [`ReceiveMode::Active`](crate::ReceiveMode::Active)
//! for good. TCP connections opened beside a datagram socket are in active mode
//! then, where a reader that is too slow loses data and is told so;
//! [`ReceiveMode::Passive`](crate::ReceiveMode::Passive) is for those who would
//! rather lose datagrams.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use embedded_nal::{UdpClientStack, UdpFullStack};

use crate::driver::flatten;
use crate::error::{SocketError, UdpError};
use crate::machine::{Key, LinkState, Outcome, State};
use crate::tcp::check;
use crate::{Clock, Esp8285, Uart};

/// A UDP socket of an [`Esp8285`].
///
/// A plain handle: dropping it without [`close`](UdpClientStack::close) leaves
/// its link in use.
#[derive(Debug)]
pub struct UdpSocket {
    pub(crate) role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Fresh,
    /// Connected or bound, and waiting for a link that is being closed.
    Waiting(SocketAddrV4, u16),
    /// Has a link, which a peer of the server may still be faster to take.
    Opening(Key, SocketAddrV4, u16),
    Open(Key),
}

impl UdpSocket {
    pub(crate) const fn new() -> Self {
        Self { role: Role::Fresh }
    }
}

/// The peer of a socket that hears everybody. The modem wants a port even so.
fn everybody(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port)
}

impl<const RX: usize> State<RX> {
    /// Gives a socket its peer or its port.
    pub(crate) fn udp_open(
        &mut self,
        socket: &mut UdpSocket,
        remote: SocketAddrV4,
        local_port: u16,
        now: u64,
    ) -> Result<(), UdpError> {
        if socket.role != Role::Fresh {
            return Err(SocketError::AlreadyConnected.into());
        }
        socket.role = match self.open_udp(remote, local_port, now)? {
            Some(key) => Role::Opening(key, remote, local_port),
            None => Role::Waiting(remote, local_port),
        };
        Ok(())
    }

    /// The link of a socket, as soon as it has one.
    pub(crate) fn udp_key(&mut self, socket: &mut UdpSocket, now: u64) -> Outcome<Key, UdpError> {
        match socket.role {
            Role::Open(key) => Ok(Some(key)),
            Role::Fresh => Err(UdpError::NotConnected),
            Role::Opening(key, remote, local_port) => match self.link_state(key) {
                None => {
                    socket.role = Role::Waiting(remote, local_port);
                    self.udp_key(socket, now)
                }
                Some(LinkState::Wanted | LinkState::Opening { .. }) => Ok(Some(key)),
                Some(_) => {
                    socket.role = Role::Open(key);
                    Ok(Some(key))
                }
            },
            Role::Waiting(remote, local_port) => {
                let key = self.open_udp(remote, local_port, now)?;
                if let Some(key) = key {
                    socket.role = Role::Opening(key, remote, local_port);
                }
                Ok(key)
            }
        }
    }

    pub(crate) fn udp_send(
        &mut self,
        socket: &mut UdpSocket,
        to: Option<SocketAddrV4>,
        bytes: &[u8],
        now: u64,
    ) -> Outcome<(), UdpError> {
        match self.udp_key(socket, now)? {
            Some(key) => self.send_datagram(key, to, bytes, now),
            None => Ok(None),
        }
    }

    pub(crate) fn udp_receive(
        &mut self,
        socket: &mut UdpSocket,
        buf: &mut [u8],
        now: u64,
    ) -> Outcome<(usize, SocketAddr), UdpError> {
        let Some(key) = self.udp_key(socket, now)? else {
            return Ok(None);
        };
        match self.receive_datagram(key, buf)? {
            Some(datagram) if datagram.len > buf.len() => {
                Err(UdpError::Truncated { len: datagram.len })
            }
            Some(datagram) => Ok(Some((datagram.len, datagram.from.into()))),
            None => Ok(None),
        }
    }
}

impl<U: Uart, C: Clock, const RX: usize> UdpClientStack for Esp8285<U, C, RX> {
    type UdpSocket = UdpSocket;
    type Error = UdpError;

    fn socket(&mut self) -> Result<UdpSocket, UdpError> {
        Ok(UdpSocket::new())
    }

    fn connect(&mut self, socket: &mut UdpSocket, remote: SocketAddr) -> Result<(), UdpError> {
        let remote = check(remote)?;
        self.turn(None, |state, now| state.udp_open(socket, remote, 0, now))?
    }

    fn send(&mut self, socket: &mut UdpSocket, buffer: &[u8]) -> nb::Result<(), UdpError> {
        flatten(self.turn(None, |state, now| state.udp_send(socket, None, buffer, now)))
    }

    fn receive(
        &mut self,
        socket: &mut UdpSocket,
        buffer: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), UdpError> {
        flatten(self.turn(None, |state, now| state.udp_receive(socket, buffer, now)))
    }

    fn close(&mut self, socket: UdpSocket) -> Result<(), UdpError> {
        let (Role::Open(key) | Role::Opening(key, ..)) = socket.role else {
            return Ok(());
        };
        let now = self.now();
        let taken = self.take_in(None, now);
        self.machine.close(key, now);
        taken.and_then(|()| self.finish_turn(now))?;
        Ok(())
    }
}

impl<U: Uart, C: Clock, const RX: usize> UdpFullStack for Esp8285<U, C, RX> {
    fn bind(&mut self, socket: &mut UdpSocket, local_port: u16) -> Result<(), UdpError> {
        if local_port == 0 {
            return Err(SocketError::InvalidAddress.into());
        }
        let remote = everybody(local_port);
        self.turn(None, |state, now| {
            state.udp_open(socket, remote, local_port, now)
        })?
    }

    fn send_to(
        &mut self,
        socket: &mut UdpSocket,
        remote: SocketAddr,
        buffer: &[u8],
    ) -> nb::Result<(), UdpError> {
        let to = check(remote).map_err(UdpError::Socket)?;
        flatten(self.turn(None, |state, now| {
            state.udp_send(socket, Some(to), buffer, now)
        }))
    }
}
