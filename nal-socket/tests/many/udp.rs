//! Datagrams on the lines of [`Town`](super::Town): a socket on port `p` is on line `p`.

use std::net::SocketAddr;
use std::rc::Rc;

use embedded_nal::{UdpClientStack, UdpFullStack, nb};
use nal_socket::{UdpFull, UdpPolicy, UdpSocket};

use super::{AnyNetwork, Arrival, FakeError, FakeSocket, FakeStack, Op, Town, address, network};

pub type UdpNetwork = AnyNetwork<UdpFull<FakeStack>>;

pub fn with_udp(town: &Rc<Town>) -> UdpNetwork {
    network(town).with_udp_policy(UdpPolicy::new().classify(|error: &FakeError| error.0))
}

/// A socket on `line`; the log is empty.
pub fn bound<'n>(town: &Town, net: &'n UdpNetwork, line: u16) -> UdpSocket<&'n UdpNetwork> {
    let mut socket = UdpSocket::new(net);
    socket.bind(line).unwrap();
    town.calls();
    socket
}

impl UdpClientStack for FakeStack {
    type UdpSocket = FakeSocket;
    type Error = FakeError;

    fn socket(&mut self) -> Result<FakeSocket, FakeError> {
        Ok(FakeSocket(0))
    }

    fn connect(&mut self, _: &mut FakeSocket, _: SocketAddr) -> Result<(), FakeError> {
        Ok(())
    }

    fn send(&mut self, socket: &mut FakeSocket, data: &[u8]) -> nb::Result<(), FakeError> {
        self.send_to(socket, address(1), data)
    }

    fn receive(
        &mut self,
        socket: &mut FakeSocket,
        buf: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), FakeError> {
        self.0.note(socket.0, Op::Receive);
        let now = self.0.now.get();
        let arrival = self.0.line(socket.0, |line| match line.arrivals.front() {
            Some((at, _)) if *at <= now => line.arrivals.pop_front(),
            _ => None,
        });
        match arrival {
            Some((_, Arrival::Datagram(from, bytes))) => {
                let count = bytes.len().min(buf.len());
                buf[..count].copy_from_slice(&bytes[..count]);
                Ok((count, address(from)))
            }
            Some((_, Arrival::Fail(kind))) => Err(nb::Error::Other(FakeError(kind))),
            Some((_, other)) => panic!("{other:?} for a datagram socket"),
            None => Err(nb::Error::WouldBlock),
        }
    }

    fn close(&mut self, _: FakeSocket) -> Result<(), FakeError> {
        Ok(())
    }
}

impl UdpFullStack for FakeStack {
    fn bind(&mut self, socket: &mut FakeSocket, port: u16) -> Result<(), FakeError> {
        socket.0 = port;
        Ok(())
    }

    fn send_to(
        &mut self,
        socket: &mut FakeSocket,
        _: SocketAddr,
        data: &[u8],
    ) -> nb::Result<(), FakeError> {
        self.0.note(socket.0, Op::Send);
        let now = self.0.now.get();
        self.0.line(socket.0, |line| {
            if now < line.room_at {
                return Err(nb::Error::WouldBlock);
            }
            line.sent.extend(data);
            Ok(())
        })
    }
}
