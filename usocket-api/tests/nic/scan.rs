//! `scan`: every access point once, whatever it is called.

use esp8285_sim::{AccessPoint, Air, Dialect};
use usocket_api::network::{MacAddr, OPEN, ScanEntry, WPA2_PSK};
use usocket_api::{ErrorKind, OSError};

use crate::{Board, DIALECTS, SECOND, home, number};

fn names() -> Vec<Vec<u8>> {
    let mut names: Vec<Vec<u8>> = (0..20).map(|n| format!("net {n}").into_bytes()).collect();
    names.push(b"".to_vec()); // hidden
    names.push(b"a\",\"b".to_vec());
    names.push(b"x)y(,-3,".to_vec());
    names.push("Grünes Café".into());
    names.push(b"caf\xe9".to_vec());
    names.push(b"0123456789abcdef0123456789abcdef".to_vec());
    names.push(b"OK".to_vec());
    names.push(b"twice".to_vec());
    names.push(b"twice".to_vec());
    names
}

fn bssid(n: usize) -> [u8; 6] {
    [0x18, 0xfe, 0x34, 0, 0, n as u8]
}

fn crowd() -> Air {
    let mut air = Air::new();
    for (n, name) in names().iter().enumerate() {
        let ap = AccessPoint::new(name, "12345678").bssid(bssid(n));
        air = air.ap(ap.channel(1 + n as u8 % 13).rssi(-40 - n as i8));
    }
    air.ap(AccessPoint::new("open", "").open().bssid(bssid(200)))
}

fn found(scan: impl FnOnce(&mut dyn FnMut(&ScanEntry)) -> Result<u32, OSError>) -> Vec<ScanEntry> {
    let mut found = vec![];
    assert_eq!(scan(&mut |entry| found.push(*entry)), Ok(0));
    found.sort_by_key(|entry| entry.bssid);
    found
}

#[test]
fn every_access_point_comes_once_with_everything_about_it() {
    for dialect in Dialect::ALL {
        let board = Board::new(*dialect, crowd());
        let nic = board.nic();
        let found = found(|each| nic.scan_each(each));
        assert_eq!(found.len(), names().len() + 1, "{dialect}");
        for (n, name) in names().iter().enumerate() {
            assert_eq!(found[n].ssid.as_bytes(), name, "{dialect}");
            assert_eq!(found[n].bssid, Some(MacAddr(bssid(n))), "{dialect}");
            assert_eq!(found[n].rssi, -40 - n as i8, "{dialect}");
            assert_eq!(found[n].channel, Some(1 + n as u8 % 13), "{dialect}");
            assert_eq!(found[n].security, WPA2_PSK, "{dialect}");
        }
        assert_eq!(found.last().unwrap().security, OPEN, "{dialect}");
    }
}

#[test]
fn the_text_of_an_entry_is_maixpys() {
    let board = Board::new(Dialect::NonOs1_7, crowd());
    let found = found(|each| board.nic().scan_each(each));
    let text = |n: usize| found[n].to_string();
    assert_eq!(text(3), r#"3,"net 3",-43,"18:fe:34:00:00:03",4"#);
    assert_eq!(text(20), r#"3,"",-60,"18:fe:34:00:00:14",8"#);
    assert_eq!(text(23), r#"3,"Grünes Café",-63,"18:fe:34:00:00:17",11"#);
    assert_eq!(text(24), "3,\"caf\u{fffd}\",-64,\"18:fe:34:00:00:18\",12");
    assert_eq!(text(29), r#"0,"open",-58,"18:fe:34:00:00:c8",6"#);
}

#[cfg(feature = "alloc")]
#[test]
fn with_a_heap_scan_returns_the_list() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, crowd());
        let list = board.nic().scan().unwrap();
        let mut again = vec![];
        board.nic().scan_each(|entry| again.push(*entry)).unwrap();
        assert_eq!(list, again, "{dialect}");
        assert_eq!(list.len(), names().len() + 1);
    }
}

#[test]
fn nothing_in_range_is_an_empty_list() {
    for dialect in Dialect::ALL {
        let board = Board::new(*dialect, Air::new());
        let found = found(|each| board.nic().scan_each(each));
        assert_eq!(found, [], "{dialect}");
    }
}

#[test]
fn a_scan_leaves_the_station_joined() {
    for dialect in DIALECTS {
        let board = Board::new(dialect, home());
        let nic = board.nic();
        nic.connect("home", "12345678").unwrap();
        assert_eq!(found(|each| nic.scan_each(each)).len(), 1);
        assert!(nic.isconnected().unwrap(), "{dialect}");
    }
}

#[test]
fn a_scan_after_one_that_was_broken_off_lists_everything() {
    for dialect in DIALECTS {
        // Before the list comes, and in its middle.
        for after in [SECOND, 2 * SECOND + 100_000] {
            let board = Board::new(dialect, crowd());
            let nic = board.nic();
            assert!(!nic.isconnected().unwrap());
            board.time.cancel_at.set(Some(board.now() + after));
            let error = nic.scan_each(|_| ()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Interrupted, "{dialect} {after}");
            let found = found(|each| nic.scan_each(each));
            assert_eq!(found.len(), names().len() + 1, "{dialect} {after}");
        }
    }
}

#[test]
fn a_name_with_a_line_end_costs_its_own_entry_only() {
    for dialect in DIALECTS {
        let air = home().ap(AccessPoint::new("two\r\nlines", "12345678"));
        let board = Board::new(dialect, air);
        let mut names = vec![];
        let missed = board
            .nic()
            .scan_each(|entry| names.push(entry.ssid.to_string()));
        assert_eq!(missed, Ok(1), "{dialect}");
        assert_eq!(names, ["home"], "{dialect}");
    }
}

#[test]
fn a_modem_that_refuses_to_scan_is_eagain() {
    let board = Board::new(Dialect::NonOs1_7, home());
    let nic = board.nic();
    assert!(!nic.isconnected().unwrap());
    // An access point alone, as somebody else may have set it: then it cannot scan.
    let now = board.now();
    board.modem(|modem| modem.input(now, b"AT+CWMODE_CUR=2\r\n"));
    board.time.bench.advance(SECOND);
    assert_eq!(number(nic.scan_each(|_| ())), (11, "EAGAIN"));
}
