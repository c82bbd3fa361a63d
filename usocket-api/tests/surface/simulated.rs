//! The whole stack on the simulated modem, in virtual time.

use std::cell::Cell;
use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::{Arc, Mutex};

use atcmd_esp8285::{Clock, Config, Esp8285, ReceiveMode, socket_policy};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, Peer, PeerIo, UdpIo,
    UdpPeer, VirtualUart,
};
use nal_socket::{Idle, Network, Platform, UdpFull};

use crate::world::{Address, Ending, Heard, Neighbour, Server, Step, World};

const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);

type Driver = Esp8285<VirtualUart, Time>;
type Board = Network<Driver, Time, UdpFull<Driver>>;

/// Virtual time for the driver and for the sockets.
#[derive(Clone)]
pub struct Time(Bench);

impl Clock for Time {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) {
        self.0.idle(until);
    }
}

/// A board that is still waiting then waits for ever.
const END_OF_TIME: u64 = 7_200_000_000;

impl Platform for Time {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.idle(until);
        assert!(self.0.now() < END_OF_TIME, "it waits for ever");
        Idle::Continue
    }
}

/// A board with an ESP8285 that has joined.
pub struct Simulated {
    dialect: Dialect,
    receive: ReceiveMode,
    board: Board,
    bench: Bench,
    network: MemoryNetwork,
    port: Cell<u16>,
}

/// The firmware that MaixPy's boards have, and a recent one.
const DIALECTS: [Dialect; 2] = [Dialect::NonOs1_7, Dialect::EspAt2_2];

/// One board for each firmware, with the driver's default, which is passive receiving.
pub fn passive() -> impl Iterator<Item = Simulated> {
    DIALECTS
        .into_iter()
        .map(|dialect| Simulated::new(dialect, ReceiveMode::Auto))
}

/// The same with active receiving.
pub fn active() -> impl Iterator<Item = Simulated> {
    DIALECTS
        .into_iter()
        .map(|dialect| Simulated::new(dialect, ReceiveMode::Active))
}

impl Simulated {
    fn new(dialect: Dialect, receive: ReceiveMode) -> Self {
        let world = Self::not_joined(dialect, receive);
        let joined = world
            .board
            .with_stack(|wifi| wifi.wait(|wifi| wifi.join("net", "password")));
        joined.unwrap().unwrap();
        world
    }

    /// Another board of the same kind, which has just been switched on.
    pub fn switched_on(&self) -> Self {
        Self::not_joined(self.dialect, self.receive)
    }

    fn not_joined(dialect: Dialect, receive: ReceiveMode) -> Self {
        let network = MemoryNetwork::new().host(Self::KNOWN.0, HOST);
        let air = Air::new()
            .ap(AccessPoint::new("net", "password"))
            .join_time_ms(100);
        let modem = Modem::new(dialect, air, network.clone());
        let bench = Bench::new(modem, BenchConfig::default());
        let time = Time(bench.clone());
        let config = Config::new().receive(receive);
        let wifi = Esp8285::with_config(bench.uart(), time.clone(), config);
        Self {
            dialect,
            receive,
            board: socket_policy::full_network(wifi, time),
            bench,
            network,
            port: Cell::new(8_000),
        }
    }

    fn next_port(&self) -> u16 {
        self.port.set(self.port.get() + 1);
        self.port.get()
    }

    fn somewhere(&self) -> SocketAddrV4 {
        SocketAddrV4::new(HOST, self.next_port())
    }

    /// Where nobody answers.
    pub fn silent(&self) -> Address {
        let at = self.somewhere();
        self.network.blackhole(at);
        address(at)
    }
}

fn address(at: SocketAddrV4) -> Address {
    (at.ip().to_string(), at.port().into())
}

impl World for Simulated {
    type Net<'w> = &'w Board;

    const SIMULATED: bool = true;
    const KNOWN: (&'static str, &'static str) = ("peer.example", "10.0.0.1");
    const UNKNOWN: &'static str = "nobody.example";
    const PAUSE: u64 = 250_000;

    fn net(&self) -> &Board {
        &self.board
    }

    fn now(&self) -> u64 {
        self.bench.now()
    }

    fn pass(&self, us: u64) {
        let end = self.now() + us;
        while self.now() < end {
            self.board.with_stack(|wifi| wifi.poll()).unwrap().unwrap();
            self.bench.idle(Some(end));
        }
    }

    fn serve(&self, script: Vec<Step>) -> Server {
        let at = self.somewhere();
        let heard = Heard::default();
        let record = heard.clone();
        self.network.listen(at, move || {
            Box::new(Player::new(script.clone(), record.clone()))
        });
        Server {
            address: address(at),
            heard,
        }
    }

    fn refusing(&self) -> Address {
        address(self.somewhere())
    }

    fn visit(&self, port: u16, script: Vec<Step>) -> Heard {
        let heard = Heard::default();
        let player = Player::new(script, heard.clone());
        self.network
            .connect_to_modem(self.now(), self.somewhere(), port, player);
        heard
    }

    fn echo(&self, times: usize) -> Neighbour {
        let at = self.somewhere();
        let heard = Arc::new(Mutex::new(vec![]));
        let record = heard.clone();
        self.network.listen_udp(at, Echo { times, record });
        Neighbour {
            address: address(at),
            heard,
        }
    }

    fn datagram(&self, port: u16, data: &[u8]) -> Address {
        self.pass(100_000);
        let from = self.somewhere();
        self.network.datagram(self.now(), from, port, data);
        address(from)
    }

    fn free_port(&self) -> u16 {
        self.next_port()
    }

    /// NonOS has no command for it.
    fn has_no_delay(&self) -> bool {
        self.dialect == Dialect::EspAt2_2
    }

    fn plausible(&self, waited: u64, expected: u64) -> bool {
        (expected..=expected + 1_000).contains(&waited)
    }
}

/// Plays a script on one connection.
struct Player {
    steps: VecDeque<Step>,
    heard: Heard,
    unread: usize,
    /// When the pause is over.
    until: Option<u64>,
}

impl Player {
    fn new(script: Vec<Step>, heard: Heard) -> Self {
        Self {
            steps: script.into(),
            heard,
            unread: 0,
            until: None,
        }
    }

    fn go_on(&mut self, io: &mut PeerIo) {
        while let Some(step) = self.steps.front() {
            match step {
                Step::Wait(us) => {
                    let until = *self.until.get_or_insert(io.now() + us);
                    if io.now() < until {
                        return io.wake_at(until);
                    }
                    self.until = None;
                }
                Step::Read(count) if self.unread < *count => return,
                Step::Read(count) => self.unread -= count,
                Step::Send(bytes) => io.send(bytes),
                Step::Close => io.close(),
                Step::Reset => io.reset(),
            }
            self.steps.pop_front();
        }
    }
}

impl Peer for Player {
    fn connected(&mut self, io: &mut PeerIo) {
        self.heard.note(|record| record.connections += 1);
        self.go_on(io);
    }

    fn received(&mut self, data: &[u8], io: &mut PeerIo) {
        self.unread += data.len();
        self.heard.note(|record| record.bytes.extend(data));
        self.go_on(io);
    }

    fn closed(&mut self, _: &mut PeerIo) {
        self.heard
            .note(|record| record.ending = Some(Ending::Orderly));
    }

    fn reset(&mut self, _: &mut PeerIo) {
        self.heard
            .note(|record| record.ending = Some(Ending::Reset));
    }

    fn refused(&mut self, _: &mut PeerIo) {
        self.heard
            .note(|record| record.ending = Some(Ending::Refused));
    }

    fn tick(&mut self, io: &mut PeerIo) {
        self.go_on(io);
    }
}

struct Echo {
    times: usize,
    record: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl UdpPeer for Echo {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        self.record.lock().unwrap().push(data.to_vec());
        for _ in 0..self.times {
            io.send(data);
        }
    }
}
