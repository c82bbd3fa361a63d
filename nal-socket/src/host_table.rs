//! Host names that are known beforehand.
//!
//! A table answers for the names it lists, without the stack; other names go to the resolver, if there
//! is one.
//!
//! ```
//! use core::net::IpAddr;
//! use nal_socket::{ErrorKind, Hints, HostTable, Network};
//!
//! const HOSTS: HostTable<'_> = HostTable::new(&[
//!     ("gateway.lan", IpAddr::V4(core::net::Ipv4Addr::new(192, 168, 1, 1))),
//!     ("broker.lan", IpAddr::V4(core::net::Ipv4Addr::new(192, 168, 1, 20))),
//! ]);
//!
//! let network = Network::without_dns(std_embedded_nal::Stack, || 0_u64).with_hosts(HOSTS);
//! let broker = network.getaddrinfo("Broker.lan", "mqtt", Hints::stream())?.first();
//! assert_eq!(broker.sockaddr, "192.168.1.20:1883".parse().unwrap());
//!
//! let unknown = network.getaddrinfo("printer.lan", 9100, Hints::stream()).unwrap_err();
//! assert_eq!(unknown.kind(), ErrorKind::NameNotFound);
//! # Ok::<(), nal_socket::Error>(())
//! ```
//!
//! Limits: it is searched from the start each time. A network keeps a table for as long as the program
//! runs; one that changes belongs into the function of
//! [`with_resolver`](crate::Network::with_resolver).

use core::net::IpAddr;

/// Names and their addresses. The case of ASCII letters and a final dot do not matter.
///
/// A name may be listed more than once: `getaddrinfo` takes its first address of each family,
/// [`host_name`](crate::Network::host_name) the first name of an address.
#[derive(Debug, Clone, Copy, Default)]
pub struct HostTable<'t> {
    entries: &'t [(&'t str, IpAddr)],
}

impl<'t> HostTable<'t> {
    /// A table of these entries.
    #[must_use]
    pub const fn new(entries: &'t [(&'t str, IpAddr)]) -> Self {
        Self { entries }
    }

    /// The addresses listed for a name, in the table's order.
    pub fn addresses<'a>(&self, host: &'a str) -> impl Iterator<Item = IpAddr> + use<'a, 't> {
        let host = without_dot(host);
        self.entries
            .iter()
            .filter(move |(name, _)| without_dot(name).eq_ignore_ascii_case(host))
            .map(|(_, address)| *address)
    }

    /// The first name listed for an address, as it is written in the table.
    #[must_use]
    pub fn name(&self, address: IpAddr) -> Option<&'t str> {
        let mut entries = self.entries.iter();
        let (name, _) = entries.find(|(_, listed)| *listed == address)?;
        Some(name)
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

/// The name without the dot that ends a fully qualified one.
pub(crate) fn without_dot(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}
