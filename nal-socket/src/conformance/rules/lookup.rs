//! Rules about names.

use super::super::Peer;
use super::super::check::{equal, fails, given};
use super::super::outcome::{Reason, Unkept, Verdict};
use crate::{Error, ErrorKind, Family, Hints, NetworkRef};

/// The first address of a name.
fn lookup<N: NetworkRef>(
    net: &N,
    peer: &Peer<'_>,
    name: &str,
    hints: Hints,
) -> Result<Result<core::net::SocketAddr, Error>, Unkept> {
    let found = net
        .network()
        .getaddrinfo_timeout(name, 80, hints, peer.patience);
    match found {
        Err(error) if error.kind() == ErrorKind::NoResolver => {
            Err(Unkept::NotTried(Reason::StackLacks("resolver of names")))
        }
        found => Ok(found.map(|found| found.first().sockaddr)),
    }
}

pub(super) fn found<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (name, address) = given(peer.host, "host name")?;
    let found = lookup(net, peer, name, Hints::stream())?;
    equal(found, Ok((address, 80).into()), "the address of the name")
}

pub(super) fn unknown<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let name = given(peer.unknown_host, "host name that does not exist")?;
    let found = lookup(net, peer, name, Hints::stream())?;
    fails(found, &[ErrorKind::NameNotFound], "the error NameNotFound")
}

pub(super) fn numeric<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let found = lookup(net, peer, "192.0.2.7", Hints::stream())?;
    equal(
        found,
        Ok(([192, 0, 2, 7], 80).into()),
        "the numeric address itself",
    )
}

pub(super) fn family<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let hints = Hints::stream().family(Family::Inet6);
    let found = lookup(net, peer, "192.0.2.7", hints)?;
    fails(
        found,
        &[ErrorKind::AddressFamily],
        "the error AddressFamily",
    )
}
