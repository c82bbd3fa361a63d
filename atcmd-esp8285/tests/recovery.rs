//! Faults of wire and modem that a driver must come back from, each found by
//! random testing and kept as the shortest exchange that shows it.

mod common;

use atcmd_esp8285::at::atat::blocking::AtatClient;
use atcmd_esp8285::at::atat::{AtatCmd, Error};
use atcmd_esp8285::at::command::Attention;
use atcmd_esp8285::{Config, Event, SocketError};
use common::{
    CONNECT_0, Modem, START_ESP_AT, START_NONOS, Wifi, connect, connected, connected_active,
    receive, started, wifi,
};
use embedded_nal::{AddrType, Dns, TcpClientStack};

/// The next connection, on another link as long as the first is spoken of.
const NEW: (&str, &str) = (
    "AT+CIPSTART=1,\"TCP\",\"10.0.0.9\",99\r\n",
    "1,CONNECT\r\n\r\nOK\r\n",
);

fn run(modem: &Modem, wifi: &mut Wifi, milliseconds: u64) {
    for _ in 0..milliseconds {
        modem.pass(1000);
        wifi.poll().unwrap();
    }
}

fn command(wifi: &mut Wifi) -> Result<(), Error> {
    AtatClient::send(wifi, &Attention {}).map(drop)
}

#[test]
fn bytes_for_a_dead_connection_never_reach_the_next_peer() {
    let (modem, mut wifi, mut old) = connected(START_NONOS);
    // Something else is under way, so the bytes wait.
    modem.expect(&[("AT+CIPDOMAIN=\"a.org\"\r\n", "")]);
    let _ = wifi.get_host_by_name("a.org", AddrType::IPv4);
    assert_eq!(TcpClientStack::send(&mut wifi, &mut old, b"SECRET"), Ok(6));
    modem.say("0,CLOSED\r\n");
    wifi.poll().unwrap();
    wifi.close(old).unwrap();
    modem.expect(&[NEW]);
    modem.say("+CIPDOMAIN:1.1.1.1\r\n\r\nOK\r\n");
    connect(&modem, &mut wifi, "10.0.0.9:99").unwrap();
    run(&modem, &mut wifi, 1000);
    assert!(!modem.written().contains("SECRET"));
}

#[test]
fn a_failed_send_does_not_haunt_the_next_connection() {
    let (modem, mut wifi, mut old) = connected(START_NONOS);
    modem.expect(&[
        ("AT+CIPSEND=0,3\r\n", "\r\nOK\r\n> "),
        ("abc", "\r\nRecv 3 bytes\r\n0,CLOSED\r\n"),
    ]);
    assert_eq!(TcpClientStack::send(&mut wifi, &mut old, b"abc"), Ok(3));
    wifi.poll().unwrap();
    wifi.close(old).unwrap();
    modem.expect(&[NEW]);
    let mut new = wifi.socket().unwrap();
    let to = "10.0.0.9:99".parse().unwrap();
    let _ = wifi.connect(&mut new, to);
    modem.say("SEND FAIL\r\n");
    modem.drive(|| wifi.connect(&mut new, to)).unwrap();
    assert_eq!(TcpClientStack::send(&mut wifi, &mut new, b""), Ok(0));
    modem.expect(&[
        ("AT+CIPSEND=1,1\r\n", "\r\nOK\r\n> "),
        ("x", "\r\nRecv 1 bytes\r\n\r\nSEND OK\r\n"),
    ]);
    assert_eq!(TcpClientStack::send(&mut wifi, &mut new, b"x"), Ok(1));
}

#[test]
fn an_abandoned_connects_failure_is_not_the_next_ones() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(CONNECT_0.0, "")]);
    let mut old = wifi.socket().unwrap();
    let _ = wifi.connect(&mut old, "10.0.0.1:80".parse().unwrap());
    wifi.close(old).unwrap();
    modem.say("0,CLOSED\r\n");
    wifi.poll().unwrap();
    let mut new = wifi.socket().unwrap();
    let to = "10.0.0.9:99".parse().unwrap();
    let _ = wifi.connect(&mut new, to);
    modem.expect(&[NEW]);
    modem.say("\r\nERROR\r\n");
    modem.drive(|| wifi.connect(&mut new, to)).unwrap();
}

#[test]
fn a_connection_that_is_closed_before_its_own_reply_ends_orderly() {
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[
        (CONNECT_0.0, "0,CONNECT\r\n0,CLOSED\r\n\r\nERROR\r\n"),
        ("AT+CIPRECVDATA=0,4096\r\n", "\r\nERROR\r\n"),
    ]);
    let mut socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
}

#[test]
fn an_abandoned_connect_whose_reply_is_lost_leaks_no_link() {
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[(CONNECT_0.0, "")]);
    let mut old = wifi.socket().unwrap();
    let _ = wifi.connect(&mut old, "10.0.0.1:80".parse().unwrap());
    wifi.close(old).unwrap();
    modem.expect(&[
        ("AT\r\n", "\r\nOK\r\n"),
        ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n"),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
    ]);
    run(&modem, &mut wifi, 27_000);
    assert_eq!(modem.left(), 0);
    modem.expect(&[CONNECT_0]);
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
}

#[test]
fn a_link_that_comes_up_after_its_error_is_closed() {
    let (modem, mut wifi) = started(START_ESP_AT);
    modem.expect(&[
        (CONNECT_0.0, "\r\nERROR\r\n0,CONNECT\r\n\r\nOK\r\n"),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
        CONNECT_0,
    ]);
    let error = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap_err();
    assert_eq!(error, SocketError::Refused);
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_frame_cut_short_behind_a_full_ring_freezes_nothing() {
    let (modem, mut wifi, old) = connected_active();
    modem.say([&b"\r\n+IPD,0,4396:"[..], &[b'x'; 4200]].concat());
    modem.expect(&[("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n")]);
    run(&modem, &mut wifi, 3000);
    assert_eq!(modem.left(), 0);
    modem.expect(&[("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"), CONNECT_0]);
    wifi.close(old).unwrap();
    connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
}

#[test]
fn closing_a_socket_whose_ring_is_full_lets_the_rest_go_on() {
    let (modem, mut wifi, full) = connected_active();
    modem.expect(&[NEW]);
    let mut other = connect(&modem, &mut wifi, "10.0.0.9:99").unwrap();
    modem.say([&b"\r\n+IPD,0,4096:"[..], &[b'x'; 4096]].concat());
    wifi.poll().unwrap();
    modem.expect(&[
        ("AT+CIPSEND=1,2\r\n", "\r\nOK\r\n> "),
        (
            "hi",
            "\r\n+IPD,0,5:yyyyy\r\nRecv 2 bytes\r\n\r\nSEND OK\r\n",
        ),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(TcpClientStack::send(&mut wifi, &mut other, b"hi"), Ok(2));
    wifi.poll().unwrap();
    wifi.close(full).unwrap();
    assert_eq!(TcpClientStack::send(&mut wifi, &mut other, b""), Ok(0));
}

#[test]
fn a_restart_that_nobody_saw_is_noticed_by_what_the_modem_says() {
    for signs in [
        "AT+CIPSTART=0,\"TCP\",\"10.0.0.1\",80\r\n\r\nERROR\r\n",
        "MUX=0\r\n\r\nERROR\r\n",
        "Link type ERROR\r\n\r\nERROR\r\n",
    ] {
        let (modem, mut wifi) = started(START_NONOS);
        modem.expect(&[
            (CONNECT_0.0, signs),
            ("AT+CIPMUX?\r\n", "AT+CIPMUX?\r\n+CIPMUX:0\r\n\r\nOK\r\n"),
        ]);
        modem.expect(START_NONOS);
        modem.expect(&[CONNECT_0]);
        assert!(connect(&modem, &mut wifi, "10.0.0.1:80").is_err());
        connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
        let events: Vec<Event> = core::iter::from_fn(|| wifi.next_event()).collect();
        assert!(events.contains(&Event::Restarted), "{signs:?}");
    }
}

#[test]
fn a_restart_inside_a_frame_is_noticed() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        (
            "AT+CIPRECVDATA=0,2048\r\n",
            "\r\n+CIPRECVDATA,1000:abc\r\nready\r\n",
        ),
        ("AT\r\n", "AT\r\n\r\nOK\r\n"),
        ("AT+CIPMUX?\r\n", "AT+CIPMUX?\r\n+CIPMUX:0\r\n\r\nOK\r\n"),
    ]);
    modem.expect(START_NONOS);
    modem.say("\r\n+IPD,0,1000\r\n");
    let mut outcomes = vec![];
    for _ in 0..4 {
        outcomes.push(receive(&modem, &mut wifi, &mut socket).map(drop));
    }
    assert!(
        outcomes.contains(&Err(SocketError::DataLost(988))),
        "{outcomes:?}"
    );
    assert!(outcomes.last().unwrap().is_err(), "no orderly end");
    modem.drive(|| wifi.start()).unwrap();
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_lost_prompt_puts_no_command_into_the_peers_stream() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        ("AT+CIPSEND=0,4\r\n", "\r\nOK\r\n"),
        ("+++", "\r\nSEND Canceled\r\n"),
        ("AT\r\n", "\r\nOK\r\n"),
        ("AT+CIPMUX?\r\n", "+CIPMUX:1\r\n\r\nOK\r\n"),
    ]);
    assert_eq!(TcpClientStack::send(&mut wifi, &mut socket, b"1234"), Ok(4));
    run(&modem, &mut wifi, 7000);
    assert_eq!(modem.left(), 0);
    let result = TcpClientStack::send(&mut wifi, &mut socket, b"");
    assert_eq!(result, Err(nb::Error::Other(SocketError::SendFailed)));
}

#[test]
fn a_send_on_a_link_that_closes_under_it_fails_in_two_seconds() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[
        (
            "AT+CIPSEND=0,4\r\n",
            "\r\nOK\r\n> 0,CLOSED\r\nSEND FAIL\r\n",
        ),
        ("1234", ""),
    ]);
    let before = modem.now();
    assert_eq!(TcpClientStack::send(&mut wifi, &mut socket, b"1234"), Ok(4));
    let result = modem.drive(|| TcpClientStack::send(&mut wifi, &mut socket, b""));
    assert_eq!(result, Err(SocketError::SendFailed));
    assert!(modem.now() - before < 2_100_000);
}

#[test]
fn lost_replies_in_the_set_up_do_not_add_up_to_the_wrong_mode() {
    let script = [
        ("AT\r\n", "AT\r\n\r\nOK\r\n"),
        ("ATE0\r\n", ""),
        ("AT\r\n", "\r\nOK\r\n"),
        ("ATE0\r\n", "\r\nOK\r\n"),
        START_NONOS[2],
        ("AT+CWMODE_CUR=1\r\n", ""),
        ("AT\r\n", "\r\nOK\r\n"),
        START_NONOS[3],
        START_NONOS[4],
        START_NONOS[5],
        ("AT+CIPRECVMODE=1\r\n", ""),
        ("AT\r\n", "\r\nOK\r\n"),
        START_NONOS[6],
    ];
    let (modem, mut wifi) = wifi(&script, Config::new());
    modem.drive(|| wifi.start()).unwrap();
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_damaged_version_line_is_asked_for_again() {
    let mut script = START_ESP_AT.to_vec();
    script.insert(2, ("AT+GMR\r\n", "AT vers\x01on:2.2.1.0\r\n\r\nOK\r\n"));
    let (modem, mut wifi) = wifi(&script, Config::new());
    modem.drive(|| wifi.start()).unwrap();
    assert_eq!(wifi.dialect().unwrap().name, "ESP-AT 2.2");
}

#[test]
fn firmware_without_passive_mode_is_used_in_active_mode() {
    let mut script = START_NONOS.to_vec();
    *script.last_mut().unwrap() = ("AT+CIPRECVMODE=1\r\n", "\r\nERROR\r\n");
    // One damaged byte must not decide it, so it is asked more than once.
    script.extend([("AT+CIPRECVMODE=1\r\n", "\r\nERROR\r\n"); 2]);
    script.push(CONNECT_0);
    let (modem, mut wifi) = wifi(&script, Config::new());
    let mut socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    modem.say("\r\n+IPD,0,2:hi0,CLOSED\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"hi");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
}

#[test]
fn a_forgotten_announcement_is_asked_for_whatever_other_links_do() {
    let (modem, mut wifi, mut quiet) = connected(START_NONOS);
    modem.expect(&[NEW]);
    let mut busy = connect(&modem, &mut wifi, "10.0.0.9:99").unwrap();
    let mut buf = [0; 8];
    modem.written();
    for _ in 0..10 {
        modem.expect(&[(
            "AT+CIPRECVDATA=1,2048\r\n",
            "\r\n+CIPRECVDATA,1:x\r\nOK\r\n",
        )]);
        modem.say("\r\n+IPD,1,1\r\n");
        let asked = modem.drive(|| {
            let _ = wifi.receive(&mut quiet, &mut buf);
            let _ = wifi.receive(&mut busy, &mut buf);
            match modem.left() {
                0 => Ok(()),
                _ => Err(nb::Error::<()>::WouldBlock),
            }
        });
        asked.unwrap();
        if modem.now() > 1_000_000 {
            break;
        }
        for _ in 0..300 {
            modem.pass(1000);
            let _ = wifi.receive(&mut quiet, &mut buf);
            if modem.written().contains("AT+CIPRECVLEN?") {
                return;
            }
        }
    }
    panic!("never asked");
}

#[test]
fn a_damaged_reply_to_a_read_is_a_reported_loss() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    modem.expect(&[(
        "AT+CIPRECVDATA=0,2048\r\n",
        "\r\n+CIPRECVDA,5:first\r\nOK\r\n",
    )]);
    modem.say("\r\n+IPD,0,5\r\n");
    let error = receive(&modem, &mut wifi, &mut socket).unwrap_err();
    assert!(matches!(error, SocketError::DataLost(_)));
}

#[test]
fn a_wifi_change_before_the_connection_does_not_make_its_end_a_loss() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(
        CONNECT_0.0,
        "WIFI DISCONNECT\r\nWIFI CONNECTED\r\nWIFI GOT IP\r\n0,CONNECT\r\n\r\nOK\r\n",
    )]);
    let mut socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    modem.expect(&[("AT+CIPRECVDATA=0,2048\r\n", "\r\nERROR\r\n")]);
    modem.say("0,CLOSED\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
}

#[test]
fn a_users_own_command_does_not_wait_for_a_dead_modem() {
    struct Ticking(std::cell::Cell<u64>);
    impl atcmd_esp8285::Clock for Ticking {
        fn now(&self) -> u64 {
            self.0.get()
        }
        fn idle(&self, _: Option<u64>) {
            self.0.set(self.0.get() + 1000);
        }
    }
    let (modem, first) = wifi(START_NONOS, Config::new());
    let clock = Ticking(0.into());
    let mut wifi =
        atcmd_esp8285::Esp8285::<_, _, 64>::with_config(first.release(), clock, Config::new());
    wifi.wait(|wifi| wifi.start()).unwrap();
    assert_eq!(modem.left(), 0);
    // Silent from now on, with a connect under way and a join behind it.
    let mut socket = wifi.socket().unwrap();
    let _ = wifi.connect(&mut socket, "10.0.0.1:80".parse().unwrap());
    let _ = wifi.join("a", "b");
    assert_eq!(
        AtatClient::send(&mut wifi, &Attention {}).map(drop),
        Err(Error::Timeout)
    );
}

#[test]
fn a_users_own_command_works_between_others() {
    let (modem, mut wifi, _socket) = connected(START_NONOS);
    modem.expect(&[("AT\r\n", "\r\nOK\r\n")]);
    assert_eq!(command(&mut wifi), Ok(()));
    assert_eq!(Attention::MAX_TIMEOUT_MS, 1000);
}
