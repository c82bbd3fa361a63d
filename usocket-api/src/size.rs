//! The argument of `recv`, `read` and `readline`: how many bytes.
//!
//! ```
//! # use nal_socket::Network;
//! # use usocket_api::{OPENMV, USocket};
//! # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! # let sock = USocket::new(&network, OPENMV).socket();
//! assert_eq!(sock.recv(-1).unwrap_err().name(), "ENOMEM");
//! ```
//!
//! Limits: numbers beyond what the machine can address count as the largest that it can.

/// A number of bytes, or `None`. Negative numbers mean what they do in MicroPython: -1 is `None` where
/// there is such a thing as "all", and any other is more memory than there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(Given);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    All,
    Bytes(usize),
    Negative,
}

impl Size {
    /// All there is.
    pub const ALL: Self = Self(Given::All);

    /// For `recv`, which has no "all". `None` for what MicroPython has no memory for.
    pub(crate) const fn bytes(self) -> Option<usize> {
        match self.0 {
            Given::Bytes(count) => Some(count),
            Given::All | Given::Negative => None,
        }
    }

    /// For `read` and `readline`: the largest number for "all". `None` as for [`bytes`](Self::bytes).
    pub(crate) const fn bytes_or_all(self) -> Option<usize> {
        match self.0 {
            Given::All => Some(usize::MAX),
            Given::Bytes(count) => Some(count),
            Given::Negative => None,
        }
    }
}

impl From<usize> for Size {
    fn from(count: usize) -> Self {
        Self(Given::Bytes(count))
    }
}

impl From<u32> for Size {
    fn from(count: u32) -> Self {
        Self(Given::Bytes(usize::try_from(count).unwrap_or(usize::MAX)))
    }
}

impl From<u16> for Size {
    fn from(count: u16) -> Self {
        Self(Given::Bytes(count.into()))
    }
}

impl From<u8> for Size {
    fn from(count: u8) -> Self {
        Self(Given::Bytes(count.into()))
    }
}

impl From<i64> for Size {
    fn from(count: i64) -> Self {
        Self(match count {
            -1 => Given::All,
            ..0 => Given::Negative,
            _ => Given::Bytes(usize::try_from(count).unwrap_or(usize::MAX)),
        })
    }
}

impl From<i32> for Size {
    fn from(count: i32) -> Self {
        i64::from(count).into()
    }
}

impl From<Option<usize>> for Size {
    fn from(count: Option<usize>) -> Self {
        count.map_or(Self::ALL, Self::from)
    }
}
