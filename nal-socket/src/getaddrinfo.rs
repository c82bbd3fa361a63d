//! From a host and a port to an address to connect to.
//!
//! Numeric addresses are read here without asking the stack; names go to the resolver.
//!
//! ```
//! use nal_socket::{Family, Hints, Network, SocketType};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let found = network.getaddrinfo("127.0.0.1", 80, Hints::default()).unwrap();
//! assert_eq!(found[0].sockaddr, "127.0.0.1:80".parse().unwrap());
//! assert_eq!(found[0].family, Family::Inet);
//! assert_eq!(found[0].socktype, SocketType::Stream);
//! ```
//!
//! Limits: `embedded_nal::Dns` reports one address and no canonical name, so there is one entry; a
//! socket type that is left open is a stream, as on MicroPython's bare-metal ports.

use core::net::{IpAddr, SocketAddr};
use core::ops::Deref;
use core::time::Duration;

use embedded_nal::{AddrType, TcpClientStack};

use crate::error::Fault;
use crate::host::{check_name, parse_numeric};
use crate::wait::Limit;
use crate::{Error, ErrorKind, Network, Platform};

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
        }
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

    /// Type and protocol, one completed from the other.
    const fn transport(&self) -> Result<(SocketType, Protocol), Error> {
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
pub struct AddrInfos {
    // One entry per family at most: that is all that embedded_nal::Dns can tell.
    entries: [AddrInfo; 2],
    count: usize,
}

impl AddrInfos {
    const fn one(entry: AddrInfo) -> Self {
        Self {
            entries: [entry; 2],
            count: 1,
        }
    }

    /// The first entry; there always is one.
    #[must_use]
    pub const fn first(&self) -> AddrInfo {
        let [first, _] = self.entries;
        first
    }
}

impl Deref for AddrInfos {
    type Target = [AddrInfo];

    fn deref(&self) -> &[AddrInfo] {
        self.entries.get(..self.count).unwrap_or(&self.entries)
    }
}

impl IntoIterator for AddrInfos {
    type Item = AddrInfo;
    type IntoIter = core::iter::Take<core::array::IntoIter<AddrInfo, 2>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter().take(self.count)
    }
}

impl<'a> IntoIterator for &'a AddrInfos {
    type Item = &'a AddrInfo;
    type IntoIter = core::slice::Iter<'a, AddrInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<S: TcpClientStack, P: Platform, U> Network<S, P, U> {
    /// Finds the address of `host` (a name or a numeric address), with `port` put in.
    ///
    /// Waits as long as the stack's resolver does. Port 0 is accepted, because an address may also be
    /// looked up for its host alone or to bind to; [`connect`](crate::TcpSocket::connect) refuses it.
    /// (`usocket-api`, whose sockets only connect, refuses it here already.)
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidInput`]: the host is empty, longer than 253 bytes, holds a space or a
    ///   control character or is a malformed address; or type and protocol contradict each other.
    /// - [`ErrorKind::NameNotFound`], [`ErrorKind::NoResolver`], or what the resolver reports.
    /// - [`ErrorKind::AddressFamily`]: a numeric address of the family that was not asked for.
    /// - [`ErrorKind::Interrupted`], [`ErrorKind::Busy`].
    pub fn getaddrinfo(&self, host: &str, port: u16, hints: Hints) -> Result<AddrInfos, Error> {
        self.look_up(host, port, hints, Limit::Never)
    }

    /// The same with a deadline; a timeout of zero is [`try_getaddrinfo`](Self::try_getaddrinfo).
    ///
    /// # Errors
    ///
    /// Also [`ErrorKind::TimedOut`]. Calling again with the same arguments resumes the lookup, if the
    /// stack can.
    pub fn getaddrinfo_timeout(
        &self,
        host: &str,
        port: u16,
        hints: Hints,
        timeout: Duration,
    ) -> Result<AddrInfos, Error> {
        self.look_up(host, port, hints, Some(timeout).into())
    }

    /// The same without waiting: asks the stack once, unless the host is numeric.
    ///
    /// # Errors
    ///
    /// Also [`ErrorKind::WouldBlock`] while the lookup runs. Call again with the same arguments.
    pub fn try_getaddrinfo(&self, host: &str, port: u16, hints: Hints) -> Result<AddrInfos, Error> {
        self.look_up(host, port, hints, Limit::Now)
    }

    fn look_up(
        &self,
        host: &str,
        port: u16,
        hints: Hints,
        limit: Limit,
    ) -> Result<AddrInfos, Error> {
        let (socktype, protocol) = hints.transport()?;
        let sockaddr = match parse_numeric(host, port) {
            Some(address) => {
                if hints
                    .family
                    .is_some_and(|want| want != Family::of(&address))
                {
                    return Err(Error::new(ErrorKind::AddressFamily));
                }
                address
            }
            None => {
                check_name(host)?;
                if hints.numeric_host {
                    return Err(Error::new(ErrorKind::NameNotFound));
                }
                SocketAddr::new(self.resolve(host, hints.family, limit)?, port)
            }
        };
        Ok(AddrInfos::one(AddrInfo {
            family: Family::of(&sockaddr),
            socktype,
            protocol,
            sockaddr,
        }))
    }

    fn resolve(&self, host: &str, family: Option<Family>, limit: Limit) -> Result<IpAddr, Error> {
        let resolver = self
            .capabilities
            .resolver
            .ok_or(Error::new(ErrorKind::NoResolver))?;
        let address = self.wait(limit, |stack, _| {
            let kind = match family {
                None => AddrType::Either,
                Some(Family::Inet) => AddrType::IPv4,
                Some(Family::Inet6) => AddrType::IPv6,
            };
            resolver(stack, host, kind).map_err(|error| error.map(Error::new))
        })?;
        // A resolver that does not look at the family it was asked for.
        let fits = match family {
            None => true,
            Some(Family::Inet) => address.is_ipv4(),
            Some(Family::Inet6) => address.is_ipv6(),
        };
        if fits {
            Ok(address)
        } else {
            Err(Error::new(ErrorKind::NameNotFound))
        }
    }
}
