//! The host's own sockets, so that a program behind the modem can be a real one.

mod dial;
mod places;
mod server;
mod streams;
mod udp;

use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::mpsc::{Receiver, TryRecvError};

use places::{Forbidden, Target};
use server::Listener;
use streams::{Socket, State};
use udp::Udp;

use super::{Accepted, Event, Network, QueryId, SocketId};

/// How often the sockets are looked at while there are any.
const POLL_US: u64 = 1_000;

/// The host's sockets: loopback only, unless allowed further.
///
/// ```
/// use esp8285_sim::HostNetwork;
///
/// let network = HostNetwork::new()
///     .host("dl.example", "127.0.0.1")         // the name has this address
///     .host("api.example", "127.0.0.1:8080");  // every port of the name leads to this one
/// # drop(network);
/// ```
///
/// It lives in real time: use it with [`live`](crate::live), not with a [`Bench`](crate::Bench), whose virtual
/// seconds pass before a real socket can answer.
///
/// Limits: data counts as acknowledged when the host's kernel has taken it. Only this computer answers pings: a
/// loopback address, or a name that leads there. A refused and a forbidden connection look the same to the modem;
/// [`on_forbidden`](Self::on_forbidden) tells the user.
#[derive(Debug)]
pub struct HostNetwork {
    names: Vec<(String, Target)>,
    allow_net: bool,
    forbidden: Forbidden,
    sockets: BTreeMap<SocketId, Socket>,
    udp: BTreeMap<SocketId, Udp>,
    listeners: BTreeMap<SocketId, Listener>,
    forwards: Vec<(u16, u16)>,
    lookups: Vec<(QueryId, Receiver<Option<Ipv4Addr>>)>,
    events: VecDeque<Event>,
    serial: u64,
    port: u16,
    polled: u64,
}

impl Default for HostNetwork {
    fn default() -> Self {
        Self::new()
    }
}

impl HostNetwork {
    /// Loopback only, no names.
    pub fn new() -> Self {
        Self {
            names: Vec::new(),
            allow_net: false,
            forbidden: Forbidden(None),
            sockets: BTreeMap::new(),
            udp: BTreeMap::new(),
            listeners: BTreeMap::new(),
            forwards: Vec::new(),
            lookups: Vec::new(),
            events: VecDeque::new(),
            serial: 0,
            port: 49_152,
            polled: 0,
        }
    }

    /// Gives a name an address (`127.0.0.1`) or a place (`127.0.0.1:8080`, `localhost:8080`, `[::1]:8080`).
    ///
    /// With a place, whatever port the modem asks for, it gets that one.
    #[must_use]
    pub fn host(mut self, name: &str, to: impl ToString) -> Self {
        let to = to.to_string();
        let target = match to.parse::<Ipv4Addr>() {
            Ok(address) => Target::Address(address),
            Err(_) => {
                // From the block for benchmarks, which no network routes.
                let alias = Ipv4Addr::from(
                    0xc612_0001 + u32::try_from(self.names.len()).unwrap_or(0) % 0xfffe,
                );
                Target::Place { alias, place: to }
            }
        };
        self.names.push((name.to_owned(), target));
        self
    }

    /// Allows other addresses than loopback, and the host's resolver for names that are not in the table.
    #[must_use]
    pub fn allow_net(mut self, allow: bool) -> Self {
        self.allow_net = allow;
        self
    }

    /// Calls `tell` when something is refused only because [`allow_net`](Self::allow_net) is off, with the modem's time
    /// in microseconds and what was wanted: `192.0.2.1:80` to connect to, or `example.com` to look up.
    ///
    /// The modem itself says no more about it than about any other failure.
    #[must_use]
    pub fn on_forbidden(mut self, tell: impl FnMut(u64, &str) + Send + 'static) -> Self {
        self.forbidden = Forbidden(Some(Box::new(tell)));
        self
    }

    fn name(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    fn look(&mut self) {
        let mut answered = Vec::new();
        self.lookups
            .retain(|(query, answer)| match answer.try_recv() {
                Ok(address) => {
                    answered.push(Event::Resolved(*query, address));
                    false
                }
                Err(TryRecvError::Empty) => true,
                Err(TryRecvError::Disconnected) => {
                    answered.push(Event::Resolved(*query, None));
                    false
                }
            });
        self.events.extend(answered);
        self.hear_knocks();
        self.read_datagrams();
        let ids: Vec<SocketId> = self.sockets.keys().copied().collect();
        for id in ids {
            self.connecting(id);
            self.write(id);
            self.read(id);
        }
    }
}

impl Network for HostNetwork {
    fn resolve(&mut self, now_us: u64, name: &str) -> QueryId {
        let query = QueryId(self.name());
        let known = self
            .names
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        match known.map(|(_, target)| target) {
            Some(Target::Address(address) | Target::Place { alias: address, .. }) => {
                self.events
                    .push_back(Event::Resolved(query, Some(*address)));
            }
            None if self.allow_net => {
                self.lookups.push((query, dial::look_up(name.to_owned())));
            }
            None => {
                self.forbidden.tell(now_us, name);
                self.events.push_back(Event::Resolved(query, None));
            }
        }
        query
    }

    fn ping(&mut self, _now_us: u64, to: Ipv4Addr) -> QueryId {
        let query = QueryId(self.name());
        if self.is_here(to) {
            self.events.push_back(Event::Pong(query));
        }
        query
    }

    fn connect(&mut self, _now_us: u64, to: SocketAddrV4, window: usize) -> (SocketId, u16) {
        let id = SocketId(self.name());
        let port = self.port;
        self.port = port.checked_add(1).unwrap_or(49_152);
        let place = self.place_of(to);
        let state = State::Connecting(dial::connect(place, self.allow_net));
        self.sockets.insert(id, Socket::new(state, window));
        (id, port)
    }

    fn send(&mut self, _now_us: u64, socket: SocketId, data: &[u8]) {
        if let Some(found) = self.sockets.get_mut(&socket) {
            found.unsent.extend(data);
            self.write(socket);
        }
    }

    fn consumed(&mut self, _now_us: u64, socket: SocketId, bytes: usize) {
        if let Some(found) = self.sockets.get_mut(&socket) {
            found.room += bytes;
        }
    }

    fn bind(&mut self, _now_us: u64, port: Option<u16>) -> Option<(SocketId, u16)> {
        self.open_udp(port)
    }

    fn send_to(&mut self, now_us: u64, socket: SocketId, to: SocketAddrV4, data: &[u8]) {
        self.send_datagram(now_us, socket, to, data);
    }

    fn listen(
        &mut self,
        _now_us: u64,
        port: u16,
        backlog: usize,
        window: usize,
    ) -> Option<SocketId> {
        self.open_listener(port, backlog, window)
    }

    fn accept(&mut self, _now_us: u64, listener: SocketId) -> Option<Accepted> {
        self.accept_waiting(listener)
    }

    fn close(&mut self, _now_us: u64, socket: SocketId) {
        self.udp.remove(&socket);
        self.listeners.remove(&socket);
        self.write(socket);
        self.events.retain(|event| event.socket() != Some(socket));
        match self.sockets.get_mut(&socket) {
            Some(found) if matches!(found.state, State::Open(_)) && !found.unsent.is_empty() => {
                found.closing = true
            }
            _ => self.shut(socket),
        }
    }

    fn abort(&mut self, _now_us: u64, socket: SocketId) {
        self.udp.remove(&socket);
        self.listeners.remove(&socket);
        self.events.retain(|event| event.socket() != Some(socket));
        if let Some(Socket {
            state: State::Open(stream),
            ..
        }) = self.sockets.remove(&socket)
        {
            dial::break_off(stream);
        }
    }

    fn poll(&mut self, now_us: u64) -> Option<Event> {
        if self.events.is_empty() {
            self.polled = now_us;
            self.look();
        }
        self.events.pop_front()
    }

    fn next_wakeup(&self) -> Option<u64> {
        if !self.events.is_empty() {
            return Some(self.polled);
        }
        let busy = !self.sockets.is_empty()
            || !self.lookups.is_empty()
            || !self.udp.is_empty()
            || !self.listeners.is_empty();
        busy.then_some(self.polled + POLL_US)
    }
}
