//! UDP sockets on the simulated modem, in every dialect.

mod bench;

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::rc::Rc;

use atcmd_esp8285::{Config, Esp8285, ModemError, ReceiveMode, SocketError, UdpError, UdpSocket};
use bench::{Setup, VirtualClock, Wifi, joined, network};
use embedded_nal::{UdpClientStack, UdpFullStack};
use esp8285_sim::{Dialect, MemoryNetwork, UdpIo, UdpPeer};

const PEER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 7);
const OTHER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 2), 9);
const PORT: u16 = 5353;

/// Sends each datagram back.
struct Echo;

impl UdpPeer for Echo {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        io.send(data);
    }
}

/// Keeps what came.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<Vec<u8>>>>);

impl UdpPeer for Kept {
    fn received(&mut self, data: &[u8], _: &mut UdpIo) {
        self.0.borrow_mut().push(data.to_vec());
    }
}

fn socket(wifi: &mut Wifi<4096>) -> UdpSocket {
    UdpClientStack::socket(wifi).unwrap()
}

fn connected(wifi: &mut Wifi<4096>) -> UdpSocket {
    let mut socket = socket(wifi);
    UdpClientStack::connect(wifi, &mut socket, PEER.into()).unwrap();
    socket
}

fn bound(wifi: &mut Wifi<4096>) -> UdpSocket {
    let mut socket = socket(wifi);
    wifi.bind(&mut socket, PORT).unwrap();
    socket
}

fn send(wifi: &mut Wifi<4096>, socket: &mut UdpSocket, data: &[u8]) -> Result<(), UdpError> {
    wifi.wait(|wifi| UdpClientStack::send(wifi, socket, data))
}

fn receive(
    wifi: &mut Wifi<4096>,
    socket: &mut UdpSocket,
) -> Result<(Vec<u8>, SocketAddr), UdpError> {
    let mut buf = [0; 2048];
    let (n, from) = wifi.wait(|wifi| UdpClientStack::receive(wifi, socket, &mut buf))?;
    Ok((buf[..n].to_vec(), from))
}

/// Lets the driver run for a while.
fn run(bench: &esp8285_sim::Bench, wifi: &mut Wifi<4096>, us: u64) {
    let until = bench.now() + us;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

/// Dialects with UDP, in the mode the driver chooses and in active mode.
fn with_udp() -> impl Iterator<Item = Setup> {
    Setup::every_dialect()
        .filter(|setup| setup.dialect != Dialect::EspAtMod)
        .flat_map(|setup| {
            [ReceiveMode::Auto, ReceiveMode::Active].map(|receive| Setup { receive, ..setup })
        })
}

/// Those of them that say who sent a datagram.
fn with_senders() -> impl Iterator<Item = Setup> {
    with_udp().filter(|setup| setup.dialect != Dialect::NonOs0_2x)
}

#[test]
fn datagrams_come_back_whole_from_the_peer() {
    for setup in with_udp() {
        let network = network(setup);
        network.listen_udp(PEER, Echo);
        let (_bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = connected(&mut wifi);
        for len in [1, 2, 63, 512, 1472] {
            let datagram = bench::pattern(len);
            send(&mut wifi, &mut socket, &datagram).unwrap();
            let got = receive(&mut wifi, &mut socket);
            assert_eq!(got, Ok((datagram, PEER.into())), "{setup:?}, {len} bytes");
        }
        UdpClientStack::close(&mut wifi, socket).unwrap();
    }
}

#[test]
fn datagrams_sent_in_a_row_keep_their_boundaries() {
    for setup in with_udp() {
        let network = network(setup);
        let kept = Kept::default();
        network.listen_udp(PEER, kept.clone());
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = connected(&mut wifi);
        let sent: Vec<Vec<u8>> = (1..20).map(|n| vec![n; usize::from(n) * 7]).collect();
        for datagram in &sent {
            send(&mut wifi, &mut socket, datagram).unwrap();
        }
        run(&bench, &mut wifi, 1_000_000);
        assert_eq!(*kept.0.borrow(), sent, "{setup:?}");
    }
}

#[test]
fn a_bound_socket_hears_everybody_and_answers_each() {
    for setup in with_senders() {
        let network = network(setup);
        let (kept, other) = (Kept::default(), Kept::default());
        network.listen_udp(PEER, kept.clone());
        network.listen_udp(OTHER, other.clone());
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        for (from, text) in [(PEER, "one"), (OTHER, "two"), (PEER, "three")] {
            network.datagram(bench.now(), from, PORT, text.as_bytes());
            let got = receive(&mut wifi, &mut socket);
            assert_eq!(got, Ok((text.into(), from.into())), "{setup:?}");
            let answer = text.to_uppercase();
            wifi.wait(|wifi| wifi.send_to(&mut socket, from.into(), answer.as_bytes()))
                .unwrap();
        }
        run(&bench, &mut wifi, 500_000);
        assert_eq!(*kept.0.borrow(), [b"ONE".to_vec(), b"THREE".to_vec()]);
        assert_eq!(*other.0.borrow(), [b"TWO".to_vec()]);
    }
}

#[test]
fn a_burst_from_many_is_kept_apart_in_every_dialect() {
    for setup in with_senders() {
        let network = network(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        let sender = |n: u8| SocketAddrV4::new(Ipv4Addr::new(10, 0, 9, n), 9000);
        for n in 0..6 {
            network.datagram(bench.now(), sender(n), PORT, &[n; 100]);
        }
        for n in 0..6 {
            let got = receive(&mut wifi, &mut socket);
            assert_eq!(got, Ok((vec![n; 100], sender(n).into())), "{setup:?}");
        }
    }
}

#[test]
fn esp_at_is_passive_again_when_the_datagram_socket_is_closed() {
    for dialect in [Dialect::EspAt2_1, Dialect::EspAt2_2, Dialect::EspAt2_3] {
        let setup = Setup::new(dialect, ReceiveMode::Auto);
        let network = network(setup);
        let page = bench::pattern(20_000);
        let served = page.clone();
        network.listen(bench::SERVER, move || {
            Box::new(esp8285_sim::Serve::new(served.clone()).at_connect())
        });
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        UdpClientStack::close(&mut wifi, socket).unwrap();
        run(&bench, &mut wifi, 200_000);
        // A reader this slow would lose data in active mode.
        let mut socket = bench::connect(&mut wifi).unwrap();
        run(&bench, &mut wifi, 3_000_000);
        let got = bench::receive_all(&mut wifi, &mut socket).unwrap();
        assert!(got == page, "{setup:?}");
    }
}

#[test]
fn the_mode_is_not_changed_under_a_connection_nor_against_the_callers_will() {
    let connected = Setup::new(Dialect::EspAt2_2, ReceiveMode::Auto);
    let forced = Setup::new(Dialect::EspAt2_2, ReceiveMode::Passive);
    for (setup, with_connection) in [(connected, true), (forced, false)] {
        let network = network(setup);
        network.listen(bench::SERVER, || Box::new(esp8285_sim::Silent));
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        if with_connection {
            bench::connect(&mut wifi).unwrap();
        }
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        // Passive still: a datagram is announced and then read.
        let before = bench.with_modem(|modem| modem.commands());
        network.datagram(bench.now(), PEER, PORT, b"one");
        let got = receive(&mut wifi, &mut socket);
        assert_eq!(got, Ok((b"one".to_vec(), PEER.into())));
        assert_eq!(bench.with_modem(|modem| modem.commands()), before + 1);
    }
}

#[test]
fn a_connected_socket_hears_its_peer_only() {
    for setup in with_senders() {
        let network = network(setup);
        network.listen_udp(PEER, Echo);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = connected(&mut wifi);
        let port = Rc::new(RefCell::new(0));
        struct Tell(Rc<RefCell<u16>>);
        impl UdpPeer for Tell {
            fn received(&mut self, _: &[u8], io: &mut UdpIo) {
                *self.0.borrow_mut() = io.modem_port();
            }
        }
        network.listen_udp(PEER, Tell(port.clone()));
        send(&mut wifi, &mut socket, b"which port?").unwrap();
        run(&bench, &mut wifi, 100_000);
        network.datagram(bench.now(), OTHER, *port.borrow(), b"stranger");
        run(&bench, &mut wifi, 100_000);
        network.datagram(bench.now(), PEER, *port.borrow(), b"peer");
        let got = receive(&mut wifi, &mut socket);
        assert_eq!(got, Ok((b"peer".to_vec(), PEER.into())), "{setup:?}");
    }
}

#[test]
fn broadcasts_go_out() {
    for setup in with_senders() {
        let network = network(setup);
        let kept = Kept::default();
        network.listen_udp(OTHER, kept.clone());
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi);
        let everybody = SocketAddr::from((Ipv4Addr::BROADCAST, OTHER.port()));
        wifi.wait(|wifi| wifi.send_to(&mut socket, everybody, b"anybody there?"))
            .unwrap();
        run(&bench, &mut wifi, 200_000);
        assert_eq!(*kept.0.borrow(), [b"anybody there?".to_vec()], "{setup:?}");
    }
}

#[test]
fn a_datagram_too_long_for_the_buffer_is_told_and_the_next_is_whole() {
    for setup in with_senders() {
        let network = network(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        network.datagram(bench.now(), PEER, PORT, b"0123456789");
        run(&bench, &mut wifi, 200_000);
        network.datagram(bench.now(), PEER, PORT, b"next");
        let mut buf = [0; 4];
        let got = wifi.wait(|wifi| UdpClientStack::receive(wifi, &mut socket, &mut buf));
        assert_eq!(got, Err(UdpError::Truncated { len: 10 }), "{setup:?}");
        assert_eq!(&buf, b"0123");
        let got = receive(&mut wifi, &mut socket);
        assert_eq!(got, Ok((b"next".to_vec(), PEER.into())), "{setup:?}");
    }
}

#[test]
fn what_is_not_read_in_time_is_counted_and_what_follows_is_whole() {
    let setup = Setup::new(Dialect::NonOs1_7, ReceiveMode::Auto);
    let network = network(setup);
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    let mut socket = bound(&mut wifi);
    run(&bench, &mut wifi, 200_000);
    // Three of 1000 + 8 bytes each fit, and one more; the fifth does not.
    for n in 0..5 {
        network.datagram(bench.now(), PEER, PORT, &[n; 1000]);
        run(&bench, &mut wifi, 200_000);
    }
    for n in 0..4 {
        let got = receive(&mut wifi, &mut socket);
        assert_eq!(got, Ok((vec![n; 1000], PEER.into())));
    }
    let got = receive(&mut wifi, &mut socket);
    assert_eq!(got, Err(UdpError::DataLost(1000)));
    network.datagram(bench.now(), PEER, PORT, b"again");
    let got = receive(&mut wifi, &mut socket);
    assert_eq!(got, Ok((b"again".to_vec(), PEER.into())));
}

#[test]
fn what_cannot_be_sent_is_refused_and_costs_nothing() {
    let setup = Setup::new(Dialect::NonOs1_7, ReceiveMode::Auto);
    let (bench, mut wifi) = joined::<4096>(setup, &network(setup));
    let mut socket = bound(&mut wifi);
    run(&bench, &mut wifi, 200_000);
    let commands = bench.with_modem(|modem| modem.commands());
    for (to, data, error) in [
        (PEER, &[][..], UdpError::Empty),
        (PEER, &[0; 2049], UdpError::TooLong { max: 2048 }),
        (PEER, b"+++", UdpError::Unsendable),
        (
            SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 7),
            b"x",
            UdpError::Socket(SocketError::InvalidAddress),
        ),
    ] {
        let result = wifi.send_to(&mut socket, to.into(), data);
        assert_eq!(result, Err(nb::Error::Other(error)));
    }
    let result = UdpClientStack::send(&mut wifi, &mut socket, b"to whom?");
    assert_eq!(result, Err(nb::Error::Other(UdpError::NotConnected)));
    run(&bench, &mut wifi, 200_000);
    assert_eq!(bench.with_modem(|modem| modem.commands()), commands);
}

#[test]
fn a_datagram_link_that_the_modem_closed_is_opened_again() {
    for setup in with_senders() {
        let network = network(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        let dialect = wifi.dialect().unwrap().name;
        // What a datagram without bytes does to ESP-AT.
        network.datagram(bench.now(), PEER, PORT, b"");
        run(&bench, &mut wifi, 1_000_000);
        network.datagram(bench.now(), PEER, PORT, b"still there?");
        let got = receive(&mut wifi, &mut socket);
        assert_eq!(
            got,
            Ok((b"still there?".to_vec(), PEER.into())),
            "{dialect}"
        );
    }
}

#[test]
fn a_closed_socket_gives_its_link_and_port_back() {
    for setup in with_senders() {
        let network = network(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        for round in 0..7 {
            let mut socket = bound(&mut wifi);
            run(&bench, &mut wifi, 500_000);
            network.datagram(bench.now(), PEER, PORT, b"hello");
            let got = receive(&mut wifi, &mut socket);
            assert!(got.is_ok(), "{setup:?}, round {round}: {got:?}");
            UdpClientStack::close(&mut wifi, socket).unwrap();
        }
    }
}

#[test]
fn five_sockets_fill_the_modem_and_the_sixth_says_so() {
    let setup = Setup::new(Dialect::NonOs1_7, ReceiveMode::Auto);
    let (_bench, mut wifi) = joined::<4096>(setup, &network(setup));
    for _ in 0..5 {
        connected(&mut wifi);
    }
    let mut sixth = socket(&mut wifi);
    let result = UdpClientStack::connect(&mut wifi, &mut sixth, PEER.into());
    assert_eq!(result, Err(UdpError::Socket(SocketError::NoFreeLink)));
}

#[test]
fn firmware_without_udp_says_so() {
    let setup = Setup::new(Dialect::EspAtMod, ReceiveMode::Auto);
    let (_bench, mut wifi) = joined::<4096>(setup, &network(setup));
    let mut socket = socket(&mut wifi);
    let result = UdpClientStack::connect(&mut wifi, &mut socket, PEER.into());
    let unsupported = ModemError::Unsupported("AT+CIPSTART (UDP)");
    assert_eq!(result, Err(UdpError::Socket(unsupported.into())));
}

#[test]
fn firmware_found_out_too_late_says_so_at_the_next_call() {
    let setup = Setup::new(Dialect::EspAtMod, ReceiveMode::Auto);
    let network: MemoryNetwork = network(setup);
    let air = esp8285_sim::Air::new();
    let modem = esp8285_sim::Modem::new(setup.dialect, air, network);
    let bench = esp8285_sim::Bench::new(modem, esp8285_sim::BenchConfig::default());
    let clock = VirtualClock(bench.clone());
    let mut wifi: Wifi<4096> = Esp8285::with_config(bench.uart(), clock, Config::new());
    let mut socket = connected(&mut wifi);
    let unsupported = ModemError::Unsupported("AT+CIPSTART (UDP)");
    assert_eq!(
        send(&mut wifi, &mut socket, b"x"),
        Err(UdpError::Socket(unsupported.into()))
    );
}

#[test]
fn firmware_that_hides_senders_refuses_to_bind() {
    let setup = Setup::new(Dialect::NonOs0_2x, ReceiveMode::Auto);
    let (_bench, mut wifi) = joined::<4096>(setup, &network(setup));
    let mut socket = socket(&mut wifi);
    let unsupported = ModemError::Unsupported("AT+CIPDINFO");
    assert_eq!(
        wifi.bind(&mut socket, PORT),
        Err(UdpError::Socket(unsupported.into()))
    );
}

#[test]
fn a_restart_ends_the_socket_and_a_new_one_works() {
    for setup in with_senders() {
        let network = network(setup);
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        bench.with_modem(|modem| modem.reset());
        let got = receive(&mut wifi, &mut socket);
        let restarted = SocketError::Modem(ModemError::Restarted);
        assert_eq!(got, Err(UdpError::Socket(restarted)), "{setup:?}");
        UdpClientStack::close(&mut wifi, socket).unwrap();
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
        let mut socket = bound(&mut wifi);
        run(&bench, &mut wifi, 200_000);
        network.datagram(bench.now(), PEER, PORT, b"again");
        let got = receive(&mut wifi, &mut socket);
        assert_eq!(got, Ok((b"again".to_vec(), PEER.into())), "{setup:?}");
    }
}

#[test]
fn a_local_port_belongs_to_one_socket_and_is_free_again_once_that_is_closed() {
    let setups = Setup::every_dialect()
        .filter(|setup| !matches!(setup.dialect, Dialect::NonOs0_2x | Dialect::EspAtMod));
    for setup in setups {
        let network = network(setup);
        network.listen_udp(PEER, Echo);
        let (_, mut wifi) = joined::<4096>(setup, &network);
        let first = bound(&mut wifi);
        let mut second = socket(&mut wifi);
        let taken = Err(UdpError::Socket(SocketError::PortInUse));
        assert_eq!(wifi.bind(&mut second, PORT), taken, "{setup:?}");
        // The link of the first need not stand yet, nor be closed yet.
        UdpClientStack::close(&mut wifi, first).unwrap();
        wifi.bind(&mut second, PORT).unwrap();
        wifi.wait(|wifi| wifi.send_to(&mut second, PEER.into(), b"mine"))
            .unwrap();
        let (data, from) = receive(&mut wifi, &mut second).unwrap();
        assert_eq!((&data[..], from), (&b"mine"[..], PEER.into()), "{setup:?}");
        let mut third = socket(&mut wifi);
        assert_eq!(wifi.bind(&mut third, PORT), taken, "{setup:?}");
        // Datagrams alone: the modem chooses the port of a connected socket.
        UdpClientStack::connect(&mut wifi, &mut third, PEER.into()).unwrap();
    }
}
