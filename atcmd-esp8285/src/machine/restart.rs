//! Restarts that are asked for: what they are, and what they leave behind.

use super::exchange::{Exchange, Job, Phase as ExchangePhase};
use super::startup::Life;
use super::{Outcome, State, deadline};
use crate::at::command as cmd;
use crate::error::{ModemError, SocketError};

/// What makes the modem restart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Reset,
    Restore,
    /// Deep sleep: the restart comes later.
    Sleep {
        milliseconds: u32,
    },
    /// The enable pin.
    #[cfg(feature = "embedded-hal-v1")]
    Pin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// The command is due.
    Wanted,
    Asked,
    /// The pin is low until then.
    #[cfg(feature = "embedded-hal-v1")]
    Low(u64),
    /// It starts, and is being set up.
    Booting,
    Over(Result<(), ModemError>),
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Restart {
    kind: Kind,
    phase: Phase,
    /// When it began, or its caller last came.
    began: u64,
    /// Who asked is gone.
    abandoned: bool,
}

impl<const RX: usize> State<RX> {
    /// Makes the modem restart, and waits until it is set up again.
    pub(crate) fn restart(&mut self, kind: Kind, now: u64) -> Outcome<(), ModemError> {
        if let Some(restart) = self.restart {
            let unclaimed = now.saturating_sub(restart.began) >= deadline::RESTART_UNCLAIMED;
            let stale = restart.abandoned || unclaimed;
            match self.restart_outcome() {
                None => {
                    if restart.kind == kind {
                        self.restart = Some(Restart {
                            began: now,
                            ..restart
                        });
                    }
                    return Ok(None);
                }
                Some(result) if restart.kind == kind && !stale => {
                    self.restart = None;
                    return result.map(Some);
                }
                // Somebody else's, who does not seem to come back for it.
                Some(_) if !stale && restart.kind != kind => return Ok(None),
                Some(_) => self.restart = None,
            }
        }
        if !self.is_ready() {
            if let Some(error) = self.take_start_error() {
                return Err(error);
            }
            self.start(now);
            return Ok(None);
        }
        self.restart = Some(Restart {
            kind,
            phase: Phase::Wanted,
            began: now,
            abandoned: false,
        });
        // Whatever it is doing, it need not finish.
        if matches!(kind, Kind::Reset) && self.dialect.reset_when_busy && self.is_command_taken() {
            self.abandon_exchange(now);
        }
        self.dirty = true;
        Ok(None)
    }

    /// The modem has a command of ours and has not answered yet.
    fn is_command_taken(&self) -> bool {
        self.exchange.is_some_and(|exchange| match exchange.phase {
            ExchangePhase::Command => self.is_command_written(),
            ExchangePhase::Retry(_) => true,
            _ => false,
        })
    }

    /// Gives up what the modem is being asked, since it is about to restart.
    fn abandon_exchange(&mut self, now: u64) {
        let Some(exchange) = self.exchange else {
            return;
        };
        let error = ModemError::Restarted;
        match exchange.job {
            // Nothing depends on those; a close is asked for again.
            Job::Lengths | Job::Verify | Job::Close(_) => {}
            Job::Control => self.control_over(Err(error), now),
            Job::Send(_) => self.send_over(false, now),
            Job::Connect(id) => {
                if let Some(link) = self.link(id) {
                    link.fail(SocketError::Modem(error));
                    link.unsure = true;
                }
            }
            Job::Read { link, .. } => {
                if let Some(link) = self.link(link) {
                    link.waiting = true;
                }
            }
            _ => return,
        }
        self.exchange = None;
    }

    /// Who asked for the restart is gone: one that is not under way is not
    /// wanted, and the outcome of one that is, is nobody's.
    #[cfg(feature = "async")]
    pub(crate) fn abandon_restart(&mut self) {
        match &mut self.restart {
            Some(restart) if restart.phase == Phase::Wanted => self.restart = None,
            Some(restart) => restart.abandoned = true,
            None => {}
        }
    }

    /// Whether the caller only has to be told.
    pub(super) fn restart_is_over(&self) -> bool {
        self.restart
            .is_some_and(|restart| matches!(restart.phase, Phase::Over(_)))
    }

    fn restart_outcome(&mut self) -> Option<Result<(), ModemError>> {
        let restart = self.restart?;
        match restart.phase {
            Phase::Over(result) => Some(result),
            Phase::Booting if self.is_ready() => Some(Ok(())),
            _ if self.is_off() => {
                let error = self.take_start_error();
                Some(Err(error.unwrap_or(ModemError::NoReply)))
            }
            _ => None,
        }
    }

    /// The command of a restart that is wanted.
    pub(super) fn restart_wanted(&mut self, now: u64) -> Option<Exchange> {
        let restart = self.restart.as_mut()?;
        if !matches!(restart.phase, Phase::Wanted) {
            return None;
        }
        restart.phase = Phase::Asked;
        let job = Job::Restart;
        Some(match restart.kind {
            Kind::Restore => self.line.ask(job, &cmd::Restore {}, now),
            Kind::Sleep { milliseconds } => {
                self.line.ask(job, &cmd::DeepSleep { milliseconds }, now)
            }
            _ => self.line.ask(job, &cmd::Reset {}, now),
        })
    }

    /// The modem's answer to it.
    pub(super) fn restart_answered(&mut self, result: Result<(), ModemError>, now: u64) {
        let Some(restart) = &mut self.restart else {
            return;
        };
        match (restart.kind, result) {
            (_, Err(error)) => restart.phase = Phase::Over(Err(error)),
            (Kind::Sleep { .. }, Ok(())) => {
                restart.phase = Phase::Over(Ok(()));
                self.fall_asleep(now);
            }
            (kind, Ok(())) => {
                restart.phase = Phase::Booting;
                if kind == Kind::Restore {
                    self.serial.forget();
                }
                self.expect_restart(now);
            }
        }
    }

    /// `ready` came: that is the restart which was asked for, if one was.
    pub(super) fn restart_seen(&mut self) -> bool {
        match &mut self.restart {
            Some(restart) if matches!(restart.phase, Phase::Asked | Phase::Booting) => {
                restart.phase = Phase::Booting;
                true
            }
            _ => false,
        }
    }

    /// The modem restarts now: everything is lost, and `ready` will come.
    pub(super) fn expect_restart(&mut self, now: u64) {
        self.start_error = None;
        self.forget_session(now);
        self.serial.restarting();
        self.life = Life::Starting(super::startup::Step::Echo);
        self.begin_sync(now);
        self.sync_boot();
        self.hold_until = now + deadline::BOOT;
    }

    /// The modem goes to sleep: `ready` will wake the driver, too.
    fn fall_asleep(&mut self, now: u64) {
        self.forget_session(now);
        self.serial.restarting();
        self.sync = None;
        self.life = Life::Off;
        self.asleep = true;
        self.dirty = true;
    }

    #[cfg(feature = "embedded-hal-v1")]
    pub(crate) fn reset_by_pin<P: embedded_hal::digital::OutputPin>(
        &mut self,
        enable: &mut P,
        now: u64,
    ) -> Outcome<(), crate::system::PinResetError> {
        use crate::system::PinResetError;
        use embedded_hal::digital::Error as _;

        let pin_error = |e: P::Error| PinResetError::Pin(e.kind());
        let kind = Kind::Pin;
        match self.restart {
            Some(Restart {
                kind: Kind::Pin,
                phase: Phase::Low(until),
                ..
            }) => {
                if now < until {
                    return Ok(None);
                }
                enable.set_high().map_err(pin_error)?;
                self.restart = Some(Restart {
                    kind,
                    phase: Phase::Booting,
                    began: now,
                    abandoned: false,
                });
                self.expect_restart(now);
                Ok(None)
            }
            Some(Restart {
                kind: Kind::Pin,
                began,
                ..
            }) if now.saturating_sub(began) < deadline::RESTART_UNCLAIMED => {
                let Some(result) = self.restart_outcome() else {
                    if let Some(restart) = &mut self.restart {
                        restart.began = now;
                    }
                    return Ok(None);
                };
                self.restart = None;
                Ok(result.map(Some)?)
            }
            // Another kind of restart is overtaken by this one.
            _ => {
                enable.set_low().map_err(pin_error)?;
                self.expect_restart(now);
                self.restart = Some(Restart {
                    kind,
                    phase: Phase::Low(now + deadline::PIN_LOW),
                    began: now,
                    abandoned: false,
                });
                Ok(None)
            }
        }
    }
}
