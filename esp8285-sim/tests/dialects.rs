//! What differs between the versions, byte for byte: commands, lines, links.

mod common;

use Dialect::{
    EspAt2_0, EspAt2_1, EspAt2_2, EspAt2_3, EspAtMod, NonOs0_2x, NonOs1_3, NonOs1_6, NonOs1_7,
};
use common::{Host, air, at};
use esp8285_sim::{Bench, BenchConfig, Dialect, MemoryNetwork, Modem, PeerIo, Silent};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

#[test]
fn versions() {
    for (dialect, first) in [
        (NonOs0_2x, "0020000903\r\n"),
        (
            NonOs1_3,
            "AT version:1.3.0.0(Jul 14 2016 18:54:01)\r\nSDK version:2.0.0(",
        ),
        (
            NonOs1_6,
            "AT version:1.6.2.0(Apr 13 2018 11:10:59)\r\nSDK version:2.2.1(",
        ),
        (
            NonOs1_7,
            "AT version:1.7.4.0(May 11 2020 19:13:04)\r\nSDK version:3.0.4(",
        ),
        (EspAt2_0, "AT version:2.0.0.0("),
        (EspAt2_1, "AT version:2.1.0.0("),
        (
            EspAt2_2,
            "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)\r\nSDK version:v3.4-",
        ),
        (EspAt2_3, "AT version:2.3.0.0("),
        (EspAtMod, "AT version:1.7.0.0 (partial)\r\n"),
    ] {
        let reply = Host::station(dialect).ask("AT+GMR");
        assert!(reply.starts_with(first), "{dialect}: {reply:?}");
        assert!(reply.ends_with("\r\n\r\nOK\r\n"), "{dialect}: {reply:?}");
    }
    assert_eq!(
        Host::station(NonOs0_2x).ask("AT+GMR"),
        "0020000903\r\n\r\nOK\r\n"
    );
}

/// `+` there, `-` not: NonOS 0.2x, 1.3, 1.6, 1.7, ESP-AT 2.0, 2.1, 2.2, 2.3, ESP_ATMod.
#[test]
fn commands_come_and_go_with_the_versions() {
    for (command, there) in [
        ("AT+CWMODE?", "+++++++++"),
        ("AT+CWMODE_CUR?", "-+++----+"),
        ("AT+CWDHCP_DEF?", "-+++----+"),
        ("AT+CIPSTA_CUR?", "-+++----+"),
        ("AT+UART?", "-+++----+"),
        ("AT+UART_CUR?", "-++++++++"),
        ("AT+IPR=115200", "++++-----"),
        ("AT+CIPDINFO?", "-++++++++"),
        ("AT+CWAUTOCONN?", "-++++++++"),
        ("AT+CIPDOMAIN=\"1.2.3.4\"", "-++++++++"),
        ("AT+MDNS=0", "-+++++++-"),
        ("AT+CWHOSTNAME?", "--+++++++"),
        ("AT+CIPSNTPCFG=1,0", "--+++++++"),
        ("AT+CIPDNS_CUR?", "--++----+"),
        ("AT+CIPDNS?", "----++++-"),
        ("AT+SYSRAM?", "--+++++++"),
        ("AT+SYSADC?", "--++-----"),
        ("AT+SYSMSG?", "--+-++++-"),
        ("AT+SYSMSG_CUR?", "---+-----"),
        ("AT+CWCOUNTRY_CUR?", "--++-----"),
        ("AT+CWCOUNTRY?", "-----+++-"),
        ("AT+CIPRECVMODE?", "---++++++"),
        ("AT+CIPCLOSEMODE=1", "---+----+"),
        ("AT+CIPSSLSIZE?", "-+++----+"),
        ("AT+CIPSSLCCONF?", "---+-+++-"),
        ("AT+SYSSTORE?", "-----+++-"),
        ("AT+SYSLOG?", "-----+++-"),
        ("AT+CWSTATE?", "------++-"),
        ("AT+CWRECONNCFG?", "------++-"),
        ("AT+SYSTIMESTAMP?", "------++-"),
        ("AT+CWJAPTO=10", "---------"),
    ] {
        let found: String = Dialect::ALL
            .iter()
            .map(|&dialect| {
                let reply = Host::station(dialect).ask(command);
                assert!(
                    reply.ends_with(OK) || reply == ERROR,
                    "{dialect}: {reply:?}"
                );
                if reply == ERROR { '-' } else { '+' }
            })
            .collect();
        assert_eq!(found, there, "{command}");
    }
}

#[test]
fn line_limits() {
    for (dialect, limit) in [
        (NonOs0_2x, 128),
        (NonOs1_3, 128),
        (NonOs1_6, 128),
        (NonOs1_7, 256),
        (EspAtMod, 256),
    ] {
        let mut host = Host::station(dialect);
        let before = host.bench.stats().commands;
        let line = |behind_at: usize| format!("AT+X{}\r\n", "x".repeat(behind_at - 4));
        host.send(line(limit).as_bytes());
        assert_eq!(host.read_for(100_000), ERROR);
        assert_eq!(host.bench.stats().commands, before + 1, "{dialect}");
        host.send(line(limit + 1).as_bytes());
        assert_eq!(host.read_for(100_000), ERROR);
        assert_eq!(host.bench.stats().commands, before + 1, "{dialect}");
    }
}

#[test]
fn the_oldest_echo() {
    let mut host = Host::new(NonOs0_2x);
    assert_eq!(host.ask("AT"), "AT\r\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT+CWMODE=1"), "AT+CWMODE=1\r\r\n\r\nOK\r\n");
    host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
    assert_eq!(
        host.read_for(3_200_000),
        "AT+CWJAP=\"workshop\",\"correct horse\"\r\r\n\r\nOK\r\n"
    );
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    assert_eq!(host.ask("AT+CIPSEND=6"), "AT+CIPSEND=6\r\r\n> ");
    host.send(b"a\r\nb\r\n");
    assert_eq!(host.read_for(100_000), "a\rb\r\r\nSEND OK\r\n");
}

#[test]
fn sends() {
    for (dialect, prompt, recv) in [
        (NonOs0_2x, "> ", ""),
        (NonOs1_3, "\r\nOK\r\n> ", "\r\nRecv 3 bytes\r\n"),
        (NonOs1_6, "\r\nOK\r\n> ", "\r\nRecv 3 bytes\r\n"),
        (NonOs1_7, "\r\nOK\r\n> ", "\r\nRecv 3 bytes\r\n"),
        (EspAt2_0, "\r\nOK\r\n\r\n>", "\r\nRecv 3 bytes\r\n"),
        (EspAt2_3, "\r\nOK\r\n\r\n>", "\r\nRecv 3 bytes\r\n"),
        (EspAtMod, "OK\r\n> ", "\r\nRecv 3 bytes\r\n"),
    ] {
        let mut host = Host::joined(dialect);
        host.net.listen(at(80), || Box::new(Silent));
        assert_eq!(
            host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80"),
            format!("CONNECT\r\n{OK}")
        );
        assert_eq!(host.ask("AT+CIPSEND=3"), prompt, "{dialect}");
        host.send(b"abc");
        assert_eq!(
            host.read_for(100_000),
            format!("{recv}\r\nSEND OK\r\n"),
            "{dialect}"
        );
    }
}

#[test]
fn the_oldest_cannot_cancel_a_send_and_is_busy_in_its_own_way() {
    let net = MemoryNetwork::new().round_trip_us(50_000);
    let modem = Modem::new(NonOs0_2x, air(), net.clone());
    let mut host = Host::on(Bench::new(modem, BenchConfig::default()), net);
    host.join();
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    assert_eq!(host.ask("AT+CIPSEND=3"), "> ");
    host.send(b"+++");
    assert_eq!(host.read_for(100_000), "\r\nSEND OK\r\n");
    assert_eq!(host.ask("AT+CIPSEND=1"), "> ");
    host.send(b"x");
    assert_eq!(host.read_for(5_000), "");
    host.send(b"AT");
    assert_eq!(host.read_for(5_000), "");
    host.send(b"\r\n\r\n");
    assert_eq!(host.read_for(10_000), "busy s...\r\nbusy s...\r\n");
}

#[test]
fn frames() {
    for (dialect, frame) in [
        (NonOs0_2x, "\r\n+IPD,4:data\r\nOK\r\n"),
        (NonOs1_3, "\r\n+IPD,4:data"),
        (NonOs1_6, "\r\n+IPD,4:data"),
        (EspAt2_0, "\r\n+IPD,4:data\r\n"),
        (EspAt2_1, "\r\n+IPD,4:data\r\n"),
        (EspAtMod, "\r\n+IPD,4:data"),
    ] {
        let mut host = linked(dialect);
        push(&mut host);
        assert_eq!(host.read_for(50_000), frame, "{dialect}");
    }
    for (dialect, frame) in [
        (NonOs1_3, "\r\n+IPD,4,192.168.1.3,80:data"),
        (EspAt2_0, "\r\n+IPD,4,192.168.1.3,80:data\r\n"),
        (EspAt2_1, "\r\n+IPD,4,\"192.168.1.3\",80:data\r\n"),
        (EspAt2_3, "\r\n+IPD,4,\"192.168.1.3\",80:data\r\n"),
    ] {
        let mut host = linked(dialect);
        assert_eq!(host.ask("AT+CIPDINFO=1"), OK);
        push(&mut host);
        assert_eq!(host.read_for(50_000), frame, "{dialect}");
    }
}

#[test]
fn reads() {
    for (dialect, reply, none) in [
        (NonOs1_7, "\r\n+CIPRECVDATA,4:data\r\nOK\r\n", "0,0,0,0,0"),
        (
            EspAt2_0,
            "+CIPRECVDATA,0,4:\r\ndata\r\nOK\r\n",
            "-1,-1,-1,-1,-1",
        ),
        (EspAt2_1, "+CIPRECVDATA:4,data\r\nOK\r\n", "-1"),
        (EspAt2_2, "+CIPRECVDATA:4,data\r\nOK\r\n", "-1"),
        (EspAt2_3, "+CIPRECVDATA:4,data\r\nOK\r\n", "0"),
        (EspAtMod, "\r\n+CIPRECVDATA,4:data\r\nOK\r\n", "0,0,0,0,0"),
    ] {
        let mut host = Host::joined(dialect);
        assert_eq!(
            host.ask("AT+CIPRECVLEN?"),
            format!("+CIPRECVLEN:{none}\r\n\r\nOK\r\n")
        );
        host.ask("AT+CIPRECVMODE=1");
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
        push(&mut host);
        assert_eq!(host.read_for(50_000), "\r\n+IPD,4\r\n");
        assert_eq!(host.ask("AT+CIPRECVDATA=100"), reply, "{dialect}");
    }
}

#[test]
fn names() {
    for (dialect, quote) in [
        (NonOs1_3, ""),
        (EspAt2_0, ""),
        (EspAt2_1, ""),
        (EspAt2_2, "\""),
        (EspAt2_3, "\""),
    ] {
        let reply = Host::joined(dialect).ask("AT+CIPDOMAIN=\"example.com\"");
        assert_eq!(
            reply,
            format!("+CIPDOMAIN:{quote}192.168.1.3{quote}\r\n\r\nOK\r\n"),
            "{dialect}"
        );
    }
}

#[test]
fn refused_connections() {
    for (dialect, single, multiple) in [
        (
            NonOs0_2x,
            "0,CLOSED\r\n\r\nERROR\r\n",
            "3,CLOSED\r\n\r\nERROR\r\n",
        ),
        (
            NonOs1_6,
            "\r\nERROR\r\nCLOSED\r\n",
            "\r\nERROR\r\n3,CLOSED\r\n",
        ),
        (
            NonOs1_7,
            "\r\nERROR\r\nCLOSED\r\n",
            "\r\nERROR\r\n3,CLOSED\r\n",
        ),
        (EspAt2_0, ERROR, ERROR),
        (EspAt2_3, ERROR, ERROR),
    ] {
        let mut host = Host::joined(dialect);
        assert_eq!(
            host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80"),
            single,
            "{dialect}"
        );
        host.ask("AT+CIPMUX=1");
        assert_eq!(
            host.ask("AT+CIPSTART=3,\"TCP\",\"192.168.1.3\",80"),
            multiple,
            "{dialect}"
        );
    }
}

#[test]
fn the_oldest_spells_its_own_way() {
    let mut host = linked(NonOs0_2x);
    assert_eq!(
        host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80"),
        "ALREAY CONNECT\r\n"
    );
    assert_eq!(host.ask("AT"), OK);
    assert_eq!(
        host.ask("AT+CIPSTART=\"XYZ\",\"192.168.1.3\",80"),
        "Link typ ERROR\r\n\r\nERROR\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPSTATUS"),
        "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"192.168.1.3\",80,0\r\n\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CWMODE=1"), "no change\r\n\r\nOK\r\n");
}

fn linked(dialect: Dialect) -> Host {
    let mut host = Host::joined(dialect);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    host
}

fn push(host: &mut Host) {
    let now = host.bench.now();
    host.net
        .act(now, at(80), |io: &mut PeerIo| io.send(b"data"));
}
