//! `AT+CIPSTATUS`: who connected to the server, and which links still stand.
//!
//! The list is also what finds out about a `CONNECT` or `CLOSED` that was
//! lost. A link must be missing from two lists in a row before it counts as
//! closed, and a list with anything unreadable in it counts for nothing.

use super::link::State as LinkState;
use super::{State, exchange::Exchange};
use crate::LINKS;
use crate::at::command::LinkStatus;

/// What the list under way has shown.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// Links it named, one bit each.
    listed: u8,
    /// The line before the list: `STATUS:<n>`.
    status: Option<u8>,
}

impl Listing {
    pub(crate) const fn new() -> Self {
        Self {
            listed: 0,
            status: None,
        }
    }
}

impl<const RX: usize> State<RX> {
    /// A line of the reply. Says whether it was understood.
    pub(super) fn on_status_line(&mut self, line: &[u8], now: u64) -> bool {
        if let Some([digit @ b'0'..=b'9']) = line.strip_prefix(b"STATUS:") {
            self.listing.status = Some(digit - b'0');
            return true;
        }
        let Some(LinkStatus {
            link: id,
            remote,
            server,
        }) = LinkStatus::parse(line)
        else {
            return false;
        };
        self.listing.listed |= 1 << id;
        let listening = self.server.is_listening();
        if listening
            && server
            && self
                .link(id)
                .is_some_and(|l| matches!(l.state, LinkState::Free))
        {
            self.staging.orphan(id);
        }
        let Some(link) = self.link(id) else {
            return true;
        };
        link.missing = false;
        match link.state {
            // Its `CONNECT` was lost.
            LinkState::Free if server && listening => {
                let stray = link.stray;
                link.incoming(now);
                link.lost = stray;
            }
            LinkState::Free => link.state = LinkState::Closing,
            _ => {}
        }
        // What is listed in the place of a peer that has closed is another.
        if link.pending && matches!(link.state, LinkState::Open) {
            link.target.remote = remote;
            link.named = true;
        }
        true
    }

    /// The list is complete.
    pub(super) fn status_over(&mut self, exchange: &Exchange, now: u64) {
        let Listing { listed, status } = core::mem::take(&mut self.listing);
        // `STATUS:3` says that links stand: a list without any is damaged.
        let sound = exchange.noise == 0 && status.is_some_and(|status| status != 3 || listed != 0);
        let holding = self.holding();
        let mut again = false;
        for (link, id) in self.links.iter_mut().zip(0..LINKS) {
            if listed & 1 << id != 0 {
                continue;
            }
            if link.pending && !link.named {
                // Closed before it could be asked for, or no list to be had.
                link.named = link.missing || !matches!(link.state, LinkState::Open);
                link.missing = true;
            } else if sound && matches!(link.state, LinkState::Open) && link.since < exchange.began
            {
                if link.missing {
                    link.closed(holding, now);
                }
                link.missing = true;
            } else {
                continue;
            }
            again |= matches!(link.state, LinkState::Open) && !link.pending;
        }
        self.status_due = again;
        self.dirty = true;
    }

    /// Has the list of links asked for: one that is missing may be gone.
    pub(crate) fn look_at_links(&mut self) {
        self.status_due = true;
        self.dirty = true;
    }

    /// Whether a peer waits to be named.
    pub(super) fn is_status_due(&self) -> bool {
        self.status_due || self.links.iter().any(|link| link.pending && !link.named)
    }
}
