//! Where a network looks names up.
//!
//! In this order: numeric addresses are read here; a [`HostTable`] answers for the names it lists
//! ([`with_hosts`](Network::with_hosts)); the rest goes to one resolver: the stack's `Dns`
//! ([`Network::new`]), a function ([`with_resolver`](Network::with_resolver)), or with the feature `dns` a
//! client over the network's datagrams (`with_dns_client`). Without any of them a name is
//! [`ErrorKind::NoResolver`].
//!
//! ```
//! use embedded_nal::nb;
//! use nal_socket::{ErrorKind, Hints, Network};
//!
//! let network = Network::without_dns(std_embedded_nal::Stack, || 0_u64).with_resolver(
//!     |_stack, host, _family| match host {
//!         "modem" => Ok([192, 168, 4, 1].into()),
//!         _ => Err(nb::Error::Other(ErrorKind::NameNotFound)),
//!     },
//! );
//! let modem = network.getaddrinfo("modem", "telnet", Hints::stream())?.first();
//! assert_eq!(modem.sockaddr, "192.168.4.1:23".parse().unwrap());
//! # Ok::<(), nal_socket::Error>(())
//! ```
//!
//! A resolver is a function, not a type parameter: the type of a network, which user structs spell out,
//! stays the same whichever way names are looked up. A function finds its state in the stack it is given.
//! What needs data of its own besides is a plain value in the network: the table and the DNS client, whose
//! code is linked only when it is put in.

use core::net::IpAddr;

use embedded_nal::{AddrType, Dns, TcpClientStack, nb};

use crate::{ErrorKind, HostTable, Network};

/// Looks a host name up. `WouldBlock` means "ask again with the same arguments".
///
/// It is asked for `IPv4` or `IPv6`, never for `Either`; an address of the other family is taken for
/// what it is, unless the caller wants only one family.
pub type Resolver<S> = fn(&mut S, &str, AddrType) -> nb::Result<IpAddr, ErrorKind>;

/// Finds the name of an address and writes it to the start of the slice.
type Reverse<S> = fn(&mut S, IpAddr, &mut [u8]) -> nb::Result<usize, ErrorKind>;

/// What a network knows about names.
pub(crate) struct Names<S> {
    pub(crate) hosts: HostTable<'static>,
    pub(crate) resolver: Option<Resolver<S>>,
    pub(crate) reverse: Option<Reverse<S>>,
    #[cfg(feature = "dns")]
    pub(crate) dns: Option<(crate::DnsClient, crate::dns_client::Step)>,
}

impl<S> Names<S> {
    pub(crate) const fn none() -> Self {
        Self {
            hosts: HostTable::new(&[]),
            resolver: None,
            reverse: None,
            #[cfg(feature = "dns")]
            dns: None,
        }
    }

    /// Whether there is anybody to ask for names that are not in the table.
    pub(crate) const fn can_ask(&self) -> bool {
        #[cfg(feature = "dns")]
        if self.dns.is_some() {
            return true;
        }
        self.resolver.is_some()
    }
}

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Gives the function that resolves names, in place of the stack's `Dns` or where it has none.
    ///
    /// Also the place to say more about a failed lookup than "not found":
    ///
    /// ```
    /// use embedded_nal::Dns;
    /// use nal_socket::{ErrorKind, Network};
    ///
    /// let network = Network::without_dns(std_embedded_nal::Stack, || 0_u64).with_resolver(
    ///     |stack, host, family| {
    ///         stack.get_host_by_name(host, family).map_err(|error| {
    ///             error.map(|io| match io.kind() {
    ///                 std::io::ErrorKind::NetworkDown => ErrorKind::NetworkDown,
    ///                 _ => ErrorKind::NameNotFound,
    ///             })
    ///         })
    ///     },
    /// );
    /// # let _ = network;
    /// ```
    #[must_use]
    pub fn with_resolver(mut self, resolver: Resolver<S>) -> Self {
        self.names.resolver = Some(resolver);
        #[cfg(feature = "dns")]
        {
            self.names.dns = None;
        }
        self
    }

    /// Puts a table of hosts before the resolver, or in place of one.
    ///
    /// A name that is listed is never asked for elsewhere: an address family it is not listed with is
    /// [`ErrorKind::NameNotFound`].
    #[must_use]
    pub const fn with_hosts(mut self, hosts: HostTable<'static>) -> Self {
        self.names.hosts = hosts;
        self
    }

    /// Puts the stack's lookup by address in, for [`host_name`](Self::host_name).
    ///
    /// Apart from [`new`](Self::new), because few stacks have it: that of std-embedded-nal 0.4 always
    /// fails and that of smoltcp-nal 0.7 **panics**.
    #[must_use]
    pub fn with_reverse_dns(mut self) -> Self
    where
        S: Dns,
    {
        self.names.reverse = Some(|stack, address, buf| {
            stack
                .get_host_by_address(address, buf)
                .map_err(|error| error.map(|_| ErrorKind::NameNotFound))
        });
        self
    }
}

/// The stack's own `Dns`. Its error type tells nothing in common, so a failure is "not found".
pub(crate) fn resolve_by_dns<S: Dns>(
    stack: &mut S,
    host: &str,
    family: AddrType,
) -> nb::Result<IpAddr, ErrorKind> {
    stack
        .get_host_by_name(host, family)
        .map_err(|error| error.map(|_| ErrorKind::NameNotFound))
}
