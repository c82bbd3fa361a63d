//! TCP and TLS connections, and the server, for tasks.

use core::future::poll_fn;
use core::net::SocketAddr;

use embassy_sync::blocking_mutex::raw::RawMutex;
use embedded_io_async::{ErrorType, Read, ReadReady, Write};
use embedded_nal_async::TcpConnect;

use super::Modem;
use crate::error::SocketError;
use crate::machine::{Key, LinkState, Machine, Target, TlsSetup};
use crate::tcp::{Role, check, named};
use crate::tls::TlsConfig;
use crate::{Capability, Clock, TcpSocket};

/// A TCP or TLS connection of a [`Modem`]. Dropping it gives its link back.
pub struct Connection<'s, M: RawMutex, C: Clock, const RX: usize = 4096> {
    modem: Modem<'s, M, C, RX>,
    socket: TcpSocket,
}

impl<M: RawMutex, C: Clock, const RX: usize> core::fmt::Debug for Connection<'_, M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Connection").field(&self.socket).finish()
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> Drop for Connection<'_, M, C, RX> {
    fn drop(&mut self) {
        self.give_back(Machine::close);
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Connection<'s, M, C, RX> {
    fn new(modem: Modem<'s, M, C, RX>, role: Role) -> Self {
        Self {
            modem,
            socket: TcpSocket::new(role),
        }
    }

    /// Connects. From here on the link is given back if this is dropped.
    async fn open(
        mut self,
        target: Target,
        name: Option<&str>,
        tls: Option<TlsSetup>,
    ) -> Result<Self, SocketError> {
        let modem = self.modem;
        let socket = &mut self.socket;
        modem
            .until(|machine, now| machine.state.connect(socket, target, name, tls, now))
            .await?;
        Ok(self)
    }

    fn give_back(&mut self, close: fn(&mut Machine<RX>, Key, u64)) {
        if let Role::Connection(key) = self.socket.role {
            self.socket.role = Role::Fresh;
            self.modem.0.with(|inner, now| {
                close(&mut inner.machine, key, now);
                inner.settle(now);
            });
        }
    }

    /// Whether the peer has not closed yet and the modem has the connection
    /// up. Data may still be there to read when this says no.
    #[must_use]
    pub fn is_connected(&self) -> bool {
        self.socket.key().is_ok_and(|key| {
            let state = self
                .modem
                .0
                .with(|inner, _| inner.machine.state.link_state(key));
            state == Some(LinkState::Open)
        })
    }

    /// Breaks the connection off instead of closing it, where the firmware can
    /// (NonOS 1.7); closes it elsewhere.
    pub fn abort(mut self) {
        let able = self.modem.0.with(|inner, _| {
            let state = &inner.machine.state;
            state.require(Capability::Abort).is_ok()
        });
        self.give_back(if able { Machine::abort } else { Machine::close });
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> ErrorType for Connection<'_, M, C, RX> {
    type Error = SocketError;
}

impl<M: RawMutex, C: Clock, const RX: usize> Read for Connection<'_, M, C, RX> {
    /// Takes what is there, at least one byte; 0 is the orderly end of the
    /// stream, again and again. A read that is dropped has taken nothing.
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, SocketError> {
        let key = self.socket.key()?;
        self.modem
            .until(|machine, now| {
                let received = machine.state.receive(key, buf);
                if let Ok(Some(1..)) = received {
                    machine.drained(now);
                }
                received
            })
            .await
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> ReadReady for Connection<'_, M, C, RX> {
    fn read_ready(&mut self) -> Result<bool, SocketError> {
        let key = self.socket.key()?;
        Ok(self
            .modem
            .0
            .with(|inner, _| inner.machine.state.has_news(key)))
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> Write for Connection<'_, M, C, RX> {
    /// Completes when the modem's turn for this connection has come and up to
    /// 2048 bytes are accepted. A write that is dropped has accepted nothing.
    async fn write(&mut self, buf: &[u8]) -> Result<usize, SocketError> {
        if buf.is_empty() {
            return Ok(0);
        }
        let key = self.socket.key()?;
        self.modem
            .until(|machine, now| machine.state.send(key, buf, now))
            .await
    }

    /// Waits until the modem has confirmed every byte of this connection.
    async fn flush(&mut self) -> Result<(), SocketError> {
        let key = self.socket.key()?;
        self.modem
            .until(|machine, now| machine.state.send(key, &[], now))
            .await
            .map(|_| ())
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> TcpConnect for Modem<'s, M, C, RX> {
    type Error = SocketError;
    type Connection<'a>
        = Connection<'s, M, C, RX>
    where
        Self: 'a;

    /// Connects within 25 s. Waits for a link that is being closed, but not
    /// for one that is in use: a sixth connection is
    /// [`NoFreeLink`](SocketError::NoFreeLink).
    async fn connect<'a>(
        &'a self,
        remote: SocketAddr,
    ) -> Result<Connection<'s, M, C, RX>, SocketError> {
        let target = Target::tcp(check(remote)?);
        let fresh = Connection::new(*self, Role::Fresh);
        fresh.open(target, None, None).await
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Modem<'s, M, C, RX> {
    /// Connects to a host by name, which the modem resolves itself: one
    /// exchange less than asking for the address first, and the only way on
    /// firmware without `AT+CIPDOMAIN` (0.2x).
    ///
    /// # Errors
    /// Those of a TCP connection; a name that is not found is
    /// [`Refused`](SocketError::Refused).
    pub async fn connect_by_name(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Connection<'s, M, C, RX>, SocketError> {
        let target = named(host, port)?;
        let fresh = Connection::new(*self, Role::Fresh);
        fresh.open(target, Some(host), None).await
    }

    /// Connects with TLS; the modem encrypts. One such connection at a time,
    /// see [`tls`](crate::tls).
    ///
    /// # Errors
    /// Those of a TCP connection, and [`Unsupported`](crate::ModemError::Unsupported)
    /// where the firmware cannot check what `config` asks for.
    pub async fn connect_tls(
        &self,
        config: TlsConfig<'_>,
        remote: SocketAddr,
    ) -> Result<Connection<'s, M, C, RX>, SocketError> {
        let (target, name, setup) = config.target(check(remote)?)?;
        if setup.mode != 0 {
            self.start().await?;
            self.0.with(|inner, _| {
                let state = &inner.machine.state;
                state.require(Capability::TlsVerification)
            })?;
        }
        let fresh = Connection::new(*self, Role::Fresh);
        fresh.open(target, name, Some(setup)).await
    }

    /// Listens on `port`. The modem has one server, see
    /// [`server`](crate::server).
    ///
    /// # Errors
    /// [`ServerInUse`](SocketError::ServerInUse) while another [`Listener`]
    /// lives, [`PortInUse`](SocketError::PortInUse) if it has this very port; [`InvalidAddress`](SocketError::InvalidAddress) for port 0.
    pub fn listen(&self, port: u16) -> Result<Listener<'s, M, C, RX>, SocketError> {
        if port == 0 {
            return Err(SocketError::InvalidAddress);
        }
        let id = self.0.with(|inner, now| {
            let id = inner.machine.state.listen(port, now);
            inner.settle(now);
            id
        })?;
        Ok(Listener { modem: *self, id })
    }
}

/// The modem's TCP server. Dropping it stops the server; connections that were
/// accepted stay.
pub struct Listener<'s, M: RawMutex, C: Clock, const RX: usize = 4096> {
    modem: Modem<'s, M, C, RX>,
    id: u16,
}

impl<M: RawMutex, C: Clock, const RX: usize> core::fmt::Debug for Listener<'_, M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Listener")
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Listener<'s, M, C, RX> {
    /// The next peer that connects, and its address. An accept that is dropped
    /// has taken nobody.
    ///
    /// # Errors
    /// When the modem cannot be a server, or is gone.
    pub async fn accept(&mut self) -> Result<(Connection<'s, M, C, RX>, SocketAddr), SocketError> {
        let (modem, id) = (self.modem, self.id);
        let accepted = poll_fn(|cx| {
            modem
                .0
                .attempt(cx, |machine, now| machine.state.accept(id, now))
        });
        let (key, from) = accepted.await?;
        let connection = Connection::new(modem, Role::Connection(key));
        Ok((connection, from.into()))
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> Drop for Listener<'_, M, C, RX> {
    fn drop(&mut self) {
        self.modem.0.with(|inner, now| {
            inner.machine.state.stop_listening(self.id);
            inner.settle(now);
        });
    }
}
