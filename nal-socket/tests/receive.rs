//! Receiving: what is there, timeouts in virtual time, the end of the stream, resets, policies.

mod common;

use std::time::Duration;

use common::{Arrival, Call, FakeError, FakeNetwork, SECOND, World, connected, network, policy};
use nal_socket::{Error, ErrorKind, LOOKAHEAD, Policy, TcpSocket};

const RESET: Arrival = Arrival::Fail(FakeError(ErrorKind::BrokenPipe));

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn recv_returns_what_is_there_and_does_not_wait_for_more() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"abc");
    let mut buf = [0; 10];
    assert_eq!(socket.recv(&mut buf), Ok(3));
    assert_eq!(&buf[..3], b"abc");
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn a_blocking_recv_waits_for_the_first_byte_without_a_deadline() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.data(100 * SECOND, b"late");
    assert_eq!(socket.recv(&mut [0; 10]), Ok(4));
    assert_eq!(world.now.get(), start + 100 * SECOND);
    assert_eq!(*world.untils.borrow(), [None]);
}

#[test]
fn a_timed_recv_ends_exactly_at_its_deadline() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    for micros in [1, 999, 1_000, 2_500_000] {
        socket.set_timeout(Some(Duration::from_micros(micros)));
        let begin = world.now.get();
        assert_eq!(kind(socket.recv(&mut [0; 10])), ErrorKind::TimedOut);
        assert_eq!(world.now.get(), begin + micros);
    }
    assert_eq!(world.untils.borrow()[0], Some(start + 1));
}

#[test]
fn data_that_comes_at_the_deadline_is_received() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.data(SECOND, b"x");
    assert_eq!(socket.recv(&mut [0; 10]), Ok(1));
}

#[test]
fn a_timeout_below_a_microsecond_is_still_a_timeout() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_timeout(Some(Duration::from_nanos(1)));
    assert_eq!(kind(socket.recv(&mut [0; 10])), ErrorKind::TimedOut);
    assert_eq!(world.idles.get(), 1);
}

#[test]
fn a_non_blocking_recv_asks_the_stack_once_and_never_idles() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let reads = world.clock_reads.get();
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.recv(&mut [0; 10])), ErrorKind::WouldBlock);
    assert_eq!(world.calls(), [Call::Receive(10)]);
    assert_eq!(world.idles.get(), 0);
    assert_eq!(world.clock_reads.get(), reads);
}

#[test]
fn try_recv_does_not_change_the_mode() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    assert_eq!(kind(socket.try_recv(&mut [0; 10])), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.try_peek(&mut [0; 10])), ErrorKind::WouldBlock);
    world.data(SECOND, b"x");
    assert_eq!(socket.recv(&mut [0; 10]), Ok(1));
}

#[test]
fn receive_and_send_timeouts_are_separate() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_receive_timeout(Some(Duration::from_secs(1)));
    socket.set_send_timeout(Some(Duration::from_secs(2)));
    world.room_at.set(u64::MAX);
    assert_eq!(kind(socket.recv(&mut [0; 1])), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 3 * SECOND);
    assert_eq!(socket.receive_timeout(), Some(Duration::from_secs(1)));
    assert_eq!(socket.send_timeout(), Some(Duration::from_secs(2)));
}

#[test]
fn the_end_of_the_stream_is_repeatable_and_comes_after_the_data() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"last");
    world.arrive(0, Arrival::End);
    let mut buf = [0; 3];
    assert_eq!(socket.recv(&mut buf), Ok(3));
    assert_eq!(socket.recv(&mut buf), Ok(1));
    for _ in 0..3 {
        assert_eq!(socket.recv(&mut buf), Ok(0));
        assert_eq!(socket.readinto(&mut buf), Ok(0));
        assert_eq!(socket.readline(&mut buf), Ok(0));
        assert_eq!(socket.peek(&mut buf), Ok(0));
    }
    // Known once, the stack is not asked again, whatever it would say.
    world.arrivals.borrow_mut().clear();
    world.forget_calls();
    assert_eq!(socket.recv(&mut buf), Ok(0));
    assert_eq!(world.calls(), []);
    // Half-closed by the peer only: sending goes on.
    assert_eq!(socket.send(b"x"), Ok(1));
}

#[test]
fn a_reset_comes_after_the_data_once_and_then_the_stream_has_ended() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"queued");
    world.arrive(0, RESET);
    let mut buf = [0; 10];
    assert_eq!(socket.recv(&mut buf), Ok(6));
    assert_eq!(kind(socket.recv(&mut buf)), ErrorKind::ConnectionReset);
    assert_eq!(socket.recv(&mut buf), Ok(0));
    assert_eq!(socket.recv(&mut buf), Ok(0));
}

#[test]
fn a_reset_in_the_middle_of_readinto_gives_the_bytes_then_the_error_then_the_end() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"queued");
    world.arrive(SECOND, RESET);
    let mut buf = [0; 10];
    assert_eq!(socket.readinto(&mut buf), Ok(6));
    assert_eq!(&buf[..6], b"queued");
    assert_eq!(kind(socket.readinto(&mut buf)), ErrorKind::ConnectionReset);
    assert_eq!(socket.readinto(&mut buf), Ok(0));
}

#[test]
fn asking_for_readiness_does_not_swallow_a_reset() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    assert_eq!(socket.recv_ready(), Ok(false));
    world.arrive(0, RESET);
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(kind(socket.recv(&mut [0; 1])), ErrorKind::ConnectionReset);
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(socket.recv(&mut [0; 1]), Ok(0));
}

#[test]
fn other_errors_pass_through_and_reading_goes_on() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.arrive(0, Arrival::Fail(FakeError(ErrorKind::NetworkDown)));
    world.data(0, b"x");
    assert_eq!(kind(socket.recv(&mut [0; 1])), ErrorKind::NetworkDown);
    assert_eq!(socket.recv(&mut [0; 1]), Ok(1));
}

#[test]
fn lost_data_is_told_once_at_the_gap_and_reading_goes_on_behind_it() {
    type Read = fn(&mut TcpSocket<&FakeNetwork>, &mut [u8]) -> Result<usize, Error>;
    let reads: [Read; 3] = [
        |socket, buf| socket.recv(buf),
        |socket, buf| socket.readinto(buf),
        |socket, buf| socket.readline(buf),
    ];
    for (read, asked) in reads
        .into_iter()
        .flat_map(|read| [(read, false), (read, true)])
    {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        world.data(0, b"before");
        world.arrive(0, Arrival::Fail(FakeError(ErrorKind::DataLost)));
        world.data(0, b"behind\n");
        world.arrive(0, Arrival::End);
        let mut buf = [0; 20];
        assert_eq!(read(&mut socket, &mut buf), Ok(6));
        assert_eq!(&buf[..6], b"before");
        if asked {
            assert_eq!(socket.recv_ready(), Ok(true));
        }
        assert_eq!(kind(read(&mut socket, &mut buf)), ErrorKind::DataLost);
        assert!(socket.is_connected());
        assert_eq!(read(&mut socket, &mut buf), Ok(7));
        assert_eq!(&buf[..7], b"behind\n");
        assert_eq!(read(&mut socket, &mut buf), Ok(0));
    }
}

#[cfg(feature = "alloc")]
#[test]
fn lost_data_in_the_middle_of_read_to_end_gives_both_sides_of_the_gap() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"before");
    world.arrive(0, Arrival::Fail(FakeError(ErrorKind::DataLost)));
    world.data(0, b"behind");
    world.arrive(0, Arrival::End);
    assert_eq!(socket.read_to_end().unwrap(), b"before");
    assert_eq!(kind(socket.read_to_end()), ErrorKind::DataLost);
    assert_eq!(socket.read_to_end().unwrap(), b"behind");
}

#[test]
fn peek_shows_more_as_it_comes_and_never_waits_for_it() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let mut buf = [0; 8];
    world.data(0, b"a");
    assert_eq!(socket.peek(&mut buf), Ok(1));
    // Nothing more yet, on a blocking socket.
    assert_eq!(socket.peek(&mut buf), Ok(1));
    assert_eq!(world.idles.get(), 0);
    world.data(0, b"bc");
    assert_eq!(socket.peek(&mut buf), Ok(3));
    assert_eq!(&buf[..3], b"abc");
    // Enough is kept: the stack is not asked.
    world.forget_calls();
    assert_eq!(socket.peek(&mut buf[..3]), Ok(3));
    assert_eq!(world.calls(), []);
    // Behind what was taken meanwhile.
    assert_eq!(socket.recv(&mut buf[..2]), Ok(2));
    world.data(0, b"de");
    assert_eq!(socket.try_peek(&mut buf), Ok(3));
    assert_eq!(&buf[..3], b"cde");
    assert_eq!(socket.recv(&mut buf), Ok(3));
    assert_eq!(&buf[..3], b"cde");
}

#[test]
fn peek_fills_the_look_ahead_and_no_more_and_nothing_is_lost() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let data: Vec<u8> = (0..2 * LOOKAHEAD).map(|i| (i % 251) as u8).collect();
    let mut buf = vec![0; 2 * LOOKAHEAD];
    world.data(0, &data[..LOOKAHEAD]);
    assert_eq!(socket.peek(&mut buf), Ok(LOOKAHEAD));
    // The last byte of a full look-ahead: there is room again, at its front.
    assert_eq!(socket.recv(&mut buf[..LOOKAHEAD - 1]), Ok(LOOKAHEAD - 1));
    world.data(0, &data[LOOKAHEAD..]);
    for _ in 0..2 {
        assert_eq!(socket.peek(&mut buf), Ok(LOOKAHEAD));
        assert_eq!(buf[..LOOKAHEAD], data[LOOKAHEAD - 1..][..LOOKAHEAD]);
    }
    assert_eq!(
        socket.readinto(&mut buf[..LOOKAHEAD + 1]),
        Ok(LOOKAHEAD + 1)
    );
    assert_eq!(buf[..LOOKAHEAD + 1], data[LOOKAHEAD - 1..]);
}

#[test]
fn what_peek_finds_behind_the_bytes_comes_behind_the_bytes() {
    for (end, then) in [
        (Arrival::End, None),
        (RESET, Some(ErrorKind::ConnectionReset)),
        (
            Arrival::Fail(FakeError(ErrorKind::DataLost)),
            Some(ErrorKind::DataLost),
        ),
    ] {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        let mut buf = [0; 8];
        world.data(0, b"ab");
        assert_eq!(socket.peek(&mut buf), Ok(2));
        world.arrive(0, end);
        world.arrive(0, Arrival::End);
        for _ in 0..3 {
            assert_eq!(socket.peek(&mut buf), Ok(2));
        }
        assert_eq!(socket.recv(&mut buf), Ok(2));
        if let Some(then) = then {
            assert_eq!(kind(socket.recv(&mut buf)), then);
        }
        assert_eq!(socket.recv(&mut buf), Ok(0));
    }
}

#[test]
fn peek_shows_what_is_kept_even_from_within_the_stack() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let mut buf = [0; 8];
    world.data(0, b"ab");
    assert_eq!(socket.peek(&mut buf), Ok(2));
    network
        .with_stack(|_| assert_eq!(socket.peek(&mut buf), Ok(2)))
        .unwrap();
    world.data(0, b"c");
    assert_eq!(socket.recv(&mut buf), Ok(2));
    assert_eq!(socket.recv(&mut buf), Ok(1));
}

#[test]
fn peek_shows_the_bytes_and_leaves_them() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(SECOND, b"abc");
    let mut buf = [0; 2];
    assert_eq!(socket.peek(&mut buf), Ok(2));
    assert_eq!(&buf, b"ab");
    assert_eq!(socket.peek(&mut buf), Ok(2));
    let mut all = [0; 8];
    assert_eq!(socket.recv(&mut all), Ok(3));
    assert_eq!(&all[..3], b"abc");
}

#[test]
fn under_the_smoltcp_policy_zero_is_not_yet_and_pipe_closed_is_the_end() {
    let world = World::new();
    world.zero_is_pending.set(true);
    let network =
        network(&world).with_policy(Policy::smoltcp().classify(|error: &FakeError| error.0));
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.data(SECOND, b"abc");
    world.arrive(2 * SECOND, Arrival::End);
    let mut buf = [0; 10];
    assert_eq!(socket.recv(&mut buf), Ok(3));
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(socket.recv(&mut buf), Ok(0));
    assert_eq!(world.now.get(), start + 2 * SECOND);
    assert_eq!(socket.recv(&mut buf), Ok(0));

    // The same for a full send buffer.
    world.room_at.set(start + 3 * SECOND);
    assert_eq!(socket.send(b"x"), Ok(1));
    assert_eq!(world.now.get(), start + 3 * SECOND);
}

#[test]
fn under_the_strict_policy_zero_is_the_end() {
    let world = World::new();
    let network = network(&world).with_policy(policy());
    let mut socket = connected(&world, &network);
    world.arrive(0, Arrival::End);
    assert_eq!(socket.recv(&mut [0; 10]), Ok(0));
}

#[test]
fn a_policy_may_take_a_send_of_zero_as_closed() {
    let world = World::new();
    world.zero_is_pending.set(true);
    let network = network(&world).with_policy(policy().zero_send(nal_socket::ZeroSend::Closed));
    let mut socket = connected(&world, &network);
    world.room_at.set(u64::MAX);
    assert_eq!(kind(socket.send(b"x")), ErrorKind::BrokenPipe);
}

#[test]
fn an_error_classified_as_would_block_is_tried_again() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    world.arrive(0, Arrival::Fail(FakeError(ErrorKind::WouldBlock)));
    world.data(SECOND, b"x");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
    assert_eq!(world.now.get(), start + SECOND);
}
