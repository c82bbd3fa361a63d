//! The one loop in which operations wait.
//!
//! Every blocking behaviour of the crate is here: try the stack, look at the clock, idle, again.

use core::cell::Cell;
use core::time::Duration;

use embedded_nal::{TcpClientStack, nb};

use crate::{Error, ErrorKind, Idle, Network, Platform, Policy};

/// How long an operation may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// As long as it takes.
    Never,
    /// Not at all: one look at the stack, no idling, no clock.
    Now,
    /// This many microseconds, at least 1.
    After(u64),
    /// Until this time, for an operation that waits more than once.
    Until(u64),
}

impl Limit {
    /// The shorter of the two.
    pub(crate) fn at_most(self, micros: u64) -> Self {
        match self {
            Self::Now => Self::Now,
            Self::Never => Self::After(micros),
            Self::After(own) => Self::After(own.min(micros)),
            // It has started, and ends when it was to.
            Self::Until(_) => self,
        }
    }
}

impl From<Option<Duration>> for Limit {
    fn from(timeout: Option<Duration>) -> Self {
        match timeout {
            None => Self::Never,
            Some(Duration::ZERO) => Self::Now,
            // A timeout below the clock's resolution is still a timeout, not "non-blocking".
            Some(time) => Self::After(u64::try_from(time.as_micros()).unwrap_or(u64::MAX).max(1)),
        }
    }
}

impl<S: TcpClientStack, P: Platform, U> Network<S, P, U> {
    /// One attempt on the stack.
    pub(crate) fn once<T>(
        &self,
        attempt: impl FnOnce(&mut S, &Policy<S::Error>) -> nb::Result<T, Error>,
    ) -> nb::Result<T, Error> {
        let mut stack = self.borrow_stack()?;
        attempt(&mut stack, &self.policy)
    }

    /// Starts a limit now, so that it holds for several waits together.
    pub(crate) fn started(&self, limit: Limit) -> Limit {
        match limit {
            Limit::After(micros) => Limit::Until(self.platform.now().saturating_add(micros)),
            other => other,
        }
    }

    /// Attempts until one succeeds, fails, or the limit is reached.
    ///
    /// The stack is asked before the clock, so that what can complete does complete, and it is asked
    /// once more when the wait ended at the deadline.
    pub(crate) fn wait<T>(
        &self,
        limit: Limit,
        mut attempt: impl FnMut(&mut S, &Policy<S::Error>) -> nb::Result<T, Error>,
    ) -> Result<T, Error> {
        self.wait_for(limit, || self.once(&mut attempt))
    }

    /// The same for an attempt that finds the stack, or several, by itself.
    pub(crate) fn wait_for<T>(
        &self,
        limit: Limit,
        mut attempt: impl FnMut() -> nb::Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = match limit {
            Limit::After(micros) => Some(self.platform.now().saturating_add(micros)),
            Limit::Until(deadline) => Some(deadline),
            Limit::Never | Limit::Now => None,
        };
        loop {
            match attempt() {
                Ok(done) => return Ok(done),
                Err(nb::Error::Other(error)) => return Err(error),
                Err(nb::Error::WouldBlock) => {}
            }
            if limit == Limit::Now {
                return Err(Error::new(ErrorKind::WouldBlock));
            }
            if let Some(deadline) = deadline
                && self.platform.now() >= deadline
            {
                return Err(Error::new(ErrorKind::TimedOut));
            }
            self.idle(deadline)?;
        }
    }

    /// Runs `operation` on the stack again and again until it no longer says `WouldBlock`, waiting in
    /// between as sockets wait: by this network's clock, with its idle hook. For what the socket interface
    /// does not offer and the stack does, such as joining a Wi-Fi network.
    ///
    /// `timeout` is for the whole wait: `None` has no limit, zero makes one attempt and does not idle.
    /// `operation` runs at least once, and once more when the time is over. The stack is borrowed only
    /// while `operation` runs, so the idle hook may use sockets of this network that need not wait.
    ///
    /// ```
    /// use core::time::Duration;
    /// use nal_socket::{ErrorKind, Network, embedded_nal::nb};
    ///
    /// let network = Network::new(std_embedded_nal::Stack, || 0_u64);
    /// let mut tries = 0;
    /// let answer: Result<i32, &str> = network.wait_with_stack(Some(Duration::from_secs(1)), |_stack| {
    ///     tries += 1;
    ///     if tries < 3 { Err(nb::Error::WouldBlock) } else { Ok(42) }
    /// })?;
    /// assert_eq!(answer, Ok(42));
    ///
    /// let never = network.wait_with_stack(Some(Duration::ZERO), |_| nb::Result::<(), &str>::Err(nb::Error::WouldBlock));
    /// assert_eq!(never.unwrap_err().kind(), ErrorKind::WouldBlock);
    /// # Ok::<(), nal_socket::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// The inner result is `operation`'s own. The outer one is about the wait: [`ErrorKind::TimedOut`],
    /// [`ErrorKind::WouldBlock`] if the timeout is zero, [`ErrorKind::Interrupted`] when the idle hook ended
    /// it, [`ErrorKind::Busy`] when the stack is in use further up the call chain or this would wait inside
    /// the idle hook. Then the operation has not ended: whether calling again continues it is up to the
    /// stack.
    pub fn wait_with_stack<T, E>(
        &self,
        timeout: Option<Duration>,
        mut operation: impl FnMut(&mut S) -> nb::Result<T, E>,
    ) -> Result<Result<T, E>, Error> {
        self.wait(timeout.into(), |stack, _| match operation(stack) {
            Ok(done) => Ok(Ok(done)),
            Err(nb::Error::Other(error)) => Ok(Err(error)),
            Err(nb::Error::WouldBlock) => Err(nb::Error::WouldBlock),
        })
    }

    /// Idles once. An idle hook that ends up here again would recurse without end: that is `Busy`.
    pub(crate) fn idle(&self, until: Option<u64>) -> Result<(), Error> {
        if self.idling.replace(true) {
            return Err(Error::new(ErrorKind::Busy));
        }
        // Also when the hook panics and somebody catches it.
        struct Reset<'a>(&'a Cell<bool>);
        impl Drop for Reset<'_> {
            fn drop(&mut self) {
                self.0.set(false);
            }
        }
        let _reset = Reset(&self.idling);
        let until = if self.hurry.take() {
            Some(self.platform.now())
        } else {
            until
        };
        match self.platform.idle(until) {
            Idle::Continue => Ok(()),
            Idle::Cancel => Err(Error::new(ErrorKind::Interrupted)),
        }
    }
}
