//! Ten simulated minutes of everything at once: five TCP and two UDP sockets
//! that come and go on the modem's five links, and scans in between. Every
//! byte has to come back from its echo, in order and on its own socket.

mod bench;

use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::wifi::ScanOptions;
use atcmd_esp8285::{SocketError, TcpSocket, UdpError, UdpSocket};
use bench::{Setup, Wifi, joined, network, pattern};
use embedded_nal::{TcpClientStack, UdpClientStack};
use esp8285_sim::{Dialect, Echo, UdpIo, UdpPeer};

const MINUTES: u64 = 10;

const fn tcp_server(n: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(10, 0, 1, n), 7)
}

const fn udp_server(n: u8) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(10, 0, 2, n), 7)
}

struct UdpEcho;

impl UdpPeer for UdpEcho {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        io.send(data);
    }
}

/// Repeatable choices.
struct Dice(u32);

impl Dice {
    fn roll(&mut self, below: u32) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (self.0 >> 8) % below
    }
}

/// What the sockets of one run have moved.
#[derive(Default, Debug)]
struct Moved {
    connections: u32,
    bytes: usize,
    datagrams: u32,
    scans: u32,
}

/// Connects, sends a few kilobytes, expects them back, closes; again and again.
struct Stream {
    n: u8,
    socket: Option<TcpSocket>,
    connected: bool,
    data: Vec<u8>,
    sent: usize,
    received: usize,
}

impl Stream {
    fn new(n: u8) -> Self {
        Self {
            n,
            socket: None,
            connected: false,
            data: vec![],
            sent: 0,
            received: 0,
        }
    }

    /// One step; says whether anything moved.
    fn step(&mut self, wifi: &mut Wifi<2048>, dice: &mut Dice, moved: &mut Moved) -> bool {
        let Some(socket) = &mut self.socket else {
            self.socket = Some(TcpClientStack::socket(wifi).unwrap());
            self.data = pattern(1 + dice.roll(20_000) as usize);
            (self.sent, self.received, self.connected) = (0, 0, false);
            return true;
        };
        if !self.connected {
            let to = tcp_server(self.n).into();
            match TcpClientStack::connect(wifi, socket, to) {
                Ok(()) => self.connected = true,
                // All links in use: another socket's turn to close.
                Err(nb::Error::WouldBlock | nb::Error::Other(SocketError::NoFreeLink)) => {
                    return false;
                }
                Err(error) => panic!("stream {}: {error:?}", self.n),
            }
            return true;
        }
        let mut progress = false;
        // Never so far ahead that both sides wait for the other to read.
        if self.sent < self.data.len() && self.sent < self.received + 1500 {
            let end = self
                .data
                .len()
                .min(self.sent + 1 + dice.roll(1400) as usize);
            match TcpClientStack::send(wifi, socket, &self.data[self.sent..end]) {
                Ok(n) => {
                    self.sent += n;
                    progress = true;
                }
                Err(nb::Error::WouldBlock) => {}
                Err(error) => panic!("stream {}: {error:?}", self.n),
            }
        }
        let mut buf = [0; 700];
        match TcpClientStack::receive(wifi, socket, &mut buf) {
            Ok(n) => {
                let expected = &self.data[self.received..self.received + n];
                assert!(
                    n > 0 && buf[..n] == *expected,
                    "stream {}: wrong bytes",
                    self.n
                );
                self.received += n;
                moved.bytes += n;
                progress = true;
            }
            Err(nb::Error::WouldBlock) => {}
            Err(error) => panic!("stream {}: {error:?}", self.n),
        }
        if self.received == self.data.len() {
            let socket = self.socket.take().unwrap();
            TcpClientStack::close(wifi, socket).unwrap();
            moved.connections += 1;
        }
        progress
    }
}

/// Opens, sends numbered datagrams one after the other, closes; again and again.
struct Datagrams {
    n: u8,
    socket: Option<UdpSocket>,
    expected: Option<Vec<u8>>,
    left: u32,
}

impl Datagrams {
    fn step(&mut self, wifi: &mut Wifi<2048>, dice: &mut Dice, moved: &mut Moved) -> bool {
        let Some(socket) = &mut self.socket else {
            let mut socket = UdpClientStack::socket(wifi).unwrap();
            match UdpClientStack::connect(wifi, &mut socket, udp_server(self.n).into()) {
                Ok(()) => {
                    self.socket = Some(socket);
                    self.left = 1 + dice.roll(20);
                    return true;
                }
                Err(UdpError::Socket(SocketError::NoFreeLink)) => return false,
                Err(error) => panic!("datagrams {}: {error:?}", self.n),
            }
        };
        let Some(expected) = &self.expected else {
            if self.left == 0 {
                let socket = self.socket.take().unwrap();
                UdpClientStack::close(wifi, socket).unwrap();
                return true;
            }
            let datagram = vec![self.left as u8; 1 + dice.roll(1400) as usize];
            return match UdpClientStack::send(wifi, socket, &datagram) {
                Ok(()) => {
                    self.expected = Some(datagram);
                    true
                }
                Err(nb::Error::WouldBlock) => false,
                // Another socket took the link that this one waited for.
                Err(nb::Error::Other(UdpError::Socket(SocketError::NoFreeLink))) => {
                    self.socket = None;
                    false
                }
                Err(error) => panic!("datagrams {}: {error:?}", self.n),
            };
        };
        let mut buf = [0; 1500];
        match UdpClientStack::receive(wifi, socket, &mut buf) {
            Ok((n, from)) => {
                assert_eq!(from, udp_server(self.n).into());
                assert!(buf[..n] == **expected, "datagrams {}: wrong bytes", self.n);
                moved.datagrams += 1;
                moved.bytes += n;
                self.expected = None;
                self.left -= 1;
                true
            }
            Err(nb::Error::WouldBlock) => false,
            Err(error) => panic!("datagrams {}: {error:?}", self.n),
        }
    }
}

fn run(setup: Setup, udp: bool) -> Moved {
    let network = network(setup);
    for n in 0..5 {
        network.listen(tcp_server(n), || Box::new(Echo));
    }
    for n in 0..2 {
        network.listen_udp(udp_server(n), UdpEcho);
    }
    let (bench, mut wifi) = joined::<2048>(setup, &network);
    let mut dice = Dice(7);
    let mut moved = Moved::default();
    let mut streams: Vec<Stream> = (0..5).map(Stream::new).collect();
    let mut datagrams: Vec<Datagrams> = (0..2)
        .filter(|_| udp)
        .map(|n| Datagrams {
            n,
            socket: None,
            expected: None,
            left: 0,
        })
        .collect();
    let (began, mut next_scan) = (bench.now(), bench.now());
    let mut seen = 0;
    while bench.now() - began < MINUTES * 60_000_000 {
        let mut progress = false;
        // The sockets do not always come in the same order.
        let first = dice.roll(7) as usize;
        for i in 0..7 {
            let i = (first + i) % 7;
            progress |= match i {
                0..5 => streams[i].step(&mut wifi, &mut dice, &mut moved),
                _ => datagrams
                    .get_mut(i - 5)
                    .is_some_and(|d| d.step(&mut wifi, &mut dice, &mut moved)),
            };
        }
        if bench.now() >= next_scan {
            match wifi.scan(&ScanOptions::new(), |_| seen += 1) {
                Ok(()) => {
                    assert_eq!(seen, 1, "{setup:?}");
                    (seen, progress) = (0, true);
                    moved.scans += 1;
                    next_scan = bench.now() + 30_000_000;
                }
                Err(nb::Error::WouldBlock) => {}
                Err(error) => panic!("scan: {error:?}"),
            }
        }
        if !progress {
            bench.idle(Some(bench.now() + 5_000));
        }
    }
    moved
}

#[test]
fn ten_minutes_of_sockets_and_scans_lose_nothing_in_any_dialect() {
    for setup in Setup::every_dialect() {
        let udp = setup.dialect != Dialect::EspAtMod;
        let moved = run(setup, udp);
        println!("{}: {moved:?}", setup.dialect);
        assert!(moved.scans >= 15, "{setup:?}: {moved:?}");
        assert!(moved.connections >= 50, "{setup:?}: {moved:?}");
        assert!(!udp || moved.datagrams >= 100, "{setup:?}: {moved:?}");
    }
}
