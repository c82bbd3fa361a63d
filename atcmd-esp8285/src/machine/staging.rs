//! The one send buffer: a copy of what `send` accepted.
//!
//! `SEND OK` names no link, so there can be one send in the modem at a time.
//! The copy is what makes `send` honest: bytes it accepted are never asked for
//! again, whether the caller comes back or not.

use core::net::SocketAddrV4;

use super::{Key, deadline};
use crate::LINKS;

/// Most bytes one `AT+CIPSEND` carries on any firmware.
pub(crate) const MAX_SEND: usize = 2048;

pub(crate) struct Staging {
    buf: [u8; MAX_SEND],
    len: usize,
    /// The link whose bytes these are.
    owner: Option<u8>,
    /// Which of that link's connections they are for.
    generation: u16,
    /// Another connection has taken that one's place in the modem.
    orphaned: bool,
    /// Where they go, where the link itself does not say it.
    to: Option<SocketAddrV4>,
    /// Links that were refused, in the order of their ids.
    refused: u8,
    /// The refused ones go first until this time.
    turn_until: u64,
    last_owner: u8,
}

impl Staging {
    pub(crate) const fn new() -> Self {
        Self {
            buf: [0; MAX_SEND],
            len: 0,
            owner: None,
            generation: 0,
            orphaned: false,
            to: None,
            refused: 0,
            turn_until: 0,
            last_owner: 0,
        }
    }

    pub(crate) fn owner(&self) -> Option<u8> {
        self.owner
    }

    /// Whether bytes for this connection are on their way.
    pub(crate) fn is_for(&self, key: Key) -> bool {
        self.owner == Some(key.link) && self.generation == key.generation
    }

    /// The modem has another connection on `link` now: nothing more may be
    /// sent there.
    pub(crate) fn orphan(&mut self, link: u8) {
        self.orphaned |= self.owner == Some(link);
    }

    pub(crate) fn is_orphaned(&self) -> bool {
        self.orphaned
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or_default()
    }

    /// Where they go, if that is not the link's peer.
    pub(crate) fn to(&self) -> Option<SocketAddrV4> {
        self.to
    }

    /// Copies in a datagram, whole; says whether it was this link's turn.
    pub(crate) fn offer_whole(
        &mut self,
        key: Key,
        bytes: &[u8],
        to: Option<SocketAddrV4>,
        now: u64,
    ) -> bool {
        self.take(key, bytes, bytes.len(), now).is_some_and(|_| {
            self.to = to;
            true
        })
    }

    /// Copies in what one send may carry of `bytes`; `None` when it is not
    /// this link's turn.
    pub(crate) fn offer(&mut self, key: Key, bytes: &[u8], max: usize, now: u64) -> Option<usize> {
        let n = sendable(bytes, max.min(MAX_SEND));
        self.take(key, bytes, n, now)
    }

    fn take(&mut self, key: Key, bytes: &[u8], n: usize, now: u64) -> Option<usize> {
        let Key { link, generation } = key;
        if self.owner.is_some() || self.others_turn(link, now) {
            self.refused |= 1 << link;
            return None;
        }
        self.buf.get_mut(..n)?.copy_from_slice(bytes.get(..n)?);
        self.len = n;
        self.owner = Some(link);
        self.generation = generation;
        self.orphaned = false;
        self.to = None;
        self.last_owner = link;
        self.refused &= !(1 << link);
        Some(n)
    }

    /// Whether another link was refused earlier and still has its turn.
    /// Whether bytes of `link` would be taken now.
    #[cfg(feature = "nal-socket")]
    pub(crate) fn has_room(&mut self, link: u8, now: u64) -> bool {
        self.owner.is_none() && !self.others_turn(link, now)
    }

    fn others_turn(&mut self, link: u8, now: u64) -> bool {
        if now >= self.turn_until {
            // Whoever did not come back by now does not wait.
            self.refused &= 1 << link;
        }
        (1..=LINKS)
            .map(|step| (self.last_owner + step) % LINKS)
            .find(|id| self.refused & (1 << id) != 0)
            .is_some_and(|next| next != link)
    }

    /// The send is over, one way or the other.
    pub(crate) fn free(&mut self, now: u64) {
        self.owner = None;
        self.orphaned = false;
        self.turn_until = now + deadline::SEND_TURN;
    }

    /// When those who were refused lose their right to be next.
    #[cfg(feature = "async")]
    pub(crate) fn turn_ends(&self) -> Option<u64> {
        (self.owner.is_none() && self.refused != 0).then_some(self.turn_until)
    }

    /// Whoever was refused and did not come back by now does not wait.
    #[cfg(feature = "async")]
    pub(crate) fn end_turn(&mut self, now: u64) {
        if self.turn_ends().is_some_and(|end| now >= end) {
            self.refused = 0;
        }
    }

    /// A link that is gone waits no longer.
    pub(crate) fn forget(&mut self, link: u8) {
        self.refused &= !(1 << link);
    }
}

/// How much of `bytes` one send carries.
///
/// The modem takes a chunk that is exactly `+++` during a send as "cancel",
/// and what is a chunk depends on pauses on the wire. So a send never ends in
/// three plus signs; the rest goes with the next one.
fn sendable(bytes: &[u8], max: usize) -> usize {
    let n = bytes.len().min(max);
    let head = bytes.get(..n).unwrap_or_default();
    if !head.ends_with(b"+++") {
        return n;
    }
    let plus = head.iter().rev().take_while(|b| **b == b'+').count();
    n - plus + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(link: u8) -> Key {
        Key {
            link,
            generation: 1,
        }
    }

    #[test]
    fn no_send_ends_in_three_plus_signs() {
        assert_eq!(sendable(b"+++", 2048), 2);
        assert_eq!(sendable(b"++", 2048), 2);
        assert_eq!(sendable(b"abc+++", 2048), 5);
        assert_eq!(sendable(b"abc+++x", 2048), 7);
        assert_eq!(sendable(b"++++++", 2048), 2);
        assert_eq!(sendable(b"abc+++x", 6), 5);
        assert_eq!(sendable(&[b'x'; 5000], 2048), 2048);
    }

    #[test]
    fn a_refused_link_goes_next_and_one_that_left_holds_up_nobody() {
        let mut staging = Staging::new();
        assert_eq!(staging.offer(key(0), b"a", 9, 0), Some(1));
        assert_eq!(staging.offer(key(3), b"b", 9, 0), None);
        assert_eq!(staging.offer(key(1), b"b", 9, 0), None);
        staging.free(1000);
        assert_eq!(staging.offer(key(0), b"a", 9, 1000), None, "others wait");
        assert_eq!(
            staging.offer(key(3), b"b", 9, 1000),
            None,
            "1 comes before 3"
        );
        assert_eq!(staging.offer(key(1), b"b", 9, 1000), Some(1));
        staging.free(2000);
        // 3 never comes back: 0 gets its turn when 3's has passed.
        assert_eq!(staging.offer(key(0), b"a", 9, 2000), None);
        assert_eq!(
            staging.offer(key(0), b"a", 9, 2000 + deadline::SEND_TURN),
            Some(1)
        );
    }
}
