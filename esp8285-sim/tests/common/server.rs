//! A modem that serves, and its clients.

use std::net::{Ipv4Addr, SocketAddrV4};

use esp8285_sim::{Dialect, Peer, PeerIo, SocketId};

use super::Host;

/// A client's address.
pub fn from(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 9), port)
}

/// Joined, with a server on port 80.
pub fn serving(dialect: Dialect) -> Host {
    let mut host = Host::joined(dialect);
    assert_eq!(host.ask("AT+CIPMUX=1"), "\r\nOK\r\n");
    assert_eq!(host.ask("AT+CIPSERVER=1,80"), "\r\nOK\r\n");
    host
}

pub fn client(host: &Host, port: u16, peer: impl Peer + 'static) -> SocketId {
    host.net
        .connect_to_modem(host.bench.now(), from(port), 80, peer)
}

pub fn act(host: &Host, port: u16, act: impl FnOnce(&mut PeerIo)) {
    assert!(host.net.act(host.bench.now(), from(port), act));
}

/// A reason line before ERROR, where the family has them.
pub fn refused(dialect: Dialect, reason: &str) -> String {
    if dialect == Dialect::NonOs1_7 {
        format!("{reason}\r\n\r\nERROR\r\n")
    } else {
        "\r\nERROR\r\n".to_owned()
    }
}
