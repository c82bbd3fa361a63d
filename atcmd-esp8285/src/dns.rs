//! Name resolution: `embedded_nal::Dns`, by the modem's `AT+CIPDOMAIN`.

use core::net::IpAddr;

use atat::AtatCmd;
use embedded_nal::{AddrType, Dns};

use crate::at::command::{Resolve, lines};
use crate::at::escape::{self, InvalidText};
use crate::at::parse::dotted;
use crate::driver::flatten;
use crate::error::{DnsError, ModemError};
use crate::machine::{Outcome, Purpose, State, deadline, fingerprint};
use crate::{Capability, Clock, Dialect, Esp8285, Uart};

/// Longest host name the modem takes, in bytes.
pub const MAX_HOST: u8 = 64;

impl<U: Uart, C: Clock, const RX: usize> Dns for Esp8285<U, C, RX> {
    type Error = DnsError;

    /// Resolves a name of at most 64 bytes. A numeric address is its own
    /// answer and asks the modem nothing.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered (up to 15 s): call again with
    /// the same name. [`AddrType::IPv6`] is not supported by the modem.
    fn get_host_by_name(&mut self, name: &str, kind: AddrType) -> nb::Result<IpAddr, DnsError> {
        flatten(self.turn(None, |state, now| state.resolve(name, kind, now)))
    }

    /// The modem cannot look up names by address: always an error.
    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, DnsError> {
        Err(nb::Error::Other(
            ModemError::Unsupported("lookup by address").into(),
        ))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn resolve(
        &mut self,
        name: &str,
        kind: AddrType,
        now: u64,
    ) -> Outcome<IpAddr, DnsError> {
        if kind == AddrType::IPv6 {
            return Err(ModemError::Unsupported("IPv6 addresses").into());
        }
        if let Some(address) = dotted(name.as_bytes()) {
            return Ok(Some(address.into()));
        }
        check(name).map_err(DnsError::InvalidName)?;
        self.require(Capability::Dns)?;
        let print = fingerprint(&[name.as_bytes()]);
        let command = |dialect: &Dialect| Resolve {
            host: name,
            escapes: dialect.escapes,
        };
        let timeout = deadline::RESOLVE;
        let answer = self.request(Purpose::Resolve, print, timeout, now, |buf, dialect| {
            command(dialect).write(buf)
        });
        let body = &self.control.body;
        match answer {
            Ok(None) => Ok(None),
            Ok(Some(())) => command(self.dialect)
                .parse(Ok(body))
                .map(|resolved| Some(IpAddr::V4(resolved.0)))
                .map_err(|_| DnsError::NotFound),
            Err(ModemError::Rejected) if lines(body).any(|line| line == b"no ip") => {
                Err(DnsError::NoAddress)
            }
            Err(ModemError::Rejected) => Err(DnsError::NotFound),
            Err(error) => Err(error.into()),
        }
    }
}

/// Host names are what DNS can carry; quotes and the like would only reach the
/// modem's parser.
pub(crate) fn check(name: &str) -> Result<(), InvalidText> {
    if name.is_empty() {
        return Err(InvalidText::Empty);
    }
    escape::check(name, MAX_HOST)?;
    if name.bytes().any(|b| b == b' ') || escape::needs_escapes(name) {
        return Err(InvalidText::Unusable);
    }
    Ok(())
}
