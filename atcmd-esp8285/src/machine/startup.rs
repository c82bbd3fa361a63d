//! Getting a modem in any state to listen, and set up.
//!
//! It may be booting, joining by itself, waiting for the rest of somebody
//! else's send, in transparent mode, echoing, or hold links of an earlier
//! session. `AT` is tried first because it usually works; only a silent modem
//! is sent the escape sequence, which takes more than a second, and after that
//! filler, which reaches the peer of a send that was left half done.

use super::exchange::{Exchange, FILLER_PIECES, Job};
use super::{State, deadline};
use crate::at::command as cmd;
use crate::error::ModemError;
use crate::{Capability, Event, Station};

/// How far the modem's life has been followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Life {
    /// Nothing asked yet, or the modem was lost.
    Off,
    /// Synchronised; the given step is next.
    Starting(Step),
    /// Set up.
    Ready,
}

/// The steps of the set-up, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Step {
    Echo,
    Version,
    Store,
    Mode,
    /// The access point the user had started, after a restart.
    AccessPoint,
    /// Numbered links; refused while an earlier session's links are open.
    Links,
    CloseAll,
    CloseSingle,
    Normal,
    LinksAgain,
    /// The last resort when links cannot be numbered.
    Reset,
    PeerInfo,
    Receive,
}

/// The search for a modem that answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sync {
    began: u64,
    tries: u8,
    /// It has said `busy`: it lives, and may take long.
    busy: bool,
    /// It has said `ERROR`: it lives, and understands nothing.
    rejected: bool,
    stage: Stage,
    /// Both rates at which it can be have been tried.
    looked: bool,
    /// `+++` was the last thing tried.
    escaped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// It starts: whatever comes before `ready` is noise.
    Boot,
    /// `AT` is next.
    Try,
    /// Silence, then `+++`.
    Guard,
    /// It answered; late replies to other things are let pass.
    Quiet,
}

/// Times a set-up step may go unanswered before it counts as refused.
const SETUP_TRIES: u8 = 3;

/// Tries of a plain `AT` before the escape sequence.
const PLAIN_TRIES: u8 = 2;

impl<const RX: usize> State<RX> {
    /// Starts looking for the modem, unless that is under way or done.
    pub(crate) fn start(&mut self, now: u64) {
        if self.life == Life::Off {
            self.start_error = None;
            self.life = Life::Starting(Step::Echo);
            self.setup_silences = 0;
            self.setup_refusals = 0;
            self.suspect = false;
            self.resets = 0;
            self.begin_sync(now);
        }
    }

    /// Takes the reason why the last start failed.
    pub(crate) fn take_start_error(&mut self) -> Option<ModemError> {
        self.start_error.take()
    }

    /// Finds out whether and when the modem listens again.
    pub(super) fn begin_sync(&mut self, now: u64) {
        debug!("looking for the modem");
        self.sync = Some(Sync {
            began: now,
            tries: 0,
            busy: false,
            rejected: false,
            stage: Stage::Try,
            looked: false,
            escaped: false,
        });
        self.dirty = true;
    }

    /// `ready`: the modem has started, asked to or not.
    pub(super) fn on_ready(&mut self, now: u64) {
        let asked_for = self.restart_seen();
        let was_up = self.life == Life::Ready && !asked_for;
        self.forget_session(now);
        self.serial.heard_ready();
        if was_up {
            warning!("the modem has restarted: set-up is repeated, connections are gone");
            self.event(Event::Restarted);
        }
        if self.life != Life::Off || core::mem::take(&mut self.asleep) {
            // Why it could not be found earlier is no news any more.
            self.start_error = None;
            self.life = Life::Starting(Step::Echo);
            self.begin_sync(now);
            self.hold_until = now + deadline::BOOT_SETTLE;
        }
    }

    /// What a restarted modem knows nothing of.
    pub(super) fn forget_session(&mut self, now: u64) {
        self.exchange = None;
        self.station = Station::Down;
        self.swallow_ok = false;
        self.suspect = false;
        self.setup_refusals = 0;
        self.peer_info = super::PeerInfo::Off;
        self.wifi_lost = false;
        self.server.restarted();
        for link in &mut self.links {
            link.breaks_off = false;
            link.no_delay.restarted();
        }
        self.lose_session(ModemError::Restarted, now);
        self.control_over(Err(ModemError::Restarted), now);
    }

    /// Until `ready`, or until it should have come, nothing counts.
    pub(super) fn sync_boot(&mut self) {
        if let Some(sync) = &mut self.sync {
            sync.stage = Stage::Boot;
        }
    }

    pub(super) fn is_booting(&self) -> bool {
        self.sync.is_some_and(|sync| sync.stage == Stage::Boot)
    }

    /// The modem may be waiting for the rest of a send: leave that first, since
    /// an `AT` would become part of it.
    pub(super) fn sync_escape(&mut self, now: u64) {
        if let Some(sync) = &mut self.sync {
            sync.stage = Stage::Guard;
            self.hold_until = now + deadline::ESCAPE_GUARD;
            self.dirty = true;
        }
    }

    /// What to do about synchronising now.
    pub(super) fn sync_next(&mut self, now: u64) -> Option<Exchange> {
        let sync = self.sync.as_mut()?;
        let patience = if sync.busy {
            deadline::SYNC_TOTAL + deadline::BUSY_PATIENCE
        } else {
            deadline::SYNC_TOTAL
        };
        if now.saturating_sub(sync.began) >= patience {
            let answered = sync.busy || sync.rejected;
            let error = if answered {
                ModemError::Rejected
            } else {
                ModemError::NoReply
            };
            self.gone(error, now);
            return None;
        }
        match sync.stage {
            Stage::Boot => {
                sync.stage = Stage::Try;
                self.dirty = true;
                None
            }
            Stage::Try
                if sync.tries >= PLAIN_TRIES && !sync.looked && self.serial.look_elsewhere() =>
            {
                sync.looked = true;
                sync.tries = 0;
                None
            }
            Stage::Try if sync.tries >= PLAIN_TRIES => {
                sync.looked = false;
                sync.stage = Stage::Guard;
                self.hold_until = now + deadline::ESCAPE_GUARD;
                None
            }
            Stage::Try => {
                sync.tries += 1;
                let mut exchange = self.line.ask(Job::Sync, &cmd::Attention {}, now);
                exchange.deadline = now + deadline::SYNC_TRY;
                Some(exchange)
            }
            Stage::Guard => {
                sync.stage = Stage::Try;
                sync.tries = 0;
                // Firmware before NonOS 1.3 cannot be brought out of a send,
                // only through it.
                sync.escaped = !sync.escaped;
                Some(if sync.escaped {
                    self.line.escape(now)
                } else {
                    Exchange::new(Job::Fill(FILLER_PIECES), deadline::FILL, now)
                })
            }
            Stage::Quiet => {
                self.sync = None;
                self.dirty = true;
                None
            }
        }
    }

    pub(super) fn sync_answered(&mut self, now: u64) {
        if self.serial.found() {
            self.on_ready(now);
            return;
        }
        if let Some(sync) = &mut self.sync {
            sync.stage = Stage::Quiet;
            self.hold_until = now + deadline::SYNC_QUIET;
        }
    }

    /// A result while nothing was asked: wait for silence again.
    pub(super) fn sync_noise(&mut self, now: u64) {
        if self.sync.is_some_and(|sync| sync.stage == Stage::Quiet) {
            self.hold_until = now + deadline::SYNC_QUIET;
        }
    }

    /// `ERROR`: it listens, but our `AT` got stuck to something older.
    pub(super) fn sync_rejected(&mut self, now: u64) {
        if let Some(sync) = &mut self.sync {
            sync.tries = 0;
            sync.rejected = true;
            self.hold_until = now + deadline::SYNC_QUIET;
        }
    }

    pub(super) fn sync_busy(&mut self, now: u64) {
        if let Some(sync) = &mut self.sync {
            sync.tries = 0;
            sync.busy = true;
            self.hold_until = now + deadline::BUSY_RETRY;
        }
    }

    /// The command of a set-up step, or `None` if this modem skips it.
    pub(super) fn setup_command(&mut self, step: Step, now: u64) -> Option<Exchange> {
        let job = Job::Setup(step);
        let dialect = self.dialect;
        Some(match step {
            Step::Echo => self.line.ask(job, &cmd::EchoOff {}, now),
            Step::Version => self.line.ask(job, &cmd::Version {}, now),
            Step::Store if dialect.sysstore => self.line.ask(job, &cmd::DoNotStore {}, now),
            Step::Store => return None,
            Step::Mode => {
                let command = cmd::WifiMode {
                    access_point: self.access_point.is_some(),
                    current: dialect.cur_suffix,
                };
                self.line.ask(job, &command, now)
            }
            Step::AccessPoint => {
                let memory = self.access_point.as_ref()?;
                self.line.ask(job, &memory.command(dialect), now)
            }
            Step::Links | Step::LinksAgain => self.line.ask(job, &cmd::MultipleLinks {}, now),
            Step::CloseAll => self.line.ask(job, &cmd::Close { link: 5 }, now),
            Step::CloseSingle => self.line.ask(job, &cmd::CloseSingle {}, now),
            Step::Normal => self.line.ask(job, &cmd::NormalTransmission {}, now),
            Step::Reset => self.line.ask(job, &cmd::Reset {}, now),
            Step::PeerInfo => self.line.ask(job, &cmd::PeerInfo { on: false }, now),
            Step::Receive if dialect.has(Capability::PassiveReceive) => {
                let passive = self.wants_passive();
                self.line.ask(job, &cmd::ReceiveMode { passive }, now)
            }
            Step::Receive => return None,
        })
    }

    /// A set-up step was not answered: once more, but not for ever.
    pub(super) fn setup_unanswered(&mut self, step: Step, now: u64) {
        self.setup_silences += 1;
        if self.setup_silences >= SETUP_TRIES {
            self.setup_silences = 0;
            if step == Step::Receive {
                // Which mode it is in decides what its words mean: silence
                // is no answer to that.
                self.gone(ModemError::NoReply, now);
                return;
            }
            self.setup_result(step, false, now);
        }
        self.begin_sync(now);
    }

    /// A set-up step was answered (or skipped, which counts as accepted).
    pub(super) fn setup_result(&mut self, step: Step, accepted: bool, now: u64) {
        let plain = !matches!(
            step,
            Step::Links
                | Step::CloseAll
                | Step::CloseSingle
                | Step::Normal
                | Step::LinksAgain
                | Step::Reset
        );
        let good = accepted && (step != Step::Version || self.version_seen);
        if good {
            self.setup_silences = 0;
        } else if plain && self.setup_refusals + 1 < SETUP_TRIES {
            debug!("set-up: {:?} refused, tried again", step);
            // One damaged byte must not decide what the modem is.
            self.setup_refusals += 1;
            self.dirty = true;
            return;
        }
        self.setup_refusals = 0;
        let next = match step {
            Step::Echo => {
                self.dialect = self.config.dialect.unwrap_or(&crate::Dialect::NONOS_1_1);
                self.version_seen = false;
                Step::Version
            }
            Step::Version => Step::Store,
            Step::Store => Step::Mode,
            Step::Mode => Step::AccessPoint,
            Step::AccessPoint if accepted => Step::Links,
            // Rather none than the one of the modem's flash, which may be open.
            Step::AccessPoint => {
                self.access_point = None;
                Step::Mode
            }
            Step::Links | Step::LinksAgain if accepted => Step::PeerInfo,
            Step::Links => Step::CloseAll,
            Step::CloseAll => Step::CloseSingle,
            Step::CloseSingle => Step::Normal,
            Step::Normal => Step::LinksAgain,
            Step::LinksAgain => Step::Reset,
            Step::Reset => {
                if accepted && self.resets == 0 {
                    self.resets = 1;
                    // `ready` starts the set-up again.
                    self.begin_sync(now);
                    self.hold_until = now + deadline::SYNC_TRY;
                    Step::Echo
                } else {
                    self.gone(ModemError::Rejected, now);
                    return;
                }
            }
            Step::PeerInfo => {
                // Off now, or for good.
                self.peer_info = super::PeerInfo::Off;
                Step::Receive
            }
            Step::Receive => {
                self.passive = accepted && self.wants_passive();
                self.mode_changed = false;
                self.mode_refused = false;
                self.life = Life::Ready;
                self.asleep = false;
                self.restore_rate();
                self.dirty = true;
                info!(
                    "the modem is ready: {}, {}",
                    self.dialect.name,
                    if self.passive {
                        "passive receive"
                    } else {
                        "active receive"
                    }
                );
                self.event(Event::Ready);
                return;
            }
        };
        self.life = Life::Starting(next);
        self.dirty = true;
    }
}
