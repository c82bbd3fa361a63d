//! Rules about connecting.

use super::super::Peer;
use super::super::check::{
    are, differs, done, equal, eventually, fails, given, holds, on_time, timed,
};
use super::super::client::request;
use super::super::outcome::Verdict;
use crate::{ErrorKind, NetworkRef, TcpSocket};

/// Sends a few bytes to an echoing session and reads them back.
pub(super) fn echoes<N: NetworkRef>(socket: &mut TcpSocket<N>) -> Verdict {
    done(socket.sendall(b"ping"), "that a connected socket sends")?;
    let mut buf = [0; 4];
    let count = done(socket.readinto(&mut buf), "an echo")?;
    let found = buf.get(..count).unwrap_or_default();
    are(found, b"ping", "an echo of the 4 bytes sent")
}

/// A socket that is not connected, with the peer's patience as its timeout.
fn fresh<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> TcpSocket<N> {
    let mut socket = TcpSocket::new(net.clone());
    socket.set_timeout(Some(peer.patience));
    socket
}

pub(super) fn works<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "ECHO")?;
    echoes(&mut socket)?;
    done(socket.close(), "that the socket can be closed")
}

const REFUSED: &str = "the error ConnectionRefused";

pub(super) fn refused<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.refuses, "address that refuses")?;
    let mut socket = fresh(net, peer);
    fails(
        socket.connect(address),
        &[ErrorKind::ConnectionRefused],
        REFUSED,
    )
}

pub(super) fn after_refusal<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.refuses, "address that refuses")?;
    let mut socket = fresh(net, peer);
    if socket.connect(address).is_ok() {
        return Err(differs("an error from a refused connect", "success"));
    }
    done(
        socket.connect(peer.server),
        "that the socket connects elsewhere",
    )?;
    done(socket.sendall(b"ECHO\n"), "that a connected socket sends")?;
    echoes(&mut socket)
}

pub(super) fn times_out<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.silent, "address that does not answer")?;
    let mut socket = fresh(net, peer);
    socket.set_send_timeout(Some(peer.limit()));
    let (outcome, took) = timed(net, || socket.connect(address));
    fails(outcome, &[ErrorKind::TimedOut], "the error TimedOut")?;
    on_time(took, peer)
}

pub(super) fn given_up<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.silent, "address that does not answer")?;
    for _ in 0..12 {
        let mut socket = fresh(net, peer);
        socket.set_nonblocking(true);
        // Stacks may need a moment to give a closed socket again.
        let started = eventually(net, peer.patience, || match socket.connect(address) {
            Err(error) if error.kind() == ErrorKind::InProgress => Ok(true),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            other => other.map(|()| false),
        });
        let what = "that a non-blocking connect starts, InProgress";
        holds(
            done(started, what)?,
            what,
            "that the stack never gives a socket",
        )?;
    }
    let mut socket = request!(net, peer, "ECHO")?;
    echoes(&mut socket)
}

pub(super) fn without_blocking<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = TcpSocket::new(net.clone());
    socket.set_nonblocking(true);
    // A stack may be done at once.
    let mut waiting = ErrorKind::InProgress;
    let connected = eventually(net, peer.patience, || match socket.connect(peer.server) {
        Ok(()) => Ok(true),
        // The stack has no socket to give yet.
        Err(error) if waiting == ErrorKind::InProgress && error.kind() == ErrorKind::WouldBlock => {
            Ok(false)
        }
        Err(error) if error.kind() == waiting => {
            waiting = ErrorKind::AlreadyInProgress;
            Ok(false)
        }
        Err(error) => Err(error),
    });
    let what = "InProgress, then AlreadyInProgress, then success";
    holds(done(connected, what)?, what, "no end of it")?;
    equal(
        socket.peer_addr().ok_or(ErrorKind::NotConnected.into()),
        Ok(peer.server),
        "the address connected to as the peer's",
    )?;
    socket.set_timeout(Some(peer.patience));
    done(socket.sendall(b"ECHO\n"), "that a connected socket sends")?;
    echoes(&mut socket)
}

pub(super) fn other_family<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.other_family, "address of another family")?;
    let mut socket = fresh(net, peer);
    match socket.connect(address) {
        Err(error) if error.kind() != ErrorKind::TimedOut => {}
        other => return Err(differs("an error from the stack", other)),
    }
    done(
        socket.connect(peer.server),
        "that the socket connects elsewhere",
    )
}
