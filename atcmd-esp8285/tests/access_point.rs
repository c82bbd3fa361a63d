//! The modem's own access point, on a paper modem.

mod common;

use std::net::Ipv4Addr;

use atcmd_esp8285::wifi::{
    AccessPointConfig, AccessPointError, Interface, Ipv4Config, MacAddress, Security,
};
use atcmd_esp8285::{Capability, Dialect, Event, ModemError};
use common::{FIRMWARE, START_ESP_AT, START_NONOS, started, started_as};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

fn dialect(name: &str) -> &'static Dialect {
    Dialect::ALL.iter().find(|d| d.name == name).unwrap()
}

fn suffix(name: &str) -> &'static str {
    if dialect(name).cur_suffix { "_CUR" } else { "" }
}

#[test]
fn it_starts_and_stops_in_every_dialect_that_has_it() {
    for (name, _) in FIRMWARE {
        let (modem, mut wifi) = started_as(name);
        let config = AccessPointConfig::new("cam", "12345678").channel(6);
        if !dialect(name).has(Capability::AccessPoint) {
            let error = AccessPointError::Modem(ModemError::Unsupported("AT+CWSAP"));
            let result = modem.drive(|| wifi.start_access_point(&config));
            assert_eq!(result, Err(error), "{name}");
            let result = modem.drive(|| wifi.stop_access_point());
            assert_eq!(result, Err(error), "{name}");
            assert_eq!(modem.drive(|| wifi.stations(|_| ())), Err(error));
            assert_eq!(modem.written(), "");
            continue;
        }
        let current = suffix(name);
        let limits = match *name {
            "NonOS 0.2x" => "",
            _ if !current.is_empty() => ",4,0",
            _ => ",10,0",
        };
        let mode = format!("AT+CWMODE{current}=3\r\n");
        let line = format!("AT+CWSAP{current}=\"cam\",\"12345678\",6,3{limits}\r\n");
        modem.expect(&[(&mode, OK), (&line, OK)]);
        let result = modem.drive(|| wifi.start_access_point(&config));
        assert_eq!(result, Ok(()), "{name}");
        let off = format!("AT+CWMODE{current}=1\r\n");
        modem.expect(&[(&off, OK)]);
        let result = modem.drive(|| wifi.stop_access_point());
        assert_eq!(result, Ok(()), "{name}");
        assert_eq!(modem.left(), 0);
    }
}

#[test]
fn the_security_is_the_one_asked_for_or_an_error() {
    for (name, _) in FIRMWARE.iter().filter(|(name, _)| !name.contains("ATMod")) {
        for (security, number) in [
            (Security::Wpa, 2),
            (Security::Wpa2, 3),
            (Security::WpaWpa2, 4),
        ] {
            let (modem, mut wifi) = started_as(name);
            let config = AccessPointConfig::new("cam", "12345678").security(security);
            let _ = modem.drive(|| {
                modem.say(OK);
                wifi.start_access_point(&config)
            });
            let sent = format!("=\"cam\",\"12345678\",1,{number}");
            assert!(modem.written().contains(&sent), "{name} {number}");
        }
        for security in [Security::Open, Security::Wep, Security::Wpa3] {
            let (modem, mut wifi) = started_as(name);
            let config = AccessPointConfig::new("cam", "12345678").security(security);
            let result = modem.drive(|| wifi.start_access_point(&config));
            assert_eq!(result, Err(AccessPointError::InvalidSecurity), "{name}");
            assert_eq!(modem.written(), "", "{name}");
        }
    }
}

#[test]
fn a_refusal_names_the_command_and_leaves_no_stored_access_point_on_the_air() {
    let config = AccessPointConfig::new("cam", "");
    let (modem, mut wifi) = started(START_NONOS);
    let sap = "AT+CWSAP_CUR=\"cam\",\"\",1,0,4,0\r\n";
    modem.expect(&[
        ("AT+CWMODE_CUR=3\r\n", OK),
        (sap, ERROR),
        ("AT+CWMODE_CUR=1\r\n", OK),
    ]);
    let result = modem.drive(|| wifi.start_access_point(&config));
    assert_eq!(result, Err(AccessPointError::Refused("AT+CWSAP")));
    assert_eq!(modem.left(), 0);

    modem.expect(&[("AT+CWMODE_CUR=3\r\n", ERROR)]);
    let result = modem.drive(|| wifi.start_access_point(&config));
    assert_eq!(result, Err(AccessPointError::Refused("AT+CWMODE")));

    // One that runs keeps running when a change of it is refused.
    modem.expect(&[("AT+CWMODE_CUR=3\r\n", OK), (sap, OK)]);
    assert_eq!(modem.drive(|| wifi.start_access_point(&config)), Ok(()));
    let other = AccessPointConfig::new("other", "");
    let line = "AT+CWSAP_CUR=\"other\",\"\",1,0,4,0\r\n";
    modem.expect(&[("AT+CWMODE_CUR=3\r\n", OK), (line, ERROR)]);
    let result = modem.drive(|| wifi.start_access_point(&other));
    assert_eq!(result, Err(AccessPointError::Refused("AT+CWSAP")));
    assert_eq!(modem.left(), 0);
}

#[test]
fn after_a_restart_it_is_started_again_until_it_was_stopped() {
    for start in [START_NONOS, START_ESP_AT] {
        let (modem, mut wifi) = started(start);
        let current = if start == START_NONOS { "_CUR" } else { "" };
        let max = if start == START_NONOS { 4 } else { 10 };
        let mode = |n| format!("AT+CWMODE{current}={n}\r\n");
        let sap = format!("AT+CWSAP{current}=\"cam\",\"secret, 12\",11,4,{max},1\r\n")
            .replace(", ", "\\, ");
        let (on, off) = (mode(3), mode(1));
        modem.expect(&[(&on, OK), (&sap, OK)]);
        let config = AccessPointConfig::new("cam", "secret, 12")
            .channel(11)
            .allow_wpa(true)
            .hidden(true);
        assert_eq!(modem.drive(|| wifi.start_access_point(&config)), Ok(()));

        let mut again = start.to_vec();
        let at = again.iter().position(|(line, _)| *line == off).unwrap();
        again[at].0 = &on;
        again.insert(at + 1, (&sap, OK));
        modem.expect(&again);
        modem.say("\r\nready\r\n");
        wifi.poll().unwrap();
        assert_eq!(modem.drive(|| wifi.start()), Ok(()));
        assert_eq!(modem.left(), 0);

        modem.expect(&[(&off, OK)]);
        assert_eq!(modem.drive(|| wifi.stop_access_point()), Ok(()));
        modem.expect(start);
        modem.say("\r\nready\r\n");
        wifi.poll().unwrap();
        assert_eq!(modem.drive(|| wifi.start()), Ok(()));
        assert_eq!(modem.left(), 0);
    }
}

#[test]
fn one_that_cannot_be_started_again_is_off_instead_of_another() {
    let (modem, mut wifi) = started(START_NONOS);
    let (on, off) = ("AT+CWMODE_CUR=3\r\n", "AT+CWMODE_CUR=1\r\n");
    let sap = "AT+CWSAP_CUR=\"cam\",\"12345678\",1,3,4,0\r\n";
    modem.expect(&[(on, OK), (sap, OK)]);
    let config = AccessPointConfig::new("cam", "12345678");
    assert_eq!(modem.drive(|| wifi.start_access_point(&config)), Ok(()));

    let mut again = START_NONOS.to_vec();
    let at = again.iter().position(|(line, _)| *line == off).unwrap();
    let refused = [(on, OK), (sap, ERROR), (sap, ERROR), (sap, ERROR)];
    again.splice(at..at, refused);
    modem.expect(&again);
    modem.say("\r\nready\r\n");
    wifi.poll().unwrap();
    assert_eq!(modem.drive(|| wifi.start()), Ok(()));
    assert_eq!(modem.left(), 0);
}

#[test]
fn old_firmware_that_says_only_no_change_means_ok() {
    let (modem, mut wifi) = started_as("NonOS 0.2x");
    modem.expect(&[
        ("AT+CWMODE=3\r\n", "no change\r\n"),
        ("AT+CWSAP=\"cam\",\"\",1,0\r\n", OK),
    ]);
    let config = AccessPointConfig::new("cam", "");
    assert_eq!(modem.drive(|| wifi.start_access_point(&config)), Ok(()));
}

#[test]
fn configurations_that_cannot_be_are_refused_before_anything_is_sent() {
    let (modem, mut wifi) = started_as("NonOS 0.2x");
    let new = AccessPointConfig::new;
    let long = "x".repeat(33);
    for (config, error) in [
        (new("cam", "1234567"), "8 bytes"),
        (new("", ""), "is empty"),
        (new(&long, ""), "longer than 31"),
        (new("a\"b", ""), "this old firmware"),
        (new("a\r\nAT", ""), "control character"),
        (new("cam", "").channel(0), "1 to 13"),
        (new("cam", "").channel(14), "1 to 13"),
        (new("cam", "").max_stations(5), "1 to 4"),
        (
            new("cam", "").max_stations(4),
            "AT+CWSAP (max conn, hidden)",
        ),
        (new("cam", "").hidden(true), "AT+CWSAP (max conn, hidden)"),
    ] {
        let result = modem.drive(|| wifi.start_access_point(&config));
        let text = result.unwrap_err().to_string();
        assert!(text.contains(error), "{config:?}: {text}");
    }
    assert_eq!(modem.written(), "");
}

#[test]
fn status_and_stations_in_the_forms_of_both_families() {
    for (start, stations) in [
        (
            START_NONOS,
            "192.168.4.2,3c:61:05:00:00:02\r\n192.168.4.3,3c:61:05:00:00:03\r\n",
        ),
        (
            START_ESP_AT,
            "+CWLIF:192.168.4.2,3c:61:05:00:00:02\r\n+CWLIF:192.168.4.3,3c:61:05:00:00:03\r\n",
        ),
    ] {
        let (modem, mut wifi) = started(start);
        let current = if start == START_NONOS { "_CUR" } else { "" };
        let query = format!("AT+CWSAP{current}?\r\n");
        let reply = format!("+CWSAP{current}:\"a\",\"b\",\"12345678\",6,3,4,1\r\n{OK}");
        modem.expect(&[(&query, &reply), (&query, ERROR)]);
        let status = modem.drive(|| wifi.access_point_status()).unwrap();
        assert_eq!(status.ssid.as_str(), Some("a\",\"b"));
        assert_eq!((status.channel, status.security), (6, Security::Wpa2));
        assert_eq!(status.hidden, Some(true));
        let off = modem.drive(|| wifi.access_point_status());
        assert_eq!(off, Err(AccessPointError::Refused("AT+CWSAP?")));

        modem.expect(&[("AT+CWLIF\r\n", &(stations.to_owned() + OK))]);
        let mut seen = vec![];
        let result = modem.drive(|| wifi.stations(|station| seen.push(*station)));
        assert_eq!(result, Ok(()));
        let last: Vec<_> = seen.iter().map(|s| s.mac.0[5]).collect();
        assert_eq!(last, [2, 3]);
        assert_eq!(seen[0].ip, Some(Ipv4Addr::new(192, 168, 4, 2)));
    }
}

#[test]
fn its_address_and_dhcp_in_the_forms_of_both_families() {
    for (start, dhcp) in [(START_NONOS, "_CUR=0,1"), (START_ESP_AT, "=1,2")] {
        let (modem, mut wifi) = started(start);
        let current = if start == START_NONOS { "_CUR" } else { "" };
        let set = format!("AT+CIPAP{current}=\"10.1.0.1\",\"10.1.0.1\",\"255.255.255.0\"\r\n");
        let query = format!("AT+CIPAP{current}?\r\n");
        let name = format!("+CIPAP{current}");
        let reply = format!(
            "{name}:ip:\"10.1.0.1\"\r\n{name}:gateway:\"10.1.0.1\"\r\n\
             {name}:netmask:\"255.255.255.0\"\r\n{OK}"
        );
        let dhcp = format!("AT+CWDHCP{dhcp}\r\n");
        modem.expect(&[(&set, OK), (&query, &reply), (&dhcp, OK)]);
        let config = Ipv4Config {
            address: Ipv4Addr::new(10, 1, 0, 1),
            gateway: Ipv4Addr::new(10, 1, 0, 1),
            netmask: Ipv4Addr::new(255, 255, 255, 0),
        };
        let result = modem.drive(|| wifi.set_access_point_address(config));
        assert_eq!(result, Ok(()));
        let address = modem.drive(|| wifi.access_point_address());
        assert_eq!(address, Ok(Some(config)));
        let result = modem.drive(|| wifi.set_dhcp(Interface::AccessPoint, true));
        assert_eq!(result, Ok(()));
    }
}

#[test]
fn stations_that_come_and_go_are_events() {
    let (modem, mut wifi) = started(START_NONOS);
    while wifi.next_event().is_some() {}
    modem.say(
        "+STA_CONNECTED:\"3c:61:05:00:00:02\"\r\n\
         +DIST_STA_IP:\"3c:61:05:00:00:02\",\"192.168.4.2\"\r\n\
         +STA_DISCONNECTED:\"3c:61:05:00:00:02\"\r\n",
    );
    wifi.poll().unwrap();
    let mac = MacAddress([0x3c, 0x61, 5, 0, 0, 2]);
    let ip = Ipv4Addr::new(192, 168, 4, 2);
    let events: Vec<_> = std::iter::from_fn(|| wifi.next_event()).collect();
    assert_eq!(
        events,
        [
            Event::StationConnected(mac),
            Event::StationGotAddress(mac, ip),
            Event::StationDisconnected(mac),
        ]
    );
}

#[test]
fn the_password_is_nowhere_in_debug_output() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        ("AT+CWMODE_CUR=3\r\n", OK),
        ("AT+CWSAP_CUR=\"cam\",\"hunter22\",1,3,4,0\r\n", OK),
    ]);
    let config = AccessPointConfig::new("cam", "hunter22");
    let numbers = format!("{:?}", b"hunter22").replace(['[', ']'], "");
    let check = |text: String| assert!(!text.contains("hunter22") && !text.contains(&numbers));
    check(format!("{config:?}"));
    modem.drive(|| wifi.start_access_point(&config)).unwrap();
    check(format!("{wifi:?}"));
}
