//! With a scan.
#![no_std]
#![no_main]

use atcmd_esp8285::wifi::ScanOptions;

size::program!(|wifi| {
    let options = ScanOptions::new();
    wifi.wait(|wifi| {
        wifi.scan(&options, |network| {
            core::hint::black_box(network);
        })
    })
    .ok()
});
