//! With calls about the modem itself: ping, network time, baud rate, reset.
#![no_std]
#![no_main]

use core::hint::black_box;

size::program!(|wifi| {
    black_box(wifi.wait(|wifi| wifi.ping("example.com")).ok()?);
    wifi.wait(|wifi| wifi.set_time_servers(1, &["pool.ntp.org"]))
        .ok()?;
    black_box(wifi.wait(|wifi| wifi.network_time()).ok()?);
    wifi.wait(|wifi| {
        wifi.switch_baud(921_600, |port, mode| {
            black_box((port, mode));
            Ok(())
        })
    })
    .ok()?;
    wifi.wait(|wifi| wifi.reset()).ok()
});
