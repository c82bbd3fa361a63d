//! The conformance rules on std-embedded-nal over the loopback interface, with generous limits.
#![cfg(feature = "conformance")]

#[path = "../examples/conformance_peer/server.rs"]
mod server;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::conformance::{Outcome, Peer, Report};
use nal_socket::{ErrorKind, Hooks, Idle, Network, Policy, UdpPolicy};
use server::Server;
use std_embedded_nal::Stack;

type TcpError = <Stack as embedded_nal::TcpClientStack>::Error;

fn kind(error: &TcpError) -> ErrorKind {
    io_kind(&error.0)
}

fn io_kind(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
        io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
        _ => ErrorKind::Other,
    }
}

#[test]
fn std_embedded_nal_keeps_all_but_the_timeouts_of_accepted_connections() {
    let server = Server::start("127.0.0.1:0".parse().unwrap(), false).unwrap();
    // A port that is taken, and nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let refuses: SocketAddr = client.local_addr().unwrap();

    let start = Instant::now();
    let platform = Hooks::new(
        move || start.elapsed().as_micros() as u64,
        |_| {
            thread::sleep(Duration::from_micros(200));
            Idle::Continue
        },
    );
    let network = Network::new(Stack, platform)
        .with_policy(Policy::strict().classify(kind))
        .with_server()
        .with_udp_policy(UdpPolicy::new().classify(io_kind));
    let peer = Peer::at(server.sessions)
        .speaks_first(server.speaks_first)
        .refuses(refuses)
        .datagrams(server.datagrams)
        .more_datagrams(server.more_datagrams)
        .listen_port(free_port())
        .host("localhost", server.sessions.ip())
        .unknown_host("host.invalid")
        .patience(Duration::from_secs(3))
        .slack(Duration::from_secs(2));
    let report = Report::of("std-embedded-nal 0.4", &network, &peer);
    let differing: Vec<_> = report
        .outcomes()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Differs(_)))
        .map(|(rule, _)| rule.to_string())
        .collect();
    // It leaves them in blocking mode.
    assert_eq!(differing, ["listen::child_times_out"], "{report}");
    let not_tried: Vec<_> = report
        .outcomes()
        .filter(|(_, outcome)| matches!(outcome, Outcome::NotTried(_)))
        .map(|(rule, _)| rule.to_string())
        .collect();
    // Its connect blocks, so it is not sent where nobody answers.
    assert_eq!(
        not_tried,
        [
            "connect::times_out",
            "connect::given_up",
            "connect::other_family"
        ],
        "{report}"
    );
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
