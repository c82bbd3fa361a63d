//! Rules about receiving.

use super::super::Peer;
use super::super::check::{done, equal, fails, holds, is_pattern, on_time, timed};
use super::super::client::{at_end, read_pattern, request};
use super::super::outcome::Verdict;
use crate::{ErrorKind, NetworkRef};

pub(super) fn nothing_yet<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0 HOLD {}", millis(peer, 4))?;
    socket.set_nonblocking(true);
    for _ in 0..3 {
        fails(
            socket.recv(&mut [0; 4]),
            &[ErrorKind::WouldBlock],
            "the error WouldBlock",
        )?;
    }
    Ok(())
}

pub(super) fn times_out<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    // The peer hangs up in the end, for stacks that wait inside.
    let mut socket = request!(net, peer, "SEND 0 HOLD {}", millis(peer, 20))?;
    socket.set_receive_timeout(Some(peer.limit()));
    for _ in 0..2 {
        let (outcome, took) = timed(net, || socket.recv(&mut [0; 4]));
        fails(outcome, &[ErrorKind::TimedOut], "the error TimedOut")?;
        on_time(
            took,
            peer.limit(),
            peer.slack,
            "a timeout when the time is over",
        )?;
    }
    Ok(())
}

pub(super) fn at_least_one<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    // The rest comes later than the patience is long.
    let mut socket = request!(net, peer, "SLOW 20 10 {}", millis(peer, 2))?;
    let mut buf = [0; 64];
    let count = done(socket.recv(&mut buf), "the bytes that are there")?;
    holds(
        (1..=10).contains(&count),
        "1 to 10 bytes, without waiting for more",
        count,
    )?;
    is_pattern(buf.get(..count).unwrap_or_default(), 0)?;
    read_pattern(&mut socket, count as u64, 20 - count as u64, 64)?;
    at_end(&mut socket)
}

pub(super) fn sizes<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut buf = [0; 4096];
    for size in SIZES {
        let mut socket = request!(net, peer, "SEND {size}")?;
        let space = buf.get_mut(..size).unwrap_or_default();
        let count = done(socket.readinto(space), "the bytes that the peer sent")?;
        equal(count, size, "as many bytes as the peer sent")?;
        is_pattern(space, 0)?;
        at_end(&mut socket)?;
    }
    Ok(())
}

pub(super) const SIZES: [usize; 7] = [1, 2, 511, 512, 513, 1460, 4096];
pub(super) const LARGE: u64 = 64 * 1024;

pub(super) fn large<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND {LARGE}")?;
    read_pattern(&mut socket, 0, LARGE, 512)?;
    at_end(&mut socket)
}

/// So many times the timeout that is meant to pass, in milliseconds.
pub(super) fn millis(peer: &Peer<'_>, times: u128) -> u128 {
    peer.limit().as_millis() * times
}
