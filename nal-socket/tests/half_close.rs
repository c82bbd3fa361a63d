//! Half close, on a stack that has it and on one that has not.

mod common;

use std::time::Duration;

use common::capable::capable;
use common::{Arrival, Call, FakeError, SECOND, World, connected, network};
use nal_socket::{Direction, Error, ErrorKind, Events, Network, Pollable, TcpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn without_the_capability_sending_cannot_be_ended_and_goes_on() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    for direction in [Direction::Write, Direction::Both] {
        let error = socket.shutdown(direction).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotSupported);
        assert_eq!(
            error.to_string(),
            "this network cannot end sending alone; build it with_shutdown if the stack can, \
             or close the socket"
        );
    }
    assert_eq!(world.calls(), []);
    assert_eq!(socket.send(b"x"), Ok(1));
    world.data(0, b"y");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
}

#[test]
fn after_ending_sending_a_send_is_a_broken_pipe_and_reading_goes_on_to_the_end() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"answer");
    world.arrive(SECOND, Arrival::End);
    assert_eq!(socket.shutdown(Direction::Write), Ok(()));
    assert_eq!(world.calls(), [Call::ShutdownWrite(0)]);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::BrokenPipe);
    assert_eq!(kind(socket.try_send(b"")), ErrorKind::BrokenPipe);
    assert_eq!(kind(socket.sendall(b"x")), ErrorKind::BrokenPipe);
    assert_eq!(kind(socket.write(b"x")), ErrorKind::BrokenPipe);
    assert_eq!(socket.flush(), Ok(()));
    assert_eq!(socket.send_ready(), Ok(true));
    let mut buf = [0; 16];
    assert_eq!(socket.readinto(&mut buf), Ok(6));
    assert_eq!(&buf[..6], b"answer");
    assert_eq!(socket.recv(&mut buf), Ok(0));
    assert_eq!(*world.sent.borrow(), b"");
}

#[test]
fn what_was_sent_is_confirmed_before_sending_ends() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.confirm_after.set(SECOND);
    socket.send(b"last").unwrap();
    assert_eq!(socket.shutdown(Direction::Write), Ok(()));
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(
        world.calls(),
        [
            Call::Send(b"last".to_vec()),
            Call::Send(vec![]),
            Call::Send(vec![]),
            Call::ShutdownWrite(0)
        ]
    );
}

#[test]
fn bytes_that_are_not_confirmed_in_time_leave_the_direction_open() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.confirm_after.set(3 * SECOND);
    socket.send(b"a").unwrap();
    assert_eq!(kind(socket.shutdown(Direction::Both)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    world.data(0, b"still here");
    assert_eq!(socket.recv(&mut [0; 16]), Ok(10));
    assert_eq!(socket.send(b"b"), Ok(1));
    socket.set_timeout(None);
    assert_eq!(socket.shutdown(Direction::Write), Ok(()));
}

#[test]
fn a_blocking_shutdown_lingers_for_ten_seconds_at_most() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.confirm_after.set(60 * SECOND);
    socket.send(b"a").unwrap();
    assert_eq!(kind(socket.shutdown(Direction::Write)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 10 * SECOND);
}

#[test]
fn a_non_blocking_socket_waits_neither_for_confirmation_nor_for_the_stack() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    socket.set_nonblocking(true);
    world.confirm_after.set(SECOND);
    world.can.ready_at.set(world.now.get() + SECOND);
    socket.send(b"a").unwrap();
    assert_eq!(
        kind(socket.shutdown(Direction::Write)),
        ErrorKind::WouldBlock
    );
    world.now.set(world.now.get() + SECOND);
    assert_eq!(socket.shutdown(Direction::Write), Ok(()));
    assert_eq!(
        world.calls(),
        [
            Call::Send(b"a".to_vec()),
            Call::ShutdownWrite(0),
            Call::ShutdownWrite(0)
        ]
    );
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn what_the_stack_reports_is_reported_and_nothing_has_ended() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    world.can.error.set(Some(ErrorKind::NotSupported));
    assert_eq!(
        kind(socket.shutdown(Direction::Both)),
        ErrorKind::NotSupported
    );
    assert_eq!(socket.send(b"x"), Ok(1));
    world.data(0, b"y");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
}

#[test]
fn ending_a_direction_again_is_nothing_new() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    for direction in [
        Direction::Write,
        Direction::Both,
        Direction::Write,
        Direction::Read,
    ] {
        assert_eq!(socket.shutdown(direction), Ok(()));
    }
    assert_eq!(world.calls(), [Call::ShutdownWrite(0)]);
}

fn ending_reading_discards(network: &Network<common::FakeStack, common::Bench>, world: &World) {
    let mut socket = connected(world, network);
    world.data(0, b"seen by peek");
    assert_eq!(socket.peek(&mut [0; 4]), Ok(4));
    assert_eq!(socket.shutdown(Direction::Read), Ok(()));
    world.data(0, b"more");
    world.data(SECOND, b"later");
    let mut buf = [0xAA; 8];
    assert_eq!(socket.recv_ready(), Ok(true));
    for _ in 0..2 {
        assert_eq!(socket.recv(&mut buf), Ok(0));
        assert_eq!(socket.peek(&mut buf), Ok(0));
        assert_eq!(socket.readline(&mut buf), Ok(0));
        assert_eq!(buf, [0xAA; 8]);
    }
    world.now.set(world.now.get() + SECOND);
    assert_eq!(socket.sendall(b"x"), Ok(()));
    assert!(world.arrivals.borrow().is_empty(), "left in the stack");
    assert_eq!(*world.sent.borrow(), b"x");
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn ending_reading_is_the_end_of_the_stream_and_discards_on_every_stack() {
    let world = World::new();
    ending_reading_discards(&network(&world), &world);
    let world = World::new();
    ending_reading_discards(&capable(&world), &world);
}

#[test]
fn discarding_ends_with_the_stream() {
    for last in [
        Arrival::End,
        Arrival::Fail(FakeError(ErrorKind::ConnectionReset)),
    ] {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        socket.shutdown(Direction::Read).unwrap();
        world.arrive(0, last);
        assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
        assert_eq!(world.calls().len(), 1);
        assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
        assert_eq!(world.calls().len(), 1);
    }
}

#[test]
fn a_socket_without_connection_has_no_directions() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    for direction in [Direction::Read, Direction::Write, Direction::Both] {
        assert_eq!(kind(socket.shutdown(direction)), ErrorKind::NotConnected);
    }
    socket.close().unwrap();
    assert_eq!(kind(socket.shutdown(Direction::Read)), ErrorKind::Closed);
    assert_eq!(world.calls(), []);
}

#[test]
fn polling_a_half_closed_socket_tells_what_each_direction_would_do_at_once() {
    let world = World::new();
    let network = capable(&world);
    let both = Events::IN | Events::OUT;
    let mut socket = connected(&world, &network);
    world.send_most.set(1);
    socket.send(b"full now").unwrap();
    socket.shutdown(Direction::Write).unwrap();
    // Sending fails at once, and nothing has come.
    assert_eq!(socket.look(both).unwrap().ready(), Events::OUT);
    socket.shutdown(Direction::Read).unwrap();
    assert_eq!(
        socket.look(both).unwrap().ready(),
        both | Events::HUP,
        "both directions have ended"
    );

    let mut socket = connected(&world, &network);
    socket.shutdown(Direction::Read).unwrap();
    assert_eq!(socket.look(both).unwrap().ready(), both);
}
