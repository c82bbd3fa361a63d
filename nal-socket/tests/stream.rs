//! readinto, readline and friends: no short results, and no byte lost to a timeout.

mod common;

use std::time::Duration;

use common::{Arrival, SECOND, World, connected, network};
use nal_socket::{Error, ErrorKind, LOOKAHEAD};
use proptest::prelude::*;

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn readinto_fills_the_buffer_across_pieces() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(SECOND, b"ab");
    world.data(2 * SECOND, b"cdef");
    let mut buf = [0; 4];
    assert_eq!(socket.readinto(&mut buf), Ok(4));
    assert_eq!(&buf, b"abcd");
    assert_eq!(socket.recv(&mut buf), Ok(2));
}

#[test]
fn the_limit_counts_for_each_piece_not_for_the_call() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_millis(200)));
    for i in 1..=4 {
        world.data(i * 120_000, b"x");
    }
    assert_eq!(socket.readinto(&mut [0; 4]), Ok(4));
    assert_eq!(world.now.get(), start + 480_000);
}

#[test]
fn a_timed_readinto_keeps_what_it_had_for_the_next_call() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.data(0, b"abc");
    world.data(5 * SECOND, b"def");
    let mut buf = [0; 6];
    assert_eq!(kind(socket.readinto(&mut buf)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    // Again and again, none is lost.
    assert_eq!(kind(socket.readinto(&mut buf)), ErrorKind::TimedOut);
    world.now.set(start + 5 * SECOND);
    assert_eq!(socket.readinto(&mut buf), Ok(6));
    assert_eq!(&buf, b"abcdef");
}

#[test]
fn what_a_timed_readinto_kept_is_there_for_recv_too() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.data(0, b"abc");
    assert_eq!(kind(socket.readinto(&mut [0; 6])), ErrorKind::TimedOut);
    let mut buf = [0; 2];
    assert_eq!(socket.recv(&mut buf), Ok(2));
    assert_eq!(&buf, b"ab");
    assert_eq!(socket.recv_ready(), Ok(true));
}

#[test]
fn more_than_the_look_ahead_can_keep_is_kept_on_the_heap_or_returned_short() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    let data: Vec<u8> = (0..LOOKAHEAD + 100).map(|i| i as u8).collect();
    world.data(0, &data);
    let mut buf = vec![0; 2 * LOOKAHEAD];
    if cfg!(feature = "alloc") {
        assert_eq!(kind(socket.readinto(&mut buf)), ErrorKind::TimedOut);
        assert_eq!(socket.readinto(&mut buf[..data.len()]), Ok(data.len()));
    } else {
        assert_eq!(socket.readinto(&mut buf), Ok(data.len()));
    }
    assert_eq!(buf[..data.len()], data);
}

#[test]
fn exactly_the_look_ahead_is_kept_without_a_heap_too() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.data(0, &[7; LOOKAHEAD]);
    assert_eq!(
        kind(socket.readinto(&mut [0; LOOKAHEAD + 1])),
        ErrorKind::TimedOut
    );
    let mut buf = [0; LOOKAHEAD];
    assert_eq!(socket.readinto(&mut buf), Ok(LOOKAHEAD));
    assert_eq!(buf, [7; LOOKAHEAD]);
}

#[test]
fn a_non_blocking_readinto_returns_what_is_there_and_would_block_on_nothing() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.set_nonblocking(true);
    world.data(0, b"abc");
    assert_eq!(socket.readinto(&mut [0; 6]), Ok(3));
    assert_eq!(kind(socket.readinto(&mut [0; 6])), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.readline(&mut [0; 6])), ErrorKind::WouldBlock);
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn readline_stops_after_the_line_end_and_leaves_the_rest() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"one\r\nt");
    world.data(SECOND, b"wo\n\nrest");
    world.arrive(SECOND, Arrival::End);
    let mut buf = [0; 32];
    assert_eq!(socket.readline(&mut buf), Ok(5));
    assert_eq!(&buf[..5], b"one\r\n");
    assert_eq!(socket.readline(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"two\n");
    assert_eq!(socket.readline(&mut buf), Ok(1));
    assert_eq!(&buf[..1], b"\n");
    assert_eq!(socket.readline(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"rest");
    assert_eq!(socket.readline(&mut buf), Ok(0));
}

#[test]
fn a_line_longer_than_the_buffer_comes_in_parts() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"abcdef\n");
    let mut buf = [0; 3];
    assert_eq!(socket.readline(&mut buf), Ok(3));
    assert_eq!(&buf, b"abc");
    assert_eq!(socket.readline(&mut buf), Ok(3));
    assert_eq!(&buf, b"def");
    assert_eq!(socket.readline(&mut buf), Ok(1));
}

#[test]
fn a_timed_readline_keeps_the_beginning_of_the_line() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let start = world.now.get();
    socket.set_timeout(Some(Duration::from_secs(1)));
    world.data(0, b"begin");
    world.data(9 * SECOND, b" end\nnext");
    let mut buf = [0; 32];
    assert_eq!(kind(socket.readline(&mut buf)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    world.now.set(start + 9 * SECOND);
    assert_eq!(socket.readline(&mut buf), Ok(10));
    assert_eq!(&buf[..10], b"begin end\n");
    assert_eq!(socket.recv(&mut buf), Ok(4));
}

#[test]
fn cancelling_from_the_idle_hook_loses_nothing() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"abc");
    world.cancel.set(true);
    assert_eq!(kind(socket.readinto(&mut [0; 6])), ErrorKind::Interrupted);
    world.data(SECOND, b"def");
    let mut buf = [0; 6];
    assert_eq!(socket.readinto(&mut buf), Ok(6));
    assert_eq!(&buf, b"abcdef");
}

#[test]
fn a_cancelled_read_that_is_returned_short_is_cancelled_all_the_same() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    let data = [3; LOOKAHEAD + 1];
    world.data(0, &data);
    world.cancel.set(true);
    let mut buf = [0; LOOKAHEAD + 2];
    if cfg!(feature = "alloc") {
        assert_eq!(kind(socket.readinto(&mut buf)), ErrorKind::Interrupted);
    } else {
        assert_eq!(socket.readinto(&mut buf), Ok(data.len()));
        assert_eq!(kind(socket.readinto(&mut buf)), ErrorKind::Interrupted);
    }
}

#[cfg(feature = "alloc")]
mod heap {
    use super::*;

    #[test]
    fn read_to_end_reads_to_the_end() {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        let data: Vec<u8> = (0..5_000).map(|i| i as u8).collect();
        world.data(0, &data[..1_000]);
        world.data(SECOND, &data[1_000..]);
        world.arrive(2 * SECOND, Arrival::End);
        assert_eq!(socket.read_to_end().unwrap(), data);
        assert_eq!(socket.read_to_end().unwrap(), b"");
    }

    #[test]
    fn a_timed_read_of_any_size_keeps_everything() {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        let start = world.now.get();
        socket.set_timeout(Some(Duration::from_secs(1)));
        let data: Vec<u8> = (0..5_000).map(|i| i as u8 | 0x80).collect();
        world.data(0, &data);
        world.arrive(10 * SECOND, Arrival::End);
        assert_eq!(kind(socket.read_to_end()), ErrorKind::TimedOut);
        assert_eq!(kind(socket.read_vec(6_000)), ErrorKind::TimedOut);
        assert_eq!(
            kind(socket.readline_vec(None)),
            ErrorKind::TimedOut,
            "no line end yet"
        );
        world.now.set(start + 10 * SECOND);
        let read = socket.read_to_end().unwrap();
        assert_eq!(read, data);
    }

    #[test]
    fn readline_vec_honours_its_limit() {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        world.data(0, b"hello\nworld");
        world.arrive(0, Arrival::End);
        assert_eq!(socket.readline_vec(Some(0)).unwrap(), b"");
        assert_eq!(socket.readline_vec(Some(3)).unwrap(), b"hel");
        assert_eq!(socket.readline_vec(Some(99)).unwrap(), b"lo\n");
        assert_eq!(socket.readline_vec(None).unwrap(), b"world");
    }

    #[test]
    fn reading_nothing_does_not_touch_the_socket() {
        let world = World::new();
        let network = network(&world);
        let mut socket = nal_socket::TcpSocket::new(&network);
        assert_eq!(socket.read_vec(0).unwrap(), b"");
        assert_eq!(socket.readline_vec(Some(0)).unwrap(), b"");
        assert_eq!(world.calls(), []);
    }
}

proptest! {
    /// Whatever the pieces, the pauses, the buffer size and the mix of calls: the bytes come out in
    /// order and complete, over any number of timeouts.
    #[test]
    fn no_byte_is_lost_duplicated_or_reordered(
        pieces in prop::collection::vec((0u64..3 * SECOND, prop::collection::vec(any::<u8>(), 1..700)), 0..12),
        steps in prop::collection::vec((0u8..6, 1usize..900), 1..200),
        timeout in prop::option::of(0u64..2 * SECOND),
    ) {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        socket.set_timeout(timeout.map(Duration::from_micros));
        let mut at = 0;
        let mut expected: Vec<u8> = Vec::new();
        for (pause, bytes) in &pieces {
            at += pause;
            world.data(at, bytes);
            expected.extend(bytes);
        }
        world.arrive(at, Arrival::End);
        let mut got: Vec<u8> = Vec::new();
        for (call, size) in steps.iter().cycle().take(100_000) {
            let mut buf = vec![0; *size];
            #[cfg(feature = "alloc")]
            let into = |bytes: Vec<u8>, buf: &mut Vec<u8>| {
                buf[..bytes.len()].copy_from_slice(&bytes);
                bytes.len()
            };
            let result = match call {
                #[cfg(feature = "alloc")]
                4 => socket.read_vec(*size).map(|bytes| into(bytes, &mut buf)),
                #[cfg(feature = "alloc")]
                5 => socket.readline_vec(Some(*size)).map(|bytes| into(bytes, &mut buf)),
                0 => socket.recv(&mut buf),
                1 => socket.readinto(&mut buf),
                2 => socket.readline(&mut buf),
                _ => { let _ = socket.peek(&mut buf); socket.recv(&mut buf) }
            };
            match result {
                Ok(0) => break,
                Ok(count) => {
                    if *call == 2 {
                        let inner = &buf[..count - 1];
                        prop_assert!(!inner.contains(&b'\n'), "a line end inside a line");
                    }
                    got.extend(&buf[..count]);
                }
                // Time passes between the calls, or a timeout of a microsecond takes too many of them.
                Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                    world.now.set(world.now.get() + SECOND / 3);
                }
                Err(error) => return Err(TestCaseError::fail(error.to_string())),
            }
        }
        prop_assert_eq!(got, expected);
    }

    /// Lines are the same however they arrive.
    #[test]
    fn readline_is_independent_of_the_pieces(
        text in "[a-c\n]{0,60}",
        cuts in prop::collection::vec(1usize..9, 1..20),
    ) {
        let world = World::new();
        let network = network(&world);
        let mut socket = connected(&world, &network);
        let mut rest = text.as_bytes();
        for (i, cut) in cuts.iter().cycle().enumerate() {
            if rest.is_empty() { break; }
            let (piece, more) = rest.split_at((*cut).min(rest.len()));
            world.data(i as u64, piece);
            rest = more;
        }
        world.arrive(SECOND, Arrival::End);
        let mut lines = Vec::new();
        let mut buf = [0; 100];
        loop {
            let count = socket.readline(&mut buf).unwrap();
            if count == 0 { break; }
            lines.push(String::from_utf8(buf[..count].to_vec()).unwrap());
        }
        let expected: Vec<String> = text.split_inclusive('\n').map(String::from).collect();
        prop_assert_eq!(lines, expected);
    }
}
