//! What the handles and the modem's thread exchange.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::modem::Modem;

type Poke = Box<dyn FnOnce(&mut Modem) + Send>;

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) state: Mutex<State>,
    pub(super) changed: Condvar,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) to_modem: VecDeque<u8>,
    pub(super) from_modem: VecDeque<u8>,
    /// Taken by the thread and not on the line yet.
    pub(super) backlog: usize,
    pub(super) baud: u32,
    pub(super) follow: bool,
    pub(super) pokes: Vec<Poke>,
    /// The handles are gone.
    pub(super) stop: bool,
    /// The thread is gone.
    pub(super) stopped: bool,
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State")
            .field("baud", &self.baud)
            .finish_non_exhaustive()
    }
}

impl Shared {
    pub(super) fn new(baud: u32) -> Self {
        let state = State {
            baud: baud.max(1),
            ..State::default()
        };
        Self {
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// A panic elsewhere leaves the queues usable.
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes.
    pub(super) fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed
            .wait(state)
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wait_for<'a>(
        &self,
        state: MutexGuard<'a, State>,
        time: Duration,
    ) -> MutexGuard<'a, State> {
        self.changed
            .wait_timeout(state, time)
            .unwrap_or_else(PoisonError::into_inner)
            .0
    }
}
