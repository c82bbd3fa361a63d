//! What prompts and results mean for what is being asked of the modem.

use atat::InternalError;

use super::exchange::{Exchange, Job, Phase, Reason};
use super::link::State as LinkState;
use super::{State, deadline};
use crate::error::ModemError;

/// The results there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answer {
    Ok,
    Error,
    Busy,
    SendOk,
    SendFail,
    SendCanceled,
}

const ANSWERS: [(&str, Answer); 4] = [
    ("", Answer::Ok),
    ("SEND OK", Answer::SendOk),
    ("SEND FAIL", Answer::SendFail),
    ("SEND Canceled", Answer::SendCanceled),
];

impl Answer {
    fn of(result: Result<&[u8], InternalError<'_>>) -> Option<Self> {
        let text = match result {
            Ok(text) | Err(InternalError::Custom(text)) => text,
            Err(InternalError::Error) => return Some(Self::Error),
            Err(_) => return None,
        };
        let mut table = ANSWERS.iter();
        let known = table.find(|(known, _)| known.as_bytes() == text);
        match known {
            Some((_, answer)) => Some(*answer),
            None => text.starts_with(b"busy").then_some(Self::Busy),
        }
    }
}

impl<const RX: usize> State<RX> {
    /// The modem wants the payload of a send.
    pub(super) fn on_prompt(&mut self, now: u64) {
        if self.is_booting() {
            return; // noise
        }
        if self.sync.is_some() && self.exchange.is_none_or(|e| matches!(e.job, Job::Sync)) {
            // A late one, for a send that was given up.
            self.exchange = None;
            self.sync_escape(now);
            return;
        }
        if self.staging.is_orphaned()
            && self.exchange.is_some_and(|e| {
                matches!(e.job, Job::Send(_)) && !matches!(e.phase, Phase::Payload)
            })
        {
            // Somebody else has the link by now.
            self.send_over(false, now);
            self.begin_sync(now);
            self.sync_escape(now);
            return;
        }
        let ok_first = self.dialect.ok_before_prompt;
        if let Some(exchange) = &mut self.exchange
            && matches!(exchange.job, Job::Send(_))
            && (matches!(exchange.phase, Phase::Prompt)
                || (matches!(exchange.phase, Phase::Command) && !ok_first))
        {
            exchange.phase = Phase::Payload;
            exchange.out = 0;
            exchange.allow(now + deadline::SEND_RESULT);
            self.dirty = true;
        }
    }

    /// `OK`, `ERROR`, `SEND OK`, `busy p...` and their kin.
    pub(super) fn on_result(&mut self, result: Result<&[u8], InternalError<'_>>, now: u64) {
        self.dirty = true;
        let Some(answer) = Answer::of(result) else {
            return;
        };
        if self.swallow_ok && answer == Answer::Ok {
            self.swallow_ok = false;
            return;
        }
        if self.sync.is_some() && self.exchange.is_none() {
            self.sync_noise(now);
            return;
        }
        let written = self.is_command_written();
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        match (exchange.phase, answer) {
            // It cannot be about a command that is not out yet.
            (Phase::Command, _) if !written => {}
            // Late answers to something else, while nothing is asked.
            (Phase::Retry(_), _) => {}
            (Phase::Command, answer)
                if matches!(exchange.job, Job::Control) && self.control.is_torn() =>
            {
                // The end of the list, or a part of somebody's network name.
                let result = match answer {
                    Answer::Ok => Ok(()),
                    Answer::Error => Err(ModemError::Rejected),
                    _ => return,
                };
                self.control.doubtful = Some(result);
                exchange.deadline = now + deadline::LIST_SECOND_THOUGHT;
            }
            (Phase::Command, Answer::Busy) => self.on_busy(now),
            (Phase::Command, Answer::Ok) => self.on_ok(now),
            (Phase::Command, Answer::Error) => self.on_error(now),
            (Phase::SendResult | Phase::SecondThought, Answer::SendOk) => {
                self.send_over(true, now);
            }
            (Phase::Payload, Answer::SendFail) => {
                // The modem still swallows the rest of the payload.
                exchange.limit = exchange.limit.min(now + deadline::SEND_AFTER_CLOSE);
                exchange.allow(exchange.deadline);
            }
            (Phase::SendResult, Answer::SendFail) => {
                exchange.phase = Phase::SecondThought;
                exchange.deadline = now + deadline::SEND_SECOND_THOUGHT;
            }
            (Phase::Prompt | Phase::SendResult, Answer::Error)
            | (Phase::Payload | Phase::SendResult, Answer::SendCanceled) => {
                self.send_over(false, now);
            }
            _ => {}
        }
    }

    /// The command was not taken: offer it again.
    fn on_busy(&mut self, now: u64) {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        trace!("the modem is busy: {:?} has to wait", exchange.job);
        if matches!(exchange.job, Job::Sync) {
            self.exchange = None;
            self.sync_busy(now);
        } else if matches!(exchange.job, Job::Serial) && self.serial.is_proving() {
            self.exchange = None;
            self.serial_answered(now);
        } else if now < exchange.patience {
            exchange.retry(now + deadline::BUSY_RETRY);
        } else {
            match exchange.job {
                Job::Control => self.control_over(Err(ModemError::Rejected), now),
                Job::Restart => self.restart_answered(Err(ModemError::Rejected), now),
                _ => {}
            }
            self.on_timeout(now);
        }
    }

    fn on_ok(&mut self, now: u64) {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        match exchange.job {
            Job::Send(_) => {
                exchange.phase = Phase::Prompt;
                return;
            }
            Job::Sync => {
                self.exchange = None;
                self.sync_answered(now);
                return;
            }
            Job::Escape | Job::Fill(_) => {}
            Job::Setup(step) => {
                self.exchange = None;
                self.setup_result(step, true, now);
                return;
            }
            Job::Control => self.control_over(Ok(()), now),
            Job::Serial => {
                self.exchange = None;
                self.serial_answered(now);
                return;
            }
            Job::Restart => {
                self.exchange = None;
                self.restart_answered(Ok(()), now);
                return;
            }
            Job::Connect(id) => {
                if let Some(link) = self.link(id) {
                    // Also when it was given up meanwhile: now it is known
                    // what there is to close.
                    link.unsure = false;
                    link.reopening = false;
                    link.news = now;
                    link.since = now;
                    let doubtful = core::mem::take(&mut link.doubtful);
                    if matches!(link.state, LinkState::Opening { .. }) {
                        if doubtful {
                            link.not_opened();
                            link.state = LinkState::Wanted;
                            self.exchange = Some(self.line.close(id, now));
                            return;
                        }
                        link.state = LinkState::Open;
                    }
                }
            }
            Job::Read { link, wanted, got } => {
                let noise = exchange.noise;
                if got == 0 && noise > 0 {
                    // A damaged header: its data went by as text.
                    self.lose(link, noise);
                }
                self.read_over(link, wanted, got);
            }
            Job::Lengths => {}
            Job::Verify => {
                if exchange.reason == Some(Reason::NotNumbered) {
                    self.on_ready(now);
                    return;
                }
            }
            Job::Close(id) => {
                let asked_at = exchange.began;
                self.link_gone(id, asked_at);
            }
            Job::CloseMode(id, mode) => self.close_mode(id, mode),
            Job::Mode { passive } => self.mode_answered(passive, true),
            Job::Prepare(id, preparation) => self.prepared(id, preparation, true),
            Job::Server(step) => {
                let reason = exchange.reason;
                self.server_result(step, reason, true, now);
            }
            Job::Status => {
                let exchange = *exchange;
                self.status_over(&exchange, now);
            }
        }
        self.exchange = None;
    }

    fn on_error(&mut self, now: u64) {
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        debug!("refused: {:?}", exchange.job);
        match exchange.job {
            Job::Sync => self.sync_rejected(now),
            Job::Escape | Job::Fill(_) | Job::Lengths | Job::Verify => {}
            Job::Setup(step) => self.setup_result(step, false, now),
            Job::Control => self.control_over(Err(ModemError::Rejected), now),
            Job::Serial => self.serial_rejected(now),
            Job::Restart => self.restart_answered(Err(ModemError::Rejected), now),
            Job::Connect(id) => self.connect_failed(id, &exchange, now),
            Job::Send(_) => {
                self.exchange = Some(exchange);
                self.send_over(false, now);
            }
            Job::Read { link, .. } => {
                // Nothing is there: on ESP-AT that is how it says so. After
                // a restart it means something else.
                let suspect = self.suspect;
                if let Some(link) = self.link(link) {
                    link.waiting = suspect;
                }
                if !suspect {
                    self.drained(link);
                }
            }
            Job::Close(id) => self.link_gone(id, exchange.began),
            Job::CloseMode(id, mode) => self.close_mode(id, mode),
            Job::Mode { passive } => self.mode_answered(passive, false),
            Job::Prepare(id, preparation) => self.prepared(id, preparation, false),
            Job::Server(step) => self.server_result(step, None, false, now),
            Job::Status => {
                // No list: nothing follows from what is not in it.
                let exchange = Exchange {
                    noise: 1,
                    ..exchange
                };
                self.status_over(&exchange, now);
            }
        }
    }
}
