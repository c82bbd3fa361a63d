//! The shell: carries bytes between a UART and the state machine.

use embedded_io::{Error as _, ErrorKind, Read, ReadReady, Write, WriteReady};

use crate::error::ModemError;
use crate::machine::{Machine, Outcome, State, deadline};
use crate::system::SetSerial;
use crate::{Clock, Config, Dialect, Event, Station};

/// A serial port, as the driver needs it. Implemented by everything that
/// implements the four traits.
///
/// `read_ready` and `write_ready` must answer at once; after a `true`, one
/// `read` or `write` must return at once with at least one byte. The port
/// must send what was written without being flushed. At 115200 baud 11.5
/// bytes arrive each millisecond, so a port without hardware flow control
/// needs a receive buffer for the longest time between two calls.
pub trait Uart: Read + ReadReady + Write + WriteReady {}

impl<U: Read + ReadReady + Write + WriteReady> Uart for U {}

/// Most bytes one call moves in each direction, so that no call takes long.
const BYTES_PER_CALL: usize = 8 * 1024;

/// An ESP8285 (or any ESP-AT modem) on a UART, as an embedded-nal stack.
///
/// `RX` is the size of the receive ring of each of the five links. A ring is
/// where data is read ahead to; 1460 is enough to work, 4096 (the default)
/// keeps a fast line busy. The whole driver takes `5 * RX` + 6 KiB of RAM.
///
/// Every method but [`wait`](Self::wait) and
/// [`AtatClient::send`](atat::blocking::AtatClient) returns at once: it takes
/// in what the UART holds, moves everything along that can move, and says
/// [`WouldBlock`](nb::Error::WouldBlock) if its own answer is not there yet.
/// Progress is made in any call; [`poll`](Self::poll) is the one that does
/// nothing else.
pub struct Esp8285<U, C, const RX: usize = 4096> {
    uart: U,
    clock: C,
    pub(crate) set_serial: Option<SetSerial<U>>,
    pub(crate) machine: Machine<RX>,
}

impl<U, C, const RX: usize> core::fmt::Debug for Esp8285<U, C, RX> {
    /// States and sizes; no text that was sent or received.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Esp8285")
            .field("machine", &self.machine)
            .finish_non_exhaustive()
    }
}

impl<U: Uart, C: Clock> Esp8285<U, C> {
    /// A driver with the default ring size and settings. Nothing is sent yet.
    #[must_use]
    pub const fn new(uart: U, clock: C) -> Self {
        Self::with_config(uart, clock, Config::new())
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// A driver with a ring size and settings of your choice. Nothing is sent
    /// yet.
    ///
    /// ```
    /// # struct Port;
    /// # impl embedded_io::ErrorType for Port { type Error = core::convert::Infallible; }
    /// # impl embedded_io::Read for Port { fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> { Ok(0) } }
    /// # impl embedded_io::ReadReady for Port { fn read_ready(&mut self) -> Result<bool, Self::Error> { Ok(false) } }
    /// # impl embedded_io::Write for Port { fn write(&mut self, b: &[u8]) -> Result<usize, Self::Error> { Ok(b.len()) } fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) } }
    /// # impl embedded_io::WriteReady for Port { fn write_ready(&mut self) -> Result<bool, Self::Error> { Ok(true) } }
    /// use atcmd_esp8285::{Config, Esp8285};
    ///
    /// let wifi = Esp8285::<_, _, 1460>::with_config(Port, || 0, Config::new());
    /// ```
    #[must_use]
    pub const fn with_config(uart: U, clock: C, config: Config) -> Self {
        Self {
            uart,
            clock,
            set_serial: None,
            machine: Machine::new(config),
        }
    }

    /// Moves everything along that can move, and nothing else.
    ///
    /// # Errors
    /// Only when the UART fails.
    pub fn poll(&mut self) -> Result<(), ModemError> {
        self.turn(None, |_, _| ())
    }

    /// Finds the modem and sets it up. Other calls do this by themselves; a
    /// caller who wants to know that the modem is there asks first.
    ///
    /// # Errors
    /// `WouldBlock` until the modem is set up (typically 50 ms, with a modem
    /// in an unknown state some seconds); [`ModemError::NoReply`] after 12 s
    /// of silence.
    pub fn start(&mut self) -> nb::Result<(), ModemError> {
        let outcome = self.turn(None, |state, now| {
            if state.is_ready() {
                return Ok(Some(()));
            }
            if let Some(error) = state.take_start_error() {
                return Err(error);
            }
            state.start(now);
            Ok(None)
        });
        flatten(outcome)
    }

    /// Calls `operation` until it no longer says `WouldBlock`, with
    /// [`Clock::idle`] in between.
    ///
    /// ```no_run
    /// # fn example<U: atcmd_esp8285::Uart, C: atcmd_esp8285::Clock>(
    /// #     wifi: &mut atcmd_esp8285::Esp8285<U, C>) -> Result<(), atcmd_esp8285::JoinError> {
    /// wifi.wait(|wifi| wifi.join("ssid", "password"))?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Whatever `operation` fails with.
    pub fn wait<T, E>(
        &mut self,
        mut operation: impl FnMut(&mut Self) -> nb::Result<T, E>,
    ) -> Result<T, E> {
        loop {
            match operation(self) {
                Ok(value) => return Ok(value),
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) => self.clock.idle(None),
            }
        }
    }

    /// The firmware, once start-up has found out.
    #[must_use]
    pub fn dialect(&self) -> Option<&'static Dialect> {
        self.machine.state.dialect()
    }

    /// The station as the modem last announced it; nothing is asked.
    #[must_use]
    pub fn station(&self) -> Station {
        self.machine.state.station
    }

    /// The next thing that happened, oldest first. The last 8 are kept.
    pub fn next_event(&mut self) -> Option<Event> {
        self.machine.state.next_event()
    }

    /// Gives the UART back.
    #[must_use]
    pub fn release(self) -> U {
        self.uart
    }

    pub(crate) fn uart(&mut self) -> &mut U {
        &mut self.uart
    }

    pub(crate) fn now(&self) -> u64 {
        self.clock.now().min(deadline::LATEST)
    }

    pub(crate) fn idle(&self, until: Option<u64>) {
        self.clock.idle(until);
    }

    /// One turn of everything: bytes in, the caller's own matter, what is due,
    /// bytes out. `reader` is the link the caller is about to read.
    #[inline]
    pub(crate) fn turn<T>(
        &mut self,
        reader: Option<u8>,
        matter: impl FnOnce(&mut State<RX>, u64) -> T,
    ) -> Result<T, ModemError> {
        let now = self.now();
        self.take_in(reader, now)?;
        let result = matter(&mut self.machine.state, now);
        self.finish_turn(now)?;
        Ok(result)
    }

    #[inline]
    pub(crate) fn take_in(&mut self, reader: Option<u8>, now: u64) -> Result<(), ModemError> {
        if self.machine.is_stalled() {
            // Only time or the reader gets it moving again.
            self.machine.window(reader, now);
        }
        let mut more = match self.uart.read_ready() {
            Ok(more) => more,
            Err(e) => return self.trouble(e.kind(), now),
        };
        let mut moved = 0;
        while more && moved < BYTES_PER_CALL {
            let window = self.machine.window(reader, now);
            if window.is_empty() {
                break;
            }
            let most = window.len();
            let (n, result) = fill(&mut self.uart, window);
            let n = n.min(most);
            self.machine.received(n, now);
            moved += n;
            more = match result {
                Ok(more) => more,
                Err(kind) => return self.trouble(kind, now),
            };
        }
        Ok(())
    }

    /// Payload from the UART into the reader's own buffer.
    #[inline]
    pub(crate) fn read_straight(&mut self, buf: &mut [u8], now: u64) -> Result<usize, ModemError> {
        match self.uart.read_ready() {
            Ok(true) => {}
            Ok(false) => return Ok(0),
            Err(e) => return self.trouble(e.kind(), now).map(|()| 0),
        }
        let (n, result) = fill(&mut self.uart, buf);
        let n = n.min(buf.len());
        self.machine.went_straight(n, now);
        match result {
            Ok(_) => Ok(n),
            // What came before the trouble is still good.
            Err(kind) => self.trouble(kind, now).map(|()| n).or(if n > 0 {
                Ok(n)
            } else {
                Err(ModemError::Uart(kind))
            }),
        }
    }

    #[inline]
    pub(crate) fn finish_turn(&mut self, now: u64) -> Result<(), ModemError> {
        self.machine.service(now);
        if self.machine.state.serial.due().is_some() {
            self.change_over(now);
        }
        if self.machine.output().is_empty() {
            return Ok(());
        }
        self.put_out(now)
    }

    /// Sets the host's UART to what the machine wants it to be.
    #[cold]
    fn change_over(&mut self, now: u64) {
        // On the way to a first byte there can be one more change. The rest of
        // an endless row, which takes a clock that has stopped, is for later.
        for _ in 0..4 {
            let Some(mode) = self.machine.state.serial.due() else {
                break;
            };
            let result = match self.set_serial {
                Some(set) => set(&mut self.uart, mode),
                None => Err(ErrorKind::Unsupported),
            };
            self.machine.serial_set(result, now);
            self.machine.service(now);
        }
    }

    fn put_out(&mut self, now: u64) -> Result<(), ModemError> {
        let mut moved = 0;
        while moved < BYTES_PER_CALL {
            let output = self.machine.output();
            if output.is_empty() {
                break;
            }
            match self.uart.write_ready() {
                Ok(true) => {}
                Ok(false) => break,
                Err(e) => return self.trouble(e.kind(), now),
            }
            match self.uart.write(output) {
                Ok(0) => return self.trouble(ErrorKind::WriteZero, now),
                Ok(n) => {
                    self.machine.written(n, now);
                    moved = n.wrapping_add(moved);
                }
                Err(e) => return self.trouble(e.kind(), now),
            }
            // What has been written may make something else due.
            self.machine.service(now);
        }
        Ok(())
    }

    /// Line noise (overrun, framing, parity: ports report them as `Other`) is
    /// for the protocol to recover from; a port that is gone is not.
    #[cold]
    fn trouble(&mut self, kind: ErrorKind, now: u64) -> Result<(), ModemError> {
        match kind {
            ErrorKind::Other | ErrorKind::InvalidData | ErrorKind::Interrupted => {
                self.machine.line_noise();
                Ok(())
            }
            _ => {
                self.machine.uart_failed(kind, now);
                Err(ModemError::Uart(kind))
            }
        }
    }
}

/// Reads into `window` as long as there is something to read, so that a port
/// which hands over single bytes costs the state machine no more than one
/// which hands over many. Says how much it was and whether there is more.
#[inline]
fn fill<U: Uart>(uart: &mut U, window: &mut [u8]) -> (usize, Result<bool, ErrorKind>) {
    let mut n = 0;
    // The caller has seen that the first read is due.
    while let Some(rest) = window.get_mut(n..).filter(|rest| !rest.is_empty()) {
        match uart.read(rest) {
            Ok(0) => return (n, Err(ErrorKind::BrokenPipe)),
            // A port that says too much is found out when this is over.
            Ok(read) => n = n.wrapping_add(read),
            Err(e) => return (n, Err(e.kind())),
        }
        match uart.read_ready() {
            Ok(true) => {}
            Ok(false) => return (n, Ok(false)),
            Err(e) => return (n, Err(e.kind())),
        }
    }
    (n, Ok(true))
}

/// A turn's result as nb's.
pub(crate) fn flatten<T, E: From<ModemError>>(
    outcome: Result<Outcome<T, E>, ModemError>,
) -> nb::Result<T, E> {
    match outcome {
        Ok(Ok(Some(value))) => Ok(value),
        Ok(Ok(None)) => Err(nb::Error::WouldBlock),
        Ok(Err(error)) => Err(nb::Error::Other(error)),
        Err(error) => Err(nb::Error::Other(error.into())),
    }
}
