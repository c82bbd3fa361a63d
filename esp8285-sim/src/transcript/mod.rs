//! Exchanges between a host and a modem as text: recorded, read back, played again.
//!
//! ```
//! use esp8285_sim::{Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, Transcript};
//!
//! let modem = Modem::new(Dialect::NonOs1_7, Air::new(), MemoryNetwork::new());
//! let bench = Bench::new(modem, BenchConfig::default());
//! let session: Transcript = "\
//!     > ATE0\n\
//!     < ATE0\n\
//!     < OK\n\
//!     > AT+CIPSTATUS\n\
//!     < STATUS:5\n\
//!     < OK\n".parse().unwrap();
//! session.replay(&bench).unwrap();
//! ```
//!
//! Four forms of text are understood, line by line:
//!
//! | line | is |
//! |---|---|
//! | `12.000345 > AT\r\n` | recorded, as [`Log`] writes it: seconds (or `-`), direction, every byte |
//! | `> AT`, `< OK` | a line of the host's or the modem's, without its CR LF; `< >` and `>` are the prompt |
//! | `AT> AT`, `AT< OK`, `AT= >`, `AT! busy s...` | the same, as a well-known driver traces |
//! | `AT`, `OK` | a capture of the modem's output with the echo on: what begins with AT was sent, too |
//!
//! In front of the last three there may be a time of day; behind one, `SEND` and `RECV` name the direction too, and
//! quoted text has escapes and every byte. `<326B>` in a line stands for so many unknown bytes. Empty lines, lines of
//! dashes and those that begin with `#` mean nothing. A payload that a capture does not show is filled in.
//!
//! In lines, CRs and LFs at both ends are not compared, so that a log without its blank lines can be played; in
//! recorded entries every byte is.

mod escape;
mod forms;
mod log;
mod replay;

use std::fmt;
use std::str::FromStr;

use crate::bench::{Direction, Record};
pub use log::Log;
pub use replay::Mismatch;

/// What an unknown byte becomes.
const FILLER: u8 = b'x';

/// An exchange.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Transcript {
    entries: Vec<Entry>,
}

/// One piece of an exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    number: usize,
    at_us: Option<u64>,
    direction: Direction,
    pieces: Vec<Piece>,
    shape: Shape,
}

/// How much of an entry is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Every byte.
    Exact,
    /// A line, without its end.
    Line,
    /// The prompt, with or without its space.
    Prompt,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Known(Vec<u8>),
    Unknown(usize),
}

impl Entry {
    /// The line of the text it stood in, from 1.
    pub fn line_number(&self) -> usize {
        self.number
    }

    /// When, in microseconds, if the text says so. Only differences mean something.
    pub fn at_us(&self) -> Option<u64> {
        self.at_us
    }

    /// Who said it.
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Its bytes: a line with CR LF, unknown bytes as `x`.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for piece in &self.pieces {
            match piece {
                Piece::Known(known) => bytes.extend_from_slice(known),
                Piece::Unknown(count) => bytes.resize(bytes.len() + count, FILLER),
            }
        }
        // A frame ends with its payload.
        let ends_itself = matches!(self.pieces.last(), Some(Piece::Unknown(_)));
        if self.shape == Shape::Line && !ends_itself {
            bytes.extend_from_slice(b"\r\n");
        }
        bytes
    }

    /// Its text as far as it is text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }
}

impl Transcript {
    /// From what a [`Bench`](crate::Bench) has recorded.
    pub fn from_record(record: &[Record]) -> Self {
        let entry = |(number, (us, direction, bytes)): (usize, &Record)| Entry {
            number: number + 1,
            at_us: Some(*us),
            direction: *direction,
            pieces: vec![Piece::Known(bytes.clone())],
            shape: Shape::Exact,
        };
        Self {
            entries: record.iter().enumerate().map(entry).collect(),
        }
    }

    /// Its pieces in order.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Who said which bytes, in order: the modem's can be given to a driver's parser.
    pub fn exchange(&self) -> impl Iterator<Item = (Direction, Vec<u8>)> {
        self.entries
            .iter()
            .map(|entry| (entry.direction, entry.bytes()))
    }
}

/// The recorded form. A transcript read from it is written as it was read.
impl fmt::Display for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for entry in &self.entries {
            f.write_str(&log::line(entry.at_us, entry.direction, &entry.bytes()))?;
        }
        Ok(())
    }
}

/// A recorded line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TranscriptError {
    line: usize,
    what: &'static str,
}

impl fmt::Display for TranscriptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for TranscriptError {}

impl FromStr for Transcript {
    type Err = TranscriptError;

    fn from_str(text: &str) -> Result<Self, TranscriptError> {
        let mut entries = Vec::new();
        for (line, number) in text.lines().zip(1..) {
            let read = forms::read(number, line);
            entries.extend(read.map_err(|what| TranscriptError { line: number, what })?);
        }
        forms::fill_in_payloads(&mut entries);
        Ok(Self { entries })
    }
}
