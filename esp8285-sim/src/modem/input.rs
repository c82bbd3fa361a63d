//! What the modem does with bytes from the host, per family.
//!
//! NonOS is a byte machine: it looks for `AT`, collects up to an LF and echoes each byte. ESP-AT is a chunk
//! machine: what its UART driver hands over together is echoed, searched for CR LF, or answered with one busy.

use super::refusal::{BUSY_CODE, Refusal};
use super::timers::Timer;
use super::{Activity, Modem};
use crate::dialect::Family;
use crate::fault::Fault;

/// The command line so far.
#[derive(Debug, Default)]
pub(super) struct LineBuffer {
    bytes: Vec<u8>,
    /// NonOS: the previous byte while looking for `AT`.
    previous: u8,
    /// NonOS: `AT` has been seen.
    collecting: bool,
}

/// Input that ESP-AT gives up on when it holds no line end.
const HOPELESS: usize = 255;

impl Modem {
    /// Forgets a half-received line.
    pub(super) fn forget_line(&mut self) {
        self.line = LineBuffer::default();
    }

    pub(super) fn receive_chunk(&mut self, chunk: &[u8], fresh: bool) {
        if matches!(self.activity, Activity::Down) {
            return;
        }
        if matches!(self.activity, Activity::Payload(_)) {
            let taken = self.receive_payload(chunk, fresh);
            if taken < chunk.len() {
                self.receive_chunk(&chunk[taken..], false);
            }
            return;
        }
        if matches!(self.activity, Activity::Through(_)) {
            self.receive_through(chunk);
            return;
        }
        match self.profile.family {
            Family::NonOs => self.receive_bytes(chunk),
            Family::EspAt => self.receive_lines(chunk),
        }
    }

    fn receive_bytes(&mut self, chunk: &[u8]) {
        if let Activity::Sending(_) = self.activity {
            self.echo(chunk);
            let (busy, per_line) = self.profile.busy_sending;
            let lines = chunk.iter().filter(|&&byte| byte == b'\n').count();
            self.print(busy.repeat(if per_line { lines } else { 1 }));
            return;
        }
        let mut echoed = 0;
        for (i, &byte) in chunk.iter().enumerate() {
            if byte == b'\n' {
                self.echo(&chunk[echoed..=i]);
                echoed = i + 1;
            }
            match self.activity {
                Activity::Idle => self.idle_byte(byte),
                _ if byte == b'\n' => self.print("\r\nbusy p...\r\n"),
                _ => {}
            }
        }
        self.echo(&chunk[echoed..]);
    }

    fn idle_byte(&mut self, byte: u8) {
        if self.line.collecting {
            self.line.bytes.push(byte);
            if byte == b'\n' {
                let line = std::mem::take(&mut self.line).bytes;
                self.dispatch(line);
            } else if self.line.bytes.len() >= self.profile.line_limit {
                self.forget_line();
            }
            return;
        }
        match (self.line.previous, byte) {
            (_, b'\n') => {
                self.line.previous = 0;
                self.print("\r\nERROR\r\n");
            }
            (b'A', b'T') | (b'a', b't') => self.line.collecting = true,
            _ => self.line.previous = byte,
        }
    }

    fn receive_lines(&mut self, chunk: &[u8]) {
        const RESTART: &[u8] = b"AT+RST\r\n";
        if !matches!(self.activity, Activity::Idle) {
            if matches!(self.activity, Activity::Restarting { .. }) {
                return;
            }
            if chunk.windows(RESTART.len()).any(|window| window == RESTART) {
                self.print("\r\nWill force to restart!!!\r\n");
                self.print_ok();
                self.begin_restart(super::boot::Cause::Software);
                return;
            }
            self.print_code(BUSY_CODE);
            self.print("\r\nbusy p...\r\n");
            return;
        }
        let before = self.line.bytes.len();
        self.line.bytes.extend_from_slice(chunk);
        let end = self
            .line
            .bytes
            .windows(2)
            .position(|pair| pair == b"\r\n")
            .map(|at| at + 2);
        self.echo(
            &chunk[..end.map_or(chunk.len(), |end| {
                end.saturating_sub(before).min(chunk.len())
            })],
        );
        let Some(end) = end else {
            self.discard_hopeless_input();
            return;
        };
        let mut line = std::mem::take(&mut self.line.bytes);
        let rest = line.split_off(end);
        if let Some(nul) = line.iter().rposition(|&byte| byte == 0) {
            line.drain(..=nul);
        }
        let starts_right = matches!(line[..], [b'A' | b'a', b'T' | b't', ..]);
        if starts_right && line.len() <= self.profile.line_limit {
            self.dispatch(line.split_off(2));
        } else {
            self.finish(Err(Refusal::no_at()));
        }
        if !rest.is_empty() {
            self.receive_lines_late(&rest);
        }
    }

    /// Bytes behind a complete line in one chunk: refused, unless the line was wrong and is done with.
    fn receive_lines_late(&mut self, rest: &[u8]) {
        if matches!(self.activity, Activity::Idle) {
            self.print_code(BUSY_CODE);
            self.print("\r\nbusy p...\r\n");
        } else {
            self.receive_lines(rest);
        }
    }

    fn discard_hopeless_input(&mut self) {
        let bytes = &mut self.line.bytes;
        if let Some(nul) = bytes.iter().rposition(|&byte| byte == 0) {
            bytes.drain(..=nul);
        }
        if bytes.len() > HOPELESS {
            let keep = bytes.len() - usize::from(bytes.last() == Some(&b'\r'));
            bytes.drain(..keep);
        }
    }

    /// Accepts a complete line, without the `AT`.
    fn dispatch(&mut self, line: Vec<u8>) {
        // No ESP-AT is too busy to restart.
        let restart = !self.nonos() && line == b"+RST\r\n";
        if !restart && self.strikes(Fault::Busy) {
            self.print_code(BUSY_CODE);
            self.print_line("\r\nbusy p...\r\n");
            return;
        }
        self.commands += 1;
        self.activity = Activity::Dispatch(line);
        self.timers
            .set(self.now + self.command_time, Timer::Command);
    }

    fn echo(&mut self, bytes: &[u8]) {
        if !self.session.echo {
            return;
        }
        if !self.profile.old_echo {
            self.print_echo(bytes);
            return;
        }
        for part in bytes.split_inclusive(|&byte| byte == b'\n') {
            let text = part.strip_suffix(b"\n");
            self.print_echo(text.unwrap_or(part));
            if text.is_some() {
                self.print("\r\n");
            }
        }
    }

    /// The oldest firmware echoes a payload too, without its LFs.
    pub(super) fn echo_payload(&mut self, bytes: &[u8]) {
        if self.session.echo && self.profile.old_echo {
            let shown: Vec<u8> = bytes
                .iter()
                .copied()
                .filter(|&byte| byte != b'\n')
                .collect();
            self.print(shown);
        }
    }
}
