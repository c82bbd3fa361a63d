//! Rules about listening and accepting.

use super::super::Peer;
use super::super::check::{done, fails, given, holds, on_time, supported, timed};
use super::super::client::{at_end, read_pattern, request};
use super::super::outcome::{Unkept, Verdict};
use super::connecting::echoes;
use crate::{ErrorKind, NetworkRef, TcpListener, TcpSocket};

const LISTENERS: &str = "listeners";

/// A listener on the port that the peer was told of.
fn listener<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Result<(TcpListener<N>, u16), Unkept> {
    let port = given(peer.listen_port, "way to a port of this side")?;
    let mut listener = supported(
        TcpListener::try_new(net.clone()),
        LISTENERS,
        "a new listener",
    )?;
    listener.set_timeout(Some(peer.patience));
    // What a modem's firmware lacks is known only when it is asked.
    supported(
        listener.bind(port),
        LISTENERS,
        "that a free port can be bound",
    )?;
    supported(
        listener.listen(),
        LISTENERS,
        "that a bound port can be listened on",
    )?;
    Ok((listener, port))
}

/// The next connection, with the peer's patience as its timeout.
fn accept<N: NetworkRef>(
    peer: &Peer<'_>,
    listener: &mut TcpListener<N>,
) -> Result<TcpSocket<N>, Unkept> {
    let (mut child, from) = done(listener.accept(), "a connection")?;
    holds(
        from.ip().to_canonical() == peer.server.ip() && from.port() != 0,
        "the peer's address",
        from,
    )?;
    child.set_timeout(Some(peer.patience));
    Ok(child)
}

pub(super) fn accepts<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut listener, port) = listener(net, peer)?;
    let _asking = request!(net, peer, "CONNECT {port}")?;
    let mut child = accept(peer, &mut listener)?;
    done(
        child.sendall(b"ECHO\n"),
        "that an accepted connection sends",
    )?;
    echoes(&mut child)
}

pub(super) fn nothing_yet<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut listener, _) = listener(net, peer)?;
    listener.set_nonblocking(true);
    for _ in 0..3 {
        fails(
            listener.accept().map(drop),
            &[ErrorKind::WouldBlock],
            "the error WouldBlock",
        )?;
    }
    Ok(())
}

pub(super) fn times_out<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut listener, _) = listener(net, peer)?;
    listener.set_timeout(Some(peer.limit()));
    let (outcome, took) = timed(net, || listener.accept().map(drop));
    fails(outcome, &[ErrorKind::TimedOut], "the error TimedOut")?;
    on_time(took, peer)
}

pub(super) fn child_times_out<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut listener, port) = listener(net, peer)?;
    let _asking = request!(net, peer, "CONNECT {port}")?;
    let mut child = accept(peer, &mut listener)?;
    child.set_timeout(Some(peer.limit()));
    // A session that is asked nothing hangs up after a while, for stacks that wait inside.
    let (outcome, took) = timed(net, || child.recv(&mut [0; 4]));
    fails(outcome, &[ErrorKind::TimedOut], "the error TimedOut")?;
    on_time(took, peer)
}

pub(super) fn two_children<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut listener, port) = listener(net, peer)?;
    let mut asking = request!(net, peer, "CONNECT {port}")?;
    let mut first = accept(peer, &mut listener)?;
    let line = super::super::client::Line::new(format_args!("CONNECT {port}"));
    done(
        asking.sendall(line.bytes()),
        "that the peer can be asked again",
    )?;
    let mut second = accept(peer, &mut listener)?;
    done(
        first.sendall(b"SEND 700\n"),
        "that an accepted connection sends",
    )?;
    done(
        second.sendall(b"ECHO\n"),
        "that an accepted connection sends",
    )?;
    echoes(&mut second)?;
    read_pattern(&mut first, 0, 700, 512)?;
    at_end(&mut first)?;
    echoes(&mut second)
}

pub(super) fn again<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    for _ in 0..2 {
        let (mut listener, port) = listener(net, peer)?;
        let _asking = request!(net, peer, "CONNECT {port}")?;
        let mut child = accept(peer, &mut listener)?;
        done(
            child.sendall(b"SEND 3\n"),
            "that an accepted connection sends",
        )?;
        // The peer closes first, so that the port does not stay taken for a while on this side.
        read_pattern(&mut child, 0, 3, 64)?;
        at_end(&mut child)?;
        done(child.close(), "that the connection can be closed")?;
        done(listener.close(), "that the listener can be closed")?;
    }
    Ok(())
}
