//! Sending, against what real modems have been seen to do meanwhile.

mod common;

use atcmd_esp8285::SocketError;
use common::{START_NONOS, connected, connected_active, receive};
use embedded_nal::{TcpClientStack, TcpError, TcpErrorKind};

#[test]
fn urcs_may_come_anywhere_in_a_send() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        (
            "AT+CIPSEND=0,5\r\n",
            "\r\nOK\r\n1,CONNECT\r\n> \r\n+IPD,1,3\r\n",
        ),
        (
            "hello",
            "1,CLOSED\r\n\r\nRecv 5 bytes\r\nWIFI GOT IP\r\n\r\nSEND OK\r\n",
        ),
    ]);
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"hello")), Ok(5));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"")), Ok(0));
}

#[test]
fn a_pushed_frame_may_come_before_the_prompt() {
    let (modem, mut wifi, mut socket) = connected_active();
    modem.expect(&[
        (
            "AT+CIPSEND=0,2\r\n",
            "\r\nOK\r\n\r\n+IPD,0,12:> \r\nSEND OK\n> ",
        ),
        ("hi", "\r\n+IPD,0,3:end\r\nRecv 2 bytes\r\n\r\nSEND OK\r\n"),
    ]);
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"hi")), Ok(2));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"")), Ok(0));
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket).unwrap(),
        b"> \r\nSEND OK\nend"
    );
}

#[test]
fn send_fail_followed_by_send_ok_is_ok_and_alone_it_is_a_failure() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        ("AT+CIPSEND=0,1\r\n", "\r\nOK\r\n> "),
        ("a", "\r\nRecv 1 bytes\r\nSEND FAIL\r\n\r\nSEND OK\r\n"),
        ("AT+CIPSEND=0,1\r\n", "\r\nOK\r\n> "),
        ("b", "\r\nRecv 1 bytes\r\nSEND FAIL\r\n"),
    ]);
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"a")), Ok(1));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"")), Ok(0));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"b")), Ok(1));
    for _ in 0..2 {
        let result = modem.drive(|| wifi.send(&mut socket, b""));
        assert_eq!(result, Err(SocketError::SendFailed));
    }
    assert_eq!(SocketError::SendFailed.kind(), TcpErrorKind::PipeClosed);
}

#[test]
fn busy_s_is_asked_again_and_a_late_send_ok_is_not_the_next_ones() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        ("AT+CIPSEND=0,1\r\n", "\r\nbusy s...\r\n"),
        ("AT+CIPSEND=0,1\r\n", "\r\nbusy s...\r\n"),
        // As in a published log: the late result comes before this OK.
        ("AT+CIPSEND=0,1\r\n", "\r\nSEND OK\r\n\r\nOK\r\n> "),
        ("x", "\r\nRecv 1 bytes\r\n"),
    ]);
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"x")), Ok(1));
    for _ in 0..3000 {
        assert_eq!(wifi.send(&mut socket, b""), Err(nb::Error::WouldBlock));
        modem.pass(1000);
    }
    modem.say("\r\nSEND OK\r\n");
    assert_eq!(wifi.send(&mut socket, b""), Ok(0));
}

#[test]
fn what_send_accepted_is_never_asked_for_again() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[("AT+CIPSEND=0,5\r\n", "\r\nOK\r\n> "), ("first", "")]);
    assert_eq!(wifi.send(&mut socket, b"first"), Ok(5));
    // The caller comes back with other bytes; they do not mix.
    assert_eq!(
        wifi.send(&mut socket, b"second"),
        Err(nb::Error::WouldBlock)
    );
    modem.expect(&[
        ("AT+CIPSEND=0,6\r\n", "\r\nOK\r\n> "),
        ("second", "\r\nSEND OK\r\n"),
    ]);
    modem.say("\r\nRecv 5 bytes\r\n\r\nSEND OK\r\n");
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"second")), Ok(6));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"")), Ok(0));
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_payload_of_three_plus_signs_goes_in_two_sends() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        ("AT+CIPSEND=0,2\r\n", "\r\nOK\r\n> "),
        ("++", "\r\nRecv 2 bytes\r\n\r\nSEND OK\r\n"),
        ("AT+CIPSEND=0,1\r\n", "\r\nOK\r\n> "),
        ("+", "\r\nRecv 1 bytes\r\n\r\nSEND OK\r\n"),
    ]);
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"+++")), Ok(2));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"+")), Ok(1));
    assert_eq!(modem.drive(|| wifi.send(&mut socket, b"")), Ok(0));
}

#[test]
fn close_sends_what_was_accepted_first() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        ("AT+CIPSEND=0,4\r\n", "\r\nOK\r\n> "),
        ("last", "\r\nRecv 4 bytes\r\n\r\nSEND OK\r\n"),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(wifi.send(&mut socket, b"last"), Ok(4));
    wifi.close(socket).unwrap();
    for _ in 0..10 {
        wifi.poll().unwrap();
    }
    assert_eq!(modem.left(), 0);
}
