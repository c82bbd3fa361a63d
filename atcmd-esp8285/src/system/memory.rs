//! How much memory the modem has left.

use crate::at::command::{FreeMemory, lines};
use crate::at::parse::leading_number;
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, deadline};
use crate::{Capability, Clock, Esp8285, Uart};
use atat::AtatCmd;

/// The modem's memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Memory {
    /// Free now.
    pub free: u32,
    /// The least there ever was since the modem started; ESP-AT only.
    pub lowest: Option<u32>,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Asks how much memory the modem has left. Each open link takes some.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered. Unsupported before NonOS 1.4.
    pub fn free_memory(&mut self) -> nb::Result<Memory, ModemError> {
        flatten(self.turn(None, |state, now| state.free_memory(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn free_memory(&mut self, now: u64) -> Outcome<Memory, ModemError> {
        self.require(Capability::FreeMemory)?;
        let answer = self.request(Purpose::Memory, 0, deadline::QUERY, now, |buf, _| {
            FreeMemory {}.write(buf)
        })?;
        if answer.is_none() {
            return Ok(None);
        }
        parse(&self.control.body)
            .map(Some)
            .ok_or(ModemError::Unreadable)
    }
}

/// `+SYSRAM:<free>` (NonOS) or `+SYSRAM:<free>,<lowest>` (ESP-AT).
fn parse(reply: &[u8]) -> Option<Memory> {
    lines(reply).find_map(|line| {
        let (free, rest) = leading_number(line.strip_prefix(b"+SYSRAM:")?)?;
        let lowest = rest
            .strip_prefix(b",")
            .and_then(|rest| leading_number(rest))
            .map(|(lowest, _)| lowest);
        Some(Memory { free, lowest })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_the_reply() {
        let memory = |free, lowest| Some(Memory { free, lowest });
        assert_eq!(parse(b"+SYSRAM:39584"), memory(39584, None));
        assert_eq!(
            parse(b"+SYSRAM:148408,84044"),
            memory(148_408, Some(84_044))
        );
        assert_eq!(parse(b"junk\r\n+SYSRAM:1\r\n"), memory(1, None));
        for bad in [&b""[..], b"+SYSRAM:", b"+SYSRAM:x", b"+SYSRAM:99999999999"] {
            assert_eq!(parse(bad), None);
        }
    }
}
