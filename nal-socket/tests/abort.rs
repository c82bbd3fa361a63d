//! Resetting a connection.

mod common;

use common::capable::capable;
use common::{Call, FakeError, SECOND, World, connected, network, peer};
use nal_socket::{Error, ErrorKind, TcpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn without_the_capability_the_socket_stays_as_it_is() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let error = socket.abort().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(
        error.to_string(),
        "this network cannot reset connections; build it with_abort if the stack can, \
         or close the socket"
    );
    assert_eq!(world.calls(), []);
    assert!(socket.is_connected());
    assert_eq!(socket.send(b"x"), Ok(1));
}

#[test]
fn aborting_resets_without_lingering_and_gives_the_socket_back() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    world.confirm_after.set(60 * SECOND);
    socket.send(b"x").unwrap();
    world.forget_calls();
    assert_eq!(socket.abort(), Ok(()));
    assert_eq!(world.calls(), [Call::Abort(0), Call::Close(0)]);
    assert_eq!(world.idles.get(), 0);
    assert!(socket.is_closed());
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::Closed);
    assert_eq!(socket.abort(), Ok(()));
    assert_eq!(socket.close(), Ok(()));
    drop(socket);
    assert_eq!(world.calls(), [Call::Abort(0), Call::Close(0)]);
}

#[test]
fn a_reset_that_the_stack_refuses_leaves_the_connection() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    world.can.error.set(Some(ErrorKind::NotSupported));
    assert_eq!(kind(socket.abort()), ErrorKind::NotSupported);
    assert_eq!(socket.send(b"x"), Ok(1));
    assert_eq!(*world.open.borrow(), [0]);
}

#[test]
fn a_connection_that_has_ended_already_needs_no_reset() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    world.can.error.set(Some(ErrorKind::NotConnected));
    assert_eq!(socket.abort(), Ok(()));
    assert!(socket.is_closed());
    assert_eq!(*world.open.borrow(), [0; 0]);
}

#[test]
fn a_connect_under_way_is_given_up() {
    let world = World::new();
    let network = capable(&world);
    world.connects(u64::MAX, Err(FakeError(ErrorKind::Other)));
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    world.forget_calls();
    assert_eq!(socket.abort(), Ok(()));
    assert_eq!(world.calls(), [Call::Close(0)]);
    assert!(socket.is_closed());
}

#[test]
fn aborting_inside_the_stack_is_busy_and_can_be_repeated() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    let inside = network.with_stack(|_| socket.abort()).unwrap();
    assert_eq!(kind(inside), ErrorKind::Busy);
    assert!(socket.is_connected());
    assert_eq!(socket.abort(), Ok(()));
}
