//! Waiting for an answer, but not for ever.

use core::fmt;
use core::time::Duration;

use crate::{Clock, Esp8285, Uart};

/// Why a wait with a limit ended without a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum WaitError<E> {
    /// The time was over first. What was asked for goes on.
    Elapsed,
    /// The operation failed.
    Failed(E),
}

impl<E: fmt::Display> fmt::Display for WaitError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elapsed => f.write_str("not done within the time given"),
            Self::Failed(error) => error.fmt(f),
        }
    }
}

impl<E: embedded_io::Error> embedded_io::Error for WaitError<E> {
    fn kind(&self) -> embedded_io::ErrorKind {
        match self {
            Self::Elapsed => embedded_io::ErrorKind::TimedOut,
            Self::Failed(error) => error.kind(),
        }
    }
}

impl<E: core::error::Error> core::error::Error for WaitError<E> {}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// [`wait`](Self::wait) for at most `time`.
    ///
    /// The operation is called at least once. A wait that ends early breaks
    /// nothing off: a later call with the same arguments continues it, and a
    /// connect that is not wanted any more ends with
    /// [`close`](embedded_nal::TcpClientStack::close).
    ///
    /// ```no_run
    /// use core::time::Duration;
    /// use atcmd_esp8285::WaitError;
    /// # use atcmd_esp8285::{Clock, Esp8285, JoinError, Uart};
    /// # fn example(wifi: &mut Esp8285<impl Uart, impl Clock>) -> Result<bool, JoinError> {
    ///
    /// match wifi.wait_for(Duration::from_secs(5), |wifi| wifi.join("ssid", "password")) {
    ///     Ok(()) => Ok(true),
    ///     Err(WaitError::Elapsed) => Ok(false), // still joining
    ///     Err(WaitError::Failed(error)) => Err(error),
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`WaitError::Elapsed`], or what `operation` fails with.
    pub fn wait_for<T, E>(
        &mut self,
        time: Duration,
        operation: impl FnMut(&mut Self) -> nb::Result<T, E>,
    ) -> Result<T, WaitError<E>> {
        let time = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        self.wait_until(self.now().saturating_add(time), operation)
    }

    /// [`wait`](Self::wait) until the clock says `deadline` (microseconds on
    /// [`Clock::now`]'s scale).
    ///
    /// # Errors
    /// Those of [`wait_for`](Self::wait_for).
    pub fn wait_until<T, E>(
        &mut self,
        deadline: u64,
        mut operation: impl FnMut(&mut Self) -> nb::Result<T, E>,
    ) -> Result<T, WaitError<E>> {
        loop {
            match operation(self) {
                Ok(value) => return Ok(value),
                Err(nb::Error::Other(error)) => return Err(WaitError::Failed(error)),
                Err(nb::Error::WouldBlock) if self.now() >= deadline => {
                    return Err(WaitError::Elapsed);
                }
                Err(nb::Error::WouldBlock) => self.idle(Some(deadline)),
            }
        }
    }
}
