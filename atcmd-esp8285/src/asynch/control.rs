//! What is asked of the modem itself: joining, names, commands.
//!
//! The modem does one such thing at a time. Whoever is first has the slot
//! until the answer is there or the future is dropped; the others wait.

use core::future::poll_fn;
use core::net::IpAddr;

use atat::AtatCmd;
use embassy_sync::blocking_mutex::raw::RawMutex;
use embedded_nal_async::AddrType;

use super::{Modem, Shared};
use crate::Clock;
use crate::client::{USER, modem_error};
use crate::error::{DnsError, ModemError};
use crate::machine::{Outcome, State, Visit};

/// A request's place in the queue for the control slot.
struct Turn<'s, M: RawMutex, C: Clock, const RX: usize> {
    shared: &'s Shared<M, C, RX>,
    ticket: u32,
}

impl<M: RawMutex, C: Clock, const RX: usize> Drop for Turn<'_, M, C, RX> {
    /// Whatever was asked, its answer is nobody's now.
    fn drop(&mut self) {
        self.shared.with(|inner, now| {
            if inner.owner == Some(self.ticket) {
                inner.owner = None;
                inner.machine.state.control.disown();
                inner.machine.state.abandon_restart();
                inner.machine.go_on_with_list(now);
                inner.callers.wake();
                inner.runner.wake();
            }
        });
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Modem<'s, M, C, RX> {
    /// Has the control slot to itself until `operation` has its answer.
    pub(super) async fn control<T, E: From<ModemError>>(
        self,
        mut operation: impl FnMut(&mut State<RX>, u64) -> Outcome<T, E>,
    ) -> Result<T, E> {
        let turn = self.0.with(|inner, _| {
            inner.tickets = inner.tickets.wrapping_add(1);
            Turn {
                shared: self.0,
                ticket: inner.tickets,
            }
        });
        poll_fn(|cx| {
            self.0.with(|inner, now| {
                if *inner.owner.get_or_insert(turn.ticket) != turn.ticket {
                    return inner.answer(cx, Ok(None));
                }
                let outcome = operation(&mut inner.machine.state, now);
                let fetched = inner.machine.go_on_with_list(now);
                inner.settle(now);
                let answer = inner.answer(cx, outcome);
                if fetched {
                    // What stood behind the fetched entries is in.
                    inner.runner.wake();
                    inner.callers.wake();
                }
                if answer.is_ready() {
                    inner.owner = None;
                    inner.callers.wake();
                }
                answer
            })
        })
        .await
    }

    /// Sends a command of your own and waits for its reply, while everything
    /// else goes on.
    ///
    /// # Errors
    /// As for [`AtatClient::send`](atat::blocking::AtatClient::send) on
    /// [`Esp8285`](crate::Esp8285).
    pub async fn command<A: AtatCmd>(&self, cmd: &A) -> Result<A::Response, atat::Error> {
        let mut queued = false;
        self.control(|state, now| command(state, cmd, &mut queued, now))
            .await
            .map_err(|CommandError(error)| error)
    }
}

struct CommandError(atat::Error);

impl From<ModemError> for CommandError {
    fn from(error: ModemError) -> Self {
        Self(modem_error(error))
    }
}

fn command<A: AtatCmd, const RX: usize>(
    state: &mut State<RX>,
    cmd: &A,
    queued: &mut bool,
    now: u64,
) -> Outcome<A::Response, CommandError> {
    if !*queued {
        if !state.is_ready() {
            if let Some(error) = state.take_start_error() {
                return Err(error.into());
            }
            state.start(now);
            return Ok(None);
        }
        if state.control.visit(USER, now) == Visit::Busy {
            return Ok(None);
        }
        state.queue_command(cmd, now).map_err(CommandError)?;
        *queued = true;
    }
    if A::EXPECTS_RESPONSE_CODE {
        return state.command_reply(cmd, now).map_err(CommandError);
    }
    if !state.control_written() {
        return Ok(None);
    }
    // What comes back is not ours.
    state.control.disown();
    cmd.parse(Ok(&[])).map(Some).map_err(CommandError)
}

impl<M: RawMutex, C: Clock, const RX: usize> embedded_nal_async::Dns for Modem<'_, M, C, RX> {
    type Error = DnsError;

    /// Resolves a name of at most 64 bytes, within 15 s. A numeric address is
    /// its own answer.
    async fn get_host_by_name(&self, host: &str, kind: AddrType) -> Result<IpAddr, DnsError> {
        self.control(|state, now| state.resolve(host, kind.clone(), now))
            .await
    }

    /// The modem cannot look up names by address: always an error.
    async fn get_host_by_address(&self, _: IpAddr, _: &mut [u8]) -> Result<usize, DnsError> {
        Err(ModemError::Unsupported("lookup by address").into())
    }
}
