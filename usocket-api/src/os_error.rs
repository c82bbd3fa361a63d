//! The one exception of the socket interface.
//!
//! ```
//! use nal_socket::Network;
//! use usocket_api::{ErrorKind, USocket, MAIXPY};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut sock = USocket::new(&network, MAIXPY).socket();
//! let error = sock.recv_into(&mut [0; 16]).unwrap_err();
//! assert_eq!(error.errno(), 128);
//! assert_eq!(error.name(), "ENOTCONN");
//! assert_eq!(error.kind(), ErrorKind::NotConnected);
//! assert_eq!(
//!     error.to_string(),
//!     "[Errno 128] ENOTCONN: the socket is not connected; call connect first"
//! );
//! ```
//!
//! Limits: what MicroPython raises as `ValueError` or `TypeError` (a host that is not numeric, a
//! negative timeout) is `EINVAL` here, with a message that says which.

use core::fmt;

use nal_socket::{Error, ErrorKind};

use crate::errno::{LOOKUPS, Row, SOCKETS, row};
use crate::profile::Profile;

/// An error as a script would see it: a number, in the profile's numbering.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OSError {
    errno: i32,
    kind: ErrorKind,
    message: &'static str,
}

impl OSError {
    /// The number, Python's `e.errno` and `e.args[0]`. Negative from `getaddrinfo`.
    #[must_use]
    pub const fn errno(&self) -> i32 {
        self.errno
    }

    /// The number's name, such as `"ETIMEDOUT"`; the same in every profile. Errors of `getaddrinfo`
    /// have names that start with `EAI_`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let table = if self.errno < 0 { LOOKUPS } else { SOCKETS };
        row(table, self.kind).map_or("", |row| row.name)
    }

    /// What went wrong, independent of numbers.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What went wrong and what to do about it, as a sentence.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// An error of an operation on a socket.
    pub(crate) fn socket(profile: &Profile, error: Error) -> Self {
        Self::from_table(SOCKETS, profile, error)
    }

    /// An error of sending. Sending on a socket that is not connected is `EPIPE` (MicroPython's unix
    /// port and `modsocket`, and MaixPy).
    pub(crate) fn send(profile: &Profile, error: Error) -> Self {
        match error.kind() {
            ErrorKind::NotConnected => Self {
                message: error.message(),
                ..Self::socket(profile, Error::new(ErrorKind::BrokenPipe))
            },
            _ => Self::socket(profile, error),
        }
    }

    /// An error of `getaddrinfo`.
    pub(crate) fn lookup(profile: &Profile, error: Error) -> Self {
        Self::from_table(LOOKUPS, profile, error)
    }

    /// Something asked for that does not exist here: `EOPNOTSUPP`, and a message that says what.
    pub(crate) fn unsupported(profile: &Profile, message: &'static str) -> Self {
        Self {
            message,
            ..Self::socket(profile, Error::new(ErrorKind::NotSupported))
        }
    }

    /// An argument that cannot be right: `EINVAL`, which has the same number everywhere.
    pub(crate) const fn invalid(message: &'static str) -> Self {
        Self {
            errno: crate::errno::linux::EINVAL,
            kind: ErrorKind::InvalidInput,
            message,
        }
    }

    /// An argument of `getaddrinfo` that cannot be right.
    pub(crate) fn lookup_argument(profile: &Profile, message: &'static str) -> Self {
        Self {
            message,
            ..Self::lookup(profile, Error::new(ErrorKind::InvalidInput))
        }
    }

    fn from_table(table: &'static [Row], profile: &Profile, error: Error) -> Self {
        let message = error.message();
        match row(table, error.kind()) {
            Some(row) => Self {
                errno: row.number(profile.numbering),
                kind: row.kind,
                message,
            },
            // The tables have a row for `Other`.
            None => Self::invalid(message),
        }
    }
}

impl fmt::Display for OSError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "[Errno {}] {}: {}",
            self.errno,
            self.name(),
            self.message
        )
    }
}

impl core::error::Error for OSError {}
