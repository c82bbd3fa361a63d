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
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Page {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Page {
        /// The lines without their times, which are checked for shape.
        fn lines(&self) -> Vec<String> {
            let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
            let line = |line: &str| {
                let (time, rest) = line.split_once(" ms] ").unwrap();
                assert!(
                    time.strip_prefix('[')
                        .unwrap()
                        .trim()
                        .parse::<u64>()
                        .is_ok()
                );
                rest.to_owned()
            };
            text.lines().map(line).collect()
        }
    }

    /// `Said` and `Heard` in turn, in pieces of 1 byte and at once.
    fn trace(exchange: &[(&str, &[u8])]) -> Vec<String> {
        let [single, whole] = [1, usize::MAX].map(|size| {
            let page = Page::default();
            let mut scribe = Scribe::new(Some(Box::new(page.clone())));
            for (direction, bytes) in exchange {
                for piece in bytes.chunks(size) {
                    match *direction {
                        "->" => scribe.said(piece),
                        _ => scribe.heard(piece),
                    }
                }
            }
            drop(scribe);
            page.lines()
        });
        assert_eq!(single, whole);
        whole
    }

    #[test]
    fn commands_and_answers_become_lines() {
        let lines = trace(&[
            ("->", b"AT+GMR\r\n"),
            ("<-", b"AT+GMR\r\r\nAT version:1.7.4.0\r\n\r\nOK\r\n"),
            ("->", b"AT"),
            ("<-", b"busy p...\r\n"),
            ("->", b"\r\n"),
            ("<-", b"\r\nhome\x1b[31mred\x07 caf\xc3\xa9\r\nrest"),
        ]);
        assert_eq!(
            lines,
            [
                "-> AT+GMR",
                "<- AT+GMR",
                "<- AT version:1.7.4.0",
                "<- OK",
                "<- busy p...",
                "-> AT",
                "<- home\\u{1b}[31mred\\u{7} caf\u{e9}",
                "<- rest",
            ]
        );
    }

    #[test]
    fn announced_payload_is_counted() {
        let mut received = b"\r\n+IPD,0,1460:".to_vec();
        received.extend(b"OK\r\nAT+X\r\n".iter().cycle().take(1460));
        received.extend(b"\r\nCLOSED\r\n");
        let lines = trace(&[
            ("->", b"AT+CIPSEND=0,6\r\n"),
            ("<-", b"\r\nOK\r\n> "),
            ("->", b"AT\r\n>>"),
            ("<-", b"\r\nRecv 6 bytes\r\n\r\nSEND OK\r\n"),
            ("<-", &received),
            ("->", b"AT+CIPRECVDATA=0,5\r\n"),
            ("<-", b"+CIPRECVDATA,5:\r\n\r\n\0\r\nOK\r\n"),
            ("<-", b"+CIPRECVDATA:5,hello\r\nOK\r\n+IPD,1,20\r\n"),
            (
                "<-",
                b"+IPD,3:abc+IPD,4,\"1.2.3.4\",80:abcd+IPD,2,1,1.2.3.4,80:x>\r\n",
            ),
        ]);
        assert_eq!(
            lines,
            [
                "-> AT+CIPSEND=0,6",
                "<- OK",
                "<- >",
                "-> [6 bytes]",
                "<- Recv 6 bytes",
                "<- SEND OK",
                "<- +IPD,0,1460:[1460 bytes]",
                "<- CLOSED",
                "-> AT+CIPRECVDATA=0,5",
                "<- +CIPRECVDATA,5:[5 bytes]",
                "<- OK",
                "<- +CIPRECVDATA:5,[5 bytes]",
                "<- OK",
                "<- +IPD,1,20",
                "<- +IPD,3:[3 bytes]",
                "<- +IPD,4,\"1.2.3.4\",80:[4 bytes]",
                "<- +IPD,2,1,1.2.3.4,80:[1 byte]",
                "<- >",
            ]
        );
    }

    #[test]
    fn a_refused_send_is_forgotten() {
        let lines = trace(&[
            ("->", b"AT+CIPSEND=100\r\n"),
            ("<-", b"ERROR\r\n"),
            ("->", b"AT\r\n"),
            ("<-", b"OK\r\n>\r\n"),
            ("->", b"AT+GMR\r\n"),
        ]);
        assert_eq!(
            lines,
            [
                "-> AT+CIPSEND=100",
                "<- ERROR",
                "-> AT",
                "<- OK",
                "<- >",
                "-> AT+GMR"
            ]
        );
    }

    #[test]
    fn binary_and_endless_lines_are_counted_together() {
        let long = [b'x'; 5000];
        let lines = trace(&[
            ("<-", b"\xff\xfe\x00\n\x80\x81\nready\r\n"),
            ("<-", &long),
            ("<-", b"\r\nOK\r\n"),
            ("<-", b"\x80\n"),
            ("->", b"AT\r\n"),
            ("<-", &long),
        ]);
        assert_eq!(
            lines,
            [
                "<- [7 bytes]",
                "<- ready",
                "<- [5002 bytes]",
                "<- OK",
                "<- [2 bytes]",
                "-> AT",
                "<- [5000 bytes]",
            ]
        );
    }

    #[test]
    fn passwords_are_never_written() {
        for (line, shown) in [
            (r#"AT+CWJAP="home","secret""#, r#"AT+CWJAP="home",***"#),
            (
                r#"AT+CWJAP_CUR="home","secret""#,
                r#"AT+CWJAP_CUR="home",***"#,
            ),
            (
                r#"AT+CWJAP_DEF="a\"b","secret","aa:bb""#,
                r#"AT+CWJAP_DEF="a\"b",***"#,
            ),
            (r#"AT+CWJAP="a"b","secret""#, r#"AT+CWJAP="a",***"#),
            (r#"AT+CWJAP="a\","secret""#, r#"AT+CWJAP="a\",",***"#),
            (r#"AT+CWJAP="a\\","se\"secret""#, r#"AT+CWJAP="a\\",***"#),
            (r#"at+cwjap="home","secret"#, r#"at+cwjap="home",***"#),
            (r#">T+CWJAP="home","secret""#, r#">T+CWJAP="home",***"#),
            (r#"AT+CWJAP=secret,"secret""#, "AT+CWJAP=***"),
            (r#"AT+CWJAP="secret"#, "AT+CWJAP=***"),
            (
                r#"AT+CWSAP_CUR="me","secret",5,3"#,
                r#"AT+CWSAP_CUR="me",***"#,
            ),
            (r#"+CWSAP:"me","secret",5,3"#, r#"+CWSAP:"me",***"#),
            (r#"AT+CWJAP="open""#, r#"AT+CWJAP="open""#),
            ("AT+CWJAP?", "AT+CWJAP?"),
            ("AT+CWJAP=", "AT+CWJAP="),
            (
                r#"+CWJAP:"home","aa:bb",1,-50"#,
                r#"+CWJAP:"home","aa:bb",1,-50"#,
            ),
        ] {
            for arrow in ["->", "<-"] {
                // Whole, and broken off before its end.
                for end in ["\r\n", "\r\r\n", ""] {
                    let lines = trace(&[(arrow, format!("{line}{end}").as_bytes())]);
                    assert_eq!(lines, [format!("{arrow} {shown}")]);
                }
            }
        }
        // Longest names and passwords, everything escaped, and not UTF-8.
        let long = format!(
            "AT+CWJAP=\"{}\",\"{}secret\"",
            "\\\"".repeat(32),
            "\\,".repeat(61)
        );
        let lines = trace(&[("->", long.as_bytes()), ("->", b"\r\n")]);
        assert!(!lines.concat().contains("secret") && lines.concat().ends_with(",***"));
        let lines = trace(&[("->", b"AT+CWJAP=\"h\xe9\",\"secret\"\r\n")]);
        assert_eq!(lines, ["-> [24 bytes]"]);
    }

    struct Script(Vec<Result<&'static [u8], embedded_io::ErrorKind>>);

    impl ErrorType for Script {
        type Error = embedded_io::ErrorKind;
    }

    impl Read for Script {
        fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
            let bytes = self.0.remove(0)?;
            buf[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        }
    }

    impl Write for Script {
        fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> {
            Ok(buf.len().min(3))
        }

        fn flush(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
    }

    #[test]
    fn only_what_passed_is_written_and_failures_once() {
        let page = Page::default();
        let gone = Err(embedded_io::ErrorKind::BrokenPipe);
        let port = Script(vec![Ok(b"OK\r\n"), gone, gone]);
        let mut port = Trace::to(port, Box::new(page.clone()));
        port.write_all(b"AT+RST\r\n").unwrap();
        assert_eq!(port.read(&mut [0; 99]), Ok(4));
        assert!(port.read(&mut [0; 99]).is_err());
        assert!(port.read(&mut [0; 99]).is_err());
        drop(port.into_inner());
        assert_eq!(page.lines(), ["-> AT+RST", "<- OK", "!! BrokenPipe"]);

        let mut silent = Trace::off(Script(vec![Ok(b"OK\r\n")]));
        assert_eq!(silent.write(b"AT"), Ok(2));
        assert_eq!(silent.read(&mut [0; 99]), Ok(4));
    }
}
