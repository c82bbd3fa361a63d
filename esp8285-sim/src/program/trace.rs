//! The exchange as lines of text: time, direction, what was said.

use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use esp8285_sim::Direction;

use super::redact::redact;

/// An unfinished line is printed after this much silence.
const PATIENCE: Duration = Duration::from_millis(150);

/// A piece without a line end is printed at this length.
const LONGEST: usize = 4_096;

/// Longer pieces are shown by their beginning.
const SHOWN: usize = 160;

/// Starts the printing thread; returns what the modem reports to.
pub(crate) fn start() -> impl FnMut(u64, Direction, &[u8]) + Send + 'static {
    let (sender, receiver) = channel();
    std::thread::spawn(move || print(&receiver));
    move |us, direction, bytes: &[u8]| {
        // The printer ends only with the program.
        let _ = sender.send((us, direction, bytes.to_vec()));
    }
}

/// What one direction has said since its last complete line.
#[derive(Default)]
struct Pending {
    since: u64,
    bytes: Vec<u8>,
}

fn print(receiver: &Receiver<(u64, Direction, Vec<u8>)>) {
    let mut host = Pending::default();
    let mut modem = Pending::default();
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok((us, direction, bytes)) => {
                let (mark, pending) = match direction {
                    Direction::ToModem => ('>', &mut host),
                    Direction::FromModem => ('<', &mut modem),
                };
                for &byte in &bytes {
                    if pending.bytes.is_empty() {
                        pending.since = us;
                    }
                    pending.bytes.push(byte);
                    if byte == b'\n' || pending.bytes.len() >= LONGEST {
                        flush(mark, pending);
                    }
                }
            }
            Err(RecvTimeoutError::Timeout) => {
                for (mark, pending) in [('>', &mut host), ('<', &mut modem)] {
                    // Half a command typed by hand could be half a password.
                    if !holds_command(&pending.bytes) {
                        flush(mark, pending);
                    }
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

fn holds_command(bytes: &[u8]) -> bool {
    bytes
        .windows(2)
        .any(|pair| pair.eq_ignore_ascii_case(b"AT"))
        || matches!(bytes, [b'A' | b'a'])
}

fn flush(mark: char, pending: &mut Pending) {
    let bytes = std::mem::take(&mut pending.bytes);
    if bytes.is_empty() || bytes == b"\r\n" {
        return;
    }
    let line = format!(
        "{:10.3} {mark} {}\n",
        pending.since as f64 / 1e6,
        readable(&redact(&bytes))
    );
    // Whoever read the trace may have gone; the modem goes on.
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(line.as_bytes());
    let _ = out.flush();
}

/// Printable text, the rest escaped, long runs cut.
fn readable(bytes: &[u8]) -> String {
    let shown = &bytes[..bytes.len().min(SHOWN)];
    let mut text: String = shown
        .escape_ascii()
        .to_string()
        .replace("\\\"", "\"")
        .replace("\\'", "'");
    if bytes.len() > SHOWN {
        text.push_str(&format!(" ... {} bytes in all", bytes.len()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_readable() {
        assert_eq!(readable(b"AT+X=\"a\"\r\n"), "AT+X=\"a\"\\r\\n");
        assert_eq!(readable(&[0, 0xff]), "\\x00\\xff");
        assert!(readable(&[b'x'; 1_000]).ends_with("x ... 1000 bytes in all"));
    }
}
