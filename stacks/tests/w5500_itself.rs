//! What w5500 0.6 itself does with the chip, what that means for the sockets, and what the mended bus
//! makes of it.

mod chip;
mod common;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use chip::network::{ADDRESS, RESETS, SERVER};
use chip::{Bench, Driver, SECOND, Spi, Stuck, at, bench};
use nal_socket::embedded_nal::{TcpClientStack, UdpClientStack, nb};
use nal_socket::{ErrorKind, Hints, HostTable, Network, Platform, Policy, TcpSocket, UdpSocket};
use nal_socket_stacks::w5500_bus::{Fault, Mended};
use w5500::bus::{Bus, FourWire};
use w5500::tcp::{TcpSocket as Handle, TcpSocketError};

type Raw = Driver<FourWire<Spi>>;

fn kind<T: std::fmt::Debug>(result: Result<T, nal_socket::Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn plain() -> (Raw, Bench) {
    bench(|bus| bus)
}

fn mended() -> (Driver<Mended<FourWire<Spi>>>, Bench) {
    bench(|bus| Mended::new(bus, 50_000))
}

/// A connection of the driver's own, which has asked the peer this, a second ago.
fn ask<B: Bus>(device: &mut Driver<B>, bench: &Bench, to: SocketAddr, request: &[u8]) -> Handle {
    let mut handle = TcpClientStack::socket(device).unwrap();
    TcpClientStack::connect(device, &mut handle, to).unwrap();
    if !request.is_empty() {
        assert_eq!(
            TcpClientStack::send(device, &mut handle, request).unwrap(),
            request.len()
        );
    }
    bench.pass(SECOND);
    handle
}

fn receive<B: Bus>(
    device: &mut Driver<B>,
    handle: &mut Handle,
    most: usize,
) -> nb::Result<usize, TcpSocketError<B::Error>> {
    TcpClientStack::receive(device, handle, &mut vec![0; most])
}

#[test]
fn connect_waits_inside_and_is_ok_even_if_refused() {
    let (mut device, bench) = plain();
    let start = bench.now();
    let mut handle = TcpClientStack::socket(&mut device).unwrap();
    TcpClientStack::connect(&mut device, &mut handle, at(1)).unwrap();
    assert!(bench.now() > start);
    assert_eq!(bench.0.borrow().status(0), 0x13, "INIT: no connection");
    // Nobody there at all.
    let nobody = "192.0.2.99:80".parse().unwrap();
    TcpClientStack::connect(&mut device, &mut handle, nobody).unwrap();
    assert!(bench.now() > start + SECOND);
}

#[test]
fn the_sockets_know_a_refused_connect_from_a_connection() {
    let (device, bench) = plain();
    let net = nal_socket_stacks::w5500::network(device, bench);
    let mut socket = TcpSocket::new(&net);
    assert_eq!(kind(socket.connect(at(1))), ErrorKind::ConnectionRefused);
    let nobody = "192.0.2.99:80".parse().unwrap();
    assert_eq!(kind(socket.connect(nobody)), ErrorKind::ConnectionRefused);
    socket.connect(at(SERVER)).unwrap();

    let (device, bench) = mended();
    let net = nal_socket_stacks::w5500_bus::network(device, bench);
    let mut socket = TcpSocket::new(&net);
    assert_eq!(kind(socket.connect(at(1))), ErrorKind::ConnectionRefused);
    assert_eq!(kind(socket.connect(nobody)), ErrorKind::HostUnreachable);
    socket.connect(at(SERVER)).unwrap();
}

#[test]
fn what_a_read_leaves_over_is_not_seen_until_more_comes() {
    let (mut device, bench) = plain();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SLOW 8 4 800\n");
    assert_eq!(receive(&mut device, &mut handle, 3).unwrap(), 3);
    // One byte is in the chip.
    assert_eq!(receive(&mut device, &mut handle, 3).unwrap(), 0);
    bench.pass(SECOND / 2);
    assert_eq!(receive(&mut device, &mut handle, 3).unwrap(), 0);

    let (mut device, bench) = mended();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SLOW 8 4 800\n");
    assert_eq!(receive(&mut device, &mut handle, 3).unwrap(), 3);
    assert_eq!(receive(&mut device, &mut handle, 3).unwrap(), 1);
    assert_eq!(receive(&mut device, &mut handle, 3).unwrap(), 0);
}

#[test]
fn what_was_not_read_when_the_peer_closes_is_lost() {
    let (mut device, bench) = plain();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SEND 8\n");
    assert!(matches!(
        receive(&mut device, &mut handle, 3),
        Err(nb::Error::Other(TcpSocketError::NotConnected))
    ));

    let (mut device, bench) = mended();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SEND 8\n");
    assert_eq!(receive(&mut device, &mut handle, 5).unwrap(), 5);
    assert_eq!(receive(&mut device, &mut handle, 5).unwrap(), 3);
    assert!(matches!(
        receive(&mut device, &mut handle, 5),
        Err(nb::Error::Other(TcpSocketError::Other(Fault::End)))
    ));
}

#[test]
fn after_the_peer_has_closed_its_direction_nothing_can_be_sent() {
    let (mut device, bench) = plain();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SEND 0 HALF\n");
    assert!(matches!(
        TcpClientStack::send(&mut device, &mut handle, b"x"),
        Err(nb::Error::Other(TcpSocketError::NotConnected))
    ));

    let (mut device, bench) = mended();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SEND 0 HALF\n");
    assert_eq!(
        TcpClientStack::send(&mut device, &mut handle, b"x").unwrap(),
        1
    );
}

#[test]
fn a_reset_loses_nothing_on_the_mended_bus_and_is_told() {
    let (mut device, bench) = mended();
    let mut handle = ask(&mut device, &bench, at(SERVER), b"SEND 8 RESET\n");
    assert_eq!(receive(&mut device, &mut handle, 16).unwrap(), 8);
    assert!(matches!(
        receive(&mut device, &mut handle, 5),
        Err(nb::Error::Other(TcpSocketError::Other(Fault::Lost)))
    ));
}

#[test]
fn closing_says_nothing_to_the_peer() {
    let (mut device, bench) = plain();
    let handle = ask(&mut device, &bench, at(SERVER), b"COUNT 1\n");
    TcpClientStack::close(&mut device, handle).unwrap();
    bench.pass(5 * SECOND);
    assert_eq!(bench.0.borrow().half_open(), 1);

    let (mut device, bench) = mended();
    let handle = ask(&mut device, &bench, at(SERVER), b"COUNT 1\n");
    TcpClientStack::close(&mut device, handle).unwrap();
    bench.pass(5 * SECOND);
    assert_eq!(bench.0.borrow().half_open(), 0);
    assert_eq!(bench.0.borrow().status(0), 0, "CLOSED");
}

#[test]
fn a_send_waits_for_ever_when_the_peer_resets_meanwhile() {
    let (mut device, bench) = plain();
    let mut handle = ask(&mut device, &bench, at(RESETS), b"");
    let start = bench.now();
    // Two fill the peer's window, the third is under way when the reset comes.
    let mut outcome = Ok(0);
    for _ in 0..3 {
        outcome = TcpClientStack::send(&mut device, &mut handle, &[0; 2048]);
    }
    // Only the bus of this bench has brought it back.
    assert!(matches!(
        outcome,
        Err(nb::Error::Other(
            TcpSocketError::NotConnected | TcpSocketError::Other(Stuck)
        ))
    ));
    assert!(bench.now() > start + 50 * SECOND, "{}", bench.now() - start);
}

#[test]
fn every_start_uses_the_same_local_ports() {
    for _ in 0..2 {
        let (mut device, bench) = plain();
        ask(&mut device, &bench, at(SERVER), b"");
        assert_eq!(bench.0.borrow().local_port(0), 49_849);
    }
    let (mut device, bench) = mended();
    let handle = ask(&mut device, &bench, at(SERVER), b"");
    assert_eq!(bench.0.borrow().local_port(0), 50_000);
    TcpClientStack::close(&mut device, handle).unwrap();
    ask(&mut device, &bench, at(SERVER), b"");
    assert_eq!(bench.0.borrow().local_port(0), 50_001);
}

#[test]
fn an_empty_send_is_a_command_to_the_chip_and_the_policy_avoids_it() {
    let sends = |policy: Policy<_>| {
        let (device, bench) = plain();
        let net = nal_socket_stacks::w5500::network(device, bench.clone()).with_policy(policy);
        let mut socket = TcpSocket::new(&net);
        socket.connect(at(SERVER)).unwrap();
        socket.sendall(b"COUNT\n").unwrap();
        socket.flush().unwrap();
        socket.close().unwrap();
        bench.0.borrow().empty_sends
    };
    assert_eq!(sends(nal_socket_stacks::w5500::policy()), 0);
    assert_eq!(sends(Policy::smoltcp()), 1);
}

fn datagrams<B: Bus>(
    device: &mut Driver<B>,
    bench: &Bench,
    requests: &[&[u8]],
) -> w5500::udp::UdpSocket {
    let mut socket = UdpClientStack::socket(device).unwrap();
    UdpClientStack::connect(device, &mut socket, at(7000)).unwrap();
    for request in requests {
        UdpClientStack::send(device, &mut socket, request).unwrap();
    }
    bench.pass(SECOND);
    socket
}

#[test]
fn datagrams_come_eight_bytes_too_long_and_all_at_once() {
    let (mut device, bench) = plain();
    let mut socket = datagrams(&mut device, &bench, &[b"one"]);
    let mut buf = [0xEE; 64];
    let (length, from) = UdpClientStack::receive(&mut device, &mut socket, &mut buf).unwrap();
    assert_eq!((length, from), (3 + 8, at(7000)));

    let (mut device, bench) = plain();
    let mut socket = datagrams(&mut device, &bench, &[b"one", b"second"]);
    let (length, _) = UdpClientStack::receive(&mut device, &mut socket, &mut buf).unwrap();
    assert_eq!(length, 3 + 6 + 16);
    assert!(matches!(
        UdpClientStack::receive(&mut device, &mut socket, &mut buf),
        Err(nb::Error::WouldBlock)
    ));

    let (mut device, bench) = mended();
    let mut socket = datagrams(&mut device, &bench, &[b"one", b"EMPTY", b"second"]);
    let (length, from) = UdpClientStack::receive(&mut device, &mut socket, &mut buf).unwrap();
    assert_eq!((&buf[..length], from), (&b"one"[..], at(7000)));
    // The empty one cannot be told from none.
    let (length, _) = UdpClientStack::receive(&mut device, &mut socket, &mut buf).unwrap();
    assert_eq!(&buf[..length], b"second");
    assert!(matches!(
        UdpClientStack::receive(&mut device, &mut socket, &mut buf),
        Err(nb::Error::WouldBlock)
    ));
}

#[test]
#[should_panic(expected = "range end index 100 out of range for slice of length 50")]
fn a_datagram_longer_than_the_buffer_makes_the_driver_panic() {
    let (mut device, bench) = plain();
    let mut socket = datagrams(&mut device, &bench, &[b"SIZE 100"]);
    let _ = UdpClientStack::receive(&mut device, &mut socket, &mut [0; 50]);
}

#[test]
fn a_datagram_longer_than_the_buffer_is_cut_on_the_mended_bus() {
    let (mut device, bench) = mended();
    let mut socket = datagrams(&mut device, &bench, &[b"SIZE 100", b"next"]);
    let mut buf = [0; 50];
    let (length, _) = UdpClientStack::receive(&mut device, &mut socket, &mut buf).unwrap();
    assert_eq!(length, 50);
    let (length, _) = UdpClientStack::receive(&mut device, &mut socket, &mut buf).unwrap();
    assert_eq!(&buf[..length], b"next");
}

#[test]
fn datagram_sockets_work_on_the_mended_bus() {
    let (device, bench) = mended();
    let net = nal_socket_stacks::w5500_bus::network(device, bench);
    let mut socket = UdpSocket::new(&net);
    socket.set_timeout(Some(Duration::from_secs(2)));
    socket.connect(at(7000)).unwrap();
    socket.send(b"TWICE").unwrap();
    let mut buf = [0; 16];
    for _ in 0..2 {
        let length = socket.recv(&mut buf).unwrap();
        assert_eq!(&buf[..length], b"TWICE");
    }
    let mut other = UdpSocket::new(&net);
    let taken = socket.local_port().unwrap();
    assert_eq!(kind(other.bind(taken)), ErrorKind::AddressInUse);
    let nobody = "192.0.2.99:80".parse().unwrap();
    assert_eq!(
        kind(socket.sendto(b"x", nobody)),
        ErrorKind::HostUnreachable
    );
    assert_eq!(kind(socket.send(&[0; 1473])), ErrorKind::MessageTooLong);
    assert_eq!(kind(socket.recv(&mut buf)), ErrorKind::TimedOut);
}

#[test]
fn names_need_a_table_or_a_resolver() {
    const HOSTS: HostTable<'_> = HostTable::new(&[("peer.test", IpAddr::V4(ADDRESS))]);
    let (device, bench) = plain();
    let net = nal_socket_stacks::w5500::network(device, bench);
    let ask = |net: &Network<_, _, _>| {
        Ok(net
            .getaddrinfo("peer.test", SERVER, Hints::stream())?
            .first()
            .sockaddr)
    };
    assert_eq!(kind(ask(&net)), ErrorKind::NoResolver);
    let net = net.with_hosts(HOSTS);
    let mut socket = TcpSocket::new(&net);
    socket.connect(ask(&net).unwrap()).unwrap();
    assert_eq!(socket.peer_addr(), Some(at(SERVER)));
}
