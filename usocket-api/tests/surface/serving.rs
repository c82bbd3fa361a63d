//! `bind`, `listen` and `accept`.

use usocket_api::{AF_INET, MAIXPY, OPENMV, SOCK_DGRAM};

use crate::world::{Ending, Sock, Step, World, error, name, send};

surface! {
    everywhere {
        bind_listen_and_accept_make_a_server
        a_bound_socket_cannot_be_bound_again
        a_port_that_is_taken_is_refused
        a_server_binds_to_every_local_address
        listen_without_a_backlog_has_a_default
        a_negative_backlog_is_0_and_serves
        connections_wait_to_be_accepted
        a_dropped_listener_gives_its_port_back
        accept_needs_a_listening_socket
        accept_gives_a_socket_and_the_address_of_the_other_side
        accept_ends_in_time_and_the_socket_goes_on_listening
        an_accepted_socket_blocks_and_is_independent
        a_listening_socket_neither_sends_nor_receives
    }
}

/// A socket that listens, and its port.
fn listening<W: World>(world: &W, profile: usocket_api::Profile) -> (Sock<'_, W>, u16) {
    let sock = world.usocket(profile).socket();
    let port = world.free_port();
    sock.bind(("", port)).unwrap();
    sock.listen(None).unwrap();
    (sock, port)
}

fn bind_listen_and_accept_make_a_server<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let sock = world.usocket(profile).socket();
        let port = world.free_port();
        sock.bind(("", port)).unwrap();
        sock.listen(1).unwrap();
        let visitor = world.visit(port, vec![send("knock"), Step::Read(4), Step::Close]);
        let (conn, _) = sock.accept().unwrap();
        assert_eq!(conn.read(5).unwrap().unwrap(), b"knock");
        conn.sendall("come").unwrap();
        assert_eq!(conn.read(None).unwrap().unwrap(), b"");
        conn.close().unwrap();
        world.until(|| visitor.ending() == Some(Ending::Orderly));
        assert_eq!(visitor.bytes(), b"come");
        sock.close().unwrap();
    }
}

fn a_bound_socket_cannot_be_bound_again<W: World>(world: &W) {
    let usocket = world.usocket(MAIXPY);
    let stream = usocket.socket();
    let datagrams = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    for sock in [&stream, &datagrams] {
        sock.bind(("", world.free_port())).unwrap();
        assert_eq!(name(sock.bind(("", world.free_port()))), "EINVAL");
    }
    let (connected, _server) = world.connected(OPENMV, vec![]);
    assert_eq!(name(connected.bind(("", world.free_port()))), "EINVAL");
    assert_eq!(name(connected.listen(1)), "EINVAL");
}

fn a_port_that_is_taken_is_refused<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 98), (MAIXPY, 112)] {
        let (sock, port) = listening(world, profile);
        let other = world.usocket(profile).socket();
        let taken = other.bind(("", port)).and_then(|()| other.listen(None));
        assert_eq!(error(taken), (number, "EADDRINUSE"));
        sock.close().unwrap();
    }
}

/// `""`, all zeros, and what `getaddrinfo` makes of zeros. Another host would bind to all of them too,
/// and is refused, unless it is the board's own address.
fn a_server_binds_to_every_local_address<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    let zeros = |port| usocket.getaddrinfo("0.0.0.0", port).unwrap()[0].sockaddr;
    let port = world.free_port();
    for way in 0..3 {
        let sock = usocket.socket();
        match way {
            0 => sock.bind(("", port)),
            1 => sock.bind(("0.0.0.0", port)),
            _ => sock.bind(zeros(port)),
        }
        .unwrap();
        sock.listen(1).unwrap();
        let visitor = world.visit(port, vec![Step::Read(1), Step::Close]);
        sock.accept().unwrap().0.sendall("!").unwrap();
        world.until(|| visitor.bytes() == b"!");
        sock.close().unwrap();
    }
    for (profile, number) in [(OPENMV, 99), (MAIXPY, 125)] {
        let other = world.usocket(profile).socket().bind(("192.0.2.1", port));
        assert_eq!(error(other), (number, "EADDRNOTAVAIL"));
    }
    let own = usocket.clone().with_own_address([192, 0, 2, 1]);
    own.socket().bind(("192.0.2.1", port)).unwrap();
}

fn listen_without_a_backlog_has_a_default<W: World>(world: &W) {
    let (sock, port) = listening(world, OPENMV);
    let visitors = [world.visit(port, vec![]), world.visit(port, vec![])];
    // Both are there before the first is accepted.
    world.until(|| visitors.iter().all(|visitor| visitor.connections() == 1));
    for _ in 0..2 {
        sock.accept().unwrap();
    }
}

fn a_negative_backlog_is_0_and_serves<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    for backlog in [-1, i32::MIN, 0] {
        let port = world.free_port();
        let sock = usocket.socket();
        sock.bind(("", port)).unwrap();
        sock.listen(backlog).unwrap();
        let visitor = world.visit(port, vec![]);
        sock.accept().unwrap();
        assert_eq!(visitor.connections(), 1);
        sock.close().unwrap();
    }
}

/// How many can is the stack's: what a modem's links hold. The last one is gone by then; what it sent is
/// still there.
fn connections_wait_to_be_accepted<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    let sock = usocket.socket();
    let port = world.free_port();
    sock.bind(("", port)).unwrap();
    sock.listen(3).unwrap();
    let mut visitors = vec![];
    for letter in ["a", "b", "c"] {
        let mut script = vec![send(letter)];
        script.extend((letter == "c").then_some(Step::Close));
        visitors.push(world.visit(port, script));
        world.until(|| visitors.last().unwrap().connections() == 1);
    }
    let mut got = vec![];
    for _ in 0..3 {
        let (conn, _) = sock.accept().unwrap();
        got.extend(conn.read(1).unwrap().unwrap());
    }
    got.sort();
    assert_eq!(got, b"abc");
}

/// Those who were not accepted are turned away.
fn a_dropped_listener_gives_its_port_back<W: World>(world: &W) {
    let (sock, port) = listening(world, OPENMV);
    let visitor = world.visit(port, vec![]);
    world.until(|| visitor.connections() == 1);
    drop(sock);
    world.until(|| visitor.ending().is_some());
    let again = world.usocket(OPENMV).socket();
    again.bind(("", port)).unwrap();
    again.listen(None).unwrap();
    let visitor = world.visit(port, vec![Step::Read(2)]);
    again.accept().unwrap().0.sendall("ok").unwrap();
    world.until(|| visitor.bytes() == b"ok");
}

fn accept_needs_a_listening_socket<W: World>(world: &W) {
    let usocket = world.usocket(MAIXPY);
    let sock = usocket.socket();
    assert_eq!(name(sock.accept()), "EINVAL");
    sock.bind(("", world.free_port())).unwrap();
    assert_eq!(name(sock.accept()), "EINVAL");
    let (connected, _server) = world.connected(OPENMV, vec![]);
    assert_eq!(name(connected.accept()), "EINVAL");
    let datagrams = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    assert_eq!(error(datagrams.accept()), (95, "EOPNOTSUPP"));
    assert_eq!(error(datagrams.listen(1)), (95, "EOPNOTSUPP"));
}

fn accept_gives_a_socket_and_the_address_of_the_other_side<W: World>(world: &W) {
    let (sock, port) = listening(world, OPENMV);
    let visitors = [world.visit(port, vec![]), world.visit(port, vec![])];
    let (a, from_a) = sock.accept().unwrap();
    let (b, from_b) = sock.accept().unwrap();
    for (conn, from) in [(&a, from_a), (&b, from_b)] {
        assert_eq!(from.host().to_string(), W::KNOWN.1);
        assert_ne!(from.port(), 0);
        assert_eq!(conn.peer(), Some(from));
    }
    assert_ne!(from_a, from_b);
    a.sendall("for a").unwrap();
    b.sendall("for b").unwrap();
    let heard = || visitors.each_ref().map(|visitor| visitor.bytes());
    world.until(|| heard().iter().all(|bytes| bytes.len() == 5));
    let mut heard = heard();
    heard.sort();
    assert_eq!(heard, [b"for a".to_vec(), b"for b".to_vec()]);
}

fn accept_ends_in_time_and_the_socket_goes_on_listening<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 110), (MAIXPY, 116)] {
        let (sock, port) = listening(world, profile);
        sock.settimeout(world.pause()).unwrap();
        let nobody = world.takes(W::PAUSE, || sock.accept());
        assert_eq!(error(nobody), (number, "ETIMEDOUT"));
        sock.setblocking(false).unwrap();
        assert_eq!(error(sock.accept()), (11, "EAGAIN"));
        sock.settimeout(5).unwrap();
        let _visitor = world.visit(port, vec![]);
        sock.accept().unwrap();
        sock.close().unwrap();
        // Set before the socket was bound it is the same.
        let sock = world.usocket(profile).socket();
        sock.settimeout(world.pause()).unwrap();
        sock.bind(("", port)).unwrap();
        sock.listen(None).unwrap();
        let nobody = world.takes(W::PAUSE, || sock.accept());
        assert_eq!(error(nobody), (number, "ETIMEDOUT"));
        sock.close().unwrap();
    }
}

fn an_accepted_socket_blocks_and_is_independent<W: World>(world: &W) {
    let (sock, port) = listening(world, MAIXPY);
    // Longer than a new socket of the profile would wait.
    let pause = if W::SIMULATED {
        60_000_000
    } else {
        3 * W::PAUSE
    };
    let late = vec![Step::Wait(pause), send("late"), Step::Read(3)];
    let visitor = world.visit(port, late);
    world.until(|| visitor.connections() == 1);
    sock.setblocking(false).unwrap();
    let conn = loop {
        match sock.accept() {
            Ok((conn, _)) => break conn,
            Err(error) => assert_eq!(error.name(), "EAGAIN"),
        }
        world.pass(1_000);
    };
    assert_eq!(conn.recv(10).unwrap(), b"late");
    // It outlives the socket that it came from.
    sock.close().unwrap();
    conn.send("yes").unwrap();
    world.until(|| visitor.bytes() == b"yes");
}

fn a_listening_socket_neither_sends_nor_receives<W: World>(world: &W) {
    let (sock, _) = listening(world, OPENMV);
    assert_eq!(error(sock.recv(1)), (107, "ENOTCONN"));
    assert_eq!(error(sock.read(1)), (107, "ENOTCONN"));
    assert_eq!(error(sock.send("x")), (32, "EPIPE"));
    assert_eq!(error(sock.write("x")), (32, "EPIPE"));
    assert_eq!(error(sock.connect(("10.0.0.1", 80))), (106, "EISCONN"));
}
