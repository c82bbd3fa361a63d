//! What the driver adds to `nal-socket` beyond embedded-nal: datagrams,
//! readiness, abort and local addresses, in every dialect.

mod bench;
mod board;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use atcmd_esp8285::Capability;
use bench::{Ends, SERVER, Setup, network};
use board::{board, has, pass};
use esp8285_sim::Echo;
use nal_socket::{ErrorKind, Events, Pollable, TcpSocket, UdpSocket};

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
