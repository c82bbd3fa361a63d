//! The modem's TCP server and its clients.

mod common;

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddrV4};
use std::rc::Rc;

use common::server::{act, client, from, refused, serving};
use common::{Host, MAIN, at};
use esp8285_sim::{ClientState, Dialect, Echo, Peer, PeerIo, Serve, Silent, Sink};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const NONOS: Dialect = Dialect::NonOs1_7;
const ESP_AT: Dialect = Dialect::EspAt2_2;

#[test]
fn a_client_is_served() {
    for (&dialect, tail) in MAIN.iter().zip(["", "\r\n"]) {
        let mut host = serving(dialect);
        let sink = Sink::default();
        let got = Rc::clone(&sink.0);
        let id = client(&host, 4000, sink);
        assert_eq!(host.net.client(id), ClientState::Connecting);
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n");
        assert_eq!(host.net.client(id), ClientState::Connected);
        act(&host, 4000, |io| io.send(b"GET /"));
        assert_eq!(host.read_for(50_000), format!("\r\n+IPD,0,5:GET /{tail}"));
        assert_eq!(
            host.ask("AT+CIPSTATUS"),
            "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"192.168.1.9\",4000,80,1\r\n\r\nOK\r\n"
        );
        host.ask("AT+CIPSEND=0,3");
        host.send(b"404");
        assert_eq!(host.read_for(50_000), "\r\nRecv 3 bytes\r\n\r\nSEND OK\r\n");
        assert_eq!(got.take(), b"404");
        assert_eq!(host.ask("AT+CIPCLOSE=0"), "0,CLOSED\r\n\r\nOK\r\n");
        assert_eq!(host.net.client(id), ClientState::Closed);
        // The server goes on.
        client(&host, 4001, Silent);
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n");
        act(&host, 4001, PeerIo::close);
        assert_eq!(host.read_for(50_000), "0,CLOSED\r\n");
    }
}

#[test]
fn clients_get_the_lowest_free_link() {
    for &dialect in MAIN {
        let mut host = serving(dialect);
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPSTART=1,\"TCP\",\"192.168.1.3\",80");
        for port in 0..3 {
            client(&host, port, Silent);
        }
        assert_eq!(
            host.read_for(50_000),
            "0,CONNECT\r\n2,CONNECT\r\n3,CONNECT\r\n"
        );
        host.ask("AT+CIPCLOSE=2");
        client(&host, 9, Silent);
        assert_eq!(host.read_for(50_000), "2,CONNECT\r\n");
    }
}

#[test]
fn a_command_may_find_its_link_taken() {
    for &dialect in MAIN {
        let mut host = serving(dialect);
        host.net.listen(at(80), || Box::new(Silent));
        client(&host, 4000, Silent);
        // On its way while the host types.
        let command = "AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",80";
        assert_eq!(
            host.ask(command),
            format!("0,CONNECT\r\n{}", refused(dialect, "ALREADY CONNECTED"))
        );
    }
}

#[test]
fn a_client_during_a_connect_gets_another_link() {
    for &dialect in MAIN {
        let mut host = serving(dialect);
        host.net.blackhole(at(81));
        host.send(b"AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",81\r\n");
        host.read_for(100_000);
        client(&host, 4000, Serve::new("now").at_connect().keep_open());
        let early = host.read_for(1_000_000);
        let rest = host.read_for(20_000_000);
        if dialect == NONOS {
            assert_eq!(early, "1,CONNECT\r\n\r\n+IPD,1,3:now");
            assert_eq!(rest, "\r\nERROR\r\n0,CLOSED\r\n");
        } else {
            // The task that would accept is busy connecting.
            assert_eq!(early, "");
            assert_eq!(rest, "\r\nERROR\r\n0,CONNECT\r\n\r\n+IPD,0,3:now\r\n");
        }
    }
}

#[test]
fn starting_and_stopping() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        assert_eq!(host.ask("AT+CIPSERVER=1"), refused(dialect, "MUX=0"));
        host.ask("AT+CIPMUX=1");
        for bad in ["", "2", "1,0", "1,65536", "1,\"80\"", "\"1\""] {
            assert_eq!(host.ask(&format!("AT+CIPSERVER={bad}")), ERROR, "{bad}");
        }
        let same = if dialect == NONOS {
            "no change\r\n\r\nOK\r\n"
        } else {
            OK
        };
        assert_eq!(host.ask("AT+CIPSERVER=0"), same);
        assert_eq!(host.ask("AT+CIPSERVER=1"), OK);
        assert_eq!(host.ask("AT+CIPSERVER=1,8080"), same);
        let reason = refused(dialect, "CIPSERVER must be 0");
        assert_eq!(host.ask("AT+CIPMUX=0"), reason);
        // The port when none is given; it is not changed while the server runs.
        let on = |host: &Host, port| {
            let now = host.bench.now();
            host.net.connect_to_modem(now, from(port), port, Silent)
        };
        let refused = on(&host, 8080);
        let accepted = on(&host, 333);
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n");
        assert_eq!(host.net.client(refused), ClientState::Refused);
        assert_eq!(host.net.client(accepted), ClientState::Connected);
        host.ask("AT+CIPCLOSE=0");
        assert_eq!(host.ask("AT+CIPSERVER=0"), OK);
        let late = on(&host, 333);
        assert_eq!(host.read_for(50_000), "");
        assert_eq!(host.net.client(late), ClientState::Refused);
        assert_eq!(host.ask("AT+CIPMUX=0"), OK);
    }
}

#[test]
fn esp_at_tells_whether_it_serves() {
    let mut host = Host::joined(ESP_AT);
    assert_eq!(host.ask("AT+CIPSERVER?"), "+CIPSERVER:0\r\n\r\nOK\r\n");
    host.ask("AT+CIPMUX=1");
    host.ask("AT+CIPSERVER=1,80");
    assert_eq!(
        host.ask("AT+CIPSERVER?"),
        "+CIPSERVER:1,80,\"TCP\",0\r\n\r\nOK\r\n"
    );
    assert_eq!(serving(NONOS).ask("AT+CIPSERVER?"), ERROR);
}

#[test]
fn clients_in_passive_mode() {
    for (&dialect, read) in MAIN.iter().zip([
        "\r\n+CIPRECVDATA,2:hi\r\nOK\r\n",
        "+CIPRECVDATA:2,hi\r\nOK\r\n",
    ]) {
        let mut host = serving(dialect);
        host.ask("AT+CIPRECVMODE=1");
        client(&host, 4000, Serve::new("hi").at_connect().keep_open());
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n\r\n+IPD,0,2\r\n");
        assert_eq!(host.ask("AT+CIPRECVDATA=0,100"), read);
    }
}

#[test]
fn clients_in_link_messages() {
    let message = "+LINK_CONN:0,0,\"TCP\",1,\"192.168.1.9\",4000,80\r\n";
    for (&dialect, set) in MAIN.iter().zip(["AT+SYSMSG_CUR=2", "AT+SYSMSG=2"]) {
        let mut host = serving(dialect);
        host.ask(set);
        client(&host, 4000, Silent);
        assert_eq!(host.read_for(50_000), message);
    }
}

#[test]
fn a_client_that_breaks_off_before_it_is_accepted() {
    let mut host = serving(ESP_AT);
    host.net.blackhole(at(81));
    host.send(b"AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",81\r\n");
    host.read_for(100_000);
    client(&host, 4000, Silent);
    host.read_for(100_000);
    act(&host, 4000, PeerIo::reset);
    assert_eq!(
        host.read_for(20_000_000),
        "\r\nERROR\r\n0,CONNECT\r\n0,CLOSED\r\n"
    );
    assert_eq!(host.net.connections(), 0);
}

/// Notes what becomes of its connection.
#[derive(Clone, Default)]
struct Fate(Rc<RefCell<Vec<&'static str>>>);

impl Peer for Fate {
    fn connected(&mut self, _io: &mut PeerIo) {
        self.0.borrow_mut().push("connected");
    }
    fn received(&mut self, _data: &[u8], _io: &mut PeerIo) {}
    fn closed(&mut self, _io: &mut PeerIo) {
        self.0.borrow_mut().push("closed");
    }
    fn reset(&mut self, _io: &mut PeerIo) {
        self.0.borrow_mut().push("reset");
    }
    fn refused(&mut self, _io: &mut PeerIo) {
        self.0.borrow_mut().push("refused");
    }
}

#[test]
fn peers_hear_how_it_ends() {
    let mut host = serving(NONOS);
    let fate = Fate::default();
    for mode in [0, 1] {
        client(&host, 4000 + mode, fate.clone());
        host.read_for(50_000);
        host.ask(&format!("AT+CIPCLOSEMODE=0,{mode}"));
        host.ask("AT+CIPCLOSE=0");
    }
    assert_eq!(fate.0.take(), ["connected", "closed", "connected", "reset"]);
    host.bench.with_modem(esp8285_sim::Modem::reset);
    client(&host, 5000, fate.clone());
    host.read_for(50_000);
    assert_eq!(fate.0.take(), ["refused"]);
    // A restart drops whoever was connected.
    let mut host = serving(ESP_AT);
    client(&host, 4000, fate.clone());
    host.read_for(50_000);
    host.bench.with_modem(esp8285_sim::Modem::reset);
    host.read_for(50_000);
    assert_eq!(fate.0.take(), ["connected", "reset"]);
}

#[test]
fn losing_the_access_point_closes_clients() {
    for (&dialect, said) in MAIN.iter().zip([
        "0,CLOSED\r\nWIFI DISCONNECT\r\n",
        "WIFI DISCONNECT\r\n0,CLOSED\r\n",
    ]) {
        let mut host = serving(dialect);
        client(&host, 4000, Echo);
        host.read_for(50_000);
        host.bench.with_modem(|modem| {
            modem.air_mut().remove("workshop");
            modem.wifi_lost();
        });
        assert_eq!(host.read_for(50_000), said);
    }
}

#[test]
fn every_firmware_serves() {
    for &dialect in Dialect::ALL {
        let mut host = serving(dialect);
        let sink = Sink::default();
        let got = Rc::clone(&sink.0);
        client(&host, 4000, sink);
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n", "{dialect}");
        act(&host, 4000, |io| io.send(b"GET /"));
        let frame = host.read_for(50_000);
        assert!(frame.starts_with("\r\n+IPD,0,5:GET /"), "{frame:?}");
        host.ask("AT+CIPSEND=0,3");
        host.send(b"404");
        let result = host.read_for(50_000);
        assert!(result.ends_with("\r\nSEND OK\r\n"), "{result:?}");
        assert_eq!(got.take(), b"404");
        assert_eq!(host.ask("AT+CIPCLOSE=0"), "0,CLOSED\r\n\r\nOK\r\n");
    }
}

#[test]
fn guests_of_the_modems_own_access_point() {
    for &dialect in MAIN {
        let mut host = Host::new(dialect);
        host.ask("ATE0");
        host.ask("AT+CWMODE=3");
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPSERVER=1,80");
        let guest = SocketAddrV4::new(Ipv4Addr::new(192, 168, 4, 2), 4000);
        let now = host.bench.now();
        host.net.connect_to_modem(now, guest, 80, Echo);
        // Nobody else gets there while the station has not joined.
        let stranger = client(&host, 4000, Silent);
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n");
        assert_eq!(host.net.client(stranger), ClientState::Closed);
        host.net.listen(guest, || Box::new(Silent));
        assert_eq!(
            host.ask("AT+CIPSTART=1,\"TCP\",\"192.168.4.2\",4000"),
            "1,CONNECT\r\n\r\nOK\r\n"
        );
        let far = host.ask("AT+CIPSTART=2,\"TCP\",\"192.168.1.3\",80");
        assert!(far.contains("ERROR"), "{far:?}");
        // Losing the station's access point means nothing to them.
        host.send(b"AT+CWJAP=\"workshop\",\"correct horse\"\r\n");
        host.read_for(5_000_000);
        host.net.listen(at(80), || Box::new(Silent));
        host.ask("AT+CIPSTART=3,\"TCP\",\"192.168.1.3\",80");
        host.bench.with_modem(|modem| {
            modem.air_mut().remove("workshop");
            modem.wifi_lost();
        });
        let said = host.read_for(50_000);
        assert!(said.contains("3,CLOSED\r\n"), "{said:?}");
        assert!(!said.contains("0,CLOSED"), "{said:?}");
        host.ask("AT+CIPSEND=0,4");
        host.send(b"echo");
        assert!(host.read_for(50_000).contains("\r\n+IPD,0,4:echo"));
    }
}
