//! What real modems have been seen to do, and what the driver makes of it.

mod common;

use atcmd_esp8285::at::atat::{AtatCmd, AtatResp, Error, InternalError};
use atcmd_esp8285::{
    Config, DnsError, Event, JoinError, ModemError, ReceiveMode, SocketError, Station, TcpSocket,
};
use common::{Modem, START_ESP_AT, START_NONOS, Wifi, started};
use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind};

const CONNECT_0: (&str, &str) = (
    "AT+CIPSTART=0,\"TCP\",\"10.0.0.1\",80\r\n",
    "0,CONNECT\r\n\r\nOK\r\n",
);

fn connected(start: &[(&str, &str)]) -> (Modem, Wifi, TcpSocket) {
    let (modem, mut wifi) = started(start);
    modem.expect(&[CONNECT_0]);
    let socket = connect(&modem, &mut wifi).unwrap();
    modem.written();
    (modem, wifi, socket)
}

fn connect(modem: &Modem, wifi: &mut Wifi) -> Result<TcpSocket, SocketError> {
    let mut socket = wifi.socket().unwrap();
    let remote = "10.0.0.1:80".parse().unwrap();
    modem.drive(|| wifi.connect(&mut socket, remote))?;
    Ok(socket)
}

fn receive(modem: &Modem, wifi: &mut Wifi, socket: &mut TcpSocket) -> Result<Vec<u8>, SocketError> {
    let mut buf = [0; 5000];
    modem
        .drive(|| wifi.receive(socket, &mut buf))
        .map(|n| buf[..n].to_vec())
}

/// Active mode on NonOS: the same start-up but for the receive mode.
fn connected_active() -> (Modem, Wifi, TcpSocket) {
    let mut script = START_NONOS.to_vec();
    *script.last_mut().unwrap() = ("AT+CIPRECVMODE=0\r\n", "\r\nOK\r\n");
    script.push(CONNECT_0);
    let config = Config::new().receive(ReceiveMode::Active);
    let (modem, mut wifi) = common::wifi(&script, config);
    let socket = connect(&modem, &mut wifi).unwrap();
    (modem, wifi, socket)
}

#[test]
fn a_busy_modem_is_asked_again() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        (CONNECT_0.0, "\r\nbusy p...\r\n"),
        (CONNECT_0.0, "\r\nbusy p...\r\n\r\nbusy p...\r\n"),
        CONNECT_0,
    ]);
    connect(&modem, &mut wifi).unwrap();
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_late_answer_to_a_refused_command_is_not_taken_for_the_next_ones() {
    // Two joins in a row, the second refused while the first goes on.
    let (modem, mut wifi) = started(START_NONOS);
    let line = "AT+CWJAP_CUR=\"x\",\"x\"\r\n";
    modem.expect(&[(line, "WIFI DISCONNECT\r\n\r\nbusy p...\r\n")]);
    for _ in 0..50 {
        let _ = wifi.join("x", "x");
        modem.pass(1000);
    }
    // The first one's failure comes while the driver waits to ask again.
    modem.say("+CWJAP:3\r\n\r\nFAIL\r\n");
    modem.expect(&[(line, "WIFI CONNECTED\r\nWIFI GOT IP\r\n\r\nOK\r\n")]);
    assert_eq!(modem.drive(|| wifi.join("x", "x")), Ok(()));
    assert_eq!(wifi.station(), Station::Up);
}

#[test]
fn join_failures_have_the_modems_reasons_on_both_lineages() {
    for (start, end) in [(START_NONOS, "FAIL"), (START_ESP_AT, "ERROR")] {
        for (reason, error) in [
            (1, JoinError::TimedOut),
            (2, JoinError::WrongPassword),
            (3, JoinError::NoSuchAccessPoint),
            (4, JoinError::Failed(4)),
            (0, JoinError::Failed(0)),
        ] {
            let (modem, mut wifi) = started(start);
            let suffix = if start == START_NONOS { "_CUR" } else { "" };
            let line = format!("AT+CWJAP{suffix}=\"s\",\"p\"\r\n");
            let reply = format!("+CWJAP:{reason}\r\n\r\n{end}\r\n");
            modem.expect(&[(&line, &reply)]);
            assert_eq!(modem.drive(|| wifi.join("s", "p")), Err(error));
        }
    }
}

#[test]
fn lookups_fail_with_the_reason_the_modem_gives() {
    for (reply, error) in [
        ("DNS Fail\r\n\r\nERROR\r\n", DnsError::NotFound),
        ("\r\nERROR\r\n", DnsError::NotFound),
        ("no ip\r\n\r\nERROR\r\n", DnsError::NoAddress),
        ("+CIPDOMAIN:garbage\r\n\r\nOK\r\n", DnsError::NotFound),
    ] {
        let (modem, mut wifi) = started(START_NONOS);
        modem.expect(&[("AT+CIPDOMAIN=\"x.org\"\r\n", reply)]);
        let result = modem.drive(|| wifi.get_host_by_name("x.org", AddrType::Either));
        assert_eq!(result, Err(error), "{reply}");
    }
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[(
        "AT+CIPDOMAIN=\"x.org\"\r\n",
        "+CIPDOMAIN:\"1.2.3.4\"\r\n\r\nOK\r\n",
    )]);
    let result = modem.drive(|| wifi.get_host_by_name("x.org", AddrType::IPv4));
    assert_eq!(result.unwrap().to_string(), "1.2.3.4");
}

#[test]
fn two_lookups_at_once_each_get_their_own_answer() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        (
            "AT+CIPDOMAIN=\"a.org\"\r\n",
            "+CIPDOMAIN:1.1.1.1\r\n\r\nOK\r\n",
        ),
        (
            "AT+CIPDOMAIN=\"b.org\"\r\n",
            "+CIPDOMAIN:2.2.2.2\r\n\r\nOK\r\n",
        ),
    ]);
    let (mut a, mut b) = (None, None);
    while a.is_none() || b.is_none() {
        a = a.or(wifi.get_host_by_name("a.org", AddrType::IPv4).ok());
        b = b.or(wifi.get_host_by_name("b.org", AddrType::IPv4).ok());
        modem.pass(1000);
    }
    assert_eq!(a.unwrap().to_string(), "1.1.1.1");
    assert_eq!(b.unwrap().to_string(), "2.2.2.2");
}

#[test]
fn a_failed_connect_is_refused_however_the_modem_says_it() {
    for reply in [
        "0,CLOSED\r\n\r\nERROR\r\n",
        "\r\nERROR\r\n0,CLOSED\r\n",
        "\r\nERROR\r\n",
        "0,CONNECT FAIL\r\n\r\nERROR\r\n",
    ] {
        let (modem, mut wifi) = started(START_NONOS);
        modem.expect(&[(CONNECT_0.0, reply), CONNECT_0]);
        assert_eq!(
            connect(&modem, &mut wifi).unwrap_err(),
            SocketError::Refused
        );
        // A stale CLOSED does not hurt the next connection on the link.
        let mut socket = connect(&modem, &mut wifi).unwrap();
        let mut buf = [0; 8];
        assert_eq!(
            wifi.receive(&mut socket, &mut buf),
            Err(nb::Error::WouldBlock)
        );
        assert!(wifi.is_connected(&socket));
    }
}

#[test]
fn a_connect_that_took_long_to_fail_was_not_refused_but_ignored() {
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[(CONNECT_0.0, "")]);
    let mut socket = wifi.socket().unwrap();
    let remote = "10.0.0.1:80".parse().unwrap();
    for _ in 0..18_000 {
        assert!(wifi.connect(&mut socket, remote) == Err(nb::Error::WouldBlock));
        modem.pass(1000);
    }
    modem.say("\r\nERROR\r\n");
    assert_eq!(
        wifi.connect(&mut socket, remote),
        Err(nb::Error::Other(SocketError::TimedOut))
    );
}

#[test]
fn without_an_address_connecting_says_so() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(CONNECT_0.0, "no ip\r\n\r\nERROR\r\n")]);
    assert_eq!(
        connect(&modem, &mut wifi).unwrap_err(),
        SocketError::NoAddress
    );
}

#[test]
fn a_link_of_an_earlier_session_is_closed_and_used() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        (CONNECT_0.0, "ALREADY CONNECTED\r\n\r\nERROR\r\n"),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
        CONNECT_0,
    ]);
    connect(&modem, &mut wifi).unwrap();
    assert_eq!(modem.left(), 0);
}

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
fn after_closed_the_rest_is_read_and_then_it_is_the_end_for_ever() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        (
            "AT+CIPRECVDATA=0,2048\r\n",
            "\r\n+CIPRECVDATA,4:rest\r\nOK\r\n",
        ),
        ("AT+CIPRECVDATA=0,2048\r\n", "\r\nERROR\r\n"),
    ]);
    modem.say("\r\n+IPD,0,4\r\n0,CLOSED\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"rest");
    for _ in 0..3 {
        assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
    }
    let mut one = [0; 1];
    assert_eq!(
        wifi.send(&mut socket, &one),
        Err(nb::Error::Other(SocketError::PeerClosed))
    );
    // The modem has no such link any more: nothing is sent to close it.
    modem.written();
    wifi.close(socket).unwrap();
    let _ = &mut one;
    assert_eq!(modem.written(), "");
}

#[test]
fn an_announcement_without_data_is_not_the_end() {
    // The log of an ESP-AT modem that announces, refuses, and then closes.
    let (modem, mut wifi, mut socket) = connected(START_ESP_AT);
    modem.expect(&[("AT+CIPRECVDATA=0,4096\r\n", "\r\nERROR\r\n")]);
    modem.say("\r\n+IPD,0,31\r\n");
    let mut buf = [0; 8];
    for _ in 0..100 {
        assert_eq!(
            wifi.receive(&mut socket, &mut buf),
            Err(nb::Error::WouldBlock)
        );
        modem.pass(1000);
    }
    modem.expect(&[("AT+CIPRECVDATA=0,4096\r\n", "\r\nERROR\r\n")]);
    modem.say("0,CLOSED\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
}

#[test]
fn forgotten_announcements_are_asked_for() {
    let (modem, mut wifi, mut socket) = connected(START_ESP_AT);
    modem.expect(&[
        (
            "AT+CIPRECVLEN?\r\n",
            "+CIPRECVLEN:75,-1,-1,-1,-1\r\n\r\nOK\r\n",
        ),
        ("AT+CIPRECVDATA=0,4096\r\n", "+CIPRECVDATA:3,GET\r\nOK\r\n"),
    ]);
    let before = modem.now();
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"GET");
    assert!((1_000_000..1_100_000).contains(&(modem.now() - before)));
}

#[test]
fn a_modem_that_dies_while_a_reader_waits_is_noticed_in_both_modes() {
    for (modem, mut wifi, mut socket) in [connected(START_NONOS), connected_active()] {
        // From now on it answers nothing.
        let before = modem.now();
        let dead = SocketError::Modem(ModemError::NoReply);
        assert_eq!(receive(&modem, &mut wifi, &mut socket), Err(dead));
        assert!(modem.now() - before < 20_000_000);
    }
}

#[test]
fn a_modem_that_only_says_error_is_not_called_silent() {
    let (modem, mut wifi) = common::wifi(&[("AT\r\n", "\r\nERROR\r\n"); 2000], Config::new());
    assert_eq!(modem.drive(|| wifi.start()), Err(ModemError::Rejected));
}

#[test]
fn nobody_waiting_nobody_asking() {
    let (modem, mut wifi, _socket) = connected(START_ESP_AT);
    for _ in 0..5000 {
        wifi.poll().unwrap();
        modem.pass(1000);
    }
    assert_eq!(modem.written(), "");
}

#[test]
fn a_restart_ends_every_connection_and_the_driver_goes_on() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    let noise =
        b"\xff\x00\x1c> +IPD\xaa ets Jan  8 2013,rst cause:4, boot mode:(3,6)\r\n\xf8\r\nready\r\n";
    modem.expect(START_NONOS);
    modem.say(noise);
    modem.say("WIFI CONNECTED\r\nWIFI GOT IP\r\n");
    let restarted = SocketError::Modem(ModemError::Restarted);
    assert_eq!(receive(&modem, &mut wifi, &mut socket), Err(restarted));
    assert_eq!(restarted.kind(), TcpErrorKind::PipeClosed);
    assert_eq!(
        wifi.send(&mut socket, b"x"),
        Err(nb::Error::Other(restarted))
    );
    modem.drive(|| wifi.start()).unwrap();
    assert_eq!(modem.left(), 0, "the set-up was repeated");
    assert_eq!(wifi.station(), Station::Up);
    let events: Vec<Event> = core::iter::from_fn(|| wifi.next_event()).collect();
    assert!(events.contains(&Event::Restarted));

    // The link is used again; the old handle stays dead.
    wifi.close(socket).unwrap();
    modem.expect(&[CONNECT_0]);
    connect(&modem, &mut wifi).unwrap();
}

#[test]
fn a_handle_to_an_earlier_connection_never_sees_the_next_ones_data() {
    let (modem, mut wifi, mut old) = connected(START_NONOS);
    modem.expect(START_NONOS);
    modem.say("\r\nready\r\n");
    modem.drive(|| wifi.start()).unwrap();
    let _ = receive(&modem, &mut wifi, &mut old).unwrap_err();
    // A failed connect gives the link back while the handle lives on.
    let remote = "10.0.0.1:80".parse().unwrap();
    let _ = wifi.connect(&mut old, remote).unwrap_err();
    modem.expect(&[CONNECT_0]);
    let mut new = connect(&modem, &mut wifi).unwrap();
    modem.expect(&[(
        "AT+CIPRECVDATA=0,2048\r\n",
        "\r\n+CIPRECVDATA,3:new\r\nOK\r\n",
    )]);
    modem.say("\r\n+IPD,0,3\r\n");
    let mut buf = [0; 8];
    let stale = wifi.receive(&mut old, &mut buf);
    assert!(matches!(stale, Err(nb::Error::Other(_))), "{stale:?}");
    assert_eq!(receive(&modem, &mut wifi, &mut new).unwrap(), b"new");
}

#[test]
fn a_lost_access_point_is_not_an_orderly_end() {
    let (modem, mut wifi, mut socket) = connected_active();
    modem.say("\r\n+IPD,0,4:dataWIFI DISCONNECT\r\n0,CLOSED\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"data");
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket),
        Err(SocketError::WifiLost)
    );
    // NonOS says it the other way round.
    let (modem, mut wifi, mut socket) = connected_active();
    modem.say("\r\n+IPD,0,4:data0,CLOSED\r\nWIFI DISCONNECT\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"data");
    let lost = receive(&modem, &mut wifi, &mut socket);
    assert_eq!(lost, Err(SocketError::WifiLost));
    let (modem, mut wifi, mut socket) = connected(START_ESP_AT);
    modem.expect(&[
        ("AT+CIPRECVDATA=0,4096\r\n", "+CIPRECVDATA:4,last\r\nOK\r\n"),
        ("AT+CIPRECVDATA=0,4096\r\n", "\r\nERROR\r\n"),
    ]);
    modem.say("\r\n+IPD,0,4\r\nWIFI DISCONNECT\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"last");
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket),
        Err(SocketError::WifiLost)
    );
}

#[test]
fn a_full_ring_costs_only_its_own_link_and_is_reported_where_it_happened() {
    let (modem, mut wifi, mut slow) = connected_active();
    modem.expect(&[(
        "AT+CIPSTART=1,\"TCP\",\"10.0.0.1\",80\r\n",
        "1,CONNECT\r\n\r\nOK\r\n",
    )]);
    let mut quick = connect(&modem, &mut wifi).unwrap();
    for byte in [b'a', b'b', b'c', b'd'] {
        modem.say("\r\n+IPD,0,1460:");
        modem.say([byte; 1460]);
    }
    modem.say("\r\n+IPD,1,2:hi");
    let before = modem.now();
    assert_eq!(receive(&modem, &mut wifi, &mut quick).unwrap(), b"hi");
    assert!(
        modem.now() - before <= 110_000,
        "the other link waits a tenth of a second at most"
    );
    let kept = receive(&modem, &mut wifi, &mut slow).unwrap();
    assert_eq!(kept.len(), 4096);
    assert_eq!(
        receive(&modem, &mut wifi, &mut slow),
        Err(SocketError::DataLost(5840 - 4096))
    );
    modem.say("\r\n+IPD,0,4:next");
    assert_eq!(receive(&modem, &mut wifi, &mut slow).unwrap(), b"next");
}

#[test]
fn a_reader_that_keeps_reading_loses_nothing_however_small_its_ring() {
    let (modem, mut wifi, mut socket) = connected_active();
    for byte in 0..20u8 {
        modem.say("\r\n+IPD,0,1460:");
        modem.say([byte; 1460]);
    }
    let mut got = vec![];
    while got.len() < 20 * 1460 {
        got.extend(receive(&modem, &mut wifi, &mut socket).unwrap());
        modem.pass(1_000_000);
    }
    let expected: Vec<u8> = (0..20u8).flat_map(|b| [b; 1460]).collect();
    assert!(got == expected);
}

#[test]
fn a_frame_cut_short_on_the_wire_does_not_swallow_the_rest_of_the_session() {
    let (modem, mut wifi, mut socket) = connected_active();
    modem.say("\r\n+IPD,0,100:only this");
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket).unwrap(),
        b"only this"
    );
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket),
        Err(SocketError::DataLost(91))
    );
    modem.say("\r\n+IPD,0,5:later");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"later");
}

#[test]
fn a_silent_modem_is_escaped_from_data_mode_and_given_up_in_time() {
    let (modem, mut wifi) = common::wifi(&[], Config::new());
    assert_eq!(modem.drive(|| wifi.start()), Err(ModemError::NoReply));
    assert!(
        (12_000_000..14_000_000).contains(&modem.now()),
        "{}",
        modem.now()
    );
    let written = modem.written();
    assert!(written.starts_with("AT\r\nAT\r\n+++AT\r\n"), "{written}");
    // And it is looked for again when somebody asks again.
    modem.expect(START_NONOS);
    assert_eq!(modem.drive(|| wifi.start()), Ok(()));
}

#[test]
fn leftovers_at_start_up_do_not_matter() {
    for leftovers in [
        "OK\r\n\r\nERROR\r\n0,CLOSED\r\n",
        "\r\nbusy s...\r\n\r\nSEND OK\r\n",
        "\r\n+IPD,3,5:OK\r\n!\r\n+IPD,4:abcd",
        "AT+CIPSE2,CLOSED\r\nND=0,\r\n> ",
        "\0\u{7f}>>>\r\n\r\nready\r\n",
    ] {
        let (modem, mut wifi) = common::wifi(&[], Config::new());
        modem.say(leftovers);
        wifi.poll().unwrap();
        modem.expect(START_NONOS);
        assert_eq!(modem.drive(|| wifi.start()), Ok(()), "{leftovers:?}");
        assert_eq!(modem.left(), 0, "{leftovers:?}");
    }
}

#[test]
fn open_links_of_an_earlier_session_are_closed_before_links_are_numbered() {
    let mut script = START_NONOS[..4].to_vec();
    script.extend([
        ("AT+CIPMUX=1\r\n", "link is builded\r\n\r\nERROR\r\n"),
        ("AT+CIPCLOSE=5\r\n", "MUX=0\r\n\r\nERROR\r\n"),
        ("AT+CIPCLOSE\r\n", "CLOSED\r\n\r\nOK\r\n"),
        ("AT+CIPMODE=0\r\n", "\r\nOK\r\n"),
    ]);
    script.extend(&START_NONOS[4..]);
    let (modem, mut wifi) = common::wifi(&script, Config::new());
    assert_eq!(modem.drive(|| wifi.start()), Ok(()));
    assert_eq!(modem.left(), 0);
}

#[test]
fn all_five_links_and_no_more() {
    let (modem, mut wifi) = started(START_NONOS);
    let mut sockets = vec![];
    for id in 0..5 {
        let line = format!("AT+CIPSTART={id},\"TCP\",\"10.0.0.1\",80\r\n");
        modem.expect(&[(&line, &format!("{id},CONNECT\r\n\r\nOK\r\n"))]);
        sockets.push(connect(&modem, &mut wifi).unwrap());
    }
    assert_eq!(
        connect(&modem, &mut wifi).unwrap_err(),
        SocketError::NoFreeLink
    );
    // A link that is being closed is waited for.
    modem.expect(&[
        ("AT+CIPCLOSE=2\r\n", "2,CLOSED\r\n\r\nOK\r\n"),
        (
            "AT+CIPSTART=2,\"TCP\",\"10.0.0.1\",80\r\n",
            "2,CONNECT\r\n\r\nOK\r\n",
        ),
    ]);
    wifi.close(sockets.remove(2)).unwrap();
    connect(&modem, &mut wifi).unwrap();
    assert_eq!(modem.left(), 0);
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

#[test]
fn closing_a_link_the_modem_no_longer_has_is_fine() {
    for reply in [
        "UNLINK\r\n\r\nERROR\r\n",
        "\r\nERROR\r\n",
        "\r\nOK\r\n0,CLOSED\r\n",
    ] {
        let (modem, mut wifi, socket) = connected(START_NONOS);
        modem.expect(&[("AT+CIPCLOSE=0\r\n", reply), CONNECT_0]);
        wifi.close(socket).unwrap();
        let mut socket = connect(&modem, &mut wifi).unwrap();
        let mut buf = [0; 1];
        assert_eq!(
            wifi.receive(&mut socket, &mut buf),
            Err(nb::Error::WouldBlock)
        );
    }
}

/// By its full name, since both traits have a `send`.
fn own_command<A: AtatCmd>(wifi: &mut Wifi, command: &A) -> Result<A::Response, Error> {
    atcmd_esp8285::at::atat::blocking::AtatClient::send(wifi, command)
}

/// `AT+SYSADC?`, as a user would write it.
struct ReadAdc;
#[derive(Debug, PartialEq)]
struct Adc(String);
impl AtatResp for Adc {}
impl AtatCmd for ReadAdc {
    type Response = Adc;
    fn write(&self, buf: &mut [u8]) -> usize {
        buf[..12].copy_from_slice(b"AT+SYSADC?\r\n");
        12
    }
    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Adc, Error> {
        let text = response.map_err(Error::from)?;
        Ok(Adc(String::from_utf8_lossy(text).into_owned()))
    }
}

#[test]
fn a_users_own_command_gets_its_reply_and_sockets_lose_nothing() {
    let (modem, mut wifi, mut socket) = connected_active();
    modem.expect(&[(
        "AT+SYSADC?\r\n",
        "+SYSADC:512\r\n\r\n+IPD,0,6:\r\nOK\r\n1,CLOSED\r\nWIFI GOT IP\r\nmore\r\n\r\nOK\r\n",
    )]);
    assert_eq!(
        own_command(&mut wifi, &ReadAdc),
        Ok(Adc("+SYSADC:512\r\nmore".into()))
    );
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket).unwrap(),
        b"\r\nOK\r\n"
    );
    modem.expect(&[("AT+SYSADC?\r\n", "\r\nERROR\r\n")]);
    assert_eq!(own_command(&mut wifi, &ReadAdc), Err(Error::Error));
    let long = format!(
        "{}\r\n{}\r\n{}\r\n\r\nOK\r\n",
        "x".repeat(200),
        "y".repeat(200),
        "z".repeat(200)
    );
    modem.expect(&[("AT+SYSADC?\r\n", &long)]);
    assert_eq!(own_command(&mut wifi, &ReadAdc), Err(Error::Capacity));
}

#[test]
fn a_users_own_command_is_exactly_one_line() {
    struct Raw(&'static str);
    impl AtatCmd for Raw {
        type Response = Adc;
        fn write(&self, buf: &mut [u8]) -> usize {
            buf[..self.0.len()].copy_from_slice(self.0.as_bytes());
            self.0.len()
        }
        fn parse(&self, _: Result<&[u8], InternalError<'_>>) -> Result<Adc, Error> {
            Ok(Adc(String::new()))
        }
    }
    let (modem, mut wifi) = started(START_NONOS);
    modem.written();
    for bad in ["", "AT", "AT\r", "AT\n", "AT\r\nAT+RST\r\n", "A\nT\r\n"] {
        assert_eq!(
            own_command(&mut wifi, &Raw(bad)),
            Err(Error::Write),
            "{bad:?}"
        );
    }
    assert_eq!(modem.written(), "");
}
