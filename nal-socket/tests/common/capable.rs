//! The same stack with every optional capability.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_nal::nb;
use nal_socket::capability::{Abort, Listening, LocalAddress, Shutdown, TcpOptions};
use nal_socket::{ErrorKind, SocketOption};

use super::{Call, FakeNetwork, FakeSocket, FakeStack, World, network};

pub const LOCAL: &str = "192.0.2.7:50000";

/// How the capabilities answer.
#[derive(Default)]
pub struct Script {
    /// Before this, every one is "not yet".
    pub ready_at: Cell<u64>,
    /// What every one fails with.
    pub error: Cell<Option<ErrorKind>>,
    /// The one option that is refused, and how.
    pub refused: Cell<Option<(SocketOption, ErrorKind)>>,
    /// The one option that does not exist.
    pub unknown: Cell<Option<SocketOption>>,
}

impl World {
    fn capability(&self, call: Call) -> nb::Result<(), ErrorKind> {
        self.log.borrow_mut().push(call);
        if self.now.get() < self.can.ready_at.get() {
            return Err(nb::Error::WouldBlock);
        }
        self.can
            .error
            .get()
            .map_or(Ok(()), |kind| Err(nb::Error::Other(kind)))
    }
}

impl Shutdown for FakeStack {
    fn shutdown_write(&mut self, socket: &mut FakeSocket) -> nb::Result<(), ErrorKind> {
        self.0.capability(Call::ShutdownWrite(socket.id))
    }
}

impl Abort for FakeStack {
    fn abort(&mut self, socket: &mut FakeSocket) -> Result<(), ErrorKind> {
        self.0.log.borrow_mut().push(Call::Abort(socket.id));
        self.0.can.error.get().map_or(Ok(()), Err)
    }
}

impl Listening for FakeStack {
    fn listening(&mut self, socket: &mut FakeSocket) -> nb::Result<(), ErrorKind> {
        self.0.capability(Call::Listening(socket.id))
    }
}

impl LocalAddress for FakeStack {
    fn local_address(&mut self, socket: &mut FakeSocket) -> nb::Result<SocketAddr, ErrorKind> {
        self.0.capability(Call::LocalAddress(socket.id))?;
        Ok(LOCAL.parse().unwrap())
    }
}

impl TcpOptions for FakeStack {
    fn set_tcp_option(
        &mut self,
        socket: &mut FakeSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        self.0.capability(Call::Option(socket.id, option))?;
        match self.0.can.refused.get() {
            Some((refused, kind)) if refused == option => Err(nb::Error::Other(kind)),
            _ => Ok(()),
        }
    }

    fn check_tcp_option(&mut self, option: SocketOption) -> Result<(), ErrorKind> {
        match self.0.can.unknown.get() {
            Some(unknown) if unknown == option => Err(ErrorKind::NotSupported),
            _ => Ok(()),
        }
    }
}

/// A network that has been told of all of them.
pub fn capable(world: &Rc<World>) -> FakeNetwork {
    network(world)
        .with_shutdown()
        .with_abort()
        .with_listening()
        .with_local_address()
        .with_tcp_options()
        .with_accepted(|stack, socket| {
            stack.0.log.borrow_mut().push(Call::Accepted(socket.id));
            stack.0.can.error.get().map_or(Ok(()), Err)
        })
}
