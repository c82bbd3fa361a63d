//! Rules about the stack's sockets.

use super::super::Peer;
use super::super::check::{differs, done, holds, timed};
use super::super::client::request;
use super::super::outcome::{Found, Verdict};
use super::connecting::echoes;
use crate::{ErrorKind, NetworkRef, TcpSocket};

/// More than most stacks without a heap have; they are kept on the call stack.
const MOST: usize = 16;

pub(super) fn one_by_one<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    for _ in 0..30 {
        let mut socket = request!(net, peer, "ECHO")?;
        echoes(&mut socket)?;
        done(socket.close(), "that the socket can be closed")?;
    }
    Ok(())
}

pub(super) fn all<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut sockets = [const { None::<TcpSocket<N>> }; MOST];
    for (at, slot) in sockets
        .iter_mut()
        .take(peer.most_sockets.min(MOST))
        .enumerate()
    {
        let mut socket = TcpSocket::new(net.clone());
        socket.set_timeout(Some(peer.patience));
        let (connected, took) = timed(net, || socket.connect(peer.server));
        match connected {
            Ok(()) => {
                done(socket.sendall(b"ECHO\n"), "that every connection sends")?;
                *slot = Some(socket);
            }
            Err(error) if error.kind() == ErrorKind::NoSockets && at > 0 => {
                holds(
                    took < peer.limit().as_micros() as u64,
                    "NoSockets at once",
                    Found::Micros(took),
                )?;
                break;
            }
            Err(error) => return Err(differs("a connection, or the error NoSockets", error)),
        }
    }
    for socket in sockets.iter_mut().flatten() {
        echoes(socket)?;
    }
    if let Some(first) = sockets.first_mut() {
        *first = None;
    }
    let mut socket = request!(net, peer, "ECHO")?;
    echoes(&mut socket)
}
