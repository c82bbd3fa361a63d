//! `AT+CIPTCPOPT` refused, unanswered or answered too late: the exact lines.

mod common;

use atcmd_esp8285::{Config, ModemError, SocketError, TcpSocket};
use common::{CONNECT_0, Modem, START_ESP_AT, Wifi, connected, started, wifi};
use embedded_nal::TcpClientStack;

const OK: &str = "\r\nOK\r\n";
const ERROR: &str = "\r\nERROR\r\n";
const ON: &str = "AT+CIPTCPOPT=0,-1,1,0\r\n";
const OFF: &str = "AT+CIPTCPOPT=0,-1,0,0\r\n";
const REJECTED: SocketError = SocketError::Modem(ModemError::Rejected);
const NO_REPLY: SocketError = SocketError::Modem(ModemError::NoReply);

fn fresh(wifi: &mut Wifi) -> TcpSocket {
    let mut socket = wifi.socket().unwrap();
    wifi.set_no_delay(&mut socket, true).unwrap();
    socket
}

fn set(
    modem: &Modem,
    wifi: &mut Wifi,
    socket: &mut TcpSocket,
    on: bool,
) -> Result<(), SocketError> {
    modem.drive(|| wifi.set_no_delay(socket, on))
}

fn rest(modem: &Modem, wifi: &mut Wifi) -> String {
    for _ in 0..500 {
        wifi.poll().unwrap();
        modem.pass(1000);
    }
    modem.written()
}

#[test]
fn a_refusal_before_connecting_fails_the_connect_and_nothing_is_opened() {
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[(ON, ERROR)]);
    let mut socket = fresh(&mut wifi);
    modem.written();
    let to = "10.0.0.1:80".parse().unwrap();
    let connected = modem.drive(|| wifi.connect(&mut socket, to));
    assert_eq!(connected, Err(REJECTED));
    assert_eq!(rest(&modem, &mut wifi), ON);

    // The socket is as new, and connects without.
    wifi.set_no_delay(&mut socket, false).unwrap();
    modem.expect(&[CONNECT_0]);
    assert_eq!(modem.drive(|| wifi.connect(&mut socket, to)), Ok(()));
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_refusal_on_a_connection_is_told_once_and_changes_nothing() {
    let (modem, mut wifi, mut socket) = connected(START_ESP_AT);
    modem.expect(&[(ON, ERROR)]);
    assert_eq!(set(&modem, &mut wifi, &mut socket, true), Err(REJECTED));
    assert_eq!(rest(&modem, &mut wifi), ON, "not tried again by itself");
    assert_eq!(set(&modem, &mut wifi, &mut socket, false), Ok(()));
    modem.expect(&[(ON, OK)]);
    assert_eq!(set(&modem, &mut wifi, &mut socket, true), Ok(()));
    modem.expect(&[(OFF, ERROR)]);
    assert_eq!(set(&modem, &mut wifi, &mut socket, false), Err(REJECTED));
    assert!(wifi.is_connected(&socket));
    modem.expect(&[("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n")]);
    modem.written();
    wifi.close(socket).unwrap();
    // What the modem will not take back is not asked for ever.
    assert_eq!(rest(&modem, &mut wifi), "AT+CIPCLOSE=0\r\n");
}

#[test]
fn silence_is_an_error_and_the_option_is_taken_back_to_be_sure() {
    let (modem, mut wifi, mut socket) = connected(START_ESP_AT);
    modem.expect(&[
        (ON, ""),
        ("AT\r\n", OK),
        ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(set(&modem, &mut wifi, &mut socket, true), Err(NO_REPLY));
    rest(&modem, &mut wifi);
    assert_eq!(modem.left(), 0);
    modem.expect(&[("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"), (OFF, OK)]);
    wifi.close(socket).unwrap();
    let closing = "AT+CIPCLOSE=0\r\n".to_owned() + OFF;
    assert_eq!(rest(&modem, &mut wifi), closing);
}

#[test]
fn a_socket_that_changes_its_mind_gets_what_it_said_last() {
    let (modem, mut wifi, mut socket) = connected(START_ESP_AT);
    modem.expect(&[(ON, ""), (OFF, OK)]);
    assert_eq!(
        wifi.set_no_delay(&mut socket, true),
        Err(nb::Error::WouldBlock)
    );
    wifi.poll().unwrap();
    assert_eq!(
        wifi.set_no_delay(&mut socket, false),
        Err(nb::Error::WouldBlock)
    );
    modem.say(OK);
    assert_eq!(set(&modem, &mut wifi, &mut socket, false), Ok(()));
    assert_eq!(rest(&modem, &mut wifi), ON.to_owned() + OFF);
}

#[test]
fn a_peer_that_takes_the_link_meanwhile_does_not_get_it() {
    use embedded_nal::TcpFullStack;
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[
        ("AT+CIPSERVER=0\r\n", OK),
        ("AT+CIPSERVER=1,80\r\n", OK),
        ("AT+CIPSTO=0\r\n", OK),
        // A peer comes before this is answered, on the link it is for.
        ("AT+CIPTCPOPT=4,-1,1,0\r\n", "4,CONNECT\r\n\r\nOK\r\n"),
        ("AT+CIPTCPOPT=3,-1,1,0\r\n", OK),
        ("AT+CIPTCPOPT=4,-1,0,0\r\n", OK),
        (
            "AT+CIPSTART=3,\"TCP\",\"10.0.0.1\",80\r\n",
            "3,CONNECT\r\n\r\nOK\r\n",
        ),
        (
            "AT+CIPSTATUS\r\n",
            "STATUS:3\r\n+CIPSTATUS:4,\"TCP\",\"10.0.0.9\",4000,80,1\r\n\
             +CIPSTATUS:3,\"TCP\",\"10.0.0.1\",80,50000,0\r\n\r\nOK\r\n",
        ),
    ]);
    let mut listener = wifi.socket().unwrap();
    wifi.bind(&mut listener, 80).unwrap();
    wifi.listen(&mut listener).unwrap();
    rest(&modem, &mut wifi);
    let mut socket = fresh(&mut wifi);
    let to = "10.0.0.1:80".parse().unwrap();
    assert_eq!(modem.drive(|| wifi.connect(&mut socket, to)), Ok(()));
    let (_, from) = modem.drive(|| wifi.accept(&mut listener)).unwrap();
    assert_eq!(from, "10.0.0.9:4000".parse().unwrap());
    rest(&modem, &mut wifi);
    assert!(wifi.is_connected(&socket));
}

#[test]
fn firmware_that_is_found_out_while_connecting_says_so_then() {
    let (modem, mut wifi) = wifi(&[], Config::new());
    let mut socket = fresh(&mut wifi);
    modem.ease(Some("AT version:1.7.4.0(May 11 2020 19:13:04)"));
    let to = "10.0.0.1:80".parse().unwrap();
    let unsupported = ModemError::Unsupported("AT+CIPTCPOPT");
    let connected = modem.drive(|| wifi.connect(&mut socket, to));
    assert_eq!(connected, Err(unsupported.into()));
    let sent = modem.written();
    assert!(
        !sent.contains("TCPOPT") && !sent.contains("CIPSTART"),
        "{sent}"
    );
}
