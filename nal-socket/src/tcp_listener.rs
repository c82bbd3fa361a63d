//! Accepting connections.
//!
//! ```no_run
//! use nal_socket::{Network, TcpListener};
//!
//! # fn main() -> Result<(), nal_socket::Error> {
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut listener = TcpListener::new(&network);
//! listener.bind(8080)?;
//! listener.listen()?;
//! let (mut connection, from) = listener.accept()?;
//! connection.sendall(format!("hello {from}\n").as_bytes())?;
//! # Ok(())
//! # }
//! ```
//!
//! Limits: `embedded_nal::TcpFullStack` binds a port on every local address and has no backlog; it does
//! not tell the port that port 0 became.

use core::time::Duration;
use core::{fmt, net::SocketAddr};

use embedded_nal::{TcpClientStack, TcpFullStack, nb};

use crate::address::canonical;
use crate::capability::Server;
use crate::error::Fault;
use crate::tcp_socket::Handle;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, TcpSocket};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Fresh,
    Bound,
    Listening,
    Closed,
}

/// A socket that waits for connections.
///
/// A new listener blocks without limit. Dropping it closes it; connections it accepted stay.
pub struct TcpListener<N: NetworkRef> {
    pub(crate) net: N,
    pub(crate) server: Server<N::Stack>,
    pub(crate) handle: Option<Handle<N>>,
    pub(crate) phase: Phase,
    /// What polling has accepted, for the next accept.
    pub(crate) ahead: Option<Result<(Handle<N>, SocketAddr), Error>>,
    timeout: Option<Duration>,
}

impl<N: NetworkRef> TcpListener<N> {
    /// A listener on a stack that is known to accept connections.
    pub const fn new(net: N) -> Self
    where
        N::Stack: TcpFullStack,
    {
        Self::with(net, Server::of_stack())
    }

    /// A listener on any stack.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] if the network was built without
    /// [`with_server`](crate::Network::with_server).
    pub fn try_new(net: N) -> Result<Self, Error> {
        match net.network().capabilities.server {
            Some(server) => Ok(Self::with(net, server)),
            None => Err(Error::new(ErrorKind::NotSupported)),
        }
    }

    const fn with(net: N, server: Server<N::Stack>) -> Self {
        Self {
            net,
            server,
            handle: None,
            phase: Phase::Fresh,
            ahead: None,
            timeout: None,
        }
    }

    /// Sets how long [`accept`](Self::accept) may wait: `None` without limit, zero not at all.
    pub const fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// `true` is a timeout of zero, `false` is none.
    pub fn set_nonblocking(&mut self, nonblocking: bool) {
        self.set_timeout(nonblocking.then_some(Duration::ZERO));
    }

    /// Takes `port` on every local address; 0 is a free one of the stack's choice. Does not wait.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if bound already, [`Closed`](ErrorKind::Closed),
    /// [`Busy`](ErrorKind::Busy), or what the stack reports, after which bind can be called again.
    pub fn bind(&mut self, port: u16) -> Result<(), Error> {
        self.expect(Phase::Fresh)?;
        let server = self.server;
        let handle = self
            .net
            .network()
            .once(|stack, policy| {
                let mut handle = stack.socket().map_err(|error| policy.error(&error))?;
                match (server.bind)(stack, &mut handle, port) {
                    Ok(()) => Ok(handle),
                    Err(error) => {
                        let error = policy.error(&error);
                        let _ = stack.close(handle);
                        Err(nb::Error::Other(error))
                    }
                }
            })
            .map_err(stack_error)?;
        self.handle = Some(handle);
        self.phase = Phase::Bound;
        Ok(())
    }

    /// Starts to take connections. Does not wait.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if not bound or listening already,
    /// [`Closed`](ErrorKind::Closed), [`Busy`](ErrorKind::Busy), or what the stack reports.
    pub fn listen(&mut self) -> Result<(), Error> {
        self.expect(Phase::Bound)?;
        let server = self.server;
        let handle = self.handle.as_mut().ok_or(not_bound())?;
        self.net
            .network()
            .once(|stack, policy| {
                (server.listen)(stack, handle)
                    .map_err(|error| nb::Error::Other(policy.error(&error)))
            })
            .map_err(stack_error)?;
        self.phase = Phase::Listening;
        Ok(())
    }

    /// Waits for a connection, within the timeout. The new socket blocks without limit, whatever the
    /// listener's timeout is. An IPv4 peer is told as one, also by a stack that maps it into IPv6.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// listener, [`InvalidInput`](ErrorKind::InvalidInput) if not listening,
    /// [`Closed`](ErrorKind::Closed), [`Interrupted`](ErrorKind::Interrupted),
    /// [`Busy`](ErrorKind::Busy), or what the stack reports. The listener stays usable.
    pub fn accept(&mut self) -> Result<(TcpSocket<N>, SocketAddr), Error> {
        self.expect(Phase::Listening)?;
        let (connection, peer) = match self.ahead.take() {
            Some(accepted) => accepted?,
            None => self.accept_now()?,
        };
        let peer = canonical(peer);
        Ok((
            TcpSocket::accepted(self.net.clone(), connection, peer),
            peer,
        ))
    }

    fn accept_now(&mut self) -> Result<(Handle<N>, SocketAddr), Error> {
        let server = self.server;
        let handle = self.handle.as_mut().ok_or(not_bound())?;
        self.net
            .network()
            .wait(Limit::from(self.timeout), |stack, policy| {
                (server.accept)(stack, handle).map_err(|error| policy.failure(error))
            })
    }

    /// Stops listening. Closing again is `Ok`; anything else is [`ErrorKind::Closed`] from then on. A
    /// connection that [`poll`](crate::Network::poll) has found and nobody has accepted is closed.
    ///
    /// # Errors
    ///
    /// What the stack reports, the listener is closed all the same; or [`ErrorKind::Busy`] from within
    /// [`Network::with_stack`](crate::Network::with_stack), then nothing has happened.
    pub fn close(&mut self) -> Result<(), Error> {
        let net = self.net.network();
        if self.handle.is_some() {
            let mut stack = net.borrow_stack()?;
            self.phase = Phase::Closed;
            if let Some(Ok((connection, _))) = self.ahead.take() {
                // Nobody had it, so nobody minds how it ends.
                let _ = stack.close(connection);
            }
            if let Some(handle) = self.handle.take() {
                return stack
                    .close(handle)
                    .map_err(|error| net.policy.error(&error));
            }
        }
        self.phase = Phase::Closed;
        Ok(())
    }

    fn expect(&self, phase: Phase) -> Result<(), Error> {
        if self.phase == phase {
            Ok(())
        } else if self.phase == Phase::Closed {
            Err(Error::new(ErrorKind::Closed))
        } else {
            Err(not_bound())
        }
    }
}

/// The error of a stack function that cannot be "not yet".
fn stack_error(error: nb::Error<Error>) -> Error {
    match error {
        nb::Error::Other(error) => error,
        nb::Error::WouldBlock => Error::new(ErrorKind::WouldBlock),
    }
}

const fn not_bound() -> Error {
    Error::invalid(Fault::ListenerOrder)
}

impl<N: NetworkRef> Drop for TcpListener<N> {
    fn drop(&mut self) {
        let _ = self.close();
    }
}

impl<N: NetworkRef> fmt::Debug for TcpListener<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TcpListener")
            .field("state", &self.phase)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
