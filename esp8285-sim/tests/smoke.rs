//! One short session per dialect, as a reader's introduction.

mod common;

use common::{Host, at};
use esp8285_sim::{Dialect, Serve};

#[test]
fn nonos_session() {
    let mut host = Host::new(Dialect::NonOs1_7);
    assert_eq!(host.ask("AT"), "AT\r\n\r\nOK\r\n");
    host.join();
    host.net
        .listen(at(80), || Box::new(Serve::new("hello, world")));
    assert_eq!(
        host.ask("AT+CIPSTART=\"TCP\",\"example.com\",80"),
        "CONNECT\r\n\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPSEND=5"), "\r\nOK\r\n> ");
    host.send(b"GET /");
    assert_eq!(
        host.read_for(100_000),
        "\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,12:hello, worldCLOSED\r\n"
    );
}

#[test]
fn esp_at_session() {
    let mut host = Host::joined(Dialect::EspAt2_2);
    host.net
        .listen(at(80), || Box::new(Serve::new("hello, world")));
    assert_eq!(host.ask("AT+CIPMUX=1"), "\r\nOK\r\n");
    assert_eq!(
        host.ask("AT+CIPSTART=2,\"TCP\",\"192.168.1.3\",80"),
        "2,CONNECT\r\n\r\nOK\r\n"
    );
    assert_eq!(host.ask("AT+CIPSEND=2,5"), "\r\nOK\r\n\r\n>");
    host.send(b"GET /");
    assert_eq!(
        host.read_for(100_000),
        "\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,2,12:hello, world\r\n2,CLOSED\r\n"
    );
}
