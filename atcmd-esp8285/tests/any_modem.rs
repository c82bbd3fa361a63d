//! Whatever the modem says, cut and timed anyhow, between any calls: nothing
//! panics, every call returns, and a dead modem is given up in bounded time.

mod common;

use atcmd_esp8285::at::atat::blocking::AtatClient;
use atcmd_esp8285::at::command::Attention;
use atcmd_esp8285::wifi::{AccessPointConfig, ScanOptions};
use atcmd_esp8285::{Clock, Config, Esp8285, ReceiveMode, TcpSocket};
use common::Port;
use embedded_nal::{AddrType, Dns, TcpClientStack};
use proptest::prelude::*;
use std::cell::Cell;
use std::rc::Rc;

#[derive(Debug, Clone)]
enum Step {
    Say(Vec<u8>),
    Pass(u64),
    Poll,
    Join,
    Leave,
    Scan,
    Stations,
    Status,
    AccessPoint(bool),
    Resolve(u8),
    Socket,
    Connect(usize, u8),
    Send(usize, usize),
    Receive(usize, usize),
    Close(usize),
    Command,
}

fn step() -> impl Strategy<Value = Step> {
    let text = prop::sample::select(vec![
        "\r\nOK\r\n",
        "\r\nERROR\r\n",
        "\r\nFAIL\r\n",
        "ready\r\n",
        "busy p...\r\n",
        "busy s...\r\n",
        "> ",
        "\r\n>",
        "SEND OK\r\n",
        "SEND FAIL\r\n",
        "Recv 5 bytes\r\n",
        "0,CONNECT\r\n",
        "1,CONNECT\r\n",
        "0,CLOSED\r\n",
        "4,CLOSED\r\n",
        "WIFI GOT IP\r\n",
        "WIFI DISCONNECT\r\n",
        "+IPD,0,5\r\n",
        "\r\n+IPD,0,7:payload",
        "\r\n+IPD,3,9000:",
        "+CIPRECVDATA,3:abc",
        "+CIPRECVDATA:4,abcd",
        "+CIPRECVLEN:1,-1,0,0,9\r\n",
        "+CIPRECVLEN:7\r\n",
        "AT version:1.7.4.0\r\n",
        "AT version:2.2.1.0\r\n",
        "AT version:1.5.0.0\r\n",
        "+CIPDOMAIN:1.2.3.4\r\n",
        "+CWJAP:3\r\n",
        "+CIPMUX:0\r\n",
        "+CIPMUX:1\r\n",
        "+CWLAP:(3,\"a\",\"b\",-60,\"18:fe:34:00:00:01\",6,-27,0)\r\n",
        "+CWLAP:(3,\"torn\r\n",
        "+CWLAP:(0,bare,-60,\"18:FE:34:00:00:01\",6)\n",
        "192.168.4.2,3c:61:05:00:00:02\r\n",
        "+CWLIF:192.168.4.2,3c:61:05:00:00:02\r\n",
        "+STA_CONNECTED:\"3c:61:05:00:00:02\"\r\n",
        "+CWJAP_CUR:\"a\",\"18:fe:34:01:02:03\",6,-58,0\r\n",
        "+CWSAP_CUR:\"a\",\"12345678\",6,3,4,0\r\n",
        "+CIFSR:STAIP,\"10.0.0.7\"\r\n",
        "no change\r\n",
        "ALREADY CONNECTED\r\n",
        "no ip\r\n",
        "MUX=0\r\n",
        "ATE0\r\n",
        "AT+CIPMUX?\r\n",
    ]);
    let size = prop::sample::select(vec![0usize, 1, 3, 100, 2048, 5000]);
    prop_oneof![
        8 => text.prop_map(|t| Step::Say(t.into())),
        1 => prop::collection::vec(any::<u8>(), 0..300).prop_map(Step::Say),
        3 => prop::sample::select(vec![0u64, 1000, 20_000, 150_000, 1_100_000, 30_000_000]).prop_map(Step::Pass),
        3 => Just(Step::Poll),
        1 => Just(Step::Join),
        1 => Just(Step::Leave),
        2 => Just(Step::Scan),
        1 => Just(Step::Stations),
        1 => Just(Step::Status),
        1 => any::<bool>().prop_map(Step::AccessPoint),
        1 => any::<u8>().prop_map(Step::Resolve),
        1 => Just(Step::Socket),
        3 => (0usize..6, 0u8..3).prop_map(|(s, to)| Step::Connect(s, to)),
        3 => (0usize..6, size.clone()).prop_map(|(s, n)| Step::Send(s, n)),
        4 => (0usize..6, size).prop_map(|(s, n)| Step::Receive(s, n)),
        1 => (0usize..6).prop_map(Step::Close),
        1 => Just(Step::Command),
    ]
}

/// Time that also passes while a call waits, up to a limit.
struct Waiting {
    now: Rc<Cell<u64>>,
    waits: Rc<Cell<u32>>,
}

impl Clock for Waiting {
    fn now(&self) -> u64 {
        self.now.get()
    }
    fn idle(&self, _: Option<u64>) {
        self.now.set(self.now.get() + 10_000);
        self.waits.set(self.waits.get() + 1);
        assert!(self.waits.get() < 20_000, "a call waited for 200 s");
    }
}

fn play<const RX: usize>(steps: &[Step], active: bool) {
    let (modem, first) = common::wifi(&[], Config::new());
    let port: Port = first.release();
    let now = Rc::new(Cell::new(0));
    let waits = Rc::new(Cell::new(0));
    let clock = Waiting {
        now: now.clone(),
        waits: waits.clone(),
    };
    let receive = if active {
        ReceiveMode::Active
    } else {
        ReceiveMode::Auto
    };
    let config = Config::new().receive(receive);
    let mut wifi = Esp8285::<_, _, RX>::with_config(port, clock, config);
    let mut sockets: Vec<TcpSocket> = vec![];
    let mut buf = vec![0; 5000];
    for step in steps {
        waits.set(0);
        match step {
            Step::Say(text) => modem.say(text),
            Step::Pass(time) => now.set(now.get() + time),
            Step::Poll => wifi.poll().unwrap(),
            Step::Join => drop(wifi.join("ssid", "password")),
            Step::Leave => drop(wifi.leave()),
            Step::Scan => drop(wifi.scan(&ScanOptions::new(), |_| ())),
            Step::Stations => drop(wifi.stations(|_| ())),
            Step::Status => drop((wifi.station_status(), wifi.access_point_status())),
            Step::AccessPoint(true) => {
                let config = AccessPointConfig::new("cam", "12345678");
                let _ = wifi.start_access_point(&config);
            }
            Step::AccessPoint(false) => drop(wifi.stop_access_point()),
            Step::Resolve(n) => {
                let name = ["a.org", "b.org", "", "1.2.3.4"][usize::from(n % 4)];
                let _ = wifi.get_host_by_name(name, AddrType::IPv4);
            }
            Step::Socket => sockets.push(wifi.socket().unwrap()),
            Step::Connect(s, to) => {
                let to = ["10.0.0.1:80", "10.0.0.2:81", "0.0.0.0:0"][usize::from(*to)];
                if let Some(socket) = sockets.get_mut(*s) {
                    let _ = wifi.connect(socket, to.parse().unwrap());
                }
            }
            Step::Send(s, n) => {
                if let Some(socket) = sockets.get_mut(*s) {
                    let _ = TcpClientStack::send(&mut wifi, socket, &buf[..*n]);
                }
            }
            Step::Receive(s, n) => {
                if let Some(socket) = sockets.get_mut(*s) {
                    let _ = wifi.receive(socket, &mut buf[..*n]);
                }
            }
            Step::Close(s) => {
                if *s < sockets.len() {
                    wifi.close(sockets.remove(*s)).unwrap();
                }
            }
            Step::Command => drop(AtatClient::send(&mut wifi, &Attention {})),
        }
    }
    // From here on the modem is dead, and everything asked of it ends.
    waits.set(0);
    let _ = wifi.wait(|wifi| wifi.join("other", ""));
    for mut socket in sockets {
        waits.set(0);
        let _ = wifi.wait(|wifi| wifi.connect(&mut socket, "10.0.0.3:82".parse().unwrap()));
        waits.set(0);
        let _ = wifi.wait(|wifi| TcpClientStack::send(wifi, &mut socket, b"x"));
        waits.set(0);
        while let Ok(1..) = wifi.wait(|wifi| wifi.receive(&mut socket, &mut buf)) {}
        wifi.close(socket).unwrap();
    }
}

proptest! {
    #[test]
    fn nothing_a_modem_says_panics_or_hangs(
        steps in prop::collection::vec(step(), 0..120),
        active in any::<bool>(),
    ) {
        play::<4096>(&steps, active);
        play::<64>(&steps, active);
        play::<1>(&steps, active);
    }
}
