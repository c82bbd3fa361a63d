//! What callers ask of the machine: sockets and control requests.

use core::net::SocketAddrV4;

use atat::AtatCmd;

use super::control::{IsEntry, Owner, Progress, Purpose, Visit};
use super::exchange::{Exchange, Job};
use super::link::{Kind, State as LinkState, Target};
use super::opening::TlsSetup;
use super::{Machine, State};
use crate::error::{ModemError, SocketError};
use crate::{Capability, LINKS};

/// The answer to a call that never waits.
pub(crate) type Outcome<T, E> = Result<Option<T>, E>;

/// A connection: its link and which one of that link's connections it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) link: u8,
    pub(crate) generation: u16,
}

impl<const RX: usize> State<RX> {
    pub(crate) fn find(&mut self, key: Key) -> Result<&mut super::Link<RX>, SocketError> {
        self.link(key.link)
            .filter(|link| link.generation == key.generation)
            .filter(|link| !matches!(link.state, LinkState::Free | LinkState::Closing))
            .ok_or(SocketError::Stale)
    }

    /// The key of the connection that has a link now.
    pub(super) fn key_of(&self, id: u8) -> Option<Key> {
        let link = self.links.get(usize::from(id))?;
        Some(Key {
            link: id,
            generation: link.generation,
        })
    }

    /// Reserves a link; `None` while one is being closed.
    pub(crate) fn open(&mut self, target: Target) -> Outcome<Key, SocketError> {
        let mut soon = false;
        // A modem gives the peers of its server the lowest free link.
        let from_above = self.server.is_listening();
        for id in 0..LINKS {
            let id = if from_above { LINKS - 1 - id } else { id };
            // What is still under way for an earlier connection must not be
            // taken for this one's.
            let spoken_for = self.staging.owner() == Some(id)
                || self.exchange.is_some_and(|e| e.job.link() == Some(id));
            soon |= spoken_for;
            if !spoken_for
                && let Some(link) = self.link(id)
                && matches!(link.state, LinkState::Free)
            {
                let generation = link.claim(target);
                self.dirty = true;
                return Ok(Some(Key {
                    link: id,
                    generation,
                }));
            }
        }
        soon &= self
            .links
            .iter()
            .any(|l| matches!(l.state, LinkState::Free));
        if soon
            || self
                .links
                .iter()
                .any(|l| matches!(l.state, LinkState::Closing))
        {
            Ok(None)
        } else {
            Err(SocketError::NoFreeLink)
        }
    }

    /// Reserves a link that is opened by name, with TLS, or both.
    pub(crate) fn open_named(
        &mut self,
        target: Target,
        name: Option<&str>,
        tls: Option<TlsSetup>,
    ) -> Outcome<Key, SocketError> {
        if tls.is_some() {
            self.require(Capability::Tls)?;
            let used = |link: &super::Link<RX>| {
                matches!(link.target.kind, Kind::Tls)
                    && !matches!(link.state, LinkState::Free | LinkState::Closing)
            };
            if self.links.iter().any(used) {
                return Err(SocketError::TlsInUse);
            }
        }
        if !self.is_name_free() {
            return Ok(None);
        }
        let Some(key) = self.open(target)? else {
            return Ok(None);
        };
        if let Some(name) = name {
            self.name_link(key, name);
        }
        if let Some(tls) = tls {
            self.set_up_tls(tls);
        }
        Ok(Some(key))
    }

    /// Whether the connection is up. A failed one is given back.
    pub(crate) fn connected(&mut self, key: Key, remote: SocketAddrV4) -> Outcome<(), SocketError> {
        let asked = self
            .exchange
            .is_some_and(|e| e.job == Job::Connect(key.link));
        let link = self.find(key)?;
        match link.state {
            LinkState::Failed(error) => {
                link.give_back();
                self.dirty = true;
                Err(error)
            }
            _ if link.target.remote != remote => Err(SocketError::AlreadyConnected),
            LinkState::Wanted | LinkState::Opening { .. } => Ok(None),
            // It came and went, and may have been a peer of the server.
            LinkState::Draining | LinkState::Ended if asked => Ok(None),
            _ => Ok(Some(())),
        }
    }

    /// Accepts bytes for sending; none at all asks whether the earlier ones
    /// have been delivered.
    pub(crate) fn send(&mut self, key: Key, bytes: &[u8], now: u64) -> Outcome<usize, SocketError> {
        let link = self.find(key)?;
        match link.state {
            LinkState::Failed(error) => return Err(error),
            LinkState::Wanted | LinkState::Opening { .. } => {
                return Err(SocketError::NotConnected);
            }
            _ if link.send_failed => return Err(SocketError::SendFailed),
            LinkState::Draining | LinkState::Ended if !bytes.is_empty() => {
                return Err(SocketError::PeerClosed);
            }
            _ => {}
        }
        if bytes.is_empty() {
            let pending = self.staging.is_for(key);
            return Ok((!pending).then_some(0));
        }
        let max = usize::from(self.dialect.max_send);
        let taken = self.staging.offer(key, bytes, max, now);
        self.dirty |= taken.is_some();
        Ok(taken)
    }

    /// Takes received bytes.
    pub(crate) fn receive(&mut self, key: Key, buf: &mut [u8]) -> Outcome<usize, SocketError> {
        let passive = self.passive;
        let link = self.find(key)?;
        if !link.rx.is_empty() && !buf.is_empty() {
            let n = link.rx.pop(buf);
            // Whoever waits from here on has the probe timer set anew.
            link.wanted = false;
            // Room again: more may be fetched.
            let more = passive && link.waiting;
            self.dirty |= more && self.exchange.is_none();
            return Ok(Some(n));
        }
        if buf.is_empty() {
            return Ok(Some(0));
        }
        if link.lost > 0 {
            let lost = core::mem::take(&mut link.lost);
            self.dirty = true;
            return Err(SocketError::DataLost(lost));
        }
        match link.state {
            LinkState::Ended => Ok(Some(0)),
            LinkState::Failed(error) => Err(error),
            LinkState::Wanted | LinkState::Opening { .. } => Err(SocketError::NotConnected),
            _ => {
                // The first to wait has the probe timer set.
                let first = !core::mem::replace(&mut link.wanted, true);
                self.dirty |= first;
                Ok(None)
            }
        }
    }

    /// What a connection is ready for: whether `receive` and `send` would
    /// not be "not yet". An error is what `receive` is going to say.
    #[cfg(feature = "nal-socket")]
    pub(crate) fn readiness(&mut self, key: Key, now: u64) -> Result<(bool, bool), SocketError> {
        let link = self.find(key)?;
        let fails = link.send_failed || !matches!(link.state, LinkState::Open);
        let over = matches!(link.state, LinkState::Ended);
        let readable = over || !link.rx.is_empty();
        match link.state {
            _ if readable => {}
            _ if link.lost > 0 => return Err(SocketError::DataLost(link.lost)),
            LinkState::Failed(error) => return Err(error),
            _ => {
                // As the first that waits in `receive`.
                let first = !core::mem::replace(&mut link.wanted, true);
                self.dirty |= first;
            }
        }
        let writable = fails || self.staging.has_room(key.link, now);
        Ok((readable, writable))
    }

    /// Whether a read would not have to wait.
    #[cfg(feature = "async")]
    pub(crate) fn has_news(&mut self, key: Key) -> bool {
        self.find(key).map_or(true, |link| {
            let over = matches!(link.state, LinkState::Ended | LinkState::Failed(_));
            over || !link.rx.is_empty() || link.lost > 0
        })
    }

    /// Where a connection stands.
    pub(crate) fn link_state(&mut self, key: Key) -> Option<LinkState> {
        self.find(key).ok().map(|link| link.state)
    }

    /// The control slot was filled from outside: it is due.
    pub(crate) fn control_queued(&mut self) {
        self.dirty = true;
    }

    /// Whether the line in the control slot has left for the UART.
    pub(crate) fn control_written(&self) -> bool {
        match &self.exchange {
            Some(exchange) if matches!(exchange.job, Job::Control) => {
                exchange.out >= self.control.line.len()
            }
            _ => !matches!(self.control.progress, Progress::Queued),
        }
    }

    /// Whether nothing is being asked of the modem, nor about to be.
    pub(crate) fn is_idle(&self) -> bool {
        self.is_ready() && self.exchange.is_none() && self.sync.is_none() && !self.dirty
    }

    /// A command that somebody else writes to the UART is about to start.
    pub(crate) fn control_external(&mut self, timeout: u64, now: u64) {
        self.control.external();
        self.exchange = Some(Exchange::new(Job::Control, timeout, now));
        self.dirty = true;
    }

    /// Puts a request in the control slot, or finds its answer there.
    pub(crate) fn request(
        &mut self,
        purpose: Purpose,
        fingerprint: u32,
        timeout: u64,
        now: u64,
        write: impl FnOnce(&mut [u8], &'static crate::Dialect) -> usize,
    ) -> Outcome<(), ModemError> {
        let owner = (purpose, fingerprint);
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            Turn::Begin => self.put(owner, 0, timeout, write),
            Turn::Answer(_, result) => result.map(Some),
        }
    }

    /// Whether it is this request's turn at the control slot. For requests of
    /// several commands: [`put`](Self::put) the first at `Begin`, and another
    /// one, or the result, after each `Answer`.
    pub(crate) fn turn_of(&mut self, owner: Owner, now: u64) -> Result<Turn, ModemError> {
        match self.control.visit(owner, now) {
            Visit::Answer(step, result) => return Ok(Turn::Answer(step, result)),
            Visit::Busy => return Ok(Turn::Wait),
            Visit::Free => {}
        }
        if self.is_ready() {
            return Ok(Turn::Begin);
        }
        if let Some(error) = self.take_start_error() {
            return Err(error);
        }
        self.start(now);
        Ok(Turn::Wait)
    }

    /// Puts a command in the control slot, as the given step of its request.
    /// Never has a value: the answer comes later.
    pub(crate) fn put<T>(
        &mut self,
        owner: Owner,
        step: u8,
        timeout: u64,
        write: impl FnOnce(&mut [u8], &'static crate::Dialect) -> usize,
    ) -> Outcome<T, ModemError> {
        let dialect = self.dialect;
        let filled = self
            .control
            .fill(owner, step, timeout, |buf| write(buf, dialect));
        if !filled || self.control.line.len() > usize::from(dialect.max_line) {
            self.control.done(Ok(()), 0);
            self.control.progress = Progress::Idle;
            return Err(ModemError::LineTooLong {
                max: dialect.max_line,
            });
        }
        self.dirty = true;
        Ok(None)
    }

    /// [`put`](Self::put) for a command with its own time-out.
    pub(crate) fn put_command<T, C: AtatCmd>(
        &mut self,
        owner: Owner,
        step: u8,
        command: impl FnOnce(&'static crate::Dialect) -> C,
    ) -> Outcome<T, ModemError> {
        let timeout = u64::from(C::MAX_TIMEOUT_MS) * 1000;
        self.put(owner, step, timeout, |buf, dialect| {
            command(dialect).write(buf)
        })
    }

    /// A request of one command whose whole answer is its `OK`.
    pub(crate) fn set<C: AtatCmd>(
        &mut self,
        purpose: Purpose,
        fingerprint: u32,
        now: u64,
        command: impl FnOnce(&'static crate::Dialect) -> C,
    ) -> Outcome<(), ModemError> {
        let owner = (purpose, fingerprint);
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            Turn::Begin => self.put_command(owner, 0, command),
            Turn::Answer(_, result) => result.map(Some),
        }
    }

    /// A request of one command without arguments of the caller's, whose
    /// answer is read out of the reply.
    pub(crate) fn query<C: AtatCmd, T>(
        &mut self,
        purpose: Purpose,
        now: u64,
        command: impl FnOnce(&'static crate::Dialect) -> C,
        parse: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Outcome<T, ModemError> {
        match self.set(purpose, 0, now, command)? {
            None => Ok(None),
            Some(()) => parse(&self.control.body)
                .map(Some)
                .ok_or(ModemError::Unreadable),
        }
    }

    /// A request for a list of any length, whose entries are handed over as
    /// they come. `Missed` entries are counted in the slot.
    pub(crate) fn list<C: AtatCmd>(
        &mut self,
        owner: Owner,
        now: u64,
        is_entry: IsEntry,
        command: impl FnOnce(&'static crate::Dialect) -> C,
        entry: impl FnMut(&[u8]),
    ) -> Outcome<(), ModemError> {
        // What was held back can go on.
        self.dirty |= self.control.fetch(owner, entry);
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            Turn::Begin => {
                let progress = self.put_command(owner, 0, command);
                self.control.fill_list(is_entry);
                progress
            }
            Turn::Answer(_, result) => result.map(Some),
        }
    }
}

/// What a caller with a request of several commands is to do.
#[derive(Debug)]
pub(crate) enum Turn {
    /// Come again later.
    Wait,
    /// Put the first command in.
    Begin,
    /// That step was answered.
    Answer(u8, Result<(), ModemError>),
}

impl<const RX: usize> Machine<RX> {
    /// Breaks a connection off: what was accepted for sending and has not been
    /// given to the modem is dropped.
    pub(crate) fn abort(&mut self, key: Key, now: u64) {
        if let Ok(link) = self.state.find(key) {
            link.abort = true;
            let sending = |e: Exchange| matches!(e.job, Job::Send(id) if id == key.link);
            if self.state.staging.is_for(key) && !self.state.exchange.is_some_and(sending) {
                self.state.staging.free(now);
            }
            self.close(key, now);
        }
    }

    /// Gives up a connection. What was accepted for sending still goes out.
    pub(crate) fn close(&mut self, key: Key, now: u64) {
        if self.state.find(key).is_err() {
            return;
        }
        self.abandon_sink(key.link, now);
        let state = &mut self.state;
        state.staging.forget(key.link);
        if let Ok(link) = state.find(key) {
            link.give_back();
        }
        state.dirty = true;
    }
}
