//! The exact sequence of what datagram, server and TLS sockets ask of the
//! modem.

mod common;

use atcmd_esp8285::tls::TlsConfig;
use common::{START_ESP_AT, START_NONOS, started};
use embedded_nal::{TcpClientStack, TcpFullStack, UdpClientStack, UdpFullStack};

const OK: &str = "\r\nOK\r\n";

#[test]
fn datagrams_on_nonos() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        ("AT+CIPDINFO=1\r\n", OK),
        (
            "AT+CIPSTART=0,\"UDP\",\"0.0.0.0\",5353,5353,2\r\n",
            "0,CONNECT\r\n\r\nOK\r\n\r\n+IPD,0,4,10.0.0.9,700:ping",
        ),
        ("AT+CIPSEND=0,4,\"10.0.0.9\",700\r\n", "\r\nOK\r\n> "),
        ("pong", "\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n"),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
    ]);
    let mut socket = UdpClientStack::socket(&mut wifi).unwrap();
    UdpFullStack::bind(&mut wifi, &mut socket, 5353).unwrap();
    let mut buf = [0; 16];
    let (n, from) = modem
        .drive(|| UdpClientStack::receive(&mut wifi, &mut socket, &mut buf))
        .unwrap();
    assert_eq!(
        (&buf[..n], from),
        (&b"ping"[..], "10.0.0.9:700".parse().unwrap())
    );
    modem
        .drive(|| wifi.send_to(&mut socket, from, b"pong"))
        .unwrap();
    UdpClientStack::close(&mut wifi, socket).unwrap();
    modem.drive(|| wait_until_done(&modem, &mut wifi)).unwrap();
}

#[test]
fn datagrams_on_esp_at_switch_to_active_and_back() {
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[
        ("AT+CIPRECVMODE=0\r\n", OK),
        ("AT+CIPDINFO=1\r\n", OK),
        (
            "AT+CIPSTART=0,\"UDP\",\"10.0.0.9\",700\r\n",
            "0,CONNECT\r\n\r\nOK\r\n",
        ),
        ("AT+CIPSEND=0,4\r\n", "\r\nOK\r\n\r\n>"),
        (
            "ping",
            "\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n\r\n+IPD,0,4,\"10.0.0.9\",700:pong\r\n",
        ),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
        ("AT+CIPRECVMODE=1\r\n", OK),
    ]);
    let mut socket = UdpClientStack::socket(&mut wifi).unwrap();
    let peer = "10.0.0.9:700".parse().unwrap();
    UdpClientStack::connect(&mut wifi, &mut socket, peer).unwrap();
    modem
        .drive(|| UdpClientStack::send(&mut wifi, &mut socket, b"ping"))
        .unwrap();
    let mut buf = [0; 16];
    let (n, from) = modem
        .drive(|| UdpClientStack::receive(&mut wifi, &mut socket, &mut buf))
        .unwrap();
    assert_eq!((&buf[..n], from), (&b"pong"[..], peer));
    UdpClientStack::close(&mut wifi, socket).unwrap();
    modem.drive(|| wait_until_done(&modem, &mut wifi)).unwrap();
}

/// Calls the driver until it has asked everything that is expected.
fn wait_until_done(modem: &common::Modem, wifi: &mut common::Wifi) -> nb::Result<(), ()> {
    wifi.poll().unwrap();
    match modem.left() {
        0 => Ok(()),
        _ => Err(nb::Error::WouldBlock),
    }
}

#[test]
fn a_server_and_its_peer() {
    for start in [START_NONOS, START_ESP_AT] {
        let (modem, mut wifi) = started(start);
        modem.expect(&[
            ("AT+CIPSERVER=0\r\n", "no change\r\n\r\nOK\r\n"),
            ("AT+CIPSERVER=1,80\r\n", OK),
            ("AT+CIPSTO=0\r\n", "\r\nOK\r\n0,CONNECT\r\n"),
            (
                "AT+CIPSTATUS\r\n",
                "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"192.168.1.9\",4711,80,1\r\n\r\nOK\r\n",
            ),
        ]);
        let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
        TcpFullStack::bind(&mut wifi, &mut listener, 80).unwrap();
        wifi.listen(&mut listener).unwrap();
        let (_, from) = modem.drive(|| wifi.accept(&mut listener)).unwrap();
        assert_eq!(from, "192.168.1.9:4711".parse().unwrap());
        assert_eq!(modem.left(), 0);
    }
}

#[test]
fn tls_with_a_checked_certificate() {
    let name = "site.example";
    for (start, preparation) in [
        (
            START_NONOS,
            &[
                ("AT+CIPSSLSIZE=4096\r\n", OK),
                ("AT+CIPSSLCCONF=2\r\n", OK),
                (
                    "AT+CIPSTART=0,\"SSL\",\"site.example\",443\r\n",
                    "0,CONNECT\r\n\r\nOK\r\n",
                ),
            ],
        ),
        (
            START_ESP_AT,
            &[
                ("AT+CIPSSLCCONF=0,2,0,0\r\n", OK),
                ("AT+CIPSSLCSNI=0,\"site.example\"\r\n", OK),
                (
                    "AT+CIPSTART=0,\"SSL\",\"10.0.0.3\",443\r\n",
                    "0,CONNECT\r\n\r\nOK\r\n",
                ),
            ],
        ),
    ] {
        let (modem, mut wifi) = started(start);
        modem.expect(preparation);
        let config = TlsConfig::new().server_name(name).verify_server(0);
        let mut socket = wifi.tls(config).socket().unwrap();
        let site = "10.0.0.3:443".parse().unwrap();
        modem
            .drive(|| wifi.tls(config).connect(&mut socket, site))
            .unwrap();
        assert_eq!(modem.left(), 0);
    }
}

#[test]
fn a_refused_server_is_asked_for_again_in_case_the_modem_had_restarted() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        ("AT+CIPSERVER=0\r\n", OK),
        ("AT+CIPSERVER=1,80\r\n", "\r\nERROR\r\n"),
        ("AT+CIPMUX?\r\n", "+CIPMUX:0\r\n\r\nOK\r\n"),
    ]);
    modem.expect(START_NONOS);
    modem.expect(&[("AT+CIPSERVER=1,80\r\n", OK), ("AT+CIPSTO=0\r\n", OK)]);
    let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
    TcpFullStack::bind(&mut wifi, &mut listener, 80).unwrap();
    wifi.listen(&mut listener).unwrap();
    modem.drive(|| wait_until_done(&modem, &mut wifi)).unwrap();
    assert_eq!(
        wifi.accept(&mut listener).map(drop),
        Err(nb::Error::WouldBlock)
    );
}

#[test]
fn a_server_that_is_refused_for_good_is_an_error_of_accept() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[("AT+CIPSERVER=0\r\n", OK)]);
    for _ in 0..2 {
        modem.expect(&[
            ("AT+CIPSERVER=1,80\r\n", "\r\nERROR\r\n"),
            ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n"),
        ]);
    }
    modem.expect(&[("AT+CIPSERVER=1,80\r\n", "\r\nERROR\r\n")]);
    let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
    TcpFullStack::bind(&mut wifi, &mut listener, 80).unwrap();
    wifi.listen(&mut listener).unwrap();
    let error = modem.drive(|| wifi.accept(&mut listener)).map(drop);
    assert_eq!(error, Err(atcmd_esp8285::ModemError::Rejected.into()));
    assert_eq!(modem.left(), 0);
}
