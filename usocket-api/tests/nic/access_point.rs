//! `enable_ap` and `disable_ap`: a station comes, or cannot.

use esp8285_sim::{Dialect, StationRefused};
use usocket_api::network::{ApConfig, OPEN, Security, WPA_PSK, WPA_WPA2_PSK, WPA2_PSK};

use crate::{Board, DIALECTS, home, number};

const PHONE: [u8; 6] = [0x02, 0, 0, 0, 0, 1];

/// Whether a phone with this key may join.
fn phone(board: &Board, key: &str) -> Result<(), StationRefused> {
    board.modem(|modem| {
        let joined = modem.station_joins(PHONE, key).map(drop);
        modem.station_leaves(PHONE);
        joined
    })
}

/// The `AT+CWSAP` command that started it.
fn configured(board: &Board, dialect: Dialect, arguments: &str) -> bool {
    let suffix = if dialect.to_string().starts_with("nonos") {
        "_CUR"
    } else {
        ""
    };
    board.said(&format!("AT+CWSAP{suffix}={arguments}")) == 1
}

#[test]
fn a_station_joins_with_the_key_and_only_while_it_is_enabled() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        assert_eq!(
            phone(&board, "87654321"),
            Err(StationRefused::NoAccessPoint)
        );
        nic.enable_ap("camera", "87654321").unwrap();
        assert!(
            configured(&board, dialect, r#""camera","87654321",5,3"#),
            "{dialect}"
        );
        assert_eq!(phone(&board, "87654321"), Ok(()), "{dialect}");
        assert_eq!(
            phone(&board, "wrong key"),
            Err(StationRefused::WrongPassword)
        );
        nic.disable_ap().unwrap();
        assert_eq!(
            phone(&board, "87654321"),
            Err(StationRefused::NoAccessPoint)
        );
        nic.disable_ap().unwrap();
    }
}

#[test]
fn channel_and_security_are_what_was_asked_for() {
    for dialect in DIALECTS {
        for (security, number) in [(WPA_PSK, 2), (WPA2_PSK, 3), (WPA_WPA2_PSK, 4)] {
            let board = Board::new(dialect, home());
            board
                .nic()
                .enable_ap_with("camera", "87654321", 11, security)
                .unwrap();
            let arguments = format!(r#""camera","87654321",11,{number}"#);
            assert!(
                configured(&board, dialect, &arguments),
                "{dialect} {number}"
            );
        }
        // A plain number, as a script would write it.
        let board = Board::new(dialect, home());
        board
            .nic()
            .enable_ap_with("camera", "87654321", 1, 4)
            .unwrap();
        assert!(configured(&board, dialect, r#""camera","87654321",1,4"#));
    }
}

#[test]
fn an_open_access_point_takes_everybody_and_no_key() {
    for dialect in DIALECTS {
        for key in ["", "short", "87654321"] {
            let board = Board::new(dialect, home());
            board.nic().enable_ap_with("camera", key, 5, OPEN).unwrap();
            assert!(
                configured(&board, dialect, r#""camera","",5,0"#),
                "{dialect}"
            );
            assert_eq!(phone(&board, "anything"), Ok(()), "{dialect}");
        }
    }
}

#[test]
fn a_hidden_access_point_is_configured_as_one() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let config = ApConfig::new("camera", "87654321").hidden(true);
        board.nic().enable_ap_config(&config).unwrap();
        let most = if dialect.to_string().starts_with("nonos") {
            4
        } else {
            10
        };
        let arguments = format!(r#""camera","87654321",5,3,{most},1"#);
        assert!(configured(&board, dialect, &arguments), "{dialect}");
    }
    let board = Board::new(Dialect::NonOs0_2x, home());
    let config = ApConfig::new("camera", "87654321").hidden(true);
    let outcome = board.nic().enable_ap_config(&config);
    assert_eq!(number(outcome), (95, "EOPNOTSUPP"));
}

#[test]
fn a_joined_station_stays_joined() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        nic.enable_ap("camera", "87654321").unwrap();
        assert!(nic.isconnected().unwrap(), "{dialect}");
        nic.disable_ap().unwrap();
        assert!(nic.isconnected().unwrap(), "{dialect}");
    }
}

#[test]
fn what_cannot_be_is_einval_and_nothing_is_sent() {
    let key_message =
        "the access point's key must have 8 bytes or more; for none at all pass OPEN as ecn";
    let security_message = "ecn must be OPEN, WPA_PSK, WPA2_PSK or WPA_WPA2_PSK";
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        assert!(!nic.isconnected().unwrap());
        for key in ["", "1234567"] {
            let error = board.silent(|| nic.enable_ap("camera", key)).unwrap_err();
            assert_eq!((error.errno(), error.message()), (22, key_message));
        }
        for channel in [0, 14, 15, -1, 256 + 5, i32::MIN] {
            let error = board
                .silent(|| nic.enable_ap_with("camera", "87654321", channel, WPA2_PSK))
                .unwrap_err();
            assert_eq!(error.errno(), 22);
            assert_eq!(error.message(), "the channel must be 1 to 13", "{channel}");
        }
        for security in [Security::WEP, Security::WPA3_PSK, (-1).into(), 99.into()] {
            let error = board
                .silent(|| nic.enable_ap_with("camera", "87654321", 5, security))
                .unwrap_err();
            assert_eq!((error.errno(), error.message()), (22, security_message));
        }
        assert_eq!(
            phone(&board, "87654321"),
            Err(StationRefused::NoAccessPoint)
        );
    }
}

#[test]
fn firmware_without_an_access_point_is_eopnotsupp() {
    let board = Board::new(Dialect::EspAtMod, home());
    let nic = board.nic();
    for outcome in [nic.enable_ap("camera", "87654321"), nic.disable_ap()] {
        let error = outcome.unwrap_err();
        assert_eq!((error.errno(), error.name()), (95, "EOPNOTSUPP"));
        assert_eq!(
            error.message(),
            "the radio or its firmware cannot do that; newer firmware may be able to"
        );
    }
}

#[test]
fn the_access_point_is_back_after_a_restart_of_the_modem() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        nic.enable_ap("camera", "87654321").unwrap();
        board.modem(|modem| modem.reset());
        board.time.bench.advance(2_000_000);
        assert!(!nic.isconnected().unwrap(), "{dialect}");
        assert_eq!(phone(&board, "87654321"), Ok(()), "{dialect}");
    }
}
