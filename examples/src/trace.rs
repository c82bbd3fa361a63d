//! The AT exchange, readable, without passwords.
//!
//! Wraps a UART and writes one line per command and answer, with milliseconds
//! since the start. Payload is counted, not shown.
//!
//! ```text
//! [     3 ms] -> AT+CIPSEND=0,38
//! [     5 ms] <- OK
//! [     5 ms] <- >
//! [     6 ms] -> [38 bytes]
//! [     9 ms] <- SEND OK
//! [    31 ms] <- +IPD,0,1460:[1460 bytes]
//! ```
//!
//! ```
//! use embedded_io::Write;
//! use examples::trace::Trace;
//!
//! // Any UART will do; `Vec<u8>` here would be the modem.
//! # struct Modem;
//! # impl embedded_io::ErrorType for Modem { type Error = std::convert::Infallible; }
//! # impl Write for Modem {
//! #     fn write(&mut self, b: &[u8]) -> Result<usize, Self::Error> { Ok(b.len()) }
//! #     fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) }
//! # }
//! let mut uart = Trace::to_stderr(Modem);
//! uart.write_all(b"AT+CWJAP=\"home\",\"secret\"\r\n")?;
//! // stderr: [     0 ms] -> AT+CWJAP="home",***
//! # Ok::<(), std::convert::Infallible>(())
//! ```
//!
//! What is payload: the bytes announced by `AT+CIPSEND`, `+IPD` and
//! `+CIPRECVDATA`, and otherwise lines that are binary or longer than
//! [`MAX_TEXT`] bytes. What is secret: all that follows the network's name in
//! `AT+CWJAP` and `AT+CWSAP` (with `_CUR` or `_DEF`, in echoes, and in the answer
//! `+CWSAP`).
//!
//! Limits: it follows the AT dialect loosely and may show binary payload that
//! nothing announced; it knows of no other secrets than Wi-Fi passwords.

use std::io;
use std::time::Instant;

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};

/// Longest line in bytes that is shown; the longest AT command is half of that.
pub const MAX_TEXT: usize = 512;

/// A UART that is listened to.
pub struct Trace<P> {
    port: P,
    scribe: Scribe,
}

impl<P> Trace<P> {
    /// Writes the exchange to standard error.
    pub fn to_stderr(port: P) -> Self {
        Self::to(port, Box::new(io::stderr()))
    }

    /// Writes the exchange to `sink`; what `sink` refuses is lost.
    pub fn to(port: P, sink: Box<dyn io::Write + Send>) -> Self {
        let scribe = Scribe::new(Some(sink));
        Self { port, scribe }
    }

    /// Writes nothing: the same type for programs whose trace is an option.
    pub fn off(port: P) -> Self {
        let scribe = Scribe::new(None);
        Self { port, scribe }
    }

    /// The UART.
    pub fn get_mut(&mut self) -> &mut P {
        &mut self.port
    }

    /// Ends the trace and returns the UART.
    pub fn into_inner(self) -> P {
        self.port
    }
}

impl<P> std::fmt::Debug for Trace<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trace").finish_non_exhaustive()
    }
}

impl<P: ErrorType> Trace<P> {
    fn note<T>(&mut self, result: Result<T, P::Error>) -> Result<T, P::Error> {
        if let Err(error) = &result {
            self.scribe.failed(&error.to_string());
        }
        result
    }
}

impl<P: ErrorType> ErrorType for Trace<P> {
    type Error = P::Error;
}

impl<P: Read> Read for Trace<P> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, P::Error> {
        let result = self.port.read(buf);
        let n = self.note(result)?;
        self.scribe.heard(buf.get(..n).unwrap_or_default());
        Ok(n)
    }
}

impl<P: ReadReady> ReadReady for Trace<P> {
    fn read_ready(&mut self) -> Result<bool, P::Error> {
        let result = self.port.read_ready();
        self.note(result)
    }
}

impl<P: Write> Write for Trace<P> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, P::Error> {
        let result = self.port.write(buf);
        let n = self.note(result)?;
        self.scribe.said(buf.get(..n).unwrap_or_default());
        Ok(n)
    }

    fn flush(&mut self) -> Result<(), P::Error> {
        let result = self.port.flush();
        self.note(result)
    }
}

impl<P: WriteReady> WriteReady for Trace<P> {
    fn write_ready(&mut self) -> Result<bool, P::Error> {
        let result = self.port.write_ready();
        self.note(result)
    }
}

/// Writes down what it hears. Its drop writes what is unfinished.
struct Scribe {
    sink: Option<Box<dyn io::Write + Send>>,
    start: Instant,
    to_modem: Lane,
    from_modem: Lane,
    /// Payload length that `AT+CIPSEND` told, until the prompt comes.
    announced: Option<usize>,
    last_failure: String,
}

/// One direction.
struct Lane {
    arrow: &'static str,
    /// The line so far.
    line: Vec<u8>,
    /// Payload bytes still to come.
    payload: usize,
    /// Bytes that will only be counted.
    run: usize,
    /// The rest of this line belongs to `run`.
    too_long: bool,
}

impl Lane {
    const fn new(arrow: &'static str) -> Self {
        Self {
            arrow,
            line: Vec::new(),
            payload: 0,
            run: 0,
            too_long: false,
        }
    }

    /// Takes the next byte; returns the lines to print.
    fn take(&mut self, byte: u8) -> Vec<String> {
        if self.payload > 0 {
            self.payload -= 1;
            self.run += 1;
            return match self.payload {
                0 => self.finish(),
                _ => Vec::new(),
            };
        }
        if byte == b'\n' {
            if self.too_long || !is_text(&self.line) {
                // The next line is probably of the same kind: one number for all.
                self.run += self.line.len() + 1;
                self.line.clear();
                self.too_long = false;
                return Vec::new();
            }
            return self.finish();
        }
        self.line.push(byte);
        if self.too_long || self.line.len() > MAX_TEXT {
            self.too_long = true;
            self.run += self.line.len();
            self.line.clear();
        }
        Vec::new()
    }

    /// The other direction goes on: what was only counted is complete.
    fn pause(&mut self) -> Vec<String> {
        match self.payload == 0 && self.line.is_empty() && !self.too_long {
            true => self.finish(),
            false => Vec::new(),
        }
    }

    /// Ends a line or payload; returns what to print.
    fn finish(&mut self) -> Vec<String> {
        let line = std::mem::take(&mut self.line);
        let mut run = std::mem::take(&mut self.run);
        self.too_long = false;
        if !is_text(&line) {
            run += line.len();
            return vec![counted(run)];
        }
        let text = printable(&redacted(trimmed(&line)));
        match (text.is_empty(), run) {
            (true, 0) => Vec::new(),
            (true, _) => vec![counted(run)],
            (false, 0) => vec![text],
            // A header and its payload.
            (false, _) if data_length(&line).is_some() => vec![text + &counted(run)],
            (false, _) => vec![counted(run), text],
        }
    }
}

impl Scribe {
    fn new(sink: Option<Box<dyn io::Write + Send>>) -> Self {
        Self {
            sink,
            start: Instant::now(),
            to_modem: Lane::new("->"),
            from_modem: Lane::new("<-"),
            announced: None,
            last_failure: String::new(),
        }
    }

    fn said(&mut self, bytes: &[u8]) {
        if self.sink.is_none() {
            return;
        }
        let before = self.from_modem.pause();
        self.print(self.from_modem.arrow, before);
        for &byte in bytes {
            if byte == b'\n' && self.to_modem.payload == 0 {
                self.announced = send_length(trimmed(&self.to_modem.line));
            }
            let lines = self.to_modem.take(byte);
            self.print(self.to_modem.arrow, lines);
        }
    }

    fn heard(&mut self, bytes: &[u8]) {
        if self.sink.is_none() {
            return;
        }
        let before = self.to_modem.pause();
        self.print(self.to_modem.arrow, before);
        for &byte in bytes {
            let in_payload = self.from_modem.payload > 0;
            let lines = self.from_modem.take(byte);
            self.print(self.from_modem.arrow, lines);
            // Only these can end a prompt or the head of data.
            if in_payload || !matches!(byte, b'>' | b':' | b',') {
                continue;
            }
            // The prompt has no line end.
            if self.from_modem.line == b">" && self.announced.is_some() {
                self.to_modem.payload = self.announced.take().unwrap_or_default();
                let lines = self.from_modem.finish();
                self.print(self.from_modem.arrow, lines);
            }
            if let Some(length) = data_length(&self.from_modem.line) {
                if self.from_modem.run > 0 {
                    // Not part of this payload.
                    let before = std::mem::take(&mut self.from_modem.run);
                    self.print(self.from_modem.arrow, vec![counted(before)]);
                }
                self.from_modem.payload = length;
            }
        }
    }

    fn failed(&mut self, failure: &str) {
        // A driver may ask a dead port again and again.
        if self.last_failure != failure {
            failure.clone_into(&mut self.last_failure);
            let before = self.from_modem.pause();
            self.print(self.from_modem.arrow, before);
            self.print("!!", vec![printable(failure.as_bytes())]);
        }
    }

    fn print(&mut self, arrow: &str, lines: Vec<String>) {
        let Some(sink) = &mut self.sink else { return };
        for line in lines {
            let ms = self.start.elapsed().as_millis();
            // One call per line, so that lines of other threads stay whole.
            let _ = sink.write_all(format!("[{ms:>6} ms] {arrow} {line}\n").as_bytes());
        }
    }
}

impl Drop for Scribe {
    fn drop(&mut self) {
        let rest = self.to_modem.finish();
        self.print(self.to_modem.arrow, rest);
        let rest = self.from_modem.finish();
        self.print(self.from_modem.arrow, rest);
        if let Some(sink) = &mut self.sink {
            let _ = sink.flush();
        }
    }
}

fn counted(bytes: usize) -> String {
    match bytes {
        1 => "[1 byte]".to_owned(),
        _ => format!("[{bytes} bytes]"),
    }
}

fn trimmed(line: &[u8]) -> &[u8] {
    line.trim_ascii()
}

/// Whether a line is for reading: UTF-8 with few control characters.
fn is_text(line: &[u8]) -> bool {
    std::str::from_utf8(trimmed(line)).is_ok_and(|text| {
        let controls = text.chars().filter(|c| c.is_control()).count();
        controls * 4 <= text.len()
    })
}

/// Text that cannot move the cursor or colour the screen.
fn printable(line: &[u8]) -> String {
    let mut text = String::new();
    for c in String::from_utf8_lossy(line).chars() {
        match c {
            '"' | '\'' | '\\' => text.push(c),
            _ => text.extend(c.escape_debug()),
        }
    }
    text
}

/// The payload length told by `AT+CIPSEND=[link,]length[,…]`.
fn send_length(line: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(line).ok()?.to_ascii_uppercase();
    let (_, numbers) = text.strip_prefix("AT+CIPSEND")?.split_once('=')?;
    let mut numbers = numbers.split(',').map_while(|n| n.parse::<usize>().ok());
    let first = numbers.next()?;
    Some(numbers.next().unwrap_or(first)).filter(|&n| n > 0)
}

/// The payload length if `line` is the whole head of received data:
/// `+IPD,[link,]length[,address,port]:`, `+CIPRECVDATA,length:` or
/// `+CIPRECVDATA:length,`.
fn data_length(line: &[u8]) -> Option<usize> {
    let text = std::str::from_utf8(line).ok()?.trim_start();
    let length = if let Some(fields) = text.strip_prefix("+IPD,") {
        let mut numbers = fields
            .strip_suffix(':')?
            .split(',')
            .map(str::parse::<usize>);
        let first = numbers.next()?.ok()?;
        match numbers.next() {
            Some(Ok(second)) => second,
            _ => first,
        }
    } else {
        let fields = text.strip_prefix("+CIPRECVDATA")?;
        let number = match fields.strip_prefix(':') {
            Some(number) => number.strip_suffix(',')?,
            None => fields.strip_prefix(',')?.strip_suffix(':')?,
        };
        number.parse().ok()?
    };
    Some(length).filter(|&n| n > 0)
}

/// The line without what follows the network's name.
///
/// Rather too much is hidden than too little: not all firmware escapes quotes,
/// so the end of a string is not certain, its beginning is.
fn redacted(line: &[u8]) -> Vec<u8> {
    let upper = line.to_ascii_uppercase();
    let find = |word: &[u8]| upper.windows(word.len()).position(|w| w == word);
    let (at, signs) = match (find(b"CWJAP"), find(b"CWSAP")) {
        // The answer `+CWJAP:` goes on with the access point's address.
        (Some(at), _) => (at, &b"="[..]),
        (_, Some(at)) => (at, &b"=:"[..]),
        _ => return line.to_vec(),
    };
    let Some(sign) = line.iter().skip(at).position(|b| signs.contains(b)) else {
        return line.to_vec();
    };
    let (head, strings) = line.split_at(at + sign + 1);
    // Without a readable name all of it is hidden.
    let (name, rest) = strings.split_at(closing_quote(strings).map_or(0, |end| end + 1));
    match (name, rest) {
        (_, b"") => line.to_vec(),
        (b"", _) => [head, b"***"].concat(),
        _ => [head, name, b",***"].concat(),
    }
}

/// Where the quoted string at the beginning of `text` ends.
fn closing_quote(text: &[u8]) -> Option<usize> {
    let mut escaped = false;
    let mut rest = text.strip_prefix(b"\"")?.iter();
    let inside = rest.position(|&byte| {
        let closes = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        closes
    })?;
    Some(inside + 1)
}

#[cfg(test)]
mod tests;
