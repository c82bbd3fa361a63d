//! From a host and a port to an address to connect to.
//!
//! Numeric addresses are read here without asking the stack; names go to the table of hosts and to the
//! resolver. The port is a number, or text with a number or the [name of a service](crate::service).
//!
//! ```
//! use nal_socket::{Family, Hints, Network, SocketType};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let found = network.getaddrinfo("127.0.0.1", 80, Hints::default())?;
//! assert_eq!(found[0].sockaddr, "127.0.0.1:80".parse().unwrap());
//! assert_eq!(found[0].family, Family::Inet);
//! assert_eq!(found[0].socktype, SocketType::Stream);
//!
//! // One entry for each address family that the host has, IPv4 first.
//! for entry in network.getaddrinfo("localhost", "https", Hints::stream())? {
//!     assert!(entry.sockaddr.ip().is_loopback());
//!     assert_eq!(entry.sockaddr.port(), 443);
//! }
//! # Ok::<(), nal_socket::Error>(())
//! ```
//!
//! Limits: `embedded_nal::Dns` reports one address a question, so there are at most two entries, and it
//! does not tell what an alias stands for. A socket type that is left open is a stream, as on
//! MicroPython's bare-metal ports.

use core::net::SocketAddr;
use core::ops::Deref;
use core::time::Duration;

use embedded_nal::TcpClientStack;

#[cfg(doc)]
use crate::ErrorKind;
use crate::error::Fault;
use crate::{Datagrams, Error, Lookup, Network, Platform, ToPort};

/// An address family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// IPv4.
    Inet,
    /// IPv6.
    Inet6,
}

impl Family {
    /// The family of an address.
    #[must_use]
    pub const fn of(address: &SocketAddr) -> Self {
        match address {
            SocketAddr::V4(_) => Self::Inet,
            SocketAddr::V6(_) => Self::Inet6,
        }
    }
}

/// A socket type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SocketType {
    /// A byte stream: TCP.
    Stream,
    /// Datagrams: UDP.
    Datagram,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// TCP, for [`SocketType::Stream`].
    Tcp,
    /// UDP, for [`SocketType::Datagram`].
    Udp,
}

/// What to look for. `None` means any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Hints {
    /// Only this address family.
    pub family: Option<Family>,
    /// Only this socket type.
    pub socktype: Option<SocketType>,
    /// Only this protocol.
    pub protocol: Option<Protocol>,
    /// Only a numeric address; a name is [`ErrorKind::NameNotFound`] and the stack is not asked
    /// (`AI_NUMERICHOST`).
    pub numeric_host: bool,
    /// Only a port number; the name of a service is [`ErrorKind::InvalidInput`] (`AI_NUMERICSERV`).
    pub numeric_service: bool,
    /// Also the host's name, [`AddrInfos::canonical_name`] (`AI_CANONNAME`).
    pub canonical_name: bool,
}

impl Hints {
    /// Addresses for a TCP connection.
    #[must_use]
    pub const fn stream() -> Self {
        Self {
            family: None,
            socktype: Some(SocketType::Stream),
            protocol: None,
            numeric_host: false,
            numeric_service: false,
            canonical_name: false,
        }
    }

    /// Addresses for UDP.
    #[must_use]
    pub const fn datagram() -> Self {
        Self::stream().socktype(SocketType::Datagram)
    }

    /// Restricts the address family.
    #[must_use]
    pub const fn family(mut self, family: Family) -> Self {
        self.family = Some(family);
        self
    }

    /// Restricts the socket type.
    #[must_use]
    pub const fn socktype(mut self, socktype: SocketType) -> Self {
        self.socktype = Some(socktype);
        self
    }

    /// Restricts the protocol.
    #[must_use]
    pub const fn protocol(mut self, protocol: Protocol) -> Self {
        self.protocol = Some(protocol);
        self
    }

    /// Restricts to numeric addresses.
    #[must_use]
    pub const fn numeric_host(mut self) -> Self {
        self.numeric_host = true;
        self
    }

    /// Restricts to port numbers.
    #[must_use]
    pub const fn numeric_service(mut self) -> Self {
        self.numeric_service = true;
        self
    }

    /// Asks for the host's name.
    #[must_use]
    pub const fn canonical_name(mut self) -> Self {
        self.canonical_name = true;
        self
    }

    /// Type and protocol, one completed from the other.
    pub(crate) const fn transport(&self) -> Result<(SocketType, Protocol), Error> {
        match (self.socktype, self.protocol) {
            (None | Some(SocketType::Stream), None | Some(Protocol::Tcp)) => {
                Ok((SocketType::Stream, Protocol::Tcp))
            }
            (None | Some(SocketType::Datagram), Some(Protocol::Udp))
            | (Some(SocketType::Datagram), None) => Ok((SocketType::Datagram, Protocol::Udp)),
            (Some(SocketType::Stream), Some(Protocol::Udp))
            | (Some(SocketType::Datagram), Some(Protocol::Tcp)) => {
                Err(Error::invalid(Fault::TypeAndProtocol))
            }
        }
    }
}

/// One way to reach the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddrInfo {
    /// The family of `sockaddr`.
    pub family: Family,
    /// The socket type this entry is for.
    pub socktype: SocketType,
    /// The protocol that goes with it.
    pub protocol: Protocol,
    /// Where to connect to.
    pub sockaddr: SocketAddr,
}

/// The answer of `getaddrinfo`: a slice of at least one [`AddrInfo`], without a heap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddrInfos<'h> {
    // One entry per family at most: that is all that embedded_nal::Dns can tell.
    entries: [AddrInfo; 2],
    count: usize,
    canonical_name: Option<&'h str>,
}

impl<'h> AddrInfos<'h> {
    /// The first entry; there always is one.
    #[must_use]
    pub const fn first(&self) -> AddrInfo {
        let [first, _] = self.entries;
        first
    }

    /// The host's name, if the hints asked for it.
    ///
    /// No resolver here tells what an alias stands for, and POSIX has the host as it was given in that
    /// case: a name (here without a final dot) or the text of a numeric address.
    #[must_use]
    pub const fn canonical_name(&self) -> Option<&'h str> {
        self.canonical_name
    }
}

impl Deref for AddrInfos<'_> {
    type Target = [AddrInfo];

    fn deref(&self) -> &[AddrInfo] {
        self.entries.get(..self.count).unwrap_or(&self.entries)
    }
}

impl IntoIterator for AddrInfos<'_> {
    type Item = AddrInfo;
    type IntoIter = core::iter::Take<core::array::IntoIter<AddrInfo, 2>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter().take(self.count)
    }
}

impl<'a> IntoIterator for &'a AddrInfos<'_> {
    type Item = &'a AddrInfo;
    type IntoIter = core::slice::Iter<'a, AddrInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// An answer in the making.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'h> {
    pub(crate) socktype: SocketType,
    pub(crate) protocol: Protocol,
    pub(crate) canonical_name: Option<&'h str>,
    pub(crate) ipv4: Option<SocketAddr>,
    pub(crate) ipv6: Option<SocketAddr>,
}

impl<'h> Found<'h> {
    /// Keeps the first address of each family. A stack may answer one family's question with an address
    /// of the other, so it is taken for what it is.
    pub(crate) fn put(&mut self, address: SocketAddr) {
        match Family::of(&address) {
            Family::Inet => self.ipv4.get_or_insert(address),
            Family::Inet6 => self.ipv6.get_or_insert(address),
        };
    }

    /// The answer, if there is one.
    pub(crate) fn entries(&self) -> Option<AddrInfos<'h>> {
        let first = self.ipv4.or(self.ipv6)?;
        let entry = |sockaddr| AddrInfo {
            family: Family::of(&sockaddr),
            socktype: self.socktype,
            protocol: self.protocol,
            sockaddr,
        };
        let (second, count) = match (self.ipv4, self.ipv6) {
            (Some(_), Some(second)) => (second, 2),
            _ => (first, 1),
        };
        Some(AddrInfos {
            entries: [entry(first), entry(second)],
            count,
            canonical_name: self.canonical_name,
        })
    }
}

impl<S: TcpClientStack, P: Platform, U: Datagrams<S>> Network<S, P, U> {
    /// Finds the addresses of `host` (a name or a numeric address), with `port` put in.
    ///
    /// Waits as long as the resolver does. Port 0 is accepted, because an address may also be looked up
    /// for its host alone or to bind to; [`connect`](crate::TcpSocket::connect) refuses it.
    /// (`usocket-api`, whose sockets only connect, refuses it here already.)
    ///
    /// # Errors
    ///
    /// - Those of [`Lookup::new`] for arguments.
    /// - [`ErrorKind::NameNotFound`], [`ErrorKind::NoResolver`], or what the resolver reports.
    /// - [`ErrorKind::Interrupted`], [`ErrorKind::Busy`].
    pub fn getaddrinfo<'h>(
        &self,
        host: &'h str,
        port: impl ToPort,
        hints: Hints,
    ) -> Result<AddrInfos<'h>, Error> {
        Lookup::new(self, host, port, hints)?.wait(None)
    }

    /// The same with a deadline. When it passes and one family has been found, that is the answer. A
    /// timeout of zero is one look at the stack.
    ///
    /// # Errors
    ///
    /// Also [`ErrorKind::TimedOut`], or with a timeout of zero [`ErrorKind::WouldBlock`]. A
    /// [`Lookup`] can be resumed after that.
    pub fn getaddrinfo_timeout<'h>(
        &self,
        host: &'h str,
        port: impl ToPort,
        hints: Hints,
        timeout: Duration,
    ) -> Result<AddrInfos<'h>, Error> {
        Lookup::new(self, host, port, hints)?.wait(Some(timeout))
    }
}
