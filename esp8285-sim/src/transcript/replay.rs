//! Playing an exchange against a simulated modem.

use std::fmt;

use embedded_io::{Read, ReadReady, Write};

use super::escape::escape;
use super::{Entry, Piece, Shape, Transcript};
use crate::bench::{Bench, Direction, UartError, VirtualUart};

/// How long the modem may take for its next word, in microseconds.
const PATIENCE_US: u64 = 60_000_000;

/// How long the modem has to be silent behind its last word, in microseconds.
const AFTERWARDS_US: u64 = 100_000;

/// Where a replay left its script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    line: usize,
    expected: String,
    seen: String,
}

impl Mismatch {
    /// The line of the text whose entry did not come, from 1; one behind the last when more came than was written.
    pub fn line_number(&self) -> usize {
        self.line
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            line,
            expected,
            seen,
        } = self;
        write!(
            f,
            "line {line}: expected \"{expected}\", the modem said \"{seen}\""
        )
    }
}

impl std::error::Error for Mismatch {}

impl Transcript {
    /// Sends what the host says and compares what the modem says, in the bench's virtual time.
    ///
    /// An entry of the host's is sent as soon as everything before it has been said, or at its time, whichever is
    /// later. Times of the modem's entries are not compared.
    ///
    /// # Errors
    ///
    /// The first difference; for an answer that does not come that is after a virtual minute. Behind the modem's
    /// last entry it has to be silent for 100 ms.
    pub fn replay(&self, bench: &Bench) -> Result<(), Mismatch> {
        self.replay_with(bench, |_, _| {})
    }

    /// As [`replay`](Self::replay), and calls `before` ahead of each entry, so that peers and access points can
    /// play their part.
    ///
    /// # Errors
    ///
    /// The first difference.
    pub fn replay_with(
        &self,
        bench: &Bench,
        mut before: impl FnMut(&Bench, &Entry),
    ) -> Result<(), Mismatch> {
        let mut player = Player {
            bench,
            uart: bench.uart(),
            seen: Vec::new(),
        };
        let mut zero = None;
        for entry in &self.entries {
            before(bench, entry);
            match entry.direction {
                Direction::ToModem => {
                    if let Some(at) = entry.at_us {
                        let zero = *zero.get_or_insert((at, bench.now()));
                        let due = zero.1.saturating_add(at.saturating_sub(zero.0));
                        player.wait_until(due);
                    }
                    player.send(&entry.bytes());
                }
                Direction::FromModem => player.expect(entry)?,
            }
        }
        let last = self.entries.last();
        if last.is_some_and(|last| last.direction == Direction::FromModem) {
            player.wait_until(bench.now().saturating_add(AFTERWARDS_US));
        }
        let rest = trim_start(&player.seen);
        if rest.is_empty() || rest == b" " {
            return Ok(());
        }
        Err(Mismatch {
            line: last.map_or(1, |last| last.number + 1),
            expected: String::new(),
            seen: escape(rest),
        })
    }
}

struct Player<'a> {
    bench: &'a Bench,
    uart: VirtualUart,
    /// Received and not compared yet.
    seen: Vec<u8>,
}

impl Player<'_> {
    fn send(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            match self.uart.write(rest) {
                Ok(length) => rest = rest.get(length..).unwrap_or(&[]),
                Err(UartError::Full) => self.pass(None),
            }
        }
    }

    fn wait_until(&mut self, us: u64) {
        while self.bench.now() < us {
            self.pass(Some(us));
        }
    }

    fn pass(&mut self, until: Option<u64>) {
        self.bench.idle(until);
        self.receive();
    }

    fn receive(&mut self) {
        let mut buffer = [0; 256];
        while self.uart.read_ready() == Ok(true) {
            let length = self.uart.read(&mut buffer).unwrap_or(0);
            self.seen.extend(buffer.iter().take(length));
        }
    }

    fn expect(&mut self, entry: &Entry) -> Result<(), Mismatch> {
        let end = self.bench.now().saturating_add(PATIENCE_US);
        loop {
            self.receive();
            match compare(entry, &self.seen) {
                Found::All(length) => {
                    self.seen.drain(..length);
                    return Ok(());
                }
                Found::SoFar if self.bench.now() < end => self.pass(Some(end)),
                _ => {
                    let seen = match entry.shape {
                        Shape::Exact => &self.seen,
                        Shape::Line | Shape::Prompt => trim_start(&self.seen),
                    };
                    return Err(Mismatch {
                        line: entry.number,
                        expected: escape(&entry.bytes()),
                        seen: escape(seen),
                    });
                }
            }
        }
    }
}

/// What a comparison gives.
enum Found {
    /// So many bytes are the entry.
    All(usize),
    /// Nothing is wrong, and not everything is there.
    SoFar,
    Different,
}

fn compare(entry: &Entry, seen: &[u8]) -> Found {
    let mut rest = if entry.shape == Shape::Exact {
        seen
    } else {
        trim_start(seen)
    };
    for piece in &entry.pieces {
        let length = match piece {
            Piece::Known(known) => {
                // A prompt's space may be missing in the text, or at the modem.
                let known = if entry.shape == Shape::Prompt {
                    b">".as_slice()
                } else {
                    known
                };
                let shared = known.iter().zip(rest).take_while(|(a, b)| a == b).count();
                if shared < known.len().min(rest.len()) {
                    return Found::Different;
                }
                known.len()
            }
            Piece::Unknown(count) => *count,
        };
        match rest.get(length..) {
            Some(behind) => rest = behind,
            None => return Found::SoFar,
        }
    }
    let ends_itself = matches!(entry.pieces.last(), Some(Piece::Unknown(_)));
    match (entry.shape, rest.first()) {
        (Shape::Prompt, Some(b' ')) => rest = rest.get(1..).unwrap_or(&[]),
        // A line must not go on; a frame's payload ends where its length says.
        (Shape::Line, Some(byte)) if !ends_itself && !b"\r\n".contains(byte) => {
            return Found::Different;
        }
        _ => {}
    }
    Found::All(seen.len() - rest.len())
}

fn trim_start(bytes: &[u8]) -> &[u8] {
    let line_ends = bytes.iter().take_while(|byte| b"\r\n".contains(byte));
    bytes.get(line_ends.count()..).unwrap_or(&[])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Air, BenchConfig, Dialect, MemoryNetwork, Modem};

    fn bench() -> Bench {
        let modem = Modem::new(Dialect::NonOs1_7, Air::new(), MemoryNetwork::new());
        Bench::new(modem, BenchConfig::default())
    }

    fn verdict(text: &str) -> String {
        let script: Transcript = text.parse().unwrap();
        match script.replay(&bench()) {
            Ok(()) => String::new(),
            Err(mismatch) => mismatch.to_string(),
        }
    }

    #[test]
    fn every_difference_is_found() {
        assert_eq!(verdict("> AT\n< AT\n< OK\n"), "");
        assert_eq!(verdict("AT\n\nOK\n"), "");
        assert_eq!(verdict("0.0 > AT\\r\\n\n0.0 < AT\\r\\n\\r\\nOK\\r\\n"), "");
        assert_eq!(
            verdict("> AT\n< AT\n< ERROR\n"),
            "line 3: expected \"ERROR\\r\\n\", the modem said \"OK\\r\\n\""
        );
        assert_eq!(
            verdict("> AT\n< AT\n< O\n"),
            "line 3: expected \"O\\r\\n\", the modem said \"OK\\r\\n\""
        );
        assert_eq!(
            verdict("> AT\n< AT\n< OK\n< OK\n"),
            "line 4: expected \"OK\\r\\n\", the modem said \"\""
        );
        assert_eq!(
            verdict("0.0 > AT\\r\\n\n0.0 < AT\\r\\nOK\\r\\n"),
            "line 2: expected \"AT\\r\\nOK\\r\\n\", the modem said \"AT\\r\\n\\r\\nOK\\r\\n\""
        );
        assert_eq!(
            verdict("- > AT\\r\\n\n- < AT\\r\\n\n"),
            "line 3: expected \"\", the modem said \"OK\\r\\n\""
        );
    }

    #[test]
    fn what_was_recorded_plays_again() {
        let first = bench();
        first.record(true);
        let script = "AT+CIPMUX=1\nOK\n";
        let script: Transcript = script.parse().unwrap();
        assert!(script.replay(&first).is_ok());
        first.advance(500_000);
        let mut uart = first.uart();
        let mut rest = [0; 512];
        uart.write_all(b"AT+CIPMUX?\r\n").unwrap();
        first.advance(100_000);
        let _ = uart.read(&mut rest).unwrap();
        let written = Transcript::from_record(&first.take_record()).to_string();
        let read: Transcript = written.parse().unwrap();
        assert!(written.contains("+CIPMUX:1"), "{written}");
        let second = bench();
        assert_eq!(read.replay(&second), Ok(()));
        assert!(second.now() > 500_000, "times are kept");
    }
}
