//! Connecting on stacks that do not tell the outcome by themselves.

mod common;

use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use common::{Arrival, Call, FakeError, FakeNetwork, SECOND, World, peer, policy};
use nal_socket::{ConnectAgain, ConnectOk, ErrorKind, PipeClosed, TcpSocket, ZeroRead};

fn kind<T: std::fmt::Debug>(result: Result<T, nal_socket::Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn no_address() -> SocketAddr {
    "0.0.0.0:0".parse().unwrap()
}

const CLOSED: FakeError = FakeError(ErrorKind::BrokenPipe);

/// `Ok` from connect only means that the attempt is over.
fn unverified(world: &Rc<World>) -> FakeNetwork {
    world.zero_is_pending.set(true);
    common::network(world).with_policy(
        policy()
            .zero_read(ZeroRead::Pending)
            .pipe_closed(PipeClosed::EndOfStream)
            .connect_ok(ConnectOk::Ended),
    )
}

/// Connect dials again whenever there is no connection.
fn redialling(world: &Rc<World>) -> FakeNetwork {
    // An empty send shows whether there is a connection.
    world.send_error.set(Some(CLOSED));
    common::network(world).with_policy(policy().connect_again(ConnectAgain::NoAddress))
}

#[test]
fn ok_without_a_connection_is_refused_and_the_socket_is_as_new() {
    let world = World::new();
    let network = unverified(&world);
    world.arrive(0, Arrival::End);
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::ConnectionRefused);
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Connect(peer()),
            Call::Receive(nal_socket::LOOKAHEAD),
            Call::Close(0)
        ]
    );
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NotConnected);
    world.arrivals.borrow_mut().clear();
    socket.connect(peer()).unwrap();
}

#[test]
fn ok_with_a_connection_is_connected_before_anything_arrives() {
    let world = World::new();
    let network = unverified(&world);
    world.data(SECOND, b"late");
    let mut socket = TcpSocket::new(&network);
    socket.connect(peer()).unwrap();
    assert_eq!(world.idles.get(), 0);
    let mut buf = [0; 8];
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"late");
}

#[test]
fn what_the_look_ahead_received_is_read_first() {
    let world = World::new();
    let network = unverified(&world);
    world.data(0, b"220 ready\r\n");
    world.data(SECOND, b"more");
    let mut socket = TcpSocket::new(&network);
    socket.connect(peer()).unwrap();
    let mut buf = [0; 32];
    assert_eq!(socket.recv(&mut buf), Ok(11));
    assert_eq!(&buf[..11], b"220 ready\r\n");
    assert_eq!(socket.recv(&mut buf), Ok(4));
}

#[test]
fn another_error_of_the_look_ahead_is_told_as_it_is() {
    let world = World::new();
    let network = unverified(&world);
    world.arrive(0, Arrival::Fail(FakeError(ErrorKind::NetworkDown)));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NetworkDown);
    assert_eq!(*world.open.borrow(), []);
}

#[test]
fn a_redialling_stack_is_given_the_address_once_and_a_failed_attempt_is_refused() {
    let world = World::new();
    let network = redialling(&world);
    let start = world.now.get();
    world.connects(start + 2 * SECOND, Err(FakeError(ErrorKind::Other)));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::ConnectionRefused);
    assert_eq!(world.now.get(), start + 2 * SECOND);
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Connect(peer()),
            Call::Connect(no_address()),
            Call::Close(0)
        ]
    );
}

#[test]
fn a_redialling_stack_that_connects_is_connected() {
    let world = World::new();
    let network = redialling(&world);
    world.connects(world.now.get() + 2 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.connect(peer()).unwrap();
    assert_eq!(socket.peer_addr(), Some(peer()));
}

#[test]
fn a_timed_out_attempt_is_resumed_without_dialling_and_given_up_for_another_address() {
    let world = World::new();
    let network = redialling(&world);
    world.connects(world.now.get() + 60 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(2)));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    world.forget_calls();
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::AlreadyInProgress);
    assert_eq!(
        world.calls(),
        [Call::Connect(no_address()), Call::Send(vec![])]
    );
    world.forget_calls();
    let other = "192.0.2.9:81".parse().unwrap();
    socket.set_timeout(Some(Duration::from_secs(2)));
    assert_eq!(kind(socket.connect(other)), ErrorKind::TimedOut);
    assert_eq!(
        world.calls()[..3],
        [Call::Close(0), Call::Socket, Call::Connect(other)]
    );
}

#[test]
fn a_connection_that_connect_missed_is_found_by_an_empty_send() {
    let world = World::new();
    let network = redialling(&world);
    // The peer closed before connect was asked again: it will never say Ok.
    world.connects(world.now.get() + 1000 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    world.send_error.set(None);
    socket.connect(peer()).unwrap();
}

#[test]
fn a_classified_reset_is_a_reset_where_closed_is_the_end_of_the_stream() {
    let world = World::new();
    world.zero_is_pending.set(true);
    let network = common::network(&world).with_policy(nal_socket::Policy::smoltcp().classify(
        |error: &FakeError| match error.0 {
            // As if both were of kind PipeClosed, which FakeError says of BrokenPipe only.
            ErrorKind::BrokenPipe => ErrorKind::ConnectionReset,
            kind => kind,
        },
    ));
    world.data(0, b"last");
    world.arrive(0, Arrival::Fail(CLOSED));
    let mut socket = TcpSocket::new(&network);
    socket.connect(peer()).unwrap();
    let mut buf = [0; 8];
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(kind(socket.recv(&mut buf)), ErrorKind::ConnectionReset);
    assert_eq!(socket.recv(&mut buf), Ok(0));
}

fn pausing(world: &Rc<World>) -> FakeNetwork {
    common::network(world).with_policy(policy().pause_after_close(Duration::from_secs(3)))
}

#[test]
fn a_connect_after_a_close_waits_for_the_pause_before_it_takes_a_socket() {
    let world = World::new();
    let network = pausing(&world);
    let mut first = TcpSocket::new(&network);
    first.connect(peer()).unwrap();
    first.close().unwrap();
    let closed = world.now.get();
    world.forget_calls();
    world.connects(closed + 3 * SECOND, Ok(()));
    let mut second = TcpSocket::new(&network);
    second.set_timeout(Some(Duration::from_secs(1)));
    assert_eq!(kind(second.connect(peer())), ErrorKind::TimedOut);
    assert_eq!(world.calls(), []);
    second.set_timeout(Some(Duration::from_secs(5)));
    second.connect(peer()).unwrap();
    assert_eq!(world.now.get(), closed + 3 * SECOND);
    assert_eq!(world.calls(), [Call::Socket, Call::Connect(peer())]);
}

#[test]
fn a_non_blocking_connect_during_the_pause_is_in_progress_and_can_be_given_up() {
    let world = World::new();
    let network = pausing(&world);
    let mut first = TcpSocket::new(&network);
    first.connect(peer()).unwrap();
    drop(first);
    world.forget_calls();
    let mut second = TcpSocket::new(&network);
    second.set_nonblocking(true);
    assert_eq!(kind(second.connect(peer())), ErrorKind::InProgress);
    assert_eq!(kind(second.connect(peer())), ErrorKind::AlreadyInProgress);
    assert_eq!(second.send_ready(), Ok(false));
    second.close().unwrap();
    assert_eq!(world.calls(), []);
}

#[test]
fn what_never_was_connected_needs_no_pause() {
    let world = World::new();
    let network = pausing(&world);
    world.connects(0, Err(FakeError(ErrorKind::ConnectionRefused)));
    let mut first = TcpSocket::new(&network);
    assert_eq!(kind(first.connect(peer())), ErrorKind::ConnectionRefused);
    first.close().unwrap();
    world.connects(0, Ok(()));
    let mut second = TcpSocket::new(&network);
    second.set_nonblocking(true);
    second.connect(peer()).unwrap();
}
