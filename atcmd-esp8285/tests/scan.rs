//! Scanning on a paper modem: any number of networks, any names, callers that
//! come late or not at all.

mod common;

use atcmd_esp8285::ModemError;
use atcmd_esp8285::wifi::{MacAddress, ScanError, ScanOptions, Security};
use common::{FIRMWARE, START_NONOS, Wifi, connected, receive, started, started_as};
use embedded_nal::TcpClientStack;

const SCAN: &str = "AT+CWLAP\r\n";
const END: &str = "\r\nOK\r\n";

fn entry(n: u8) -> String {
    format!("+CWLAP:(3,\"network {n}\",-60,\"18:fe:34:00:00:{n:02x}\",6,-27,0,4,4,7,0)\r\n")
}

/// Names and last bytes of the BSSIDs found.
fn scan_once(wifi: &mut Wifi, seen: &mut Vec<u8>) -> nb::Result<(), ScanError> {
    wifi.scan(&ScanOptions::new(), |network| {
        seen.push(network.bssid.unwrap().0[5]);
    })
}

#[test]
fn hundreds_of_networks_each_come_once_and_in_order() {
    for (dialect, _) in FIRMWARE {
        let (modem, mut wifi) = started_as(dialect);
        let reply: String = (0..200).map(entry).collect();
        modem.expect(&[(SCAN, &(reply + END))]);
        let mut seen = vec![];
        let result = modem.drive(|| scan_once(&mut wifi, &mut seen));
        assert_eq!(result, Ok(()), "{dialect}");
        assert_eq!(seen, (0..200).collect::<Vec<u8>>(), "{dialect}");
    }
}

#[test]
fn awkward_names_come_back_as_they_are() {
    let names: [&[u8]; 7] = [
        b"",
        b"a\",\"b",
        b"x)",
        b"back\\slash",
        b"caf\xe9 \xff\x80",
        b"OK",
        b"dup",
    ];
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(SCAN, "")]);
    let mut seen = vec![];
    let mut scan = |wifi: &mut Wifi| {
        wifi.scan(&ScanOptions::new(), |network| {
            seen.push(network.ssid.as_bytes().to_vec());
        })
    };
    assert_eq!(scan(&mut wifi), Err(nb::Error::WouldBlock));
    for name in names.iter().chain(&names[6..]) {
        modem.say(b"+CWLAP:(4,\"");
        modem.say(name);
        modem.say(b"\",-71,\"18:fe:34:01:02:03\",11,5,0)\r\n");
    }
    // Without quotes, as ESP_ATMod writes it, and with a bare line feed.
    modem.say(b"+CWLAP:(3,a,b\")c,-71,\"18:FE:34:01:02:03\",11)\n");
    modem.say(END);
    assert_eq!(modem.drive(|| scan(&mut wifi)), Ok(()));
    let mut expected: Vec<_> = names.iter().map(|name| name.to_vec()).collect();
    expected.push(b"dup".to_vec());
    expected.push(b"a,b\")c".to_vec());
    assert_eq!(seen, expected);
}

#[test]
fn entries_come_while_the_scan_goes_on() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(SCAN, &entry(1))]);
    let mut seen = vec![];
    for _ in 0..5 {
        let result = scan_once(&mut wifi, &mut seen);
        assert_eq!(result, Err(nb::Error::WouldBlock));
        modem.pass(1000);
    }
    assert_eq!(seen, [1]);
    modem.say(entry(2) + END);
    assert_eq!(modem.drive(|| scan_once(&mut wifi, &mut seen)), Ok(()));
    assert_eq!(seen, [1, 2]);
}

#[test]
fn a_caller_who_comes_within_a_tenth_of_a_second_misses_nothing() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(SCAN, "")]);
    let mut seen = vec![];
    assert!(scan_once(&mut wifi, &mut seen).is_err());
    modem.say((0..40).map(entry).collect::<String>() + END);
    let mut result = Err(nb::Error::WouldBlock);
    for _ in 0..100 {
        for _ in 0..9 {
            modem.pass(10_000);
            wifi.poll().unwrap();
        }
        result = scan_once(&mut wifi, &mut seen);
        if result.is_ok() {
            break;
        }
    }
    assert_eq!(result, Ok(()));
    assert_eq!(seen, (0..40).collect::<Vec<u8>>());
}

#[test]
fn a_list_nobody_fetches_does_not_stop_a_socket_and_is_counted() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[(SCAN, "")]);
    let mut seen = vec![];
    assert!(scan_once(&mut wifi, &mut seen).is_err());
    // Data pushed behind the list: it comes once the list is given up.
    modem.say((0..40).map(entry).collect::<String>());
    modem.say("\r\n+IPD,0,5:hello");
    let before = modem.now();
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"hello");
    assert!(modem.now() - before < 200_000, "{}", modem.now() - before);
    modem.say(END);
    modem.pass(1000);
    wifi.poll().unwrap();
    let missed = match modem.drive(|| scan_once(&mut wifi, &mut seen)) {
        Err(ScanError::Missed(n)) => usize::try_from(n).unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(seen.len() + missed, 40);
    assert!((3..10).contains(&seen.len()), "{}", seen.len());
    // The next one is whole again.
    modem.expect(&[(SCAN, &(entry(7) + END))]);
    seen.clear();
    assert_eq!(modem.drive(|| scan_once(&mut wifi, &mut seen)), Ok(()));
    assert_eq!(seen, [7]);
    wifi.close(socket).unwrap();
}

#[test]
fn damaged_entries_are_counted_and_other_lines_are_not() {
    let (modem, mut wifi) = started(START_NONOS);
    let reply = entry(1) + "to read 424 bytes\r\n+CWLAP:(3,\"x\",-5\r\nWIFI GOT IP\r\n" + END;
    modem.expect(&[(SCAN, &reply)]);
    let mut seen = vec![];
    let result = modem.drive(|| scan_once(&mut wifi, &mut seen));
    assert_eq!((result, &seen[..]), (Err(ScanError::Missed(1)), &[1][..]));
}

#[test]
fn a_name_made_of_the_modems_own_words_does_no_harm() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[(SCAN, "")]);
    let mut seen = vec![];
    assert!(scan_once(&mut wifi, &mut seen).is_err());
    modem.say(entry(1) + "+CWLAP:(0,\"x\r\nready\r\n0,CLOSED\r\nbusy \nOK\r\n");
    for _ in 0..20 {
        modem.pass(1000);
        assert!(scan_once(&mut wifi, &mut seen).is_err());
    }
    modem.say("y\",-60,\"18:fe:34:00:00:99\",6,-27,0)\r\n".to_owned() + &entry(2) + END);
    let result = modem.drive(|| scan_once(&mut wifi, &mut seen));
    assert_eq!(
        (result, &seen[..]),
        (Err(ScanError::Missed(1)), &[1, 2][..])
    );
    // The connection stands.
    modem.expect(&[(
        "AT+CIPRECVDATA=0,2048\r\n",
        "\r\n+CIPRECVDATA,2:hi\r\nOK\r\n",
    )]);
    modem.say("\r\n+IPD,0,2\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"hi");
    wifi.close(socket).unwrap();
}

#[test]
fn a_list_whose_last_entry_is_damaged_ends_all_the_same() {
    let (modem, mut wifi) = started(START_NONOS);
    let reply = entry(1) + "+CWLAP:(3,\"x\",-5\r\n" + END;
    modem.expect(&[(SCAN, &reply)]);
    let mut seen = vec![];
    let began = modem.now();
    let result = modem.drive(|| scan_once(&mut wifi, &mut seen));
    assert_eq!((result, &seen[..]), (Err(ScanError::Missed(1)), &[1][..]));
    assert!(modem.now() - began < 200_000);
}

#[test]
fn a_refused_scan_says_so_and_a_busy_modem_is_asked_again() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        (SCAN, "\r\nbusy p...\r\n"),
        (SCAN, "scan fail\r\n\r\nERROR\r\n"),
    ]);
    let mut seen = vec![];
    let result = modem.drive(|| scan_once(&mut wifi, &mut seen));
    assert_eq!(result, Err(ScanError::Refused));
}

#[test]
fn a_restart_ends_a_scan() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(SCAN, "")]);
    let mut seen = vec![];
    assert!(scan_once(&mut wifi, &mut seen).is_err());
    modem.say("\r\nready\r\n");
    let result = modem.drive(|| scan_once(&mut wifi, &mut seen));
    assert_eq!(result, Err(ScanError::Modem(ModemError::Restarted)));
}

#[test]
fn filters_reach_the_firmware_that_has_them_and_count_everywhere() {
    let bssid = MacAddress([0x18, 0xfe, 0x34, 0, 0, 2]);
    let options = ScanOptions::new().ssid("network 2").bssid(bssid).channel(6);
    for (dialect, _) in FIRMWARE {
        let filters = !["NonOS 0.2x", "ESP_ATMod"].contains(dialect);
        let line = if filters {
            "AT+CWLAP=\"network 2\",\"18:fe:34:00:00:02\",6\r\n"
        } else {
            SCAN
        };
        let (modem, mut wifi) = started_as(dialect);
        modem.expect(&[(line, &(entry(1) + &entry(2) + &entry(3) + END))]);
        let mut seen = vec![];
        let result = modem.drive(|| {
            wifi.scan(&options, |network| {
                assert_eq!(network.security, Security::Wpa2);
                seen.push(network.ssid.to_string());
            })
        });
        assert_eq!(result, Ok(()), "{dialect}");
        assert_eq!(seen, ["network 2"], "{dialect}");
    }
}
