//! Those who connect to the modem's server.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use super::MemoryNetwork;
use super::world::{Connection, Happening, Inner};
use crate::network::{Accepted, Event, Peer, PeerIo, SocketId};

/// How often a client knocks before it gives up; the pauses double from one second.
const KNOCKS: u32 = 5;
const FIRST_PAUSE_US: u64 = 1_000_000;

/// A listener of the modem.
pub(super) struct Door {
    pub(super) port: u16,
    backlog: usize,
    window: usize,
    pub(super) waiting: VecDeque<SocketId>,
}

/// Somebody who wants to connect to the modem.
pub(super) struct Client {
    from: SocketAddrV4,
    port: u16,
    /// Until there is a connection.
    peer: Option<Box<dyn Peer>>,
    knocks: u32,
    refused: bool,
}

/// How far a client of the modem's server has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientState {
    /// Not answered yet.
    Connecting,
    /// Connected; the modem's program need not have accepted it yet.
    Connected,
    /// Refused, or given up.
    Refused,
    /// It was connected and is no longer.
    Closed,
}

impl MemoryNetwork {
    /// Connects to a port of the modem, as a client at address `from`, beginning at that virtual time.
    ///
    /// Give each client an address of its own; [`act`](Self::act) with that address acts as the client.
    ///
    /// ```
    /// use esp8285_sim::{ClientState, Echo, MemoryNetwork};
    ///
    /// let network = MemoryNetwork::new();
    /// let client = network.connect_to_modem(0, "192.168.1.9:4000".parse().unwrap(), 80, Echo);
    /// assert_eq!(network.client(client), ClientState::Connecting);
    /// ```
    ///
    /// A port nobody listens on refuses after half a round trip. A listener whose backlog is full does not answer;
    /// the client asks again after 1, 2, 4 and 8 seconds.
    pub fn connect_to_modem(
        &self,
        at_us: u64,
        from: SocketAddrV4,
        port: u16,
        peer: impl Peer + 'static,
    ) -> SocketId {
        let mut inner = self.0.borrow_mut();
        let id = SocketId(inner.name());
        let client = Client {
            from,
            port,
            peer: Some(Box::new(peer)),
            knocks: 0,
            refused: false,
        };
        inner.clients.insert(id, client);
        let at = at_us + inner.round_trip / 2;
        inner.later(at, Happening::Knock(id));
        id
    }

    /// What has become of a client made with [`connect_to_modem`](Self::connect_to_modem).
    pub fn client(&self, id: SocketId) -> ClientState {
        let inner = self.0.borrow();
        let connection = inner.connections.get(&id);
        match (inner.clients.get(&id), connection) {
            (_, Some(connection)) if !connection.finished => ClientState::Connected,
            (Some(client), None) if client.refused => ClientState::Refused,
            (Some(client), None) if client.peer.is_some() => ClientState::Connecting,
            _ => ClientState::Closed,
        }
    }

    pub(super) fn turned_away(&self, now: u64, id: SocketId) {
        let taken = self.0.borrow_mut().clients.get_mut(&id).and_then(|client| {
            client.refused = true;
            client.peer.take()
        });
        if let Some(mut peer) = taken {
            let mut io = PeerIo {
                now,
                ..PeerIo::default()
            };
            peer.refused(&mut io);
        }
    }
}

impl Inner {
    pub(super) fn open_door(
        &mut self,
        port: u16,
        backlog: usize,
        window: usize,
    ) -> Option<SocketId> {
        if self.doors.values().any(|door| door.port == port) {
            return None;
        }
        let id = SocketId(self.name());
        let door = Door {
            port,
            backlog: backlog.max(1),
            window,
            waiting: VecDeque::new(),
        };
        self.doors.insert(id, door);
        Some(id)
    }

    /// A client's request for a connection has reached the modem.
    pub(super) fn knock(&mut self, now: u64, id: SocketId) {
        let answer_at = now + self.round_trip / 2;
        let Some(client) = self.clients.get_mut(&id) else {
            return;
        };
        let door = self
            .doors
            .iter_mut()
            .find(|(_, door)| door.port == client.port);
        let Some((&listener, door)) = door else {
            self.later(answer_at, Happening::TurnedAway(id));
            return;
        };
        if door.waiting.len() >= door.backlog {
            client.knocks += 1;
            let (knocks, pause) = (client.knocks, FIRST_PAUSE_US << (client.knocks - 1));
            self.later(
                now + pause,
                if knocks < KNOCKS {
                    Happening::Knock(id)
                } else {
                    Happening::TurnedAway(id)
                },
            );
            return;
        }
        door.waiting.push_back(id);
        let mut connection = Connection::new(client.from, door.port, door.window);
        connection.peer = client.peer.take();
        connection.held = Some(Vec::new());
        self.connections.insert(id, connection);
        self.events.push_back(Event::Incoming(listener));
        self.later(answer_at, Happening::Established(id));
    }

    pub(super) fn accept(&mut self, listener: SocketId) -> Option<Accepted> {
        let socket = self.doors.get_mut(&listener)?.waiting.pop_front()?;
        let connection = self.connections.get_mut(&socket)?;
        let remote = connection.to;
        let held = connection.held.take().unwrap_or_default();
        if held.contains(&Event::Reset(socket)) {
            self.connections.remove(&socket);
        }
        self.events.extend(held);
        Some(Accepted { socket, remote })
    }
}
