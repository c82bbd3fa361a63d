//! What becomes of links, sends and requests when an exchange is over, or
//! the modem is gone.

use super::control::Progress;
use super::exchange::{Exchange, Reason};
use super::link::State as LinkState;
use super::startup::Life;
use super::{State, deadline};
use crate::Station;
use crate::error::{ModemError, SocketError};

impl<const RX: usize> State<RX> {
    pub(super) fn connect_failed(&mut self, id: u8, exchange: &Exchange, now: u64) {
        let took = now.saturating_sub(exchange.began);
        // A peer of the server may have come, and gone again.
        let up = self.link(id).is_some_and(|link| {
            matches!(
                link.state,
                LinkState::Opening { up: true } | LinkState::Draining | LinkState::Ended
            )
        });
        // ESP-AT gives no reason; then the `CONNECT` before says it.
        let taken = match exchange.reason {
            Some(Reason::AlreadyConnected) => true,
            Some(_) => false,
            None => !self.dialect.gives_reasons,
        };
        if taken && up && self.taken_by_peer(id, now) {
            return;
        }
        if let Some(link) = self.link(id)
            && matches!(link.state, LinkState::Opening { .. })
        {
            link.not_opened();
        }
        let error = match exchange.reason {
            // An earlier session's link, which this driver knows nothing of:
            // close it, and the scheduler asks again.
            Some(Reason::AlreadyConnected) => {
                let again = self.link(id).is_some_and(|link| {
                    let first = !core::mem::replace(&mut link.unsure, true);
                    let opening = matches!(link.state, LinkState::Opening { .. });
                    if first && opening {
                        link.state = LinkState::Wanted;
                    }
                    first && opening
                });
                if again {
                    self.exchange = Some(self.line.close(id, now));
                    return;
                }
                SocketError::Refused
            }
            Some(Reason::NoAddress) => SocketError::NoAddress,
            _ if took >= deadline::CONNECT_REFUSED_WITHIN => SocketError::TimedOut,
            _ => SocketError::Refused,
        };
        // A connection that is there and has no socket is closed. ESP-AT gives
        // no reasons: it may have the link open already.
        let unsure =
            !self.dialect.gives_reasons || exchange.reason == Some(Reason::AlreadyConnected);
        if let Some(link) = self.link(id) {
            link.unsure |= unsure;
            match link.state {
                LinkState::Closing if unsure => {}
                // It was up, and the peer has closed it already.
                LinkState::Draining | LinkState::Ended => {}
                _ => link.fail(error),
            }
        }
    }

    /// A link the modem does not know any more.
    pub(super) fn link_gone(&mut self, id: u8, asked_at: u64) {
        if let Some(link) = self.link(id) {
            // The next one can be there before the answer is.
            let is_next = link.intruder_at > asked_at;
            if matches!(link.state, LinkState::Closing) && !is_next {
                link.release();
            }
            link.intruder &= is_next;
        }
    }

    /// How a link is closed has been set, or cannot be.
    pub(super) fn close_mode(&mut self, id: u8, mode: bool) {
        if let Some(link) = self.link(id) {
            link.breaks_off = mode;
        }
    }

    /// A read brought `got` of the `wanted` bytes.
    pub(super) fn read_over(&mut self, id: u8, wanted: u16, got: u16) {
        let more = got == wanted && !self.dialect.announces_rest;
        if let Some(link) = self.link(id) {
            // News that came meanwhile stays; a closed link is read to its end.
            link.waiting |= more || matches!(link.state, LinkState::Draining);
        }
        if got == 0 {
            self.drained(id);
        }
    }

    pub(super) fn drained(&mut self, id: u8) {
        if let Some(link) = self.link(id)
            && matches!(link.state, LinkState::Draining)
        {
            link.waiting = false;
            link.drained();
            if link.wifi_lost {
                link.fail(SocketError::WifiLost);
            }
        }
    }

    pub(super) fn control_over(&mut self, result: Result<(), ModemError>, now: u64) {
        if matches!(self.control.progress, Progress::Running) {
            self.control.done(result, now);
        }
    }

    /// The send under way is over.
    pub(super) fn send_over(&mut self, delivered: bool, now: u64) {
        self.exchange = None;
        let Some(id) = self.staging.owner() else {
            return;
        };
        if !delivered {
            warning!("link {}: a send failed", id);
        }
        let own = self.key_of(id).is_some_and(|key| self.staging.is_for(key));
        self.staging.free(now);
        if !delivered
            && own
            && let Some(link) = self.link(id)
        {
            link.send_failed = true;
        }
    }

    /// The modem can no longer be talked to: tell everybody.
    pub(super) fn gone(&mut self, error: ModemError, now: u64) {
        warning!("the modem is given up: {:?}", error);
        self.exchange = None;
        self.sync = None;
        self.life = Life::Off;
        self.serial.gone(error);
        self.start_error = Some(error);
        self.station = Station::Down;
        self.lose_session(error, now);
        match self.control.progress {
            Progress::Queued | Progress::Running => self.control.done(Err(error), now),
            _ => {}
        }
        self.dirty = true;
    }

    /// Every link is gone, and what was being sent with it.
    pub(super) fn lose_session(&mut self, error: ModemError, now: u64) {
        for link in &mut self.links {
            if !matches!(link.state, LinkState::Wanted) || !matches!(error, ModemError::Restarted) {
                link.fail(SocketError::Modem(error));
            }
        }
        if self.staging.owner().is_some() {
            self.staging.free(now);
        }
        self.reading = None;
    }
}
