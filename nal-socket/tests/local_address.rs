//! Local addresses of connections, and ports of listeners.

mod common;

use std::time::Duration;

use common::capable::{LOCAL, capable};
use common::{Call, SECOND, World, connected, network};
use nal_socket::{Error, ErrorKind, TcpListener, TcpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

const MISSING: &str = "this network does not tell local addresses; build it with_local_address \
                       if the stack does";

#[test]
fn without_the_capability_only_a_port_that_was_asked_for_is_known() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let error = socket.local_addr().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(error.to_string(), MISSING);
    assert_eq!(world.calls(), []);

    let mut listener = TcpListener::new(&network);
    assert_eq!(kind(listener.local_port()), ErrorKind::InvalidInput);
    listener.bind(8080).unwrap();
    assert_eq!(listener.local_port(), Ok(8080));
    listener.close().unwrap();
    assert_eq!(kind(listener.local_port()), ErrorKind::Closed);

    let mut listener = TcpListener::new(&network);
    listener.bind(0).unwrap();
    assert_eq!(listener.local_port().unwrap_err().to_string(), MISSING);
}

#[test]
fn a_connected_socket_tells_both_ends() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.local_addr()), ErrorKind::NotConnected);
    socket.connect(common::peer()).unwrap();
    assert_eq!(socket.local_addr(), Ok(LOCAL.parse().unwrap()));
    assert_eq!(socket.peer_addr(), Some(common::peer()));
    socket.close().unwrap();
    assert_eq!(kind(socket.local_addr()), ErrorKind::Closed);
}

#[test]
fn a_stack_that_has_to_ask_gets_the_receive_timeout() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.can.ready_at.set(start + 3 * SECOND);
    socket.set_receive_timeout(Some(Duration::from_secs(1)));
    assert_eq!(kind(socket.local_addr()), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.local_addr()), ErrorKind::WouldBlock);
    socket.set_timeout(None);
    assert_eq!(socket.local_addr(), Ok(LOCAL.parse().unwrap()));
    assert_eq!(world.now.get(), start + 3 * SECOND);
}

#[test]
fn the_port_that_zero_became_is_asked_for_once() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = TcpListener::new(&network);
    listener.bind(0).unwrap();
    listener.listen().unwrap();
    world.forget_calls();
    assert_eq!(listener.local_port(), Ok(50_000));
    assert_eq!(listener.local_port(), Ok(50_000));
    assert_eq!(world.calls(), [Call::LocalAddress(0)]);
}

#[test]
fn what_the_stack_reports_is_reported() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    world.can.error.set(Some(ErrorKind::NetworkDown));
    assert_eq!(kind(socket.local_addr()), ErrorKind::NetworkDown);
    assert!(socket.is_connected());
}
