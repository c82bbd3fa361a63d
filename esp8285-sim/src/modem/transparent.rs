//! Transparent transmission: bytes go to the peer as they come, until a lone `+++`.
//!
//! A packet leaves 20 ms after its first byte, or as soon as it is full. `+++` with a pause on both sides ends it.

use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::timers::Timer;
use super::{Activity, Modem};

/// How long a packet waits for more.
const PATIENCE_US: u64 = 20_000;

/// A full packet.
const PACKET: usize = 1_460;

/// What fits while the peer does not take anything; more is lost.
const BUFFER: usize = 2_048;

const ESCAPE: &[u8] = b"+++";

/// `AT+SYSMSG`: leaving is reported.
const QUIT_MESSAGE: u8 = 1;

/// Bytes on their way through.
#[derive(Debug)]
pub(super) struct Through {
    bytes: Vec<u8>,
    /// The oldest of them came after a pause.
    after_pause: bool,
    last_input: u64,
}

impl Through {
    /// What waits may become the escape.
    fn may_escape(&self) -> bool {
        self.after_pause && ESCAPE.starts_with(&self.bytes)
    }
}

impl Modem {
    pub(super) fn cmd_transparent(&mut self, call: &Call<'_>) -> Outcome {
        let on = self.switch(call, self.session.transparent)?;
        if on && (self.session.multiple || self.server.is_some()) {
            return Err(Refusal::because("CIPMUX and CIPSERVER must be 0"));
        }
        self.session.transparent = on;
        Ok(Done::Ok)
    }

    /// `AT+CIPSEND` without parameters.
    pub(super) fn begin_transparent(&mut self) -> Outcome {
        if self.session.multiple {
            return Err(Refusal::because("MUX=1"));
        }
        if !self.session.transparent {
            return Err(Refusal::because("send mode error"));
        }
        if self.open_link(0).is_none() {
            return Err(Refusal::because("link is not valid"));
        }
        self.print(self.profile.transparent_prompt);
        self.activity = Activity::Through(Through {
            bytes: Vec::new(),
            after_pause: true,
            last_input: self.now,
        });
        Ok(Done::Later)
    }

    pub(super) fn receive_through(&mut self, chunk: &[u8]) {
        let now = self.now;
        let Activity::Through(through) = &mut self.activity else {
            return;
        };
        if through.bytes.is_empty() {
            through.after_pause = now >= through.last_input + PATIENCE_US;
        }
        through.last_input = now;
        through.bytes.extend_from_slice(chunk);
        let (escape, full) = (through.may_escape(), through.bytes.len() >= PACKET);
        if full {
            self.send_through(PACKET);
        }
        if escape || !self.timers.has(Timer::Packet) {
            self.timers.set(now + PATIENCE_US, Timer::Packet);
        }
        if let Activity::Through(through) = &mut self.activity {
            through.bytes.truncate(BUFFER);
        }
    }

    /// What waits has waited long enough.
    pub(super) fn packet_due(&mut self) {
        let Activity::Through(through) = &self.activity else {
            return;
        };
        if through.after_pause && through.bytes == ESCAPE {
            self.activity = Activity::Idle;
            if self.kept.messages & QUIT_MESSAGE != 0 {
                self.line("+QUITT");
            }
            return;
        }
        self.send_through(1);
    }

    /// Sends what waits in packets of at least `least` bytes, as far as the stack takes it.
    pub(super) fn send_through(&mut self, least: usize) {
        loop {
            let Activity::Through(through) = &mut self.activity else {
                return;
            };
            let Some(link) = self.links[0].as_ref().filter(|link| link.open) else {
                through.bytes.clear();
                return;
            };
            let room = self.profile.send_buffer.saturating_sub(link.unacked);
            let length = through.bytes.len().min(PACKET).min(room);
            if length < least.max(1) {
                return;
            }
            let packet: Vec<u8> = through.bytes.drain(..length).collect();
            through.after_pause = false;
            let socket = link.socket;
            self.give_to_stack(0, socket, None, &packet, None);
        }
    }

    /// The peer has acknowledged something: what could not be sent before goes now.
    pub(super) fn stack_has_room(&mut self) {
        if !self.timers.has(Timer::Packet) {
            self.send_through(1);
        }
    }

    pub(super) fn cmd_save_link(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        if args.number::<u8>(0, 0..=1)? == 0 {
            args.count(1..=1)?;
            self.kept.saved_link = None;
            self.flash.saved_link = None;
            return Ok(Done::Ok);
        }
        args.count(3..=5)?;
        let host = args.name(1, 64)?;
        let port = args.number(2, 1..=65_535)?;
        let kind = args.optional_text(3)?.unwrap_or(b"TCP").to_vec();
        let extra = match kind.as_slice() {
            b"TCP" => args.optional_number(4, 0..=7_200)?,
            b"SSL" if self.profile.ssl => args.optional_number(4, 0..=7_200)?,
            b"UDP" if self.profile.udp => args.optional_number(4, 1..=65_535)?,
            _ => return Err(Refusal::value()),
        };
        let saved = Some((host, port, kind, extra));
        self.kept.saved_link.clone_from(&saved);
        self.flash.saved_link = saved;
        Ok(Done::Ok)
    }
}
