//! The modem: bytes in, bytes out, time passed in.
//!
//! ```
//! use esp8285_sim::{Air, Dialect, MemoryNetwork, Modem};
//!
//! let mut modem = Modem::new(Dialect::NonOs1_7, Air::new(), MemoryNetwork::new());
//! modem.input(0, b"AT\r\n");
//! modem.poll(1_000);
//! assert_eq!(modem.take_output(), b"AT\r\n\r\nOK\r\n");
//! ```
//!
//! It never blocks, has no clock and no thread. [`Bench`](crate::Bench) and [`live`](crate::live) put a serial
//! line in front of it.

mod args;
mod basic;
mod boot;
mod call;
mod clock;
mod close;
mod connect;
mod faults;
mod input;
mod ip;
mod join;
mod link_settings;
mod links;
mod lookup;
mod pins;
mod receive;
mod refusal;
mod reply;
mod segments;
mod send;
mod server;
mod services;
mod settings;
mod soft_ap;
mod station;
mod status;
mod table;
mod timers;
mod tls;
mod transmitter;
mod transparent;
mod udp;
mod wifi;

use std::fmt;

use crate::air::Air;
use crate::dialect::{Dialect, Profile};
use crate::line::NANOS;
use crate::network::Network;

use faults::Trouble;
use input::LineBuffer;
use links::Link;
use server::Server;
use settings::{Kept, Session};
pub use soft_ap::StationRefused;
use station::Station;
use timers::{Timer, Timers};
pub(crate) use transmitter::Output;
use transmitter::Transmitter;

/// A modem, switched on and idle.
pub struct Modem {
    dialect: Dialect,
    profile: &'static Profile,
    air: Air,
    net: Box<dyn Network>,
    now: u64,
    command_time: u64,
    commands: u64,
    tx: Transmitter,
    baud: u32,
    /// Flow control in force: 1 RTS, 2 CTS.
    flow: u8,
    /// The firmware takes nothing from its UART.
    stalled: bool,
    line: LineBuffer,
    activity: Activity,
    timers: Timers,
    kept: Kept,
    flash: Kept,
    session: Session,
    station: Station,
    /// Stations at the modem's own access point.
    guests: Vec<soft_ap::Guest>,
    /// What time servers say at time zero.
    wall_clock: Option<i64>,
    /// Certificates in flash, and authorities too.
    certificates: u8,
    links: [Option<Link>; LINKS],
    server: Option<Server>,
    /// NonOS: what a closed link had received and nobody has read yet.
    stash: [Vec<u8>; LINKS],
    /// A link has ended since the station joined.
    had_link: bool,
    /// Which link's data goes out next.
    turn: usize,
    trouble: Trouble,
}

/// How many links there are.
const LINKS: usize = 5;

/// What the modem is doing about the host's input.
#[derive(Debug)]
enum Activity {
    /// Waiting for a command.
    Idle,
    /// A complete line is about to be executed.
    Dispatch(Vec<u8>),
    /// `AT+CWJAP` runs.
    Joining(station::Joining),
    /// `AT+CWLAP` runs.
    Scanning(wifi::ScanFilter),
    /// A name is looked up for a command.
    Looking(lookup::Lookup),
    /// `AT+PING` waits for its answer.
    Pinging(lookup::Ping),
    /// `AT+CIPSTART` waits for its answer.
    Connecting(usize),
    /// Behind the prompt.
    Payload(send::Payload),
    /// Bytes go through to the peer.
    Through(transparent::Through),
    /// A payload waits for its result.
    Sending(send::Sending),
    /// A command has said OK and the modem is about to restart.
    Restarting { cause: boot::Cause },
    /// In reset, booting, or asleep: deaf.
    Down,
}

impl fmt::Debug for Modem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // No settings: they hold passwords.
        f.debug_struct("Modem")
            .field("dialect", &self.dialect)
            .field("baud", &self.baud)
            .field("now", &self.now)
            .field("commands", &self.commands)
            .finish_non_exhaustive()
    }
}

impl Modem {
    /// A modem out of the box: 115200 baud, echo on, no access point stored, nothing pending.
    pub fn new(dialect: Dialect, air: Air, network: impl Network + 'static) -> Self {
        let profile = dialect.profile();
        let kept = Kept::factory(profile);
        Self {
            dialect,
            profile,
            air,
            net: Box::new(network),
            now: 0,
            command_time: 200,
            commands: 0,
            tx: Transmitter::default(),
            baud: kept.uart.baud,
            flow: kept.uart.flow,
            stalled: false,
            line: LineBuffer::default(),
            activity: Activity::Idle,
            timers: Timers::default(),
            flash: kept.clone(),
            kept,
            session: Session::new(profile),
            station: Station::default(),
            guests: Vec::new(),
            wall_clock: None,
            certificates: profile.certificates,
            links: Default::default(),
            server: None,
            stash: Default::default(),
            had_link: false,
            turn: 0,
            trouble: Trouble::default(),
        }
    }

    /// How long a command takes before its answer starts; 200 µs unless set.
    #[must_use]
    pub fn command_time_us(mut self, us: u64) -> Self {
        self.command_time = us;
        self
    }

    /// The baud rate it starts with, now and after each reset, as `AT+UART_DEF` would store it.
    #[must_use]
    pub fn stored_baud(mut self, baud: u32) -> Self {
        self.baud = baud.max(1);
        self.kept.uart.baud = self.baud;
        self.flash.uart.baud = self.baud;
        self
    }

    /// An access point in flash: the modem is a station, and joins it as soon as it is on.
    ///
    /// Its messages can come while the first commands run, and collide with a first `AT+CWJAP`.
    #[must_use]
    pub fn stored_ap(mut self, ssid: impl AsRef<[u8]>, password: impl AsRef<[u8]>) -> Self {
        self.kept.mode = 1;
        self.kept.ap = Some(settings::Credentials {
            ssid: ssid.as_ref().to_vec(),
            password: password.as_ref().to_vec(),
            bssid: None,
        });
        self.flash = self.kept.clone();
        self.join_stored();
        self
    }

    /// Takes one chunk as the modem's UART driver delivers it: what arrived until the line fell idle.
    pub fn input(&mut self, now_us: u64, chunk: &[u8]) {
        self.input_part(now_us, chunk, true);
    }

    /// Takes the next part of a burst whose beginning was delivered before because the driver's buffer was full.
    ///
    /// It differs from [`input`](Self::input) in one point: such a part can never be the lone `+++`.
    pub fn input_continued(&mut self, now_us: u64, part: &[u8]) {
        self.input_part(now_us, part, false);
    }

    fn input_part(&mut self, now_us: u64, chunk: &[u8], fresh: bool) {
        self.poll(now_us);
        if !chunk.is_empty() {
            self.receive_chunk(chunk, fresh);
            self.serve_links();
        }
    }

    /// Lets everything happen that is due by `now_us`, each at its own time.
    pub fn poll(&mut self, now_us: u64) {
        while let Some(at) = self.next_wakeup().filter(|&at| at <= now_us) {
            self.now = self.now.max(at);
            let mut progress = true;
            if let Some(timer) = self.timers.pop_due(self.now) {
                self.timer(timer);
            } else if let Some(fault) = self.trouble.pop_due(self.now) {
                self.fault_happens(fault);
            } else if let Some(event) = self.net.poll(self.now) {
                self.network_event(event);
            } else {
                progress = false;
            }
            if !self.serve_links() && !progress && self.next_wakeup() == Some(at) {
                // A network announced an event it then did not have, and still does.
                break;
            }
        }
        self.now = self.now.max(now_us);
        // A network on the host's sockets does not know beforehand when something arrives.
        let mut heard = false;
        while let Some(event) = self.net.poll(self.now) {
            self.network_event(event);
            heard = true;
        }
        if heard {
            self.serve_links();
        }
    }

    /// When [`poll`](Self::poll) has something to do next.
    pub fn next_wakeup(&self) -> Option<u64> {
        let room = self.frame_room_at();
        [
            self.timers.next(),
            self.net.next_wakeup(),
            self.trouble.next(),
            room,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Everything the modem has said since the last call, whether or not the wire would have carried it yet.
    pub fn take_output(&mut self) -> Vec<u8> {
        let mut all = Vec::new();
        while let Some(output) = self.tx.pop() {
            if let Output::Bytes { bytes, .. } = output {
                all.extend(bytes);
            }
        }
        all
    }

    /// The next piece of output with its time and baud rate.
    pub(crate) fn pop_output(&mut self) -> Option<Output> {
        self.tx.pop()
    }

    /// The baud rate at which the modem listens now.
    pub fn baud(&self) -> u32 {
        self.baud
    }

    /// Makes the firmware take nothing from its UART, until it is told to go on or resets: a fault.
    ///
    /// The UART's own buffer holds 128 bytes. With RTS (`AT+UART_CUR=...,1` or `3`) the host is stopped at 112; what
    /// comes beyond 128 is lost.
    pub fn stall(&mut self, on: bool) {
        self.stalled = on;
    }

    pub(crate) fn stalled(&self) -> bool {
        self.stalled
    }

    /// The modem's RTS says when the host may send.
    pub(crate) fn drives_rts(&self) -> bool {
        self.flow & 1 != 0
    }

    /// The modem's CTS is looked at before each byte.
    pub(crate) fn obeys_cts(&self) -> bool {
        self.flow & 2 != 0
    }

    /// The line has been stopped, or goes on and will be free at that time.
    pub(crate) fn transmitter_held(&mut self, free_ns: Option<u64>) {
        self.tx.hold(free_ns);
    }

    /// Which firmware this is.
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Whether `AT+CIPTCPOPT` has set `TCP_NODELAY` for a link, 0 to 4. The option belongs to the link, not to its
    /// connection.
    pub fn no_delay(&self, link: usize) -> bool {
        let options = self.session.tcp_options.get(link);
        options.is_some_and(|(_, no_delay, _)| *no_delay == 1)
    }

    /// How many command lines have been executed.
    pub fn commands(&self) -> u64 {
        self.commands
    }

    /// The radio side, to switch access points on and off.
    pub fn air_mut(&mut self) -> &mut Air {
        &mut self.air
    }

    /// Prints text as if the firmware had: a fault for drivers to survive.
    pub fn inject(&mut self, text: &[u8]) {
        self.print(text);
    }

    fn now_ns(&self) -> u64 {
        self.now.saturating_mul(NANOS)
    }

    /// Queues bytes for the host.
    fn print(&mut self, bytes: impl AsRef<[u8]>) {
        self.tx.send(self.now_ns(), self.baud, bytes.as_ref());
    }

    fn timer(&mut self, timer: Timer) {
        match timer {
            Timer::Command => self.execute_line(),
            Timer::JoinCheck => self.join_check(),
            Timer::ScanDone => self.scan_done(),
            Timer::LookupLimit => self.lookup_failed(),
            Timer::PingLimit => self.ping_lost(),
            Timer::ConnectLimit => self.connect_timed_out(),
            Timer::SendDone => self.send_done(),
            Timer::LateSend => self.send_result(true),
            Timer::Brownout => self.brownout(),
            Timer::Associated => self.associated(),
            Timer::GotIp => self.got_ip(),
            Timer::Rejoin => self.rejoin(),
            Timer::DhcpLimit => self.dhcp_timed_out(),
            Timer::Lease => self.lease_due(),
            Timer::TimeAnswer => self.time_answered(),
            Timer::LeftAp => self.left_ap(),
            Timer::Packet => self.packet_due(),
            Timer::IdleClients => self.close_idle_clients(),
            Timer::Baud => {
                self.baud = self.kept.uart.baud;
                self.flow = self.kept.uart.flow;
            }
            Timer::Restart => self.restart(),
            Timer::Ready => self.boot_finished(),
        }
    }
}
