//! `ifconfig`: what it tells and what it sets.

use std::net::Ipv4Addr;

use esp8285_sim::{Air, Dialect, IpSetup};
use usocket_api::network::{IfConfig, MacAddr, Ssid};

use crate::{BSSID, Board, DIALECTS, home_ap, number};

const MAC: MacAddr = MacAddr([0x18, 0xfe, 0x34, 0x82, 0x85, 0x01]);

fn office() -> Air {
    let ip = IpSetup {
        address: Ipv4Addr::new(10, 1, 2, 3),
        gateway: Ipv4Addr::new(10, 1, 0, 1),
        netmask: Ipv4Addr::new(255, 255, 0, 0),
    };
    Air::new().ap(home_ap().ip(ip).dns(Ipv4Addr::new(9, 9, 9, 9)))
}

#[test]
fn ifconfig_tells_what_the_firmware_knows() {
    for dialect in Dialect::ALL {
        let board = Board::new(*dialect, office());
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        let found = nic.ifconfig().unwrap();
        assert_eq!(found.ip, Ipv4Addr::new(10, 1, 2, 3), "{dialect}");
        assert_eq!(found.mac, MAC, "{dialect}");
        assert_eq!(found.ssid, Ssid::new("home").unwrap(), "{dialect}");
        // 0.2x names the access point only.
        let old = *dialect == Dialect::NonOs0_2x;
        assert_eq!(found.netmask.to_string(), "255.255.0.0", "{dialect}");
        assert_eq!(found.gateway.to_string(), "10.1.0.1", "{dialect}");
        let bssid = if old {
            MacAddr::default()
        } else {
            MacAddr(BSSID)
        };
        assert_eq!(found.bssid, bssid, "{dialect}");
        let silent_about_dns = matches!(dialect, Dialect::NonOs0_2x | Dialect::NonOs1_3);
        let dns = if silent_about_dns {
            [0; 4]
        } else {
            [9, 9, 9, 9]
        };
        assert_eq!(found.dns.octets(), dns, "{dialect}");
        assert_eq!(found.dns2, Ipv4Addr::UNSPECIFIED, "{dialect}");
    }
}

#[test]
fn the_tuple_has_maixpys_order() {
    let board = Board::new(Dialect::NonOs1_7, office());
    let nic = board.nic();
    nic.connect("home", "12345678").unwrap();
    let (ip, netmask, gateway, dns, dns2, mac, ssid) = nic.ifconfig().unwrap().as_tuple();
    let items = [ip, netmask, gateway, dns, dns2].map(|item| item.to_string());
    assert_eq!(
        items,
        ["10.1.2.3", "255.255.0.0", "10.1.0.1", "9.9.9.9", "0.0.0.0"]
    );
    assert_eq!(mac.to_string(), "18:fe:34:82:85:01");
    assert_eq!(ssid.to_string(), "home");
}

#[test]
fn while_not_connected_ifconfig_is_zeros_and_the_own_mac() {
    for dialect in Dialect::ALL {
        let board = Board::new(*dialect, office());
        let found = board.nic().ifconfig().unwrap();
        let mut expected = IfConfig::default();
        expected.mac = MAC;
        assert_eq!(found, expected, "{dialect}");
        assert_eq!(found.as_tuple().0.to_string(), "0.0.0.0");
    }
}

#[test]
fn a_fixed_address_is_set_and_given_back() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, office());
        let nic = board.nic();
        let fixed = ("10.1.7.7", "255.255.255.0", "10.1.7.1");
        let (ip, netmask, gateway) = fixed;
        let has_dns = dialect != Dialect::NonOs1_3;
        let outcome = nic.ifconfig_with((ip, netmask, gateway, "8.8.8.8"));
        if has_dns {
            outcome.unwrap();
        } else {
            assert_eq!(number(outcome), (95, "EOPNOTSUPP"));
            assert_eq!(board.said("AT+CIPSTA"), 0, "half done");
            nic.ifconfig_with((ip, netmask, gateway, "0.0.0.0"))
                .unwrap();
        }
        nic.connect("home", "12345678").unwrap();
        let found = nic.ifconfig().unwrap();
        assert_eq!(found.ip.to_string(), ip, "{dialect}");
        assert_eq!(found.netmask.to_string(), netmask, "{dialect}");
        assert_eq!(found.gateway.to_string(), gateway, "{dialect}");
        let dns = if has_dns { "8.8.8.8" } else { "0.0.0.0" };
        assert_eq!(found.dns.to_string(), dns, "{dialect}");

        nic.ifconfig_dhcp().unwrap();
        nic.connect("home", "12345678").unwrap();
        let found = nic.ifconfig().unwrap();
        assert_eq!(found.ip.to_string(), "10.1.2.3", "{dialect}");
        let dns = if has_dns { "9.9.9.9" } else { "0.0.0.0" };
        assert_eq!(found.dns.to_string(), dns, "{dialect}");
    }
}

#[test]
fn addresses_that_cannot_be_are_einval_and_nothing_is_set() {
    let board = Board::new(Dialect::EspAt2_2, office());
    let nic = board.nic();
    for addresses in [
        ("", "255.255.255.0", "10.1.7.1", "8.8.8.8"),
        ("10.1.7.7", "24", "10.1.7.1", "8.8.8.8"),
        ("10.1.7.7", "255.255.255.0", "router", "8.8.8.8"),
        ("10.1.7.7", "255.255.255.0", "10.1.7.1", "8.8.8"),
        ("10.1.7.777", "255.255.255.0", "10.1.7.1", "8.8.8.8"),
    ] {
        let error = board.silent(|| nic.ifconfig_with(addresses)).unwrap_err();
        assert_eq!(error.errno(), 22, "{addresses:?}");
        assert_eq!(
            error.message(),
            "ifconfig takes four IPv4 addresses, such as \"192.168.0.4\""
        );
    }
    for addresses in [
        ("0.0.0.0", "255.255.255.0", "10.1.7.1", "0.0.0.0"),
        ("10.1.7.7", "255.0.255.0", "10.1.7.1", "0.0.0.0"),
    ] {
        let outcome = board.silent(|| nic.ifconfig_with(addresses));
        assert_eq!(number(outcome), (22, "EINVAL"), "{addresses:?}");
    }
}
