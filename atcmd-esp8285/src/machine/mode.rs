//! Which receive mode the modem is in while it runs.
//!
//! ESP-AT from 2.1 on holds datagrams back in passive mode as it does streams,
//! and then hands out only one of those that wait, or several as one. So while
//! a datagram socket is open and no stream is, the modem is switched to active
//! mode. It is never switched under a stream, nor while a server may get one:
//! what becomes of data that waits in the modem at that moment is not known of
//! any firmware.

use super::State;
use super::exchange::{Exchange, Job};
use super::link::State as LinkState;
use crate::at::command as cmd;
use crate::{Capability, ReceiveMode};

impl<const RX: usize> State<RX> {
    /// The command that changes the mode, when it has to be changed and can.
    pub(super) fn next_mode(&mut self, now: u64) -> Option<Exchange> {
        let wanted = self.mode_wanted()?;
        if wanted == self.passive || self.mode_refused {
            return None;
        }
        let command = cmd::ReceiveMode { passive: wanted };
        Some(self.line.ask(Job::Mode { passive: wanted }, &command, now))
    }

    /// Passive or not; `None` while it cannot be changed.
    fn mode_wanted(&self) -> Option<bool> {
        let held_back = self.dialect.has(Capability::PassiveReceive)
            && !self.dialect.passive_tcp_only
            && self.dialect.has(Capability::Udp);
        if !held_back || self.config.receive != ReceiveMode::Auto {
            return None;
        }
        if !self.server.is_off() {
            // A peer may come at any moment, and its first bytes be held back.
            return None;
        }
        let mut datagrams = false;
        for link in &self.links {
            match link.state {
                LinkState::Free => {}
                // First what the modem holds is read.
                _ if link.is_udp() && link.waiting => return None,
                LinkState::Failed(_) if link.is_udp() => {}
                _ if link.is_udp() => datagrams = true,
                // It is opened in whatever mode there is then.
                LinkState::Wanted => {}
                _ => return None,
            }
        }
        Some(!datagrams)
    }

    pub(super) fn mode_answered(&mut self, passive: bool, accepted: bool) {
        if accepted {
            self.passive = passive;
            self.mode_changed = !passive;
            for link in self.links.iter_mut().filter(|link| link.waiting) {
                // It came too late to be read.
                link.waiting = false;
                link.lost = link.lost.saturating_add(link.announced.into());
            }
            debug!("passive receive: {}", passive);
        } else {
            self.mode_refused = true;
        }
    }

    /// Data was announced without being sent, which only passive mode does.
    pub(super) fn heard_passive(&mut self) {
        // Unless it was on its way when the mode was changed.
        self.passive |= self.is_ready() && !self.mode_changed;
    }
}
