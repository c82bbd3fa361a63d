//! Sending datagrams: whole, and never twice.

mod datagrams;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use datagrams::{Air, Call, FakeError, SECOND, addr, bound, client, full, peer, policy, stranger};
use nal_socket::{Error, ErrorKind, Network, UdpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn send_goes_to_the_peer_and_sendto_anywhere_from_the_same_port() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    socket.connect(peer()).unwrap();
    assert_eq!(socket.send(b"one"), Ok(3));
    assert_eq!(socket.sendto(b"to", stranger()), Ok(2));
    socket.connect(stranger()).unwrap();
    assert_eq!(socket.send(b""), Ok(0));
    assert_eq!(
        air.calls(),
        [
            Call::SendTo(peer(), b"one".into()),
            Call::SendTo(stranger(), b"to".into()),
            Call::SendTo(stranger(), b"".into()),
        ]
    );
    assert_eq!(socket.local_port(), Some(5353));
    assert_eq!(socket.peer_addr(), Some(stranger()));
}

#[test]
fn send_without_a_peer_is_not_connected_and_asks_nobody() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::NotConnected);
    assert_eq!(kind(socket.try_send(b"x")), ErrorKind::NotConnected);
    assert_eq!(air.calls(), []);
    // Having sent to somebody does not make a peer, on no kind of stack.
    socket.sendto(b"x", peer()).unwrap();
    assert_eq!(kind(socket.send(b"x")), ErrorKind::NotConnected);
    let network = client(&air);
    let mut socket = UdpSocket::new(&network);
    socket.sendto(b"x", peer()).unwrap();
    assert_eq!(kind(socket.send(b"x")), ErrorKind::NotConnected);
}

#[test]
fn room_is_waited_for_within_the_send_timeout() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.room_at.set(8 * SECOND);
    assert_eq!(kind(socket.try_sendto(b"x", peer())), ErrorKind::WouldBlock);
    socket.set_send_timeout(Some(Duration::from_millis(999)));
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), 8 * SECOND - 1_000);
    assert_eq!(socket.sendto(b"x", peer()), Ok(1));
    assert_eq!(air.now.get(), 8 * SECOND);
    assert_eq!(*air.sent.borrow(), [(peer(), b"x".to_vec())]);
}

#[test]
fn what_the_stack_has_accepted_is_ok_even_at_the_deadline() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    // Room comes at the very deadline: the stack is asked before the clock.
    air.room_at.set(8 * SECOND);
    socket.set_send_timeout(Some(Duration::from_secs(1)));
    assert_eq!(socket.sendto(b"once", peer()), Ok(4));
    assert_eq!(air.sent.borrow().len(), 1);
}

#[test]
fn an_interrupted_send_has_sent_nothing() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.room_at.set(8 * SECOND);
    air.cancel.set(true);
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::Interrupted);
    assert_eq!(socket.sendto(b"x", peer()), Ok(1));
    assert_eq!(air.sent.borrow().len(), 1);
}

#[test]
fn a_refused_datagram_is_an_error_once() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.send_error
        .set(Some(FakeError(ErrorKind::HostUnreachable)));
    assert_eq!(
        kind(socket.sendto(b"x", peer())),
        ErrorKind::HostUnreachable
    );
    assert_eq!(socket.sendto(b"x", peer()), Ok(1));
    // "No room yet" as an error of the stack's own.
    air.send_error.set(Some(FakeError(ErrorKind::WouldBlock)));
    assert_eq!(kind(socket.try_sendto(b"y", peer())), ErrorKind::WouldBlock);
    assert_eq!(socket.try_sendto(b"y", peer()), Ok(1));
}

#[test]
fn what_is_too_long_is_told_by_the_stack_or_by_the_policy() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.send_error
        .set(Some(FakeError(ErrorKind::MessageTooLong)));
    assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::MessageTooLong);
    // No stack is asked for what UDP cannot carry.
    air.forget_calls();
    let long = vec![0; 65_528];
    assert_eq!(
        kind(socket.sendto(&long, peer())),
        ErrorKind::MessageTooLong
    );
    assert_eq!(air.calls(), []);
    assert_eq!(socket.sendto(&long[1..], peer()), Ok(65_527));

    let network = Network::without_dns(
        datagrams::FakeStack(air.clone()),
        datagrams::Bench(air.clone()),
    )
    .with_udp_policy(policy().longest_send(4));
    let mut socket = UdpSocket::new(&network);
    assert_eq!(
        kind(socket.sendto(b"12345", peer())),
        ErrorKind::MessageTooLong
    );
    assert_eq!(socket.sendto(b"1234", peer()), Ok(4));
}

#[test]
fn port_zero_is_the_callers_mistake() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    let nowhere = addr("192.0.2.1:0");
    let error = socket.sendto(b"x", nowhere).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(
        error.to_string(),
        "port 0 cannot be connected or sent to; use 1 to 65535"
    );
    assert_eq!(kind(socket.connect(nowhere)), ErrorKind::InvalidInput);
    assert_eq!(air.calls(), []);
}

#[test]
fn a_hook_may_use_another_socket_but_not_wait_on_it() {
    let air = Air::new();
    let network = Rc::new(full(&air));
    let inner = network.clone();
    let seen: Rc<RefCell<Vec<Result<usize, ErrorKind>>>> = Rc::default();
    let results = seen.clone();
    let clock = air.clone();
    let hook = move || {
        let mut other = UdpSocket::new(&*inner);
        clock.room_at.set(0);
        let sent = other.sendto(b"beside", stranger());
        clock.room_at.set(9 * SECOND);
        let waited = other.recv(&mut [0; 8]);
        for result in [sent, waited] {
            results
                .borrow_mut()
                .push(result.map_err(|error| error.kind()));
        }
    };
    *air.hook.borrow_mut() = Some(Box::new(hook));
    air.room_at.set(9 * SECOND);
    let mut socket = UdpSocket::new(&*network);
    assert_eq!(socket.sendto(b"after", peer()), Ok(5));
    *air.hook.borrow_mut() = None;
    assert_eq!(*seen.borrow(), [Ok(6), Err(ErrorKind::Busy)]);
    assert_eq!(
        *air.sent.borrow(),
        [
            (stranger(), b"beside".to_vec()),
            (peer(), b"after".to_vec())
        ]
    );
}

#[test]
fn inside_with_stack_everything_is_busy_and_nothing_changes() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, peer(), b"data");
    network
        .with_stack(|_| {
            assert_eq!(kind(socket.sendto(b"x", peer())), ErrorKind::Busy);
            assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::Busy);
            assert_eq!(kind(socket.recv_ready()), ErrorKind::Busy);
            assert_eq!(kind(socket.close()), ErrorKind::Busy);
            assert!(!socket.is_closed());
        })
        .unwrap();
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
    assert_eq!(socket.close(), Ok(()));
}
