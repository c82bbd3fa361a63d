//! Poll objects and `select` on the simulated modem, in virtual time: both firmwares, both receive
//! modes, with and without the stack's word on readiness.

#[path = "modem/time.rs"]
mod time;

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use atcmd_esp8285::{Config, Esp8285, ReceiveMode, socket_policy};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, Echo, MemoryNetwork, Modem, Peer, PeerIo, Serve,
    Silent, VirtualUart,
};
use nal_socket::{Error, Events, Look, Network, UdpFull};
use time::Time;
use usocket_api::uselect::{POLLIN, POLLOUT, Stream, USelect};
use usocket_api::{AF_INET, MAIXPY, OPENMV, SOCK_DGRAM, Socket, USocket};

const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);
const ADDRESS: (&str, i32) = ("10.0.0.1", 80);
const SECOND: u64 = 1_000_000;

type Wifi = Esp8285<VirtualUart, Time>;
type Board = Network<Wifi, Time, UdpFull<Wifi>>;

/// Runs `test` on every kind of board, each with a network of its own that `fill` has filled.
fn everywhere(fill: impl Fn(&MemoryNetwork), test: impl Fn(&Bench, &MemoryNetwork, &Board)) {
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        for receive in [ReceiveMode::Auto, ReceiveMode::Active] {
            for readiness in [false, true] {
                let network = MemoryNetwork::new();
                fill(&network);
                let air = Air::new()
                    .ap(AccessPoint::new("Sipeed_2.4G", "------"))
                    .join_time_ms(100);
                let modem = Modem::new(dialect, air, network.clone());
                let time = Time::new(Bench::new(modem, BenchConfig::default()));
                let config = Config::new().receive(receive);
                let mut wifi = Esp8285::with_config(time.bench.uart(), time.clone(), config);
                wifi.wait(|wifi| wifi.join("Sipeed_2.4G", "------"))
                    .unwrap();
                let board = socket_policy::network_with_udp(wifi, time.clone()).with_server();
                let board = if readiness {
                    board.with_readiness()
                } else {
                    board
                };
                test(&time.bench, &network, &board);
            }
        }
    }
}

/// Sends pieces of text at fixed times after the connection, and collects what it hears.
struct Talker {
    script: Vec<(u64, &'static str)>,
    since: u64,
    heard: Rc<RefCell<Vec<u8>>>,
}

fn talker(mut script: Vec<(u64, &'static str)>) -> (Talker, Rc<RefCell<Vec<u8>>>) {
    script.reverse();
    let heard = Rc::<RefCell<Vec<u8>>>::default();
    let talker = Talker {
        script,
        since: 0,
        heard: heard.clone(),
    };
    (talker, heard)
}

impl Talker {
    fn next(&self, io: &mut PeerIo) {
        if let Some((at, _)) = self.script.last() {
            io.wake_at(self.since + at);
        }
    }
}

impl Peer for Talker {
    fn connected(&mut self, io: &mut PeerIo) {
        self.since = io.now();
        self.next(io);
    }
    fn received(&mut self, data: &[u8], _: &mut PeerIo) {
        self.heard.borrow_mut().extend(data);
    }
    fn tick(&mut self, io: &mut PeerIo) {
        match self.script.pop() {
            Some((_, "")) => io.close(),
            Some((_, text)) => io.send(text.as_bytes()),
            None => {}
        }
        self.next(io);
    }
}

/// Whether it took `limit`, give or take a millisecond more.
fn took(bench: &Bench, start: u64, limit: u64) {
    let time = bench.now() - start;
    assert!(
        (limit..=limit + 1_000).contains(&time),
        "{time} for {limit}"
    );
}

#[test]
fn the_documents_example_waits_a_second_and_not_longer() {
    everywhere(
        |network| network.listen(SERVER, || Box::new(Silent)),
        |bench, _, board| {
            let s = USocket::new(board, MAIXPY).socket();
            s.connect(ADDRESS).unwrap();
            let uselect = USelect::new(board, MAIXPY);

            let poller = uselect.poll();
            poller.register(&s, POLLIN).unwrap();
            let start = bench.now();
            let res = poller.poll(1000).unwrap(); // time in milliseconds
            assert!(res.is_empty());
            took(bench, start, SECOND);

            let start = bench.now();
            let (r, w, x) = uselect.select(&[&s], &[], &[&s], 0.25).unwrap();
            assert!(r.is_empty() && w.is_empty() && x.is_empty());
            took(bench, start, SECOND / 4);

            let start = bench.now();
            assert!(poller.poll(0).unwrap().is_empty());
            assert_eq!(bench.now(), start);
        },
    );
}

#[test]
fn what_comes_is_reported_when_it_comes_and_nothing_is_used_up() {
    everywhere(
        |network| {
            network.listen(SERVER, || {
                Box::new(talker(vec![(3 * SECOND, "hello"), (5 * SECOND, "")]).0)
            });
        },
        |bench, _, board| {
            let s = USocket::new(board, OPENMV).socket();
            s.connect(ADDRESS).unwrap();
            let poller = USelect::new(board, OPENMV).poll();
            poller.register(&s, POLLIN).unwrap();
            let start = bench.now();
            for _ in 0..3 {
                assert_eq!(poller.poll(None).unwrap()[0].1, POLLIN);
            }
            let waited = bench.now() - start;
            assert!((2_900_000..3_100_000).contains(&waited), "{waited}");
            let mut buf = [0; 10];
            assert_eq!(s.recv_into(&mut buf), Ok(5));
            assert_eq!(&buf[..5], b"hello");

            // The end, again and again.
            for _ in 0..3 {
                assert_eq!(poller.poll(-1).unwrap()[0].1, POLLIN);
                assert_eq!(s.recv_into(&mut buf), Ok(0));
            }
            let waited = bench.now() - start;
            assert!((4_900_000..5_100_000).contains(&waited), "{waited}");
        },
    );
}

#[test]
fn states_have_the_numbers_of_the_unix_port() {
    everywhere(
        |network| {
            network.listen(SERVER, || Box::new(Serve::new("all").at_connect()));
            network.blackhole(SocketAddrV4::new(*SERVER.ip(), 82));
        },
        |bench, _, board| {
            let usocket = USocket::new(board, OPENMV);
            let events = |sock: &Socket<&Board>, timeout: i32| {
                let poller = USelect::new(board, OPENMV).poll();
                poller.register(sock, None).unwrap();
                let list = poller.poll(timeout).unwrap();
                list.first().map_or(0, |(_, event)| event.raw())
            };
            let sock = usocket.socket();
            assert_eq!(events(&sock, 0), 20);
            sock.connect(ADDRESS).unwrap();
            // Bytes and the end.
            bench.advance(SECOND);
            assert_eq!(events(&sock, 1000), 5);
            assert_eq!(sock.recv_into(&mut [0; 10]), Ok(3));
            bench.advance(SECOND);
            assert_eq!(events(&sock, 1000), 5);
            assert_eq!(sock.recv_into(&mut [0; 10]), Ok(0));
            sock.close().unwrap();
            assert_eq!(events(&sock, 0), 32);

            let refused = usocket.socket();
            refused.setblocking(false).unwrap();
            let error = refused.connect(("10.0.0.1", 81)).unwrap_err();
            assert_eq!(error.name(), "EINPROGRESS");
            assert_eq!(events(&refused, 0), 0);
            assert_eq!(events(&refused, 30_000), 29);
            let error = refused.connect(("10.0.0.1", 81)).unwrap_err();
            assert_eq!(error.name(), "ECONNREFUSED");
            assert_eq!(events(&refused, 0), 20);

            let unanswered = usocket.socket();
            unanswered.setblocking(false).unwrap();
            assert!(unanswered.connect(("10.0.0.1", 82)).is_err());
            let start = bench.now();
            assert_eq!(events(&unanswered, 500), 0);
            took(bench, start, SECOND / 2);
        },
    );
}

#[test]
fn a_chat_server_serves_whoever_comes() {
    let lines = [
        vec![
            (SECOND, "anna: hi\n"),
            (4 * SECOND, "anna: bye\n"),
            (5 * SECOND, ""),
        ],
        vec![(2 * SECOND, "ben: hello\n"), (6 * SECOND, "")],
        vec![(3 * SECOND, "carl: hey\n"), (7 * SECOND, "")],
    ];
    everywhere(
        |_| {},
        |bench, network, board| {
            let usocket = USocket::new(board, OPENMV);
            let poller = USelect::new(board, OPENMV).poll();
            let server = Rc::new(usocket.socket());
            server.bind(("", 4000)).unwrap();
            server.listen(5).unwrap();
            poller.register(server.clone(), POLLIN).unwrap();
            assert!(poller.poll(100).unwrap().is_empty());

            let heard: Vec<_> = (9..)
                .zip(&lines)
                .map(|(host, lines)| {
                    let (peer, heard) = talker(lines.clone());
                    let from = SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, host), 5000);
                    network.connect_to_modem(bench.now(), from, 4000, peer);
                    heard
                })
                .collect();

            let mut clients: Vec<Rc<Socket<&Board>>> = vec![];
            let mut gone = 0;
            while gone < lines.len() {
                let ready = poller.ipoll(20_000).unwrap();
                let before = gone + clients.len();
                let mut any = false;
                for (s, event) in ready {
                    any = true;
                    assert!(event & POLLIN != 0, "{event:?}");
                    if Rc::ptr_eq(&s, &server) {
                        let (client, _addr) = server.accept().unwrap();
                        let client = Rc::new(client);
                        poller.register(client.clone(), POLLIN).unwrap();
                        clients.push(client);
                        continue;
                    }
                    let mut line = [0; 64];
                    let count = s.recv_into(&mut line).unwrap();
                    if count == 0 {
                        poller.unregister(&s).unwrap();
                        clients.retain(|client| !Rc::ptr_eq(client, &s));
                        gone += 1;
                    }
                    for client in clients.iter().filter(|client| !Rc::ptr_eq(client, &s)) {
                        client.sendall(&line[..count]).unwrap();
                    }
                }
                assert!(any, "nobody came or said anything in 20 s after {before}");
            }
            let heard: Vec<_> = heard
                .iter()
                .map(|heard| String::from_utf8(heard.borrow().clone()).unwrap())
                .collect();
            assert_eq!(
                heard,
                [
                    "ben: hello\ncarl: hey\n",
                    "anna: hi\ncarl: hey\nanna: bye\n",
                    "anna: hi\nben: hello\nanna: bye\n"
                ]
            );
        },
    );
}

/// A button that is pressed at some time.
struct Button<'b>(&'b Bench, Cell<u64>);

impl Stream for Button<'_> {
    fn look(&self, _: Events) -> Result<Look, Error> {
        Ok(Look::new(if self.0.now() >= self.1.get() {
            Events::IN
        } else {
            Events::NONE
        }))
    }
}

#[test]
fn tcp_datagrams_and_a_button_are_waited_for_together() {
    everywhere(
        |network| {
            network.listen(SERVER, || Box::new(Echo));
            network.listen_udp(SERVER, Echo);
        },
        |bench, _, board| {
            let usocket = USocket::new(board, OPENMV);
            let tcp = usocket.socket();
            tcp.connect(ADDRESS).unwrap();
            let udp = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
            udp.connect(ADDRESS).unwrap();
            let button = Button(bench, Cell::new(u64::MAX));
            let poller = USelect::new(board, OPENMV).poll::<&dyn Stream>();
            poller.register(&tcp, POLLIN).unwrap();
            poller.register(&udp, POLLIN).unwrap();
            poller.register(&button, POLLIN).unwrap();
            assert!(poller.poll(50).unwrap().is_empty());
            let mut buf = [0; 16];

            udp.send("datagram").unwrap();
            let list = poller.poll(5_000).unwrap();
            assert_eq!(list.len(), 1);
            assert!(core::ptr::addr_eq(list[0].0, &udp));
            assert_eq!(udp.recv_into(&mut buf), Ok(8));

            tcp.send("stream").unwrap();
            let list = poller.poll(5_000).unwrap();
            assert_eq!(list.len(), 1);
            assert!(core::ptr::addr_eq(list[0].0, &tcp));
            assert_eq!(tcp.recv_into(&mut buf), Ok(6));

            button.1.set(bench.now());
            let list = poller.poll(5_000).unwrap();
            assert_eq!(list.len(), 1);
            assert!(core::ptr::addr_eq(list[0].0, &button));
        },
    );
}

#[test]
fn select_waits_for_a_connect_and_then_for_the_answer() {
    everywhere(
        |network| network.listen(SERVER, || Box::new(Serve::new("answer").keep_open())),
        |_, _, board| {
            let usocket = USocket::new(board, OPENMV);
            let uselect = USelect::new(board, OPENMV);
            let (a, b) = (usocket.socket(), usocket.socket());
            for sock in [&a, &b] {
                sock.setblocking(false).unwrap();
                assert_eq!(sock.connect(ADDRESS).unwrap_err().name(), "EINPROGRESS");
            }
            let mut waiting = vec![&a, &b];
            while !waiting.is_empty() {
                let (_, done, x) = uselect.select(&[], &waiting, &waiting, 5).unwrap();
                assert!(!done.is_empty() && x.is_empty());
                waiting.retain(|sock| !done.iter().any(|done| std::ptr::eq(*done, *sock)));
            }
            assert_eq!(a.send("?"), Ok(1));
            let (r, _, x) = uselect.select(&[&b, &a], &[], &[&a, &b], 5.0).unwrap();
            assert!(r.len() == 1 && std::ptr::eq(r[0], &a) && x.is_empty());
            assert_eq!(a.recv_into(&mut [0; 16]), Ok(6));
        },
    );
}

#[test]
fn one_that_cannot_be_sent_to_becomes_writable() {
    everywhere(
        |network| network.listen(SERVER, || Box::new(Silent)),
        |_, _, board| {
            let sock = USocket::new(board, OPENMV).socket();
            sock.connect(ADDRESS).unwrap();
            sock.setblocking(false).unwrap();
            let poller = USelect::new(board, OPENMV).poll();
            poller.register(&sock, POLLOUT).unwrap();
            let data = [b'.'; 10_000];
            let mut sent = 0;
            while sent < data.len() {
                let ready = poller.poll(10_000).unwrap();
                assert_eq!(ready.len(), 1, "after {sent}");
                match sock.send(&data[sent..]) {
                    Ok(count) => sent += count,
                    Err(error) => assert_eq!(error.name(), "EAGAIN"),
                }
            }
        },
    );
}
