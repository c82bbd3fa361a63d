//! A host that types at the modem and reads what comes back, in virtual time.
#![allow(dead_code)] // Each test file uses its own part.

pub mod server;

use embedded_io::{Read, ReadReady, Write, WriteReady};
use esp8285_sim::*;
use std::net::{Ipv4Addr, SocketAddrV4};

pub const SERVER: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 3);

/// The dialects most tests are about: one of each family.
pub const MAIN: &[Dialect] = &[Dialect::NonOs1_7, Dialect::EspAt2_2];

pub fn at(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(SERVER, port)
}

pub fn air() -> Air {
    Air::new().ap(AccessPoint::new("workshop", "correct horse")
        .bssid([0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc])
        .channel(10))
}

pub struct Host {
    pub bench: Bench,
    pub net: MemoryNetwork,
    uart: VirtualUart,
}

impl Host {
    pub fn new(dialect: Dialect) -> Self {
        Self::with(dialect, air(), BenchConfig::default())
    }

    pub fn with(dialect: Dialect, air: Air, config: BenchConfig) -> Self {
        let net = MemoryNetwork::new().host("example.com", SERVER);
        let bench = Bench::new(Modem::new(dialect, air, net.clone()), config);
        let uart = bench.uart();
        Self { bench, net, uart }
    }

    pub fn on(bench: Bench, net: MemoryNetwork) -> Self {
        let uart = bench.uart();
        Self { bench, net, uart }
    }

    /// With echo off and as a station, not joined.
    pub fn station(dialect: Dialect) -> Self {
        let mut host = Self::new(dialect);
        host.ask("ATE0");
        host.ask("AT+CWMODE=1");
        host
    }

    /// With echo off and joined.
    pub fn joined(dialect: Dialect) -> Self {
        let mut host = Self::new(dialect);
        host.join();
        host
    }

    pub fn join(&mut self) {
        self.ask("ATE0");
        self.ask("AT+CWMODE=1");
        self.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        let reply = self.read_for(3_200_000);
        assert!(reply.ends_with("\r\nOK\r\n"), "{reply:?}");
    }

    pub fn send(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() {
            if self.uart.write_ready().unwrap() {
                let n = self.uart.write(rest).unwrap();
                rest = &rest[n..];
            } else {
                self.bench.idle(None);
            }
        }
    }

    /// Everything that arrives within so much virtual time.
    pub fn bytes_for(&mut self, us: u64) -> Vec<u8> {
        let end = self.bench.now() + us;
        let mut all = Vec::new();
        let mut buf = [0; 4096];
        while self.bench.now() < end {
            self.bench.idle(Some(end));
            while self.uart.read_ready().unwrap() {
                let n = self.uart.read(&mut buf).unwrap();
                all.extend_from_slice(&buf[..n]);
            }
        }
        all
    }

    pub fn read_for(&mut self, us: u64) -> String {
        text(&self.bytes_for(us))
    }

    /// Sends a line and returns what comes back within 100 ms.
    pub fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes());
        self.read_for(100_000)
    }
}

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Asks and compares, showing the command on a difference.
#[track_caller]
pub fn check(host: &mut Host, exchanges: &[(&str, &str)]) {
    for (command, reply) in exchanges {
        assert_eq!(host.ask(command), *reply, "reply to {command}");
    }
}
