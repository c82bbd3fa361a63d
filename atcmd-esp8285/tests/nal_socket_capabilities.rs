//! What the driver adds to `nal-socket` beyond embedded-nal: datagrams,
//! readiness, abort, local addresses and keep-alive, in every dialect.

mod bench;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use atcmd_esp8285::{Capability, Esp8285, socket_policy};
use bench::{Ends, SERVER, Setup, VirtualClock, joined, network};
use esp8285_sim::{Bench, Direction, Echo, MemoryNetwork, VirtualUart};
use nal_socket::{
    ErrorKind, Events, Idle, Network, Platform, Pollable, SocketOption, TcpSocket, UdpFull,
    UdpSocket,
};

type Wifi = Esp8285<VirtualUart, VirtualClock, 2048>;
type Board = Network<Wifi, Time, UdpFull<Wifi>>;

/// Virtual time for nal-socket.
struct Time(Bench);

impl Platform for Time {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.idle(until);
        Idle::Continue
    }
}

fn board(setup: Setup, network: &MemoryNetwork) -> Board {
    let (bench, wifi) = joined::<2048>(setup, network);
    socket_policy::network_with_udp(wifi, Time(bench))
        .with_readiness()
        .with_abort()
        .with_local_address()
        .with_tcp_options()
}

fn has(board: &Board, capability: Capability) -> bool {
    let dialect = board.with_stack(|wifi| wifi.dialect().unwrap()).unwrap();
    dialect.has(capability)
}

/// Lets `micros` pass, with the driver polled.
fn pass(board: &Board, micros: u64) {
    let bench = &board.platform().0;
    let until = bench.now() + micros;
    while bench.now() < until {
        board.with_stack(|wifi| wifi.poll().unwrap()).unwrap();
        bench.idle(Some(until));
    }
}

#[test]
fn abort_resets_where_the_firmware_can_and_changes_nothing_elsewhere() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        let ends = Rc::new(RefCell::new(vec![]));
        let noted = ends.clone();
        network.listen(SERVER, move || Box::new(Ends(noted.clone())));
        let board = board(setup, &network);
        let mut socket = TcpSocket::new(&board);
        socket.connect(SERVER.into()).unwrap();
        if has(&board, Capability::Abort) {
            assert_eq!(socket.abort(), Ok(()), "{setup:?}");
            assert!(socket.is_closed());
        } else {
            let error = socket.abort().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotSupported, "{setup:?}");
            assert_eq!(socket.send(b"still here"), Ok(10), "{setup:?}");
            assert_eq!(*ends.borrow(), [""; 0], "{setup:?}");
            socket.close().unwrap();
        }
        pass(&board, 200_000);
        let end = if has(&board, Capability::Abort) {
            "reset"
        } else {
            "closed"
        };
        assert_eq!(*ends.borrow(), [end], "{setup:?}");
    }
}

#[test]
fn keep_alive_goes_with_the_connect_and_other_options_are_not_there() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        let keep_alive = |millis| SocketOption::KeepAlive(Some(Duration::from_millis(millis)));
        let mut socket = TcpSocket::new(&board);
        socket.set_option(keep_alive(59_001)).unwrap();
        let connected = socket.connect(SERVER.into()).map_err(|error| error.kind());
        if has(&board, Capability::KeepAlive) {
            assert_eq!(connected, Ok(()), "{setup:?}");
            let late = socket.set_option(SocketOption::KeepAlive(None));
            assert_eq!(late.unwrap_err().kind(), ErrorKind::AlreadyConnected);
        } else {
            assert_eq!(connected, Err(ErrorKind::NotSupported), "{setup:?}");
        }

        let mut socket = TcpSocket::new(&board);
        for (option, kind) in [
            (keep_alive(7_200_001), ErrorKind::InvalidInput),
            (SocketOption::NoDelay(true), ErrorKind::NotSupported),
            (SocketOption::HopLimit(1), ErrorKind::NotSupported),
        ] {
            socket.set_option(option).unwrap();
            let refused = socket.connect(SERVER.into()).unwrap_err();
            assert_eq!(refused.kind(), kind, "{setup:?} {option:?}");
            socket = TcpSocket::new(&board);
        }
    }
}

#[test]
fn the_firmware_is_asked_for_whole_seconds_rounded_up() {
    for (millis, seconds) in [(1000, 1), (59_001, 60), (7_200_000, 7200)] {
        let setup = Setup::all().next().unwrap();
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        let bench = &board.platform().0;
        bench.record(true);
        let mut socket = TcpSocket::new(&board);
        let time = Duration::from_millis(millis);
        socket
            .set_option(SocketOption::KeepAlive(Some(time)))
            .unwrap();
        socket.connect(SERVER.into()).unwrap();
        let sent: Vec<u8> = bench
            .take_record()
            .into_iter()
            .filter(|(_, direction, _)| *direction == Direction::ToModem)
            .flat_map(|(.., bytes)| bytes)
            .collect();
        let sent = String::from_utf8_lossy(&sent);
        let command = format!("\"TCP\",\"10.0.0.1\",80,{seconds}\r\n");
        assert!(sent.contains(&command), "{sent}");
    }
}

#[test]
fn readiness_tells_bytes_room_and_the_end_and_takes_nothing() {
    for setup in Setup::every_dialect().chain(Setup::all()) {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        let both = Events::IN | Events::OUT;
        let mut socket = TcpSocket::new(&board);
        socket.connect(SERVER.into()).unwrap();
        assert_eq!(socket.look(both).unwrap().ready(), Events::OUT, "{setup:?}");
        assert_eq!(socket.send(b"hello"), Ok(5));
        // The driver has one buffer for what is on its way.
        assert_eq!(
            socket.look(both).unwrap().ready(),
            Events::NONE,
            "{setup:?}"
        );
        assert_eq!(
            socket.try_send(b"x").unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        pass(&board, 500_000);
        for _ in 0..3 {
            assert_eq!(socket.look(both).unwrap().ready(), both, "{setup:?}");
        }
        let mut buf = [0; 8];
        assert_eq!(socket.try_recv(&mut buf), Ok(5), "{setup:?}");
        assert_eq!(&buf[..5], b"hello", "{setup:?}");
        assert_eq!(socket.look(both).unwrap().ready(), Events::OUT, "{setup:?}");
    }
}

#[test]
fn datagrams_go_there_and_back_and_every_mistake_has_its_kind() {
    const ECHO: SocketAddr = SocketAddr::V4(SERVER);
    for setup in Setup::every_dialect() {
        let network = network(setup);
        network.listen_udp(SERVER, Echo);
        let board = board(setup, &network);
        let mut socket = UdpSocket::new(&board);
        socket.set_timeout(Some(Duration::from_secs(5)));
        if !has(&board, Capability::Udp) {
            let error = socket.sendto(b"ping", ECHO).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotSupported, "{setup:?}");
            continue;
        }
        socket
            .sendto(b"ping", ECHO)
            .unwrap_or_else(|error| panic!("{setup:?}: {error}"));
        let mut buf = [0; 16];
        let (n, from) = socket
            .recvfrom(&mut buf)
            .unwrap_or_else(|error| panic!("{setup:?}: {error}"));
        assert_eq!((&buf[..n], from), (&b"ping"[..], ECHO), "{setup:?}");
        for (data, kind) in [
            (&[0; 2049][..], ErrorKind::MessageTooLong),
            (b"", ErrorKind::InvalidInput),
            (b"+++", ErrorKind::InvalidInput),
        ] {
            let error = socket.sendto(data, ECHO).unwrap_err();
            assert_eq!(error.kind(), kind, "{setup:?}");
        }
        socket.close().unwrap();
    }
}

#[test]
fn local_addresses_are_told_where_the_firmware_tells_them() {
    for setup in Setup::every_dialect() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        let mut socket = TcpSocket::new(&board);
        assert_eq!(
            socket.local_addr().unwrap_err().kind(),
            ErrorKind::NotConnected
        );
        socket.connect(SERVER.into()).unwrap();
        let told = socket.local_addr().map_err(|error| error.kind());
        if !has(&board, Capability::LocalPort) {
            assert_eq!(told, Err(ErrorKind::NotSupported), "{setup:?}");
            continue;
        }
        let station = board
            .with_stack(|wifi| wifi.wait(|wifi| wifi.station_address()))
            .unwrap();
        let told = told.unwrap();
        let ip = station.unwrap().unwrap().address;
        assert_eq!(told.ip(), ip, "{setup:?}");
        assert_eq!(socket.local_addr(), Ok(told), "{setup:?}");

        // The modem is asked, which a socket that must not wait waits for.
        let mut socket = TcpSocket::new(&board);
        socket.connect(SERVER.into()).unwrap();
        socket.set_timeout(Some(Duration::ZERO));
        let kind = socket.local_addr().unwrap_err().kind();
        assert_eq!(kind, ErrorKind::WouldBlock, "{setup:?}");
        pass(&board, 200_000);
        // The port is there, the IP address is asked for.
        let kind = socket.local_addr().unwrap_err().kind();
        assert_eq!(kind, ErrorKind::WouldBlock, "{setup:?}");
        pass(&board, 200_000);
        assert_eq!(socket.local_addr().unwrap().ip(), ip, "{setup:?}");
    }
}
