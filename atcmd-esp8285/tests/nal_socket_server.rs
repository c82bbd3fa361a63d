//! Servers and datagrams through `nal-socket`: both dialects, passive and
//! active.

mod bench;
mod board;

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bench::{SERVER, Setup, network};
use board::{Board, bench, board, commands, pass, someone};
use esp8285_sim::{ClientState, Dialect, Echo, MemoryNetwork, Sink, SocketId, UdpSink};
use nal_socket::{ErrorKind, SocketOption, TcpListener, TcpSocket, UdpSocket};

fn world(setup: Setup) -> (MemoryNetwork, Board) {
    let network = network(setup);
    network.listen(SERVER, || Box::new(Echo));
    network.listen_udp(SERVER, Echo);
    let board = board(setup, &network);
    (network, board)
}

fn listening(board: &Board, port: u16) -> TcpListener<&Board> {
    let mut listener = TcpListener::new(board);
    listener.bind(port).unwrap();
    listener.listen().unwrap();
    pass(board, 200_000);
    listener
}

/// A client that connects now.
fn client(network: &MemoryNetwork, board: &Board, n: u8, port: u16) -> SocketId {
    network.connect_to_modem(bench(board).now(), someone(n), port, Sink::default())
}

/// Accepts that client, within a second.
fn accept<'b>(listener: &mut TcpListener<&'b Board>, n: u8) -> TcpSocket<&'b Board> {
    listener.set_timeout(Some(Duration::from_secs(1)));
    let accepted = listener.accept();
    let (socket, from) = accepted.unwrap_or_else(|error| panic!("client {n}: {error:?}"));
    assert_eq!(from, someone(n).into());
    socket
}

#[test]
fn port_0_becomes_one_that_is_told_and_can_be_reached() {
    for setup in Setup::all() {
        let (network, board) = world(setup);
        bench(&board).record(true);
        let mut seen = vec![];
        for n in 9..12 {
            let mut listener = TcpListener::new(&board);
            listener.set_nonblocking(true);
            listener.bind(0).unwrap();
            let port = listener.local_port().unwrap();
            assert!((32_768..=49_151).contains(&port), "{setup:?}: {port}");
            assert_eq!(commands(&board), "", "{setup:?}: nothing is sent to bind");
            let started = listener.listen().unwrap_err();
            assert_eq!(started.kind(), ErrorKind::WouldBlock, "{setup:?}");
            assert_eq!(listener.local_port(), Ok(port), "{setup:?}");
            pass(&board, 200_000);
            client(&network, &board, n, port);
            accept(&mut listener, n);
            listener.close().unwrap();
            pass(&board, 200_000);
            let sent = commands(&board);
            let start = format!("AT+CIPSERVER=1,{port}\r\n");
            assert!(sent.contains(&start), "{setup:?}: {sent}");
            seen.push(port);
        }
        seen.dedup();
        assert_eq!(seen.len(), 3, "{setup:?}: {seen:?}");
    }
}

#[test]
fn bind_does_not_wait_and_who_accepts_need_not_wait_for_listen() {
    for setup in Setup::all() {
        let (network, board) = world(setup);
        let start = bench(&board).now();
        let mut listener = TcpListener::new(&board);
        listener.set_nonblocking(true);
        listener
            .set_option(SocketOption::ReuseAddress(true))
            .unwrap();
        assert_eq!(listener.bind(80), Ok(()), "{setup:?}");
        let started = listener.listen().unwrap_err();
        assert_eq!(started.kind(), ErrorKind::WouldBlock, "{setup:?}");
        let nobody = listener.accept().map(drop).unwrap_err();
        assert_eq!(nobody.kind(), ErrorKind::WouldBlock, "{setup:?}");
        assert_eq!(bench(&board).now(), start, "{setup:?}");
        pass(&board, 200_000);
        client(&network, &board, 9, 80);
        pass(&board, 200_000);
        let (_, from) = listener.accept().unwrap();
        assert_eq!(from, someone(9).into(), "{setup:?}");
    }
}

#[test]
fn a_port_that_is_listened_on_is_in_use_and_another_server_there_is_not() {
    for setup in Setup::all() {
        let (network, board) = world(setup);
        let mut first = listening(&board, 80);
        bench(&board).record(true);

        let mut same = TcpListener::new(&board);
        same.set_option(SocketOption::ReuseAddress(true)).unwrap();
        let error = same.bind(80).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddressInUse, "{setup:?}");

        let mut other = TcpListener::new(&board);
        other.bind(81).unwrap();
        let error = other.listen().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSockets, "{setup:?}");
        assert_eq!(
            commands(&board),
            "",
            "{setup:?}: nothing is sent for either"
        );

        // The first one goes on, and when it is closed the others can.
        client(&network, &board, 9, 80);
        accept(&mut first, 9);
        first.close().unwrap();
        assert_eq!(other.listen(), Ok(()), "{setup:?}");
        pass(&board, 300_000);
        client(&network, &board, 10, 81);
        accept(&mut other, 10);
        other.close().unwrap();
        same.bind(80).unwrap();
        same.listen().unwrap();
        pass(&board, 300_000);
        client(&network, &board, 11, 80);
        accept(&mut same, 11);
    }
}

#[test]
fn two_that_were_bound_to_one_port_cannot_both_listen() {
    for setup in Setup::all() {
        let (_, board) = world(setup);
        let mut first = TcpListener::new(&board);
        let mut second = TcpListener::new(&board);
        first.bind(80).unwrap();
        second.bind(80).unwrap();
        first.listen().unwrap();
        let error = second.listen().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddressInUse, "{setup:?}");
    }
}

#[test]
fn a_listener_is_closed_and_another_listens_on_the_same_port_and_on_others() {
    for setup in Setup::all() {
        let (network, board) = world(setup);
        for (n, port) in [(9, 80), (10, 80), (11, 8080), (12, 80)] {
            let mut listener = listening(&board, port);
            client(&network, &board, n, port);
            let mut peer = accept(&mut listener, n);
            listener.close().unwrap();
            pass(&board, 200_000);
            let turned_away = client(&network, &board, n + 100, port);
            // What was accepted stays.
            assert_eq!(peer.send(b"still here"), Ok(10), "{setup:?}");
            pass(&board, 500_000);
            let state = network.client(turned_away);
            let away = matches!(state, ClientState::Refused | ClientState::Closed);
            assert!(away, "{setup:?} {n}: {state:?}");
            peer.close().unwrap();
            pass(&board, 200_000);
        }
    }
}

#[test]
fn clients_are_accepted_beside_connections_from_here() {
    for setup in Setup::all() {
        let (network, board) = world(setup);
        let mut listener = listening(&board, 80);
        let mut own = [(); 2].map(|()| TcpSocket::new(&board));
        for socket in &mut own {
            socket.connect(SERVER.into()).unwrap();
        }
        let mut peers: Vec<_> = (9..12)
            .map(|n| {
                client(&network, &board, n, 80);
                accept(&mut listener, n)
            })
            .collect();
        let mut sixth = TcpSocket::new(&board);
        let error = sixth.connect(SERVER.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NoSockets, "{setup:?}");
        for (socket, text) in own.iter_mut().zip([b"first ", b"second"]) {
            socket.sendall(text).unwrap();
            let mut buf = [0; 6];
            let mut got = 0;
            while got < 6 {
                got += socket.recv(&mut buf[got..]).unwrap();
            }
            assert_eq!(&buf, text, "{setup:?}");
        }
        for (n, peer) in (9..12).zip(&mut peers) {
            network.act(bench(&board).now(), someone(n), |io| io.send(&[n]));
            let mut buf = [0; 8];
            assert_eq!(peer.recv(&mut buf), Ok(1), "{setup:?}");
            assert_eq!(buf[0], n, "{setup:?}");
        }
        // A connection that is closed makes room for a client.
        own[0].close().unwrap();
        pass(&board, 200_000);
        client(&network, &board, 12, 80);
        accept(&mut listener, 12);
    }
}

#[test]
fn five_clients_at_once_are_served_and_the_sixth_is_turned_away() {
    for setup in Setup::all() {
        let (network, board) = world(setup);
        let mut listener = listening(&board, 80);
        for n in 1..=5 {
            client(&network, &board, n, 80);
        }
        pass(&board, 300_000);
        let sixth = client(&network, &board, 6, 80);
        pass(&board, 300_000);
        let mut peers: Vec<_> = (1..=5).map(|n| accept(&mut listener, n)).collect();
        listener.set_nonblocking(true);
        let error = listener.accept().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WouldBlock, "{setup:?}");
        // ESP-AT refuses it, NonOS breaks it off.
        let state = network.client(sixth);
        let esp_at = setup.dialect == Dialect::EspAt2_2;
        let expected = match esp_at {
            true => ClientState::Refused,
            false => ClientState::Closed,
        };
        assert_eq!(state, expected, "{setup:?}");

        // The five have not suffered, and one that goes makes room.
        for (n, peer) in (1..).zip(&mut peers) {
            network.act(bench(&board).now(), someone(n), |io| io.send(&[n]));
            let mut buf = [0; 8];
            assert_eq!(peer.recv(&mut buf), Ok(1), "{setup:?}");
            assert_eq!(buf[0], n, "{setup:?}");
        }
        peers.remove(2).close().unwrap();
        pass(&board, 300_000);
        client(&network, &board, 6, 80);
        accept(&mut listener, 6);
    }
}

#[test]
fn datagrams_from_a_port_of_the_networks_choice_reach_one_and_all() {
    const BROADCAST: Ipv4Addr = Ipv4Addr::BROADCAST;
    for setup in Setup::all() {
        let (network, board) = world(setup);
        let sink = UdpSink::default();
        let other = "10.0.0.9:7000".parse().unwrap();
        network.listen_udp(other, sink.clone());

        let mut socket = UdpSocket::<_>::new(&board);
        socket.set_timeout(Some(Duration::from_secs(5)));
        socket.set_option(SocketOption::Broadcast(true)).unwrap();
        socket.bind(0).unwrap();
        let port = socket.local_port().unwrap();
        assert!(port >= 49_152, "{setup:?}: {port}");
        socket.sendto(b"ping", SERVER.into()).unwrap();
        let mut buf = [0; 16];
        let (n, from) = socket.recvfrom(&mut buf).unwrap();
        assert_eq!(
            (&buf[..n], from),
            (&b"ping"[..], SocketAddr::V4(SERVER)),
            "{setup:?}"
        );

        socket.sendto(b"all", (BROADCAST, 7000).into()).unwrap();
        pass(&board, 200_000);
        assert_eq!(*sink.0.borrow(), [(port, b"all".to_vec())], "{setup:?}");

        let mut second = UdpSocket::<_>::new(&board);
        second.set_timeout(Some(Duration::from_secs(5)));
        let error = second.bind(port).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AddressInUse, "{setup:?}");
        second.bind(0).unwrap();
        assert_ne!(second.local_port(), Some(port), "{setup:?}");
        second.sendto(b"pong", SERVER.into()).unwrap();
        let (n, _) = second.recvfrom(&mut buf).unwrap();
        assert_eq!(&buf[..n], b"pong", "{setup:?}");
    }
}
