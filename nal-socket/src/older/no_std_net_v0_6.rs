//! Addresses of no-std-net 0.6 to `core::net`'s and back.

mod convert {
    crate::older::conversions::conversions!(no_std_net);
}

/// From no-std-net's address to `core::net`'s.
///
/// For all six types: `IpAddr`, `Ipv4Addr`, `Ipv6Addr`, `SocketAddr`, `SocketAddrV4` and
/// `SocketAddrV6`, the last with its flow information and scope. Nothing is lost, and
/// [`ToNoStdNet`] leads back to the same value.
pub trait ToCore {
    /// The type of the same name in `core::net`.
    type Core;

    /// The same address as `core::net` writes it.
    fn to_core(&self) -> Self::Core;
}

/// From `core::net`'s address to no-std-net's; the way back of [`ToCore`].
pub trait ToNoStdNet {
    /// The type of the same name in `no_std_net`.
    type NoStdNet;

    /// The same address as no-std-net writes it.
    fn to_no_std_net(&self) -> Self::NoStdNet;
}

macro_rules! both_ways {
    ($($address:ident: $to:ident, $from:ident;)*) => {$(
        impl ToCore for no_std_net::$address {
            type Core = core::net::$address;

            fn to_core(&self) -> Self::Core {
                convert::$to(*self)
            }
        }

        impl ToNoStdNet for core::net::$address {
            type NoStdNet = no_std_net::$address;

            fn to_no_std_net(&self) -> Self::NoStdNet {
                convert::$from(*self)
            }
        }
    )*};
}

both_ways! {
    Ipv4Addr: ipv4_to_core, ipv4_from_core;
    Ipv6Addr: ipv6_to_core, ipv6_from_core;
    IpAddr: ip_to_core, ip_from_core;
    SocketAddrV4: v4_to_core, v4_from_core;
    SocketAddrV6: v6_to_core, v6_from_core;
    SocketAddr: address_to_core, address_from_core;
}
