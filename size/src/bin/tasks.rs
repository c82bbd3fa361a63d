//! The async shell: the runner and a task that fetches a page, polled by hand.
//!
//! It links without a critical section, a time driver and a heap.
#![no_std]
#![no_main]

use core::future::{Future, poll_fn};
use core::pin::pin;
use core::task::{Context, Poll, Waker};

use atcmd_esp8285::Config;
use atcmd_esp8285::asynch::{Modem, Shared};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_hal_async::delay::DelayNs;
use embedded_io::{Read as _, ReadReady, Write as _};
use embedded_io_async::{ErrorType, Read, Write};
use embedded_nal_async::{AddrType, Dns, TcpConnect};
use size::{Port, now};

struct Half(Port);

impl ErrorType for Half {
    type Error = core::convert::Infallible;
}

impl Read for Half {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
        poll_fn(|_| match self.0.read_ready() {
            Ok(false) => Poll::Pending,
            _ => Poll::Ready(self.0.read(buf)),
        })
        .await
    }
}

impl Write for Half {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> {
        self.0.write(buf)
    }
    async fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

struct Timer;

impl DelayNs for Timer {
    async fn delay_ns(&mut self, ns: u32) {
        let until = now() + u64::from(ns) / 1000;
        poll_fn(|_| {
            if now() >= until {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

type Wifi<'s> = Modem<'s, NoopRawMutex, fn() -> u64, 2048>;

async fn fetch(wifi: Wifi<'_>) -> Option<()> {
    wifi.join("ssid", "password").await.ok()?;
    let name = wifi.get_host_by_name("example.com", AddrType::IPv4);
    let address = name.await.ok()?;
    let mut connection = wifi.connect((address, 80).into()).await.ok()?;
    let request = b"GET / HTTP/1.0\r\n\r\n";
    connection.write(request).await.ok()?;
    let mut page = [0; 64];
    while connection.read(&mut page).await.ok()? > 0 {
        core::hint::black_box(&page);
    }
    Some(())
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let clock: fn() -> u64 = now;
    let mut shared = Shared::<NoopRawMutex, _, 2048>::new(Config::new(), clock);
    let (wifi, mut runner) = shared.split(Half(Port), Half(Port), Timer);
    let mut runner = pin!(runner.run());
    let mut task = pin!(fetch(wifi));
    let mut cx = Context::from_waker(Waker::noop());
    loop {
        core::hint::black_box(runner.as_mut().poll(&mut cx).is_ready());
        if task.as_mut().poll(&mut cx).is_ready() {
            loop {}
        }
    }
}
