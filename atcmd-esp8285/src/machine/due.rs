//! When something is due: for a shell that sleeps instead of polling.

use super::{LIST_READER, Machine, deadline};

impl<const RX: usize> Machine<RX> {
    /// Whether [`service`](Self::service) would do anything now.
    pub(crate) fn is_due(&self, now: u64) -> bool {
        self.state.dirty || now >= self.state.wake_at
    }

    /// The next moment at which something changes by time alone.
    pub(crate) fn next_moment(&self) -> u64 {
        let patience = self.stalled_since().map_or(deadline::NEVER, |since| {
            since + deadline::FULL_RING_PATIENCE
        });
        let turn = self.state.staging.turn_ends().unwrap_or(deadline::NEVER);
        let list = self.held_until().unwrap_or(deadline::NEVER);
        self.state.wake_at.min(patience).min(turn).min(list)
    }

    /// Takes in what stood behind entries of a list that have been fetched.
    /// Says whether there was anything.
    pub(crate) fn go_on_with_list(&mut self, now: u64) -> bool {
        if self.held_until().is_none() {
            return false;
        }
        self.window(Some(LIST_READER), now);
        true
    }

    /// Does what is due by time. Says whether anything was.
    pub(crate) fn tick(&mut self, now: u64) -> bool {
        let due = now >= self.next_moment() || self.state.dirty;
        if self.is_stalled() {
            self.window(None, now);
        }
        self.state.staging.end_turn(now);
        self.service(now);
        due
    }
}
