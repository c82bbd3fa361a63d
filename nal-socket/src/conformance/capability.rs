//! Rules about what a stack adds to embedded-nal's traits.
//!
//! They are not among [`RULES`](super::RULES), since a stack that adds nothing is none the worse: try
//! those whose capability your network was told of. Without it they are
//! [`NotTried`](super::Outcome::NotTried).
//!
//! ```
//! use nal_socket::Network;
//! use nal_socket::conformance::{Peer, capability};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! let peer = Peer::at(server.local_addr().unwrap());
//! let outcome = capability::local_address(&network, &peer);
//! assert_eq!(outcome.to_string(), "not tried: the stack has no local addresses");
//! ```

use super::Peer;
use super::check::{are, done, equal, holds, supported};
use super::client::{at_end, connect, request};
use super::outcome::{Found, Outcome, Verdict};
use crate::capability::Direction;
use crate::{NetworkRef, Platform};

/// After its sending direction has ended, a socket still receives what is on its way, then the end,
/// which the peer gives only if it was told.
pub fn half_close<N: NetworkRef>(net: N, peer: &Peer<'_>) -> Outcome {
    try_half_close(&net, peer).into()
}

fn try_half_close<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "ECHO")?;
    done(socket.sendall(b"ping"), "that a connected socket sends")?;
    supported(
        socket.shutdown(Direction::Write),
        "half close",
        "a half close",
    )?;
    let mut buf = [0; 4];
    let count = done(socket.readinto(&mut buf), "an echo after the half close")?;
    let found = buf.get(..count).unwrap_or_default();
    are(found, b"ping", "an echo of the 4 bytes sent")?;
    at_end(&mut socket)
}

/// A connection that is aborted breaks off at the peer and does not end in order.
pub fn abort<N: NetworkRef>(net: N, peer: &Peer<'_>) -> Outcome {
    try_abort(&net, peer).into()
}

fn try_abort<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let tag = net.network().platform().now();
    let mut socket = request!(net, peer, "COUNT {tag}")?;
    done(socket.flush(), "that a flush ends well")?;
    supported(socket.abort(), "abort", "an abort")?;
    let mut socket = request!(net, peer, "TELL {tag}")?;
    let mut buf = [0; 64];
    let count = done(
        socket.readline(&mut buf),
        "what the peer tells of the connection",
    )?;
    let line = buf.get(..count).unwrap_or_default().trim_ascii_end();
    holds(
        line.ends_with(b"RESET"),
        "at the peer a connection broken off",
        Found::Text("something else"),
    )
}

/// A connected socket has an address and a port of its own, and they stay.
pub fn local_address<N: NetworkRef>(net: N, peer: &Peer<'_>) -> Outcome {
    try_local_address(&net, peer).into()
}

fn try_local_address<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = connect(net, peer, peer.server)?;
    let address = supported(socket.local_addr(), "local addresses", "a local address")?;
    holds(
        !address.ip().is_unspecified() && address.port() != 0 && address != peer.server,
        "an address and a port of this side",
        address,
    )?;
    equal(socket.local_addr(), Ok(address), "the same address again")
}
