//! Rules about the end of a connection.

use super::super::Peer;
use super::super::check::{differs, done, eventually, fails, holds, pause};
use super::super::client::{at_end, counted, millis, read_pattern, request, send_pattern};
use super::super::outcome::{Found, Verdict};
use super::receiving::LARGE;
use crate::{ErrorKind, NetworkRef, Platform, TcpSocket};

pub(super) fn after_data<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 1000")?;
    read_pattern(&mut socket, 0, 1000, 512)?;
    at_end(&mut socket)
}

pub(super) fn unread<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 1000")?;
    // The data and the end are there before the first read.
    pause(net, peer.limit());
    read_pattern(&mut socket, 0, 1000, 512)?;
    at_end(&mut socket)
}

pub(super) fn half_read<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 1000")?;
    read_pattern(&mut socket, 0, 500, 500)?;
    pause(net, peer.limit());
    read_pattern(&mut socket, 500, 500, 7)?;
    at_end(&mut socket)
}

pub(super) fn at_once<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0")?;
    at_end(&mut socket)
}

pub(super) fn sending_after<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0")?;
    at_end(&mut socket)?;
    // The first bytes may be on their way before the peer says that nobody is there.
    let mut said = None;
    let told = eventually(net, peer.patience, || {
        said = socket.send(b"anybody there?").err();
        Ok(said.is_some_and(|error| {
            !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
        }))
    });
    let what = "BrokenPipe, ConnectionReset or ConnectionAborted";
    match said {
        Some(error) if told == Ok(true) => fails::<()>(
            Err(error),
            &[
                ErrorKind::BrokenPipe,
                ErrorKind::ConnectionReset,
                ErrorKind::ConnectionAborted,
            ],
            what,
        ),
        Some(error) => Err(differs(what, error)),
        None => Err(differs(what, "that sending goes on")),
    }
}

pub(super) fn still_sending<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let tag = tag(net);
    let mut socket = request!(net, peer, "SEND 10 HALF {tag}")?;
    read_pattern(&mut socket, 0, 10, 64)?;
    at_end(&mut socket)?;
    send_pattern(&mut socket, 0, 1000)?;
    done(socket.close(), "that the socket can be closed")?;
    told(net, peer, tag, 1000)
}

/// The next thing to be read must be a reset, and then the end.
fn is_reset<N: NetworkRef>(socket: &mut TcpSocket<N>) -> Verdict {
    fails(
        socket.recv(&mut [0; 4]),
        &[ErrorKind::ConnectionReset],
        "the error ConnectionReset",
    )?;
    at_end(socket)
}

pub(super) fn reset<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0 HOLD {} RESET", millis(peer, 1))?;
    is_reset(&mut socket)
}

pub(super) fn reset_after_data<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 100 HOLD {} RESET", millis(peer, 4))?;
    read_pattern(&mut socket, 0, 100, 64)?;
    is_reset(&mut socket)
}

/// Names a counted connection. A rule that is interrupted leaves no tag behind that another one meets,
/// since time goes on.
fn tag<N: NetworkRef>(net: &N) -> u64 {
    net.network().platform().now()
}

/// Asks the peer, on a new connection, what the one with that tag came to.
fn told<N: NetworkRef>(net: &N, peer: &Peer<'_>, tag: u64, count: u64) -> Verdict {
    let mut socket = request!(net, peer, "TELL {tag}")?;
    let in_order = counted(&mut socket, count)?;
    holds(
        in_order,
        "at the peer the end after the data",
        Found::Text("a connection broken off"),
    )
}

pub(super) fn closed_here<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let tag = tag(net);
    let mut socket = request!(net, peer, "COUNT {tag}")?;
    send_pattern(&mut socket, 0, 1000)?;
    done(socket.close(), "that the socket can be closed")?;
    told(net, peer, tag, 1000)
}

pub(super) fn dropped_here<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let tag = tag(net);
    let mut socket = request!(net, peer, "COUNT {tag}")?;
    send_pattern(&mut socket, 0, 1000)?;
    drop(socket);
    told(net, peer, tag, 1000)
}

pub(super) fn closed_large<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let tag = tag(net);
    let mut socket = request!(net, peer, "COUNT {tag}")?;
    send_pattern(&mut socket, 0, LARGE)?;
    done(socket.close(), "that the socket can be closed")?;
    told(net, peer, tag, LARGE)
}

pub(super) fn closed<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "ECHO")?;
    done(socket.close(), "that the socket can be closed")?;
    let what = "the error Closed";
    fails(socket.recv(&mut [0; 4]), &[ErrorKind::Closed], what)?;
    fails(socket.send(b"late"), &[ErrorKind::Closed], what)?;
    fails(socket.connect(peer.server), &[ErrorKind::Closed], what)?;
    done(socket.close(), "that a closed socket can be closed again")
}
