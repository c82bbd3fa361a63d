//! A serial port and a clock that the optimiser cannot see through, and the
//! program that most others begin with.
#![no_std]

use core::convert::Infallible;
use core::hint::black_box;

use atcmd_esp8285::embedded_nal::{AddrType, Dns, TcpClientStack};
use atcmd_esp8285::{Config, Esp8285};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use panic_halt as _;

#[cfg(feature = "defmt")]
mod logger;

pub mod chip;

/// Stands for a UART.
pub struct Port;

impl ErrorType for Port {
    type Error = Infallible;
}
impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(black_box(true))
    }
}
impl Read for Port {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        if let Some(first) = buf.first_mut() {
            *first = black_box(0);
        }
        Ok(black_box(1))
    }
}
impl WriteReady for Port {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(black_box(true))
    }
}
impl Write for Port {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        black_box(buf);
        Ok(black_box(1))
    }
    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

/// Stands for a timer.
pub fn now() -> u64 {
    black_box(0)
}

/// The driver on that port.
pub type Wifi = Esp8285<Port, fn() -> u64, 2048>;

/// A driver, nothing said yet.
#[inline(always)]
pub fn wifi() -> Wifi {
    Esp8285::with_config(Port, now, Config::new())
}

/// Join, resolve, connect, send, receive, close.
pub fn fetch(wifi: &mut Wifi) -> Option<()> {
    wifi.wait(|wifi| wifi.join("ssid", "password")).ok()?;
    let address = wifi
        .wait(|wifi| wifi.get_host_by_name("example.com", AddrType::IPv4))
        .ok()?;
    let mut socket = wifi.socket().ok()?;
    wifi.wait(|wifi| wifi.connect(&mut socket, (address, 80).into()))
        .ok()?;
    wifi.wait(|wifi| wifi.send(&mut socket, b"GET / HTTP/1.0\r\n\r\n"))
        .ok()?;
    let mut page = [0; 64];
    while wifi
        .wait(|wifi| wifi.receive(&mut socket, &mut page))
        .ok()?
        > 0
    {
        black_box(&page);
    }
    wifi.close(socket).ok()
}

/// A program: [`fetch`], and what is to be measured beside it.
#[macro_export]
macro_rules! program {
    ($more:expr) => {
        #[cortex_m_rt::entry]
        fn main() -> ! {
            let mut wifi = $crate::wifi();
            core::hint::black_box($crate::fetch(&mut wifi));
            let more: fn(&mut $crate::Wifi) -> Option<()> = $more;
            core::hint::black_box(more(&mut wifi));
            loop {}
        }
    };
}
