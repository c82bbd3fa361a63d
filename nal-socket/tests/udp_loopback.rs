//! Over std-embedded-nal on the loopback interface: real datagrams. It binds to the unspecified IPv6
//! address, so the host needs IPv6 even where the datagrams are IPv4.

use std::io;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, SystemTime};

use nal_socket::{
    Ephemeral, Error, ErrorKind, Hooks, Idle, Network, Platform, UdpFull, UdpPolicy, UdpSocket,
};
use std_embedded_nal::Stack;

fn microseconds() -> u64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    since.unwrap().as_micros() as u64
}

fn yielding() -> impl Platform {
    Hooks::new(microseconds, |_| {
        thread::yield_now();
        Idle::Continue
    })
}

fn policy() -> UdpPolicy<io::Error> {
    UdpPolicy::new().classify(|error| match (error.kind(), error.raw_os_error()) {
        (io::ErrorKind::AddrInUse, _) => ErrorKind::AddressInUse,
        (io::ErrorKind::ConnectionRefused, _) => ErrorKind::ConnectionRefused,
        #[cfg(target_os = "linux")]
        (_, Some(90)) => ErrorKind::MessageTooLong,
        _ => ErrorKind::Other,
    })
}

fn network() -> Network<Stack, impl Platform, UdpFull<Stack>> {
    Network::new(Stack, yielding()).with_udp_policy(policy())
}

/// Nothing here takes long; a test that waits in vain shall end.
const SOON: Option<Duration> = Some(Duration::from_secs(20));

fn on(ip: &str, port: u16) -> SocketAddr {
    SocketAddr::new(ip.parse().unwrap(), port)
}

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn question_and_answer_over_both_families() {
    for ip in ["127.0.0.1", "::1"] {
        let network = network();
        let mut server = UdpSocket::new(&network);
        server.set_timeout(SOON);
        server.bind(0).unwrap();
        let mut client = UdpSocket::new(&network);
        client.set_timeout(SOON);
        client
            .connect(on(ip, server.local_port().unwrap()))
            .unwrap();
        assert_eq!(client.send(b"ping"), Ok(4));
        let mut buf = [0; 2000];
        let (count, from) = server.recvfrom(&mut buf).unwrap();
        assert_eq!(&buf[..count], b"ping");
        assert_eq!(from, on(ip, client.local_port().unwrap()));
        assert_eq!(server.sendto(b"pong", from), Ok(4));
        assert_eq!(client.recv(&mut buf[..10]), Ok(4));
        assert_eq!(&buf[..4], b"pong");
    }
}

#[test]
fn datagrams_are_cut_empty_and_in_order() {
    let network = network();
    let mut socket = UdpSocket::<_, 64>::sized(&network);
    socket.set_timeout(SOON);
    socket.bind(0).unwrap();
    let own = on("127.0.0.1", socket.local_port().unwrap());
    for data in [&b"abcdef"[..], b"", b"gone", b"next", &[b'x'; 100]] {
        assert_eq!(socket.sendto(data, own), Ok(data.len()));
    }
    let mut buf = [0; 3];
    assert_eq!(socket.peek(&mut buf), Ok(3));
    assert_eq!(socket.recvfrom(&mut buf), Ok((3, own)));
    assert_eq!(&buf, b"abc");
    assert_eq!(socket.recvfrom(&mut buf), Ok((0, own)));
    assert_eq!(socket.recv(&mut []), Ok(0));
    let mut buf = [0; 200];
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"next");
    assert_eq!(socket.recv(&mut buf), Ok(100));
    assert_eq!(kind(socket.try_recv(&mut buf)), ErrorKind::WouldBlock);
}

#[test]
fn strangers_are_kept_out_and_sendto_still_reaches_them() {
    let network = network();
    let [mut socket, mut friend, mut stranger] = [0; 3].map(|_| {
        let mut socket = UdpSocket::new(&network);
        socket.set_timeout(SOON);
        socket.bind(0).unwrap();
        socket
    });
    let at = |port: Option<u16>| on("127.0.0.1", port.unwrap());
    let own = at(socket.local_port());
    socket.connect(at(friend.local_port())).unwrap();
    for _ in 0..20 {
        stranger.sendto(b"spam", own).unwrap();
    }
    friend.sendto(b"mail", own).unwrap();
    let mut buf = [0; 8];
    assert_eq!(socket.recvfrom(&mut buf), Ok((4, at(friend.local_port()))));
    assert_eq!(&buf[..4], b"mail");
    socket
        .sendto(b"go away", at(stranger.local_port()))
        .unwrap();
    assert_eq!(stranger.recvfrom(&mut buf), Ok((7, own)));
    // And the other way round.
    socket.connect(at(stranger.local_port())).unwrap();
    friend.sendto(b"hello?", own).unwrap();
    stranger.sendto(b"sorry", own).unwrap();
    assert_eq!(
        socket.recvfrom(&mut buf),
        Ok((5, at(stranger.local_port())))
    );
}

#[test]
fn a_timeout_passes_and_the_socket_goes_on() {
    let network = network();
    let mut socket = UdpSocket::new(&network);
    socket.bind(0).unwrap();
    socket.set_timeout(Some(Duration::from_millis(20)));
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::TimedOut);
    socket.set_timeout(SOON);
    let own = on("::1", socket.local_port().unwrap());
    socket.sendto(b"still here", own).unwrap();
    assert_eq!(socket.recv(&mut [0; 16]), Ok(10));
}

#[test]
fn a_port_in_use_is_told_or_passed_over() {
    // The clock stands still, so both networks begin at the same port.
    let clock = microseconds();
    let still = move || clock;
    let one = Network::new(Stack, still).with_udp_policy(policy());
    let other = Network::new(Stack, still).with_udp();
    let mut first = UdpSocket::new(&one);
    first.bind(0).unwrap();
    let port = first.local_port().unwrap();
    let mut second = UdpSocket::new(&other);
    second.bind(0).unwrap();
    assert_ne!(second.local_port(), Some(port));
    let mut third = UdpSocket::new(&one);
    assert_eq!(kind(third.bind(port)), ErrorKind::AddressInUse);
    first.close().unwrap();
    third.bind(port).unwrap();
}

#[test]
fn a_port_of_the_stacks_choice_works_unseen() {
    let network =
        Network::new(Stack, yielding()).with_udp_policy(policy().ephemeral(Ephemeral::ByStack));
    let mut client = UdpSocket::new(&network);
    client.set_timeout(SOON);
    client.bind(0).unwrap();
    assert_eq!(client.local_port(), None);
    let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    client
        .sendto(b"hello", server.local_addr().unwrap())
        .unwrap();
    let mut buf = [0; 8];
    let (count, from) = server.recv_from(&mut buf).unwrap();
    server.send_to(&buf[..count], from).unwrap();
    assert_eq!(
        client.recvfrom(&mut buf),
        Ok((5, server.local_addr().unwrap()))
    );
}

#[test]
fn as_a_stack_that_only_connects() {
    let network = Network::new(Stack, yielding()).with_udp_client(policy());
    for ip in ["127.0.0.1", "::1"] {
        let server = std::net::UdpSocket::bind((ip, 0)).unwrap();
        let there = server.local_addr().unwrap();
        let mut client = UdpSocket::new(&network);
        client.set_timeout(SOON);
        assert_eq!(kind(client.bind(0)), ErrorKind::NotSupported);
        assert_eq!(client.sendto(b"hello", there), Ok(5));
        let mut buf = [0; 8];
        let (count, from) = server.recv_from(&mut buf).unwrap();
        server.send_to(&buf[..count], from).unwrap();
        assert_eq!(client.recvfrom(&mut buf), Ok((5, there)));
        assert_eq!(
            kind(client.sendto(b"x", on(ip, 9))),
            ErrorKind::NotSupported
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_udp_cannot_carry_is_too_long() {
    let network = network();
    let mut socket = UdpSocket::new(&network);
    socket.bind(0).unwrap();
    let own = on("127.0.0.1", socket.local_port().unwrap());
    let data = vec![0; 65_508];
    assert_eq!(kind(socket.sendto(&data, own)), ErrorKind::MessageTooLong);
    assert_eq!(socket.sendto(&data[1..], own), Ok(65_507));
}
