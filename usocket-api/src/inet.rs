//! `inet_pton` and `inet_ntop`: binary and text form of an address.
//!
//! ```
//! # use nal_socket::Network;
//! # use usocket_api::{USocket, MAIXPY};
//! use usocket_api::{AF_INET, AF_INET6};
//! # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! # let usocket = USocket::new(&network, MAIXPY);
//!
//! assert_eq!(usocket.inet_pton(AF_INET, "1.2.3.4")?[..], *b"\x01\x02\x03\x04");
//! assert_eq!(usocket.inet_ntop(AF_INET, b"\x7f\0\0\x01")?.to_string(), "127.0.0.1");
//! assert_eq!(usocket.inet_pton(AF_INET6, "::1")?.len(), 16);
//! # Ok::<(), usocket_api::OSError>(())
//! ```
//!
//! Limits: the buffer of `inet_ntop` has exactly 4 or 16 bytes. (MicroPython's unix port ignores
//! surplus bytes and reads past the end of a buffer that is too short.)

use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use core::ops::Deref;

use nal_socket::{Error, ErrorKind, NetworkRef};

use crate::constants::{AF_INET, AF_INET6, Family};
use crate::os_error::OSError;
use crate::usocket::USocket;

/// A binary address: a slice of 4 or 16 bytes in network order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinAddr {
    /// IPv4.
    V4([u8; 4]),
    /// IPv6.
    V6([u8; 16]),
}

impl Deref for BinAddr {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::V4(bytes) => bytes,
            Self::V6(bytes) => bytes,
        }
    }
}

impl<N: NetworkRef> USocket<N> {
    /// The binary form of a numeric address.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the text is not an address of the family, `EAFNOSUPPORT` for another family.
    pub fn inet_pton(&self, af: impl Into<Family>, txt_addr: &str) -> Result<BinAddr, OSError> {
        let bad = |_| OSError::invalid("the text is not a numeric address of this family");
        match af.into() {
            AF_INET => Ok(BinAddr::V4(
                txt_addr.parse::<Ipv4Addr>().map_err(bad)?.octets(),
            )),
            AF_INET6 => Ok(BinAddr::V6(
                txt_addr.parse::<Ipv6Addr>().map_err(bad)?.octets(),
            )),
            _ => Err(self.unknown_family()),
        }
    }

    /// The text form of a binary address: the result prints as the text.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the buffer has not 4 bytes (IPv4) or 16 (IPv6), `EAFNOSUPPORT` for another family.
    pub fn inet_ntop(&self, af: impl Into<Family>, bin_addr: &[u8]) -> Result<IpAddr, OSError> {
        let bad = |_| OSError::invalid("a binary address has 4 bytes (IPv4) or 16 bytes (IPv6)");
        match af.into() {
            AF_INET => Ok(<[u8; 4]>::try_from(bin_addr).map_err(bad)?.into()),
            AF_INET6 => Ok(<[u8; 16]>::try_from(bin_addr).map_err(bad)?.into()),
            _ => Err(self.unknown_family()),
        }
    }

    pub(crate) fn unknown_family(&self) -> OSError {
        OSError::socket(self.profile(), Error::new(ErrorKind::AddressFamily))
    }
}
