//! The conformance kit's peer in the simulator's network.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;
use std::time::Duration;

use esp8285_sim::{MemoryNetwork, Peer, PeerIo, UdpIo, UdpPeer};
use nal_socket::conformance;
use nal_socket::conformance::peer::{Action, Ledger, Session, datagram};

const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SESSIONS: SocketAddrV4 = SocketAddrV4::new(HOST, 7000);
const SPEAKS_FIRST: SocketAddrV4 = SocketAddrV4::new(HOST, 7001);
const DATAGRAMS: SocketAddrV4 = SocketAddrV4::new(HOST, 7002);
const MORE_DATAGRAMS: SocketAddrV4 = SocketAddrV4::new(HOST, 7003);
const REFUSES: SocketAddrV4 = SocketAddrV4::new(HOST, 7009);
/// Does not answer. Not for a stack whose connect waits inside.
pub const SILENT: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 99), 7000);

/// A network with the peer in it.
pub fn network() -> MemoryNetwork {
    let network = MemoryNetwork::new().host("peer.example", HOST);
    let shared = Shared {
        network: network.clone(),
        ledger: Rc::default(),
        next_port: Rc::new(Cell::new(40_000)),
    };
    let sessions = shared.clone();
    network.listen(SESSIONS, move || {
        Box::new(sessions.connection(Session::new()))
    });
    let sessions = shared;
    network.listen(SPEAKS_FIRST, move || {
        Box::new(sessions.connection(Session::speaking_first()))
    });
    for (at, other) in [(DATAGRAMS, MORE_DATAGRAMS), (MORE_DATAGRAMS, DATAGRAMS)] {
        let network = network.clone();
        network.clone().listen_udp(at, Datagrams { network, other });
    }
    network.blackhole(SILENT);
    network
}

/// The peer, as the rules are told of it.
pub fn peer() -> conformance::Peer<'static> {
    conformance::Peer::at(SESSIONS.into())
        .speaks_first(SPEAKS_FIRST.into())
        .datagrams(DATAGRAMS.into())
        .more_datagrams(MORE_DATAGRAMS.into())
        .refuses(REFUSES.into())
        .other_family(SocketAddr::new("2001:db8::1".parse().unwrap(), 7000))
        .host("peer.example", HOST.into())
        .unknown_host("nobody.example")
        .listen_port(8000)
        // A connect that was given up keeps a modem busy for up to 20 seconds.
        .patience(Duration::from_secs(60))
        .slack(Duration::from_millis(1))
        .most_unread(64 * 1024)
}

#[derive(Clone)]
struct Shared {
    network: MemoryNetwork,
    ledger: Rc<RefCell<Ledger>>,
    next_port: Rc<Cell<u16>>,
}

impl Shared {
    fn connection(&self, session: Session) -> Connection {
        Connection {
            shared: self.clone(),
            session,
            waiting: VecDeque::new(),
            ended: false,
        }
    }
}

/// One session on one connection.
struct Connection {
    shared: Shared,
    session: Session,
    /// What the session has no room for yet.
    waiting: VecDeque<u8>,
    ended: bool,
}

impl Connection {
    fn go_on(&mut self, io: &mut PeerIo) {
        let mut ledger = self.shared.ledger.borrow_mut();
        loop {
            while !self.waiting.is_empty() && self.session.room() > 0 {
                let room = self.session.room();
                let bytes: Vec<u8> = self.waiting.iter().copied().take(room).collect();
                let taken = self.session.receive(&bytes, &mut ledger);
                self.waiting.drain(..taken);
                if taken == 0 {
                    break;
                }
            }
            if self.ended && self.waiting.is_empty() {
                self.session.end(&mut ledger);
            }
            match self.session.next(io.now(), &mut ledger) {
                Action::Send(bytes) => {
                    io.send(bytes);
                    let count = bytes.len();
                    self.session.sent(count);
                }
                Action::Wait(until) => {
                    if let Some(until) = until {
                        io.wake_at(until);
                    }
                    return;
                }
                Action::Connect(port) => {
                    let from = self.shared.next_port.get();
                    self.shared.next_port.set(from + 1);
                    self.shared.network.connect_to_modem(
                        io.now(),
                        SocketAddrV4::new(HOST, from),
                        port,
                        self.shared.connection(Session::new()),
                    );
                }
                // The simulated peer goes on receiving after both, until the modem closes.
                Action::Finish => io.close(),
                Action::Close => return io.close(),
                Action::Reset => return io.reset(),
            }
        }
    }
}

impl Peer for Connection {
    fn connected(&mut self, io: &mut PeerIo) {
        self.go_on(io);
    }

    fn received(&mut self, data: &[u8], io: &mut PeerIo) {
        self.waiting.extend(data);
        self.go_on(io);
    }

    fn closed(&mut self, io: &mut PeerIo) {
        self.ended = true;
        self.go_on(io);
    }

    fn reset(&mut self, _: &mut PeerIo) {
        self.session.broken(&mut self.shared.ledger.borrow_mut());
    }

    fn tick(&mut self, io: &mut PeerIo) {
        self.go_on(io);
    }
}

/// Where datagrams are answered.
struct Datagrams {
    network: MemoryNetwork,
    other: SocketAddrV4,
}

impl UdpPeer for Datagrams {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        let mut out = [0; 1472];
        let replies = datagram(data, &mut out);
        let answer = &out[..replies.length];
        for _ in 0..replies.count {
            if replies.from_other_port {
                let (now, port) = (io.now(), io.modem_port());
                self.network.datagram(now, self.other, port, answer);
            } else {
                io.send(answer);
            }
        }
    }
}
