//! The wire is an interface: the exact bytes of every command per dialect, and
//! the exact sequence of the common exchanges.

mod common;

use core::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::Dialect;
use atcmd_esp8285::at::atat::AtatCmd;
use atcmd_esp8285::at::command::*;
use common::{START_ESP_AT, START_NONOS, started};
use embedded_nal::{AddrType, Dns, TcpClientStack};

fn bytes(command: &impl AtatCmd) -> String {
    let mut buf = [0; 512];
    let n = command.write(&mut buf);
    String::from_utf8(buf[..n].to_vec()).unwrap()
}

#[test]
fn every_command_that_all_dialects_share() {
    let remote = SocketAddrV4::new(Ipv4Addr::new(192, 168, 0, 183), 3456);
    for (command, expected) in [
        (bytes(&Attention {}), "AT\r\n"),
        (bytes(&EchoOff {}), "ATE0\r\n"),
        (bytes(&Version {}), "AT+GMR\r\n"),
        (bytes(&Reset {}), "AT+RST\r\n"),
        (bytes(&DoNotStore {}), "AT+SYSSTORE=0\r\n"),
        (bytes(&NormalTransmission {}), "AT+CIPMODE=0\r\n"),
        (bytes(&MultipleLinks {}), "AT+CIPMUX=1\r\n"),
        (bytes(&PeerInfo { on: false }), "AT+CIPDINFO=0\r\n"),
        (
            bytes(&ReceiveMode { passive: true }),
            "AT+CIPRECVMODE=1\r\n",
        ),
        (
            bytes(&ReceiveMode { passive: false }),
            "AT+CIPRECVMODE=0\r\n",
        ),
        (bytes(&Leave {}), "AT+CWQAP\r\n"),
        (
            bytes(&Connect {
                link: 4,
                transport: Transport::Tcp { keep_alive: 0 },
                host: Host::Address(*remote.ip()),
                port: remote.port(),
            }),
            "AT+CIPSTART=4,\"TCP\",\"192.168.0.183\",3456\r\n",
        ),
        (bytes(&Send { link: 0, len: 2048 }), "AT+CIPSEND=0,2048\r\n"),
        (
            bytes(&Receive { link: 3, len: 1 }),
            "AT+CIPRECVDATA=3,1\r\n",
        ),
        (bytes(&ReceiveLengths {}), "AT+CIPRECVLEN?\r\n"),
        (bytes(&Close { link: 2 }), "AT+CIPCLOSE=2\r\n"),
        (bytes(&CloseSingle {}), "AT+CIPCLOSE\r\n"),
        (
            bytes(&Resolve {
                host: "dl.sipeed.com",
                escapes: true,
            }),
            "AT+CIPDOMAIN=\"dl.sipeed.com\"\r\n",
        ),
    ] {
        assert_eq!(command, expected);
    }
}

#[test]
fn commands_that_differ_between_dialects() {
    let (ssid, password) = ("a \"net\", 2", "p\\w,d");
    let escaped = r#""a \"net\"\, 2","p\\w\,d""#;
    for dialect in Dialect::ALL {
        let current = dialect.cur_suffix;
        let suffix = if current { "_CUR" } else { "" };
        assert_eq!(
            bytes(&StationMode { current }),
            format!("AT+CWMODE{suffix}=1\r\n")
        );
        let join = bytes(&Join {
            ssid,
            password,
            dialect,
        });
        if dialect.escapes {
            assert_eq!(join, format!("AT+CWJAP{suffix}={escaped}\r\n"));
        }
        let plain = bytes(&Join {
            ssid: "s",
            password: "",
            dialect,
        });
        assert_eq!(plain, format!("AT+CWJAP{suffix}=\"s\",\"\"\r\n"));
    }
}

#[test]
fn a_buffer_that_is_too_short_gives_no_command_instead_of_a_cut_one() {
    for size in 0..8 {
        assert_eq!(Version {}.write(&mut vec![0; size]), 0);
    }
    assert_eq!(Version {}.write(&mut [0; 8]), 8);
}

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
