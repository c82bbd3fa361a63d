//! One modem, one UART and one host, in virtual time.
//!
//! ```
//! use embedded_io::{Read, ReadReady, Write};
//! use esp8285_sim::{Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem};
//!
//! let modem = Modem::new(Dialect::NonOs1_7, Air::new(), MemoryNetwork::new());
//! let bench = Bench::new(modem, BenchConfig::default());
//! let mut uart = bench.uart();
//! uart.write_all(b"AT\r\n").unwrap();
//! let mut answer = Vec::new();
//! while !answer.ends_with(b"OK\r\n") {
//!     let mut byte = [0];
//!     while !uart.read_ready().unwrap() {
//!         bench.idle(None);
//!     }
//!     uart.read(&mut byte).unwrap();
//!     answer.push(byte[0]);
//! }
//! assert_eq!(answer, b"AT\r\n\r\nOK\r\n");
//! assert_eq!(bench.stats().commands, 1);
//! ```
//!
//! Nothing moves unless [`Bench::idle`] or [`Bench::advance`] lets time pass, and a wait of a minute costs no more
//! than what happens in it. The same calls give the same bytes at the same times.

mod uart;

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fmt;
use std::rc::Rc;

use crate::line::NANOS;
use crate::modem::Modem;
use crate::wire::Wire;
pub use uart::{UartError, VirtualUart};

/// How far [`Bench::idle`] goes when nothing is scheduled.
const IDLE_US: u64 = 1_000;

/// In what portions the host takes received bytes from its UART.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chunk {
    /// An interrupt for every so many bytes: a read returns at most that many.
    Bytes(usize),
    /// As much as there is, when the modem pauses or the buffer is half full.
    All,
}

/// The host's side of the bench.
#[derive(Debug, Clone)]
pub struct BenchConfig {
    /// Baud rate of the host's UART.
    pub host_baud: u32,
    /// How the host reads.
    pub rx_chunk: Chunk,
    /// Bytes the host's receive buffer holds; more are lost and counted.
    pub rx_fifo: usize,
    /// Bytes the host's transmit buffer holds.
    pub tx_fifo: usize,
    /// RTS and CTS are wired, and the host's UART uses both: its RTS says stop when the receive buffer is three
    /// quarters full and go when it is half full, and it sends only while its CTS says go. What the modem makes of
    /// them is up to `AT+UART_CUR`.
    pub flow_control: bool,
}

impl Default for BenchConfig {
    fn default() -> Self {
        Self {
            host_baud: 115_200,
            rx_chunk: Chunk::All,
            rx_fifo: 4_096,
            tx_fifo: 256,
            flow_control: false,
        }
    }
}

/// Which way bytes went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// From the host.
    ToModem,
    /// To the host.
    FromModem,
}

/// What went over the line so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Bytes the host has sent.
    pub to_modem: u64,
    /// Bytes that arrived at the host, lost ones included.
    pub from_modem: u64,
    /// Command lines the modem has executed.
    pub commands: u64,
    /// Bytes lost because the host's receive buffer was full.
    pub overruns: u64,
}

/// A recorded read or write: virtual microseconds, direction, bytes.
pub type Record = (u64, Direction, Vec<u8>);

/// The bench; a clone is a handle to the same one.
#[derive(Clone)]
pub struct Bench(Rc<RefCell<Inner>>);

struct Inner {
    wire: Wire,
    config: BenchConfig,
    fifo: VecDeque<u8>,
    stats: Stats,
    recording: bool,
    record: Vec<Record>,
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench")
            .field("now", &self.now())
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

impl Bench {
    /// Puts a modem on the bench, at time zero.
    pub fn new(modem: Modem, config: BenchConfig) -> Self {
        let mut wire = Wire::new(modem, config.host_baud);
        if config.flow_control {
            wire.host_flow_control(config.rx_fifo);
        }
        Self(Rc::new(RefCell::new(Inner {
            wire,
            config,
            fifo: VecDeque::new(),
            stats: Stats::default(),
            recording: false,
            record: Vec::new(),
        })))
    }

    /// The host's UART. All of them are the same one.
    pub fn uart(&self) -> VirtualUart {
        VirtualUart::new(self.clone())
    }

    /// Virtual time in microseconds.
    pub fn now(&self) -> u64 {
        self.0.borrow().wire.now_ns() / NANOS
    }

    /// Lets time pass to the next moment at which something can have changed for the host.
    ///
    /// That is: a portion of bytes has arrived, the modem has paused, or the transmit buffer has room again or is
    /// empty. It never goes beyond `until`, and at most a millisecond when nothing is on its way.
    pub fn idle(&self, until: Option<u64>) {
        self.0.borrow_mut().idle(until);
    }

    /// Lets exactly this much time pass.
    pub fn advance(&self, us: u64) {
        let mut inner = self.0.borrow_mut();
        let to = inner.wire.now_ns() + us * NANOS;
        inner.wire.advance(to);
        inner.receive();
    }

    /// What has happened so far.
    pub fn stats(&self) -> Stats {
        let mut inner = self.0.borrow_mut();
        inner.receive();
        Stats {
            commands: inner.wire.modem().commands(),
            ..inner.stats
        }
    }

    /// Switches the recording of reads and writes on or off.
    pub fn record(&self, on: bool) {
        self.0.borrow_mut().recording = on;
    }

    /// Takes what was recorded.
    pub fn take_record(&self) -> Vec<Record> {
        std::mem::take(&mut self.0.borrow_mut().record)
    }

    /// Reaches into the modem: faults, the air.
    pub fn with_modem<R>(&self, act: impl FnOnce(&mut Modem) -> R) -> R {
        self.0.borrow_mut().wire.with_modem(act)
    }

    /// Sets the host's baud rate for bytes sent from now on.
    pub fn set_host_baud(&self, baud: u32) {
        self.0.borrow_mut().wire.set_host_baud(baud);
    }

    /// What the host's CTS says: it may send. Always true without flow control.
    pub fn cts(&self) -> bool {
        self.0.borrow().wire.cts()
    }

    /// What the host's RTS says: the modem may send. Always true without flow control.
    pub fn rts(&self) -> bool {
        self.0.borrow().wire.rts()
    }

    /// The host's baud rate.
    pub fn host_baud(&self) -> u32 {
        self.0.borrow().wire.host_baud()
    }
}

impl Inner {
    /// Moves what has arrived into the receive buffer.
    fn receive(&mut self) {
        while let Some((_, byte)) = self.wire.host_receives() {
            self.stats.from_modem += 1;
            if self.fifo.len() < self.config.rx_fifo {
                self.fifo.push_back(byte);
            } else {
                self.stats.overruns += 1;
            }
        }
        self.wire.host_holds(self.fifo.len());
    }

    fn idle(&mut self, until: Option<u64>) {
        self.receive();
        let start = self.wire.now_ns();
        let limit = until
            .map_or(u64::MAX, |us| us.saturating_mul(NANOS))
            .max(start);
        loop {
            let visible = self.next_visible().unwrap_or(start + IDLE_US * NANOS);
            // Whole microseconds: at the time the host sees, the byte is there.
            let target = visible.div_ceil(NANOS).saturating_mul(NANOS).min(limit);
            match self.wire.next_event() {
                Some(event) if event < target => {
                    self.wire.advance(event);
                }
                _ => {
                    self.wire.advance(target);
                    break;
                }
            }
        }
        self.receive();
    }

    /// When the host can notice something next.
    fn next_visible(&self) -> Option<u64> {
        let line = self.wire.incoming();
        let waiting = self.fifo.len();
        let missing = match self.config.rx_chunk {
            Chunk::Bytes(n) => {
                let n = n.max(1);
                Some(n - waiting % n)
            }
            Chunk::All => (self.config.rx_fifo / 2)
                .checked_sub(waiting)
                .filter(|&missing| missing > 0),
        };
        let rx = missing
            .and_then(|missing| line.arrival(missing - 1))
            .or_else(|| line.burst_end());
        let backlog = self.wire.host_backlog();
        let tx = (backlog > 0 && self.wire.cts()).then(|| {
            let sent = self.wire.host_sent_ns();
            if backlog < self.config.tx_fifo {
                sent
            } else {
                let half =
                    crate::line::duration_ns(self.config.tx_fifo as u64 / 2, self.wire.host_baud());
                sent.saturating_sub(half).max(self.wire.now_ns() + NANOS)
            }
        });
        [rx, tx].into_iter().flatten().min()
    }
}
