//! Ping, network time, sleep, memory, version and restarts, per dialect, on a
//! paper modem.

mod common;

use core::net::Ipv4Addr;

use atcmd_esp8285::system::{NetworkTime, PingError, RoundTrip, SleepMode, TimeError};
use atcmd_esp8285::{Capability, Event, JoinError, ModemError, SocketError};
use common::{CONNECT_0, FIRMWARE, START_NONOS, Wifi, connect, connected, receive, started_as};
use embedded_nal::TcpClientStack;

/// The names of the dialects that have something, and of those that lack it.
fn split(capability: Capability) -> (Vec<&'static str>, Vec<&'static str>) {
    let names = FIRMWARE.iter().map(|f| f.0);
    names.partition(|name| {
        let all = atcmd_esp8285::Dialect::ALL;
        let dialect = all.iter().find(|d| d.name == *name).unwrap();
        dialect.has(capability)
    })
}

/// What lacks it says so, and sends nothing.
fn refused<T: core::fmt::Debug, E: PartialEq + From<ModemError> + core::fmt::Debug>(
    capability: Capability,
    missing: &[&str],
    mut call: impl FnMut(&mut Wifi) -> nb::Result<T, E>,
) {
    let (_, lacking) = split(capability);
    assert_eq!(lacking, missing);
    for name in lacking {
        let (modem, mut wifi) = started_as(name);
        let error = modem.drive(|| call(&mut wifi)).unwrap_err();
        assert_eq!(error, ModemError::Unsupported(capability.command()).into());
        assert_eq!(modem.written(), "", "{name}");
    }
}

#[test]
fn every_dialect_is_found_by_its_version_line() {
    for (name, _) in FIRMWARE {
        started_as(name);
    }
    assert_eq!(FIRMWARE.len(), atcmd_esp8285::Dialect::ALL.len());
}

#[test]
fn ping_takes_both_forms_of_answer_whatever_the_dialect() {
    let (having, _) = split(Capability::Ping);
    for name in having {
        for (reply, result) in [
            ("+12\r\n\r\nOK\r\n", Ok(RoundTrip { milliseconds: 12 })),
            ("+PING:7\r\n\r\nOK\r\n", Ok(RoundTrip { milliseconds: 7 })),
            (
                "0,CLOSED\r\nto read 12 bytes\r\n+PING:0\r\n\r\nOK\r\n",
                Ok(RoundTrip { milliseconds: 0 }),
            ),
            ("+timeout\r\n\r\nERROR\r\n", Err(PingError::TimedOut)),
            ("+PING:TIMEOUT\r\n\r\nERROR\r\n", Err(PingError::TimedOut)),
            ("DNS Fail\r\n\r\nERROR\r\n", Err(PingError::NotFound)),
            ("\r\nERROR\r\n", Err(PingError::NotFound)),
            ("no ip\r\n\r\nERROR\r\n", Err(PingError::NoAddress)),
            ("\r\nOK\r\n", Err(PingError::Modem(ModemError::Unreadable))),
        ] {
            let (modem, mut wifi) = started_as(name);
            modem.expect(&[("AT+PING=\"example.com\"\r\n", reply)]);
            let found = modem.drive(|| wifi.ping("example.com"));
            assert_eq!(found, result, "{name} {reply:?}");
            assert_eq!(modem.left(), 0);
        }
    }
}

#[test]
fn an_address_is_pinged_like_a_name() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[("AT+PING=\"192.168.0.1\"\r\n", "+3\r\n\r\nOK\r\n")]);
    let trip = modem.drive(|| wifi.ping(Ipv4Addr::new(192, 168, 0, 1)));
    assert_eq!(trip.unwrap().milliseconds, 3);
}

#[test]
fn a_ping_that_is_not_answered_ends_after_fifteen_seconds() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[("AT+PING=\"a\"\r\n", "")]);
    let before = modem.now();
    let result = modem.drive(|| wifi.ping("a"));
    assert_eq!(result, Err(PingError::Modem(ModemError::NoReply)));
    let took = modem.now() - before;
    assert!((15_000_000..15_100_000).contains(&took), "{took}");
}

#[test]
fn ping_is_refused_where_it_does_not_exist() {
    refused(Capability::Ping, &["NonOS 0.2x", "ESP_ATMod"], |wifi| {
        wifi.ping("a.org")
    });
}

#[test]
fn a_host_that_cannot_be_sent_is_not_pinged() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    for bad in ["", "a b", "a\"", "a\r\nAT+RST", &"x".repeat(65)] {
        let error = modem.drive(|| wifi.ping(bad)).unwrap_err();
        assert!(matches!(error, PingError::InvalidName(_)), "{bad:?}");
    }
    assert_eq!(modem.written(), "");
}

#[test]
fn time_servers_in_exact_bytes() {
    let (having, _) = split(Capability::NetworkTime);
    for name in having {
        for (timezone, servers, line) in [
            (0, &[][..], "AT+CIPSNTPCFG=1,0\r\n"),
            (-11, &[], "AT+CIPSNTPCFG=1,-11\r\n"),
            (
                8,
                &["a.org", "b.org", "c.org"],
                "AT+CIPSNTPCFG=1,8,\"a.org\",\"b.org\",\"c.org\"\r\n",
            ),
        ] {
            let (modem, mut wifi) = started_as(name);
            modem.expect(&[(line, "\r\nOK\r\n")]);
            let result = modem.drive(|| wifi.set_time_servers(timezone, servers));
            assert_eq!(result, Ok(()), "{name}");
            assert_eq!(modem.left(), 0);
        }
    }
}

#[test]
fn time_servers_that_cannot_be_sent() {
    let (modem, mut wifi) = started_as("NonOS 1.4-1.6");
    let mut set =
        |timezone, servers: &[&str]| modem.drive(|| wifi.set_time_servers(timezone, servers));
    assert_eq!(set(15, &[]), Err(TimeError::InvalidTimezone));
    assert_eq!(set(-13, &[]), Err(TimeError::InvalidTimezone));
    assert_eq!(set(0, &["a"; 4]), Err(TimeError::TooManyServers));
    let bad = set(0, &["a", "b\"c"]);
    assert!(matches!(bad, Err(TimeError::InvalidServer(_))));
    // Old firmware takes 128 bytes of line.
    let long = "x".repeat(60);
    let bad = set(0, &[&long, &long]);
    assert!(matches!(
        bad,
        Err(TimeError::Modem(ModemError::LineTooLong { .. }))
    ));
    assert_eq!(modem.written(), "");
}

#[test]
fn the_time_in_both_forms_with_and_without_a_line_end() {
    let (having, _) = split(Capability::NetworkTime);
    let expected = NetworkTime {
        year: 2021,
        month: 10,
        day: 9,
        hour: 17,
        minute: 47,
        second: 56,
    };
    for name in having {
        for reply in [
            "+CIPSNTPTIME:Sat Oct 09 17:47:56 2021\r\n\r\nOK\r\n",
            "+CIPSNTPTIME:Sat Oct 09 17:47:56 2021\r\nOK\r\n",
            "+CIPSNTPTIME:Sat Oct  9 17:47:56 2021\r\nOK\r\n",
            "WIFI GOT IP\r\n+CIPSNTPTIME:Sat Oct  9 17:47:56 2021\r\n\r\nOK\r\n",
        ] {
            let (modem, mut wifi) = started_as(name);
            modem.expect(&[("AT+CIPSNTPTIME?\r\n", reply)]);
            let time = modem.drive(|| wifi.network_time());
            assert_eq!(time, Ok(expected), "{name} {reply:?}");
            assert_eq!(expected.seconds(), 1_633_801_676);
        }
    }
}

#[test]
fn in_1970_there_is_no_time_yet() {
    for (value, error) in [
        ("Thu Jan 01 00:00:00 1970", TimeError::NotYet),
        ("Thu Jan  1 08:00:00 1970", TimeError::NotYet),
        ("Wed Dec 31 19:00:00 1969", TimeError::NotYet),
        ("soon", TimeError::Modem(ModemError::Unreadable)),
    ] {
        let (modem, mut wifi) = started_as("NonOS 1.7");
        let reply = format!("+CIPSNTPTIME:{value}\r\n\r\nOK\r\n");
        modem.expect(&[("AT+CIPSNTPTIME?\r\n", &reply)]);
        assert_eq!(modem.drive(|| wifi.network_time()), Err(error), "{value}");
    }
}

#[test]
fn time_is_refused_where_it_does_not_exist() {
    let missing = ["NonOS 0.2x", "NonOS 1.1-1.3"];
    refused(Capability::NetworkTime, &missing, |wifi| {
        wifi.network_time()
    });
    refused(Capability::NetworkTime, &missing, |wifi| {
        wifi.set_time_servers(0, &[])
    });
}

#[test]
fn sleep_modes_have_swapped_numbers() {
    let (having, _) = split(Capability::Sleep);
    for name in having {
        let esp_at = name.starts_with("ESP-AT");
        let (light, modem_sleep) = if esp_at { (2, 1) } else { (1, 2) };
        for (mode, number) in [
            (SleepMode::Off, 0),
            (SleepMode::Light, light),
            (SleepMode::Modem, modem_sleep),
        ] {
            let (modem, mut wifi) = started_as(name);
            modem.expect(&[(&format!("AT+SLEEP={number}\r\n"), "\r\nOK\r\n")]);
            assert_eq!(modem.drive(|| wifi.sleep_mode(mode)), Ok(()), "{name}");
        }
    }
    refused(Capability::Sleep, &["NonOS 0.2x", "ESP_ATMod"], |wifi| {
        wifi.sleep_mode(SleepMode::Off)
    });
}

#[test]
fn free_memory_with_and_without_its_lowest() {
    let (having, _) = split(Capability::FreeMemory);
    for name in having {
        for (reply, free, lowest) in [
            ("+SYSRAM:39584\r\n\r\nOK\r\n", 39_584, None),
            ("+SYSRAM:148408,84044\r\nOK\r\n", 148_408, Some(84_044)),
        ] {
            let (modem, mut wifi) = started_as(name);
            modem.expect(&[("AT+SYSRAM?\r\n", reply)]);
            let memory = modem.drive(|| wifi.free_memory()).unwrap();
            assert_eq!((memory.free, memory.lowest), (free, lowest));
        }
    }
    let missing = ["NonOS 0.2x", "NonOS 1.1-1.3"];
    refused(Capability::FreeMemory, &missing, |wifi| wifi.free_memory());
}

#[test]
fn the_version_in_the_modems_own_words() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[START_NONOS[2]]);
    let version = modem.drive(|| wifi.version()).unwrap();
    assert_eq!(version.at().unwrap().to_string(), "1.7.4");
    assert_eq!(version.sdk().unwrap().to_string(), "3.0.4");
    assert_eq!(version.lines().count(), 4);
    assert_eq!(
        version.lines().last().unwrap(),
        b"Bin version(Wroom 02):1.7.4"
    );
}

#[test]
fn reset_waits_for_ready_and_sets_up_again() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    while wifi.next_event().is_some() {}
    modem.expect(&[("AT+RST\r\n", "\r\nOK\r\n")]);
    assert_eq!(wifi.reset(), Err(nb::Error::WouldBlock));
    // What a restarting modem says before it is one again.
    modem.say(b"0,CLOSED\r\nWIFI DISCONNECT\r\n\xff\0> \r\n ets Jan  8 2013,rst cause:2\r\nOK\r\n");
    for _ in 0..500 {
        assert_eq!(wifi.reset(), Err(nb::Error::WouldBlock));
        modem.pass(1000);
    }
    modem.expect(START_NONOS);
    modem.say("\r\nready\r\n");
    assert_eq!(modem.drive(|| wifi.reset()), Ok(()));
    assert_eq!(modem.left(), 0);
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket),
        Err(SocketError::Modem(ModemError::Restarted))
    );
    // It was asked for, so it is nothing that "happened".
    let events: Vec<Event> = core::iter::from_fn(|| wifi.next_event()).collect();
    assert!(!events.contains(&Event::Restarted), "{events:?}");
    assert!(events.contains(&Event::Ready));
    wifi.close(socket).unwrap();
    modem.expect(&[CONNECT_0]);
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    // The next reset is another one.
    modem.expect(&[("AT+RST\r\n", "\r\nOK\r\n")]);
    assert_eq!(wifi.reset(), Err(nb::Error::WouldBlock));
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_reset_whose_ready_is_lost_is_found_by_asking() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[("AT+RST\r\n", "\r\nOK\r\n")]);
    modem.expect(START_NONOS);
    let before = modem.now();
    assert_eq!(modem.drive(|| wifi.reset()), Ok(()));
    let took = modem.now() - before;
    assert!((3_000_000..3_100_000).contains(&took), "{took}");
}

#[test]
fn a_reset_the_modem_does_not_survive_is_no_reply() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[("AT+RST\r\n", "\r\nOK\r\n")]);
    let result = modem.drive(|| wifi.reset());
    assert_eq!(result, Err(ModemError::NoReply));
    assert!(modem.now() < 14_000_000);
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[("AT+RST\r\n", "\r\nERROR\r\n")]);
    assert_eq!(
        modem.drive(|| wifi.reset()),
        Err(ModemError::Rejected),
        "refused"
    );
}

#[test]
fn esp_at_is_reset_out_of_whatever_it_is_doing() {
    for (name, _) in FIRMWARE.iter().filter(|f| f.0.starts_with("ESP-AT")) {
        let (modem, mut wifi) = started_as(name);
        modem.expect(&[("AT+CWJAP=\"s\",\"p\"\r\n", "")]);
        assert_eq!(wifi.join("s", "p"), Err(nb::Error::WouldBlock));
        modem.expect(&[("AT+RST\r\n", "\r\nWill force to restart!!!\r\n\r\nOK\r\n")]);
        assert_eq!(wifi.reset(), Err(nb::Error::WouldBlock));
        assert_eq!(modem.left(), 0, "{name}: at once");
        wifi.poll().unwrap();
        let restarted = JoinError::Modem(ModemError::Restarted);
        assert_eq!(wifi.join("s", "p"), Err(nb::Error::Other(restarted)));
        modem.ease(Some(FIRMWARE.iter().find(|f| f.0 == *name).unwrap().1));
        modem.say("\r\nready\r\n");
        assert_eq!(modem.drive(|| wifi.reset()), Ok(()));
    }
}

#[test]
fn a_busy_nonos_modem_is_reset_when_it_listens_again() {
    let (modem, mut wifi) = started_as("NonOS 1.7");
    modem.expect(&[("AT+CWJAP_CUR=\"s\",\"p\"\r\n", "")]);
    assert_eq!(wifi.join("s", "p"), Err(nb::Error::WouldBlock));
    assert_eq!(wifi.reset(), Err(nb::Error::WouldBlock));
    modem.written();
    modem.expect(&[
        ("AT+RST\r\n", "\r\nbusy p...\r\n"),
        ("AT+RST\r\n", "\r\nOK\r\n\r\nready\r\n"),
    ]);
    modem.expect(START_NONOS);
    modem.say("WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n");
    assert_eq!(modem.drive(|| wifi.reset()), Ok(()));
    assert_eq!(modem.left(), 0);
}

#[test]
fn restore_is_refused_where_it_does_not_exist_and_sent_elsewhere() {
    refused(Capability::Restore, &["NonOS 0.2x"], |wifi| {
        wifi.restore(|_, _| panic!("the host is at 115200 already"))
    });
    let (having, _) = split(Capability::Restore);
    for name in having {
        let (modem, mut wifi) = started_as(name);
        modem.expect(&[("AT+RESTORE\r\n", "\r\nOK\r\n")]);
        let mut restore = || wifi.restore(|_, _| panic!("the host is at 115200 already"));
        assert_eq!(restore(), Err(nb::Error::WouldBlock));
        modem.pass(1000);
        assert_eq!(restore(), Err(nb::Error::WouldBlock));
        assert_eq!(modem.left(), 0);
        modem.ease(Some(FIRMWARE.iter().find(|f| f.0 == name).unwrap().1));
        modem.say("\r\nready\r\n");
        assert_eq!(modem.drive(restore), Ok(()), "{name}");
    }
}

#[test]
fn deep_sleep_ends_with_ready() {
    let (having, _) = split(Capability::DeepSleep);
    for name in having {
        let (modem, mut wifi) = started_as(name);
        modem.expect(&[("AT+GSLP=60000\r\n", "60000\r\n\r\nOK\r\n")]);
        assert_eq!(modem.drive(|| wifi.deep_sleep(60_000)), Ok(()));
        assert_eq!(modem.left(), 0);
        // Asleep: nothing is sent by polling.
        modem.written();
        for _ in 0..60_000 {
            modem.pass(1000);
            wifi.poll().unwrap();
        }
        assert_eq!(modem.written(), "");
        modem.ease(Some(FIRMWARE.iter().find(|f| f.0 == name).unwrap().1));
        modem.say("\r\nready\r\n");
        for _ in 0..1000 {
            modem.pass(1000);
            wifi.poll().unwrap();
        }
        assert!(wifi.dialect().is_some(), "{name}: set up by itself");
        while wifi.next_event().is_some_and(|e| e != Event::Ready) {}
    }
    refused(Capability::DeepSleep, &["ESP_ATMod"], |wifi| {
        wifi.deep_sleep(1)
    });
}

#[test]
fn a_sleeping_modem_does_not_answer_and_still_wakes_the_driver() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[("AT+GSLP=0\r\n", "0\r\n\r\nOK\r\n")]);
    assert_eq!(modem.drive(|| wifi.deep_sleep(0)), Ok(()));
    let mut buf = [0; 8];
    let ended = wifi.receive(&mut socket, &mut buf);
    let restarted = SocketError::Modem(ModemError::Restarted);
    assert_eq!(ended, Err(nb::Error::Other(restarted)));
    assert_eq!(modem.drive(|| wifi.start()), Err(ModemError::NoReply));
    modem.expect(START_NONOS);
    modem.say("\r\nready\r\n");
    assert_eq!(modem.drive(|| wifi.start()), Ok(()));
}

#[test]
fn the_enable_pin_is_low_for_a_tenth_of_a_second() {
    use embedded_hal::digital::{ErrorType, OutputPin};

    struct Pin(common::Modem, Vec<(bool, u64)>);
    impl ErrorType for Pin {
        type Error = core::convert::Infallible;
    }
    impl OutputPin for Pin {
        fn set_low(&mut self) -> Result<(), Self::Error> {
            self.1.push((false, self.0.now()));
            Ok(())
        }
        fn set_high(&mut self) -> Result<(), Self::Error> {
            self.1.push((true, self.0.now()));
            self.0.say("\x7f> \r\n\r\nready\r\n");
            Ok(())
        }
    }

    // In the middle of a send, which no command could end.
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[("AT+CIPSEND=0,3\r\n", "\r\nOK\r\n")]);
    assert_eq!(TcpClientStack::send(&mut wifi, &mut socket, b"abc"), Ok(3));
    wifi.poll().unwrap();
    let began = modem.now();
    let mut pin = Pin(modem.clone(), vec![]);
    modem.expect(START_NONOS);
    assert_eq!(modem.drive(|| wifi.reset_by_pin(&mut pin)), Ok(()));
    assert_eq!(pin.1, [(false, began), (true, began + 100_000)]);
    assert_eq!(modem.left(), 0);
    let restarted = SocketError::Modem(ModemError::Restarted);
    assert_eq!(receive(&modem, &mut wifi, &mut socket), Err(restarted));
    // And of a modem that was given up.
    let (modem, mut wifi) = common::wifi(&[], atcmd_esp8285::Config::new());
    assert_eq!(modem.drive(|| wifi.start()), Err(ModemError::NoReply));
    modem.expect(START_NONOS);
    let mut pin = Pin(modem.clone(), vec![]);
    assert_eq!(modem.drive(|| wifi.reset_by_pin(&mut pin)), Ok(()));
}

#[test]
fn an_enable_pin_that_does_not_help_is_no_reply() {
    struct Loose;
    impl embedded_hal::digital::ErrorType for Loose {
        type Error = core::convert::Infallible;
    }
    impl embedded_hal::digital::OutputPin for Loose {
        fn set_low(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
        fn set_high(&mut self) -> Result<(), Self::Error> {
            Ok(())
        }
    }
    let (modem, mut wifi) = common::wifi(&[], atcmd_esp8285::Config::new());
    let result = modem.drive(|| wifi.reset_by_pin(&mut Loose));
    let expected = atcmd_esp8285::system::PinResetError::Modem(ModemError::NoReply);
    assert_eq!(result, Err(expected));
    assert!(modem.now() < 14_000_000);
}
