//! `TCP_NODELAY`, which the modem keeps for each link rather than for each
//! connection: it is set before a link is opened, and taken back when the
//! connection that asked for it is gone.

use super::exchange::{Exchange, Job};
use super::link::State as LinkState;
use super::opening::Preparation;
use super::{Key, Outcome, State};
use crate::at::command as cmd;
use crate::error::{ModemError, SocketError};
use crate::{Capability, LINKS};

/// The option of one link.
#[derive(Debug)]
pub(crate) struct NoDelay {
    /// Whoever has the link wants it.
    wanted: bool,
    /// The modem has it so.
    set: bool,
    /// Why the modem has not done what was wanted.
    refused: Option<ModemError>,
}

impl NoDelay {
    pub(super) const fn new() -> Self {
        Self {
            wanted: false,
            set: false,
            refused: None,
        }
    }

    /// Somebody else has the link now, or nobody.
    pub(super) fn want(&mut self, on: bool) {
        self.wanted = on;
        self.refused = None;
    }

    /// A restarted modem has forgotten it.
    pub(super) fn restarted(&mut self) {
        self.set = false;
    }
}

/// What only programs that set the option link: it is put in by the first
/// call that does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps<const RX: usize> {
    next: fn(&mut State<RX>, u64) -> Option<Exchange>,
    answered: fn(&mut State<RX>, u8, bool, Result<(), ModemError>),
}

impl<const RX: usize> State<RX> {
    /// Somebody is about to want the option.
    pub(crate) fn know_no_delay(&mut self) {
        self.no_delay = Some(Steps {
            next: Self::no_delay_command,
            answered: Self::no_delay_over,
        });
    }

    pub(super) fn next_no_delay(&mut self, now: u64) -> Option<Exchange> {
        let steps = self.no_delay?;
        (steps.next)(self, now)
    }

    /// The modem has said yes, no or nothing.
    pub(super) fn no_delay_answered(&mut self, id: u8, on: bool, result: Result<(), ModemError>) {
        if let Some(steps) = self.no_delay {
            (steps.answered)(self, id, on, result);
        }
    }

    /// Sets the option of a connection; no value until the modem has it.
    pub(crate) fn set_no_delay(&mut self, key: Key, on: bool) -> Outcome<(), SocketError> {
        if on {
            self.require(Capability::NoDelay)?;
        }
        let under_way = self.exchange.is_some_and(
            |e| matches!(e.job, Job::Prepare(id, Preparation::NoDelay(_)) if id == key.link),
        );
        let link = self.find(key)?;
        match link.state {
            LinkState::Failed(error) => return Err(error),
            LinkState::Wanted | LinkState::Opening { .. } | LinkState::Open => {}
            // The peer has closed: nothing more is sent.
            _ => return Ok(Some(())),
        }
        if let Some(error) = link.no_delay.refused.take() {
            link.no_delay.wanted = link.no_delay.set;
            return Err(error.into());
        }
        let changed = core::mem::replace(&mut link.no_delay.wanted, on) != on;
        let done = link.no_delay.set == on && !under_way;
        self.dirty |= changed;
        Ok(done.then_some(()))
    }

    /// The next link whose option is not as it is wanted.
    fn no_delay_command(&mut self, now: u64) -> Option<Exchange> {
        let (link, id) = self.links.iter().zip(0..LINKS).find(|(link, _)| {
            let option = &link.no_delay;
            let its_time = match link.state {
                LinkState::Wanted | LinkState::Open => option.refused.is_none(),
                LinkState::Free => true,
                _ => false,
            };
            option.wanted != option.set && its_time
        })?;
        let on = link.no_delay.wanted;
        if let Err(error) = self.dialect.require(Capability::NoDelay) {
            // The firmware was not known when it was asked for.
            self.no_delay_over(id, on, Err(error));
            self.dirty = true;
            return None;
        }
        let job = Job::Prepare(id, Preparation::NoDelay(on));
        Some(self.line.ask(job, &cmd::NoDelay { link: id, on }, now))
    }

    fn no_delay_over(&mut self, id: u8, on: bool, result: Result<(), ModemError>) {
        let Some(link) = self.link(id) else { return };
        let unknown = result == Err(ModemError::NoReply);
        // What cannot be taken back is not tried for ever.
        link.no_delay.set = on && (result.is_ok() || unknown);
        let Err(error) = result else { return };
        if link.no_delay.wanted != on {
            return; // it was for somebody who has gone meanwhile
        }
        match link.state {
            LinkState::Wanted if on => link.fail(error.into()),
            _ => link.no_delay.refused = Some(error),
        }
    }
}
