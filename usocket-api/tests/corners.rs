//! Corners: which of two errors comes first, whose timeout it was, and calls with nothing to do.

mod common;
mod modem;

use std::time::Duration;

use common::{SECOND, World, name, network};
use embedded_io::{Read, Write};
use esp8285_sim::Dialect;
use nal_socket::ErrorKind;
use usocket_api::{AF_INET, AF_INET6, MAIXPY, OPENMV, SOCK_DGRAM, SOCK_STREAM, UNIX, USocket};

#[test]
fn a_closed_socket_is_ebadf_before_a_wrong_argument() {
    let world = World::new();
    let network = network(&world);
    let socket = USocket::new(&network, OPENMV).socket();
    socket.close().unwrap();
    let errors = [
        name(socket.connect(("example.org", 80))),
        name(socket.connect(("192.0.2.1", 65_536))),
        name(socket.bind(("localhost", 80))),
        name(socket.sendto("x", ("192.0.2.1", 7, 1, 0))),
        #[cfg(feature = "alloc")]
        name(socket.recv(-1)),
        #[cfg(feature = "alloc")]
        name(socket.recvfrom(-2)),
        name(Write::write(&mut &socket, b"")),
        name(Read::read(&mut &socket, &mut [])),
    ];
    assert!(errors.iter().all(|error| *error == "EBADF"), "{errors:?}");
}

#[test]
fn an_attempt_that_the_stack_gave_up_is_etimedout_in_every_profile() {
    for profile in [MAIXPY, OPENMV, UNIX] {
        for timeout in [None, Some(60.0)] {
            let world = World::new();
            let network = network(&world);
            let usocket = USocket::new(&network, profile);
            let connecting = || {
                let socket = usocket.socket();
                socket.setblocking(false).unwrap();
                let soon = world.now.get() + SECOND;
                world.connect.set((soon, Err(ErrorKind::TimedOut)));
                assert_eq!(name(socket.connect(common::PEER)), "EINPROGRESS");
                socket.settimeout(timeout).unwrap();
                socket
            };
            assert_eq!(name(connecting().recv_into(&mut [0; 4])), "ETIMEDOUT");
            assert_eq!(name(connecting().recvfrom_into(&mut [0; 4])), "ETIMEDOUT");
            assert_eq!(name(connecting().send("x")), "ETIMEDOUT");
            assert_eq!(name(connecting().sendall("x")), "ETIMEDOUT");
            assert_eq!(name(connecting().write("x")), "ETIMEDOUT");
        }
    }
}

#[test]
fn a_connection_that_the_stack_lost_by_a_timeout_is_not_empty_bytes() {
    for profile in [MAIXPY, UNIX] {
        let world = World::new();
        let network = network(&world);
        let socket = common::connected(&network, profile);
        socket.settimeout(None).unwrap();
        world.arrive(SECOND, common::Arrival::Fail(ErrorKind::TimedOut));
        assert_eq!(name(socket.recv_into(&mut [0; 4])), "ETIMEDOUT");
    }
}

#[test]
fn what_a_limit_becomes_in_the_unix_profile_says_that_it_was_a_limit() {
    let world = World::new();
    let network = network(&world);
    let socket = common::connected(&network, UNIX);
    socket.settimeout(0.5).unwrap();
    let error = socket.recv_into(&mut [0; 4]).unwrap_err();
    assert_eq!((error.errno(), error.name()), (11, "EAGAIN"));
    assert!(error.message().contains("timeout"), "{error}");
}

#[test]
fn any_address_of_the_other_family_is_refused_by_bind() {
    let world = World::new();
    let network = network(&world);
    let usocket = USocket::new(&network, OPENMV);
    let four = usocket.socket_with(AF_INET, SOCK_STREAM, 0).unwrap();
    assert_eq!(name(four.bind(("::", 80))), "EAFNOSUPPORT");
    // The network has no server, which is all that is wrong with these.
    assert_eq!(name(four.bind(("", 80))), "EOPNOTSUPP");
    let six = usocket.socket_with(AF_INET6, SOCK_STREAM, 0).unwrap();
    assert_eq!(name(six.bind(("::", 80))), "EOPNOTSUPP");
    assert_eq!(name(six.bind(("", 80))), "EOPNOTSUPP");
}

#[test]
fn reading_into_no_room_through_embedded_io_takes_no_datagram() {
    let (time, board) = modem::board(Dialect::NonOs1_7);
    let socket = USocket::new(&board, OPENMV)
        .socket_with(AF_INET, SOCK_DGRAM, 0)
        .unwrap();
    socket.settimeout(Duration::from_secs(5)).unwrap();
    let (start, sent) = (time.bench.now(), time.bench.stats().to_modem);
    assert_eq!(Read::read(&mut &socket, &mut []), Ok(0));
    assert_eq!(
        (time.bench.now(), time.bench.stats().to_modem),
        (start, sent)
    );
    socket.sendto("hello", modem::SERVER).unwrap();
    time.bench.advance(SECOND);
    assert_eq!(Read::read(&mut &socket, &mut []), Ok(0));
    let mut buf = [0; 8];
    assert_eq!(Read::read(&mut &socket, &mut buf), Ok(5));
    assert_eq!(&buf[..5], b"hello");
}

#[test]
fn an_unbound_socket_that_could_not_listen_can_be_bound_or_connected() {
    for dialect in modem::DIALECTS {
        let (_, board) = modem::board(dialect);
        let usocket = USocket::new(&board, OPENMV);
        let server = usocket.socket();
        server.bind(("", 8080)).unwrap();
        server.listen(1).unwrap();
        // The modem has one server.
        let socket = usocket.socket();
        assert_eq!(name(socket.listen(1)), "EMFILE", "{dialect}");
        socket.connect(modem::SERVER).unwrap();
    }
}
