//! The one thing being asked of the modem, and how far it has got.

use atat::AtatCmd;

use super::deadline;
use crate::at::command as cmd;

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// `AT` until the modem answers.
    Sync,
    /// `+++`: leave whatever data mode the modem is in. Never answered.
    Escape,
    /// A step of the start-up.
    Setup(super::startup::Step),
    /// The request in the control slot.
    Control,
    Connect(u8),
    Send(u8),
    Read {
        link: u8,
        wanted: u16,
        got: u16,
    },
    Lengths,
    Close(u8),
}

/// Where an exchange stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The command goes out, or its result is awaited.
    Command,
    /// The modem was busy: the command goes out again at this time.
    Retry(u64),
    /// `AT+CIPSEND` was accepted, the prompt is awaited.
    Prompt,
    /// The payload goes out.
    Payload,
    /// The payload is out, `SEND OK` is awaited.
    SendResult,
    /// `SEND FAIL` came; a `SEND OK` may still follow.
    SecondThought,
}

/// Reason lines the modem prints before `ERROR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reason {
    NoAddress,
    AlreadyConnected,
}

impl Reason {
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        match line {
            b"no ip" => Some(Self::NoAddress),
            // 0.2x says `ALREAY CONNECT`.
            b"ALREADY CONNECTED" | b"ALREADY CONNECT" | b"ALREAY CONNECT" => {
                Some(Self::AlreadyConnected)
            }
            _ => None,
        }
    }
}

/// Room for every command but those of the control slot.
const LINE: usize = 64;

#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) job: Job,
    pub(crate) phase: Phase,
    pub(crate) began: u64,
    pub(crate) deadline: u64,
    /// A busy modem is asked again until then.
    pub(crate) patience: u64,
    pub(crate) reason: Option<Reason>,
    line: [u8; LINE],
    len: usize,
    /// Bytes of the command or the payload already written.
    pub(crate) out: usize,
}

impl Exchange {
    /// An exchange that sends `command`.
    pub(crate) fn new<C: AtatCmd>(job: Job, command: &C, now: u64) -> Self {
        let mut exchange = Self::bare(job, u64::from(C::MAX_TIMEOUT_MS) * 1000, now);
        exchange.len = command.write(&mut exchange.line);
        exchange
    }

    /// An exchange whose bytes are elsewhere.
    pub(crate) fn bare(job: Job, timeout: u64, now: u64) -> Self {
        Self {
            job,
            phase: Phase::Command,
            began: now,
            deadline: now.saturating_add(timeout),
            patience: now.saturating_add(timeout + deadline::BUSY_PATIENCE),
            reason: None,
            line: [0; LINE],
            len: 0,
            out: 0,
        }
    }

    /// The escape sequence.
    pub(crate) fn escape(now: u64) -> Self {
        let mut exchange = Self::bare(Job::Escape, deadline::QUERY, now);
        exchange.line = [b'+'; LINE];
        exchange.len = 3;
        exchange
    }

    pub(crate) fn command(&self) -> &[u8] {
        self.line.get(..self.len).unwrap_or_default()
    }

    /// The same command again at `at`, with a deadline of its own.
    pub(crate) fn retry(&mut self, at: u64) {
        self.phase = Phase::Retry(at);
        self.reason = None;
    }

    /// Starts over when the time has come.
    pub(crate) fn restart(&mut self, now: u64) {
        let timeout = self.deadline - self.began;
        self.phase = Phase::Command;
        self.out = 0;
        self.began = now;
        self.deadline = now.saturating_add(timeout);
    }
}

/// The command a job sends, for the jobs that are one fixed command.
pub(crate) fn close(link: u8, now: u64) -> Exchange {
    Exchange::new(Job::Close(link), &cmd::Close { link }, now)
}
