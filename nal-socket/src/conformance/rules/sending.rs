//! Rules about sending.

use super::super::Peer;
use super::super::client::{arrived, request, send_pattern};
use super::super::outcome::Verdict;
use super::receiving::{LARGE, SIZES};
use crate::NetworkRef;

pub(super) fn sizes<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    for size in SIZES {
        let mut socket = request!(net, peer, "COUNT")?;
        send_pattern(&mut socket, 0, size as u64, size)?;
        arrived(&mut socket, size as u64)?;
    }
    Ok(())
}

pub(super) fn large<N: NetworkRef>(net: &N, peer: &Peer<'_>) -> Verdict {
    let mut socket = request!(net, peer, "COUNT")?;
    send_pattern(&mut socket, 0, LARGE, usize::MAX)?;
    arrived(&mut socket, LARGE)
}
