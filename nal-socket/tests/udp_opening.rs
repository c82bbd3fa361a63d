//! Sockets of stacks that take their time until a socket can be used: the same is asked again, nothing
//! is begun anew, and all of it together has one timeout.

mod datagrams;

use std::net::IpAddr;
use std::time::Duration;

use datagrams::{Air, Call, FakeError, SECOND, addr, client, full, peer};
use nal_socket::capability::Membership;
use nal_socket::{Error, ErrorKind, Interface, UdpSocket};

const MDNS: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(224, 0, 0, 251));

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn join() -> Call {
    Call::Join(Membership {
        group: MDNS,
        interface: Interface::Default,
    })
}

#[test]
fn a_free_port_that_the_stack_cannot_give_yet_is_asked_for_again_and_no_other() {
    for not_yet in [ErrorKind::WouldBlock, ErrorKind::InProgress] {
        let air = Air::new();
        let network = full(&air);
        let mut socket = UdpSocket::new(&network);
        socket.set_nonblocking(true);
        air.bind_error.set(Some(FakeError(not_yet)));
        assert_eq!(kind(socket.bind(0)), ErrorKind::WouldBlock);
        assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::WouldBlock);
        air.bind_error.set(None);
        assert_eq!(socket.bind(0), Ok(()));
        let port = socket.local_port().unwrap();
        let asked = Call::Bind(port);
        assert_eq!(
            air.calls(),
            [Call::Socket, asked.clone(), asked.clone(), asked]
        );
        // The next socket gets another.
        let mut second = UdpSocket::new(&network);
        second.bind(0).unwrap();
        assert_ne!(second.local_port(), Some(port));
    }
}

#[test]
fn a_non_blocking_socket_whose_groups_take_the_stack_time_is_opened_in_the_end() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.set_nonblocking(true);
    socket.join_group(MDNS, Interface::Default).unwrap();
    air.capable_at.set(air.now.get() + SECOND);
    for _ in 0..3 {
        assert_eq!(kind(socket.bind(5353)), ErrorKind::WouldBlock);
        assert_eq!(socket.local_port(), None);
    }
    air.now.set(air.now.get() + SECOND);
    assert_eq!(socket.bind(5353), Ok(()));
    assert_eq!(socket.local_port(), Some(5353));
    let mut calls = air.calls();
    calls.dedup();
    assert_eq!(calls, [Call::Socket, Call::Bind(5353), join()]);
    assert_eq!(kind(socket.bind(5353)), ErrorKind::InvalidInput);
}

#[test]
fn another_port_can_be_had_while_the_groups_take_their_time() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.set_nonblocking(true);
    socket.join_group(MDNS, Interface::Default).unwrap();
    air.capable_at.set(air.now.get() + SECOND);
    assert_eq!(kind(socket.bind(5353)), ErrorKind::WouldBlock);
    air.now.set(air.now.get() + SECOND);
    assert_eq!(socket.bind(5354), Ok(()));
    assert_eq!(socket.local_port(), Some(5354));
    assert_eq!(*air.open.borrow(), [1], "the first one was given back");
}

#[test]
fn another_peer_can_be_had_while_the_groups_take_their_time() {
    let air = Air::new();
    let network = client(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.set_nonblocking(true);
    socket.join_group(MDNS, Interface::Default).unwrap();
    air.capable_at.set(air.now.get() + SECOND);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::WouldBlock);
    assert_eq!(socket.peer_addr(), None);
    air.now.set(air.now.get() + SECOND);
    let other = addr("192.0.2.9:9");
    assert_eq!(socket.connect(other), Ok(()));
    assert_eq!(socket.send(b"x"), Ok(1));
    assert_eq!(*air.open.borrow(), [1]);
    assert_eq!(
        air.calls()[3..],
        [
            Call::Close(0),
            Call::Socket,
            Call::Connect(other),
            join(),
            Call::Send(b"x".to_vec())
        ]
    );
}

#[test]
fn the_first_use_has_one_timeout_for_all_that_it_waits_for() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    socket.join_group(MDNS, Interface::Default).unwrap();
    let start = air.now.get();
    // A socket after 0.6 seconds, the group after 0.9, and a datagram too late.
    air.socket_until.set(start + 600_000);
    air.capable_at.set(start + 900_000);
    air.datagram(1_200_000, peer(), b"late");
    let mut buf = [0; 8];
    assert_eq!(kind(socket.recv(&mut buf)), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + SECOND);
    assert_eq!(socket.recv(&mut buf), Ok(4));

    let mut socket = UdpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    let start = air.now.get();
    air.socket_until.set(start + 600_000);
    air.room_at.set(start + 1_200_000);
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + SECOND);
    assert_eq!(socket.sendto(b"x", peer()), Ok(1));
}
