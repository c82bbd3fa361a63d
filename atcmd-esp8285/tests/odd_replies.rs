//! Replies that are late, odd or lacking: what is made of them, and that what
//! was said earlier is not taken for an answer.

mod common;

use atcmd_esp8285::at::atat::blocking::AtatClient;
use atcmd_esp8285::at::atat::{AtatCmd, AtatResp, Error, InternalError};
use atcmd_esp8285::system::NetworkTime;
use atcmd_esp8285::wifi::{AccessPointConfig, AccessPointError};
use atcmd_esp8285::{Config, ModemError};
use common::{Modem, START_NONOS, Wifi, started, started_as, wifi};

/// A driver whose modem says these lines of itself.
fn introduced(lines: &str) -> Wifi {
    let (modem, mut wifi) = wifi(&[], Config::new());
    modem.ease(Some(lines));
    modem.drive(|| wifi.start()).unwrap();
    wifi
}

#[test]
fn a_later_line_that_starts_with_a_digit_is_no_version() {
    for rest in ["02 Jun 2021", "0.9.5 by a vendor", "0,CONNECT FAIL", "0020"] {
        let wifi = introduced(&format!("AT version:1.7.4.0(May 11 2020)\r\n{rest}"));
        assert_eq!(wifi.dialect().unwrap().name, "NonOS 1.7", "{rest}");
    }
    let wifi = introduced("0,CONNECT FAIL\r\n0020000903");
    assert_eq!(wifi.dialect().unwrap().name, "NonOS 0.2x");
}

#[test]
fn no_change_of_the_mode_is_no_answer_about_the_access_point() {
    let (modem, mut wifi) = started_as("NonOS 0.2x");
    modem.expect(&[
        ("AT+CWMODE=3\r\n", "no change\r\n"),
        ("AT+CWSAP=\"cam\",\"12345678\",1,3\r\n", ""),
    ]);
    let config = AccessPointConfig::new("cam", "12345678");
    let result = modem.drive(|| wifi.start_access_point(&config));
    assert_eq!(result, Err(AccessPointError::Modem(ModemError::NoReply)));
}

#[test]
fn no_change_counts_among_other_lines() {
    let (modem, mut wifi) = started_as("NonOS 0.2x");
    modem.expect(&[
        ("AT+CWMODE=3\r\n", "local port:1\r\nno change\r\n"),
        ("AT+CWSAP=\"cam\",\"12345678\",1,3\r\n", "\r\nOK\r\n"),
    ]);
    let config = AccessPointConfig::new("cam", "12345678");
    modem.drive(|| wifi.start_access_point(&config)).unwrap();
}

#[test]
fn busy_for_ever_is_rejected_not_silence() {
    let (modem, mut wifi) = started(START_NONOS);
    let began = modem.now();
    let result = modem.drive(|| {
        if modem.written().contains("AT+SYSRAM?") {
            modem.say("\r\nbusy p...\r\n");
        }
        wifi.free_memory()
    });
    assert_eq!(result, Err(ModemError::Rejected));
    assert_eq!((modem.now() - began) / 1_000_000, 26);

    let (modem, mut wifi) = started(START_NONOS);
    let result = modem.drive(|| {
        if modem.written().contains("AT+RST") {
            modem.say("\r\nbusy p...\r\n");
        }
        wifi.reset()
    });
    assert_eq!(result, Err(ModemError::Rejected));
}

#[test]
fn a_join_left_for_long_is_asked_for_anew() {
    let (modem, mut wifi) = started(START_NONOS);
    let joined = "WIFI CONNECTED\r\n\r\nOK\r\n";
    modem.expect(&[("AT+CWJAP_CUR=\"net\",\"password\"\r\n", joined)]);
    for _ in 0..20 {
        wifi.join("net", "password").unwrap_err();
        modem.pass(1000);
    }
    // Nobody asks how it went until long after.
    modem.pass(3_600_000_000);
    let answer = "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n";
    modem.expect(&[("AT+CWJAP_CUR=\"net\",\"password\"\r\n", answer)]);
    modem.drive(|| wifi.join("net", "password")).unwrap();
    assert_eq!(modem.left(), 0, "not asked for again");
}

#[test]
fn a_modem_that_goes_on_echoing_is_asked_other_things_too() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        ("AT+SYSRAM?\r\n", "AT+SYSRAM?\r\n+SYSRAM:1\r\n\r\nOK\r\n"),
        ("AT+CIPMUX?\r\n", "AT+CIPMUX?\r\n+CIPMUX:1\r\n\r\nOK\r\n"),
        (
            "AT+CWHOSTNAME?\r\n",
            "AT+CWHOSTNAME?\r\n+CWHOSTNAME:cam\r\n\r\nOK\r\n",
        ),
    ]);
    assert_eq!(modem.drive(|| wifi.free_memory()).unwrap().free, 1);
    let name = modem.drive(|| wifi.host_name()).unwrap();
    assert_eq!(name.as_str(), Some("cam"));
}

#[test]
fn a_day_the_month_does_not_have_is_no_time() {
    let asked = |modem: &Modem, wifi: &mut Wifi, day: &str| -> Option<NetworkTime> {
        let reply = format!("+CIPSNTPTIME:{day}\r\n\r\nOK\r\n");
        modem.expect(&[("AT+CIPSNTPTIME?\r\n", &reply)]);
        modem.drive(|| wifi.network_time()).ok()
    };
    let (modem, mut wifi) = started(START_NONOS);
    for day in ["Thu Apr 31 00:00:00 2020", "Thu Feb 29 00:00:00 2021"] {
        assert_eq!(asked(&modem, &mut wifi, day), None);
    }
    assert!(asked(&modem, &mut wifi, "Sat Feb 29 00:00:00 2020").is_some());
}

/// A line of its length.
struct Long(usize);

#[derive(Debug)]
struct Done;
impl AtatResp for Done {}

impl AtatCmd for Long {
    type Response = Done;
    fn write(&self, buf: &mut [u8]) -> usize {
        let line = format!("AT+{:a<1$}\r\n", "", self.0 - 5);
        buf[..line.len()].copy_from_slice(line.as_bytes());
        line.len()
    }
    fn parse(&self, reply: Result<&[u8], InternalError<'_>>) -> Result<Done, Error> {
        reply.map(|_| Done).map_err(Error::from)
    }
}

#[test]
fn a_command_longer_than_the_firmware_takes_is_not_sent() {
    // Its tail would be read as the start of another command.
    for (name, max) in [("NonOS 1.4-1.6", 128), ("ESP-AT 2.2", 256)] {
        let (modem, mut wifi) = started_as(name);
        modem.ease(Some("-"));
        wifi.send(&Long(max)).unwrap();
        modem.written();
        assert_eq!(wifi.send(&Long(max + 1)).unwrap_err(), Error::Write);
        assert_eq!(modem.written(), "", "{name}");
    }
}
