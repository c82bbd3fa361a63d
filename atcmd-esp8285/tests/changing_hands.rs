//! Links that change hands in the modem while the driver is about something
//! else on them: no byte of one connection reaches another, in any direction.

mod common;

use atcmd_esp8285::{Config, ReceiveMode, SocketError, TcpSocket};
use common::{Modem, START_ESP_AT, START_NONOS, Wifi, receive, started, wifi};
use embedded_nal::{AddrType, Dns, TcpClientStack, TcpFullStack};

const SERVER: &[(&str, &str)] = &[
    ("AT+CIPSERVER=0\r\n", "\r\nOK\r\n"),
    ("AT+CIPSERVER=1,80\r\n", "\r\nOK\r\n"),
    ("AT+CIPSTO=0\r\n", "\r\nOK\r\n"),
];

const START_4: &str = "AT+CIPSTART=4,\"TCP\",\"10.0.0.1\",80\r\n";

const PEER_9: &str = "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"192.168.1.9\",4009,80,1\r\n\r\nOK\r\n";

/// A driver on NonOS in active mode.
fn active() -> (Modem, Wifi) {
    let mut script = START_NONOS.to_vec();
    *script.last_mut().unwrap() = ("AT+CIPRECVMODE=0\r\n", "\r\nOK\r\n");
    let (modem, mut wifi) = wifi(&script, Config::new().receive(ReceiveMode::Active));
    modem.drive(|| wifi.start()).unwrap();
    (modem, wifi)
}

fn listening((modem, mut wifi): (Modem, Wifi)) -> (Modem, Wifi, TcpSocket) {
    let mut listener = TcpClientStack::socket(&mut wifi).unwrap();
    TcpFullStack::bind(&mut wifi, &mut listener, 80).unwrap();
    modem.expect(SERVER);
    wifi.listen(&mut listener).unwrap();
    run(&modem, &mut wifi, 20);
    assert_eq!(modem.left(), 0, "the server does not run");
    modem.written();
    (modem, wifi, listener)
}

fn run(modem: &Modem, wifi: &mut Wifi, milliseconds: u32) {
    for _ in 0..milliseconds {
        wifi.poll().unwrap();
        modem.pass(1000);
    }
}

/// A peer on link 0, accepted, and the first look for its data.
fn accepted(start: (Modem, Wifi), look: &[(&str, &str)]) -> (Modem, Wifi, TcpSocket, TcpSocket) {
    let (modem, mut wifi, mut listener) = listening(start);
    modem.say("0,CONNECT\r\n");
    modem.expect(&[("AT+CIPSTATUS\r\n", PEER_9)]);
    modem.expect(look);
    let (socket, from) = modem.drive(|| wifi.accept(&mut listener)).unwrap();
    assert_eq!(from.to_string(), "192.168.1.9:4009");
    run(&modem, &mut wifi, 20);
    assert_eq!(modem.left(), 0);
    modem.written();
    (modem, wifi, listener, socket)
}

#[test]
fn a_peer_that_takes_the_link_of_a_connect_keeps_its_first_bytes() {
    let (modem, mut wifi, mut listener) = listening(active());
    modem.expect(&[
        (
            "AT+CIPSTART=4,\"TCP\",\"10.0.0.1\",80\r\n",
            "4,CONNECT\r\n\r\n+IPD,4,5:helloALREADY CONNECTED\r\n\r\nERROR\r\n",
        ),
        (
            "AT+CIPSTART=3,\"TCP\",\"10.0.0.1\",80\r\n",
            "3,CONNECT\r\n\r\nOK\r\n",
        ),
        (
            "AT+CIPSTATUS\r\n",
            "STATUS:3\r\n+CIPSTATUS:4,\"TCP\",\"192.168.1.9\",4009,80,1\r\n\r\nOK\r\n",
        ),
    ]);
    common::connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    let (mut peer, from) = modem.drive(|| wifi.accept(&mut listener)).unwrap();
    assert_eq!(from.to_string(), "192.168.1.9:4009");
    assert_eq!(receive(&modem, &mut wifi, &mut peer).unwrap(), b"hello");
}

#[test]
fn a_peer_that_came_and_went_while_connecting_leaves_nothing_behind() {
    let (modem, mut wifi, _listener) = listening(active());
    // The second could as well be the peer, so both are closed.
    modem.expect(&[
        (
            START_4,
            "4,CONNECT\r\n\r\n+IPD,4,5:hello4,CLOSED\r\n4,CONNECT\r\n\r\n+IPD,4,3:who\r\nOK\r\n",
        ),
        ("AT+CIPCLOSE=4\r\n", "4,CLOSED\r\n\r\nOK\r\n"),
        (START_4, "4,CONNECT\r\n\r\nOK\r\n\r\n+IPD,4,3:own"),
    ]);
    let mut socket = common::connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"own");
    assert_eq!(modem.left(), 0);
}

#[test]
fn what_a_peer_sent_on_a_link_that_is_taken_from_it_is_not_the_new_connections() {
    let (modem, mut wifi, listener) = listening(active());
    modem.expect(&[(START_4, "")]);
    let mut socket = TcpClientStack::socket(&mut wifi).unwrap();
    let to = "10.0.0.1:80".parse().unwrap();
    assert_eq!(
        wifi.connect(&mut socket, to),
        Err(embedded_nal::nb::Error::WouldBlock)
    );
    modem.say("4,CONNECT\r\n\r\n+IPD,4,5:hello");
    run(&modem, &mut wifi, 5);
    TcpClientStack::close(&mut wifi, listener).unwrap();
    modem.expect(&[
        ("AT+CIPCLOSE=4\r\n", "4,CLOSED\r\n\r\nOK\r\n"),
        ("AT+CIPSERVER=0\r\n", "\r\nOK\r\n"),
        (START_4, "4,CONNECT\r\n\r\nOK\r\n\r\n+IPD,4,3:own"),
    ]);
    modem.say("ALREADY CONNECTED\r\n\r\nERROR\r\n");
    modem.drive(|| wifi.connect(&mut socket, to)).unwrap();
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"own");
    assert_eq!(modem.left(), 0);
}

#[test]
fn what_was_still_on_the_wire_from_the_connection_before_is_not_the_new_ones() {
    let (modem, mut wifi, _listener) = listening(active());
    modem.expect(&[(
        START_4,
        "\r\n+IPD,4,3:old4,CLOSED\r\n4,CONNECT\r\n\r\nOK\r\n\r\n+IPD,4,3:own",
    )]);
    let mut socket = common::connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"own");
}

#[test]
fn a_peer_that_takes_a_link_before_its_close_is_answered_is_closed_as_well() {
    let (modem, mut wifi, listener, socket) = accepted(active(), &[]);
    modem.expect(&[
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n0,CONNECT\r\n\r\nOK\r\n"),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
        ("AT+CIPSERVER=0\r\n", "\r\nOK\r\n"),
    ]);
    TcpClientStack::close(&mut wifi, socket).unwrap();
    TcpClientStack::close(&mut wifi, listener).unwrap();
    run(&modem, &mut wifi, 100);
    assert_eq!(modem.left(), 0, "the peer has been left there");
}

#[test]
fn a_peer_in_the_place_of_one_that_left_before_it_was_accepted_is_accepted() {
    let look = [("AT+CIPRECVDATA=0,2048\r\n", "\r\nOK\r\n")];
    let (modem, mut wifi, mut listener, socket) = accepted(started(START_NONOS), &look);
    modem.expect(&[
        // The second peer gets the link of the first and is closed in its place.
        (
            "AT+CIPCLOSE=0\r\n",
            "0,CLOSED\r\n0,CONNECT\r\n\r\n+IPD,0,3\r\n0,CLOSED\r\n\r\nOK\r\n",
        ),
        // While it is asked who that was, the third comes.
        (
            "AT+CIPSTATUS\r\n",
            "0,CONNECT\r\n\r\n+IPD,0,3\r\nSTATUS:3\r\n\
             +CIPSTATUS:0,\"TCP\",\"192.168.1.11\",4011,80,1\r\n\r\nOK\r\n",
        ),
        ("AT+CIPRECVDATA=0,2048\r\n", "+CIPRECVDATA,3:own\r\nOK\r\n"),
    ]);
    TcpClientStack::close(&mut wifi, socket).unwrap();
    let (mut third, from) = modem.drive(|| wifi.accept(&mut listener)).unwrap();
    assert_eq!(from.to_string(), "192.168.1.11:4011");
    assert_eq!(receive(&modem, &mut wifi, &mut third).unwrap(), b"own");
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_connect_is_not_over_because_a_peer_on_its_link_has_closed() {
    let (modem, mut wifi, _listener) = listening(started(START_ESP_AT));
    modem.expect(&[("AT+CIPSTART=4,\"TCP\",\"10.0.0.1\",80\r\n", "")]);
    let mut socket = TcpClientStack::socket(&mut wifi).unwrap();
    let to = "10.0.0.1:80".parse().unwrap();
    assert_eq!(
        wifi.connect(&mut socket, to),
        Err(embedded_nal::nb::Error::WouldBlock)
    );
    modem.say("4,CONNECT\r\n4,CLOSED\r\n");
    assert_eq!(
        wifi.connect(&mut socket, to),
        Err(embedded_nal::nb::Error::WouldBlock)
    );
}

#[test]
fn what_a_closed_connection_still_had_to_send_does_not_go_to_the_next_peer() {
    let (modem, mut wifi, _listener, mut socket) = accepted(active(), &[]);
    modem.expect(&[("AT+CIPDOMAIN=\"example.com\"\r\n", "")]);
    let _ = wifi.get_host_by_name("example.com", AddrType::IPv4);
    assert_eq!(
        TcpClientStack::send(&mut wifi, &mut socket, b"secret"),
        Ok(6)
    );
    TcpClientStack::close(&mut wifi, socket).unwrap();
    modem.say("0,CLOSED\r\n0,CONNECT\r\n+CIPDOMAIN:1.2.3.4\r\n\r\nOK\r\n");
    modem.written();
    modem.expect(&[("AT+CIPSTATUS\r\n", PEER_9)]);
    run(&modem, &mut wifi, 100);
    assert_eq!(modem.written(), "AT+CIPSTATUS\r\n");
}

#[test]
fn a_peer_on_a_link_still_in_use_is_turned_away_also_when_it_comes_before_ok() {
    let (modem, mut wifi, _listener, mut socket) = accepted(active(), &[]);
    modem.say("\r\n+IPD,0,3:one0,CLOSED\r\n0,CONNECT\r\n");
    modem.expect(&[
        (
            "AT+CIPCLOSE=0\r\n",
            "0,CLOSED\r\n0,CONNECT\r\n\r\n+IPD,0,5:three\r\nOK\r\n",
        ),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
    ]);
    run(&modem, &mut wifi, 100);
    assert_eq!(modem.left(), 0, "nobody closed the second one");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"one");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
}

#[test]
fn a_read_that_meets_the_next_peers_data_gives_none_of_it() {
    let (modem, mut wifi, _listener, mut socket) = accepted(
        started(START_ESP_AT),
        &[("AT+CIPRECVDATA=0,4096\r\n", "\r\nERROR\r\n")],
    );
    modem.expect(&[
        (
            "AT+CIPRECVDATA=0,4096\r\n",
            "+CIPRECVDATA:3,one\r\nOK\r\n0,CLOSED\r\n",
        ),
        (
            "AT+CIPRECVDATA=0,4096\r\n",
            "0,CONNECT\r\n\r\n+IPD,0,3\r\n+CIPRECVDATA:3,two\r\nOK\r\n",
        ),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
    ]);
    modem.say("\r\n+IPD,0,3\r\n");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"one");
    assert_eq!(receive(&modem, &mut wifi, &mut socket).unwrap(), b"");
    run(&modem, &mut wifi, 100);
    assert_eq!(modem.left(), 0, "nobody closed the second one");
}

#[test]
fn unread_data_that_a_new_peer_displaced_is_not_passed_over_in_silence() {
    let (modem, mut wifi, _listener, mut socket) = accepted(
        started(START_NONOS),
        &[("AT+CIPRECVDATA=0,2048\r\n", "\r\nOK\r\n")],
    );
    modem.say("\r\n+IPD,0,5\r\n0,CLOSED\r\n0,CONNECT\r\n");
    modem.expect(&[("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n")]);
    run(&modem, &mut wifi, 100);
    assert_eq!(
        receive(&modem, &mut wifi, &mut socket),
        Err(SocketError::Stale)
    );
}

#[test]
fn the_receive_mode_stays_while_a_peer_may_come() {
    let (modem, mut wifi, _listener) = listening(started(START_ESP_AT));
    modem.expect(&[
        ("AT+CIPDINFO=1\r\n", "\r\nOK\r\n"),
        (
            "AT+CIPSTART=4,\"UDP\",\"10.0.0.1\",53\r\n",
            "4,CONNECT\r\n\r\nOK\r\n",
        ),
    ]);
    let mut socket = embedded_nal::UdpClientStack::socket(&mut wifi).unwrap();
    let to = "10.0.0.1:53".parse().unwrap();
    embedded_nal::UdpClientStack::connect(&mut wifi, &mut socket, to).unwrap();
    run(&modem, &mut wifi, 100);
    assert!(
        modem
            .written()
            .starts_with("AT+CIPDINFO=1\r\nAT+CIPSTART=4")
    );
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_connect_on_a_link_that_stands_means_that_its_close_was_lost() {
    let (modem, mut wifi, mut listener, mut old) = accepted(active(), &[]);
    modem.say("\r\n+IPD,0,3:old");
    run(&modem, &mut wifi, 2000);
    modem.expect(&[("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n")]);
    modem.say("0,CONNECT\r\n\r\n+IPD,0,3:new");
    run(&modem, &mut wifi, 50);
    assert_eq!(modem.left(), 0, "the second peer is not kept waiting");
    assert_eq!(receive(&modem, &mut wifi, &mut old).unwrap(), b"old");
    // How it ended is not known.
    let end = receive(&modem, &mut wifi, &mut old);
    assert_eq!(end, Err(SocketError::Stale));
    assert_eq!(
        wifi.accept(&mut listener).map(drop),
        Err(nb::Error::WouldBlock)
    );
}
