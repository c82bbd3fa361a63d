//! Resetting the modem by its enable pin.

use core::fmt;

use embedded_hal::digital::{ErrorKind as PinErrorKind, OutputPin};
use embedded_io::ErrorKind;

use crate::driver::flatten;
use crate::error::ModemError;
use crate::{Clock, Esp8285, Uart};

/// Why a reset by the enable pin failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PinResetError {
    /// The pin could not be set.
    Pin(PinErrorKind),
    /// The modem did not start.
    Modem(ModemError),
}

impl fmt::Display for PinResetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pin(kind) => write!(f, "the enable pin could not be set: {kind}"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for PinResetError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Pin(_) => ErrorKind::Other,
            Self::Modem(e) => e.kind(),
        }
    }
}

impl core::error::Error for PinResetError {}

impl From<ModemError> for PinResetError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Resets the modem by its enable (EN, CH_PD) or reset pin, and waits
    /// until it is set up again. Works with a modem in any state.
    ///
    /// The pin is low for 100 ms from the first call on, and goes high in the
    /// first call after that; in between nothing blocks. All connections end
    /// with the first call. On Maix boards the pin is the K210's IO8; boards
    /// with an M1W module also need the ESP8285's GPIO15 low meanwhile.
    ///
    /// # Errors
    /// `WouldBlock` until the modem is set up: call again with the same pin.
    /// [`ModemError::NoReply`] if it does not start within 12 s.
    pub fn reset_by_pin<P: OutputPin>(&mut self, enable: &mut P) -> nb::Result<(), PinResetError> {
        flatten(self.turn(None, |state, now| state.reset_by_pin(enable, now)))
    }
}
