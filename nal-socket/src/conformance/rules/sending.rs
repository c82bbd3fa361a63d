//! Rules about sending.

use core::time::Duration;

use super::super::Peer;
use super::super::check::{
    differs, done, equal, eventually, fails, holds, is_pattern, on_time, timed,
};
use super::super::client::{arrived, fill_pattern, millis, request, send_pattern};
use super::super::outcome::{Found, Reason, Unkept, Verdict};
use super::receiving::{LARGE, SIZES};
use crate::{Error, ErrorKind, NetworkRef, TcpSocket};

pub(super) fn sizes<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut buf = [0; 4096];
    fill_pattern(&mut buf, 0);
    for size in SIZES {
        let mut socket = request!(net, peer, "COUNT")?;
        let data = buf.get(..size).unwrap_or_default();
        done(socket.sendall(data), "that all is sent")?;
        equal(socket.sent(), size, "as many bytes sent as were given")?;
        arrived(&mut socket, size as u64)?;
    }
    Ok(())
}

pub(super) fn large<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "COUNT")?;
    send_pattern(&mut socket, 0, LARGE)?;
    arrived(&mut socket, LARGE)
}

/// Sends until the socket says something else than how much it took; tells how much that was, what it
/// said in the end, and how long that took.
fn fill<N: NetworkRef>(
    net: &N,
    peer: &Peer<'_>,
    socket: &mut TcpSocket<N>,
) -> Result<(u64, Error, u64), Unkept> {
    let mut buf = [0; 512];
    let mut sent = 0;
    while sent < peer.most_unread {
        fill_pattern(&mut buf, sent);
        match timed(net, || socket.send(&buf)) {
            (Ok(0), _) => return Err(differs("an error, or at least one byte taken", 0_usize)),
            (Ok(count), took) => {
                sent += count as u64;
                holds(
                    Duration::from_micros(took) <= peer.limit() + peer.slack,
                    "an error in time",
                    Found::Micros(took),
                )?;
            }
            (Err(error), took) => return Ok((sent, error, took)),
        }
    }
    Err(Unkept::NotTried(Reason::StackLacks(
        "end to what it takes for a peer that does not read",
    )))
}

pub(super) fn would_block<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "DEAF {}", millis(peer, 20))?;
    socket.set_nonblocking(true);
    let (_, error, _) = fill(net, peer, &mut socket)?;
    holds(
        error.kind() == ErrorKind::WouldBlock,
        "the error WouldBlock",
        error,
    )
}

pub(super) fn times_out<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "DEAF {}", millis(peer, 20))?;
    socket.set_send_timeout(Some(peer.limit()));
    let (_, error, took) = fill(net, peer, &mut socket)?;
    // Closing shall not wait for the peer.
    socket.set_nonblocking(true);
    fails::<()>(Err(error), &[ErrorKind::TimedOut], "the error TimedOut")?;
    on_time(took, peer)
}

pub(super) fn wall_keeps<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "DEAF {}", millis(peer, 8))?;
    socket.set_nonblocking(true);
    let (sent, error, _) = fill(net, peer, &mut socket)?;
    holds(
        error.kind() == ErrorKind::WouldBlock,
        "the error WouldBlock",
        error,
    )?;
    socket.set_timeout(Some(peer.patience));
    send_pattern(&mut socket, sent, 3000)?;
    arrived(&mut socket, sent + 3000)
}

pub(super) fn both_ways<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "ECHO")?;
    socket.set_nonblocking(true);
    let (mut sent, mut received) = (0, 0);
    let mut verdict = Ok(());
    let mut buf = [0; 512];
    let all = eventually(net, peer.patience * 4, || {
        // As long as something moves there is no need to wait.
        loop {
            let before = sent + received;
            if sent < LARGE {
                fill_pattern(&mut buf, sent);
                let most = usize::try_from(LARGE - sent).unwrap_or(usize::MAX);
                let data = buf.get(..most.min(512)).unwrap_or_default();
                sent += not_yet(socket.send(data))? as u64;
            }
            let count = not_yet(socket.recv(&mut buf))?;
            if verdict.is_ok() {
                verdict = is_pattern(buf.get(..count).unwrap_or_default(), received);
            }
            received += count as u64;
            if received >= LARGE || sent + received == before {
                return Ok(received >= LARGE);
            }
        }
    });
    let what = "64 KiB there and back";
    let all = done(all, what)?;
    verdict?;
    holds(all, what, Found::Count(received))?;
    equal(received, sent, "as many bytes back as were sent")
}

/// "Not yet" is no bytes.
fn not_yet(outcome: Result<usize, Error>) -> Result<usize, Error> {
    match outcome {
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(0),
        other => other,
    }
}

pub(super) fn flushed<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "COUNT")?;
    let what = "that a flush ends well";
    done(socket.flush(), what)?;
    done(socket.flush(), what)?;
    send_pattern(&mut socket, 0, 1000)?;
    done(socket.flush(), what)?;
    arrived(&mut socket, 1000)
}
