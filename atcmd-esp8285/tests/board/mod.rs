//! A network with everything the driver can do, in virtual time.
#![allow(dead_code)] // each test file uses its own part of this

use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::{Capability, Esp8285, socket_policy};
use esp8285_sim::{Bench, Direction, MemoryNetwork, VirtualUart};
use nal_socket::{Idle, Network, Platform, UdpFull};

use crate::bench::{Setup, VirtualClock, joined};

pub type Wifi = Esp8285<VirtualUart, VirtualClock, 2048>;
pub type Board = Network<Wifi, Time, UdpFull<Wifi>>;

/// Virtual time for nal-socket.
pub struct Time(pub Bench);

impl Platform for Time {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.idle(until);
        Idle::Continue
    }
}

pub fn board(setup: Setup, network: &MemoryNetwork) -> Board {
    let (bench, wifi) = joined::<2048>(setup, network);
    socket_policy::full_network(wifi, Time(bench))
}

pub fn bench(board: &Board) -> &Bench {
    &board.platform().0
}

pub fn has(board: &Board, capability: Capability) -> bool {
    let dialect = board.with_stack(|wifi| wifi.dialect().unwrap()).unwrap();
    dialect.has(capability)
}

/// Lets `micros` pass, with the driver polled.
pub fn pass(board: &Board, micros: u64) {
    let bench = bench(board);
    let until = bench.now() + micros;
    while bench.now() < until {
        board.with_stack(|wifi| wifi.poll().unwrap()).unwrap();
        bench.idle(Some(until));
    }
}

/// The commands that were sent since the record was switched on.
pub fn commands(board: &Board) -> String {
    let record = bench(board).take_record().into_iter();
    let sent: Vec<u8> = record
        .filter(|(_, direction, _)| *direction == Direction::ToModem)
        .flat_map(|(.., bytes)| bytes)
        .collect();
    String::from_utf8_lossy(&sent).into_owned()
}

/// Somebody on the network who connects to the modem.
pub fn someone(n: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, n), 4000 + u16::from(n))
}
