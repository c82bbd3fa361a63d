//! TLS client sockets: a `TcpClientStack` of their own over the same modem.
//!
//! The modem does the encryption. It holds one TLS connection at a time,
//! beside plain TCP and UDP links.
//!
//! ```
//! use atcmd_esp8285::embedded_nal::TcpClientStack;
//! use atcmd_esp8285::tls::TlsConfig;
//! use atcmd_esp8285::{Clock, Esp8285, SocketError, Uart};
//!
//! fn fetch(wifi: &mut Esp8285<impl Uart, impl Clock>) -> Result<(), SocketError> {
//!     let config = TlsConfig::new().server_name("example.com");
//!     let mut socket = wifi.tls(config).socket()?;
//!     let address = ([93, 184, 216, 34], 443).into();
//!     wifi.wait(|wifi| wifi.tls(config).connect(&mut socket, address))?;
//!     wifi.wait(|wifi| wifi.tls(config).send(&mut socket, b"GET / HTTP/1.0\r\n\r\n"))?;
//!     wifi.tls(config).close(socket)
//! }
//! ```
//!
//! What each firmware offers:
//!
//! | | NonOS 1.1-1.6 | NonOS 1.7 | ESP-AT 2.0 | ESP-AT 2.1 on |
//! |---|---|---|---|---|
//! | checks the server's certificate | no | yes | no | yes |
//! | shows a certificate of its own | no | yes | no | yes |
//! | server name | as the host | as the host | as the host | SNI |
//!
//! "As the host" means that the modem is given the name in place of the
//! address and resolves it itself. A check that the firmware lacks is refused
//! with [`Unsupported`](crate::ModemError::Unsupported), never skipped.
//! Certificates are those in the modem's flash; putting them there is not
//! this driver's business. Certificates are only as good as the modem's
//! clock, where it looks at it at all; NonOS does not.
//!
//! Limits: on NonOS the data is pushed whatever the receive mode, so a reader
//! that is too slow loses data and is told so. Old NonOS builds know few
//! ciphers, and many servers refuse them. The handshake takes seconds, and a
//! TLS record of more than 4 KiB breaks the connection on NonOS.

use core::net::{SocketAddr, SocketAddrV4};

use embedded_nal::TcpClientStack;

use crate::driver::flatten;
use crate::error::SocketError;
use crate::machine::{Kind, Machine, Target, TlsSetup};
use crate::tcp::{Role, check};
use crate::{Capability, Clock, Esp8285, TcpSocket, Uart};

/// How a TLS connection is set up.
#[derive(Debug, Clone, Copy, Default)]
pub struct TlsConfig<'a> {
    server_name: Option<&'a str>,
    setup: TlsSetup,
}

impl<'a> TlsConfig<'a> {
    /// No server name, nobody's certificate is checked: encrypted, but with
    /// whom is not known.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            server_name: None,
            setup: TlsSetup {
                mode: 0,
                certificate: 0,
                authority: 0,
            },
        }
    }

    /// The server's name, at most 64 bytes: which of the sites at its address
    /// is meant.
    #[must_use]
    pub const fn server_name(mut self, name: &'a str) -> Self {
        self.server_name = Some(name);
        self
    }

    /// Has the modem check the server's certificate against certificate
    /// authority number `authority` in its flash (0 is the first).
    #[must_use]
    pub const fn verify_server(mut self, authority: u8) -> Self {
        self.setup.mode |= 2;
        self.setup.authority = authority;
        self
    }

    /// Has the modem show client certificate number `certificate` in its
    /// flash.
    #[must_use]
    pub const fn client_certificate(mut self, certificate: u8) -> Self {
        self.setup.mode |= 1;
        self.setup.certificate = certificate;
        self
    }
}

impl<'a> TlsConfig<'a> {
    /// What a connection to `remote` takes.
    pub(crate) fn target(
        self,
        remote: SocketAddrV4,
    ) -> Result<(Target, Option<&'a str>, TlsSetup), SocketError> {
        let name = self.server_name;
        if name.is_some_and(|name| crate::dns::check(name).is_err()) {
            return Err(SocketError::InvalidAddress);
        }
        let target = Target {
            kind: Kind::Tls,
            ..Target::tcp(remote)
        };
        Ok((target, name, self.setup))
    }
}

/// A TLS socket of an [`Esp8285`]: a plain handle, as [`TcpSocket`].
#[derive(Debug)]
pub struct TlsSocket {
    inner: TcpSocket,
}

impl TlsSocket {
    /// As [`TcpSocket::set_keep_alive`].
    pub fn set_keep_alive(&mut self, seconds: u16) {
        self.inner.set_keep_alive(seconds);
    }
}

/// The modem as a stack whose connections are encrypted; made by
/// [`Esp8285::tls`].
///
/// Only `connect` looks at the configuration. Calls otherwise behave as those
/// of the [TCP stack](crate::tcp).
#[derive(Debug)]
pub struct Tls<'w, 'c, U, C, const RX: usize = 4096> {
    wifi: &'w mut Esp8285<U, C, RX>,
    config: TlsConfig<'c>,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// The modem as a stack whose connections are encrypted. Costs nothing.
    pub fn tls<'w, 'c>(&'w mut self, config: TlsConfig<'c>) -> Tls<'w, 'c, U, C, RX> {
        Tls { wifi: self, config }
    }
}

impl<U: Uart, C: Clock, const RX: usize> TcpClientStack for Tls<'_, '_, U, C, RX> {
    type TcpSocket = TlsSocket;
    type Error = SocketError;

    fn socket(&mut self) -> Result<TlsSocket, SocketError> {
        Ok(TlsSocket {
            inner: TcpSocket::new(Role::Fresh),
        })
    }

    fn connect(
        &mut self,
        socket: &mut TlsSocket,
        remote: SocketAddr,
    ) -> nb::Result<(), SocketError> {
        let (target, name, setup) = self.config.target(check(remote)?)?;
        flatten(self.wifi.turn(None, |state, now| {
            if setup.mode != 0 {
                state.require(Capability::TlsVerification)?;
            }
            state.connect(&mut socket.inner, target, name, Some(setup), now)
        }))
    }

    fn send(&mut self, socket: &mut TlsSocket, buffer: &[u8]) -> nb::Result<usize, SocketError> {
        TcpClientStack::send(self.wifi, &mut socket.inner, buffer)
    }

    fn receive(
        &mut self,
        socket: &mut TlsSocket,
        buffer: &mut [u8],
    ) -> nb::Result<usize, SocketError> {
        TcpClientStack::receive(self.wifi, &mut socket.inner, buffer)
    }

    fn close(&mut self, socket: TlsSocket) -> Result<(), SocketError> {
        self.wifi.close_with(socket.inner, Machine::close)
    }
}
