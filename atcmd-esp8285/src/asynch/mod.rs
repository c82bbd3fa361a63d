//! The driver as tasks: embedded-nal-async over an embedded-io-async UART.
//!
//! One task runs the [`Runner`], which owns the UART's two halves. All others
//! hold a [`Modem`], a handle that is copied freely, and each awaits its own
//! matters: connections, names, a join. Any number of them at once.
//!
//! ```
//! use atcmd_esp8285::Config;
//! use atcmd_esp8285::asynch::{Modem, Runner, Shared};
//! use embassy_sync::blocking_mutex::raw::NoopRawMutex;
//! use embedded_hal_async::delay::DelayNs;
//! use embedded_io_async::{Read, Write};
//! use embedded_nal_async::{AddrType, Dns, TcpConnect};
//!
//! // Everything runs on one executor: the mutex need not do anything.
//! type Mutex = NoopRawMutex;
//! type Clock = fn() -> u64;
//! type Wifi = Modem<'static, Mutex, Clock>;
//!
//! // #[embassy_executor::task]
//! async fn modem_task(mut runner: Runner<'static, impl Read, impl Write, impl DelayNs, Mutex, Clock>) {
//!     loop {
//!         let _why = runner.run().await; // ends only when the UART fails
//!     }
//! }
//!
//! // #[embassy_executor::task]
//! async fn page_task(wifi: Wifi) -> Result<usize, Box<dyn core::error::Error>> {
//!     wifi.join("ssid", "password").await?;
//!     let address = wifi.get_host_by_name("example.com", AddrType::IPv4).await?;
//!     let mut connection = wifi.connect((address, 80).into()).await?;
//!     connection.write_all(b"GET / HTTP/1.0\r\n\r\n").await?;
//!     connection.flush().await?; // the modem has it
//!     let (mut total, mut page) = (0, [0; 512]);
//!     loop {
//!         match connection.read(&mut page).await? {
//!             0 => return Ok(total), // dropped: the link is closed
//!             n => total += n,
//!         }
//!     }
//! }
//!
//! # struct Port;
//! # #[derive(Debug)] struct Gone;
//! # impl core::fmt::Display for Gone { fn fmt(&self, _: &mut core::fmt::Formatter<'_>) -> core::fmt::Result { Ok(()) } }
//! # impl core::error::Error for Gone {}
//! # impl embedded_io_async::Error for Gone { fn kind(&self) -> embedded_io_async::ErrorKind { embedded_io_async::ErrorKind::Other } }
//! # impl embedded_io_async::ErrorType for Port { type Error = Gone; }
//! # impl Read for Port { async fn read(&mut self, _: &mut [u8]) -> Result<usize, Gone> { core::future::pending().await } }
//! # impl Write for Port {
//! #     async fn write(&mut self, b: &[u8]) -> Result<usize, Gone> { Ok(b.len()) }
//! #     async fn flush(&mut self) -> Result<(), Gone> { Ok(()) }
//! # }
//! # struct Timer;
//! # impl DelayNs for Timer { async fn delay_ns(&mut self, _: u32) { core::future::pending().await } }
//! # fn microseconds() -> u64 { 0 }
//! # let (rx, tx) = (Port, Port);
//! // In main; with `static_cell`, `SHARED.init(Shared::new(..))`.
//! let shared = Box::leak(Box::new(Shared::<Mutex, Clock>::new(Config::new(), microseconds)));
//! let (wifi, runner) = shared.split(rx, tx, Timer);
//! // spawner.spawn(modem_task(runner)); spawner.spawn(page_task(wifi));
//! # let _ = (modem_task(runner), page_task(wifi));
//! ```
//!
//! * **No global, no heap, no critical section of its own.** The storage is
//!   the caller's. [`RawMutex`] says how tasks exclude each other:
//!   `NoopRawMutex` on one executor, `CriticalSectionRawMutex` across
//!   executors of different priority.
//! * **Every future can be dropped at any time.** A dropped read has taken
//!   nothing; a dropped write has accepted nothing. A dropped `connect` closes
//!   its link, and the answer to a dropped `join`, look-up or command is
//!   nobody's.
//! * **A write completes when the bytes are accepted**, at most 2048 at once;
//!   they go out whether the task comes back or not. `flush` waits until the
//!   modem has confirmed all bytes of this connection.
//! * Dropping a [`Connection`], a [`Listener`] or a socket gives its link back.
//!   What was accepted before still goes out first.
//! * When the modem restarts, every task that waits for one of its connections
//!   or answers is woken with an error.
//!
//! Limits: up to [`WAITING_TASKS`] tasks can wait at once. More get their
//! answers as well, but wake each other all the time, so that the processor
//! never sleeps. The handle's calls only wait while the runner does not run.
//! Not here: the baud rate switch, `restore` and the reset by pin, which act on
//! the port or a pin; do them through [`Esp8285`](crate::Esp8285) first.

mod calls;
mod control;
mod runner;
mod tcp;
mod udp;

use core::cell::RefCell;
use core::task::{Context, Poll};

use embassy_sync::blocking_mutex::Mutex;
use embassy_sync::blocking_mutex::raw::RawMutex;
use embassy_sync::waitqueue::{MultiWakerRegistration, WakerRegistration};

pub use runner::Runner;
pub use tcp::{Connection, Listener};
pub use udp::{BoundUdp, ConnectedUdp};

use crate::error::ModemError;
use crate::machine::{Machine, Outcome, deadline};
use crate::{Clock, Config, Dialect, Event, Station};

/// Tasks that can wait at once without waking each other.
pub const WAITING_TASKS: usize = 32;

/// Everything the tasks share: the modem's state and who waits for it.
///
/// `RX` is the size of each of the five receive rings, as for
/// [`Esp8285`](crate::Esp8285).
pub struct Shared<M: RawMutex, C, const RX: usize = 4096> {
    inner: Mutex<M, RefCell<Inner<RX>>>,
    clock: C,
}

struct Inner<const RX: usize> {
    machine: Machine<RX>,
    /// Tasks that wait for anything to change.
    callers: MultiWakerRegistration<WAITING_TASKS>,
    /// The runner's task.
    runner: WakerRegistration,
    /// Why the runner gave up.
    stopped: Option<ModemError>,
    /// Whose matter the control slot is.
    owner: Option<u32>,
    tickets: u32,
}

impl<M: RawMutex, C, const RX: usize> core::fmt::Debug for Shared<M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> Shared<M, C, RX> {
    /// The state of a modem nobody has talked to yet.
    ///
    /// Of the clock only [`now`](Clock::now) is asked. It stands here and not
    /// with the runner because calls need the time as well.
    pub const fn new(config: Config, clock: C) -> Self {
        let inner = Inner {
            machine: Machine::new(config),
            callers: MultiWakerRegistration::new(),
            runner: WakerRegistration::new(),
            stopped: None,
            owner: None,
            tickets: 0,
        };
        Self {
            inner: Mutex::const_new(M::INIT, RefCell::new(inner)),
            clock,
        }
    }

    /// The handle for everybody, and the runner for the one task that moves
    /// the bytes. `delay` is how that task sleeps.
    #[expect(
        clippy::type_complexity,
        reason = "a name for the pair would hide that the handle and the runner are all there is"
    )]
    pub const fn split<R, W, D>(
        &mut self,
        rx: R,
        tx: W,
        delay: D,
    ) -> (Modem<'_, M, C, RX>, Runner<'_, R, W, D, M, C, RX>) {
        (Modem(self), Runner::new(self, rx, tx, delay))
    }

    fn with<T>(&self, act: impl FnOnce(&mut Inner<RX>, u64) -> T) -> T {
        let now = self.clock.now().min(deadline::LATEST);
        // Nothing that runs under this lock comes back here.
        self.inner.lock(|inner| act(&mut inner.borrow_mut(), now))
    }

    /// One try of an operation; if there is no answer yet, the task is woken
    /// when there may be one.
    fn attempt<T, E: From<ModemError>>(
        &self,
        cx: &mut Context<'_>,
        operation: impl FnOnce(&mut Machine<RX>, u64) -> Outcome<T, E>,
    ) -> Poll<Result<T, E>> {
        self.with(|inner, now| {
            let outcome = operation(&mut inner.machine, now);
            inner.settle(now);
            inner.answer(cx, outcome)
        })
    }
}

impl<const RX: usize> Inner<RX> {
    /// Something may have changed: does what is due, and wakes whom that may
    /// concern.
    fn settle(&mut self, now: u64) {
        if self.machine.is_due(now) {
            self.machine.service(now);
            self.callers.wake();
            self.runner.wake();
        }
    }

    fn answer<T, E: From<ModemError>>(
        &mut self,
        cx: &mut Context<'_>,
        outcome: Outcome<T, E>,
    ) -> Poll<Result<T, E>> {
        match (outcome, self.stopped) {
            (Ok(Some(value)), _) => Poll::Ready(Ok(value)),
            (Err(error), _) => Poll::Ready(Err(error)),
            (Ok(None), Some(error)) => Poll::Ready(Err(error.into())),
            (Ok(None), None) => {
                self.callers.register(cx.waker());
                Poll::Pending
            }
        }
    }
}

/// The modem, for any number of tasks at once. A copy is the same modem.
pub struct Modem<'s, M: RawMutex, C, const RX: usize = 4096>(&'s Shared<M, C, RX>);

impl<M: RawMutex, C, const RX: usize> Clone for Modem<'_, M, C, RX> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<M: RawMutex, C, const RX: usize> Copy for Modem<'_, M, C, RX> {}

impl<M: RawMutex, C, const RX: usize> core::fmt::Debug for Modem<'_, M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Modem")
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Modem<'s, M, C, RX> {
    async fn until<T, E: From<ModemError>>(
        self,
        mut operation: impl FnMut(&mut Machine<RX>, u64) -> Outcome<T, E>,
    ) -> Result<T, E> {
        core::future::poll_fn(|cx| self.0.attempt(cx, &mut operation)).await
    }

    /// Finds the modem and sets it up. Other calls do this by themselves.
    ///
    /// # Errors
    /// [`ModemError::NoReply`] after 12 s of silence.
    pub async fn start(&self) -> Result<(), ModemError> {
        self.until(|machine, now| {
            let state = &mut machine.state;
            if state.is_ready() {
                return Ok(Some(()));
            }
            if let Some(error) = state.take_start_error() {
                return Err(error);
            }
            state.start(now);
            Ok(None)
        })
        .await
    }

    /// The next thing that happens to the modem, oldest first; the last 8 are
    /// kept. Each is told to one task only.
    ///
    /// # Errors
    /// Only when the runner has ended.
    pub async fn next_event(&self) -> Result<Event, ModemError> {
        self.until(|machine, _| Ok(machine.state.next_event()))
            .await
    }

    /// The firmware, once start-up has found out.
    #[must_use]
    pub fn dialect(&self) -> Option<&'static Dialect> {
        self.0.with(|inner, _| inner.machine.state.dialect())
    }

    /// The station as the modem last announced it; nothing is asked.
    #[must_use]
    pub fn station(&self) -> Station {
        self.0.with(|inner, _| inner.machine.state.station)
    }
}
