//! Connecting: one attempt at a time, and its outcome told exactly once.
//!
//! Whoever finds that an attempt has failed reports it, and the socket is as new. Asking for readiness
//! only asks: it keeps the outcome for the next operation, as `poll` does on a refused connect.

use core::net::SocketAddr;

use embedded_nal::{TcpClientStack, nb};

use crate::error::Fault;
use crate::tcp_dial::dial;
use crate::tcp_socket::{Dial, Handle, Phase};
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Connects to `remote`, within the send timeout.
    ///
    /// After a timeout or an interruption the attempt is still there: calling again with the same
    /// address resumes it, with another address gives it up for a new one. After a failure the socket
    /// is as new.
    ///
    /// Without blocking, the first call is `InProgress`. Further ones with whatever address go on with
    /// the first address: `AlreadyInProgress`, until one is `Ok` or says what went wrong. Sending, receiving and asking
    /// for readiness drive the attempt on too. A failure is told once: by the operation that finds it,
    /// and if [`recv_ready`](Self::recv_ready) or [`send_ready`](Self::send_ready) found it, by the
    /// next operation, which may be a connect to whatever address.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for port 0,
    /// [`AlreadyConnected`](ErrorKind::AlreadyConnected), [`Closed`](ErrorKind::Closed),
    /// [`TimedOut`](ErrorKind::TimedOut), [`InProgress`](ErrorKind::InProgress),
    /// [`AlreadyInProgress`](ErrorKind::AlreadyInProgress),
    /// [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking socket if the stack cannot give a
    /// socket yet (nothing is in progress then), [`Interrupted`](ErrorKind::Interrupted),
    /// [`Busy`](ErrorKind::Busy), and what the stack reports:
    /// [`ConnectionRefused`](ErrorKind::ConnectionRefused) and the like.
    pub fn connect(&mut self, remote: SocketAddr) -> Result<(), Error> {
        let limit = self.send_limit();
        match self.phase {
            Phase::Closed => return Err(Error::new(ErrorKind::Closed)),
            Phase::Connected => return Err(Error::new(ErrorKind::AlreadyConnected)),
            Phase::Failed(error) => return Err(self.tell(error)),
            Phase::Connecting(address) if address == remote || limit == Limit::Now => {
                return self
                    .attempt(address, limit)
                    .map_err(|error| waiting_as(error, ErrorKind::AlreadyInProgress));
            }
            Phase::Connecting(_) | Phase::Fresh => {}
        }
        if remote.port() == 0 {
            return Err(Error::invalid(Fault::PortZero));
        }
        self.abandon()?;
        self.attempt(remote, limit)
            .map_err(|error| match self.phase {
                Phase::Connecting(_) => waiting_as(error, ErrorKind::InProgress),
                // Without a socket of the stack's, nothing has started.
                _ => error,
            })
    }

    /// Starts an attempt, or drives on the one that is under way. `WouldBlock` if it may not wait for
    /// the end.
    fn attempt(&mut self, remote: SocketAddr, limit: Limit) -> Result<(), Error> {
        let (phase, slot) = (&mut self.phase, &mut self.handle);
        let lookahead = &mut self.lookahead;
        let (options, stage) = (&mut self.options, &mut self.dial);
        let network = self.net.network();
        let table = network.capabilities.tcp_options;
        // The inner result is the stack's verdict, the outer one how the waiting went: after the
        // latter the attempt goes on.
        let verdict = network.wait(limit, |stack, policy| {
            let handle = match slot.as_mut() {
                Some(handle) => handle,
                None if network.pausing() => {
                    *phase = Phase::Connecting(remote);
                    return Err(nb::Error::WouldBlock);
                }
                None => {
                    let handle = match stack.socket() {
                        Ok(handle) => handle,
                        Err(error) => return verdict_of(policy.failure(nb::Error::Other(error))),
                    };
                    *phase = Phase::Connecting(remote);
                    *stage = Dial::New;
                    slot.insert(handle)
                }
            };
            let mut tell = |stack: &mut N::Stack, handle: &mut Handle<N>, new| match &table {
                Some(table) => table.tell(stack, handle, options, new),
                None => Ok(()),
            };
            let mut step = || {
                if *stage != Dial::Done {
                    tell(stack, handle, true)?;
                    let first = core::mem::replace(stage, Dial::Asked) == Dial::New;
                    dial(stack, policy, handle, lookahead, remote, first)?;
                    *stage = Dial::Done;
                }
                // What was too early for the new socket.
                tell(stack, handle, false)
            };
            step().map_or_else(verdict_of, |()| Ok(Ok(())))
        })?;
        match verdict {
            Ok(()) => {
                self.phase = Phase::Connected;
                self.peer = Some(remote);
                Ok(())
            }
            Err(error) => {
                self.abandon()?;
                Err(error)
            }
        }
    }

    /// Gives a connection attempt up, so that the socket is as new.
    fn abandon(&mut self) -> Result<(), Error> {
        let mut stack = self.net.network().borrow_stack()?;
        if let Some(handle) = self.handle.take() {
            // It never was connected; whether the stack minds does not matter to the caller.
            let _ = stack.close(handle);
        }
        self.options.start_over();
        // What came in on it is not for the next one.
        self.lookahead.clear();
        self.phase = Phase::Fresh;
        Ok(())
    }

    /// Reports a failure that was kept; the socket is as new.
    const fn tell(&mut self, error: Error) -> Error {
        self.phase = Phase::Fresh;
        error
    }

    /// Makes sure that there is a connection, finishing a connect that is under way.
    pub(crate) fn need_connection(&mut self, limit: Limit) -> Result<(), Error> {
        match self.phase {
            Phase::Connected => Ok(()),
            Phase::Connecting(remote) => self.attempt(remote, limit),
            Phase::Failed(error) => Err(self.tell(error)),
            Phase::Fresh => Err(Error::new(ErrorKind::NotConnected)),
            Phase::Closed => Err(Error::new(ErrorKind::Closed)),
        }
    }

    /// How ready a socket is that has no connection to ask: not while connecting, and once the attempt
    /// has failed it is, because the next operation reports that at once. `None` if connected.
    pub(crate) fn ready_unconnected(&mut self) -> Result<Option<bool>, Error> {
        if let Phase::Failed(_) = self.phase {
            return Ok(Some(true));
        }
        let connecting = matches!(self.phase, Phase::Connecting(_));
        match self.need_connection(Limit::Now) {
            Ok(()) => Ok(None),
            // It was connecting and no longer is: the verdict.
            Err(error) if connecting && self.phase == Phase::Fresh => {
                self.phase = Phase::Failed(error);
                Ok(Some(true))
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(Some(false)),
            Err(error) => Err(error),
        }
    }
}

/// An attempt that has failed is at its end; one that has not goes on.
fn verdict_of(error: nb::Error<Error>) -> nb::Result<Result<(), Error>, Error> {
    match error {
        nb::Error::Other(error) => Ok(Err(error)),
        nb::Error::WouldBlock => Err(nb::Error::WouldBlock),
    }
}

/// Says "would block" the way connect says it.
fn waiting_as(error: Error, kind: ErrorKind) -> Error {
    if error.kind() == ErrorKind::WouldBlock {
        Error::new(kind)
    } else {
        error
    }
}
