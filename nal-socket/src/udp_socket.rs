//! UDP sockets: datagrams to and from anybody.
//!
//! ```
//! use core::time::Duration;
//! use nal_socket::{Network, UdpSocket};
//!
//! # fn main() -> Result<(), nal_socket::Error> {
//! # let start = std::time::Instant::now();
//! # let microseconds = || start.elapsed().as_micros() as u64;
//! let network = Network::new(std_embedded_nal::Stack, microseconds).with_udp();
//! let mut server = UdpSocket::new(&network);
//! server.bind(0)?; // Any free port.
//! let port = server.local_port().unwrap();
//!
//! let mut client = UdpSocket::new(&network);
//! client.set_timeout(Some(Duration::from_secs(5)));
//! client.connect(([127, 0, 0, 1], port).into())?;
//! client.send(b"ping")?;
//!
//! let mut buf = [0; 16];
//! let (length, from) = server.recvfrom(&mut buf)?;
//! assert_eq!(&buf[..length], b"ping");
//! server.sendto(b"pong", from)?;
//!
//! assert_eq!(client.recv(&mut buf)?, 4);
//! assert_eq!(&buf[..4], b"pong");
//! # Ok(())
//! # }
//! ```
//!
//! # The same on every stack
//!
//! A socket takes a local port from the stack at its first use, the user's or one of its own
//! ([`Ephemeral`](crate::Ephemeral)), and sends to and hears from everybody through it.
//! [`connect`](UdpSocket::connect) is this crate's: it sets where [`send`](UdpSocket::send) sends to and
//! whom to listen to, it can be called again, and [`sendto`](UdpSocket::sendto) still reaches everybody
//! from the same port.
//!
//! Stacks that cannot bind (`UdpClientStack` alone, and old modem firmware) have sockets with one
//! peer each. There the peer is that of `connect`, else the first address sent to. `connect` to
//! another takes a new socket from the stack; `sendto` to another is
//! [`NotSupported`](crate::ErrorKind::NotSupported), because it would leave from another port and
//! answers would be lost. `bind` is `NotSupported` too.
//!
//! # Datagrams stay whole
//!
//! A receive is one datagram. One that is longer than the buffer is cut and its rest is gone, one
//! without bytes is `Ok(0)`, and an empty buffer takes one and throws it away. For that the socket has
//! room for one datagram of `DATAGRAM` bytes, used when the caller's buffer is smaller, and for
//! peeking. One that is longer than both is cut by some stacks and lost by others, which is
//! [`MessageTooLong`](crate::ErrorKind::MessageTooLong) once.
//!
//! Limits: no stream methods and no `embedded_io`, which would merge datagrams and cut them at line
//! ends. A datagram lost on its way is nobody's error. Some stacks send in the background and forget what
//! has not left when the socket is closed: there the network needs
//! [`with_udp_flush`](crate::capability::UdpFlush). IPv4 and IPv6 as the stack has them; std-embedded-nal takes both on
//! one socket. The local port holds on every local address or the stack's one.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use crate::datagrams::Datagrams;
use crate::held_datagram::HeldDatagram;
use crate::memberships::Memberships;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, Options};

pub(crate) type UdpHandle<N> =
    <<N as NetworkRef>::Udp as Datagrams<<N as NetworkRef>::Stack>>::Handle;

/// Where a socket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not in use; with a socket of the stack's if that could not be bound yet.
    Fresh,
    /// Has a local port, and sends to and hears from everybody.
    Bound,
    /// The stack's socket has this one peer.
    Attached(SocketAddr),
    Closed,
}

/// How far a [`Phase::Fresh`] socket has come, for the next one who opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Opening {
    Not,
    /// The stack was asked for this ephemeral port and has not answered.
    Asked(u16),
    /// The stack's socket is open, but does not know all options and groups.
    Opened(Phase, Option<u16>),
}

/// A socket for datagrams, with room for one of at most `DATAGRAM` bytes.
///
/// 1472 bytes are what one Ethernet frame carries over IPv4; [`sized`](Self::sized) makes other sizes.
/// With the feature `alloc` the room is taken when it is first needed.
///
/// A new socket blocks without limit; see [`set_timeout`](Self::set_timeout). It takes a socket from
/// the stack at its first use, not before. Dropping it closes it.
pub struct UdpSocket<N: NetworkRef, const DATAGRAM: usize = 1472> {
    pub(crate) net: N,
    pub(crate) handle: Option<UdpHandle<N>>,
    pub(crate) phase: Phase,
    pub(crate) opening: Opening,
    pub(crate) peer: Option<SocketAddr>,
    pub(crate) local_port: Option<u16>,
    receive_timeout: Option<Duration>,
    send_timeout: Option<Duration>,
    pub(crate) held: HeldDatagram<DATAGRAM>,
    /// An error for the next receiver, found by one who only asked.
    pub(crate) pending: Option<Error>,
    /// The latest send found no room.
    pub(crate) full: bool,
    /// Something was sent since the last flush.
    pub(crate) unflushed: bool,
    pub(crate) options: Options,
    pub(crate) memberships: Memberships,
}

impl<N: NetworkRef> UdpSocket<N> {
    /// A socket with room for a datagram of 1472 bytes. Takes nothing from the stack yet.
    pub const fn new(net: N) -> Self {
        Self::sized(net)
    }
}

impl<N: NetworkRef, const DATAGRAM: usize> UdpSocket<N, DATAGRAM> {
    /// A socket with room for a datagram of `DATAGRAM` bytes, at least 1. Takes nothing from the stack
    /// yet.
    ///
    /// ```
    /// use nal_socket::{Network, UdpSocket};
    ///
    /// let network = Network::new(std_embedded_nal::Stack, || 0_u64).with_udp();
    /// let dns = UdpSocket::<_, 512>::sized(&network);
    /// # drop(dns);
    /// ```
    pub const fn sized(net: N) -> Self {
        const { assert!(DATAGRAM > 0, "a datagram socket needs room for a byte") }
        Self {
            net,
            handle: None,
            phase: Phase::Fresh,
            opening: Opening::Not,
            peer: None,
            local_port: None,
            receive_timeout: None,
            send_timeout: None,
            held: HeldDatagram::new(),
            pending: None,
            full: false,
            unflushed: false,
            options: Options::new(),
            memberships: Memberships::new(),
        }
    }

    /// Sets how long an operation may wait: `None` without limit, zero not at all (non-blocking).
    ///
    /// Anything else counts in microseconds; shorter times are one microsecond. Holds for receiving,
    /// sending, binding and connecting, from the next operation on.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.receive_timeout = timeout;
        self.send_timeout = timeout;
    }

    /// The same for receiving only.
    pub fn set_receive_timeout(&mut self, timeout: Option<Duration>) {
        self.receive_timeout = timeout;
    }

    /// The same for sending, binding and connecting only.
    pub fn set_send_timeout(&mut self, timeout: Option<Duration>) {
        self.send_timeout = timeout;
    }

    /// `true` is a timeout of zero, `false` is none.
    pub fn set_nonblocking(&mut self, nonblocking: bool) {
        self.set_timeout(nonblocking.then_some(Duration::ZERO));
    }

    /// How long receiving may wait.
    pub const fn receive_timeout(&self) -> Option<Duration> {
        self.receive_timeout
    }

    /// How long sending, binding and connecting may wait.
    pub const fn send_timeout(&self) -> Option<Duration> {
        self.send_timeout
    }

    /// The address given to [`connect`](Self::connect).
    pub const fn peer_addr(&self) -> Option<SocketAddr> {
        self.peer
    }

    /// The local port, as far as it is known: `None` before the first use, and where the stack chose it
    /// without telling.
    pub const fn local_port(&self) -> Option<u16> {
        self.local_port
    }

    /// Whether [`close`](Self::close) has been called.
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// The network this socket belongs to.
    pub const fn network_ref(&self) -> &N {
        &self.net
    }

    pub(crate) fn receive_limit(&self) -> Limit {
        self.receive_timeout.into()
    }

    pub(crate) fn send_limit(&self) -> Limit {
        self.send_timeout.into()
    }

    /// Closes the socket. From then on every operation is [`ErrorKind::Closed`], but closing again is
    /// `Ok`.
    ///
    /// A blocking or timed socket first waits until the datagrams sent have left, as far as the stack
    /// can tell ([`UdpFlush`](crate::capability::UdpFlush)), for at most the send timeout and never
    /// longer than 10 seconds. A non-blocking one does not wait: call [`flush`](Self::flush) until it no
    /// longer would block, or make the socket blocking, before closing or dropping it. Datagrams that
    /// were not received are lost.
    ///
    /// # Errors
    ///
    /// The socket is closed all the same, only some datagrams may not have left: whatever
    /// [`flush`](Self::flush) reports, or the stack about closing. The one exception is
    /// [`ErrorKind::Busy`] when called from within [`Network::with_stack`](crate::Network::with_stack), or
    /// from the idle hook if it would have to wait: then nothing has happened; close again later.
    pub fn close(&mut self) -> Result<(), Error> {
        let flushed = self.linger();
        if flushed.is_err_and(|error| error.kind() == ErrorKind::Busy) {
            return flushed;
        }
        flushed.and(self.close_now())
    }

    /// Closes without waiting. Only [`ErrorKind::Busy`] leaves the socket as it is.
    fn close_now(&mut self) -> Result<(), Error> {
        let closed = self.give_back();
        if closed.is_err() && self.handle.is_some() {
            return closed;
        }
        self.phase = Phase::Closed;
        self.held.clear();
        self.pending = None;
        self.memberships = Memberships::new();
        closed
    }

    /// Gives the stack its socket back; this one is fresh again.
    pub(crate) fn give_back(&mut self) -> Result<(), Error> {
        let net = self.net.network();
        let outcome = if self.handle.is_some() {
            let mut stack = net.borrow_stack()?;
            match self.handle.take() {
                Some(mut handle) => {
                    self.memberships.start_over(|membership| {
                        // What the stack says does not change that the socket goes.
                        let _ = net.udp.leave_group(&mut stack, &mut handle, membership);
                    });
                    net.udp.close(&mut stack, handle).map_err(Error::new)
                }
                None => Ok(()),
            }
        } else {
            Ok(())
        };
        self.local_port = None;
        self.unflushed = false;
        self.opening = Opening::Not;
        self.options.start_over();
        if self.phase != Phase::Closed {
            self.phase = Phase::Fresh;
        }
        outcome
    }

    pub(crate) fn not_closed(&self) -> Result<(), Error> {
        match self.phase {
            Phase::Closed => Err(Error::new(ErrorKind::Closed)),
            _ => Ok(()),
        }
    }
}

impl<N: NetworkRef, const DATAGRAM: usize> Drop for UdpSocket<N, DATAGRAM> {
    fn drop(&mut self) {
        // Nobody is left to be told, or to close again.
        if self.close().is_err() {
            let _ = self.close_now();
        }
    }
}

impl<N: NetworkRef, const DATAGRAM: usize> fmt::Debug for UdpSocket<N, DATAGRAM> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpSocket")
            .field("state", &self.phase)
            .field("local_port", &self.local_port)
            .field("peer", &self.peer)
            .field("receive_timeout", &self.receive_timeout)
            .field("send_timeout", &self.send_timeout)
            .finish_non_exhaustive()
    }
}
