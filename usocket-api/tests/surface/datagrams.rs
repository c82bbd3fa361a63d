//! `sendto` and `recvfrom`.

use usocket_api::{AF_INET, MAIXPY, MSG_DONTWAIT, MSG_PEEK, OPENMV, Profile, SOCK_DGRAM};

use crate::world::{Sock, Step, World, error, name, send};

surface! {
    everywhere {
        sendto_sends_to_the_address
        a_datagram_is_sent_whole_or_not_at_all
        recvfrom_gives_bytes_and_the_senders_address
        a_bound_port_hears_from_anybody
        recvfrom_is_cut_at_bufsize_and_the_rest_is_lost
        recvfrom_peeks_and_does_not_wait
        recvfrom_ends_in_time_in_every_profile
        a_connected_socket_hears_its_peer_alone
        sendto_needs_an_address_that_can_be_right
        on_a_stream_sendto_and_recvfrom_are_send_and_recv
    }
}

fn socket<W: World>(world: &W, profile: Profile) -> Sock<'_, W> {
    world
        .usocket(profile)
        .socket_with(AF_INET, SOCK_DGRAM, 0)
        .unwrap()
}

fn sendto_sends_to_the_address<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let (a, b) = (world.echo(0), world.echo(0));
        let sock = socket(world, profile);
        assert_eq!(sock.sendto("for a", a.at()).unwrap(), 5);
        let (host, port) = b.at();
        let address = world.usocket(profile).getaddrinfo(host, port).unwrap()[0].sockaddr;
        assert_eq!(sock.sendto(b"for b", address).unwrap(), 5);
        world.until(|| a.heard().len() + b.heard().len() == 2);
        assert_eq!(a.heard(), [b"for a"]);
        assert_eq!(b.heard(), [b"for b"]);
        sock.close().unwrap();
    }
}

/// What fits one packet of Ethernet; what fits none at all is an error, after which the socket goes on.
fn a_datagram_is_sent_whole_or_not_at_all<W: World>(world: &W) {
    let data: Vec<u8> = (0..1472_u32).map(|n| (n * n / 3) as u8).collect();
    for (profile, number) in [(OPENMV, 90), (MAIXPY, 122)] {
        let echo = world.echo(1);
        let sock = socket(world, profile);
        let long = sock.sendto(vec![0; 70_000], echo.at());
        assert_eq!(error(long), (number, "EMSGSIZE"));
        assert_eq!(sock.sendto(&data, echo.at()).unwrap(), 1472);
        assert!(sock.recvfrom(2_000).unwrap().0 == data);
        assert_eq!(echo.heard().len(), 1);
        sock.close().unwrap();
    }
}

fn recvfrom_gives_bytes_and_the_senders_address<W: World>(world: &W) {
    let (a, b) = (world.echo(1), world.echo(1));
    let sock = socket(world, OPENMV);
    for echo in [&a, &b] {
        sock.sendto("question", echo.at()).unwrap();
        let (bytes, from) = sock.recvfrom(100).unwrap();
        assert_eq!(bytes, b"question");
        assert_eq!(
            (from.host().to_string().as_str(), i32::from(from.port())),
            echo.at()
        );
        // It is an address to answer to.
        sock.sendto("again", from).unwrap();
        let mut buf = [0; 100];
        assert_eq!(sock.recvfrom_into(&mut buf).unwrap(), (5, from));
        assert_eq!(&buf[..5], b"again");
    }
}

fn a_bound_port_hears_from_anybody<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let sock = socket(world, profile);
        let port = world.free_port();
        sock.bind(("", port)).unwrap();
        // The modem opens the port a moment later.
        world.pass(W::PAUSE);
        for text in ["first", "second"] {
            let (host, from_port) = world.datagram(port, text.as_bytes());
            let (bytes, from) = sock.recvfrom(100).unwrap();
            assert_eq!(bytes, text.as_bytes());
            assert_eq!(from.to_string(), format!("{host}:{from_port}"));
        }
        sock.close().unwrap();
    }
}

fn recvfrom_is_cut_at_bufsize_and_the_rest_is_lost<W: World>(world: &W) {
    let echo = world.echo(1);
    let sock = socket(world, OPENMV);
    sock.sendto("0123456789", echo.at()).unwrap();
    assert_eq!(sock.recvfrom(4).unwrap().0, b"0123");
    sock.sendto("next", echo.at()).unwrap();
    assert_eq!(sock.recv(100).unwrap(), b"next");
}

fn recvfrom_peeks_and_does_not_wait<W: World>(world: &W) {
    let echo = world.echo(1);
    let sock = socket(world, OPENMV);
    let both = MSG_PEEK | MSG_DONTWAIT;
    sock.bind(("", world.free_port())).unwrap();
    assert_eq!(error(sock.recvfrom_flags(9, MSG_DONTWAIT)), (11, "EAGAIN"));
    assert_eq!(error(sock.recvfrom_flags(9, both)), (11, "EAGAIN"));
    sock.sendto("datagram", echo.at()).unwrap();
    let peeked = sock.recvfrom_flags(9, MSG_PEEK).unwrap();
    assert_eq!(peeked.0, b"datagram");
    assert_eq!(sock.recvfrom_flags(4, both).unwrap().0, b"data");
    let mut buf = [0; 9];
    let taken = sock.recvfrom_into_flags(&mut buf, MSG_DONTWAIT).unwrap();
    assert_eq!(taken, (8, peeked.1));
    assert_eq!(name(sock.recvfrom_flags(9, MSG_DONTWAIT)), "EAGAIN");
    // `recv` has the flags as well.
    sock.sendto("more", echo.at()).unwrap();
    assert_eq!(sock.recv_flags(9, MSG_PEEK).unwrap(), b"more");
    assert_eq!(sock.recv(9).unwrap(), b"more");
}

fn recvfrom_ends_in_time_in_every_profile<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 110), (MAIXPY, 116)] {
        let sock = socket(world, profile);
        let port = world.free_port();
        sock.bind(("", port)).unwrap();
        world.pass(W::PAUSE);
        sock.settimeout(world.pause()).unwrap();
        let nothing = world.takes(W::PAUSE, || sock.recvfrom(100));
        assert_eq!(error(nothing), (number, "ETIMEDOUT"));
        sock.settimeout(0).unwrap();
        assert_eq!(error(sock.recvfrom(100)), (11, "EAGAIN"));
        // Dropped, it gives its port back.
        drop(sock);
        socket(world, profile).bind(("", port)).unwrap();
    }
}

fn a_connected_socket_hears_its_peer_alone<W: World>(world: &W) {
    let (peer, other) = (world.echo(1), world.echo(1));
    let sock = socket(world, OPENMV);
    sock.settimeout(world.pause()).unwrap();
    sock.connect(peer.at()).unwrap();
    sock.settimeout(5).unwrap();
    // Another address may be sent to, without the answer being heard.
    sock.sendto("to the other", other.at()).unwrap();
    world.until(|| other.heard().len() == 1);
    world.pass(W::PAUSE);
    sock.send("to the peer").unwrap();
    assert_eq!(sock.recv(100).unwrap(), b"to the peer");
    assert_eq!(name(sock.recv_flags(100, MSG_DONTWAIT)), "EAGAIN");
}

fn sendto_needs_an_address_that_can_be_right<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 97), (MAIXPY, 106)] {
        let sock = socket(world, profile);
        let before = world.now();
        assert_eq!(name(sock.sendto("x", ("10.0.0.1", 0))), "EINVAL");
        assert_eq!(name(sock.sendto("x", ("10.0.0.1", 70_000))), "EINVAL");
        assert_eq!(name(sock.sendto("x", ("example.org", 80))), "EINVAL");
        let six = sock.sendto("x", ("2001:db8::1", 80, 0, 0));
        assert_eq!(error(six), (number, "EAFNOSUPPORT"));
        if W::SIMULATED {
            assert_eq!(world.now(), before);
        }
    }
}

fn on_a_stream_sendto_and_recvfrom_are_send_and_recv<W: World>(world: &W) {
    let (sock, server) = world.connected(OPENMV, vec![Step::Read(4), send("answer"), Step::Close]);
    let other = world.echo(0);
    assert_eq!(sock.sendto("peer", other.at()).unwrap(), 4);
    let (bytes, from) = sock.recvfrom(100).unwrap();
    assert_eq!(bytes, b"answer");
    assert_eq!(Some(from), sock.peer());
    assert_eq!(server.heard.bytes(), b"peer");
    assert!(other.heard().is_empty());
    let unconnected = world.usocket(OPENMV).socket();
    assert_eq!(error(unconnected.sendto("x", other.at())), (32, "EPIPE"));
}
