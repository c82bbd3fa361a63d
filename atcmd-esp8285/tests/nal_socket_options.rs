//! Socket options through `nal-socket`, in every dialect.

mod bench;
mod board;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use atcmd_esp8285::Capability;
use bench::{SERVER, Setup, network};
use board::{Board, bench, board, commands, has, pass, someone};
use esp8285_sim::{Echo, MemoryNetwork, Silent, UdpSink};
use nal_socket::{ErrorKind, Interface, SocketOption, TcpListener, TcpSocket, UdpSocket};

const REMOTE: SocketAddr = SocketAddr::V4(SERVER);

fn echoing(setup: Setup) -> (MemoryNetwork, Board) {
    let network = network(setup);
    network.listen(SERVER, || Box::new(Echo));
    network.listen_udp(SERVER, UdpSink::default());
    let board = board(setup, &network);
    (network, board)
}

fn keep_alive(millis: u64) -> SocketOption {
    SocketOption::KeepAlive(Some(Duration::from_millis(millis)))
}

#[test]
fn keep_alive_goes_with_the_connect_and_is_too_late_after_it() {
    for setup in Setup::every_dialect() {
        let (_, board) = echoing(setup);
        // What BSD and Linux wait by default must do.
        for millis in [59_001, 7_200_000] {
            let mut socket = TcpSocket::new(&board);
            let chosen = socket.set_option(keep_alive(millis));
            let connected = chosen
                .and_then(|()| socket.connect(REMOTE))
                .map_err(|error| error.kind());
            if !has(&board, Capability::KeepAlive) {
                assert_eq!(connected, Err(ErrorKind::NotSupported), "{setup:?}");
                continue;
            }
            assert_eq!(connected, Ok(()), "{setup:?}");
            for late in [SocketOption::KeepAlive(None), keep_alive(7_200_000)] {
                let late = socket.set_option(late).unwrap_err();
                assert_eq!(late.kind(), ErrorKind::AlreadyConnected, "{setup:?}");
            }
            assert_eq!(socket.send(b"x"), Ok(1), "{setup:?}");
        }
        let mut socket = TcpSocket::new(&board);
        socket.set_option(SocketOption::KeepAlive(None)).unwrap();
        socket.connect(REMOTE).unwrap();
    }
}

#[test]
fn what_the_firmware_lacks_is_refused_and_nothing_is_sent() {
    for setup in Setup::every_dialect() {
        let (_, board) = echoing(setup);
        bench(&board).record(true);
        let mut socket = TcpSocket::new(&board);
        let hops = socket.set_option(SocketOption::HopLimit(1)).unwrap_err();
        assert_eq!(hops.kind(), ErrorKind::NotSupported, "{setup:?}");
        let expected = if has(&board, Capability::KeepAlive) {
            ErrorKind::InvalidInput
        } else {
            ErrorKind::NotSupported
        };
        let long = socket.set_option(keep_alive(7_200_001));
        let long = long.and_then(|()| socket.connect(REMOTE)).unwrap_err();
        assert_eq!(long.kind(), expected, "{setup:?}");
        assert_eq!(commands(&board), "", "{setup:?}");
    }
}

#[test]
fn the_firmware_is_asked_for_whole_seconds_rounded_up() {
    for (millis, seconds) in [(1000, 1), (59_001, 60), (7_200_000, 7200)] {
        let (_, board) = echoing(Setup::all().next().unwrap());
        bench(&board).record(true);
        let mut socket = TcpSocket::new(&board);
        socket.set_option(keep_alive(millis)).unwrap();
        socket.connect(REMOTE).unwrap();
        let sent = commands(&board);
        let command = format!("\"TCP\",\"10.0.0.1\",80,{seconds}\r\n");
        assert!(sent.contains(&command), "{sent}");
    }
}

#[test]
fn no_delay_works_before_and_after_connecting_where_the_firmware_has_it() {
    for setup in Setup::every_dialect() {
        let (_, board) = echoing(setup);
        let can = has(&board, Capability::NoDelay);
        let expected = if can {
            Ok(())
        } else {
            Err(ErrorKind::NotSupported)
        };
        let is_set = || bench(&board).with_modem(|modem| (0..5).any(|link| modem.no_delay(link)));

        let mut socket = TcpSocket::new(&board);
        let chosen = socket.set_option(SocketOption::NoDelay(true));
        let chosen = chosen.map_err(|error| error.kind());
        assert_eq!(chosen, expected, "{setup:?}");
        socket.connect(REMOTE).unwrap();
        assert_eq!(is_set(), can, "{setup:?}");
        drop(socket);

        let mut socket = TcpSocket::new(&board);
        socket.connect(REMOTE).unwrap();
        pass(&board, 200_000);
        assert!(!is_set(), "{setup:?}: it stuck to the link");
        for on in [true, false] {
            let set = socket.set_option(SocketOption::NoDelay(on));
            let expected = if on { expected } else { Ok(()) };
            assert_eq!(set.map_err(|error| error.kind()), expected, "{setup:?}");
            assert_eq!(is_set(), can && on, "{setup:?}");
        }
        assert_eq!(socket.send(b"goes on"), Ok(7), "{setup:?}");
        if !can {
            continue;
        }
        // Without waiting the modem cannot have answered; later it has.
        socket.set_nonblocking(true);
        let error = socket.set_option(SocketOption::NoDelay(true)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "{setup:?}");
        assert_eq!(socket.options().no_delay(), Some(false), "{setup:?}");
        pass(&board, 200_000);
        assert_eq!(socket.set_option(SocketOption::NoDelay(true)), Ok(()));
        assert!(is_set(), "{setup:?}");
    }
}

#[test]
fn accepted_connections_have_options_of_their_own() {
    for setup in Setup::every_dialect() {
        let (network, board) = echoing(setup);
        if !has(&board, Capability::Server) {
            continue;
        }
        let mut listener = TcpListener::new(&board);
        let reuse = SocketOption::ReuseAddress(true);
        listener.set_option(reuse).unwrap();
        listener.bind(80).unwrap();
        assert_eq!(listener.set_option(reuse), Ok(()), "{setup:?}");
        listener.listen().unwrap();
        for option in [SocketOption::NoDelay(true), keep_alive(60_000)] {
            let error = listener.set_option(option).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotSupported, "{setup:?}");
        }
        network.connect_to_modem(bench(&board).now() + 200_000, someone(9), 80, Silent);
        let (mut peer, _) = listener.accept().unwrap();
        let set = peer.set_option(SocketOption::NoDelay(true));
        let expected = match has(&board, Capability::NoDelay) {
            true => Ok(()),
            false => Err(ErrorKind::NotSupported),
        };
        assert_eq!(set.map_err(|error| error.kind()), expected, "{setup:?}");
        let late = peer.set_option(keep_alive(60_000)).unwrap_err();
        assert_eq!(late.kind(), ErrorKind::AlreadyConnected, "{setup:?}");
        assert_eq!(peer.set_option(reuse), Ok(()), "{setup:?}");
    }
}

#[test]
fn datagram_sockets_may_broadcast_and_cannot_be_kept_from_it() {
    for setup in Setup::every_dialect() {
        let (_, board) = echoing(setup);
        if !has(&board, Capability::Udp) {
            continue;
        }
        let mut socket = UdpSocket::<_>::new(&board);
        socket.set_option(SocketOption::Broadcast(true)).unwrap();
        socket.set_option(SocketOption::ReuseAddress(true)).unwrap();
        let sent = socket.sendto(b"x", REMOTE).map_err(|error| error.kind());
        assert_eq!(sent, Ok(1), "{setup:?}");
        for (option, expected) in [
            (SocketOption::Broadcast(true), Ok(())),
            (SocketOption::Broadcast(false), Err(ErrorKind::NotSupported)),
            (SocketOption::HopLimit(1), Err(ErrorKind::NotSupported)),
            (SocketOption::NoDelay(true), Err(ErrorKind::InvalidInput)),
        ] {
            let set = socket.set_option(option).map_err(|error| error.kind());
            assert_eq!(set, expected, "{setup:?} {option:?}");
        }
        let group = Ipv4Addr::new(239, 255, 255, 250).into();
        let error = socket.join_group(group, Interface::Default).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported, "{setup:?}");
    }
}
