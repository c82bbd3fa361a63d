//! Echo, line limits, busy, escapes, wrong baud rates.

mod common;

use common::{Host, MAIN, at, text};
use esp8285_sim::{AccessPoint, Air, BenchConfig, Dialect, MemoryNetwork, Modem, Silent};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const BUSY: &str = "\r\nbusy p...\r\n";

#[test]
fn echo_is_on_and_can_be_switched_off() {
    for &dialect in MAIN {
        let mut host = Host::new(dialect);
        assert_eq!(host.ask("AT"), "AT\r\n\r\nOK\r\n");
        assert_eq!(host.ask("ATE0"), "ATE0\r\n\r\nOK\r\n");
        assert_eq!(host.ask("AT"), OK);
        assert_eq!(host.ask("ATE1"), OK);
        assert_eq!(host.ask("AT"), "AT\r\n\r\nOK\r\n");
    }
}

#[test]
fn the_payload_is_not_echoed() {
    for (&dialect, prompt) in MAIN.iter().zip(["\r\nOK\r\n> ", "\r\nOK\r\n\r\n>"]) {
        let mut host = Host::joined(dialect);
        host.ask("ATE1");
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
        assert_eq!(
            host.ask("AT+CIPSEND=4"),
            format!("AT+CIPSEND=4\r\n{prompt}")
        );
        host.send(b"AT\r\n");
        assert_eq!(
            host.read_for(100_000),
            "\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n"
        );
    }
}

#[test]
fn nonos_finds_at_anywhere() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    assert_eq!(host.ask("+++junkAT"), OK);
    assert_eq!(host.ask("AAT"), OK);
    assert_eq!(host.ask("At"), ERROR);
    assert_eq!(host.ask(""), ERROR);
    host.send(b"AT\n");
    assert_eq!(host.read_for(100_000), ERROR);
    host.send(b"AT+GMR\n");
    assert_eq!(host.read_for(100_000), ERROR);
    host.send(b"ATE0\n");
    assert_eq!(host.read_for(100_000), ERROR);
    host.send(b"AT\r");
    assert_eq!(host.read_for(1_000_000), "");
    host.send(b"\n");
    assert_eq!(host.read_for(100_000), OK);
}

#[test]
fn esp_at_wants_at_first() {
    let mut host = Host::new(Dialect::EspAt2_2);
    host.ask("ATE0");
    assert_eq!(host.ask("xAT"), ERROR);
    assert_eq!(host.ask(""), ERROR);
    assert_eq!(host.ask("noise\0AT"), OK);
    host.send(b"AT\n");
    assert_eq!(host.read_for(100_000), "");
    // The line without a proper end is still there.
    assert_eq!(host.ask("AT"), ERROR);
    host.send(b"AT\r");
    assert_eq!(host.read_for(100_000), "");
    host.send(b"\n");
    assert_eq!(host.read_for(100_000), OK);
}

#[test]
fn nonos_line_limit() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    let line = |behind_at: usize| {
        let text = "x".repeat(behind_at - "+PING=\"\"\r\n".len());
        format!("AT+PING=\"{text}\"\r\n")
    };
    // 256 bytes behind AT are a line (with too long a parameter), one more is not: its end is one stray LF.
    let before = host.bench.stats().commands;
    host.send(line(256).as_bytes());
    assert_eq!(host.read_for(100_000), ERROR);
    assert_eq!(host.bench.stats().commands, before + 1);
    host.send(line(257).as_bytes());
    assert_eq!(host.read_for(100_000), ERROR);
    assert_eq!(host.bench.stats().commands, before + 1);
    // What follows the limit is read afresh.
    host.send(format!("{}AT\r\n", "AT".to_owned() + &"x".repeat(256)).as_bytes());
    assert_eq!(host.read_for(100_000), OK);
    assert_eq!(host.bench.stats().commands, before + 2);
}

#[test]
fn esp_at_line_limit() {
    // One chunk each, as the firmware's driver would deliver them.
    let run = |bytes: &[u8]| {
        let mut modem = Modem::new(Dialect::EspAt2_2, Air::new(), MemoryNetwork::new());
        modem.input(0, b"ATE0\r\n");
        modem.poll(1_000);
        modem.take_output();
        let before = modem.commands();
        modem.input(2_000, bytes);
        modem.poll(10_000);
        (text(&modem.take_output()), modem.commands() - before)
    };
    let line = |whole: usize| format!("AT{}\r\n", "x".repeat(whole - 4)).into_bytes();
    assert_eq!(run(&line(256)), (ERROR.into(), 1));
    assert_eq!(run(&line(257)), (ERROR.into(), 0));
    // Without an end there is no answer, and the next line is intact.
    let mut modem = Modem::new(Dialect::EspAt2_2, Air::new(), MemoryNetwork::new());
    modem.input(0, b"ATE0\r\n");
    modem.poll(1_000);
    modem.take_output();
    modem.input(2_000, &[b'x'; 256]);
    modem.input(3_000, b"AT\r\n");
    modem.poll(10_000);
    assert_eq!(modem.take_output(), OK.as_bytes());
    // A CR at the very end is kept.
    modem.input(20_000, &[&[b'x'; 256][..], b"\r"].concat());
    modem.input(21_000, b"\n");
    modem.poll(30_000);
    assert_eq!(modem.take_output(), ERROR.as_bytes());
}

#[test]
fn nonos_is_busy_per_line_end_and_echoes_meanwhile() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    host.ask("AT+CWMODE=1");
    host.ask("ATE1");
    host.send(b"AT+CWLAP\r\n");
    host.read_for(100_000);
    host.send(b"AT");
    assert_eq!(host.read_for(100_000), "AT");
    host.send(b"\r\nAT+RST\r\n\n");
    assert_eq!(
        host.read_for(100_000),
        format!("\r\n{BUSY}AT+RST\r\n{BUSY}\n{BUSY}")
    );
}

#[test]
fn esp_at_is_busy_per_chunk_and_does_not_echo_meanwhile() {
    let mut host = Host::new(Dialect::EspAt2_2);
    host.send(b"AT+CWLAP\r\n");
    host.read_for(100_000);
    host.send(b"A");
    assert_eq!(host.read_for(100_000), BUSY);
    host.send(b"T\r\nAT\r\n");
    assert_eq!(host.read_for(100_000), BUSY);
    host.send(b"xxAT+RST\r\n");
    let reply = host.read_for(3_000_000);
    assert!(
        reply.starts_with("\r\nWill force to restart!!!\r\n\r\nOK\r\n"),
        "{reply:?}"
    );
    assert!(reply.ends_with("\r\nready\r\n"), "{reply:?}");
}

#[test]
fn commands_cannot_be_pipelined() {
    for &dialect in MAIN {
        let mut host = Host::new(dialect);
        host.ask("ATE0");
        host.send(b"AT+CIPMUX?\r\nAT\r\n");
        let reply = host.read_for(100_000);
        assert_eq!(reply, format!("{BUSY}+CIPMUX:0\r\n\r\nOK\r\n"), "{dialect}");
    }
}

#[test]
fn strings_are_unescaped() {
    let ssid = "a\"b\\c,d";
    for &dialect in MAIN {
        let air = Air::new().ap(AccessPoint::new(ssid, "p,\"\\w").bssid([2, 0, 0, 0, 0, 9]));
        let mut host = Host::with(dialect, air, BenchConfig::default());
        host.ask("ATE0");
        host.ask("AT+CWMODE=1");
        host.send(b"AT+CWJAP=\"a\\\"b\\\\c\\,d\",\"p\\,\\\"\\\\w\"\r\n");
        assert!(host.read_for(3_000_000).ends_with(OK));
        // Replies have it raw.
        assert!(
            host.ask("AT+CWJAP?")
                .starts_with("+CWJAP:\"a\"b\\c,d\",\"02:00:00:00:00:09\"")
        );
    }
}

#[test]
fn bare_commas_split_on_esp_at_only() {
    for (&dialect, works) in MAIN.iter().zip([true, false]) {
        let air = Air::new().ap(AccessPoint::new("a,b", "pw"));
        let mut host = Host::with(dialect, air, BenchConfig::default());
        host.ask("ATE0");
        host.ask("AT+CWMODE=1");
        host.send(b"AT+CWJAP=\"a,b\",\"pw\"\r\n");
        let reply = host.read_for(3_000_000);
        assert_eq!(reply.ends_with(OK), works, "{dialect}: {reply:?}");
    }
}

#[test]
fn a_wrong_baud_rate_gives_garbage_both_ways() {
    for &dialect in MAIN {
        let mut host = Host::new(dialect);
        host.bench.set_host_baud(9_600);
        let reply = host.ask("AT+GMR");
        assert!(!reply.contains("version"), "{reply:?}");
        host.bench.set_host_baud(115_200);
        // Whatever the garbage was taken for is over within two lines.
        host.send(b"\r\n");
        host.bytes_for(100_000);
        host.send(b"\r\n");
        host.bytes_for(100_000);
        assert_eq!(host.ask("AT"), "AT\r\n\r\nOK\r\n", "{dialect}");
        // Three percent are none.
        host.bench.set_host_baud(112_000);
        assert_eq!(host.ask("AT"), "AT\r\n\r\nOK\r\n");
    }
}

#[test]
fn the_baud_rate_changes_after_the_ok() {
    for &dialect in MAIN {
        let mut host = Host::new(dialect);
        host.ask("ATE0");
        assert_eq!(host.ask("AT+UART_CUR=921600,8,1,0,0"), OK);
        assert_ne!(host.ask("AT"), OK);
        host.bench.set_host_baud(921_600);
        host.send(b"\r\n");
        host.bytes_for(100_000);
        assert_eq!(host.ask("AT"), OK);
        assert!(
            host.ask("AT+UART_CUR?")
                .starts_with("+UART_CUR:930232,8,1,0,0\r\n")
        );
        // Only for the session.
        host.send(b"AT+RST\r\n");
        host.bytes_for(100_000);
        host.bench.set_host_baud(115_200);
        assert!(host.read_for(2_000_000).ends_with("\r\nready\r\n"));
    }
}

#[test]
fn nonos_still_listens_at_the_old_rate_for_ten_milliseconds() {
    let mut host = Host::new(Dialect::NonOs1_7);
    host.ask("ATE0");
    host.send(b"AT+UART_DEF=57600,8,1,0,0\r\n");
    assert_eq!(host.read_for(5_000), OK);
    host.bench.set_host_baud(57_600);
    host.send(b"AT\r\n");
    assert_ne!(host.read_for(100_000), OK);
    host.send(b"\r\n");
    host.bytes_for(100_000);
    assert_eq!(host.ask("AT"), OK);
    // Stored, so it survives.
    host.send(b"AT+RST\r\n");
    assert!(host.read_for(2_000_000).ends_with("\r\nready\r\n"));
}
