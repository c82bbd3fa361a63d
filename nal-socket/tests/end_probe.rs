//! Stacks whose `receive` never tells the end of the stream, and the probe that finds it.

mod common;

use std::rc::Rc;
use std::time::Duration;

use common::{
    Arrival, Bench, Call, FakeError, FakeNetwork, FakeStack, SECOND, World, connected, policy,
};
use nal_socket::{EndProbe, ErrorKind, Network};

const RECEIVE: Call = Call::Receive(4);

fn probe() -> Call {
    Call::Send(Vec::new())
}

/// The stack keeps quiet about the end of the stream, and the policy says how to find it.
fn mute(world: &Rc<World>) -> FakeNetwork {
    world.mute_end.set(true);
    Network::new(FakeStack(world.clone()), Bench(world.clone()))
        .with_policy(policy().end_of_stream(EndProbe::EmptySend))
}

#[test]
fn an_empty_send_that_says_closed_is_the_end_of_the_stream() {
    let world = World::new();
    let network = mute(&world);
    let mut socket = connected(&world, &network);
    world.arrive(SECOND, Arrival::End);
    let start = world.now.get();
    assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(
        world.calls(),
        [RECEIVE, probe(), RECEIVE, probe(), RECEIVE],
        "two calls while there is nothing, a third at the end"
    );
    world.forget_calls();
    assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
    assert_eq!(world.calls(), [], "the end is remembered");
}

#[test]
fn what_has_arrived_comes_before_the_end_and_without_a_probe() {
    let world = World::new();
    let network = mute(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"abcdef");
    world.arrive(0, Arrival::End);
    let mut buf = [0; 4];
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(&buf, b"abcd");
    assert_eq!(socket.recv(&mut buf), Ok(2));
    assert_eq!(&buf[..2], b"ef");
    assert_eq!(world.calls(), [RECEIVE, RECEIVE]);
    assert_eq!(socket.recv(&mut buf), Ok(0));
}

#[test]
fn what_the_probe_brings_in_comes_before_the_end() {
    let world = World::new();
    let network = mute(&world);
    let mut socket = connected(&world, &network);
    *world.found_by_send.borrow_mut() = vec![Arrival::Data(b"last".to_vec()), Arrival::End];
    let mut buf = [0; 4];
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(&buf, b"last");
    assert_eq!(world.calls(), [RECEIVE, probe(), RECEIVE]);
    assert_eq!(socket.recv(&mut buf), Ok(0));
}

#[test]
fn a_probe_that_fails_otherwise_is_the_readers_error_once() {
    for (fails, reads) in [
        (ErrorKind::ConnectionReset, ErrorKind::ConnectionReset),
        (ErrorKind::NetworkDown, ErrorKind::NetworkDown),
    ] {
        let world = World::new();
        let network = mute(&world);
        let mut socket = connected(&world, &network);
        world.send_error.set(Some(FakeError(fails)));
        assert_eq!(socket.recv(&mut [0; 4]).unwrap_err().kind(), reads);
        assert_eq!(world.idles.get(), 0);
    }
}

#[test]
fn bytes_sent_and_not_confirmed_are_not_the_end() {
    let world = World::new();
    let network = mute(&world);
    let mut socket = connected(&world, &network);
    world.confirm_after.set(2 * SECOND);
    socket.sendall(b"question").unwrap();
    socket.set_timeout(Some(Duration::from_secs(1)));
    assert_eq!(
        socket.recv(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
    world.data(0, b"yes");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(3));
}

#[test]
fn a_non_blocking_receive_asks_twice_and_does_not_idle() {
    let world = World::new();
    let network = mute(&world);
    let mut socket = connected(&world, &network);
    socket.set_nonblocking(true);
    assert_eq!(
        socket.recv(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    assert_eq!(world.calls(), [RECEIVE, probe()]);
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn without_the_probe_the_stack_is_asked_once_and_the_end_is_never_found() {
    let world = World::new();
    world.mute_end.set(true);
    let network = common::network(&world);
    let mut socket = connected(&world, &network);
    world.arrive(0, Arrival::End);
    socket.set_timeout(Some(Duration::from_secs(5)));
    let start = world.now.get();
    assert_eq!(
        socket.recv(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
    assert_eq!(world.now.get(), start + 5 * SECOND);
    assert!(world.calls().iter().all(|call| *call == RECEIVE));
}
