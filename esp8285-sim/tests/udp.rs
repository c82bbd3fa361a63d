//! UDP links, in both directions.

mod common;

use std::net::SocketAddrV4;

use common::{Host, SERVER, at};
use esp8285_sim::{Dialect, Echo, UdpIo, UdpPeer, UdpSink};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const NONOS: Dialect = Dialect::NonOs1_7;
const ESP_AT: Dialect = Dialect::EspAt2_2;

const OTHER: &str = "192.168.1.9:7000";

fn other() -> SocketAddrV4 {
    OTHER.parse().unwrap()
}

/// Joined, with a peer that keeps what it gets.
fn sinking(dialect: Dialect) -> (Host, UdpSink) {
    let host = Host::joined(dialect);
    let sink = UdpSink::default();
    host.net.listen_udp(at(5000), sink.clone());
    (host, sink)
}

/// Sends with the given parameters and checks the reply.
#[track_caller]
fn send(host: &mut Host, parameters: &str, payload: &str) {
    let reply = host.ask(&format!("AT+CIPSEND={parameters}"));
    assert!(reply.starts_with("\r\nOK\r\n"), "{reply:?}");
    host.send(payload.as_bytes());
    let expected = format!("\r\nRecv {} bytes\r\n\r\nSEND OK\r\n", payload.len());
    assert_eq!(host.read_for(50_000), expected);
}

#[test]
fn datagrams_keep_their_bounds() {
    for (dialect, tail) in [(NONOS, ""), (ESP_AT, "\r\n")] {
        let mut host = Host::joined(dialect);
        host.net.listen_udp(at(7), Echo);
        assert_eq!(
            host.ask("AT+CIPSTART=\"UDP\",\"example.com\",7,1000"),
            "CONNECT\r\n\r\nOK\r\n"
        );
        for text in ["one", "three"] {
            host.net
                .datagram(host.bench.now(), at(7), 1000, text.as_bytes());
        }
        assert_eq!(
            host.read_for(50_000),
            format!("\r\n+IPD,3:one{tail}\r\n+IPD,5:three{tail}")
        );
        assert!(host.ask("AT+CIPSEND=4").starts_with(OK));
        host.send(b"echo");
        assert_eq!(
            host.read_for(50_000),
            format!("\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,4:echo{tail}")
        );
        // Another port of the modem is nobody.
        host.net.datagram(host.bench.now(), at(7), 1001, b"lost");
        assert_eq!(host.read_for(50_000), "");
        assert_eq!(
            host.ask("AT+CIPSTATUS"),
            "STATUS:3\r\n+CIPSTATUS:0,\"UDP\",\"192.168.1.3\",7,1000,0\r\n\r\nOK\r\n"
        );
        assert_eq!(host.ask("AT+CIPCLOSE"), "CLOSED\r\n\r\nOK\r\n");
        host.net.datagram(host.bench.now(), at(7), 1000, b"late");
        assert_eq!(host.read_for(50_000), "");
    }
}

#[test]
fn a_result_does_not_wait_for_the_peer() {
    for dialect in [NONOS, ESP_AT] {
        let (mut host, sink) = sinking(dialect);
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
        host.net = host.net.clone().round_trip_us(10_000_000);
        send(&mut host, "5", "hello");
        assert!(sink.0.borrow().is_empty());
        host.read_for(6_000_000);
        assert_eq!(sink.0.take(), [(6000, b"hello".to_vec())]);
    }
}

#[test]
fn a_local_port_is_chosen_when_none_is_given() {
    for dialect in [NONOS, ESP_AT] {
        let (mut host, sink) = sinking(dialect);
        host.ask("AT+CIPMUX=1");
        for link in [1, 4] {
            assert_eq!(
                host.ask(&format!("AT+CIPSTART={link},\"UDP\",\"192.168.1.3\",5000")),
                format!("{link},CONNECT\r\n\r\nOK\r\n")
            );
            send(&mut host, &format!("{link},1"), "x");
        }
        let ports: Vec<u16> = sink.0.borrow().iter().map(|(port, _)| *port).collect();
        assert_eq!(ports, [49_152, 49_153]);
    }
}

#[test]
fn parameters_are_checked() {
    let refused = |reason: &str| format!("{reason}\r\n\r\nERROR\r\n");
    for (parameters, reason) in [
        ("\"UDP\",\"192.168.1.3\"", "ENTRY ERROR"),
        ("\"UDP\",\"192.168.1.3\",0", "ENTRY ERROR"),
        ("\"UDP\",192,5000", "IP ERROR"),
        ("\"UDP\",\"192.168.1.3\",5000,0", "Miss param"),
        ("\"UDP\",\"192.168.1.3\",5000,65536", "Miss param"),
        ("\"UDP\",\"192.168.1.3\",5000,,2", "Miss param"),
        ("\"UDP\",\"192.168.1.3\",5000,6000,3", "Miss param"),
        ("\"UDP\",\"nowhere.example\",5000", "DNS Fail"),
    ] {
        for dialect in [NONOS, ESP_AT] {
            let mut host = Host::joined(dialect);
            let expected = if dialect == NONOS {
                refused(reason)
            } else {
                ERROR.to_owned()
            };
            assert_eq!(host.ask(&format!("AT+CIPSTART={parameters}")), expected);
        }
    }
    for dialect in [NONOS, ESP_AT] {
        let mut host = Host::joined(dialect);
        host.ask("AT+CIPMUX=1");
        let start = "\"UDP\",\"192.168.1.3\",5000,6000";
        assert!(host.ask(&format!("AT+CIPSTART=0,{start}")).ends_with(OK));
        let taken = format!("AT+CIPSTART=1,{start}");
        assert_eq!(host.ask(&taken), ERROR, "the port is taken");
    }
}

#[test]
fn addresses_behind_the_length_are_checked() {
    let (mut host, _) = sinking(NONOS);
    host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000");
    for (parameters, reason) in [
        ("3,5,5000", "ip error"),
        ("3,\"192.168.1.3\"", "no port"),
        ("3,\"192.168.1.3\",\"5000\"", "port error"),
        ("3,\"192.168.1.3\",65536", "port range error"),
        ("3,\"192.168.1.3\",5000,1", "no tail"),
        ("3,\"nowhere.example\",5000", "DNS Fail"),
    ] {
        assert_eq!(
            host.ask(&format!("AT+CIPSEND={parameters}")),
            format!("{reason}\r\n\r\nERROR\r\n")
        );
    }
    let (mut host, _) = sinking(ESP_AT);
    host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000");
    for parameters in ["3,5,5000", "3,\"192.168.1.3\"", "3,\"nowhere.example\",1"] {
        assert_eq!(host.ask(&format!("AT+CIPSEND={parameters}")), ERROR);
    }
}

#[test]
fn an_address_behind_the_length_stays_on_esp_at_only() {
    for (dialect, stays) in [(NONOS, false), (ESP_AT, true)] {
        let (mut host, sink) = sinking(dialect);
        let second = UdpSink::default();
        host.net.listen_udp(at(5001), second.clone());
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
        send(&mut host, "2,\"example.com\",5001", "to");
        send(&mut host, "4", "then");
        assert_eq!(second.0.borrow()[0], (6000, b"to".to_vec()));
        let then = if stays { &second } else { &sink };
        assert_eq!(then.0.borrow().last(), Some(&(6000, b"then".to_vec())));
    }
}

#[test]
fn a_broadcast_reaches_every_peer_on_that_port() {
    for dialect in [NONOS, ESP_AT] {
        let (mut host, sink) = sinking(dialect);
        host.net.listen_udp(other(), sink.clone());
        host.net
            .listen_udp(SocketAddrV4::new(*other().ip(), 5000), sink.clone());
        host.ask("AT+CIPSTART=\"UDP\",\"255.255.255.255\",5000,6000");
        send(&mut host, "1", "?");
        assert_eq!(sink.0.take().len(), 2);
    }
}

/// Which remotes the link has had: at the start, after a datagram from `other`, after one from the server's port 1.
fn remotes(dialect: Dialect, mode: &str, passive: bool) -> [bool; 2] {
    let mut host = Host::joined(dialect);
    if passive {
        host.ask("AT+CIPRECVMODE=1");
    }
    host.ask(&format!(
        "AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000{mode}"
    ));
    [other(), at(1)].map(|from| {
        host.net.datagram(host.bench.now(), from, 6000, b"data");
        host.read_for(50_000);
        host.ask("AT+CIPRECVDATA=100");
        let (ip, port) = (from.ip(), from.port());
        host.ask("AT+CIPSTATUS")
            .contains(&format!("\"UDP\",\"{ip}\",{port},6000"))
    })
}

#[test]
fn modes_decide_whether_senders_become_the_remote() {
    for dialect in [NONOS, ESP_AT] {
        assert_eq!(remotes(dialect, "", false), [false, false]);
        assert_eq!(remotes(dialect, ",0", false), [false, false]);
        assert_eq!(remotes(dialect, ",1", false), [true, false]);
        assert_eq!(remotes(dialect, ",2", false), [true, true]);
    }
    // NonOS knows no passive UDP; ESP-AT changes nothing there.
    assert_eq!(remotes(NONOS, ",2", true), [true, true]);
    assert_eq!(remotes(ESP_AT, ",2", true), [false, false]);
}

#[test]
fn senders_are_shown_in_frames() {
    for (dialect, frame) in [
        (NONOS, "\r\n+IPD,2,4,192.168.1.9,7000:data"),
        (ESP_AT, "\r\n+IPD,2,4,\"192.168.1.9\",7000:data\r\n"),
    ] {
        let mut host = Host::joined(dialect);
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPDINFO=1");
        host.ask("AT+CIPSTART=2,\"UDP\",\"192.168.1.3\",5000,6000");
        host.net.datagram(host.bench.now(), other(), 6000, b"data");
        assert_eq!(host.read_for(50_000), frame);
    }
}

#[test]
fn nonos_pushes_datagrams_in_passive_mode_too() {
    let mut host = Host::joined(NONOS);
    host.ask("AT+CIPRECVMODE=1");
    host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
    host.net.datagram(host.bench.now(), at(5000), 6000, b"data");
    assert_eq!(host.read_for(50_000), "\r\n+IPD,4:data");
    assert_eq!(host.ask("AT+CIPRECVDATA=4"), ERROR);
}

#[test]
fn esp_at_passive_datagrams_are_read_once_per_notification() {
    let mut host = Host::joined(ESP_AT);
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPRECVMODE=1");
    host.ask("AT+CIPSTART=4,\"UDP\",\"192.168.1.3\",5000,6000");
    let datagram = |host: &Host, data: &[u8]| {
        host.net.datagram(host.bench.now(), other(), 6000, data);
    };
    datagram(&host, &[b'x'; 331]);
    assert_eq!(host.read_for(50_000), "\r\n+IPD,4,331\r\n");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=4,256"),
        format!("+CIPRECVDATA:256,{}\r\nOK\r\n", "x".repeat(256))
    );
    assert_eq!(host.ask("AT+CIPRECVDATA=4,75"), ERROR, "the rest is gone");
    // Two that wait together come as one.
    datagram(&host, b"one");
    assert_eq!(host.read_for(50_000), "\r\n+IPD,4,3\r\n");
    datagram(&host, b"two");
    assert_eq!(host.read_for(50_000), "");
    assert_eq!(
        host.ask("AT+CIPRECVLEN?"),
        "+CIPRECVLEN:-1,-1,-1,-1,6\r\n\r\nOK\r\n"
    );
    host.ask("AT+CIPDINFO=1");
    assert_eq!(
        host.ask("AT+CIPRECVDATA=4,2048"),
        "+CIPRECVDATA:6,\"192.168.1.9\",7000,onetwo\r\nOK\r\n"
    );
}

#[test]
fn an_empty_datagram_closes_an_esp_at_link() {
    for (dialect, passive, said) in [
        (NONOS, 0, ""),
        (ESP_AT, 0, "CLOSED\r\n"),
        (ESP_AT, 1, "CLOSED\r\n"),
    ] {
        let mut host = Host::joined(dialect);
        host.ask(&format!("AT+CIPRECVMODE={passive}"));
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
        host.net.datagram(host.bench.now(), other(), 6000, b"");
        assert_eq!(host.read_for(50_000), said);
    }
}

#[test]
fn losing_the_access_point_closes_udp_on_nonos_only() {
    for (dialect, said) in [
        (NONOS, "CLOSED\r\nWIFI DISCONNECT\r\n"),
        (ESP_AT, "WIFI DISCONNECT\r\n"),
    ] {
        let (mut host, sink) = sinking(dialect);
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
        host.bench.with_modem(|modem| {
            modem.air_mut().remove("workshop");
            modem.wifi_lost();
        });
        assert_eq!(host.read_for(50_000), said);
        if dialect == ESP_AT {
            host.ask("AT+CIPSEND=1");
            host.send(b"x");
            assert_eq!(
                host.read_for(50_000),
                "\r\nRecv 1 bytes\r\n\r\nSEND FAIL\r\n"
            );
        }
        assert!(sink.0.take().is_empty());
    }
}

#[test]
fn esp_at_changes_mux_beside_a_udp_link() {
    for (dialect, reply) in [(NONOS, "link is builded\r\n\r\nERROR\r\n"), (ESP_AT, OK)] {
        let mut host = Host::joined(dialect);
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000");
        assert_eq!(host.ask("AT+CIPMUX=1"), reply);
    }
}

#[test]
fn udp_links_are_reported_in_link_messages() {
    let message = "+LINK_CONN:0,0,\"UDP\",0,\"192.168.1.3\",5000,6000\r\n";
    for (dialect, set, reply) in [
        (NONOS, "AT+SYSMSG_CUR=2", format!("{OK}{message}")),
        (ESP_AT, "AT+SYSMSG=2", format!("{message}{OK}")),
    ] {
        let mut host = Host::joined(dialect);
        host.ask(set);
        assert_eq!(
            host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000"),
            reply
        );
    }
}

/// Answers after a virtual second.
struct Later(Vec<u8>);

impl UdpPeer for Later {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        self.0 = data.to_vec();
        io.wake_at(io.now() + 1_000_000);
    }

    fn tick(&mut self, io: &mut UdpIo) {
        io.send(&self.0);
    }
}

#[test]
fn peers_answer_at_their_own_time() {
    let mut host = Host::joined(NONOS);
    host.net
        .listen_udp(SocketAddrV4::new(SERVER, 123), Later(Vec::new()));
    host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",123");
    send(&mut host, "1", "t");
    assert_eq!(host.read_for(900_000), "");
    assert_eq!(host.read_for(100_000), "\r\n+IPD,1:t");
}

#[test]
fn an_old_firmware_never_prompts_on_udp_opened_by_name() {
    let mut host = Host::joined(Dialect::NonOs0_2x);
    let sink = UdpSink::default();
    host.net.listen_udp(at(5000), sink.clone());
    host.ask("AT+CIPSTART=\"UDP\",\"example.com\",5000,6000");
    assert_eq!(host.ask("AT+CIPSEND=3"), "");
    assert_eq!(host.ask("AT"), OK);
    host.ask("AT+CIPCLOSE");
    host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
    assert_eq!(host.ask("AT+CIPSEND=3"), "> ");
    host.send(b"abc");
    assert_eq!(host.read_for(50_000), "\r\nSEND OK\r\n");
    host.net.datagram(host.bench.now(), at(5000), 6000, b"data");
    assert_eq!(host.read_for(50_000), "\r\n+IPD,4:data\r\nOK\r\n");
    // No local port in the status of this one.
    assert_eq!(
        host.ask("AT+CIPSTATUS"),
        "STATUS:3\r\n+CIPSTATUS:0,\"UDP\",\"192.168.1.3\",5000,0\r\n\r\nOK\r\n"
    );
}

#[test]
fn esp_atmod_has_no_udp() {
    let mut host = Host::joined(Dialect::EspAtMod);
    assert_eq!(
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000"),
        "Link type ERROR\r\n\r\nERROR\r\n"
    );
}

#[test]
fn every_firmware_with_udp_sends_and_receives() {
    for &dialect in Dialect::ALL {
        if dialect == Dialect::EspAtMod {
            continue;
        }
        let mut host = Host::joined(dialect);
        host.net.listen_udp(at(7), Echo);
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPSTART=3,\"UDP\",\"192.168.1.3\",7");
        host.ask("AT+CIPSEND=3,4");
        host.send(b"ping");
        let reply = host.read_for(50_000);
        let tail = match dialect {
            Dialect::NonOs0_2x => "SEND OK\r\n\r\n+IPD,3,4:ping\r\nOK\r\n",
            Dialect::NonOs1_3 | Dialect::NonOs1_6 | Dialect::NonOs1_7 => {
                "SEND OK\r\n\r\n+IPD,3,4:ping"
            }
            _ => "SEND OK\r\n\r\n+IPD,3,4:ping\r\n",
        };
        assert!(reply.ends_with(tail), "{reply:?} in {dialect}");
    }
}
