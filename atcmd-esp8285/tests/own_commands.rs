//! Commands of the user's own, through `AtatClient`, beside everything else.

mod bench;
mod common;

use std::cell::Cell;
use std::rc::Rc;

use atcmd_esp8285::at::MAX_RESPONSE;
use atcmd_esp8285::at::atat::blocking::AtatClient;
use atcmd_esp8285::at::atat::{AtatCmd, AtatResp, Error, InternalError};
use atcmd_esp8285::{Clock, Config, Esp8285, ModemError};
use bench::{SERVER, Setup, connect, joined, network, pattern};
use common::{Port, START_NONOS};
use embedded_nal::{TcpClientStack, nb};
use esp8285_sim::{Dialect, Echo};

/// Any line, and its reply as text.
struct Line(&'static str);

#[derive(Debug, PartialEq)]
struct Text(String);

impl AtatResp for Text {}

impl AtatCmd for Line {
    type Response = Text;
    const MAX_TIMEOUT_MS: u32 = 2000;

    fn write(&self, buf: &mut [u8]) -> usize {
        match buf.get_mut(..self.0.len()) {
            Some(start) => {
                start.copy_from_slice(self.0.as_bytes());
                self.0.len()
            }
            None => 0,
        }
    }

    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Text, Error> {
        let text = response?.to_vec();
        String::from_utf8(text).map(Text).map_err(|_| Error::Parse)
    }
}

/// The same without a result code.
struct Unanswered(&'static str);

impl AtatCmd for Unanswered {
    type Response = Text;
    const MAX_TIMEOUT_MS: u32 = 2000;
    const EXPECTS_RESPONSE_CODE: bool = false;

    fn write(&self, buf: &mut [u8]) -> usize {
        Line(self.0).write(buf)
    }

    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Text, Error> {
        Line(self.0).parse(response)
    }
}

#[test]
fn two_links_move_data_both_ways_while_commands_are_sent() {
    const SIZE: usize = 40_000;
    for setup in Setup::all() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let (bench, mut wifi) = joined::<4096>(setup, &network);
        let data = [pattern(SIZE), pattern(SIZE + 7)[7..].to_vec()];
        let mut sockets = [connect(&mut wifi).unwrap(), connect(&mut wifi).unwrap()];
        let (mut sent, mut got) = ([0; 2], [vec![], vec![]]);
        let mut commands = 0;
        while got.iter().any(|got| got.len() < SIZE) {
            for (n, socket) in sockets.iter_mut().enumerate() {
                // Nobody reads while a command waits: what comes must fit the ring.
                let most = (got[n].len() + 3000).min(SIZE);
                if sent[n] < most {
                    match TcpClientStack::send(&mut wifi, socket, &data[n][sent[n]..most]) {
                        Ok(more) => sent[n] += more,
                        Err(nb::Error::WouldBlock) => {}
                        Err(nb::Error::Other(error)) => panic!("{setup:?}: {error}"),
                    }
                }
                let mut buf = [0; 700];
                match wifi.receive(socket, &mut buf) {
                    Ok(more) => got[n].extend_from_slice(&buf[..more]),
                    Err(nb::Error::WouldBlock) => {}
                    Err(nb::Error::Other(error)) => panic!("{setup:?}: {error}"),
                }
            }
            let adc = AtatClient::send(&mut wifi, &Line("AT+SYSADC?\r\n"));
            match setup.dialect {
                Dialect::NonOs1_7 => assert_eq!(adc, Ok(Text("+SYSADC:0".into()))),
                _ => assert_eq!(adc, Err(Error::Error), "not on ESP-AT"),
            }
            let Text(ram) = AtatClient::send(&mut wifi, &Line("AT+SYSRAM?\r\n")).unwrap();
            assert!(
                ram.starts_with("+SYSRAM:") && ram.lines().count() == 1,
                "{ram}"
            );
            let Text(status) = AtatClient::send(&mut wifi, &Line("AT+CIPSTATUS\r\n")).unwrap();
            let lines: Vec<_> = status.lines().collect();
            assert_eq!(lines.len(), 3, "{status}");
            assert_eq!(lines[0], "STATUS:3");
            assert!(
                lines[1].starts_with("+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,"),
                "{status}"
            );
            assert!(
                lines[2].starts_with("+CIPSTATUS:1,\"TCP\",\"10.0.0.1\",80,"),
                "{status}"
            );
            commands += 3;
        }
        assert!(commands > 100, "{setup:?}: {commands}");
        for n in 0..2 {
            assert!(got[n] == data[n], "{setup:?}: link {n}");
        }
        assert_eq!(bench.stats().overruns, 0, "{setup:?}");
    }
}

/// A millisecond passes whenever a call waits.
struct Waits(Rc<Cell<u64>>);

impl Clock for Waits {
    fn now(&self) -> u64 {
        self.0.get()
    }
    fn idle(&self, _: Option<u64>) {
        self.0.set(self.0.get() + 1000);
    }
}

type Waiting = Esp8285<Port, Waits, 256>;

/// A driver on a paper modem, set up, that can wait.
fn waiting(script: &[(&str, &str)]) -> (common::Modem, Waiting, Rc<Cell<u64>>) {
    let (modem, wifi) = common::wifi(START_NONOS, Config::new());
    let now = Rc::new(Cell::new(0));
    let clock = Waits(now.clone());
    let mut wifi = Esp8285::with_config(wifi.release(), clock, Config::new());
    wifi.wait(|wifi| wifi.start()).unwrap();
    modem.expect(script);
    (modem, wifi, now)
}

#[test]
fn a_long_reply_arrives_whole_and_one_that_is_too_long_is_an_error() {
    let line = "+X:0123456789012345678901234567890\r\n";
    let fits = MAX_RESPONSE / line.len();
    let reply = |lines: usize| format!("{}\r\nOK\r\n", line.repeat(lines));
    let (_, mut wifi, _) = waiting(&[
        ("AT+X\r\n", &reply(fits)),
        ("AT+X\r\n", &reply(fits + 1)),
        ("AT+X\r\n", &reply(1)),
    ]);
    let Text(text) = AtatClient::send(&mut wifi, &Line("AT+X\r\n")).unwrap();
    assert_eq!(text, line.repeat(fits).trim_end());
    let error = AtatClient::send(&mut wifi, &Line("AT+X\r\n"));
    assert_eq!(error, Err(Error::Capacity));
    let Text(text) = AtatClient::send(&mut wifi, &Line("AT+X\r\n")).unwrap();
    assert_eq!(text, line.trim_end(), "nothing is left of the one before");
}

#[test]
fn unsolicited_lines_are_not_part_of_a_reply() {
    let reply = "+X:1\r\nWIFI CONNECTED\r\n+X:2\r\nWIFI GOT IP\r\n\r\nOK\r\n";
    let (_, mut wifi, _) = waiting(&[("AT+X\r\n", reply)]);
    let Text(text) = AtatClient::send(&mut wifi, &Line("AT+X\r\n")).unwrap();
    assert_eq!(text, "+X:1\r\n+X:2");
    assert_eq!(wifi.station(), atcmd_esp8285::Station::Up);
}

#[test]
fn error_is_an_error_and_the_next_command_is_not_touched_by_it() {
    let (_, mut wifi, _) = waiting(&[
        ("AT+X\r\n", "no such thing\r\n\r\nERROR\r\n"),
        ("AT+Y\r\n", "+Y:7\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(
        AtatClient::send(&mut wifi, &Line("AT+X\r\n")),
        Err(Error::Error)
    );
    assert_eq!(
        AtatClient::send(&mut wifi, &Line("AT+Y\r\n")),
        Ok(Text("+Y:7".into()))
    );
}

#[test]
fn no_reply_is_a_timeout_after_the_commands_own_time_and_the_late_one_is_nobodys() {
    let (modem, mut wifi, now) = waiting(&[("AT+X\r\n", "")]);
    let before = now.get();
    assert_eq!(
        AtatClient::send(&mut wifi, &Line("AT+X\r\n")),
        Err(Error::Timeout)
    );
    let took = now.get() - before;
    assert!((2_000_000..2_010_000).contains(&took), "{took}");
    // The modem is looked for; the answer it owed comes with that.
    modem.expect(&[
        ("AT\r\n", "+X:1\r\n\r\nOK\r\n\r\nOK\r\n"),
        ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n"),
        ("AT+Y\r\n", "+Y:7\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(
        AtatClient::send(&mut wifi, &Line("AT+Y\r\n")),
        Ok(Text("+Y:7".into()))
    );
}

#[test]
fn a_busy_modem_is_asked_again() {
    let (modem, mut wifi, now) = waiting(&[
        ("AT+X\r\n", "\r\nbusy p...\r\n"),
        ("AT+X\r\n", "\r\nbusy p...\r\n"),
        ("AT+X\r\n", "+X:1\r\n\r\nOK\r\n"),
    ]);
    let before = now.get();
    assert_eq!(
        AtatClient::send(&mut wifi, &Line("AT+X\r\n")),
        Ok(Text("+X:1".into()))
    );
    assert!((200_000..210_000).contains(&(now.get() - before)));
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_command_without_result_code_is_sent_and_not_waited_for() {
    let (modem, mut wifi, now) = waiting(&[("AT+GSLP=100\r\n", "")]);
    let before = now.get();
    assert_eq!(
        AtatClient::send(&mut wifi, &Unanswered("AT+GSLP=100\r\n")),
        Ok(Text(String::new()))
    );
    assert_eq!(modem.left(), 0);
    assert!(now.get() - before < 10_000);
}

#[test]
fn what_is_not_one_line_is_never_sent() {
    let (modem, mut wifi, _) = waiting(&[]);
    modem.written();
    for line in ["AT+X", "AT+X\n", "AT+X\r\nAT+Y\r\n", "", "\r"] {
        let error = AtatClient::send(&mut wifi, &Line(line));
        assert_eq!(error, Err(Error::Write), "{line:?}");
    }
    let too_long: &'static str = Box::leak(format!("AT+{}\r\n", "X".repeat(600)).into());
    assert_eq!(
        AtatClient::send(&mut wifi, &Line(too_long)),
        Err(Error::Write)
    );
    assert_eq!(modem.written(), "");
}

#[test]
fn a_restart_during_a_command_ends_it() {
    let (modem, mut wifi, _) = waiting(&[("AT+X\r\n", "\r\nready\r\n")]);
    modem.expect(START_NONOS);
    assert_eq!(
        AtatClient::send(&mut wifi, &Line("AT+X\r\n")),
        Err(Error::Aborted)
    );
    assert_eq!(wifi.wait(|wifi| wifi.start()), Ok::<_, ModemError>(()));
}
