//! The same through `nal-socket`.
#![no_std]
#![no_main]

use atcmd_esp8285::{Config, Esp8285, socket_policy};
use nal_socket::{Hints, TcpSocket};
use size::{Port, now};

fn run() -> Option<()> {
    let clock: fn() -> u64 = now;
    let mut wifi = Esp8285::<_, _, 2048>::with_config(Port, clock, Config::new());
    wifi.wait(|wifi| wifi.join("ssid", "password")).ok()?;
    let network = socket_policy::network(wifi, clock);
    let address = network
        .getaddrinfo("example.com", 80, Hints::stream())
        .ok()?
        .first()
        .sockaddr;
    let mut socket = TcpSocket::new(&network);
    socket.connect(address).ok()?;
    socket.sendall(b"GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut page = [0; 64];
    while socket.recv(&mut page).ok()? > 0 {
        core::hint::black_box(&page);
    }
    socket.close().ok()
}

#[cortex_m_rt::entry]
fn main() -> ! {
    core::hint::black_box(run());
    loop {}
}
