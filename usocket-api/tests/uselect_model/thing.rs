//! A socket and what is known about it, and so what is reported for it.

#![allow(unreachable_pub)]

use std::collections::VecDeque;
use std::rc::Rc;

use usocket_api::Socket;

use crate::many::udp::UdpNetwork;

pub type Sock<'n> = Socket<&'n UdpNetwork>;

pub const IN: i32 = 1;
pub const OUT: i32 = 4;
pub const ERR: i32 = 8;
pub const HUP: i32 = 16;
pub const NVAL: i32 = 32;
pub const ALWAYS: i32 = ERR | HUP | NVAL;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    New,
    Connecting {
        at: u64,
        refused: bool,
    },
    Stream,
    /// A reset that has been raised.
    Told,
    Server {
        listening: bool,
    },
    Datagram,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Item {
    Bytes(usize),
    End,
    Reset,
    Peer(u16),
}

/// A socket, and what is known about it.
pub struct Thing<'n> {
    pub sock: Rc<Sock<'n>>,
    pub line: u16,
    pub kind: Kind,
    /// In the order and at the time of its arrival.
    pub queue: VecDeque<(u64, Item)>,
}

impl Thing<'_> {
    pub fn arrived(&self, now: u64) -> Option<Item> {
        let front = self.queue.front().filter(|(at, _)| *at <= now);
        front.map(|(_, item)| *item)
    }

    /// What is reported at `now`: at least the first, at most the second.
    pub fn events(&self, now: u64, mask: i32) -> (i32, i32) {
        let masked = mask & (IN | OUT);
        let exactly = |events: i32| (events & (masked | ALWAYS), events & (masked | ALWAYS));
        match self.kind {
            Kind::New | Kind::Server { listening: false } => exactly(OUT | HUP),
            Kind::Connecting { at, .. } if now < at => (0, 0),
            Kind::Connecting { refused: true, .. } => exactly(IN | OUT | ERR | HUP),
            Kind::Connecting { .. } | Kind::Stream => match self.arrived(now) {
                None => exactly(OUT),
                // Whoever waits for OUT alone may learn of it by sending.
                Some(Item::Reset) if masked == OUT => (OUT, OUT | ERR | HUP),
                Some(Item::Reset) => exactly(IN | OUT | ERR | HUP),
                Some(_) => exactly(IN | OUT),
            },
            Kind::Told => exactly(IN | OUT | HUP),
            Kind::Server { listening: true } => {
                exactly(if self.arrived(now).is_some() { IN } else { 0 })
            }
            Kind::Datagram => exactly(match self.arrived(now) {
                Some(_) => IN | OUT,
                None => OUT,
            }),
            Kind::Closed => exactly(NVAL),
        }
    }

    /// The next time after `now` at which something changes.
    pub fn next(&self, now: u64) -> Option<u64> {
        let connected = match self.kind {
            Kind::Connecting { at, .. } => Some(at),
            _ => None,
        };
        let times = connected
            .into_iter()
            .chain(self.queue.iter().map(|(at, _)| *at));
        times.filter(|at| *at > now).min()
    }
}
