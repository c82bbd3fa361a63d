//! The stack's TCP.

use std::collections::VecDeque;
use std::net::SocketAddr;

use embedded_nal::{TcpClientStack, TcpFullStack, nb};
use nal_socket::ErrorKind;
use nal_socket::conformance::peer::Session;

use super::{
    BUFFER, Connection, Fault, Listener, PEER, SERVER, SILENT, SOCKETS, SPEAKS_FIRST, Sim,
    SimError, World, other,
};

pub(super) enum State {
    Fresh,
    /// Since when.
    Connecting(u64),
    Connected(usize),
    Bound(u16),
    Listening(usize),
}

pub struct TcpSocket {
    pub(super) state: State,
    child: bool,
}

/// How often who wants a socket is refused until those that linger are there again.
const LINGERS: usize = 3;

impl World {
    fn take_socket(&mut self) -> Result<(), SimError> {
        if self.taken >= SOCKETS {
            self.refusals += 1;
            if self.refusals >= LINGERS {
                self.refusals = 0;
                self.taken -= std::mem::take(&mut self.lingering);
            }
            return Err(SimError(if self.is(Fault::NoSocketIsOther) {
                ErrorKind::Other
            } else {
                ErrorKind::NoSockets
            }));
        }
        self.taken += 1;
        Ok(())
    }

    fn open(&mut self, port: u16) -> usize {
        self.connections.push(Connection {
            session: Some(match port {
                SPEAKS_FIRST => Session::speaking_first(),
                _ => Session::new(),
            }),
            ..Connection::default()
        });
        self.connections.len() - 1
    }
}

impl TcpClientStack for Sim {
    type TcpSocket = TcpSocket;
    type Error = SimError;

    fn socket(&mut self) -> Result<TcpSocket, SimError> {
        self.0.borrow_mut().take_socket()?;
        Ok(TcpSocket {
            state: State::Fresh,
            child: false,
        })
    }

    fn connect(&mut self, socket: &mut TcpSocket, remote: SocketAddr) -> nb::Result<(), SimError> {
        let mut world = self.0.borrow_mut();
        let since = match socket.state {
            State::Connecting(since) => since,
            _ => {
                socket.state = State::Connecting(world.now);
                world.now
            }
        };
        if remote.is_ipv6() && !world.is(Fault::OtherFamilyIsSilent) {
            return other(ErrorKind::AddressFamily);
        }
        // An answer takes a moment.
        if world.now == since {
            return Err(nb::Error::WouldBlock);
        }
        if world.is(Fault::ConnectingIsOther) {
            return other(ErrorKind::Other);
        }
        if remote.ip() == SILENT && world.is(Fault::SilentIsOther) {
            return other(ErrorKind::HostUnreachable);
        }
        if remote.ip() != PEER {
            return Err(nb::Error::WouldBlock);
        }
        let serves = matches!(remote.port(), SERVER | SPEAKS_FIRST);
        let refuses = serves && std::mem::take(&mut world.refusing);
        match remote.port() {
            SERVER | SPEAKS_FIRST if !refuses => {
                socket.state = State::Connected(world.open(remote.port()));
                Ok(())
            }
            _ if world.is(Fault::RefusedIsOk) => {
                let at = world.open(remote.port());
                world.connections[at].session = None;
                world.connections[at].peer_ended = true;
                socket.state = State::Connected(at);
                Ok(())
            }
            _ if world.is(Fault::RefusedIsOther) => other(ErrorKind::Other),
            _ => {
                world.refusing = world.is(Fault::RefusalSticks) && !serves;
                other(ErrorKind::ConnectionRefused)
            }
        }
    }

    fn send(&mut self, socket: &mut TcpSocket, data: &[u8]) -> nb::Result<usize, SimError> {
        let mut world = self.0.borrow_mut();
        let State::Connected(at) = socket.state else {
            return other(ErrorKind::NotConnected);
        };
        if world.is(Fault::BlocksWhenFull) {
            while !data.is_empty() && world.connections[at].to_peer.len() == BUFFER {
                world.idle(None);
            }
        }
        let fault = world.fault;
        let known = &mut world.connections[at];
        if known.reset || known.client_closed {
            return other(ErrorKind::BrokenPipe);
        }
        if fault == Fault::EndIsBothWays && known.peer_ended {
            return other(ErrorKind::BrokenPipe);
        }
        if data.is_empty() {
            return match fault {
                Fault::EmptySendFails => other(ErrorKind::Other),
                _ if known.to_peer.is_empty() => Ok(0),
                _ => Err(nb::Error::WouldBlock),
            };
        }
        if fault == Fault::HalfDuplex && !known.to_client.is_empty() {
            return other(ErrorKind::Other);
        }
        let room = match fault {
            Fault::NeverFull => usize::MAX,
            _ => BUFFER - known.to_peer.len(),
        };
        let count = data.len().min(room);
        if count == 0 {
            return match fault {
                Fault::FullIsOther => other(ErrorKind::Other),
                _ => Err(nb::Error::WouldBlock),
            };
        }
        for byte in &data[..count] {
            known.sent += 1;
            if fault != Fault::LosesByte600 || known.sent != 600 {
                known.to_peer.push_back(*byte);
            }
        }
        match fault {
            Fault::TakesWithoutSaying if count < data.len() => Err(nb::Error::WouldBlock),
            _ => Ok(count),
        }
    }

    fn receive(&mut self, socket: &mut TcpSocket, buf: &mut [u8]) -> nb::Result<usize, SimError> {
        let mut world = self.0.borrow_mut();
        let State::Connected(mut at) = socket.state else {
            return other(ErrorKind::NotConnected);
        };
        if world.is(Fault::CrossTalk) {
            let newest = world
                .connections
                .iter()
                .rposition(|known| !known.client_gone);
            at = newest.unwrap_or(at);
        }
        if socket.child && world.is(Fault::ChildBlocks) {
            let waits = |known: &Connection| known.to_client.is_empty() && !known.peer_ended;
            while waits(&world.connections[at]) {
                world.idle(None);
            }
        }
        let (fault, now) = (world.fault, world.now);
        let known = &mut world.connections[at];
        if fault == Fault::DropsWhatIsEarly && known.sent == 0 {
            known.to_client.clear();
        }
        if fault == Fault::DropsUnreadAtEnd && known.peer_ended {
            known.to_client.clear();
        }
        let waits = fault == Fault::WaitsForAll
            && known.to_client.len() < buf.len()
            && !known.peer_ended
            && !known.reset;
        if known.to_client.is_empty() || waits {
            return match fault {
                _ if known.reset => match fault {
                    Fault::ResetIsEnd => Ok(0),
                    Fault::ResetIsOther => other(ErrorKind::Other),
                    _ => other(ErrorKind::ConnectionReset),
                },
                Fault::EmptyIsReset if known.peer_ended && known.received == 0 => {
                    other(ErrorKind::ConnectionReset)
                }
                Fault::ZeroIsNothingYet if known.peer_ended => other(ErrorKind::BrokenPipe),
                Fault::ZeroIsNothingYet => Ok(0),
                Fault::NeverEnds => Err(nb::Error::WouldBlock),
                _ if known.peer_ended => Ok(0),
                Fault::PauseIsEnd if known.received > 0 && now > known.latest_arrival => Ok(0),
                Fault::GivesUpEarly if now > known.latest_arrival + 10_000 => {
                    other(ErrorKind::TimedOut)
                }
                _ => Err(nb::Error::WouldBlock),
            };
        }
        let mut count = known.to_client.len().min(buf.len());
        for (space, byte) in buf.iter_mut().zip(known.to_client.drain(..count)) {
            known.received += 1;
            *space = byte;
            if fault == Fault::CorruptsByte600 && known.received == 600 {
                *space ^= 1;
            }
        }
        if fault == Fault::DoublesSingleBytes && buf.len() == 1 && known.received == 100 {
            known.to_client.push_front(buf[0]);
        }
        if fault == Fault::CutsLongReads && buf.len() >= 16 && count > 1 {
            count -= 1;
        }
        Ok(count)
    }

    fn close(&mut self, socket: TcpSocket) -> Result<(), SimError> {
        let mut world = self.0.borrow_mut();
        let leaks = match socket.state {
            State::Fresh | State::Bound(_) => false,
            State::Connecting(_) => world.is(Fault::ConnectingLingers),
            State::Connected(at) => {
                let (fault, now) = (world.fault, world.now);
                let known = &mut world.connections[at];
                known.client_closed = true;
                known.client_gone = true;
                known.to_client.clear();
                known.wake = Some(now);
                if fault == Fault::CloseDropsUnsent {
                    known.to_peer.clear();
                }
                known.client_broke |= fault == Fault::CloseBreaks;
                fault == Fault::CloseLingers
            }
            State::Listening(at) => {
                if let Some(listener) = world.listeners[at].take()
                    && world.is(Fault::PortLeaks)
                {
                    world.leaked_ports.push(listener.port);
                }
                false
            }
        };
        if leaks {
            world.lingering += 1;
        } else {
            world.taken -= 1;
        }
        match world.fault {
            Fault::CloseFails => Err(SimError(ErrorKind::Other)),
            _ => Ok(()),
        }
    }
}

impl TcpFullStack for Sim {
    fn bind(&mut self, socket: &mut TcpSocket, port: u16) -> Result<(), SimError> {
        let world = self.0.borrow();
        let mut listeners = world.listeners.iter().flatten();
        if listeners.any(|listener| listener.port == port) || world.leaked_ports.contains(&port) {
            return Err(SimError(ErrorKind::AddressInUse));
        }
        socket.state = State::Bound(port);
        Ok(())
    }

    fn listen(&mut self, socket: &mut TcpSocket) -> Result<(), SimError> {
        let State::Bound(port) = socket.state else {
            return Err(SimError(ErrorKind::InvalidInput));
        };
        let mut world = self.0.borrow_mut();
        world.listeners.push(Some(Listener {
            port,
            waiting: VecDeque::new(),
            children: 0,
        }));
        socket.state = State::Listening(world.listeners.len() - 1);
        Ok(())
    }

    fn accept(&mut self, socket: &mut TcpSocket) -> nb::Result<(TcpSocket, SocketAddr), SimError> {
        let mut world = self.0.borrow_mut();
        let State::Listening(at) = socket.state else {
            return other(ErrorKind::InvalidInput);
        };
        let waiting = world.listeners[at].as_mut().map(|known| &mut known.waiting);
        let Some(connection) = waiting.and_then(VecDeque::pop_front) else {
            return match world.fault {
                Fault::NoneToAcceptIsOther => other(ErrorKind::Other),
                _ => Err(nb::Error::WouldBlock),
            };
        };
        world.take_socket().map_err(nb::Error::Other)?;
        let child = TcpSocket {
            state: State::Connected(connection),
            child: true,
        };
        let from = match world.fault {
            Fault::AcceptTellsNobody => ([0, 0, 0, 0], 0).into(),
            _ => (PEER, 40_000).into(),
        };
        Ok((child, from))
    }
}
