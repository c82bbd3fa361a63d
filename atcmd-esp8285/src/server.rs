//! TCP server sockets: `embedded_nal::TcpFullStack`.
//!
//! The modem has one server, so one socket listens at a time. It is bound to a port and listens on it;
//! peers that connect take one of the five links each, which `accept` hands
//! over as sockets like any other.
//!
//! ```
//! # use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
//! use atcmd_esp8285::embedded_nal::{TcpClientStack, TcpFullStack, nb};
//! use atcmd_esp8285::{Clock, Esp8285, SocketError, Uart};
//!
//! fn echo_once(wifi: &mut Esp8285<impl Uart, impl Clock>) -> Result<(), SocketError> {
//!     let mut listener = TcpClientStack::socket(wifi)?;
//!     wifi.bind(&mut listener, 7)?;
//!     wifi.listen(&mut listener)?;
//!     let (mut peer, _from) = wifi.wait(|wifi| wifi.accept(&mut listener))?;
//!     let mut buf = [0; 64];
//!     let n = wifi.wait(|wifi| TcpClientStack::receive(wifi, &mut peer, &mut buf))?;
//!     wifi.wait(|wifi| TcpClientStack::send(wifi, &mut peer, &buf[..n]))?;
//!     TcpClientStack::close(wifi, peer)?;
//!     TcpClientStack::close(wifi, listener)
//! }
//! ```
//!
//! * `listen` returns at once; the server is started as calls go on, and who
//!   connects before is refused. If the modem refuses, `accept` says so.
//!   Through `nal-socket`, `with_listening` waits for it. After a restart of the modem the server
//!   is started again by itself; connections that stood are gone.
//! * The peer's address is asked of the modem before `accept` hands a
//!   connection over. A peer that has closed by then is handed over with what
//!   it sent, from `0.0.0.0:0`.
//! * Connections wait for `accept` on the modem's links, so the backlog is
//!   what of the five links is free, or fewer with
//!   [`Config::server_links`](crate::Config::server_links). What happens to
//!   further peers is the firmware's: they are refused, broken off at once, or
//!   wait.
//! * The modem's own time-out for silent connections (`AT+CIPSTO`) is
//!   switched off, see [`Config::server_timeout`](crate::Config::server_timeout).
//! * Connections from here take the highest free link while the server runs,
//!   because peers get the lowest. If a peer is faster all the same, the
//!   connection from here moves to another link unseen.
//! * Firmware before 1.x cannot stop a server without a restart: the driver
//!   closes whoever connects then, and another port is an error.

use core::net::SocketAddr;

use embedded_nal::TcpFullStack;

use crate::driver::flatten;
use crate::error::SocketError;
use crate::tcp::Role;
use crate::{Capability, Clock, Esp8285, TcpSocket, Uart};

/// Below what the modem takes for connections from here, and spread so that
/// clocks that are close together differ.
fn some_port(now: u64) -> u16 {
    const FIRST: u16 = 32_768;
    const COUNT: u64 = 16_384;
    let spread = now.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    FIRST.saturating_add(u16::try_from(spread % COUNT).unwrap_or(0))
}

impl<U: Uart, C: Clock, const RX: usize> TcpFullStack for Esp8285<U, C, RX> {
    /// Notes the port; nothing is sent. Port 0 becomes one from 32768 to 49151,
    /// which depends on the clock; [`local_address`](Esp8285::local_address)
    /// tells it.
    fn bind(&mut self, socket: &mut TcpSocket, local_port: u16) -> Result<(), SocketError> {
        self.machine.state.require(Capability::Server)?;
        if !matches!(socket.role, Role::Fresh | Role::Bound(_)) {
            return Err(SocketError::AlreadyConnected);
        }
        let port = match local_port {
            0 => some_port(self.now()),
            port => port,
        };
        if self.machine.state.server_port() == Some(port) {
            return Err(SocketError::PortInUse);
        }
        socket.role = Role::Bound(port);
        Ok(())
    }

    fn listen(&mut self, socket: &mut TcpSocket) -> Result<(), SocketError> {
        let port = match socket.role {
            Role::Bound(port) => port,
            Role::Listening(_) => return Ok(()),
            Role::Fresh | Role::Connection(_) => return Err(SocketError::NotConnected),
        };
        let listener = self.turn(None, |state, now| state.listen(port, now))??;
        socket.role = Role::Listening(listener);
        Ok(())
    }

    fn accept(
        &mut self,
        socket: &mut TcpSocket,
    ) -> nb::Result<(TcpSocket, SocketAddr), SocketError> {
        let Role::Listening(listener) = socket.role else {
            return Err(nb::Error::Other(SocketError::NotConnected));
        };
        let (key, from) = flatten(self.turn(None, |state, now| state.accept(listener, now)))?;
        let mut connection = TcpSocket::new(Role::Connection(key));
        if let Some(port) = self.machine.state.listening_port(listener) {
            connection.local.set_port(port);
        }
        Ok((connection, from.into()))
    }
}
