//! `close()`, and what dropping does.

use usocket_api::{
    AF_INET, IP_ADD_MEMBERSHIP, IPPROTO_IP, MAIXPY, OPENMV, SO_REUSEADDR, SOCK_DGRAM, SOL_SOCKET,
};

use crate::simulated::Simulated;
use crate::world::{Ending, Sock, Step, World, error, send};

surface! {
    everywhere {
        after_close_every_call_fails
        after_close_the_other_side_sees_the_end
        what_was_sent_before_close_arrives
        a_dropped_socket_is_closed
        closing_twice_is_no_error
        a_closed_port_can_be_bound_again
    }
    simulated {
        close_gives_the_link_back
    }
}

fn every_call_fails<W: World>(sock: &Sock<'_, W>, server: (&str, i32)) {
    let closed = (9, "EBADF");
    let mut buf = [0; 8];
    assert_eq!(error(sock.connect(server)), closed);
    assert_eq!(error(sock.bind(("", 7))), closed);
    assert_eq!(error(sock.listen(None)), closed);
    assert_eq!(error(sock.accept()), closed);
    assert_eq!(error(sock.send("x")), closed);
    assert_eq!(error(sock.send("")), closed);
    assert_eq!(error(sock.sendall("x")), closed);
    assert_eq!(error(sock.sendto("x", server)), closed);
    assert_eq!(error(sock.recv(8)), closed);
    assert_eq!(error(sock.recv(0)), closed);
    assert_eq!(error(sock.recv_into(&mut buf)), closed);
    assert_eq!(error(sock.recvfrom(8)), closed);
    assert_eq!(error(sock.recvfrom_into(&mut buf)), closed);
    assert_eq!(error(sock.read(None)), closed);
    assert_eq!(error(sock.read(0)), closed);
    assert_eq!(error(sock.readinto(&mut buf)), closed);
    assert_eq!(error(sock.readline()), closed);
    assert_eq!(error(sock.readline_into(&mut buf)), closed);
    assert_eq!(error(sock.write("x")), closed);
    assert_eq!(error(sock.settimeout(1)), closed);
    assert_eq!(error(sock.setblocking(true)), closed);
    assert_eq!(error(sock.makefile("rb")), closed);
    assert_eq!(error(sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)), closed);
    let group = sock.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, b"\xe0\0\0\xfb\0\0\0\0");
    assert_eq!(error(group), closed);
    assert_eq!(error(sock.notified()), closed);
}

fn after_close_every_call_fails<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let usocket = world.usocket(profile);
        let (connected, server) = world.connected(profile, vec![]);
        let listener = usocket.socket();
        listener.bind(("", world.free_port())).unwrap();
        listener.listen(None).unwrap();
        let datagrams = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
        datagrams.bind(("", world.free_port())).unwrap();
        for sock in [usocket.socket(), connected, listener, datagrams] {
            sock.close().unwrap();
            every_call_fails::<W>(&sock, server.at());
        }
    }
}

fn after_close_the_other_side_sees_the_end<W: World>(world: &W) {
    let (sock, server) = world.connected(OPENMV, vec![Step::Read(3), send("ok")]);
    sock.send("bye").unwrap();
    assert_eq!(sock.read(2).unwrap().unwrap(), b"ok");
    assert_eq!(server.heard.ending(), None);
    sock.close().unwrap();
    world.until(|| server.heard.ending() == Some(Ending::Orderly));
    assert_eq!(server.heard.bytes(), b"bye");
}

fn what_was_sent_before_close_arrives<W: World>(world: &W) {
    let (sock, server) = world.connected(MAIXPY, vec![]);
    let data: Vec<u8> = (0..10_000_u32).map(|n| (n * 7 / 3) as u8).collect();
    sock.sendall(&data).unwrap();
    sock.close().unwrap();
    world.until(|| server.heard.ending() == Some(Ending::Orderly));
    assert!(server.heard.bytes() == data);
}

fn a_dropped_socket_is_closed<W: World>(world: &W) {
    let (sock, server) = world.connected(MAIXPY, vec![]);
    sock.sendall("last words").unwrap();
    drop(sock);
    world.until(|| server.heard.ending() == Some(Ending::Orderly));
    assert_eq!(server.heard.bytes(), b"last words");
}

fn closing_twice_is_no_error<W: World>(world: &W) {
    let (sock, server) = world.connected(OPENMV, vec![]);
    for _ in 0..3 {
        sock.close().unwrap();
    }
    drop(sock);
    world.until(|| server.heard.ending() == Some(Ending::Orderly));
    assert_eq!(server.heard.connections(), 1);
}

fn a_closed_port_can_be_bound_again<W: World>(world: &W) {
    let usocket = world.usocket(OPENMV);
    let port = world.free_port();
    for _ in 0..3 {
        let sock = usocket.socket();
        sock.bind(("", port)).unwrap();
        sock.listen(None).unwrap();
        sock.close().unwrap();
        let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
        sock.bind(("", port)).unwrap();
        sock.close().unwrap();
    }
    // A modem closes a port a moment after it was told to.
    world.pass(W::PAUSE);
    let visitor = world.visit(port, vec![]);
    world.until(|| visitor.ending() == Some(Ending::Refused));
}

/// The modem has five. The loopback interface has no such limit.
fn close_gives_the_link_back(world: &Simulated) {
    let usocket = world.usocket(MAIXPY);
    let server = world.serve(vec![]);
    let connect = || {
        let sock = usocket.socket();
        sock.connect(server.at()).map(|()| sock)
    };
    for _ in 0..12 {
        connect().unwrap().close().unwrap();
    }
    let five: Vec<_> = (0..5).map(|_| connect().unwrap()).collect();
    assert_eq!(error(connect()), (24, "EMFILE"));
    five[3].close().unwrap();
    connect().unwrap();
}
