//! The driver's state machine, without I/O and without a clock.
//!
//! Bytes from the modem go in (through a window that is the receive ring
//! itself while a binary frame passes), bytes for the modem come out, time is
//! passed in. The shells around it ([`Esp8285`](crate::Esp8285)) only carry
//! bytes. It is split by concern: [`input`] feeds it, [`exchange`] holds what
//! is being asked of the modem, [`lines`] and [`reply`] what its answers mean,
//! [`outcome`] what follows from them and [`timeout`] from silence, [`frame`]
//! whose data comes in, [`schedule`] decides what to ask next,
//! [`startup`] gets a modem in any state to listen, [`serial`] follows it to
//! other baud rates, [`restart`] through restarts that were asked for.
//!
//! Each of the five links is a [`link`]; [`requests`] is what callers ask of
//! them, [`opening`] gets them connected, [`server`] is who connects to us,
//! [`datagram`] keeps datagrams whole, [`status`] finds out which links still
//! stand. [`control`] is the slot for everything that is not about links.

mod control;
mod datagram;
pub(crate) mod deadline;
mod debug;
#[cfg(feature = "async")]
mod due;
mod exchange;
mod frame;
mod input;
mod lines;
mod link;
mod mode;
mod no_delay;
mod opening;
mod outcome;
mod reply;
mod requests;
pub(crate) mod restart;
mod ring;
mod schedule;
mod serial;
mod server;
mod staging;
mod startup;
mod status;
mod timeout;

use heapless::Deque;

use control::Control;
pub(crate) use control::Visit;
pub(crate) use control::{Purpose, fingerprint};
use exchange::{Exchange, Line};
use input::Input;
pub(crate) use input::LIST_READER;
use link::Holding;
use link::Link;
pub(crate) use link::{Kind, State as LinkState, Target};
pub(crate) use opening::TlsSetup;
use opening::{Name, Tls};
pub(crate) use requests::{Key, Outcome, Turn};
use restart::Restart;
use serial::Serial;
use server::Server;
use staging::Staging;
use startup::{Life, Sync};
use status::Listing;

use crate::error::ModemError;
use crate::wifi::AccessPointMemory;
use crate::{Capability, Config, Dialect, Event, ReceiveMode};

/// Whether data headers carry the peer's address (`AT+CIPDINFO`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PeerInfo {
    Off,
    On,
    /// The modem does not do it.
    Refused,
}

/// Events kept for a caller who does not ask for them often.
const EVENTS: usize = 8;

/// The machine: the input side and the state it drives, apart so that a line
/// can be read where it lies while the state changes.
#[derive(Debug)]
pub(crate) struct Machine<const RX: usize> {
    input: Input,
    pub(crate) state: State<RX>,
}

/// All that is known about the modem and asked of it.
#[derive(Debug)]
pub(crate) struct State<const RX: usize> {
    config: Config,
    pub(crate) serial: Serial,
    restart: Option<Restart>,
    /// The modem is in deep sleep: `ready` is what ends that.
    asleep: bool,
    life: Life,
    sync: Option<Sync>,
    /// Why the last start failed, until somebody is told.
    start_error: Option<ModemError>,
    /// Set-up steps that went unanswered in a row.
    setup_silences: u8,
    /// Refusals of the current set-up step in a row.
    setup_refusals: u8,
    /// A version line has been seen.
    version_seen: bool,
    /// Resets the set-up resorted to.
    resets: u8,
    pub(crate) dialect: &'static Dialect,
    passive: bool,
    /// Active for the sake of datagrams.
    mode_changed: bool,
    /// The modem would not change its mode.
    mode_refused: bool,
    pub(crate) station: crate::Station,

    pub(crate) links: [Link<RX>; crate::LINKS as usize],
    pub(crate) control: Control,
    staging: Staging,
    server: Server,
    /// Whether the modem says who sent what.
    peer_info: PeerInfo,
    no_delay: Option<no_delay::Steps<RX>>,
    name: Name,
    tls: Tls,
    listing: Listing,
    /// Questions for lengths since the last list of links.
    lengths_asked: u8,
    /// The list of links has to be asked for once more.
    status_due: bool,
    /// The access point has gone and not come back.
    wifi_lost: bool,
    exchange: Option<Exchange>,
    line: Line,
    /// Nothing is asked before this time.
    hold_until: u64,
    /// The link last read, for fairness between links.
    last_read: u8,
    /// The last exchange moved received data, so a send is due first.
    read_last: bool,
    /// The last command closed a connection nobody wants.
    turned_away: bool,
    /// Which connection the data of a `+CIPRECVDATA` belongs to, also when it
    /// comes late.
    reading: Option<(u8, u16)>,
    /// The modem may have restarted without a word.
    suspect: bool,
    /// 0.2x: the next `OK` belongs to a data frame.
    swallow_ok: bool,
    /// The access point the user has started.
    pub(crate) access_point: Option<AccessPointMemory>,
    /// Since when a join that is done waits for an address.
    pub(crate) address_wait: Option<u64>,

    events: Deque<Event, EVENTS>,
    /// Something changed: the schedule has to be looked at.
    dirty: bool,
    /// The next moment at which something is due by time alone.
    wake_at: u64,
    /// What must not be shown of lines nobody understands.
    veil: crate::veil::Veil,
}

impl<const RX: usize> Machine<RX> {
    pub(crate) const fn new(config: Config) -> Self {
        Self {
            input: Input::new(),
            state: State {
                config,
                serial: Serial::new(config.baud),
                restart: None,
                asleep: false,
                life: Life::Off,
                sync: None,
                start_error: None,
                setup_silences: 0,
                setup_refusals: 0,
                version_seen: false,
                resets: 0,
                dialect: &Dialect::NONOS_1_1,
                passive: false,
                mode_changed: false,
                mode_refused: false,
                station: crate::Station::Down,
                links: [
                    Link::new(),
                    Link::new(),
                    Link::new(),
                    Link::new(),
                    Link::new(),
                ],
                control: Control::new(),
                staging: Staging::new(),
                server: Server::new(),
                peer_info: PeerInfo::Off,
                no_delay: None,
                name: Name::new(),
                tls: Tls::new(),
                listing: Listing::new(),
                lengths_asked: 0,
                status_due: false,
                wifi_lost: false,
                exchange: None,
                line: Line::new(),
                hold_until: 0,
                last_read: 0,
                read_last: false,
                turned_away: false,
                reading: None,
                suspect: false,
                swallow_ok: false,
                access_point: None,
                address_wait: None,
                events: Deque::new(),
                dirty: false,
                wake_at: deadline::NEVER,
                veil: crate::veil::Veil::new(),
            },
        }
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn is_ready(&self) -> bool {
        self.life == Life::Ready
    }

    /// Whether the modem was lost, or never looked for.
    pub(crate) fn is_off(&self) -> bool {
        self.life == Life::Off
    }

    /// What a call needs, if the firmware is known and lacks it.
    ///
    /// Inlined so that only the names of commands that can be missing are
    /// linked.
    #[inline(always)]
    pub(crate) fn require(&self, capability: Capability) -> Result<(), ModemError> {
        if self.is_ready() {
            self.dialect.require(capability)?;
        }
        Ok(())
    }

    pub(crate) fn dialect(&self) -> Option<&'static Dialect> {
        self.is_ready().then_some(self.dialect)
    }

    pub(crate) fn next_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// Keeps the newest events; a caller who never asks loses the oldest.
    fn event(&mut self, event: Event) {
        if self.events.is_full() {
            self.events.pop_front();
        }
        // There is room: one was just taken out if there was none.
        let _ = self.events.push_back(event);
        self.dirty = true;
    }

    fn wants_passive(&self) -> bool {
        self.dialect.has(Capability::PassiveReceive) && self.config.receive != ReceiveMode::Active
    }

    /// Which kinds of data wait in the modem until they are read.
    pub(super) fn holding(&self) -> Holding {
        match (self.passive, self.dialect.passive_tcp_only) {
            (false, _) => Holding::Nothing,
            (true, true) => Holding::Tcp,
            (true, false) => Holding::All,
        }
    }

    pub(crate) fn link(&mut self, id: u8) -> Option<&mut Link<RX>> {
        self.links.get_mut(usize::from(id))
    }
}
