//! TCP connections on the host's sockets.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, TryRecvError};

use super::HostNetwork;
use super::dial::Failure;
use crate::network::{Event, SocketId};

/// Largest piece handed to the modem at once: an Ethernet segment.
const SEGMENT: usize = 1_460;

#[derive(Debug)]
pub(super) struct Socket {
    pub(super) state: State,
    pub(super) room: usize,
    pub(super) unsent: VecDeque<u8>,
    unreported: usize,
    finished: bool,
    /// The modem has closed it; only what it sent before is still to go out.
    pub(super) closing: bool,
}

impl Socket {
    pub(super) fn new(state: State, room: usize) -> Self {
        Self {
            state,
            room,
            unsent: VecDeque::new(),
            unreported: 0,
            finished: false,
            closing: false,
        }
    }
}

#[derive(Debug)]
pub(super) enum State {
    Connecting(Receiver<Result<TcpStream, Failure>>),
    Open(TcpStream),
}

impl HostNetwork {
    /// Reads what one socket has.
    pub(super) fn read(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let State::Open(stream) = &mut socket.state else {
            return;
        };
        if socket.finished || socket.closing || socket.room == 0 {
            return;
        }
        let mut buffer = [0; SEGMENT];
        let most = socket.room.min(SEGMENT);
        match stream.read(&mut buffer[..most]) {
            Ok(0) => {
                socket.finished = true;
                self.events.push_back(Event::Finished(id));
            }
            Ok(length) => {
                socket.room -= length;
                self.events
                    .push_back(Event::Data(id, buffer[..length].to_vec()));
            }
            Err(error) if passing(&error) => {}
            Err(_) => self.broken(id),
        }
    }

    /// Writes what one socket will take.
    pub(super) fn write(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let State::Open(stream) = &mut socket.state else {
            return;
        };
        while !socket.unsent.is_empty() {
            match stream.write(socket.unsent.as_slices().0) {
                Ok(0) => break,
                Ok(length) => {
                    socket.unsent.drain(..length);
                    socket.unreported += length;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if passing(&error) => break,
                Err(_) => {
                    self.broken(id);
                    return;
                }
            }
        }
        if socket.closing {
            if socket.unsent.is_empty() {
                self.shut(id);
            }
        } else if socket.unreported > 0 {
            let bytes = std::mem::take(&mut socket.unreported);
            self.events.push_back(Event::Acked(id, bytes));
        }
    }

    pub(super) fn broken(&mut self, id: SocketId) {
        if self
            .sockets
            .remove(&id)
            .is_some_and(|socket| !socket.closing)
        {
            self.events.push_back(Event::Reset(id));
        }
    }

    pub(super) fn shut(&mut self, id: SocketId) {
        if let Some(Socket {
            state: State::Open(stream),
            ..
        }) = self.sockets.remove(&id)
        {
            // Reading on would be needed to spare the peer a reset; a modem does not do it either.
            let _ = stream.shutdown(Shutdown::Write);
        }
    }

    pub(super) fn connecting(&mut self, id: SocketId) {
        let Some(socket) = self.sockets.get_mut(&id) else {
            return;
        };
        let State::Connecting(answer) = &socket.state else {
            return;
        };
        match answer.try_recv() {
            Ok(Ok(stream)) => {
                socket.state = State::Open(stream);
                self.events.push_back(Event::Connected(id));
            }
            Err(TryRecvError::Empty) => {}
            Ok(Err(Failure::Silence)) => {
                // The modem has its own limit.
                socket.finished = true;
            }
            Ok(Err(Failure::Forbidden(place))) => {
                self.forbidden.tell(self.polled, &place);
                self.refused(id);
            }
            Ok(Err(Failure::Refused)) => self.refused(id),
            Err(TryRecvError::Disconnected) => {
                if !socket.finished {
                    self.refused(id);
                }
            }
        }
    }

    pub(super) fn refused(&mut self, id: SocketId) {
        self.sockets.remove(&id);
        self.events.push_back(Event::Refused(id));
    }
}

fn passing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
