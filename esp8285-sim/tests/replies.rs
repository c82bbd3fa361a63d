//! Every command's reply, byte for byte, in both dialects; those about links are in `link_replies.rs`.

mod common;

use common::{Host, MAIN, SERVER, check};
use esp8285_sim::{AccessPoint, Air, BenchConfig, Dialect};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";

fn silent(dialect: Dialect) -> Host {
    let mut host = Host::new(dialect);
    host.ask("ATE0");
    host
}

#[test]
fn nonos_basics() {
    check(
        &mut silent(Dialect::NonOs1_7),
        &[
            ("AT", OK),
            ("at", OK),
            ("ATE2", ERROR),
            ("ATE", ERROR),
            ("ATE01", ERROR),
            ("AT?", ERROR),
            ("AT+NOSUCH", ERROR),
            ("AT+gmr", ERROR),
            (
                "AT+GMR",
                "AT version:1.7.4.0(May 11 2020 19:13:04)\r\nSDK version:3.0.4(9532ceb)\r\n\
             compile time:May 27 2020 10:12:17\r\nBin version(Wroom 02):1.7.4\r\n\r\nOK\r\n",
            ),
            ("AT+SYSRAM?", "+SYSRAM:38136\r\n\r\nOK\r\n"),
            ("AT+SLEEP?", "+SLEEP:2\r\n\r\nOK\r\n"),
            ("AT+SLEEP=1", OK),
            ("AT+SLEEP?", "+SLEEP:1\r\n\r\nOK\r\n"),
            ("AT+SLEEP=3", ERROR),
            ("AT+UART?", "+UART:115273,8,1,0,0\r\nOK\r\n"),
            ("AT+UART_CUR?", "+UART_CUR:115273,8,1,0,0\r\nOK\r\n"),
            ("AT+UART_DEF?", "+UART_DEF:115273,8,1,0,0\r\nOK\r\n"),
            ("AT+UART_CUR=115200", ERROR),
            ("AT+UART_CUR=109,8,1,0,0", ERROR),
            ("AT+UART_CUR=115200,9,1,0,0", ERROR),
            ("AT+UART_CUR=115200,8,1,3,0", ERROR),
            ("AT+UART_CUR=115200,8,1,0,4", ERROR),
            ("AT+SYSMSG_CUR?", "+SYSMSG_CUR:0\r\n\r\nOK\r\n"),
            ("AT+SYSMSG_CUR=2", OK),
            ("AT+SYSMSG_CUR=4", ERROR),
            ("AT+SYSMSG=2", ERROR),
            ("AT+SYSSTORE?", ERROR),
            ("AT+SYSLOG?", ERROR),
            ("AT+CWSTATE?", ERROR),
            ("AT+GSLP=x", ERROR),
            ("AT+GSLP", ERROR),
        ],
    );
}

#[test]
fn esp_at_basics() {
    check(
        &mut silent(Dialect::EspAt2_2),
        &[
            ("AT", OK),
            ("at", OK),
            ("aT", OK),
            ("ATE2", ERROR),
            ("ATE", ERROR),
            ("AT+NOSUCH", ERROR),
            (
                "AT+GMR",
                "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)\r\nSDK version:v3.4-22-g967752e2\r\n\
             compile time(b498b58):Aug  6 2021 17:23:22\r\nBin version:2.2.0(ESP8266_1MB)\r\n\r\nOK\r\n",
            ),
            ("AT+SYSRAM?", "+SYSRAM:46040,37152\r\nOK\r\n"),
            ("AT+SLEEP=3", OK),
            ("AT+SLEEP?", "+SLEEP:3\r\n\r\nOK\r\n"),
            ("AT+UART?", ERROR),
            ("AT+UART_CUR?", "+UART_CUR:115273,8,1,0,0\r\n\r\nOK\r\n"),
            ("AT+UART_CUR=4500001,8,1,0,0", ERROR),
            ("AT+SYSMSG?", "+SYSMSG:0\r\nOK\r\n"),
            ("AT+SYSMSG=1", OK),
            ("AT+SYSMSG?", "+SYSMSG:1\r\nOK\r\n"),
            ("AT+SYSSTORE?", "+SYSSTORE:1\r\n\r\nOK\r\n"),
            ("AT+SYSSTORE=0", OK),
            ("AT+SYSSTORE?", "+SYSSTORE:0\r\n\r\nOK\r\n"),
            ("AT+SYSLOG?", "+SYSLOG:0\r\n\r\nOK\r\n"),
            ("AT+CWMODE_CUR?", ERROR),
            ("AT+CWJAP_DEF?", ERROR),
            ("AT+CIPCLOSEMODE=0,1", ERROR),
        ],
    );
}

#[test]
fn esp_at_error_codes() {
    check(
        &mut silent(Dialect::EspAt2_2),
        &[
            ("AT+SYSLOG=1", OK),
            ("AT+NOSUCH", "ERR CODE:0x01090000\r\n\r\nERROR\r\n"),
            ("hello", "ERR CODE:0x01030000\r\n\r\nERROR\r\n"),
            ("AT+CWMODE=9", "ERR CODE:0x01070000\r\n\r\nERROR\r\n"),
            ("AT+CWMODE=\"1\"", "ERR CODE:0x01050000\r\n\r\nERROR\r\n"),
            ("AT+CWMODE=1,1,1", "ERR CODE:0x01060000\r\n\r\nERROR\r\n"),
        ],
    );
}

#[test]
fn nonos_wifi_settings() {
    check(
        &mut silent(Dialect::NonOs1_7),
        &[
            ("AT+CWMODE?", "+CWMODE:2\r\n\r\nOK\r\n"),
            ("AT+CWMODE=?", "+CWMODE:(1-3)\r\n\r\nOK\r\n"),
            ("AT+CWLAP", ERROR),
            ("AT+CWJAP_CUR=\"workshop\",\"correct horse\"", ERROR),
            ("AT+CWMODE=0", ERROR),
            ("AT+CWMODE=4", ERROR),
            ("AT+CWMODE_CUR=1", OK),
            ("AT+CWMODE_CUR?", "+CWMODE_CUR:1\r\n\r\nOK\r\n"),
            ("AT+CWJAP?", "No AP\r\n\r\nOK\r\n"),
            ("AT+CWJAP_CUR?", "No AP\r\n\r\nOK\r\n"),
            ("AT+CWJAP=\"workshop\"", ERROR),
            ("AT+CWJAP=workshop,x", ERROR),
            (
                "AT+CWJAP=\"123456789012345678901234567890123\",\"x\"",
                ERROR,
            ),
            ("AT+CWQAP", OK),
            ("AT+CWAUTOCONN?", "+CWAUTOCONN:1\r\n\r\nOK\r\n"),
            ("AT+CWAUTOCONN=0", OK),
            ("AT+CWAUTOCONN?", "+CWAUTOCONN:0\r\n\r\nOK\r\n"),
            ("AT+CWDHCP?", "+CWDHCP:3\r\nOK\r\n"),
            ("AT+CWDHCP=1,0", OK),
            ("AT+CWDHCP_CUR?", "+CWDHCP_CUR:1\r\nOK\r\n"),
            ("AT+CWHOSTNAME?", "+CWHOSTNAME:ESP-828501\r\n\r\nOK\r\n"),
            ("AT+CWHOSTNAME=\"camera\"", OK),
            ("AT+CWHOSTNAME?", "+CWHOSTNAME:camera\r\n\r\nOK\r\n"),
            (
                "AT+CIPSTAMAC?",
                "+CIPSTAMAC:\"18:fe:34:82:85:01\"\r\n\r\nOK\r\n",
            ),
            ("AT+CIPSTAMAC_CUR=\"18:fe:34:00:00:02\"", OK),
            (
                "AT+CIPSTAMAC_CUR?",
                "+CIPSTAMAC_CUR:\"18:fe:34:00:00:02\"\r\n\r\nOK\r\n",
            ),
            ("AT+CIPSTAMAC_CUR=\"19:fe:34:00:00:02\"", ERROR),
            (
                "AT+CIFSR",
                "+CIFSR:STAIP,\"0.0.0.0\"\r\n+CIFSR:STAMAC,\"18:fe:34:00:00:02\"\r\n\r\nOK\r\n",
            ),
            ("AT+CIPSTA_CUR=\"10.0.0.9\",\"10.0.0.1\",\"255.0.0.0\"", OK),
            (
                "AT+CIPSTA_CUR?",
                "+CIPSTA_CUR:ip:\"10.0.0.9\"\r\n+CIPSTA_CUR:gateway:\"10.0.0.1\"\r\n\
             +CIPSTA_CUR:netmask:\"255.0.0.0\"\r\n\r\nOK\r\n",
            ),
            ("AT+CWMODE=3", OK),
            (
                "AT+CIPAP?",
                "+CIPAP:ip:\"192.168.4.1\"\r\n+CIPAP:gateway:\"192.168.4.1\"\r\n\
             +CIPAP:netmask:\"255.255.255.0\"\r\n\r\nOK\r\n",
            ),
            (
                "AT+CIFSR",
                "+CIFSR:APIP,\"192.168.4.1\"\r\n+CIFSR:APMAC,\"1a:fe:34:00:00:02\"\r\n\
             +CIFSR:STAIP,\"0.0.0.0\"\r\n+CIFSR:STAMAC,\"18:fe:34:00:00:02\"\r\n\r\nOK\r\n",
            ),
            ("AT+CIPDNS_CUR=1,\"8.8.8.8\",\"1.1.1.1\"", OK),
            (
                "AT+CIPDNS_CUR?",
                "+CIPDNS_CUR:8.8.8.8\r\n+CIPDNS_CUR:1.1.1.1\r\n\r\nOK\r\n",
            ),
            ("AT+CIPDNS?", ERROR),
            ("AT+CIPSNTPCFG=1,8", OK),
            (
                "AT+CIPSNTPTIME?",
                "+CIPSNTPTIME:Thu Jan 01 00:00:00 1970\r\n\r\nOK\r\n",
            ),
        ],
    );
}

#[test]
fn esp_at_wifi_settings() {
    check(
        &mut silent(Dialect::EspAt2_2),
        &[
            ("AT+CWMODE?", "+CWMODE:1\r\n\r\nOK\r\n"),
            ("AT+CWMODE=?", "+CWMODE:(0-3)\r\n\r\nOK\r\n"),
            ("AT+CWMODE=1,0", OK),
            ("AT+CWJAP?", OK),
            ("AT+CWSTATE?", "+CWSTATE:0,\"\"\r\n\r\nOK\r\n"),
            ("AT+CWRECONNCFG=5,10", OK),
            ("AT+CWRECONNCFG?", "+CWRECONNCFG:5,10\r\n\r\nOK\r\n"),
            ("AT+CWDHCP?", "+CWDHCP:3\r\nOK\r\n"),
            ("AT+CWDHCP=0,1", OK),
            ("AT+CWDHCP?", "+CWDHCP:2\r\nOK\r\n"),
            ("AT+CIPDNS?", "+CIPDNS:0\r\n\r\nOK\r\n"),
            ("AT+CIPDNS=1,\"8.8.8.8\",\"1.1.1.1\"", OK),
            (
                "AT+CIPDNS?",
                "+CIPDNS:1,\"8.8.8.8\",\"1.1.1.1\"\r\n\r\nOK\r\n",
            ),
            (
                "AT+CIPSNTPTIME?",
                "+CIPSNTPTIME:Thu Jan  1 00:00:00 1970\r\nOK\r\n",
            ),
            ("AT+CIPSTATUS", "STATUS:1\r\n\r\nOK\r\n"),
            ("AT+CWMODE=0", OK),
            ("AT+CIPSTATUS", "STATUS:0\r\n\r\nOK\r\n"),
        ],
    );
}

#[test]
fn nonos_while_joined() {
    let mut host = Host::joined(Dialect::NonOs1_7);
    check(
        &mut host,
        &[
            (
                "AT+CWJAP_CUR?",
                "+CWJAP_CUR:\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0\r\n\r\nOK\r\n",
            ),
            (
                "AT+CWJAP?",
                "+CWJAP:\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0\r\n\r\nOK\r\n",
            ),
            (
                "AT+CIFSR",
                "+CIFSR:STAIP,\"192.168.1.77\"\r\n+CIFSR:STAMAC,\"18:fe:34:82:85:01\"\r\n\r\nOK\r\n",
            ),
            (
                "AT+CIPSTA?",
                "+CIPSTA:ip:\"192.168.1.77\"\r\n+CIPSTA:gateway:\"192.168.1.1\"\r\n\
             +CIPSTA:netmask:\"255.255.255.0\"\r\n\r\nOK\r\n",
            ),
            ("AT+CIPDNS_CUR?", "+CIPDNS_CUR:192.168.1.1\r\n\r\nOK\r\n"),
            ("AT+CIPSTATUS", "STATUS:2\r\n\r\nOK\r\n"),
            (
                "AT+CIPDOMAIN=\"example.com\"",
                "+CIPDOMAIN:192.168.1.3\r\n\r\nOK\r\n",
            ),
            (
                "AT+CIPDOMAIN=\"10.1.2.3\"",
                "+CIPDOMAIN:10.1.2.3\r\n\r\nOK\r\n",
            ),
            (
                "AT+CIPDOMAIN=\"nowhere.example\"",
                "DNS Fail\r\n\r\nERROR\r\n",
            ),
            ("AT+PING=\"example.com\"", "+2\r\n\r\nOK\r\n"),
            ("AT+CIPMUX?", "+CIPMUX:0\r\n\r\nOK\r\n"),
            ("AT+CIPMUX=2", ERROR),
            ("AT+CIPMODE?", "+CIPMODE:0\r\n\r\nOK\r\n"),
            ("AT+CIPMODE=0", OK),
            ("AT+CIPDINFO?", "+CIPDINFO:FALSE\r\nOK\r\n"),
            ("AT+CIPDINFO=1", OK),
            ("AT+CIPDINFO?", "+CIPDINFO:TRUE\r\nOK\r\n"),
            ("AT+CIPRECVMODE?", "+CIPRECVMODE:0\r\n\r\nOK\r\n"),
            ("AT+CIPRECVLEN?", "+CIPRECVLEN:0,0,0,0,0\r\n\r\nOK\r\n"),
            ("AT+CIPRECVDATA=1", ERROR),
            ("AT+CIPCLOSE", ERROR),
            ("AT+CIPCLOSE=0", "MUX=0\r\n\r\nERROR\r\n"),
            ("AT+CIPSEND=3", "link is not valid\r\n\r\nERROR\r\n"),
            (
                "AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80",
                "Link type ERROR\r\n\r\nERROR\r\n",
            ),
            (
                "AT+CIPSTART=\"XYZ\",\"192.168.1.3\",80",
                "Link type ERROR\r\n\r\nERROR\r\n",
            ),
            ("AT+CIPSTART=\"TCP\",192,80", "IP ERROR\r\n\r\nERROR\r\n"),
            (
                "AT+CIPSTART=\"TCP\",\"192.168.1.3\"",
                "ENTRY ERROR\r\n\r\nERROR\r\n",
            ),
            (
                "AT+CIPSTART=\"TCP\",\"nowhere.example\",80",
                "DNS Fail\r\n\r\nERROR\r\n",
            ),
            (
                "AT+CIPSTART=\"TCP\",\"192.168.1.3\",80",
                "\r\nERROR\r\nCLOSED\r\n",
            ),
            ("AT+CIPMUX=1", OK),
            (
                "AT+CIPSTART=5,\"TCP\",\"192.168.1.3\",80",
                "ID ERROR\r\n\r\nERROR\r\n",
            ),
            (
                "AT+CIPSTART=\"TCP\",\"192.168.1.3\",80",
                "ID ERROR\r\n\r\nERROR\r\n",
            ),
            (
                "AT+CIPSTART=3,\"TCP\",\"192.168.1.3\",80",
                "\r\nERROR\r\n3,CLOSED\r\n",
            ),
            ("AT+CIPCLOSE=3", "UNLINK\r\n\r\nERROR\r\n"),
            ("AT+CIPCLOSE", "MUX=1\r\n\r\nERROR\r\n"),
            ("AT+CIPCLOSE=5", OK),
            ("AT+CIPCLOSEMODE=3,1", OK),
            ("AT+CWQAP", "\r\nOK\r\nWIFI DISCONNECT\r\n"),
            (
                "AT+CIPSTART=3,\"TCP\",\"192.168.1.3\",80",
                "no ip\r\n\r\nERROR\r\n",
            ),
            ("AT+CIPSTATUS", "STATUS:5\r\n\r\nOK\r\n"),
        ],
    );
    host.ask("AT+CWJAP=\"workshop\",\"correct horse\"");
    host.read_for(3_000_000);
    host.send(b"AT+PING=\"10.9.9.9\"\r\n");
    assert_eq!(host.read_for(3_000_000), "+timeout\r\n\r\nERROR\r\n");
}

#[test]
fn esp_at_while_joined() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    check(
        &mut host,
        &[
            (
                "AT+CWJAP?",
                "+CWJAP:\"workshop\",\"12:34:56:78:9a:bc\",10,-58,0,1,3,0,1\r\n\r\nOK\r\n",
            ),
            ("AT+CWSTATE?", "+CWSTATE:2,\"workshop\"\r\n\r\nOK\r\n"),
            ("AT+CIPSTATUS", "STATUS:2\r\n\r\nOK\r\n"),
            (
                "AT+CIPDOMAIN=\"example.com\"",
                "+CIPDOMAIN:\"192.168.1.3\"\r\n\r\nOK\r\n",
            ),
            ("AT+CIPDOMAIN=\"nowhere.example\"", ERROR),
            ("AT+PING=\"192.168.1.3\"", "+PING:2\r\n\r\nOK\r\n"),
            ("AT+CIPDINFO?", "+CIPDINFO:false\r\nOK\r\n"),
            ("AT+CIPRECVLEN?", "+CIPRECVLEN:-1\r\n\r\nOK\r\n"),
            ("AT+CIPSEND=3", ERROR),
            ("AT+CIPSTART=\"TCP\",\"nowhere.example\",80", ERROR),
            ("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80", ERROR),
            ("AT+CIPMUX=1", OK),
            ("AT+CIPRECVLEN?", "+CIPRECVLEN:-1,-1,-1,-1,-1\r\n\r\nOK\r\n"),
            ("AT+CIPCLOSE=3", ERROR),
            ("AT+CIPCLOSE", ERROR),
            ("AT+CWQAP", "\r\nOK\r\nWIFI DISCONNECT\r\n"),
            ("AT+CWJAP?", OK),
            ("AT+CIPSTART=3,\"TCP\",\"192.168.1.3\",80", ERROR),
        ],
    );
}

#[test]
fn scans() {
    let air = Air::new()
        .ap(AccessPoint::new("far", "12345678")
            .bssid([2, 0, 0, 0, 0, 1])
            .channel(3)
            .rssi(-90))
        .ap(AccessPoint::new("a\"b,c)", "")
            .open()
            .bssid([2, 0, 0, 0, 0, 2])
            .channel(11)
            .rssi(-40));
    for &dialect in MAIN {
        let mut host = Host::with(dialect, air.clone(), BenchConfig::default());
        host.ask("ATE0");
        host.ask("AT+CWMODE=1");
        host.send(b"AT+CWLAP\r\n");
        assert_eq!(host.read_for(1_990_000), "");
        assert_eq!(
            host.read_for(50_000),
            "+CWLAP:(3,\"far\",-90,\"02:00:00:00:00:01\",3,-11,0,4,4,7,0)\r\n\
             +CWLAP:(0,\"a\"b,c)\",-40,\"02:00:00:00:00:02\",11,-11,0,0,0,7,0)\r\n\r\nOK\r\n"
        );
        check(&mut host, &[("AT+CWLAPOPT=1,31", OK)]);
        host.send(b"AT+CWLAP\r\n");
        assert_eq!(
            host.read_for(2_100_000),
            "+CWLAP:(0,\"a\"b,c)\",-40,\"02:00:00:00:00:02\",11)\r\n\
             +CWLAP:(3,\"far\",-90,\"02:00:00:00:00:01\",3)\r\n\r\nOK\r\n"
        );
        host.send(b"AT+CWLAP=\"far\"\r\n");
        assert_eq!(
            host.read_for(2_100_000),
            "+CWLAP:(3,\"far\",-90,\"02:00:00:00:00:01\",3)\r\n\r\nOK\r\n"
        );
        host.send(b"AT+CWLAP=\"nobody\"\r\n");
        assert_eq!(host.read_for(2_100_000), OK);
    }
    let _ = SERVER;
}

#[test]
fn what_is_not_simulated_is_refused() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        for command in ["AT+CIUPDATE", "AT+CWSTARTSMART"] {
            assert_eq!(host.ask(command), ERROR, "{command} in {dialect}");
        }
    }
}

#[test]
fn deep_sleep_ends_in_a_boot() {
    let mut host = silent(Dialect::NonOs1_7);
    host.send(b"AT+GSLP=5000\r\n");
    assert_eq!(host.read_for(4_000_000), "5000\r\n\r\nOK\r\n");
    assert_eq!(host.ask("AT"), "");
    assert!(host.read_for(2_000_000).ends_with("\r\nready\r\n"));
}
