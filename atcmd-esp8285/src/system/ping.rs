//! Asking another host for a sign of life.

use core::fmt;
use core::net::Ipv4Addr;

use atat::AtatCmd;
use embedded_io::ErrorKind;

use crate::at::command::{Ping, lines};
use crate::at::escape::InvalidText;
use crate::at::parse::leading_number;
use crate::dns::check as check_host;
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, deadline, fingerprint};
use crate::{Capability, Clock, Esp8285, Uart};

/// A name or an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum Host<'a> {
    /// A name of at most 64 bytes; a numeric address as text will do, too.
    Name(&'a str),
    /// An address.
    Address(#[cfg_attr(feature = "defmt", defmt(Debug2Format))] Ipv4Addr),
}

impl<'a> From<&'a str> for Host<'a> {
    fn from(name: &'a str) -> Self {
        Self::Name(name)
    }
}

impl From<Ipv4Addr> for Host<'_> {
    fn from(address: Ipv4Addr) -> Self {
        Self::Address(address)
    }
}

/// The answer to a ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct RoundTrip {
    /// Time from request to answer, as the modem measured it.
    pub milliseconds: u32,
}

/// Why a ping brought nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum PingError {
    /// The name cannot be sent; nothing was sent.
    InvalidName(InvalidText),
    /// The host did not answer in time.
    TimedOut,
    /// No such name. On ESP-AT this also stands for everything else that
    /// made it say nothing but `ERROR`.
    NotFound,
    /// The station has no address yet: join an access point first.
    NoAddress,
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for PingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidName(why) => write!(f, "the host name {why}"),
            Self::TimedOut => f.write_str("the host did not answer"),
            Self::NotFound => f.write_str("host name not found"),
            Self::NoAddress => f.write_str("not on a network: join an access point first"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for PingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidName(_) => ErrorKind::InvalidInput,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::NotFound => ErrorKind::NotFound,
            Self::NoAddress => ErrorKind::NotConnected,
            Self::Modem(e) => e.kind(),
        }
    }
}

impl core::error::Error for PingError {}

impl From<ModemError> for PingError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Sends one echo request to a host: `ping("example.com")` or
    /// `ping(Ipv4Addr::new(192, 168, 0, 1))`.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered (up to 15 s): call again with
    /// the same host. Unsupported on NonOS 0.2x and ESP_ATMod.
    pub fn ping<'a>(&mut self, host: impl Into<Host<'a>>) -> nb::Result<RoundTrip, PingError> {
        let host = host.into();
        flatten(self.turn(None, |state, now| state.ping(host, now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn ping(&mut self, host: Host<'_>, now: u64) -> Outcome<RoundTrip, PingError> {
        let print = match host {
            Host::Name(name) => {
                check_host(name).map_err(PingError::InvalidName)?;
                fingerprint(&[name.as_bytes()])
            }
            Host::Address(address) => fingerprint(&[&address.octets(), &[]]),
        };
        self.require(Capability::Ping)?;
        let answer = self.request(Purpose::Ping, print, deadline::PING, now, |buf, dialect| {
            let escapes = dialect.escapes;
            Ping { host, escapes }.write(buf)
        });
        match answer {
            Ok(None) => Ok(None),
            Ok(Some(())) | Err(ModemError::Rejected) => match parse(&self.control.body) {
                Ok(None) if answer.is_ok() => Err(ModemError::Unreadable.into()),
                Ok(None) => Err(PingError::NotFound),
                Ok(found) => Ok(found),
                Err(error) => Err(error),
            },
            Err(error) => Err(error.into()),
        }
    }
}

/// `+<ms>` or `+timeout` (NonOS), `+PING:<ms>` or `+PING:TIMEOUT` (ESP-AT).
fn parse(reply: &[u8]) -> Outcome<RoundTrip, PingError> {
    for line in lines(reply) {
        if line == b"no ip" {
            return Err(PingError::NoAddress);
        }
        let Some(value) = line.strip_prefix(b"+") else {
            continue;
        };
        let value = value.strip_prefix(b"PING:").unwrap_or(value);
        if value.eq_ignore_ascii_case(b"timeout") {
            return Err(PingError::TimedOut);
        }
        if let Some((milliseconds, _)) = leading_number(value) {
            return Ok(Some(RoundTrip { milliseconds }));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_answer_and_silence() {
        let trip = |milliseconds| Ok(Some(RoundTrip { milliseconds }));
        assert_eq!(parse(b"+12"), trip(12));
        assert_eq!(parse(b"+PING:0"), trip(0));
        assert_eq!(parse(b"socket is closed\r\n+PING:7"), trip(7));
        assert_eq!(parse(b"+timeout"), Err(PingError::TimedOut));
        assert_eq!(parse(b"+PING:TIMEOUT"), Err(PingError::TimedOut));
        assert_eq!(parse(b"no ip"), Err(PingError::NoAddress));
        for nothing in [&b""[..], b"+", b"+PING:", b"+99999999999", b"12"] {
            assert_eq!(parse(nothing), Ok(None));
        }
    }
}
