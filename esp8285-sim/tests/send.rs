//! `AT+CIPSEND`: prompts, payload traps, results.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{Host, MAIN, at};
use esp8285_sim::{Dialect, Echo, PeerIo, Silent, Sink};

const ERROR: &str = "\r\nERROR\r\n";

fn prompt(dialect: Dialect) -> &'static str {
    if dialect == Dialect::NonOs1_7 {
        "\r\nOK\r\n> "
    } else {
        "\r\nOK\r\n\r\n>"
    }
}

/// Joined, with one link to a peer that keeps what it gets.
fn sinking(dialect: Dialect) -> (Host, Rc<RefCell<Vec<u8>>>) {
    let mut host = Host::joined(dialect);
    let sink = Sink::default();
    let got = Rc::clone(&sink.0);
    host.net.listen(at(80), move || Box::new(sink.clone()));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    (host, got)
}

#[test]
fn payload_is_taken_as_it_is() {
    for &dialect in MAIN {
        let (mut host, got) = sinking(dialect);
        let all: Vec<u8> = (0..=255).collect();
        let tricky = b"\r\nOK\r\nAT+RST\r\n+++\r\n\0> ".to_vec();
        let at_the_limit = vec![b'+'; 2_048];
        for payload in [all, tricky, at_the_limit] {
            assert_eq!(
                host.ask(&format!("AT+CIPSEND={}", payload.len())),
                prompt(dialect)
            );
            host.send(&payload);
            let reply = format!("\r\nRecv {} bytes\r\n\r\nSEND OK\r\n", payload.len());
            assert_eq!(host.read_for(400_000), reply);
            assert_eq!(got.take(), payload);
        }
    }
}

#[test]
fn lengths_are_checked() {
    for (&dialect, reason) in MAIN.iter().zip(["too long\r\n", ""]) {
        let (mut host, _) = sinking(dialect);
        assert_eq!(host.ask("AT+CIPSEND=2049"), format!("{reason}{ERROR}"));
        for bad in ["0", "-1", "x", "", "5,5", "\"5\""] {
            assert_eq!(
                host.ask(&format!("AT+CIPSEND={bad}")),
                ERROR,
                "{bad} in {dialect}"
            );
        }
        let mode = if reason.is_empty() {
            ""
        } else {
            "send mode error\r\n"
        };
        assert_eq!(host.ask("AT+CIPSEND"), format!("{mode}{ERROR}"));
    }
}

#[test]
fn a_lone_chunk_of_three_plus_signs_cancels() {
    for &dialect in MAIN {
        let (mut host, got) = sinking(dialect);
        host.ask("AT+CIPSEND=10");
        host.send(b"abc");
        host.read_for(50_000);
        host.send(b"+++");
        assert_eq!(host.read_for(50_000), "\r\nSEND Canceled\r\n");
        assert_eq!(host.ask("AT"), "\r\nOK\r\n");
        // Even as the whole payload.
        host.ask("AT+CIPSEND=3");
        host.send(b"+++");
        assert_eq!(host.read_for(50_000), "\r\nSEND Canceled\r\n");
        // But not when it follows other payload without a pause, wherever the receive buffer is cut.
        for length in 4..300 {
            let mut payload = vec![b'x'; length - 3];
            payload.extend_from_slice(b"+++");
            host.ask(&format!("AT+CIPSEND={length}"));
            host.send(&payload);
            assert!(host.read_for(60_000).ends_with("SEND OK\r\n"), "{length}");
            assert_eq!(got.take(), payload);
        }
    }
}

#[test]
fn an_unanswered_prompt_swallows_commands() {
    for &dialect in MAIN {
        let (mut host, got) = sinking(dialect);
        host.ask("AT+CIPSEND=8");
        assert_eq!(host.ask("AT"), "");
        assert_eq!(host.ask("AT"), "\r\nRecv 8 bytes\r\n\r\nSEND OK\r\n");
        assert_eq!(got.take(), b"AT\r\nAT\r\n");
    }
}

#[test]
fn bytes_behind_the_payload_are_refused() {
    for (&dialect, busy) in MAIN.iter().zip(["\r\nbusy s...\r\n", "\r\nbusy p...\r\n"]) {
        let (mut host, got) = sinking(dialect);
        host.ask("AT+CIPSEND=3");
        host.send(b"abc\r\n");
        assert_eq!(
            host.read_for(100_000),
            format!("\r\nRecv 3 bytes\r\n{busy}\r\nSEND OK\r\n")
        );
        assert_eq!(got.take(), b"abc");
    }
}

#[test]
fn send_ok_comes_after_a_round_trip_on_nonos_and_at_once_on_esp_at() {
    for (&dialect, waits) in MAIN.iter().zip([true, false]) {
        let mut host = Host::joined(dialect);
        host.net = host.net.clone().round_trip_us(300_000);
        host.net.listen(at(80), || Box::new(Silent));
        host.send(b"AT+CIPSTART=\"TCP\",\"192.168.1.3\",80\r\n");
        host.read_for(1_000_000);
        host.ask("AT+CIPSEND=1");
        host.send(b"x");
        let early = host.read_for(250_000);
        assert_eq!(early.contains("SEND OK"), !waits);
        let all = early + &host.read_for(100_000);
        assert_eq!(all, "\r\nRecv 1 bytes\r\n\r\nSEND OK\r\n");
    }
}

#[test]
fn esp_at_blocks_when_its_send_buffer_is_full() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net = host.net.clone().round_trip_us(5_000_000);
    host.net.listen(at(80), || Box::new(Silent));
    host.send(b"AT+CIPSTART=\"TCP\",\"192.168.1.3\",80\r\n");
    host.read_for(6_000_000);
    for n in 0..3 {
        host.ask("AT+CIPSEND=2048");
        host.send(&[b'x'; 2_048]);
        let reply = host.read_for(300_000);
        assert_eq!(reply.contains("SEND OK"), n < 2, "send {n}");
    }
    assert_eq!(host.read_for(5_000_000), "\r\nSEND OK\r\n");
}

#[test]
fn a_link_that_dies_behind_the_prompt() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net.listen(at(80), || Box::new(Echo));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    host.ask("AT+CIPSEND=5");
    let now = host.bench.now();
    host.net.act(now, at(80), PeerIo::close);
    assert_eq!(host.read_for(50_000), "CLOSED\r\n");
    // The payload is still swallowed.
    host.send(b"AT\r\n");
    assert_eq!(host.read_for(50_000), "");
    host.send(b"x");
    assert_eq!(host.read_for(50_000), "\r\nRecv 5 bytes\r\nSEND FAIL\r\n");

    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net.listen(at(80), || Box::new(Echo));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    host.ask("AT+CIPSEND=5");
    let now = host.bench.now();
    host.net.act(now, at(80), PeerIo::reset);
    assert_eq!(host.read_for(50_000), "CLOSED\r\n");
    host.send(b"12345");
    assert_eq!(
        host.read_for(50_000),
        "\r\nRecv 5 bytes\r\n\r\nSEND FAIL\r\n"
    );
}

#[test]
fn a_link_that_dies_before_the_acknowledgement() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    host.net = host.net.clone().round_trip_us(300_000);
    host.net.listen(at(80), || Box::new(Silent));
    host.send(b"AT+CIPSTART=\"TCP\",\"192.168.1.3\",80\r\n");
    host.read_for(1_000_000);
    host.ask("AT+CIPSEND=2");
    let now = host.bench.now();
    host.net.act(now, at(80), PeerIo::reset);
    host.send(b"xx");
    assert_eq!(
        host.read_for(200_000),
        "\r\nRecv 2 bytes\r\nCLOSED\r\nSEND FAIL\r\n"
    );
}

#[test]
fn escaped_sends_end_at_the_mark() {
    for &dialect in MAIN {
        let (mut host, got) = sinking(dialect);
        assert_eq!(host.ask("AT+CIPSENDEX=100"), prompt(dialect));
        host.send(b"a\\\\0b\\0");
        assert_eq!(
            host.read_for(100_000),
            "\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n"
        );
        assert_eq!(got.take(), b"a\\0b");
        host.ask("AT+CIPSENDEX=2");
        host.send(b"xy");
        assert_eq!(
            host.read_for(100_000),
            "\r\nRecv 2 bytes\r\n\r\nSEND OK\r\n"
        );
    }
}
