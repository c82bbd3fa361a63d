//! `recv` on connections, with its flags.

use usocket_api::{MAIXPY, MSG_DONTWAIT, MSG_PEEK, OPENMV};

use crate::world::{Step, World, error, name, send};

surface! {
    everywhere {
        recv_gives_what_is_there_and_at_most_bufsize
        recv_waits_for_at_least_one_byte
        the_end_is_empty_bytes_again_and_again
        a_reset_is_an_error_once_after_the_data
        receiving_needs_a_connection
        a_size_of_0_is_empty_and_a_negative_one_too_much
        peek_leaves_the_data
        dont_wait_does_not_wait_and_changes_nothing
        peek_and_dont_wait_go_together
        unknown_flags_are_refused
    }
}

fn recv_gives_what_is_there_and_at_most_bufsize<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let (sock, _server) = world.connected(profile, vec![send("0123456789")]);
        assert_eq!(sock.recv_flags(10, MSG_PEEK).unwrap()[..1], *b"0");
        world.pass(W::PAUSE);
        assert_eq!(sock.recv(4).unwrap(), b"0123");
        let mut buf = [0; 3];
        assert_eq!(sock.recv_into(&mut buf).unwrap(), 3);
        assert_eq!(&buf, b"456");
        // Not all that was asked for: what there is.
        assert_eq!(sock.recv(1_000).unwrap(), b"789");
    }
}

fn recv_waits_for_at_least_one_byte<W: World>(world: &W) {
    let script = vec![
        Step::Wait(W::PAUSE),
        send("first"),
        Step::Wait(20 * W::PAUSE),
        send("second"),
    ];
    let (sock, _server) = world.connected(OPENMV, script);
    sock.settimeout(10).unwrap();
    assert_eq!(sock.recv(4_096).unwrap(), b"first");
    assert_eq!(sock.recv(4_096).unwrap(), b"second");
}

fn the_end_is_empty_bytes_again_and_again<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let (sock, _server) = world.connected(profile, vec![send("bye"), Step::Close]);
        assert_eq!(sock.read(3).unwrap().unwrap(), b"bye");
        for _ in 0..3 {
            assert_eq!(sock.recv(100).unwrap(), b"");
            assert_eq!(sock.read(None).unwrap().unwrap(), b"");
        }
        // Not blocking it is the same.
        sock.setblocking(false).unwrap();
        assert_eq!(sock.recv(100).unwrap(), b"");
        assert_eq!(sock.readline().unwrap().unwrap(), b"");
    }
}

/// The firmware reports a reset as it reports an end: there it is empty bytes.
fn a_reset_is_an_error_once_after_the_data<W: World>(world: &W) {
    let script = vec![
        send("data"),
        Step::Wait(W::PAUSE),
        Step::Read(1),
        Step::Reset,
    ];
    let (sock, _server) = world.connected(OPENMV, script);
    assert_eq!(sock.read(4).unwrap().unwrap(), b"data");
    sock.send("?").unwrap();
    if !W::SIMULATED {
        assert_eq!(error(sock.recv(10)), (104, "ECONNRESET"));
    }
    for _ in 0..3 {
        assert_eq!(sock.recv(10).unwrap(), b"");
    }
}

fn receiving_needs_a_connection<W: World>(world: &W) {
    let mut buf = [0; 4];
    for (profile, number) in [(OPENMV, 107), (MAIXPY, 128)] {
        let unconnected = (number, "ENOTCONN");
        let sock = world.usocket(profile).socket();
        assert_eq!(error(sock.recv(1)), unconnected);
        assert_eq!(error(sock.recv_into(&mut buf)), unconnected);
        assert_eq!(error(sock.recvfrom(1)), unconnected);
        assert_eq!(error(sock.read(1)), unconnected);
        assert_eq!(error(sock.read(None)), unconnected);
        assert_eq!(error(sock.readinto(&mut buf)), unconnected);
        assert_eq!(error(sock.readline()), unconnected);
    }
}

fn a_size_of_0_is_empty_and_a_negative_one_too_much<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![send("kept")]);
    sock.recv_flags(4, MSG_PEEK).unwrap();
    assert_eq!(sock.recv(0).unwrap(), b"");
    for size in [-1, -2, i32::MIN] {
        assert_eq!(error(sock.recv(size)), (12, "ENOMEM"));
        assert_eq!(error(sock.recvfrom(size)), (12, "ENOMEM"));
    }
    assert_eq!(sock.read(4).unwrap().unwrap(), b"kept");
}

fn peek_leaves_the_data<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let (sock, _server) = world.connected(profile, vec![send("abc"), Step::Close]);
        let first = sock.recv_flags(2, MSG_PEEK).unwrap();
        assert!(b"ab".starts_with(&first) && !first.is_empty());
        world.pass(W::PAUSE);
        let mut buf = [0; 2];
        assert_eq!(sock.recv_into_flags(&mut buf, MSG_PEEK).unwrap(), 2);
        assert_eq!(&buf, b"ab");
        assert_eq!(sock.recv(10).unwrap(), b"abc");
        assert_eq!(sock.recv_flags(2, MSG_PEEK).unwrap(), b"");
    }
}

fn dont_wait_does_not_wait_and_changes_nothing<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let script = vec![Step::Wait(4 * W::PAUSE), send("later"), Step::Close];
        let (sock, _server) = world.connected(profile, script);
        let nothing = world.takes(0, || sock.recv_flags(10, MSG_DONTWAIT));
        assert_eq!(error(nothing), (11, "EAGAIN"));
        // The next call waits, as before.
        assert_eq!(sock.recv(10).unwrap(), b"later");
        assert_eq!(sock.recv(10).unwrap(), b"");
        assert_eq!(sock.recv_flags(10, MSG_DONTWAIT).unwrap(), b"");
    }
}

fn peek_and_dont_wait_go_together<W: World>(world: &W) {
    let both = MSG_PEEK | MSG_DONTWAIT;
    let (sock, _server) = world.connected(OPENMV, vec![Step::Wait(W::PAUSE), send("here")]);
    assert_eq!(name(sock.recv_flags(10, both)), "EAGAIN");
    sock.recv_flags(1, MSG_PEEK).unwrap();
    world.pass(W::PAUSE);
    for _ in 0..2 {
        let mut buf = [0; 10];
        assert_eq!(sock.recv_into_flags(&mut buf, both).unwrap(), 4);
    }
    assert_eq!(sock.recv_flags(10, MSG_DONTWAIT).unwrap(), b"here");
    assert_eq!(name(sock.recv_flags(10, both)), "EAGAIN");
}

fn unknown_flags_are_refused<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![send("kept")]);
    for flags in [4, 8, 64, -1] {
        assert_eq!(error(sock.recv_flags(4, flags)), (95, "EOPNOTSUPP"));
        assert_eq!(error(sock.recvfrom_flags(4, flags)), (95, "EOPNOTSUPP"));
    }
    assert_eq!(sock.read(4).unwrap().unwrap(), b"kept");
}
