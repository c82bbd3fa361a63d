//! A small scripted stack in virtual time: idling jumps to what happens next, or to the deadline.

#![allow(dead_code, unreachable_pub)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;

use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind};
use nal_socket::{ErrorKind, Idle, Network, Platform, Policy};
use usocket_api::{OSError, Profile, Socket, USocket};

pub const SECOND: u64 = 1_000_000;
pub const PEER: (&str, i32) = ("192.0.2.1", 80);

#[derive(Debug)]
pub struct FakeError(pub ErrorKind);

impl TcpError for FakeError {
    fn kind(&self) -> TcpErrorKind {
        match self.0 {
            ErrorKind::BrokenPipe => TcpErrorKind::PipeClosed,
            _ => TcpErrorKind::Other,
        }
    }
}

#[derive(Debug)]
pub enum Arrival {
    Data(Vec<u8>),
    End,
    Fail(ErrorKind),
}

pub struct World {
    pub now: Cell<u64>,
    pub idles: Cell<usize>,
    pub calls: Cell<usize>,
    pub open: Cell<usize>,
    pub connect: Cell<(u64, Result<(), ErrorKind>)>,
    pub arrivals: RefCell<VecDeque<(u64, Arrival)>>,
    pub send_most: Cell<usize>,
    pub send_pause: Cell<u64>,
    pub room_at: Cell<u64>,
    pub send_error: Cell<Option<ErrorKind>>,
    pub sent: RefCell<Vec<u8>>,
    pub resolve: Cell<Result<IpAddr, ErrorKind>>,
}

impl World {
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(SECOND),
            idles: Cell::new(0),
            calls: Cell::new(0),
            open: Cell::new(0),
            connect: Cell::new((0, Ok(()))),
            arrivals: RefCell::default(),
            send_most: Cell::new(usize::MAX),
            send_pause: Cell::new(0),
            room_at: Cell::new(0),
            send_error: Cell::new(None),
            sent: RefCell::default(),
            resolve: Cell::new(Err(ErrorKind::NameNotFound)),
        })
    }

    pub fn data(&self, after: u64, bytes: &[u8]) {
        self.arrive(after, Arrival::Data(bytes.to_vec()));
    }

    pub fn arrive(&self, after: u64, what: Arrival) {
        self.arrivals
            .borrow_mut()
            .push_back((self.now.get() + after, what));
    }
}

pub struct Bench(pub Rc<World>);

impl Platform for Bench {
    fn now(&self) -> u64 {
        self.0.now.get()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        let world = &self.0;
        world.idles.set(world.idles.get() + 1);
        let now = world.now.get();
        let next = [
            world.arrivals.borrow().front().map(|(at, _)| *at),
            Some(world.connect.get().0),
            Some(world.room_at.get()),
            until,
        ];
        let next = next.into_iter().flatten().filter(|at| *at > now).min();
        world.now.set(next.expect("waits for ever"));
        Idle::Continue
    }
}

pub struct FakeStack(pub Rc<World>);

impl FakeStack {
    fn note(&self) {
        self.0.calls.set(self.0.calls.get() + 1);
    }
}

impl TcpClientStack for FakeStack {
    type TcpSocket = ();
    type Error = FakeError;

    fn socket(&mut self) -> Result<(), FakeError> {
        self.note();
        self.0.open.set(self.0.open.get() + 1);
        Ok(())
    }

    fn connect(&mut self, (): &mut (), _: SocketAddr) -> nb::Result<(), FakeError> {
        self.note();
        let (at, outcome) = self.0.connect.get();
        if self.0.now.get() < at {
            return Err(nb::Error::WouldBlock);
        }
        outcome.map_err(|kind| nb::Error::Other(FakeError(kind)))
    }

    fn send(&mut self, (): &mut (), data: &[u8]) -> nb::Result<usize, FakeError> {
        self.note();
        let world = &self.0;
        if let Some(kind) = world.send_error.get() {
            return Err(nb::Error::Other(FakeError(kind)));
        }
        if data.is_empty() {
            return Ok(0);
        }
        if world.now.get() < world.room_at.get() {
            return Err(nb::Error::WouldBlock);
        }
        let count = data.len().min(world.send_most.get());
        world.sent.borrow_mut().extend(&data[..count]);
        world.room_at.set(world.now.get() + world.send_pause.get());
        Ok(count)
    }

    fn receive(&mut self, (): &mut (), buf: &mut [u8]) -> nb::Result<usize, FakeError> {
        self.note();
        let mut arrivals = self.0.arrivals.borrow_mut();
        match arrivals.front_mut() {
            Some((at, arrival)) if *at <= self.0.now.get() => match arrival {
                Arrival::Data(bytes) => {
                    let count = bytes.len().min(buf.len());
                    buf[..count].copy_from_slice(&bytes[..count]);
                    bytes.drain(..count);
                    if bytes.is_empty() {
                        arrivals.pop_front();
                    }
                    Ok(count)
                }
                Arrival::End => Ok(0),
                Arrival::Fail(kind) => {
                    let kind = *kind;
                    arrivals.pop_front();
                    Err(nb::Error::Other(FakeError(kind)))
                }
            },
            _ => Err(nb::Error::WouldBlock),
        }
    }

    fn close(&mut self, (): ()) -> Result<(), FakeError> {
        self.note();
        self.0.open.set(self.0.open.get() - 1);
        Ok(())
    }
}

impl Dns for FakeStack {
    type Error = ErrorKind;

    fn get_host_by_name(&mut self, _: &str, _: AddrType) -> nb::Result<IpAddr, ErrorKind> {
        self.note();
        self.0.resolve.get().map_err(nb::Error::Other)
    }

    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, ErrorKind> {
        Err(nb::Error::Other(ErrorKind::NotSupported))
    }
}

pub type FakeNetwork = Network<FakeStack, Bench>;

/// Errors of the resolver come through by kind.
pub fn network(world: &Rc<World>) -> FakeNetwork {
    Network::without_dns(FakeStack(world.clone()), Bench(world.clone()))
        .with_policy(Policy::strict().classify(|error| error.0))
        .with_resolver(|stack, host, family| stack.get_host_by_name(host, family))
}

pub fn connected(network: &FakeNetwork, profile: Profile) -> Socket<&FakeNetwork> {
    let socket = USocket::new(network, profile).socket();
    socket.connect(PEER).unwrap();
    socket
}

/// The name of the error of a call that must fail.
pub fn name<T: std::fmt::Debug>(result: Result<T, OSError>) -> &'static str {
    result.unwrap_err().name()
}
