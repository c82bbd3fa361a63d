//! What a rule has seen.

use core::fmt;
use core::net::SocketAddr;

use crate::{Error, ErrorKind, Events};

/// How a rule went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Outcome {
    /// The promise was kept.
    Kept,
    /// It was not.
    Differs(Difference),
    /// It could not be tried.
    NotTried(Reason),
}

/// What should have been, and what was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// What the sockets promise here; continues "expected ..".
    pub expected: &'static str,
    /// What there was instead.
    pub found: Found,
}

/// What there was instead of what was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// The operation succeeded, with nothing to tell.
    Success,
    /// This number, of bytes mostly.
    Count(u64),
    /// The operation failed.
    Error(ErrorKind),
    /// It took so many microseconds.
    Micros(u64),
    /// A byte that does not belong where it is.
    Byte {
        /// How many bytes were before it.
        at: u64,
        /// The byte.
        byte: u8,
    },
    /// A yes or a no.
    Answer(bool),
    /// What poll reports.
    Events(Events),
    /// An address.
    Address(SocketAddr),
    /// Something else.
    Text(&'static str),
}

/// Why a rule was not tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// The peer was described without this.
    PeerLacks(&'static str),
    /// The stack, as the network was built, does not have this.
    StackLacks(&'static str),
}

/// How a rule ends early.
#[derive(Debug, Clone, Copy)]
pub(super) enum Unkept {
    Differs(Difference),
    NotTried(Reason),
}

pub(super) type Verdict = Result<(), Unkept>;

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Ok(()) => Self::Kept,
            Err(Unkept::Differs(difference)) => Self::Differs(difference),
            Err(Unkept::NotTried(reason)) => Self::NotTried(reason),
        }
    }
}

impl From<()> for Found {
    fn from((): ()) -> Self {
        Self::Success
    }
}

impl From<usize> for Found {
    fn from(count: usize) -> Self {
        Self::Count(count as u64)
    }
}

impl From<u64> for Found {
    fn from(count: u64) -> Self {
        Self::Count(count)
    }
}

impl From<bool> for Found {
    fn from(answer: bool) -> Self {
        Self::Answer(answer)
    }
}

impl From<Error> for Found {
    fn from(error: Error) -> Self {
        Self::Error(error.kind())
    }
}

impl From<SocketAddr> for Found {
    fn from(address: SocketAddr) -> Self {
        Self::Address(address)
    }
}

impl From<&'static str> for Found {
    fn from(text: &'static str) -> Self {
        Self::Text(text)
    }
}

impl<T: Into<Self>> From<Result<T, Error>> for Found {
    fn from(result: Result<T, Error>) -> Self {
        match result {
            Ok(value) => value.into(),
            Err(error) => error.into(),
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kept => f.write_str("kept"),
            Self::Differs(difference) => difference.fmt(f),
            Self::NotTried(reason) => write!(f, "not tried: {reason}"),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Success => f.write_str("success"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Error(kind) => write!(f, "the error {kind:?}"),
            Self::Micros(micros) => write!(f, "that it took {micros} microseconds"),
            Self::Byte { at, byte } => write!(f, "the byte {byte:#04x} after {at} others"),
            Self::Answer(true) => f.write_str("yes"),
            Self::Answer(false) => f.write_str("no"),
            Self::Events(events) => write!(f, "{events:?}"),
            Self::Address(address) => address.fmt(f),
            Self::Text(text) => f.write_str(text),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PeerLacks(what) => write!(f, "the peer has no {what}"),
            Self::StackLacks(what) => write!(f, "the stack has no {what}"),
        }
    }
}
