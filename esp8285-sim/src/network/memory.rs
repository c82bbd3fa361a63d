//! A network made of scripted peers, in virtual time: same calls, same events, same times.

mod clients;
mod datagrams;
mod world;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use super::{Accepted, Event, Network, Peer, PeerIo, QueryId, SocketId, Tls, TlsServer};
pub use clients::ClientState;
use world::{Ending, Happening, Inner};

/// A deterministic network of scripted peers.
///
/// A clone is a handle to the same network, so a test can keep one after giving one to the modem.
///
/// ```
/// use esp8285_sim::{Echo, MemoryNetwork};
/// use std::net::{Ipv4Addr, SocketAddrV4};
///
/// let server = Ipv4Addr::new(10, 0, 0, 1);
/// let network = MemoryNetwork::new().host("example.com", server).round_trip_us(30_000);
/// network.listen(SocketAddrV4::new(server, 7), || Box::new(Echo));
/// ```
///
/// Limits: nothing is lost or reordered, the peers' bandwidth is unlimited, and every peer is the same
/// round trip away.
#[derive(Clone)]
pub struct MemoryNetwork(Rc<RefCell<Inner>>);

impl fmt::Debug for MemoryNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = self.0.borrow();
        f.debug_struct("MemoryNetwork")
            .field("names", &inner.names)
            .field("listeners", &inner.listeners.keys().collect::<Vec<_>>())
            .field("connections", &inner.connections.len())
            .finish_non_exhaustive()
    }
}

impl Default for MemoryNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl MemoryNetwork {
    /// An empty network: every name is unknown, every connection refused.
    pub fn new() -> Self {
        Self(Rc::new(RefCell::new(Inner {
            names: Vec::new(),
            round_trip: 2_000,
            segment: 1_460,
            listeners: BTreeMap::new(),
            tls: BTreeMap::new(),
            blackholes: Vec::new(),
            connections: BTreeMap::new(),
            doors: BTreeMap::new(),
            clients: BTreeMap::new(),
            udp: BTreeMap::new(),
            udp_peers: BTreeMap::new(),
            queue: BinaryHeap::new(),
            events: VecDeque::new(),
            serial: 0,
            port: 49_152,
        })))
    }

    /// Gives a name an address. Names compare without regard to case.
    pub fn host(self, name: &str, address: Ipv4Addr) -> Self {
        self.0.borrow_mut().names.push((name.to_owned(), address));
        self
    }

    /// How long it takes to the peers and back; 2 ms unless set.
    pub fn round_trip_us(self, us: u64) -> Self {
        self.0.borrow_mut().round_trip = us;
        self
    }

    /// The largest segment the peers send; 1460 bytes unless set.
    pub fn segment_bytes(self, bytes: usize) -> Self {
        self.0.borrow_mut().segment = bytes.max(1);
        self
    }

    /// Serves that address: each connection gets a peer of its own.
    pub fn listen(&self, at: SocketAddrV4, peer: impl FnMut() -> Box<dyn Peer> + 'static) {
        let mut inner = self.0.borrow_mut();
        inner.tls.remove(&at);
        inner
            .listeners
            .insert(at, Rc::new(RefCell::new(Box::new(peer))));
    }

    /// Serves that address with TLS; the peers see what is inside.
    ///
    /// A handshake takes two round trips more than a plain connection. A plain connection to such an address is
    /// refused, and so is TLS to a plain one.
    pub fn listen_tls(
        &self,
        at: SocketAddrV4,
        server: TlsServer,
        peer: impl FnMut() -> Box<dyn Peer> + 'static,
    ) {
        self.listen(at, peer);
        self.0.borrow_mut().tls.insert(at, server);
    }

    /// Stops serving that address; connections that stand are left alone.
    pub fn unlisten(&self, at: SocketAddrV4) {
        self.0.borrow_mut().listeners.remove(&at);
    }

    /// Never answers a connection to that address.
    pub fn blackhole(&self, at: SocketAddrV4) {
        self.0.borrow_mut().blackholes.push(at);
    }

    /// How many connections stand.
    pub fn connections(&self) -> usize {
        self.0.borrow().connections.len()
    }

    /// Acts as the peer of the youngest connection to `at`; `false` when there is none.
    pub fn act(&self, now_us: u64, at: SocketAddrV4, act: impl FnOnce(&mut PeerIo)) -> bool {
        let found = {
            let inner = self.0.borrow();
            inner
                .connections
                .iter()
                .rev()
                .find(|(_, c)| c.to == at && !c.finished && c.peer.is_some())
                .map(|(&id, c)| (id, c.modem_port))
        };
        let Some((id, modem_port)) = found else {
            return false;
        };
        let mut io = PeerIo {
            now: now_us,
            modem_port,
            ..PeerIo::default()
        };
        act(&mut io);
        self.0.borrow_mut().apply(now_us, id, io);
        true
    }

    /// Calls a peer with the network released, so that a peer may use a handle to it.
    fn call(&self, now: u64, id: SocketId, call: impl FnOnce(&mut dyn Peer, &mut PeerIo)) {
        let taken = self
            .0
            .borrow_mut()
            .connections
            .get_mut(&id)
            .and_then(|c| Some((c.peer.take()?, c.modem_port)));
        let Some((mut peer, modem_port)) = taken else {
            return;
        };
        let mut io = PeerIo {
            now,
            modem_port,
            ..PeerIo::default()
        };
        call(peer.as_mut(), &mut io);
        let mut inner = self.0.borrow_mut();
        if let Some(connection) = inner.connections.get_mut(&id) {
            connection.peer = Some(peer);
        }
        inner.apply(now, id, io);
    }

    fn happen(&self, at: u64, what: Happening) {
        match what {
            Happening::Connect(id) => {
                let factory = {
                    let inner = self.0.borrow();
                    let to = inner.connections.get(&id).map(|c| c.to);
                    to.and_then(|to| inner.listeners.get(&to).cloned())
                };
                let peer = factory.map(|factory| (*factory.borrow_mut())());
                let mut inner = self.0.borrow_mut();
                let (Some(connection), Some(peer)) = (inner.connections.get_mut(&id), peer) else {
                    // The listener went away meanwhile.
                    if inner.connections.remove(&id).is_some() {
                        inner.events.push_back(Event::Refused(id));
                    }
                    return;
                };
                connection.peer = Some(peer);
                inner.events.push_back(Event::Connected(id));
                drop(inner);
                self.call(at, id, |peer, io| peer.connected(io));
            }
            Happening::ToPeer(id, data) => self.call(at, id, |peer, io| peer.received(&data, io)),
            Happening::Tick(id) => self.call(at, id, |peer, io| peer.tick(io)),
            Happening::Closed(id, ending) => {
                self.call(at, id, |peer, io| match ending {
                    Ending::Orderly => peer.closed(io),
                    Ending::Reset => peer.reset(io),
                });
                self.0.borrow_mut().connections.remove(&id);
            }
            Happening::Established(id) => self.call(at, id, |peer, io| peer.connected(io)),
            Happening::TurnedAway(id) => self.turned_away(at, id),
            Happening::DatagramOut(port, to, data) => self.deliver(at, port, to, &data),
            Happening::UdpTick(port, peer) => {
                self.call_udp(at, port, peer, |peer, io| peer.tick(io));
            }
            other => self.0.borrow_mut().happen(at, other),
        }
    }
}

impl Network for MemoryNetwork {
    fn resolve(&mut self, now_us: u64, name: &str) -> QueryId {
        let mut inner = self.0.borrow_mut();
        let found = inner
            .names
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|&(_, a)| a);
        let query = QueryId(inner.name());
        let at = now_us + inner.round_trip;
        inner.later(at, Happening::Resolved(query, found));
        query
    }

    fn ping(&mut self, now_us: u64, to: Ipv4Addr) -> QueryId {
        let mut inner = self.0.borrow_mut();
        let query = QueryId(inner.name());
        let exists = inner.names.iter().any(|&(_, address)| address == to)
            || inner.listeners.keys().any(|address| *address.ip() == to);
        if exists {
            let at = now_us + inner.round_trip;
            inner.later(at, Happening::Pong(query));
        }
        query
    }

    fn connect(&mut self, now_us: u64, to: SocketAddrV4, window: usize) -> (SocketId, u16) {
        self.0.borrow_mut().connect(now_us, to, window, None)
    }

    fn connect_tls(
        &mut self,
        now_us: u64,
        to: SocketAddrV4,
        window: usize,
        tls: &Tls,
    ) -> Option<(SocketId, u16)> {
        Some(self.0.borrow_mut().connect(now_us, to, window, Some(tls)))
    }

    fn send(&mut self, now_us: u64, socket: SocketId, data: &[u8]) {
        let mut inner = self.0.borrow_mut();
        let round_trip = inner.round_trip;
        inner.later(
            now_us + round_trip / 2,
            Happening::ToPeer(socket, data.to_vec()),
        );
        inner.later(now_us + round_trip, Happening::Acked(socket, data.len()));
    }

    fn consumed(&mut self, now_us: u64, socket: SocketId, bytes: usize) {
        let mut inner = self.0.borrow_mut();
        let at = now_us + inner.round_trip / 2;
        inner.later(at, Happening::Window(socket, bytes));
    }

    fn bind(&mut self, _now_us: u64, port: Option<u16>) -> Option<(SocketId, u16)> {
        self.0.borrow_mut().bind(port)
    }

    fn send_to(&mut self, now_us: u64, socket: SocketId, to: SocketAddrV4, data: &[u8]) {
        let mut inner = self.0.borrow_mut();
        if let Some(&port) = inner.udp.get(&socket) {
            let at = now_us + inner.round_trip / 2;
            inner.later(at, Happening::DatagramOut(port, to, data.to_vec()));
        }
    }

    fn listen(
        &mut self,
        _now_us: u64,
        port: u16,
        backlog: usize,
        window: usize,
    ) -> Option<SocketId> {
        self.0.borrow_mut().open_door(port, backlog, window)
    }

    fn accept(&mut self, _now_us: u64, listener: SocketId) -> Option<Accepted> {
        self.0.borrow_mut().accept(listener)
    }

    fn close(&mut self, now_us: u64, socket: SocketId) {
        self.0.borrow_mut().end(now_us, socket, Ending::Orderly);
    }

    fn abort(&mut self, now_us: u64, socket: SocketId) {
        self.0.borrow_mut().end(now_us, socket, Ending::Reset);
    }

    fn poll(&mut self, now_us: u64) -> Option<Event> {
        loop {
            let due = {
                let mut inner = self.0.borrow_mut();
                if let Some(event) = inner.events.pop_front() {
                    return Some(event);
                }
                match inner.queue.peek() {
                    Some(Reverse(due)) if due.at <= now_us => inner.queue.pop(),
                    _ => return None,
                }
            };
            if let Some(Reverse(due)) = due {
                self.happen(due.at, due.what);
            }
        }
    }

    fn next_wakeup(&self) -> Option<u64> {
        let inner = self.0.borrow();
        if inner.events.is_empty() {
            inner.queue.peek().map(|Reverse(due)| due.at)
        } else {
            Some(0)
        }
    }
}
