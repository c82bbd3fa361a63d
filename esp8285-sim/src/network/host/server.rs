//! The modem's server on the host's sockets.

use std::collections::VecDeque;
use std::net::{SocketAddr, SocketAddrV4, TcpListener, TcpStream};

use super::{HostNetwork, Socket, State, dial};
use crate::network::{Accepted, Event, SocketId};

/// A listener, and the connections the modem has been told of.
#[derive(Debug)]
pub(super) struct Listener {
    socket: TcpListener,
    backlog: usize,
    window: usize,
    waiting: VecDeque<(TcpStream, SocketAddrV4)>,
}

impl HostNetwork {
    /// Offers the modem's server on another port of the host, for ports the host does not give away, such as 80.
    #[must_use]
    pub fn forward(mut self, modem_port: u16, host_port: u16) -> Self {
        self.forwards.push((modem_port, host_port));
        self
    }

    pub(super) fn open_listener(
        &mut self,
        port: u16,
        backlog: usize,
        window: usize,
    ) -> Option<SocketId> {
        let forward = self.forwards.iter().rev().find(|&&(from, _)| from == port);
        let port = forward.map_or(port, |&(_, to)| to);
        let socket = TcpListener::bind((self.own_address(), port)).ok()?;
        socket.set_nonblocking(true).ok()?;
        let id = SocketId(self.name());
        let listener = Listener {
            socket,
            backlog: backlog.max(1),
            window,
            waiting: VecDeque::new(),
        };
        self.listeners.insert(id, listener);
        Some(id)
    }

    /// Looks for new connections.
    pub(super) fn hear_knocks(&mut self) {
        for (&id, listener) in &mut self.listeners {
            if listener.waiting.len() >= listener.backlog {
                continue;
            }
            let Ok((stream, SocketAddr::V4(remote))) = listener.socket.accept() else {
                continue;
            };
            if let Ok(stream) = dial::ready(stream) {
                listener.waiting.push_back((stream, remote));
                self.events.push_back(Event::Incoming(id));
            }
        }
    }

    pub(super) fn accept_waiting(&mut self, listener: SocketId) -> Option<Accepted> {
        let listener = self.listeners.get_mut(&listener)?;
        let (stream, remote) = listener.waiting.pop_front()?;
        let window = listener.window;
        let socket = SocketId(self.name());
        self.sockets
            .insert(socket, Socket::new(State::Open(stream), window));
        Some(Accepted { socket, remote })
    }
}
