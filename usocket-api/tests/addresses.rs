//! Addresses and getaddrinfo.

mod common;

use std::net::SocketAddr;

use common::{World, name, network};
use proptest::prelude::*;
use usocket_api::{
    AF_INET, AF_INET6, AddrItem, ErrorKind, IPPROTO_TCP, IPPROTO_UDP, IntoSockAddr, MAIXPY, OPENMV,
    OSError, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM, SockAddr, USocket,
};

fn message(result: Result<SockAddr, OSError>) -> &'static str {
    let error = result.unwrap_err();
    assert_eq!((error.errno(), error.name()), (22, "EINVAL"));
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    error.message()
}

#[test]
fn tuples_of_numeric_hosts_are_addresses() {
    for (address, expected) in [
        (("8.8.8.8", 53).into_sock_addr(), "8.8.8.8:53"),
        (("2001:db8::1", 80).into_sock_addr(), "[2001:db8::1]:80"),
        (
            (String::from("1.2.3.4"), 65535_u16).into_sock_addr(),
            "1.2.3.4:65535",
        ),
        (
            ("2001:db8::1", 80, 0, 0).into_sock_addr(),
            "[2001:db8::1]:80",
        ),
        (("fe80::1", 80, 0, 2).into_sock_addr(), "[fe80::1%2]:80"),
    ] {
        assert_eq!(address.unwrap().to_string(), expected);
    }
}

#[test]
fn lists_are_addresses_too() {
    let list: [AddrItem<'_>; 2] = ["1.2.3.4".into(), 80.into()];
    let address = list.into_sock_addr().unwrap();
    assert_eq!(address.to_string(), "1.2.3.4:80");
    assert_eq!(list[..].into_sock_addr(), Ok(address));
    let list = ["fe80::1".into(), 80.into(), 0.into(), AddrItem::Number(4)];
    assert_eq!(list.into_sock_addr().unwrap().to_string(), "[fe80::1%4]:80");
    for bad in [
        &[][..],
        &["1.2.3.4".into()],
        &[80.into(), "1.2.3.4".into()],
        &["1.2.3.4".into(), 80.into(), 0.into()],
    ] {
        assert!(message(bad.into_sock_addr()).contains("(host, port)"));
    }
}

#[test]
fn what_cannot_be_an_address_says_why() {
    for host in ["example.org", "1.2.3", "1.2.3.4.5", "256.1.1.1", " 1.2.3.4"] {
        assert!(message((host, 80).into_sock_addr()).contains("getaddrinfo"));
    }
    for port in [-1, 65536, 70000, i32::MIN, i32::MAX] {
        assert!(message(("1.2.3.4", port).into_sock_addr()).contains("1 to 65535"));
        assert!(message(("::1", port, 0, 0).into_sock_addr()).contains("1 to 65535"));
    }
    assert!(message(("::1", 80, 1, 0).into_sock_addr()).contains("flowinfo"));
    assert!(message(("::1", 80, 0, -1).into_sock_addr()).contains("scopeid"));
    assert!(message(("::1", 80, 0, 1_i64 << 32).into_sock_addr()).contains("scopeid"));
    assert!(message(("1.2.3.4", 80, 0, 0).into_sock_addr()).contains("IPv6"));
}

#[test]
fn an_address_is_not_looked_at_by_the_stack_before_it_is_right() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, MAIXPY);
    let socket = usocket.socket();
    assert_eq!(name(socket.connect(("example.org", 80))), "EINVAL");
    assert_eq!(name(socket.connect(("1.2.3.4", 0))), "EINVAL");
    assert_eq!(name(socket.connect(("::1", 80))), "EAFNOSUPPORT");
    let socket = usocket.socket_with(AF_INET6, SOCK_STREAM, 0).unwrap();
    assert_eq!(name(socket.connect(("1.2.3.4", 80))), "EINVAL");
    let zero: SocketAddr = "[::1]:0".parse().unwrap();
    assert_eq!(name(socket.connect(zero)), "EINVAL");
    assert_eq!(world.calls.get(), 0);
    socket.connect(("::1", 80, 0, 0)).unwrap();
    assert_eq!(socket.peer().unwrap().to_string(), "[::1]:80");
}

#[test]
fn the_result_of_getaddrinfo_is_a_list_of_five_items() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, MAIXPY);
    world.resolve.set(Ok([192, 0, 2, 1].into()));
    let found = usocket.getaddrinfo("example.org", 80).unwrap();
    assert_eq!(found.len(), 1);
    let address = ("192.0.2.1", 80).into_sock_addr().unwrap();
    assert_eq!(
        found[0].as_tuple(),
        (AF_INET, SOCK_STREAM, IPPROTO_TCP, "", address)
    );
    let socket = usocket.socket();
    socket.connect(found[0].sockaddr).unwrap();
    assert_eq!(found.into_iter().count(), 1);
}

#[test]
fn filters_are_honoured() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, OPENMV);
    let find = |af: i32, kind: i32, proto: i32| {
        usocket.getaddrinfo_with("1.2.3.4", 80, af, kind, proto, 0)
    };
    assert_eq!(find(2, 1, 6).unwrap()[0].type_, SOCK_STREAM);
    let entry = find(0, 2, 0).unwrap()[0];
    assert_eq!((entry.type_, entry.proto), (SOCK_DGRAM, IPPROTO_UDP));
    assert_eq!(find(10, 0, 0).unwrap_err().errno(), -9);
    assert_eq!(find(99, 0, 0).unwrap_err().errno(), -9);
    assert_eq!(find(0, 3, 0).unwrap_err().errno(), -16);
    assert_eq!(find(0, 1, 17).unwrap_err().errno(), -16);
    assert_eq!(find(0, 0, 1).unwrap_err().errno(), -16);
    let flags = usocket.getaddrinfo_with("1.2.3.4", 80, 0, 0, 0, 4);
    assert_eq!(flags.unwrap_err().errno(), -16);
    let typed = usocket.getaddrinfo_with("1.2.3.4", 80, AF_INET, SOCK_STREAM, IPPROTO_TCP, 0);
    assert!(typed.is_ok());
    assert_eq!(world.calls.get(), 0);
}

#[test]
fn getaddrinfo_checks_host_and_port_first() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, MAIXPY);
    for host in ["", "a b", "example.org\n", "1.2.3", "a..b", ".a", "a.."] {
        assert_eq!(
            usocket.getaddrinfo(host, 80).unwrap_err().errno(),
            -16,
            "{host:?}"
        );
    }
    for port in [-1, 65536, 70000] {
        let error = usocket.getaddrinfo("example.org", port).unwrap_err();
        assert_eq!(error.errno(), -16);
        assert!(error.to_string().contains("1 to 65535"), "{error}");
    }
    assert_eq!(world.calls.get(), 0);
    assert_eq!(
        usocket.getaddrinfo("example.org", 80).unwrap_err().errno(),
        -2
    );
}

#[test]
fn without_a_resolver_getaddrinfo_says_so() {
    let world = World::new();
    let network = nal_socket::Network::without_dns(
        common::FakeStack(world.clone()),
        common::Bench(world.clone()),
    );
    let error = USocket::new(&network, OPENMV)
        .getaddrinfo("example.org", 80)
        .unwrap_err();
    assert_eq!((error.errno(), error.name()), (-6, "EAI_NORESOLVER"));
}

#[test]
fn sockets_of_other_kinds_say_what_they_are() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, MAIXPY);
    let make = |af: i32, kind: i32, proto: i32| usocket.socket_with(af, kind, proto);
    assert!(make(2, 1, 0).is_ok());
    assert!(make(10, 1, 6).is_ok());
    assert_eq!(name(make(99, 1, 0)), "EAFNOSUPPORT");
    assert_eq!(name(make(2, 2, 0).unwrap().send("x")), "ENOTCONN");
    assert_eq!(name(make(2, 2, 0).unwrap().bind(("", 0))), "EOPNOTSUPP");
    assert_eq!(name(make(2, SOCK_RAW.raw(), 0)), "EINVAL");
    assert_eq!(name(make(2, 1, 17)), "EPROTONOSUPPORT");
    assert_eq!(name(make(2, 2, 6)), "EPROTONOSUPPORT");
    assert_eq!(name(make(2, 77, 0)), "EINVAL");
    assert_eq!(world.calls.get(), 0);
}

#[test]
fn inet_pton_and_ntop_check_everything() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, OPENMV);
    for bad in ["1.2.3.256", "01.2.3.4", "1.2.3", "", "::1"] {
        assert_eq!(name(usocket.inet_pton(AF_INET, bad)), "EINVAL", "{bad}");
    }
    assert_eq!(name(usocket.inet_pton(99, "1.2.3.4")), "EAFNOSUPPORT");
    assert_eq!(name(usocket.inet_ntop(99, &[0; 4])), "EAFNOSUPPORT");
    for length in [0, 3, 5, 16] {
        assert_eq!(name(usocket.inet_ntop(AF_INET, &vec![0; length])), "EINVAL");
    }
    let text = usocket.inet_ntop(AF_INET6, &[0; 16]).unwrap().to_string();
    assert_eq!(text, "::");
}

proptest! {
    #[test]
    fn any_tuple_is_an_address_or_einval(host in any::<String>(), port: i64, flow: i64, scope: i64) {
        for result in [
            (host.as_str(), port).into_sock_addr(),
            (host.as_str(), port, flow, scope).into_sock_addr(),
        ] {
            if let Err(error) = result {
                prop_assert_eq!(error.errno(), 22);
            }
        }
    }

    #[test]
    fn every_ipv4_tuple_is_read(octets: [u8; 4], port in 1u16..) {
        let [a, b, c, d] = octets;
        let address = (format!("{a}.{b}.{c}.{d}"), port).into_sock_addr().unwrap();
        prop_assert_eq!(SocketAddr::from(address), SocketAddr::from((octets, port)));
    }

    #[test]
    fn binary_and_text_agree(bytes: [u8; 16]) {
        let world = World::new();
        let network = network(&world);
        let usocket = USocket::new(&network, OPENMV);
        let text = usocket.inet_ntop(AF_INET6, &bytes).unwrap().to_string();
        let back = usocket.inet_pton(AF_INET6, &text).unwrap();
        prop_assert_eq!(&back[..], &bytes[..]);
    }
}
