//! The conformance rules on std-embedded-nal over the loopback interface, with generous limits.
#![cfg(feature = "conformance")]

#[path = "../examples/conformance_peer/server.rs"]
mod server;

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::conformance::{Peer, Report};
use nal_socket::{ErrorKind, Hooks, Idle, Network, Policy};
use server::Server;
use std_embedded_nal::Stack;

type TcpError = <Stack as embedded_nal::TcpClientStack>::Error;

fn kind(error: &TcpError) -> ErrorKind {
    match error.0.kind() {
        io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
        io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
        _ => ErrorKind::Other,
    }
}

#[test]
fn std_embedded_nal_keeps_the_rules() {
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
        .with_server();
    let peer = Peer::at(server.sessions)
        .speaks_first(server.speaks_first)
        .refuses(refuses)
        .datagrams(server.datagrams)
        .more_datagrams(server.more_datagrams)
        .listen_port(free_port())
        .slack(Duration::from_secs(2));
    let report = Report::of("std-embedded-nal 0.4", &network, &peer);
    println!("{report}");
    assert_eq!(report.kept(), report.tried(), "{report}");
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}
