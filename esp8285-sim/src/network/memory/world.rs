//! What happens in a memory network, and when.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use super::clients::{Client, Door};
use crate::network::{Event, Peer, PeerIo, QueryId, SocketId, Tls, TlsServer, UdpPeer};

pub(super) type Factory = Box<dyn FnMut() -> Box<dyn Peer>>;

pub(super) struct Inner {
    pub(super) names: Vec<(String, Ipv4Addr)>,
    pub(super) round_trip: u64,
    pub(super) segment: usize,
    pub(super) listeners: BTreeMap<SocketAddrV4, Rc<RefCell<Factory>>>,
    /// Which of the listeners speak TLS.
    pub(super) tls: BTreeMap<SocketAddrV4, TlsServer>,
    pub(super) blackholes: Vec<SocketAddrV4>,
    pub(super) connections: BTreeMap<SocketId, Connection>,
    /// The modem's listeners.
    pub(super) doors: BTreeMap<SocketId, Door>,
    /// Those who have connected to the modem, or tried to.
    pub(super) clients: BTreeMap<SocketId, Client>,
    /// The modem's UDP sockets and their ports.
    pub(super) udp: BTreeMap<SocketId, u16>,
    /// Who answers datagrams; `None` while being called.
    pub(super) udp_peers: BTreeMap<SocketAddrV4, Option<Box<dyn UdpPeer>>>,
    pub(super) queue: BinaryHeap<Reverse<Due>>,
    pub(super) events: VecDeque<Event>,
    pub(super) serial: u64,
    pub(super) port: u16,
}

pub(super) struct Connection {
    pub(super) to: SocketAddrV4,
    pub(super) modem_port: u16,
    /// `None` while it is being called, and before the connection stands.
    pub(super) peer: Option<Box<dyn Peer>>,
    /// Sent by the peer, waiting for room in the modem's window.
    pub(super) waiting: VecDeque<u8>,
    pub(super) window: usize,
    pub(super) room: usize,
    pub(super) closing: bool,
    pub(super) finished: bool,
    /// What happened before the modem accepted the connection.
    pub(super) held: Option<Vec<Event>>,
}

impl Connection {
    pub(super) fn new(to: SocketAddrV4, modem_port: u16, window: usize) -> Self {
        let window = window.max(1);
        Self {
            to,
            modem_port,
            peer: None,
            waiting: VecDeque::new(),
            window,
            room: window,
            closing: false,
            finished: false,
            held: None,
        }
    }
}

/// Something that will happen; ordered by time, then by the order of its making.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Due {
    pub(super) at: u64,
    pub(super) serial: u64,
    pub(super) what: Happening,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Happening {
    Resolved(QueryId, Option<Ipv4Addr>),
    Pong(QueryId),
    Connect(SocketId),
    Refuse(SocketId),
    ToPeer(SocketId, Vec<u8>),
    Acked(SocketId, usize),
    ToModem(SocketId, Vec<u8>),
    Finish(SocketId),
    Reset(SocketId),
    Window(SocketId, usize),
    Closed(SocketId, Ending),
    Tick(SocketId),
    Knock(SocketId),
    Established(SocketId),
    TurnedAway(SocketId),
    Datagram(u16, SocketAddrV4, Vec<u8>),
    DatagramOut(u16, SocketAddrV4, Vec<u8>),
    UdpTick(u16, SocketAddrV4),
}

/// How the modem ends a connection.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Ending {
    Orderly,
    Reset,
}

impl Inner {
    pub(super) fn later(&mut self, at: u64, what: Happening) {
        self.serial += 1;
        self.queue.push(Reverse(Due {
            at,
            serial: self.serial,
            what,
        }));
    }

    pub(super) fn name(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    /// A local port for the modem's next socket.
    pub(super) fn free_port(&mut self) -> u16 {
        let port = self.port;
        self.port = port.checked_add(1).unwrap_or(49_152);
        port
    }

    /// Starts a connection of the modem.
    pub(super) fn connect(
        &mut self,
        now: u64,
        to: SocketAddrV4,
        window: usize,
        tls: Option<&Tls>,
    ) -> (SocketId, u16) {
        let id = SocketId(self.name());
        let port = self.free_port();
        self.connections
            .insert(id, Connection::new(to, port, window));
        let (served, server) = (self.listeners.contains_key(&to), self.tls.get(&to));
        let accepts = match (server, tls) {
            (Some(server), Some(client)) => server.accepts(client),
            (server, client) => server.is_some() == client.is_some(),
        };
        // TCP, then the handshake.
        let trips = if served && tls.is_some() { 3 } else { 1 };
        let at = now + trips * self.round_trip;
        if self.blackholes.contains(&to) {
            // Silence.
        } else if served && accepts {
            self.later(at, Happening::Connect(id));
        } else {
            self.later(at, Happening::Refuse(id));
        }
        (id, port)
    }

    /// The modem ends a socket: nothing reaches the modem from here on, but the peer still has to hear of it.
    pub(super) fn end(&mut self, now: u64, socket: SocketId, ending: Ending) {
        self.events.retain(|event| event.socket() != Some(socket));
        if self.udp.remove(&socket).is_some() {
            return;
        }
        if let Some(door) = self.doors.remove(&socket) {
            for waiting in door.waiting {
                self.end(now, waiting, Ending::Reset);
            }
            return;
        }
        if let Some(connection) = self.connections.get_mut(&socket) {
            connection.waiting.clear();
            connection.finished = true;
        }
        self.queue
            .retain(|Reverse(due)| !due.what.reaches_modem(socket));
        let at = now + self.round_trip / 2;
        self.later(at, Happening::Closed(socket, ending));
    }

    /// Does what a peer asked for.
    pub(super) fn apply(&mut self, now: u64, id: SocketId, io: PeerIo) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.finished {
            return;
        }
        if !connection.closing {
            connection.waiting.extend(&io.out);
            connection.closing = io.close;
        }
        if let Some(wake) = io.wake {
            self.later(wake.max(now), Happening::Tick(id));
        }
        if io.reset {
            if let Some(connection) = self.connections.get_mut(&id) {
                connection.waiting.clear();
                connection.finished = true;
            }
            let at = now + self.round_trip / 2;
            self.later(at, Happening::Reset(id));
            return;
        }
        self.pump(now, id);
    }

    /// Puts what fits the window on its way to the modem.
    fn pump(&mut self, now: u64, id: SocketId) {
        let arrival = now + self.round_trip / 2;
        loop {
            let Some(connection) = self.connections.get_mut(&id) else {
                return;
            };
            let whole = self
                .segment
                .min(connection.window)
                .min(connection.waiting.len());
            // A sender does not split a segment to fill the last bytes of a window.
            if whole == 0 || connection.room < whole {
                break;
            }
            connection.room -= whole;
            let segment: Vec<u8> = connection.waiting.drain(..whole).collect();
            self.later(arrival, Happening::ToModem(id, segment));
        }
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        if connection.closing && connection.waiting.is_empty() && !connection.finished {
            connection.finished = true;
            self.later(arrival, Happening::Finish(id));
        }
    }

    /// Tells the modem what happened to a connection, once the modem knows of the connection.
    fn report(&mut self, id: SocketId, event: Event) {
        let Some(connection) = self.connections.get_mut(&id) else {
            return;
        };
        match &mut connection.held {
            Some(held) => held.push(event),
            None => self.events.push_back(event),
        }
    }

    /// What needs no peer.
    pub(super) fn happen(&mut self, at: u64, what: Happening) {
        let known = |inner: &Self, id: SocketId| inner.connections.contains_key(&id);
        match what {
            Happening::Resolved(query, address) => {
                self.events.push_back(Event::Resolved(query, address))
            }
            Happening::Pong(query) => self.events.push_back(Event::Pong(query)),
            Happening::Refuse(id) if known(self, id) => {
                self.connections.remove(&id);
                self.events.push_back(Event::Refused(id));
            }
            Happening::Acked(id, bytes) if known(self, id) => {
                self.events.push_back(Event::Acked(id, bytes))
            }
            Happening::ToModem(id, data) => self.report(id, Event::Data(id, data)),
            Happening::Finish(id) => self.report(id, Event::Finished(id)),
            Happening::Reset(id) => {
                self.report(id, Event::Reset(id));
                if self.connections.get(&id).is_some_and(|c| c.held.is_none()) {
                    self.connections.remove(&id);
                }
            }
            Happening::Knock(id) => self.knock(at, id),
            Happening::Datagram(port, from, data) => {
                let socket = self.udp.iter().find(|&(_, &bound)| bound == port);
                if let Some((&id, _)) = socket {
                    self.events.push_back(Event::Datagram(id, from, data));
                }
            }
            Happening::Window(id, bytes) => {
                if let Some(connection) = self.connections.get_mut(&id) {
                    connection.room += bytes;
                    self.pump(at, id);
                }
            }
            _ => {}
        }
    }
}

impl Happening {
    pub(super) fn reaches_modem(&self, socket: SocketId) -> bool {
        match self {
            Happening::Connect(id)
            | Happening::Refuse(id)
            | Happening::Acked(id, _)
            | Happening::ToModem(id, _)
            | Happening::Finish(id)
            | Happening::Reset(id) => *id == socket,
            _ => false,
        }
    }
}
