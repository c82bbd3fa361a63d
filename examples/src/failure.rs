//! Exit codes and one-line messages.
//!
//! ```
//! use examples::failure::Failure;
//!
//! let failure = Failure::WrongPassword { ssid: "home".into() };
//! assert_eq!(failure.exit_code(), 5);
//! assert_eq!(failure.to_string(), "wrong password for \"home\": check --password");
//! ```
//!
//! | code | meaning |
//! |---:|---|
//! | 0 | done |
//! | 1 | anything not named below |
//! | 2 | bad arguments (as `clap` does) |
//! | 3 | the modem's port cannot be opened, or closed meanwhile |
//! | 4 | the modem does not answer |
//! | 5 | wrong Wi-Fi password |
//! | 6 | no such access point |
//! | 7 | host name not found |
//! | 8 | connection refused |
//! | 9 | timeout |
//! | 10 | connection lost midway |
//! | 11 | HTTP status other than 2xx |
//! | 12 | the answer is not HTTP, or damaged |
//! | 13 | the input file cannot be read |
//! | 14 | the output cannot be written |
//! | 15 | disk full |
//!
//! There is no `From<std::io::Error>`: the same error means a full disk when
//! writing and a lost connection when receiving, and `?` could not tell. Use
//! [`Failure::output`], [`Failure::input`] or [`Failure::transfer`].

use std::fmt;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::http::HttpError;
use crate::modem_port::{OpenError, PortError};
use crate::url::UrlError;

/// Why a program ends without success.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// Bad arguments, explained.
    Usage(String),
    /// The modem's port cannot be opened, or closed meanwhile.
    Port(String),
    /// Nobody answers `AT`.
    NoModem {
        /// The port asked.
        port: String,
    },
    /// The access point refused the password.
    WrongPassword {
        /// Its name.
        ssid: String,
    },
    /// No access point of that name is heard.
    NoAccessPoint {
        /// The name.
        ssid: String,
    },
    /// The name server does not know the host.
    NameNotFound {
        /// The name.
        host: String,
    },
    /// The host answers, but nobody listens at the port.
    Refused {
        /// Host and port.
        to: String,
    },
    /// Something did not happen in time.
    Timeout {
        /// What, such as `"connecting to 10.0.0.1:80"`.
        doing: String,
    },
    /// The connection ended too early.
    ConnectionLost(String),
    /// The server answered with another status than 2xx.
    Status {
        /// Such as 404.
        status: u16,
        /// All of it in words.
        message: String,
    },
    /// The answer is not HTTP, or damaged.
    BadAnswer(String),
    /// The input file cannot be read.
    Input(String),
    /// The output cannot be written.
    Output(String),
    /// No room for the output.
    DiskFull {
        /// Where to.
        path: String,
    },
    /// Anything else, such as an `ERROR` of the modem nobody expects.
    Other(String),
}

impl Failure {
    /// The exit code; see the table of this module.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Other(_) => 1,
            Self::Usage(_) => 2,
            Self::Port(_) => 3,
            Self::NoModem { .. } => 4,
            Self::WrongPassword { .. } => 5,
            Self::NoAccessPoint { .. } => 6,
            Self::NameNotFound { .. } => 7,
            Self::Refused { .. } => 8,
            Self::Timeout { .. } => 9,
            Self::ConnectionLost(_) => 10,
            Self::Status { .. } => 11,
            Self::BadAnswer(_) => 12,
            Self::Input(_) => 13,
            Self::Output(_) => 14,
            Self::DiskFull { .. } => 15,
        }
    }

    /// Writing to `path` failed.
    #[must_use]
    pub fn output(path: &Path, error: &io::Error) -> Self {
        use io::ErrorKind::{QuotaExceeded, StorageFull};
        let path = path.display().to_string();
        match error.kind() {
            StorageFull | QuotaExceeded => Self::DiskFull { path },
            _ => Self::Output(format!("cannot write {path}: {error}")),
        }
    }

    /// Reading `path` failed.
    #[must_use]
    pub fn input(path: &Path, error: &io::Error) -> Self {
        Self::Input(format!("cannot read {}: {error}", path.display()))
    }

    /// Receiving or sending failed on an open connection.
    #[must_use]
    pub fn transfer(error: &io::Error) -> Self {
        use io::ErrorKind::{InvalidData, TimedOut, UnexpectedEof, WouldBlock};
        match error.kind() {
            TimedOut | WouldBlock => Self::Timeout {
                doing: "waiting for the other side".to_owned(),
            },
            InvalidData => Self::BadAnswer(error.to_string()),
            UnexpectedEof => Self::ConnectionLost(error.to_string()),
            _ => Self::ConnectionLost(format!("the connection broke: {error}")),
        }
    }

    /// Writes `PROGRAM: MESSAGE` to standard error and returns the exit code.
    pub fn report(&self, program: &str) -> ExitCode {
        // Where standard error is closed only the code can speak.
        let _ = writeln!(io::stderr(), "{program}: {self}");
        ExitCode::from(self.exit_code())
    }

    fn message(&self) -> String {
        match self {
            Self::Usage(text) => format!("{text} (see --help)"),
            Self::NoModem { port } => {
                format!("no answer from a modem at {port}: check its power, the wires and --baud")
            }
            Self::WrongPassword { ssid } => {
                format!("wrong password for \"{ssid}\": check --password")
            }
            Self::NoAccessPoint { ssid } => {
                format!("no access point \"{ssid}\" in reach: check --ssid and the distance")
            }
            Self::NameNotFound { host } => {
                format!("the host {host} is not known: check its spelling or use an IPv4 address")
            }
            Self::Refused { to } => {
                format!("{to} refused the connection: check the port and that the server runs")
            }
            Self::Timeout { doing } => format!("timeout while {doing}: try again"),
            Self::DiskFull { path } => {
                format!("no room left to write {path}: free some or choose another disk")
            }
            Self::ConnectionLost(text)
            | Self::Status { message: text, .. }
            | Self::Port(text)
            | Self::BadAnswer(text)
            | Self::Input(text)
            | Self::Output(text)
            | Self::Other(text) => text.clone(),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names of networks and files can hold anything, line ends too.
        for c in self.message().chars() {
            match c.is_control() {
                true => write!(f, "{}", c.escape_default())?,
                false => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

impl From<UrlError> for Failure {
    fn from(error: UrlError) -> Self {
        Self::Usage(error.to_string())
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        Self::Port(error.to_string())
    }
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Port(error.to_string())
    }
}

impl From<HttpError> for Failure {
    fn from(error: HttpError) -> Self {
        let message = error.to_string();
        match error {
            HttpError::Status { status, .. } => Self::Status { status, message },
            HttpError::NoAnswer => Self::ConnectionLost(message),
            HttpError::Transport(error) => Self::transfer(&error),
            HttpError::NotHttp(_) | HttpError::HeadTooLong | HttpError::Header(_) => {
                Self::BadAnswer(message)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<Failure> {
        let text = || text.to_owned();
        vec![
            Failure::Other(text()),
            Failure::Usage(text()),
            Failure::Port(text()),
            Failure::NoModem { port: text() },
            Failure::WrongPassword { ssid: text() },
            Failure::NoAccessPoint { ssid: text() },
            Failure::NameNotFound { host: text() },
            Failure::Refused { to: text() },
            Failure::Timeout { doing: text() },
            Failure::ConnectionLost(text()),
            Failure::Status {
                status: 404,
                message: text(),
            },
            Failure::BadAnswer(text()),
            Failure::Input(text()),
            Failure::Output(text()),
            Failure::DiskFull { path: text() },
        ]
    }

    #[test]
    fn codes_are_distinct_and_in_the_table() {
        let table = include_str!("failure.rs");
        for (i, failure) in all("x").iter().enumerate() {
            let code = failure.exit_code();
            assert_eq!(usize::from(code), i + 1, "{failure:?}");
            assert!(table.contains(&format!("//! | {code} | ")), "{code}");
        }
    }

    #[test]
    fn messages_are_one_line_whatever_the_names() {
        for failure in all("a\r\nb\u{1b}[2J\u{85}\0") {
            let text = failure.to_string();
            assert!(
                text.contains("a\\r\\nb") && !text.contains(char::is_control),
                "{text:?}"
            );
        }
    }

    #[test]
    fn io_errors_mean_what_was_done() {
        let error = |kind: io::ErrorKind| io::Error::from(kind);
        let path = Path::new("p.bmp");
        for (failure, code) in [
            (
                Failure::output(path, &error(io::ErrorKind::StorageFull)),
                15,
            ),
            (
                Failure::output(path, &error(io::ErrorKind::QuotaExceeded)),
                15,
            ),
            (
                Failure::output(path, &error(io::ErrorKind::PermissionDenied)),
                14,
            ),
            (Failure::input(path, &error(io::ErrorKind::NotFound)), 13),
            (Failure::transfer(&error(io::ErrorKind::TimedOut)), 9),
            (Failure::transfer(&error(io::ErrorKind::UnexpectedEof)), 10),
            (Failure::transfer(&error(io::ErrorKind::BrokenPipe)), 10),
            (Failure::transfer(&error(io::ErrorKind::InvalidData)), 12),
            (HttpError::NoAnswer.into(), 10),
            (HttpError::HeadTooLong.into(), 12),
            (
                HttpError::Transport(error(io::ErrorKind::TimedOut)).into(),
                9,
            ),
            (UrlError::NoHost.into(), 2),
            (PortError::Gone.into(), 3),
        ] {
            assert_eq!(failure.exit_code(), code, "{failure}");
        }
        let answer = crate::http::Response::read(&b"HTTP/1.1 404 No\r\n\r\n"[..]);
        let failure = Failure::from(answer.unwrap_err());
        assert!(matches!(failure, Failure::Status { status: 404, .. }));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told() {
        let path = Path::new("/dev/full");
        let error = std::fs::write(path, b"x").unwrap_err();
        let failure = Failure::output(path, &error);
        assert_eq!(
            failure.to_string(),
            "no room left to write /dev/full: free some or choose another disk"
        );
    }
}
