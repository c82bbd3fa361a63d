//! The stack's UDP.

use std::net::SocketAddr;

use embedded_nal::{UdpClientStack, UdpFullStack, nb};
use nal_socket::ErrorKind;
use nal_socket::conformance::peer::datagram;

use super::{Datagrams, Fault, MORE_DATAGRAMS, PEER, SERVER, Sim, SimError, World, other};

pub struct UdpSocket(usize);

impl World {
    pub(super) fn answer_datagrams(&mut self) -> bool {
        let moved = !self.requests.is_empty();
        while let Some((at, to, request)) = self.requests.pop_front() {
            let mut out = [0; 1500];
            let replies = datagram(&request, &mut out);
            let (port, another) = match to.port() {
                SERVER => (SERVER, MORE_DATAGRAMS),
                MORE_DATAGRAMS => (MORE_DATAGRAMS, SERVER),
                _ => continue,
            };
            let from = match replies.from_other_port {
                true => another,
                false => port,
            };
            let last = to;
            for _ in 0..replies.count {
                let fault = self.fault;
                let mut reply = out[..replies.length].to_vec();
                let Some(socket) = self.udp[at].as_mut() else {
                    break;
                };
                let from = match fault {
                    Fault::SenderIsNobody => ([0, 0, 0, 0], 0).into(),
                    Fault::SenderIsLastPeer => last,
                    _ => (PEER, from).into(),
                };
                if fault == Fault::CutsAt512 {
                    reply.truncate(512);
                }
                if fault == Fault::EmptyIsLost && reply.is_empty() {
                    continue;
                }
                match socket.arrived.back_mut() {
                    Some((waiting, _)) if fault == Fault::MergesDatagrams => waiting.extend(reply),
                    _ => socket.arrived.push_back((reply, from)),
                }
            }
        }
        moved
    }

    fn socket_at(&mut self, socket: &UdpSocket) -> &mut Datagrams {
        self.udp[socket.0].as_mut().unwrap()
    }

    pub(super) fn free_port(&mut self) -> u16 {
        self.next_port += 1;
        self.next_port
    }
}

impl UdpClientStack for Sim {
    type UdpSocket = UdpSocket;
    type Error = SimError;

    fn socket(&mut self) -> Result<UdpSocket, SimError> {
        let mut world = self.0.borrow_mut();
        world.udp.push(Some(Datagrams::default()));
        Ok(UdpSocket(world.udp.len() - 1))
    }

    fn connect(&mut self, socket: &mut UdpSocket, remote: SocketAddr) -> Result<(), SimError> {
        let mut world = self.0.borrow_mut();
        let port = world.free_port();
        let socket = world.socket_at(socket);
        socket.port = port;
        socket.remote = Some(remote);
        Ok(())
    }

    fn send(&mut self, socket: &mut UdpSocket, data: &[u8]) -> nb::Result<(), SimError> {
        let remote = self.0.borrow_mut().socket_at(socket).remote;
        match remote {
            Some(remote) => self.send_to(socket, remote, data),
            None => other(ErrorKind::NotConnected),
        }
    }

    fn receive(
        &mut self,
        socket: &mut UdpSocket,
        buf: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), SimError> {
        let mut world = self.0.borrow_mut();
        let fault = world.fault;
        if fault == Fault::FailsOnLongBuffers && buf.len() > 64 {
            return other(ErrorKind::Other);
        }
        match world.socket_at(socket).arrived.pop_front() {
            Some((data, from)) => {
                let count = data.len().min(buf.len());
                buf[..count].copy_from_slice(&data[..count]);
                Ok((count, from))
            }
            None if fault == Fault::NoDatagramIsEmpty => Ok((0, (PEER, SERVER).into())),
            None => Err(nb::Error::WouldBlock),
        }
    }

    fn close(&mut self, socket: UdpSocket) -> Result<(), SimError> {
        self.0.borrow_mut().udp[socket.0] = None;
        Ok(())
    }
}

impl UdpFullStack for Sim {
    fn bind(&mut self, socket: &mut UdpSocket, port: u16) -> Result<(), SimError> {
        let mut world = self.0.borrow_mut();
        let taken = world.udp.iter().flatten().any(|known| known.port == port);
        if port != 0 && taken && !world.is(Fault::BindsTwice) {
            return Err(SimError(ErrorKind::AddressInUse));
        }
        let port = match port {
            0 => world.free_port(),
            port => port,
        };
        world.socket_at(socket).port = port;
        Ok(())
    }

    fn send_to(
        &mut self,
        socket: &mut UdpSocket,
        remote: SocketAddr,
        data: &[u8],
    ) -> nb::Result<(), SimError> {
        let mut world = self.0.borrow_mut();
        let only_one = world.is(Fault::OnePeerOnly);
        let known = world.socket_at(socket);
        let first = *known.first.get_or_insert(remote);
        let to = if only_one { first } else { remote };
        world.requests.push_back((socket.0, to, data.to_vec()));
        Ok(())
    }
}
