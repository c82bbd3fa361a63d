//! What a driver for these modems must survive, one behaviour after the other,
//! on the simulated modem in each dialect it concerns. `recovery_table.rs` says
//! which behaviour is shown where.

mod bench;
mod common;

use atcmd_esp8285::{Config, DnsError, Esp8285, Event, ModemError, ReceiveMode, SocketError};
use bench::{SERVER, VirtualClock, Wifi, connect, pattern, receive_all, send_all};
use common::{CONNECT_0, START_NONOS, connected, receive, started, started_as};
use embedded_io::Write as _;
use embedded_nal::{AddrType, Dns, TcpClientStack};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, Echo, Faults, MemoryNetwork, Modem, Serve,
};

const ALL: &[Dialect] = Dialect::ALL;

fn faults(text: &str) -> Faults {
    text.parse().unwrap()
}

fn modem(dialect: Dialect, network: &MemoryNetwork) -> Modem {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .ap(AccessPoint::new("a \"b\", \\c", "p\\,\"wordword"))
        .join_time_ms(100);
    Modem::new(dialect, air, network.clone())
}

fn driver(bench: &Bench, receive: ReceiveMode) -> Wifi<4096> {
    let config = Config::new().receive(receive);
    Esp8285::with_config(bench.uart(), VirtualClock(bench.clone()), config)
}

/// A driver that has joined; then `faults` begin.
fn joined(dialect: Dialect, network: &MemoryNetwork, faults: Faults) -> (Bench, Wifi<4096>) {
    let modem = modem(dialect, network).with_faults(faults);
    let bench = Bench::new(modem, BenchConfig::default());
    let mut wifi = driver(&bench, ReceiveMode::Auto);
    for _ in 0..20 {
        if wifi.wait(|wifi| wifi.join("net", "password")).is_ok() {
            return (bench, wifi);
        }
    }
    panic!("{dialect:?} could not join");
}

fn echo() -> MemoryNetwork {
    let network = MemoryNetwork::new().round_trip_us(2000);
    network.listen(SERVER, || Box::new(Echo));
    network
}

fn serving(data: &[u8]) -> MemoryNetwork {
    let network = MemoryNetwork::new().round_trip_us(2000);
    let data = data.to_vec();
    network.listen(SERVER, move || {
        Box::new(Serve::new(data.clone()).at_connect())
    });
    network
}

/// Sends some and gets it back; the connection stays open.
fn exchange(wifi: &mut Wifi<4096>, size: usize) -> Result<(), SocketError> {
    let mut socket = connect(wifi)?;
    let result = exchange_on(wifi, &mut socket, size);
    wifi.close(socket)?;
    result
}

fn exchange_on(
    wifi: &mut Wifi<4096>,
    socket: &mut atcmd_esp8285::TcpSocket,
    size: usize,
) -> Result<(), SocketError> {
    let data = pattern(size);
    let mut got = vec![];
    for piece in data.chunks(700) {
        send_all(wifi, socket, piece)?;
        let target = got.len() + piece.len();
        while got.len() < target {
            let mut buf = [0; 1000];
            match wifi.wait(|wifi| wifi.receive(socket, &mut buf))? {
                0 => return Err(SocketError::PeerClosed),
                n => got.extend_from_slice(&buf[..n]),
            }
        }
    }
    assert!(got == data, "wrong data");
    Ok(())
}

fn run(bench: &Bench, wifi: &mut Wifi<4096>, milliseconds: u64) {
    let until = bench.now() + milliseconds * 1000;
    while bench.now() < until {
        wifi.poll().unwrap();
        bench.idle(Some(until));
    }
}

/// The driver recovers: one of a few tries succeeds.
fn recovers(dialect: Dialect, wifi: &mut Wifi<4096>) {
    let mut last = Ok(());
    for _ in 0..4 {
        if let Err(error) = wifi.wait(|wifi| wifi.join("net", "password")) {
            eprintln!("{dialect:?}: {error}");
            continue;
        }
        last = exchange(wifi, 2000);
        if last.is_ok() {
            return;
        }
    }
    panic!("{dialect:?}: {last:?}");
}

#[test]
fn messages_anywhere_in_an_exchange_change_nothing() {
    for &dialect in ALL {
        let (_, mut wifi) = joined(dialect, &echo(), faults("urc=0.5,seed=3"));
        for _ in 0..3 {
            assert_eq!(exchange(&mut wifi, 4000), Ok(()), "{dialect:?}");
        }
    }
}

#[test]
fn an_announcement_inside_the_length_query_counts() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        (
            "AT+CIPRECVLEN?\r\n",
            "\r\n+IPD,0,3\r\n+CIPRECVLEN:0,0,0,0,0\r\n\r\nOK\r\n",
        ),
        (
            "AT+CIPRECVDATA=0,2048\r\n",
            "\r\n+CIPRECVDATA,3:abc\r\nOK\r\n",
        ),
    ]);
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"abc");
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_send_with_two_results_or_a_late_one_is_one_send() {
    for &dialect in ALL {
        for spec in ["doubled-send=0.5,seed=1", "late-send=0.5,seed=2"] {
            let (_, mut wifi) = joined(dialect, &echo(), faults(spec));
            assert_eq!(exchange(&mut wifi, 10_000), Ok(()), "{dialect:?} {spec}");
        }
    }
}

#[test]
fn a_modem_that_is_often_busy_is_only_slower() {
    for &dialect in ALL {
        let (_, mut wifi) = joined(dialect, &echo(), faults("busy=0.3,seed=4"));
        assert_eq!(exchange(&mut wifi, 10_000), Ok(()), "{dialect:?}");
    }
}

#[test]
fn a_peer_that_closes_under_a_send_leaves_the_modem_usable() {
    for &dialect in ALL {
        let network = echo();
        let (bench, mut wifi) = joined(dialect, &network, Faults::default());
        let mut socket = connect(&mut wifi).unwrap();
        let sent = wifi.wait(|wifi| wifi.send(&mut socket, &pattern(2000)));
        assert!(sent.is_ok());
        run(&bench, &mut wifi, 20);
        network.act(bench.now(), SERVER, |peer| peer.reset());
        let before = bench.now();
        let outcome = wifi.wait(|wifi| wifi.send(&mut socket, b""));
        assert!(bench.now() - before < 11_000_000, "{dialect:?} {outcome:?}");
        let mut buf = [0; 4096];
        while matches!(wifi.wait(|wifi| wifi.receive(&mut socket, &mut buf)), Ok(n) if n > 0) {}
        wifi.close(socket).unwrap();
        assert_eq!(exchange(&mut wifi, 2000), Ok(()), "{dialect:?}");
    }
}

#[test]
fn data_behind_a_closed_connection_is_read_to_its_end() {
    let data = pattern(6000);
    for &dialect in ALL {
        let (bench, mut wifi) = joined(dialect, &serving(&data), Faults::default());
        let mut socket = connect(&mut wifi).unwrap();
        // All of it, and the end, come before anybody reads.
        run(&bench, &mut wifi, 50);
        let got = receive_all(&mut wifi, &mut socket).unwrap();
        assert!(got == data, "{dialect:?}: {} bytes", got.len());
    }
}

#[test]
fn forgotten_announcements_cost_time_and_no_data() {
    let data = pattern(20_000);
    for &dialect in ALL {
        let (_, mut wifi) = joined(dialect, &serving(&data), faults("missing-ipd=0.4,seed=5"));
        let mut socket = connect(&mut wifi).unwrap();
        let got = receive_all(&mut wifi, &mut socket).unwrap();
        assert!(got == data, "{dialect:?}: {} bytes", got.len());
    }
}

#[test]
fn peer_addresses_in_headers_are_switched_off_at_start_up() {
    let data = pattern(5000);
    for &dialect in ALL {
        let network = serving(&data);
        let bench = Bench::new(modem(dialect, &network), BenchConfig::default());
        bench.advance(2_000_000);
        bench.uart().write_all(b"AT+CIPDINFO=1\r\n").unwrap();
        bench.advance(1_000_000);
        for mode in [ReceiveMode::Auto, ReceiveMode::Active] {
            let mut wifi = driver(&bench, mode);
            wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
            let mut socket = connect(&mut wifi).unwrap();
            let got = receive_all(&mut wifi, &mut socket).unwrap();
            assert!(got == data, "{dialect:?}: {} bytes", got.len());
        }
    }
}

#[test]
fn lost_bytes_on_the_line_never_stop_the_driver() {
    let data = pattern(30_000);
    for &dialect in ALL {
        for seed in 0..4 {
            let spec = format!("drop-from-modem=0.0005,seed={seed}");
            let modem = modem(dialect, &serving(&data)).with_faults(faults(&spec));
            let bench = Bench::new(modem, BenchConfig::default());
            let mut wifi = driver(&bench, ReceiveMode::Auto);
            let mut whole = 0;
            for _ in 0..8 {
                if wifi.wait(|wifi| wifi.join("net", "password")).is_err() {
                    continue;
                }
                let Ok(mut socket) = connect(&mut wifi) else {
                    continue;
                };
                let _ = receive_all(&mut wifi, &mut socket);
                let _ = wifi.close(socket);
                whole += 1;
            }
            assert!(whole > 0, "{dialect:?} {seed}: it never got anywhere");
            assert!(bench.now() < 600_000_000, "{dialect:?} {seed}");
        }
    }
}

#[test]
fn after_a_restart_at_any_moment_the_next_connection_works() {
    for &dialect in ALL {
        for moment in [0, 1, 3, 7, 20, 55, 150, 400] {
            let (bench, mut wifi) = joined(dialect, &echo(), Faults::default());
            let mut socket = connect(&mut wifi).unwrap();
            let _ = wifi.send(&mut socket, &pattern(1000));
            run(&bench, &mut wifi, moment);
            bench.with_modem(|modem| modem.reset());
            let mut buf = [0; 2000];
            let mut end = Ok(1);
            while matches!(end, Ok(n) if n > 0) {
                end = wifi.wait(|wifi| wifi.receive(&mut socket, &mut buf));
            }
            assert!(end.is_err(), "{dialect:?} {moment}: no orderly end");
            let _ = wifi.close(socket);
            recovers(dialect, &mut wifi);
            let events: Vec<Event> = core::iter::from_fn(|| wifi.next_event()).collect();
            assert!(
                events.contains(&Event::Ready),
                "{dialect:?} {moment} {events:?}"
            );
        }
    }
}

#[test]
fn a_modem_that_joins_by_itself_is_joined_all_the_same() {
    for &dialect in ALL {
        let network = echo();
        let bench = Bench::new(modem(dialect, &network), BenchConfig::default());
        bench.advance(2_000_000);
        let save = ["AT+CWMODE=1\r\n", "AT+CWJAP=\"net\",\"password\"\r\n"];
        for line in save {
            bench.uart().write_all(line.as_bytes()).unwrap();
            bench.advance(10_000_000);
        }
        for wait in [0, 300_000, 500_000, 1_000_000, 2_000_000] {
            bench.with_modem(|modem| modem.reset());
            bench.advance(wait);
            let mut wifi = driver(&bench, ReceiveMode::Auto);
            wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
            assert_eq!(exchange(&mut wifi, 1000), Ok(()), "{dialect:?} {wait}");
        }
    }
}

#[test]
fn a_host_that_restarts_alone_finds_a_usable_modem() {
    for &dialect in ALL {
        for size in [1, 500, 2000] {
            // Half a send, or all of it, is in the modem.
            let (bench, mut wifi) = joined(dialect, &echo(), Faults::default());
            let mut socket = connect(&mut wifi).unwrap();
            let _ = wifi.send(&mut socket, &pattern(2000));
            run(&bench, &mut wifi, size / 10);
            drop(wifi);
            let mut wifi = driver(&bench, ReceiveMode::Auto);
            recovers(dialect, &mut wifi);
        }
        // A prompt waits for its payload.
        let (bench, mut wifi) = joined(dialect, &echo(), Faults::default());
        let socket = connect(&mut wifi).unwrap();
        drop((wifi, socket));
        bench.uart().write_all(b"AT+CIPSEND=0,1000\r\n").unwrap();
        bench.advance(100_000);
        let mut wifi = driver(&bench, ReceiveMode::Auto);
        recovers(dialect, &mut wifi);
    }
}

#[test]
fn old_firmware_resolves_no_names_and_says_so() {
    let (modem, mut wifi) = started_as("NonOS 0.2x");
    let result = modem.drive(|| wifi.get_host_by_name("a.org", AddrType::IPv4));
    let expected = DnsError::Modem(ModemError::Unsupported("AT+CIPDOMAIN"));
    assert_eq!(result, Err(expected));
    assert_eq!(modem.written(), "");
}

#[test]
fn a_refused_connect_is_refused_in_every_dialect() {
    for &dialect in ALL {
        let (_, mut wifi) = joined(dialect, &echo(), Faults::default());
        let mut socket = wifi.socket().unwrap();
        let nobody = "10.0.0.1:81".parse().unwrap();
        let result = wifi.wait(|wifi| wifi.connect(&mut socket, nobody));
        assert_eq!(result, Err(SocketError::Refused), "{dialect:?}");
        wifi.close(socket).unwrap();
        assert_eq!(exchange(&mut wifi, 1000), Ok(()), "{dialect:?}");
    }
}

#[test]
fn awkward_names_and_passwords_are_joined_or_refused_before_sending() {
    for &dialect in ALL {
        let (bench, mut wifi) = joined(dialect, &echo(), Faults::default());
        let before = bench.stats().commands;
        let result = wifi.wait(|wifi| wifi.join("a \"b\", \\c", "p\\,\"wordword"));
        if dialect == Dialect::NonOs0_2x {
            assert!(result.is_err());
            assert_eq!(bench.stats().commands, before);
        } else {
            assert_eq!(result, Ok(()), "{dialect:?}");
        }
    }
}

#[test]
fn a_connection_the_modem_closes_for_idleness_ends_orderly() {
    for start in [START_NONOS, common::START_ESP_AT] {
        let (modem, mut wifi) = started(start);
        modem.expect(&[CONNECT_0]);
        let mut socket = common::connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
        modem.pass(180_000_000);
        let max = if start == START_NONOS { 2048 } else { 4096 };
        let line = format!("AT+CIPRECVDATA=0,{max}\r\n");
        modem.expect(&[(&line, "\r\nERROR\r\n")]);
        modem.say("0,CLOSED\r\n");
        assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
    }
}

#[test]
fn lost_wifi_ends_connections_and_joining_again_mends_it() {
    for &dialect in ALL {
        let (bench, mut wifi) = joined(dialect, &echo(), Faults::default());
        let mut socket = connect(&mut wifi).unwrap();
        bench.with_modem(|modem| modem.wifi_lost());
        // 0.2x says nothing of Wi-Fi, only that the link is closed.
        let mut buf = [0; 8];
        let before = bench.now();
        let end = wifi.wait(|wifi| wifi.receive(&mut socket, &mut buf));
        if dialect != Dialect::NonOs0_2x {
            assert_eq!(end, Err(SocketError::WifiLost), "{dialect:?}");
        }
        assert!(bench.now() - before < 5_000_000, "{dialect:?}");
        wifi.close(socket).unwrap();
        recovers(dialect, &mut wifi);
    }
}

#[test]
fn lost_lines_are_made_up_for() {
    for &dialect in ALL {
        for seed in 0..4 {
            let spec = format!("lost-line=0.05,seed={seed}");
            let modem = modem(dialect, &echo()).with_faults(faults(&spec));
            let bench = Bench::new(modem, BenchConfig::default());
            let mut wifi = driver(&bench, ReceiveMode::Auto);
            let mut good = 0;
            for _ in 0..10 {
                if wifi.wait(|wifi| wifi.join("net", "password")).is_ok()
                    && exchange(&mut wifi, 700).is_ok()
                {
                    good += 1;
                }
            }
            assert!(good >= 3, "{dialect:?} {seed}: {good} of 10");
            assert!(bench.now() < 900_000_000, "{dialect:?} {seed}");
        }
    }
}
