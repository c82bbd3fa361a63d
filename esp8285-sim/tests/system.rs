//! Commands about the clock, the pins, the country and the UART; reconnecting, DHCP failures, joining at power-up.

mod common;

use common::{Host, air};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem};
use std::net::Ipv4Addr;

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

/// Asks and compares, showing the command on a difference.
#[track_caller]
fn check(host: &mut Host, exchanges: &[(&str, &str)]) {
    for (command, reply) in exchanges {
        assert_eq!(host.ask(command), *reply, "reply to {command}");
    }
}

fn silent(dialect: Dialect) -> Host {
    let mut host = Host::new(dialect);
    host.ask("ATE0");
    host
}

/// A modem that was made by `make`, with echo off.
fn made(dialect: Dialect, air: Air, make: impl FnOnce(Modem) -> Modem) -> Host {
    let net = MemoryNetwork::new();
    let modem = make(Modem::new(dialect, air, net.clone()));
    let mut host = Host::on(Bench::new(modem, BenchConfig::default()), net);
    host.ask("ATE0");
    host
}

#[test]
fn time_servers_give_the_time_once_joined() {
    for (dialect, unknown, at_zero, later) in [
        (
            Dialect::NonOs1_7,
            "+CIPSNTPTIME:Thu Jan 01 00:00:00 1970\r\n\r\nOK\r\n",
            "+CIPSNTPTIME:Sat Mar 01 08:00:",
            "2025\r\n\r\nOK\r\n",
        ),
        (
            Dialect::EspAt2_2,
            "+CIPSNTPTIME:Thu Jan  1 00:00:00 1970\r\nOK\r\n",
            "+CIPSNTPTIME:Sat Mar  1 08:00:",
            "2025\r\nOK\r\n",
        ),
    ] {
        let mut host = made(dialect, air(), |modem| modem.wall_clock(1_740_787_200));
        check(
            &mut host,
            &[
                ("AT+CIPSNTPCFG=1,8,\"pool.ntp.org\"", OK),
                (
                    "AT+CIPSNTPCFG?",
                    "+CIPSNTPCFG:1,8,\"pool.ntp.org\"\r\n\r\nOK\r\n",
                ),
            ],
        );
        host.read_for(1_000_000);
        assert_eq!(host.ask("AT+CIPSNTPTIME?"), unknown);
        host.join();
        host.read_for(600_000);
        let now = host.bench.now() / 1_000_000;
        let reply = host.ask("AT+CIPSNTPTIME?");
        assert_eq!(reply, format!("{at_zero}{now:02} {later}"));
        // A restart forgets.
        host.bench.with_modem(Modem::reset);
        host.read_for(5_000_000);
        host.ask("ATE0");
        assert_eq!(host.ask("AT+CIPSNTPTIME?"), unknown);
    }
}

#[test]
fn the_time_stamp_can_be_set() {
    let mut host = silent(Dialect::EspAt2_2);
    check(
        &mut host,
        &[
            ("AT+SYSTIMESTAMP=1740787200", OK),
            ("AT+SYSTIMESTAMP=-1", ERROR),
        ],
    );
    host.read_for(5_000_000);
    let reply = host.ask("AT+SYSTIMESTAMP?");
    assert_eq!(reply, "+SYSTIMESTAMP:1740787205\r\nOK\r\n");
}

#[test]
fn the_old_way_to_set_the_baud_rate() {
    for dialect in [Dialect::NonOs0_2x, Dialect::NonOs1_3, Dialect::NonOs1_7] {
        let mut host = silent(dialect);
        check(
            &mut host,
            &[
                ("AT+IPR?", ERROR),
                ("AT+IPR=109", ERROR),
                ("AT+IPR=57600", OK),
            ],
        );
        host.bench.set_host_baud(57_600);
        assert_eq!(host.ask("AT"), OK);
        host.bench.with_modem(Modem::reset);
        assert!(host.read_for(3_000_000).ends_with("\r\nready\r\n"));
    }
}

#[test]
fn pins() {
    let mut host = silent(Dialect::NonOs1_7);
    check(
        &mut host,
        &[
            ("AT+SYSADC?", "+SYSADC:0\r\n\r\nOK\r\n"),
            ("AT+SYSGPIODIR=12,1", "NOT GPIO MODE!\r\n\r\nERROR\r\n"),
            ("AT+SYSGPIOREAD=12", "NOT GPIO MODE!\r\n\r\nERROR\r\n"),
            ("AT+SYSIOSETCFG=12,3,1", OK),
            ("AT+SYSIOGETCFG=12", "+SYSIOGETCFG:12,3,1\r\n\r\nOK\r\n"),
            ("AT+SYSGPIOREAD=12", "+SYSGPIOREAD:12,0,1\r\n\r\nOK\r\n"),
            ("AT+SYSGPIOWRITE=12,0", "NOT OUTPUT!\r\n\r\nERROR\r\n"),
            ("AT+SYSGPIODIR=12,1", OK),
            ("AT+SYSGPIOWRITE=12,1", OK),
            ("AT+SYSGPIOREAD=12", "+SYSGPIOREAD:12,1,1\r\n\r\nOK\r\n"),
            ("AT+SYSGPIOWRITE=12,0", OK),
            ("AT+SYSGPIOREAD=12", "+SYSGPIOREAD:12,1,0\r\n\r\nOK\r\n"),
            ("AT+SYSIOSETCFG=7,3,1", ERROR),
            ("AT+SYSIOSETCFG=17,3,1", ERROR),
            ("AT+SYSIOSETCFG=12,3", ERROR),
            ("AT+SYSGPIODIR=12,2", ERROR),
        ],
    );
}

#[test]
fn country_and_mdns() {
    check(
        &mut silent(Dialect::NonOs1_6),
        &[
            (
                "AT+CWCOUNTRY_CUR?",
                "+CWCOUNTRY_CUR:0,\"CN\",1,13\r\n\r\nOK\r\n",
            ),
            ("AT+CWCOUNTRY_CUR=1,\"US\",1,11", OK),
            (
                "AT+CWCOUNTRY_CUR?",
                "+CWCOUNTRY_CUR:1,\"US\",1,11\r\n\r\nOK\r\n",
            ),
            ("AT+CWCOUNTRY_CUR=2,\"US\",1,11", ERROR),
            ("AT+MDNS=1,\"cam\",\"_http\",80", OK),
            ("AT+MDNS=1,\"cam\",\"_http\"", ERROR),
            ("AT+MDNS=1,\"cam\",\"_http\",0", ERROR),
            ("AT+MDNS=0", OK),
            ("AT+MDNS=2", ERROR),
        ],
    );
    check(
        &mut silent(Dialect::EspAt2_1),
        &[
            ("AT+CWCOUNTRY=1,\"US\",1,11", OK),
            ("AT+CWCOUNTRY?", "+CWCOUNTRY:1,\"US\",1,11\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn the_list_of_commands() {
    let mut host = silent(Dialect::EspAt2_2);
    host.send(b"AT+CMD?\r\n");
    let list = host.read_for(2_000_000);
    assert!(
        list.starts_with("+CMD:0,\"AT\",0,0,0,1\r\n+CMD:1,\"ATE\",0,0,1,0\r\n"),
        "{list:?}"
    );
    assert!(list.contains("\"AT+CWMODE\",1,1,1,0\r\n"), "{list:?}");
    assert!(list.contains("\"AT+UART_CUR\",0,1,1,0\r\n"), "{list:?}");
    assert!(
        !list.contains("AT+CWMODE_CUR") && !list.contains("AT+CIPSSLSIZE"),
        "{list:?}"
    );
    assert!(list.ends_with("\r\n\r\nOK\r\n"), "{list:?}");
    assert_eq!(silent(Dialect::EspAt2_1).ask("AT+CMD?"), ERROR);
}

#[test]
fn scans_leave_out_what_the_options_say() {
    let air = air().ap(AccessPoint::new("free", "").open().rssi(-80));
    let mut host = made(Dialect::EspAt2_2, air, |modem| modem);
    let mut scan = |options: &str| {
        assert_eq!(host.ask(options), OK);
        host.send(b"AT+CWLAP\r\n");
        host.read_for(2_100_000)
    };
    let (open, closed) = ("+CWLAP:(\"free\")\r\n", "+CWLAP:(\"workshop\")\r\n");
    assert_eq!(scan("AT+CWLAPOPT=1,2"), format!("{closed}{open}{OK}"));
    assert_eq!(scan("AT+CWLAPOPT=0,2,-70"), format!("{closed}{OK}"));
    assert_eq!(scan("AT+CWLAPOPT=0,2,-100,1"), format!("{open}{OK}"));
    assert_eq!(scan("AT+CWLAPOPT=0,2,-100,8"), format!("{closed}{OK}"));
}

#[test]
fn reconnecting_is_as_configured() {
    let lose = |host: &mut Host| host.bench.with_modem(Modem::wifi_lost);
    let back = "WIFI CONNECTED\r\nWIFI GOT IP\r\n";
    // Never.
    let mut host = Host::joined(Dialect::EspAt2_2);
    assert_eq!(host.ask("AT+CWRECONNCFG=0,0"), OK);
    lose(&mut host);
    assert_eq!(host.read_for(60_000_000), "WIFI DISCONNECT\r\n");
    // After five seconds and not before, by the setting or by the parameter of the join.
    for by_join in [false, true] {
        let mut host = Host::joined(Dialect::EspAt2_2);
        if by_join {
            host.send(b"AT+CWJAP=\"workshop\",\"correct horse\",,,5\r\n");
            host.read_for(3_000_000);
        } else {
            assert_eq!(host.ask("AT+CWRECONNCFG=5,2"), OK);
        }
        lose(&mut host);
        assert_eq!(host.read_for(5_700_000), "WIFI DISCONNECT\r\n");
        assert_eq!(host.read_for(1_000_000), back);
    }
    // Twice and no more.
    let mut host = Host::joined(Dialect::EspAt2_2);
    assert_eq!(host.ask("AT+CWRECONNCFG=1,2"), OK);
    host.bench.with_modem(|modem| {
        modem.air_mut().remove("workshop");
        modem.wifi_lost();
    });
    assert_eq!(host.read_for(20_000_000), "WIFI DISCONNECT\r\n");
    host.bench.with_modem(|modem| *modem.air_mut() = air());
    assert_eq!(host.read_for(20_000_000), "");
}

#[test]
fn without_dhcp_a_join_fails_unless_the_address_is_set() {
    let broken = || Air::new().ap(AccessPoint::new("workshop", "correct horse").no_dhcp());
    for (dialect, reply, later) in [
        (
            Dialect::NonOs1_7,
            "WIFI CONNECTED\r\n+CWJAP:1\r\n\r\nFAIL\r\n",
            "DHCP TIMEOUT\r\n",
        ),
        (
            Dialect::EspAt2_2,
            "WIFI CONNECTED\r\n+CWJAP:1\r\n\r\nERROR\r\n",
            "",
        ),
    ] {
        let mut host = made(dialect, broken(), |modem| modem);
        host.ask("AT+CWMODE=1");
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        assert_eq!(host.read_for(15_100_000), reply, "{dialect}");
        assert_eq!(host.read_for(10_000_000), later, "{dialect}");
        assert!(host.ask("AT+CIPSTATUS").starts_with("STATUS:5\r\n"));
        assert_eq!(
            host.ask("AT+CIPSTA=\"10.0.0.9\",\"10.0.0.1\",\"255.0.0.0\""),
            OK
        );
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        let reply = host.read_for(3_000_000);
        assert_eq!(
            reply,
            "WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
        );
        assert!(
            host.ask("AT+CIFSR")
                .starts_with("+CIFSR:STAIP,\"10.0.0.9\"\r\n")
        );
    }
    // CWSTATE tells joined from joined without address.
    let mut host = made(Dialect::EspAt2_2, broken(), |modem| modem);
    host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
    host.read_for(16_000_000);
    assert!(host.ask("AT+CWSTATE?").starts_with("+CWSTATE:1,"));
}

#[test]
fn a_stored_access_point_is_joined_at_power_up_in_the_middle_of_the_first_commands() {
    for dialect in [Dialect::NonOs1_7, Dialect::EspAt2_2] {
        let net = MemoryNetwork::new();
        let modem = Modem::new(dialect, air(), net.clone()).stored_ap("workshop", "correct horse");
        let mut host = Host::on(Bench::new(modem, BenchConfig::default()), net);
        assert_eq!(host.ask("ATE0"), format!("ATE0\r\n{OK}"));
        assert_eq!(host.ask("AT+CWMODE?"), "+CWMODE:1\r\n\r\nOK\r\n");
        host.read_for(450_000);
        // Associated at 0.75 s: a join of one's own then tears that down first.
        assert_eq!(host.read_for(150_000), "WIFI CONNECTED\r\n");
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        let reply = host.read_for(3_000_000);
        assert_eq!(
            reply,
            "WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
        );
    }
    // Before that, it replaces the attempt.
    let net = MemoryNetwork::new();
    let modem =
        Modem::new(Dialect::NonOs1_7, air(), net.clone()).stored_ap("workshop", "correct horse");
    let mut host = Host::on(Bench::new(modem, BenchConfig::default()), net);
    host.ask("ATE0");
    host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
    assert_eq!(
        host.read_for(3_000_000),
        "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n"
    );
}

#[test]
fn addresses_of_the_access_point_follow_its_own() {
    let mut host = silent(Dialect::EspAt2_2);
    check(
        &mut host,
        &[
            ("AT+CWMODE=2", OK),
            ("AT+CIPAP=\"10.9.8.1\",\"10.9.8.1\",\"255.255.255.0\"", OK),
            (
                "AT+CWDHCPS?",
                "+CWDHCPS:120,10.9.8.2,10.9.8.101\r\n\r\nOK\r\n",
            ),
        ],
    );
    let joined = host
        .bench
        .with_modem(|modem| modem.station_joins([2; 6], ""));
    assert_eq!(joined, Ok(Some(Ipv4Addr::new(10, 9, 8, 2))));
}
