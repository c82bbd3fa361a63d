//! Connecting: outcomes, timeouts in virtual time, resuming.

mod common;

use std::time::Duration;

use common::{Call, FakeError, FakeNetwork, SECOND, World, connected, network, peer};
use nal_socket::{ErrorKind, Hints, TcpSocket};

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

/// A non-blocking connect that the peer has refused, not that anybody knows yet.
fn refused_meanwhile<'n>(world: &World, network: &'n FakeNetwork) -> TcpSocket<&'n FakeNetwork> {
    world.connects(world.now.get() + SECOND, Ok(()));
    let mut socket = TcpSocket::new(network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    world.connects(0, Err(FakeError(ErrorKind::ConnectionRefused)));
    socket
}

#[test]
fn asking_for_readiness_keeps_a_refused_connect_for_the_next_operation() {
    type Ask = fn(&mut TcpSocket<&FakeNetwork>) -> Result<bool, nal_socket::Error>;
    type Tell = fn(&mut TcpSocket<&FakeNetwork>) -> ErrorKind;
    let asks: [Ask; 2] = [|socket| socket.recv_ready(), |socket| socket.send_ready()];
    let tells: [Tell; 8] = [
        |socket| kind(socket.connect(peer())),
        |socket| kind(socket.connect("192.0.2.9:81".parse().unwrap())),
        |socket| kind(socket.recv(&mut [0; 4])),
        |socket| kind(socket.peek(&mut [0; 4])),
        |socket| kind(socket.readinto(&mut [0; 4])),
        |socket| kind(socket.readline(&mut [0; 4])),
        |socket| kind(socket.send(b"x")),
        |socket| kind(socket.flush()),
    ];
    for ask in asks {
        for tell in tells {
            let world = World::new();
            let network = network(&world);
            let mut socket = refused_meanwhile(&world, &network);
            assert_eq!(ask(&mut socket), Ok(true));
            // The attempt is over, however often somebody asks, and in whichever direction.
            assert_eq!(*world.open.borrow(), [0; 0]);
            world.forget_calls();
            assert_eq!(socket.recv_ready(), Ok(true));
            assert_eq!(socket.send_ready(), Ok(true));
            assert!(!socket.is_connected());

            assert_eq!(tell(&mut socket), ErrorKind::ConnectionRefused);
            assert_eq!(world.calls(), [], "the outcome is told, not tried again");

            // Once; then the socket is as new.
            assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NotConnected);
            assert_eq!(kind(socket.send(b"x")), ErrorKind::NotConnected);
            assert_eq!(kind(socket.recv_ready()), ErrorKind::NotConnected);
            assert_eq!(kind(socket.send_ready()), ErrorKind::NotConnected);
            world.connects(0, Ok(()));
            socket.connect(peer()).unwrap();
            assert_eq!(socket.send(b"x"), Ok(1));
        }
    }
}

#[test]
fn a_loop_that_asks_for_readiness_before_it_connects_again_learns_that_it_was_refused() {
    let world = World::new();
    let network = network(&world);
    let mut socket = refused_meanwhile(&world, &network);
    let outcome = (0..10).find_map(|_| {
        if socket.send_ready() == Ok(true) {
            return Some(kind(socket.connect(peer())));
        }
        None
    });
    assert_eq!(outcome, Some(ErrorKind::ConnectionRefused));
    let dialled = |call: &&Call| **call == Call::Socket;
    assert_eq!(world.calls().iter().filter(dialled).count(), 1);
}

#[test]
fn asking_for_readiness_finds_that_a_connect_has_succeeded() {
    let world = World::new();
    let network = network(&world);
    world.connects(world.now.get() + SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    assert_eq!(socket.send_ready(), Ok(false));
    world.now.set(world.now.get() + SECOND);
    assert_eq!(socket.send_ready(), Ok(true));
    assert!(socket.is_connected());
    assert_eq!(socket.recv_ready(), Ok(false));
}

#[test]
fn asking_from_within_the_stack_does_not_touch_a_connect_that_is_under_way() {
    let world = World::new();
    let network = network(&world);
    let mut socket = refused_meanwhile(&world, &network);
    network
        .with_stack(|_| {
            assert_eq!(kind(socket.recv_ready()), ErrorKind::Busy);
            assert_eq!(kind(socket.send_ready()), ErrorKind::Busy);
        })
        .unwrap();
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::ConnectionRefused);
}

#[test]
fn a_socket_with_an_untold_failure_closes_like_any_other() {
    let world = World::new();
    let network = network(&world);
    let mut socket = refused_meanwhile(&world, &network);
    assert_eq!(socket.recv_ready(), Ok(true));
    socket.close().unwrap();
    assert_eq!(kind(socket.recv_ready()), ErrorKind::Closed);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::Closed);
}

#[test]
fn a_blocking_connect_waits_until_the_stack_has_a_socket() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.socket_until.set(start + SECOND);
    world.connects(start + 3 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.connect(peer()).unwrap();
    assert_eq!(world.now.get(), start + 3 * SECOND);
    assert_eq!(*world.open.borrow(), [0]);
}

#[test]
fn waiting_for_a_socket_and_for_the_connection_share_one_timeout() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.socket_until.set(start + 3 * SECOND);
    world.connects(start + 6 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_timeout(Some(Duration::from_secs(2)));
    // No socket yet, so nothing is under way.
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 2 * SECOND);
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NotConnected);
    // A socket after one second, and one second is left.
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 4 * SECOND);
    socket.connect(peer()).unwrap();
    assert_eq!(world.now.get(), start + 6 * SECOND);
    assert_eq!(*world.open.borrow(), [0]);
}

#[test]
fn a_non_blocking_connect_would_block_while_the_stack_has_no_socket() {
    let world = World::new();
    let network = network(&world);
    world.socket_until.set(world.now.get() + SECOND);
    world.connects(world.now.get() + 2 * SECOND, Ok(()));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::WouldBlock);
    // Nothing has started.
    assert_eq!(kind(socket.send_ready()), ErrorKind::NotConnected);
    world.now.set(world.now.get() + SECOND);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::AlreadyInProgress);
    world.now.set(world.now.get() + SECOND);
    socket.connect(peer()).unwrap();
    assert_eq!(world.idles.get(), 0);
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
fn port_zero_may_be_looked_up_and_is_refused_where_it_is_connected_to() {
    let world = World::new();
    let network = network(&world);
    let found = network
        .getaddrinfo("192.0.2.1", 0, Hints::stream())
        .unwrap();
    let mut socket = TcpSocket::new(&network);
    assert_eq!(
        kind(socket.connect(found.first().sockaddr)),
        ErrorKind::InvalidInput
    );
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
