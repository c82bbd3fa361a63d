//! With the modem's own access point.
#![no_std]
#![no_main]

use atcmd_esp8285::wifi::AccessPointConfig;

size::program!(|wifi| {
    let config = AccessPointConfig::new("camera", "12345678").channel(6);
    wifi.wait(|wifi| wifi.start_access_point(&config)).ok()?;
    core::hint::black_box(wifi.wait(|wifi| wifi.access_point_status()).ok()?);
    wifi.wait(|wifi| wifi.stop_access_point()).ok()
});
