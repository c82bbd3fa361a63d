//! The pause after closing that some stacks need.

use core::cell::Cell;

use embedded_nal::TcpClientStack;

use crate::{Network, Platform};

/// Until when no socket is taken from the stack.
pub(crate) struct Pause {
    until: Cell<u64>,
}

impl Pause {
    pub(crate) const fn new() -> Self {
        Self {
            until: Cell::new(0),
        }
    }
}

impl<S: TcpClientStack, P: Platform, U> Network<S, P, U> {
    /// A connection was closed just now.
    pub(crate) fn start_pause(&self) {
        let pause = self.policy.pause_after_close;
        if pause > 0 {
            self.pause
                .until
                .set(self.platform.now().saturating_add(pause));
        }
    }

    /// Whether the stack must not be asked for a socket yet.
    pub(crate) fn pausing(&self) -> bool {
        self.policy.pause_after_close > 0 && self.platform.now() < self.pause.until.get()
    }
}
