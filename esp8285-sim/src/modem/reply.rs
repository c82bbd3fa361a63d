//! The shapes of answers.

use super::refusal::Refusal;
use super::{Activity, Modem};
use crate::dialect::{Family, Profile};
use crate::fault::Fault;

/// Reasons ESP-AT writes to its log port in the same words.
const LOGGED: &[&str] = &["link is not valid"];

/// How a command ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// With OK now.
    Ok,
    /// Later, or it has said everything itself.
    Later,
    /// Now, with nothing more to say.
    Silent,
}

/// What a command handler returns.
pub(super) type Outcome = Result<Done, Refusal>;

impl Modem {
    /// Ends the running command, unless it goes on.
    pub(super) fn finish(&mut self, outcome: Outcome) {
        match outcome {
            Ok(Done::Later) => return,
            Ok(Done::Ok) => self.print_ok(),
            Ok(Done::Silent) => {}
            Err(refusal) => self.print_refusal(refusal),
        }
        self.activity = Activity::Idle;
    }

    pub(super) fn print_ok(&mut self) {
        self.print_line("\r\nOK\r\n");
    }

    fn print_refusal(&mut self, refusal: Refusal) {
        match (self.profile.family, refusal.reason, refusal.code) {
            (Family::NonOs, Some(reason), _) => {
                let other = self.profile.reasons.iter().find(|own| own.0 == reason);
                let &(_, reason, error) = other.unwrap_or(&(reason, reason, true));
                self.line(reason);
                if !error {
                    return;
                }
            }
            (Family::EspAt, reason, code) => {
                if let Some(reason) = reason.filter(|reason| LOGGED.contains(reason)) {
                    self.log_line(reason);
                }
                if let Some(code) = code {
                    self.print_code(code);
                }
            }
            _ => {}
        }
        self.print_line("\r\nERROR\r\n");
    }

    /// ESP-AT with `SYSLOG=1`: the reason as a number.
    pub(super) fn print_code(&mut self, code: u8) {
        if self.profile.family == Family::EspAt && self.session.log {
            self.print(format!("ERR CODE:0x01{code:02x}0000\r\n"));
        }
    }

    /// An information line.
    pub(super) fn line(&mut self, text: impl AsRef<[u8]>) {
        if !self.strikes(Fault::LostLine) {
            self.print(text);
            self.print("\r\n");
        }
    }

    /// A message about a link: with its number when there are several.
    pub(super) fn link_line(&mut self, link: usize, text: &str) {
        if self.session.multiple {
            self.line(format!("{link},{text}"));
        } else {
            self.line(text);
        }
    }

    pub(super) fn nonos(&self) -> bool {
        self.profile.family == Family::NonOs
    }
}

/// A MAC address as a firmware prints it.
pub(super) fn mac(profile: &Profile, bytes: [u8; 6]) -> String {
    let text = bytes.map(|byte| format!("{byte:02x}")).join(":");
    if profile.upper_mac {
        text.to_uppercase()
    } else {
        text
    }
}

/// Reads a MAC address.
pub(super) fn parse_mac(text: &[u8]) -> Option<[u8; 6]> {
    let text = std::str::from_utf8(text).ok()?;
    let mut bytes = [0; 6];
    let mut pieces = text.split(':');
    for byte in &mut bytes {
        let piece = pieces.next().filter(|piece| piece.len() == 2)?;
        *byte = u8::from_str_radix(piece, 16).ok()?;
    }
    pieces.next().is_none().then_some(bytes)
}
