//! `connect`, `isconnected` and `disconnect`: what comes of them, and when.

use esp8285_sim::{AccessPoint, Air, Dialect};
use usocket_api::network::{Join, MacAddr, OPEN, WPA2_PSK};
use usocket_api::{MAIXPY, Nic, OPENMV};

use crate::{BSSID, Board, DIALECTS, SECOND, home, home_ap, number};

#[test]
fn the_right_key_joins_and_isconnected_follows() {
    for dialect in Dialect::ALL {
        let board = Board::new(*dialect, home());
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap(), "{dialect}: before");
        nic.connect("home", "12345678").unwrap();
        assert!(nic.isconnected().unwrap(), "{dialect}: joined");
        nic.disconnect().unwrap();
        assert!(!nic.isconnected().unwrap(), "{dialect}: left");
        nic.disconnect().unwrap();
        // A nic is a handle: another one sees the same interface.
        nic.connect("home", "12345678").unwrap();
        let other = Nic::new(&board.network, OPENMV);
        assert!(other.isconnected().unwrap(), "{dialect}: by another nic");
    }
}

#[test]
fn a_wrong_key_is_eacces_once_the_firmware_knows() {
    for (dialect, seconds) in [
        (Dialect::NonOs1_3, 15),
        (Dialect::NonOs1_7, 14),
        (Dialect::EspAt2_1, 15),
        (Dialect::EspAt2_2, 15),
    ] {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        let began = board.now();
        let error = nic.connect("home", "wrong key").unwrap_err();
        assert_eq!((error.errno(), error.name()), (13, "EACCES"), "{dialect}");
        assert_eq!(
            error.to_string(),
            "[Errno 13] EACCES: the access point does not accept the key; check it"
        );
        let took = board.now() - began;
        let limit = seconds * SECOND;
        assert!((limit..limit + 20_000).contains(&took), "{dialect}: {took}");
        assert!(!nic.isconnected().unwrap());
        nic.connect("home", "12345678").unwrap();
    }
}

#[test]
fn no_such_access_point_is_enetunreach_in_the_profiles_numbers() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let outcome = board.nic().connect("elsewhere", "12345678");
        assert_eq!(number(outcome), (114, "ENETUNREACH"), "{dialect}");
        let outcome = Nic::new(&board.network, OPENMV).connect("elsewhere", None);
        assert_eq!(number(outcome), (101, "ENETUNREACH"), "{dialect}");
    }
}

#[test]
fn an_access_point_that_gives_no_address_is_etimedout() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, Air::new().ap(home_ap().no_dhcp()));
        let error = board.nic().connect("home", "12345678").unwrap_err();
        assert_eq!(
            (error.errno(), error.name()),
            (116, "ETIMEDOUT"),
            "{dialect}"
        );
        assert_eq!(
            error.message(),
            "the access point did not answer in time, or gave no address; move closer or try again"
        );
        assert!(!board.nic().isconnected().unwrap(), "{dialect}");
    }
}

#[test]
fn an_open_network_is_joined_without_a_key() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, Air::new().ap(AccessPoint::new("cafe", "").open()));
        let nic = board.nic();
        nic.connect("cafe", None).unwrap();
        assert!(nic.isconnected().unwrap(), "{dialect}");
        nic.connect("cafe", "").unwrap();
        // What needs a key is not joined without.
        board.modem(|modem| modem.air_mut().add(home_ap()));
        assert_eq!(number(nic.connect("home", None)), (13, "EACCES"));
    }
}

#[test]
fn an_access_point_that_vanishes_is_noticed_and_so_is_its_return() {
    for dialect in Dialect::ALL {
        let board = Board::new(*dialect, home());
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        board.modem(|modem| {
            modem.air_mut().remove("home");
            modem.wifi_lost();
        });
        assert!(!nic.isconnected().unwrap(), "{dialect}");
        assert_eq!(nic.ifconfig().unwrap().ip.to_string(), "0.0.0.0");
        board.time.bench.advance(5 * SECOND);
        assert!(!nic.isconnected().unwrap(), "{dialect}");
        // The firmware goes back by itself.
        board.modem(|modem| modem.air_mut().add(home_ap()));
        board.time.bench.advance(10 * SECOND);
        assert!(nic.isconnected().unwrap(), "{dialect}");
    }
}

#[test]
fn isconnected_asks_the_modem_and_believes_no_earlier_answer() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        // Gone without a word: the modem restarts, and has nothing stored.
        let before = board.said("AT+CWJAP");
        board.modem(|modem| modem.reset());
        board.time.bench.advance(SECOND);
        assert!(!nic.isconnected().unwrap(), "{dialect}");
        assert!(board.said("AT+CWJAP") > before, "{dialect}: not asked");
    }
}

#[test]
fn a_modem_that_had_joined_before_the_program_started_is_connected() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        board.nic().connect("home", "12345678").unwrap();
        // A new driver, which has heard nothing.
        let uart = board.time.bench.uart();
        let wifi: crate::Stack = atcmd_esp8285::Esp8285::new(uart, board.time.clone());
        let network = atcmd_esp8285::socket_policy::network(wifi, board.time.clone());
        let nic = Nic::new(&network, MAIXPY);
        assert!(nic.isconnected().unwrap(), "{dialect}");
        assert_eq!(nic.ifconfig().unwrap().ssid.as_str(), Some("home"));
    }
}

#[test]
fn one_of_several_access_points_of_a_name_can_be_chosen() {
    let weak = [0x18, 0xfe, 0x34, 0, 0, 1];
    for dialect in DIALECTS {
        let air = home().ap(home_ap().bssid(weak).rssi(-80));
        let board = Board::new(dialect, air);
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        assert_eq!(nic.ifconfig().unwrap().bssid, MacAddr(BSSID), "{dialect}");
        nic.connect_with(&Join::new("home", "12345678").bssid(MacAddr(weak)))
            .unwrap();
        assert_eq!(nic.ifconfig().unwrap().bssid, MacAddr(weak), "{dialect}");
    }
}

#[test]
fn a_security_this_modem_cannot_insist_on_is_not_silently_left_out() {
    let board = Board::new(Dialect::NonOs1_7, home());
    let nic = board.nic();
    board.silent(|| {
        let wpa2 = Join::new("home", "12345678").security(WPA2_PSK);
        assert_eq!(number(nic.connect_with(&wpa2)), (95, "EOPNOTSUPP"));
    });
    let open = Join::new("home", None).security(OPEN).channel(6);
    assert_eq!(number(nic.connect_with(&open)), (13, "EACCES"));
}
