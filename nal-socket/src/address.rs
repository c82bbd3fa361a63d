//! Addresses as users know them.

use core::net::{IpAddr, SocketAddr};

/// An IPv4 peer as an IPv4 address, also when a stack with one socket for both families says it in
/// IPv6 (RFC 4291, section 2.5.5.2).
pub(crate) const fn canonical(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => SocketAddr::new(IpAddr::V4(v4), v6.port()),
            None => address,
        },
        SocketAddr::V4(_) => address,
    }
}

/// Whether both are the same endpoint. An IPv6 scope counts only where both sides give one, the flow
/// label not at all.
pub(crate) fn same_endpoint(a: SocketAddr, b: SocketAddr) -> bool {
    match (canonical(a), canonical(b)) {
        (SocketAddr::V6(a), SocketAddr::V6(b)) => {
            a.ip() == b.ip()
                && a.port() == b.port()
                && (a.scope_id() == b.scope_id() || a.scope_id() == 0 || b.scope_id() == 0)
        }
        (a, b) => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn mapped_addresses_become_ipv4_and_others_stay() {
        assert_eq!(
            canonical(address("[::ffff:192.0.2.1]:7")),
            address("192.0.2.1:7")
        );
        for text in ["192.0.2.1:7", "[::1]:7", "[::192.0.2.1]:7", "[fe80::1%3]:7"] {
            assert_eq!(canonical(address(text)), address(text));
        }
    }

    #[test]
    fn endpoints_are_compared_by_address_port_and_known_scope() {
        let same = |a, b| same_endpoint(address(a), address(b));
        assert!(same("[::ffff:192.0.2.1]:7", "192.0.2.1:7"));
        assert!(same("[fe80::1]:7", "[fe80::1%3]:7"));
        assert!(!same("[fe80::1%2]:7", "[fe80::1%3]:7"));
        assert!(!same("192.0.2.1:7", "192.0.2.1:8"));
        assert!(!same("[::1]:7", "[::2]:7"));
    }
}
