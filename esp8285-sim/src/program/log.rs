//! The exchange in a file, every byte of it.

use std::fs::File;
use std::io;
use std::path::Path;

use esp8285_sim::{Direction, Log};

use super::redact::redact;
use super::trace::Sink;

/// A log file.
pub(crate) struct LogFile {
    log: Log<File>,
    passwords: bool,
    failed: bool,
}

impl LogFile {
    /// Makes the file, or empties it. `title` says what is recorded.
    pub(crate) fn create(path: &Path, title: &str, passwords: bool) -> io::Result<Self> {
        let mut log = Log::new(File::create(path)?);
        log.note(title)?;
        Ok(Self {
            log,
            passwords,
            failed: false,
        })
    }

    /// A disk that is full is reported once; the modem goes on.
    fn check(&mut self, result: io::Result<()>) {
        if let Err(error) = result
            && !std::mem::replace(&mut self.failed, true)
        {
            super::complain(format_args!("--log: {error}"));
        }
    }
}

impl Sink for LogFile {
    fn line(&mut self, us: u64, direction: Direction, bytes: &[u8]) {
        let result = if self.passwords {
            self.log.said(us, direction, bytes)
        } else {
            self.log.said(us, direction, &redact(bytes))
        };
        self.check(result);
    }

    fn note(&mut self, _: u64, text: &str) {
        let result = self.log.note(text);
        self.check(result);
    }
}
