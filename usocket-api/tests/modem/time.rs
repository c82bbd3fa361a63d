//! Virtual time for the driver and for the sockets, and an idle hook that can end a wait.

#![allow(dead_code, unreachable_pub)] // Each test has a use for some of it.

use std::cell::Cell;
use std::rc::Rc;

use atcmd_esp8285::Clock;
use esp8285_sim::Bench;
use nal_socket::{Idle, Platform};

#[derive(Clone)]
pub struct Time {
    pub bench: Bench,
    /// How often a socket has waited.
    pub waits: Rc<Cell<u32>>,
    /// Cancels the wait at this time.
    pub cancel_at: Rc<Cell<Option<u64>>>,
}

impl Time {
    pub fn new(bench: Bench) -> Self {
        Self {
            bench,
            waits: Rc::default(),
            cancel_at: Rc::default(),
        }
    }
}

impl Clock for Time {
    fn now(&self) -> u64 {
        self.bench.now()
    }
    fn idle(&self, until: Option<u64>) {
        self.bench.idle(until);
    }
}

impl Platform for Time {
    fn now(&self) -> u64 {
        self.bench.now()
    }
    fn idle(&self, until: Option<u64>) -> Idle {
        self.waits.set(self.waits.get() + 1);
        let cancel = self.cancel_at.get();
        self.bench.idle(until.into_iter().chain(cancel).min());
        match cancel {
            Some(at) if self.bench.now() >= at => {
                self.cancel_at.set(None);
                Idle::Cancel
            }
            _ => Idle::Continue,
        }
    }
}
