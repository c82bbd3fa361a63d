//! `nal-socket` over the driver: its listener on the modem's server.

mod bench;

use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;

use atcmd_esp8285::{Clock, Config, Esp8285, socket_policy};
use bench::{Setup, network};
use embedded_io::{Read, Write};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, Modem, Sink};
use nal_socket::{ErrorKind, Idle, Platform, TcpListener};

/// Virtual time for both layers.
#[derive(Clone)]
struct Time(Bench);

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

#[test]
fn a_listener_waits_as_long_as_it_is_told_and_serves() {
    let servers = Setup::every_dialect().filter(|setup| setup.dialect != Dialect::EspAtMod);
    for setup in servers {
        let network = network(setup);
        let air = Air::new()
            .ap(AccessPoint::new("net", "password"))
            .join_time_ms(100);
        let modem = Modem::new(setup.dialect, air, network.clone());
        let time = Time(Bench::new(modem, BenchConfig::default()));
        let uart = time.0.uart();
        let mut wifi = Esp8285::<_, _, 2048>::with_config(uart, time.clone(), Config::new());
        wifi.wait(|wifi| wifi.join("net", "password")).unwrap();
        let board = socket_policy::network(wifi, time.clone());

        let mut listener = TcpListener::new(&board);
        listener.bind(80).unwrap();
        listener.listen().unwrap();
        listener.set_timeout(Some(Duration::from_secs(3)));
        let began = time.0.now();
        let error = listener.accept().map(drop).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{setup:?}");
        assert_eq!(time.0.now() - began, 3_000_000, "{setup:?}");

        let sink = Sink::default();
        let from = SocketAddrV4::new(Ipv4Addr::new(192, 168, 1, 9), 4000);
        network.connect_to_modem(time.0.now(), from, 80, sink.clone());
        let (mut socket, peer) = listener.accept().unwrap();
        assert_eq!(peer, from.into(), "{setup:?}");
        network.act(time.0.now(), from, |io| io.send(b"GET / HTTP/1.0\r\n\r\n"));
        let mut request = [0; 18];
        socket.read_exact(&mut request).unwrap();
        assert_eq!(&request, b"GET / HTTP/1.0\r\n\r\n");
        socket
            .write_all(b"HTTP/1.0 204 No Content\r\n\r\n")
            .unwrap();
        socket.close().unwrap();
        listener.close().unwrap();
        assert_eq!(*sink.0.borrow(), b"HTTP/1.0 204 No Content\r\n\r\n");
    }
}
