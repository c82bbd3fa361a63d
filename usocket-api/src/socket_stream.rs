//! `read`, `readinto`, `readline` and `write`: the stream interface.
//!
//! They differ from `recv` and `send` in two ways. They do not come back short on a blocking socket, and
//! on a non-blocking one "nothing yet" is not an error: `Ok(None)`, Python's `None`.
//!
//! A timeout is `ETIMEDOUT` in every profile, and what had been read by then is not lost: the next read
//! starts with it. (MicroPython loses it, its issue 3155; MaixPy returns it as if the stream had ended.)

use nal_socket::{Error, ErrorKind, NetworkRef};

use crate::os_error::OSError;
use crate::socket::Socket;

impl<N: NetworkRef> Socket<N> {
    /// Fills `buf`. Fewer bytes mean the end of the stream, or on a non-blocking socket that no more
    /// are there; `None` that none at all are. For Python's `nbytes` pass a part of the buffer.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT` with the bytes kept; without the feature `alloc` at most
    /// [`LOOKAHEAD`](nal_socket::LOOKAHEAD) bytes can be, and if there were more their number is
    /// returned. `ENOTCONN`, `EBADF`, `ECONNRESET` once, `ENOBUFS` once where received bytes were lost.
    pub fn readinto(&mut self, buf: &mut [u8]) -> Result<Option<usize>, OSError> {
        let read = self.tcp.readinto(buf);
        self.none_if_would_block(read)
    }

    /// Reads a line with its `\n` into `buf`, as much as fits; at the end of the stream what is left.
    ///
    /// # Errors
    ///
    /// As [`readinto`](Self::readinto).
    pub fn readline_into(&mut self, buf: &mut [u8]) -> Result<Option<usize>, OSError> {
        let read = self.tcp.readline(buf);
        self.none_if_would_block(read)
    }

    /// Writes text or bytes, all of it; on a non-blocking socket as much as goes, and `None` if nothing
    /// does. Nothing to write is 0 without a look at the socket.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), except `EAGAIN`. Part of the data may have gone.
    pub fn write(&mut self, data: impl AsRef<[u8]>) -> Result<Option<usize>, OSError> {
        let data = data.as_ref();
        if data.is_empty() {
            return Ok(Some(0));
        }
        match self.tcp.write(data) {
            Ok(count) => Ok(Some(count)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(OSError::send(&self.profile, error)),
        }
    }

    fn none_if_would_block<T>(&self, read: Result<T, Error>) -> Result<Option<T>, OSError> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(self.error(error)),
        }
    }
}

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use nal_socket::NetworkRef;

    use crate::os_error::OSError;
    use crate::socket::Socket;

    impl<N: NetworkRef> Socket<N> {
        /// Reads `size` bytes, or with `None` everything until the end of the stream; otherwise as
        /// [`readinto`](Self::readinto).
        ///
        /// # Errors
        ///
        /// As [`readinto`](Self::readinto), and `ENOMEM` with the bytes kept.
        pub fn read(&mut self, size: impl Into<Option<usize>>) -> Result<Option<Vec<u8>>, OSError> {
            let read = self.tcp.read_vec(size.into().unwrap_or(usize::MAX));
            self.none_if_would_block(read)
        }

        /// Reads a line with its `\n`; otherwise as [`readline_into`](Self::readline_into).
        ///
        /// # Errors
        ///
        /// As [`read`](Self::read).
        pub fn readline(&mut self) -> Result<Option<Vec<u8>>, OSError> {
            let read = self.tcp.readline_vec(None);
            self.none_if_would_block(read)
        }
    }
}
