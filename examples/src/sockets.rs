//! Between `usocket-api` and the standard library: a socket as
//! [`std::io::Read`], and socket errors as the programs' failures.

use std::io;

use nal_socket::{ErrorKind, NetworkRef};
use usocket_api::{OSError, Socket};

use crate::failure::Failure;
use crate::modem::{ModemOptions, WifiNetwork, modem_failure};
use crate::say;
use crate::url::HostPort;

/// A socket as a reader, with the socket's timeout.
#[derive(Debug)]
pub struct SocketReader<'a, N: NetworkRef>(pub &'a Socket<N>);

impl<N: NetworkRef> io::Read for SocketReader<'_, N> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.recv_into(buf).map_err(|error| {
            let kind = match error.kind() {
                ErrorKind::TimedOut => io::ErrorKind::TimedOut,
                ErrorKind::ConnectionReset => io::ErrorKind::ConnectionReset,
                ErrorKind::NetworkDown => io::ErrorKind::NetworkDown,
                _ => io::ErrorKind::Other,
            };
            io::Error::new(kind, error.message())
        })
    }
}

/// Turns errors into failures, knowing what was asked of whom.
#[derive(Debug, Clone, Copy)]
pub struct Explain<'a> {
    /// The network, which knows how the modem is.
    pub network: &'a WifiNetwork,
    /// What the person asked for.
    pub options: &'a ModemOptions,
    /// The other side.
    pub to: &'a HostPort,
}

impl Explain<'_> {
    /// What a failed socket operation means; `doing` says what was tried.
    #[must_use]
    pub fn socket(self, doing: &str, error: OSError) -> Failure {
        let to = self.to.to_string();
        match error.kind() {
            ErrorKind::NameNotFound => self.name_not_found(),
            ErrorKind::ConnectionRefused if self.is_out_of_bounds() => self.out_of_bounds(),
            ErrorKind::ConnectionRefused => Failure::Refused { to },
            ErrorKind::TimedOut | ErrorKind::HostUnreachable => Failure::Timeout {
                doing: format!("{doing} {to}"),
            },
            ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::ConnectionAborted
            | ErrorKind::DataLost => Failure::ConnectionLost(format!(
                "{doing} {to}: {} ({})",
                error.message(),
                error.name()
            )),
            ErrorKind::NetworkDown => self.network_down(),
            _ => Failure::Other(format!("{doing} {to}: {error}")),
        }
    }

    /// Nobody has answered, or nobody as they should.
    #[must_use]
    pub fn unanswered(self) -> Failure {
        if self.is_out_of_bounds() {
            return self.out_of_bounds();
        }
        Failure::Timeout {
            doing: format!("waiting for an answer from {}", self.to),
        }
    }

    /// What the end of a server means: Ctrl-C is how it is meant to end.
    ///
    /// Waits until the modem has closed what was closed last: a socket does not wait for that.
    ///
    /// # Errors
    /// The failure, if it was one.
    pub fn served(self, end: Result<(), OSError>) -> Result<(), Failure> {
        // Answered when everything before it is.
        let settle = || {
            self.network
                .with_stack(|wifi| wifi.wait(|wifi| wifi.station_status()))
        };
        match end {
            Ok(()) => settle()
                .map(drop)
                .map_err(|error| Failure::Other(error.to_string())),
            Err(error) if error.kind() == ErrorKind::Interrupted => {
                let _ = settle();
                say::note("stopped");
                Ok(())
            }
            // A modem does not say why it cannot.
            Err(error) if matches!(error.kind(), ErrorKind::AddressInUse | ErrorKind::Other) => {
                Err(Failure::Other(format!(
                    "cannot serve at {}: if the port is taken, choose another with --port",
                    self.to
                )))
            }
            Err(error) => Err(self.socket("serving at", error)),
        }
    }

    /// What an error while receiving means.
    #[must_use]
    pub fn transfer(self, error: &io::Error) -> Failure {
        match error.kind() {
            io::ErrorKind::NetworkDown => self.network_down(),
            _ => Failure::transfer(error),
        }
    }

    fn name_not_found(self) -> Failure {
        let host = self.to.host().to_owned();
        if self.options.modem.is_some() && self.options.ssid.is_none() {
            // The modem gives the same answer when it is on no network.
            return Failure::NameNotFound {
                host: format!("{host} (or the modem is on no network: give --ssid)"),
            };
        }
        if self.options.modem.is_none() && !self.options.allow_net {
            return Failure::NameNotFound {
                host: format!("{host} (or not on this computer: add --allow-net)"),
            };
        }
        Failure::NameNotFound { host }
    }

    fn out_of_bounds(self) -> Failure {
        Failure::Usage(format!(
            "the simulated modem reaches this computer only, not {}: add --allow-net",
            self.to
        ))
    }

    /// The port, the modem, or the Wi-Fi: the driver knows.
    fn network_down(self) -> Failure {
        let modem = self.network.with_stack(|wifi| {
            let port = wifi.poll();
            (port, wifi.dialect().is_some())
        });
        match modem {
            Ok((Err(error), _)) => modem_failure(self.options, error),
            Ok((Ok(()), false)) => Failure::NoModem {
                port: self.options.port_name().into(),
            },
            _ => Failure::Other("the modem is not on a network: give --ssid and --password".into()),
        }
    }

    /// A simulated modem that may not go where it was asked to.
    fn is_out_of_bounds(self) -> bool {
        let inside = self.options.modem.is_none() && !self.options.allow_net;
        let address = self.to.host().parse::<std::net::Ipv4Addr>();
        inside && address.is_ok_and(|address| !address.is_loopback())
    }
}
