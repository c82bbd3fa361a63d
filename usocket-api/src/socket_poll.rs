//! What a poller asks of a socket.

use nal_socket::{Error, ErrorKind, Events, Look, NetworkRef, Pollable};

use crate::socket::{Socket, State};
use crate::uselect::Stream;

impl<N: NetworkRef> Pollable for State<N> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        match self {
            Self::Stream(tcp) => tcp.look(wanted),
            Self::Server(server) => server.listener.look(wanted),
            Self::Datagram(udp) => udp.look(wanted),
            Self::Closed => Ok(Look::new(Events::NVAL)),
        }
    }
}

/// A socket that is in use further up the call chain is [`ErrorKind::Busy`].
impl<N: NetworkRef> Stream for Socket<N> {
    fn look(&self, wanted: Events) -> Result<Look, Error> {
        match self.state.try_borrow_mut() {
            Ok(mut state) => state.look(wanted),
            Err(_) => Err(Error::new(ErrorKind::Busy)),
        }
    }
}

/// For [`Network::poll`](nal_socket::Network::poll).
impl<N: NetworkRef> Pollable for &Socket<N> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        Stream::look(*self, wanted)
    }
}
