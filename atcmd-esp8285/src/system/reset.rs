//! Restarting the modem by command.

use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::restart::Kind;
use crate::machine::{Outcome, State};
use crate::system::SetSerial;
use crate::{Capability, Clock, Esp8285, Uart};

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Restarts the modem and waits until it is set up again. All connections
    /// end; the rate of [`switch_baud`](Self::switch_baud) is restored.
    ///
    /// ESP-AT obeys even while it is busy, so there whatever is under way is
    /// given up at once. Elsewhere a busy modem is waited for; only
    /// `reset_by_pin` (feature `embedded-hal-v1`) is quicker.
    ///
    /// # Errors
    /// `WouldBlock` until the modem is set up (NonOS takes about half a
    /// second, ESP-AT up to two).
    pub fn reset(&mut self) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.restart(Kind::Reset, now)))
    }

    /// Restores the factory settings, restarts the modem and waits until it
    /// is set up again. Saved access points are forgotten.
    ///
    /// The modem then is at 115200 baud without flow control: `set` puts the
    /// host's UART there if it is anywhere else, and
    /// [`switch_baud`](Self::switch_baud) starts from there.
    ///
    /// # Errors
    /// `WouldBlock` until the modem is set up. Unsupported on NonOS 0.2x.
    pub fn restore(&mut self, set: SetSerial<U>) -> nb::Result<(), ModemError> {
        self.set_serial = Some(set);
        flatten(self.turn(None, |state, now| state.restore(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn restore(&mut self, now: u64) -> Outcome<(), ModemError> {
        self.require(Capability::Restore)?;
        self.restart(Kind::Restore, now)
    }
}
