//! Odd arguments and stacks that lie.

mod common;

use std::time::Duration;

use common::{Call, SECOND, World, connected, network, peer};
use nal_socket::{ErrorKind, TcpSocket};

#[test]
fn empty_buffers_never_reach_the_stack_and_never_look_like_the_end() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    assert_eq!(socket.recv(&mut []), Ok(0));
    assert_eq!(socket.peek(&mut []), Ok(0));
    assert_eq!(socket.readinto(&mut []), Ok(0));
    assert_eq!(socket.readline(&mut []), Ok(0));
    assert_eq!(world.calls(), []);
    world.data(0, b"x");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
}

#[test]
fn empty_reads_on_an_unconnected_socket() {
    let world = World::new();
    let network = network(&world);
    let mut socket = TcpSocket::new(&network);
    assert_eq!(socket.readinto(&mut []), Ok(0));
    assert_eq!(
        socket.recv(&mut []).unwrap_err().kind(),
        ErrorKind::NotConnected
    );
}

#[test]
fn enormous_timeouts_do_not_overflow() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    for timeout in [
        Duration::MAX,
        Duration::from_micros(u64::MAX),
        Duration::from_micros(u64::MAX - 1),
    ] {
        socket.set_timeout(Some(timeout));
        world.data(SECOND, b"x");
        assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
    }
    assert_eq!(*world.untils.borrow(), [Some(u64::MAX); 3]);
}

#[test]
fn the_last_microsecond_of_the_clock_is_survived() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.now.set(u64::MAX - 1);
    socket.set_timeout(Some(Duration::from_secs(1)));
    assert_eq!(
        socket.recv(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
}

#[test]
fn a_stack_that_counts_wrong_cannot_cause_a_panic() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.lie.set(true);
    assert_eq!(socket.recv(&mut [0; 4]), Ok(4));
    assert_eq!(socket.peek(&mut [0; 4]), Ok(4));
    assert_eq!(socket.readinto(&mut [0; 4]), Ok(4));
    assert!(socket.readline(&mut [0; 4]).is_ok());
    assert_eq!(socket.send(b"abc"), Ok(3));
    socket.sendall(b"abc").unwrap();
}

#[test]
fn many_sockets_come_and_go() {
    let world = World::new();
    let network = network(&world);
    for _ in 0..1_000 {
        let mut socket = TcpSocket::new(&network);
        socket.connect(peer()).unwrap();
        socket.sendall(b"x").unwrap();
    }
    assert_eq!(*world.open.borrow(), [0; 0]);
    assert_eq!(
        world.calls().iter().filter(|c| **c == Call::Socket).count(),
        1_000
    );
}

#[test]
fn the_clock_may_run_backwards() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    assert_eq!(
        socket.recv(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
    world.now.set(0);
    assert_eq!(
        socket.recv(&mut [0; 4]).unwrap_err().kind(),
        ErrorKind::TimedOut
    );
    assert_eq!(world.now.get(), SECOND);
}

#[test]
fn debug_output_is_short_and_does_not_ask_the_stack() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    assert!(format!("{socket:?}").contains("Connected"));
    socket.close().unwrap();
    assert!(format!("{socket:?}").contains("Closed"));
}
