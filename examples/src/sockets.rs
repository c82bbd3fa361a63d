//! Between `usocket-api` and the standard library: a socket as
//! [`std::io::Read`], and socket errors as the programs' failures.

use std::io;

use nal_socket::{ErrorKind, NetworkRef};
use usocket_api::{OSError, Socket};

use crate::failure::Failure;

/// A socket as a reader, with the socket's timeout.
#[derive(Debug)]
pub struct SocketReader<'a, N: NetworkRef>(pub &'a mut Socket<N>);

impl<N: NetworkRef> io::Read for SocketReader<'_, N> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.0.recv_into(buf).map_err(|error| {
            let kind = match error.kind() {
                ErrorKind::TimedOut => io::ErrorKind::TimedOut,
                ErrorKind::ConnectionReset => io::ErrorKind::ConnectionReset,
                ErrorKind::NetworkDown => io::ErrorKind::NetworkDown,
                _ => io::ErrorKind::Other,
            };
            io::Error::new(kind, error.to_string())
        })
    }
}

/// What a failed socket operation means for the person: `doing` says what was
/// tried, `to` with whom.
#[must_use]
pub fn failure(error: OSError, doing: &str, host: &str, to: &str) -> Failure {
    match error.kind() {
        ErrorKind::NameNotFound => Failure::NameNotFound { host: host.into() },
        ErrorKind::ConnectionRefused => Failure::Refused { to: to.into() },
        ErrorKind::TimedOut | ErrorKind::HostUnreachable => Failure::Timeout {
            doing: format!("{doing} {to}"),
        },
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe | ErrorKind::ConnectionAborted => {
            Failure::ConnectionLost(format!("{doing} {to}: {error}"))
        }
        ErrorKind::NetworkDown => Failure::Other(
            "the modem is not on a network or does not answer: give --ssid and --password".into(),
        ),
        _ => Failure::Other(format!("{doing} {to}: {error}")),
    }
}
