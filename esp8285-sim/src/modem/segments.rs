//! `AT+CIPSENDBUF` and its relatives: sends that nobody waits for, numbered.

use std::collections::VecDeque;

use super::call::{Call, Form};
use super::links::Kind;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::send::Order;
use super::{LINKS, Modem};

/// How many packets the stack queues per connection.
const QUEUE: usize = 8;

/// A full packet.
const PACKET: usize = 1_460;

/// How many segments back one can ask for.
const REMEMBERED: u32 = 32;

/// The numbered sends of one link.
#[derive(Debug)]
pub(super) struct Segments {
    next: u32,
    acknowledged: u32,
    /// What the peer has not acknowledged, oldest first: its number, if it has one, and how many bytes are left.
    in_flight: VecDeque<(Option<u32>, usize)>,
}

impl Default for Segments {
    fn default() -> Self {
        Self {
            next: 1,
            acknowledged: 0,
            in_flight: VecDeque::new(),
        }
    }
}

impl Segments {
    /// Gives the next send its number.
    pub(super) fn number(&mut self) -> u32 {
        let number = self.next;
        self.next = self.next.wrapping_add(1);
        number
    }

    pub(super) fn sent(&mut self, number: Option<u32>, bytes: usize) {
        self.in_flight.push_back((number, bytes));
    }

    /// The peer has acknowledged so many bytes; the numbers of the sends that are done.
    pub(super) fn acknowledge(&mut self, mut bytes: usize) -> Vec<u32> {
        let mut done = Vec::new();
        while let Some((number, left)) = self.in_flight.front_mut() {
            if *left > bytes {
                *left -= bytes;
                break;
            }
            bytes -= *left;
            done.extend(*number);
            self.in_flight.pop_front();
        }
        self.acknowledged = done.last().copied().unwrap_or(self.acknowledged);
        done
    }

    /// How many packets may still be queued.
    fn room(&self) -> usize {
        let packets = self.in_flight.iter().map(|(_, left)| left.div_ceil(PACKET));
        QUEUE.saturating_sub(packets.sum())
    }

    fn idle(&self) -> bool {
        self.in_flight.iter().all(|(number, _)| number.is_none())
    }
}

impl Modem {
    /// Before the prompt of a numbered send: which number it gets, and which was acknowledged last.
    pub(super) fn begin_segment(&mut self, order: &Order) -> Result<u32, Refusal> {
        let prefix = self.link_prefix(order.link);
        let most = self.profile.send_buffer;
        let Some(link) = self.links[order.link].as_mut() else {
            return Err(PLAIN);
        };
        if link.kind != Kind::Tcp {
            return Err(PLAIN);
        }
        if link.unacked + order.wanted > most {
            return Err(Refusal::because("BUFFER FULL"));
        }
        if link.segments.room() < order.wanted.div_ceil(PACKET) {
            return Err(Refusal::because("QUEUE FULL"));
        }
        let number = link.segments.number();
        let acknowledged = link.segments.acknowledged;
        self.line(format!("{prefix}{number},{acknowledged}"));
        Ok(number)
    }

    /// The peer has acknowledged more of what a link has sent.
    pub(super) fn segments_acknowledged(&mut self, index: usize, bytes: usize) {
        let prefix = self.link_prefix(index);
        let Some(link) = &mut self.links[index] else {
            return;
        };
        for number in link.segments.acknowledge(bytes) {
            self.line(format!("{prefix}{number},SEND OK"));
        }
    }

    /// The link a command is about, and its other parameter, of commands with `wanted` parameters besides the link.
    fn segment_link(
        &self,
        call: &Call<'_>,
        wanted: usize,
    ) -> Result<(usize, Option<u32>), Refusal> {
        let first = usize::from(self.session.multiple);
        let args = match &call.form {
            Form::Execute if first + wanted == 0 => return self.live(0).map(|link| (link, None)),
            Form::Set(args) => args,
            _ => return Err(PLAIN),
        };
        args.count(first + wanted..=first + wanted)?;
        if args.len() == 0 {
            return Err(PLAIN);
        }
        let link = if first == 1 {
            args.number(0, 0..=4)
                .map_err(|refusal| refusal.and("ID ERROR"))?
        } else {
            0
        };
        let number = match wanted {
            0 => None,
            _ => Some(args.number(first, 0..=i64::from(u32::MAX))?),
        };
        self.live(link).map(|link| (link, number))
    }

    /// A TCP link that stands.
    fn live(&self, index: usize) -> Result<usize, Refusal> {
        let link = self.open_link(index).filter(|link| link.kind == Kind::Tcp);
        link.map(|_| index.min(LINKS - 1)).ok_or(PLAIN)
    }

    pub(super) fn cmd_segment_status(&mut self, call: &Call<'_>) -> Outcome {
        let (index, _) = self.segment_link(call, 0)?;
        let most = self.profile.send_buffer;
        let Some(link) = self.open_link(index) else {
            return Err(PLAIN);
        };
        let (segments, room) = (&link.segments, most.saturating_sub(link.unacked));
        let text = format!(
            "{},{},{},{room},{}",
            segments.next,
            segments.next.wrapping_sub(1),
            segments.acknowledged,
            segments.room()
        );
        self.line(text);
        Ok(Done::Ok)
    }

    pub(super) fn cmd_segment_check(&mut self, call: &Call<'_>) -> Outcome {
        let (index, number) = self.segment_link(call, 1)?;
        let prefix = self.link_prefix(index);
        let (Some(link), Some(number)) = (self.open_link(index), number) else {
            return Err(PLAIN);
        };
        let segments = &link.segments;
        if number == 0 || number >= segments.next || number + REMEMBERED < segments.next {
            return Err(PLAIN);
        }
        let done = if number <= segments.acknowledged {
            "TRUE"
        } else {
            "FALSE"
        };
        self.line(format!("{prefix}{number},{done}"));
        Ok(Done::Ok)
    }

    pub(super) fn cmd_segment_reset(&mut self, call: &Call<'_>) -> Outcome {
        let (index, _) = self.segment_link(call, 0)?;
        match &mut self.links[index] {
            Some(link) if link.segments.idle() => {
                link.segments.next = 1;
                link.segments.acknowledged = 0;
                Ok(Done::Ok)
            }
            _ => Err(PLAIN),
        }
    }
}
