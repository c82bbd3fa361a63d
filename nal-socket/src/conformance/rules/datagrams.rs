//! Rules about datagrams.

use core::net::SocketAddr;

use super::super::Peer;
use super::super::check::{
    are, differs, done, equal, fails, given, holds, is_pattern, on_time, timed,
};
use super::super::outcome::{Reason, Unkept, Verdict};
use crate::{ErrorKind, NetworkRef, UdpSocket};

/// How often a datagram is sent again that may have been lost.
const TRIES: usize = 3;

/// A socket, and where datagrams are answered.
fn open<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Result<(UdpSocket<N>, SocketAddr), Unkept> {
    let address = given(peer.datagrams, "answer to datagrams")?;
    let mut socket = UdpSocket::new(net.clone());
    socket.set_timeout(Some(peer.limit() * 5));
    match socket.connect(address) {
        Ok(()) => Ok((socket, address)),
        Err(error) if error.kind() == ErrorKind::NotSupported => {
            Err(Unkept::NotTried(Reason::StackLacks("datagrams")))
        }
        Err(error) => Err(differs("a socket for datagrams", error)),
    }
}

/// A socket that hears from everybody, and where datagrams are answered.
fn open_to_all<N: NetworkRef>(
    net: &N,
    peer: &Peer<'_>,
) -> Result<(UdpSocket<N>, SocketAddr), Unkept> {
    let address = given(peer.datagrams, "answer to datagrams")?;
    let mut socket = UdpSocket::new(net.clone());
    socket.set_timeout(Some(peer.limit() * 5));
    match socket.bind(0) {
        Ok(()) => Ok((socket, address)),
        Err(error) if error.kind() == ErrorKind::NotSupported => Err(Unkept::NotTried(
            Reason::StackLacks("datagrams to and from everybody"),
        )),
        Err(error) => Err(differs("a socket with a free port", error)),
    }
}

/// Sends a request and receives the first answer, with patience for what is lost.
fn ask<N: NetworkRef>(
    socket: &mut UdpSocket<N>,
    to: SocketAddr,
    request: &[u8],
    answer: &mut [u8],
) -> Result<(usize, SocketAddr), Unkept> {
    let what = "an answer to a datagram";
    let mut tries = 0;
    loop {
        tries += 1;
        done(socket.sendto(request, to), "that a datagram is sent")?;
        match socket.recvfrom(answer) {
            Err(error) if error.kind() == ErrorKind::TimedOut && tries < TRIES => {}
            outcome => return done(outcome, what),
        }
    }
}

pub(super) fn echo<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut socket, address) = open_to_all(net, peer)?;
    let mut buf = [0; 64];
    let (count, from) = ask(&mut socket, address, b"hello", &mut buf)?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"hello",
        "the datagram that was sent",
    )?;
    equal(from, address, "the peer as the sender")
}

pub(super) fn sizes<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut socket, address) = open(net, peer)?;
    let mut buf = [0; 1500];
    for size in [1, 512, 1472] {
        let line = super::super::client::Line::new(format_args!("SIZE {size}"));
        let request = line.bytes().trim_ascii_end();
        let (count, _) = ask(&mut socket, address, request, &mut buf)?;
        equal(count, size, "a datagram of the size that was asked for")?;
        is_pattern(buf.get(..count).unwrap_or_default(), 0)?;
        // And there too.
        let mut back = [0; 1500];
        let sent = buf.get(..size).unwrap_or_default();
        let (count, _) = ask(&mut socket, address, sent, &mut back)?;
        equal(count, size, "as many bytes back as were sent")?;
        is_pattern(back.get(..count).unwrap_or_default(), 0)?;
    }
    Ok(())
}

pub(super) fn empty<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut socket, address) = open(net, peer)?;
    let (count, _) = ask(&mut socket, address, b"EMPTY", &mut [0; 64])?;
    equal(count, 0, "a datagram without bytes")?;
    let (count, _) = ask(&mut socket, address, b"", &mut [0; 64])?;
    equal(count, 0, "a datagram without bytes back")
}

pub(super) fn boundaries<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut socket, address) = open(net, peer)?;
    let mut buf = [0; 64];
    let (count, _) = ask(&mut socket, address, b"TWICE", &mut buf)?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"TWICE",
        "one datagram at a time",
    )?;
    let count = done(socket.recv(&mut buf), "the second of two datagrams")?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"TWICE",
        "one datagram at a time",
    )
}

pub(super) fn cut<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut socket, address) = open(net, peer)?;
    let mut short = [0; 10];
    let (count, _) = ask(&mut socket, address, b"SIZE 100", &mut short)?;
    equal(count, 10, "as many bytes as the buffer holds")?;
    is_pattern(&short, 0)?;
    let mut buf = [0; 64];
    let (count, _) = ask(&mut socket, address, b"next", &mut buf)?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"next",
        "the next datagram, not the rest",
    )
}

pub(super) fn stranger<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    given(peer.more_datagrams, "second answer to datagrams")?;
    let (mut socket, address) = open(net, peer)?;
    done(socket.send(b"OTHER port"), "that a datagram is sent")?;
    let mut buf = [0; 64];
    // What the stranger sends is there before, and thrown away.
    let (count, _) = ask(&mut socket, address, b"mine", &mut buf)?;
    are(
        buf.get(..count).unwrap_or_default(),
        b"mine",
        "what the peer sent only",
    )
}

pub(super) fn nothing_yet<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (mut socket, _) = open(net, peer)?;
    // A stack may have to wait for room, or until it knows the way.
    done(socket.send(b"QUIET"), "that a datagram is sent")?;
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
    let (mut socket, _) = open(net, peer)?;
    socket.set_timeout(Some(peer.limit()));
    let (outcome, took) = timed(net, || socket.recv(&mut [0; 4]));
    fails(outcome, &[ErrorKind::TimedOut], "the error TimedOut")?;
    on_time(took, peer)
}

pub(super) fn two_peers<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let more = given(peer.more_datagrams, "second answer to datagrams")?;
    let (mut socket, address) = open_to_all(net, peer)?;
    for (to, text) in [(address, b"one"), (more, b"two"), (address, b"1st")] {
        let mut buf = [0; 64];
        let (count, from) = ask(&mut socket, to, text, &mut buf)?;
        are(
            buf.get(..count).unwrap_or_default(),
            text,
            "the datagram that was sent",
        )?;
        equal(from, to, "the one that was sent to as the sender")?;
    }
    Ok(())
}

pub(super) fn taken<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (first, _) = open_to_all(net, peer)?;
    let port = first.local_port().unwrap_or(0);
    holds(
        port != 0,
        "the number of a free port",
        "that it is not told",
    )?;
    let mut second = UdpSocket::new(net.clone());
    second.set_timeout(Some(peer.patience));
    fails(
        second.bind(port),
        &[ErrorKind::AddressInUse],
        "the error AddressInUse",
    )
}
