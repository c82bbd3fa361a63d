//! Capabilities that a Unix program gives to std-embedded-nal 0.4 by functions, on real sockets.
#![cfg(unix)]

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener as StdListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::embedded_nal::nb;
use nal_socket::{Direction, ErrorKind, Hooks, Idle, Network, TcpListener, TcpSocket};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::sys::socket::{Shutdown, SockaddrLike, SockaddrStorage, getsockname, shutdown};
use std_embedded_nal::Stack;

/// The wall clock, because a time is what is tested; nobody asks how late it is exactly.
macro_rules! network {
    () => {{
        let start = Instant::now();
        Network::new(
            Stack,
            Hooks::new(
                move || start.elapsed().as_micros() as u64,
                |_| {
                    thread::sleep(Duration::from_millis(1));
                    Idle::Continue
                },
            ),
        )
        .with_accepted(|_, socket| {
            let descriptor = socket.as_raw_fd().ok_or(ErrorKind::Other)?;
            fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))
                .map_err(|_| ErrorKind::Other)?;
            Ok(())
        })
        .with_local_address_by(|_, socket| {
            let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
            let address: SockaddrStorage =
                getsockname(descriptor).map_err(|_| nb::Error::Other(ErrorKind::Other))?;
            socket_address(&address).ok_or(nb::Error::Other(ErrorKind::AddressFamily))
        })
        .with_shutdown_by(|_, socket| {
            let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
            shutdown(descriptor, Shutdown::Write).map_err(|_| nb::Error::Other(ErrorKind::Other))
        })
    }};
}

fn socket_address(address: &SockaddrStorage) -> Option<SocketAddr> {
    assert!(address.family().is_some());
    match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
        (Some(v4), _) => Some(SocketAddr::new(v4.ip().into(), v4.port())),
        (_, Some(v6)) => Some(SocketAddr::new(v6.ip().into(), v6.port())),
        _ => None,
    }
}

#[test]
fn a_connection_ends_in_one_direction_and_knows_its_address() {
    let server = StdListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = server.local_addr().unwrap();
    let server = thread::spawn(move || {
        let (mut stream, from) = server.accept().unwrap();
        let mut request = Vec::new();
        // Ends only because the other side stops sending.
        stream.read_to_end(&mut request).unwrap();
        stream.write_all(b"thank you").unwrap();
        (request, from)
    });
    let network = network!();
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).unwrap();
    let local = socket.local_addr().unwrap();
    socket.sendall(b"all I have").unwrap();
    socket.shutdown(Direction::Write).unwrap();
    let error = socket.send(b"x").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenPipe);
    let mut answer = [0; 16];
    assert_eq!(socket.readinto(&mut answer), Ok(9));
    assert_eq!(&answer[..9], b"thank you");
    assert_eq!(server.join().unwrap(), (b"all I have".to_vec(), local));
}

#[test]
fn with_the_hook_a_timeout_works_on_an_accepted_connection() {
    if StdListener::bind("[::]:0").is_err() {
        // std-embedded-nal binds to the unspecified IPv6 address.
        eprintln!("skipped: this host has no IPv6");
        return;
    }
    let network = network!();
    let mut listener = TcpListener::new(&network);
    listener.bind(0).unwrap();
    listener.listen().unwrap();
    let port = listener.local_port().unwrap();
    assert_ne!(port, 0);
    let mut client = TcpStream::connect(("::1", port)).unwrap();
    let (mut connection, from) = listener.accept().unwrap();
    assert_eq!(from.port(), client.local_addr().unwrap().port());

    // Without the hook this would wait for ever: nothing comes.
    connection.set_timeout(Some(Duration::from_millis(20)));
    let error = connection.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    let error = connection.try_recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);

    client.write_all(b"late").unwrap();
    connection.set_timeout(Some(Duration::from_secs(30)));
    let mut buf = [0; 4];
    assert_eq!(connection.readinto(&mut buf), Ok(4));
    assert_eq!(&buf, b"late");
}
