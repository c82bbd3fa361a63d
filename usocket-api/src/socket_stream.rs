//! `read`, `readinto`, `readline` and `write`: the stream interface.
//!
//! They differ from `recv` and `send` in two ways. They do not come back short on a blocking socket, and
//! on a non-blocking one "nothing yet" is not an error: `Ok(None)`, Python's `None`.
//!
//! A timeout is `ETIMEDOUT` in every profile, and what had been read by then is not lost: the next read
//! starts with it. (MicroPython loses it, its issue 3155; MaixPy returns it as if the stream had ended.)
//!
//! On a datagram socket each of them is one datagram: reading does not merge datagrams or cut them at
//! line ends, as MicroPython's stream loop does, which loses what follows.

use nal_socket::{Error, ErrorKind, NetworkRef};

use crate::departure::{datagram_departed, stream_departed};
use crate::os_error::OSError;
use crate::socket::{Socket, State};

impl<N: NetworkRef> Socket<N> {
    /// Fills `buf`. Fewer bytes mean the end of the stream, or on a non-blocking socket that no more
    /// are there; `None` that none at all are. For Python's `nbytes` pass a part of the buffer. An
    /// empty buffer is 0 without a look at the connection.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT` with the bytes kept; without the feature `alloc` at most
    /// [`LOOKAHEAD`](nal_socket::LOOKAHEAD) bytes can be, and if there were more their number is
    /// returned. `ENOTCONN`, `EBADF`, `ECONNRESET` once, `ENOBUFS` once where received bytes were lost.
    pub fn readinto(&self, buf: &mut [u8]) -> Result<Option<usize>, OSError> {
        self.read_by(|state| match state {
            _ if buf.is_empty() => Ok(0),
            State::Stream(tcp) => tcp.readinto(buf),
            State::Datagram(udp) => udp.recv(buf),
            _ => Err(ErrorKind::NotConnected.into()),
        })
    }

    /// Reads a line with its `\n` into `buf`, as much as fits; at the end of the stream what is left.
    ///
    /// # Errors
    ///
    /// As [`readinto`](Self::readinto).
    pub fn readline_into(&self, buf: &mut [u8]) -> Result<Option<usize>, OSError> {
        self.read_by(|state| match state {
            _ if buf.is_empty() => Ok(0),
            State::Stream(tcp) => tcp.readline(buf),
            State::Datagram(udp) => udp.recv(buf),
            _ => Err(ErrorKind::NotConnected.into()),
        })
    }

    /// Writes text or bytes, all of it; on a non-blocking socket as much as goes, and `None` if nothing
    /// does. Nothing to write is 0 without a look at the connection.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), except `EAGAIN`; a timeout is `ETIMEDOUT` in every profile. Part of the
    /// data may have gone.
    pub fn write(&self, data: impl AsRef<[u8]>) -> Result<Option<usize>, OSError> {
        let data = data.as_ref();
        self.with_open(|state| {
            let written = match state {
                _ if data.is_empty() => return Ok(Some(0)),
                State::Stream(tcp) => tcp
                    .write(data)
                    .and_then(|count| stream_departed(tcp, count)),
                State::Datagram(udp) => match udp.send(data) {
                    Err(error) if error.kind() == ErrorKind::NotConnected => {
                        return Err(self.error(error));
                    }
                    sent => sent.map(|count| datagram_departed(udp, count)),
                },
                _ => return Err(self.kind_error(ErrorKind::BrokenPipe)),
            };
            match written {
                Ok(count) => Ok(Some(count)),
                Err(error) => match error.kind() {
                    ErrorKind::WouldBlock => Ok(None),
                    ErrorKind::NotConnected => Err(OSError::unsent(&self.profile, error)),
                    _ => Err(self.error(error)),
                },
            }
        })
    }

    fn read_by<T>(
        &self,
        read: impl FnOnce(&mut State<N>) -> Result<T, Error>,
    ) -> Result<Option<T>, OSError> {
        self.with_open(|state| match read(state) {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(self.error(error)),
        })
    }
}

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use nal_socket::{Error, ErrorKind, NetworkRef, UdpSocket};

    use crate::os_error::OSError;
    use crate::size::Size;
    use crate::socket::{DATAGRAM, Socket, State};

    /// No datagram is longer.
    const LONGEST: usize = 65_535;

    impl<N: NetworkRef> Socket<N> {
        /// Reads `size` bytes, or with `None` or -1 everything until the end of the stream; otherwise
        /// as [`readinto`](Self::readinto).
        ///
        /// # Errors
        ///
        /// As [`readinto`](Self::readinto), and `ENOMEM` with the bytes kept, also for a size below -1.
        pub fn read(&self, size: impl Into<Size>) -> Result<Option<Vec<u8>>, OSError> {
            let size = size.into().bytes_or_all();
            self.read_by(|state| match (size, state) {
                (None, _) => Err(ErrorKind::NoMemory.into()),
                (Some(0), _) => Ok(Vec::new()),
                (Some(size), State::Stream(tcp)) => tcp.read_vec(size),
                (Some(size), State::Datagram(udp)) => datagram(udp, size),
                _ => Err(ErrorKind::NotConnected.into()),
            })
        }

        /// Reads a line with its `\n`; otherwise as [`readline_into`](Self::readline_into).
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        pub fn readline(&self) -> Result<Option<Vec<u8>>, OSError> {
            self.readline_limit(Size::ALL)
        }

        /// The same with at most `size` bytes; `None` and -1 are no limit. (Neither document has this
        /// argument; the ports take it.)
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        pub fn readline_limit(&self, size: impl Into<Size>) -> Result<Option<Vec<u8>>, OSError> {
            let size = size.into().bytes_or_all();
            self.read_by(|state| match (size, state) {
                (None, _) => Err(ErrorKind::NoMemory.into()),
                (Some(0), _) => Ok(Vec::new()),
                (Some(usize::MAX), State::Stream(tcp)) => tcp.readline_vec(None),
                (Some(size), State::Stream(tcp)) => tcp.readline_vec(Some(size)),
                (Some(size), State::Datagram(udp)) => datagram(udp, size),
                _ => Err(ErrorKind::NotConnected.into()),
            })
        }
    }

    fn datagram<N: NetworkRef>(
        udp: &mut UdpSocket<N, DATAGRAM>,
        size: usize,
    ) -> Result<Vec<u8>, Error> {
        let size = size.min(LONGEST);
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(size)
            .map_err(|_| Error::new(ErrorKind::NoMemory))?;
        bytes.resize(size, 0);
        let count = udp.recv(&mut bytes)?;
        bytes.truncate(count);
        Ok(bytes)
    }
}
