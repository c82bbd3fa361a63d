//! The peer of the conformance rules, for a PC in the same network as the board under test.
//!
//! `cargo run --features conformance --example conformance_peer [port]`
//!
//! Serves sessions on `port` (7000 unless given) and datagrams there too, speaks first on the next
//! port, and answers more datagrams on the one after that. Ends with ctrl-c.

mod server;

use std::net::{Ipv6Addr, SocketAddr};

fn main() -> std::io::Result<()> {
    let port = match std::env::args().nth(1) {
        None => 7000,
        Some(text) => text.parse().map_err(std::io::Error::other)?,
    };
    // Where there is IPv6, this takes IPv4 too.
    let everywhere = SocketAddr::from((Ipv6Addr::UNSPECIFIED, port));
    let server = server::Server::start(everywhere, true)
        .or_else(|_| server::Server::start(SocketAddr::from(([0, 0, 0, 0], port)), true))?;
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
