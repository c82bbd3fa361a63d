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
//! let sock = usocket.socket();
//! sock.connect(("192.168.0.183", 3456))?;
//! sock.settimeout(5)?;
//! sock.send("picture follows\n")?;
//! sock.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! Methods take `&self`, so that a socket can be registered with a [poller](crate::uselect) and used all
//! the same, as in Python. A method called from the idle hook of another one of the same socket is
//! `EBUSY`, and so is one of another socket that would have to wait there. `EINTR` is a wait that the
//! hook has ended. Either can come from every method that may wait, with nothing lost.
//!
//! A socket that is in use or closed says so before anything that is wrong with the arguments.
//!
//! Limits: a closed socket stays closed. (MaixPy's and OpenMV's `modsocket` open it again on connect.)
//! Without the feature `alloc` every socket contains the 512 bytes for what it has received ahead (on a
//! 64-bit host 944 bytes in all, and 456 with `alloc`).

use core::cell::{Cell, RefCell};
use core::fmt;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use nal_socket::{Error, ErrorKind, NetworkRef, TcpListener, TcpSocket, UdpSocket};

use crate::constants::{AF_INET, Family, SOCK_DGRAM, SOCK_STREAM, SocketType};
use crate::os_error::OSError;
use crate::profile::Profile;
use crate::sock_addr::IntoSockAddr;
use crate::timeout::Timeout;
use crate::usocket::USocket;

/// How long a datagram may be that a caller takes with a shorter buffer.
#[cfg(feature = "alloc")]
pub(crate) const DATAGRAM: usize = 1472;
#[cfg(not(feature = "alloc"))]
pub(crate) const DATAGRAM: usize = nal_socket::LOOKAHEAD;

/// How long `bind`, `listen` and `setsockopt` may take on a non-blocking socket: in MicroPython they
/// are done at once, and nobody expects `EAGAIN` of them. A modem takes a few milliseconds.
const SET_UP_TIME: Duration = Duration::from_secs(10);

/// What a socket is at the moment.
pub(crate) enum State<N: NetworkRef> {
    /// TCP: to be connected, or connected.
    Stream(TcpSocket<N>),
    /// TCP: bound, and possibly listening.
    Server(Server<N>),
    Datagram(UdpSocket<N, DATAGRAM>),
    Closed,
}

/// A bound TCP socket.
pub(crate) struct Server<N: NetworkRef> {
    pub(crate) listener: TcpListener<N>,
    pub(crate) listening: bool,
    pub(crate) timeout: Option<Duration>,
}

/// A socket. Dropping it closes it.
pub struct Socket<N: NetworkRef> {
    pub(crate) net: N,
    pub(crate) state: RefCell<State<N>>,
    pub(crate) profile: Profile,
    pub(crate) family: Family,
    /// The board's own address, if the program has told it.
    pub(crate) own_address: Option<IpAddr>,
    /// Option `SO_CALLBACK`.
    pub(crate) notify: Cell<bool>,
    /// Option `SO_REUSEADDR` of a TCP socket that is not bound yet.
    pub(crate) reuse: Cell<bool>,
}

impl<N: NetworkRef> Socket<N> {
    pub(crate) fn stream(module: &USocket<N>, family: Family) -> Self {
        let mut tcp = TcpSocket::new(module.net.clone());
        tcp.set_timeout(module.profile.default_timeout);
        Self::of(module, family, State::Stream(tcp))
    }

    pub(crate) fn datagram(module: &USocket<N>, family: Family) -> Self {
        let mut udp = UdpSocket::sized(module.net.clone());
        udp.set_timeout(module.profile.default_timeout);
        Self::of(module, family, State::Datagram(udp))
    }

    fn of(module: &USocket<N>, family: Family, state: State<N>) -> Self {
        Self {
            net: module.net.clone(),
            state: RefCell::new(state),
            profile: module.profile,
            family,
            own_address: module.own_address,
            notify: Cell::new(false),
            reuse: Cell::new(false),
        }
    }

    /// What `accept` gives: blocking, whatever the listening socket is.
    pub(crate) fn accepted(&self, tcp: TcpSocket<N>) -> Self {
        Self {
            net: self.net.clone(),
            state: RefCell::new(State::Stream(tcp)),
            profile: self.profile,
            family: self.family,
            own_address: self.own_address,
            notify: Cell::new(false),
            reuse: Cell::new(false),
        }
    }

    /// Connects to `address`, within the timeout: what `getaddrinfo` returned, or a tuple or list of a
    /// numeric host and a port. A datagram socket only notes the address: `send` sends there and
    /// `recv` hears from there alone. That can be done again.
    ///
    /// A connect that timed out goes on; calling again with the same address resumes it. After a
    /// failure the socket can be connected again. On a non-blocking socket the first call is
    /// `EINPROGRESS` and further ones `EALREADY` until it is `Ok` or failed. A failure is raised once,
    /// by whichever of `connect`, `send`, `recv` and the like comes first; asking
    /// a [poller](crate::uselect) for readiness does not use it up.
    ///
    /// # Errors
    ///
    /// `EINVAL` for an address that cannot be right, also one with port 0 and an IPv4 address on an
    /// IPv6 socket, `EAGAIN` on a non-blocking socket if the stack cannot give a socket yet,
    /// `EAFNOSUPPORT` for an IPv6 address on an IPv4 socket, `EISCONN` if connected or listening,
    /// `EOPNOTSUPP` for a TCP socket that is bound, `EBADF` if closed, `ECONNREFUSED`, `ETIMEDOUT`,
    /// `EHOSTUNREACH` and what else the stack reports.
    pub fn connect(&self, address: impl IntoSockAddr) -> Result<(), OSError> {
        let address = self.address(address)?;
        self.with_open(|state| {
            self.check_remote(address)?;
            match state {
                State::Stream(tcp) => tcp.connect(address).map_err(|error| self.error(error)),
                State::Datagram(udp) => udp.connect(address).map_err(|error| self.error(error)),
                State::Server(server) if server.listening => {
                    Err(self.kind_error(ErrorKind::AlreadyConnected))
                }
                State::Server(_) => Err(OSError::unsupported(
                    &self.profile,
                    "a bound TCP socket can only listen: the stack chooses the local port of a connection",
                )),
                State::Closed => Err(self.kind_error(ErrorKind::Closed)),
            }
        })
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
    pub fn settimeout(&self, value: impl Into<Timeout>) -> Result<(), OSError> {
        let value = value.into();
        self.with_open(|state| {
            let timeout = value.check()?;
            state.set_timeout(timeout);
            Ok(())
        })
    }

    /// `true` is `settimeout(None)`, `false` is `settimeout(0)`.
    ///
    /// # Errors
    ///
    /// `EBADF` if closed.
    pub fn setblocking(&self, flag: bool) -> Result<(), OSError> {
        self.settimeout(if flag {
            Timeout::NONE
        } else {
            Duration::ZERO.into()
        })
    }

    /// The file object of the socket, which is the socket itself, as on MicroPython's bare-metal ports:
    /// closing it closes the socket. `mode` is `"rb"`, `"wb"` or `"rwb"`, and `None` is `"rb"`; all of
    /// them read and write.
    ///
    /// # Errors
    ///
    /// `EINVAL` for another mode, `EBADF` if closed.
    pub fn makefile<'m>(&self, mode: impl Into<Option<&'m str>>) -> Result<&Self, OSError> {
        let mode = mode.into().unwrap_or("rb");
        self.with_open(|_| match mode {
            "rb" | "wb" | "rwb" => Ok(self),
            _ => Err(OSError::invalid(
                "the mode of makefile is \"rb\", \"wb\" or \"rwb\"; text modes do not exist here",
            )),
        })
    }

    /// The same with the size of a buffer, which is ignored: nothing is buffered, as if it were 0.
    ///
    /// # Errors
    ///
    /// As [`makefile`](Self::makefile).
    pub fn makefile_with<'m>(
        &self,
        mode: impl Into<Option<&'m str>>,
        _buffering: i32,
    ) -> Result<&Self, OSError> {
        self.makefile(mode)
    }

    /// Closes the socket. A blocking or timed one first waits until what was sent is confirmed (TCP) or
    /// has left (datagrams), as far as the stack can tell, for at most the timeout and 10 seconds; a
    /// non-blocking one does not wait, so make it blocking first (`setblocking(true)`) if what was just
    /// sent matters. Closing again is `Ok`.
    ///
    /// # Errors
    ///
    /// The socket is closed all the same, but something sent may not have arrived or left. (Python's `close`
    /// says nothing in this case; ignore the result to have that.) `EBUSY` alone means that the socket
    /// is not closed yet: it or the stack is in use further up the call chain, or closing would have to
    /// wait inside the idle hook.
    pub fn close(&self) -> Result<(), OSError> {
        self.with_state(|state| {
            let closed = match state {
                State::Stream(tcp) => tcp.close(),
                State::Server(server) => server.listener.close(),
                State::Datagram(udp) => udp.close(),
                State::Closed => Ok(()),
            };
            let gone = match state {
                State::Stream(tcp) => tcp.is_closed(),
                State::Datagram(udp) => udp.is_closed(),
                State::Server(_) => closed.map_or_else(|e| e.kind() != ErrorKind::Busy, |()| true),
                State::Closed => true,
            };
            if gone {
                *state = State::Closed;
            }
            closed.map_err(|error| self.error(error))
        })
    }

    /// The address family it was made for.
    pub const fn family(&self) -> Family {
        self.family
    }

    /// The type it was made for; `None` once it is closed.
    pub fn socket_type(&self) -> Option<SocketType> {
        match &*self.state.try_borrow().ok()? {
            State::Stream(_) | State::Server(_) => Some(SOCK_STREAM),
            State::Datagram(_) => Some(SOCK_DGRAM),
            State::Closed => None,
        }
    }

    /// The address of the other side, once connected.
    pub fn peer(&self) -> Option<crate::SockAddr> {
        let peer = match &*self.state.try_borrow().ok()? {
            State::Stream(tcp) => tcp.peer_addr(),
            State::Datagram(udp) => udp.peer_addr(),
            State::Server(_) | State::Closed => None,
        };
        peer.map(Into::into)
    }

    /// The TCP socket underneath, for what MicroPython does not have; `None` for any other.
    pub fn as_tcp(&mut self) -> Option<&mut TcpSocket<N>> {
        match self.state.get_mut() {
            State::Stream(tcp) => Some(tcp),
            _ => None,
        }
    }

    /// Runs `f` on the state. A socket that is in use further up the call chain is `EBUSY`.
    pub(crate) fn with_state<T>(
        &self,
        f: impl FnOnce(&mut State<N>) -> Result<T, OSError>,
    ) -> Result<T, OSError> {
        match self.state.try_borrow_mut() {
            Ok(mut state) => f(&mut state),
            Err(_) => Err(self.kind_error(ErrorKind::Busy)),
        }
    }

    /// The same; a closed socket is `EBADF` before anything else.
    pub(crate) fn with_open<T>(
        &self,
        f: impl FnOnce(&mut State<N>) -> Result<T, OSError>,
    ) -> Result<T, OSError> {
        self.with_state(|state| match state {
            State::Closed => Err(self.kind_error(ErrorKind::Closed)),
            _ => f(state),
        })
    }

    pub(crate) fn error(&self, error: Error) -> OSError {
        OSError::socket(&self.profile, error)
    }

    pub(crate) fn kind_error(&self, kind: ErrorKind) -> OSError {
        OSError::kind_of(&self.profile, kind)
    }

    /// Reads an address argument. That the socket is closed or in use comes before what is wrong with it.
    pub(crate) fn address(&self, address: impl IntoSockAddr) -> Result<SocketAddr, OSError> {
        self.check_open()?;
        address.into_sock_addr().map(SocketAddr::from)
    }

    pub(crate) fn check_open(&self) -> Result<(), OSError> {
        self.with_open(|_| Ok(()))
    }

    /// An address of the socket's family.
    pub(crate) fn check_family(&self, address: IpAddr) -> Result<(), OSError> {
        match (self.family == AF_INET, address) {
            (true, IpAddr::V4(_)) | (false, IpAddr::V6(_)) => Ok(()),
            (true, IpAddr::V6(_)) => Err(self.kind_error(ErrorKind::AddressFamily)),
            (false, IpAddr::V4(_)) => Err(OSError::invalid(
                "this is an IPv6 socket and needs an IPv6 address; make one with AF_INET for IPv4",
            )),
        }
    }

    /// An address that something can be sent to.
    pub(crate) fn check_remote(&self, address: SocketAddr) -> Result<(), OSError> {
        self.check_family(address.ip())?;
        if address.port() == 0 {
            return Err(OSError::invalid(
                "nothing can be sent to port 0; a port is a number from 1 to 65535",
            ));
        }
        Ok(())
    }
}

impl<N: NetworkRef> State<N> {
    pub(crate) fn set_timeout(&mut self, timeout: Option<Duration>) {
        match self {
            Self::Stream(tcp) => tcp.set_timeout(timeout),
            Self::Datagram(udp) => udp.set_timeout(timeout),
            Self::Server(server) => {
                server.timeout = timeout;
                server.listener.set_timeout(timeout);
            }
            Self::Closed => {}
        }
    }
}

/// The time for setting something up, of an operation that a user does not expect to be `EAGAIN`.
pub(crate) const fn set_up_time(timeout: Option<Duration>) -> Option<Duration> {
    match timeout {
        Some(Duration::ZERO) => Some(SET_UP_TIME),
        other => other,
    }
}

// Derived, it would ask for `N: Debug`.
impl<N: NetworkRef> fmt::Debug for Socket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut debug = f.debug_struct("Socket");
        debug.field("profile", &self.profile.name);
        match self.state.try_borrow().as_deref() {
            Ok(State::Stream(tcp)) => debug.field("tcp", tcp),
            Ok(State::Server(server)) => debug.field("listening", &server.listening),
            Ok(State::Datagram(udp)) => debug.field("udp", udp),
            Ok(State::Closed) => debug.field("state", &"closed"),
            Err(_) => debug.field("state", &"in use"),
        };
        debug.finish_non_exhaustive()
    }
}
