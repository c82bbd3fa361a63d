//! The task that carries bytes between the UART and the state machine.

use core::future::poll_fn;
use core::task::Poll;

use embassy_futures::select::{Either3, select, select3};
use embassy_sync::blocking_mutex::raw::RawMutex;
use embedded_hal_async::delay::DelayNs;
use embedded_io_async::{Error as _, ErrorKind, Read, Write};

use super::{Inner, Shared};
use crate::Clock;
use crate::error::ModemError;

/// Bytes moved between the UART and the machine at once.
const CHUNK: usize = 256;
/// The longest sleep: what `DelayNs` takes in microseconds.
const LONGEST_SLEEP_US: u64 = u32::MAX as u64;
/// The shortest, so that a late clock does not make this spin.
const SHORTEST_SLEEP_US: u64 = 100;

/// Owns the UART and moves the bytes. See the [module](super).
pub struct Runner<'s, R, W, D, M: RawMutex, C, const RX: usize = 4096> {
    shared: &'s Shared<M, C, RX>,
    rx: R,
    tx: W,
    delay: D,
}

impl<R, W, D, M: RawMutex, C, const RX: usize> core::fmt::Debug for Runner<'_, R, W, D, M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Runner")
    }
}

impl<'s, R, W, D, M: RawMutex, C, const RX: usize> Runner<'s, R, W, D, M, C, RX> {
    pub(super) const fn new(shared: &'s Shared<M, C, RX>, rx: R, tx: W, delay: D) -> Self {
        Self {
            shared,
            rx,
            tx,
            delay,
        }
    }

    /// Gives the UART's halves back.
    pub fn release(self) -> (R, W) {
        (self.rx, self.tx)
    }
}

impl<R: Read, W: Write, D: DelayNs, M: RawMutex, C: Clock, const RX: usize>
    Runner<'_, R, W, D, M, C, RX>
{
    /// Moves bytes, for ever unless the UART fails.
    ///
    /// The read from the UART is never cancelled while this future lives, so a
    /// port whose `read` loses bytes when dropped is good enough. Noise on the
    /// line (errors of kind `Other`, `InvalidData` or `Interrupted`) is for
    /// the protocol to recover from. Called again after it has ended, it
    /// starts over with a modem in an unknown state.
    pub async fn run(&mut self) -> ModemError {
        self.shared.with(|inner, _| inner.stopped = None);
        let ended = select3(
            receive(self.shared, &mut self.rx),
            send(self.shared, &mut self.tx),
            keep_time(self.shared, &mut self.delay),
        )
        .await;
        let kind = match ended {
            Either3::First(kind) | Either3::Second(kind) => kind,
            Either3::Third(never) => match never {},
        };
        let error = ModemError::Uart(kind);
        self.shared.with(|inner, now| {
            inner.machine.uart_failed(kind, now);
            inner.stopped = Some(error);
            inner.callers.wake();
        });
        error
    }
}

/// Whether the protocol can recover from an error of the UART.
fn is_noise(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Other | ErrorKind::InvalidData | ErrorKind::Interrupted
    )
}

/// From the UART into the machine. While a full ring holds the machine up,
/// nothing more is read.
async fn receive<R: Read, M: RawMutex, C: Clock, const RX: usize>(
    shared: &Shared<M, C, RX>,
    rx: &mut R,
) -> ErrorKind {
    let mut buf = [0; CHUNK];
    loop {
        let n = match rx.read(&mut buf).await {
            Ok(0) => return ErrorKind::BrokenPipe,
            Ok(n) => n,
            Err(error) if is_noise(error.kind()) => {
                embassy_futures::yield_now().await;
                continue;
            }
            Err(error) => return error.kind(),
        };
        let mut rest = buf.get(..n).unwrap_or_default();
        poll_fn(|cx| {
            shared.with(|inner, now| {
                let taken = inner.take_in(rest, now);
                rest = rest.get(taken..).unwrap_or_default();
                if rest.is_empty() {
                    return Poll::Ready(());
                }
                inner.runner.register(cx.waker());
                Poll::Pending
            })
        })
        .await;
    }
}

/// From the machine into the UART.
async fn send<W: Write, M: RawMutex, C: Clock, const RX: usize>(
    shared: &Shared<M, C, RX>,
    tx: &mut W,
) -> ErrorKind {
    let mut buf = [0; CHUNK];
    loop {
        let (n, more) = poll_fn(|cx| {
            shared.with(|inner, now| match inner.put_out(&mut buf, now) {
                (0, _) => {
                    inner.runner.register(cx.waker());
                    Poll::Pending
                }
                put => Poll::Ready(put),
            })
        })
        .await;
        let mut rest = buf.get(..n).unwrap_or_default();
        while !rest.is_empty() {
            match tx.write(rest).await {
                Ok(0) => return ErrorKind::WriteZero,
                Ok(n) => rest = rest.get(n..).unwrap_or_default(),
                // The rest is lost; that the modem says nothing shows it.
                Err(error) if is_noise(error.kind()) => break,
                Err(error) => return error.kind(),
            }
        }
        if !more
            && let Err(error) = tx.flush().await
            && !is_noise(error.kind())
        {
            return error.kind();
        }
    }
}

/// Does what is due by time alone.
async fn keep_time<D: DelayNs, M: RawMutex, C: Clock, const RX: usize>(
    shared: &Shared<M, C, RX>,
    delay: &mut D,
) -> core::convert::Infallible {
    loop {
        let (due, sleep) = shared.with(|inner, now| {
            if inner.machine.tick(now) {
                inner.callers.wake();
                inner.runner.wake();
            }
            let due = inner.machine.next_moment();
            let sleep = due.saturating_sub(now);
            (due, sleep.clamp(SHORTEST_SLEEP_US, LONGEST_SLEEP_US))
        });
        // Something earlier may become due meanwhile.
        let sooner = poll_fn(|cx| {
            shared.with(|inner, _| {
                if inner.machine.next_moment() < due {
                    return Poll::Ready(());
                }
                inner.runner.register(cx.waker());
                Poll::Pending
            })
        });
        // At most `LONGEST_SLEEP_US`, so the conversion keeps the value.
        select(delay.delay_us(sleep as u32), sooner).await;
    }
}

impl<const RX: usize> Inner<RX> {
    /// Feeds the machine as much of `bytes` as it has room for.
    fn take_in(&mut self, bytes: &[u8], now: u64) -> usize {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let window = self.machine.window(None, now);
            let n = window.len().min(rest.len());
            let (Some(to), Some(from)) = (window.get_mut(..n), rest.get(..n)) else {
                break;
            };
            if n == 0 {
                break;
            }
            to.copy_from_slice(from);
            self.machine.received(n, now);
            taken += n;
        }
        if taken > 0 {
            self.machine.service(now);
            self.callers.wake();
            self.runner.wake();
        }
        taken
    }

    /// Takes bytes for the UART out of the machine, which counts them as sent
    /// from here on: what it wants to say can change while a write waits.
    /// Says how many, and whether there are more.
    fn put_out(&mut self, buf: &mut [u8], now: u64) -> (usize, bool) {
        let output = self.machine.output();
        let n = output.len().min(buf.len());
        let more = output.len() > n;
        if let (Some(to), Some(from)) = (buf.get_mut(..n), output.get(..n)) {
            to.copy_from_slice(from);
        }
        if n > 0 {
            self.machine.written(n, now);
            self.settle(now);
        }
        (n, more)
    }
}
