//! The W5500 as its driver sees it: registers behind SPI frames, in virtual time.
//!
//! The published w5500-regsim is not used because it raises neither SENDOK, which the driver waits for
//! after every TCP send, nor DISCON nor TIMEOUT, never reaches CLOSE_WAIT, and talks to the host's own
//! sockets in real time. This one follows the datasheet (version 1.1.0), for what the driver uses.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

pub mod network;
mod registers;
mod socket;

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use embedded_hal::spi::{ErrorKind, ErrorType, Operation, SpiDevice};
use nal_socket::conformance::peer::Ledger;
use nal_socket::conformance::{Peer, Report};
use nal_socket::{Idle, Platform};
use nal_socket_stacks::w5500_bus::Mended;
use w5500::bus::FourWire;
use w5500::{Device, DeviceState, MacAddress, Manual, Mode, UninitializedDevice};

use crate::common::Time;
use network::{Connection, LATENCY, Packet};
use registers::*;
use socket::Socket;

pub const SECOND: u64 = 1_000_000;
pub const NEAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);

/// The most that time moves on while somebody waits.
const STEP: u64 = 200;
/// An SPI frame of three bytes and each further byte, at 20 MHz.
const FRAME: u64 = 4;
const BYTES_PER_MICRO: u64 = 2;
/// RTR and RCR as after reset: 200 ms, eight retries, nobody on the link answers ARP.
const ARP_TIMEOUT: u64 = 1_800_000;
/// A driver that has been in one call for so long will not come out: then the bus fails.
const PATIENCE: u64 = 60 * SECOND;

pub struct Chip {
    time: Time,
    common: [u8; 0x40],
    sockets: Vec<Socket>,
    connections: Vec<Connection>,
    ledger: Ledger,
    /// What happens to sockets later: when, which, what.
    later: Vec<(u64, usize, Event)>,
    looked: u64,
    idled: u64,
    /// SEND commands without a byte to send.
    pub empty_sends: usize,
    /// SPI frames.
    pub frames: u64,
}

enum Event {
    Connected(u16),
    Refused,
    TimedOut,
    Datagram(u16, Vec<u8>),
}

impl Chip {
    pub fn new(time: &Time) -> Self {
        let mut common = [0; 0x40];
        common[usize::from(COMMON_VERSION)] = VERSION;
        Self {
            time: time.clone(),
            common,
            sockets: vec![Socket::new(); 8],
            connections: Vec::new(),
            ledger: Ledger::new(),
            later: Vec::new(),
            looked: 0,
            idled: 0,
            empty_sends: 0,
            frames: 0,
        }
    }

    /// How many connections the peer believes in.
    pub fn half_open(&self) -> usize {
        self.connections
            .iter()
            .filter(|connection| connection.forgotten && !connection.peer_knows_the_end())
            .count()
    }

    /// The status register of a socket.
    pub fn status(&self, socket: usize) -> u8 {
        self.sockets[socket].byte(SR)
    }

    /// The local port of a socket.
    pub fn local_port(&self, socket: usize) -> u16 {
        self.sockets[socket].word(PORT)
    }

    fn read(&self, block: u8, address: u16) -> u8 {
        let socket = usize::from(block >> 2);
        match block & 3 {
            1 => self.sockets[socket].read(address),
            3 => self.sockets[socket].rx_byte(address),
            _ => self.common.get(usize::from(address)).copied().unwrap_or(0),
        }
    }

    fn write(&mut self, block: u8, address: u16, value: u8) {
        let index = usize::from(block >> 2);
        match block & 3 {
            1 => match address {
                CR => self.command(index, value),
                IR => self.sockets[index].registers[usize::from(IR)] &= !value,
                _ => self.sockets[index].set(address, value),
            },
            2 => self.sockets[index].set_tx_byte(address, value),
            _ => {
                // Setting RST resets the chip and reads as 0 afterwards.
                if let Some(slot) = self.common.get_mut(usize::from(address)) {
                    *slot = value;
                }
            }
        }
    }

    fn command(&mut self, index: usize, command: u8) {
        let now = self.time.get();
        let socket = &mut self.sockets[index];
        match (command, socket.byte(SR)) {
            (OPEN, _) => {
                socket.clear();
                let status = match socket.byte(MR) {
                    MR_TCP => INIT,
                    MR_UDP => UDP,
                    _ => CLOSED,
                };
                socket.set(SR, status);
            }
            (CONNECT, INIT) => {
                let (address, port) = socket.destination();
                socket.set(SR, SYNSENT);
                let event = if address != network::ADDRESS.octets() {
                    (now + ARP_TIMEOUT, index, Event::TimedOut)
                } else if network::listens(port) {
                    (now + 2 * LATENCY, index, Event::Connected(port))
                } else {
                    (now + 2 * LATENCY, index, Event::Refused)
                };
                self.later.push(event);
            }
            (DISCON, ESTABLISHED | CLOSE_WAIT) => {
                let status = match socket.byte(SR) {
                    ESTABLISHED => FIN_WAIT,
                    _ => LAST_ACK,
                };
                socket.set(SR, status);
                if let Some(line) = socket.line {
                    self.connections[line].send(now, Packet::Fin);
                }
            }
            // At once, and the peer is not told.
            (CLOSE, _) => {
                socket.set(SR, CLOSED);
                if let Some(line) = socket.line.take() {
                    self.connections[line].forgotten = true;
                }
                self.later.retain(|(_, socket, _)| *socket != index);
            }
            (SEND, UDP) => self.send_datagram(index),
            (SEND, ESTABLISHED | CLOSE_WAIT) => {
                if socket.outgoing().is_empty() {
                    self.empty_sends += 1;
                }
                socket.sending = true;
                self.move_on();
            }
            // What was read is free now; some descriptions of the chip's family say that what was not
            // is announced again.
            (RECV, ESTABLISHED | CLOSE_WAIT | UDP) if socket.received() > 0 => {
                socket.raise(IR_RECV);
            }
            _ => {}
        }
    }

    fn send_datagram(&mut self, index: usize) {
        let now = self.time.get();
        let socket = &mut self.sockets[index];
        let data = socket.outgoing();
        socket.went_out(data.len());
        let (address, port) = socket.destination();
        if address != network::ADDRESS.octets() {
            socket.raise(IR_TIMEOUT);
            return;
        }
        socket.raise(IR_SENDOK);
        for (from, reply) in network::answers(port, &data) {
            let event = Event::Datagram(from, reply);
            self.later.push((now + 2 * LATENCY, index, event));
        }
    }

    /// Lets happen what is due.
    fn move_on(&mut self) {
        let now = self.time.get();
        self.looked = now;
        let (due, later) = std::mem::take(&mut self.later)
            .into_iter()
            .partition(|(at, ..)| *at <= now);
        self.later = later;
        for (_, index, event) in due {
            self.happen(index, event);
        }
        for index in 0..self.sockets.len() {
            self.send_stream(index);
        }
        for line in 0..self.connections.len() {
            let index = self.sockets.iter().position(|s| s.line == Some(line));
            let room = index.map_or(usize::from(BUFFER), |index| self.sockets[index].room());
            self.connections[line].poll(now, room, &mut self.ledger);
            self.receive_stream(line, index);
        }
    }

    fn happen(&mut self, index: usize, event: Event) {
        let now = self.time.get();
        let socket = &mut self.sockets[index];
        match event {
            Event::Connected(port) => {
                socket.clear();
                socket.set(SR, ESTABLISHED);
                socket.raise(IR_CON);
                socket.line = Some(self.connections.len());
                self.connections.push(Connection::new(port, now));
            }
            Event::Refused => {
                socket.set(SR, CLOSED);
                socket.raise(IR_DISCON);
            }
            Event::TimedOut => {
                socket.set(SR, CLOSED);
                socket.raise(IR_TIMEOUT);
            }
            Event::Datagram(from, data) => {
                let mut packet = network::ADDRESS.octets().to_vec();
                packet.extend(from.to_be_bytes());
                packet.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
                packet.extend(data);
                if socket.byte(SR) == UDP && packet.len() <= socket.room() {
                    socket.arrive(&packet);
                }
            }
        }
    }

    fn send_stream(&mut self, index: usize) {
        let now = self.time.get();
        let socket = &mut self.sockets[index];
        let Some(line) = socket.line.filter(|_| socket.sending) else {
            return;
        };
        let mut data = socket.outgoing();
        data.truncate(self.connections[line].window());
        if !data.is_empty() {
            socket.went_out(data.len());
            self.connections[line].send(now, Packet::Data(data));
        }
        if socket.outgoing().is_empty() {
            socket.sending = false;
            socket.raise(IR_SENDOK);
        }
    }

    fn receive_stream(&mut self, line: usize, index: Option<usize>) {
        let now = self.time.get();
        while let Some((due, _)) = self.connections[line].to_chip.front() {
            if *due > now {
                return;
            }
            let Some((_, packet)) = self.connections[line].to_chip.pop_front() else {
                return;
            };
            let Some(index) = index else {
                // A segment for no socket.
                if !matches!(packet, Packet::Reset) {
                    self.connections[line].send(now, Packet::Reset);
                }
                continue;
            };
            let socket = &mut self.sockets[index];
            match packet {
                Packet::Data(bytes) => socket.arrive(&bytes),
                Packet::Fin => {
                    let status = match socket.byte(SR) {
                        ESTABLISHED => CLOSE_WAIT,
                        _ => CLOSED,
                    };
                    socket.set(SR, status);
                    socket.raise(IR_DISCON);
                }
                Packet::Reset => {
                    socket.set(SR, CLOSED);
                    socket.raise(IR_DISCON);
                    socket.line = None;
                    self.connections[line].forgotten = true;
                }
            }
        }
    }
}

/// The SPI bus with the chip on it.
#[derive(Clone)]
pub struct Spi(pub Rc<RefCell<Chip>>);

/// The driver did not come back for a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck;

impl embedded_hal::spi::Error for Stuck {
    fn kind(&self) -> ErrorKind {
        ErrorKind::Other
    }
}

impl ErrorType for Spi {
    type Error = Stuck;
}

impl SpiDevice for Spi {
    fn transaction(&mut self, operations: &mut [Operation<'_, u8>]) -> Result<(), Stuck> {
        let mut chip = self.0.borrow_mut();
        let now = chip.time.get();
        if now - chip.idled > PATIENCE {
            return Err(Stuck);
        }
        chip.frames += 1;
        let mut header = Vec::new();
        let mut at = 0_u16;
        let mut bytes = 0;
        for operation in operations {
            match operation {
                Operation::Write(data) => {
                    for byte in data.iter() {
                        if header.len() < 3 {
                            header.push(*byte);
                            continue;
                        }
                        let (block, address) = target(&header, at);
                        assert!(header[2] & 4 != 0, "written in a frame that reads");
                        chip.write(block, address, *byte);
                        at = at.wrapping_add(1);
                    }
                    bytes += data.len();
                }
                Operation::TransferInPlace(data) | Operation::Read(data) => {
                    for byte in data.iter_mut() {
                        let (block, address) = target(&header, at);
                        assert!(header[2] & 4 == 0, "read in a frame that writes");
                        *byte = chip.read(block, address);
                        at = at.wrapping_add(1);
                    }
                    bytes += data.len();
                }
                Operation::Transfer(..) | Operation::DelayNs(_) => panic!("not the driver's"),
            }
        }
        let took = FRAME + bytes as u64 / BYTES_PER_MICRO;
        chip.time.set(now + took);
        if now + took >= chip.looked + STEP {
            chip.move_on();
        }
        Ok(())
    }
}

/// Block and address of the byte at `at` behind the frame's header.
fn target(header: &[u8], at: u16) -> (u8, u16) {
    let start = u16::from_be_bytes([header[0], header[1]]);
    (header[2] >> 3, start.wrapping_add(at))
}

/// The virtual clock, and idling that moves it and the chip on.
#[derive(Clone)]
pub struct Bench(pub Rc<RefCell<Chip>>);

impl Bench {
    /// Lets time pass.
    pub fn pass(&self, micros: u64) {
        let end = self.now() + micros;
        while self.now() < end {
            let _ = self.idle(Some(end));
        }
    }
}

impl Platform for Bench {
    fn now(&self) -> u64 {
        self.0.borrow().time.get()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        let mut chip = self.0.borrow_mut();
        let now = chip.time.get();
        assert!(now < 3600 * SECOND, "waits for ever");
        let step = until.map_or(STEP, |until| until.saturating_sub(now).clamp(1, STEP));
        chip.time.set(now + step);
        chip.idled = now + step;
        chip.move_on();
        Idle::Continue
    }
}

pub type Driver<B> = Device<B, DeviceState<Manual>>;

/// The driver on a chip, and the chip. `wrap` makes what the driver speaks to.
pub fn bench<B: w5500::bus::Bus>(wrap: impl FnOnce(FourWire<Spi>) -> B) -> (Driver<B>, Bench) {
    let chip = Rc::new(RefCell::new(Chip::new(&Time::default())));
    let bus = wrap(FourWire::new(Spi(chip.clone())));
    let device = UninitializedDevice::new(bus)
        .initialize_manual(MacAddress::new(2, 0, 0, 0, 0, 2), NEAR, Mode::default())
        .unwrap_or_else(|_| panic!("the chip is there"));
    (device, Bench(chip))
}

pub fn at(port: u16) -> SocketAddr {
    (network::ADDRESS, port).into()
}

/// The other side, for the conformance kit. No silent address: connect would block inside for it.
pub fn peer() -> Peer<'static> {
    Peer::at(at(network::SERVER))
        .speaks_first(at(network::SPEAKS_FIRST))
        .refuses(at(1))
        .other_family("[2001:db8::1]:7000".parse().unwrap())
        .datagrams(at(network::DATAGRAMS))
        .more_datagrams(at(network::MORE_DATAGRAMS))
        .listen_port(8000)
        .slack(Duration::from_millis(1))
}

/// What every rule of the kit comes to on the driver as it is.
pub fn report() -> Report<'static> {
    let (device, bench) = bench(|bus| bus);
    let net = nal_socket_stacks::w5500::network(device, bench);
    Report::of("w5500 0.6", &net, &peer())
}

/// The same on the mended bus.
pub fn mended_report() -> Report<'static> {
    let (device, bench) = bench(|bus| Mended::new(bus, 49_152));
    let net = nal_socket_stacks::w5500_bus::network(device, bench);
    Report::of("w5500 0.6 on `w5500_bus`", &net, &peer())
}
