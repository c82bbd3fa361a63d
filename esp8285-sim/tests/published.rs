//! Every published log, played against the simulator; what differs is said here, line by line.

mod common;

use std::cell::Cell;
use std::net::{Ipv4Addr, SocketAddrV4};

use common::{Host, at};
use esp8285_sim::published::{LOGS, find};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Direction, Entry, IpSetup, Modem, PeerIo, Silent,
    TlsServer, Transcript, UdpSink,
};

/// A log with some of its text as the simulator has it.
#[track_caller]
fn amended(name: &str, differences: &[(&str, &str)]) -> Transcript {
    let mut text = find(name).unwrap().text.to_owned();
    for (published, simulated) in differences {
        assert!(text.contains(published), "{published:?} is not in {name}");
        text = text.replacen(published, simulated, 1);
    }
    text.parse().unwrap()
}

fn host(name: &str) -> Host {
    Host::joined(find(name).unwrap().dialect)
}

/// Plays a log; `before` is called ahead of each entry with its number, from 1.
#[track_caller]
fn play(name: &str, differences: &[(&str, &str)], host: &Host, mut before: impl FnMut(usize)) {
    let count = Cell::new(0);
    let result = amended(name, differences).replay_with(&host.bench, |_: &Bench, _: &Entry| {
        count.set(count.get() + 1);
        before(count.get());
    });
    if let Err(mismatch) = result {
        panic!("{name}: {mismatch}");
    }
}

fn act(host: &Host, at: SocketAddrV4, act: impl FnOnce(&mut PeerIo)) {
    assert!(host.net.act(host.bench.now(), at, act));
}

fn fault(host: &Host, spec: &str) {
    let faults = spec.parse().unwrap();
    host.bench.with_modem(|modem| modem.set_faults(faults));
}

fn client(port: u16) -> SocketAddrV4 {
    at(port)
}

#[test]
fn join() {
    let mut host = Host::with(
        find("join").unwrap().dialect,
        Air::new(),
        BenchConfig::default(),
    );
    host.net = host.net.clone().host("wttr.in", common::SERVER);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("ATE0");
    host.ask("AT+CWMODE=1");
    host.ask("AT+CIPSTAMAC_CUR=\"12:34:56:78:9a:bc\"");
    let ap = AccessPoint::new("x", "x").ip(IpSetup {
        address: Ipv4Addr::new(192, 168, 1, 1),
        gateway: Ipv4Addr::new(192, 168, 1, 254),
        netmask: Ipv4Addr::new(255, 255, 255, 0),
    });
    let failed = |n| n == 18;
    play("join", &[], &host, |n| {
        if failed(n) {
            // It has been turned away by then.
            host.bench
                .with_modem(|modem| modem.air_mut().add(ap.clone()));
        }
    });
}

#[test]
fn urc_in_echo() {
    let mut host = host("urc-in-echo");
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPDINFO=1");
    host.ask("AT+CIPSERVER=1,80");
    host.ask("ATE1");
    let knock = |port| {
        let now = host.bench.now();
        host.net.connect_to_modem(now, client(port), 80, Silent);
    };
    play("urc-in-echo", &[], &host, |n| match n {
        1 => knock(5285),
        2 => act(&host, client(5285), |io| io.send(&[b'x'; 326])),
        4 => {
            // The first half of the command is echoed by then.
            host.bench.advance(5_000);
            knock(5286);
        }
        7 => act(&host, client(5286), |io| io.send(&[b'x'; 345])),
        12 => act(&host, client(5286), PeerIo::close),
        _ => {}
    });
}

#[test]
fn two_results() {
    let mut host = host("two-results");
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
    host.ask("ATE1");
    fault(&host, "doubled-send=1");
    let no_empty_line = [("\\r\\n\\r\\nSEND FAIL", "\\r\\nSEND FAIL")];
    play("two-results", &no_empty_line, &host, |_| {});
}

#[test]
fn send_timing() {
    let mut host = host("send-timing");
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
    host.ask("ATE1");
    play("send-timing", &[], &host, |n| {
        if n == 5 {
            act(&host, at(80), |io| io.send(b"test,28,"));
        }
    });
}

#[test]
fn late_result() {
    let mut host = host("late-result");
    host.net = host.net.clone().round_trip_us(1_000_000);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.send(b"AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80\r\n");
    host.read_for(1_500_000);
    play("late-result", &[], &host, |n| match n {
        6 | 8 => host.bench.advance(100_000),
        // The command and the result of the send before it cross.
        10 => host.bench.advance(900_000),
        _ => {}
    });
}

#[test]
fn no_announcement() {
    let mut host = Host::with(
        find("no-announcement").unwrap().dialect,
        Air::new(),
        BenchConfig::default(),
    );
    host.ask("AT+CWMODE=2");
    for line in ["CIPMUX=1", "CIPRECVMODE=1", "CIPDINFO=1", "SYSMSG=2"] {
        let answer = host.ask(&format!("AT+{line}"));
        assert!(answer.ends_with("\r\nOK\r\n"), "{answer:?}");
    }
    host.ask("AT+CIPSERVER=1,80");
    fault(&host, "missing-ipd=1,log-lines=1");
    let from = SocketAddrV4::new(Ipv4Addr::new(192, 168, 4, 2), 49_469);
    let differences = [
        // What the log's echo lost on the way.
        ("AT+CIPRECVDAT,=0,75\\r\\n", "AT+CIPRECVDATA=0,75\\r\\n"),
        // Two connections, one after the other, in one log.
        ("49478", "49469"),
    ];
    play("no-announcement", &differences, &host, |n| match n {
        1 => {
            let now = host.bench.now();
            host.net.connect_to_modem(now, from, 80, Silent);
        }
        2 => {
            let request = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\nUser-Agent: curl/7.54.0\r\nAccept: */*\r\n\r\n";
            act(&host, from, |io| io.send(request.as_bytes()));
            host.bench.advance(100_000);
        }
        _ => {}
    });
}

/// With an echoing, passively receiving link 0.
fn passive(name: &str, port: u16) -> Host {
    let mut host = host(name);
    host.net.listen(at(port), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPRECVMODE=1");
    host.ask(&format!("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",{port}"));
    host.ask("ATE1");
    host
}

#[test]
fn close_before_read() {
    let host = passive("close-before-read", 80);
    fault(&host, "unread-close=1");
    play("close-before-read", &[], &host, |n| {
        if n == 1 {
            act(&host, at(80), |io| {
                io.send(&[b'x'; 31]);
                io.close();
            });
        }
    });
}

#[test]
fn tls_lengths() {
    let mut host = host("tls-lengths");
    let server = SocketAddrV4::new(Ipv4Addr::new(13, 107, 246, 45), 443);
    let name = TlsServer::new("example.com");
    host.net.listen_tls(server, name, || Box::new(Silent));
    for line in ["CIPMUX=1", "CIPRECVMODE=1", "CIPDINFO=1"] {
        host.ask(&format!("AT+{line}"));
    }
    let answer = host.ask("AT+CIPSTART=0,\"SSL\",\"13.107.246.45\",443");
    assert_eq!(answer, "0,CONNECT\r\n\r\nOK\r\n");
    host.ask("ATE1");
    play("tls-lengths", &[], &host, |n| {
        if n == 1 {
            act(&host, server, |io| io.send(&[b'x'; 494]));
        }
    });
}

#[test]
fn udp() {
    let mut host = Host::new(find("udp").unwrap().dialect);
    host.ask("AT+CWMODE=1");
    host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
    host.read_for(3_000_000);
    // It joins again by itself.
    host.bench.with_modem(Modem::reset);
    host.read_for(1_000_000);
    fault(&host, "log-lines=1");
    host.net.listen_udp(at(2390), UdpSink::default());
    play("udp", &[], &host, |n| {
        if n == 7 {
            let text = format!("{}012345\n", "01234567".repeat(7));
            let now = host.bench.now();
            host.net.datagram(now, at(2390), 2390, text.as_bytes());
        }
    });
}

#[test]
fn join_busy() {
    let name = "join-busy";
    let mut host = Host::new(find(name).unwrap().dialect);
    host.ask("AT+CWMODE=1");
    // No such access point is in range; the log's was, and did not let the station in.
    play(name, &[("+CWJAP:4", "+CWJAP:3")], &host, |n| {
        if matches!(n, 3 | 5 | 7) {
            host.bench.advance(750_000);
        }
    });
}

#[test]
fn restart() {
    let restarted = || {
        let mut host = host("restart");
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
        host.ask("ATE1");
        host
    };
    // At the modem's rate the ROM's text is noise, and at the ROM's rate the modem's.
    let text = find("restart").unwrap().text;
    let (said, rom) = text.split_at(text.find("AT<  ets").unwrap());
    let mut host = restarted();
    let command: Transcript = said.parse().unwrap();
    let late = command.replay(&host.bench).err();
    assert!(late.is_none_or(|late| late.line_number() > said.lines().count() - 1));
    host = restarted();
    host.send(b"AT+RST\r\n");
    host.read_for(3_000);
    host.bench.set_host_baud(74_880);
    let boot = host.read_for(1_000_000);
    let mut rest = &*boot;
    let differences = [("32Mbit", "8Mbit")];
    let mut rom = rom.to_owned();
    for (published, simulated) in differences {
        rom = rom.replace(published, simulated);
    }
    let rom: Transcript = rom.parse().unwrap();
    for entry in rom.entries() {
        let line = entry.text();
        let at = rest
            .find(&line)
            .unwrap_or_else(|| panic!("{line:?} in {rest:?}"));
        rest = &rest[at + line.len()..];
    }
}

#[test]
fn boot() {
    let host = Host::new(find("boot").unwrap().dialect);
    host.bench.set_host_baud(74_880);
    host.bench.with_modem(Modem::pulse_enable);
    // The log ends in the middle of a line.
    let lines = find("boot").unwrap().text.lines().count();
    let more = amended("boot", &[]).replay(&host.bench).unwrap_err();
    assert_eq!(more.line_number(), lines + 1, "{more}");
}

#[test]
fn old_frames() {
    let mut host = host("old-frames");
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80");
    host.ask("AT+CIPSEND=0,3");
    let host = std::cell::RefCell::new(host);
    let bench = host.borrow().bench.clone();
    let result = amended("old-frames", &[]).replay_with(&bench, {
        let count = Cell::new(0);
        let host = &host;
        move |_: &Bench, _: &Entry| {
            count.set(count.get() + 1);
            match count.get() {
                1 => host.borrow_mut().send(b"GET"),
                2 => act(&host.borrow(), at(80), |io| io.send(&[b'x'; 17])),
                3 => act(&host.borrow(), at(80), |io| io.send(&[b'x'; 481])),
                4 => act(&host.borrow(), at(80), PeerIo::close),
                // The log does not show the request that was refused.
                5 => host.borrow_mut().send(b"AT+CIPX\r\n"),
                _ => {}
            }
        }
    });
    assert_eq!(result, Ok(()));
}

#[test]
fn frames_with_addresses() {
    let mut host = host("frames-with-addresses");
    let server = SocketAddrV4::new(Ipv4Addr::new(192, 168, 3, 137), 8080);
    host.net.listen(server, || Box::new(Silent));
    host.ask("ATE1");
    play("frames-with-addresses", &[], &host, |n| {
        let text = match n {
            8 | 9 => "12345",
            10 => "12345788",
            11 => "1234578834",
            _ => return,
        };
        act(&host, server, |io| io.send(text.as_bytes()));
    });
}

#[test]
fn udp_cut() {
    let mut host = host("udp-cut");
    host.net.listen_udp(at(2390), UdpSink::default());
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPRECVMODE=1");
    host.ask("AT+CIPSTART=4,\"UDP\",\"192.168.1.3\",2390,2390");
    // A development version's header; and the log drops empty lines.
    let differences = [(
        "+CIPRECVDATA,256,<256B>\\r\\n",
        "+CIPRECVDATA:256,<256B>\\r\\n",
    )];
    play("udp-cut", &differences, &host, |n| {
        if n == 1 {
            let now = host.bench.now();
            host.net.datagram(now, at(2390), 2390, &[b'x'; 331]);
        }
    });
}

#[test]
fn every_log_is_read_and_stands_in_the_readme() {
    let readme = include_str!("../README.md");
    let this = include_str!("published.rs");
    for log in LOGS {
        let read = log.transcript().unwrap();
        let said = read
            .exchange()
            .filter(|(way, _)| *way == Direction::FromModem);
        assert!(said.count() > 1, "{}", log.name);
        assert!(
            readme.contains(&format!("| `{}` |", log.name)),
            "{}",
            log.name
        );
        let test = format!("fn {}()", log.name.replace('-', "_"));
        assert!(this.contains(&test), "{test}");
    }
}
