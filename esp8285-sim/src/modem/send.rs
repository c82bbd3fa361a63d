//! `AT+CIPSEND`: prompt, payload, result.
//!
//! Behind the prompt every byte is payload, whatever it looks like, with one exception: a chunk that is exactly
//! `+++` cancels.

use std::net::SocketAddrV4;

use super::args::Arg;
use super::call::{Call, Form};
use super::links::Kind;
use super::lookup::Purpose;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::timers::Timer;
use super::{Activity, Modem};
use crate::fault::Fault;
use crate::network::SocketId;

/// Most bytes of one send.
const LONGEST: i64 = 2_048;

/// Most bytes of a host name.
const LONGEST_HOST: usize = 64;

/// What a send command asks for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Order {
    pub(super) link: usize,
    pub(super) wanted: usize,
    manner: Manner,
}

/// The three send commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// `AT+CIPSEND`
    Plain,
    /// `AT+CIPSENDEX`
    Escaped,
    /// `AT+CIPSENDBUF`
    Buffered,
}

/// A payload being collected.
#[derive(Debug)]
pub(super) struct Payload {
    link: usize,
    socket: SocketId,
    /// UDP: where it goes, if not to the link's remote.
    to: Option<SocketAddrV4>,
    wanted: usize,
    bytes: Vec<u8>,
    /// `AT+CIPSENDBUF`: the number of this send.
    segment: Option<u32>,
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
    /// The result comes when the peer has acknowledged.
    waits: bool,
    /// ESP-AT: the stack's buffer is full.
    pub(super) blocked: bool,
}

impl Modem {
    pub(super) fn cmd_send(&mut self, call: &Call<'_>, manner: Manner) -> Outcome {
        let args = match &call.form {
            Form::Execute if manner == Manner::Plain => return self.begin_transparent(),
            Form::Set(args) => args,
            _ => return Err(PLAIN),
        };
        if self.session.transparent {
            return Err(Refusal::because("IPMODE=1"));
        }
        let (link, at): (usize, _) = if self.session.multiple {
            (
                args.number(0, 0..=4)
                    .map_err(|refusal| refusal.and("ID ERROR"))?,
                1,
            )
        } else {
            (0, 0)
        };
        let Some((kind, named)) = self.open_link(link).map(|link| (link.kind, link.named)) else {
            return Err(Refusal::because("link is not valid"));
        };
        if named && kind == Kind::Udp && self.profile.mute_named_udp {
            return Ok(Done::Silent);
        }
        let wanted: i64 = args.number(at, i64::MIN..=i64::MAX)?;
        if wanted > LONGEST {
            return Err(Refusal::value().and("too long"));
        }
        let wanted = usize::try_from(wanted)
            .ok()
            .filter(|&n| n > 0)
            .ok_or(Refusal::value())?;
        let order = Order {
            link,
            wanted,
            manner,
        };
        if kind != Kind::Udp || manner != Manner::Plain || args.len() <= at + 1 {
            args.count(at + 1..=at + 1)?;
            return self.prompt_for(order, None);
        }
        args.count(at + 2..=at + 3)
            .map_err(|refusal| refusal.and("no tail"))?;
        let host = args
            .name(at + 1, LONGEST_HOST)
            .map_err(|refusal| refusal.and("ip error"))?;
        let port = match args.get(at + 2) {
            Arg::Absent => return Err(Refusal::count().and("no port")),
            Arg::Text(_) => return Err(Refusal::kind().and("port error")),
            Arg::Number(_) => args
                .number(at + 2, 1..=65_535)
                .map_err(|refusal| refusal.and("port range error"))?,
        };
        self.look_up(&host, Purpose::Send(order, port))
    }

    /// Asks for the payload of an order, which goes to `to` instead of the link's remote.
    pub(super) fn prompt_for(&mut self, order: Order, to: Option<SocketAddrV4>) -> Outcome {
        let Order { link, wanted, .. } = order;
        let keeps = self.profile.send_to_is_kept;
        let Some(found) = self.links[link].as_mut().filter(|link| link.open) else {
            return Err(Refusal::because("link is not valid"));
        };
        if let Some(to) = to.filter(|_| keeps) {
            found.remote = to;
        }
        let socket = found.socket;
        let segment = if order.manner == Manner::Buffered {
            Some(self.begin_segment(&order)?)
        } else {
            None
        };
        self.print_prompt();
        self.activity = Activity::Payload(Payload {
            link,
            socket,
            to,
            wanted,
            bytes: Vec::new(),
            segment,
            escapes: (order.manner == Manner::Escaped).then_some(Escape::None),
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
        if self.profile.says_recv {
            self.print(format!("\r\nRecv {} bytes\r\n", payload.bytes.len()));
        }
        self.stray_message(Fault::UrcBeforeResult);
        self.radio_transmits();
        let (link, bytes) = (payload.link, payload.bytes.len());
        let Payload { socket, to, .. } = payload;
        let sent_on = self.give_to_stack(link, socket, to, &payload.bytes, payload.segment);
        if payload.segment.is_some() && sent_on.is_some() {
            // Its result comes by itself.
            return;
        }
        let waits = self.waits_for_ack(link) && sent_on.is_some() && bytes > 0;
        self.activity = Activity::Sending(Sending {
            link,
            socket: sent_on,
            waits,
            blocked: false,
        });
        if !waits {
            self.timers
                .set(self.now + self.command_time, Timer::SendDone);
        }
    }

    /// Gives bytes to the stack; the socket, if it took them.
    pub(super) fn give_to_stack(
        &mut self,
        index: usize,
        socket: SocketId,
        to: Option<SocketAddrV4>,
        bytes: &[u8],
        segment: Option<u32>,
    ) -> Option<SocketId> {
        let nonos = self.nonos();
        let remote = to.or(self.open_link(index).map(|link| link.remote));
        let reachable = remote.is_some_and(|remote| self.routes_to(*remote.ip()));
        let link = self.links[index].as_mut()?;
        let dead = link.broken || (nonos && link.finished);
        if link.socket != socket || dead {
            return None;
        }
        if link.kind == Kind::Udp {
            let to = to.unwrap_or(link.remote);
            if reachable {
                self.net.send_to(self.now, socket, to, bytes);
            }
            return reachable.then_some(socket);
        }
        link.unacked += bytes.len();
        link.segments.sent(segment, bytes.len());
        link.active_at = self.now;
        self.net.send(self.now, socket, bytes);
        Some(socket)
    }

    /// Whether a send's result waits for the peer. Datagrams are never acknowledged.
    fn waits_for_ack(&self, index: usize) -> bool {
        let kind = self.links[index].as_ref().map(|link| link.kind);
        self.profile.send_ok_on_ack && kind != Some(Kind::Udp)
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
            self.send_succeeded();
        }
    }

    pub(super) fn acknowledged(&mut self, index: usize, bytes: usize) {
        let Some(link) = &mut self.links[index] else {
            return;
        };
        link.unacked = link.unacked.saturating_sub(bytes);
        link.active_at = self.now;
        let (unacked, socket) = (link.unacked, link.socket);
        self.segments_acknowledged(index, bytes);
        self.stack_has_room();
        let Activity::Sending(sending) = &self.activity else {
            return;
        };
        if sending.socket != Some(socket) {
            return;
        }
        if sending.waits {
            if unacked == 0 {
                self.send_succeeded();
            }
        } else if sending.blocked && unacked <= self.profile.send_buffer {
            self.send_succeeded();
        }
    }

    /// A link has ended; a payload waiting on it has failed.
    pub(super) fn send_lost_its_link(&mut self, index: usize) {
        let Activity::Sending(sending) = &self.activity else {
            return;
        };
        let waits = sending.waits || sending.blocked;
        if sending.link == index && sending.socket.is_some() && waits {
            self.timers.cancel(Timer::SendDone);
            self.send_result(false);
        }
    }

    /// Reports a result that may be late, once.
    fn send_succeeded(&mut self) {
        match self.send_is_late() {
            Some(us) => self.timers.set(self.now + us, Timer::LateSend),
            None => self.send_result(true),
        }
    }

    pub(super) fn send_result(&mut self, ok: bool) {
        self.timers.cancel(Timer::LateSend);
        if ok && self.strikes(Fault::DoubledSend) {
            self.print_line("SEND FAIL\r\n");
        }
        self.print_line(match (ok, self.nonos()) {
            (true, _) => "\r\nSEND OK\r\n",
            (false, true) => "SEND FAIL\r\n",
            (false, false) => "\r\nSEND FAIL\r\n",
        });
        self.activity = Activity::Idle;
    }
}
