//! What an address is: the opaque one, tuples and lists.

use usocket_api::{
    AF_INET, AF_INET6, AddrItem, IntoSockAddr, MAIXPY, OPENMV, OSError, SOCK_STREAM, SockAddr,
};

use crate::world::{World, error, name, send};

surface! {
    everywhere {
        the_address_of_getaddrinfo_is_opaque_and_connects
        a_numeric_host_goes_through_getaddrinfo_as_well
        a_tuple_of_numeric_host_and_port_connects
        a_list_is_as_good_as_a_tuple
        a_port_is_1_to_65535
        a_name_in_a_tuple_is_refused
        an_ipv6_tuple_has_four_items_and_flowinfo_0
        a_name_in_an_ipv6_tuple_is_refused
        ipv6_is_there_if_the_stack_has_it
    }
}

/// The error of an address, and that nothing was sent for it.
#[track_caller]
fn refused<W: World>(world: &W, address: impl IntoSockAddr + Copy) -> OSError {
    let sock = world.usocket(MAIXPY).socket();
    let before = world.now();
    let error = sock.connect(address).unwrap_err();
    if W::SIMULATED {
        assert_eq!(world.now(), before, "the modem was asked");
    }
    assert_eq!((error.errno(), error.name()), (22, "EINVAL"));
    error
}

fn the_address_of_getaddrinfo_is_opaque_and_connects<W: World>(world: &W) {
    let server = world.serve(vec![send("here")]);
    let usocket = world.usocket(MAIXPY);
    let sockaddr: SockAddr = usocket.getaddrinfo(W::KNOWN.0, server.address.1).unwrap()[0].sockaddr;
    let sock = usocket.socket();
    sock.connect(sockaddr).unwrap();
    assert_eq!(sock.read(4).unwrap().unwrap(), b"here");
    // It is a value: it can be kept, and used again.
    let sock = usocket.socket();
    sock.connect(sockaddr).unwrap();
    assert_eq!(sock.peer(), Some(sockaddr));
}

fn a_numeric_host_goes_through_getaddrinfo_as_well<W: World>(world: &W) {
    let server = world.serve(vec![send("here")]);
    let usocket = world.usocket(MAIXPY);
    let before = world.now();
    let (host, port) = server.at();
    let sockaddr = usocket.getaddrinfo(host, port).unwrap()[0].sockaddr;
    if W::SIMULATED {
        assert_eq!(world.now(), before, "the modem was asked");
    }
    let sock = usocket.socket();
    sock.connect(sockaddr).unwrap();
    assert_eq!(sock.read(4).unwrap().unwrap(), b"here");
}

fn a_tuple_of_numeric_host_and_port_connects<W: World>(world: &W) {
    let server = world.serve(vec![send("here")]);
    let sock = world.usocket(MAIXPY).socket();
    let (host, port): (&str, i32) = server.at();
    sock.connect((host, port)).unwrap();
    assert_eq!(sock.read(4).unwrap().unwrap(), b"here");
    let tuple = ("8.8.8.8", 53).into_sock_addr().unwrap();
    assert_eq!(tuple.to_string(), "8.8.8.8:53");
}

fn a_list_is_as_good_as_a_tuple<W: World>(world: &W) {
    let server = world.serve(vec![send("here")]);
    let sock = world.usocket(OPENMV).socket();
    let (host, port) = server.at();
    sock.connect([host.into(), port.into()]).unwrap();
    assert_eq!(sock.read(4).unwrap().unwrap(), b"here");
    for wrong in [
        &[][..],
        &[AddrItem::Text("10.0.0.1")],
        &[AddrItem::Number(80), AddrItem::Text("10.0.0.1")],
        &["10.0.0.1".into(), 80.into(), 0.into()],
        &["::1".into(), 80.into(), 0.into(), 0.into(), 0.into()],
    ] {
        refused(world, wrong);
    }
}

fn a_port_is_1_to_65535<W: World>(world: &W) {
    for port in [0, -1, 65_536, 70_000, i32::MIN] {
        refused(world, ("10.0.0.1", port));
        if port != 0 {
            refused(world, ("2001:db8::1", port, 0, 0));
        }
    }
    for port in [1, 80, 65_535] {
        let address = ("10.0.0.1", port).into_sock_addr().unwrap();
        assert_eq!(i32::from(address.port()), port);
    }
}

fn a_name_in_a_tuple_is_refused<W: World>(world: &W) {
    for host in [
        W::KNOWN.0,
        "www.micropython.org",
        "10.0.0",
        "10.0.0.1.",
        "a.b.c.d",
    ] {
        let error = refused(world, (host, 80));
        assert!(error.message().contains("getaddrinfo"), "{error}");
    }
    let echo = world.echo(1);
    let datagrams = world.usocket(OPENMV).socket_with(2, 2, 0).unwrap();
    let (_, port) = echo.at();
    assert_eq!(name(datagrams.sendto("x", (W::KNOWN.0, port))), "EINVAL");
    assert_eq!(name(datagrams.bind((W::KNOWN.0, port))), "EINVAL");
    assert!(echo.heard().is_empty());
}

fn an_ipv6_tuple_has_four_items_and_flowinfo_0<W: World>(world: &W) {
    let address = ("2001:db8::1", 80, 0, 0).into_sock_addr().unwrap();
    assert_eq!(address.to_string(), "[2001:db8::1]:80");
    let address = ("fe80::1", 80, 0, 3).into_sock_addr().unwrap();
    assert_eq!(address.to_string(), "[fe80::1%3]:80");
    let error = refused(world, ("2001:db8::1", 80, 1, 0));
    assert!(error.message().contains("flowinfo"), "{error}");
    refused(world, ("2001:db8::1", 80, 0, -1));
}

fn a_name_in_an_ipv6_tuple_is_refused<W: World>(world: &W) {
    for host in ["www.micropython.org", "10.0.0.1", "2001:db8", ""] {
        let error = refused(world, (host, 80, 0, 0));
        assert!(error.message().contains("getaddrinfo"), "{error}");
    }
}

/// The modem has IPv4 only; the loopback interface has both.
fn ipv6_is_there_if_the_stack_has_it<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    let v6 = usocket.socket_with(AF_INET6, SOCK_STREAM, 0).unwrap();
    // An address of the other family is an error before anybody is asked.
    let v4 = usocket.socket_with(AF_INET, SOCK_STREAM, 0).unwrap();
    let other = v4.connect(("::1", 80, 0, 0));
    assert_eq!(error(other), (97, "EAFNOSUPPORT"));
    assert_eq!(error(v6.connect(("10.0.0.1", 80))), (22, "EINVAL"));
    if W::SIMULATED {
        let refused = v6.connect(("2001:db8::1", 80, 0, 0));
        assert_eq!(error(refused), (97, "EAFNOSUPPORT"));
        return;
    }
    let listener = std::net::TcpListener::bind("[::1]:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    v6.connect(("::1", port, 0, 0)).unwrap();
    v6.send("six").unwrap();
    let (mut stream, _) = listener.accept().unwrap();
    let mut bytes = [0; 3];
    std::io::Read::read_exact(&mut stream, &mut bytes).unwrap();
    assert_eq!(&bytes, b"six");
    // The opaque address and a tuple of two do as well.
    let found = usocket.getaddrinfo("::1", port).unwrap()[0];
    assert_eq!(found.family, AF_INET6);
    for two in [found.sockaddr, ("::1", port).into_sock_addr().unwrap()] {
        let v6 = usocket
            .socket_with(found.family, found.type_, found.proto)
            .unwrap();
        v6.connect(two).unwrap();
        assert_eq!(v6.peer(), Some(found.sockaddr));
    }
}
