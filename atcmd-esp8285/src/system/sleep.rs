//! Saving power.

use atat::AtatCmd;

use crate::at::command::Sleep;
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::restart::Kind;
use crate::machine::{Outcome, Purpose, State, deadline, fingerprint};
use crate::{Capability, Clock, Esp8285, Uart};

/// What the modem switches off while nothing happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum SleepMode {
    /// Nothing: the quickest.
    Off,
    /// The radio, between the access point's beacons.
    Modem,
    /// The processor, too. Bytes on the serial line may be lost while it
    /// wakes up; the driver then asks again, at the price of time-outs.
    Light,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Chooses what the modem switches off while it is idle. Lasts until the
    /// next restart.
    ///
    /// The numbers of light and modem sleep are swapped between NonOS and
    /// ESP-AT; this call knows.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered. Unsupported on NonOS 0.2x
    /// and ESP_ATMod.
    pub fn sleep_mode(&mut self, mode: SleepMode) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.sleep_mode(mode, now)))
    }

    /// Switches the modem off for a time, after which it restarts. All
    /// connections end. Zero means for ever.
    ///
    /// By itself it only wakes up if its GPIO16 is wired to its reset pin;
    /// pulling that pin or the enable pin wakes it as well. ESP8266 can sleep
    /// for about 3 hours at most. When `ready` is heard, the driver sets the
    /// modem up without being asked; calls made before that look for a modem
    /// that does not answer.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has said that it goes to sleep.
    /// Unsupported on ESP_ATMod.
    pub fn deep_sleep(&mut self, milliseconds: u32) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.deep_sleep(milliseconds, now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn sleep_mode(&mut self, mode: SleepMode, now: u64) -> Outcome<(), ModemError> {
        self.require(Capability::Sleep)?;
        let print = fingerprint(&[&[mode as u8]]);
        self.request(
            Purpose::Sleep,
            print,
            deadline::QUERY,
            now,
            |buf, dialect| {
                let mode = match mode {
                    SleepMode::Off => 0,
                    SleepMode::Light if dialect.light_sleep_first => 1,
                    SleepMode::Modem if dialect.light_sleep_first => 2,
                    SleepMode::Modem => 1,
                    SleepMode::Light => 2,
                };
                Sleep { mode }.write(buf)
            },
        )
    }

    pub(crate) fn deep_sleep(&mut self, milliseconds: u32, now: u64) -> Outcome<(), ModemError> {
        self.require(Capability::DeepSleep)?;
        self.restart(Kind::Sleep { milliseconds }, now)
    }
}
