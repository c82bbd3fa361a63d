//! What `getaddrinfo` returns.

use core::ops::Deref;

use crate::constants::{
    AF_INET, AF_INET6, Family, IPPROTO_TCP, IPPROTO_UDP, Protocol, SOCK_DGRAM, SOCK_STREAM,
    SocketType,
};
use crate::sock_addr::SockAddr;

/// One entry: the five items of the tuple, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct AddrInfo {
    /// The address family.
    pub family: Family,
    /// The socket type this entry is for. (`type` is a word of Rust's.)
    pub type_: SocketType,
    /// The protocol.
    pub proto: Protocol,
    /// The canonical name: always empty, as on MicroPython's bare-metal ports.
    pub canonname: &'static str,
    /// The address, for `connect`; Python's `[-1]`.
    pub sockaddr: SockAddr,
}

impl AddrInfo {
    /// The tuple.
    #[must_use]
    pub const fn as_tuple(&self) -> (Family, SocketType, Protocol, &'static str, SockAddr) {
        (
            self.family,
            self.type_,
            self.proto,
            self.canonname,
            self.sockaddr,
        )
    }
}

impl From<nal_socket::AddrInfo> for AddrInfo {
    fn from(found: nal_socket::AddrInfo) -> Self {
        Self {
            family: match found.family {
                nal_socket::Family::Inet => AF_INET,
                nal_socket::Family::Inet6 => AF_INET6,
            },
            type_: match found.socktype {
                nal_socket::SocketType::Stream => SOCK_STREAM,
                nal_socket::SocketType::Datagram => SOCK_DGRAM,
            },
            proto: match found.protocol {
                nal_socket::Protocol::Tcp => IPPROTO_TCP,
                nal_socket::Protocol::Udp => IPPROTO_UDP,
            },
            canonname: "",
            sockaddr: found.sockaddr.into(),
        }
    }
}

/// The list of entries. It has at least one, so `[0]` is always there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddrInfoList {
    // embedded-nal resolves to one address, one per family at most.
    entries: [AddrInfo; 2],
    count: usize,
}

impl AddrInfoList {
    pub(crate) fn new(found: nal_socket::AddrInfos<'_>) -> Self {
        let first = AddrInfo::from(found.first());
        let mut entries = [first; 2];
        let mut count = 0;
        for (entry, info) in entries.iter_mut().zip(found) {
            *entry = info.into();
            count += 1;
        }
        Self { entries, count }
    }
}

impl Deref for AddrInfoList {
    type Target = [AddrInfo];

    fn deref(&self) -> &[AddrInfo] {
        self.entries.get(..self.count).unwrap_or(&self.entries)
    }
}

impl IntoIterator for AddrInfoList {
    type Item = AddrInfo;
    type IntoIter = core::iter::Take<core::array::IntoIter<AddrInfo, 2>>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter().take(self.count)
    }
}

impl<'a> IntoIterator for &'a AddrInfoList {
    type Item = &'a AddrInfo;
    type IntoIter = core::slice::Iter<'a, AddrInfo>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
