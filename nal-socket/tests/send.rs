//! Sending, the barrier, closing and dropping.

mod common;

use std::time::Duration;

use common::{Call, FakeError, SECOND, World, connected, network, peer, policy};
use nal_socket::{Barrier, Error, ErrorKind, TcpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn sent(call: &[u8]) -> Call {
    Call::Send(call.to_vec())
}

#[test]
fn send_is_one_stack_write_and_may_be_short() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.send_most.set(3);
    assert_eq!(socket.send(b"abcdef"), Ok(3));
    assert_eq!(world.calls(), [sent(b"abcdef")]);
}

#[test]
fn sending_nothing_is_no_barrier_and_asks_nobody() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    assert_eq!(socket.send(b""), Ok(0));
    assert_eq!(socket.write(b""), Ok(0));
    assert_eq!(socket.sendall(b""), Ok(()));
    assert_eq!(world.calls(), []);
}

#[test]
fn sendall_sends_everything_in_pieces_each_with_its_own_limit() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.send_most.set(4);
    world.send_pause.set(SECOND * 9 / 10);
    socket.sendall(b"abcdefghij").unwrap();
    assert_eq!(*world.sent.borrow(), b"abcdefghij");
    assert_eq!(world.now.get(), start + SECOND * 18 / 10);
    assert_eq!(socket.sent(), 10);
}

#[test]
fn a_timed_out_sendall_tells_how_far_it_came() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.send_most.set(4);
    world.send_pause.set(5 * SECOND);
    assert_eq!(kind(socket.sendall(b"abcdefghij")), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(socket.sent(), 4);
    assert_eq!(*world.sent.borrow(), b"abcd");
}

#[test]
fn a_non_blocking_write_returns_what_went_and_would_block_on_nothing() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_nonblocking(true);
    world.send_most.set(4);
    world.send_pause.set(SECOND);
    assert_eq!(socket.write(b"abcdef"), Ok(4));
    assert_eq!(kind(socket.write(b"ef")), ErrorKind::WouldBlock);
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn sending_on_a_broken_connection_is_a_broken_pipe() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.send_error.set(Some(FakeError(ErrorKind::BrokenPipe)));
    assert_eq!(kind(socket.send(b"x")), ErrorKind::BrokenPipe);
}

#[test]
fn flush_waits_until_what_was_sent_is_confirmed() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.confirm_after.set(SECOND);
    socket.sendall(b"abc").unwrap();
    assert_eq!(socket.send_ready(), Ok(false));
    socket.flush().unwrap();
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(socket.send_ready(), Ok(true));
    // Confirmed once, the stack is not bothered again.
    world.forget_calls();
    socket.flush().unwrap();
    assert_eq!(world.calls(), []);
}

#[test]
fn a_stack_without_a_barrier_never_sees_an_empty_send() {
    let world = World::new();
    let network = network(&world).with_policy(policy().barrier(Barrier::None));
    let mut socket = connected(&world, &network);
    socket.sendall(b"abc").unwrap();
    socket.flush().unwrap();
    socket.close().unwrap();
    assert_eq!(world.calls(), [sent(b"abc"), Call::Close(0)]);
}

#[test]
fn close_waits_for_the_barrier_first() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.confirm_after.set(3 * SECOND);
    socket.sendall(b"abc").unwrap();
    socket.close().unwrap();
    assert_eq!(world.now.get(), start + 3 * SECOND);
    assert_eq!(
        world.calls(),
        [sent(b"abc"), sent(b""), sent(b""), Call::Close(0)]
    );
}

#[test]
fn close_waits_no_longer_than_ten_seconds_and_says_that_bytes_may_be_missing() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.confirm_after.set(1_000 * SECOND);
    socket.sendall(b"abc").unwrap();
    assert_eq!(kind(socket.close()), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 10 * SECOND);
    assert_eq!(*world.open.borrow(), [0; 0]);
    socket.close().unwrap();
}

#[test]
fn close_waits_no_longer_than_the_send_timeout() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_secs(2)));
    world.confirm_after.set(1_000 * SECOND);
    socket.sendall(b"abc").unwrap();
    assert_eq!(kind(socket.close()), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 2 * SECOND);
}

#[test]
fn closing_a_non_blocking_socket_does_not_wait() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_nonblocking(true);
    world.confirm_after.set(1_000 * SECOND);
    socket.sendall(b"abc").unwrap();
    socket.close().unwrap();
    assert_eq!(world.idles.get(), 0);
    assert_eq!(world.calls(), [sent(b"abc"), Call::Close(0)]);
}

#[test]
fn closing_without_anything_sent_needs_no_barrier() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.close().unwrap();
    assert_eq!(world.calls(), [Call::Close(0)]);
}

#[test]
fn dropping_closes_with_the_same_barrier() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.confirm_after.set(3 * SECOND);
    socket.sendall(b"abc").unwrap();
    drop(socket);
    assert_eq!(
        world.calls(),
        [sent(b"abc"), sent(b""), sent(b""), Call::Close(0)]
    );
}

#[test]
fn dropping_survives_every_error() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.sendall(b"abc").unwrap();
    world.send_error.set(Some(FakeError(ErrorKind::Other)));
    world.close_error.set(Some(FakeError(ErrorKind::Other)));
    drop(socket);
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn an_error_of_the_stack_about_closing_is_reported_once_and_the_socket_is_closed() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world
        .close_error
        .set(Some(FakeError(ErrorKind::NetworkDown)));
    assert_eq!(kind(socket.close()), ErrorKind::NetworkDown);
    socket.close().unwrap();
}

#[test]
fn closing_a_connection_that_is_gone_is_no_error() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world
        .close_error
        .set(Some(FakeError(ErrorKind::BrokenPipe)));
    socket.close().unwrap();
}

#[test]
fn dropping_a_socket_that_is_connecting_gives_the_stack_its_socket_back() {
    let world = World::new();
    let network = network(&world);
    world.connects(u64::MAX, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    drop(socket);
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn closing_or_dropping_an_owning_file_closes_the_socket() {
    let world = World::new();
    let network = network(&world);
    let mut file = connected(&world, &network).makefile();
    assert_eq!(file.write(b"abc"), Ok(3));
    file.close().unwrap();
    assert_eq!(kind(file.write(b"abc")), ErrorKind::Closed);
    drop(connected(&world, &network).makefile());
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn a_borrowing_file_closes_the_socket_only_when_closed() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    assert_eq!(socket.file().write(b"x"), Ok(1));
    assert!(socket.is_connected());
    socket.file().close().unwrap();
    assert!(socket.is_closed());
}

#[test]
fn a_file_gives_the_socket_back() {
    let world = World::new();
    let network = network(&world);
    let file = connected(&world, &network).makefile();
    let socket = file.into_socket();
    assert!(socket.is_connected());
}

#[test]
fn asking_for_readiness_does_not_swallow_a_failed_send() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.sendall(b"abc").unwrap();
    world
        .send_error
        .set(Some(FakeError(ErrorKind::NetworkDown)));
    assert_eq!(socket.send_ready(), Ok(true));
    assert_eq!(socket.send_ready(), Ok(true));
    // The stack says it only once.
    world.send_error.set(None);
    assert_eq!(kind(socket.send(b"def")), ErrorKind::NetworkDown);
    assert_eq!(socket.send(b"def"), Ok(3));
}

#[test]
fn try_send_does_not_wait_whatever_the_timeout() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.send_most.set(2);
    world.send_pause.set(SECOND);
    assert_eq!(socket.try_send(b"abc"), Ok(2));
    assert_eq!(socket.sent(), 2);
    assert_eq!(kind(socket.try_send(b"c")), ErrorKind::WouldBlock);
    assert_eq!(socket.sent(), 0);
    assert_eq!(world.idles.get(), 0);
    assert_eq!(*world.sent.borrow(), b"ab");
}
