//! A published stack of embedded-nal 0.8, std-embedded-nal 0.3, on the loopback interface: real
//! connections through the adapter. No clock is measured.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener as StdListener, TcpStream, UdpSocket as StdUdpSocket};
use std::thread;

use nal_socket::older::FromV0_8;
use nal_socket::{
    ErrorKind, Family, Hints, Hooks, Idle, Network, Platform, Policy, TcpListener, TcpSocket,
    UdpSocket,
};
use std_embedded_nal_v0_3::Stack;

/// Lets the other thread run while waiting. The clock stands still: nothing here may time out.
fn platform() -> impl Platform {
    Hooks::new(
        || 0,
        |_| {
            thread::yield_now();
            Idle::Continue
        },
    )
}

fn network() -> Network<FromV0_8<Stack>, impl Platform> {
    // The adapter's error holds the stack's, and that the operating system's.
    Network::new(FromV0_8(Stack), platform()).with_policy(Policy::strict().classify(|error| {
        match error.0.0.kind() {
            io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
            io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
            io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
            io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
            _ => ErrorKind::Other,
        }
    }))
}

#[test]
fn a_client_sends_and_receives_exact_bytes_and_the_end() {
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let data: Vec<u8> = (0..300_000_usize)
        .map(|i| (i * 7 + i / 251) as u8)
        .collect();
    let expected = data.clone();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut got = vec![0; expected.len()];
        stream.read_exact(&mut got).unwrap();
        stream.write_all(b"all there\n").unwrap();
        stream.write_all(&got).unwrap();
        stream.shutdown(Shutdown::Write).unwrap();
        got == expected
    });
    let network = network();
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).unwrap();
    assert_eq!(socket.peer_addr(), Some(address));
    socket.sendall(&data).unwrap();
    let mut line = [0; 32];
    let length = socket.readline(&mut line).unwrap();
    assert_eq!(&line[..length], b"all there\n");
    let mut back = vec![0; data.len()];
    assert_eq!(socket.readinto(&mut back), Ok(data.len()));
    assert!(back == data);
    for _ in 0..2 {
        assert_eq!(socket.recv(&mut line), Ok(0));
    }
    socket.close().unwrap();
    assert!(server.join().unwrap());
}

#[test]
fn an_error_of_the_operating_system_is_classified_through_the_adapter() {
    let free = StdListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap();
    drop(free);
    let network = network();
    let error = TcpSocket::new(&network).connect(address).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
}

#[test]
fn a_server_accepts_and_knows_its_peer() {
    let network = network();
    let mut listener = TcpListener::new(&network);
    // The trait does not tell which port 0 became: look for a free one.
    let port = (0..50)
        .map(|_| {
            let free = StdListener::bind("[::]:0").unwrap();
            free.local_addr().unwrap().port()
        })
        .find(|port| listener.bind(*port).is_ok())
        .unwrap();
    listener.listen().unwrap();
    let client = thread::spawn(move || {
        let mut stream = TcpStream::connect(("::1", port)).unwrap();
        stream.write_all(b"ping").unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        (stream.local_addr().unwrap(), all)
    });
    let (mut connection, from) = listener.accept().unwrap();
    let mut buf = [0; 4];
    assert_eq!(connection.readinto(&mut buf), Ok(4));
    assert_eq!(&buf, b"ping");
    connection.sendall(b"pong").unwrap();
    connection.close().unwrap();
    assert_eq!(client.join().unwrap(), (from, b"pong".to_vec()));
}

#[test]
fn names_resolve() {
    let network = network();
    let hints = Hints::stream().family(Family::Inet);
    let found = network.getaddrinfo("localhost", 80, hints).unwrap();
    assert_eq!(found.first().sockaddr, "127.0.0.1:80".parse().unwrap());
    let error = network.getaddrinfo("host.invalid", 80, hints).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NameNotFound);
}

#[test]
fn datagrams_are_exchanged_with_a_peer_of_either_family() {
    let network = network().with_udp();
    for local in ["127.0.0.1:0", "[::1]:0"] {
        let peer = StdUdpSocket::bind(local).unwrap();
        let address = peer.local_addr().unwrap();
        let mut socket: UdpSocket<_> = UdpSocket::new(&network);
        assert_eq!(socket.sendto(b"question", address), Ok(8));
        let mut buf = [0; 16];
        let (length, from) = peer.recv_from(&mut buf).unwrap();
        assert_eq!(&buf[..length], b"question");
        assert_eq!(Some(from.port()), socket.local_port());
        peer.send_to(b"answer", from).unwrap();
        assert_eq!(socket.recvfrom(&mut buf), Ok((6, address)));
        assert_eq!(&buf[..6], b"answer");
        socket.close().unwrap();
    }
}

#[test]
fn a_connected_datagram_socket_hears_its_peer_only() {
    let network = network().with_udp();
    let peer = StdUdpSocket::bind("127.0.0.1:0").unwrap();
    let stranger = StdUdpSocket::bind("127.0.0.1:0").unwrap();
    let mut socket: UdpSocket<_> = UdpSocket::new(&network);
    socket.connect(peer.local_addr().unwrap()).unwrap();
    assert_eq!(socket.send(b"hello"), Ok(5));
    let mut buf = [0; 16];
    let (_, from) = peer.recv_from(&mut buf).unwrap();
    stranger.send_to(b"noise", from).unwrap();
    peer.send_to(b"signal", from).unwrap();
    assert_eq!(socket.recv(&mut buf), Ok(6));
    assert_eq!(&buf[..6], b"signal");
}
