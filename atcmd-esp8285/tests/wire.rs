//! The wire is an interface: the exact bytes of every command, per dialect.
//!
//! This file is the one place where those bytes stand. A command without a
//! row fails `every_command_has_a_row`; a dialect without an entry must lack
//! what the row names. The sequence of the common exchanges is in
//! `tests/sequence.rs`.

use core::net::{Ipv4Addr, SocketAddrV4};
use std::collections::BTreeSet;

use atcmd_esp8285::at::atat::AtatCmd;
use atcmd_esp8285::at::command::*;
use atcmd_esp8285::at::escape::Secret;
use atcmd_esp8285::wifi::{Interface, Ipv4Config, MacAddress};
use atcmd_esp8285::{Capability, Dialect};

type Dialects = &'static [&'static Dialect];

const OLD: Dialects = &[&Dialect::NONOS_0_2X];
/// NonOS 1.x and the firmware that takes after it: `_CUR`.
const NONOS: Dialects = &[
    &Dialect::NONOS_1_1,
    &Dialect::NONOS_1_4,
    &Dialect::NONOS_1_7,
    &Dialect::ESP_ATMOD,
];
const ESP_AT: Dialects = &[
    &Dialect::ESP_AT_2_0,
    &Dialect::ESP_AT_2_1,
    &Dialect::ESP_AT_2_2,
    &Dialect::ESP_AT_2_3,
];

/// What one command looks like.
struct Row {
    /// The type in `at::command`.
    name: &'static str,
    bytes: fn(&'static Dialect) -> String,
    expected: Vec<(Dialects, &'static str)>,
    /// Dialects that lack this need no entry.
    needs: Option<Capability>,
}

fn bytes(command: &impl AtatCmd) -> String {
    let mut buf = [0; 512];
    let n = command.write(&mut buf);
    assert!(n > 0, "it does not fit 512 bytes");
    assert!(buf[..n].ends_with(b"\r\n"));
    buf[..n - 2].escape_ascii().to_string()
}

/// `row!(Type [Capability] |dialect| { fields } dialects => "bytes", ..)`; the
/// bytes are written as `escape_ascii` does and without the CR LF.
macro_rules! row {
    ($name:ident $([$needs:ident])? |$d:pat_param| { $($field:tt)* } $($dialects:expr => $expected:expr),+ $(,)?) => {
        Row {
            name: stringify!($name),
            bytes: |$d| bytes(&$name { $($field)* }),
            expected: vec![$(($dialects, $expected)),+],
            needs: None $(.or(Some(Capability::$needs)))?,
        }
    };
}

const ALL: Dialects = &Dialect::ALL;
const MAC: MacAddress = MacAddress([0x18, 0xfe, 0x34, 0xab, 0x02, 0x03]);
const REMOTE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(192, 168, 0, 183), 3456);
const HOST: Host<'static> = Host::Address(*REMOTE.ip());
const CONFIG: Ipv4Config = Ipv4Config {
    address: Ipv4Addr::new(192, 168, 1, 50),
    gateway: Ipv4Addr::new(192, 168, 1, 1),
    netmask: Ipv4Addr::new(255, 255, 255, 0),
};
const SERVERS: &[Ipv4Addr] = &[Ipv4Addr::new(8, 8, 8, 8), Ipv4Addr::new(1, 1, 1, 1)];

#[rustfmt::skip]
fn start_up() -> Vec<Row> {
    vec![
        row!(Attention |_| {} ALL => "AT"),
        row!(EchoOff |_| {} ALL => "ATE0"),
        row!(Version |_| {} ALL => "AT+GMR"),
        row!(Reset |_| {} ALL => "AT+RST"),
        row!(DoNotStore |_| {} ALL => "AT+SYSSTORE=0"),
        row!(NormalTransmission |_| {} ALL => "AT+CIPMODE=0"),
        row!(MultipleLinks |_| {} ALL => "AT+CIPMUX=1"),
        row!(AreLinksNumbered |_| {} ALL => "AT+CIPMUX?"),
        row!(PeerInfo |_| { on: false } ALL => "AT+CIPDINFO=0"),
        row!(PeerInfo [PeerInfo] |_| { on: true } ALL => "AT+CIPDINFO=1"),
        row!(ReceiveMode [PassiveReceive] |_| { passive: true } ALL => "AT+CIPRECVMODE=1"),
        row!(ReceiveMode [PassiveReceive] |_| { passive: false } ALL => "AT+CIPRECVMODE=0"),
        row!(WifiMode |d| { access_point: false, current: d.cur_suffix }
            OLD => "AT+CWMODE=1", NONOS => "AT+CWMODE_CUR=1", ESP_AT => "AT+CWMODE=1"),
        row!(WifiMode |d| { access_point: true, current: d.cur_suffix }
            OLD => "AT+CWMODE=3", NONOS => "AT+CWMODE_CUR=3", ESP_AT => "AT+CWMODE=3"),
    ]
}

#[rustfmt::skip]
fn links() -> Vec<Row> {
    vec![
        row!(Resolve [Dns] |d| { host: "dl.sipeed.com", escapes: d.escapes }
            ALL => r#"AT+CIPDOMAIN=\"dl.sipeed.com\""#),
        row!(Connect |_| { link: 4, transport: Transport::Tcp { keep_alive: 0 }, host: HOST, port: 3456 }
            ALL => r#"AT+CIPSTART=4,\"TCP\",\"192.168.0.183\",3456"#),
        row!(Connect [KeepAlive] |_| { link: 0, transport: Transport::Tcp { keep_alive: 7200 }, host: HOST, port: 80 }
            ALL => r#"AT+CIPSTART=0,\"TCP\",\"192.168.0.183\",80,7200"#),
        row!(Connect [Tls] |_| { link: 1, transport: Transport::Tls { keep_alive: 0 }, host: Host::Name(b"x.org"), port: 443 }
            ALL => r#"AT+CIPSTART=1,\"SSL\",\"x.org\",443"#),
        row!(Connect [Tls] |_| { link: 1, transport: Transport::Tls { keep_alive: 60 }, host: HOST, port: 443 }
            ALL => r#"AT+CIPSTART=1,\"SSL\",\"192.168.0.183\",443,60"#),
        row!(Connect [Udp] |_| { link: 2, transport: Transport::Udp { local_port: 0, mode: 0 }, host: HOST, port: 53 }
            ALL => r#"AT+CIPSTART=2,\"UDP\",\"192.168.0.183\",53"#),
        row!(Connect [Udp] |_| { link: 3, transport: Transport::Udp { local_port: 5000, mode: 2 }, host: HOST, port: 53 }
            ALL => r#"AT+CIPSTART=3,\"UDP\",\"192.168.0.183\",53,5000,2"#),
        row!(SendTo [Udp] |_| { link: 3, len: 12, to: REMOTE }
            ALL => r#"AT+CIPSEND=3,12,\"192.168.0.183\",3456"#),
        row!(Status |_| {} ALL => "AT+CIPSTATUS"),
        row!(CloseMode [Abort] |_| { link: 2, abort: true } ALL => "AT+CIPCLOSEMODE=2,1"),
        row!(CloseMode [Abort] |_| { link: 2, abort: false } ALL => "AT+CIPCLOSEMODE=2,0"),
        row!(NoDelay [NoDelay] |_| { link: 2, on: true } ALL => "AT+CIPTCPOPT=2,-1,1,0"),
        row!(NoDelay [NoDelay] |_| { link: 2, on: false } ALL => "AT+CIPTCPOPT=2,-1,0,0"),
        row!(ServerLimit [ServerLimit] |_| { links: 5 } ALL => "AT+CIPSERVERMAXCONN=5"),
        row!(StartServer [Server] |_| { port: 8080 } ALL => "AT+CIPSERVER=1,8080"),
        row!(StopServer [Server] |_| {} ALL => "AT+CIPSERVER=0"),
        row!(ServerTimeout [Server] |_| { seconds: 180 } ALL => "AT+CIPSTO=180"),
        row!(TlsBuffer [TlsBuffer] |_| { size: 4096 } ALL => "AT+CIPSSLSIZE=4096"),
        row!(TlsVerification [TlsVerification] |_| { link: None, mode: 2, certificate: 0, authority: 0 }
            ALL => "AT+CIPSSLCCONF=2"),
        row!(TlsVerification [TlsServerName] |_| { link: Some(1), mode: 3, certificate: 0, authority: 1 }
            ALL => "AT+CIPSSLCCONF=1,3,0,1"),
        row!(TlsVerification [TlsServerName] |_| { link: Some(1), mode: 0, certificate: 0, authority: 0 }
            ALL => "AT+CIPSSLCCONF=1,0"),
        row!(TlsServerName [TlsServerName] |_| { link: 1, name: b"x.org" }
            ALL => r#"AT+CIPSSLCSNI=1,\"x.org\""#),
        row!(Send |_| { link: 0, len: 2048 } ALL => "AT+CIPSEND=0,2048"),
        row!(Receive [PassiveReceive] |_| { link: 3, len: 1 } ALL => "AT+CIPRECVDATA=3,1"),
        row!(ReceiveLengths [PassiveReceive] |_| {} ALL => "AT+CIPRECVLEN?"),
        row!(Close |_| { link: 2 } ALL => "AT+CIPCLOSE=2"),
        row!(CloseSingle |_| {} ALL => "AT+CIPCLOSE"),
    ]
}

#[rustfmt::skip]
fn station() -> Vec<Row> {
    vec![
        row!(Join |d| { ssid: b"home", password: Secret(b"12345678"), bssid: None, timeout: None, dialect: d }
            OLD => r#"AT+CWJAP=\"home\",\"12345678\""#,
            NONOS => r#"AT+CWJAP_CUR=\"home\",\"12345678\""#,
            ESP_AT => r#"AT+CWJAP=\"home\",\"12345678\""#),
        row!(Join |d| { ssid: b"s", password: Secret(b""), bssid: None, timeout: None, dialect: d }
            OLD => r#"AT+CWJAP=\"s\",\"\""#,
            NONOS => r#"AT+CWJAP_CUR=\"s\",\"\""#,
            ESP_AT => r#"AT+CWJAP=\"s\",\"\""#),
        // The lacking capability stands for 0.2x, which has no escapes either.
        row!(Join [JoinBssid] |d| { ssid: b"a \"net\", \xe9", password: Secret(b"p\\w,d"), bssid: Some(MAC), timeout: None, dialect: d }
            NONOS => r#"AT+CWJAP_CUR=\"a \\\"net\\\"\\, \xe9\",\"p\\\\w\\,d\",\"18:fe:34:ab:02:03\""#,
            ESP_AT => r#"AT+CWJAP=\"a \\\"net\\\"\\, \xe9\",\"p\\\\w\\,d\",\"18:fe:34:ab:02:03\""#),
        row!(Join [JoinTimeout] |d| { ssid: b"s", password: Secret(b"12345678"), bssid: None, timeout: Some(30), dialect: d }
            ALL => r#"AT+CWJAP=\"s\",\"12345678\",,,,,,30"#),
        row!(Join [JoinTimeout] |d| { ssid: b"s", password: Secret(b"12345678"), bssid: Some(MAC), timeout: Some(600), dialect: d }
            ALL => r#"AT+CWJAP=\"s\",\"12345678\",\"18:fe:34:ab:02:03\",,,,,600"#),
        row!(JoinedTo |d| { current: d.cur_suffix }
            OLD => "AT+CWJAP?", NONOS => "AT+CWJAP_CUR?", ESP_AT => "AT+CWJAP?"),
        row!(Leave |_| {} ALL => "AT+CWQAP"),
        row!(AutoJoin [AutoJoin] |_| { on: true } ALL => "AT+CWAUTOCONN=1"),
        row!(AutoJoin [AutoJoin] |_| { on: false } ALL => "AT+CWAUTOCONN=0"),
        row!(Reconnect [Reconnect] |_| { interval: 1, tries: 100 } ALL => "AT+CWRECONNCFG=1,100"),
        row!(Scan |_| { ssid: None, exact: None } ALL => "AT+CWLAP"),
        row!(Scan [ScanFilter] |_| { ssid: Some(b"a\"b"), exact: None } ALL => r#"AT+CWLAP=\"a\\\"b\""#),
        row!(Scan [ScanFilter] |_| { ssid: Some(b"home"), exact: Some((MAC, 6)) }
            ALL => r#"AT+CWLAP=\"home\",\"18:fe:34:ab:02:03\",6"#),
    ]
}

#[rustfmt::skip]
fn addresses() -> Vec<Row> {
    vec![
        row!(Addresses |_| {} ALL => "AT+CIFSR"),
        row!(Dhcp |d| { current: d.cur_suffix }
            OLD => "AT+CWDHCP?", NONOS => "AT+CWDHCP_CUR?", ESP_AT => "AT+CWDHCP?"),
        row!(SetDhcp |d| { interface: Interface::Station, on: true, dialect: d }
            OLD => "AT+CWDHCP=1,1", NONOS => "AT+CWDHCP_CUR=1,1", ESP_AT => "AT+CWDHCP=1,1"),
        row!(SetDhcp |d| { interface: Interface::Station, on: false, dialect: d }
            OLD => "AT+CWDHCP=1,0", NONOS => "AT+CWDHCP_CUR=1,0", ESP_AT => "AT+CWDHCP=0,1"),
        row!(SetDhcp |d| { interface: Interface::AccessPoint, on: true, dialect: d }
            OLD => "AT+CWDHCP=0,1", NONOS => "AT+CWDHCP_CUR=0,1", ESP_AT => "AT+CWDHCP=1,2"),
        row!(SetDhcp |d| { interface: Interface::AccessPoint, on: false, dialect: d }
            OLD => "AT+CWDHCP=0,0", NONOS => "AT+CWDHCP_CUR=0,0", ESP_AT => "AT+CWDHCP=0,2"),
        row!(InterfaceAddress |d| { interface: Interface::Station, current: d.cur_suffix }
            OLD => "AT+CIPSTA?", NONOS => "AT+CIPSTA_CUR?", ESP_AT => "AT+CIPSTA?"),
        row!(InterfaceAddress |d| { interface: Interface::AccessPoint, current: d.cur_suffix }
            OLD => "AT+CIPAP?", NONOS => "AT+CIPAP_CUR?", ESP_AT => "AT+CIPAP?"),
        row!(SetInterfaceAddress |d| { interface: Interface::Station, config: CONFIG, current: d.cur_suffix }
            OLD => r#"AT+CIPSTA=\"192.168.1.50\",\"192.168.1.1\",\"255.255.255.0\""#,
            NONOS => r#"AT+CIPSTA_CUR=\"192.168.1.50\",\"192.168.1.1\",\"255.255.255.0\""#,
            ESP_AT => r#"AT+CIPSTA=\"192.168.1.50\",\"192.168.1.1\",\"255.255.255.0\""#),
        row!(SetInterfaceAddress |d| { interface: Interface::AccessPoint, config: CONFIG, current: d.cur_suffix }
            OLD => r#"AT+CIPAP=\"192.168.1.50\",\"192.168.1.1\",\"255.255.255.0\""#,
            NONOS => r#"AT+CIPAP_CUR=\"192.168.1.50\",\"192.168.1.1\",\"255.255.255.0\""#,
            ESP_AT => r#"AT+CIPAP=\"192.168.1.50\",\"192.168.1.1\",\"255.255.255.0\""#),
        row!(DnsServers [DnsServers] |d| { current: d.cur_suffix }
            NONOS => "AT+CIPDNS_CUR?", ESP_AT => "AT+CIPDNS?"),
        row!(SetDnsServers [DnsServers] |d| { servers: SERVERS, current: d.cur_suffix }
            NONOS => r#"AT+CIPDNS_CUR=1,\"8.8.8.8\",\"1.1.1.1\""#,
            ESP_AT => r#"AT+CIPDNS=1,\"8.8.8.8\",\"1.1.1.1\""#),
        row!(SetDnsServers [DnsServers] |d| { servers: &[], current: d.cur_suffix }
            NONOS => "AT+CIPDNS_CUR=0", ESP_AT => "AT+CIPDNS=0"),
        row!(HostName [HostName] |_| {} ALL => "AT+CWHOSTNAME?"),
        row!(SetHostName [HostName] |_| { name: "Maix-1" } ALL => r#"AT+CWHOSTNAME=\"Maix-1\""#),
        row!(StationMac |d| { current: d.cur_suffix }
            OLD => "AT+CIPSTAMAC?", NONOS => "AT+CIPSTAMAC_CUR?", ESP_AT => "AT+CIPSTAMAC?"),
        row!(SetStationMac |d| { mac: MAC, current: d.cur_suffix }
            OLD => r#"AT+CIPSTAMAC=\"18:fe:34:ab:02:03\""#,
            NONOS => r#"AT+CIPSTAMAC_CUR=\"18:fe:34:ab:02:03\""#,
            ESP_AT => r#"AT+CIPSTAMAC=\"18:fe:34:ab:02:03\""#),
    ]
}

#[rustfmt::skip]
fn access_point() -> Vec<Row> {
    vec![
        row!(AccessPoint [AccessPoint] |d| {
                ssid: b"cam", password: Secret(b"12345678"), channel: 6, encryption: 3,
                max_stations: 4, hidden: true, dialect: d
            }
            OLD => r#"AT+CWSAP=\"cam\",\"12345678\",6,3"#,
            NONOS => r#"AT+CWSAP_CUR=\"cam\",\"12345678\",6,3,4,1"#,
            ESP_AT => r#"AT+CWSAP=\"cam\",\"12345678\",6,3,4,1"#),
        row!(AccessPoint [AccessPointLimits] |d| {
                ssid: b"cam, 1", password: Secret(b""), channel: 13, encryption: 0,
                max_stations: 1, hidden: false, dialect: d
            }
            NONOS => r#"AT+CWSAP_CUR=\"cam\\, 1\",\"\",13,0,1,0"#,
            ESP_AT => r#"AT+CWSAP=\"cam\\, 1\",\"\",13,0,1,0"#),
        row!(AccessPointConfig [AccessPoint] |d| { current: d.cur_suffix }
            OLD => "AT+CWSAP?", NONOS => "AT+CWSAP_CUR?", ESP_AT => "AT+CWSAP?"),
        row!(Stations [AccessPoint] |_| {} ALL => "AT+CWLIF"),
    ]
}

#[rustfmt::skip]
fn system() -> Vec<Row> {
    use atcmd_esp8285::system::Host;
    vec![
        row!(Restore [Restore] |_| {} ALL => "AT+RESTORE"),
        row!(SetSerial [SerialLine] |_| { baud: 921_600, flow: 3 } ALL => "AT+UART_CUR=921600,8,1,0,3"),
        row!(Sleep [Sleep] |_| { mode: 2 } ALL => "AT+SLEEP=2"),
        row!(DeepSleep [DeepSleep] |_| { milliseconds: 60_000 } ALL => "AT+GSLP=60000"),
        row!(FreeMemory [FreeMemory] |_| {} ALL => "AT+SYSRAM?"),
        row!(Ping [Ping] |d| { host: Host::Name("x.org"), escapes: d.escapes } ALL => r#"AT+PING=\"x.org\""#),
        row!(Ping [Ping] |d| { host: Host::Address(Ipv4Addr::new(1, 1, 1, 1)), escapes: d.escapes }
            ALL => r#"AT+PING=\"1.1.1.1\""#),
        row!(TimeServers [NetworkTime] |d| { timezone: -5, servers: &[], escapes: d.escapes } ALL => "AT+CIPSNTPCFG=1,-5"),
        row!(TimeServers [NetworkTime] |d| { timezone: 8, servers: &["a.org", "b.org"], escapes: d.escapes }
            ALL => r#"AT+CIPSNTPCFG=1,8,\"a.org\",\"b.org\""#),
        row!(NetworkTime [NetworkTime] |_| {} ALL => "AT+CIPSNTPTIME?"),
    ]
}

fn table() -> Vec<Row> {
    [
        start_up(),
        links(),
        station(),
        addresses(),
        access_point(),
        system(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

#[test]
fn every_command_has_its_exact_bytes_in_every_dialect() {
    for row in table() {
        for dialect in Dialect::ALL {
            let expected: Vec<_> = row
                .expected
                .iter()
                .filter(|(dialects, _)| dialects.contains(&dialect))
                .map(|(_, bytes)| *bytes)
                .collect();
            if row.needs.is_some_and(|needs| !dialect.has(needs)) {
                continue;
            }
            let actual = (row.bytes)(dialect);
            assert_eq!(expected, [actual], "{} on {}", row.name, dialect.name);
        }
    }
}

/// Reads the commands' own source: what is declared there has to be here.
#[test]
fn every_command_has_a_row() {
    let mut declared = BTreeSet::new();
    let sources = concat!(env!("CARGO_MANIFEST_DIR"), "/src/at/command");
    for file in std::fs::read_dir(sources).unwrap() {
        let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
        let mut in_block = false;
        for line in text.lines() {
            in_block = in_block && line != "}" || line == "commands! {";
            // In a `commands!` block, or written out.
            let name = line
                .strip_prefix("    ")
                .filter(|line| in_block && line.starts_with(|c: char| c.is_ascii_uppercase()))
                .filter(|line| line.contains(" {"))
                .or_else(|| line.strip_prefix("impl AtatCmd for "));
            if let Some(name) = name {
                let end = name.find(|c: char| !c.is_ascii_alphanumeric());
                declared.insert(name[..end.unwrap_or(name.len())].to_owned());
            }
        }
    }
    assert!(declared.contains("Join") && declared.contains("Resolve"));
    let listed: BTreeSet<_> = table().iter().map(|row| row.name.to_owned()).collect();
    let missing: Vec<_> = declared.difference(&listed).collect();
    assert!(missing.is_empty(), "commands without a row: {missing:?}");
}

#[test]
fn passwords_are_not_printed() {
    let join = Join {
        ssid: b"home",
        password: Secret(b"hunter22"),
        bssid: None,
        timeout: None,
        dialect: &Dialect::NONOS_1_7,
    };
    let text = format!("{join:?}");
    assert!(
        !text.contains("hunter22") && !text.contains("104, 117"),
        "{text}"
    );
}

#[test]
fn a_buffer_that_is_too_short_gives_no_command_instead_of_a_cut_one() {
    for size in 0..8 {
        assert_eq!(Version {}.write(&mut vec![0; size]), 0);
    }
    assert_eq!(Version {}.write(&mut [0; 8]), 8);
}
