//! Readiness of a TCP socket, without using anything up.
//!
//! What is known here is told without the stack; beyond that it is one call a look.

use crate::capability::Ready;
use crate::policy::Barrier;
use crate::tcp_socket::{Phase, is_end};
use crate::wait::Limit;
use crate::{Error, ErrorKind, Events, Look, NetworkRef, Pollable, TcpSocket};

/// A connection that is over, or never was, and nobody has been told.
const FAILED: Events = Events::IN
    .union(Events::OUT)
    .union(Events::ERR)
    .union(Events::HUP);

impl<N: NetworkRef> Pollable for TcpSocket<N> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        match self.phase {
            Phase::Closed => Ok(Look::new(Events::NVAL)),
            Phase::Fresh => Ok(Look::new(Events::OUT | Events::HUP)),
            Phase::Failed(_) => Ok(Look::new(FAILED)),
            Phase::Connecting(_) => match self.ready_unconnected()? {
                Some(true) => Ok(Look::new(FAILED)),
                Some(false) => Ok(Look::new(Events::NONE)),
                // That was this turn's call.
                None if wanted.intersects(Events::IN | Events::OUT) => {
                    let known = self.known();
                    Ok(Look::new(known).leaving(wanted - known))
                }
                // There is no second turn for nothing, and it may be lost already.
                None => Pollable::look(self, wanted),
            },
            Phase::Connected if self.net.network().capabilities.readiness.is_some() => {
                self.look_by_readiness(wanted)
            }
            Phase::Connected => self.look_by_trying(wanted),
        }
    }
}

impl<N: NetworkRef> TcpSocket<N> {
    /// What a connected socket is ready for as far as is known here.
    fn known(&self) -> Events {
        let failed_send = self.pending_send.is_some();
        Events::IN.when(self.knows_input())
            | Events::OUT.when(!self.full || failed_send || self.lost || self.sending_ended)
            | Events::ERR.when(failed_send || self.pending.is_some())
            // As POSIX has it: both directions have ended.
            | Events::HUP.when(self.lost || (self.sending_ended && self.ended))
    }

    fn knows_input(&self) -> bool {
        !self.lookahead.is_empty() || self.pending.is_some() || self.ended
    }

    /// Whether the stack is to be asked although nobody waits for `IN` or `OUT`: that the connection
    /// is lost is to be heard all the same.
    fn only_for_errors(&self, wanted: Events, known: Events) -> bool {
        !wanted.intersects(Events::IN | Events::OUT)
            && !known.intersects(Events::IN | Events::ALWAYS)
    }

    /// Finds out by receiving ahead, or by the barrier: one of them.
    fn look_by_trying(&mut self, wanted: Events) -> Result<Look, Error> {
        let known = self.known();
        let open = (wanted - known) & (Events::IN | Events::OUT);
        if open.contains(Events::IN) || self.only_for_errors(wanted, known) {
            self.recv_ready()?;
            // Room is the next look's question; what has come to be known of it is told now.
            let known = self.known();
            return Ok(Look::new(known).leaving(open - known - Events::IN));
        }
        if open.contains(Events::OUT) {
            let room = Events::OUT.when(self.room()?);
            return Ok(Look::new((self.known() - Events::OUT) | room));
        }
        Ok(Look::new(known))
    }

    /// Asks the stack, which can say it.
    fn look_by_readiness(&mut self, wanted: Events) -> Result<Look, Error> {
        let mut ready = self.known();
        if !ready.intersects(Events::ERR | Events::HUP) && !self.sending_ended {
            // Here it can be known.
            ready -= Events::OUT;
        }
        let open = (wanted - ready) & (Events::IN | Events::OUT);
        if !open.is_empty() || self.only_for_errors(wanted, ready) {
            ready |= match self.stack_readiness()? {
                Some(Ok(stack)) => {
                    Events::IN.when(stack.readable) | Events::OUT.when(stack.writable)
                }
                Some(Err(kind)) if is_end(kind) => FAILED,
                Some(Err(_)) => FAILED - Events::HUP,
                None => Events::NONE,
            };
        }
        Ok(Look::new(ready))
    }

    /// What the stack says about readiness; `None` if it cannot. The inner error waits for the next
    /// operation.
    fn stack_readiness(&mut self) -> Result<Option<Result<Ready, ErrorKind>>, Error> {
        let network = self.net.network();
        let (Some(readiness), Some(handle)) =
            (network.capabilities.readiness, self.handle.as_mut())
        else {
            return Ok(None);
        };
        let mut stack = network.borrow_stack()?;
        Ok(Some(readiness(&mut stack, handle)))
    }

    /// Whether [`recv`](Self::recv) would not wait: there are bytes, the end of the stream or an
    /// error to be had. Asks the stack once, without waiting.
    ///
    /// While connecting it is `false`. An error that it finds, also that the connect has failed, makes
    /// it `true` and is there for the next operation.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](ErrorKind::NotConnected), [`Closed`](ErrorKind::Closed),
    /// [`Busy`](ErrorKind::Busy).
    pub fn recv_ready(&mut self) -> Result<bool, Error> {
        if let Some(ready) = self.ready_unconnected()? {
            return Ok(ready);
        }
        if self.knows_input() {
            return Ok(true);
        }
        if let Some(answer) = self.stack_readiness()? {
            return Ok(answer.map_or(true, |stack| stack.readable));
        }
        match self.look(Limit::Now) {
            Ok(()) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => Ok(false),
                ErrorKind::Busy => Err(error),
                _ => {
                    // The reader shall have it, not the one who only asked.
                    self.pending = Some(error);
                    Ok(true)
                }
            },
        }
    }

    /// Whether [`send`](Self::send) would not wait, as far as can be told: what was sent before is
    /// confirmed. Asks the stack once, without waiting.
    ///
    /// A hint only, unless the stack has [`Readiness`](crate::capability::Readiness): embedded-nal
    /// cannot be asked for room, and a stack without a barrier is taken to have some, but for the first
    /// time after a send that found it full. More cautious than [`Events::OUT`] of
    /// [`poll`](crate::Network::poll), which waits for the confirmation only of a send that found the
    /// stack full: who asks here does not want to wait in the send.
    ///
    /// While connecting it is `false`. An error that it finds, also that the connect has failed, makes
    /// it `true` and is there for the next operation.
    ///
    /// # Errors
    ///
    /// [`NotConnected`](ErrorKind::NotConnected), [`Closed`](ErrorKind::Closed),
    /// [`Busy`](ErrorKind::Busy).
    pub fn send_ready(&mut self) -> Result<bool, Error> {
        if let Some(ready) = self.ready_unconnected()? {
            return Ok(ready);
        }
        if self.sending_ended {
            // It fails at once.
            return Ok(true);
        }
        if self.pending_send.is_none()
            && let Some(answer) = self.stack_readiness()?
        {
            return Ok(answer.map_or(true, |stack| stack.writable));
        }
        self.room()
    }

    /// Whether the stack has room, going by what it has confirmed.
    fn room(&mut self) -> Result<bool, Error> {
        let barrier = self.net.network().policy.barrier;
        let tells = self.unconfirmed && barrier == Barrier::EmptySend;
        if self.full && !tells && self.pending_send.is_none() {
            // Nobody can be asked. Once it is not ready, so that whoever waits does wait.
            self.full = false;
            return Ok(false);
        }
        match self.barrier(Limit::Now) {
            Ok(()) => Ok(true),
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock => Ok(false),
                ErrorKind::Busy => Err(error),
                // Failing at once is not waiting. The stack may say it only once, so keep it for the
                // one who sends.
                _ => {
                    self.pending_send = Some(error);
                    Ok(true)
                }
            },
        }
    }
}
