//! A stack in memory that keeps the strict contract, its peer, and virtual time.
//!
//! The peer acts only while the stack's user idles, so everything takes a while. Each [`Fault`] breaks
//! one thing.

mod capabilities;
mod datagrams;
pub mod found;
mod stream;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::rc::Rc;

use embedded_nal::{AddrType, Dns, TcpError, TcpErrorKind, nb};
use nal_socket::conformance::Peer;
use nal_socket::conformance::peer::{Action, Ledger, Session};
use nal_socket::{ErrorKind, Idle, Platform, Policy, UdpPolicy};

/// What each direction of a connection holds.
const BUFFER: usize = 2048;
/// How many TCP sockets there are, listeners among them.
const SOCKETS: usize = 8;
/// How long the peer tries to connect, in microseconds.
const PERSISTENCE: u64 = 1_000_000;

pub const PEER: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const SILENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 99));
const SERVER: u16 = 7000;
const SPEAKS_FIRST: u16 = 7001;
const MORE_DATAGRAMS: u16 = 7002;

/// The peer as the rules are told of it. Time is virtual: timeouts are exact.
pub fn peer() -> Peer<'static> {
    Peer::at((PEER, SERVER).into())
        .speaks_first((PEER, SPEAKS_FIRST).into())
        .refuses((PEER, 1).into())
        .silent((SILENT, SERVER).into())
        .other_family("[2001:db8::1]:7000".parse().unwrap())
        .datagrams((PEER, SERVER).into())
        .more_datagrams((PEER, MORE_DATAGRAMS).into())
        .host("peer.test", PEER)
        .unknown_host("nobody.test")
        .listen_port(8080)
        .slack(std::time::Duration::ZERO)
        .most_unread(256 * 1024)
}

/// What is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is.
    Nothing,
    // Connecting.
    RefusedIsOk,
    RefusedIsOther,
    RefusalSticks,
    SilentIsOther,
    ConnectingLingers,
    ConnectingIsOther,
    OtherFamilyIsSilent,
    // Receiving.
    ZeroIsNothingYet,
    WaitsForAll,
    DropsWhatIsEarly,
    CorruptsByte600,
    DoublesSingleBytes,
    CutsLongReads,
    PauseIsEnd,
    CrossTalk,
    GivesUpEarly,
    // Sending.
    LosesByte600,
    TakesWithoutSaying,
    BlocksWhenFull,
    FullIsOther,
    NeverFull,
    HalfDuplex,
    EmptySendFails,
    // The end.
    DropsUnreadAtEnd,
    NeverEnds,
    EmptyIsReset,
    SendsIntoTheVoid,
    EndIsBothWays,
    ResetIsEnd,
    ResetIsOther,
    CloseDropsUnsent,
    CloseBreaks,
    CloseFails,
    // Sockets.
    CloseLingers,
    NoSocketIsOther,
    // Listening.
    AcceptTellsNobody,
    NoneToAcceptIsOther,
    ChildBlocks,
    OneChild,
    PortLeaks,
    // Datagrams.
    SenderIsNobody,
    CutsAt512,
    EmptyIsLost,
    MergesDatagrams,
    FailsOnLongBuffers,
    SenderIsLastPeer,
    NoDatagramIsEmpty,
    OnePeerOnly,
    BindsTwice,
    // What the stack adds.
    HalfCloseIsClose,
    HalfCloseIsNothing,
    AbortIsClose,
    LocalIsNobody,
    LocalChanges,
    // Names.
    WrongAddress,
    KnowsEverybody,
    FailureSticks,
    // Time.
    Oversleeps,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SimError(pub ErrorKind);

impl TcpError for SimError {
    fn kind(&self) -> TcpErrorKind {
        match self.0 {
            ErrorKind::BrokenPipe => TcpErrorKind::PipeClosed,
            _ => TcpErrorKind::Other,
        }
    }
}

pub fn policy() -> Policy<SimError> {
    Policy::strict().classify(|error| error.0)
}

pub fn udp_policy() -> UdpPolicy<SimError> {
    UdpPolicy::new().classify(|error| error.0)
}

fn other<T>(kind: ErrorKind) -> nb::Result<T, SimError> {
    Err(nb::Error::Other(SimError(kind)))
}

/// One connection, both sides of it.
#[derive(Default)]
struct Connection {
    to_client: VecDeque<u8>,
    to_peer: VecDeque<u8>,
    session: Option<Session>,
    wake: Option<u64>,
    /// The client's sending direction has ended.
    client_closed: bool,
    client_gone: bool,
    client_broke: bool,
    peer_ended: bool,
    peer_gone: bool,
    reset: bool,
    sent: u64,
    received: u64,
    latest_arrival: u64,
}

struct Listener {
    port: u16,
    waiting: VecDeque<usize>,
    children: usize,
}

#[derive(Default)]
struct Datagrams {
    port: u16,
    remote: Option<SocketAddr>,
    first: Option<SocketAddr>,
    arrived: VecDeque<(Vec<u8>, SocketAddr)>,
}

pub struct World {
    fault: Fault,
    now: u64,
    ledger: Ledger,
    connections: Vec<Connection>,
    listeners: Vec<Option<Listener>>,
    invitations: Vec<(u16, u64)>,
    taken: usize,
    /// Sockets that were closed and cannot be taken again yet.
    lingering: usize,
    refusals: usize,
    refusing: bool,
    udp: Vec<Option<Datagrams>>,
    requests: VecDeque<(usize, SocketAddr, Vec<u8>)>,
    next_port: u16,
    lookup_failed: bool,
    leaked_ports: Vec<u16>,
}

/// The stack; its clones are the same one.
#[derive(Clone)]
pub struct Sim(Rc<RefCell<World>>);

/// The clock and what idling does.
pub struct Clock(Rc<RefCell<World>>);

pub fn world(fault: Fault) -> (Sim, Clock) {
    let world = Rc::new(RefCell::new(World {
        fault,
        now: 1_000_000,
        ledger: Ledger::new(),
        connections: Vec::new(),
        listeners: Vec::new(),
        invitations: Vec::new(),
        taken: 0,
        lingering: 0,
        refusals: 0,
        refusing: false,
        udp: Vec::new(),
        requests: VecDeque::new(),
        next_port: 50_000,
        lookup_failed: false,
        leaked_ports: Vec::new(),
    }));
    (Sim(world.clone()), Clock(world))
}

impl Platform for Clock {
    fn now(&self) -> u64 {
        self.0.borrow().now
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.borrow_mut().idle(until);
        Idle::Continue
    }
}

impl World {
    fn is(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn idle(&mut self, until: Option<u64>) {
        let to = if self.step() {
            self.now + 100
        } else {
            let wakes = self.connections.iter().filter_map(|known| known.wake);
            let wake = wakes.filter(|at| *at > self.now).min();
            match (wake, until) {
                (Some(wake), _) => wake,
                (None, Some(until)) => until,
                (None, None) => panic!("waits for ever"),
            }
        };
        let late = if self.is(Fault::Oversleeps) {
            50_000
        } else {
            0
        };
        self.now = until.map_or(to, |until| to.min(until + late)).max(self.now);
        if until == Some(self.now) {
            self.now += late;
        }
    }

    /// Lets the peer do what it can do now. Whether anything moved.
    fn step(&mut self) -> bool {
        let mut moved = self.answer_datagrams();
        for at in 0..self.connections.len() {
            moved |= self.step_session(at);
        }
        let now = self.now;
        let invitations = std::mem::take(&mut self.invitations);
        for (port, until) in invitations {
            if self.connect_to_client(port) {
                moved = true;
            } else if now < until {
                self.invitations.push((port, until));
            }
        }
        moved
    }

    fn step_session(&mut self, at: usize) -> bool {
        let (now, void) = (self.now, self.is(Fault::SendsIntoTheVoid));
        let known = &mut self.connections[at];
        let Some(mut session) = known.session.take() else {
            // Nobody is there any more, and says so.
            let knocks = known.peer_gone && !known.to_peer.is_empty() && !void;
            known.to_peer.clear();
            known.reset |= knocks;
            return knocks;
        };
        known.wake = None;
        let mut moved = false;
        let deaf = session.room() == 0;
        loop {
            let count = session.room().min(known.to_peer.len());
            if count == 0 {
                break;
            }
            let bytes: Vec<u8> = known.to_peer.drain(..count).collect();
            let taken = session.receive(&bytes, &mut self.ledger);
            for byte in bytes[taken..].iter().rev() {
                known.to_peer.push_front(*byte);
            }
            if taken == 0 {
                break;
            }
            moved = true;
        }
        if known.client_broke {
            session.broken(&mut self.ledger);
            return true;
        }
        if known.to_peer.is_empty() && known.client_closed {
            session.end(&mut self.ledger);
        }
        loop {
            match session.next(now, &mut self.ledger) {
                Action::Send(bytes) => {
                    let room = match known.client_gone {
                        true => bytes.len(),
                        false => BUFFER - known.to_client.len(),
                    };
                    let count = room.min(bytes.len());
                    if !known.client_gone {
                        known.to_client.extend(&bytes[..count]);
                        known.latest_arrival = now;
                    }
                    session.sent(count);
                    if count == 0 {
                        break;
                    }
                    moved = true;
                }
                Action::Wait(wake) => {
                    known.wake = wake;
                    break;
                }
                Action::Connect(port) => self.invitations.push((port, now + PERSISTENCE)),
                Action::Finish => known.peer_ended = true,
                Action::Close => {
                    known.peer_ended = true;
                    known.peer_gone = true;
                    return true;
                }
                Action::Reset => {
                    known.reset = true;
                    return true;
                }
            }
        }
        moved |= deaf && session.room() > 0;
        known.session = Some(session);
        moved
    }

    fn connect_to_client(&mut self, port: u16) -> bool {
        let one_child = self.is(Fault::OneChild);
        let at = self.connections.len();
        let Some(listener) = self
            .listeners
            .iter_mut()
            .flatten()
            .find(|listener| listener.port == port)
            .filter(|listener| !one_child || listener.children == 0)
        else {
            return false;
        };
        listener.waiting.push_back(at);
        listener.children += 1;
        self.connections.push(Connection {
            session: Some(Session::new()),
            ..Connection::default()
        });
        true
    }
}

impl Dns for Sim {
    type Error = ErrorKind;

    fn get_host_by_name(&mut self, host: &str, _: AddrType) -> nb::Result<IpAddr, ErrorKind> {
        let mut world = self.0.borrow_mut();
        if world.is(Fault::FailureSticks) && world.lookup_failed {
            return Err(nb::Error::Other(ErrorKind::Other));
        }
        match host {
            "peer.test" if world.is(Fault::WrongAddress) => Ok(SILENT),
            "peer.test" => Ok(PEER),
            _ if world.is(Fault::KnowsEverybody) => Ok(PEER),
            _ => {
                world.lookup_failed = true;
                Err(nb::Error::Other(ErrorKind::NameNotFound))
            }
        }
    }

    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, ErrorKind> {
        Err(nb::Error::Other(ErrorKind::NotSupported))
    }
}
