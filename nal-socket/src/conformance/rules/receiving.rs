//! Rules about receiving.

use super::super::Peer;
use super::super::check::{
    are, done, equal, eventually, fails, given, holds, is_pattern, on_time, timed,
};
use super::super::client::{at_end, connect, millis, read_pattern, request};
use super::super::outcome::Verdict;
use super::super::peer::GREETING;
use crate::{ErrorKind, NetworkRef};

pub(super) const SIZES: [usize; 7] = [1, 2, 511, 512, 513, 1460, 4096];
pub(super) const LARGE: u64 = 64 * 1024;

const SENT: &str = "the bytes that the peer sent";

pub(super) fn nothing_yet<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0 HOLD {}", millis(peer, 20))?;
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
        on_time(took, peer)?;
    }
    Ok(())
}

pub(super) fn at_least_one<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SLOW 20 10 {}", millis(peer, 4))?;
    let mut buf = [0; 64];
    let count = done(socket.recv(&mut buf), SENT)?;
    holds(
        (1..=10).contains(&count),
        "1 to 10 bytes, without waiting for more",
        count,
    )?;
    is_pattern(buf.get(..count).unwrap_or_default(), 0)?;
    read_pattern(&mut socket, count as u64, 20 - count as u64, 64)?;
    at_end(&mut socket)
}

pub(super) fn peer_first<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.speaks_first, "port on which it speaks first")?;
    let mut socket = connect(net, peer, address)?;
    let mut buf = [0; GREETING.len()];
    let count = done(socket.readinto(&mut buf), "the peer's greeting")?;
    are(
        buf.get(..count).unwrap_or_default(),
        GREETING,
        "the peer's greeting",
    )
}

pub(super) fn sizes<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut buf = [0; 4096];
    for size in SIZES {
        let mut socket = request!(net, peer, "SEND {size}")?;
        let space = buf.get_mut(..size).unwrap_or_default();
        let count = done(socket.readinto(space), SENT)?;
        equal(count, size, "as many bytes as the peer sent")?;
        is_pattern(space, 0)?;
        at_end(&mut socket)?;
    }
    Ok(())
}

pub(super) fn large<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND {LARGE}")?;
    read_pattern(&mut socket, 0, LARGE, 512)?;
    at_end(&mut socket)
}

pub(super) fn bytewise<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 300")?;
    read_pattern(&mut socket, 0, 300, 1)?;
    at_end(&mut socket)
}

pub(super) fn slowly<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    // Every pause is shorter than the timeout, all of them together may be longer.
    let mut socket = request!(net, peer, "SLOW 600 100 {}", millis(peer, 2))?;
    let mut buf = [0; 601];
    let count = done(socket.readinto(&mut buf), SENT)?;
    equal(count, 600, "as many bytes as the peer sent, then the end")?;
    is_pattern(buf.get(..count).unwrap_or_default(), 0)?;
    at_end(&mut socket)
}

pub(super) fn peeked<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 20")?;
    for _ in 0..2 {
        let mut buf = [0; 8];
        let count = done(socket.peek(&mut buf), SENT)?;
        holds(count > 0, "at least one byte to peek at", count)?;
        is_pattern(buf.get(..count).unwrap_or_default(), 0)?;
    }
    read_pattern(&mut socket, 0, 20, 64)?;
    at_end(&mut socket)
}

pub(super) fn lines<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    const LINES: [&[u8]; 3] = [b"first\r\n", b"\n", b"last"];
    let mut socket = request!(net, peer, "ECHO")?;
    for line in LINES {
        done(socket.sendall(line), "that a connected socket sends")?;
    }
    for line in LINES {
        let mut buf = [0; 16];
        // The last has no end that could be waited for.
        let length = line.len().max(1);
        let space = if line.ends_with(b"\n") {
            buf.as_mut_slice()
        } else {
            buf.get_mut(..length).unwrap_or_default()
        };
        let count = done(socket.readline(space), "a line")?;
        are(
            space.get(..count).unwrap_or_default(),
            line,
            "each line as it was sent",
        )?;
    }
    Ok(())
}

pub(super) fn timeout_keeps<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SLOW 8 4 {}", millis(peer, 4))?;
    let first = eventually(net, peer.patience, || socket.recv_ready());
    holds(done(first, SENT)?, SENT, "nothing")?;
    socket.set_receive_timeout(Some(peer.limit()));
    let mut buf = [0; 8];
    let outcome = socket.readinto(&mut buf);
    fails(
        outcome,
        &[ErrorKind::TimedOut],
        "TimedOut from a read of 8 bytes after 4",
    )?;
    socket.set_receive_timeout(Some(peer.patience));
    let count = done(socket.readinto(&mut buf), SENT)?;
    equal(count, 8, "all 8 bytes, also the 4 from before the timeout")?;
    is_pattern(&buf, 0)
}

pub(super) fn two_at_once<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut first = request!(net, peer, "SEND 700")?;
    let mut second = request!(net, peer, "ECHO")?;
    done(second.sendall(b"second"), "that a connected socket sends")?;
    let mut buf = [0; 6];
    let count = done(second.readinto(&mut buf), "an echo")?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"second",
        "an echo of the 6 bytes sent",
    )?;
    read_pattern(&mut first, 0, 700, 512)?;
    at_end(&mut first)
}
