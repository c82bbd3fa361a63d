//! Our driver on the simulated modem, in virtual time.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

use atcmd_esp8285::{Clock, Config, Esp8285, ReceiveMode, SocketError};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, Modem, VirtualUart};
use nal_socket::conformance::{Peer, Report};
use nal_socket::{Idle, Network, Platform, Policy, UdpFull};
use nal_socket_stacks::esp8285;

use crate::sim_peer;

/// Virtual time for the driver and for the sockets.
#[derive(Clone)]
pub struct Time(Bench);

impl Clock for Time {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) {
        self.0.idle(until);
    }
}

impl Platform for Time {
    fn now(&self) -> u64 {
        self.0.now()
    }
    fn idle(&self, until: Option<u64>) -> Idle {
        self.0.idle(until);
        Idle::Continue
    }
}

type Driver = Esp8285<VirtualUart, Time, 2048>;

/// A board that has joined a network with the peer in it.
pub fn board(dialect: Dialect, receive: ReceiveMode) -> Network<Driver, Time, UdpFull<Driver>> {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = Modem::new(dialect, air, sim_peer::network());
    let time = Time(Bench::new(modem, BenchConfig::default()));
    let config = Config::new().receive(receive);
    let mut wifi = Esp8285::with_config(time.0.uart(), time.clone(), config);
    wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
    esp8285::network(wifi, time)
}

pub fn peer() -> Peer<'static> {
    sim_peer::peer().silent(sim_peer::SILENT.into())
}

pub fn report(name: &'static str, dialect: Dialect, receive: ReceiveMode) -> Report<'static> {
    Report::of(name, &board(dialect, receive), &peer())
}

/// With a policy that is not the driver's.
pub fn report_with(policy: Policy<SocketError>) -> Report<'static> {
    let board = board(Dialect::EspAt2_2, ReceiveMode::Auto).with_policy(policy);
    Report::of("wrong", &board, &peer())
}
