//! TCP client sockets: `embedded_nal::TcpClientStack`.
//!
//! The contract, where the trait leaves it open:
//!
//! * `socket` costs nothing; a link is taken by `connect` (five at a time).
//! * `connect` is `WouldBlock` until the modem has answered. Call it again
//!   with the same address. After an error the socket can be used again.
//! * `send` copies up to 2048 bytes and returns at once with what it copied;
//!   those bytes are never asked for again. While another send is in the
//!   modem it is `WouldBlock`, in fair order between sockets. A failed
//!   delivery is the error of a later call.
//! * **An empty `send` is a barrier**: `WouldBlock` while this socket's bytes
//!   are on their way, `Ok(0)` once the modem has confirmed them, an error if
//!   it could not deliver them.
//! * `receive` is `WouldBlock` when nothing is there, `Ok(n)` for data, `Ok(0)`
//!   exactly at the orderly end of the stream, again and again.
//!   `PipeClosed` is for a restart, a lost Wi-Fi connection or a stale handle.
//! * `close` never waits. What `send` has accepted still goes out, and then
//!   the link is closed, as calls to the driver go on ([`poll`] is enough).
//!   Use the barrier first to be sure.
//! * [`set_no_delay`] works before connecting and on a connection, where the
//!   firmware can.
//! * [`local_address`] asks the modem once and is not part of the trait.
//!
//! [`set_no_delay`]: Esp8285::set_no_delay
//! [`local_address`]: Esp8285::local_address
//! [`poll`]: Esp8285::poll

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use embedded_nal::TcpClientStack;

use crate::driver::flatten;
use crate::error::SocketError;
use crate::machine::{Key, LinkState, Machine, Outcome, State, Target, TlsSetup};
use crate::{Capability, Clock, Esp8285, Uart};

/// A TCP socket of an [`Esp8285`].
///
/// A plain handle: dropping it without [`close`](TcpClientStack::close) leaves
/// its link in use.
#[derive(Debug)]
pub struct TcpSocket {
    pub(crate) role: Role,
    /// Seconds, 0 for none.
    keep_alive: u16,
    pub(crate) no_delay: bool,
    /// What is known of a connection's local address; the rest is zero.
    pub(crate) local: SocketAddrV4,
}

const UNKNOWN: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0);

/// What a socket is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Nothing yet.
    Fresh,
    /// Connecting, connected, or not any more.
    Connection(Key),
    /// Has a port to listen on.
    Bound(u16),
    /// Listens; which listener of the modem's server it is.
    Listening(u16),
}

impl TcpSocket {
    pub(crate) const fn new(role: Role) -> Self {
        Self {
            role,
            keep_alive: 0,
            no_delay: false,
            local: UNKNOWN,
        }
    }

    /// The connection, if it has one.
    pub(crate) fn key(&self) -> Result<Key, SocketError> {
        match self.role {
            Role::Connection(key) => Ok(key),
            _ => Err(SocketError::NotConnected),
        }
    }

    /// Has the modem probe the connection after `seconds` of silence, 1 to
    /// 7200; 0 (the default) switches it off. Before `connect`. Firmware
    /// before 1.x has no keep-alive: there, `connect` fails with
    /// [`Unsupported`](crate::ModemError::Unsupported).
    pub fn set_keep_alive(&mut self, seconds: u16) {
        self.keep_alive = seconds.min(7200);
    }
}

/// The address, if the modem can connect to it.
pub(crate) fn check(remote: SocketAddr) -> Result<SocketAddrV4, SocketError> {
    match remote {
        SocketAddr::V6(_) => Err(SocketError::Ipv6Unsupported),
        SocketAddr::V4(v4) if v4.port() == 0 || v4.ip().is_unspecified() => {
            Err(SocketError::InvalidAddress)
        }
        SocketAddr::V4(v4) => Ok(v4),
    }
}

/// The target of a connection by name, if the name and port can be sent.
pub(crate) fn named(host: &str, port: u16) -> Result<Target, SocketError> {
    if crate::dns::check(host).is_err() || port == 0 {
        return Err(SocketError::InvalidAddress);
    }
    let remote = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
    Ok(Target::tcp(remote))
}

impl<U: Uart, C: Clock, const RX: usize> TcpClientStack for Esp8285<U, C, RX> {
    type TcpSocket = TcpSocket;
    type Error = SocketError;

    fn socket(&mut self) -> Result<TcpSocket, SocketError> {
        Ok(TcpSocket::new(Role::Fresh))
    }

    fn connect(
        &mut self,
        socket: &mut TcpSocket,
        remote: SocketAddr,
    ) -> nb::Result<(), SocketError> {
        let target = Target::tcp(check(remote)?);
        flatten(self.turn(None, |state, now| {
            state.connect(socket, target, None, None, now)
        }))
    }

    fn send(&mut self, socket: &mut TcpSocket, buffer: &[u8]) -> nb::Result<usize, SocketError> {
        let key = socket.key()?;
        flatten(self.turn(None, |state, now| state.send(key, buffer, now)))
    }

    #[inline]
    fn receive(
        &mut self,
        socket: &mut TcpSocket,
        buffer: &mut [u8],
    ) -> nb::Result<usize, SocketError> {
        let key = socket.key()?;
        let now = self.now();
        let straight = self.machine.straight(key).min(buffer.len());
        if let Some(start) = buffer.get_mut(..straight).filter(|b| !b.is_empty()) {
            let n = self.read_straight(start, now).map_err(SocketError::Modem)?;
            if n > 0 {
                // A port that fails now fails the next call as well.
                let _ = self.finish_turn(now);
                return Ok(n);
            }
        }
        let taken = self.take_in(Some(key.link), now);
        let received = self.machine.state.receive(key, buffer);
        if let Ok(Some(1..)) = received {
            self.machine.drained(now);
        }
        // What was received before the UART failed is still good.
        let moved = taken.and_then(|()| self.finish_turn(now));
        match (received, moved) {
            (Ok(Some(n)), _) => Ok(n),
            (Err(error), _) => Err(nb::Error::Other(error)),
            (Ok(None), Err(error)) => Err(nb::Error::Other(error.into())),
            (Ok(None), Ok(())) => Err(nb::Error::WouldBlock),
        }
    }

    fn close(&mut self, socket: TcpSocket) -> Result<(), SocketError> {
        self.close_with(socket, Machine::close)
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Connects to a host by name, which the modem resolves itself: one
    /// exchange less than asking for the address first, and the only way on
    /// firmware that lacks `AT+CIPDOMAIN` (0.2x).
    ///
    /// # Errors
    /// As for [`connect`](TcpClientStack::connect); call again with the same
    /// name and port. A name that is not found is
    /// [`Refused`](SocketError::Refused).
    pub fn connect_by_name(
        &mut self,
        socket: &mut TcpSocket,
        host: &str,
        port: u16,
    ) -> nb::Result<(), SocketError> {
        let target = named(host, port)?;
        flatten(self.turn(None, |state, now| {
            state.connect(socket, target, Some(host), None, now)
        }))
    }

    /// Breaks the connection off instead of closing it (NonOS 1.7): the peer
    /// sees a reset, and what was accepted for sending is dropped as far as
    /// the modem has not got it. Never waits.
    ///
    /// # Errors
    /// [`Unsupported`](crate::ModemError::Unsupported) on other firmware; the
    /// connection is closed orderly then.
    pub fn abort(&mut self, socket: TcpSocket) -> Result<(), SocketError> {
        let supported = self.machine.state.require(Capability::Abort);
        self.close_with(socket, Machine::abort)?;
        Ok(supported?)
    }

    pub(crate) fn close_with(
        &mut self,
        socket: TcpSocket,
        close: fn(&mut Machine<RX>, Key, u64),
    ) -> Result<(), SocketError> {
        match socket.role {
            Role::Fresh | Role::Bound(_) => return Ok(()),
            Role::Connection(_) | Role::Listening(_) => {}
        }
        let now = self.now();
        let taken = self.take_in(None, now);
        match socket.role {
            Role::Connection(key) => close(&mut self.machine, key, now),
            Role::Listening(listener) => self.machine.state.stop_listening(listener),
            Role::Fresh | Role::Bound(_) => {}
        }
        taken.and_then(|()| self.finish_turn(now))?;
        Ok(())
    }

    /// Whether the peer has not closed yet and the modem has the connection up.
    ///
    /// Data may still be there to read when this says no.
    pub fn is_connected(&mut self, socket: &TcpSocket) -> bool {
        match socket.role {
            Role::Connection(key) => self.machine.state.link_state(key) == Some(LinkState::Open),
            _ => false,
        }
    }
}

impl<const RX: usize> State<RX> {
    /// Connects a socket, by address or by name, with TLS or without.
    pub(crate) fn connect(
        &mut self,
        socket: &mut TcpSocket,
        mut target: Target,
        name: Option<&str>,
        tls: Option<TlsSetup>,
        now: u64,
    ) -> Outcome<(), SocketError> {
        target.keep_alive = socket.keep_alive;
        if target.keep_alive > 0 {
            self.require(Capability::KeepAlive)?;
        }
        target.no_delay = socket.no_delay;
        // Once more where a peer of the server took the link.
        for _ in 0..2 {
            let key = match socket.role {
                Role::Connection(key) => key,
                Role::Bound(_) | Role::Listening(_) => return Err(SocketError::AlreadyConnected),
                Role::Fresh => {
                    self.start(now);
                    let Some(key) = self.open_named(target, name, tls)? else {
                        return Ok(None);
                    };
                    socket.role = Role::Connection(key);
                    socket.local = UNKNOWN;
                    key
                }
            };
            let connected = self.connected(key, target.remote);
            if matches!(connected, Ok(_) | Err(SocketError::AlreadyConnected)) {
                return connected;
            }
            socket.role = Role::Fresh;
            if !matches!(connected, Err(SocketError::Stale)) {
                return connected;
            }
        }
        Ok(None)
    }
}
