//! A scripted stack in virtual time.
//!
//! The [`World`] holds what will happen and when, and a log of every call. Idling jumps to the next
//! thing that happens or to the deadline, whichever is first; idling with neither is a hang and panics.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

pub mod capable;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind, TcpFullStack, nb};
use nal_socket::{ErrorKind, Idle, Network, Platform, Policy, SocketOption, TcpSocket};

pub const SECOND: u64 = 1_000_000;
pub const PEER: &str = "192.0.2.1:80";

pub fn peer() -> SocketAddr {
    PEER.parse().unwrap()
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    Socket,
    Connect(SocketAddr),
    Send(Vec<u8>),
    Receive(usize),
    Close(usize),
    Bind(u16),
    Listen,
    Accept,
    Resolve(String, AddrTypeName),
    ShutdownWrite(usize),
    Abort(usize),
    Listening(usize),
    LocalAddress(usize),
    Accepted(usize),
    Option(usize, SocketOption),
}

/// `AddrType` cannot be compared by `Eq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddrTypeName {
    V4,
    V6,
    Either,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    Data(Vec<u8>),
    /// The peer closes in order; stays.
    End,
    /// This error; what follows comes after it.
    Fail(FakeError),
}

/// The stack's error is a kind, so that a test says what it wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FakeError(pub ErrorKind);

impl TcpError for FakeError {
    fn kind(&self) -> TcpErrorKind {
        match self.0 {
            ErrorKind::BrokenPipe => TcpErrorKind::PipeClosed,
            _ => TcpErrorKind::Other,
        }
    }
}

pub struct World {
    pub now: Cell<u64>,
    pub idles: Cell<usize>,
    pub clock_reads: Cell<usize>,
    pub untils: RefCell<Vec<Option<u64>>>,
    pub cancel: Cell<bool>,
    /// Cancel what would wait for ever, in place of a panic.
    pub cancel_hangs: Cell<bool>,
    pub log: RefCell<Vec<Call>>,
    pub next_handle: Cell<usize>,
    pub open: RefCell<Vec<usize>>,
    /// When a connect ends and how.
    pub connect: RefCell<(u64, Result<(), FakeError>)>,
    pub socket_error: Cell<Option<FakeError>>,
    /// Making a socket is "not yet" before this, as an error of the stack's own.
    pub socket_until: Cell<u64>,
    pub close_error: Cell<Option<FakeError>>,
    pub arrivals: RefCell<VecDeque<(u64, Arrival)>>,
    /// "Nothing yet" and "full" as `Ok(0)` in place of `WouldBlock`.
    pub zero_is_pending: Cell<bool>,
    /// `receive` does not tell the end of the stream: `WouldBlock`, but `send` fails as with
    /// `BrokenPipe`.
    pub mute_end: Cell<bool>,
    /// What the stack notices only in the next empty send.
    pub found_by_send: RefCell<Vec<Arrival>>,
    /// How much one send takes.
    pub send_most: Cell<usize>,
    /// No send is taken before this.
    pub room_at: Cell<u64>,
    /// After each send, how long until the next is taken.
    pub send_pause: Cell<u64>,
    pub send_error: Cell<Option<FakeError>>,
    /// How long a barrier takes after the latest send.
    pub confirm_after: Cell<u64>,
    pub confirm_at: Cell<u64>,
    pub sent: RefCell<Vec<u8>>,
    /// Lie about counts.
    pub lie: Cell<bool>,
    pub resolve: RefCell<(u64, Result<IpAddr, ErrorKind>)>,
    /// The same for questions about IPv6, if they are answered differently.
    pub resolve_v6: RefCell<Option<(u64, Result<IpAddr, ErrorKind>)>>,
    /// What a lookup by address writes.
    pub reverse: RefCell<nb::Result<Vec<u8>, ErrorKind>>,
    pub accept_at: Cell<Option<u64>>,
    pub bind_error: Cell<Option<FakeError>>,
    pub listen_error: Cell<Option<FakeError>>,
    /// What the optional capabilities do.
    pub can: capable::Script,
}

impl World {
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(7 * SECOND),
            idles: Cell::new(0),
            clock_reads: Cell::new(0),
            untils: RefCell::default(),
            cancel: Cell::new(false),
            cancel_hangs: Cell::new(false),
            log: RefCell::default(),
            next_handle: Cell::new(0),
            open: RefCell::default(),
            connect: RefCell::new((0, Ok(()))),
            socket_error: Cell::new(None),
            socket_until: Cell::new(0),
            close_error: Cell::new(None),
            arrivals: RefCell::default(),
            zero_is_pending: Cell::new(false),
            mute_end: Cell::new(false),
            found_by_send: RefCell::default(),
            send_most: Cell::new(usize::MAX),
            room_at: Cell::new(0),
            send_pause: Cell::new(0),
            send_error: Cell::new(None),
            confirm_after: Cell::new(0),
            confirm_at: Cell::new(0),
            sent: RefCell::default(),
            lie: Cell::new(false),
            resolve: RefCell::new((0, Err(ErrorKind::NameNotFound))),
            resolve_v6: RefCell::default(),
            reverse: RefCell::new(Err(nb::Error::Other(ErrorKind::NotSupported))),
            accept_at: Cell::new(None),
            bind_error: Cell::new(None),
            listen_error: Cell::new(None),
            can: capable::Script::default(),
        })
    }

    /// Data that arrives `after` from now.
    pub fn data(&self, after: u64, bytes: &[u8]) {
        self.arrive(after, Arrival::Data(bytes.to_vec()));
    }

    pub fn arrive(&self, after: u64, what: Arrival) {
        self.arrivals
            .borrow_mut()
            .push_back((self.now.get() + after, what));
    }

    /// When, on the clock, a connect ends, and how.
    pub fn connects(&self, at: u64, outcome: Result<(), FakeError>) {
        *self.connect.borrow_mut() = (at, outcome);
    }

    /// When, on the clock, a lookup ends, and how.
    pub fn resolves(&self, at: u64, outcome: Result<IpAddr, ErrorKind>) {
        *self.resolve.borrow_mut() = (at, outcome);
    }

    /// When, on the clock, a lookup of an IPv6 address ends, and how.
    pub fn resolves_v6(&self, at: u64, outcome: Result<IpAddr, ErrorKind>) {
        *self.resolve_v6.borrow_mut() = Some((at, outcome));
    }

    pub fn calls(&self) -> Vec<Call> {
        self.log.borrow().clone()
    }

    pub fn forget_calls(&self) {
        self.log.borrow_mut().clear();
    }

    fn note(&self, call: Call) {
        self.log.borrow_mut().push(call);
    }

    fn next_event(&self) -> Option<u64> {
        let times = [
            self.arrivals.borrow().front().map(|(at, _)| *at),
            Some(self.connect.borrow().0),
            Some(self.socket_until.get()),
            Some(self.room_at.get()),
            Some(self.confirm_at.get()),
            Some(self.resolve.borrow().0),
            self.resolve_v6.borrow().map(|(at, _)| at),
            self.accept_at.get(),
            Some(self.can.ready_at.get()),
        ];
        let now = self.now.get();
        times.into_iter().flatten().filter(|at| *at > now).min()
    }
}

/// The virtual clock, and idling that jumps.
pub struct Bench(pub Rc<World>);

impl Platform for Bench {
    fn now(&self) -> u64 {
        self.0.clock_reads.set(self.0.clock_reads.get() + 1);
        self.0.now.get()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        let world = &self.0;
        world.idles.set(world.idles.get() + 1);
        world.untils.borrow_mut().push(until);
        if world.cancel.replace(false) {
            return Idle::Cancel;
        }
        let to = match (world.next_event(), until) {
            (Some(event), Some(until)) => event.min(until),
            (Some(time), None) | (None, Some(time)) => time,
            (None, None) if world.cancel_hangs.get() => return Idle::Cancel,
            (None, None) => panic!("waits for ever"),
        };
        assert!(to >= world.now.get(), "a deadline in the past");
        world.now.set(to);
        Idle::Continue
    }
}

pub struct FakeStack(pub Rc<World>);

pub struct FakeSocket {
    pub id: usize,
}

impl TcpClientStack for FakeStack {
    type TcpSocket = FakeSocket;
    type Error = FakeError;

    fn socket(&mut self) -> Result<FakeSocket, FakeError> {
        self.0.note(Call::Socket);
        if let Some(error) = self.0.socket_error.get() {
            return Err(error);
        }
        if self.0.now.get() < self.0.socket_until.get() {
            return Err(FakeError(ErrorKind::WouldBlock));
        }
        let id = self.0.next_handle.get();
        self.0.next_handle.set(id + 1);
        self.0.open.borrow_mut().push(id);
        Ok(FakeSocket { id })
    }

    fn connect(&mut self, _: &mut FakeSocket, remote: SocketAddr) -> nb::Result<(), FakeError> {
        self.0.note(Call::Connect(remote));
        let (at, outcome) = *self.0.connect.borrow();
        if self.0.now.get() < at {
            return Err(nb::Error::WouldBlock);
        }
        outcome.map_err(nb::Error::Other)
    }

    fn send(&mut self, _: &mut FakeSocket, data: &[u8]) -> nb::Result<usize, FakeError> {
        let world = &self.0;
        world.note(Call::Send(data.to_vec()));
        if let Some(error) = world.send_error.get() {
            return Err(nb::Error::Other(error));
        }
        let now = world.now.get();
        if data.is_empty() {
            for arrival in world.found_by_send.take() {
                world.arrive(0, arrival);
            }
        }
        let ended = |(at, what): &(u64, Arrival)| *at <= now && *what == Arrival::End;
        if world.mute_end.get() && world.arrivals.borrow().iter().any(ended) {
            return Err(nb::Error::Other(FakeError(ErrorKind::BrokenPipe)));
        }
        if data.is_empty() {
            return if now < world.confirm_at.get() {
                Err(nb::Error::WouldBlock)
            } else {
                Ok(0)
            };
        }
        if now < world.room_at.get() {
            return if world.zero_is_pending.get() {
                Ok(0)
            } else {
                Err(nb::Error::WouldBlock)
            };
        }
        let count = data.len().min(world.send_most.get());
        world.sent.borrow_mut().extend(&data[..count]);
        world.confirm_at.set(now + world.confirm_after.get());
        world.room_at.set(now + world.send_pause.get());
        Ok(if world.lie.get() { usize::MAX } else { count })
    }

    fn receive(&mut self, _: &mut FakeSocket, buf: &mut [u8]) -> nb::Result<usize, FakeError> {
        let world = &self.0;
        world.note(Call::Receive(buf.len()));
        assert!(!buf.is_empty(), "an empty receive tells nothing");
        if world.lie.get() {
            return Ok(usize::MAX);
        }
        let mut arrivals = world.arrivals.borrow_mut();
        match arrivals.front_mut() {
            Some((at, arrival)) if *at <= world.now.get() => match arrival {
                Arrival::Data(bytes) => {
                    let count = bytes.len().min(buf.len());
                    buf[..count].copy_from_slice(&bytes[..count]);
                    bytes.drain(..count);
                    if bytes.is_empty() {
                        arrivals.pop_front();
                    }
                    Ok(count)
                }
                Arrival::End if world.mute_end.get() => Err(nb::Error::WouldBlock),
                Arrival::End if world.zero_is_pending.get() => {
                    Err(nb::Error::Other(FakeError(ErrorKind::BrokenPipe)))
                }
                Arrival::End => Ok(0),
                Arrival::Fail(error) => {
                    let error = *error;
                    arrivals.pop_front();
                    Err(nb::Error::Other(error))
                }
            },
            _ if world.zero_is_pending.get() => Ok(0),
            _ => Err(nb::Error::WouldBlock),
        }
    }

    fn close(&mut self, socket: FakeSocket) -> Result<(), FakeError> {
        self.0.note(Call::Close(socket.id));
        self.0.open.borrow_mut().retain(|id| *id != socket.id);
        self.0.close_error.get().map_or(Ok(()), Err)
    }
}

impl TcpFullStack for FakeStack {
    fn bind(&mut self, _: &mut FakeSocket, port: u16) -> Result<(), FakeError> {
        self.0.note(Call::Bind(port));
        self.0.bind_error.take().map_or(Ok(()), Err)
    }

    fn listen(&mut self, _: &mut FakeSocket) -> Result<(), FakeError> {
        self.0.note(Call::Listen);
        self.0.listen_error.take().map_or(Ok(()), Err)
    }

    fn accept(&mut self, _: &mut FakeSocket) -> nb::Result<(FakeSocket, SocketAddr), FakeError> {
        self.0.note(Call::Accept);
        match self.0.accept_at.get() {
            Some(at) if at <= self.0.now.get() => {
                self.0.accept_at.set(None);
                let socket = self.socket().map_err(nb::Error::Other)?;
                Ok((socket, peer()))
            }
            _ => Err(nb::Error::WouldBlock),
        }
    }
}

impl Dns for FakeStack {
    type Error = ErrorKind;

    fn get_host_by_name(&mut self, host: &str, kind: AddrType) -> nb::Result<IpAddr, ErrorKind> {
        let kind = match kind {
            AddrType::IPv4 => AddrTypeName::V4,
            AddrType::IPv6 => AddrTypeName::V6,
            AddrType::Either => AddrTypeName::Either,
        };
        self.0.note(Call::Resolve(host.into(), kind));
        let v6 = self
            .0
            .resolve_v6
            .borrow()
            .filter(|_| kind == AddrTypeName::V6);
        let (at, outcome) = v6.unwrap_or(*self.0.resolve.borrow());
        if self.0.now.get() < at {
            return Err(nb::Error::WouldBlock);
        }
        outcome.map_err(nb::Error::Other)
    }

    fn get_host_by_address(&mut self, _: IpAddr, buf: &mut [u8]) -> nb::Result<usize, ErrorKind> {
        let name = self.0.reverse.borrow().clone()?;
        let room = name.len().min(buf.len());
        buf[..room].copy_from_slice(&name[..room]);
        Ok(name.len())
    }
}

pub type FakeNetwork = Network<FakeStack, Bench>;

pub fn policy() -> Policy<FakeError> {
    Policy::strict().classify(|error| error.0)
}

pub fn network(world: &Rc<World>) -> FakeNetwork {
    Network::new(FakeStack(world.clone()), Bench(world.clone())).with_policy(policy())
}

/// A connected, blocking socket; the log is empty.
pub fn connected<'n>(world: &World, network: &'n FakeNetwork) -> TcpSocket<&'n FakeNetwork> {
    let mut socket = TcpSocket::new(network);
    socket.connect(peer()).unwrap();
    world.forget_calls();
    socket
}
