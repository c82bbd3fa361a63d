//! The peer of the conformance rules, for a PC in the same network as the board under test.
//!
//! `cargo run --features conformance --example conformance_peer [port]`
//!
//! Serves sessions on `port` (7000 unless given) and datagrams there too, speaks first on the next
//! port, and answers more datagrams on the one after that. Ends with ctrl-c.

mod server;

use std::net::{Ipv6Addr, SocketAddr};
use std::process::ExitCode;

const USAGE: &str = "usage: conformance_peer [port]    a port from 0 to 65533, 7000 unless given";

fn main() -> ExitCode {
    let port = match std::env::args().nth(1).as_deref() {
        None => 7000,
        Some("-h" | "--help") => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(text) => match text.parse() {
            Ok(port) if port <= u16::MAX - 2 => port,
            _ => {
                eprintln!("{text:?} is not a port\n{USAGE}");
                return ExitCode::from(2);
            }
        },
    };
    // Where there is IPv6, this takes IPv4 too.
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let started = server::Server::start(everywhere, true)
        .or_else(|_| server::Server::start(SocketAddr::from(([0, 0, 0, 0], port)), true));
    let server = match started {
        Ok(server) => server,
        Err(error) => {
            eprintln!("cannot listen on port {port} and the two after it: {error}");
            return ExitCode::FAILURE;
        }
    };
    println!(
        "sessions on {}, speaking first on {}",
        server.sessions, server.speaks_first
    );
    println!(
        "datagrams on {} and {}",
        server.datagrams, server.more_datagrams
    );
    loop {
        std::thread::park();
    }
}
