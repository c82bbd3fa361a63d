//! `send`, `sendall` and `recv`.

use nal_socket::{ErrorKind, NetworkRef};

use crate::constants::{MSG_DONTWAIT, MSG_PEEK, MessageFlags};
use crate::os_error::OSError;
use crate::profile::TimedOutRecv;
use crate::socket::Socket;

impl<N: NetworkRef> Socket<N> {
    /// Sends text or bytes, once, and returns how many bytes were taken, which may be fewer than given.
    /// Waits for room within the timeout.
    ///
    /// # Errors
    ///
    /// `EPIPE` if not connected or no longer, `EBADF` if closed, `EAGAIN` on a non-blocking socket,
    /// `ETIMEDOUT`.
    pub fn send(&mut self, data: impl AsRef<[u8]>) -> Result<usize, OSError> {
        self.tcp
            .send(data.as_ref())
            .map_err(|error| OSError::send(&self.profile, error))
    }

    /// Sends all of it, piece by piece, each within the timeout. On a non-blocking socket use
    /// [`write`](Self::write), which tells how much was sent.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); part of the data may have gone.
    pub fn sendall(&mut self, data: impl AsRef<[u8]>) -> Result<(), OSError> {
        self.tcp
            .sendall(data.as_ref())
            .map_err(|error| OSError::send(&self.profile, error))
    }

    /// Receives what is there into `buf`, at least one byte, waiting for it within the timeout. 0 is
    /// the end of the stream, again and again, and under [`MAIXPY`](crate::MAIXPY) also a timeout.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` if not connected, `EBADF` if closed, `EAGAIN` on a non-blocking socket, `ETIMEDOUT`
    /// (not under MAIXPY), `ECONNRESET` once after the data that came before, `ENOBUFS` once where
    /// received bytes were lost, behind which receiving may go on. While connecting, how that fails.
    pub fn recv_into(&mut self, buf: &mut [u8]) -> Result<usize, OSError> {
        self.recv_into_flags(buf, MessageFlags::NONE)
    }

    /// The same with [`MSG_PEEK`] (the bytes stay to be received again; peeking again shows more as it
    /// comes, up to 512 bytes that the socket takes ahead) and [`MSG_DONTWAIT`].
    ///
    /// # Errors
    ///
    /// As [`recv_into`](Self::recv_into), and `EOPNOTSUPP` for other flags, which ports ignore or
    /// number differently.
    pub fn recv_into_flags(
        &mut self,
        buf: &mut [u8],
        flags: impl Into<MessageFlags>,
    ) -> Result<usize, OSError> {
        let flags = flags.into();
        if !flags.is_known() {
            return Err(OSError::unsupported(
                &self.profile,
                "recv does not know that flag; use MSG_PEEK, MSG_DONTWAIT, both or 0",
            ));
        }
        let received = match (flags.has(MSG_PEEK), flags.has(MSG_DONTWAIT)) {
            (false, false) => self.tcp.recv(buf),
            (false, true) => self.tcp.try_recv(buf),
            (true, false) => self.tcp.peek(buf),
            (true, true) => self.tcp.try_peek(buf),
        };
        received.or_else(|error| {
            // Only for a connection: while connecting, "empty" would mean that there was one.
            let empty = self.profile.timed_out_recv == TimedOutRecv::EmptyBytes
                && error.kind() == ErrorKind::TimedOut
                && self.tcp.is_connected();
            if empty { Ok(0) } else { Err(self.error(error)) }
        })
    }
}

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use nal_socket::{ErrorKind, NetworkRef};

    use crate::constants::MessageFlags;
    use crate::os_error::OSError;
    use crate::socket::Socket;

    /// More is not taken at once; the next call has the rest.
    const MOST_AT_ONCE: usize = 65_536;

    impl<N: NetworkRef> Socket<N> {
        /// Receives what is there, at most `bufsize` bytes (and 64 KiB); otherwise as
        /// [`recv_into`](Self::recv_into), with empty bytes for 0.
        ///
        /// # Errors
        ///
        /// As [`recv_into`](Self::recv_into), and `ENOMEM`.
        pub fn recv(&mut self, bufsize: usize) -> Result<Vec<u8>, OSError> {
            self.recv_flags(bufsize, MessageFlags::NONE)
        }

        /// The same with flags.
        ///
        /// # Errors
        ///
        /// As [`recv_into_flags`](Self::recv_into_flags), and `ENOMEM`.
        pub fn recv_flags(
            &mut self,
            bufsize: usize,
            flags: impl Into<MessageFlags>,
        ) -> Result<Vec<u8>, OSError> {
            let size = bufsize.min(MOST_AT_ONCE);
            let mut bytes = Vec::new();
            bytes
                .try_reserve_exact(size)
                .map_err(|_| self.error(ErrorKind::NoMemory.into()))?;
            bytes.resize(size, 0);
            let count = self.recv_into_flags(&mut bytes, flags)?;
            bytes.truncate(count);
            Ok(bytes)
        }
    }
}
