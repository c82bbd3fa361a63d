//! `AT+CIPSEND`: prompt, payload, result.
//!
//! Behind the prompt every byte is payload, whatever it looks like, with one exception: a chunk that is exactly
//! `+++` cancels.

use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::timers::Timer;
use super::{Activity, Modem};
use crate::network::SocketId;

/// Most bytes of one send.
const LONGEST: i64 = 2_048;

/// A payload being collected.
#[derive(Debug)]
pub(super) struct Payload {
    link: usize,
    socket: SocketId,
    wanted: usize,
    bytes: Vec<u8>,
    /// `AT+CIPSENDEX`: the state of its escapes.
    escapes: Option<Escape>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escape {
    None,
    Backslash,
    Ended,
}

impl Payload {
    /// Takes bytes from the front; how many.
    fn take(&mut self, chunk: &[u8]) -> usize {
        let Some(mut escape) = self.escapes else {
            let taken = chunk.len().min(self.wanted - self.bytes.len());
            self.bytes.extend_from_slice(&chunk[..taken]);
            return taken;
        };
        let mut taken = 0;
        for &byte in chunk {
            if self.bytes.len() >= self.wanted || escape == Escape::Ended {
                break;
            }
            taken += 1;
            escape = match (escape, byte) {
                (Escape::Backslash, b'0') => Escape::Ended,
                (Escape::None, b'\\') => Escape::Backslash,
                _ => {
                    self.bytes.push(byte);
                    Escape::None
                }
            };
        }
        self.escapes = Some(escape);
        taken
    }

    fn complete(&self) -> bool {
        self.bytes.len() >= self.wanted || self.escapes == Some(Escape::Ended)
    }
}

/// A payload handed to the stack, whose result is open.
#[derive(Debug)]
pub(super) struct Sending {
    link: usize,
    socket: Option<SocketId>,
    /// ESP-AT: the stack's buffer is full.
    pub(super) blocked: bool,
}

impl Modem {
    pub(super) fn cmd_send(&mut self, call: &Call<'_>, escaped: bool) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        let (link, at): (usize, _) = if self.session.multiple {
            (
                args.number(0, 0..=4)
                    .map_err(|refusal| refusal.and("ID ERROR"))?,
                1,
            )
        } else {
            (0, 0)
        };
        args.count(at + 1..=at + 1)?;
        let Some(socket) = self.open_link(link).map(|link| link.socket) else {
            return Err(Refusal::because("link is not valid"));
        };
        let wanted: i64 = args.number(at, i64::MIN..=i64::MAX)?;
        if wanted > LONGEST {
            return Err(Refusal::value().and("too long"));
        }
        let wanted = usize::try_from(wanted)
            .ok()
            .filter(|&n| n > 0)
            .ok_or(Refusal::value())?;
        self.print(self.profile.prompt);
        let escapes = escaped.then_some(Escape::None);
        self.activity = Activity::Payload(Payload {
            link,
            socket,
            wanted,
            bytes: Vec::new(),
            escapes,
        });
        Ok(Done::Later)
    }

    /// Takes payload from the front of a chunk; how many bytes.
    pub(super) fn receive_payload(&mut self, chunk: &[u8], fresh: bool) -> usize {
        let Activity::Payload(payload) = &mut self.activity else {
            return 0;
        };
        if fresh && chunk == b"+++" && self.profile.cancels {
            self.activity = Activity::Idle;
            self.print("\r\nSEND Canceled\r\n");
            return chunk.len();
        }
        let taken = payload.take(chunk);
        let complete = payload.complete();
        self.echo_payload(&chunk[..taken]);
        if complete {
            self.payload_complete();
        }
        taken
    }

    fn payload_complete(&mut self) {
        let Activity::Payload(payload) = std::mem::replace(&mut self.activity, Activity::Idle)
        else {
            return;
        };
        let Payload {
            link,
            socket,
            bytes,
            ..
        } = payload;
        if self.profile.says_recv {
            self.print(format!("\r\nRecv {} bytes\r\n", bytes.len()));
        }
        let nonos = self.nonos();
        let usable = self.links[link]
            .as_mut()
            .filter(|found| found.socket == socket && !found.broken && !(nonos && found.finished));
        let sent_on = usable.map(|found| {
            found.unacked += bytes.len();
            self.net.send(self.now, socket, &bytes);
            socket
        });
        self.activity = Activity::Sending(Sending {
            link,
            socket: sent_on,
            blocked: false,
        });
        if sent_on.is_none() || !self.profile.send_ok_on_ack || bytes.is_empty() {
            self.timers
                .set(self.now + self.command_time, Timer::SendDone);
        }
    }

    /// The result is due without waiting for the peer.
    pub(super) fn send_done(&mut self) {
        let Activity::Sending(sending) = &mut self.activity else {
            return;
        };
        let Some(socket) = sending.socket else {
            self.send_result(false);
            return;
        };
        // What the stack has taken counts as sent, whatever becomes of the link.
        let link = self.links[sending.link]
            .as_ref()
            .filter(|link| link.socket == socket && !link.broken);
        if link.is_some_and(|link| link.unacked > self.profile.send_buffer) {
            sending.blocked = true;
        } else {
            self.send_result(true);
        }
    }

    pub(super) fn acknowledged(&mut self, index: usize, bytes: usize) {
        let Some(link) = &mut self.links[index] else {
            return;
        };
        link.unacked = link.unacked.saturating_sub(bytes);
        let (unacked, socket) = (link.unacked, link.socket);
        let Activity::Sending(sending) = &self.activity else {
            return;
        };
        if sending.socket != Some(socket) {
            return;
        }
        if self.profile.send_ok_on_ack {
            if unacked == 0 {
                self.send_result(true);
            }
        } else if sending.blocked && unacked <= self.profile.send_buffer {
            self.send_result(true);
        }
    }

    /// A link has ended; a payload waiting on it has failed.
    pub(super) fn send_lost_its_link(&mut self, index: usize) {
        let Activity::Sending(sending) = &self.activity else {
            return;
        };
        let waits = self.profile.send_ok_on_ack || sending.blocked;
        if sending.link == index && sending.socket.is_some() && waits {
            self.timers.cancel(Timer::SendDone);
            self.send_result(false);
        }
    }

    fn send_result(&mut self, ok: bool) {
        self.print(match (ok, self.nonos()) {
            (true, _) => "\r\nSEND OK\r\n",
            (false, true) => "SEND FAIL\r\n",
            (false, false) => "\r\nSEND FAIL\r\n",
        });
        self.activity = Activity::Idle;
    }
}
