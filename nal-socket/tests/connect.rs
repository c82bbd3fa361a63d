//! Connecting: outcomes, timeouts in virtual time, resuming.

mod common;

use std::time::Duration;

use common::{Call, FakeError, SECOND, World, connected, network, peer};
use nal_socket::{ErrorKind, TcpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, nal_socket::Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn a_socket_takes_nothing_from_the_stack_until_it_connects() {
    let world = World::new();
    let network = network(&world);
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NotConnected);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::NotConnected);
    assert_eq!(kind(socket.flush()), ErrorKind::NotConnected);
    drop(socket);
    assert_eq!(world.calls(), []);
}

#[test]
fn a_blocking_connect_waits_until_it_is_done() {
    let world = World::new();
    let network = network(&world);
    world.connects(30 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.connect(peer()).unwrap();
    assert_eq!(world.now.get(), 30 * SECOND);
    assert_eq!(socket.peer_addr(), Some(peer()));
    assert!(socket.is_connected());
    assert_eq!(kind(socket.connect(peer())), ErrorKind::AlreadyConnected);
}

#[test]
fn a_timed_connect_ends_at_its_deadline_and_the_same_address_resumes_it() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.connects(start + 3 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(2)));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 2 * SECOND);
    socket.connect(peer()).unwrap();
    assert_eq!(world.now.get(), start + 3 * SECOND);
    // One stack socket served both calls.
    assert_eq!(
        world.calls().iter().filter(|c| **c == Call::Socket).count(),
        1
    );
}

#[test]
fn a_timed_out_connect_is_given_up_for_another_address() {
    let world = World::new();
    let network = network(&world);
    world.connects(world.now.get() + 3 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(2)));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    let other = "192.0.2.9:81".parse().unwrap();
    socket.connect(other).unwrap();
    assert_eq!(socket.peer_addr(), Some(other));
    assert!(world.calls().contains(&Call::Close(0)));
    assert_eq!(*world.open.borrow(), [1]);
}

#[test]
fn a_non_blocking_connect_is_in_progress_then_already_then_done() {
    let world = World::new();
    let network = network(&world);
    world.connects(world.now.get() + SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::AlreadyInProgress);
    let other = "192.0.2.9:81".parse().unwrap();
    assert_eq!(kind(socket.connect(other)), ErrorKind::AlreadyInProgress);
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::WouldBlock);
    assert_eq!(socket.recv_ready(), Ok(false));
    assert_eq!(socket.send_ready(), Ok(false));
    world.now.set(world.now.get() + SECOND);
    socket.connect(peer()).unwrap();
    assert_eq!(kind(socket.connect(peer())), ErrorKind::AlreadyConnected);
    assert_eq!(world.idles.get(), 0);
    assert_eq!(world.clock_reads.get(), 0);
}

#[test]
fn sending_finishes_a_connect_that_is_under_way() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.connects(start + SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    socket.set_timeout(None);
    assert_eq!(socket.send(b"hello"), Ok(5));
    assert_eq!(world.now.get(), start + SECOND);
}

#[test]
fn a_refused_connect_says_so_and_the_socket_can_try_again() {
    let world = World::new();
    let network = network(&world);
    world.connects(0, Err(FakeError(ErrorKind::ConnectionRefused)));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::ConnectionRefused);
    assert_eq!(world.calls().last(), Some(&Call::Close(0)));
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NotConnected);
    world.connects(0, Ok(()));
    socket.connect(peer()).unwrap();
    assert_eq!(*world.open.borrow(), [1]);
}

#[test]
fn a_stack_that_times_out_itself_ends_the_attempt() {
    let world = World::new();
    let network = network(&world);
    world.connects(0, Err(FakeError(ErrorKind::TimedOut)));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    // Nothing is under way any more: the stack's socket was given back.
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn pipe_closed_while_connecting_is_an_aborted_connection() {
    let world = World::new();
    let network = network(&world);
    world.connects(0, Err(FakeError(ErrorKind::BrokenPipe)));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::ConnectionAborted);
}

#[test]
fn no_free_socket_in_the_stack_leaves_the_socket_usable() {
    let world = World::new();
    let network = network(&world);
    world
        .socket_error
        .set(Some(FakeError(ErrorKind::NoSockets)));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NoSockets);
    world.socket_error.set(None);
    socket.connect(peer()).unwrap();
}

#[test]
fn port_zero_is_refused_without_a_stack_call() {
    let world = World::new();
    let network = network(&world);
    let mut socket = TcpSocket::new(&network);
    let error = socket.connect("192.0.2.1:0".parse().unwrap()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("1 to 65535"), "{error}");
    assert_eq!(world.calls(), []);
}

#[test]
fn everything_on_a_closed_socket_is_closed() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"unread");
    assert_eq!(socket.peek(&mut [0; 1]), Ok(1));
    socket.close().unwrap();
    socket.close().unwrap();
    assert!(socket.is_closed());
    assert_eq!(kind(socket.connect(peer())), ErrorKind::Closed);
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::Closed);
    assert_eq!(kind(socket.peek(&mut [0; 4])), ErrorKind::Closed);
    assert_eq!(kind(socket.readinto(&mut [0; 4])), ErrorKind::Closed);
    assert_eq!(kind(socket.readline(&mut [0; 4])), ErrorKind::Closed);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::Closed);
    assert_eq!(kind(socket.write(b"x")), ErrorKind::Closed);
    assert_eq!(kind(socket.flush()), ErrorKind::Closed);
    assert_eq!(kind(socket.recv_ready()), ErrorKind::Closed);
    assert_eq!(kind(socket.send_ready()), ErrorKind::Closed);
    assert_eq!(
        world
            .calls()
            .iter()
            .filter(|c| matches!(c, Call::Close(_)))
            .count(),
        1
    );
}
