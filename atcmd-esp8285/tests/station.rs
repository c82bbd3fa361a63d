//! The station on a paper modem: joining in every form, what it is joined to,
//! its addresses and settings, in every dialect.

mod common;

use std::net::Ipv4Addr;

use atcmd_esp8285::error::InvalidText;
use atcmd_esp8285::wifi::{
    Interface, Ipv4Config, JoinOptions, MacAddress, SettingError, StationStatus,
};
use atcmd_esp8285::{Capability, Dialect, JoinError, ModemError, Station};
use common::{FIRMWARE, Modem, START_ESP_AT, START_NONOS, Wifi, started, started_as};

const OK: &str = "\r\nOK\r\n";
const BSSID: MacAddress = MacAddress([0x18, 0xfe, 0x34, 1, 2, 3]);

fn dialect(name: &str) -> &'static Dialect {
    Dialect::ALL.iter().find(|d| d.name == name).unwrap()
}

fn suffix(name: &str) -> &'static str {
    if dialect(name).cur_suffix { "_CUR" } else { "" }
}

/// Makes a call in each dialect that has `capability`, after `line` with its
/// `<CUR>` replaced was put in the script; in the others it must be refused
/// with the command's name and without a word.
fn in_every_dialect<T: core::fmt::Debug, E: core::fmt::Display + core::fmt::Debug>(
    capability: Option<Capability>,
    line: &str,
    reply: &str,
    mut call: impl FnMut(&Modem, &mut Wifi) -> Result<T, E>,
    check: impl Fn(&str, T),
) {
    for (name, _) in FIRMWARE {
        let (modem, mut wifi) = started_as(name);
        if let Some(lacked) = capability.filter(|c| !dialect(name).has(*c)) {
            let error = call(&modem, &mut wifi).unwrap_err().to_string();
            assert!(error.contains(lacked.command()), "{name}: {error}");
            assert_eq!(modem.written(), "", "{name}");
            continue;
        }
        let line = line.replace("<CUR>", suffix(name));
        let reply = reply.replace("<CUR>", suffix(name));
        modem.expect(&[(&line, &(reply + OK))]);
        check(name, call(&modem, &mut wifi).unwrap());
        assert_eq!(modem.left(), 0, "{name}");
    }
}

#[test]
fn a_join_succeeds_however_the_modem_says_it() {
    for reply in [
        "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n",
        "WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n",
        "WIFI DISCONNECT (8)\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n",
        "WIFI CONNECTED\r\n\r\nOK\r\nWIFI GOT IP\r\n",
        "\r\nOK\r\n",
        "\r\nbusy p...\r\n",
    ] {
        for (name, _) in FIRMWARE {
            let (modem, mut wifi) = started_as(name);
            let line = format!("AT+CWJAP{}=\"s\",\"12345678\"\r\n", suffix(name));
            modem.expect(&[(&line, reply)]);
            if reply.contains("busy") {
                modem.expect(&[(&line, OK)]);
            }
            let result = modem.drive(|| wifi.join("s", "12345678"));
            assert_eq!(result, Ok(()), "{name}: {reply}");
            if reply.contains("GOT IP") {
                assert_eq!(wifi.station(), Station::Up, "{name}: {reply}");
            }
            assert_eq!(modem.left(), 0);
        }
    }
}

#[test]
fn a_join_waits_for_the_address_but_not_for_ever() {
    for (wait, limit) in [(Some(3_000_000), 4_000_000), (None, 11_000_000)] {
        let (modem, mut wifi) = started(START_NONOS);
        let line = "AT+CWJAP_CUR=\"s\",\"12345678\"\r\n";
        modem.expect(&[(line, "WIFI CONNECTED\r\n\r\nOK\r\n")]);
        let began = modem.now();
        let result = modem.drive(|| {
            if wait.is_some_and(|wait| modem.now() >= began + wait) {
                modem.say("WIFI GOT IP\r\n");
            }
            wifi.join("s", "12345678")
        });
        assert_eq!(result, Ok(()));
        let took = modem.now() - began;
        assert!(took >= wait.unwrap_or(10_000_000) && took < limit, "{took}");
        // It was joined once, not again and again.
        assert_eq!(modem.written().matches("CWJAP").count(), 1);
    }
}

#[test]
fn join_options_in_every_dialect() {
    for (name, _) in FIRMWARE {
        let (modem, mut wifi) = started_as(name);
        let options = JoinOptions::new(b"caf\xe9", "12345678")
            .bssid(BSSID)
            .timeout(1000);
        let current = suffix(name);
        let mut line = format!("AT+CWJAP{current}=\"caf").into_bytes();
        line.extend(b"\xe9\",\"12345678\",\"18:fe:34:01:02:03\"");
        match *name {
            "NonOS 0.2x" => {
                let result = modem.drive(|| wifi.join_with(&options));
                let lacks = ModemError::Unsupported("AT+CWJAP (BSSID)");
                assert_eq!(result, Err(JoinError::Modem(lacks)));
                continue;
            }
            "ESP-AT 2.2" | "ESP-AT 2.3" => line.extend(b",,,,,600"),
            _ => {}
        }
        line.extend(b"\r\n");
        for _ in 0..20 {
            let _ = wifi.join_with(&options);
            modem.pass(1000);
        }
        let expected = String::from_utf8_lossy(&line).into_owned();
        assert_eq!(modem.written(), expected, "{name}");
        modem.say(OK);
        assert_eq!(modem.drive(|| wifi.join_with(&options)), Ok(()), "{name}");
    }
}

#[test]
fn the_drivers_deadline_follows_the_time_it_could_tell_the_modem() {
    for (name, seconds) in [("ESP-AT 2.2", 130), ("ESP-AT 2.1", 25), ("NonOS 1.7", 25)] {
        let (modem, mut wifi) = started_as(name);
        let options = JoinOptions::new("s", "12345678").timeout(120);
        let began = modem.now();
        let result = modem.drive(|| wifi.join_with(&options));
        assert_eq!(result, Err(JoinError::Modem(ModemError::NoReply)));
        assert_eq!((modem.now() - began) / 1_000_000, seconds, "{name}");
    }
}

#[test]
fn what_old_firmware_cannot_take_is_refused_before_anything_is_sent() {
    let too_long = JoinError::Modem(ModemError::LineTooLong { max: 128 });
    let (ssid, password) = ("s".repeat(32), "p".repeat(63));
    for (name, fits) in [
        ("NonOS 1.1-1.3", false),
        ("NonOS 1.4-1.6", false),
        ("NonOS 1.7", true),
        ("ESP-AT 2.0", true),
    ] {
        let (modem, mut wifi) = started_as(name);
        let options = JoinOptions::new(&ssid, &password).bssid(BSSID);
        let first = wifi.join_with(&options);
        if fits {
            assert_eq!(first, Err(nb::Error::WouldBlock), "{name}");
        } else {
            assert_eq!(first, Err(nb::Error::Other(too_long)), "{name}");
            assert_eq!(modem.written(), "");
            // Without the BSSID it fits.
            let without = JoinOptions::new(&ssid, &password);
            assert_eq!(wifi.join_with(&without), Err(nb::Error::WouldBlock));
        }
    }
    let (modem, mut wifi) = started_as("NonOS 0.2x");
    for (ssid, password, error) in [
        (
            &*ssid,
            "",
            JoinError::InvalidSsid(InvalidText::TooLong { max: 31 }),
        ),
        (
            "s",
            &"p".repeat(64),
            JoinError::InvalidPassword(InvalidText::TooLong { max: 63 }),
        ),
        ("a,b", "", JoinError::InvalidSsid(InvalidText::NeedsEscapes)),
        (
            "s",
            "p\"q",
            JoinError::InvalidPassword(InvalidText::NeedsEscapes),
        ),
    ] {
        assert_eq!(wifi.join(ssid, password), Err(nb::Error::Other(error)));
    }
    assert_eq!(modem.written(), "");
}

#[test]
fn status_in_the_forms_of_every_dialect() {
    let joined = [
        ("NonOS 0.2x", "+CWJAP:\"a\",\"b\"\r\n"),
        (
            "NonOS 1.1-1.3",
            "+CWJAP_CUR:\"a\",\"b\",\"18:fe:34:01:02:03\",6,-58\r\n",
        ),
        (
            "NonOS 1.7",
            "+CWJAP_CUR:\"a\",\"b\",\"18:fe:34:01:02:03\",6,-58,0\r\n",
        ),
        (
            "ESP-AT 2.0",
            "+CWJAP:\"a\",\"b\",\"18:fe:34:01:02:03\",6,-58,0,1,3\r\n",
        ),
        (
            "ESP-AT 2.2",
            "+CWJAP:\"a\",\"b\",\"18:fe:34:01:02:03\",6,-58,0,1,3,0,1\r\n",
        ),
        (
            "ESP_ATMod",
            "+CWJAP_CUR:\"a\",\"b\",\"18:FE:34:01:02:03\",6,-58\r\n",
        ),
    ];
    for (name, reply) in joined {
        let (modem, mut wifi) = started_as(name);
        let query = format!("AT+CWJAP{}?\r\n", suffix(name));
        let reply = format!("{reply}{OK}");
        let addresses = "+CISFR:STAIP,\"10.0.0.7\"\r\n+CIFSR:STAMAC,\"18:fe:34:09:09:09\"\r\n";
        modem.expect(&[
            (&query, &reply),
            ("AT+CIFSR\r\n", &format!("{addresses}{OK}")),
        ]);
        let status = modem.drive(|| wifi.station_status()).unwrap();
        let network = status.joined.unwrap();
        assert_eq!(network.ssid.as_bytes(), b"a\",\"b", "{name}");
        assert_eq!(status.address, Some(Ipv4Addr::new(10, 0, 0, 7)));
        modem.expect(&[(&query, &reply)]);
        let alone = modem.drive(|| wifi.joined_network());
        assert_eq!(alone, Ok(Some(network)), "{name}");
        if name == "NonOS 0.2x" {
            assert_eq!((network.bssid, network.rssi), (None, None));
            let rssi = modem.drive(|| wifi.rssi()).unwrap_err();
            assert!(matches!(rssi, ModemError::Unsupported(_)));
        } else {
            assert_eq!((network.bssid, network.rssi), (Some(BSSID), Some(-58)));
            modem.expect(&[(&query, &reply)]);
            assert_eq!(modem.drive(|| wifi.rssi()), Ok(Some(-58)));
        }
    }
}

#[test]
fn a_station_that_is_not_joined_says_so_in_two_ways() {
    for (start, reply) in [(START_NONOS, "No AP\r\n"), (START_ESP_AT, "")] {
        let (modem, mut wifi) = started(start);
        let current = if start == START_NONOS { "_CUR" } else { "" };
        let query = format!("AT+CWJAP{current}?\r\n");
        let reply = format!("{reply}{OK}");
        let none = "+CIFSR:STAIP,\"0.0.0.0\"\r\n+CIFSR:STAMAC,\"18:fe:34:01:02:03\"\r\n\r\nOK\r\n";
        modem.expect(&[(&query, &reply), ("AT+CIFSR\r\n", none), (&query, &reply)]);
        let StationStatus {
            joined, address, ..
        } = modem.drive(|| wifi.station_status()).unwrap();
        assert_eq!((joined, address), (None, None));
        assert_eq!(modem.drive(|| wifi.rssi()), Ok(None));
        modem.expect(&[(&query, &reply)]);
        assert_eq!(modem.drive(|| wifi.joined_network()), Ok(None));
    }
}

#[test]
fn station_settings_in_every_dialect() {
    let auto_join = Some(Capability::AutoJoin);
    in_every_dialect(
        auto_join,
        "AT+CWAUTOCONN=0\r\n",
        "",
        |m, w| m.drive(|| w.set_auto_join(false)),
        |_, ()| (),
    );
    let reconnect = Some(Capability::Reconnect);
    in_every_dialect(
        reconnect,
        "AT+CWRECONNCFG=1,100\r\n",
        "",
        |m, w| m.drive(|| w.set_reconnect(1, 100)),
        |_, ()| (),
    );
    let dns = Some(Capability::DnsServers);
    let server = Ipv4Addr::new(9, 9, 9, 9);
    in_every_dialect(
        dns,
        "AT+CIPDNS<CUR>=1,\"9.9.9.9\"\r\n",
        "",
        |m, w| m.drive(|| w.set_dns_servers(&[server])),
        |_, ()| (),
    );
    in_every_dialect(
        dns,
        "AT+CIPDNS<CUR>?\r\n",
        "+CIPDNS<CUR>:1,\"9.9.9.9\"\r\n",
        |m, w| m.drive(|| w.dns_servers()),
        |_, servers| {
            assert!(servers.iter().eq([server]));
        },
    );
    let name = Some(Capability::HostName);
    in_every_dialect(
        name,
        "AT+CWHOSTNAME=\"maix-1\"\r\n",
        "",
        |m, w| m.drive(|| w.set_host_name("maix-1")),
        |_, ()| (),
    );
    in_every_dialect(
        name,
        "AT+CWHOSTNAME?\r\n",
        "+CWHOSTNAME:maix-1\r\n",
        |m, w| m.drive(|| w.host_name()),
        |_, name| {
            assert_eq!(name.as_str(), Some("maix-1"));
        },
    );
    in_every_dialect(
        None,
        "AT+CIPSTAMAC<CUR>=\"18:fe:34:01:02:03\"\r\n",
        "",
        |m, w| m.drive(|| w.set_station_mac(BSSID)),
        |_, ()| (),
    );
    in_every_dialect(
        None,
        "AT+CIPSTAMAC<CUR>?\r\n",
        "+CIPSTAMAC<CUR>:\"18:FE:34:01:02:03\"\r\n",
        |m, w| m.drive(|| w.station_mac()),
        |_, mac| {
            assert_eq!(mac, BSSID);
        },
    );
    let config = Ipv4Config {
        address: Ipv4Addr::new(10, 0, 0, 7),
        gateway: Ipv4Addr::new(10, 0, 0, 1),
        netmask: Ipv4Addr::new(255, 255, 255, 0),
    };
    in_every_dialect(
        None,
        "AT+CIPSTA<CUR>=\"10.0.0.7\",\"10.0.0.1\",\"255.255.255.0\"\r\n",
        "",
        |m, w| m.drive(|| w.set_station_address(config)),
        |_, ()| (),
    );
    let reply = "+CIPSTA<CUR>:ip:\"10.0.0.7\"\r\n+CIPSTA<CUR>:gateway:\"10.0.0.1\"\r\n+CIPSTA<CUR>:netmask:\"255.255.255.0\"\r\n";
    in_every_dialect(
        None,
        "AT+CIPSTA<CUR>?\r\n",
        reply,
        |m, w| m.drive(|| w.station_address()),
        |_, found| {
            assert_eq!(found, Some(config));
        },
    );
    // The same number means the opposite in the two families.
    in_every_dialect(
        None,
        "AT+CWDHCP<CUR>?\r\n",
        "+CWDHCP<CUR>:1\r\n",
        |m, w| m.drive(|| w.dhcp()),
        |name, state| {
            assert_eq!(state.station, name.starts_with("ESP-AT"), "{name}");
            assert_eq!(state.access_point, !state.station);
        },
    );
    in_every_dialect(
        None,
        "AT+CWDHCP<CUR>=1,1\r\n",
        "",
        |m, w| m.drive(|| w.set_dhcp(Interface::Station, true)),
        |_, ()| (),
    );
}

#[test]
fn settings_that_cannot_be_are_refused_before_anything_is_sent() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.written();
    let invalid = |result: Result<(), SettingError>| {
        assert!(
            !matches!(result, Ok(()) | Err(SettingError::Modem(_))),
            "{result:?}"
        );
    };
    invalid(modem.drive(|| wifi.set_host_name("a b")));
    invalid(modem.drive(|| wifi.set_host_name("")));
    invalid(modem.drive(|| wifi.set_station_mac(MacAddress([1; 6]))));
    invalid(modem.drive(|| wifi.set_dns_servers(&[Ipv4Addr::LOCALHOST; 3])));
    invalid(modem.drive(|| wifi.set_reconnect(7201, 0)));
    assert_eq!(modem.written(), "");
}

#[test]
fn an_answer_in_no_known_form_is_an_error_of_its_own() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[("AT+CIPSTAMAC_CUR?\r\n", "+CIPSTAMAC_CUR:what\r\n\r\nOK\r\n")]);
    let result = modem.drive(|| wifi.station_mac());
    assert_eq!(result, Err(ModemError::Unreadable));
}
