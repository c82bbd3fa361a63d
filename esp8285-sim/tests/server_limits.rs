//! How many clients the server takes, how long it keeps them, and how it stops.

mod common;

use common::server::{act, client, refused, serving};
use common::{Host, MAIN, at};
use esp8285_sim::{ClientState, Dialect, PeerIo, Silent};

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const NONOS: Dialect = Dialect::NonOs1_7;
const ESP_AT: Dialect = Dialect::EspAt2_2;

#[test]
fn clients_beyond_the_limit() {
    for &dialect in MAIN {
        let mut host = Host::joined(dialect);
        let query = host.ask("AT+CIPSERVERMAXCONN?");
        if dialect == NONOS {
            assert_eq!(query, "+CIPSERVERMAXCONN:5\r\nOK\r\n");
        } else {
            assert_eq!(query, "+CIPSERVERMAXCONN:5\r\n\r\nOK\r\n");
        }
        assert_eq!(host.ask("AT+CIPSERVERMAXCONN=0"), ERROR);
        assert_eq!(host.ask("AT+CIPSERVERMAXCONN=6"), ERROR);
        assert_eq!(host.ask("AT+CIPSERVERMAXCONN=1"), OK);
        host.ask("AT+CIPMUX=1");
        host.ask("AT+CIPSERVER=1,80");
        assert_eq!(
            host.ask("AT+CIPSERVERMAXCONN=2"),
            refused(dialect, "Server has started")
        );
        let first = client(&host, 4000, Silent);
        host.read_for(50_000);
        let second = client(&host, 4001, Silent);
        assert_eq!(host.read_for(50_000), "");
        assert_eq!(host.net.client(first), ClientState::Connected);
        let fate = if dialect == NONOS {
            ClientState::Closed
        } else {
            ClientState::Refused
        };
        assert_eq!(host.net.client(second), fate);
        act(&host, 4000, PeerIo::close);
        host.read_for(50_000);
        client(&host, 4002, Silent);
        assert_eq!(host.read_for(50_000), "0,CONNECT\r\n");
    }
}

#[test]
fn esp_at_does_not_listen_while_every_link_is_taken() {
    let mut host = serving(ESP_AT);
    host.net.listen(at(80), || Box::new(Silent));
    for link in 0..5 {
        host.ask(&format!("AT+CIPSTART={link},\"TCP\",\"192.168.1.3\",80"));
    }
    let one = client(&host, 4000, Silent);
    host.read_for(50_000);
    assert_eq!(host.net.client(one), ClientState::Refused);
    host.ask("AT+CIPCLOSE=2");
    client(&host, 4001, Silent);
    assert_eq!(host.read_for(50_000), "2,CONNECT\r\n");
}

#[test]
fn esp_at_lets_one_client_wait() {
    let mut host = serving(ESP_AT);
    host.net.blackhole(at(81));
    host.send(b"AT+CIPSTART=0,\"TCP\",\"192.168.1.3\",81\r\n");
    host.read_for(15_000_000);
    let one = client(&host, 4000, Silent);
    let other = client(&host, 4001, Silent);
    host.read_for(500_000);
    assert_eq!(host.net.client(one), ClientState::Connected);
    assert_eq!(host.net.client(other), ClientState::Connecting);
    // It asks again after one, two and four seconds.
    assert_eq!(
        host.read_for(7_000_000),
        "\r\nERROR\r\n0,CONNECT\r\n1,CONNECT\r\n"
    );
}

#[test]
fn idle_clients_are_closed() {
    let mut host = serving(NONOS);
    assert_eq!(host.ask("AT+CIPSTO?"), "+CIPSTO:180\r\n\r\nOK\r\n");
    client(&host, 4000, Silent);
    host.read_for(100_000_000);
    act(&host, 4000, |io| io.send(b"x"));
    assert_eq!(host.read_for(180_000_000), "\r\n+IPD,0,1:x");
    assert_eq!(host.read_for(100_000), "0,CLOSED\r\n");

    // None until it is set, and not without a server.
    let mut host = Host::joined(ESP_AT);
    assert_eq!(host.ask("AT+CIPSTO=5"), ERROR);
    let mut host = serving(ESP_AT);
    client(&host, 4000, Silent);
    assert_eq!(host.read_for(7_300_000_000), "0,CONNECT\r\n");
    assert_eq!(host.ask("AT+CIPSTO=7201"), ERROR);
    assert_eq!(host.ask("AT+CIPSTO=0"), OK);
    assert_eq!(host.ask("AT+CIPSTO=5"), "\r\nOK\r\n0,CLOSED\r\n");
    client(&host, 4001, Silent);
    assert_eq!(host.read_for(5_000_000), "0,CONNECT\r\n");
    assert_eq!(host.read_for(50_000), "0,CLOSED\r\n");
}

#[test]
fn sending_keeps_a_client() {
    for &dialect in MAIN {
        let mut host = serving(dialect);
        host.ask("AT+CIPSTO=3");
        client(&host, 4000, Silent);
        host.read_for(2_000_000);
        host.ask("AT+CIPSEND=0,1");
        host.send(b"x");
        assert_eq!(
            host.read_for(2_500_000),
            "\r\nRecv 1 bytes\r\n\r\nSEND OK\r\n"
        );
        assert_eq!(host.read_for(1_000_000), "0,CLOSED\r\n");
    }
}

#[test]
fn stopping_beside_clients() {
    // NonOS cannot, and says so before OK.
    let mut host = serving(NONOS);
    client(&host, 4000, Silent);
    host.read_for(50_000);
    assert_eq!(host.ask("AT+CIPSERVER=0"), "we must restart\r\n\r\nOK\r\n");
    // ESP-AT keeps them, or closes them when asked to.
    let mut host = serving(ESP_AT);
    host.net.listen(at(80), || Box::new(Silent));
    host.ask("AT+CIPSTART=3,\"TCP\",\"192.168.1.3\",80");
    client(&host, 4000, Silent);
    client(&host, 4001, Silent);
    assert_eq!(host.read_for(50_000), "0,CONNECT\r\n1,CONNECT\r\n");
    assert_eq!(host.ask("AT+CIPSERVER=0"), OK);
    act(&host, 4000, |io| io.send(b"still here"));
    assert_eq!(host.read_for(50_000), "\r\n+IPD,0,10:still here\r\n");
    assert_eq!(host.ask("AT+CIPSERVER=1,80"), OK);
    assert_eq!(
        host.ask("AT+CIPSERVER=0,1"),
        "0,CLOSED\r\n1,CLOSED\r\n\r\nOK\r\n"
    );
    assert!(host.ask("AT+CIPSTATUS").contains("+CIPSTATUS:3,"));
}

#[test]
fn an_old_server_stops_only_with_a_restart() {
    let mut host = serving(Dialect::NonOs0_2x);
    assert_eq!(host.ask("AT+CIPSERVER=0"), "we must restart\r\n");
    client(&host, 4000, Silent);
    assert_eq!(host.read_for(50_000), "0,CONNECT\r\n");
    host.ask("AT+RST");
    host.read_for(2_000_000);
    let late = client(&host, 4001, Silent);
    host.read_for(50_000);
    assert_eq!(host.net.client(late), ClientState::Refused);
}
