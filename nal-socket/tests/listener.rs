//! Accepting connections.

mod common;

use std::time::Duration;

use common::capable::capable;
use common::{Call, FakeError, SECOND, World, network, peer};
use nal_socket::{Error, ErrorKind, TcpListener};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn bind_listen_accept_in_order() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    let mut listener = TcpListener::new(&network);
    listener.bind(8080).unwrap();
    listener.listen().unwrap();
    world.accept_at.set(Some(start + SECOND));
    let (mut connection, from) = listener.accept().unwrap();
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(from, peer());
    assert_eq!(connection.peer_addr(), Some(peer()));
    assert_eq!(connection.send(b"x"), Ok(1));
}

#[test]
fn any_other_order_is_refused_without_a_stack_call() {
    let world = World::new();
    let network = network(&world);
    let mut listener = TcpListener::new(&network);
    assert_eq!(kind(listener.listen()), ErrorKind::InvalidInput);
    assert_eq!(kind(listener.accept()), ErrorKind::InvalidInput);
    assert_eq!(world.calls(), []);
    listener.bind(1).unwrap();
    assert_eq!(kind(listener.bind(2)), ErrorKind::InvalidInput);
    assert_eq!(kind(listener.accept()), ErrorKind::InvalidInput);
}

#[test]
fn a_failed_bind_gives_the_stack_its_socket_back_and_can_be_repeated() {
    let world = World::new();
    let network = network(&world);
    world
        .bind_error
        .set(Some(FakeError(ErrorKind::AddressInUse)));
    let mut listener = TcpListener::new(&network);
    assert_eq!(kind(listener.bind(80)), ErrorKind::AddressInUse);
    assert_eq!(*world.open.borrow(), [0; 0]);
    listener.bind(81).unwrap();
}

#[test]
fn accept_honours_its_timeout_and_the_listener_stays_open() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    let mut listener = TcpListener::new(&network);
    listener.bind(80).unwrap();
    listener.listen().unwrap();
    listener.set_timeout(Some(Duration::from_secs(1)));
    assert_eq!(kind(listener.accept()), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    listener.set_nonblocking(true);
    let idles = world.idles.get();
    assert_eq!(kind(listener.accept()), ErrorKind::WouldBlock);
    assert_eq!(world.idles.get(), idles);
    world.accept_at.set(Some(0));
    let (connection, _) = listener.accept().unwrap();
    // Fresh and blocking, whatever the listener is.
    assert_eq!(connection.receive_timeout(), None);
    assert_eq!(connection.send_timeout(), None);
}

#[test]
fn closing_twice_is_fine_and_then_everything_is_closed() {
    let world = World::new();
    let network = network(&world);
    let mut listener = TcpListener::new(&network);
    listener.bind(80).unwrap();
    listener.close().unwrap();
    listener.close().unwrap();
    assert_eq!(kind(listener.bind(80)), ErrorKind::Closed);
    assert_eq!(kind(listener.listen()), ErrorKind::Closed);
    assert_eq!(kind(listener.accept()), ErrorKind::Closed);
    assert_eq!(world.calls().last(), Some(&Call::Close(0)));
}

#[test]
fn dropping_closes_the_listener_but_not_its_connections() {
    let world = World::new();
    let network = network(&world);
    let mut listener = TcpListener::new(&network);
    listener.bind(80).unwrap();
    listener.listen().unwrap();
    world.accept_at.set(Some(0));
    let (connection, _) = listener.accept().unwrap();
    drop(listener);
    assert_eq!(*world.open.borrow(), [1]);
    drop(connection);
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn a_network_without_server_functions_says_so() {
    let world = World::new();
    let plain = network(&world);
    assert_eq!(kind(TcpListener::try_new(&plain)), ErrorKind::NotSupported);
    let server = network(&world).with_server();
    TcpListener::try_new(&server).unwrap().bind(80).unwrap();
}

#[test]
fn the_hook_sees_each_connection_before_its_user_does() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = TcpListener::new(&network);
    listener.bind(80).unwrap();
    listener.listen().unwrap();
    world.forget_calls();
    world.accept_at.set(Some(world.now.get()));
    let (connection, _) = listener.accept().unwrap();
    assert!(connection.is_connected());
    assert_eq!(
        world.calls(),
        [Call::Accept, Call::Socket, Call::Accepted(1)]
    );
}

#[test]
fn a_hook_that_fails_costs_the_connection_and_not_the_listener() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = TcpListener::new(&network);
    listener.bind(80).unwrap();
    listener.listen().unwrap();
    world.accept_at.set(Some(world.now.get()));
    world.can.error.set(Some(ErrorKind::NoMemory));
    assert_eq!(kind(listener.accept()), ErrorKind::NoMemory);
    assert_eq!(*world.open.borrow(), [0]);
    world.can.error.set(None);
    world.accept_at.set(Some(world.now.get()));
    listener.accept().unwrap();
}
