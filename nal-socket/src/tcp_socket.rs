//! TCP sockets: their state and closing.
//!
//! ```no_run
//! use core::time::Duration;
//! use nal_socket::{Hints, Network, TcpSocket};
//! # fn microseconds() -> u64 { 0 }
//!
//! # fn main() -> Result<(), nal_socket::Error> {
//! let network = Network::new(std_embedded_nal::Stack, microseconds);
//! let mut socket = TcpSocket::new(&network);
//! socket.set_timeout(Some(Duration::from_secs(5)));
//! let server = network.getaddrinfo("example.org", 80, Hints::stream())?.first();
//! socket.connect(server.sockaddr)?;
//! socket.sendall(b"GET / HTTP/1.0\r\nHost: example.org\r\n\r\n")?;
//! let mut line = [0; 256];
//! let length = socket.readline(&mut line)?;
//! println!("{}", String::from_utf8_lossy(&line[..length]));
//! socket.close()?;
//! # Ok(())
//! # }
//! ```
//!
//! # Timeouts
//!
//! A limit holds for each operation on the stack, counted from that operation's start, not for a
//! whole `sendall` or `readinto`: these go on for as long as something moves within each limit. That
//! is how MicroPython's ports and POSIX's `SO_RCVTIMEO` count.
//!
//! Limits: half close, reset, local address and options need a stack that has them; see
//! [`capability`](crate::capability). A closed socket cannot be connected again.

use core::fmt;
use core::net::SocketAddr;
use core::time::Duration;

use embedded_nal::TcpClientStack;

use crate::lookahead::Lookahead;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, Options};

/// The longest that closing waits for sent bytes to be confirmed: MicroPython's lwIP port aborts a
/// close after as long (MicroPython `modlwip`).
pub(crate) const LINGER_MICROS: u64 = 10_000_000;

pub(crate) type Handle<N> = <<N as NetworkRef>::Stack as TcpClientStack>::TcpSocket;

/// Where a socket stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Not connected, and nothing taken from the stack.
    Fresh,
    /// `connect` has been called in the stack and has not come to an end.
    Connecting(SocketAddr),
    /// The attempt has failed, as one found who only asked; the next operation reports it. The stack
    /// has its socket back.
    Failed(Error),
    Connected,
    Closed,
}

/// How far the stack's socket has come on the way to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dial {
    New,
    Asked,
    /// There is a connection. Options that were too early may still have to be told.
    Done,
}

/// A TCP connection, or one to be.
///
/// A new socket blocks without limit; see [`set_timeout`](Self::set_timeout). It takes a socket from
/// the stack when it connects, not before. Dropping it closes it.
pub struct TcpSocket<N: NetworkRef> {
    pub(crate) net: N,
    /// Present while connecting and connected.
    pub(crate) handle: Option<Handle<N>>,
    pub(crate) phase: Phase,
    /// How far the stack has come with connecting its socket.
    pub(crate) dial: Dial,
    pub(crate) peer: Option<SocketAddr>,
    receive_timeout: Option<Duration>,
    send_timeout: Option<Duration>,
    pub(crate) lookahead: Lookahead,
    /// The end of the stream was seen, in order or by a reset.
    pub(crate) ended: bool,
    /// Reading was shut down, and more may come.
    pub(crate) discarding: bool,
    /// Sending was shut down.
    pub(crate) sending_ended: bool,
    /// An error for the next reader, after the bytes that came before it.
    pub(crate) pending: Option<Error>,
    /// An error for the next sender, found by one who only asked.
    pub(crate) pending_send: Option<Error>,
    /// The connection is gone: it was not closed in order, or takes no more data.
    pub(crate) lost: bool,
    /// The latest send found no room for all it had.
    pub(crate) full: bool,
    /// Bytes were sent since the last barrier.
    pub(crate) unconfirmed: bool,
    pub(crate) sent: usize,
    pub(crate) options: Options,
}

impl<N: NetworkRef> TcpSocket<N> {
    /// A socket that is not connected. Takes nothing from the stack yet.
    pub const fn new(net: N) -> Self {
        Self {
            net,
            handle: None,
            phase: Phase::Fresh,
            dial: Dial::New,
            peer: None,
            receive_timeout: None,
            send_timeout: None,
            lookahead: Lookahead::new(),
            ended: false,
            discarding: false,
            sending_ended: false,
            pending: None,
            pending_send: None,
            lost: false,
            full: false,
            unconfirmed: false,
            sent: 0,
            options: Options::new(),
        }
    }

    pub(crate) fn accepted(net: N, handle: Handle<N>, peer: SocketAddr) -> Self {
        let mut socket = Self::new(net);
        socket.handle = Some(handle);
        socket.phase = Phase::Connected;
        socket.peer = Some(peer);
        socket
    }

    /// Sets how long an operation may wait: `None` without limit, zero not at all (non-blocking).
    ///
    /// Anything else counts in microseconds; shorter times are one microsecond. Holds for receiving,
    /// sending and connecting, from the next operation on.
    pub fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.receive_timeout = timeout;
        self.send_timeout = timeout;
    }

    /// The same for receiving only.
    pub fn set_receive_timeout(&mut self, timeout: Option<Duration>) {
        self.receive_timeout = timeout;
    }

    /// The same for sending and connecting only.
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

    /// How long sending and connecting may wait.
    pub const fn send_timeout(&self) -> Option<Duration> {
        self.send_timeout
    }

    /// Whether there is a connection as far as this side knows.
    pub fn is_connected(&self) -> bool {
        self.phase == Phase::Connected
    }

    /// Whether a connect has begun that has not come to an end, or whose end nobody has been told.
    pub const fn is_connecting(&self) -> bool {
        matches!(self.phase, Phase::Connecting(_) | Phase::Failed(_))
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
    /// A blocking or timed socket first waits until the bytes sent are confirmed, for at most the send
    /// timeout and never longer than 10 seconds. A non-blocking one does not wait: on stacks that send
    /// in the background, call [`flush`](Self::flush) until it no longer would block, or make the
    /// socket blocking, before closing or dropping it. Bytes received and not read are lost.
    ///
    /// # Errors
    ///
    /// The socket is closed all the same, only some bytes may not have arrived: whatever
    /// [`flush`](Self::flush) reports, or the stack about closing. The one exception is
    /// [`ErrorKind::Busy`] when called from within [`Network::with_stack`](crate::Network::with_stack), or
    /// from the idle hook if it would have to wait: then nothing has happened; close again later.
    pub fn close(&mut self) -> Result<(), Error> {
        if self.handle.is_some() {
            // Before an error that waits for the sender is used up.
            drop(self.net.network().borrow_stack()?);
        }
        let limit = self.send_limit();
        let confirmed = if self.phase == Phase::Connected && limit != Limit::Now {
            self.barrier(limit.at_most(LINGER_MICROS))
        } else {
            Ok(())
        };
        if confirmed.is_err_and(|error| error.kind() == ErrorKind::Busy) {
            return confirmed;
        }
        self.discard();
        confirmed.and(self.release())
    }

    /// Gives the stack its socket back and forgets everything. Only [`ErrorKind::Busy`] leaves the
    /// socket as it is.
    pub(crate) fn release(&mut self) -> Result<(), Error> {
        let net = self.net.network();
        let closed = if self.handle.is_some() {
            let mut stack = net.borrow_stack()?;
            if self.phase == Phase::Connected {
                net.start_pause();
            }
            match self.handle.take().map(|handle| stack.close(handle)) {
                Some(Err(error)) => match net.policy.error(&error) {
                    // There was nothing left to close.
                    error if is_end(error.kind()) => Ok(()),
                    error => Err(error),
                },
                Some(Ok(())) | None => Ok(()),
            }
        } else {
            Ok(())
        };
        self.phase = Phase::Closed;
        self.lookahead.clear();
        self.pending = None;
        self.pending_send = None;
        self.unconfirmed = false;
        self.discarding = false;
        closed
    }

    /// Turns the socket into a file object. Closing or dropping the file closes the socket.
    pub const fn makefile(self) -> crate::SocketFile<N> {
        crate::SocketFile::owning(self)
    }

    /// A file object on this socket. Closing the file closes the socket; dropping it does not, the
    /// socket is still there.
    pub const fn file(&mut self) -> crate::SocketFile<N, &mut Self> {
        crate::SocketFile::borrowing(self)
    }
}

/// Errors after which a connection gives nothing any more.
pub(crate) const fn is_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
    )
}

impl<N: NetworkRef> Drop for TcpSocket<N> {
    fn drop(&mut self) {
        // Nobody is left to be told, or to close again.
        if self.close().is_err() {
            let _ = self.release();
        }
    }
}

impl<N: NetworkRef> fmt::Debug for TcpSocket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpSocket")
            .field("state", &self.phase)
            .field("peer", &self.peer)
            .field("receive_timeout", &self.receive_timeout)
            .field("send_timeout", &self.send_timeout)
            .finish_non_exhaustive()
    }
}
