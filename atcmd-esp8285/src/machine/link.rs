//! One of the modem's five connections, as the driver sees it.

use core::net::SocketAddrV4;

use super::no_delay::NoDelay;
use super::ring::Ring;
use crate::error::SocketError;

/// Where a link is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Not in use, here or in the modem.
    Free,
    /// Somebody asked to connect; `AT+CIPSTART` has not been sent yet.
    Wanted,
    /// `AT+CIPSTART` is under way. `up` once the modem said `CONNECT`.
    Opening { up: bool },
    /// Connected.
    Open,
    /// The peer closed; passive mode may still hold data in the modem.
    Draining,
    /// The peer closed and the modem holds nothing more.
    Ended,
    /// Not connected any more; the socket is told why.
    Failed(SocketError),
    /// The socket is gone; `AT+CIPCLOSE` has to be sent.
    Closing,
}

/// What a link carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Tcp,
    Tls,
    Udp {
        /// Zero: the modem chooses.
        local_port: u16,
    },
}

/// Which kinds of data wait in the modem until they are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holding {
    Nothing,
    Tcp,
    All,
}

impl Holding {
    pub(crate) fn holds(self, kind: Kind) -> bool {
        match self {
            Self::Nothing => false,
            Self::Tcp => matches!(kind, Kind::Tcp),
            Self::All => true,
        }
    }
}

/// How a link is to be opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) kind: Kind,
    /// Unspecified for a datagram socket that hears everybody.
    pub(crate) remote: SocketAddrV4,
    /// Seconds between keep-alive probes, 0 for none.
    pub(crate) keep_alive: u16,
    /// Small pieces are sent at once.
    pub(crate) no_delay: bool,
}

impl Target {
    pub(crate) const fn tcp(remote: SocketAddrV4) -> Self {
        Self {
            kind: Kind::Tcp,
            remote,
            keep_alive: 0,
            no_delay: false,
        }
    }
}

const NOWHERE: Target = Target::tcp(SocketAddrV4::new(core::net::Ipv4Addr::UNSPECIFIED, 0));

/// One link.
#[derive(Debug)]
pub(crate) struct Link<const RX: usize> {
    pub(crate) state: State,
    /// Counts connections, so that a handle to an earlier one is recognised.
    pub(crate) generation: u16,
    pub(crate) target: Target,
    pub(crate) rx: Ring<RX>,
    /// The modem (probably) holds data for this link.
    pub(crate) waiting: bool,
    /// How much of it was last announced; for datagrams, what to ask for.
    pub(crate) announced: u16,
    /// A peer connected to the server, and nobody has accepted it yet.
    pub(crate) pending: bool,
    /// The modem has been asked who that is.
    pub(crate) named: bool,
    /// Since when the connection stands, for the order of accepting.
    pub(crate) since: u64,
    /// The modem closed a datagram link on its own: it is opened again.
    pub(crate) reopening: bool,
    /// A connection that came on a link whose last socket is still in use.
    pub(crate) intruder: bool,
    /// When it came, or a connection nobody has asked for.
    pub(crate) intruder_at: u64,
    /// While it was being opened two connections have come, one after the
    /// other: whose the second is cannot be told.
    pub(crate) doubtful: bool,
    /// Missing from the modem's list of links the last time it was asked.
    pub(crate) missing: bool,
    /// Close it by breaking it off.
    pub(crate) abort: bool,
    /// The modem breaks off what it closes on this link.
    pub(crate) breaks_off: bool,
    pub(crate) no_delay: NoDelay,
    /// Bytes dropped since the ring was last drained; they are missing right
    /// behind the ring's content.
    pub(crate) lost: u32,
    /// Bytes that came while nobody had the link.
    pub(crate) stray: u32,
    /// A send failed: its bytes are missing from the stream, so no more may follow.
    pub(crate) send_failed: bool,
    /// The Wi-Fi connection went away: the end, when it comes, is not orderly.
    pub(crate) wifi_lost: bool,
    /// When the modem said that the link is down.
    pub(crate) closed_at: u64,
    /// The modem may still hold this connection open: close it before the
    /// link is used again.
    pub(crate) unsure: bool,
    /// When something was last heard of data for this link.
    pub(crate) news: u64,
    /// Somebody is waiting for data here (asked since the last look).
    pub(crate) wanted: bool,
}

impl<const RX: usize> Link<RX> {
    /// A socket has it for this. One that is being closed is closed before
    /// another is opened.
    pub(crate) fn holds(&self, kind: Kind) -> bool {
        self.target.kind == kind && !matches!(self.state, State::Free | State::Closing)
    }

    pub(crate) const fn new() -> Self {
        Self {
            state: State::Free,
            generation: 0,
            target: NOWHERE,
            rx: Ring::new(),
            waiting: false,
            announced: 0,
            pending: false,
            named: false,
            since: 0,
            reopening: false,
            intruder: false,
            intruder_at: 0,
            doubtful: false,
            missing: false,
            abort: false,
            breaks_off: false,
            no_delay: NoDelay::new(),
            lost: 0,
            stray: 0,
            send_failed: false,
            wifi_lost: false,
            closed_at: 0,
            unsure: false,
            news: 0,
            wanted: false,
        }
    }

    /// Takes the link into use.
    pub(crate) fn claim(&mut self, target: Target) -> u16 {
        self.release();
        self.generation = self.generation.wrapping_add(1);
        self.target = target;
        self.no_delay.want(target.no_delay);
        self.state = State::Wanted;
        self.generation
    }

    /// A peer has connected to the server on this link.
    pub(crate) fn incoming(&mut self, now: u64) {
        self.claim(NOWHERE);
        self.state = State::Open;
        self.pending = true;
        // What arrived with the connection may never be announced.
        self.waiting = true;
        self.since = now;
        self.news = now;
    }

    /// The link that was to be opened turned out to be a peer's of the server;
    /// what has come on it is the peer's.
    pub(crate) fn is_a_peers(&mut self, now: u64) {
        if self.is_udp() {
            self.strip_headers();
            self.lost = self.lost.saturating_add(self.stray);
        }
        if self.reopening {
            self.drop_unread();
            self.reopening = false;
        }
        self.doubtful = false;
        if matches!(self.state, State::Opening { .. }) {
            self.state = State::Open;
        }
        self.generation = self.generation.wrapping_add(1);
        self.target = NOWHERE;
        self.no_delay.want(false);
        self.pending = true;
        self.named = false;
        self.waiting = true;
        self.since = now;
        self.news = now;
    }

    /// While the link was being opened, a peer of the server came and went:
    /// nothing of that is the new connection's. Or the new connection did, and
    /// this is a peer's.
    pub(crate) fn start_over(&mut self) {
        self.state = State::Opening { up: true };
        self.doubtful = true;
        self.rx.clear();
        self.lost = 0;
        self.waiting = false;
        self.announced = 0;
    }

    /// The link was not opened: what has come meanwhile is somebody else's.
    pub(crate) fn not_opened(&mut self) {
        self.doubtful = false;
        if !self.reopening {
            self.rx.clear();
            self.lost = 0;
        } else if self.unsure || matches!(self.state, State::Opening { up: true }) {
            self.strip_headers();
            self.drop_unread();
        }
        self.waiting = false;
        self.announced = 0;
    }

    /// Datagrams from before and what came while the link was opened again
    /// cannot be told apart.
    fn drop_unread(&mut self) {
        let n = u32::try_from(self.rx.len()).unwrap_or(u32::MAX);
        self.lost = self.lost.saturating_add(n);
        self.rx.clear();
    }

    /// Gives the link back.
    pub(crate) fn release(&mut self) {
        self.state = State::Free;
        self.rx.clear();
        self.waiting = false;
        self.announced = 0;
        self.pending = false;
        self.named = false;
        self.reopening = false;
        self.intruder = false;
        self.doubtful = false;
        self.missing = false;
        self.abort = false;
        self.no_delay.want(false);
        self.lost = 0;
        self.send_failed = false;
        self.wifi_lost = false;
        self.unsure = false;
        self.wanted = false;
        self.stray = 0;
    }

    /// When a datagram link may be opened again: not before it is known
    /// whether the access point took it away, and then not before that may
    /// be back.
    pub(crate) fn reopen_at(&self, wifi_lost: bool) -> u64 {
        let wait = if wifi_lost {
            super::deadline::WIFI_BACK
        } else {
            super::deadline::CLOSED_BY_WIFI
        };
        self.closed_at.saturating_add(wait)
    }

    pub(crate) fn is_udp(&self) -> bool {
        matches!(self.target.kind, Kind::Udp { .. })
    }

    /// The socket is gone: gives the link back, through `AT+CIPCLOSE` where
    /// the modem has (or may have) the connection open.
    pub(crate) fn give_back(&mut self) {
        let open = match self.state {
            State::Opening { .. } | State::Open => true,
            _ => self.unsure || self.intruder,
        };
        let opening = matches!(self.state, State::Opening { .. });
        let abort = self.abort;
        self.release();
        if open {
            self.state = State::Closing;
            self.unsure = opening;
            self.abort = abort;
        }
    }

    /// The modem says the link is up.
    ///
    /// `holds_rest`: the modem says that a connection is closed before all of
    /// its data has been read.
    pub(crate) fn connected(&mut self, holds_rest: bool, now: u64) {
        let stands = now.saturating_sub(self.since) > super::deadline::CONNECT_ONCE;
        if stands && matches!(self.state, State::Open) && !self.is_udp() {
            // Another connection: the `CLOSED` of this one was lost.
            if self.pending {
                self.incoming(now);
                return;
            }
            self.state = State::Draining;
        }
        match &mut self.state {
            State::Opening { up } => {
                let first = !core::mem::replace(up, true);
                self.wifi_lost = false;
                if first && !self.reopening {
                    // What came before was on its way from the one before.
                    self.rx.clear();
                    self.lost = 0;
                }
            }
            State::Closing | State::Open => {}
            // A connection nobody has asked for, or has given up: it would
            // block the link for ever.
            State::Free => {
                self.state = State::Closing;
                self.intruder_at = now;
            }
            State::Wanted => self.unsure = true,
            // A peer that came and went before anybody accepted it, and left nothing that can still be
            // read: this is the next one. To close it would only bring another to the same link.
            State::Draining | State::Ended if self.pending && self.rx.is_empty() => {
                self.incoming(now);
            }
            State::Draining | State::Ended | State::Failed(_) => {
                self.unsure = false;
                self.intruder = true;
                self.intruder_at = now;
                if matches!(self.state, State::Draining) {
                    // It takes the place of what was left to read.
                    self.state = if self.wifi_lost {
                        State::Failed(SocketError::WifiLost)
                    } else if holds_rest {
                        State::Failed(SocketError::Stale)
                    } else {
                        self.lost = self.lost.saturating_add(self.announced.into());
                        State::Ended
                    };
                    self.announced = 0;
                    self.waiting = false;
                }
            }
        }
    }

    /// The access point is gone.
    pub(crate) fn wifi_gone(&mut self, holding: Holding, now: u64) {
        let closed_just_now = now.saturating_sub(self.closed_at) < super::deadline::CLOSED_BY_WIFI;
        match self.state {
            State::Open if self.is_udp() => {}
            State::Open => {
                self.unsure = true;
                if holding.holds(self.target.kind) {
                    // Data that is still in the modem may yet be read.
                    self.wifi_lost = true;
                    self.waiting = true;
                    self.state = State::Draining;
                } else {
                    self.fail(SocketError::WifiLost);
                }
            }
            // NonOS reports the links closed before it says why.
            State::Draining if closed_just_now => self.wifi_lost = true,
            State::Ended if closed_just_now => self.fail(SocketError::WifiLost),
            _ => {}
        }
    }

    /// The modem says the link is down.
    pub(crate) fn closed(&mut self, holding: Holding, now: u64) {
        self.stray = 0;
        if core::mem::take(&mut self.intruder) {
            return; // and this was about it
        }
        self.closed_at = now;
        match self.state {
            // Nothing of a datagram socket ends with its link: open it again.
            State::Open | State::Opening { up: true } if self.is_udp() => {
                if !matches!(self.state, State::Open) && !self.reopening {
                    // That was a peer of the server.
                    self.rx.clear();
                    self.lost = 0;
                }
                self.state = State::Wanted;
                self.reopening = true;
                self.waiting = false;
            }
            // A peer that closes before `OK` was said; what it sent still counts.
            State::Open | State::Opening { up: true } => {
                self.state = if holding.holds(self.target.kind) {
                    // Whatever was announced or not, only reading tells.
                    self.waiting = true;
                    State::Draining
                } else {
                    State::Ended
                };
            }
            // Unless it is about the connection before: one that is still
            // being opened is closed when that has been answered.
            State::Closing if !self.unsure => self.release(),
            // While opening without `CONNECT` it is about an earlier
            // connection or part of the failure that is coming.
            _ => {}
        }
    }

    /// The modem holds nothing more for a link that is draining.
    pub(crate) fn drained(&mut self) {
        if matches!(self.state, State::Draining) {
            self.state = State::Ended;
        }
    }

    /// The connection is gone for the given reason. What was received can
    /// still be read.
    pub(crate) fn fail(&mut self, reason: SocketError) {
        match self.state {
            State::Free | State::Failed(_) => {}
            State::Closing => self.release(),
            _ => {
                self.state = State::Failed(reason);
                self.waiting = false;
                if self.pending {
                    // Nobody holds it.
                    self.give_back();
                }
            }
        }
    }

    /// Whether data for this link is to be kept. An intruder's is not.
    pub(crate) fn receives(&self) -> bool {
        !self.intruder
            && matches!(
                self.state,
                State::Open | State::Opening { .. } | State::Draining
            )
    }
}
