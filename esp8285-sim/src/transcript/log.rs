//! Writing what goes over the line.

use std::io::{self, Write};

use super::escape::escape;
use crate::bench::Direction;

/// Writes an exchange, entry by entry, in the form a [`Transcript`](super::Transcript) reads.
///
/// ```
/// use esp8285_sim::{Direction, Log, Transcript};
///
/// let mut log = Log::new(Vec::new());
/// log.said(1_500, Direction::ToModem, b"AT\r\n")?;
/// log.said(1_900, Direction::FromModem, b"\r\nOK\r\n")?;
/// let text = String::from_utf8(log.into_inner()).unwrap();
/// assert_eq!(text, "0.001500 > AT\\r\\n\n0.001900 < \\r\\nOK\\r\\n\n");
/// let read: Transcript = text.parse().unwrap();
/// assert_eq!(read.entries()[1].bytes(), b"\r\nOK\r\n");
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Log<W> {
    out: W,
}

impl<W: Write> Log<W> {
    /// Writes to `out`, each entry at once and in one piece.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    /// Writes one entry: microseconds, direction, bytes.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn said(&mut self, us: u64, direction: Direction, bytes: &[u8]) -> io::Result<()> {
        self.out
            .write_all(line(Some(us), direction, bytes).as_bytes())
    }

    /// Writes a comment.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub fn note(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            self.out.write_all(format!("# {line}\n").as_bytes())?;
        }
        Ok(())
    }

    /// What it writes to.
    pub fn into_inner(self) -> W {
        self.out
    }
}

/// One entry with its line end.
pub(super) fn line(us: Option<u64>, direction: Direction, bytes: &[u8]) -> String {
    let mark = match direction {
        Direction::ToModem => '>',
        Direction::FromModem => '<',
    };
    let text = escape(bytes);
    match us {
        Some(us) => format!("{}.{:06} {mark} {text}\n", us / 1_000_000, us % 1_000_000),
        None => format!("- {mark} {text}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transcript::Transcript;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_log_reads_back_the_same(said in prop::collection::vec(
            (any::<u64>(), any::<bool>(), prop::collection::vec(any::<u8>(), 0..40)), 0..20
        )) {
            let record: Vec<_> = said.into_iter().map(|(us, host, bytes)| {
                let way = if host { Direction::ToModem } else { Direction::FromModem };
                (us, way, bytes)
            }).collect();
            let mut log = Log::new(Vec::new());
            for (us, way, bytes) in &record {
                log.note("between\nentries").unwrap();
                log.said(*us, *way, bytes).unwrap();
            }
            let text = String::from_utf8(log.into_inner()).unwrap();
            let read: Transcript = text.parse().unwrap();
            let back: Vec<_> = read
                .entries()
                .iter()
                .map(|entry| (entry.at_us().unwrap(), entry.direction(), entry.bytes()))
                .collect();
            prop_assert_eq!(&back, &record);
            prop_assert_eq!(read.to_string(), Transcript::from_record(&record).to_string());
        }
    }
}
