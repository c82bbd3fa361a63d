//! `getaddrinfo`, `inet_pton` and `inet_ntop`.

use usocket_api::{
    AF_INET, AF_INET6, AddrInfo, IPPROTO_TCP, IPPROTO_UDP, MAIXPY, OPENMV, SOCK_DGRAM, SOCK_STREAM,
};

use crate::world::{World, error, name, send};

surface! {
    everywhere {
        the_result_is_a_list_of_five_items
        the_documents_example_connects_by_name
        the_type_filter_makes_it_fit_for_connect
        filters_choose_family_type_and_protocol
        what_is_left_open_is_any
        there_are_no_flags
        errors_are_negative_numbers_of_their_own
        inet_ntop_gives_text
        inet_pton_gives_bytes
    }
}

fn the_result_is_a_list_of_five_items<W: World>(world: &W) {
    let list = world.usocket(MAIXPY).getaddrinfo(W::KNOWN.0, 80).unwrap();
    assert!(!list.is_empty());
    let (family, kind, proto, canonname, sockaddr) = list[0].as_tuple();
    assert_eq!((family, kind, proto), (AF_INET, SOCK_STREAM, IPPROTO_TCP));
    assert_eq!(canonname, "");
    assert_eq!(sockaddr.to_string(), format!("{}:80", W::KNOWN.1));
}

fn the_documents_example_connects_by_name<W: World>(world: &W) {
    let server = world.serve(vec![send("found")]);
    let usocket = world.usocket(MAIXPY);
    let s = usocket.socket();
    let port = server.address.1;
    s.connect(usocket.getaddrinfo(W::KNOWN.0, port).unwrap()[0].sockaddr)
        .unwrap();
    assert_eq!(s.read(5).unwrap().unwrap(), b"found");
}

fn the_type_filter_makes_it_fit_for_connect<W: World>(world: &W) {
    let server = world.serve(vec![send("found")]);
    let usocket = world.usocket(OPENMV);
    let s = usocket.socket();
    let port = server.address.1;
    let list = usocket
        .getaddrinfo_with(W::KNOWN.0, port, 0, SOCK_STREAM, 0, 0)
        .unwrap();
    assert!(list.iter().all(|entry| entry.type_ == SOCK_STREAM));
    s.connect(list[0].sockaddr).unwrap();
    assert_eq!(s.read(5).unwrap().unwrap(), b"found");
}

fn filters_choose_family_type_and_protocol<W: World>(world: &W) {
    let usocket = world.usocket(MAIXPY);
    let (name, ip) = W::KNOWN;
    let entry = |family: i32, kind: i32, proto: i32| -> AddrInfo {
        let list = usocket.getaddrinfo_with(name, 5_000, family, kind, proto, 0);
        list.unwrap()[0]
    };
    let datagrams = (AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    for found in [
        entry(0, 2, 0),
        entry(2, 2, 0),
        entry(2, 2, 17),
        entry(0, 0, 17),
    ] {
        assert_eq!((found.family, found.type_, found.proto), datagrams);
        assert_eq!(found.sockaddr.to_string(), format!("{ip}:5000"));
    }
    let stream = (AF_INET, SOCK_STREAM, IPPROTO_TCP);
    for found in [entry(2, 1, 0), entry(2, 1, 6), entry(0, 0, 6)] {
        assert_eq!((found.family, found.type_, found.proto), stream);
    }
    // An address of the family, and no other.
    let six = usocket.getaddrinfo_with("2001:db8::1", 80, AF_INET6, 0, 0, 0);
    assert_eq!(six.unwrap()[0].family, AF_INET6);
    for (host, family) in [("10.0.0.1", AF_INET6), ("2001:db8::1", AF_INET)] {
        let other = usocket.getaddrinfo_with(host, 80, family, 0, 0, 0);
        assert_eq!(error(other), (-9, "EAI_ADDRFAMILY"));
    }
    let contradiction = usocket.getaddrinfo_with(name, 80, 0, SOCK_STREAM, IPPROTO_UDP, 0);
    assert_eq!(error(contradiction), (-16, "EAI_ARG"));
}

/// A type that is left open is reported as a stream; the address serves datagrams as well.
fn what_is_left_open_is_any<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    let short = usocket.getaddrinfo(W::KNOWN.0, 80).unwrap();
    let long = usocket
        .getaddrinfo_with(W::KNOWN.0, 80, 0, 0, 0, 0)
        .unwrap();
    assert_eq!(short, long);
    let echo = world.echo(1);
    let (host, port) = echo.at();
    let any = usocket.getaddrinfo(host, port).unwrap()[0].sockaddr;
    let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    sock.sendto("any", any).unwrap();
    assert_eq!(sock.recvfrom(10).unwrap(), (b"any".to_vec(), any));
}

fn there_are_no_flags<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    usocket
        .getaddrinfo_with("10.0.0.1", 80, 0, 0, 0, 0)
        .unwrap();
    let flags = usocket.getaddrinfo_with("10.0.0.1", 80, 0, 0, 0, 4);
    assert_eq!(error(flags), (-16, "EAI_ARG"));
}

fn errors_are_negative_numbers_of_their_own<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let usocket = world.usocket(profile);
        let unknown = usocket.getaddrinfo(W::UNKNOWN, 80);
        assert_eq!(error(unknown), (-2, "EAI_NONAME"));
        for port in [-1, 65_536] {
            let wrong = usocket.getaddrinfo("10.0.0.1", port);
            assert_eq!(error(wrong), (-16, "EAI_ARG"));
        }
        for host in ["", " ", &"a".repeat(300)] {
            let wrong = usocket.getaddrinfo(host, 80);
            assert_eq!(error(wrong), (-16, "EAI_ARG"), "{host}");
        }
    }
}

fn inet_ntop_gives_text<W: World>(world: &W) {
    let usocket = world.usocket(MAIXPY);
    let text = usocket.inet_ntop(AF_INET, b"\x7f\0\0\x01").unwrap();
    assert_eq!(text.to_string(), "127.0.0.1");
    let six = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    let text = usocket.inet_ntop(AF_INET6, &six).unwrap();
    assert_eq!(text.to_string(), "2001:db8::1");
    for wrong in [&b""[..], b"\x7f\0\0", b"\x7f\0\0\x01\0", &six] {
        assert_eq!(name(usocket.inet_ntop(AF_INET, wrong)), "EINVAL");
    }
    assert_eq!(error(usocket.inet_ntop(99, b"1234")), (106, "EAFNOSUPPORT"));
}

fn inet_pton_gives_bytes<W: World>(world: &W) {
    let usocket = world.usocket(MAIXPY);
    let bytes = usocket.inet_pton(AF_INET, "1.2.3.4").unwrap();
    assert_eq!(bytes[..], *b"\x01\x02\x03\x04");
    assert_eq!(usocket.inet_pton(AF_INET6, "::1").unwrap()[15], 1);
    for wrong in [
        "",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.256",
        "01.2.3.4",
        "::1",
        "a.b.c.d",
    ] {
        assert_eq!(error(usocket.inet_pton(AF_INET, wrong)), (22, "EINVAL"));
    }
    assert_eq!(
        error(usocket.inet_pton(99, "1.2.3.4")),
        (106, "EAFNOSUPPORT")
    );
}
