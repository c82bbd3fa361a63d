//! A lookup in steps, for programs that must not wait.
//!
//! [`getaddrinfo`](crate::Network::getaddrinfo) is a [`Lookup`] and a wait. Keep the `Lookup` to go on where it
//! was:
//!
//! ```
//! use nal_socket::{ErrorKind, Hints, Lookup, Network};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut lookup = Lookup::new(&network, "localhost", "http", Hints::stream())?;
//! let found = loop {
//!     match lookup.poll() {
//!         Err(error) if error.kind() == ErrorKind::WouldBlock => { /* something else meanwhile */ }
//!         finished => break finished?,
//!     }
//! };
//! assert_eq!(found.first().sockaddr, "127.0.0.1:80".parse().unwrap());
//! # Ok::<(), nal_socket::Error>(())
//! ```
//!
//! Without a family in the hints both are asked for, IPv4 first and IPv6 when that has been answered: a
//! stack may have room for one question at a time. What goes wrong with one does not matter if the other
//! has an address.
//!
//! Limits: one address per family. A stack that can only do so waits in its `Dns` function.

use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use embedded_nal::{AddrType, nb};

use crate::error::Fault;
use crate::getaddrinfo::{AddrInfos, Family, Found, Hints};
use crate::host::{check_name, parse_numeric};
use crate::host_table::without_dot;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, Platform, ToPort};
#[cfg(feature = "dns")]
use crate::{UdpSocket, dns_client::Query};

/// A running or finished lookup of one host. Made by [`new`](Self::new), driven by
/// [`poll`](Self::poll) or [`wait`](Self::wait).
pub struct Lookup<'h, N: NetworkRef> {
    network: N,
    host: &'h str,
    port: u16,
    family: Option<Family>,
    /// The question that is being asked; `None` when there is nothing left to ask.
    asking: Option<Family>,
    found: Found<'h>,
    /// The error to report if nothing is found.
    failure: Option<Error>,
    #[cfg(feature = "dns")]
    query: Query,
    /// For the DNS client, which closes it by dropping it.
    #[cfg(feature = "dns")]
    udp: UdpSocket<N, 1>,
}

impl<'h, N: NetworkRef> Lookup<'h, N> {
    /// Checks the arguments, and finds numeric addresses and hosts of the network's table. Does not
    /// touch the stack.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::InvalidInput`]: the host is empty, longer than 253 bytes, holds a space or a
    ///   control character or is a malformed address; the port is not 0 to 65535 or a name that is not
    ///   known; or type and protocol contradict each other.
    /// - [`ErrorKind::AddressFamily`]: a numeric address of the family that was not asked for.
    /// - [`ErrorKind::NameNotFound`]: a name where only a numeric address was wanted, one that the
    ///   network's table lists with addresses of the other family only, or one that is not in the table
    ///   of a network without a resolver.
    /// - [`ErrorKind::NoResolver`].
    pub fn new(network: N, host: &'h str, port: impl ToPort, hints: Hints) -> Result<Self, Error> {
        if hints.numeric_service && !port.is_numeric() {
            return Err(Error::invalid(Fault::ServiceNotNumeric));
        }
        Self::with_port(network, host, port.to_port()?, hints)
    }

    // Apart from `new`, so that there is one of it for all kinds of ports.
    fn with_port(network: N, host: &'h str, port: u16, hints: Hints) -> Result<Self, Error> {
        let (socktype, protocol) = hints.transport()?;
        let mut lookup = Self {
            #[cfg(feature = "dns")]
            query: Query::new(),
            #[cfg(feature = "dns")]
            udp: UdpSocket::sized(network.clone()),
            network,
            host,
            port,
            family: hints.family,
            asking: None,
            found: Found {
                socktype,
                protocol,
                canonical_name: hints.canonical_name.then(|| without_dot(host)),
                ipv4: None,
                ipv6: None,
            },
            failure: None,
        };
        if let Some(address) = parse_numeric(host, port) {
            if !lookup.wants(&address) {
                return Err(Error::new(ErrorKind::AddressFamily));
            }
            lookup.found.put(address);
            return Ok(lookup);
        }
        check_name(host)?;
        if hints.numeric_host {
            return Err(Error::new(ErrorKind::NameNotFound));
        }
        if !lookup.find_in_table()? {
            // IPv4 first: not every IPv6 address that a name has can be reached from here.
            lookup.asking = Some(hints.family.unwrap_or(Family::Inet));
        }
        Ok(lookup)
    }

    /// Whether the network's table lists the name.
    fn find_in_table(&mut self) -> Result<bool, Error> {
        let network = self.network.clone();
        let names = &network.network().names;
        let mut listed = false;
        for address in names.hosts.addresses(self.host) {
            listed = true;
            self.take(SocketAddr::new(address, self.port));
        }
        if !names.can_ask() && names.hosts.is_empty() {
            return Err(Error::new(ErrorKind::NoResolver));
        }
        let answered = listed || !names.can_ask();
        if answered && self.so_far().is_none() {
            return Err(Error::new(ErrorKind::NameNotFound));
        }
        Ok(answered)
    }

    fn wants(&self, address: &SocketAddr) -> bool {
        self.family.is_none_or(|want| want == Family::of(address))
    }

    /// Goes as far as it can without waiting: asks the stack once for each question that is open. When
    /// the lookup has ended, gives the same answer or error again without asking.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::WouldBlock`]: not yet.
    /// - [`ErrorKind::Busy`], [`ErrorKind::Interrupted`]: not now; the lookup can go on.
    /// - [`ErrorKind::NameNotFound`], or what the resolver reports. If it fails differently for the two
    ///   families, the error is that which tells more.
    pub fn poll(&mut self) -> Result<AddrInfos<'h>, Error> {
        while let Some(family) = self.asking {
            match self.ask(family) {
                Ok(address) => self.take(SocketAddr::new(address, self.port)),
                Err(nb::Error::WouldBlock) => return Err(Error::new(ErrorKind::WouldBlock)),
                Err(nb::Error::Other(error)) => match error.kind() {
                    ErrorKind::WouldBlock | ErrorKind::Busy | ErrorKind::Interrupted => {
                        return Err(error);
                    }
                    _ => self.fail(error),
                },
            }
            self.asking = match (family, self.family) {
                (Family::Inet, None) => Some(Family::Inet6),
                _ => None,
            };
            #[cfg(feature = "dns")]
            if self.asking.is_none() {
                self.udp = UdpSocket::sized(self.network.clone());
            }
        }
        self.found
            .entries()
            .ok_or(self.failure.unwrap_or(Error::new(ErrorKind::NameNotFound)))
    }

    /// Polls until the lookup has ended, for at most `timeout` (`None`: as long as the resolver takes;
    /// zero: one look). When the time is up and one family has been found, that is the answer.
    ///
    /// # Errors
    ///
    /// Those of [`poll`](Self::poll) but `WouldBlock`, which only a timeout of zero gives, and
    /// [`ErrorKind::TimedOut`]. After that, and after [`ErrorKind::Interrupted`] and
    /// [`ErrorKind::Busy`], the lookup can go on.
    pub fn wait(&mut self, timeout: Option<Duration>) -> Result<AddrInfos<'h>, Error> {
        let limit = Limit::from(timeout);
        let network = self.network.clone();
        let network = network.network();
        let mut deadline = None;
        if let Limit::After(micros) = limit
            && self.asking.is_some()
        {
            deadline = Some(network.platform.now().saturating_add(micros));
        }
        loop {
            match self.poll() {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                ended => return ended,
            }
            if limit == Limit::Now {
                let not_yet = Error::new(ErrorKind::WouldBlock);
                return self.so_far().ok_or(not_yet);
            }
            if let Some(deadline) = deadline
                && network.platform.now() >= deadline
            {
                return self.so_far().ok_or(Error::new(ErrorKind::TimedOut));
            }
            network.idle(self.idle_until(deadline))?;
        }
    }

    /// What has been found until now, in the middle of a lookup that asks for both families.
    pub fn so_far(&self) -> Option<AddrInfos<'h>> {
        self.found.entries()
    }

    /// The DNS client asks again before the deadline, and nothing else would wake it.
    fn idle_until(&self, deadline: Option<u64>) -> Option<u64> {
        #[cfg(feature = "dns")]
        if let Some(wake) = self.query.wake_at() {
            let now = self.network.network().platform.now();
            return Some(
                deadline
                    .map_or(wake, |deadline| wake.min(deadline))
                    .max(now),
            );
        }
        deadline
    }

    /// Asks the resolver once.
    fn ask(&mut self, family: Family) -> nb::Result<IpAddr, Error> {
        let network = self.network.network();
        #[cfg(feature = "dns")]
        if let Some((client, step)) = &network.names.dns {
            let now = network.platform.now();
            self.udp.set_nonblocking(true);
            return step(
                client,
                &mut self.query,
                &mut self.udp,
                now,
                self.host,
                family,
            );
        }
        let resolver = network
            .names
            .resolver
            .ok_or(Error::new(ErrorKind::NoResolver))?;
        let family = match family {
            Family::Inet => AddrType::IPv4,
            Family::Inet6 => AddrType::IPv6,
        };
        network.once(|stack, _| {
            resolver(stack, self.host, family).map_err(|error| error.map(Error::new))
        })
    }

    /// Some stacks do not look at the family they are asked for.
    fn take(&mut self, address: SocketAddr) {
        if self.wants(&address) {
            self.found.put(address);
        } else {
            self.fail(Error::new(ErrorKind::NameNotFound));
        }
    }

    /// Keeps the error that tells more; of two that tell as much, the first.
    fn fail(&mut self, error: Error) {
        let tells = |error: Error| match error.kind() {
            // This family is not spoken here: nothing about the name.
            ErrorKind::NotSupported | ErrorKind::AddressFamily => 0,
            ErrorKind::NameNotFound => 1,
            _ => 2,
        };
        if self.failure.is_none_or(|first| tells(error) > tells(first)) {
            self.failure = Some(error);
        }
    }
}

impl<N: NetworkRef> fmt::Debug for Lookup<'_, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lookup")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("asking", &self.asking)
            .field("found", &self.so_far().as_deref())
            .finish_non_exhaustive()
    }
}
