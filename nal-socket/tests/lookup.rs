//! getaddrinfo: numeric hosts, names, filters, host checks.

mod common;

use std::net::{IpAddr, SocketAddr};

use common::{AddrTypeName, Bench, Call, FakeStack, World, network};
use nal_socket::{Error, ErrorKind, Family, Hints, Network, Protocol, SocketType, parse_numeric};
use proptest::prelude::*;

const V4: &str = "192.0.2.7";
const V6: &str = "2001:db8::7";

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn numeric_hosts_do_not_touch_the_stack() {
    let world = World::new();
    let network = Network::without_dns(FakeStack(world.clone()), Bench(world.clone()));
    for (host, family) in [
        (V4, Family::Inet),
        (V6, Family::Inet6),
        ("::", Family::Inet6),
    ] {
        let found = network.getaddrinfo(host, 80, Hints::default()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].sockaddr, SocketAddr::new(ip(host), 80));
        assert_eq!(found[0].family, family);
    }
    let found = network
        .getaddrinfo("fe80::1%7", 0, Hints::default())
        .unwrap();
    let SocketAddr::V6(address) = found.first().sockaddr else {
        panic!("not IPv6")
    };
    assert_eq!((address.scope_id(), address.port()), (7, 0));
    assert_eq!(world.calls(), []);
    assert_eq!(world.clock_reads.get(), 0);
}

#[test]
fn names_go_to_the_resolver_with_the_family_asked_for() {
    let world = World::new();
    let network = network(&world);
    for (hints, asked, answer) in [
        (Hints::default().family(Family::Inet), AddrTypeName::V4, V4),
        (Hints::default().family(Family::Inet6), AddrTypeName::V6, V6),
    ] {
        world.forget_calls();
        world.resolves(0, Ok(ip(answer)));
        let found = network.getaddrinfo("example.org", 8080, hints).unwrap();
        assert_eq!(found.first().sockaddr, SocketAddr::new(ip(answer), 8080));
        assert_eq!(world.calls(), [Call::Resolve("example.org".into(), asked)]);
    }
}

#[test]
fn an_answer_of_the_wrong_family_is_not_found() {
    let world = World::new();
    let network = network(&world);
    world.resolves(0, Ok(ip(V4)));
    let hints = Hints::default().family(Family::Inet6);
    assert_eq!(
        kind(network.getaddrinfo("example.org", 80, hints)),
        ErrorKind::NameNotFound
    );
}

#[test]
fn filters_are_honoured() {
    let world = World::new();
    let network = network(&world);
    let find = |hints| network.getaddrinfo(V4, 80, hints);
    let entry = find(Hints::default()).unwrap().first();
    assert_eq!(
        (entry.socktype, entry.protocol),
        (SocketType::Stream, Protocol::Tcp)
    );
    let entry = find(Hints::stream()).unwrap().first();
    assert_eq!(
        (entry.socktype, entry.protocol),
        (SocketType::Stream, Protocol::Tcp)
    );
    for hints in [
        Hints::default().socktype(SocketType::Datagram),
        Hints::default().protocol(Protocol::Udp),
    ] {
        let entry = find(hints).unwrap().first();
        assert_eq!(
            (entry.socktype, entry.protocol),
            (SocketType::Datagram, Protocol::Udp)
        );
    }
    assert_eq!(
        kind(find(Hints::stream().protocol(Protocol::Udp))),
        ErrorKind::InvalidInput
    );
    assert_eq!(
        kind(find(Hints::default().family(Family::Inet6))),
        ErrorKind::AddressFamily
    );
    assert_eq!(
        kind(network.getaddrinfo("example.org", 80, Hints::default().numeric_host())),
        ErrorKind::NameNotFound
    );
    assert_eq!(world.calls(), []);
}

#[test]
fn hosts_that_cannot_be_right_are_refused_without_a_stack_call() {
    let world = World::new();
    let network = network(&world);
    let long = "a".repeat(254);
    for (host, hint) in [
        ("", "empty"),
        (".", "empty"),
        (long.as_str(), "253"),
        ("example.org\r\n", "control"),
        ("exa mple.org", "space"),
        ("exam\0ple.org", "control"),
        ("a\u{85}b", "control"),
        ("256.1.1.1", "numeric"),
        ("1.2.3", "numeric"),
        ("1", "numeric"),
        ("1.2.3.4.", "numeric"),
        ("example.org:80", "numeric"),
        ("[::1]", "numeric"),
        ("fe80::1%wlan0", "numeric"),
        ("fe80::1%+1", "numeric"),
        ("fe80::1%99999999999", "numeric"),
        ("192.0.2.1%3", "numeric"),
        ("192.0.2.1%eth0", "numeric"),
        ("0x7f000001", "numeric"),
        ("192.0.2.0X1", "numeric"),
        ("0x", "numeric"),
    ] {
        let error = network.getaddrinfo(host, 80, Hints::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{host:?}");
        assert!(error.to_string().contains(hint), "{host:?}: {error}");
    }
    assert_eq!(world.calls(), []);
}

#[test]
fn names_that_are_merely_unusual_are_asked_for() {
    let world = World::new();
    let network = network(&world);
    world.resolves(0, Ok(ip(V4)));
    let longest = format!("{}.", "a".repeat(253));
    for host in [
        "localhost",
        "3com.com",
        "0xcafe.example",
        "0xcoffee",
        "1.2.3.example",
        "example.org.",
        "b\u{fc}cher.example",
        &longest,
    ] {
        network.getaddrinfo(host, 80, Hints::default()).unwrap();
    }
}

#[test]
fn without_a_resolver_a_name_says_so() {
    let world = World::new();
    let network = Network::without_dns(FakeStack(world.clone()), Bench(world.clone()));
    let error = network
        .getaddrinfo("example.org", 80, Hints::default())
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoResolver);
    assert!(error.to_string().contains("numeric address"), "{error}");
    assert_eq!(world.calls(), []);
}

#[test]
fn a_resolver_of_ones_own_takes_the_place_of_dns() {
    let world = World::new();
    let network = Network::without_dns(FakeStack(world.clone()), Bench(world.clone()))
        .with_resolver(|_, host, _| match host {
            "printer" => Ok([192, 0, 2, 9].into()),
            _ => Err(nb::Error::Other(ErrorKind::NetworkDown)),
        });
    let found = network
        .getaddrinfo("printer", 9100, Hints::stream())
        .unwrap();
    assert_eq!(found.first().sockaddr, "192.0.2.9:9100".parse().unwrap());
    assert_eq!(
        kind(network.getaddrinfo("scanner", 9100, Hints::stream())),
        ErrorKind::NetworkDown
    );
}

#[test]
fn a_failed_lookup_is_not_found() {
    let world = World::new();
    let network = network(&world);
    assert_eq!(
        kind(network.getaddrinfo("example.org", 80, Hints::default())),
        ErrorKind::NameNotFound
    );
}

#[test]
fn a_lookup_without_a_deadline_can_be_cancelled() {
    let world = World::new();
    let network = network(&world);
    world.resolves(u64::MAX, Ok(ip(V4)));
    world.cancel.set(true);
    assert_eq!(
        kind(network.getaddrinfo("example.org", 80, Hints::default())),
        ErrorKind::Interrupted
    );
}

proptest! {
    #[test]
    fn any_text_as_a_host_is_handled(host in any::<String>(), port: u16) {
        let world = World::new();
        let network = network(&world);
        world.resolves(0, Ok(ip(V4)));
        let result = network.getaddrinfo(&host, port, Hints::default());
        // What reaches the stack is clean.
        for call in world.calls() {
            let Call::Resolve(name, _) = call else { panic!("{call:?}") };
            prop_assert!(!name.is_empty() && name.len() <= 254);
            prop_assert!(!name.chars().any(|c| c.is_control() || c.is_whitespace()));
        }
        if let Ok(found) = result {
            prop_assert_eq!(found[0].sockaddr.port(), port);
        }
    }

    #[test]
    fn every_ipv4_address_is_read_back(bits: u32, port: u16) {
        let address = SocketAddr::from((std::net::Ipv4Addr::from(bits), port));
        prop_assert_eq!(parse_numeric(&address.ip().to_string(), port), Some(address));
    }

    #[test]
    fn every_ipv6_address_is_read_back(bits: u128, scope: u32, port: u16) {
        let ip = std::net::Ipv6Addr::from(bits);
        let address = SocketAddr::from(std::net::SocketAddrV6::new(ip, port, 0, scope));
        prop_assert_eq!(parse_numeric(&format!("{ip}%{scope}"), port), Some(address));
    }
}
