//! Rules about connecting.

use super::super::Peer;
use super::super::check::{are, differs, done, equal, eventually, fails, given};
use super::super::client::{connect, request};
use super::super::outcome::Verdict;
use crate::{ErrorKind, NetworkRef, TcpSocket};

/// Sends a few bytes to an echoing session and reads them back.
pub(super) fn echoes<N: NetworkRef>(socket: &mut TcpSocket<N>) -> Verdict {
    done(socket.sendall(b"ping"), "that a connected socket sends")?;
    let mut buf = [0; 4];
    let count = done(socket.readinto(&mut buf), "an echo")?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"ping",
        "an echo of the 4 bytes sent",
    )
}

pub(super) fn works<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "ECHO")?;
    echoes(&mut socket)?;
    done(socket.close(), "that the socket can be closed")
}

pub(super) fn refused<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.refuses, "address that refuses")?;
    let mut socket = TcpSocket::new(net.clone());
    socket.set_timeout(Some(peer.patience));
    fails(
        socket.connect(address),
        &[ErrorKind::ConnectionRefused],
        "the error ConnectionRefused",
    )
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
    match done(connected, what)? {
        true => {}
        false => return Err(differs(what, "no end of it")),
    }
    equal(
        socket.peer_addr().ok_or(ErrorKind::NotConnected.into()),
        Ok(peer.server),
        "the address connected to as the peer's",
    )?;
    socket.set_timeout(Some(peer.patience));
    done(socket.sendall(b"ECHO\n"), "that a connected socket sends")?;
    echoes(&mut socket)
}

pub(super) fn twice<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = connect(net, peer, peer.server)?;
    fails(
        socket.connect(peer.server),
        &[ErrorKind::AlreadyConnected],
        "the error AlreadyConnected",
    )?;
    done(socket.sendall(b"ECHO\n"), "that the connection stays")?;
    echoes(&mut socket)
}
