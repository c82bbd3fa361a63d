use std::net::{Ipv4Addr, UdpSocket};
use std::thread;
use std::time::Duration;

use crate::DIALECTS;
use crate::program::{PATIENCE, Program, free_udp_port};

fn client() -> UdpSocket {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.set_read_timeout(Some(PATIENCE)).unwrap();
    socket
}

/// Starts the program; it is there when a datagram comes back. (The modem is told
/// of a bound socket behind the program's back, and what comes before is lost.)
fn start(dialect: &str, datagrams: u32) -> (Program, u16) {
    let port = free_udp_port();
    let (number, datagrams) = (port.to_string(), (datagrams + 1).to_string());
    let mut program = Program::start(
        "udp_echo",
        &[
            "--dialect",
            dialect,
            "--port",
            &number,
            "--datagrams",
            &datagrams,
        ],
    );
    assert_eq!(program.line(), format!("udp://127.0.0.1:{port}"));
    let client = client();
    client.connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    // Where nobody listens yet, this computer says so at once.
    let answered = (0..10_000).any(|_| {
        let sent = client.send(b"are you there?");
        let answered = sent.and_then(|_| client.recv(&mut [0; 100])).is_ok();
        if !answered {
            thread::sleep(Duration::from_millis(5));
        }
        answered
    });
    assert!(answered);
    (program, port)
}

fn echoed(client: &UdpSocket, port: u16, datagram: &[u8]) {
    client
        .send_to(datagram, (Ipv4Addr::LOCALHOST, port))
        .unwrap();
    let mut reply = [0; 3000];
    let (length, from) = client.recv_from(&mut reply).unwrap();
    assert_eq!(&reply[..length], datagram);
    assert_eq!(from, (Ipv4Addr::LOCALHOST, port).into());
}

#[test]
fn every_sender_gets_its_own_datagrams_back() {
    for dialect in DIALECTS {
        let (program, port) = start(dialect, 10);
        let (one, other) = (client(), client());
        for length in [1, 2, 100, 1472, 2048] {
            let datagram: Vec<u8> = (0..length).map(|i| (i * 7 + length) as u8).collect();
            echoed(&one, port, &datagram);
            echoed(&other, port, &datagram);
        }
        let (status, said) = program.end();
        assert_eq!(status.code(), Some(0), "{said}");
    }
}

#[test]
fn a_datagram_that_is_too_long_is_told_and_not_the_end() {
    let (mut program, port) = start("nonos-1.7", 1);
    let client = client();
    client
        .send_to(&[0; 2100], (Ipv4Addr::LOCALHOST, port))
        .unwrap();
    assert!(program.line().starts_with("lost: [Errno 90] EMSGSIZE"));
    echoed(&client, port, b"after it");
    assert_eq!(program.end().0.code(), Some(0));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_in_good_order() {
    let (program, _) = start("nonos-1.7", 9);
    program.interrupt();
    let (status, said) = program.end();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.ends_with("stopped\n"), "{said}");
}
