//! The whole stack on the simulated modem, in virtual time: `usocket-api` over
//! `nal-socket` over `atcmd-esp8285`.
#![cfg(feature = "alloc")]

#[path = "modem/time.rs"]
mod time;

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use atcmd_esp8285::{Config, Esp8285, ReceiveMode, socket_policy};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, Peer, PeerIo, Serve,
    Silent, Sink, VirtualUart,
};
use nal_socket::{ErrorKind, Network};
use time::Time;
use usocket_api::{MAIXPY, MSG_DONTWAIT, OPENMV, Profile, USocket};

const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);

type Board = Network<Esp8285<VirtualUart, Time>, Time>;

/// A board that has joined, its network filled by `serve`.
fn board(dialect: Dialect, receive: ReceiveMode, network: &MemoryNetwork) -> (Time, Board) {
    let air = Air::new()
        .ap(AccessPoint::new("Sipeed_2.4G", "------"))
        .join_time_ms(100);
    let modem = Modem::new(dialect, air, network.clone());
    let time = Time::new(Bench::new(modem, BenchConfig::default()));
    let config = Config::new().receive(receive);
    let mut wifi = Esp8285::with_config(time.bench.uart(), time.clone(), config);
    wifi.wait(|wifi| wifi.join("Sipeed_2.4G", "------"))
        .unwrap();
    (time.clone(), socket_policy::network(wifi, time))
}

/// Runs `test` in both dialects and both receive modes.
fn everywhere(network: impl Fn() -> MemoryNetwork, test: impl Fn(&Time, &Board)) {
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        for receive in [ReceiveMode::Auto, ReceiveMode::Active] {
            let (time, board) = board(dialect, receive, &network());
            test(&time, &board);
        }
    }
}

/// Sends pieces of text at fixed times after the connection.
struct Timed(Vec<(u64, &'static str)>, u64);

impl Peer for Timed {
    fn connected(&mut self, io: &mut PeerIo) {
        self.1 = io.now();
        self.0.reverse();
        self.next(io);
    }
    fn received(&mut self, _: &[u8], _: &mut PeerIo) {}
    fn tick(&mut self, io: &mut PeerIo) {
        if let Some((_, text)) = self.0.pop() {
            io.send(text.as_bytes());
        }
        self.next(io);
    }
}

impl Timed {
    fn next(&self, io: &mut PeerIo) {
        if let Some((at, _)) = self.0.last() {
            io.wake_at(self.1 + at);
        }
    }
}

fn picture() -> Vec<u8> {
    (0..30_054u32).map(|i| (i * i / 7) as u8).collect()
}

#[test]
fn example_1_downloads_a_picture_and_the_timeout_is_the_end() {
    let image = picture();
    everywhere(
        || {
            let answer = [b"HTTP/1.1 200 OK\r\n\r\n", &picture()[..]].concat();
            let network = MemoryNetwork::new().host("dl.sipeed.com", *SERVER.ip());
            network.listen(SERVER, move || {
                Box::new(Serve::new(answer.clone()).keep_open())
            });
            network
        },
        |time, board| {
            let socket = USocket::new(board, MAIXPY);
            let sock = socket.socket();
            let addr = socket.getaddrinfo("dl.sipeed.com", 80).unwrap()[0].sockaddr;
            sock.connect(addr).unwrap();
            sock.send(
                "GET /MAIX/MaixPy/assets/Alice.bmp HTTP/1.1\r\nHost: dl.sipeed.com\r\ncache-control: no-cache\r\n\r\n",
            )
            .unwrap();

            let mut img = Vec::new();
            sock.settimeout(5).unwrap();
            loop {
                let before = time.bench.now();
                let data = sock.recv(4096).unwrap();
                if data.is_empty() {
                    let waited = time.bench.now() - before;
                    assert!((5_000_000..=5_001_000).contains(&waited), "{waited}");
                    break;
                }
                img.extend(data);
            }
            let body = img.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
            assert!(img[body..] == image);
        },
    );
}

#[test]
fn example_2_sends_a_picture_in_pieces() {
    let image = picture();
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        let received = Rc::new(RefCell::new(vec![]));
        let network = MemoryNetwork::new();
        let sink = received.clone();
        network.listen(SERVER, move || Box::new(Sink(sink.clone())));
        let (time, board) = board(dialect, ReceiveMode::Auto, &network);
        let socket = USocket::new(&board, MAIXPY);
        let sock = socket.socket();
        sock.connect(("10.0.0.1", 80)).unwrap();
        sock.settimeout(5).unwrap();
        for img in image.chunks(2048) {
            assert_eq!(sock.send(img).unwrap(), img.len());
        }
        sock.close().unwrap();
        time.bench.advance(1_000_000);
        assert!(*received.borrow() == image, "{dialect}");
    }
}

#[test]
fn a_non_blocking_socket_never_waits() {
    everywhere(
        || {
            let network = MemoryNetwork::new().host("x.example", *SERVER.ip());
            network.listen(SERVER, || Box::new(Serve::new("answer").keep_open()));
            network
        },
        |time, board| {
            let usocket = USocket::new(board, OPENMV);
            time.waits.set(0);
            let start = time.bench.now();
            // No time passes but what the test lets pass.
            let passed = Cell::new(0);
            let pass = || {
                time.bench.advance(100);
                passed.set(passed.get() + 100);
            };
            let calls = Cell::new(0);
            let step = || {
                calls.set(calls.get() + 1);
                assert!(calls.get() < 100_000, "stuck");
                assert_eq!(time.bench.now() - start, passed.get());
                pass();
            };

            let hints = nal_socket::Hints::stream();
            let mut lookup = nal_socket::Lookup::new(board, "x.example", 80, hints).unwrap();
            let address = loop {
                match lookup.poll() {
                    Ok(found) => break found.first().sockaddr,
                    Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock),
                }
                step();
            };
            let sock = usocket.socket();
            sock.setblocking(false).unwrap();
            assert_eq!(sock.connect(address).unwrap_err().name(), "EINPROGRESS");
            loop {
                step();
                match sock.connect(address) {
                    Ok(()) => break,
                    Err(e) => assert_eq!(e.name(), "EALREADY"),
                }
            }
            assert_eq!(sock.recv(10).unwrap_err().name(), "EAGAIN");
            assert_eq!(sock.read(10).unwrap(), None);
            let mut sent = 0;
            let request = [b'?'; 3000];
            while sent < request.len() {
                match sock.send(&request[sent..]) {
                    Ok(n) => sent += n,
                    Err(e) => assert_eq!(e.name(), "EAGAIN"),
                }
                step();
            }
            let mut got = vec![];
            while got.len() < 6 {
                match sock.recv(10) {
                    Ok(data) => got.extend(data),
                    Err(e) => assert_eq!(e.name(), "EAGAIN"),
                }
                step();
            }
            assert_eq!(got, b"answer");
            sock.close().unwrap();
            assert_eq!(time.bench.now() - start, passed.get());
            assert_eq!(time.waits.get(), 0, "the idle hook was called");
        },
    );
}

#[test]
fn settimeout_ends_connect_in_time_and_the_socket_stays_usable() {
    everywhere(
        || {
            let network = MemoryNetwork::new();
            network.blackhole(SERVER);
            network.listen("10.0.0.2:80".parse().unwrap(), || Box::new(Silent));
            network
        },
        |time, board| {
            let usocket = USocket::new(board, OPENMV);
            let sock = usocket.socket();
            for seconds in [0.25, 2.0] {
                sock.settimeout(seconds).unwrap();
                let start = time.bench.now();
                let error = sock.connect(("10.0.0.1", 80)).unwrap_err();
                assert_eq!(error.name(), "ETIMEDOUT");
                let waited = time.bench.now() - start;
                let limit = (seconds * 1e6) as u64;
                assert!((limit..=limit + 1000).contains(&waited), "{waited}");
            }
            // Another address: the attempt is given up, the socket goes on
            // once the modem is done with it.
            sock.settimeout(30).unwrap();
            sock.connect(("10.0.0.2", 80)).unwrap();
        },
    );
}

#[test]
fn settimeout_ends_a_receive_in_time_and_loses_nothing() {
    everywhere(
        || {
            let network = MemoryNetwork::new();
            network.listen(SERVER, || {
                let pieces = vec![
                    (500_000, "first"),
                    (1_700_000, "second\nthi"),
                    (4_000_000, "rd\n"),
                ];
                Box::new(Timed(pieces, 0))
            });
            network
        },
        |time, board| {
            let usocket = USocket::new(board, OPENMV);
            let sock = usocket.socket();
            sock.connect(("10.0.0.1", 80)).unwrap();
            let timed_out = |result: Result<(), usocket_api::OSError>, start: u64, limit: u64| {
                assert_eq!(result.unwrap_err().name(), "ETIMEDOUT");
                let waited = time.bench.now() - start;
                assert!(
                    (limit..=limit + 1000).contains(&waited),
                    "{waited} for {limit}"
                );
            };
            sock.settimeout(0.25).unwrap();
            let start = time.bench.now();
            timed_out(sock.recv(100).map(drop), start, 250_000);
            // Five bytes come, then silence: the five are kept.
            sock.settimeout(0.6).unwrap();
            let before = time.bench.now();
            assert_eq!(sock.read(11).unwrap_err().name(), "ETIMEDOUT");
            assert!(time.bench.now() > before);
            sock.settimeout(1.5).unwrap();
            assert_eq!(sock.read(11).unwrap().unwrap(), b"firstsecond");
            assert_eq!(sock.readline().unwrap().unwrap(), b"\n");
            // Half a line, then silence: kept as well.
            assert_eq!(sock.readline().unwrap_err().name(), "ETIMEDOUT");
            sock.settimeout(None).unwrap();
            assert_eq!(sock.readline().unwrap().unwrap(), b"third\n");
            let error = sock.recv_flags(1, MSG_DONTWAIT).unwrap_err();
            assert_eq!(error.name(), "EAGAIN");
        },
    );
}

#[test]
fn errors_have_the_numbers_a_script_would_see() {
    let numbers = |profile: Profile| {
        let network = MemoryNetwork::new();
        network.listen(SERVER, || Box::new(Serve::new("bye")));
        let (_, board) = board(Dialect::NonOs1_7, ReceiveMode::Auto, &network);
        let usocket = USocket::new(&board, profile);
        let refused = usocket.socket().connect(("10.0.0.1", 81)).unwrap_err();
        let unknown = usocket.getaddrinfo("no.such.host", 80).unwrap_err();
        let sock = usocket.socket();
        let unconnected = sock.recv(1).unwrap_err();
        let unsent = sock.send("x").unwrap_err();
        sock.connect(("10.0.0.1", 80)).unwrap();
        let again = sock.connect(("10.0.0.1", 80)).unwrap_err();
        sock.send("hello").unwrap();
        assert_eq!(sock.read(None).unwrap().unwrap(), b"bye");
        for _ in 0..3 {
            assert_eq!(sock.recv(10).unwrap(), b"", "the end stays the end");
        }
        sock.close().unwrap();
        sock.close().unwrap();
        let closed = sock.recv(1).unwrap_err();
        [refused, unknown, unconnected, unsent, again, closed].map(|e| e.errno())
    };
    assert_eq!(numbers(OPENMV), [111, -2, 107, 32, 106, 9]);
    assert_eq!(numbers(MAIXPY), [111, -2, 128, 32, 127, 9]);
}

#[test]
fn a_dropped_socket_gives_its_link_back() {
    everywhere(
        || {
            let network = MemoryNetwork::new();
            network.listen(SERVER, || Box::new(Silent));
            network
        },
        |_, board| {
            let usocket = USocket::new(board, OPENMV);
            for _ in 0..12 {
                let sock = usocket.socket();
                sock.connect(("10.0.0.1", 80)).unwrap();
            }
            let mut five = vec![];
            for _ in 0..5 {
                let sock = usocket.socket();
                sock.connect(("10.0.0.1", 80)).unwrap();
                five.push(sock);
            }
            let error = usocket.socket().connect(("10.0.0.1", 80)).unwrap_err();
            assert_eq!(error.name(), "EMFILE");
        },
    );
}
