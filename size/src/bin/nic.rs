//! The same through `usocket-api`, with everything its Wi-Fi interface does but the access point.
#![no_std]
#![no_main]

use atcmd_esp8285::{Config, Esp8285, socket_policy};
use size::{Port, now};
use usocket_api::{MAIXPY, Nic, USocket};

fn run() -> Option<()> {
    let clock: fn() -> u64 = now;
    let wifi = Esp8285::<_, _, 2048>::with_config(Port, clock, Config::new());
    let network = socket_policy::network(wifi, clock);
    let nic = Nic::new(&network, MAIXPY);
    nic.connect("ssid", "password").ok()?;
    core::hint::black_box(nic.ifconfig().ok()?);
    nic.scan_each(|entry| {
        core::hint::black_box(entry);
    })
    .ok()?;
    let usocket = USocket::new(&network, MAIXPY);
    let address = usocket
        .getaddrinfo("example.com", 80)
        .ok()?
        .first()?
        .sockaddr;
    let sock = usocket.socket();
    sock.connect(address).ok()?;
    sock.send("GET / HTTP/1.0\r\n\r\n").ok()?;
    let mut page = [0; 64];
    while sock.recv_into(&mut page).ok()? > 0 {
        core::hint::black_box(&page);
    }
    sock.close().ok()?;
    nic.isconnected().ok()?;
    nic.disconnect().ok()
}

#[cortex_m_rt::entry]
fn main() -> ! {
    core::hint::black_box(run());
    loop {}
}
