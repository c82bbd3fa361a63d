//! What the modem is asked for a local address, and what is made of its reply.

mod common;

use std::net::SocketAddr;

use atcmd_esp8285::{ModemError, SocketError, TcpSocket};
use common::{
    CONNECT_0, FIRMWARE, Modem, START_ESP_AT, START_NONOS, Wifi, connect, connected,
    connected_active, receive, started, started_as,
};
use embedded_nal::{TcpClientStack, TcpFullStack};

const ASKED: &str = "AT+CIPSTATUS\r\n";
const STATION: (&str, &str) = (
    "AT+CIFSR\r\n",
    "+CIFSR:STAIP,\"192.168.1.50\"\r\n+CIFSR:STAMAC,\"18:fe:34:01:02:03\"\r\n\r\nOK\r\n",
);
/// The access point's network is the one of [`CONNECT_0`]'s peer or not.
const BOTH: (&str, &str) = (
    "AT+CIFSR\r\n",
    "+CIFSR:APIP,\"10.0.1.1\"\r\n+CIFSR:APMAC,\"1a:fe:34:01:02:03\"\r\n\
     +CIFSR:STAIP,\"192.168.1.50\"\r\n+CIFSR:STAMAC,\"18:fe:34:01:02:03\"\r\n\r\nOK\r\n",
);

/// The list of links with link 0, of which this is the local port.
fn listed(port: &str) -> String {
    format!("STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,{port},0\r\n\r\nOK\r\n")
}

fn ask(modem: &Modem, wifi: &mut Wifi, socket: &mut TcpSocket) -> Result<SocketAddr, SocketError> {
    modem.drive(|| wifi.local_address(socket))
}

fn address(text: &str) -> Result<SocketAddr, SocketError> {
    Ok(text.parse().unwrap())
}

#[test]
fn each_dialect_is_asked_once_and_one_without_the_field_not_at_all() {
    for (name, _) in FIRMWARE {
        let (modem, mut wifi) = started_as(name);
        modem.expect(&[CONNECT_0]);
        let mut socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
        modem.written();
        if *name == "NonOS 0.2x" {
            let unsupported = ModemError::Unsupported("AT+CIPSTATUS (local port)");
            let told = ask(&modem, &mut wifi, &mut socket);
            assert_eq!(told, Err(SocketError::Modem(unsupported)));
            assert_eq!(modem.written(), "");
            continue;
        }
        modem.expect(&[(ASKED, &listed("4097")), STATION]);
        let told = ask(&modem, &mut wifi, &mut socket);
        assert_eq!(told, address("192.168.1.50:4097"), "{name}");
        assert_eq!(modem.written(), "AT+CIPSTATUS\r\nAT+CIFSR\r\n", "{name}");
        // Kept, as long as the connection stands.
        let again = wifi.local_address(&mut socket);
        assert_eq!(again, Ok("192.168.1.50:4097".parse().unwrap()), "{name}");
        assert_eq!(modem.written(), "", "{name}");
    }
}

#[test]
fn of_two_interfaces_it_is_the_one_whose_network_the_peer_is_on() {
    for (start, mask, local) in [
        (START_NONOS, "255.255.255.0", "192.168.1.50:4097"),
        (START_NONOS, "255.255.254.0", "10.0.1.1:4097"),
        (START_ESP_AT, "255.255.255.0", "192.168.1.50:4097"),
        (START_ESP_AT, "255.0.0.0", "10.0.1.1:4097"),
    ] {
        let nonos = start == START_NONOS;
        let suffix = if nonos { "_CUR" } else { "" };
        let (modem, mut wifi, mut socket) = connected(start);
        let question = format!("AT+CIPAP{suffix}?\r\n");
        let reply = format!(
            "+CIPAP{suffix}:ip:\"10.0.1.1\"\r\n+CIPAP{suffix}:gateway:\"10.0.1.1\"\r\n\
             +CIPAP{suffix}:netmask:\"{mask}\"\r\n\r\nOK\r\n"
        );
        modem.expect(&[(ASKED, &listed("4097")), BOTH, (&question, &reply)]);
        let told = ask(&modem, &mut wifi, &mut socket);
        assert_eq!(told, address(local), "{mask}");
        assert_eq!(modem.written(), format!("{ASKED}AT+CIFSR\r\n{question}"));
    }
}

#[test]
fn a_peer_connected_by_name_is_known_by_its_port() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.expect(&[(
        "AT+CIPSTART=0,\"TCP\",\"site.example\",80\r\n",
        "0,CONNECT\r\n\r\nOK\r\n",
    )]);
    let mut socket = wifi.socket().unwrap();
    modem
        .drive(|| wifi.connect_by_name(&mut socket, "site.example", 80))
        .unwrap();
    modem.expect(&[(ASKED, &listed("4097")), BOTH]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, address("192.168.1.50:4097"));
}

#[test]
fn a_list_that_cannot_be_read_is_an_error_and_can_be_asked_for_again() {
    for port in ["", "x", "0", "65536", "40.97", "\"4097\""] {
        let (modem, mut wifi, mut socket) = connected(START_NONOS);
        modem.expect(&[(ASKED, &listed(port))]);
        let unreadable = Err(SocketError::Modem(ModemError::Unreadable));
        assert_eq!(ask(&modem, &mut wifi, &mut socket), unreadable, "{port:?}");
        modem.expect(&[(ASKED, &listed("4097")), STATION]);
        let told = ask(&modem, &mut wifi, &mut socket);
        assert_eq!(told, address("192.168.1.50:4097"), "{port:?}");
    }
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    let lacking = "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"10.0.0.1\",80,0\r\n\r\nOK\r\n";
    modem.expect(&[(ASKED, lacking)]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::Modem(ModemError::Unreadable)));
    modem.expect(&[(ASKED, "\r\nERROR\r\n")]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::Modem(ModemError::Rejected)));
}

#[test]
fn an_address_that_is_not_there_is_an_error_and_the_port_is_not_asked_for_again() {
    let (modem, mut wifi, mut socket) = connected(START_NONOS);
    let none = "+CIFSR:STAIP,\"0.0.0.0\"\r\n+CIFSR:STAMAC,\"18:fe:34:01:02:03\"\r\n\r\nOK\r\n";
    modem.expect(&[(ASKED, &listed("4097")), ("AT+CIFSR\r\n", none)]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::NoAddress));
    modem.expect(&[("AT+CIFSR\r\n", "\r\nOK\r\n")]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::Modem(ModemError::Unreadable)));
    modem.expect(&[BOTH, ("AT+CIPAP_CUR?\r\n", "\r\nOK\r\n")]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::Modem(ModemError::Unreadable)));
    modem.expect(&[STATION]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, address("192.168.1.50:4097"));
}

#[test]
fn a_link_that_is_not_listed_is_looked_for_and_ends() {
    const NOBODY: &str = "STATUS:4\r\n\r\nOK\r\n";
    let elsewhere = "STATUS:3\r\n+CIPSTATUS:0,\"TCP\",\"10.0.0.2\",80,4097,0\r\n\r\nOK\r\n";
    for reply in [NOBODY, elsewhere] {
        let (modem, mut wifi, mut socket) = connected_active();
        // One list may be wrong: the driver looks twice itself.
        modem.expect(&[(ASKED, reply), (ASKED, NOBODY), (ASKED, NOBODY)]);
        let told = ask(&modem, &mut wifi, &mut socket);
        assert_eq!(told, Err(SocketError::NotConnected), "{reply}");
        assert_eq!(receive(&modem, &mut wifi, &mut socket), Ok(vec![]));
        assert_eq!(modem.left(), 0, "{reply}");
        let told = ask(&modem, &mut wifi, &mut socket);
        assert_eq!(told, Err(SocketError::PeerClosed), "{reply}");
    }
}

#[test]
fn a_peer_that_closes_meanwhile_is_told_unless_the_answer_was_there() {
    let (modem, mut wifi, mut socket) = connected_active();
    modem.expect(&[(ASKED, "0,CLOSED\r\nSTATUS:4\r\n\r\nOK\r\n")]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::PeerClosed));
    modem.written();
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::PeerClosed));
    assert_eq!(modem.written(), "");

    let (modem, mut wifi, mut socket) = connected_active();
    let closes = listed("4097").replace("\r\n\r\nOK", "\r\n0,CLOSED\r\n\r\nOK");
    modem.expect(&[(ASKED, &closes), STATION]);
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, address("192.168.1.50:4097"));
}

#[test]
fn a_restart_meanwhile_ends_the_connection_and_the_question() {
    for known in [false, true] {
        let (modem, mut wifi, mut socket) = connected(START_NONOS);
        if known {
            modem.expect(&[(ASKED, &listed("4097")), ("AT+CIFSR\r\n", "\r\nready\r\n")]);
        } else {
            modem.expect(&[(ASKED, "\r\nready\r\n")]);
        }
        let restarted = Err(SocketError::Modem(ModemError::Restarted));
        assert_eq!(ask(&modem, &mut wifi, &mut socket), restarted);
        assert_eq!(ask(&modem, &mut wifi, &mut socket), restarted);
    }
}

#[test]
fn the_answer_for_an_earlier_connection_is_not_this_ones() {
    let (modem, mut wifi, mut first) = connected_active();
    modem.expect(&[
        (ASKED, &listed("4097")),
        ("AT+CIPCLOSE=0\r\n", "0,CLOSED\r\n\r\nOK\r\n"),
        CONNECT_0,
        (ASKED, &listed("4098")),
        STATION,
    ]);
    assert_eq!(wifi.local_address(&mut first), Err(nb::Error::WouldBlock));
    wifi.close(first).unwrap();
    let mut second = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    let told = ask(&modem, &mut wifi, &mut second);
    assert_eq!(told, address("192.168.1.50:4098"));
    assert_eq!(modem.left(), 0);
}

#[test]
fn a_socket_without_a_connection_asks_nothing() {
    let (modem, mut wifi) = started(START_NONOS);
    modem.written();
    let mut socket = wifi.socket().unwrap();
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, Err(SocketError::NotConnected));
    wifi.bind(&mut socket, 80).unwrap();
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, address("0.0.0.0:80"));
    assert_eq!(modem.written(), "");
    modem.ease(Some(""));
    wifi.listen(&mut socket).unwrap();
    let told = ask(&modem, &mut wifi, &mut socket);
    assert_eq!(told, address("0.0.0.0:80"));

    let mut other = wifi.socket().unwrap();
    let remote = "10.0.0.1:80".parse().unwrap();
    let connecting = wifi.connect(&mut other, remote);
    assert_eq!(connecting, Err(nb::Error::WouldBlock));
    let told = wifi.local_address(&mut other);
    assert_eq!(told, Err(nb::Error::Other(SocketError::NotConnected)));
}
