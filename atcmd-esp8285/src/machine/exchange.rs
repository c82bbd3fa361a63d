//! The one thing being asked of the modem, and how far it has got.

use atat::AtatCmd;

use super::deadline;
use crate::at::command::{self as cmd, CommandText, write_line};
use crate::at::writer::LineWriter;

/// What an exchange is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Job {
    /// `AT` until the modem answers.
    Sync,
    /// `+++`: leave whatever data mode the modem is in. Never answered.
    Escape,
    /// Filler for a send that cannot be broken off, so many pieces after this
    /// one. Never answered.
    Fill(u8),
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
    /// How the next close of this link is to be done.
    CloseMode(u8, bool),
    /// What a link needs before it is opened.
    Prepare(u8, super::opening::Preparation),
    /// A step of the TCP server.
    Server(super::server::ServerStep),
    /// Whether received data waits in the modem.
    Mode {
        passive: bool,
    },
    /// Which links stand, and with whom.
    Status,
    /// A step of a change of the serial line.
    Serial,
    /// The command after which the modem restarts.
    Restart,
    /// Are links still numbered? They are not after a restart.
    Verify,
}

impl Job {
    /// The link whose connection this is about.
    pub(crate) fn link(self) -> Option<u8> {
        match self {
            Self::Connect(id)
            | Self::Send(id)
            | Self::Close(id)
            | Self::CloseMode(id, _)
            | Self::Prepare(id, _) => Some(id),
            _ => None,
        }
    }
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
    /// `no change`: set already, after which old firmware says no `OK`.
    NoChange,
    /// What it says of a numbered link when links are not numbered.
    NotNumbered,
    /// The server cannot be stopped without a restart.
    MustRestart,
}

/// The lines by which reasons are known. 0.2x says `ALREAY CONNECT`.
const REASONS: [(&str, Reason); 9] = [
    ("no change", Reason::NoChange),
    ("no ip", Reason::NoAddress),
    ("MUX=0", Reason::NotNumbered),
    ("MUX=1", Reason::NotNumbered),
    ("Link type ERROR", Reason::NotNumbered),
    ("Link typ ERROR", Reason::NotNumbered),
    ("ALREADY CONNECTED", Reason::AlreadyConnected),
    ("ALREADY CONNECT", Reason::AlreadyConnected),
    ("ALREAY CONNECT", Reason::AlreadyConnected),
];

impl Reason {
    pub(crate) fn parse(line: &[u8]) -> Option<Self> {
        let known = REASONS.iter().find(|(text, _)| text.as_bytes() == line)?;
        Some(known.1)
    }
}

/// What a modem that waits for the rest of a send is given. Firmware that waits
/// for a command instead passes over it.
pub(crate) const FILLER: &[u8] = &[b' '; 128];

/// Pieces of filler for the longest send there is, less one.
pub(crate) const FILLER_PIECES: u8 = (2048 / FILLER.len() - 1) as u8;

/// Room for every command but those of the control slot; the longest is the
/// access point's, which is repeated after a restart.
const LINE: usize = 256;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Exchange {
    pub(crate) job: Job,
    pub(crate) phase: Phase,
    pub(crate) began: u64,
    pub(crate) deadline: u64,
    /// A busy modem is asked again until then.
    pub(crate) patience: u64,
    pub(crate) reason: Option<Reason>,
    /// A send must be over by then, whatever else is still to come.
    pub(crate) limit: u64,
    /// Bytes of lines that nobody understood.
    pub(crate) noise: usize,
    /// Bytes of the command or the payload already written.
    pub(crate) out: usize,
}

impl Exchange {
    /// An exchange whose bytes are not in the [`Line`].
    pub(crate) fn new(job: Job, timeout: u64, now: u64) -> Self {
        Self {
            job,
            phase: Phase::Command,
            began: now,
            deadline: now.saturating_add(timeout),
            patience: now.saturating_add(timeout + deadline::BUSY_PATIENCE),
            reason: None,
            limit: u64::MAX,
            noise: 0,
            out: 0,
        }
    }

    /// Moves a send's deadline, within its limit.
    pub(crate) fn allow(&mut self, until: u64) {
        self.deadline = until.min(self.limit);
    }

    /// The same command again at `at`, with a deadline of its own.
    pub(crate) fn retry(&mut self, at: u64) {
        self.phase = Phase::Retry(at);
        self.reason = None;
    }

    /// Starts over when the time has come.
    pub(crate) fn restart(&mut self, now: u64) {
        let timeout = self.deadline.saturating_sub(self.began);
        self.phase = Phase::Command;
        self.out = 0;
        self.began = now;
        self.deadline = now.saturating_add(timeout);
    }
}

/// The command line of the exchange under way, kept for asking again.
pub(crate) struct Line {
    buf: [u8; LINE],
    len: usize,
}

impl Line {
    pub(crate) const fn new() -> Self {
        Self {
            buf: [0; LINE],
            len: 0,
        }
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.buf.get(..self.len).unwrap_or_default()
    }

    /// An exchange that sends `command`.
    #[inline]
    pub(crate) fn ask<C>(&mut self, job: Job, command: &C, now: u64) -> Exchange
    where
        C: AtatCmd + CommandText,
    {
        self.ask_within(job, command, C::MAX_TIMEOUT_MS, now)
    }

    #[inline(never)]
    fn ask_within(
        &mut self,
        job: Job,
        command: &dyn CommandText,
        milliseconds: u32,
        now: u64,
    ) -> Exchange {
        self.len = write_line(command, &mut self.buf);
        Exchange::new(job, u64::from(milliseconds) * 1000, now)
    }

    pub(crate) fn close(&mut self, link: u8, now: u64) -> Exchange {
        self.ask(Job::Close(link), &cmd::Close { link }, now)
    }

    /// An exchange that sends the escape sequence.
    pub(crate) fn escape(&mut self, now: u64) -> Exchange {
        self.len = LineWriter::new(&mut self.buf)
            .raw(b"+++")
            .finish()
            .unwrap_or(0);
        Exchange::new(Job::Escape, deadline::QUERY, now)
    }
}
