//! The Wi-Fi interface on the simulated modem, in virtual time, and on a radio of another kind.

mod access_point;
mod address;
mod connect;
mod names;
mod other_radio;
mod patience;
mod scan;
mod sockets;
#[path = "../modem/time.rs"]
mod time;
mod winc1500;

use std::cell::RefCell;

use atcmd_esp8285::{Config, Esp8285, ReceiveMode, socket_policy};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, Direction, MemoryNetwork, Modem, VirtualUart,
};
use nal_socket::Network;
use time::Time;
use usocket_api::{MAIXPY, Nic, OSError};

/// The firmware that Maix boards are found with, and Espressif's later line.
const DIALECTS: [Dialect; 4] = [
    Dialect::NonOs1_3,
    Dialect::NonOs1_7,
    Dialect::EspAt2_1,
    Dialect::EspAt2_2,
];

const SECOND: u64 = 1_000_000;
const BSSID: [u8; 6] = [0x18, 0xfe, 0x34, 0xaa, 0xbb, 0x07];

type Stack = Esp8285<VirtualUart, Time>;

/// A modem that nobody has talked to yet.
struct Board {
    time: Time,
    network: Network<Stack, Time>,
    written: RefCell<Vec<u8>>,
}

impl Board {
    fn new(dialect: Dialect, air: Air) -> Self {
        Self::on(dialect, air, MemoryNetwork::new(), ReceiveMode::Auto)
    }

    fn on(dialect: Dialect, air: Air, internet: MemoryNetwork, receive: ReceiveMode) -> Self {
        let bench = Bench::new(Modem::new(dialect, air, internet), BenchConfig::default());
        bench.record(true);
        let time = Time::new(bench);
        let config = Config::new().receive(receive);
        let wifi = Esp8285::with_config(time.bench.uart(), time.clone(), config);
        Self {
            network: socket_policy::network(wifi, time.clone()),
            time,
            written: RefCell::default(),
        }
    }

    fn nic(&self) -> Nic<&Network<Stack, Time>> {
        Nic::new(&self.network, MAIXPY)
    }

    fn now(&self) -> u64 {
        self.time.bench.now()
    }

    fn modem<R>(&self, act: impl FnOnce(&mut Modem) -> R) -> R {
        self.time.bench.with_modem(act)
    }

    /// How often the modem has been sent these words so far.
    fn said(&self, words: &str) -> usize {
        let mut written = self.written.borrow_mut();
        for (_, direction, bytes) in self.time.bench.take_record() {
            if direction == Direction::ToModem {
                written.extend(bytes);
            }
        }
        let written = String::from_utf8_lossy(&written);
        written.matches(words).count()
    }

    /// Everything, so that nothing can have been sent in between.
    fn silent<R>(&self, act: impl FnOnce() -> R) -> R {
        let before = self.said("");
        let result = act();
        assert_eq!(self.said(""), before, "something was sent");
        result
    }
}

fn home_ap() -> AccessPoint {
    AccessPoint::new("home", "12345678")
        .bssid(BSSID)
        .channel(6)
        .rssi(-58)
}

fn home() -> Air {
    Air::new().ap(home_ap()).join_time_ms(400)
}

/// Number and name.
#[track_caller]
fn number<T: core::fmt::Debug>(outcome: Result<T, OSError>) -> (i32, &'static str) {
    let error = outcome.unwrap_err();
    (error.errno(), error.name())
}
