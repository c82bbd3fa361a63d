//! A scripted stack for many sockets at once, in virtual time: each has a line of its own.
//!
//! A connect to port `p` is on line `p`, and so is a listener on port `p`.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

pub mod udp;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, TcpFullStack, nb};
use nal_socket::capability::{Readiness, Ready};
use nal_socket::{
    Barrier, Datagrams, ErrorKind, Idle, Network, NoUdp, Platform, Policy, TcpListener, TcpSocket,
};

pub const SECOND: u64 = 1_000_000;

/// A call to the stack, and the line it was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    Connect,
    Send,
    /// An empty send.
    Barrier,
    Receive,
    Accept,
    Close,
    Readiness,
}

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Arrival {
    Data(Vec<u8>),
    End,
    Fail(ErrorKind),
    /// A connection, on a listener: its line.
    Peer(u16),
    /// From this line.
    Datagram(u16, Vec<u8>),
}

/// What happens on one line.
pub struct Line {
    pub connect_at: u64,
    pub connect: Result<(), ErrorKind>,
    pub arrivals: VecDeque<(u64, Arrival)>,
    /// No send is taken before this.
    pub room_at: u64,
    pub send_most: usize,
    /// After a send, how long until there is room again.
    pub send_pause: u64,
    /// Until this an empty send would block.
    pub confirm_at: u64,
    pub confirm_after: u64,
    pub send_error: Option<ErrorKind>,
    pub sent: Vec<u8>,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            connect_at: 0,
            connect: Ok(()),
            arrivals: VecDeque::new(),
            room_at: 0,
            send_most: usize::MAX,
            send_pause: 0,
            confirm_at: 0,
            confirm_after: 0,
            send_error: None,
            sent: Vec::new(),
        }
    }
}

impl Line {
    fn times(&self) -> impl Iterator<Item = u64> + use<> {
        [
            Some(self.connect_at),
            Some(self.room_at),
            Some(self.confirm_at),
            self.arrivals.front().map(|(at, _)| *at),
        ]
        .into_iter()
        .flatten()
    }
}

pub struct Town {
    pub now: Cell<u64>,
    pub idles: Cell<usize>,
    pub clock_reads: Cell<usize>,
    pub untils: RefCell<Vec<Option<u64>>>,
    pub cancel: Cell<bool>,
    /// Runs while idling.
    pub hook: RefCell<Option<Box<dyn Fn()>>>,
    pub lines: RefCell<BTreeMap<u16, Line>>,
    pub log: RefCell<Vec<(u16, Op)>>,
    pub open: Cell<isize>,
}

impl Town {
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(7 * SECOND),
            idles: Cell::new(0),
            clock_reads: Cell::new(0),
            untils: RefCell::default(),
            cancel: Cell::new(false),
            hook: RefCell::new(None),
            lines: RefCell::default(),
            log: RefCell::default(),
            open: Cell::new(0),
        })
    }

    /// Changes the script of a line.
    pub fn line<R>(&self, line: u16, change: impl FnOnce(&mut Line) -> R) -> R {
        change(self.lines.borrow_mut().entry(line).or_default())
    }

    /// Something that arrives on a line `after` from now.
    pub fn arrive(&self, line: u16, after: u64, what: Arrival) {
        let at = self.now.get() + after;
        self.line(line, |line| line.arrivals.push_back((at, what)));
    }

    pub fn data(&self, line: u16, after: u64, bytes: &[u8]) {
        self.arrive(line, after, Arrival::Data(bytes.to_vec()));
    }

    /// The calls since the last time.
    pub fn calls(&self) -> Vec<(u16, Op)> {
        self.log.take()
    }

    pub fn pass(&self, time: u64) {
        self.now.set(self.now.get() + time);
    }

    fn note(&self, line: u16, op: Op) {
        self.log.borrow_mut().push((line, op));
    }

    fn next_event(&self) -> Option<u64> {
        let now = self.now.get();
        let lines = self.lines.borrow();
        lines
            .values()
            .flat_map(Line::times)
            .filter(|at| *at > now)
            .min()
    }
}

/// The virtual clock, and idling that jumps to the next thing that happens or the deadline.
pub struct Bench(pub Rc<Town>);

impl Platform for Bench {
    fn now(&self) -> u64 {
        self.0.clock_reads.set(self.0.clock_reads.get() + 1);
        self.0.now.get()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        let town = &self.0;
        town.idles.set(town.idles.get() + 1);
        town.untils.borrow_mut().push(until);
        if let Some(hook) = &*town.hook.borrow() {
            hook();
        }
        if town.cancel.replace(false) {
            return Idle::Cancel;
        }
        let to = match (town.next_event(), until) {
            (Some(event), Some(until)) => event.min(until),
            (Some(time), None) | (None, Some(time)) => time,
            (None, None) => panic!("waits for ever"),
        };
        assert!(to >= town.now.get(), "a deadline in the past");
        town.now.set(to);
        Idle::Continue
    }
}

pub struct FakeStack(pub Rc<Town>);

/// Which line it is on, once that is known.
pub struct FakeSocket(u16);

impl TcpClientStack for FakeStack {
    type TcpSocket = FakeSocket;
    type Error = FakeError;

    fn socket(&mut self) -> Result<FakeSocket, FakeError> {
        self.0.open.set(self.0.open.get() + 1);
        Ok(FakeSocket(0))
    }

    fn connect(&mut self, socket: &mut FakeSocket, to: SocketAddr) -> nb::Result<(), FakeError> {
        socket.0 = to.port();
        self.0.note(socket.0, Op::Connect);
        let now = self.0.now.get();
        self.0.line(socket.0, |line| {
            if now < line.connect_at {
                return Err(nb::Error::WouldBlock);
            }
            line.connect
                .map_err(|kind| nb::Error::Other(FakeError(kind)))
        })
    }

    fn send(&mut self, socket: &mut FakeSocket, data: &[u8]) -> nb::Result<usize, FakeError> {
        let op = if data.is_empty() {
            Op::Barrier
        } else {
            Op::Send
        };
        self.0.note(socket.0, op);
        let now = self.0.now.get();
        self.0.line(socket.0, |line| {
            if let Some(kind) = line.send_error {
                return Err(nb::Error::Other(FakeError(kind)));
            }
            let ready = if data.is_empty() {
                line.confirm_at
            } else {
                line.room_at
            };
            if now < ready {
                return Err(nb::Error::WouldBlock);
            }
            let count = data.len().min(line.send_most);
            if count > 0 {
                line.confirm_at = now + line.confirm_after;
                line.room_at = now + line.send_pause;
                line.sent.extend(&data[..count]);
            }
            Ok(count)
        })
    }

    fn receive(&mut self, socket: &mut FakeSocket, buf: &mut [u8]) -> nb::Result<usize, FakeError> {
        self.0.note(socket.0, Op::Receive);
        assert!(!buf.is_empty(), "an empty receive tells nothing");
        let now = self.0.now.get();
        self.0
            .line(socket.0, |line| match line.arrivals.front_mut() {
                Some((at, arrival)) if *at <= now => match arrival {
                    Arrival::Data(bytes) => {
                        let count = bytes.len().min(buf.len());
                        buf[..count].copy_from_slice(&bytes[..count]);
                        bytes.drain(..count);
                        if bytes.is_empty() {
                            line.arrivals.pop_front();
                        }
                        Ok(count)
                    }
                    Arrival::End => Ok(0),
                    Arrival::Fail(kind) => {
                        let error = FakeError(*kind);
                        line.arrivals.pop_front();
                        Err(nb::Error::Other(error))
                    }
                    other => panic!("{other:?} for a connection"),
                },
                _ => Err(nb::Error::WouldBlock),
            })
    }

    fn close(&mut self, socket: FakeSocket) -> Result<(), FakeError> {
        self.0.note(socket.0, Op::Close);
        self.0.open.set(self.0.open.get() - 1);
        Ok(())
    }
}

impl TcpFullStack for FakeStack {
    fn bind(&mut self, socket: &mut FakeSocket, port: u16) -> Result<(), FakeError> {
        socket.0 = port;
        Ok(())
    }

    fn listen(&mut self, _: &mut FakeSocket) -> Result<(), FakeError> {
        Ok(())
    }

    fn accept(
        &mut self,
        socket: &mut FakeSocket,
    ) -> nb::Result<(FakeSocket, SocketAddr), FakeError> {
        self.0.note(socket.0, Op::Accept);
        let now = self.0.now.get();
        let arrival = self.0.line(socket.0, |line| match line.arrivals.front() {
            Some((at, _)) if *at <= now => line.arrivals.pop_front(),
            _ => None,
        });
        match arrival {
            Some((_, Arrival::Peer(line))) => {
                self.0.open.set(self.0.open.get() + 1);
                Ok((FakeSocket(line), address(line)))
            }
            Some((_, Arrival::Fail(kind))) => Err(nb::Error::Other(FakeError(kind))),
            Some((_, other)) => panic!("{other:?} for a listener"),
            None => Err(nb::Error::WouldBlock),
        }
    }
}

impl Readiness for FakeStack {
    fn readiness(&mut self, socket: &mut FakeSocket) -> Result<Ready, ErrorKind> {
        self.0.note(socket.0, Op::Readiness);
        let now = self.0.now.get();
        self.0.line(socket.0, |line| {
            let arrived = line.arrivals.front().filter(|(at, _)| *at <= now);
            if let Some((_, Arrival::Fail(kind))) = arrived {
                return Err(*kind);
            }
            Ok(Ready {
                readable: arrived.is_some(),
                writable: now >= line.room_at,
            })
        })
    }
}

pub type AnyNetwork<U> = Network<FakeStack, Bench, U>;
pub type FakeNetwork = AnyNetwork<NoUdp>;

pub fn policy() -> Policy<FakeError> {
    Policy::strict().classify(|error| error.0)
}

pub fn network(town: &Rc<Town>) -> FakeNetwork {
    Network::without_dns(FakeStack(town.clone()), Bench(town.clone())).with_policy(policy())
}

pub fn without_barrier(town: &Rc<Town>) -> FakeNetwork {
    network(town).with_policy(policy().barrier(Barrier::None))
}

pub fn address(line: u16) -> SocketAddr {
    SocketAddr::from(([192, 0, 2, 1], line))
}

/// A blocking socket, connected on `line`; the log is empty.
pub fn connected<'n, U: Datagrams<FakeStack>>(
    town: &Town,
    net: &'n AnyNetwork<U>,
    line: u16,
) -> TcpSocket<&'n AnyNetwork<U>> {
    let mut socket = TcpSocket::new(net);
    socket.connect(address(line)).unwrap();
    town.calls();
    socket
}

/// A non-blocking socket whose connect on `line` is under way; the log is empty.
pub fn connecting<'n, U: Datagrams<FakeStack>>(
    town: &Town,
    net: &'n AnyNetwork<U>,
    line: u16,
) -> TcpSocket<&'n AnyNetwork<U>> {
    town.line(line, |line| line.connect_at = u64::MAX);
    let mut socket = TcpSocket::new(net);
    socket.set_nonblocking(true);
    assert_eq!(
        socket.connect(address(line)).unwrap_err().kind(),
        ErrorKind::InProgress
    );
    town.calls();
    socket
}

/// A listener on `line`; the log is empty.
pub fn listening<'n, U: Datagrams<FakeStack>>(
    town: &Town,
    net: &'n AnyNetwork<U>,
    line: u16,
) -> TcpListener<&'n AnyNetwork<U>> {
    let mut listener = TcpListener::new(net);
    listener.bind(line).unwrap();
    listener.listen().unwrap();
    town.calls();
    listener
}
