//! One TCP connection as the peer sees it.

use super::pattern::{Checksum, pattern_byte};
use super::request::{After, LINE, Request};

/// How long a session waits for its first line, in microseconds. A client that never speaks shall not
/// hold a connection for ever, and one that blocks in its stack shall come back.
pub const IMPATIENCE: u64 = 10_000_000;

/// How often a session looks whether what it was asked about has happened, in microseconds.
const LOOK_AGAIN: u64 = 5_000;

/// Bytes on their way out of a session at once.
const OUT: usize = 1024;

/// What whoever runs a session does next.
#[derive(Debug, PartialEq, Eq)]
pub enum Action<'a> {
    /// Send these bytes or the first few of them, and call [`Session::sent`] with how many.
    Send(&'a [u8]),
    /// Nothing to send. Call again when bytes or the end have come, or at this time at the latest; and
    /// look at [`Session::room`] again, which may have changed.
    Wait(Option<u64>),
    /// Connect to this port of the client, run a new [`Session`] there, and go on with this one too.
    Connect(u16),
    /// Close the sending direction only, and go on.
    Finish,
    /// Close the connection in order. The session is over.
    Close,
    /// Break the connection off with a reset. The session is over.
    Reset,
}

#[derive(Debug, Clone, Copy)]
enum Task {
    Line,
    Echo,
    /// Send `left` bytes, `chunk` every `every` microseconds.
    Send {
        left: u64,
        chunk: u64,
        every: u64,
        then: After,
    },
    Then(After),
    /// Swallow and count; before `deaf_until` not even that.
    Count {
        tag: Option<u64>,
        deaf_until: Option<u64>,
    },
    Tell(u64),
    HangUp,
    Over,
}

/// One connection of the peer: bytes in, actions out, no clock and no socket.
///
/// ```
/// use nal_socket::conformance::peer::{Action, Ledger, Session};
///
/// let mut ledger = Ledger::new();
/// let mut session = Session::new();
/// session.receive(b"SEND 3\n", &mut ledger);
/// let Action::Send(bytes) = session.next(0, &mut ledger) else { panic!() };
/// assert_eq!(bytes, [0, 7, 14]);
/// session.sent(3);
/// assert_eq!(session.next(0, &mut ledger), Action::Close);
/// ```
#[derive(Debug)]
pub struct Session {
    task: Task,
    line: [u8; LINE],
    line_length: usize,
    out: [u8; OUT],
    out_start: usize,
    out_end: usize,
    /// How much of the pattern was sent.
    position: u64,
    checksum: Checksum,
    received_end: bool,
    /// When the current task may go on, once that is known.
    due: Option<u64>,
    /// A length of time that starts with the next call of `next`.
    delay: Option<u64>,
    connect: Option<u16>,
}

impl Session {
    /// A session that waits for the client's first line.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            task: Task::Line,
            line: [0; LINE],
            line_length: 0,
            out: [0; OUT],
            out_start: 0,
            out_end: 0,
            position: 0,
            checksum: Checksum::new(),
            received_end: false,
            due: None,
            delay: Some(IMPATIENCE),
            connect: None,
        }
    }

    /// A session that greets the client with [`GREETING`](super::GREETING) before it is asked anything.
    #[must_use]
    pub fn speaking_first() -> Self {
        let mut session = Self::new();
        session.say(super::GREETING);
        session
    }

    /// How many bytes the session can take. Zero: leave what has come where it is, so that the sender
    /// runs into the wall.
    #[must_use]
    pub fn room(&self) -> usize {
        match self.task {
            Task::Line => 1,
            Task::Echo => OUT - (self.out_end - self.out_start),
            Task::Count {
                deaf_until: Some(_),
                ..
            } => 0,
            Task::Count { tag: None, .. } if self.out_end > self.out_start => 0,
            _ => OUT,
        }
    }

    /// Bytes have come, at most [`room`](Self::room). Returns how many were taken: the rest belongs to
    /// the request that the first ones made; give it again.
    pub fn receive(&mut self, bytes: &[u8], ledger: &mut Ledger) -> usize {
        let mut taken = 0;
        for byte in bytes {
            match self.task {
                Task::Line => self.line_byte(*byte, ledger),
                Task::Echo if self.room() == 0 => break,
                Task::Echo => {
                    self.say_byte(*byte);
                }
                Task::Count {
                    deaf_until: Some(_),
                    ..
                } => break,
                Task::Count { tag: None, .. } if *byte == super::TELL => {
                    let counted = self.checksum;
                    self.say_counted(counted, "");
                }
                Task::Count { .. } => self.checksum.add(*byte),
                _ => {}
            }
            taken += 1;
        }
        taken
    }

    /// The client has closed its direction, and everything before was received.
    pub fn end(&mut self, ledger: &mut Ledger) {
        if self.received_end {
            return;
        }
        self.received_end = true;
        if let Task::Count { tag: Some(tag), .. } = self.task {
            ledger.note(tag, self.checksum, Ending::End);
        }
        match self.task {
            // What is under way goes on: the client may have closed one direction only.
            Task::Send { .. } | Task::Then(After::Reset) | Task::Tell(_) | Task::Over => {}
            _ => self.task = Task::HangUp,
        }
    }

    /// The connection broke off. The session is over.
    pub fn broken(&mut self, ledger: &mut Ledger) {
        if let Task::Count { tag: Some(tag), .. } = self.task
            && !self.received_end
        {
            ledger.note(tag, self.checksum, Ending::Reset);
        }
        self.task = Task::Over;
    }

    /// So many bytes of the last [`Action::Send`] are on their way.
    pub fn sent(&mut self, count: usize) {
        self.out_start = self.out_start.saturating_add(count).min(self.out_end);
        if self.out_start == self.out_end {
            self.out_start = 0;
            self.out_end = 0;
        }
    }

    /// What to do at the time `now`, in microseconds from any starting point.
    pub fn next(&mut self, now: u64, ledger: &mut Ledger) -> Action<'_> {
        if let Some(delay) = self.delay.take() {
            self.due = Some(now.saturating_add(delay));
        }
        if let Some(port) = self.connect.take() {
            return Action::Connect(port);
        }
        self.fill(now, ledger);
        if self.out_end > self.out_start {
            return Action::Send(
                self.out
                    .get(self.out_start..self.out_end)
                    .unwrap_or_default(),
            );
        }
        let due = self.due.is_some_and(|due| now >= due);
        match self.task {
            Task::Line if due => self.over(Action::Close),
            Task::Line | Task::Echo | Task::Count { .. } | Task::Send { .. } => {
                Action::Wait(self.due)
            }
            Task::Then(After::Hold(_) | After::HoldThenReset(_)) if !due => Action::Wait(self.due),
            Task::Then(After::Half(tag)) if !self.received_end => {
                self.task = Task::Count {
                    tag,
                    deaf_until: None,
                };
                Action::Finish
            }
            Task::Tell(_) if !due => Action::Wait(Some(now.saturating_add(LOOK_AGAIN))),
            Task::Then(After::Reset | After::HoldThenReset(_)) => self.over(Action::Reset),
            Task::Then(_) | Task::Tell(_) | Task::HangUp | Task::Over => self.over(Action::Close),
        }
    }

    fn over(&mut self, action: Action<'static>) -> Action<'static> {
        self.task = Task::Over;
        action
    }

    /// Puts bytes into an empty `out` if it is time, and moves on to the next task.
    fn fill(&mut self, now: u64, ledger: &mut Ledger) {
        if self.out_end > self.out_start {
            return;
        }
        let due = self.due.is_none_or(|due| now >= due);
        match self.task {
            Task::Send { left: 0, then, .. } => {
                self.task = Task::Then(then);
                self.due = None;
                if let After::Hold(micros) | After::HoldThenReset(micros) = then {
                    self.due = Some(now.saturating_add(micros));
                }
            }
            Task::Send {
                left,
                chunk,
                every,
                then,
            } if due => {
                let count = left.min(chunk).min(OUT as u64);
                for _ in 0..count {
                    self.say_byte(pattern_byte(self.position));
                    self.position += 1;
                }
                self.task = Task::Send {
                    left: left - count,
                    chunk,
                    every,
                    then,
                };
                self.due = (every > 0).then_some(now.saturating_add(every));
            }
            Task::Count {
                tag,
                deaf_until: Some(_),
            } if due => {
                self.task = Task::Count {
                    tag,
                    deaf_until: None,
                };
                self.due = None;
            }
            Task::Tell(tag) => {
                if let Some((checksum, ending)) = ledger.look(tag) {
                    self.say_counted(
                        checksum,
                        match ending {
                            Ending::End => " END",
                            Ending::Reset => " RESET",
                        },
                    );
                    self.task = Task::HangUp;
                }
            }
            _ => {}
        }
    }

    fn line_byte(&mut self, byte: u8, ledger: &mut Ledger) {
        if byte != b'\n' {
            // A line that is too long is not a request that there is.
            if let Some(slot) = self.line.get_mut(self.line_length) {
                *slot = byte;
            }
            self.line_length = self.line_length.saturating_add(1);
            return;
        }
        let request = self
            .line
            .get(..self.line_length)
            .and_then(|line| core::str::from_utf8(line).ok())
            .and_then(Request::parse);
        self.line_length = 0;
        self.due = None;
        self.delay = None;
        match request {
            Some(request) => self.start(request, ledger),
            None => {
                self.say(super::UNKNOWN);
                self.task = Task::HangUp;
            }
        }
    }

    fn start(&mut self, request: Request, ledger: &mut Ledger) {
        self.task = match request {
            Request::Echo => Task::Echo,
            Request::Send {
                bytes,
                chunk,
                every,
                then,
            } => {
                self.delay = (every > 0).then_some(every);
                if let After::Half(Some(tag)) = then {
                    ledger.forget(tag);
                }
                Task::Send {
                    left: bytes,
                    chunk,
                    every,
                    then,
                }
            }
            Request::Count { tag, deaf } => {
                if let Some(tag) = tag {
                    ledger.forget(tag);
                }
                self.delay = deaf;
                Task::Count {
                    tag,
                    deaf_until: deaf,
                }
            }
            Request::Tell(tag) => {
                self.delay = Some(IMPATIENCE);
                Task::Tell(tag)
            }
            Request::Connect(port) => {
                self.connect = Some(port);
                self.delay = Some(IMPATIENCE);
                Task::Line
            }
        };
    }

    fn say_counted(&mut self, counted: Checksum, ending: &str) {
        let mut text = super::pattern::Text::new();
        text.counted(counted);
        self.say(text.bytes());
        self.say(ending.as_bytes());
        self.say(b"\n");
    }

    fn say(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.say_byte(*byte);
        }
    }

    /// Puts a byte out; false if there is no room.
    fn say_byte(&mut self, byte: u8) -> bool {
        if self.out_end == OUT && self.out_start > 0 {
            self.out.copy_within(self.out_start.., 0);
            self.out_end -= self.out_start;
            self.out_start = 0;
        }
        match self.out.get_mut(self.out_end) {
            Some(slot) => {
                *slot = byte;
                self.out_end += 1;
                true
            }
            None => false,
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self::new()
    }
}

/// How a counted connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    End,
    Reset,
}

/// What counted connections came to, so that another connection can ask: a client that has closed
/// cannot be told on the same one. Shared by all sessions of a peer.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: [Option<(u64, Checksum, Ending)>; 16],
    next: usize,
}

impl Ledger {
    /// Nothing noted.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            entries: [None; 16],
            next: 0,
        }
    }

    fn note(&mut self, tag: u64, checksum: Checksum, ending: Ending) {
        self.forget(tag);
        let count = self.entries.len();
        if let Some(entry) = self.entries.get_mut(self.next % count) {
            *entry = Some((tag, checksum, ending));
        }
        self.next = (self.next + 1) % count;
    }

    fn forget(&mut self, tag: u64) {
        for entry in &mut self.entries {
            if entry.is_some_and(|(noted, ..)| noted == tag) {
                *entry = None;
            }
        }
    }

    fn look(&self, tag: u64) -> Option<(Checksum, Ending)> {
        self.entries
            .iter()
            .flatten()
            .find(|(noted, ..)| *noted == tag)
            .map(|(_, checksum, ending)| (*checksum, *ending))
    }
}
