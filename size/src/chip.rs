//! A network chip that does everything embedded-nal knows and that the
//! optimiser cannot see through, so that what is linked is the layer above it.

use core::hint::black_box;
use core::net::{IpAddr, Ipv4Addr, SocketAddr};

use atcmd_esp8285::embedded_nal::{
    AddrType, Dns, TcpClientStack, TcpError, TcpErrorKind, TcpFullStack, UdpClientStack,
    UdpFullStack, nb,
};

/// Stands for a stack.
pub struct Chip;

/// One byte, as a chip's status would be.
#[derive(Debug)]
pub struct Status(pub u8);

impl TcpError for Status {
    fn kind(&self) -> TcpErrorKind {
        if self.0 == 1 {
            TcpErrorKind::PipeClosed
        } else {
            TcpErrorKind::Other
        }
    }
}

fn outcome<T>(value: T) -> nb::Result<T, Status> {
    match black_box(0_u8) {
        0 => Ok(value),
        1 => Err(nb::Error::WouldBlock),
        other => Err(nb::Error::Other(Status(other))),
    }
}

fn verdict<T>(value: T) -> Result<T, Status> {
    match black_box(0_u8) {
        0 => Ok(value),
        other => Err(Status(other)),
    }
}

fn somebody() -> SocketAddr {
    black_box(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 80))
}

impl TcpClientStack for Chip {
    type TcpSocket = u8;
    type Error = Status;

    fn socket(&mut self) -> Result<u8, Status> {
        verdict(0)
    }
    fn connect(&mut self, _: &mut u8, remote: SocketAddr) -> nb::Result<(), Status> {
        black_box(remote);
        outcome(())
    }
    fn send(&mut self, _: &mut u8, data: &[u8]) -> nb::Result<usize, Status> {
        black_box(data);
        outcome(black_box(1))
    }
    fn receive(&mut self, _: &mut u8, buf: &mut [u8]) -> nb::Result<usize, Status> {
        black_box(buf);
        outcome(black_box(1))
    }
    fn close(&mut self, socket: u8) -> Result<(), Status> {
        black_box(socket);
        verdict(())
    }
}

impl TcpFullStack for Chip {
    fn bind(&mut self, _: &mut u8, port: u16) -> Result<(), Status> {
        black_box(port);
        verdict(())
    }
    fn listen(&mut self, _: &mut u8) -> Result<(), Status> {
        verdict(())
    }
    fn accept(&mut self, _: &mut u8) -> nb::Result<(u8, SocketAddr), Status> {
        outcome((0, somebody()))
    }
}

impl UdpClientStack for Chip {
    type UdpSocket = u8;
    type Error = Status;

    fn socket(&mut self) -> Result<u8, Status> {
        verdict(0)
    }
    fn connect(&mut self, _: &mut u8, remote: SocketAddr) -> Result<(), Status> {
        black_box(remote);
        verdict(())
    }
    fn send(&mut self, _: &mut u8, data: &[u8]) -> nb::Result<(), Status> {
        black_box(data);
        outcome(())
    }
    fn receive(&mut self, _: &mut u8, buf: &mut [u8]) -> nb::Result<(usize, SocketAddr), Status> {
        black_box(buf);
        outcome((black_box(1), somebody()))
    }
    fn close(&mut self, socket: u8) -> Result<(), Status> {
        black_box(socket);
        verdict(())
    }
}

impl UdpFullStack for Chip {
    fn bind(&mut self, _: &mut u8, port: u16) -> Result<(), Status> {
        black_box(port);
        verdict(())
    }
    fn send_to(&mut self, _: &mut u8, remote: SocketAddr, data: &[u8]) -> nb::Result<(), Status> {
        black_box((remote, data));
        outcome(())
    }
}

impl Dns for Chip {
    type Error = Status;

    fn get_host_by_name(&mut self, name: &str, _: AddrType) -> nb::Result<IpAddr, Status> {
        black_box(name);
        outcome(somebody().ip())
    }
    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, Status> {
        outcome(black_box(0))
    }
}
