//! The station: joining and leaving an access point.

use atat::AtatCmd;

use crate::at::command::{Join, Leave, join_failure};
use crate::at::escape::{self, InvalidText};
use crate::driver::flatten;
use crate::error::{JoinError, ModemError};
use crate::machine::{Outcome, Purpose, State, deadline, fingerprint};
use crate::{Clock, Esp8285, Uart};

/// Longest SSID, in bytes (IEEE 802.11).
pub const MAX_SSID: u8 = 32;
/// Longest password, in bytes (64 hexadecimal digits are a raw key).
pub const MAX_PASSWORD: u8 = 64;

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Joins an access point; an empty password means an open network.
    ///
    /// The credentials are not written to the modem's flash. Connections that
    /// are open end, even if the access point is the same.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered (2 to 25 s, up to 75 s from a
    /// modem that is busy): call again with the same arguments. Other arguments wait for the first answer to pass.
    /// An SSID or password that cannot be sent is refused before anything is
    /// sent.
    pub fn join(&mut self, ssid: &str, password: &str) -> nb::Result<(), JoinError> {
        flatten(self.turn(None, |state, now| state.join(ssid, password, now)))
    }

    /// Leaves the access point. Open connections end.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn leave(&mut self) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.leave(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn join(&mut self, ssid: &str, password: &str, now: u64) -> Outcome<(), JoinError> {
        if ssid.is_empty() {
            return Err(JoinError::InvalidSsid(InvalidText::Empty));
        }
        escape::check(ssid, MAX_SSID).map_err(JoinError::InvalidSsid)?;
        escape::check(password, MAX_PASSWORD).map_err(JoinError::InvalidPassword)?;
        if self.dialect().is_some_and(|d| !d.escapes) {
            refuse_escapes(ssid).map_err(JoinError::InvalidSsid)?;
            refuse_escapes(password).map_err(JoinError::InvalidPassword)?;
        }
        let print = fingerprint(&[ssid.as_bytes(), password.as_bytes()]);
        let answer = self.request(Purpose::Join, print, deadline::JOIN, now, |buf, dialect| {
            Join {
                ssid,
                password,
                dialect,
            }
            .write(buf)
        });
        match answer {
            Ok(progress) => Ok(progress),
            Err(ModemError::Rejected) => Err(match join_failure(&self.control.body) {
                Some(1) => JoinError::TimedOut,
                Some(2) => JoinError::WrongPassword,
                Some(3) => JoinError::NoSuchAccessPoint,
                Some(n) => JoinError::Failed(n),
                None => JoinError::Modem(ModemError::Rejected),
            }),
            Err(error) => Err(error.into()),
        }
    }

    pub(crate) fn leave(&mut self, now: u64) -> Outcome<(), ModemError> {
        self.request(Purpose::Leave, 0, deadline::LEAVE, now, |buf, _| {
            Leave {}.write(buf)
        })
    }
}

fn refuse_escapes(text: &str) -> Result<(), InvalidText> {
    if escape::needs_escapes(text) {
        return Err(InvalidText::NeedsEscapes);
    }
    Ok(())
}
