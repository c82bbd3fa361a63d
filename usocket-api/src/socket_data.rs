//! `send`, `sendall`, `sendto`, `recv` and `recvfrom`.

use core::time::Duration;

use nal_socket::{Error, ErrorKind, NetworkRef, TcpSocket};

use crate::constants::{MSG_DONTWAIT, MSG_PEEK, MessageFlags};
use crate::departure::{datagram_departed, stream_departed};
use crate::os_error::OSError;
use crate::profile::TimedOutRecv;
use crate::sock_addr::{IntoSockAddr, SockAddr};
use crate::socket::{Socket, State};

impl<N: NetworkRef> Socket<N> {
    /// Sends text or bytes, once, and returns how many bytes were taken, which may be fewer than given.
    /// Waits for room within the timeout. A datagram socket sends one datagram, all of it, to where it
    /// was connected.
    ///
    /// A blocking or timed socket then waits, once more within the timeout, until it is on its way: until
    /// the stack has it confirmed or, if it cannot tell, not at all. That the timeout is over then is no
    /// error. What a non-blocking socket was given leaves as calls to the network go on.
    ///
    /// # Errors
    ///
    /// `EPIPE` if not connected or no longer, `ENOTCONN` on a datagram socket without a peer, `EBADF`
    /// if closed, `EAGAIN` on a non-blocking socket, `ETIMEDOUT` (or what the profile has in its place),
    /// `EMSGSIZE` for a datagram that is too long, `EINVAL` for an empty one where the stack has none,
    /// and what else the stack reports. While connecting, how that fails.
    pub fn send(&self, data: impl AsRef<[u8]>) -> Result<usize, OSError> {
        let data = data.as_ref();
        self.with_open(|state| match state {
            State::Stream(tcp) => {
                let sent = tcp.send(data).and_then(|count| stream_departed(tcp, count));
                sent.map_err(|error| self.stream_error(tcp, error))
            }
            State::Datagram(udp) => {
                let sent = udp.send(data).map(|count| datagram_departed(udp, count));
                sent.map_err(|error| self.datagram_error(udp.send_timeout(), error))
            }
            _ => Err(self.kind_error(ErrorKind::BrokenPipe)),
        })
    }

    /// Sends all of it, piece by piece, each within the timeout. On a non-blocking socket use
    /// [`write`](Self::write), which tells how much was sent. A datagram socket sends one datagram.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); part of the data may have gone.
    pub fn sendall(&self, data: impl AsRef<[u8]>) -> Result<(), OSError> {
        let data = data.as_ref();
        self.with_open(|state| match state {
            State::Stream(tcp) => {
                let sent = tcp.sendall(data).and_then(|()| stream_departed(tcp, ()));
                sent.map_err(|error| self.stream_error(tcp, error))
            }
            State::Datagram(udp) => {
                let sent = udp.send(data).map(|_| datagram_departed(udp, ()));
                sent.map_err(|error| self.datagram_error(udp.send_timeout(), error))
            }
            _ => Err(self.kind_error(ErrorKind::BrokenPipe)),
        })
    }

    /// Sends a datagram to `address`, whether or not the socket is connected. A TCP socket sends to
    /// its peer, whatever the address, as on MicroPython's unix and lwIP ports.
    ///
    /// # Errors
    ///
    /// `EINVAL` and `EAFNOSUPPORT` for the address as for [`connect`](Self::connect), then as
    /// [`send`](Self::send), and what the stack reports.
    pub fn sendto(
        &self,
        data: impl AsRef<[u8]>,
        address: impl IntoSockAddr,
    ) -> Result<usize, OSError> {
        let address = self.address(address)?;
        let data = data.as_ref();
        self.with_open(|state| {
            self.check_remote(address)?;
            match state {
                State::Datagram(udp) => {
                    let sent = udp
                        .sendto(data, address)
                        .map(|count| datagram_departed(udp, count));
                    sent.map_err(|error| self.datagram_error(udp.send_timeout(), error))
                }
                State::Stream(tcp) => {
                    let sent = tcp.send(data).and_then(|count| stream_departed(tcp, count));
                    sent.map_err(|error| self.stream_error(tcp, error))
                }
                _ => Err(self.kind_error(ErrorKind::BrokenPipe)),
            }
        })
    }

    /// Receives what is there into `buf`, at least one byte, waiting for it within the timeout. 0 is
    /// the end of the stream, again and again, and under [`MAIXPY`](crate::MAIXPY) also a timeout.
    ///
    /// On a datagram socket it is one datagram, from anybody or, if connected, from its peer. What
    /// does not fit is lost, and a datagram may have 0 bytes.
    ///
    /// # Errors
    ///
    /// `ENOTCONN` if not connected, `EBADF` if closed, `EAGAIN` on a non-blocking socket, `ETIMEDOUT`
    /// (or what the profile has in its place), `ECONNRESET` once after the data that came before, `ENOBUFS` once where
    /// received bytes were lost, behind which receiving may go on, `EMSGSIZE` once in place of a
    /// datagram that was lost because it was too long, and what else the stack reports. While
    /// connecting, how that fails.
    pub fn recv_into(&self, buf: &mut [u8]) -> Result<usize, OSError> {
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
        &self,
        buf: &mut [u8],
        flags: impl Into<MessageFlags>,
    ) -> Result<usize, OSError> {
        let flags = flags.into();
        self.with_open(|state| {
            self.check_flags(flags)?;
            self.receive(state, buf, flags)
        })
    }

    /// Receives one datagram into `buf` and tells who sent it. On a TCP socket it is
    /// [`recv_into`](Self::recv_into) and the peer's address.
    ///
    /// # Errors
    ///
    /// As [`recv_into`](Self::recv_into), but a timeout of a datagram socket is an error in every
    /// profile: there is no address to go with nothing.
    pub fn recvfrom_into(&self, buf: &mut [u8]) -> Result<(usize, SockAddr), OSError> {
        self.recvfrom_into_flags(buf, MessageFlags::NONE)
    }

    /// The same with [`MSG_PEEK`] and [`MSG_DONTWAIT`].
    ///
    /// # Errors
    ///
    /// As [`recvfrom_into`](Self::recvfrom_into), and `EOPNOTSUPP` for other flags.
    pub fn recvfrom_into_flags(
        &self,
        buf: &mut [u8],
        flags: impl Into<MessageFlags>,
    ) -> Result<(usize, SockAddr), OSError> {
        let flags = flags.into();
        self.with_open(|state| {
            self.check_flags(flags)?;
            match state {
                State::Datagram(udp) => {
                    let received = match (flags.has(MSG_PEEK), flags.has(MSG_DONTWAIT)) {
                        (false, false) => udp.recvfrom(buf),
                        (false, true) => udp.try_recvfrom(buf),
                        (true, false) => udp.peekfrom(buf),
                        (true, true) => udp.try_peekfrom(buf),
                    };
                    let limited = is_limit(udp.receive_timeout());
                    let (count, from) =
                        received.map_err(|error| self.limit_error(limited, error))?;
                    Ok((count, from.into()))
                }
                _ => {
                    let count = self.receive(state, buf, flags)?;
                    let peer = match state {
                        State::Stream(tcp) => tcp.peer_addr(),
                        _ => None,
                    };
                    match peer {
                        Some(peer) => Ok((count, peer.into())),
                        None => Err(self.kind_error(ErrorKind::NotConnected)),
                    }
                }
            }
        })
    }

    fn receive(
        &self,
        state: &mut State<N>,
        buf: &mut [u8],
        flags: MessageFlags,
    ) -> Result<usize, OSError> {
        let how = (flags.has(MSG_PEEK), flags.has(MSG_DONTWAIT));
        let (received, limited, connected) = match state {
            State::Stream(tcp) => {
                let received = match how {
                    (false, false) => tcp.recv(buf),
                    (false, true) => tcp.try_recv(buf),
                    (true, false) => tcp.peek(buf),
                    (true, true) => tcp.try_peek(buf),
                };
                let limited = is_own_limit(tcp, tcp.receive_timeout());
                // While connecting, "empty" would mean that there was a connection.
                (received, limited, tcp.is_connected())
            }
            State::Datagram(udp) => {
                let received = match how {
                    (false, false) => udp.recv(buf),
                    (false, true) => udp.try_recv(buf),
                    (true, false) => udp.peek(buf),
                    (true, true) => udp.try_peek(buf),
                };
                let limited = is_limit(udp.receive_timeout());
                (received, limited, udp.peer_addr().is_some())
            }
            _ => return Err(self.kind_error(ErrorKind::NotConnected)),
        };
        received.or_else(|error| {
            let empty = self.profile.timed_out_recv == TimedOutRecv::EmptyBytes
                && error.kind() == ErrorKind::TimedOut
                && limited
                && connected;
            if empty {
                Ok(0)
            } else {
                Err(self.limit_error(limited, error))
            }
        })
    }

    fn check_flags(&self, flags: MessageFlags) -> Result<(), OSError> {
        if flags.is_known() {
            return Ok(());
        }
        Err(OSError::unsupported(
            &self.profile,
            "recv does not know that flag; use MSG_PEEK, MSG_DONTWAIT, both or 0",
        ))
    }

    /// What the profile makes of a limit that is over (`limited`: there was one, and it was the
    /// socket's).
    fn limit_error(&self, limited: bool, error: Error) -> OSError {
        let again = self.profile.timed_out_recv == TimedOutRecv::Again;
        if limited && again && error.kind() == ErrorKind::TimedOut {
            OSError::kind_with(&self.profile, ErrorKind::WouldBlock, error.message())
        } else {
            self.error(error)
        }
    }

    fn stream_error(&self, tcp: &TcpSocket<N>, error: Error) -> OSError {
        match error.kind() {
            ErrorKind::NotConnected => OSError::unsent(&self.profile, error),
            _ => self.limit_error(is_own_limit(tcp, tcp.send_timeout()), error),
        }
    }

    /// A datagram socket without a peer is `ENOTCONN`: MicroPython has no `EDESTADDRREQ`.
    fn datagram_error(&self, timeout: Option<Duration>, error: Error) -> OSError {
        self.limit_error(is_limit(timeout), error)
    }
}

/// Whether a `TimedOut` was the socket's limit. After an attempt to connect that is over it was the
/// stack's word on that, as always where nothing was limited.
fn is_own_limit<N: NetworkRef>(tcp: &TcpSocket<N>, timeout: Option<Duration>) -> bool {
    is_limit(timeout) && (tcp.is_connected() || tcp.is_connecting())
}

fn is_limit(timeout: Option<Duration>) -> bool {
    timeout.is_some_and(|time| !time.is_zero())
}

#[cfg(feature = "alloc")]
mod heap {
    use alloc::vec::Vec;

    use nal_socket::{ErrorKind, NetworkRef};

    use crate::constants::MessageFlags;
    use crate::os_error::OSError;
    use crate::size::Size;
    use crate::sock_addr::SockAddr;
    use crate::socket::Socket;

    /// More is not taken at once; the next call has the rest. No datagram is longer.
    const MOST_AT_ONCE: usize = 65_536;

    impl<N: NetworkRef> Socket<N> {
        /// Receives what is there, at most `bufsize` bytes (and 64 KiB); otherwise as
        /// [`recv_into`](Self::recv_into), with empty bytes for 0.
        ///
        /// # Errors
        ///
        /// As [`recv_into`](Self::recv_into), and `ENOMEM`, also for a negative size.
        pub fn recv(&self, bufsize: impl Into<Size>) -> Result<Vec<u8>, OSError> {
            self.recv_flags(bufsize, MessageFlags::NONE)
        }

        /// The same with flags.
        ///
        /// # Errors
        ///
        /// As [`recv_into_flags`](Self::recv_into_flags), and `ENOMEM`.
        pub fn recv_flags(
            &self,
            bufsize: impl Into<Size>,
            flags: impl Into<MessageFlags>,
        ) -> Result<Vec<u8>, OSError> {
            let mut bytes = self.room(bufsize.into())?;
            let count = self.recv_into_flags(&mut bytes, flags)?;
            bytes.truncate(count);
            Ok(bytes)
        }

        /// Receives one datagram of at most `bufsize` bytes and tells who sent it; otherwise as
        /// [`recvfrom_into`](Self::recvfrom_into).
        ///
        /// # Errors
        ///
        /// As [`recvfrom_into`](Self::recvfrom_into), and `ENOMEM`, also for a negative size.
        pub fn recvfrom(&self, bufsize: impl Into<Size>) -> Result<(Vec<u8>, SockAddr), OSError> {
            self.recvfrom_flags(bufsize, MessageFlags::NONE)
        }

        /// The same with flags.
        ///
        /// # Errors
        ///
        /// As [`recvfrom_into_flags`](Self::recvfrom_into_flags), and `ENOMEM`.
        pub fn recvfrom_flags(
            &self,
            bufsize: impl Into<Size>,
            flags: impl Into<MessageFlags>,
        ) -> Result<(Vec<u8>, SockAddr), OSError> {
            let mut bytes = self.room(bufsize.into())?;
            let (count, from) = self.recvfrom_into_flags(&mut bytes, flags)?;
            bytes.truncate(count);
            Ok((bytes, from))
        }

        fn room(&self, size: Size) -> Result<Vec<u8>, OSError> {
            self.check_open()?;
            let no_memory = || self.kind_error(ErrorKind::NoMemory);
            let size = size.bytes().ok_or_else(no_memory)?.min(MOST_AT_ONCE);
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(size).map_err(|_| no_memory())?;
            bytes.resize(size, 0);
            Ok(bytes)
        }
    }
}
