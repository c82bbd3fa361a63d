//! The modem's one TCP server: starting it, stopping it, and who connects.

use core::net::SocketAddrV4;

use super::exchange::{Exchange, Job, Reason};
use super::link::State as LinkState;
use super::{Key, Outcome, State, deadline};
use crate::Capability;
use crate::at::command as cmd;
use crate::error::{ModemError, SocketError};

/// The server, as the driver wants it and as the modem has it.
#[derive(Debug)]
pub(crate) struct Server {
    /// The port somebody listens on.
    wanted: Option<u16>,
    /// Counts listeners, so that a handle to an earlier one is recognised.
    generation: u16,
    phase: Phase,
    error: Option<ModemError>,
    /// Somebody waits for a connection (asked since the last look).
    awaited: bool,
    /// When a connection was last heard of, or looked for.
    news: u64,
    /// Where the modem has its server and would not stop it.
    stuck: Option<u16>,
    /// Whoever kept it from stopping may have gone: ask it once more.
    ask_again: bool,
    /// Steps that were refused or went unanswered in a row.
    failures: u8,
}

/// What the modem's server is known to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// An earlier session may have left it on.
    Unknown,
    Off,
    Limited,
    Started(u16),
    On(u16),
}

/// The steps towards what is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum ServerStep {
    Stop,
    Limit,
    Start(u16),
    Timeout(u16),
}

/// Times a step may be refused or go unanswered before that is the answer.
const TRIES: u8 = 3;

/// The server is on, and cannot be moved.
const OTHER_PORT: ModemError =
    ModemError::Unsupported("another server port without a restart (AT+CIPSERVER)");

impl Server {
    pub(crate) const fn new() -> Self {
        Self {
            wanted: None,
            generation: 0,
            phase: Phase::Unknown,
            error: None,
            awaited: false,
            news: 0,
            stuck: None,
            ask_again: false,
            failures: 0,
        }
    }

    /// Whether a connection nobody opened can be a peer's.
    pub(super) fn is_listening(&self) -> bool {
        self.wanted.is_some() && matches!(self.phase, Phase::Started(_) | Phase::On(_))
    }

    /// Whether nobody can come, nor is to.
    pub(super) fn is_off(&self) -> bool {
        self.wanted.is_none() && matches!(self.phase, Phase::Off | Phase::Unknown)
    }

    /// When to look for a connection that was never announced.
    pub(super) fn due(&self) -> u64 {
        if self.awaited {
            self.news.saturating_add(deadline::SIGN_OF_LIFE)
        } else {
            deadline::NEVER
        }
    }

    pub(super) fn looked(&mut self, now: u64) {
        self.news = now;
        self.awaited = false;
    }

    /// The modem has restarted: its server is off, whatever it was.
    pub(super) fn restarted(&mut self) {
        self.phase = Phase::Off;
        self.stuck = None;
    }
}

impl<const RX: usize> State<RX> {
    /// Listens on `port`. One listener at a time.
    pub(crate) fn listen(&mut self, port: u16, now: u64) -> Result<u16, SocketError> {
        self.require(Capability::Server)?;
        if self.config.server_links.is_some() {
            self.require(Capability::ServerLimit)?;
        }
        match self.server.wanted {
            Some(taken) if taken == port => return Err(SocketError::PortInUse),
            Some(_) => return Err(SocketError::ServerInUse),
            None => {}
        }
        self.server.wanted = Some(port);
        self.server.ask_again = self.server.stuck.is_some_and(|stuck| stuck != port);
        self.server.generation = self.server.generation.wrapping_add(1);
        self.server.error = None;
        self.start(now);
        self.dirty = true;
        Ok(self.server.generation)
    }

    /// What keeps a listener from its server: there is another one, or an
    /// error. Starts the modem where it has to be.
    fn require_listener(&mut self, listener: u16, now: u64) -> Result<(), SocketError> {
        if listener != self.server.generation || self.server.wanted.is_none() {
            return Err(SocketError::Stale);
        }
        if let Some(error) = self.server.error {
            return Err(error.into());
        }
        if let Some(error) = self.take_start_error() {
            return Err(error.into());
        }
        self.start(now);
        Ok(())
    }

    /// Whether the modem has taken the port and keeps it, if the listener is
    /// still that one.
    #[cfg(feature = "nal-socket")]
    pub(crate) fn listening(&mut self, listener: u16, now: u64) -> Outcome<(), SocketError> {
        self.require_listener(listener, now)?;
        // A stop for the listener before, on the same port, may be under way.
        let stopping = self
            .exchange
            .is_some_and(|e| matches!(e.job, Job::Server(ServerStep::Stop)));
        let up = match self.server.phase {
            Phase::Started(port) | Phase::On(port) => self.server.wanted == Some(port),
            Phase::Unknown | Phase::Off | Phase::Limited => false,
        };
        let known = self.life == super::startup::Life::Ready && self.sync.is_none() && !stopping;
        Ok((up && known).then_some(()))
    }

    /// The connection that has waited longest, if the listener is still that
    /// one.
    pub(crate) fn accept(
        &mut self,
        listener: u16,
        now: u64,
    ) -> Outcome<(Key, SocketAddrV4), SocketError> {
        self.require_listener(listener, now)?;
        let oldest = self
            .links
            .iter_mut()
            .zip(0u8..)
            .filter(|(link, _)| link.pending && link.named)
            .min_by_key(|(link, _)| link.since);
        if let Some((link, id)) = oldest {
            link.pending = false;
            let key = Key {
                link: id,
                generation: link.generation,
            };
            return Ok(Some((key, link.target.remote)));
        }
        if !core::mem::replace(&mut self.server.awaited, true) {
            self.dirty = true;
        }
        Ok(None)
    }

    /// The port somebody listens on.
    pub(crate) fn server_port(&self) -> Option<u16> {
        self.server.wanted
    }

    /// The port of a listener, if it is still that one.
    pub(crate) fn listening_port(&self, listener: u16) -> Option<u16> {
        let current = listener == self.server.generation;
        self.server.wanted.filter(|_| current)
    }

    /// Stops listening. Connections nobody accepted are closed.
    pub(crate) fn stop_listening(&mut self, listener: u16) {
        if listener != self.server.generation || self.server.wanted.is_none() {
            return;
        }
        self.server.wanted = None;
        self.server.awaited = false;
        for link in self.links.iter_mut().filter(|link| link.pending) {
            link.give_back();
        }
        self.dirty = true;
    }

    /// The next command that brings the server closer to what is wanted.
    pub(super) fn next_server(&mut self, now: u64) -> Option<Exchange> {
        if self.server.wanted.is_some() {
            // The firmware may not have been known when somebody listened.
            let limited = self.config.server_links.is_some();
            let mut able = self.dialect.require(Capability::Server);
            if limited && able.is_ok() {
                able = self.dialect.require(Capability::ServerLimit);
            }
            self.server.error = able.err().or(self.server.error);
        }
        let step = match (self.server.wanted, self.server.phase) {
            (Some(_), _) if self.server.error.is_some() => return None,
            (Some(port), Phase::On(_)) if self.server.stuck == Some(port) => return None,
            (Some(_), Phase::Unknown) => ServerStep::Stop,
            (Some(_), Phase::Off) if core::mem::take(&mut self.server.ask_again) => {
                ServerStep::Stop
            }
            (Some(_), Phase::Off) if self.config.server_links.is_some() => ServerStep::Limit,
            (Some(port), Phase::Off | Phase::Limited) => ServerStep::Start(port),
            (Some(port), Phase::Started(on)) if on == port => ServerStep::Timeout(port),
            (Some(port), Phase::On(on)) if on == port => return None,
            (None, Phase::On(_)) if self.server.stuck.is_some() => return None,
            (_, Phase::Started(_) | Phase::On(_)) => ServerStep::Stop,
            (None, _) => return None,
        };
        let job = Job::Server(step);
        Some(match step {
            ServerStep::Stop => self.line.ask(job, &cmd::StopServer {}, now),
            ServerStep::Limit => {
                let links = self.config.server_links.unwrap_or(crate::LINKS);
                self.line.ask(job, &cmd::ServerLimit { links }, now)
            }
            ServerStep::Start(port) => self.line.ask(job, &cmd::StartServer { port }, now),
            ServerStep::Timeout(_) => {
                let seconds = self.config.server_timeout;
                self.line.ask(job, &cmd::ServerTimeout { seconds }, now)
            }
        })
    }

    /// A step was answered.
    pub(super) fn server_result(
        &mut self,
        step: ServerStep,
        reason: Option<Reason>,
        accepted: bool,
        now: u64,
    ) {
        self.server.news = now;
        self.dirty = true;
        let needed = matches!(step, ServerStep::Limit | ServerStep::Start(_));
        if needed && !accepted {
            self.server.failures += 1;
            if self.server.failures < TRIES {
                // It may have restarted without a word.
                self.suspect = true;
                return;
            }
        }
        self.server.failures = 0;
        match step {
            // NonOS from 1.x says so with `OK`, and goes on while somebody
            // is connected.
            ServerStep::Stop if reason == Some(Reason::MustRestart) => {
                if let Phase::Started(port) | Phase::On(port) = self.server.phase {
                    self.server.stuck = Some(port);
                }
                self.server.phase = Phase::Off;
            }
            // A server that is off already may say so with an error.
            ServerStep::Stop => {
                self.server.phase = Phase::Off;
                self.server.stuck = None;
            }
            ServerStep::Start(port)
                if reason == Some(Reason::NoChange)
                    && self.server.stuck.is_some_and(|stuck| stuck != port) =>
            {
                self.server.error = Some(OTHER_PORT);
            }
            ServerStep::Limit if accepted => self.server.phase = Phase::Limited,
            ServerStep::Start(port) if accepted => self.server.phase = Phase::Started(port),
            ServerStep::Limit | ServerStep::Start(_) => {
                self.server.error = Some(ModemError::Rejected);
            }
            // Without the command the modem's own time-out stays.
            ServerStep::Timeout(port) => self.server.phase = Phase::On(port),
        }
    }

    /// A step was not answered: once more when the modem listens again, but
    /// not for ever.
    pub(super) fn server_unanswered(&mut self, step: ServerStep, now: u64) {
        if self.server.failures + 1 < TRIES {
            self.server.failures += 1;
            return;
        }
        self.server_result(step, None, false, now);
        if self.server.error.is_some() {
            self.server.error = Some(ModemError::NoReply);
        }
    }

    /// 0.2x cannot stop its server: it says `we must restart`, and goes on.
    pub(super) fn server_is_stuck(&mut self) {
        self.server.stuck = match self.server.phase {
            Phase::Started(port) | Phase::On(port) => Some(port),
            // Left on by an earlier session, which most likely was this
            // program's own.
            _ => self.server.wanted,
        };
        if let Some(port) = self.server.stuck {
            self.server.phase = Phase::On(port);
            if self.server.wanted.is_some_and(|wanted| wanted != port) {
                self.server.error = Some(OTHER_PORT);
            }
        }
        self.dirty = true;
    }

    /// `<id>,CONNECT`.
    pub(super) fn on_connect(&mut self, id: u8, now: u64) {
        let listening = self.server.is_listening();
        let holds_rest = !self.dialect.announces_rest;
        let asked = self
            .exchange
            .is_some_and(|e| matches!(e.job, Job::Connect(of) if of == id));
        let Some(link) = self.link(id) else { return };
        link.stray = 0;
        let other = !matches!(
            link.state,
            LinkState::Open | LinkState::Opening { .. } | LinkState::Wanted
        );
        let free = match link.state {
            LinkState::Free => true,
            // Whoever asked for it gets another.
            LinkState::Wanted => !link.reopening,
            _ => false,
        };
        if asked && matches!(link.state, LinkState::Draining | LinkState::Ended) {
            link.start_over();
            return;
        }
        if listening && free {
            link.incoming(now);
            self.server.news = now;
        } else {
            link.connected(holds_rest, now);
        }
        if other {
            self.staging.orphan(id);
        }
    }

    /// The link that was to be opened belongs to a peer of the server, who
    /// was faster. The one who asked for it gets another.
    pub(super) fn taken_by_peer(&mut self, id: u8, now: u64) -> bool {
        if !self.server.is_listening() {
            return false;
        }
        let Some(link) = self.link(id) else {
            return false;
        };
        link.is_a_peers(now);
        self.server.news = now;
        true
    }
}
