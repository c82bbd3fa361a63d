//! `embedded_io` on sockets, for crates that take any stream.
//!
//! `read` is `recv`, and a timeout is an error in every profile: for `embedded_io`, nothing read is the
//! end.

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use nal_socket::{Error, ErrorKind, Events, NetworkRef, Pollable};

use crate::os_error::OSError;
use crate::socket::{Socket, State};

impl<N: NetworkRef> ErrorType for Socket<N> {
    type Error = OSError;
}

impl<N: NetworkRef> Read for Socket<N> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, OSError> {
        (&mut &*self).read(buf)
    }
}

impl<N: NetworkRef> Write for Socket<N> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, OSError> {
        (&mut &*self).write(buf)
    }

    fn flush(&mut self) -> Result<(), OSError> {
        (&mut &*self).flush()
    }
}

impl<N: NetworkRef> ReadReady for Socket<N> {
    fn read_ready(&mut self) -> Result<bool, OSError> {
        (&mut &*self).read_ready()
    }
}

impl<N: NetworkRef> WriteReady for Socket<N> {
    fn write_ready(&mut self) -> Result<bool, OSError> {
        (&mut &*self).write_ready()
    }
}

impl<N: NetworkRef> ErrorType for &Socket<N> {
    type Error = OSError;
}

impl<N: NetworkRef> Read for &Socket<N> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, OSError> {
        self.with_open(|state| {
            let received = match state {
                // Would wait for a connection or take a datagram.
                _ if buf.is_empty() => Ok(0),
                State::Stream(tcp) => tcp.recv(buf),
                State::Datagram(udp) => udp.recv(buf),
                _ => Err(Error::new(ErrorKind::NotConnected)),
            };
            received.map_err(|error| self.error(error))
        })
    }
}

impl<N: NetworkRef> Write for &Socket<N> {
    fn write(&mut self, buf: &[u8]) -> Result<usize, OSError> {
        if buf.is_empty() {
            return self.check_open().map(|()| 0);
        }
        self.send(buf)
    }

    fn flush(&mut self) -> Result<(), OSError> {
        self.with_open(|state| match state {
            State::Stream(tcp) => tcp.flush().map_err(|error| self.error(error)),
            State::Datagram(udp) => udp.flush().map_err(|error| self.error(error)),
            _ => Ok(()),
        })
    }
}

impl<N: NetworkRef> ReadReady for &Socket<N> {
    fn read_ready(&mut self) -> Result<bool, OSError> {
        self.ready(Events::IN)
    }
}

impl<N: NetworkRef> WriteReady for &Socket<N> {
    fn write_ready(&mut self) -> Result<bool, OSError> {
        self.ready(Events::OUT)
    }
}

impl<N: NetworkRef> Socket<N> {
    fn ready(&self, wanted: Events) -> Result<bool, OSError> {
        self.with_open(|state| {
            let look = state.look(wanted).map_err(|error| self.error(error))?;
            Ok(look.ready().intersects(wanted))
        })
    }
}
