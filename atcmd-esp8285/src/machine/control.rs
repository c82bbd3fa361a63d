//! The slot for requests that are not about data: join, leave, resolve, and
//! commands of the user's own. One at a time; the modem can do no more.

use heapless::Vec;

use super::deadline;
use crate::at::{MAX_COMMAND, MAX_RESPONSE};
use crate::error::ModemError;

/// Who uses the slot. Together with the fingerprint of the arguments it tells
/// whether a call continues the request in the slot or is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    Join,
    Leave,
    Resolve,
    Ping,
    TimeServers,
    Time,
    Sleep,
    Memory,
    Version,
    User,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Progress {
    Idle,
    /// Encoded and waiting for the line.
    Queued,
    /// Sent, reply awaited.
    Running,
    /// Replied at the given time.
    Done(Result<(), ModemError>, u64),
}

/// The slot.
pub(crate) struct Control {
    pub(crate) purpose: Purpose,
    pub(crate) fingerprint: u32,
    pub(crate) progress: Progress,
    pub(crate) line: Vec<u8, MAX_COMMAND>,
    /// Lines of the reply, separated by CR LF.
    pub(crate) body: Vec<u8, MAX_RESPONSE>,
    pub(crate) overflow: bool,
    pub(crate) timeout: u64,
}

/// What a caller finds when it comes to the slot.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Visit {
    /// Its own request has been answered.
    Answer(Result<(), ModemError>),
    /// The slot is free for it.
    Free,
    /// Its own request or another's is under way.
    Busy,
}

impl Control {
    pub(crate) const fn new() -> Self {
        Self {
            purpose: Purpose::User,
            fingerprint: 0,
            progress: Progress::Idle,
            line: Vec::new(),
            body: Vec::new(),
            overflow: false,
            timeout: 0,
        }
    }

    pub(crate) fn visit(&mut self, purpose: Purpose, fingerprint: u32, now: u64) -> Visit {
        let mine = self.purpose == purpose && self.fingerprint == fingerprint;
        match self.progress {
            Progress::Idle => Visit::Free,
            Progress::Queued | Progress::Running => Visit::Busy,
            Progress::Done(result, at) => {
                let age = now.saturating_sub(at);
                if mine && age < deadline::STALE {
                    self.progress = Progress::Idle;
                    Visit::Answer(result)
                } else if mine || age >= deadline::UNCLAIMED {
                    Visit::Free
                } else {
                    Visit::Busy
                }
            }
        }
    }

    /// Fills the slot. `write` returns the line's length, 0 if it did not fit.
    pub(crate) fn fill(
        &mut self,
        purpose: Purpose,
        fingerprint: u32,
        timeout: u64,
        write: impl FnOnce(&mut [u8]) -> usize,
    ) -> bool {
        self.purpose = purpose;
        self.fingerprint = fingerprint;
        self.timeout = timeout;
        self.body.clear();
        self.overflow = false;
        self.line.clear();
        // Within capacity by construction.
        let _ = self.line.resize_default(MAX_COMMAND);
        let len = write(&mut self.line);
        self.line.truncate(len);
        let fits = len > 0 && len <= MAX_COMMAND;
        self.progress = if fits {
            Progress::Queued
        } else {
            Progress::Idle
        };
        fits
    }

    /// A command whose bytes are written by somebody else.
    pub(crate) fn external(&mut self) {
        self.purpose = Purpose::User;
        self.fingerprint = 0;
        self.body.clear();
        self.overflow = false;
        self.line.clear();
        self.progress = Progress::Running;
    }

    pub(crate) fn collect(&mut self, line: &[u8]) {
        let separator: &[u8] = if self.body.is_empty() { b"" } else { b"\r\n" };
        if self.body.extend_from_slice(separator).is_err()
            || self.body.extend_from_slice(line).is_err()
        {
            self.overflow = true;
        }
    }

    pub(crate) fn done(&mut self, result: Result<(), ModemError>, now: u64) {
        self.progress = Progress::Done(result, now);
        // Passwords must not outlive their use.
        self.line.fill(0);
        self.line.clear();
    }
}

/// FNV-1a over the arguments of a request.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> u32 {
    let mut hash = 0x811c_9dc5_u32;
    for part in parts {
        // The length separates the parts.
        for byte in part.iter().copied().chain(part.len().to_le_bytes()) {
            hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        }
    }
    hash
}
