//! The one exception of the socket interface.
//!
//! ```
//! use nal_socket::Network;
//! use usocket_api::{ErrorKind, USocket, MAIXPY};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let sock = USocket::new(&network, MAIXPY).socket();
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

use crate::errno::{self, LOOKUPS, Row, SOCKETS, row};
use crate::profile::Profile;

/// An error as a script would see it: a number, in the profile's numbering.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct OSError {
    errno: i32,
    row: &'static Row,
    message: &'static str,
}

impl OSError {
    /// An error of your own, for functions that fail as sockets do: Python's `OSError(errno.EIO)`.
    ///
    /// ```
    /// use usocket_api::{ErrorKind, MAIXPY, OSError};
    ///
    /// let error = OSError::new(&MAIXPY, ErrorKind::ConnectionAborted, "the broker hung up");
    /// assert_eq!(error.to_string(), "[Errno 113] ECONNABORTED: the broker hung up");
    /// ```
    #[must_use]
    pub fn new(profile: &Profile, kind: ErrorKind, message: &'static str) -> Self {
        Self::kind_with(profile, kind, message)
    }

    /// The number, Python's `e.errno` and `e.args[0]`. Negative from `getaddrinfo`.
    #[must_use]
    pub const fn errno(&self) -> i32 {
        self.errno
    }

    /// The number's name, such as `"ETIMEDOUT"`; the same in every profile. Errors of `getaddrinfo`
    /// have names that start with `EAI_`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.row.name
    }

    /// What went wrong, independent of numbers.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.row.kind
    }

    /// What went wrong and what to do about it, as a sentence.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// An error of an operation on a socket.
    pub(crate) fn socket(profile: &Profile, error: Error) -> Self {
        Self::of(row(SOCKETS, error.kind()), profile, error.message())
    }

    /// The same for a kind without further words.
    pub(crate) fn kind_of(profile: &Profile, kind: ErrorKind) -> Self {
        Self::socket(profile, Error::new(kind))
    }

    /// Sending on a socket that is not connected: `EPIPE` (MicroPython's unix port and `modsocket`, and
    /// MaixPy), with the words of `error`.
    pub(crate) fn unsent(profile: &Profile, error: Error) -> Self {
        Self::kind_with(profile, ErrorKind::BrokenPipe, error.message())
    }

    /// An error of `getaddrinfo`.
    pub(crate) fn lookup(profile: &Profile, error: Error) -> Self {
        Self::of(row(LOOKUPS, error.kind()), profile, error.message())
    }

    /// The same for a kind with words of our own.
    pub(crate) fn kind_with(profile: &Profile, kind: ErrorKind, message: &'static str) -> Self {
        Self::of(row(SOCKETS, kind), profile, message)
    }

    /// Something asked for that does not exist here: `EOPNOTSUPP`, and a message that says what.
    pub(crate) fn unsupported(profile: &Profile, message: &'static str) -> Self {
        Self::kind_with(profile, ErrorKind::NotSupported, message)
    }

    /// An argument that cannot be right: `EINVAL`, which has the same number everywhere.
    pub(crate) const fn invalid(message: &'static str) -> Self {
        Self {
            errno: errno::linux::EINVAL,
            row: &errno::INVALID,
            message,
        }
    }

    /// An argument of `getaddrinfo` that cannot be right.
    pub(crate) fn lookup_argument(profile: &Profile, message: &'static str) -> Self {
        Self::of(row(LOOKUPS, ErrorKind::InvalidInput), profile, message)
    }

    /// An error that has a name of its own within its kind.
    pub(crate) const fn of(row: &'static Row, profile: &Profile, message: &'static str) -> Self {
        Self {
            errno: row.number(profile.numbering),
            row,
            message,
        }
    }
}

impl fmt::Debug for OSError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OSError")
            .field("errno", &self.errno)
            .field("name", &self.name())
            .field("message", &self.message)
            .finish()
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for OSError {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(
            f,
            "[Errno {}] {}: {}",
            self.errno,
            self.name(),
            self.message
        );
    }
}

impl embedded_io::Error for OSError {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::Error::kind(&Error::new(self.row.kind))
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
