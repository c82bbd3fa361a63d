//! A modem and the two serial lines to it, driven by whoever knows the time.

use crate::fault::LineFaults;
use crate::garble::{compatible, resample};
use crate::line::{Line, NANOS, duration_ns};
use crate::modem::{Modem, Output};

/// How full the modem's receive buffer gets before its driver hands it over.
const CHUNK: usize = 120;

/// Byte times of silence after which the modem's driver hands over what it has.
const SILENCE: u64 = 2;

/// What the modem's UART holds while nobody takes it, and at how much its RTS says stop.
const UART_BUFFER: usize = 128;
const UART_STOP: usize = 112;

/// The host's flow control: how full its receive buffer is, and when its RTS says stop and go.
#[derive(Debug, Clone, Copy)]
struct HostFlow {
    level: usize,
    stop: usize,
    go: usize,
}

/// Modem and lines.
#[derive(Debug)]
pub(crate) struct Wire {
    modem: Modem,
    now_ns: u64,
    host_baud: u32,
    to_modem: Line,
    from_modem: Line,
    chunk: Chunk,
    polled_us: Option<u64>,
    faults: LineFaults,
    faults_revision: u64,
    host_flow: Option<HostFlow>,
}

/// What the modem's UART driver has collected.
#[derive(Debug, Default)]
struct Chunk {
    bytes: Vec<u8>,
    baud: u32,
    last_ns: u64,
    /// An earlier part of this burst has been delivered already.
    continued: bool,
}

impl Wire {
    pub(crate) fn new(modem: Modem, host_baud: u32) -> Self {
        let mut wire = Self {
            modem,
            now_ns: 0,
            host_baud: host_baud.max(1),
            to_modem: Line::default(),
            from_modem: Line::default(),
            chunk: Chunk::default(),
            polled_us: None,
            faults: LineFaults::default(),
            faults_revision: 0,
            host_flow: None,
        };
        wire.adopt_faults();
        wire.collect_output();
        wire
    }

    pub(crate) fn now_ns(&self) -> u64 {
        self.now_ns
    }

    pub(crate) fn modem(&self) -> &Modem {
        &self.modem
    }

    pub(crate) fn host_baud(&self) -> u32 {
        self.host_baud
    }

    pub(crate) fn set_host_baud(&mut self, baud: u32) {
        self.host_baud = baud.max(1);
    }

    /// Gives the host's UART an RTS, which follows its receive buffer of that size, and makes it obey its CTS.
    pub(crate) fn host_flow_control(&mut self, buffer: usize) {
        self.host_flow = Some(HostFlow {
            level: 0,
            stop: (buffer * 3 / 4).max(1),
            go: buffer / 2,
        });
    }

    /// How full the host's receive buffer is.
    pub(crate) fn host_holds(&mut self, level: usize) {
        if let Some(flow) = &mut self.host_flow {
            flow.level = level;
            self.control_flow();
        }
    }

    /// The modem lets the host send.
    pub(crate) fn cts(&self) -> bool {
        !self.to_modem.is_held()
    }

    /// The host lets the modem send, whether or not the modem obeys.
    pub(crate) fn rts(&self) -> bool {
        let held = self.from_modem.is_held();
        self.host_flow
            .is_none_or(|flow| self.host_level(flow) < if held { flow.go + 1 } else { flow.stop })
    }

    fn host_level(&self, flow: HostFlow) -> usize {
        flow.level + self.from_modem.arrived(self.now_ns)
    }

    /// Stops and starts the senders.
    fn control_flow(&mut self) {
        if self.host_flow.is_none() {
            return;
        }
        let stop = self.modem.obeys_cts() && !self.rts();
        if stop && !self.from_modem.is_held() {
            self.from_modem.hold(self.now_ns);
            self.modem.transmitter_held(None);
        } else if !stop && self.from_modem.is_held() {
            self.from_modem.release(self.now_ns);
            let free_ns = self.from_modem.free_ns().max(self.now_ns);
            self.modem.transmitter_held(Some(free_ns));
        }
        let stop = self.modem.drives_rts() && self.chunk.bytes.len() >= UART_STOP;
        if stop && self.modem.stalled() {
            self.to_modem.hold(self.now_ns);
        } else if self.to_modem.is_held() {
            self.to_modem.release(self.now_ns);
        }
    }

    /// When a sender has to be stopped.
    fn next_stop(&self) -> Option<u64> {
        let flow = self.host_flow?;
        let host = (self.modem.obeys_cts() && !self.from_modem.is_held())
            .then(|| flow.stop.saturating_sub(flow.level).max(1))
            .and_then(|missing| self.from_modem.arrival_of(missing));
        let modem = (self.modem.stalled() && self.modem.drives_rts() && self.cts())
            .then(|| UART_STOP.saturating_sub(self.chunk.bytes.len()).max(1))
            .and_then(|missing| self.to_modem.arrival_of(missing));
        [host, modem].into_iter().flatten().min()
    }

    /// Reaches into the modem at the current time.
    pub(crate) fn with_modem<R>(&mut self, act: impl FnOnce(&mut Modem) -> R) -> R {
        if self.modem.stalled() {
            self.take_bytes();
        }
        self.modem.poll(self.now_ns / NANOS);
        let result = act(&mut self.modem);
        self.adopt_faults();
        self.collect_output();
        self.control_flow();
        result
    }

    /// Takes over the line's part of faults that were set anew.
    fn adopt_faults(&mut self) {
        let revision = self.modem.faults_revision();
        if self.faults_revision != revision {
            self.faults_revision = revision;
            self.faults = LineFaults::new(self.modem.faults(), self.now_ns / NANOS);
        }
    }

    /// The host transmits.
    pub(crate) fn host_sends(&mut self, bytes: &[u8]) {
        self.faults
            .to_modem
            .push(&mut self.to_modem, self.now_ns, self.host_baud, bytes);
    }

    /// Bytes the host has handed over and its transmitter has not sent yet.
    pub(crate) fn host_backlog(&self) -> usize {
        let left = self.host_sent_ns().saturating_sub(self.now_ns);
        let bits = u128::from(left) * u128::from(self.host_baud);
        let sending = usize::try_from(bits.div_ceil(10_000_000_000)).unwrap_or(usize::MAX);
        sending.saturating_add(self.to_modem.waiting())
    }

    /// When the host's transmitter will be done.
    pub(crate) fn host_sent_ns(&self) -> u64 {
        self.to_modem.free_ns()
    }

    /// The next byte that has reached the host.
    pub(crate) fn host_receives(&mut self) -> Option<(u64, u8)> {
        self.from_modem
            .pop(self.now_ns)
            .map(|(at, _, byte)| (at, byte))
    }

    /// What is on its way to the host.
    pub(crate) fn incoming(&self) -> &Line {
        &self.from_modem
    }

    /// When something happens on the modem's side next.
    pub(crate) fn next_event(&self) -> Option<u64> {
        let wakeup = self.modem.next_wakeup().map(|us| {
            // An event that stays due after it was looked at must not stop the clock.
            let us = self.polled_us.map_or(us, |polled| us.max(polled + 1));
            us * NANOS
        });
        let noise = self.faults.next_noise().map(|us| us.saturating_mul(NANOS));
        let events = [wakeup, self.next_delivery(), noise, self.next_stop()];
        events
            .into_iter()
            .flatten()
            .min()
            .map(|at| at.max(self.now_ns))
    }

    /// Lets time pass, everything at its moment.
    pub(crate) fn advance(&mut self, to_ns: u64) {
        while let Some(next) = self.next_event().filter(|&next| next <= to_ns) {
            self.now_ns = next;
            self.step();
        }
        self.now_ns = self.now_ns.max(to_ns);
    }

    fn silence_ends(&self) -> u64 {
        self.chunk.last_ns + duration_ns(SILENCE, self.modem.baud())
    }

    fn next_delivery(&self) -> Option<u64> {
        if self.modem.stalled() {
            return None;
        }
        let silence = (!self.chunk.bytes.is_empty()).then(|| self.silence_ends());
        match self.to_modem.arrival(0) {
            Some(first) if silence.is_none_or(|silence| first <= silence) => {
                let missing = CHUNK.saturating_sub(self.chunk.bytes.len()).max(1);
                self.to_modem
                    .arrival(missing - 1)
                    .or(self.to_modem.burst_end())
            }
            _ => silence,
        }
    }

    fn step(&mut self) {
        self.take_bytes();
        if self.silence_ends() <= self.now_ns {
            self.deliver();
        }
        let now_us = self.now_ns / NANOS;
        self.modem.poll(now_us);
        self.polled_us = Some(now_us);
        self.collect_output();
        if let Some(noise) = self.faults.noise(now_us) {
            self.from_modem.push(self.now_ns, self.host_baud, &noise);
        }
        self.control_flow();
    }

    /// What has arrived at the modem goes to its driver, chunk by chunk.
    fn take_bytes(&mut self) {
        while let Some((at, baud, byte)) = self.to_modem.pop(self.now_ns) {
            let separate = at > self.silence_ends() || baud != self.chunk.baud;
            if separate {
                self.deliver();
                self.chunk.continued = false;
            }
            self.chunk.baud = baud;
            self.chunk.last_ns = at;
            if self.chunk.bytes.len() < UART_BUFFER {
                self.chunk.bytes.push(byte);
            }
            if self.chunk.bytes.len() >= CHUNK && !self.modem.stalled() {
                self.deliver();
                self.chunk.continued = true;
            }
        }
    }

    fn deliver(&mut self) {
        if self.chunk.bytes.is_empty() || self.modem.stalled() {
            return;
        }
        let now_us = self.now_ns / NANOS;
        let mut bytes = std::mem::take(&mut self.chunk.bytes);
        if !compatible(self.chunk.baud, self.modem.baud()) {
            bytes = resample(&bytes, self.chunk.baud, self.modem.baud());
        }
        if self.chunk.continued {
            self.modem.input_continued(now_us, &bytes);
        } else {
            self.modem.input(now_us, &bytes);
        }
        bytes.clear();
        self.chunk.bytes = bytes;
    }

    fn collect_output(&mut self) {
        while let Some(output) = self.modem.pop_output() {
            match output {
                Output::Bytes {
                    start_ns,
                    baud,
                    bytes,
                } if compatible(baud, self.host_baud) => {
                    let line = &mut self.from_modem;
                    self.faults.from_modem.push(line, start_ns, baud, &bytes);
                }
                Output::Bytes {
                    start_ns,
                    baud,
                    bytes,
                } => {
                    let garbled = resample(&bytes, baud, self.host_baud);
                    let (line, baud) = (&mut self.from_modem, self.host_baud);
                    self.faults.from_modem.push(line, start_ns, baud, &garbled);
                }
                Output::Cut { at_ns } => self.from_modem.cut(at_ns),
            }
        }
    }
}
