//! Receiving: one piece at a time.
//!
//! Order of what a reader gets: bytes kept from earlier, then a remembered error once, then the end of
//! the stream if it was seen, then whatever the stack has.

use embedded_nal::{TcpClientStack, nb};

use crate::policy::{EndProbe, ZeroRead};
use crate::tcp_socket::{Handle, is_end};
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, Policy, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Receives what is there, at least one byte, waiting for the first within the receive timeout.
    ///
    /// `Ok(0)` is the end of the stream, again and again, or an empty `buf`. After a reset, what had
    /// arrived comes first, then [`ErrorKind::ConnectionReset`] once, then the end of the stream.
    /// [`ErrorKind::DataLost`] comes once, where bytes are missing; receiving may go on behind it.
    ///
    /// # Errors
    ///
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`NotConnected`](ErrorKind::NotConnected), [`Closed`](ErrorKind::Closed),
    /// [`ConnectionReset`](ErrorKind::ConnectionReset), [`DataLost`](ErrorKind::DataLost),
    /// [`Interrupted`](ErrorKind::Interrupted), [`Busy`](ErrorKind::Busy), what the stack reports, or
    /// how a connect that was under way has failed.
    pub fn recv(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.recv_within(self.receive_limit(), buf)
    }

    /// Receives without waiting, whatever the timeout (`MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv) on a non-blocking socket.
    pub fn try_recv(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.recv_within(Limit::Now, buf)
    }

    /// Like [`recv`](Self::recv), but the bytes stay to be received again (`MSG_PEEK`).
    ///
    /// Asks the stack once. If fewer bytes are kept than `buf` holds, that is without waiting and what
    /// has come since is shown behind them, so peeking again shows more as it comes; only when none is
    /// kept does it wait. Takes at most [`LOOKAHEAD`](crate::LOOKAHEAD) bytes ahead.
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv).
    pub fn peek(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.peek_within(self.receive_limit(), buf)
    }

    /// Peeks without waiting, whatever the timeout (`MSG_PEEK | MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`recv`](Self::recv) on a non-blocking socket.
    pub fn try_peek(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.peek_within(Limit::Now, buf)
    }

    fn peek_within(&mut self, limit: Limit, buf: &mut [u8]) -> Result<usize, Error> {
        self.need_connection(limit)?;
        if buf.is_empty() {
            return Ok(0);
        }
        if self.lookahead.is_empty() {
            self.look(limit)?;
        } else if self.lookahead.bytes().len() < buf.len() {
            self.look_further();
        }
        Ok(self.lookahead.copy(buf))
    }

    fn recv_within(&mut self, limit: Limit, buf: &mut [u8]) -> Result<usize, Error> {
        self.need_connection(limit)?;
        if buf.is_empty() {
            return Ok(0);
        }
        self.piece(limit, buf)
    }

    /// One piece into a non-empty `buf`: from the look-ahead, else straight from the stack.
    pub(crate) fn piece(&mut self, limit: Limit, buf: &mut [u8]) -> Result<usize, Error> {
        if !self.lookahead.is_empty() {
            return Ok(self.lookahead.take(buf));
        }
        if let Some(outcome) = self.without_stack() {
            return outcome;
        }
        let handle = self.handle.as_mut().ok_or(NOT_CONNECTED)?;
        let probe = !self.sending_ended;
        let received = receive(&self.net, handle, limit, probe, buf);
        self.note_end(received)
    }

    /// Makes sure that the look-ahead holds something, unless the stream has ended.
    pub(crate) fn look(&mut self, limit: Limit) -> Result<(), Error> {
        if !self.lookahead.is_empty() {
            return Ok(());
        }
        if let Some(outcome) = self.without_stack() {
            return outcome.map(drop);
        }
        let handle = self.handle.as_mut().ok_or(NOT_CONNECTED)?;
        let (net, probe) = (&self.net, !self.sending_ended);
        let received = self
            .lookahead
            .fill(|buf| receive(net, handle, limit, probe, buf));
        self.note_end(received).map(drop)
    }

    /// Adds what the stack has by now to the bytes in the look-ahead, if there is room. An error or
    /// the end of the stream is for the reader who has had these bytes.
    fn look_further(&mut self) {
        if self.ended || self.pending.is_some() {
            return;
        }
        let Some(handle) = self.handle.as_mut() else {
            return;
        };
        let (net, probe) = (&self.net, !self.sending_ended);
        let received = self
            .lookahead
            .extend(|buf| receive(net, handle, Limit::Now, probe, buf));
        if let Err(error) = self.note_end(received.unwrap_or(NOTHING_YET))
            && !matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Busy)
        {
            self.pending = Some(error);
        }
    }

    /// What is known about the next piece without asking the stack.
    fn without_stack(&mut self) -> Option<Result<usize, Error>> {
        self.discard();
        match self.pending.take() {
            Some(error) => Some(Err(error)),
            None if self.ended => Some(Ok(0)),
            None => None,
        }
    }

    fn note_end(&mut self, received: Result<usize, Error>) -> Result<usize, Error> {
        match &received {
            Ok(0) => self.ended = true,
            Err(error) if is_end(error.kind()) => {
                self.ended = true;
                self.lost = true;
            }
            _ => {}
        }
        received
    }
}

const NOT_CONNECTED: Error = Error::new(ErrorKind::NotConnected);
const NOTHING_YET: Result<usize, Error> = Err(Error::new(ErrorKind::WouldBlock));

/// Receives at least one byte from the stack, or the end of the stream as 0. `buf` is not empty.
///
/// `probe` is whether a failed empty send tells about the peer: not once sending has ended here.
pub(crate) fn receive<N: NetworkRef>(
    net: &N,
    handle: &mut Handle<N>,
    limit: Limit,
    probe: bool,
    buf: &mut [u8],
) -> Result<usize, Error> {
    net.network().wait(limit, |stack, policy| {
        let received = take(stack, policy, handle, buf);
        if !matches!(received, Err(nb::Error::WouldBlock))
            || policy.end_of_stream == EndProbe::Receive
            || !probe
        {
            return received;
        }
        match stack.send(handle, &[]) {
            Ok(_) => Err(nb::Error::WouldBlock),
            // What this call brought in comes before the bad news.
            Err(error) => match take(stack, policy, handle, buf) {
                Err(nb::Error::WouldBlock) => policy.probe_failure(error),
                received => received,
            },
        }
    })
}

/// What the stack has now. The end of the stream is `Ok(0)`.
pub(crate) fn take<S: TcpClientStack>(
    stack: &mut S,
    policy: &Policy<S::Error>,
    handle: &mut S::TcpSocket,
    buf: &mut [u8],
) -> nb::Result<usize, Error> {
    match stack.receive(handle, buf) {
        Ok(0) if policy.zero_read == ZeroRead::Pending => Err(nb::Error::WouldBlock),
        // Never trust a count from below.
        Ok(count) => Ok(count.min(buf.len())),
        Err(error) => policy.receive_failure(error),
    }
}
