//! With the TCP server: accept one connection and answer.
#![no_std]
#![no_main]

use atcmd_esp8285::embedded_nal::{TcpClientStack, TcpFullStack};

size::program!(|wifi| {
    let mut listener = wifi.socket().ok()?;
    wifi.bind(&mut listener, 80).ok()?;
    wifi.listen(&mut listener).ok()?;
    let (mut socket, _) = wifi.wait(|wifi| wifi.accept(&mut listener)).ok()?;
    wifi.wait(|wifi| wifi.send(&mut socket, b"hello")).ok()?;
    wifi.close(socket).ok()?;
    wifi.close(listener).ok()
});
