//! Socket addresses: the opaque one of `getaddrinfo`, and the tuples and lists that stand for it.
//!
//! ```
//! use usocket_api::{IntoSockAddr, SockAddr};
//!
//! let address = ("192.168.0.183", 3456).into_sock_addr()?;
//! assert_eq!(address.to_string(), "192.168.0.183:3456");
//!
//! // IPv6: host, port, flowinfo (must be 0), scopeid.
//! let address = ("fe80::1", 80, 0, 3).into_sock_addr()?;
//! assert_eq!(address.to_string(), "[fe80::1%3]:80");
//!
//! // A list, as OpenMV's examples write it.
//! let address = ["192.168.0.183".into(), 3456.into()].into_sock_addr()?;
//! assert_eq!(address.port(), 3456);
//!
//! // Any address of this board, and port 0 for a free one: both for bind.
//! assert_eq!(("", 0).into_sock_addr()?.to_string(), "0.0.0.0:0");
//!
//! // Names are for getaddrinfo, and a port has 16 bits.
//! assert!(("example.org", 80).into_sock_addr().is_err());
//! assert!(("192.168.0.183", 70_000).into_sock_addr().is_err());
//! # Ok::<(), usocket_api::OSError>(())
//! ```
//!
//! Limits: MicroPython's ports take two items only; the four of IPv6 are what their documents describe.

use core::fmt;
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV6};

use nal_socket::parse_numeric;

use crate::os_error::OSError;

/// An address to bind, connect or send to, as `getaddrinfo` returns it. (In Python an opaque value.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SockAddr(SocketAddr);

impl SockAddr {
    /// The numeric host. For the empty host of a tuple, 0.0.0.0.
    #[must_use]
    pub const fn host(&self) -> IpAddr {
        self.0.ip()
    }

    /// The port. 0 is for `bind` only, where it means a free one.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.0.port()
    }
}

impl From<SocketAddr> for SockAddr {
    fn from(address: SocketAddr) -> Self {
        Self(address)
    }
}

impl From<SockAddr> for SocketAddr {
    fn from(address: SockAddr) -> Self {
        address.0
    }
}

impl fmt::Display for SockAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Everything that is accepted as an address.
pub trait IntoSockAddr {
    /// Reads the address.
    ///
    /// # Errors
    ///
    /// `EINVAL`: the host is not a numeric address, the port is not 0 to 65535, flowinfo is not 0, or
    /// the list has the wrong length or order.
    fn into_sock_addr(self) -> Result<SockAddr, OSError>;
}

impl IntoSockAddr for SockAddr {
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        Ok(self)
    }
}

impl IntoSockAddr for &SockAddr {
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        Ok(*self)
    }
}

impl IntoSockAddr for SocketAddr {
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        Ok(SockAddr(self))
    }
}

/// `(host, port)`.
impl<H: AsRef<str>, P: Into<i64>> IntoSockAddr for (H, P) {
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        two(self.0.as_ref(), self.1.into())
    }
}

/// `(host, port, flowinfo, scopeid)`.
impl<H, P, F, S> IntoSockAddr for (H, P, F, S)
where
    H: AsRef<str>,
    P: Into<i64>,
    F: Into<i64>,
    S: Into<i64>,
{
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        four(self.0.as_ref(), self.1.into(), self.2.into(), self.3.into())
    }
}

/// One item of an address given as a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddrItem<'a> {
    /// The host.
    Text(&'a str),
    /// The port, flowinfo or scopeid.
    Number(i64),
}

impl<'a> From<&'a str> for AddrItem<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl From<i32> for AddrItem<'_> {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for AddrItem<'_> {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl IntoSockAddr for &[AddrItem<'_>] {
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        match *self {
            [AddrItem::Text(host), AddrItem::Number(port)] => two(host, port),
            [
                AddrItem::Text(host),
                AddrItem::Number(port),
                AddrItem::Number(flowinfo),
                AddrItem::Number(scope),
            ] => four(host, port, flowinfo, scope),
            _ => Err(OSError::invalid(
                "an address is (host, port), or for IPv6 (host, port, flowinfo, scopeid)",
            )),
        }
    }
}

impl<const N: usize> IntoSockAddr for [AddrItem<'_>; N] {
    fn into_sock_addr(self) -> Result<SockAddr, OSError> {
        self.as_slice().into_sock_addr()
    }
}

/// Checks a port.
pub(crate) fn port(port: i64) -> Result<u16, OSError> {
    match u16::try_from(port) {
        Ok(port) => Ok(port),
        Err(_) => Err(OSError::invalid(
            "a port is a number from 1 to 65535, or for bind 0, which is a free one",
        )),
    }
}

fn two(host: &str, number: i64) -> Result<SockAddr, OSError> {
    let port = port(number)?;
    if host.is_empty() {
        return Ok(SockAddr((Ipv4Addr::UNSPECIFIED, port).into()));
    }
    parse_numeric(host, port)
        .map(SockAddr)
        .ok_or(OSError::invalid(
            "the host of a tuple address must be numeric; resolve names with getaddrinfo",
        ))
}

fn four(host: &str, number: i64, flowinfo: i64, scope: i64) -> Result<SockAddr, OSError> {
    let port = port(number)?;
    let host: Ipv6Addr = host.parse().map_err(|_| {
        OSError::invalid(
            "the host of a four-item address must be a numeric IPv6 address; resolve names with getaddrinfo",
        )
    })?;
    if flowinfo != 0 {
        return Err(OSError::invalid("flowinfo must be 0"));
    }
    let scope = u32::try_from(scope)
        .map_err(|_| OSError::invalid("scopeid is the number of an interface, 0 or more"))?;
    Ok(SockAddr(SocketAddrV6::new(host, port, 0, scope).into()))
}
