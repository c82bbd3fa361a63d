//! The slot for requests that are not about data: join, scan, resolve, and
//! commands of the user's own. One at a time; the modem can do no more.
//!
//! A request is one command, or several in a row (`step` counts them). The
//! lines of a reply are kept until the caller comes for them; those of a list
//! without a known length are handed over as they come, and a list that is not
//! fetched holds up the UART for a moment before entries are dropped.

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
    StationStatus,
    Addresses,
    AutoJoin,
    Reconnect,
    Dhcp,
    SetDhcp,
    StationAddress,
    SetStationAddress,
    DnsServers,
    SetDnsServers,
    HostName,
    SetHostName,
    StationMac,
    SetStationMac,
    Scan,
    StartAccessPoint,
    StopAccessPoint,
    AccessPointStatus,
    AccessPointAddress,
    SetAccessPointAddress,
    Stations,
    Resolve,
    Ping,
    TimeServers,
    Time,
    Sleep,
    Memory,
    LocalAddress,
    Version,
    User,
    /// Who asked is gone.
    #[cfg(feature = "async")]
    Nobody,
}

/// Who a request belongs to: what it is for, and its arguments' fingerprint.
pub(crate) type Owner = (Purpose, u32);

/// Says whether a line is an entry of the list that was asked for.
pub(crate) type IsEntry = fn(&[u8]) -> bool;

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
    pub(super) owner: Owner,
    /// Which command of several this is, from 0.
    step: u8,
    pub(crate) progress: Progress,
    pub(crate) line: Vec<u8, MAX_COMMAND>,
    /// Lines of the reply, separated by CR LF; of all steps so far.
    pub(crate) body: Vec<u8, MAX_RESPONSE>,
    /// Where the lines of this step start.
    body_start: usize,
    pub(crate) overflow: bool,
    pub(crate) timeout: u64,
    /// What is kept of the reply to a list; everything else keeps all.
    list: Option<IsEntry>,
    /// Nobody has fetched the list for long: entries that do not fit go.
    dropping: bool,
    /// Entries of the list that nobody will see.
    pub(crate) missed: u32,
    /// The entry last seen lacks its end: its name may hold a line feed.
    torn: bool,
    /// The result that came then, which may be a part of that name too.
    pub(crate) doubtful: Option<Result<(), ModemError>>,
}

/// What a caller finds when it comes to the slot.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Visit {
    /// This step of its own request has been answered.
    Answer(u8, Result<(), ModemError>),
    /// The slot is free for it.
    Free,
    /// Its own request or another's is under way.
    Busy,
}

impl Control {
    pub(crate) const fn new() -> Self {
        Self {
            owner: (Purpose::User, 0),
            step: 0,
            progress: Progress::Idle,
            line: Vec::new(),
            body: Vec::new(),
            body_start: 0,
            overflow: false,
            timeout: 0,
            list: None,
            dropping: false,
            missed: 0,
            torn: false,
            doubtful: None,
        }
    }

    pub(crate) fn visit(&mut self, owner: Owner, now: u64) -> Visit {
        let mine = self.owner == owner;
        match self.progress {
            Progress::Idle => Visit::Free,
            Progress::Queued | Progress::Running => Visit::Busy,
            #[cfg(feature = "async")]
            Progress::Done(..) if self.owner.0 == Purpose::Nobody => Visit::Free,
            Progress::Done(result, at) => {
                let age = now.saturating_sub(at);
                if mine && age < deadline::STALE {
                    self.progress = Progress::Idle;
                    Visit::Answer(self.step, result)
                } else if mine || age >= deadline::UNCLAIMED {
                    Visit::Free
                } else {
                    Visit::Busy
                }
            }
        }
    }

    /// Whether the owner's request has been done, which stays so for now.
    pub(crate) fn keep_done(&mut self, owner: Owner, now: u64) -> bool {
        match &mut self.progress {
            Progress::Done(Ok(()), at)
                if self.owner == owner && now.saturating_sub(*at) < deadline::STALE =>
            {
                *at = now;
                true
            }
            _ => false,
        }
    }

    /// Fills the slot. `write` returns the line's length, 0 if it did not fit.
    /// From step 1 on the reply so far is kept.
    pub(crate) fn fill(
        &mut self,
        owner: Owner,
        step: u8,
        timeout: u64,
        write: impl FnOnce(&mut [u8]) -> usize,
    ) -> bool {
        if step == 0 {
            self.empty();
        }
        self.owner = owner;
        self.step = step;
        self.timeout = timeout;
        self.body_start = self.body.len();
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

    /// The request just put in is for a list of entries.
    pub(crate) fn fill_list(&mut self, is_entry: IsEntry) {
        self.list = Some(is_entry);
    }

    /// A command whose bytes are written by somebody else.
    pub(crate) fn external(&mut self) {
        self.owner = (Purpose::User, 0);
        self.step = 0;
        self.empty();
        self.line.clear();
        self.progress = Progress::Running;
    }

    fn empty(&mut self) {
        // A reply can hold a password.
        self.body.fill(0);
        self.body.clear();
        self.body_start = 0;
        self.overflow = false;
        self.list = None;
        self.dropping = false;
        self.missed = 0;
        self.torn = false;
        self.doubtful = None;
    }

    /// Who asked is gone: what has not been sent is not, and the answer to what
    /// has been is nobody's.
    #[cfg(feature = "async")]
    pub(crate) fn disown(&mut self) {
        self.owner = (Purpose::Nobody, 0);
        self.dropping = true;
        if !matches!(self.progress, Progress::Running) {
            self.progress = Progress::Idle;
            self.line.fill(0);
            self.line.clear();
            self.empty();
        }
    }

    pub(crate) fn collect(&mut self, line: &[u8]) {
        if let Some(is_entry) = self.list {
            if !is_entry(line) {
                return;
            }
            self.torn = line.starts_with(b"+CWLAP:(") && !ends_entry(line);
        }
        if !self.has_room(line) {
            self.overflow = true;
            self.missed = self.missed.saturating_add(1);
            return;
        }
        let separator: &[u8] = if self.body.is_empty() { b"" } else { b"\r\n" };
        // There is room for both.
        let _ = self.body.extend_from_slice(separator);
        let _ = self.body.extend_from_slice(line);
    }

    /// Whether this line is the rest of a name with line feeds in it, and so
    /// no message of the modem's, whatever it looks like.
    pub(crate) fn is_rest_of_name(&mut self, line: &[u8]) -> bool {
        if !self.is_torn() || self.list.is_some_and(|is_entry| is_entry(line)) {
            return false;
        }
        self.torn = !ends_entry(line);
        true
    }

    /// Whether a name with line feeds in it may go on.
    pub(crate) fn is_torn(&self) -> bool {
        self.torn && matches!(self.progress, Progress::Running)
    }

    fn has_room(&self, line: &[u8]) -> bool {
        self.body.len() + 2 + line.len() <= MAX_RESPONSE
    }

    /// Whether this line has to wait until the list so far is fetched.
    pub(crate) fn must_wait(&self, line: &[u8]) -> bool {
        matches!(self.progress, Progress::Running)
            && !self.dropping
            && self.list.is_some_and(|is_entry| is_entry(line))
            && !self.has_room(line)
            && !self.body.is_empty()
    }

    /// Nobody fetches the list: what does not fit is dropped until somebody
    /// does.
    pub(crate) fn drop_entries(&mut self) {
        self.dropping = true;
    }

    /// Hands over the entries of the owner's list that have come, if any.
    pub(crate) fn fetch(&mut self, owner: Owner, mut entry: impl FnMut(&[u8])) -> bool {
        if self.owner != owner || self.list.is_none() || self.body.is_empty() {
            return false;
        }
        for line in crate::at::command::lines(&self.body).filter(|line| !line.is_empty()) {
            entry(line);
        }
        self.body.clear();
        self.body_start = 0;
        self.dropping = false;
        true
    }

    /// Whether the modem has said that this step changes nothing, after which
    /// old firmware says no `OK`.
    pub(crate) fn is_unchanged(&self) -> bool {
        let said = self.body.get(self.body_start..).unwrap_or_default();
        self.list.is_none() && crate::at::command::lines(said).any(|line| line == b"no change")
    }

    /// The command goes out again: what came meanwhile was not its reply.
    pub(crate) fn again(&mut self) {
        self.body.truncate(self.body_start);
    }

    pub(crate) fn done(&mut self, result: Result<(), ModemError>, now: u64) {
        self.progress = Progress::Done(result, now);
        // Passwords must not outlive their use.
        self.line.fill(0);
        self.line.clear();
    }
}

fn ends_entry(line: &[u8]) -> bool {
    line.trim_ascii_end().ends_with(b")")
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
