//! What one is waiting for on one socket, and what came of it.

use crate::{Error, Events, Pollable};

/// An interest and the latest answer to it.
///
/// Lives beside the socket it is for and borrows nothing, so it can be kept from one
/// [`poll`](crate::Network::poll) to the next while the socket is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Watch {
    interest: Events,
    one_shot: bool,
    ready: Events,
    /// What the source could not answer in this turn and is to be asked in the next.
    left: Option<Events>,
}

impl Watch {
    /// Waits for `interest`, which is [`IN`](Events::IN), [`OUT`](Events::OUT), both or none. The
    /// other events are reported in any case.
    #[must_use]
    pub const fn new(interest: Events) -> Self {
        Self {
            interest,
            one_shot: false,
            ready: Events::NONE,
            left: None,
        }
    }

    /// From the first report on the interest is empty, until [`set_interest`](Self::set_interest)
    /// renews it.
    ///
    /// [`ERR`](Events::ERR), [`HUP`](Events::HUP) and [`NVAL`](Events::NVAL) are reported all the
    /// same: leave a socket out of the poll that is not to be heard of at all.
    #[must_use]
    pub const fn one_shot(mut self) -> Self {
        self.one_shot = true;
        self
    }

    /// What the latest [`poll`](crate::Network::poll) has found. Empty after one that ended in an
    /// error.
    #[must_use]
    pub const fn ready(&self) -> Events {
        self.ready
    }

    /// What it waits for.
    #[must_use]
    pub const fn interest(&self) -> Events {
        self.interest
    }

    /// Changes what it waits for, from the next poll on. The latest answer stays.
    pub const fn set_interest(&mut self, interest: Events) {
        self.interest = interest;
    }

    /// Takes back what was not reported.
    pub(crate) const fn clear(&mut self) {
        self.ready = Events::NONE;
        self.left = None;
    }

    /// Forgets the latest answer; all is open.
    pub(crate) const fn begin(&mut self) {
        self.ready = Events::NONE;
        self.left = Some(self.interest);
    }

    /// Asks the source for what is open. What is left open is for the next turn.
    pub(crate) fn ask(&mut self, source: &mut dyn Pollable) -> Result<(), Error> {
        if let Some(wanted) = self.left {
            let look = source.look(wanted)?;
            self.ready |= look.ready() & (self.interest | Events::ALWAYS);
            let left = look.left() & wanted;
            self.left = (!left.is_empty()).then_some(left);
        }
        Ok(())
    }

    pub(crate) const fn is_open(&self) -> bool {
        self.left.is_some()
    }

    /// Ends the look. Whether there is something to report.
    pub(crate) const fn report(&mut self) -> bool {
        self.left = None;
        let reports = !self.ready.is_empty();
        if reports && self.one_shot {
            self.interest = Events::NONE;
        }
        reports
    }
}
