//! A board with the simulated modem, in virtual time: joined, and with a peer that echoes.

#![allow(dead_code, unreachable_pub)]

pub mod time;

use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use atcmd_esp8285::{Esp8285, socket_policy};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, Echo, MemoryNetwork, Modem, VirtualUart,
};
use nal_socket::{Network, UdpFull};

pub use time::Time;

pub const SERVER: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 7));

pub const DIALECTS: [Dialect; 2] = [Dialect::NonOs1_7, Dialect::EspAt2_2];

pub type Wifi = Esp8285<VirtualUart, Time>;
pub type Board = Network<Wifi, Time, UdpFull<Wifi>>;

pub fn board(dialect: Dialect) -> (Time, Board) {
    let network = MemoryNetwork::new();
    let SocketAddr::V4(server) = SERVER else {
        unreachable!("it is above")
    };
    network.listen(server, || Box::new(Echo));
    network.listen_udp(server, Echo);
    board_on(dialect, network)
}

pub fn board_on(dialect: Dialect, network: MemoryNetwork) -> (Time, Board) {
    let air = Air::new()
        .ap(AccessPoint::new("Sipeed_2.4G", "------"))
        .join_time_ms(100);
    let time = Time::new(Bench::new(
        Modem::new(dialect, air, network),
        BenchConfig::default(),
    ));
    let mut wifi = Esp8285::new(time.bench.uart(), time.clone());
    wifi.wait(|wifi| wifi.join("Sipeed_2.4G", "------"))
        .unwrap();
    let board = socket_policy::network_with_udp(wifi, time.clone())
        .with_server()
        .with_readiness();
    (time, board)
}
