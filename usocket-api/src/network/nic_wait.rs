//! How the interface waits for its radio: in one place, so that the code of waiting is there once.

use core::time::Duration;

use nal_socket::embedded_nal::nb;
use nal_socket::{Error, ErrorKind, NetworkRef, Platform};

use super::{ANSWER_TIMEOUT, Nic, WifiError, WifiErrorKind, WifiStack};
use crate::os_error::OSError;

impl<N: NetworkRef> Nic<N>
where
    N::Stack: WifiStack,
{
    pub(super) fn now(&self) -> u64 {
        self.net.network().platform().now()
    }

    /// Waits for `operation`, for so long.
    pub(super) fn wait<T>(
        &self,
        timeout: Option<Duration>,
        operation: impl FnMut(&mut N::Stack) -> nb::Result<T, WifiError>,
    ) -> Result<T, OSError> {
        self.outcome(self.wait_at_most(timeout, operation))
    }

    pub(super) fn wait_at_most<T>(
        &self,
        timeout: Option<Duration>,
        mut operation: impl FnMut(&mut N::Stack) -> nb::Result<T, WifiError>,
    ) -> Result<Result<T, WifiError>, Error> {
        let mut value = None;
        let outcome = self.wait_in_one_place(timeout, &mut |stack| {
            value = Some(operation(stack)?);
            Ok(())
        })?;
        Ok(match (outcome, value) {
            (Ok(()), Some(value)) => Ok(value),
            (Ok(()), None) => Err(WifiErrorKind::Other.into()), // it has a value when it is done
            (Err(error), _) => Err(error),
        })
    }

    /// The only wait, so that its code is there once, not once for each operation.
    #[inline(never)]
    fn wait_in_one_place(
        &self,
        timeout: Option<Duration>,
        operation: &mut dyn FnMut(&mut N::Stack) -> nb::Result<(), WifiError>,
    ) -> Result<Result<(), WifiError>, Error> {
        self.net.network().wait_with_stack(timeout, operation)
    }

    /// The same within [`ANSWER_TIMEOUT`] from `started`, for methods that ask several things.
    pub(super) fn wait_within<T>(
        &self,
        started: u64,
        operation: impl FnMut(&mut N::Stack) -> nb::Result<T, WifiError>,
    ) -> Result<Result<T, WifiError>, Error> {
        const LIMIT: u32 = 30_000_000;
        const { assert!(LIMIT as u128 == ANSWER_TIMEOUT.as_micros()) };
        let passed = u32::try_from(self.now().saturating_sub(started)).unwrap_or(LIMIT);
        // Zero would mean not to wait, which is another error. In 32 bits, because dividing 64 would be
        // 900 bytes of code on a small processor.
        let left = LIMIT.saturating_sub(passed).max(1);
        let left = Duration::new((left / 1_000_000).into(), left % 1_000_000 * 1_000);
        self.wait_at_most(Some(left), operation)
    }

    pub(super) fn ask<T>(
        &self,
        started: u64,
        operation: impl FnMut(&mut N::Stack) -> nb::Result<T, WifiError>,
    ) -> Result<T, OSError> {
        self.outcome(self.wait_within(started, operation))
    }

    /// The same; `None` from a radio that has no such thing.
    pub(super) fn ask_if_told<T>(
        &self,
        started: u64,
        operation: impl FnMut(&mut N::Stack) -> nb::Result<T, WifiError>,
    ) -> Result<Option<T>, OSError> {
        match self.wait_within(started, operation) {
            Ok(Err(error)) if error.kind() == WifiErrorKind::Unsupported => Ok(None),
            outcome => self.outcome(outcome).map(Some),
        }
    }

    pub(super) fn outcome<T>(
        &self,
        outcome: Result<Result<T, WifiError>, Error>,
    ) -> Result<T, OSError> {
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => Err(error.os_error(&self.profile)),
            Err(error) => Err(self.unfinished(error)),
        }
    }

    /// A wait that ended before the operation.
    pub(super) fn unfinished(&self, error: Error) -> OSError {
        match error.kind() {
            ErrorKind::TimedOut => OSError::kind_with(
                &self.profile,
                ErrorKind::TimedOut,
                "the radio was not done in time; call again to go on waiting",
            ),
            _ => OSError::socket(&self.profile, error),
        }
    }
}
