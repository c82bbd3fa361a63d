//! `usocket.socket(af, type, proto)`.

use usocket_api::{
    AF_INET, AF_INET6, IPPROTO_TCP, IPPROTO_UDP, MAIXPY, OPENMV, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM,
};

use crate::world::{Step, World, error, name, send};

surface! {
    everywhere {
        a_socket_without_arguments_is_tcp_over_ipv4
        the_type_makes_a_stream_or_datagram_socket
        the_protocol_may_be_given_if_it_goes_with_the_type
        unknown_families_and_types_are_refused
        a_new_socket_takes_nothing_from_the_stack
    }
}

fn a_socket_without_arguments_is_tcp_over_ipv4<W: World>(world: &W) {
    let server = world.serve(vec![Step::Read(2), send("ok")]);
    let usocket = world.usocket(MAIXPY);
    let (a, b) = (
        usocket.socket(),
        usocket
            .socket_with(AF_INET, SOCK_STREAM, IPPROTO_TCP)
            .unwrap(),
    );
    for sock in [a, b] {
        assert_eq!(sock.family(), AF_INET);
        assert_eq!(sock.socket_type(), Some(SOCK_STREAM));
        sock.connect(server.at()).unwrap();
        sock.send("go").unwrap();
        assert_eq!(sock.read(2).unwrap().unwrap(), b"ok");
    }
}

fn the_type_makes_a_stream_or_datagram_socket<W: World>(world: &W) {
    let server = world.serve(vec![Step::Read(6), send("stream")]);
    let echo = world.echo(1);
    let usocket = world.usocket(OPENMV);
    let datagrams = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    datagrams.sendto("datagram", echo.at()).unwrap();
    assert_eq!(datagrams.recv(100).unwrap(), b"datagram");
    datagrams.close().unwrap();
    let stream = usocket.socket_with(AF_INET, SOCK_STREAM, 0).unwrap();
    stream.connect(server.at()).unwrap();
    stream.send("stream").unwrap();
    assert_eq!(stream.read(6).unwrap().unwrap(), b"stream");
    assert_eq!(server.heard.bytes(), b"stream");
    assert_eq!(echo.heard(), [b"datagram"]);
}

fn the_protocol_may_be_given_if_it_goes_with_the_type<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 93), (MAIXPY, 123)] {
        let usocket = world.usocket(profile);
        let tcp = usocket
            .socket_with(AF_INET, SOCK_STREAM, IPPROTO_TCP)
            .unwrap();
        let udp = usocket
            .socket_with(AF_INET, SOCK_DGRAM, IPPROTO_UDP)
            .unwrap();
        assert_eq!(tcp.socket_type(), Some(SOCK_STREAM));
        assert_eq!(udp.socket_type(), Some(SOCK_DGRAM));
        for (kind, wrong) in [
            (SOCK_STREAM, IPPROTO_UDP),
            (SOCK_DGRAM, IPPROTO_TCP),
            (SOCK_STREAM, 99.into()),
        ] {
            let refused = error(usocket.socket_with(AF_INET, kind, wrong));
            assert_eq!(refused, (number, "EPROTONOSUPPORT"));
        }
    }
}

fn unknown_families_and_types_are_refused<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 97), (MAIXPY, 106)] {
        let usocket = world.usocket(profile);
        for family in [0, 1, 99, -1] {
            let refused = error(usocket.socket_with(family, SOCK_STREAM, 0));
            assert_eq!(refused, (number, "EAFNOSUPPORT"));
        }
        for kind in [0.into(), SOCK_RAW, 77.into()] {
            assert_eq!(name(usocket.socket_with(AF_INET, kind, 0)), "EINVAL");
        }
        usocket.socket_with(AF_INET6, SOCK_STREAM, 0).unwrap();
    }
}

/// More sockets than a modem has links.
fn a_new_socket_takes_nothing_from_the_stack<W: World>(world: &W) {
    let server = world.serve(vec![]);
    let usocket = world.usocket(MAIXPY);
    let socks: Vec<_> = (0..20).map(|_| usocket.socket()).collect();
    socks[0].connect(server.at()).unwrap();
    for sock in &socks[1..] {
        assert_eq!(error(sock.recv(1)), (128, "ENOTCONN"));
    }
}
