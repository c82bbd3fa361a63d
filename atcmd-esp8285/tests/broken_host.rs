//! A clock that jumps and a port that counts wrong break their contracts; what
//! comes of it is unspecified, but nothing panics and every call returns.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;

use atcmd_esp8285::{Config, Esp8285};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use embedded_nal::{AddrType, Dns, TcpClientStack};
use proptest::prelude::*;

/// Says the same line over and over, and claims to have moved this much more
/// than it has.
struct Port {
    line: &'static [u8],
    at: usize,
    excess: usize,
}

impl ErrorType for Port {
    type Error = Infallible;
}
impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        self.at = (self.at + 1) % (self.line.len() + 1);
        Ok(self.at > 0)
    }
}
impl Read for Port {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        buf[0] = self.line[self.at - 1];
        Ok(1usize.saturating_add(self.excess))
    }
}
impl WriteReady for Port {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}
impl Write for Port {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        Ok(buf.len().saturating_add(self.excess))
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

proptest! {
    #[test]
    fn nothing_panics(
        line in prop::sample::select(vec![
            &b"\r\nOK\r\n"[..],
            b"busy p...\r\n",
            b"+IPD,0,900:abcdefgh",
            b"+CWLAP:(3,\"x\n",
            b"ready\r\n",
            b"\r\nOK\r\n0,CLOSED\r\n> ",
        ]),
        excess in prop::sample::select(vec![0, 0, 1, 300, usize::MAX]),
        times in prop::collection::vec(
            prop_oneof![0..100_000_000u64, u64::MAX - 50_000_000..=u64::MAX, any::<u64>()],
            1..60,
        ),
    ) {
        let now = Rc::new(Cell::new(0));
        let clock = { let now = now.clone(); move || now.get() };
        let port = Port { line, at: 0, excess };
        let mut wifi = Esp8285::<_, _, 64>::with_config(port, clock, Config::new());
        let mut socket = wifi.socket().unwrap();
        let mut buf = [0; 32];
        for time in times {
            now.set(time);
            for _ in 0..8 {
                let _ = wifi.poll();
                let _ = wifi.join("ssid", "password");
                let _ = wifi.get_host_by_name("example.com", AddrType::IPv4);
                let _ = wifi.connect(&mut socket, "192.0.2.1:80".parse().unwrap());
                let _ = wifi.send(&mut socket, b"hello");
                if let Ok(n) = wifi.receive(&mut socket, &mut buf) {
                    prop_assert!(n <= buf.len());
                }
            }
        }
    }
}
