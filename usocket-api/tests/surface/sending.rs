//! `send` and `sendall` on connections.

use usocket_api::{MAIXPY, OPENMV, Profile};

use crate::world::{Sock, Step, World, error, send};

surface! {
    everywhere {
        send_returns_how_much_was_sent
        send_may_be_short_and_the_rest_can_follow
        sending_needs_a_connection
        sendall_sends_all_of_it
        a_non_blocking_send_that_has_no_room_is_eagain
        text_and_bytes_are_data
    }
}

fn picture(length: usize) -> Vec<u8> {
    (0..length).map(|n| (n * n / 7) as u8).collect()
}

fn send_returns_how_much_was_sent<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let (sock, server) = world.connected(profile, vec![Step::Read(5), send("!")]);
        assert_eq!(sock.send("hello").unwrap(), 5);
        assert_eq!(sock.send("").unwrap(), 0);
        assert_eq!(sock.read(1).unwrap().unwrap(), b"!");
        assert_eq!(server.heard.bytes(), b"hello");
    }
}

/// The count says where to go on, however the stack cuts it.
fn send_may_be_short_and_the_rest_can_follow<W: World>(world: &W) {
    let data = picture(20_000);
    let (sock, server) = world.connected(MAIXPY, vec![]);
    let mut rest = &data[..];
    while !rest.is_empty() {
        let sent = sock.send(rest).unwrap();
        assert!((1..=rest.len()).contains(&sent));
        rest = &rest[sent..];
    }
    sock.close().unwrap();
    world.until(|| server.heard.count() == data.len());
    assert!(server.heard.bytes() == data);
}

fn sending_needs_a_connection<W: World>(world: &W) {
    let unsent = |profile: Profile, sock: Sock<'_, W>| {
        let udp = sock.socket_type() == Some(usocket_api::SOCK_DGRAM);
        let expected = match (udp, profile == OPENMV) {
            (false, _) => (32, "EPIPE"),
            (true, true) => (107, "ENOTCONN"),
            (true, false) => (128, "ENOTCONN"),
        };
        assert_eq!(error(sock.send("x")), expected);
        assert_eq!(error(sock.sendall("x")), expected);
        assert_eq!(error(sock.write("x")), expected);
    };
    for profile in [MAIXPY, OPENMV] {
        let usocket = world.usocket(profile);
        unsent(profile, usocket.socket());
        unsent(profile, usocket.socket_with(2, 2, 0).unwrap());
        let bound = usocket.socket();
        bound.bind(("", world.free_port())).unwrap();
        unsent(profile, bound);
    }
}

fn sendall_sends_all_of_it<W: World>(world: &W) {
    let data = picture(30_054);
    for profile in [MAIXPY, OPENMV] {
        let (sock, server) = world.connected(profile, vec![]);
        sock.sendall(&data).unwrap();
        sock.sendall("").unwrap();
        sock.close().unwrap();
        world.until(|| server.heard.count() == data.len());
        assert!(server.heard.bytes() == data);
    }
}

/// `write` tells how much went, and loses nothing.
fn a_non_blocking_send_that_has_no_room_is_eagain<W: World>(world: &W) {
    let data = picture(40_000);
    let (sock, server) = world.connected(OPENMV, vec![]);
    sock.setblocking(false).unwrap();
    let mut sent = 0;
    while sent < data.len() {
        match sock.send(&data[sent..]) {
            Ok(count) => sent += count,
            Err(error) => {
                assert_eq!((error.errno(), error.name()), (11, "EAGAIN"));
                match sock.write(&data[sent..]).unwrap() {
                    None => world.pass(1_000),
                    Some(count) => sent += count,
                }
            }
        }
    }
    sock.setblocking(true).unwrap();
    sock.close().unwrap();
    world.until(|| server.heard.count() == data.len());
    assert!(server.heard.bytes() == data);
}

fn text_and_bytes_are_data<W: World>(world: &W) {
    let (sock, server) = world.connected(MAIXPY, vec![Step::Read(22), send("!")]);
    assert_eq!(sock.send("text ").unwrap(), 5);
    assert_eq!(sock.send(b"bytes ").unwrap(), 6);
    sock.sendall(vec![b'v', b' ']).unwrap();
    assert_eq!(sock.write(String::from("a string ")).unwrap(), Some(9));
    assert_eq!(sock.read(1).unwrap().unwrap(), b"!");
    assert_eq!(server.heard.bytes(), b"text bytes v a string ");
}
