//! Rules about waiting for many sockets.

use core::time::Duration;

use super::super::Peer;
use super::super::check::{differs, done, fails, given, holds, on_time, timed};
use super::super::client::{at_end, millis, read_pattern, request};
use super::super::outcome::{Found, Unkept, Verdict};
use crate::{ErrorKind, Events, NetworkRef, TcpSocket, Watch};

const BOTH: Events = Events::IN.union(Events::OUT);

/// What poll reports on one socket within `timeout`.
fn events<N: NetworkRef>(
    net: &N,
    socket: &mut TcpSocket<N>,
    interest: Events,
    timeout: Duration,
) -> Result<Events, Unkept> {
    let mut watch = Watch::new(interest);
    let polled = net
        .network()
        .poll(&mut [(socket, &mut watch)], Some(timeout));
    done(polled, "that poll ends well")?;
    Ok(watch.ready())
}

fn is(events: Events, wanted: Events, expected: &'static str) -> Verdict {
    holds(events == wanted, expected, Found::Events(events))
}

pub(super) fn idle<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0 HOLD {}", millis(peer, 20))?;
    let found = events(net, &mut socket, BOTH, peer.patience)?;
    is(found, Events::OUT, "OUT alone")
}

pub(super) fn readable<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 5 HOLD {}", millis(peer, 20))?;
    let found = events(net, &mut socket, Events::IN, peer.patience)?;
    is(found, Events::IN, "IN")?;
    let found = events(net, &mut socket, BOTH, peer.patience)?;
    is(found, BOTH, "IN and OUT")?;
    read_pattern(&mut socket, 0, 5, 64)
}

pub(super) fn ended<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0")?;
    let found = events(net, &mut socket, Events::IN, peer.patience)?;
    is(found, Events::IN, "IN")?;
    at_end(&mut socket)
}

pub(super) fn refused<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let address = given(peer.refuses, "address that refuses")?;
    let mut socket = TcpSocket::new(net.clone());
    socket.set_nonblocking(true);
    match socket.connect(address) {
        // The stack knew at once.
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => return Ok(()),
        Err(error) if error.kind() == ErrorKind::InProgress => {}
        other => return Err(differs("InProgress", other)),
    }
    let found = events(net, &mut socket, Events::IN, peer.patience)?;
    let wanted = Events::IN.union(Events::ERR).union(Events::HUP);
    is(found, wanted, "IN, ERR and HUP")?;
    fails(
        socket.connect(address),
        &[ErrorKind::ConnectionRefused],
        "the error ConnectionRefused",
    )
}

pub(super) fn times_out<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "SEND 0 HOLD {}", millis(peer, 20))?;
    let (found, took) = timed(net, || events(net, &mut socket, Events::IN, peer.limit()));
    is(found?, Events::NONE, "no event")?;
    on_time(took, peer)
}
