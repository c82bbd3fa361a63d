//! A scripted stack with datagrams, in virtual time.
//!
//! The [`Air`] holds what will arrive and when, and a log of every call. Idling jumps to the next thing
//! that happens or to the deadline, whichever is first; idling with neither is a hang and panics.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind, UdpClientStack, UdpFullStack, nb};
use nal_socket::capability::{Membership, Multicast, UdpFlush, UdpOptions};
use nal_socket::{
    ErrorKind, Idle, Network, Platform, SocketOption, UdpClient, UdpFull, UdpPolicy, UdpSocket,
};

pub const SECOND: u64 = 1_000_000;

pub fn addr(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

pub fn peer() -> SocketAddr {
    addr("192.0.2.1:7")
}

pub fn stranger() -> SocketAddr {
    addr("192.0.2.66:666")
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    Socket,
    Bind(u16),
    Connect(SocketAddr),
    Send(Vec<u8>),
    SendTo(SocketAddr, Vec<u8>),
    Receive(usize),
    Flush,
    Close(usize),
    Option(SocketOption),
    Join(Membership),
    Leave(Membership),
}

/// The stack's error is a kind, so that a test says what it wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FakeError(pub ErrorKind);

impl TcpError for FakeError {
    fn kind(&self) -> TcpErrorKind {
        TcpErrorKind::Other
    }
}

type Arrival = Result<(SocketAddr, Vec<u8>), FakeError>;

pub struct Air {
    pub now: Cell<u64>,
    pub clock_reads: Cell<usize>,
    pub untils: RefCell<Vec<Option<u64>>>,
    pub cancel: Cell<bool>,
    /// Cancel what would wait for ever, in place of a panic.
    pub cancel_hangs: Cell<bool>,
    /// Runs while idling.
    pub hook: RefCell<Option<Box<dyn Fn()>>>,
    pub log: RefCell<Vec<Call>>,
    pub made: Cell<usize>,
    pub open: RefCell<Vec<usize>>,
    pub arrivals: RefCell<VecDeque<(u64, Arrival)>>,
    /// What does not fit is cut in place of an error.
    pub cuts: Cell<bool>,
    /// Ports that others have, and what the stack says then.
    pub taken: RefCell<Vec<u16>>,
    pub taken_error: Cell<ErrorKind>,
    pub bind_error: Cell<Option<FakeError>>,
    pub connect_error: Cell<Option<FakeError>>,
    pub socket_error: Cell<Option<FakeError>>,
    /// Making a socket is "not yet" before this.
    pub socket_until: Cell<u64>,
    /// Nothing is sent before this.
    pub room_at: Cell<u64>,
    /// The next datagram is refused so.
    pub send_error: Cell<Option<FakeError>>,
    pub close_error: Cell<Option<FakeError>>,
    /// What was sent has not left before this.
    pub leaves_at: Cell<u64>,
    /// The next flush fails so.
    pub flush_error: Cell<Option<ErrorKind>>,
    pub sent: RefCell<Vec<(SocketAddr, Vec<u8>)>>,
    /// Lie about counts.
    pub lie: Cell<bool>,
    /// Options and groups are "not yet" before this.
    pub capable_at: Cell<u64>,
    /// What options and groups fail with.
    pub capable_error: Cell<Option<ErrorKind>>,
    /// Options are too early for a socket that is not bound.
    pub options_late: Cell<bool>,
}

impl Air {
    pub fn new() -> Rc<Self> {
        Rc::new(Self {
            now: Cell::new(7 * SECOND),
            clock_reads: Cell::new(0),
            untils: RefCell::default(),
            cancel: Cell::new(false),
            cancel_hangs: Cell::new(false),
            hook: RefCell::new(None),
            log: RefCell::default(),
            made: Cell::new(0),
            open: RefCell::default(),
            arrivals: RefCell::default(),
            cuts: Cell::new(true),
            taken: RefCell::default(),
            taken_error: Cell::new(ErrorKind::AddressInUse),
            bind_error: Cell::new(None),
            connect_error: Cell::new(None),
            socket_error: Cell::new(None),
            socket_until: Cell::new(0),
            room_at: Cell::new(0),
            send_error: Cell::new(None),
            close_error: Cell::new(None),
            leaves_at: Cell::new(0),
            flush_error: Cell::new(None),
            sent: RefCell::default(),
            lie: Cell::new(false),
            capable_at: Cell::new(0),
            capable_error: Cell::new(None),
            options_late: Cell::new(false),
        })
    }

    /// A datagram that arrives `after` from now.
    pub fn datagram(&self, after: u64, from: SocketAddr, bytes: &[u8]) {
        self.arrive(after, Ok((from, bytes.to_vec())));
    }

    pub fn fail(&self, after: u64, kind: ErrorKind) {
        self.arrive(after, Err(FakeError(kind)));
    }

    fn arrive(&self, after: u64, what: Arrival) {
        self.arrivals
            .borrow_mut()
            .push_back((self.now.get() + after, what));
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
            Some(self.socket_until.get()),
            Some(self.room_at.get()),
            Some(self.capable_at.get()),
            Some(self.leaves_at.get()),
        ];
        let now = self.now.get();
        times.into_iter().flatten().filter(|at| *at > now).min()
    }
}

/// The virtual clock, and idling that jumps.
pub struct Bench(pub Rc<Air>);

impl Platform for Bench {
    fn now(&self) -> u64 {
        self.0.clock_reads.set(self.0.clock_reads.get() + 1);
        self.0.now.get()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        let air = &self.0;
        air.untils.borrow_mut().push(until);
        if let Some(hook) = &*air.hook.borrow() {
            hook();
        }
        if air.cancel.replace(false) {
            return Idle::Cancel;
        }
        let to = match (air.next_event(), until) {
            (Some(event), Some(until)) => event.min(until),
            (Some(time), None) | (None, Some(time)) => time,
            (None, None) if air.cancel_hangs.get() => return Idle::Cancel,
            (None, None) => panic!("waits for ever"),
        };
        assert!(to >= air.now.get(), "a deadline in the past");
        air.now.set(to);
        Idle::Continue
    }
}

pub struct FakeStack(pub Rc<Air>);

pub struct FakeSocket {
    id: usize,
    bound: bool,
    peer: Option<SocketAddr>,
}

impl TcpClientStack for FakeStack {
    type TcpSocket = ();
    type Error = FakeError;

    fn socket(&mut self) -> Result<(), FakeError> {
        Err(FakeError(ErrorKind::NoSockets))
    }

    fn connect(&mut self, (): &mut (), _: SocketAddr) -> nb::Result<(), FakeError> {
        unreachable!("there are no sockets")
    }

    fn send(&mut self, (): &mut (), _: &[u8]) -> nb::Result<usize, FakeError> {
        unreachable!("there are no sockets")
    }

    fn receive(&mut self, (): &mut (), _: &mut [u8]) -> nb::Result<usize, FakeError> {
        unreachable!("there are no sockets")
    }

    fn close(&mut self, (): ()) -> Result<(), FakeError> {
        unreachable!("there are no sockets")
    }
}

impl FakeStack {
    fn transmit(&self, to: SocketAddr, data: &[u8]) -> nb::Result<(), FakeError> {
        let air = &self.0;
        if let Some(error) = air.send_error.take() {
            return Err(nb::Error::Other(error));
        }
        if air.now.get() < air.room_at.get() {
            return Err(nb::Error::WouldBlock);
        }
        air.sent.borrow_mut().push((to, data.to_vec()));
        Ok(())
    }
}

impl UdpClientStack for FakeStack {
    type UdpSocket = FakeSocket;
    type Error = FakeError;

    fn socket(&mut self) -> Result<FakeSocket, FakeError> {
        let air = &self.0;
        air.note(Call::Socket);
        if let Some(error) = air.socket_error.get() {
            return Err(error);
        }
        if air.now.get() < air.socket_until.get() {
            return Err(FakeError(ErrorKind::WouldBlock));
        }
        let id = air.made.get();
        air.made.set(id + 1);
        air.open.borrow_mut().push(id);
        Ok(FakeSocket {
            id,
            bound: false,
            peer: None,
        })
    }

    fn connect(&mut self, socket: &mut FakeSocket, remote: SocketAddr) -> Result<(), FakeError> {
        self.0.note(Call::Connect(remote));
        assert!(!socket.bound && socket.peer.is_none(), "not fresh");
        self.0.connect_error.get().map_or(Ok(()), Err)?;
        socket.peer = Some(remote);
        Ok(())
    }

    fn send(&mut self, socket: &mut FakeSocket, data: &[u8]) -> nb::Result<(), FakeError> {
        self.0.note(Call::Send(data.to_vec()));
        self.transmit(socket.peer.expect("not connected"), data)
    }

    fn receive(
        &mut self,
        socket: &mut FakeSocket,
        buf: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), FakeError> {
        let air = &self.0;
        air.note(Call::Receive(buf.len()));
        assert!(socket.bound || socket.peer.is_some(), "hears nothing");
        assert!(!buf.is_empty(), "some stacks do not take an empty buffer");
        let mut arrivals = air.arrivals.borrow_mut();
        loop {
            match arrivals.front() {
                Some((at, _)) if *at <= air.now.get() => {}
                _ => return Err(nb::Error::WouldBlock),
            }
            let (_, what) = arrivals.pop_front().unwrap();
            let (from, data) = what.map_err(nb::Error::Other)?;
            if socket.peer.is_some_and(|peer| peer != from) {
                continue;
            }
            if data.len() > buf.len() && !air.cuts.get() {
                return Err(nb::Error::Other(FakeError(ErrorKind::MessageTooLong)));
            }
            let count = data.len().min(buf.len());
            buf[..count].copy_from_slice(&data[..count]);
            return Ok((if air.lie.get() { usize::MAX } else { count }, from));
        }
    }

    fn close(&mut self, socket: FakeSocket) -> Result<(), FakeError> {
        self.0.note(Call::Close(socket.id));
        self.0.open.borrow_mut().retain(|id| *id != socket.id);
        self.0.close_error.get().map_or(Ok(()), Err)
    }
}

impl UdpFullStack for FakeStack {
    fn bind(&mut self, socket: &mut FakeSocket, port: u16) -> Result<(), FakeError> {
        self.0.note(Call::Bind(port));
        assert!(!socket.bound && socket.peer.is_none(), "not fresh");
        self.0.bind_error.get().map_or(Ok(()), Err)?;
        if self.0.taken.borrow().contains(&port) {
            return Err(FakeError(self.0.taken_error.get()));
        }
        socket.bound = true;
        Ok(())
    }

    fn send_to(
        &mut self,
        socket: &mut FakeSocket,
        remote: SocketAddr,
        data: &[u8],
    ) -> nb::Result<(), FakeError> {
        self.0.note(Call::SendTo(remote, data.to_vec()));
        assert!(socket.bound, "not bound");
        self.transmit(remote, data)
    }
}

pub type FullNetwork = Network<FakeStack, Bench, UdpFull<FakeStack>>;
pub type ClientNetwork = Network<FakeStack, Bench, UdpClient<FakeStack>>;

pub fn policy() -> UdpPolicy<FakeError> {
    UdpPolicy::new().classify(|error| error.0)
}

pub fn full(air: &Rc<Air>) -> FullNetwork {
    Network::without_dns(FakeStack(air.clone()), Bench(air.clone())).with_udp_policy(policy())
}

pub fn client(air: &Rc<Air>) -> ClientNetwork {
    Network::without_dns(FakeStack(air.clone()), Bench(air.clone())).with_udp_client(policy())
}

/// A socket on port 5353 with room for 8 bytes, blocking; the log is empty.
pub fn bound<'n>(air: &Air, network: &'n FullNetwork) -> UdpSocket<&'n FullNetwork, 8> {
    let mut socket = UdpSocket::sized(network);
    socket.bind(5353).unwrap();
    air.forget_calls();
    socket
}

impl FakeStack {
    fn capability(&self, call: Call) -> nb::Result<(), ErrorKind> {
        let air = &self.0;
        air.note(call);
        if air.now.get() < air.capable_at.get() {
            return Err(nb::Error::WouldBlock);
        }
        air.capable_error
            .get()
            .map_or(Ok(()), |kind| Err(nb::Error::Other(kind)))
    }
}

impl UdpOptions for FakeStack {
    fn set_udp_option(
        &mut self,
        socket: &mut FakeSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        self.capability(Call::Option(option))?;
        if self.0.options_late.get() && !socket.bound && socket.peer.is_none() {
            return Err(nb::Error::Other(ErrorKind::NotConnected));
        }
        Ok(())
    }
}

impl UdpFlush for FakeStack {
    fn flush_udp(&mut self, _: &mut FakeSocket) -> nb::Result<(), ErrorKind> {
        let air = &self.0;
        air.note(Call::Flush);
        if air.now.get() < air.leaves_at.get() {
            return Err(nb::Error::WouldBlock);
        }
        let failed = air.flush_error.take();
        failed.map_or(Ok(()), |kind| Err(nb::Error::Other(kind)))
    }
}

impl Multicast for FakeStack {
    fn join_group(
        &mut self,
        socket: &mut FakeSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        assert!(socket.bound || socket.peer.is_some(), "too early");
        self.capability(Call::Join(membership))
    }

    fn leave_group(
        &mut self,
        _: &mut FakeSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        self.capability(Call::Leave(membership))
    }
}
