//! Addresses of no-std-net and of `core::net`: the same address, there and back, over all of them.
//!
//! `one-address-type` runs these tests again where no-std-net passes `core::net`'s types on.

use core::net;

use nal_socket::older::{ToCore, ToNoStdNet};
use proptest::prelude::*;

/// Values that a mistake would hit more often than random ones do.
fn octets16() -> impl Strategy<Value = [u8; 16]> {
    prop_oneof![
        any::<u128>().prop_map(u128::to_be_bytes),
        // Runs of zeros, which the text form shortens.
        prop::array::uniform8(prop_oneof![Just(0), any::<u16>()])
            .prop_map(|segments| net::Ipv6Addr::from(segments).octets()),
        any::<u32>().prop_map(|v4| net::Ipv4Addr::from(v4).to_ipv6_mapped().octets()),
        any::<u32>().prop_map(|v4| u128::from(v4).to_be_bytes()),
    ]
}

proptest! {
    #[test]
    fn ipv4_keeps_its_octets(octets in any::<u32>().prop_map(u32::to_be_bytes)) {
        let new = net::Ipv4Addr::from(octets);
        let old = no_std_net::Ipv4Addr::from(octets);
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
        prop_assert_eq!(old.to_core().octets(), octets);
        prop_assert_eq!(new.to_no_std_net().octets(), octets);

        let (new, old) = (net::IpAddr::V4(new), no_std_net::IpAddr::V4(old));
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
    }

    #[test]
    fn ipv6_keeps_its_octets_and_segments(octets in octets16()) {
        let new = net::Ipv6Addr::from(octets);
        let old = no_std_net::Ipv6Addr::from(octets);
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
        prop_assert_eq!(old.to_core().octets(), octets);
        prop_assert_eq!(new.to_no_std_net().segments(), new.segments());

        let (new, old) = (net::IpAddr::V6(new), no_std_net::IpAddr::V6(old));
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
    }

    #[test]
    fn a_socket_address_of_ipv4_keeps_its_port(ip in any::<u32>(), port: u16) {
        let new = net::SocketAddrV4::new(ip.into(), port);
        let old = no_std_net::SocketAddrV4::new(ip.into(), port);
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
        prop_assert_eq!(new.to_no_std_net().to_core(), new);

        let (new, old) = (net::SocketAddr::V4(new), no_std_net::SocketAddr::V4(old));
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
    }

    #[test]
    fn a_socket_address_of_ipv6_keeps_its_port_flow_and_scope(
        octets in octets16(), port: u16, flow: u32, scope: u32,
    ) {
        let new = net::SocketAddrV6::new(octets.into(), port, flow, scope);
        let old = no_std_net::SocketAddrV6::new(octets.into(), port, flow, scope);
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
        prop_assert_eq!(old.to_core().flowinfo(), flow);
        prop_assert_eq!(old.to_core().scope_id(), scope);
        prop_assert_eq!(new.to_no_std_net().flowinfo(), flow);
        prop_assert_eq!(new.to_no_std_net().scope_id(), scope);

        let (new, old) = (net::SocketAddr::V6(new), no_std_net::SocketAddr::V6(old));
        prop_assert_eq!(old.to_core(), new);
        prop_assert_eq!(new.to_no_std_net(), old);
    }

    /// What one prints, the other reads as the same address, and prints in the same way. Only of ::/96,
    /// the long deprecated IPv4-compatible addresses, no-std-net 0.6 writes the end with dots, as older
    /// releases of Rust did.
    #[test]
    fn the_text_is_the_same_address_to_both(v4: u32, octets in octets16(), port: u16, scope: u32) {
        let addresses = [
            net::SocketAddr::new(net::Ipv4Addr::from(v4).into(), port),
            net::SocketAddrV6::new(octets.into(), port, 0, scope).into(),
        ];
        for new in addresses {
            let old = new.to_no_std_net();
            prop_assert_eq!(old.to_string().parse::<net::SocketAddr>(), Ok(new));
            prop_assert_eq!(new.to_string().parse::<no_std_net::SocketAddr>().ok(), Some(old));
            let (new, old) = (new.ip(), old.ip());
            prop_assert_eq!(old.to_string().parse::<net::IpAddr>(), Ok(new));
            prop_assert_eq!(new.to_string().parse::<no_std_net::IpAddr>().ok(), Some(old));
            if new.is_ipv4() || octets[..12] != [0; 12] {
                prop_assert_eq!(new.to_string(), old.to_string());
            }
        }
    }
}
