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
//! Limits: `embedded_nal::TcpFullStack` binds a port on every local address and has no backlog. Which
//! port 0 became only a stack with [`LocalAddress`](crate::capability::LocalAddress) tells.

use core::time::Duration;
use core::{fmt, net::SocketAddr};

use embedded_nal::{TcpClientStack, TcpFullStack, nb};

use crate::address::canonical;
use crate::capability::Server;
use crate::capability::accepted::accept;
use crate::error::Fault;
use crate::policy::again_or_kind;
use crate::tcp_socket::Handle;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, Options, SocketOption, TcpSocket};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Fresh,
    Bound,
    /// Listening in the stack, whose server is not known to be up.
    Starting,
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
    /// 0 until it is known.
    port: u16,
    options: Options,
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
            None => Err(Error::unsupported(Fault::NoServer)),
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
            port: 0,
            options: Options::new(),
        }
    }

    /// Sets how long [`accept`](Self::accept), and where it waits [`listen`](Self::listen), may wait: `None` without limit, zero not at all.
    pub const fn set_timeout(&mut self, timeout: Option<Duration>) {
        self.timeout = timeout;
    }

    /// `true` is a timeout of zero, `false` is none.
    pub fn set_nonblocking(&mut self, nonblocking: bool) {
        self.set_timeout(nonblocking.then_some(Duration::ZERO));
    }

    /// Sets an option (`setsockopt`). Before [`bind`](Self::bind) it is kept for that, which fails with
    /// what the stack says if it refuses one; later the stack is told at once, within the timeout.
    /// Connections that are accepted have their own options.
    ///
    /// # Errors
    ///
    /// As [`TcpSocket::set_option`].
    pub fn set_option(&mut self, option: SocketOption) -> Result<(), Error> {
        option.check_for_tcp()?;
        if self.phase == Phase::Closed {
            return Err(Error::new(ErrorKind::Closed));
        }
        let net = self.net.network();
        let table = net
            .capabilities
            .tcp_options
            .ok_or(Error::unsupported(Fault::NoOptions))?;
        match self.handle.as_mut() {
            None => {
                let mut stack = net.borrow_stack()?;
                (table.check)(&mut stack, option).map_err(Error::new)?;
                self.options.keep(option);
            }
            Some(handle) => {
                net.wait(Limit::from(self.timeout), |stack, _| {
                    (table.set)(stack, handle, option).map_err(again_or_kind)
                })?;
                self.options.note(option);
            }
        }
        Ok(())
    }

    /// The options that were set on this listener.
    pub const fn options(&self) -> &Options {
        &self.options
    }

    /// Takes `port` on every local address; 0 is a free one of the stack's choice. Waits only for
    /// options that the stack cannot set at once, within the timeout.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if bound already, [`Closed`](ErrorKind::Closed),
    /// [`Busy`](ErrorKind::Busy), or what the stack reports, after which bind can be called again.
    pub fn bind(&mut self, port: u16) -> Result<(), Error> {
        self.expect(Phase::Fresh)?;
        let server = self.server;
        let net = self.net.network();
        let table = net.capabilities.tcp_options;
        let options = &mut self.options;
        let slot = &mut self.handle;
        let mut bound_already = false;
        let bound = net.wait(Limit::from(self.timeout), |stack, policy| {
            let handle = match slot.as_mut() {
                Some(handle) => handle,
                None => slot.insert(stack.socket().map_err(|error| policy.error(&error))?),
            };
            let mut tell = |stack: &mut N::Stack, handle: &mut Handle<N>, new| match &table {
                Some(table) => table.tell(stack, handle, options, new),
                None => Ok(()),
            };
            if !bound_already {
                tell(stack, handle, true)?;
                (server.bind)(stack, handle, port)
                    .map_err(|error| nb::Error::Other(policy.error(&error)))?;
                bound_already = true;
            }
            tell(stack, handle, false)
        });
        if bound.is_err() {
            self.options.start_over();
            if let Some(handle) = self.handle.take()
                && let Ok(mut stack) = net.borrow_stack()
            {
                let _ = stack.close(handle);
            }
            return bound;
        }
        self.phase = Phase::Bound;
        self.port = port;
        Ok(())
    }

    /// The port that was bound. Which one port 0 became the stack has to tell; it may wait within the
    /// timeout.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if not bound, [`Closed`](ErrorKind::Closed), and after
    /// binding to port 0: [`NotSupported`](ErrorKind::NotSupported) for a network built without
    /// [`with_local_address`](crate::Network::with_local_address),
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// listener, [`Interrupted`](ErrorKind::Interrupted), [`Busy`](ErrorKind::Busy), or what the stack
    /// reports.
    pub fn local_port(&mut self) -> Result<u16, Error> {
        if self.phase == Phase::Closed {
            return Err(Error::new(ErrorKind::Closed));
        }
        let handle = self.handle.as_mut().ok_or(not_bound())?;
        if self.port == 0 {
            let net = self.net.network();
            let local_address = net
                .capabilities
                .local_address
                .ok_or(Error::unsupported(Fault::NoLocalAddress))?;
            self.port = net
                .wait(Limit::from(self.timeout), |stack, _| {
                    local_address(stack, handle).map_err(again_or_kind)
                })?
                .port();
        }
        Ok(self.port)
    }

    /// Starts to take connections. On a network
    /// [`with_listening`](crate::Network::with_listening) it returns when the stack's server is up, and
    /// waits for that within the timeout; on others it does not wait.
    ///
    /// A wait that ended before the server was up changes nothing: the stack goes on, and listening again
    /// continues the wait. [`accept`](Self::accept) and [`poll`](crate::Network::poll) need not wait for
    /// that; who connects too early is refused by the stack.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if not bound or listening already,
    /// [`Closed`](ErrorKind::Closed); from the wait [`TimedOut`](ErrorKind::TimedOut),
    /// [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking listener,
    /// [`Interrupted`](ErrorKind::Interrupted) and [`Busy`](ErrorKind::Busy), which is also for a stack in
    /// use; or what the stack reports. Then the listener is bound as before, and can listen again.
    pub fn listen(&mut self) -> Result<(), Error> {
        let server = self.server;
        let net = self.net.network();
        let handle = match (self.phase, self.handle.as_mut()) {
            (Phase::Bound | Phase::Starting, Some(handle)) => handle,
            (Phase::Closed, _) => return Err(Error::new(ErrorKind::Closed)),
            _ => return Err(not_bound()),
        };
        if self.phase == Phase::Bound {
            net.once(|stack, policy| {
                (server.listen)(stack, handle)
                    .map_err(|error| nb::Error::Other(policy.error(&error)))
            })
            .map_err(stack_error)?;
        }
        self.phase = Phase::Starting;
        if let Some(listening) = net.capabilities.listening {
            let phase = &mut self.phase;
            net.wait(Limit::from(self.timeout), |stack, _| {
                let up = listening(stack, handle).map_err(again_or_kind);
                if matches!(up, Err(nb::Error::Other(_))) {
                    *phase = Phase::Bound;
                }
                up
            })?;
        }
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
        // One that is starting has its place in the stack, which knows who is early.
        if self.phase != Phase::Starting {
            self.expect(Phase::Listening)?;
        }
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
        let net = self.net.network();
        net.wait(Limit::from(self.timeout), |stack, policy| {
            accept(stack, policy, server, net.capabilities.accepted, handle)
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
