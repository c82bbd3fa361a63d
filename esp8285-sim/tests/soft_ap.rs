//! The modem as an access point.

mod common;

use std::net::Ipv4Addr;

use common::Host;
use esp8285_sim::{Dialect, Modem, StationRefused};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const PHONE: [u8; 6] = [0xa4, 0x11, 0x22, 0x33, 0x44, 0x55];
const LAPTOP: [u8; 6] = [0xa4, 0x11, 0x22, 0x33, 0x44, 0x66];

fn ap(dialect: Dialect) -> Host {
    let mut host = Host::new(dialect);
    host.ask("ATE0");
    host.ask("AT+CWMODE=3");
    assert_eq!(
        host.ask("AT+CWSAP=\"cam\",\"12345678\",5,3"),
        OK,
        "{dialect}"
    );
    host
}

fn joins(host: &Host, mac: [u8; 6], password: &str) -> Result<Option<Ipv4Addr>, StationRefused> {
    host.bench
        .with_modem(|modem| modem.station_joins(mac, password))
}

#[test]
fn its_settings_are_checked() {
    for &dialect in Dialect::ALL {
        let nonos = dialect.to_string().starts_with("nonos") || dialect == Dialect::EspAtMod;
        let mut host = ap(dialect);
        let most = if nonos { 4 } else { 10 };
        let shown = format!("+CWSAP:\"cam\",\"12345678\",5,3,{most},0\r\n\r\nOK\r\n");
        assert_eq!(host.ask("AT+CWSAP?"), shown, "{dialect}");
        for wrong in [
            "\"cam\",\"1234567\",5,3",
            "\"\",\"12345678\",5,3",
            "\"123456789012345678901234567890123\",\"12345678\",5,3",
            "\"cam\",\"12345678\",0,3",
            "\"cam\",\"12345678\",15,3",
            "\"cam\",\"12345678\",5,1",
            "\"cam\",\"12345678\",5,5",
            "\"cam\",\"12345678\",5",
            "\"cam\",\"12345678\",5,3,0",
            "\"cam\",\"12345678\",5,3,11",
            "\"cam\",\"12345678\",5,3,4,2",
        ] {
            assert_eq!(host.ask(&format!("AT+CWSAP={wrong}")), ERROR, "{wrong}");
        }
        assert_eq!(host.ask("AT+CWSAP?"), shown, "{dialect}");
        assert_eq!(host.ask("AT+CWSAP=\"open\",\"\",11,0,2,1"), OK);
        assert_eq!(
            host.ask("AT+CWSAP?"),
            "+CWSAP:\"open\",\"\",11,0,2,1\r\n\r\nOK\r\n"
        );
        host.ask("AT+CWMODE=1");
        assert_eq!(host.ask("AT+CWSAP?"), ERROR);
        assert_eq!(host.ask("AT+CWSAP=\"cam\",\"12345678\",5,3"), ERROR);
        assert_eq!(host.ask("AT+CWLIF"), ERROR);
    }
}

#[test]
fn stations_come_and_go() {
    let mac = "a4:11:22:33:44:55";
    for (dialect, reports, listed) in [
        (Dialect::NonOs0_2x, false, ""),
        (Dialect::NonOs1_3, true, ""),
        (Dialect::NonOs1_7, true, ""),
        (Dialect::EspAt2_0, true, "+CWLIF:"),
        (Dialect::EspAt2_2, true, "+CWLIF:"),
    ] {
        let mut host = ap(dialect);
        let report = |text: String| if reports { text } else { String::new() };
        assert_eq!(host.ask("AT+CWLIF"), OK);
        let address = joins(&host, PHONE, "12345678");
        assert_eq!(address, Ok(Some(Ipv4Addr::new(192, 168, 4, 2))));
        let connected = report(format!("+STA_CONNECTED:\"{mac}\"\r\n"));
        assert_eq!(host.read_for(290_000), connected);
        assert_eq!(
            host.read_for(20_000),
            report(format!("+DIST_STA_IP:\"{mac}\",\"192.168.4.2\"\r\n"))
        );
        assert_eq!(
            host.ask("AT+CWLIF"),
            format!("{listed}192.168.4.2,{mac}\r\n\r\nOK\r\n")
        );
        assert!(host.bench.with_modem(|modem| modem.station_leaves(PHONE)));
        assert_eq!(
            host.read_for(10_000),
            report(format!("+STA_DISCONNECTED:\"{mac}\"\r\n"))
        );
        assert_eq!(host.ask("AT+CWLIF"), OK);
        assert!(!host.bench.with_modem(|modem| modem.station_leaves(PHONE)));
        // The mode ends them all.
        joins(&host, PHONE, "12345678").unwrap();
        host.read_for(400_000);
        let ended = report(format!("+STA_DISCONNECTED:\"{mac}\"\r\n"));
        assert_eq!(host.ask("AT+CWMODE=1"), format!("{ended}{OK}"));
        assert_eq!(
            joins(&host, PHONE, "12345678"),
            Err(StationRefused::NoAccessPoint)
        );
    }
}

#[test]
fn the_password_and_the_number_of_stations_count() {
    let mut host = ap(Dialect::NonOs1_7);
    assert_eq!(
        joins(&host, PHONE, "87654321"),
        Err(StationRefused::WrongPassword)
    );
    assert_eq!(host.ask("AT+CWSAP=\"cam\",\"\",5,0,1"), OK);
    assert_eq!(
        joins(&host, PHONE, "whatever"),
        Ok(Some(Ipv4Addr::new(192, 168, 4, 2)))
    );
    assert_eq!(joins(&host, LAPTOP, ""), Err(StationRefused::Full));
    host.bench.with_modem(Modem::reset);
    assert_eq!(joins(&host, PHONE, ""), Err(StationRefused::NoAccessPoint));
    assert!(host.read_for(3_000_000).ends_with("\r\nready\r\n"));
    host.ask("ATE0");
    assert_eq!(host.ask("AT+CWLIF"), OK);
}

#[test]
fn the_range_of_addresses() {
    for (dialect, suffix) in [(Dialect::NonOs1_7, "_CUR"), (Dialect::EspAt2_2, "")] {
        let mut host = ap(dialect);
        let mut ask = |rest: &str| host.ask(&format!("AT+CWDHCPS{suffix}{rest}"));
        let range = |shown: &str| format!("+CWDHCPS{suffix}:{shown}\r\n\r\nOK\r\n");
        assert_eq!(ask("?"), range("120,192.168.4.2,192.168.4.101"));
        assert_eq!(ask("=1,3,\"192.168.4.10\",\"192.168.4.11\""), OK);
        assert_eq!(ask("?"), range("3,192.168.4.10,192.168.4.11"));
        for wrong in [
            "=1",
            "=1,0,\"192.168.4.10\",\"192.168.4.15\"",
            "=1,2881,\"192.168.4.10\",\"192.168.4.15\"",
            "=1,3,\"192.168.5.10\",\"192.168.5.15\"",
            "=1,3,\"192.168.4.15\",\"192.168.4.10\"",
            "=1,3,\"192.168.4.1\",\"192.168.4.10\"",
            "=1,3,\"192.168.4.10\",\"192.168.4.200\"",
        ] {
            assert_eq!(ask(wrong), ERROR, "{wrong}");
        }
        assert_eq!(
            joins(&host, PHONE, "12345678"),
            Ok(Some(Ipv4Addr::new(192, 168, 4, 10)))
        );
        assert_eq!(
            joins(&host, LAPTOP, "12345678"),
            Ok(Some(Ipv4Addr::new(192, 168, 4, 11)))
        );
        // Nothing left: it joins and gets no address.
        assert_eq!(joins(&host, [2; 6], "12345678"), Ok(None));
        host.read_for(400_000);
        let listed = host.ask("AT+CWLIF");
        assert!(
            listed.contains("0.0.0.0,02:02:02:02:02:02\r\n"),
            "{listed:?}"
        );
        assert_eq!(host.ask(&format!("AT+CWDHCPS{suffix}=0")), OK);
        assert!(
            host.ask(&format!("AT+CWDHCPS{suffix}?"))
                .contains(":120,192.168.4.2,")
        );
    }
}

#[test]
fn without_dhcp_there_are_no_addresses() {
    for (dialect, off) in [
        (Dialect::NonOs1_7, "AT+CWDHCP=0,0"),
        (Dialect::EspAt2_2, "AT+CWDHCP=0,2"),
    ] {
        let mut host = ap(dialect);
        assert_eq!(host.ask(off), OK);
        assert_eq!(joins(&host, PHONE, "12345678"), Ok(None));
        assert_eq!(
            host.read_for(1_000_000),
            "+STA_CONNECTED:\"a4:11:22:33:44:55\"\r\n"
        );
    }
}

#[test]
fn its_mac_address_can_be_set() {
    for (dialect, shown) in [
        (Dialect::NonOs1_7, "1a:fe:34:00:00:07"),
        (Dialect::EspAt2_2, "1a:fe:34:00:00:07"),
        (Dialect::EspAtMod, "1A:FE:34:00:00:07"),
    ] {
        let mut host = ap(dialect);
        assert_eq!(host.ask("AT+CIPAPMAC=\"1a:fe:34:00:00:07\""), OK);
        assert_eq!(
            host.ask("AT+CIPAPMAC?"),
            format!("+CIPAPMAC:\"{shown}\"\r\n\r\nOK\r\n")
        );
        assert_eq!(host.ask("AT+CIPAPMAC=\"1b:fe:34:00:00:07\""), ERROR);
        assert!(
            host.ask("AT+CIFSR")
                .contains(&format!("+CIFSR:APMAC,\"{shown}\"\r\n"))
        );
    }
}
