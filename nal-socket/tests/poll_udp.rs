//! UDP sockets in `poll`, alone and among others.

mod many;

use std::time::Duration;

use many::udp::{UdpNetwork, bound, with_udp};
use many::{Arrival, Op, SECOND, Town, address, connected, listening};
use nal_socket::{ErrorKind, Events, Pollable, UdpSocket, Watch};

const IN: u8 = 1;
const OUT: u8 = 4;
const ERR: u8 = 8;

fn events(net: &UdpNetwork, source: &mut dyn Pollable, interest: u8) -> u8 {
    let mut watch = Watch::new(Events::from_bits(interest).unwrap());
    net.poll(&mut [(source, &mut watch)], Some(Duration::ZERO))
        .unwrap();
    watch.ready().bits()
}

fn datagram(from: u16, bytes: &[u8]) -> Arrival {
    Arrival::Datagram(from, bytes.to_vec())
}

#[test]
fn a_socket_is_writable_and_with_a_datagram_readable() {
    let town = Town::new();
    let net = with_udp(&town);
    let mut unused = UdpSocket::new(&net);
    assert_eq!(events(&net, &mut unused, IN | OUT), OUT);
    let mut socket = bound(&town, &net, 1);
    assert_eq!(events(&net, &mut socket, IN | OUT), OUT);
    assert_eq!(events(&net, &mut socket, IN), 0);
    town.arrive(1, 0, datagram(9, b"abc"));
    for _ in 0..2 {
        assert_eq!(events(&net, &mut socket, IN | OUT), IN | OUT);
        assert_eq!(events(&net, &mut socket, OUT), OUT);
        assert_eq!(events(&net, &mut socket, 0), 0);
    }
    let mut buf = [0; 8];
    assert_eq!(socket.recvfrom(&mut buf), Ok((3, address(9))));
    assert_eq!(events(&net, &mut socket, IN | OUT), OUT);
    socket.close().unwrap();
    assert_eq!(events(&net, &mut socket, IN | OUT), Events::NVAL.bits());
}

#[test]
fn an_error_is_readable_and_an_error_until_it_is_told() {
    let town = Town::new();
    let net = with_udp(&town);
    let mut socket = bound(&town, &net, 1);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionRefused));
    for _ in 0..2 {
        assert_eq!(events(&net, &mut socket, IN | OUT), IN | OUT | ERR);
    }
    let error = socket.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(events(&net, &mut socket, IN | OUT), OUT);
}

#[test]
fn a_full_stack_is_waited_for_with_one_idle_at_least() {
    let town = Town::new();
    let net = with_udp(&town);
    let mut socket = bound(&town, &net, 1);
    socket.set_nonblocking(true);
    town.line(1, |line| line.room_at = 9 * SECOND);
    let mut watch = Watch::new(Events::OUT);
    let mut sends = 0;
    loop {
        assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], None), Ok(1));
        sends += 1;
        match socket.sendto(b"x", address(9)) {
            Ok(_) => break,
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
    }
    assert_eq!((sends, town.idles.get()), (2, 1));
    assert_eq!(town.now.get(), 9 * SECOND);
}

#[test]
fn strangers_do_not_make_a_connected_socket_ready_nor_the_hook_sleep() {
    let town = Town::new();
    let net = with_udp(&town);
    let mut socket = bound(&town, &net, 1);
    socket.connect(address(9)).unwrap();
    for _ in 0..5 {
        town.arrive(1, 0, datagram(8, b"spam"));
    }
    town.arrive(1, 0, datagram(9, b"mine"));
    let mut watch = Watch::new(Events::IN);
    // From a network of its own, too.
    let other = with_udp(&town);
    assert_eq!(other.poll(&mut [(&mut socket, &mut watch)], None), Ok(1));
    assert_eq!(town.now.get(), 7 * SECOND, "no time has passed");
    assert_eq!(town.idles.get(), 2, "two datagrams a look");
    let mut buf = [0; 8];
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"mine");
}

#[test]
fn a_mix_is_polled_together_and_each_is_asked_once() {
    let town = Town::new();
    let net = with_udp(&town);
    let mut stream = connected(&town, &net, 1);
    let mut listener = listening(&town, &net, 2);
    let mut datagrams = bound(&town, &net, 3);
    let mut on_stream = Watch::new(Events::IN);
    let mut on_listener = Watch::new(Events::IN);
    let mut on_datagrams = Watch::new(Events::IN);
    let mut poll = |timeout| {
        let found = net.poll(
            &mut [
                (&mut stream, &mut on_stream),
                (&mut listener, &mut on_listener),
                (&mut datagrams, &mut on_datagrams),
            ],
            timeout,
        );
        let ready = [&on_stream, &on_listener, &on_datagrams].map(|watch| watch.ready().bits());
        (found, ready)
    };
    town.calls();
    assert_eq!(poll(Some(Duration::ZERO)), (Ok(0), [0, 0, 0]));
    let mut calls = town.calls();
    calls.sort_by_key(|(line, _)| *line);
    assert_eq!(calls, [(1, Op::Receive), (2, Op::Accept), (3, Op::Receive)]);

    town.arrive(3, SECOND, datagram(9, b"x"));
    town.arrive(2, 2 * SECOND, Arrival::Peer(5));
    town.data(1, 2 * SECOND, b"y");
    assert_eq!(poll(None), (Ok(1), [0, 0, IN]));
    assert_eq!(town.now.get(), 8 * SECOND);
    town.pass(SECOND);
    assert_eq!(poll(None), (Ok(3), [IN, IN, IN]));
    assert_eq!(town.now.get(), 9 * SECOND);
}
