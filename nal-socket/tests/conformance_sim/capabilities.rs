//! What the stack adds to embedded-nal's traits.

use std::net::SocketAddr;

use embedded_nal::nb;
use nal_socket::ErrorKind;
use nal_socket::capability::{Abort, LocalAddress, Shutdown};

use super::stream::{State, TcpSocket};
use super::{Fault, Sim};

impl Shutdown for Sim {
    fn shutdown_write(&mut self, socket: &mut TcpSocket) -> nb::Result<(), ErrorKind> {
        let mut world = self.0.borrow_mut();
        let fault = world.fault;
        let State::Connected(at) = socket.state else {
            return Err(nb::Error::Other(ErrorKind::NotConnected));
        };
        let known = &mut world.connections[at];
        known.client_closed = fault != Fault::HalfCloseIsNothing;
        known.client_gone = fault == Fault::HalfCloseIsClose;
        if known.client_gone {
            known.to_client.clear();
        }
        Ok(())
    }
}

impl Abort for Sim {
    fn abort(&mut self, socket: &mut TcpSocket) -> Result<(), ErrorKind> {
        let mut world = self.0.borrow_mut();
        let breaks = !world.is(Fault::AbortIsClose);
        if let State::Connected(at) = socket.state {
            world.connections[at].client_broke = breaks;
        }
        Ok(())
    }
}

impl LocalAddress for Sim {
    fn local_address(&mut self, socket: &mut TcpSocket) -> nb::Result<SocketAddr, ErrorKind> {
        let mut world = self.0.borrow_mut();
        let State::Connected(at) = socket.state else {
            return Err(nb::Error::Other(ErrorKind::NotConnected));
        };
        let port = match world.fault {
            Fault::LocalIsNobody => return Ok(([0, 0, 0, 0], 0).into()),
            Fault::LocalChanges => world.free_port(),
            _ => 30_000 + at as u16,
        };
        Ok(([192, 0, 2, 50], port).into())
    }
}
