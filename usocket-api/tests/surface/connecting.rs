//! `connect(address)`.

use usocket_api::{AF_INET, MAIXPY, OPENMV, SOCK_DGRAM};

use crate::simulated::Simulated;
use crate::world::{Step, World, error, name, send};

surface! {
    everywhere {
        connect_reaches_the_server_at_the_address
        a_refused_connect_says_so_and_can_be_repeated
        a_second_connect_is_refused
        a_non_blocking_connect_is_in_progress_until_it_is_there
        a_datagram_socket_is_connected_to_a_peer
    }
    simulated {
        a_connect_that_nobody_answers_ends_in_time
    }
}

fn connect_reaches_the_server_at_the_address<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let server = world.serve(vec![send("it is me")]);
        let other = world.serve(vec![]);
        let sock = world.usocket(profile).socket();
        assert_eq!(sock.peer(), None);
        sock.connect(server.at()).unwrap();
        let peer = sock.peer().unwrap();
        assert_eq!(peer.host().to_string(), server.at().0);
        assert_eq!(i32::from(peer.port()), server.at().1);
        assert_eq!(sock.read(8).unwrap().unwrap(), b"it is me");
        world.until(|| server.heard.connections() == 1);
        assert_eq!(other.heard.connections(), 0);
    }
}

fn a_refused_connect_says_so_and_can_be_repeated<W: World>(world: &W) {
    let server = world.serve(vec![]);
    let refusing = world.refusing();
    for profile in [MAIXPY, OPENMV] {
        let sock = world.usocket(profile).socket();
        for _ in 0..2 {
            let refused = error(sock.connect((refusing.0.as_str(), refusing.1)));
            assert_eq!(refused, (111, "ECONNREFUSED"));
        }
        sock.connect(server.at()).unwrap();
    }
}

fn a_second_connect_is_refused<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 106), (MAIXPY, 127)] {
        let (sock, server) = world.connected(profile, vec![Step::Read(2), send("me")]);
        let other = world.serve(vec![]);
        for address in [server.at(), other.at()] {
            assert_eq!(error(sock.connect(address)), (number, "EISCONN"));
        }
        // The connection has not suffered.
        sock.send("x").unwrap();
        sock.send("y").unwrap();
        assert_eq!(sock.read(2).unwrap().unwrap(), b"me");
        assert_eq!(other.heard.connections(), 0);
    }
}

/// On the loopback interface the stack connects at once.
fn a_non_blocking_connect_is_in_progress_until_it_is_there<W: World>(world: &W) {
    for (profile, progress, already) in [(OPENMV, 115, 114), (MAIXPY, 119, 120)] {
        let server = world.serve(vec![send("hello")]);
        let sock = world.usocket(profile).socket();
        sock.setblocking(false).unwrap();
        if W::SIMULATED {
            let first = error(sock.connect(server.at()));
            assert_eq!(first, (progress, "EINPROGRESS"));
            loop {
                world.pass(1_000);
                match sock.connect(server.at()) {
                    Ok(()) => break,
                    Err(error) => assert_eq!((error.errno(), error.name()), (already, "EALREADY")),
                }
            }
        } else {
            sock.connect(server.at()).unwrap();
        }
        sock.setblocking(true).unwrap();
        assert_eq!(sock.read(5).unwrap().unwrap(), b"hello");
    }
}

fn a_datagram_socket_is_connected_to_a_peer<W: World>(world: &W) {
    let (first, second) = (world.echo(1), world.echo(1));
    let sock = world
        .usocket(OPENMV)
        .socket_with(AF_INET, SOCK_DGRAM, 0)
        .unwrap();
    for echo in [&first, &second, &first] {
        sock.connect(echo.at()).unwrap();
        assert_eq!(sock.send("to the peer").unwrap(), 11);
        assert_eq!(sock.recv(100).unwrap(), b"to the peer");
    }
    assert_eq!((first.heard().len(), second.heard().len()), (2, 1));
}

/// The loopback stack would wait inside, whatever the timeout.
fn a_connect_that_nobody_answers_ends_in_time(world: &Simulated) {
    let silent = world.silent();
    for (profile, number) in [(OPENMV, 110), (MAIXPY, 116)] {
        let sock = world.usocket(profile).socket();
        sock.settimeout(2.5).unwrap();
        let result = world.takes(2_500_000, || sock.connect((silent.0.as_str(), silent.1)));
        assert_eq!(error(result), (number, "ETIMEDOUT"));
        // It goes on, and so nothing can be sent yet.
        sock.setblocking(false).unwrap();
        assert_eq!(name(sock.send("x")), "EAGAIN");
        assert_eq!(
            name(sock.connect((silent.0.as_str(), silent.1))),
            "EALREADY"
        );
    }
}
