//! With a TLS connection whose server is checked.
#![no_std]
#![no_main]

use atcmd_esp8285::embedded_nal::TcpClientStack;
use atcmd_esp8285::tls::TlsConfig;

size::program!(|wifi| {
    let config = TlsConfig::new().server_name("example.com").verify_server(0);
    let address = ([192, 0, 2, 1], 443).into();
    let mut socket = wifi.tls(config).socket().ok()?;
    wifi.wait(|wifi| wifi.tls(config).connect(&mut socket, address))
        .ok()?;
    wifi.wait(|wifi| wifi.tls(config).send(&mut socket, b"hello"))
        .ok()?;
    let mut buf = [0; 64];
    wifi.wait(|wifi| wifi.tls(config).receive(&mut socket, &mut buf))
        .ok()?;
    wifi.tls(config).close(socket).ok()
});
