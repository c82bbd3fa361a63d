//! Sending, and the barrier that says that it has arrived.

use embedded_nal::{TcpClientStack, nb};

use crate::policy::{Barrier, ZeroSend};
use crate::tcp_socket::is_end;
use crate::wait::Limit;
use crate::{Error, ErrorKind, NetworkRef, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Gives `data` to the stack once and returns how much it took, which may be less than all.
    /// Waits for room within the send timeout. No data: `Ok(0)` at once.
    ///
    /// What the stack took is on its way, not necessarily there; see [`flush`](Self::flush).
    ///
    /// # Errors
    ///
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`NotConnected`](ErrorKind::NotConnected), [`Closed`](ErrorKind::Closed),
    /// [`BrokenPipe`](ErrorKind::BrokenPipe), [`Interrupted`](ErrorKind::Interrupted),
    /// [`Busy`](ErrorKind::Busy), or what the stack reports.
    pub fn send(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.send_within(self.send_limit(), data)
    }

    /// Sends without waiting, whatever the timeout (`MSG_DONTWAIT`).
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send) on a non-blocking socket.
    pub fn try_send(&mut self, data: &[u8]) -> Result<usize, Error> {
        self.send_within(Limit::Now, data)
    }

    fn send_within(&mut self, limit: Limit, data: &[u8]) -> Result<usize, Error> {
        self.sent = 0;
        self.need_sending(limit)?;
        self.send_piece(limit, data)
    }

    /// Sends everything, piece by piece, each within the send timeout.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send); [`sent`](Self::sent) then tells how much went out before.
    pub fn sendall(&mut self, data: &[u8]) -> Result<(), Error> {
        let limit = self.send_limit();
        self.sent = 0;
        self.need_sending(limit)?;
        let mut rest = data;
        while !rest.is_empty() {
            let count = self.send_piece(limit, rest)?;
            rest = rest.get(count..).unwrap_or(&[]);
        }
        Ok(())
    }

    /// Sends everything, as [`sendall`](Self::sendall); a non-blocking socket sends what it can and
    /// says how much that was. No data: `Ok(0)` without touching the socket, even unconnected.
    ///
    /// # Errors
    ///
    /// As [`sendall`](Self::sendall), but [`WouldBlock`](ErrorKind::WouldBlock) only when nothing
    /// could be sent.
    pub fn write(&mut self, data: &[u8]) -> Result<usize, Error> {
        // As in MicroPython.
        if data.is_empty() {
            self.sent = 0;
            return Ok(0);
        }
        match self.sendall(data) {
            Ok(()) => Ok(data.len()),
            Err(error) if error.kind() == ErrorKind::WouldBlock && self.sent > 0 => Ok(self.sent),
            Err(error) => Err(error),
        }
    }

    /// How many bytes the stack took in the most recent [`send`](Self::send),
    /// [`try_send`](Self::try_send), [`sendall`](Self::sendall) or [`write`](Self::write), also when that failed: resume from there.
    pub const fn sent(&self) -> usize {
        self.sent
    }

    /// Waits within the send timeout until everything sent is confirmed, as far as the stack can tell
    /// ([`Barrier`]). Without anything unconfirmed it does not ask the stack.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn flush(&mut self) -> Result<(), Error> {
        let limit = self.send_limit();
        self.need_connection(limit)?;
        self.barrier(limit)
    }

    fn send_piece(&mut self, limit: Limit, data: &[u8]) -> Result<usize, Error> {
        // An empty send is the barrier, which nobody asked for here.
        if data.is_empty() {
            return Ok(0);
        }
        if let Some(error) = self.pending_send.take() {
            return Err(error);
        }
        self.discard();
        let handle = self
            .handle
            .as_mut()
            .ok_or(Error::new(ErrorKind::NotConnected))?;
        let full = &mut self.full;
        let sent = self.net.network().wait(limit, |stack, policy| {
            let sent = match stack.send(handle, data) {
                Ok(0) if policy.zero_send == ZeroSend::Pending => Err(nb::Error::WouldBlock),
                Ok(0) => Err(nb::Error::Other(Error::new(ErrorKind::BrokenPipe))),
                Ok(count) => Ok(count.min(data.len())),
                Err(error) => Err(policy.failure(error)),
            };
            *full = match &sent {
                Ok(count) => *count < data.len(),
                Err(error) => *error == nb::Error::WouldBlock,
            };
            sent
        });
        let count = self.note_loss(sent)?;
        self.unconfirmed = true;
        self.sent = self.sent.saturating_add(count);
        Ok(count)
    }

    pub(crate) fn barrier(&mut self, limit: Limit) -> Result<(), Error> {
        if let Some(error) = self.pending_send.take() {
            return Err(error);
        }
        if !self.unconfirmed {
            return Ok(());
        }
        let handle = self
            .handle
            .as_mut()
            .ok_or(Error::new(ErrorKind::NotConnected))?;
        let confirmed = self.net.network().wait(limit, |stack, policy| {
            if policy.barrier == Barrier::None {
                return Ok(());
            }
            match stack.send(handle, &[]) {
                Ok(_) => Ok(()),
                Err(error) => Err(policy.failure(error)),
            }
        });
        self.note_loss(confirmed)?;
        self.unconfirmed = false;
        // What has left makes room.
        self.full = false;
        Ok(())
    }

    fn note_loss<T>(&mut self, outcome: Result<T, Error>) -> Result<T, Error> {
        if let Err(error) = &outcome {
            self.lost |= is_end(error.kind());
        }
        outcome
    }
}
