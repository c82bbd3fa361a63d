//! Over std-embedded-nal on the loopback interface: real TCP, exact bytes. No clock is measured.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener as StdListener, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nal_socket::{ErrorKind, Hints, Hooks, Idle, Network, Policy, TcpListener, TcpSocket};
use std_embedded_nal::Stack;

/// Lets the other thread run while waiting. The clock stands still: nothing here may time out.
macro_rules! network {
    () => {
        Network::new(
            Stack,
            Hooks::new(
                || 0,
                |_| {
                    thread::yield_now();
                    Idle::Continue
                },
            ),
        )
        .with_policy(Policy::strict().classify(|error| match error.0.kind() {
            io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
            io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
            io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
            io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
            _ => ErrorKind::Other,
        }))
    };
}

fn serve<T: Send + 'static>(
    server: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = StdListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || server(listener.accept().unwrap().0));
    (address, thread)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|i| (i * 7 + i / 251) as u8).collect()
}

#[test]
fn a_megabyte_there_and_back_arrives_exactly() {
    let data = pattern(1 << 20);
    let expected = data.clone();
    let (address, server) = serve(move |mut stream| {
        let mut got = vec![0; expected.len()];
        stream.read_exact(&mut got).unwrap();
        stream.write_all(&got).unwrap();
        got == expected
    });
    let network = network!();
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).unwrap();
    // The server echoes after the last byte, so sending all cannot block on an unread echo.
    socket.sendall(&data).unwrap();
    let mut back = vec![0; data.len()];
    assert_eq!(socket.readinto(&mut back), Ok(data.len()));
    assert!(server.join().unwrap());
    assert!(back == data);
    assert_eq!(socket.recv(&mut back), Ok(0));
    socket.close().unwrap();
}

#[test]
fn lines_and_the_rest_of_a_http_answer() {
    let (address, server) = serve(|mut stream| {
        let mut request = [0; 64];
        let count = stream.read(&mut request).unwrap();
        stream
            .write_all(b"HTTP/1.0 200 OK\r\nA: b\r\n\r\n\x00\x01\n\x02")
            .unwrap();
        request[..count].to_vec()
    });
    let network = network!();
    let found = network
        .getaddrinfo("127.0.0.1", address.port(), Hints::stream())
        .unwrap();
    let mut socket = TcpSocket::new(&network);
    socket.connect(found.first().sockaddr).unwrap();
    socket.sendall(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    let mut buf = [0; 64];
    let mut lines = Vec::new();
    loop {
        let count = socket.readline(&mut buf).unwrap();
        lines.push(buf[..count].to_vec());
        if &buf[..count] == b"\r\n" {
            break;
        }
    }
    assert_eq!(lines, [&b"HTTP/1.0 200 OK\r\n"[..], b"A: b\r\n", b"\r\n"]);
    assert_eq!(socket.readinto(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"\x00\x01\n\x02");
    assert_eq!(server.join().unwrap(), b"GET / HTTP/1.0\r\n\r\n");
}

#[test]
fn the_end_of_the_stream_is_repeatable() {
    let (address, server) = serve(|stream| stream.shutdown(Shutdown::Write).unwrap());
    let network = network!();
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).unwrap();
    for _ in 0..3 {
        assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
    }
    server.join().unwrap();
}

#[test]
fn dropping_the_socket_closes_the_connection() {
    let (address, server) = serve(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let network = network!();
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).unwrap();
    socket.sendall(b"goodbye").unwrap();
    drop(socket);
    assert_eq!(server.join().unwrap(), b"goodbye");
}

#[test]
fn a_reset_is_reported_once_after_the_data() {
    let (address, server) = serve(|mut stream| {
        stream.write_all(b"abc").unwrap();
        // Wait until data lies unread here: closing then sends a reset.
        while stream.peek(&mut [0; 1]).unwrap() == 0 {}
    });
    let network = network!();
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).unwrap();
    let mut buf = [0; 3];
    assert_eq!(socket.readinto(&mut buf), Ok(3));
    assert_eq!(&buf, b"abc");
    socket.sendall(b"unread").unwrap();
    server.join().unwrap();
    assert_eq!(
        socket.recv(&mut buf).unwrap_err().kind(),
        ErrorKind::ConnectionReset
    );
    assert_eq!(socket.recv(&mut buf), Ok(0));
    assert_eq!(socket.send(b"x").unwrap_err().kind(), ErrorKind::BrokenPipe);
}

#[test]
fn a_refused_connection_is_refused_and_the_socket_can_try_another() {
    // The port of a client: taken, so that no other test gets it, and nobody listens there.
    let (elsewhere, other) = serve(drop);
    let client = TcpStream::connect(elsewhere).unwrap();
    other.join().unwrap();
    let free = client.local_addr().unwrap();
    let network = network!();
    let mut socket = TcpSocket::new(&network);
    assert_eq!(
        socket.connect(free).unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
    let (address, server) = serve(|mut stream| stream.write_all(b"hi").unwrap());
    socket.connect(address).unwrap();
    let mut buf = [0; 2];
    assert_eq!(socket.readinto(&mut buf), Ok(2));
    server.join().unwrap();
}

#[test]
fn localhost_resolves() {
    let network = network!();
    let found = network
        .getaddrinfo("localhost", 80, Hints::stream())
        .unwrap();
    assert_eq!(found[0].sockaddr, "127.0.0.1:80".parse().unwrap());
    // Whether the name has an IPv6 address too is the host's own business.
    let hints = Hints::stream().family(nal_socket::Family::Inet6);
    let v6 = network.getaddrinfo("localhost", "http", hints);
    let expected = v6.ok().map(|found| found.first());
    assert_eq!(found.get(1).copied(), expected);
    assert!(expected.is_none_or(|entry| entry.sockaddr == "[::1]:80".parse().unwrap()));
    assert_eq!(
        network
            .getaddrinfo("host.invalid", 80, Hints::stream())
            .unwrap_err()
            .kind(),
        ErrorKind::NameNotFound
    );
}

#[test]
fn a_listener_accepts_a_real_connection() {
    if StdListener::bind("[::]:0").is_err() {
        // std-embedded-nal binds to the unspecified IPv6 address.
        eprintln!("skipped: this host has no IPv6");
        return;
    }
    let network = network!();
    let mut listener = TcpListener::new(&network);
    // The trait does not tell which port 0 became: look for a free one.
    let port = (0..50)
        .map(|_| {
            StdListener::bind("[::]:0")
                .unwrap()
                .local_addr()
                .unwrap()
                .port()
        })
        .find(|port| listener.bind(*port).is_ok())
        .unwrap();
    listener.listen().unwrap();
    listener.set_timeout(Some(Duration::from_secs(1)));
    let client = thread::spawn(move || {
        let mut stream = TcpStream::connect(("::1", port)).unwrap();
        stream.write_all(b"ping").unwrap();
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let (mut connection, from) = listener.accept().unwrap();
    assert!(from.ip().is_loopback());
    let mut buf = [0; 4];
    assert_eq!(connection.readinto(&mut buf), Ok(4));
    assert_eq!(&buf, b"ping");
    connection.sendall(b"pong").unwrap();
    connection.close().unwrap();
    assert_eq!(client.join().unwrap(), b"pong");
}

#[test]
fn an_ipv4_client_of_a_listener_for_both_families_has_an_ipv4_address() {
    let network = network!();
    let mut listener = TcpListener::new(&network);
    let port = (0..50)
        .map(|_| {
            let free = StdListener::bind("[::]:0").unwrap();
            free.local_addr().unwrap().port()
        })
        .find(|port| listener.bind(*port).is_ok())
        .unwrap();
    listener.listen().unwrap();
    let client = thread::spawn(move || {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.local_addr().unwrap()
    });
    let (connection, from) = listener.accept().unwrap();
    assert_eq!(from, client.join().unwrap());
    assert!(from.is_ipv4());
    assert_eq!(connection.peer_addr(), Some(from));
}
