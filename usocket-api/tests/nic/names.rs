//! Names and keys with everything in them, and those that cannot be.

use std::time::Duration;

use esp8285_sim::{AccessPoint, Air, Dialect};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::{Board, DIALECTS, home};

#[test]
fn names_and_keys_arrive_as_they_are_written() {
    let names: [&[u8]; 8] = [
        br#"a"b"#,
        br#"a,b\c","d"#,
        "Grünes Café".as_bytes(),
        "网络".as_bytes(),
        b"caf\xe9",
        b" spaces ",
        b"AT+RST",
        b"0123456789abcdef0123456789abcdef",
    ];
    let keys: [&[u8]; 5] = [
        br#"pass"word"#,
        br#"a,b\c,"\\","#,
        "Schlüssel".as_bytes(),
        b"12345678",
        b"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
    ];
    for dialect in DIALECTS {
        for name in names {
            for key in keys {
                let board = Board::new(dialect, Air::new().ap(AccessPoint::new(name, key)));
                let nic = board.nic();
                let shown = format!("{dialect} {} {}", name.escape_ascii(), key.escape_ascii());
                assert_eq!(nic.connect(name, key), Ok(()), "{shown}");
                assert_eq!(nic.ifconfig().unwrap().ssid.as_bytes(), name, "{shown}");
            }
        }
    }
}

#[test]
fn what_cannot_be_a_name_or_key_is_einval_and_nothing_is_sent() {
    let (long_name, long_key) = ("n".repeat(33), "k".repeat(65));
    let cases: [(&str, &str, &str); 6] = [
        ("", "12345678", "the ssid must have 1 to 32 bytes"),
        (&long_name, "12345678", "the ssid must have 1 to 32 bytes"),
        (
            "home",
            &long_key,
            "the key must have 8 to 63 bytes, or 64 hexadecimal digits",
        ),
        (
            "home\r\nAT+RST",
            "12345678",
            "the ssid holds a control character, which the modem cannot be sent",
        ),
        (
            "ho\0me",
            "12345678",
            "the ssid holds a control character, which the modem cannot be sent",
        ),
        (
            "home",
            "1234\n5678",
            "the key holds a control character, which the modem cannot be sent",
        ),
    ];
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        for (name, key, message) in cases {
            let error = board.silent(|| nic.connect(name, key)).unwrap_err();
            assert_eq!((error.errno(), error.name()), (22, "EINVAL"));
            assert_eq!(error.message(), message, "{dialect} {name:?} {key:?}");
            let error = board.silent(|| nic.enable_ap(name, key)).unwrap_err();
            assert_eq!((error.errno(), error.message()), (22, message));
        }
        nic.connect("home", "12345678").unwrap();
    }
}

#[test]
fn what_old_firmware_cannot_be_sent_is_einval_with_the_reason() {
    let board = Board::new(Dialect::NonOs0_2x, home());
    let nic = board.nic();
    nic.connect("home", "12345678").unwrap();
    for (name, key, message) in [
        (
            "a,b",
            "12345678",
            "the ssid holds a quote, comma or backslash, which this old firmware cannot be sent",
        ),
        (
            "home",
            "1234\"5678",
            "the key holds a quote, comma or backslash, which this old firmware cannot be sent",
        ),
        (
            "0123456789abcdef0123456789abcdef",
            "12345678",
            "the ssid is too long for this firmware; it takes 31 or 32 bytes",
        ),
    ] {
        let error = board.silent(|| nic.connect(name, key)).unwrap_err();
        assert_eq!((error.errno(), error.message()), (22, message));
    }
    // Escapes make the line longer than 1.3 takes.
    let board = Board::new(Dialect::NonOs1_3, home());
    assert!(!board.nic().isconnected().unwrap());
    let outcome = board.silent(|| {
        board
            .nic()
            .connect("\"".repeat(32).as_str(), "\\".repeat(63).as_str())
    });
    let error = outcome.unwrap_err();
    assert_eq!(error.errno(), 22);
    assert_eq!(
        error.message(),
        "ssid and key are too long together for this firmware; shorten one"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_bytes_but_control_characters_arrive(
        name in vec(any::<u8>().prop_filter("control", |b| !b.is_ascii_control()), 1..=32),
        key in vec(any::<u8>().prop_filter("control", |b| !b.is_ascii_control()), 8..=63),
    ) {
        for dialect in DIALECTS {
            let board = Board::new(dialect, Air::new().ap(AccessPoint::new(&name, &key)));
            let nic = board.nic();
            match nic.connect(&name, &key) {
                Ok(()) => {
                    let found = nic.ifconfig().unwrap().ssid;
                    prop_assert_eq!(found.as_bytes(), &name);
                }
                // With many escapes the line is too long for 1.3.
                Err(error) => {
                    prop_assert_eq!((dialect, error.errno()), (Dialect::NonOs1_3, 22));
                    prop_assert_eq!(board.said("CWJAP"), 0);
                }
            }
        }
    }

    #[test]
    fn no_argument_panics_or_becomes_a_command(
        name in vec(any::<u8>(), 0..40),
        key in vec(any::<u8>(), 0..70),
        channel in any::<i32>(),
        security in -1..9,
    ) {
        let board = Board::new(Dialect::NonOs1_7, home());
        let nic = board.nic().with_connect_timeout(Some(Duration::from_secs(20)));
        let _ = nic.connect(&name, &key);
        let _ = nic.enable_ap_with(&name, &key, channel, security);
        let lines = board.said("\r\n");
        prop_assert_eq!(lines as u64, board.modem(|modem| modem.commands()));
        prop_assert!(!nic.isconnected().unwrap());
    }
}

#[test]
fn text_of_every_type_is_taken() {
    let board = Board::new(Dialect::NonOs1_7, home());
    let nic = board.nic();
    nic.connect("home", "12345678").unwrap();
    nic.connect(b"home", b"12345678").unwrap();
    nic.connect(&String::from("home"), &String::from("12345678"))
        .unwrap();
    nic.connect(&b"home".to_vec(), Some("12345678")).unwrap();
}
