//! Rules about listening and accepting.

use super::super::Peer;
use super::super::check::{done, given, holds, supported};
use super::super::client::request;
use super::super::outcome::{Unkept, Verdict};
use super::connecting::echoes;
use crate::{NetworkRef, TcpListener};

/// A listener on the port that the peer was told of.
fn listener<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Result<(TcpListener<N>, u16), Unkept> {
    let port = given(peer.listen_port, "port to listen on")?;
    let mut listener = supported(TcpListener::try_new(net.clone()), "listeners")?;
    listener.set_timeout(Some(peer.patience));
    done(listener.bind(port), "that a free port can be bound")?;
    done(listener.listen(), "that a bound port can be listened on")?;
    Ok((listener, port))
}

pub(super) fn accepts<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut listener, port) = listener(net, peer)?;
    let _asking = request!(net, peer, "CONNECT {port}")?;
    let (mut child, from) = done(listener.accept(), "a connection")?;
    holds(
        from.ip().to_canonical() == peer.server.ip() && from.port() != 0,
        "the peer's address",
        from,
    )?;
    child.set_timeout(Some(peer.patience));
    done(
        child.sendall(b"ECHO\n"),
        "that an accepted connection sends",
    )?;
    echoes(&mut child)
}
