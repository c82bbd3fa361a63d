//! The stack of the `layer` program by itself: connect, send, receive, close.
#![no_std]
#![no_main]

use core::hint::black_box;

use atcmd_esp8285::embedded_nal::{TcpClientStack, nb};
use size::chip::{Chip, Status};

fn run(stack: &mut Chip) -> Result<(), Status> {
    let mut socket = TcpClientStack::socket(stack)?;
    let remote = black_box("192.0.2.1:80").parse().map_err(|_| Status(2))?;
    let mut page = [0; 64];
    let _ = nb::block!(TcpClientStack::connect(stack, &mut socket, remote));
    let _ = nb::block!(TcpClientStack::send(
        stack,
        &mut socket,
        b"GET / HTTP/1.0\r\n\r\n"
    ));
    let _ = nb::block!(TcpClientStack::receive(stack, &mut socket, &mut page));
    TcpClientStack::close(stack, socket)
}

#[cortex_m_rt::entry]
fn main() -> ! {
    let _ = black_box(run(&mut Chip));
    loop {}
}
