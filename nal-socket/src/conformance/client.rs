//! What rules do with a session of the peer.

use core::fmt::Write as _;
use core::net::SocketAddr;

use super::Peer;
use super::check::{differs, done, holds, is_pattern};
use super::outcome::{Found, Unkept, Verdict};
use super::peer::{Checksum, TELL, pattern_byte};
use crate::{NetworkRef, TcpSocket};

/// A request line, made on the stack.
pub(super) struct Line {
    bytes: [u8; 48],
    length: usize,
}

impl Line {
    pub(super) fn new(arguments: core::fmt::Arguments<'_>) -> Self {
        let mut line = Self {
            bytes: [0; 48],
            length: 0,
        };
        // No request is that long; one that were would be answered with UNKNOWN.
        let _ = line.write_fmt(arguments);
        let _ = line.write_str("\n");
        line
    }

    pub(super) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl core::fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        for byte in text.bytes() {
            *self.bytes.get_mut(self.length).ok_or(core::fmt::Error)? = byte;
            self.length += 1;
        }
        Ok(())
    }
}

/// `request!(net, peer, "SEND {n}")`: a connection to the peer that was asked this.
macro_rules! request {
    ($net:expr, $peer:expr, $($line:tt)*) => {
        $crate::conformance::client::open(
            $net,
            $peer,
            &$crate::conformance::client::Line::new(format_args!($($line)*)),
        )
    };
}
pub(super) use request;

/// A connection to `address`, with the peer's patience as its timeout.
pub(super) fn connect<N: NetworkRef>(
    net: &N,
    peer: &Peer<'_>,
    address: SocketAddr,
) -> Result<TcpSocket<N>, Unkept> {
    let mut socket = TcpSocket::new(net.clone());
    socket.set_timeout(Some(peer.patience));
    done(socket.connect(address), "a connection to the peer")?;
    Ok(socket)
}

pub(super) fn open<N: NetworkRef>(
    net: &N,
    peer: &Peer<'_>,
    line: &Line,
) -> Result<TcpSocket<N>, Unkept> {
    let mut socket = connect(net, peer, peer.server)?;
    done(
        socket.sendall(line.bytes()),
        "that the peer can be asked something",
    )?;
    Ok(socket)
}

/// Reads `count` bytes of the pattern from `position` on, in pieces of at most `piece` bytes.
pub(super) fn read_pattern<N: NetworkRef>(
    socket: &mut TcpSocket<N>,
    position: u64,
    count: u64,
    piece: usize,
) -> Verdict {
    let mut buf = [0; 512];
    let mut read = 0;
    while read < count {
        let most = usize::try_from(count - read)
            .unwrap_or(usize::MAX)
            .min(piece);
        let room = buf.len().min(most);
        let space = buf.get_mut(..room).unwrap_or_default();
        match done(socket.recv(space), "the bytes that the peer sent")? {
            0 => {
                return Err(differs(
                    "all that the peer sent before the end",
                    Found::Count(read),
                ));
            }
            more => {
                is_pattern(space.get(..more).unwrap_or_default(), position + read)?;
                read += more as u64;
            }
        }
    }
    Ok(())
}

/// Nothing but the end of the stream must be left, again and again.
pub(super) fn at_end<N: NetworkRef>(socket: &mut TcpSocket<N>) -> Verdict {
    for _ in 0..3 {
        match socket.recv(&mut [0; 4]) {
            Ok(0) => {}
            other => {
                return Err(differs(
                    "the end of the stream, as 0, again and again",
                    other,
                ));
            }
        }
    }
    Ok(())
}

/// Fills `buf` with the pattern from `position` on.
pub(super) fn fill_pattern(buf: &mut [u8], position: u64) {
    for (at, byte) in (position..).zip(buf) {
        *byte = pattern_byte(at);
    }
}

/// Sends `count` bytes of the pattern from `position` on.
pub(super) fn send_pattern<N: NetworkRef>(
    socket: &mut TcpSocket<N>,
    position: u64,
    count: u64,
) -> Verdict {
    let mut buf = [0; 512];
    let mut sent = 0;
    while sent < count {
        let room = usize::try_from(count - sent).unwrap_or(usize::MAX).min(512);
        let data = buf.get_mut(..room).unwrap_or_default();
        fill_pattern(data, position + sent);
        done(socket.sendall(data), "that all is sent")?;
        sent += room as u64;
    }
    Ok(())
}

/// Asks a counting session what came, which must be the first `count` bytes of the pattern.
pub(super) fn arrived<N: NetworkRef>(socket: &mut TcpSocket<N>, count: u64) -> Verdict {
    done(
        socket.sendall(&[TELL]),
        "that the peer can be asked what came",
    )?;
    counted(socket, count).map(drop)
}

/// Reads what a counting session tells, which must be the first `count` bytes of the pattern; tells
/// whether the connection ended in order, where that is told too.
pub(super) fn counted<N: NetworkRef>(
    socket: &mut TcpSocket<N>,
    count: u64,
) -> Result<bool, Unkept> {
    let mut buf = [0; 64];
    let length = done(
        socket.readline(&mut buf),
        "what the peer tells about what came",
    )?;
    let line = buf.get(..length).unwrap_or_default();
    let (found, rest) = core::str::from_utf8(line)
        .ok()
        .and_then(|line| Checksum::parse(line.trim_end()))
        .ok_or_else(|| {
            differs(
                "what the peer tells about what came",
                Found::Text("something else"),
            )
        })?;
    let wanted = Checksum::of_pattern(count);
    holds(
        found.count() == count,
        "at the peer as many bytes as were sent",
        found.count(),
    )?;
    holds(
        found == wanted,
        "at the peer the bytes that were sent",
        Found::Text("as many, but others or in another order"),
    )?;
    Ok(rest == "END")
}

/// So many times the timeout that is meant to pass, in milliseconds, for a request line.
pub(super) fn millis(peer: &Peer<'_>, times: u128) -> u128 {
    peer.limit().as_millis() * times
}
