//! The exact sequence of the common exchanges, start to end.

mod common;

use common::{START_ESP_AT, START_NONOS, started};
use embedded_nal::{AddrType, Dns, TcpClientStack};

#[test]
fn start_up_is_seven_commands_on_nonos_and_eight_on_esp_at() {
    for (script, name) in [(START_NONOS, "NonOS 1.7"), (START_ESP_AT, "ESP-AT 2.2")] {
        let (modem, wifi) = started(script);
        assert_eq!(wifi.dialect().unwrap().name, name);
        let expected: String = script.iter().map(|(line, _)| *line).collect();
        assert_eq!(modem.written(), expected);
    }
}

#[test]
fn join_resolve_connect_send_receive_close_on_nonos() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        (
            "AT+CWJAP_CUR=\"Sipeed_2.4G\",\"12345678\"\r\n",
            "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n",
        ),
        (
            "AT+CIPDOMAIN=\"dl.sipeed.com\"\r\n",
            "+CIPDOMAIN:10.0.0.1\r\n\r\nOK\r\n",
        ),
        (
            "AT+CIPSTART=0,\"TCP\",\"10.0.0.1\",80\r\n",
            "0,CONNECT\r\n\r\nOK\r\n",
        ),
        ("AT+CIPSEND=0,5\r\n", "\r\nOK\r\n> "),
        ("GET /", "\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n"),
    ]);
    modem
        .drive(|| wifi.join("Sipeed_2.4G", "12345678"))
        .unwrap();
    let address = modem
        .drive(|| wifi.get_host_by_name("dl.sipeed.com", AddrType::IPv4))
        .unwrap();
    let mut socket = wifi.socket().unwrap();
    modem
        .drive(|| wifi.connect(&mut socket, (address, 80).into()))
        .unwrap();
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"GET /")), Ok(5));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"")), Ok(0));

    modem.expect(&[(
        "AT+CIPRECVDATA=0,2048\r\n",
        "\r\n+CIPRECVDATA,4:OK\r\n\r\nOK\r\n",
    )]);
    modem.say("\r\n+IPD,0,4\r\n");
    let mut buf = [0; 10];
    assert_eq!(modem.drive(|| wifi.receive(&mut socket, &mut buf)), Ok(4));
    assert_eq!(&buf[..4], b"OK\r\n");
    assert_eq!(
        wifi.receive(&mut socket, &mut buf),
        Err(nb::Error::WouldBlock)
    );

    modem.expect(&[("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n")]);
    wifi.close(socket).unwrap();
    wifi.poll().unwrap();
    assert_eq!(modem.left(), 0);
}

#[test]
fn nothing_is_sent_for_arguments_that_cannot_be_sent() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.written();
    let long = "x".repeat(65);
    assert!(matches!(
        wifi.join("a\r\nAT+RESTORE", ""),
        Err(nb::Error::Other(_))
    ));
    assert!(matches!(wifi.join("ok", "a\nb"), Err(nb::Error::Other(_))));
    assert!(matches!(wifi.join("ok", "a\0b"), Err(nb::Error::Other(_))));
    assert!(matches!(
        wifi.join(&long[..33], ""),
        Err(nb::Error::Other(_))
    ));
    assert!(matches!(wifi.join("ok", &long), Err(nb::Error::Other(_))));
    assert!(matches!(wifi.join("", "x"), Err(nb::Error::Other(_))));
    for name in ["", "a b", "a\"b", "a\r\nb", "a,b", &long] {
        let result = wifi.get_host_by_name(name, AddrType::IPv4);
        assert!(matches!(result, Err(nb::Error::Other(_))), "{name:?}");
    }
    let mut socket = wifi.socket().unwrap();
    for remote in ["10.0.0.1:0", "0.0.0.0:80", "[::1]:80"] {
        let result = wifi.connect(&mut socket, remote.parse().unwrap());
        assert!(matches!(result, Err(nb::Error::Other(_))), "{remote}");
    }
    wifi.poll().unwrap();
    assert_eq!(modem.written(), "");
}
