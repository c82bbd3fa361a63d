//! Start-up, joining, looking up, connecting, restarting, commands of the
//! user's own: what real modems have been seen to do, and what the driver makes
//! of it.

mod common;

use atcmd_esp8285::at::atat::{AtatCmd, AtatResp, Error, InternalError};
use atcmd_esp8285::{Config, DnsError, Event, JoinError, ModemError, SocketError, Station};
use common::{
    CONNECT_0, START_ESP_AT, START_NONOS, Wifi, connect, connected, connected_active, receive,
    started,
};
use embedded_nal::{AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind};

#[test]
fn a_busy_modem_is_asked_again() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[
        (CONNECT_0.0, "\r\nbusy p...\r\n"),
        (CONNECT_0.0, "\r\nbusy p...\r\n\r\nbusy p...\r\n"),
        CONNECT_0,
    ]);
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
            connect(&modem, &mut wifi, "10.0.0.1:80").unwrap_err(),
            SocketError::Refused
        );
        // A stale CLOSED does not hurt the next connection on the link.
        let mut socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
        connect(&modem, &mut wifi, "10.0.0.1:80").unwrap_err(),
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
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_modem_that_only_says_error_is_not_called_silent() {
    let (modem, mut wifi) = common::wifi(&[("AT\r\n", "\r\nERROR\r\n"); 2000], Config::new());
    assert_eq!(modem.drive(|| wifi.start()), Err(ModemError::Rejected));
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
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
        sockets.push(connect(&modem, &mut wifi, "10.0.0.1:80").unwrap());
    }
    assert_eq!(
        connect(&modem, &mut wifi, "10.0.0.1:80").unwrap_err(),
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
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
        let mut socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
