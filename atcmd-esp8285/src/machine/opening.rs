//! Opening links: what has to be set before `AT+CIPSTART`, and the command
//! itself for each kind of link.

use heapless::Vec;

use super::exchange::{Exchange, Job};
use super::link::{Kind, State as LinkState, Target};
use super::{Key, State, deadline};
use crate::at::command as cmd;
use crate::error::{ModemError, SocketError};
use crate::{Capability, LINKS, MAX_HOST};

/// The host name of the one link that is being opened with one.
#[derive(Debug)]
pub(crate) struct Name {
    text: Vec<u8, { MAX_HOST as usize }>,
    owner: Option<Key>,
}

/// What a TLS link is to be set up with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct TlsSetup {
    /// Bit 0: show a certificate. Bit 1: check the server's.
    pub(crate) mode: u8,
    pub(crate) certificate: u8,
    pub(crate) authority: u8,
}

/// The settings of the one TLS link, and how far they have been sent.
#[derive(Debug)]
pub(crate) struct Tls {
    pub(crate) setup: TlsSetup,
    next: TlsStep,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum TlsStep {
    Buffer,
    Verification,
    ServerName,
    Done,
}

/// What has to be sent before `AT+CIPSTART`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Preparation {
    PeerInfo,
    NoDelay(bool),
    Tls(TlsStep),
}

/// TLS record buffer asked of NonOS: the largest it gives, since servers do
/// not ask how large a record may be.
const TLS_BUFFER: u16 = 4096;

impl Name {
    pub(crate) const fn new() -> Self {
        Self {
            text: Vec::new(),
            owner: None,
        }
    }

    /// Whose it is and what it says.
    fn of(&self, key: Key) -> Option<&[u8]> {
        (self.owner == Some(key)).then_some(self.text.as_slice())
    }
}

impl Tls {
    pub(crate) const fn new() -> Self {
        Self {
            setup: TlsSetup {
                mode: 0,
                certificate: 0,
                authority: 0,
            },
            next: TlsStep::Buffer,
        }
    }
}

impl<const RX: usize> State<RX> {
    /// Whether no link is waiting to be opened with a name or with TLS.
    pub(super) fn is_name_free(&self) -> bool {
        let Some(key) = self.name.owner else {
            return true;
        };
        self.links.get(usize::from(key.link)).is_none_or(|link| {
            link.generation != key.generation
                || !matches!(link.state, LinkState::Wanted | LinkState::Opening { .. })
        })
    }

    /// Keeps a name for the link just claimed. The caller has checked its
    /// length.
    pub(super) fn name_link(&mut self, key: Key, name: &str) {
        self.name.text.clear();
        let _ = self.name.text.extend_from_slice(name.as_bytes());
        self.name.owner = Some(key);
    }

    pub(super) fn set_up_tls(&mut self, setup: TlsSetup) {
        self.tls = Tls {
            setup,
            next: TlsStep::Buffer,
        };
    }

    /// The next link to be opened, if its time has come.
    fn opening_due(&self, now: u64) -> Option<u8> {
        (0..LINKS).find(|id| {
            self.links.get(usize::from(*id)).is_some_and(|link| {
                matches!(link.state, LinkState::Wanted)
                    && (!link.reopening || now >= link.reopen_at(self.wifi_lost))
            })
        })
    }

    /// When a link that is to be opened again can be.
    pub(super) fn reopening_at(&self) -> u64 {
        let mut at = deadline::NEVER;
        for link in &self.links {
            if matches!(link.state, LinkState::Wanted) && link.reopening {
                at = at.min(link.reopen_at(self.wifi_lost));
            }
        }
        at
    }

    pub(super) fn next_opening(&mut self, now: u64) -> Option<Exchange> {
        let id = self.opening_due(now)?;
        let target = self.links.get(usize::from(id))?.target;
        let Target {
            kind,
            remote,
            keep_alive,
            ..
        } = target;
        // The firmware may not have been known when the link was asked for.
        if let Err(error) = self.require_for(target) {
            self.link(id)?.fail(SocketError::Modem(error));
            self.dirty = true;
            return None;
        }
        if let Kind::Udp { .. } = kind
            && self.peer_info == super::PeerInfo::Off
            && self.dialect.has(Capability::PeerInfo)
        {
            let job = Job::Prepare(id, Preparation::PeerInfo);
            return Some(self.line.ask(job, &cmd::PeerInfo { on: true }, now));
        }
        let key = self.key_of(id)?;
        if matches!(kind, Kind::Tls)
            && let Some(exchange) = self.next_tls_setup(key, now)
        {
            return Some(exchange);
        }
        let transport = match kind {
            Kind::Tcp => cmd::Transport::Tcp { keep_alive },
            Kind::Tls => cmd::Transport::Tls { keep_alive },
            Kind::Udp { local_port } => cmd::Transport::Udp {
                local_port,
                // A socket without a peer hears everybody.
                mode: if remote.ip().is_unspecified() { 2 } else { 0 },
            },
        };
        // Where no command tells the server's name, the host does.
        let as_host = !matches!(kind, Kind::Tls)
            || remote.ip().is_unspecified()
            || !self.dialect.has(Capability::TlsServerName);
        let host = match self.name.of(key).filter(|_| as_host) {
            Some(name) => cmd::Host::Name(name),
            None => cmd::Host::Address(*remote.ip()),
        };
        let command = cmd::Connect {
            link: id,
            transport,
            host,
            port: remote.port(),
        };
        let mut exchange = self.line.ask(Job::Connect(id), &command, now);
        if kind == Kind::Tls {
            exchange.deadline = now + deadline::CONNECT_TLS;
        }
        self.link(id)?.state = LinkState::Opening { up: false };
        Some(exchange)
    }

    /// What the firmware needs for such a link.
    fn require_for(&self, target: Target) -> Result<(), ModemError> {
        match target.kind {
            Kind::Tcp => {}
            Kind::Udp { .. } => {
                self.dialect.require(Capability::Udp)?;
                if target.remote.ip().is_unspecified() {
                    self.dialect.require(Capability::PeerInfo)?;
                    if self.peer_info == super::PeerInfo::Refused {
                        return Err(ModemError::Unsupported(Capability::PeerInfo.command()));
                    }
                }
            }
            Kind::Tls => {
                self.dialect.require(Capability::Tls)?;
                if self.tls.setup.mode != 0 {
                    self.dialect.require(Capability::TlsVerification)?;
                }
            }
        }
        if target.keep_alive > 0 {
            self.dialect.require(Capability::KeepAlive)?;
        }
        Ok(())
    }

    fn next_tls_setup(&mut self, key: Key, now: u64) -> Option<Exchange> {
        loop {
            let step = self.tls.next;
            let job = Job::Prepare(key.link, Preparation::Tls(step));
            let setup = self.tls.setup;
            let has = |capability| self.dialect.has(capability);
            match step {
                TlsStep::Buffer if has(Capability::TlsBuffer) => {
                    let command = cmd::TlsBuffer { size: TLS_BUFFER };
                    return Some(self.line.ask(job, &command, now));
                }
                TlsStep::Verification if has(Capability::TlsVerification) => {
                    let command = cmd::TlsVerification {
                        link: self.dialect.tls_per_link.then_some(key.link),
                        mode: setup.mode,
                        certificate: setup.certificate,
                        authority: setup.authority,
                    };
                    return Some(self.line.ask(job, &command, now));
                }
                TlsStep::ServerName if has(Capability::TlsServerName) => {
                    if let Some(name) = self.name.of(key) {
                        let link = key.link;
                        let command = cmd::TlsServerName { link, name };
                        return Some(self.line.ask(job, &command, now));
                    }
                }
                TlsStep::Done => return None,
                _ => {}
            }
            self.tls.next = step.following();
        }
    }

    /// A preparation was answered.
    pub(super) fn prepared(&mut self, id: u8, preparation: Preparation, accepted: bool) {
        match preparation {
            Preparation::PeerInfo => {
                self.peer_info = if accepted {
                    super::PeerInfo::On
                } else {
                    super::PeerInfo::Refused
                };
            }
            Preparation::NoDelay(on) => {
                let result = accepted.then_some(()).ok_or(ModemError::Rejected);
                self.no_delay_answered(id, on, result);
            }
            Preparation::Tls(step) => {
                let waits = self
                    .link(id)
                    .is_some_and(|link| matches!(link.state, LinkState::Wanted));
                if !waits || self.tls.next != step {
                    // It was for a connection given up meanwhile.
                    return;
                }
                self.tls.next = step.following();
                // What was not asked for need not be there.
                let matters = match step {
                    TlsStep::Verification => self.tls.setup.mode != 0,
                    TlsStep::ServerName => true,
                    TlsStep::Buffer | TlsStep::Done => false,
                };
                if matters
                    && !accepted
                    && let Some(link) = self.link(id)
                {
                    link.fail(SocketError::Modem(ModemError::Rejected));
                }
            }
        }
    }
}

impl TlsStep {
    fn following(self) -> Self {
        match self {
            Self::Buffer => Self::Verification,
            Self::Verification => Self::ServerName,
            Self::ServerName | Self::Done => Self::Done,
        }
    }
}
