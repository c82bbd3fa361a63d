//! Half close. Ending the reading direction is done here; ending the sending direction needs the stack.

use crate::error::Fault;
use crate::policy::again_or_kind;
use crate::tcp_receive::receive;
use crate::tcp_socket::{LINGER_MICROS, is_end};
use crate::wait::Limit;
use crate::{Direction, Error, ErrorKind, NetworkRef, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Ends one direction of the connection, or both; the socket stays open. Doing it again is `Ok`.
    ///
    /// After the reading direction, a read is the end of the stream. What had arrived is forgotten, and
    /// what still arrives is thrown away, a piece whenever the socket is used. The peer is not told.
    /// Works on every stack.
    ///
    /// After the sending direction, sending is [`BrokenPipe`](ErrorKind::BrokenPipe), the peer reads to
    /// its end of the stream, and reading here goes on. A blocking or timed socket first waits until the
    /// bytes sent are confirmed, for at most the send timeout and never longer than 10 seconds.
    ///
    /// # Errors
    ///
    /// [`NotSupported`](ErrorKind::NotSupported) for the sending direction of a network built without
    /// [`with_shutdown`](crate::Network::with_shutdown), [`TimedOut`](ErrorKind::TimedOut),
    /// [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking socket,
    /// [`NotConnected`](ErrorKind::NotConnected), [`Closed`](ErrorKind::Closed),
    /// [`Interrupted`](ErrorKind::Interrupted), [`Busy`](ErrorKind::Busy), or what the stack reports.
    /// No direction has ended then.
    pub fn shutdown(&mut self, direction: Direction) -> Result<(), Error> {
        let stack_function = self.net.network().capabilities.shutdown;
        if direction.writes() && stack_function.is_none() {
            return Err(Error::unsupported(Fault::NoShutdown));
        }
        let limit = self.send_limit();
        self.need_connection(limit)?;
        if direction.writes() && !self.sending_ended {
            let limit = limit.at_most(LINGER_MICROS);
            if limit != Limit::Now {
                self.barrier(limit)?;
            }
            if let (Some(shutdown_write), Some(handle)) = (stack_function, self.handle.as_mut()) {
                self.net.network().wait(limit, |stack, _| {
                    shutdown_write(stack, handle).map_err(again_or_kind)
                })?;
            }
            self.sending_ended = true;
            self.unconfirmed = false;
            self.full = false;
            self.pending_send = None;
        }
        if direction.reads() {
            self.lookahead.clear();
            self.pending = None;
            self.discarding = !self.ended;
            self.ended = true;
        }
        Ok(())
    }

    /// Makes sure that the connection takes data as far as this side is concerned.
    pub(crate) fn need_sending(&mut self, limit: Limit) -> Result<(), Error> {
        self.need_connection(limit)?;
        if self.sending_ended {
            return Err(Error::new(ErrorKind::BrokenPipe));
        }
        Ok(())
    }

    /// Throws a piece of what has come since reading ended away, so that it does not clog the stack.
    pub(crate) fn discard(&mut self) {
        if !self.discarding {
            return;
        }
        let Some(handle) = self.handle.as_mut() else {
            return;
        };
        let (net, probe) = (&self.net, !self.sending_ended);
        let received = self
            .lookahead
            .fill(|buf| receive(net, handle, Limit::Now, probe, buf));
        self.lookahead.clear();
        self.discarding = match received {
            Ok(count) => count > 0,
            Err(error) => {
                self.lost |= is_end(error.kind());
                !self.lost
            }
        };
    }
}
