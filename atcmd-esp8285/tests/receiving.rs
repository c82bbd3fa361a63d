//! Receiving, and the end of a stream, in passive and active mode.

mod common;

use atcmd_esp8285::{ModemError, SocketError};
use common::{CONNECT_0, START_ESP_AT, START_NONOS, connect, connected, connected_active, receive};
use embedded_nal::TcpClientStack;

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
fn nobody_waiting_nobody_asking() {
    let (modem, mut wifi, _socket) = connected(START_ESP_AT);
    for _ in 0..5000 {
        wifi.poll().unwrap();
        modem.pass(1000);
    }
    assert_eq!(modem.written(), "");
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
    let mut new = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
    let mut quick = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
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
