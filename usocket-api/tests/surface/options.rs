//! `setsockopt(level, optname, value)`.

use std::net::Ipv4Addr;
use std::time::Duration;

use nal_socket::SocketOption;
use usocket_api::{
    AF_INET, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IPPROTO_IP, IPPROTO_TCP, MAIXPY, OPENMV,
    OptionValue, SO_BROADCAST, SO_CALLBACK, SO_KEEPALIVE, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDTIMEO,
    SOCK_DGRAM, SOL_SOCKET, TCP_NODELAY,
};

use crate::host_options;
use crate::loopback::Loopback;
use crate::simulated::Simulated;
use crate::world::{Sock, Step, World, error, name, send};

surface! {
    everywhere {
        a_value_is_a_number_or_bytes
        reuseaddr_lets_a_port_be_bound_again
        keepalive_is_for_connections
        nodelay_is_for_connections
        broadcast_is_for_datagrams
        rcvtimeo_limits_receiving_in_milliseconds
        sndtimeo_limits_sending_alone
        the_last_one_who_sets_a_timeout_wins
        a_membership_is_eight_bytes
        option_20_notifies
        unknown_options_and_levels_are_refused
    }
    simulated {
        a_modem_has_no_groups_and_says_so
    }
    host {
        a_group_is_heard_while_joined
    }
}

fn datagrams<W: World>(world: &W) -> Sock<'_, W> {
    world
        .usocket(OPENMV)
        .socket_with(AF_INET, SOCK_DGRAM, 0)
        .unwrap()
}

fn a_value_is_a_number_or_bytes<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![]);
    let millis = (W::PAUSE / 1_000) as i32;
    let packed = millis.to_le_bytes();
    for value in [
        OptionValue::from(millis),
        i64::from(millis).into(),
        (millis as u32).into(),
        (&packed).into(),
        packed[..].into(),
    ] {
        sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 1).unwrap();
        sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, value).unwrap();
        let result = world.takes(W::PAUSE, || sock.recv(1));
        assert_eq!(name(result), "ETIMEDOUT");
    }
    for wrong in [
        OptionValue::from(b""),
        b"\x01".into(),
        b"\x01\0\0\0\0".into(),
        OptionValue::None,
        (-1).into(),
        i64::MAX.into(),
    ] {
        let refused = sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, wrong);
        assert_eq!(error(refused), (22, "EINVAL"));
    }
    // As it was.
    world.takes(W::PAUSE, || assert_eq!(name(sock.recv(1)), "ETIMEDOUT"));
}

/// Neither stack has the option: the modem's ports do not linger, and std sets it by itself.
fn reuseaddr_lets_a_port_be_bound_again<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let port = world.free_port();
        for _ in 0..2 {
            let sock = world.usocket(profile).socket();
            sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1).unwrap();
            sock.bind(("", port)).unwrap();
            sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, true).unwrap();
            sock.listen(1).unwrap();
            let visitor = world.visit(port, vec![Step::Read(2)]);
            let (conn, _) = sock.accept().unwrap();
            conn.sendall("ok").unwrap();
            world.until(|| visitor.bytes() == b"ok");
            // The board closes first: its end of the connection is the one that lingers.
            conn.close().unwrap();
            sock.close().unwrap();
        }
    }
}

/// What the host's sockets were told; a modem is told by commands, which its driver's tests show.
fn assert_told<W: World>(option: SocketOption) {
    let told = host_options::told();
    assert_eq!(told.contains(&option), !W::SIMULATED, "{told:?}");
}

/// It is told with the connection, to every one.
fn keepalive_is_for_connections<W: World>(world: &W) {
    let server = world.serve(vec![send("!")]);
    for (value, time) in [(1, Some(Duration::from_secs(7_200))), (0, None)] {
        let sock = world.usocket(OPENMV).socket();
        sock.setsockopt(SOL_SOCKET, SO_KEEPALIVE, value).unwrap();
        sock.connect(server.at()).unwrap();
        assert_eq!(sock.read(1).unwrap().unwrap(), b"!");
        assert_told::<W>(SocketOption::KeepAlive(time));
    }
    let on_datagrams = datagrams(world).setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1);
    assert_eq!(name(on_datagrams), "EOPNOTSUPP");
}

/// Before and after connecting. NonOS has no command for it.
fn nodelay_is_for_connections<W: World>(world: &W) {
    let server = world.serve(vec![send("!")]);
    let sock = world.usocket(OPENMV).socket();
    let set = sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    if world.has_no_delay() {
        set.unwrap();
        sock.connect(server.at()).unwrap();
        assert_told::<W>(SocketOption::NoDelay(true));
        sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 0).unwrap();
        assert_told::<W>(SocketOption::NoDelay(false));
    } else {
        let unsupported = (95, "EOPNOTSUPP");
        assert_eq!(error(set), unsupported);
        sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 0).unwrap();
        sock.connect(server.at()).unwrap();
        assert_eq!(
            error(sock.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1)),
            unsupported
        );
    }
    assert_eq!(sock.read(1).unwrap().unwrap(), b"!");
    let on_datagrams = datagrams(world).setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    assert_eq!(name(on_datagrams), "EOPNOTSUPP");
}

fn broadcast_is_for_datagrams<W: World>(world: &W) {
    let sock = datagrams(world);
    sock.setsockopt(SOL_SOCKET, SO_BROADCAST, 1).unwrap();
    sock.bind(("", world.free_port())).unwrap();
    assert_told::<W>(SocketOption::Broadcast(true));
    if W::SIMULATED {
        let echo = world.echo(1);
        sock.sendto("who is there?", ("255.255.255.255", echo.at().1))
            .unwrap();
        assert_eq!(sock.recv(100).unwrap(), b"who is there?");
    }
    let stream = world.usocket(OPENMV).socket();
    let on_stream = stream.setsockopt(SOL_SOCKET, SO_BROADCAST, 1);
    assert_eq!(error(on_stream), (95, "EOPNOTSUPP"));
}

fn rcvtimeo_limits_receiving_in_milliseconds<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 110), (MAIXPY, 116)] {
        let (sock, _server) = world.connected(profile, vec![]);
        let millis = (W::PAUSE / 1_000) as i32;
        sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, millis).unwrap();
        let late = world.takes(W::PAUSE, || sock.read(1));
        assert_eq!(error(late), (number, "ETIMEDOUT"));
        // On a listening socket it is what `accept` waits.
        let listener = world.usocket(profile).socket();
        listener.bind(("", world.free_port())).unwrap();
        listener.listen(None).unwrap();
        listener
            .setsockopt(SOL_SOCKET, SO_RCVTIMEO, millis)
            .unwrap();
        let nobody = world.takes(W::PAUSE, || listener.accept());
        assert_eq!(error(nobody), (number, "ETIMEDOUT"));
        // On a datagram socket what `recvfrom` waits.
        let datagrams = world
            .usocket(profile)
            .socket_with(AF_INET, SOCK_DGRAM, 0)
            .unwrap();
        datagrams.bind(("", world.free_port())).unwrap();
        world.pass(W::PAUSE);
        datagrams
            .setsockopt(SOL_SOCKET, SO_RCVTIMEO, millis)
            .unwrap();
        let nothing = world.takes(W::PAUSE, || datagrams.recvfrom(1));
        assert_eq!(error(nothing), (number, "ETIMEDOUT"));
    }
}

/// Sending that finds no room ends in time, receiving waits as long as before.
fn sndtimeo_limits_sending_alone<W: World>(world: &W) {
    let script = vec![Step::Wait(12 * W::PAUSE), send("late")];
    let (sock, _server) = world.connected(OPENMV, script);
    let millis = (W::PAUSE / 1_000) as i32;
    sock.setsockopt(SOL_SOCKET, SO_SNDTIMEO, millis).unwrap();
    assert_eq!(sock.recv(4).unwrap(), b"late");
    if !W::SIMULATED {
        // Nobody reads now, and the host's buffers end.
        let (sock, _server) = world.connected(OPENMV, vec![Step::Wait(60_000_000)]);
        sock.setsockopt(SOL_SOCKET, SO_SNDTIMEO, millis).unwrap();
        let data = vec![0; 1 << 16];
        let error = loop {
            if let Err(error) = sock.sendall(&data) {
                break error;
            }
        };
        assert_eq!((error.errno(), error.name()), (110, "ETIMEDOUT"));
        return;
    }
    // The modem takes longer than a millisecond for anything.
    sock.setsockopt(SOL_SOCKET, SO_SNDTIMEO, 1).unwrap();
    assert_eq!(error(sock.sendall(vec![0; 20_000])), (110, "ETIMEDOUT"));
}

fn the_last_one_who_sets_a_timeout_wins<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![Step::Wait(9 * W::PAUSE), send("!")]);
    let millis = (W::PAUSE / 1_000) as i32;
    sock.settimeout(60).unwrap();
    sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, millis).unwrap();
    world.takes(W::PAUSE, || assert_eq!(name(sock.recv(1)), "ETIMEDOUT"));
    sock.settimeout(0).unwrap();
    assert_eq!(name(sock.recv(1)), "EAGAIN");
    // 0 is no limit here.
    sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 0).unwrap();
    assert_eq!(sock.recv(1).unwrap(), b"!");
}

const GROUP: &[u8; 8] = b"\xe0\0\0\xfb\0\0\0\0";

fn a_modem_has_no_groups_and_says_so(world: &Simulated) {
    for option in [IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP] {
        let sock = datagrams(world);
        sock.bind(("", world.free_port())).unwrap();
        let refused = sock.setsockopt(IPPROTO_IP, option, GROUP).unwrap_err();
        assert_eq!((refused.errno(), refused.name()), (95, "EOPNOTSUPP"));
        assert!(!refused.message().is_empty());
        sock.close().unwrap();
    }
}

/// 239.255.77.7, joined on 127.0.0.1.
fn a_group_is_heard_while_joined(world: &Loopback) {
    let group = Ipv4Addr::new(239, 255, 77, 7);
    let value = b"\xef\xff\x4d\x07\x7f\0\0\x01";
    let sock = datagrams(world);
    let port = world.free_port();
    sock.bind(("", port)).unwrap();
    host_options::send_to_group(group, port, b"not joined yet");
    sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, value)
        .unwrap();
    host_options::send_to_group(group, port, b"to the group");
    assert_eq!(sock.recv(100).unwrap(), b"to the group");
    let again = sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, value);
    assert_eq!(error(again), (98, "EADDRINUSE"));
    sock.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, value)
        .unwrap();
    host_options::send_to_group(group, port, b"not joined any more");
    world.datagram(port, b"the next");
    assert_eq!(sock.recv(100).unwrap(), b"the next");
    let again = sock.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, value);
    assert_eq!(error(again), (99, "EADDRNOTAVAIL"));
}

fn a_membership_is_eight_bytes<W: World>(world: &W) {
    let sock = datagrams(world);
    for option in [IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP] {
        for wrong in [
            OptionValue::from(&GROUP[..4]),
            GROUP[..7].into(),
            b"\xe0\0\0\xfb\0\0\0\0\0".into(),
            1.into(),
            OptionValue::None,
        ] {
            let refused = sock.setsockopt(IPPROTO_IP, option, wrong);
            assert_eq!(error(refused), (22, "EINVAL"));
        }
        // 10.0.0.1 is no group.
        let refused = sock.setsockopt(IPPROTO_IP, option, b"\x0a\0\0\x01\0\0\0\0");
        assert_eq!(error(refused), (22, "EINVAL"));
        // A TCP socket has no groups.
        let stream = world.usocket(OPENMV).socket();
        let on_stream = stream.setsockopt(IPPROTO_IP, option, GROUP);
        assert_eq!(error(on_stream), (95, "EOPNOTSUPP"));
    }
}

/// A script passes a function; here somebody asks.
fn option_20_notifies<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    let listener = usocket.socket();
    let port = world.free_port();
    listener.bind(("", port)).unwrap();
    listener.listen(None).unwrap();
    listener.setsockopt(SOL_SOCKET, 20, 1).unwrap();
    assert!(!listener.notified().unwrap());
    let _visitor = world.visit(port, vec![Step::Wait(W::PAUSE), send("x"), Step::Close]);
    world.until(|| listener.notified().unwrap());
    let (conn, _) = listener.accept().unwrap();
    assert!(!listener.notified().unwrap());
    // A new socket has it off.
    conn.recv_flags(1, usocket_api::MSG_PEEK).unwrap();
    assert!(!conn.notified().unwrap());
    conn.setsockopt(SOL_SOCKET, SO_CALLBACK, 1).unwrap();
    assert!(conn.notified().unwrap());
    assert_eq!(conn.recv(1).unwrap(), b"x");
    // The end is something to be told as well.
    world.until(|| conn.notified().unwrap());
    conn.setsockopt(SOL_SOCKET, SO_CALLBACK, OptionValue::None)
        .unwrap();
    assert!(!conn.notified().unwrap());
}

fn unknown_options_and_levels_are_refused<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![]);
    for option in [0, 1, 2, 6, 99, 0x1007, -1] {
        let refused = sock.setsockopt(SOL_SOCKET, option, 1);
        assert_eq!(error(refused), (95, "EOPNOTSUPP"), "{option}");
    }
    for level in [2, 41, 255, -1] {
        let refused = sock.setsockopt(level, SO_REUSEADDR, 1);
        assert_eq!(error(refused), (95, "EOPNOTSUPP"), "{level}");
    }
    // A wrong level that is one is forgiven: no two options have the same number.
    sock.setsockopt(IPPROTO_TCP, SO_REUSEADDR, 1).unwrap();
}
