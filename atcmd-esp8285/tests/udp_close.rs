//! The last datagrams of a socket that is closed: with the traits alone they go
//! out while the driver is polled, through `nal-socket` before `close` returns.

mod bench;
mod board;

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;
use std::time::Duration;

use atcmd_esp8285::{Esp8285, UdpSocket};
use bench::{Setup, Wifi, joined, network};
use board::{Board, board, pass};
use embedded_nal::{UdpClientStack, UdpFullStack};
use esp8285_sim::{Bench, Dialect, Direction, MemoryNetwork, Modem, UdpIo, UdpPeer};
use nal_socket::ErrorKind;

const PEER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 7);
const OTHER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 2), 9);

/// Keeps what came.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<Vec<u8>>>>);

impl UdpPeer for Kept {
    fn received(&mut self, data: &[u8], _: &mut UdpIo) {
        self.0.borrow_mut().push(data.to_vec());
    }
}

impl Kept {
    fn all(&self) -> Vec<Vec<u8>> {
        self.0.borrow().clone()
    }
}

fn setups() -> impl Iterator<Item = Setup> {
    Setup::every_dialect().filter(|setup| {
        // 0.2x cannot bind, ESP_ATMod has no datagrams.
        !matches!(setup.dialect, Dialect::EspAtMod | Dialect::NonOs0_2x)
    })
}

/// A network with the two peers.
fn peers(setup: Setup) -> (MemoryNetwork, Kept, Kept) {
    let network = network(setup);
    let (kept, other) = (Kept::default(), Kept::default());
    network.listen_udp(PEER, kept.clone());
    network.listen_udp(OTHER, other.clone());
    (network, kept, other)
}

fn run(bench: &Bench, wifi: &mut Wifi<4096>, us: u64) {
    let until = bench.now() + us;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

/// Time passes and nobody asks the driver for anything.
fn leave_alone(bench: &Bench, us: u64) {
    let until = bench.now() + us;
    while bench.now() < until {
        bench.idle(Some(until));
    }
}

fn bound(wifi: &mut Wifi<4096>, port: u16) -> UdpSocket {
    let mut socket = UdpClientStack::socket(wifi).unwrap();
    wifi.bind(&mut socket, port).unwrap();
    socket
}

fn send_to(wifi: &mut Wifi<4096>, socket: &mut UdpSocket, to: SocketAddrV4, data: &[u8]) {
    wifi.wait(|wifi| wifi.send_to(socket, to.into(), data))
        .unwrap();
}

fn data(kept: &[&[u8]]) -> Vec<Vec<u8>> {
    kept.iter().map(|data| data.to_vec()).collect()
}

#[test]
fn what_a_closed_socket_has_sent_goes_out_while_the_driver_is_polled() {
    for setup in setups() {
        let (network, kept, other) = peers(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi, 5353);
        for n in 1..=3 {
            send_to(&mut wifi, &mut socket, PEER, &[n; 700]);
            send_to(&mut wifi, &mut socket, OTHER, &[n + 10; 700]);
        }
        UdpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 500_000);
        assert_eq!(kept.all(), [[1; 700], [2; 700], [3; 700]], "{setup:?}");
        assert_eq!(other.all(), [[11; 700], [12; 700], [13; 700]], "{setup:?}");
    }
}

#[test]
fn a_connected_socket_that_is_closed_has_its_last_datagram_sent() {
    for setup in setups() {
        let (network, kept, _) = peers(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = UdpClientStack::socket(&mut wifi).unwrap();
        UdpClientStack::connect(&mut wifi, &mut socket, PEER.into()).unwrap();
        wifi.wait(|wifi| UdpClientStack::send(wifi, &mut socket, b"last"))
            .unwrap();
        UdpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 500_000);
        assert_eq!(kept.all(), data(&[b"last"]), "{setup:?}");
    }
}

#[test]
fn the_next_socket_may_take_the_port_at_once_and_each_datagram_goes_where_it_was_sent() {
    for setup in setups() {
        let (network, kept, other) = peers(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi, 5353);
        send_to(&mut wifi, &mut socket, PEER, b"last of the first");
        UdpClientStack::close(&mut wifi, socket).unwrap();
        let mut socket = bound(&mut wifi, 5353);
        send_to(&mut wifi, &mut socket, OTHER, b"first of the next");
        run(&bench, &mut wifi, 500_000);
        assert_eq!(kept.all(), data(&[b"last of the first"]), "{setup:?}");
        assert_eq!(other.all(), data(&[b"first of the next"]), "{setup:?}");
        // The next one hears what comes to the port.
        network.datagram(bench.now(), OTHER, 5353, b"answer");
        let mut buf = [0; 16];
        let got = wifi.wait(|wifi| UdpClientStack::receive(wifi, &mut socket, &mut buf));
        assert_eq!(got, Ok((6, SocketAddr::from(OTHER))), "{setup:?}");
    }
}

#[test]
fn it_goes_out_before_the_next_socket_is_opened_whatever_else_was_being_asked() {
    for setup in setups() {
        let (network, kept, _) = peers(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi, 5353);
        run(&bench, &mut wifi, 500_000);
        bench.record(true);
        // The modem is kept busy while all that happens.
        let asked = wifi.station_status();
        assert!(asked.is_err(), "{setup:?}: {asked:?}");
        wifi.send_to(&mut socket, PEER.into(), b"last").unwrap();
        UdpClientStack::close(&mut wifi, socket).unwrap();
        let _next = bound(&mut wifi, 5353);
        run(&bench, &mut wifi, 500_000);
        assert_eq!(kept.all(), data(&[b"last"]), "{setup:?}");
        let record = bench.take_record().into_iter();
        let sent: Vec<u8> = record
            .filter(|(_, direction, _)| *direction == Direction::ToModem)
            .flat_map(|(.., bytes)| bytes)
            .collect();
        let sent = String::from_utf8_lossy(&sent);
        let at = |command| sent.find(command).unwrap_or(usize::MAX);
        let order = ["AT+CIPSEND=", "AT+CIPCLOSE=", "AT+CIPSTART="].map(at);
        assert!(
            order.is_sorted() && order[2] < usize::MAX,
            "{setup:?}: {sent}"
        );
    }
}

#[test]
fn every_link_can_be_used_at_once_after_its_socket_was_closed() {
    for setup in setups() {
        let (network, kept, _) = peers(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let sent: Vec<Vec<u8>> = (0..20).map(|n| vec![n; 100]).collect();
        for (datagram, port) in sent.iter().zip(6000..) {
            let mut socket = bound(&mut wifi, port);
            send_to(&mut wifi, &mut socket, PEER, datagram);
            UdpClientStack::close(&mut wifi, socket).unwrap();
        }
        run(&bench, &mut wifi, 500_000);
        assert_eq!(kept.all(), sent, "{setup:?}");
    }
}

#[test]
fn a_restart_of_the_modem_drops_what_was_left() {
    for setup in setups() {
        let (network, kept, _) = peers(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi, 5353);
        send_to(&mut wifi, &mut socket, PEER, &[1; 1000]);
        UdpClientStack::close(&mut wifi, socket).unwrap();
        wifi.wait(Esp8285::reset).unwrap();
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
        let before = kept.all().len();
        run(&bench, &mut wifi, 15_000_000);
        assert_eq!(kept.all().len(), before, "{setup:?}");
        let mut socket = bound(&mut wifi, 5353);
        send_to(&mut wifi, &mut socket, PEER, b"new");
        run(&bench, &mut wifi, 500_000);
        assert_eq!(kept.all().last().unwrap(), b"new", "{setup:?}");
        assert_eq!(kept.all().len(), before + 1, "{setup:?}");
    }
}

#[test]
fn a_socket_that_may_wait_has_sent_everything_when_it_is_closed_or_dropped() {
    for setup in setups() {
        for timeout in [None, Some(Duration::from_secs(3))] {
            for close in [true, false] {
                let (network, kept, other) = peers(setup);
                let board = board(setup, &network);
                let mut socket = nal_socket::UdpSocket::new(&board);
                socket.set_timeout(timeout);
                socket.sendto(b"one", PEER.into()).unwrap();
                socket.sendto(b"two", OTHER.into()).unwrap();
                socket.sendto(b"three", PEER.into()).unwrap();
                let began = now(&board);
                if close {
                    socket.close().unwrap();
                } else {
                    drop(socket);
                }
                // Some commands at 115200 baud, not a time-out.
                let took = now(&board) - began;
                assert!((1..200_000).contains(&took), "{setup:?}: {took}");
                leave_alone(board::bench(&board), 1_000_000);
                assert_eq!(kept.all(), data(&[b"one", b"three"]), "{setup:?}");
                assert_eq!(other.all(), data(&[b"two"]), "{setup:?}");
            }
        }
    }
}

#[test]
fn one_that_may_not_wait_has_sent_it_when_the_driver_is_polled_or_it_was_flushed() {
    for setup in setups() {
        let (network, kept, _) = peers(setup);
        let board = board(setup, &network);
        let mut socket = nal_socket::UdpSocket::new(&board);
        socket.sendto(b"one", PEER.into()).unwrap();
        socket.set_nonblocking(true);
        let began = now(&board);
        socket.close().unwrap();
        assert_eq!(now(&board), began, "{setup:?}");
        pass(&board, 500_000);
        assert_eq!(kept.all(), data(&[b"one"]), "{setup:?}");

        let mut socket = nal_socket::UdpSocket::new(&board);
        socket.sendto(b"two", PEER.into()).unwrap();
        socket.set_nonblocking(true);
        assert_eq!(socket.flush().unwrap_err().kind(), ErrorKind::WouldBlock);
        while socket.flush().is_err() {
            board::bench(&board).idle(None);
        }
        socket.close().unwrap();
        leave_alone(board::bench(&board), 500_000);
        assert_eq!(kept.all(), data(&[b"one", b"two"]), "{setup:?}");
    }
}

#[test]
fn a_new_socket_on_the_same_port_follows_at_once() {
    for setup in setups() {
        for wait in [true, false] {
            let (network, kept, other) = peers(setup);
            let board = board(setup, &network);
            for n in 0..8 {
                let mut socket = nal_socket::UdpSocket::<_>::new(&board);
                socket.bind(5353).unwrap();
                let to = if n % 2 == 0 { PEER } else { OTHER };
                socket.sendto(&[n; 5], to.into()).unwrap();
                socket.set_nonblocking(!wait);
            }
            if wait {
                leave_alone(board::bench(&board), 500_000);
            } else {
                pass(&board, 500_000);
            }
            assert_eq!(kept.all(), [[0; 5], [2; 5], [4; 5], [6; 5]], "{setup:?}");
            assert_eq!(other.all(), [[1; 5], [3; 5], [5; 5], [7; 5]], "{setup:?}");
        }
    }
}

#[test]
fn a_datagram_that_the_modem_did_not_send_is_told_by_flush_or_close() {
    for setup in setups() {
        let (network, kept, _) = peers(setup);
        let board = board(setup, &network);
        let mut socket = nal_socket::UdpSocket::<_>::new(&board);
        socket.sendto(b"one", PEER.into()).unwrap();
        socket.flush().unwrap();
        let began = now(&board);
        socket.flush().unwrap();
        assert_eq!(now(&board), began, "there is nothing to wait for");
        socket.sendto(b"two", PEER.into()).unwrap();
        board::bench(&board).with_modem(Modem::reset);
        assert!(socket.close().is_err(), "{setup:?}");
        assert!(socket.is_closed());
        assert_eq!(kept.all(), data(&[b"one"]), "{setup:?}");
    }
}

fn now(board: &Board) -> u64 {
    board::bench(board).now()
}
