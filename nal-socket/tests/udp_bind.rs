//! Ports, peers, stacks that cannot bind, and closing.

mod datagrams;

use std::time::Duration;

use datagrams::{
    Air, Bench, Call, FakeError, FakeStack, SECOND, addr, client, full, peer, policy, stranger,
};
use nal_socket::{Ephemeral, Error, ErrorKind, Network, UdpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn a_new_socket_takes_nothing_from_the_stack() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(socket.local_port(), None);
    assert_eq!(socket.peer_addr(), None);
    socket.close().unwrap();
    assert_eq!(air.calls(), []);
}

#[test]
fn bind_takes_the_port_and_only_once() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    socket.bind(5353).unwrap();
    assert_eq!(socket.local_port(), Some(5353));
    let error = socket.bind(5354).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "the socket has its port already; call bind once, before connecting, sending or receiving"
    );
    assert_eq!(air.calls(), [Call::Socket, Call::Bind(5353)]);
}

#[test]
fn a_port_that_is_taken_is_told_and_another_can_be_tried() {
    let air = Air::new();
    air.taken.borrow_mut().push(53);
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(kind(socket.bind(53)), ErrorKind::AddressInUse);
    assert_eq!(socket.local_port(), None);
    socket.bind(54).unwrap();
    assert_eq!(
        air.calls(),
        [
            Call::Socket,
            Call::Bind(53),
            Call::Close(0),
            Call::Socket,
            Call::Bind(54)
        ]
    );
}

#[test]
fn port_zero_is_a_port_of_the_dynamic_range_and_sockets_get_different_ones() {
    let air = Air::new();
    let network = full(&air);
    let mut ports = Vec::new();
    for _ in 0..5 {
        let mut socket = UdpSocket::new(&network);
        socket.bind(0).unwrap();
        ports.push(socket.local_port().unwrap());
    }
    assert!(ports.iter().all(|port| *port >= 49_152));
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 5);
}

#[test]
fn an_ephemeral_port_that_is_taken_is_passed_over() {
    // With a policy, and without one, where every error is `Other`.
    for taken_error in [ErrorKind::AddressInUse, ErrorKind::Other] {
        let air = Air::new();
        air.taken_error.set(taken_error);
        let network = full(&air);
        let mut first = UdpSocket::new(&network);
        first.bind(0).unwrap();
        let port = first.local_port().unwrap();
        *air.taken.borrow_mut() = vec![port + 1, port + 2];
        air.forget_calls();
        let mut second = UdpSocket::new(&network);
        second.connect(peer()).unwrap();
        assert_eq!(second.local_port(), Some(port + 3));
        assert_eq!(
            air.calls(),
            [
                Call::Socket,
                Call::Bind(port + 1),
                Call::Bind(port + 2),
                Call::Bind(port + 3)
            ]
        );
    }
}

#[test]
fn the_search_for_a_port_ends() {
    let air = Air::new();
    air.bind_error.set(Some(FakeError(ErrorKind::AddressInUse)));
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(kind(socket.bind(0)), ErrorKind::AddressInUse);
    let calls = air.calls();
    let binds = calls.iter().filter(|call| matches!(call, Call::Bind(_)));
    assert_eq!(binds.count(), 8);
    assert!(air.open.borrow().is_empty());
    // Other errors are no reason to try other ports.
    air.bind_error.set(Some(FakeError(ErrorKind::NetworkDown)));
    air.forget_calls();
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NetworkDown);
    assert_eq!(air.calls().len(), 3);
    assert_eq!(socket.peer_addr(), None);
}

#[test]
fn a_stack_that_chooses_is_asked_for_port_zero() {
    let air = Air::new();
    let network = Network::without_dns(FakeStack(air.clone()), Bench(air.clone()))
        .with_udp_policy(policy().ephemeral(Ephemeral::ByStack));
    let mut socket = UdpSocket::new(&network);
    socket.bind(0).unwrap();
    assert_eq!(socket.local_port(), None);
    assert_eq!(air.calls(), [Call::Socket, Call::Bind(0)]);
    assert_eq!(air.clock_reads.get(), 0);
}

#[test]
fn connecting_binds_and_is_not_the_stacks_affair() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    socket.connect(peer()).unwrap();
    let port = socket.local_port().unwrap();
    socket.connect(stranger()).unwrap();
    socket.connect(peer()).unwrap();
    assert_eq!(socket.local_port(), Some(port));
    assert_eq!(air.calls(), [Call::Socket, Call::Bind(port)]);
    assert_eq!(kind(socket.bind(5353)), ErrorKind::InvalidInput);
}

#[test]
fn a_socket_the_stack_has_not_yet_is_waited_for() {
    let air = Air::new();
    air.socket_until.set(8 * SECOND);
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::WouldBlock);
    socket.set_timeout(Some(Duration::from_millis(500)));
    assert_eq!(kind(socket.bind(9)), ErrorKind::TimedOut);
    socket.set_timeout(None);
    socket.bind(9).unwrap();
    assert_eq!(air.now.get(), 8 * SECOND);
    // Its own "no" is one.
    air.socket_error.set(Some(FakeError(ErrorKind::NoSockets)));
    let mut other = UdpSocket::new(&network);
    assert_eq!(kind(other.bind(10)), ErrorKind::NoSockets);
}

#[test]
fn without_bind_the_stacks_socket_is_connected() {
    let air = Air::new();
    let network = client(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(kind(socket.bind(5353)), ErrorKind::NotSupported);
    assert_eq!(kind(socket.bind(0)), ErrorKind::NotSupported);
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::NotConnected);
    assert!(air.open.borrow().is_empty());
    air.forget_calls();
    socket.connect(peer()).unwrap();
    assert_eq!(socket.send(b"one"), Ok(3));
    assert_eq!(socket.sendto(b"two", peer()), Ok(3));
    assert_eq!(
        air.calls(),
        [
            Call::Socket,
            Call::Connect(peer()),
            Call::Send(b"one".into()),
            Call::Send(b"two".into())
        ]
    );
    assert_eq!(socket.local_port(), None);
    air.datagram(0, peer(), b"answer");
    assert_eq!(socket.recvfrom(&mut [0; 8]), Ok((6, peer())));
}

#[test]
fn without_bind_the_first_address_sent_to_is_the_only_one() {
    let air = Air::new();
    let network = client(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(socket.sendto(b"query", peer()), Ok(5));
    assert_eq!(socket.peer_addr(), None);
    air.datagram(0, peer(), b"answer");
    assert_eq!(socket.recvfrom(&mut [0; 8]), Ok((6, peer())));
    let error = socket.sendto(b"query", stranger()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(
        error.to_string(),
        "sockets of this stack reach one peer each; connect to the other one, or use another socket"
    );
    assert_eq!(*air.sent.borrow(), [(peer(), b"query".to_vec())]);
}

#[test]
fn without_bind_connecting_elsewhere_takes_a_new_socket() {
    let air = Air::new();
    let network = client(&air);
    let mut socket = UdpSocket::new(&network);
    socket.connect(peer()).unwrap();
    socket.connect(peer()).unwrap();
    socket.connect(stranger()).unwrap();
    assert_eq!(socket.send(b"x"), Ok(1));
    assert_eq!(
        air.calls(),
        [
            Call::Socket,
            Call::Connect(peer()),
            Call::Close(0),
            Call::Socket,
            Call::Connect(stranger()),
            Call::Send(b"x".into())
        ]
    );
    assert_eq!(*air.sent.borrow(), [(stranger(), b"x".to_vec())]);
}

#[test]
fn without_bind_a_failed_connect_leaves_the_former_peer() {
    let air = Air::new();
    let network = client(&air);
    let mut socket = UdpSocket::new(&network);
    socket.connect(peer()).unwrap();
    air.datagram(0, peer(), b"data");
    assert_eq!(socket.recv_ready(), Ok(true));
    air.connect_error
        .set(Some(FakeError(ErrorKind::AddressFamily)));
    assert_eq!(
        kind(socket.connect(addr("[2001:db8::1]:7"))),
        ErrorKind::AddressFamily
    );
    assert_eq!(socket.peer_addr(), Some(peer()));
    // What has come needs no socket of the stack's.
    air.forget_calls();
    assert_eq!(socket.try_recv(&mut [0; 8]), Ok(4));
    assert_eq!(air.calls(), []);
    air.connect_error.set(None);
    assert_eq!(socket.send(b"x"), Ok(1));
    assert_eq!(*air.sent.borrow(), [(peer(), b"x".to_vec())]);
}

#[test]
fn a_full_stack_whose_firmware_cannot_bind_is_a_client() {
    let air = Air::new();
    air.bind_error.set(Some(FakeError(ErrorKind::NotSupported)));
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(kind(socket.bind(5353)), ErrorKind::NotSupported);
    assert_eq!(socket.sendto(b"x", peer()), Ok(1));
    assert_eq!(air.calls().last(), Some(&Call::Send(b"x".into())));
}

#[test]
fn a_network_without_datagrams_says_so_at_the_call() {
    let air = Air::new();
    let network = Network::without_dns(FakeStack(air.clone()), Bench(air.clone()));
    let mut socket = UdpSocket::new(&network);
    assert_eq!(kind(socket.bind(5353)), ErrorKind::NotSupported);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NotSupported);
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::NotSupported);
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::NotSupported);
    assert_eq!(kind(socket.peek(&mut [0; 8])), ErrorKind::NotSupported);
    assert_eq!(socket.recv_ready(), Ok(false));
    assert_eq!(socket.close(), Ok(()));
    assert_eq!(air.calls(), []);
}

#[test]
fn a_closed_socket_is_closed_for_everything() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    socket.connect(peer()).unwrap();
    air.datagram(0, peer(), b"data");
    assert_eq!(socket.recv_ready(), Ok(true));
    socket.close().unwrap();
    air.forget_calls();
    assert_eq!(socket.close(), Ok(()));
    assert_eq!(kind(socket.bind(1)), ErrorKind::Closed);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::Closed);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::Closed);
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::Closed);
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::Closed);
    assert_eq!(kind(socket.peek(&mut [0; 8])), ErrorKind::Closed);
    assert_eq!(kind(socket.recv_ready()), ErrorKind::Closed);
    assert_eq!(kind(socket.send_ready()), ErrorKind::Closed);
    assert_eq!(socket.local_port(), None);
    assert_eq!(air.calls(), []);
}

#[test]
fn dropping_closes_and_a_failed_close_is_told_once() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    socket.bind(1).unwrap();
    drop(socket);
    assert!(air.open.borrow().is_empty());
    let mut socket = UdpSocket::new(&network);
    socket.bind(1).unwrap();
    air.close_error.set(Some(FakeError(ErrorKind::NetworkDown)));
    assert_eq!(kind(socket.close()), ErrorKind::NetworkDown);
    assert!(socket.is_closed());
    assert_eq!(socket.close(), Ok(()));
}
