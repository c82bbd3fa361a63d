//! Transparent transmission.

mod common;

use std::cell::RefCell;
use std::rc::Rc;

use common::{Host, MAIN, at};
use esp8285_sim::{Dialect, Peer, PeerIo, UdpSink};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const NONOS: Dialect = Dialect::NonOs1_7;

/// What arrived when.
type Packets = Rc<RefCell<Vec<(u64, Vec<u8>)>>>;

/// Notes each packet with its time.
#[derive(Clone, Default)]
struct Notes(Packets);

impl Peer for Notes {
    fn connected(&mut self, _io: &mut PeerIo) {}
    fn received(&mut self, data: &[u8], io: &mut PeerIo) {
        self.0.borrow_mut().push((io.now(), data.to_vec()));
    }
}

/// In transparent mode, with a link to a peer that notes packets.
fn through(dialect: Dialect) -> (Host, Packets) {
    let mut host = Host::joined(dialect);
    let notes = Notes::default();
    let packets = Rc::clone(&notes.0);
    host.net.listen(at(80), move || Box::new(notes.clone()));
    host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
    assert_eq!(host.ask("AT+CIPMODE=1"), OK);
    assert_eq!(host.ask("AT+CIPMODE?"), "+CIPMODE:1\r\n\r\nOK\r\n");
    let prompt = if dialect == Dialect::NonOs0_2x {
        "\r\n>"
    } else {
        "\r\nOK\r\n\r\n>"
    };
    assert_eq!(host.ask("AT+CIPSEND"), prompt);
    (host, packets)
}

#[test]
fn a_packet_waits_for_twenty_milliseconds() {
    for dialect in [NONOS, Dialect::EspAt2_2, Dialect::NonOs0_2x] {
        let (mut host, packets) = through(dialect);
        let start = host.bench.now();
        host.send(b"AT\r\n");
        assert_eq!(host.read_for(10_000), "");
        host.send(b"more");
        assert_eq!(host.read_for(100_000), "");
        let (at, data) = packets.take().remove(0);
        assert_eq!(data, b"AT\r\nmore");
        let after = at - start;
        assert!((20_000..24_000).contains(&after), "{after} in {dialect}");
    }
}

#[test]
fn a_full_packet_leaves_at_once() {
    for &dialect in MAIN {
        let (mut host, packets) = through(dialect);
        let all: Vec<u8> = (0..20_000u32).map(|n| (n % 251) as u8).collect();
        host.send(&all);
        host.read_for(500_000);
        let packets = packets.take();
        assert!(packets.iter().all(|(_, data)| data.len() <= 1_460));
        let got: Vec<u8> = packets.into_iter().flat_map(|(_, data)| data).collect();
        assert!(got == all);
    }
}

#[test]
fn a_lone_escape_leaves() {
    for &dialect in MAIN {
        let (mut host, packets) = through(dialect);
        host.send(b"data");
        host.read_for(100_000);
        host.send(b"+++");
        assert_eq!(host.read_for(100_000), "");
        assert_eq!(host.ask("AT"), OK);
        assert_eq!(packets.take().len(), 1);
        // The link stands; without the mode it sends as usual.
        let refused = if dialect == NONOS {
            "IPMODE=1\r\n\r\nERROR\r\n"
        } else {
            ERROR
        };
        assert_eq!(host.ask("AT+CIPSEND=3"), refused);
        assert_eq!(host.ask("AT+CIPMODE=0"), OK);
        assert!(host.ask("AT+CIPSEND=3").starts_with(OK));
    }
}

#[test]
fn an_escape_needs_its_pauses() {
    for &dialect in MAIN {
        let (mut host, packets) = through(dialect);
        // Nothing before, something behind; something before; too many; too slow.
        host.send(b"+++");
        host.read_for(10_000);
        host.send(b"\r\n");
        host.read_for(100_000);
        host.send(b"x");
        host.read_for(5_000);
        host.send(b"+++");
        host.read_for(100_000);
        host.send(b"++++");
        host.read_for(100_000);
        host.send(b"++");
        host.read_for(30_000);
        host.send(b"+");
        assert_eq!(host.read_for(100_000), "");
        let packets: Vec<Vec<u8>> = packets.take().into_iter().map(|(_, data)| data).collect();
        assert_eq!(packets, [&b"+++\r\n"[..], b"x+++", b"++++", b"++", b"+"]);
        // Typed one by one it counts.
        for _ in 0..3 {
            host.send(b"+");
            host.read_for(10_000);
        }
        host.read_for(100_000);
        assert_eq!(host.ask("AT"), OK);
    }
}

#[test]
fn leaving_is_reported_when_asked_for() {
    for (&dialect, set) in MAIN.iter().zip(["AT+SYSMSG_CUR=1", "AT+SYSMSG=1"]) {
        let (mut host, _) = through(dialect);
        host.send(b"+++");
        host.read_for(100_000);
        host.ask(set);
        host.ask("AT+CIPSEND");
        host.send(b"+++");
        assert_eq!(host.read_for(100_000), "+QUITT\r\n");
    }
}

#[test]
fn received_data_has_no_frame() {
    for &dialect in MAIN {
        let (mut host, _) = through(dialect);
        let now = host.bench.now();
        host.net.act(now, at(80), |io| io.send(b"raw\r\n"));
        assert_eq!(host.read_for(50_000), "raw\r\n");
        host.send(b"+++");
        host.read_for(100_000);
        let now = host.bench.now();
        host.net.act(now, at(80), |io| io.send(b"still raw"));
        assert_eq!(host.read_for(50_000), "still raw");
    }
}

#[test]
fn the_mode_is_for_one_link_and_no_server() {
    for &dialect in MAIN {
        let reason = |text: &str| {
            if dialect == NONOS {
                format!("{text}\r\n{ERROR}")
            } else {
                ERROR.to_owned()
            }
        };
        let mut host = Host::joined(dialect);
        assert_eq!(host.ask("AT+CIPSEND"), reason("send mode error"));
        host.ask("AT+CIPMODE=1");
        assert_eq!(host.ask("AT+CIPSEND"), reason("link is not valid"));
        assert_eq!(host.ask("AT+CIPMUX=1"), reason("IPMODE must be 0"));
        host.ask("AT+CIPMODE=0");
        host.ask("AT+CIPMUX=1");
        assert_eq!(host.ask("AT+CIPSEND"), reason("MUX=1"));
        assert_eq!(
            host.ask("AT+CIPMODE=1"),
            reason("CIPMUX and CIPSERVER must be 0")
        );
        assert_eq!(host.ask("AT+CIPMODE=2"), ERROR);
    }
}

#[test]
fn a_restart_ends_the_mode() {
    let (mut host, _) = through(NONOS);
    host.bench.with_modem(esp8285_sim::Modem::reset);
    host.read_for(3_000_000);
    host.ask("ATE0");
    assert_eq!(host.ask("AT+CIPMODE?"), "+CIPMODE:0\r\n\r\nOK\r\n");
}

#[test]
fn datagrams_go_through_too() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        let sink = UdpSink::default();
        host.net.listen_udp(at(5000), sink.clone());
        host.ask("AT+CIPSTART=\"UDP\",\"192.168.1.3\",5000,6000");
        host.ask("AT+CIPMODE=1");
        host.ask("AT+CIPSEND");
        for text in ["one", "two"] {
            host.send(text.as_bytes());
            host.read_for(50_000);
        }
        assert_eq!(
            sink.0.take(),
            [(6000, b"one".to_vec()), (6000, b"two".to_vec())]
        );
    }
}

#[test]
fn a_link_can_be_saved() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        for (parameters, reply) in [
            ("1,\"192.168.1.3\",80", OK),
            ("1,\"192.168.1.3\",80,\"TCP\",60", OK),
            ("1,\"192.168.1.3\",80,\"UDP\",5000", OK),
            ("1,\"192.168.1.3\",80,\"XYZ\"", ERROR),
            ("1,\"192.168.1.3\",80,\"TCP\",7201", ERROR),
            ("1,\"192.168.1.3\"", ERROR),
            ("1", ERROR),
            ("2", ERROR),
            ("0", OK),
        ] {
            assert_eq!(
                host.ask(&format!("AT+SAVETRANSLINK={parameters}")),
                reply,
                "{parameters}"
            );
        }
    }
}
