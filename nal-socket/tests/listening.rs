//! Listening on a stack whose server starts later than `listen` returns.

mod common;

use std::time::Duration;

use common::capable::capable;
use common::{Bench, Call, FakeError, FakeNetwork, FakeStack, SECOND, World, network, peer};
use nal_socket::{Error, ErrorKind, Events, Network, Pollable, TcpListener};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn bound(network: &FakeNetwork) -> TcpListener<&FakeNetwork> {
    let mut listener = TcpListener::new(network);
    listener.bind(80).unwrap();
    listener
}

/// The calls that start to listen, or ask about it.
fn asked(world: &World) -> Vec<Call> {
    let mut calls = world.calls();
    calls.retain(|call| matches!(call, Call::Listen | Call::Listening(_)));
    calls
}

#[test]
fn listen_returns_when_the_server_is_up() {
    let world = World::new();
    let network = capable(&world);
    let start = world.now.get();
    let mut listener = bound(&network);
    world.can.ready_at.set(start + 3 * SECOND);
    listener.listen().unwrap();
    assert_eq!(world.now.get(), start + 3 * SECOND);
    assert_eq!(
        asked(&world),
        [Call::Listen, Call::Listening(0), Call::Listening(0)]
    );
    assert_eq!(kind(listener.listen()), ErrorKind::InvalidInput);
    world.accept_at.set(Some(start + 4 * SECOND));
    let (_, from) = listener.accept().unwrap();
    assert_eq!((from, world.now.get()), (peer(), start + 4 * SECOND));
}

#[test]
fn without_the_capability_nothing_waits_and_nothing_is_asked() {
    let world = World::new();
    let network = network(&world);
    world.can.ready_at.set(world.now.get() + SECOND);
    let mut listener = bound(&network);
    listener.listen().unwrap();
    assert_eq!(asked(&world), [Call::Listen]);
    assert_eq!((world.idles.get(), world.clock_reads.get()), (0, 0));
    assert_eq!(kind(listener.listen()), ErrorKind::InvalidInput);
}

#[test]
fn after_a_timeout_listening_again_continues() {
    let world = World::new();
    let network = capable(&world);
    let start = world.now.get();
    let mut listener = bound(&network);
    listener.set_timeout(Some(Duration::from_secs(1)));
    world.can.ready_at.set(start + 2 * SECOND);
    assert_eq!(kind(listener.listen()), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    listener.listen().unwrap();
    assert_eq!(world.now.get(), start + 2 * SECOND);
    // It started to listen once.
    let listens = asked(&world).iter().filter(|c| **c == Call::Listen).count();
    assert_eq!(listens, 1);
}

#[test]
fn a_non_blocking_listener_asks_once_and_does_not_wait() {
    let world = World::new();
    let network = capable(&world);
    let start = world.now.get();
    let mut listener = bound(&network);
    listener.set_nonblocking(true);
    world.can.ready_at.set(start + SECOND);
    assert_eq!(kind(listener.listen()), ErrorKind::WouldBlock);
    assert_eq!(kind(listener.listen()), ErrorKind::WouldBlock);
    assert_eq!((world.idles.get(), world.now.get()), (0, start));
    assert_eq!(
        asked(&world),
        [Call::Listen, Call::Listening(0), Call::Listening(0)]
    );
    world.now.set(start + SECOND);
    listener.listen().unwrap();
    assert_eq!(kind(listener.listen()), ErrorKind::InvalidInput);
}

#[test]
fn an_interrupted_listen_goes_on() {
    let world = World::new();
    let network = capable(&world);
    let start = world.now.get();
    let mut listener = bound(&network);
    world.can.ready_at.set(start + SECOND);
    world.cancel.set(true);
    assert_eq!(kind(listener.listen()), ErrorKind::Interrupted);
    listener.listen().unwrap();
    assert_eq!(world.now.get(), start + SECOND);
}

#[test]
fn a_listener_that_is_starting_accepts_polls_and_tells_its_port() {
    let world = World::new();
    let network = capable(&world);
    let start = world.now.get();
    let mut listener = bound(&network);
    listener.set_nonblocking(true);
    world.can.ready_at.set(start + 9 * SECOND);
    assert_eq!(kind(listener.listen()), ErrorKind::WouldBlock);
    assert_eq!(kind(listener.bind(81)), ErrorKind::InvalidInput);
    assert_eq!(listener.local_port(), Ok(80));
    assert_eq!(kind(listener.accept()), ErrorKind::WouldBlock);
    assert_eq!(listener.look(Events::IN).unwrap().ready(), Events::NONE);
    world.accept_at.set(Some(start));
    assert_eq!(listener.look(Events::IN).unwrap().ready(), Events::IN);
    let (connection, from) = listener.accept().unwrap();
    assert_eq!(from, peer());
    drop(connection);
    // Whether it is up has still not been told.
    assert_eq!(kind(listener.listen()), ErrorKind::WouldBlock);
    drop(listener);
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn after_an_error_the_listener_is_bound_and_can_listen_again() {
    for error in [
        ErrorKind::AddressInUse,
        ErrorKind::NetworkDown,
        ErrorKind::TimedOut,
        ErrorKind::Interrupted,
    ] {
        let world = World::new();
        let network = capable(&world);
        let mut listener = bound(&network);
        world.can.error.set(Some(error));
        assert_eq!(kind(listener.listen()), error);
        assert_eq!(kind(listener.accept()), ErrorKind::InvalidInput);
        assert_eq!(listener.local_port(), Ok(80));
        world.can.error.set(None);
        world.forget_calls();
        listener.listen().unwrap();
        assert_eq!(world.calls(), [Call::Listen, Call::Listening(0)]);
        listener.close().unwrap();
        assert_eq!(*world.open.borrow(), [0; 0]);
        assert_eq!(kind(listener.listen()), ErrorKind::Closed);
    }
}

#[test]
fn an_error_of_the_stacks_own_listen_comes_first() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = bound(&network);
    world
        .listen_error
        .set(Some(FakeError(ErrorKind::NoSockets)));
    assert_eq!(kind(listener.listen()), ErrorKind::NoSockets);
    assert_eq!(asked(&world), [Call::Listen]);
    listener.listen().unwrap();
}

#[test]
fn a_function_for_a_stack_that_is_not_ones_own() {
    let world = World::new();
    let network = Network::new(FakeStack(world.clone()), Bench(world.clone()))
        .with_policy(common::policy())
        .with_listening_by(|_, socket| {
            assert_eq!(socket.id, 0);
            Err(ErrorKind::AddressInUse.into())
        });
    assert_eq!(kind(bound(&network).listen()), ErrorKind::AddressInUse);
}

#[test]
fn a_stack_in_use_is_busy_and_nothing_has_happened() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = bound(&network);
    let busy = network.with_stack(|_| kind(listener.listen())).unwrap();
    assert_eq!(busy, ErrorKind::Busy);
    assert_eq!(asked(&world), []);
    listener.set_nonblocking(true);
    world.can.ready_at.set(world.now.get() + SECOND);
    assert_eq!(kind(listener.listen()), ErrorKind::WouldBlock);
    // Nor is a wait that has begun lost by it.
    let busy = network.with_stack(|_| kind(listener.listen())).unwrap();
    assert_eq!(busy, ErrorKind::Busy);
    world.now.set(world.can.ready_at.get());
    listener.listen().unwrap();
}
