//! The exchange as lines of text: time, direction, what was said.

use std::io::Write;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use esp8285_sim::Direction;

use super::redact::redact;

/// An unfinished line is printed after this much silence, if the other side does not speak before.
const PATIENCE: Duration = Duration::from_millis(150);

/// A piece without a line end is printed at this length.
const LONGEST: usize = 4_096;

/// Longer pieces are shown by their beginning.
const SHOWN: usize = 160;

/// What the printing thread is told.
enum Item {
    Said(u64, Direction, Vec<u8>),
    Note(u64, String),
}

/// The way to the printing thread.
#[derive(Clone)]
pub(crate) struct Trace(Sender<Item>);

/// What is done with a line or a piece of one.
pub(crate) trait Sink {
    fn line(&mut self, us: u64, direction: Direction, bytes: &[u8]);
    fn note(&mut self, us: u64, text: &str);
}

/// Several of them.
pub(crate) type Sinks = Vec<Box<dyn Sink + Send>>;

impl Sink for Sinks {
    fn line(&mut self, us: u64, direction: Direction, bytes: &[u8]) {
        for sink in self {
            sink.line(us, direction, bytes);
        }
    }

    fn note(&mut self, us: u64, text: &str) {
        for sink in self {
            sink.note(us, text);
        }
    }
}

/// Starts the thread that prints and writes.
pub(crate) fn start(sinks: Sinks) -> Trace {
    let (sender, receiver) = channel();
    std::thread::spawn(move || print(&receiver, sinks));
    Trace(sender)
}

impl Trace {
    /// Something went over the line.
    pub(crate) fn said(&self, us: u64, direction: Direction, bytes: &[u8]) {
        // The printer ends only with the program.
        let _ = self.0.send(Item::Said(us, direction, bytes.to_vec()));
    }

    /// Something the line does not show.
    pub(crate) fn note(&self, us: u64, text: String) {
        let _ = self.0.send(Item::Note(us, text));
    }
}

fn print(receiver: &Receiver<Item>, sinks: Sinks) {
    let mut lines = Lines::new(sinks);
    loop {
        match receiver.recv_timeout(PATIENCE) {
            Ok(Item::Said(us, direction, bytes)) => lines.said(us, direction, &bytes),
            Ok(Item::Note(us, text)) => lines.note(us, &text),
            Err(RecvTimeoutError::Timeout) => lines.silence(),
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

/// What one direction has said since its last complete line.
#[derive(Default)]
struct Pending {
    since: u64,
    bytes: Vec<u8>,
}

/// Cuts what both directions say into lines.
struct Lines<S> {
    out: S,
    host: Pending,
    modem: Pending,
    /// The host's last word ended a line, so that a `>` is a prompt and not the echo of one.
    listening: bool,
    /// The modem's last word was a prompt: what the host says is payload.
    prompted: bool,
}

impl<S: Sink> Lines<S> {
    fn new(out: S) -> Self {
        Self {
            out,
            host: Pending::default(),
            modem: Pending::default(),
            listening: true,
            prompted: false,
        }
    }

    fn said(&mut self, us: u64, direction: Direction, bytes: &[u8]) {
        self.interrupt(match direction {
            Direction::ToModem => Direction::FromModem,
            Direction::FromModem => Direction::ToModem,
        });
        if direction == Direction::ToModem {
            self.listening = bytes.ends_with(b"\n");
        }
        for &byte in bytes {
            let pending = self.pending(direction);
            // The answer to the payload begins with CR LF, which is not the prompt's.
            if direction == Direction::FromModem && byte == b'\r' && is_prompt(&pending.bytes) {
                self.flush(direction);
            }
            let pending = self.pending(direction);
            if pending.bytes.is_empty() {
                pending.since = us;
            }
            pending.bytes.push(byte);
            if byte == b'\n' || pending.bytes.len() >= LONGEST {
                self.flush(direction);
            }
        }
    }

    fn note(&mut self, us: u64, text: &str) {
        self.silence();
        self.out.note(us, text);
    }

    fn silence(&mut self) {
        self.interrupt(Direction::ToModem);
        self.interrupt(Direction::FromModem);
    }

    /// Prints an unfinished line, unless it is half a command typed by hand (or its echo): that could be half a
    /// password, which only the whole line shows to be one.
    fn interrupt(&mut self, direction: Direction) {
        let payload = direction == Direction::ToModem && self.prompted;
        let bytes = &self.pending(direction).bytes;
        let held = if payload {
            may_be_lost_command(bytes)
        } else {
            may_be_command(bytes)
        };
        if !held {
            self.flush(direction);
        }
    }

    fn pending(&mut self, direction: Direction) -> &mut Pending {
        match direction {
            Direction::ToModem => &mut self.host,
            Direction::FromModem => &mut self.modem,
        }
    }

    fn flush(&mut self, direction: Direction) {
        let pending = self.pending(direction);
        let since = pending.since;
        let bytes = std::mem::take(&mut pending.bytes);
        if bytes.is_empty() {
            return;
        }
        if direction == Direction::FromModem {
            self.prompted = self.listening && is_prompt(&bytes);
        }
        self.out.line(since, direction, &bytes);
    }
}

/// Lines to look at.
pub(crate) struct Console<W>(pub(crate) W);

impl<W: Write> Console<W> {
    fn print(&mut self, us: u64, mark: char, text: &str) {
        let line = format!("{:10.3} {mark} {text}\n", us as f64 / 1e6);
        // Whoever read the trace may have gone; the modem goes on.
        let _ = self.0.write_all(line.as_bytes());
        let _ = self.0.flush();
    }
}

impl<W: Write> Sink for Console<W> {
    fn line(&mut self, us: u64, direction: Direction, bytes: &[u8]) {
        if bytes != b"\r\n" {
            let mark = match direction {
                Direction::ToModem => '>',
                Direction::FromModem => '<',
            };
            self.print(us, mark, &readable(&redact(bytes)));
        }
    }

    fn note(&mut self, us: u64, text: &str) {
        self.print(us, '!', text);
    }
}

fn is_prompt(bytes: &[u8]) -> bool {
    matches!(bytes, b">" | b"> ")
}

/// Somebody may type a command at a prompt that is still open; other text is more likely.
fn may_be_lost_command(bytes: &[u8]) -> bool {
    bytes
        .windows(3)
        .any(|three| three.eq_ignore_ascii_case(b"AT+"))
        || bytes.eq_ignore_ascii_case(b"A")
        || bytes.eq_ignore_ascii_case(b"AT")
}

fn may_be_command(bytes: &[u8]) -> bool {
    bytes
        .windows(2)
        .any(|pair| pair.eq_ignore_ascii_case(b"AT"))
        || matches!(bytes, [.., b'A' | b'a'])
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
    use Direction::{FromModem, ToModem};

    fn lines(said: &[(u64, Direction, &str)]) -> String {
        let mut out = Vec::new();
        let mut lines = Lines::new(Console(&mut out));
        for &(ms, direction, text) in said {
            lines.said(ms * 1_000, direction, text.as_bytes());
        }
        lines.silence();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_stays_readable() {
        assert_eq!(readable(b"AT+X=\"a\"\r\n"), "AT+X=\"a\"\\r\\n");
        assert_eq!(readable(&[0, 0xff]), "\\x00\\xff");
        assert!(readable(&[b'x'; 1_000]).ends_with("x ... 1000 bytes in all"));
    }

    #[test]
    fn a_prompt_stands_before_the_payload_and_alone() {
        assert_eq!(
            lines(&[
                (24_030, FromModem, "\r\nOK\r\n"),
                (24_033, FromModem, "> "),
                (24_038, ToModem, "GET DATA"),
                (24_040, FromModem, "\r\nRecv 8 bytes\r\n"),
            ]),
            "    24.030 < OK\\r\\n\n    24.033 < > \n    24.038 > GET DATA\n    24.040 < Recv 8 bytes\\r\\n\n"
        );
        for prompt in ["> ", ">"] {
            let line = format!("     0.000 < {prompt}\n");
            let said = format!("{prompt}\r\nRecv 1 bytes\r\n");
            assert_eq!(
                lines(&[(0, FromModem, &said)]),
                line + "     0.000 < Recv 1 bytes\\r\\n\n"
            );
        }
    }

    #[test]
    fn an_echo_does_not_cut_a_command_typed_by_hand() {
        for before in ["", " ", ">", "> "] {
            check_typed_by_hand(before);
        }
    }

    fn check_typed_by_hand(before: &str) {
        let mut said = Vec::new();
        let line = format!("{before}AT+CWJAP=\"n\",\"secret\"\r\n");
        let keys: Vec<String> = line.chars().map(String::from).collect();
        for (ms, key) in (0..).zip(&keys) {
            said.push((ms, ToModem, key.as_str()));
            said.push((ms, FromModem, key.as_str()));
        }
        let all = lines(&said);
        assert!(!all.contains("sec"), "{all}");
        assert!(all.contains(" > AT+CWJAP=\"n\",\"***\"\\r\\n\n"), "{all}");
    }

    #[test]
    fn a_command_typed_at_an_open_prompt_keeps_its_password() {
        let mut said = vec![(0, ToModem, "AT+CIPSEND=24\r\n"), (0, FromModem, "> ")];
        let keys: Vec<String> = "AT+CWJAP=\"n\",\"secret\"\r\n"
            .chars()
            .map(String::from)
            .collect();
        said.extend(keys.iter().map(|key| (1, ToModem, key.as_str())));
        // The payload is complete in the middle of the password.
        said.insert(20, (1, FromModem, "\r\nRecv 18 bytes\r\n"));
        let all = lines(&said);
        assert!(!all.contains("sec") && !all.contains("ret"), "{all}");
    }

    #[test]
    fn a_note_comes_behind_what_was_said_before() {
        let mut out = Vec::new();
        let mut lines = Lines::new(Console(&mut out));
        lines.said(0, FromModem, b"> ");
        lines.note(1_000, "look");
        assert_eq!(out, b"     0.000 < > \n     0.001 ! look\n");
    }
}
