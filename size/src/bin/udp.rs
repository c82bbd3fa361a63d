//! With datagrams: one socket with a peer, one for everybody.
#![no_std]
#![no_main]

use atcmd_esp8285::embedded_nal::{UdpClientStack, UdpFullStack};

size::program!(|wifi| {
    let peer = ([192, 0, 2, 1], 53).into();
    let mut buf = [0; 64];
    let mut socket = UdpClientStack::socket(wifi).ok()?;
    UdpClientStack::connect(wifi, &mut socket, peer).ok()?;
    wifi.wait(|wifi| UdpClientStack::send(wifi, &mut socket, b"?"))
        .ok()?;
    wifi.wait(|wifi| UdpClientStack::receive(wifi, &mut socket, &mut buf))
        .ok()?;
    UdpClientStack::close(wifi, socket).ok()?;
    let mut socket = UdpClientStack::socket(wifi).ok()?;
    UdpFullStack::bind(wifi, &mut socket, 5000).ok()?;
    wifi.wait(|wifi| wifi.send_to(&mut socket, peer, b"!"))
        .ok()?;
    UdpClientStack::close(wifi, socket).ok()
});
