use std::net::{Ipv4Addr, SocketAddr, UdpSocket};

use crate::DIALECTS;
use crate::program::{PATIENCE, Program};

type Packet = [u8; 48];

/// 13 September 2020, 12:26:40, counted from 1900.
const THEN: u32 = 1_600_000_000_u32.wrapping_add(2_208_988_800);

/// A server that gives the answers of a test, and the requests it got.
struct Server {
    socket: UdpSocket,
    requests: Vec<Packet>,
}

impl Server {
    fn start() -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        Self {
            socket,
            requests: Vec::new(),
        }
    }

    fn ask(&self, dialect: &str) -> Program {
        let server = self.socket.local_addr().unwrap().to_string();
        Program::start("ntp_query", &["--dialect", dialect, "--server", &server])
    }

    fn hear(&mut self) -> (Packet, SocketAddr) {
        let mut request = [0; 100];
        let (length, from) = self.socket.recv_from(&mut request).unwrap();
        assert_eq!(length, 48);
        let request = *request.first_chunk().unwrap();
        self.requests.push(request);
        (request, from)
    }

    fn answer(&mut self, seconds: u32, spoil: impl FnOnce(&mut Packet)) {
        let (request, from) = self.hear();
        let mut reply = good(&request, seconds);
        spoil(&mut reply);
        self.socket.send_to(&reply, from).unwrap();
    }
}

fn good(request: &Packet, seconds: u32) -> Packet {
    let mut reply = [0; 48];
    reply[0] = 4 << 3 | 4;
    reply[1] = 2;
    reply[24..32].copy_from_slice(&request[40..48]);
    reply[40..44].copy_from_slice(&seconds.to_be_bytes());
    reply[47] = 1;
    reply
}

#[test]
fn the_time_of_the_server_is_told() {
    for dialect in DIALECTS {
        for (seconds, told) in [
            (THEN, "2020-09-13T12:26:40Z"),
            // The count begins again.
            (u32::MAX, "2036-02-07T06:28:15Z"),
            (0, "2036-02-07T06:28:16Z"),
        ] {
            let mut server = Server::start();
            let mut program = server.ask(dialect);
            server.answer(seconds, |_| ());
            assert_eq!(program.line(), told);
            assert_eq!(program.end().0.code(), Some(0));
            let request = server.requests[0];
            assert_eq!(request[0], 4 << 3 | 3);
            assert_eq!(request[1..40], [0; 39]);
        }
    }
}

#[test]
fn what_is_no_answer_is_asked_for_again_with_another_origin() {
    let mut server = Server::start();
    let mut program = server.ask("nonos-1.7");
    // Another client's, and one that is no server's.
    server.answer(THEN, |reply| reply[31] ^= 1);
    assert_eq!(program.line(), "not the reply to what was asked");
    server.answer(THEN, |reply| reply[0] = 4 << 3 | 3);
    assert_eq!(program.line(), "not the reply to what was asked");
    server.answer(THEN, |_| ());
    assert_eq!(program.line(), "2020-09-13T12:26:40Z");
    assert_eq!(program.end().0.code(), Some(0));
    let origins: Vec<_> = server.requests.iter().map(|r| &r[40..48]).collect();
    assert!(origins[0] != origins[1] && origins[1] != origins[2]);
}

#[test]
fn a_server_without_a_clock_is_not_believed() {
    let mut server = Server::start();
    let mut program = server.ask("nonos-1.7");
    server.answer(THEN, |reply| reply[0] |= 3 << 6);
    server.answer(THEN, |reply| reply[1] = 16);
    server.answer(THEN, |reply| reply[40..48].fill(0));
    for _ in 0..3 {
        assert_eq!(program.line(), "the server does not know the time itself");
    }
    assert_eq!(program.end().0.code(), Some(9));
}

#[test]
fn who_is_turned_away_does_not_ask_again() {
    let mut server = Server::start();
    let mut program = server.ask("nonos-1.7");
    server.answer(THEN, |reply| {
        reply[1] = 0;
        reply[12..16].copy_from_slice(b"RATE");
    });
    assert_eq!(program.line(), "turned away: RATE");
    assert_eq!(program.end().0.code(), Some(9));
    server.socket.set_nonblocking(true).unwrap();
    assert!(server.socket.recv(&mut [0; 48]).is_err());
}

#[test]
fn a_lost_request_is_repeated() {
    let mut server = Server::start();
    let mut program = server.ask("esp-at-2.2");
    server.hear();
    assert!(
        program
            .line()
            .starts_with("no reply: [Errno 110] ETIMEDOUT")
    );
    server.answer(THEN, |_| ());
    assert_eq!(program.line(), "2020-09-13T12:26:40Z");
}

#[test]
fn without_options_a_server_in_the_program_tells_the_time() {
    let mut program = Program::start("ntp_query", &[]);
    let told = program.line();
    assert!(told.len() == 20 && told.ends_with('Z'), "{told}");
    assert_eq!(program.end().0.code(), Some(0));
}

#[test]
fn a_name_beyond_this_computer_is_refused_with_what_allows_it() {
    let program = Program::start("ntp_query", &["--server", "pool.ntp.org:123"]);
    let (status, said) = program.end();
    assert_eq!(status.code(), Some(7), "{said}");
    assert!(said.contains("--allow-net"), "{said}");
}
