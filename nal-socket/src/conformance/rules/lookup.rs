//! Rules about names.

use super::super::Peer;
use super::super::check::{equal, fails, given};
use super::super::outcome::{Reason, Unkept, Verdict};
use crate::{Error, ErrorKind, Hints, NetworkRef};

/// The first address of a name.
fn lookup<N: NetworkRef>(
    net: &N,
    peer: &Peer<'_>,
    name: &str,
) -> Result<Result<core::net::SocketAddr, Error>, Unkept> {
    let found = net
        .network()
        .getaddrinfo_timeout(name, 80, Hints::stream(), peer.patience);
    match found {
        // What a modem's firmware lacks is known only when it is asked.
        Err(error)
            if matches!(
                error.kind(),
                ErrorKind::NoResolver | ErrorKind::NotSupported
            ) =>
        {
            Err(Unkept::NotTried(Reason::StackLacks("resolver of names")))
        }
        found => Ok(found.map(|found| found.first().sockaddr)),
    }
}

pub(super) fn found<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let (name, address) = given(peer.host, "host name")?;
    let found = lookup(net, peer, name)?;
    equal(found, Ok((address, 80).into()), "the address of the name")
}

pub(super) fn unknown<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let name = given(peer.unknown_host, "host name that does not exist")?;
    let found = lookup(net, peer, name)?;
    fails(found, &[ErrorKind::NameNotFound], "the error NameNotFound")
}

pub(super) fn again<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let unknown = given(peer.unknown_host, "host name that does not exist")?;
    let (name, address) = given(peer.host, "host name")?;
    let _ = lookup(net, peer, unknown)?;
    equal(
        lookup(net, peer, name)?,
        Ok((address, 80).into()),
        "the address of the name",
    )
}
