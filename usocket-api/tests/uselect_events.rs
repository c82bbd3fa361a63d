//! What a poll object reports for a socket in every state: the numbers of MicroPython's unix port.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use many::udp::{UdpNetwork, with_udp};
use many::{Arrival, SECOND, Town};
use nal_socket::ErrorKind;
use usocket_api::uselect::{EventMask, POLLIN, POLLOUT, USelect};
use usocket_api::{AF_INET, OPENMV, SOCK_DGRAM, Socket, USocket};

const BOTH: i32 = 5;
const IN: i32 = 1;
const OUT: i32 = 4;

type Sock<'n> = Socket<&'n UdpNetwork>;

/// A connected socket on `line`.
fn connected(net: &UdpNetwork, line: u16) -> Sock<'_> {
    let sock = USocket::new(net, OPENMV).socket();
    sock.connect(("192.0.2.1", i32::from(line))).unwrap();
    sock
}

/// What is reported for `sock` at this moment, 0 for nothing.
fn events(net: &UdpNetwork, sock: &Sock<'_>, mask: i32) -> i32 {
    let poller = USelect::new(net, OPENMV).poll();
    poller.register(sock, mask).unwrap();
    match &*poller.poll(0).unwrap() {
        [] => 0,
        [(obj, event)] => {
            assert!(core::ptr::eq(*obj, sock));
            assert!(*event != 0);
            event.raw()
        }
        more => panic!("{} for one", more.len()),
    }
}

#[test]
fn a_new_tcp_socket_is_out_and_hung_up() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = USocket::new(&net, OPENMV).socket();
    assert_eq!(events(&net, &sock, BOTH), 20);
    assert_eq!(events(&net, &sock, IN), 16);
    assert_eq!(events(&net, &sock, 0), 16);
    assert_eq!(town.calls(), []);
}

#[test]
fn a_connecting_socket_reports_nothing_until_it_is_connected() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = USocket::new(&net, OPENMV).socket();
    sock.setblocking(false).unwrap();
    town.line(1, |line| line.connect_at = 9 * SECOND);
    let error = sock.connect(("192.0.2.1", 1)).unwrap_err();
    assert_eq!(error.name(), "EINPROGRESS");
    for mask in [0, IN, OUT, BOTH] {
        assert_eq!(events(&net, &sock, mask), 0, "{mask}");
    }
    town.now.set(9 * SECOND);
    assert_eq!(events(&net, &sock, OUT), 4);
    let error = sock.connect(("192.0.2.1", 1)).unwrap_err();
    assert_eq!(error.name(), "EISCONN");
}

#[test]
fn a_connected_socket_is_out_and_with_bytes_in() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = connected(&net, 1);
    assert_eq!(events(&net, &sock, BOTH), 4);
    assert_eq!(events(&net, &sock, IN), 0);
    town.data(1, 0, b"abc");
    assert_eq!(events(&net, &sock, BOTH), 5);
    assert_eq!(events(&net, &sock, IN), 1);
    assert_eq!(events(&net, &sock, OUT), 4);
    // Asking has used nothing up.
    assert_eq!(sock.recv_into(&mut [0; 8]), Ok(3));
    assert_eq!(events(&net, &sock, BOTH), 4);
}

#[test]
fn a_peer_that_has_closed_is_in_and_not_hung_up() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = connected(&net, 1);
    town.arrive(1, 0, Arrival::End);
    assert_eq!(events(&net, &sock, BOTH), 5);
    assert_eq!(events(&net, &sock, IN), 1);
    assert_eq!(sock.recv_into(&mut [0; 8]), Ok(0));
    assert_eq!(events(&net, &sock, BOTH), 5);
}

#[test]
fn a_refused_connect_is_29_and_raised_by_what_follows() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = USocket::new(&net, OPENMV).socket();
    sock.setblocking(false).unwrap();
    town.line(1, |line| {
        line.connect_at = 8 * SECOND;
        line.connect = Err(ErrorKind::ConnectionRefused);
    });
    assert!(sock.connect(("192.0.2.1", 1)).is_err());
    town.now.set(8 * SECOND);
    for (mask, number) in [(BOTH, 29), (IN, 25), (OUT, 28), (0, 24)] {
        assert_eq!(events(&net, &sock, mask), number);
    }
    let error = sock.connect(("192.0.2.1", 1)).unwrap_err();
    assert_eq!(error.name(), "ECONNREFUSED");
    // Told: a new socket again.
    assert_eq!(events(&net, &sock, BOTH), 20);
}

#[test]
fn a_reset_is_29_and_after_it_was_raised_hung_up() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = connected(&net, 1);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    // Also for one who waits for nothing.
    assert_eq!(events(&net, &sock, 0), 24);
    assert_eq!(events(&net, &sock, BOTH), 29);
    let error = sock.recv_into(&mut [0; 8]).unwrap_err();
    assert_eq!(error.name(), "ECONNRESET");
    assert_eq!(events(&net, &sock, BOTH), 21);
}

#[test]
fn a_listener_is_in_when_there_is_a_connection_to_accept() {
    let town = Town::new();
    let net = with_udp(&town).with_server();
    let server = USocket::new(&net, OPENMV).socket();
    server.bind(("", 80)).unwrap();
    assert_eq!(events(&net, &server, BOTH), 20);
    server.listen(1).unwrap();
    assert_eq!(events(&net, &server, BOTH), 0);
    town.arrive(80, 0, Arrival::Peer(3));
    assert_eq!(events(&net, &server, BOTH), 1);
    assert_eq!(events(&net, &server, OUT), 0);
    server.setblocking(false).unwrap();
    let (client, _) = server.accept().unwrap();
    assert_eq!(events(&net, &server, BOTH), 0);
    town.data(3, 0, b"GET");
    assert_eq!(events(&net, &client, BOTH), 5);
}

#[test]
fn a_datagram_socket_is_out_and_with_a_datagram_in() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = USocket::new(&net, OPENMV)
        .socket_with(AF_INET, SOCK_DGRAM, 0)
        .unwrap();
    sock.bind(("", 5)).unwrap();
    assert_eq!(events(&net, &sock, BOTH), 4);
    town.arrive(5, 0, Arrival::Datagram(9, b"echo".to_vec()));
    assert_eq!(events(&net, &sock, BOTH), 5);
    assert_eq!(events(&net, &sock, IN), 1);
    let mut buf = [0; 16];
    let (count, from) = sock.recvfrom_into(&mut buf).unwrap();
    assert_eq!((&buf[..count], from.port()), (&b"echo"[..], 9));
    assert_eq!(events(&net, &sock, BOTH), 4);
}

#[test]
fn a_closed_socket_is_not_valid_whatever_the_mask() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = connected(&net, 1);
    sock.close().unwrap();
    for mask in [0, IN, OUT, BOTH] {
        assert_eq!(events(&net, &sock, mask), 32);
    }
}

#[test]
fn bits_that_mean_nothing_change_nothing() {
    let town = Town::new();
    let net = with_udp(&town);
    let sock = connected(&net, 1);
    town.data(1, 0, b"x");
    for (mask, number) in [
        (2, 0),
        (2 | IN, 1),
        (-1, 5),
        (64, 0),
        (1 << 20, 0),
        (8 | 16 | 32, 0),
    ] {
        assert_eq!(events(&net, &sock, mask), number, "{mask}");
    }
    assert_eq!(EventMask::from(i32::MIN).raw(), i32::MIN);
}

#[test]
fn masks_are_numbers_with_names() {
    use nal_socket::Events;
    use usocket_api::uselect::{POLLERR, POLLHUP, POLLNVAL};

    let numbers = [POLLIN, POLLOUT, POLLERR, POLLHUP, POLLNVAL].map(EventMask::raw);
    assert_eq!(numbers, [1, 4, 8, 16, 32]);
    let mut mask = POLLIN | POLLHUP;
    assert!(mask & POLLIN != 0 && mask & POLLOUT == 0);
    assert!(mask.has(POLLHUP | POLLERR) && !mask.has(EventMask::NONE));
    mask |= POLLOUT;
    mask &= POLLIN | POLLOUT;
    assert_eq!(mask, POLLIN | POLLOUT);
    assert_eq!(Events::from(mask), Events::IN | Events::OUT);
    assert_eq!(Events::from(EventMask::from(-1)).bits(), 61);
    for event in [Events::NONE, Events::ALWAYS, Events::IN | Events::HUP] {
        assert_eq!(Events::from(EventMask::from(event)), event);
        assert_eq!(EventMask::from(event).raw(), i32::from(event.bits()));
    }
}
