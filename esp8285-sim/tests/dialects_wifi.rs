//! What differs between the versions, byte for byte: Wi-Fi.

mod common;

use common::{Host, air};
use esp8285_sim::{AccessPoint, Air, BenchConfig, Dialect};

use Dialect::{
    EspAt2_0, EspAt2_1, EspAt2_2, EspAt2_3, EspAtMod, NonOs0_2x, NonOs1_3, NonOs1_6, NonOs1_7,
};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

#[test]
fn joined_to_what() {
    for (dialect, shown) in [
        (NonOs0_2x, "\"workshop\""),
        (NonOs1_3, "\"workshop\",\"12:34:56:78:9a:bc\",10,-58"),
        (NonOs1_6, "\"workshop\",\"12:34:56:78:9a:bc\",10,-58"),
        (NonOs1_7, "\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0"),
        (EspAt2_0, "\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0,1,3"),
        (
            EspAt2_1,
            "\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0,1,3,0",
        ),
        (
            EspAt2_2,
            "\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0,1,3,0,1",
        ),
        (
            EspAt2_3,
            "\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0,1,3,0,1",
        ),
    ] {
        let mut host = Host::joined(dialect);
        assert_eq!(
            host.ask("AT+CWJAP?"),
            format!("+CWJAP:{shown}\r\n\r\nOK\r\n"),
            "{dialect}"
        );
    }
    for &dialect in Dialect::ALL {
        let expected = if dialect.to_string().starts_with("esp-at-") {
            OK
        } else {
            "No AP\r\n\r\nOK\r\n"
        };
        assert_eq!(
            Host::station(dialect).ask("AT+CWJAP?"),
            expected,
            "{dialect}"
        );
    }
}

#[test]
fn joining_takes_its_time() {
    let old = (3_000_000, "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n");
    for (dialect, (at_us, reply)) in [
        (NonOs0_2x, (3_000_000, OK)),
        (NonOs1_3, old),
        (NonOs1_6, old),
        (NonOs1_7, (1_000_000, old.1)),
        (EspAt2_0, (300_000, old.1)),
        (EspAtMod, (300_000, old.1)),
    ] {
        let mut host = Host::with(dialect, air().join_time_ms(300), BenchConfig::default());
        host.ask("ATE0");
        host.ask("AT+CWMODE=1");
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        let early = host.read_for(at_us - 10_000);
        assert!(!early.contains("OK"), "{dialect}: {early:?}");
        assert_eq!(early + &host.read_for(20_000), reply, "{dialect}");
    }
    // Later, the old ones look every two seconds.
    let mut host = Host::with(NonOs1_6, air().join_time_ms(3_500), BenchConfig::default());
    host.ask("ATE0");
    host.ask("AT+CWMODE=1");
    host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
    assert!(!host.read_for(4_990_000).contains("OK"));
    assert_eq!(host.read_for(30_000), OK);
}

#[test]
fn failing_to_join() {
    for (dialect, limit, reply) in [
        (NonOs0_2x, 15_000_000, "+CWJAP:2\r\n\r\nFAIL\r\n"),
        (
            NonOs1_3,
            15_000_000,
            "WIFI DISCONNECT\r\n+CWJAP:2\r\n\r\nFAIL\r\n",
        ),
        (
            NonOs1_6,
            15_000_000,
            "WIFI DISCONNECT\r\n+CWJAP:2\r\n\r\nFAIL\r\n",
        ),
        (EspAt2_0, 15_000_000, "+CWJAP:2\r\n\r\nERROR\r\n"),
        (
            EspAtMod,
            15_000_000,
            "WIFI DISCONNECT (202)\r\n\r\n+CWJAP:2\r\nFAIL\r\n",
        ),
    ] {
        let mut host = Host::station(dialect);
        host.send(b"AT+CWJAP=\"workshop\",\"wrong\"\r\n");
        let early = host.read_for(limit - 10_000);
        assert!(!early.contains("CWJAP"), "{dialect}: {early:?}");
        assert_eq!(early + &host.read_for(50_000), reply, "{dialect}");
        assert_eq!(host.ask("AT"), OK);
    }
}

#[test]
fn leaving() {
    for (dialect, said) in [
        (NonOs0_2x, ""),
        (NonOs1_3, "WIFI DISCONNECT\r\n"),
        (EspAt2_3, "WIFI DISCONNECT\r\n"),
        (EspAtMod, "WIFI DISCONNECT (8)\r\n"),
    ] {
        let mut host = Host::joined(dialect);
        assert_eq!(host.ask("AT+CWQAP"), format!("{OK}{said}"), "{dialect}");
    }
}

#[test]
fn what_a_join_takes() {
    for (dialect, rest, allowed) in [
        (NonOs0_2x, ",\"12:34:56:78:9a:bc\"", false),
        (NonOs1_6, ",\"12:34:56:78:9a:bc\"", true),
        (NonOs1_6, ",,1", false),
        (NonOs1_7, ",,1", true),
        (EspAt2_0, ",,0,1,3", true),
        (EspAt2_0, ",,0,1,3,0,5", false),
        (EspAt2_1, ",,0,1,3,0,5", true),
        (EspAt2_1, ",,0,1,3,0,5,1", false),
        (EspAt2_2, ",,0,1,3,0,5,1", true),
    ] {
        let mut host = Host::station(dialect);
        host.send(format!("AT+CWJAP=\"workshop\",\"correct horse\"{rest}\r\n").as_bytes());
        let reply = host.read_for(3_200_000);
        assert_eq!(reply.ends_with(OK), allowed, "{dialect} {rest}: {reply:?}");
        assert_eq!(reply == ERROR, !allowed, "{dialect} {rest}: {reply:?}");
    }
}

#[test]
fn scans() {
    let air = Air::new().ap(AccessPoint::new("a b", "12345678")
        .bssid([2, 0, 0, 0, 0, 0xab])
        .channel(3)
        .rssi(-90));
    let seven = "+CWLAP:(3,\"a b\",-90,\"02:00:00:00:00:ab\",3,-11,0)\r\n";
    let eleven = "+CWLAP:(3,\"a b\",-90,\"02:00:00:00:00:ab\",3,-11,0,4,4,7,0)\r\n";
    for (dialect, line) in [
        (
            NonOs0_2x,
            "+CWLAP:(3,\"a b\",-90,\"02:00:00:00:00:ab\",3)\r\n",
        ),
        (NonOs1_3, seven),
        (NonOs1_6, seven),
        (NonOs1_7, eleven),
        (EspAt2_0, eleven),
        (EspAt2_3, eleven),
        (EspAtMod, "+CWLAP:(3,a b,-90,\"02:00:00:00:00:AB\",3)\n"),
    ] {
        let mut host = Host::with(dialect, air.clone(), BenchConfig::default());
        host.ask("ATE0");
        host.ask("AT+CWMODE=1");
        host.send(b"AT+CWLAP\r\n");
        assert_eq!(host.read_for(2_100_000), format!("{line}{OK}"), "{dialect}");
    }
}

#[test]
fn addresses_of_esp_atmod() {
    let mut host = Host::joined(EspAtMod);
    assert_eq!(
        host.ask("AT+CIFSR"),
        "+CISFR:STAIP,\"192.168.1.77\"\r\n+CIFSR:STAMAC,\"18:FE:34:82:85:01\"\r\n\r\nOK\r\n"
    );
    assert_eq!(
        host.ask("AT+CIPSTAMAC?"),
        "+CIPSTAMAC:\"18:FE:34:82:85:01\"\r\n\r\nOK\r\n"
    );
}

#[test]
fn the_oldest_has_no_escapes() {
    let air = Air::new().ap(AccessPoint::new("a\\b", "c,d"));
    let mut host = Host::with(NonOs0_2x, air, BenchConfig::default());
    host.ask("ATE0");
    host.ask("AT+CWMODE=1");
    host.send(b"AT+CWJAP=\"a\\b\",\"c,d\"\r\n");
    assert_eq!(host.read_for(3_200_000), OK);
    assert_eq!(host.ask("AT+CWJAP?"), "+CWJAP:\"a\\b\"\r\n\r\nOK\r\n");
}
