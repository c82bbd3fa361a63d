//! The cheapest modem there can be: canned answers and payload, no thinking,
//! so that what is counted is the driver. Its four functions are never
//! inlined, so that callgrind can leave them out.

use std::cell::Cell;
use std::convert::Infallible;

use atcmd_esp8285::Clock;
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};

/// A clock that moves only while somebody waits.
#[derive(Default)]
pub(crate) struct Pace(Cell<u64>);

impl Clock for Pace {
    #[inline]
    fn now(&self) -> u64 {
        self.0.get()
    }
    fn idle(&self, _until: Option<u64>) {
        self.0.set(self.0.get() + 1000);
    }
}

/// A reply is up to three pieces: head, payload, tail.
pub(crate) struct Canned {
    chunk: usize,
    active: bool,
    /// After each read there is nothing more for one look.
    sparse: bool,
    resting: bool,
    head: Vec<u8>,
    payload_left: usize,
    tail: &'static [u8],
    at: usize,
    send_left: usize,
    payload: Box<[u8]>,
}

impl Canned {
    pub(crate) fn new(chunk: usize, sparse: bool, active: bool) -> Self {
        Self {
            chunk,
            active,
            sparse,
            resting: false,
            head: vec![],
            payload_left: 0,
            tail: b"",
            at: 0,
            send_left: 0,
            payload: vec![b'x'; 64 * 1024].into(),
        }
    }

    fn answer(&mut self, head: &[u8], payload: usize, tail: &'static [u8]) {
        self.head.clear();
        self.head.extend_from_slice(head);
        self.payload_left = payload;
        self.tail = tail;
        self.at = 0;
    }

    fn command(&mut self, line: &[u8]) {
        if let Some(n) = line.strip_prefix(b"AT+CIPRECVDATA=0,") {
            // ESP-AT's form, with more always waiting.
            let n = number(n);
            let head = format!("+CIPRECVDATA:{n},");
            self.answer(head.as_bytes(), n, b"\r\nOK\r\n\r\n+IPD,0,5760\r\n");
        } else if let Some(n) = line.strip_prefix(b"AT+CIPSEND=0,") {
            self.send_left = number(n);
            self.answer(b"\r\nOK\r\n\r\n>", 0, b"");
        } else if line.starts_with(b"AT+CIPSTART") {
            let news: &[u8] = if self.active {
                b""
            } else {
                b"\r\n+IPD,0,5760\r\n"
            };
            self.answer(&[b"0,CONNECT\r\n\r\nOK\r\n", news].concat(), 0, b"");
        } else if line.starts_with(b"AT+GMR") {
            self.answer(b"AT version:2.2.1.0(x)\r\n\r\nOK\r\n", 0, b"");
        } else {
            self.answer(b"\r\nOK\r\n", 0, b"");
        }
    }

    fn connected_and_active(&self) -> bool {
        self.active && self.head.starts_with(b"0,CONNECT")
            || self.head.starts_with(b"\r\n+IPD,0,1460:")
    }
}

fn number(text: &[u8]) -> usize {
    text.iter()
        .take_while(|b| b.is_ascii_digit())
        .fold(0, |n, b| n * 10 + usize::from(b - b'0'))
}

impl ErrorType for Canned {
    type Error = Infallible;
}

impl ReadReady for Canned {
    #[inline(never)]
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        if self.resting {
            self.resting = false;
            return Ok(false);
        }
        let left = self.at < self.head.len() || self.payload_left > 0 || !self.tail.is_empty();
        if !left && self.connected_and_active() {
            self.answer(b"\r\n+IPD,0,1460:", 1460, b"\r\n");
            return Ok(true);
        }
        Ok(left)
    }
}

impl Read for Canned {
    #[inline(never)]
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        self.resting = self.sparse;
        let max = buf.len().min(self.chunk);
        let n;
        if self.at < self.head.len() {
            let rest = &self.head[self.at..];
            n = max.min(rest.len());
            buf[..n].copy_from_slice(&rest[..n]);
            self.at += n;
        } else if self.payload_left > 0 {
            n = max.min(self.payload_left);
            buf[..n].copy_from_slice(&self.payload[..n]);
            self.payload_left -= n;
        } else {
            n = max.min(self.tail.len());
            buf[..n].copy_from_slice(&self.tail[..n]);
            self.tail = &self.tail[n..];
        }
        Ok(n)
    }
}

impl Write for Canned {
    #[inline(never)]
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        if self.send_left > 0 {
            let n = buf.len().min(self.send_left).min(self.chunk);
            self.payload[..n].copy_from_slice(&buf[..n]);
            self.send_left -= n;
            if self.send_left == 0 {
                self.answer(b"\r\nRecv 2048 bytes\r\n\r\nSEND OK\r\n", 0, b"");
            }
            return Ok(n);
        }
        let line = buf.to_vec();
        self.command(&line);
        Ok(buf.len())
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl WriteReady for Canned {
    #[inline(never)]
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}
