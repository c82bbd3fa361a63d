//! `listen` on the ESP8285, whose modem takes a port some milliseconds after it was told to: it returns
//! when who connects is no longer refused.
#![cfg(feature = "alloc")]

mod modem;

use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::{Config, Esp8285, ReceiveMode, socket_policy};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, MemoryNetwork, Modem, Serve};
use modem::{Board, DIALECTS, Time};
use usocket_api::{MAIXPY, OPENMV, OSError, Socket, USocket};

const SECOND: u64 = 1_000_000;

/// A board that has joined, and the network it is in.
struct Place {
    network: MemoryNetwork,
    bench: Bench,
    board: Board,
}

impl Place {
    /// Both firmwares, passive and active.
    fn all() -> impl Iterator<Item = Self> {
        DIALECTS.into_iter().flat_map(|dialect| {
            [ReceiveMode::Auto, ReceiveMode::Active].map(|receive| {
                let network = MemoryNetwork::new();
                let air = Air::new().ap(AccessPoint::new("net", "password"));
                let modem = Modem::new(dialect, air, network.clone());
                let bench = Bench::new(modem, BenchConfig::default());
                let time = Time::new(bench.clone());
                let config = Config::new().receive(receive);
                let mut wifi = Esp8285::with_config(bench.uart(), time.clone(), config);
                wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
                Self {
                    network,
                    bench,
                    board: socket_policy::full_network(wifi, time),
                }
            })
        })
    }

    /// Somebody connects in this very microsecond, is accepted within a second, and heard.
    fn visited(&self, server: &Socket<&Board>, port: u16) {
        let from = SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 9), 4009);
        let visitor = Serve::new("knock").at_connect();
        self.network
            .connect_to_modem(self.bench.now(), from, port, visitor);
        server.settimeout(1).unwrap();
        let (conn, _) = server.accept().unwrap();
        assert_eq!(conn.recv(5).unwrap(), b"knock");
    }
}

fn error(result: Result<(), OSError>) -> &'static str {
    result.unwrap_err().name()
}

#[test]
fn who_connects_the_moment_listen_returns_is_accepted() {
    for place in Place::all() {
        let usocket = USocket::new(&place.board, MAIXPY);
        let server = usocket.socket();
        server.bind(("", 80)).unwrap();
        server.listen(5).unwrap();
        place.visited(&server, 80);
    }
}

#[test]
fn a_non_blocking_socket_listens_in_one_call_and_stays_non_blocking() {
    for place in Place::all() {
        let usocket = USocket::new(&place.board, OPENMV);
        let server = usocket.socket();
        server.setblocking(false).unwrap();
        server.bind(("", 80)).unwrap();
        server.listen(None).unwrap();
        let start = place.bench.now();
        assert_eq!(error(server.accept().map(drop)), "EAGAIN");
        assert_eq!(place.bench.now(), start);
        // Again changes nothing.
        server.listen(None).unwrap();
        assert_eq!(place.bench.now(), start);
        place.visited(&server, 80);
    }
}

#[test]
fn a_socket_that_was_not_bound_listens_on_a_port_that_is_told() {
    for place in Place::all() {
        let server = USocket::new(&place.board, OPENMV).socket();
        server.listen(None).unwrap();
        let port = server.local_port().unwrap();
        place.visited(&server, port);
    }
}

#[test]
fn a_listen_that_ended_in_an_error_can_be_called_again() {
    for place in Place::all() {
        let stall = |on| place.bench.with_modem(|modem| modem.stall(on));
        let server = USocket::new(&place.board, OPENMV).socket();
        server.settimeout(1).unwrap();
        server.bind(("", 80)).unwrap();
        stall(true);
        let start = place.bench.now();
        assert_eq!(error(server.listen(None)), "ETIMEDOUT");
        assert_eq!(place.bench.now(), start + SECOND);
        assert_eq!(error(server.accept().map(drop)), "EINVAL");
        // The driver finds out that nobody is there, and says so.
        server.settimeout(None).unwrap();
        assert_eq!(error(server.listen(None)), "ENETDOWN");
        assert_eq!(server.local_port().unwrap(), 80);
        stall(false);
        server.listen(None).unwrap();
        place.visited(&server, 80);
    }
}

#[test]
fn a_non_blocking_listen_takes_ten_seconds_at_most() {
    for place in Place::all() {
        let server = USocket::new(&place.board, MAIXPY).socket();
        server.setblocking(false).unwrap();
        server.bind(("", 80)).unwrap();
        place.bench.with_modem(|modem| modem.stall(true));
        let start = place.bench.now();
        assert_eq!(error(server.listen(None)), "ETIMEDOUT");
        assert_eq!(place.bench.now(), start + 10 * SECOND);
        // Closed in the midst, it gives the modem's server back.
        server.close().unwrap();
        place.bench.with_modem(|modem| modem.stall(false));
        let other = USocket::new(&place.board, MAIXPY).socket();
        other.bind(("", 81)).unwrap();
        other.listen(None).unwrap();
        place.visited(&other, 81);
    }
}
