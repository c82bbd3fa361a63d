//! What the driver says of its work, and that it never says a password.

mod bench;
mod common;

use std::cell::RefCell;
use std::fmt::Write as _;

use bench::{Setup, connect, joined, network, send_all};
use common::{CONNECT_0, START_NONOS, receive, started};
use embedded_nal::TcpClientStack;
use esp8285_sim::{Dialect, Echo};
use log::{LevelFilter, Log, Metadata, Record};

thread_local! {
    /// What was logged by the test that runs on this thread.
    static LOGGED: RefCell<String> = const { RefCell::new(String::new()) };
}

struct Capture;

impl Log for Capture {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("atcmd_esp8285")
    }
    fn log(&self, record: &Record<'_>) {
        if self.enabled(record.metadata()) {
            LOGGED.with_borrow_mut(|all| {
                writeln!(all, "{} {}", record.level(), record.args()).unwrap();
            });
        }
    }
    fn flush(&self) {}
}

/// Starts with an empty log.
fn capture() {
    // Every test does this; the first one wins.
    let _ = log::set_logger(&Capture);
    log::set_max_level(LevelFilter::Trace);
    LOGGED.take();
}

fn logged() -> String {
    LOGGED.take()
}

const PASSWORD: &str = r#"cor"rect,hor\se battery"#;
const ESCAPED: &str = r#"cor\"rect\,hor\\se battery"#;

/// Says which piece of the password, if any, stands in `text`.
fn leak(text: &str) -> Option<&'static str> {
    [PASSWORD, ESCAPED].into_iter().find_map(|secret| {
        (0..=secret.len() - 4)
            .map(|at| &secret[at..at + 4])
            .find(|piece| text.contains(piece))
    })
}

#[test]
fn no_piece_of_a_password_is_ever_shown_whatever_the_modem_does_with_it() {
    capture();
    let (modem, mut wifi) = started(START_NONOS);
    let line = format!("AT+CWJAP_CUR=\"net\",\"{ESCAPED}\"\r\n");
    // Echo is on again, is cut and doubled on the way, and comes late.
    let mut reply = line.clone();
    for at in 0..line.len() {
        write!(reply, "\r\n{}\r\n{}\r\n", &line[at..], &line[..at]).unwrap();
        write!(reply, "+CWX:{}\r\nx{}\r\n", &line[at..], &line[at..]).unwrap();
    }
    write!(
        reply,
        "{PASSWORD}\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
    )
    .unwrap();
    // An echo makes the driver look whether the modem has restarted.
    let verify = ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n");
    modem.expect(&[(&line, &reply), verify, CONNECT_0]);
    let mut all = String::new();
    modem
        .drive(|| {
            let result = wifi.join("net", PASSWORD);
            write!(all, "{wifi:?}").unwrap();
            result
        })
        .unwrap();
    // And again, while other things are asked and while nothing is.
    let unasked = reply.replace("\r\nOK\r\n", "");
    modem.say(&unasked);
    let mut socket = common::connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    modem.say(&unasked);
    modem.expect(&[(
        "AT+CIPRECVDATA=0,2048\r\n",
        "\r\n+CIPRECVDATA,1:x\r\nOK\r\n",
    )]);
    modem.say(format!("{unasked}\r\n+IPD,0,1\r\n"));
    receive(&modem, &mut wifi, &mut socket).unwrap();
    write!(all, "{wifi:?}").unwrap();
    all.push_str(&logged());
    assert!(all.contains("TRACE > AT+CWJAP_CUR=..."), "{all}");
    assert!(all.contains("ignored"), "{all}");
    assert_eq!(leak(&all), None);
}

#[test]
fn a_whole_session_is_told_in_order() {
    capture();
    let setup = Setup::new(Dialect::NonOs1_7, Default::default());
    let network = network(setup);
    network.listen(bench::SERVER, || Box::new(Echo));
    let (bench, mut wifi) = joined::<1460>(setup, &network);
    let mut socket = connect(&mut wifi).unwrap();
    send_all(&mut wifi, &mut socket, b"hello").unwrap();
    let n = wifi.wait(|wifi| wifi.receive(&mut socket, &mut [0; 8]));
    assert_eq!(n, Ok(5));
    bench.with_modem(|modem| modem.reset());
    wifi.wait(|wifi| wifi.receive(&mut socket, &mut [0; 8]))
        .unwrap_err();
    wifi.wait(|wifi| wifi.start()).unwrap();
    let log = logged();
    let mut rest = log.as_str();
    for expected in [
        "DEBUG looking for the modem",
        "TRACE > AT",
        "TRACE > AT+GMR",
        "INFO the modem is ready: NonOS 1.7, passive receive",
        "TRACE > AT+CWJAP_CUR=...",
        "DEBUG < WifiConnected",
        "DEBUG < WifiGotIp",
        "TRACE > AT+CIPSTART=0,...",
        "DEBUG < Connect(0)",
        "TRACE > AT+CIPSEND=0,5",
        "WARN the modem has restarted",
        "INFO the modem is ready",
    ] {
        let at = rest.find(expected);
        let at = at.unwrap_or_else(|| panic!("no {expected:?} in its place in\n{log}"));
        rest = &rest[at..];
    }
    assert!(!log.contains("hello"), "payload: {log}");
    assert!(!log.contains("password"), "{log}");
}

#[test]
fn losses_failures_and_silence_are_warnings() {
    capture();
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[CONNECT_0]);
    let mut socket = common::connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    logged();
    modem.expect(&[("AT+CIPSEND=0,2\r\n", "\r\nERROR\r\n")]);
    modem.drive(|| wifi.send(&mut socket, b"ab")).unwrap();
    modem.drive(|| wifi.send(&mut socket, b"")).unwrap_err();
    modem.say("to read 424 bytes\r\n\r\n+IPD,0,9:abc");
    wifi.poll().unwrap();
    modem.pass(3_000_000);
    wifi.poll().unwrap();
    // Nobody answers what is asked then.
    modem.pass(30_000_000);
    for _ in 0..60 {
        wifi.poll().unwrap();
        modem.pass(1_000_000);
    }
    let log = logged();
    for expected in [
        "TRACE ignored 17 bytes: to read 424 bytes",
        "WARN link 0: a send failed",
        "WARN a data frame broke off, 6 bytes are missing",
        "WARN link 0: 6 bytes lost",
        "WARN not answered in time: Verify",
        "WARN the modem is given up: NoReply",
    ] {
        assert!(log.contains(expected), "no {expected:?} in\n{log}");
    }
}
