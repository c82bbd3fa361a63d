//! Ports as integers of any width, as text and by name.

mod common;

use common::{World, network};
use nal_socket::{Error, ErrorKind, Hints, SERVICES, ToPort};
use proptest::prelude::*;

fn refused(port: Result<u16, Error>, hint: &str) {
    let error = port.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains(hint), "{error}");
}

#[test]
fn literals_need_no_suffix() {
    let world = World::new();
    let network = network(&world);
    let port = |found: nal_socket::AddrInfos<'_>| found.first().sockaddr.port();
    let find = |hints| network.getaddrinfo("192.0.2.1", 80, hints);
    assert_eq!(port(find(Hints::stream()).unwrap()), 80);
    let found = network.getaddrinfo("192.0.2.1", "ntp", Hints::datagram());
    assert_eq!(port(found.unwrap()), 123);
}

#[test]
fn integers_of_every_width_are_checked_not_cut() {
    assert_eq!(0.to_port(), Ok(0));
    assert_eq!(65_535.to_port(), Ok(65_535));
    assert_eq!(255_u8.to_port(), Ok(255));
    assert_eq!(8080_u16.to_port(), Ok(8080));
    assert_eq!(8080_usize.to_port(), Ok(8080));
    assert_eq!(8080_i64.to_port(), Ok(8080));
    for wrong in [70_000, 65_536, -1, i32::MIN, i32::MAX] {
        refused(wrong.to_port(), "0 to 65535");
    }
    refused((-1_i8).to_port(), "0 to 65535");
    refused((1_u64 << 32).to_port(), "0 to 65535");
    refused(u128::MAX.to_port(), "0 to 65535");
}

#[test]
fn text_is_a_number_or_a_name() {
    for (text, port) in [
        ("0", 0),
        ("80", 80),
        ("0080", 80),
        ("65535", 65_535),
        ("http", 80),
        ("HTTPS", 443),
        ("mqtt", 1883),
        ("mqtts", 8883),
        ("dns", 53),
        ("domain", 53),
        ("ntp", 123),
    ] {
        assert_eq!(text.to_port(), Ok(port), "{text}");
    }
    for text in ["65536", "70000", "-1", "99999999999999999999"] {
        refused(text.to_port(), "0 to 65535");
    }
    for text in ["+80", " 80", "80 ", "0x50", "gopher", "http ", "8o"] {
        refused(text.to_port(), "not known here");
    }
    refused("".to_port(), "empty");
}

#[test]
fn a_hint_refuses_names_and_leaves_numbers() {
    let world = World::new();
    let network = network(&world);
    let hints = Hints::stream().numeric_service();
    let find = |port: &'static str| network.getaddrinfo("192.0.2.1", port, hints);
    assert_eq!(find("80").unwrap().first().sockaddr.port(), 80);
    refused(find("http").map(|_| 0), "numbers only");
    assert!(network.getaddrinfo("192.0.2.1", 80, hints).is_ok());
}

#[test]
fn each_service_is_listed_once() {
    for (index, (name, _)) in SERVICES.iter().enumerate() {
        assert!(SERVICES[..index].iter().all(|(other, _)| other != name));
        assert!(!name.is_numeric() && *name == name.to_lowercase());
    }
}

proptest! {
    #[test]
    fn every_port_is_read_back(port: u16) {
        prop_assert_eq!(port.to_string().as_str().to_port(), Ok(port));
    }

    #[test]
    fn any_text_is_handled(text in any::<String>()) {
        let known = SERVICES.iter().any(|(name, _)| name.eq_ignore_ascii_case(&text));
        let number = text.bytes().all(|b| b.is_ascii_digit()) && text.parse::<u16>().is_ok();
        prop_assert_eq!(text.as_str().to_port().is_ok(), known || number);
    }
}
