//! What the chip is connected to: the peer's sessions and datagrams, on lines without frames.

use std::collections::VecDeque;
use std::net::Ipv4Addr;

use nal_socket::conformance::peer::{Ledger, Session, datagram};

use crate::common::{Incoming, Line, Moved, drive};

pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub const SERVER: u16 = 7000;
pub const SPEAKS_FIRST: u16 = 7001;
/// Never reads, and resets a second after the connection was made.
pub const RESETS: u16 = 7003;
pub const DATAGRAMS: u16 = 7000;
pub const MORE_DATAGRAMS: u16 = 7002;
const OTHER_DATAGRAMS: u16 = 7009;

/// Whether connections to that port are accepted.
pub const fn listens(port: u16) -> bool {
    matches!(port, SERVER | SPEAKS_FIRST | RESETS)
}

/// One way, in microseconds.
pub const LATENCY: u64 = 400;
/// How much the peer takes before its session has read it.
const WINDOW: usize = 4096;

pub enum Packet {
    Data(Vec<u8>),
    Fin,
    Reset,
}

/// One TCP connection, on the peer's side of the chip.
pub struct Connection {
    to_peer: VecDeque<(u64, Packet)>,
    pub to_chip: VecDeque<(u64, Packet)>,
    session: Session,
    far: Far,
    over: bool,
    resets_at: Option<u64>,
    /// The chip's socket no longer knows of it: what arrives there is answered with a reset.
    pub forgotten: bool,
}

/// The peer's own TCP.
struct Far {
    received: VecDeque<u8>,
    finished: bool,
    broken: bool,
    /// How much the chip's window admits now.
    window: usize,
    out: Vec<Packet>,
}

impl Line for Far {
    fn read(&mut self, room: usize, take: &mut dyn FnMut(&[u8]) -> usize) -> Incoming {
        if self.broken {
            return Incoming::Broken;
        }
        let bytes: Vec<u8> = self.received.iter().copied().take(room).collect();
        if bytes.is_empty() {
            return if self.finished {
                Incoming::End
            } else {
                Incoming::Nothing
            };
        }
        let count = take(&bytes);
        self.received.drain(..count);
        Incoming::Bytes(count)
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        let count = bytes.len().min(self.window);
        if count > 0 {
            self.window -= count;
            self.out.push(Packet::Data(bytes[..count].to_vec()));
        }
        count
    }

    fn finish(&mut self) {
        self.out.push(Packet::Fin);
    }

    fn close(&mut self) {
        self.out.push(Packet::Fin);
    }

    fn reset(&mut self) {
        self.out.push(Packet::Reset);
    }
}

impl Connection {
    pub fn new(port: u16, now: u64) -> Self {
        Self {
            to_peer: VecDeque::new(),
            to_chip: VecDeque::new(),
            session: if port == SPEAKS_FIRST {
                Session::speaking_first()
            } else {
                Session::new()
            },
            far: Far {
                received: VecDeque::new(),
                finished: false,
                broken: false,
                window: 0,
                out: Vec::new(),
            },
            over: false,
            resets_at: (port == RESETS).then_some(now + 1_000_000),
            forgotten: false,
        }
    }

    /// How many bytes the peer would take now.
    pub fn window(&self) -> usize {
        let flying: usize = self.to_peer.iter().map(|(_, packet)| size(packet)).sum();
        WINDOW.saturating_sub(self.far.received.len() + flying)
    }

    pub fn send(&mut self, now: u64, packet: Packet) {
        self.to_peer.push_back((now + LATENCY, packet));
    }

    /// Moves the peer's side on; `room` is what the chip's ring takes.
    pub fn poll(&mut self, now: u64, room: usize, ledger: &mut Ledger) {
        while self.to_peer.front().is_some_and(|(due, _)| *due <= now) {
            match self.to_peer.pop_front() {
                // Nobody is there any more to read it.
                Some((_, Packet::Data(_))) if self.over => self.answer(now, Packet::Reset),
                Some((_, Packet::Data(bytes))) => self.far.received.extend(bytes),
                Some((_, Packet::Fin)) => self.far.finished = true,
                Some((_, Packet::Reset)) => self.far.broken = true,
                None => {}
            }
        }
        if self.over {
            return;
        }
        if let Some(at) = self.resets_at {
            if now >= at {
                self.over = true;
                self.answer(now, Packet::Reset);
            }
            return;
        }
        let flying: usize = self.to_chip.iter().map(|(_, packet)| size(packet)).sum();
        self.far.window = room.saturating_sub(flying);
        self.over = drive(&mut self.session, ledger, now, &mut self.far) == Moved::Over;
        for packet in std::mem::take(&mut self.far.out) {
            self.answer(now, packet);
        }
    }

    fn answer(&mut self, now: u64, packet: Packet) {
        self.to_chip.push_back((now + LATENCY, packet));
    }

    /// Whether the peer has heard of an end.
    pub fn peer_knows_the_end(&self) -> bool {
        self.far.finished || self.far.broken
    }
}

fn size(packet: &Packet) -> usize {
    match packet {
        Packet::Data(bytes) => bytes.len(),
        Packet::Fin | Packet::Reset => 0,
    }
}

/// The answers to a datagram: from which port, and what.
pub fn answers(port: u16, request: &[u8]) -> Vec<(u16, Vec<u8>)> {
    if port != DATAGRAMS && port != MORE_DATAGRAMS {
        return Vec::new();
    }
    let mut out = [0; 1472];
    let replies = datagram(request, &mut out);
    let from = if replies.from_other_port {
        OTHER_DATAGRAMS
    } else {
        port
    };
    vec![(from, out[..replies.length].to_vec()); replies.count]
}
