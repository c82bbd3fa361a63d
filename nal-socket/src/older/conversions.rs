//! Addresses of another crate that has the shape of `core::net`, to and from `core::net`'s.

/// Defines the twelve functions for the address types that the crate `$foreign` exports.
///
/// They use nothing but what the types of `core::net` have too, so they also hold where `$foreign`
/// only passes those on: no-std-net does with its feature `std`, embedded-nal 0.8 with `ip_in_core`.
macro_rules! conversions {
    ($foreign:ident) => {
        use core::net;

        pub(super) fn ipv4_to_core(from: ::$foreign::Ipv4Addr) -> net::Ipv4Addr {
            from.octets().into()
        }

        pub(super) fn ipv4_from_core(from: net::Ipv4Addr) -> ::$foreign::Ipv4Addr {
            from.octets().into()
        }

        pub(super) fn ipv6_to_core(from: ::$foreign::Ipv6Addr) -> net::Ipv6Addr {
            from.octets().into()
        }

        pub(super) fn ipv6_from_core(from: net::Ipv6Addr) -> ::$foreign::Ipv6Addr {
            from.octets().into()
        }

        pub(super) fn ip_to_core(from: ::$foreign::IpAddr) -> net::IpAddr {
            match from {
                ::$foreign::IpAddr::V4(ip) => net::IpAddr::V4(ipv4_to_core(ip)),
                ::$foreign::IpAddr::V6(ip) => net::IpAddr::V6(ipv6_to_core(ip)),
            }
        }

        pub(super) fn ip_from_core(from: net::IpAddr) -> ::$foreign::IpAddr {
            match from {
                net::IpAddr::V4(ip) => ::$foreign::IpAddr::V4(ipv4_from_core(ip)),
                net::IpAddr::V6(ip) => ::$foreign::IpAddr::V6(ipv6_from_core(ip)),
            }
        }

        pub(super) fn v4_to_core(from: ::$foreign::SocketAddrV4) -> net::SocketAddrV4 {
            net::SocketAddrV4::new(ipv4_to_core(*from.ip()), from.port())
        }

        pub(super) fn v4_from_core(from: net::SocketAddrV4) -> ::$foreign::SocketAddrV4 {
            ::$foreign::SocketAddrV4::new(ipv4_from_core(*from.ip()), from.port())
        }

        pub(super) fn v6_to_core(from: ::$foreign::SocketAddrV6) -> net::SocketAddrV6 {
            let ip = ipv6_to_core(*from.ip());
            net::SocketAddrV6::new(ip, from.port(), from.flowinfo(), from.scope_id())
        }

        pub(super) fn v6_from_core(from: net::SocketAddrV6) -> ::$foreign::SocketAddrV6 {
            let ip = ipv6_from_core(*from.ip());
            ::$foreign::SocketAddrV6::new(ip, from.port(), from.flowinfo(), from.scope_id())
        }

        pub(super) fn address_to_core(from: ::$foreign::SocketAddr) -> net::SocketAddr {
            match from {
                ::$foreign::SocketAddr::V4(address) => net::SocketAddr::V4(v4_to_core(address)),
                ::$foreign::SocketAddr::V6(address) => net::SocketAddr::V6(v6_to_core(address)),
            }
        }

        pub(super) fn address_from_core(from: net::SocketAddr) -> ::$foreign::SocketAddr {
            match from {
                net::SocketAddr::V4(address) => ::$foreign::SocketAddr::V4(v4_from_core(address)),
                net::SocketAddr::V6(address) => ::$foreign::SocketAddr::V6(v6_from_core(address)),
            }
        }
    };
}

pub(super) use conversions;
