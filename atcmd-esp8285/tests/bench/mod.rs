//! The driver on the simulated modem, in virtual time.
#![allow(dead_code)] // each test file uses its own part of this

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;

use atcmd_esp8285::{Clock, Config, Esp8285, ReceiveMode, SocketError, TcpSocket};
use embedded_nal::TcpClientStack;
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Chunk, Dialect, MemoryNetwork, Modem, Peer, PeerIo,
    VirtualUart,
};

pub const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);

/// Virtual time as the driver's clock.
pub struct VirtualClock(pub Bench);

impl Clock for VirtualClock {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) {
        self.0.idle(until);
    }
}

pub type Wifi<const RX: usize> = Esp8285<VirtualUart, VirtualClock, RX>;

/// What a test varies.
#[derive(Debug, Clone, Copy)]
pub struct Setup {
    pub dialect: Dialect,
    pub receive: ReceiveMode,
    pub chunk: Chunk,
    pub baud: u32,
    pub round_trip_us: u64,
}

impl Setup {
    pub fn new(dialect: Dialect, receive: ReceiveMode) -> Self {
        Self {
            dialect,
            receive,
            chunk: Chunk::All,
            baud: 115_200,
            round_trip_us: 2000,
        }
    }

    /// Every dialect, in the receive mode the driver chooses.
    pub fn every_dialect() -> impl Iterator<Item = Self> {
        Dialect::ALL
            .iter()
            .map(|&dialect| Self::new(dialect, ReceiveMode::Auto))
    }

    /// Both dialects, passive and active.
    pub fn all() -> impl Iterator<Item = Self> {
        [Dialect::NonOs1_7, Dialect::EspAt2_2]
            .into_iter()
            .flat_map(|dialect| {
                [ReceiveMode::Auto, ReceiveMode::Active].map(|mode| Self::new(dialect, mode))
            })
    }
}

/// A bench whose network the test fills, and a driver that has joined.
pub fn joined<const RX: usize>(setup: Setup, network: &MemoryNetwork) -> (Bench, Wifi<RX>) {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = Modem::new(setup.dialect, air, network.clone())
        .stored_baud(setup.baud)
        .stored_certificates(2);
    let config = BenchConfig {
        host_baud: setup.baud,
        rx_chunk: setup.chunk,
        ..BenchConfig::default()
    };
    let bench = Bench::new(modem, config);
    let config = Config::new().receive(setup.receive);
    let mut wifi = Esp8285::with_config(bench.uart(), VirtualClock(bench.clone()), config);
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    (bench, wifi)
}

pub fn network(setup: Setup) -> MemoryNetwork {
    MemoryNetwork::new().round_trip_us(setup.round_trip_us)
}

pub fn connect<const RX: usize>(wifi: &mut Wifi<RX>) -> Result<TcpSocket, SocketError> {
    let mut socket = wifi.socket()?;
    wifi.wait(|wifi| wifi.connect(&mut socket, SocketAddr::V4(SERVER)))?;
    Ok(socket)
}

/// Receives to the end of the stream.
pub fn receive_all<const RX: usize>(
    wifi: &mut Wifi<RX>,
    socket: &mut TcpSocket,
) -> Result<Vec<u8>, SocketError> {
    let mut all = vec![];
    let mut buf = [0; 2048];
    loop {
        match wifi.wait(|wifi| wifi.receive(socket, &mut buf))? {
            0 => return Ok(all),
            n => all.extend_from_slice(&buf[..n]),
        }
    }
}

/// Sends all of `bytes` and waits until they are delivered.
pub fn send_all<const RX: usize>(
    wifi: &mut Wifi<RX>,
    socket: &mut TcpSocket,
    mut bytes: &[u8],
) -> Result<(), SocketError> {
    while !bytes.is_empty() {
        let n = wifi.wait(|wifi| wifi.send(socket, bytes))?;
        bytes = &bytes[n..];
    }
    wifi.wait(|wifi| wifi.send(socket, b""))?;
    Ok(())
}

/// Bytes that repeat late, so that a lost or doubled piece shows.
pub fn pattern(n: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_u32;
    (0..n)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

/// Notes how its connection ended.
pub struct Ends(pub Rc<RefCell<Vec<&'static str>>>);

impl Peer for Ends {
    fn connected(&mut self, _: &mut PeerIo) {}
    fn received(&mut self, _: &[u8], _: &mut PeerIo) {}
    fn closed(&mut self, _: &mut PeerIo) {
        self.0.borrow_mut().push("closed");
    }
    fn reset(&mut self, _: &mut PeerIo) {
        self.0.borrow_mut().push("reset");
    }
}
