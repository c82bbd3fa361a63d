//! The socket object: making, connecting, timeouts, closing.
//!
//! ```no_run
//! use nal_socket::Network;
//! use usocket_api::{MAIXPY, USocket};
//! # fn microseconds() -> u64 { 0 }
//!
//! # fn main() -> Result<(), usocket_api::OSError> {
//! # let network = Network::new(std_embedded_nal::Stack, microseconds);
//! # let usocket = USocket::new(&network, MAIXPY);
//! let mut sock = usocket.socket();
//! sock.connect(("192.168.0.183", 3456))?;
//! sock.settimeout(5)?;
//! sock.send("picture follows\n")?;
//! sock.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! Limits: a closed socket stays closed. (MaixPy's and OpenMV's `modsocket` open it again on connect.)

use core::fmt;
use core::net::SocketAddr;

use nal_socket::{Error, ErrorKind, NetworkRef, TcpSocket};

use crate::constants::{AF_INET, Family};
use crate::os_error::OSError;
use crate::profile::Profile;
use crate::sock_addr::IntoSockAddr;
use crate::timeout::Timeout;

/// A TCP socket. Dropping it closes it.
pub struct Socket<N: NetworkRef> {
    pub(crate) tcp: TcpSocket<N>,
    pub(crate) profile: Profile,
    family: Family,
}

impl<N: NetworkRef> Socket<N> {
    pub(crate) fn new(net: N, profile: Profile, family: Family) -> Self {
        let mut tcp = TcpSocket::new(net);
        tcp.set_timeout(profile.default_timeout);
        Self {
            tcp,
            profile,
            family,
        }
    }

    /// Connects to `address`, within the timeout: what `getaddrinfo` returned, or a tuple or list of a
    /// numeric host and a port.
    ///
    /// A connect that timed out goes on; calling again with the same address resumes it. After a
    /// failure the socket can be connected again. On a non-blocking socket the first call is
    /// `EINPROGRESS` and further ones `EALREADY` until it is `Ok` or failed. A failure is raised once,
    /// by whichever of `connect`, `send`, `recv` and the like comes first; asking
    /// [`as_tcp`](Self::as_tcp) for readiness does not use it up.
    ///
    /// # Errors
    ///
    /// `EINVAL` for an address that cannot be right, also one with port 0, `EAGAIN` on a non-blocking
    /// socket if the stack cannot give a socket yet, `EAFNOSUPPORT` if it is not of the socket's
    /// family, `EISCONN` if connected, `EBADF` if closed, `ECONNREFUSED`, `ETIMEDOUT`, `EHOSTUNREACH`
    /// and what else the stack reports.
    pub fn connect(&mut self, address: impl IntoSockAddr) -> Result<(), OSError> {
        let address = SocketAddr::from(address.into_sock_addr()?);
        if self.tcp.is_closed() {
            return Err(self.error(Error::new(ErrorKind::Closed)));
        }
        if address.is_ipv4() != (self.family == AF_INET) {
            return Err(self.error(Error::new(ErrorKind::AddressFamily)));
        }
        self.tcp.connect(address).map_err(|error| self.error(error))
    }

    /// Sets the timeout: seconds, 0 for non-blocking, `None` for no limit. See [`Timeout`].
    ///
    /// It counts for each operation on the stack from that operation's start, not for a whole `read`
    /// or `sendall`, as in MicroPython.
    ///
    /// # Errors
    ///
    /// `EINVAL` for a negative, infinite or undefined number (the timeout stays as it was), `EBADF` if
    /// closed.
    pub fn settimeout(&mut self, value: impl Into<Timeout>) -> Result<(), OSError> {
        self.need_open()?;
        self.tcp.set_timeout(value.into().check()?);
        Ok(())
    }

    /// `true` is `settimeout(None)`, `false` is `settimeout(0)`.
    ///
    /// # Errors
    ///
    /// `EBADF` if closed.
    pub fn setblocking(&mut self, flag: bool) -> Result<(), OSError> {
        self.need_open()?;
        self.tcp.set_nonblocking(!flag);
        Ok(())
    }

    /// The file object of the socket, which is the socket itself, as on MicroPython's bare-metal ports:
    /// closing it closes the socket. `mode` is `"rb"`, `"wb"` or `"rwb"`.
    ///
    /// # Errors
    ///
    /// `EINVAL` for another mode, `EBADF` if closed.
    pub fn makefile(&mut self, mode: &str) -> Result<&mut Self, OSError> {
        self.need_open()?;
        match mode {
            "rb" | "wb" | "rwb" => Ok(self),
            _ => Err(OSError::invalid(
                "the mode of makefile is \"rb\", \"wb\" or \"rwb\"; text modes do not exist here",
            )),
        }
    }

    /// Closes the socket. A blocking or timed socket first waits until what was sent is confirmed, for
    /// at most the timeout and 10 seconds; a non-blocking one does not wait, so make it blocking first
    /// (`setblocking(true)`) if what was just sent matters. Closing again is `Ok`.
    ///
    /// # Errors
    ///
    /// The socket is closed all the same, but something sent may not have arrived. (Python's `close`
    /// says nothing in this case; ignore the result to have that.) `EBUSY` means that the stack is in
    /// use further up the call chain and the socket is not closed yet.
    pub fn close(&mut self) -> Result<(), OSError> {
        self.tcp.close().map_err(|error| self.error(error))
    }

    /// The address of the other side, once connected.
    pub fn peer(&self) -> Option<crate::SockAddr> {
        self.tcp.peer_addr().map(Into::into)
    }

    /// The socket underneath, for `embedded_io` and for what MicroPython does not have.
    pub const fn as_tcp(&mut self) -> &mut TcpSocket<N> {
        &mut self.tcp
    }

    pub(crate) fn error(&self, error: Error) -> OSError {
        OSError::socket(&self.profile, error)
    }

    pub(crate) fn need_open(&self) -> Result<(), OSError> {
        if self.tcp.is_closed() {
            return Err(self.error(Error::new(ErrorKind::Closed)));
        }
        Ok(())
    }
}

// Derived, it would ask for `N: Debug`.
impl<N: NetworkRef> fmt::Debug for Socket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket")
            .field("profile", &self.profile.name)
            .field("tcp", &self.tcp)
            .finish_non_exhaustive()
    }
}
