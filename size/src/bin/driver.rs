//! `atcmd-esp8285` alone: join, resolve, connect, send, receive, close.
#![no_std]
#![no_main]

use atcmd_esp8285::embedded_nal::{AddrType, Dns, TcpClientStack};
use atcmd_esp8285::{Config, Esp8285};
use size::{Port, now};

fn run() -> Option<()> {
    let clock: fn() -> u64 = now;
    let mut wifi = Esp8285::<_, _, 2048>::with_config(Port, clock, Config::new());
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
        core::hint::black_box(&page);
    }
    wifi.close(socket).ok()
}

#[cortex_m_rt::entry]
fn main() -> ! {
    core::hint::black_box(run());
    loop {}
}
