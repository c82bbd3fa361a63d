//! What follows when the modem has not answered in time.

use super::State;
use super::exchange::{Job, Phase, Reason};
use super::link::State as LinkState;
use super::opening::Preparation;
use crate::error::ModemError;

impl<const RX: usize> State<RX> {
    /// Ends the exchange under way if its time is over, and offers one that
    /// was refused again.
    pub(super) fn check_exchange(&mut self, now: u64) {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        match exchange.phase {
            Phase::Retry(at) if now >= at => {
                exchange.restart(now);
                // What came meanwhile was somebody else's answer.
                if matches!(exchange.job, Job::Control) {
                    self.control.again();
                }
            }
            Phase::Retry(_) => {}
            _ if now >= exchange.deadline => self.on_timeout(now),
            _ => {}
        }
    }

    /// The exchange under way has not been answered.
    pub(super) fn on_timeout(&mut self, now: u64) {
        let Some(exchange) = &self.exchange else {
            return;
        };
        let job = exchange.job;
        warning!("not answered in time: {:?}", job);
        let unchanged = exchange.reason == Some(Reason::NoChange);
        match (job, exchange.phase) {
            (Job::Setup(step), Phase::Command) if unchanged => {
                self.exchange = None;
                self.setup_result(step, true, now);
                return;
            }
            (Job::Control, Phase::Command) if self.control.doubtful.is_some() => {
                self.exchange = None;
                if let Some(result) = self.control.doubtful.take() {
                    self.control_over(result, now);
                }
                return;
            }
            (Job::Control, Phase::Command) if self.control.is_unchanged() => {
                self.exchange = None;
                self.control_over(Ok(()), now);
                return;
            }
            // Only a failure, not silence.
            (Job::Send(_), Phase::SecondThought) => {
                self.send_over(false, now);
                return;
            }
            (Job::Sync | Job::Escape | Job::Fill(_), _) => {
                self.exchange = None;
                self.dirty = true;
                return;
            }
            (Job::Control, _) => self.control_over(Err(ModemError::NoReply), now),
            (Job::Send(_), phase) => {
                self.send_over(false, now);
                self.begin_sync(now);
                self.suspect = true;
                if !matches!(phase, Phase::SendResult) {
                    self.sync_escape(now);
                }
                return;
            }
            (Job::Connect(id), _) => {
                if let Some(link) = self.link(id)
                    && !matches!(link.state, LinkState::Closing)
                {
                    link.fail(crate::error::SocketError::TimedOut);
                    link.unsure = true;
                }
            }
            (Job::Read { link, .. }, _) => {
                // Whether it arrived is unknown: ask again.
                if let Some(link) = self.link(link) {
                    link.waiting = true;
                }
            }
            (Job::Setup(step), _) => {
                self.exchange = None;
                self.setup_unanswered(step, now);
                return;
            }
            (Job::Prepare(id, Preparation::NoDelay(on)), _) => {
                self.no_delay_answered(id, on, Err(ModemError::NoReply));
            }
            (Job::Prepare(id, _), _) => {
                if let Some(link) = self.link(id)
                    && matches!(link.state, LinkState::Wanted)
                {
                    link.fail(ModemError::NoReply.into());
                }
            }
            // Which mode it is in now, the next announcement or frame tells.
            (Job::Mode { passive }, _) => self.mode_answered(passive, false),
            (Job::Server(step), _) => self.server_unanswered(step, now),
            (Job::CloseMode(id, mode), _) => self.close_mode(id, mode),
            (Job::Serial, _) => {
                self.exchange = None;
                self.serial_unanswered(now);
                return;
            }
            (Job::Restart, _) if self.restart_is_over() => {}
            (Job::Restart, _) => self.restart_answered(Err(ModemError::NoReply), now),
            (Job::Lengths | Job::Close(_) | Job::Status | Job::Verify, _) => {}
        }
        self.exchange = None;
        self.suspect = self.is_ready() && !matches!(job, Job::Verify);
        // The modem may be busy, dead, or waiting for the rest of a send.
        self.begin_sync(now);
    }
}
