//! Name resolution: `embedded_nal::Dns`, by the modem's `AT+CIPDOMAIN`.

use core::net::{IpAddr, Ipv4Addr};

use atat::AtatCmd;
use embedded_nal::{AddrType, Dns};

use crate::at::command::Resolve;
use crate::at::escape::{self, InvalidText};
use crate::driver::flatten;
use crate::error::{DnsError, ModemError};
use crate::machine::{Purpose, deadline, fingerprint};
use crate::{Clock, Esp8285, Uart};

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
        if kind == AddrType::IPv6 {
            let error = ModemError::Unsupported("IPv6 addresses");
            return Err(nb::Error::Other(error.into()));
        }
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Ok(address.into());
        }
        check(name).map_err(DnsError::InvalidName)?;
        let print = fingerprint(&[name.as_bytes()]);
        let outcome = self.turn(None, |state, now| {
            if state.dialect().is_some_and(|d| !d.dns) {
                return Err(ModemError::Unsupported("AT+CIPDOMAIN").into());
            }
            let answer = state.request(
                Purpose::Resolve,
                print,
                deadline::RESOLVE,
                now,
                |buf, dialect| {
                    Resolve {
                        host: name,
                        escapes: dialect.escapes,
                    }
                    .write(buf)
                },
            );
            let body = &state.control.body;
            match answer {
                Ok(None) => Ok(None),
                Ok(Some(())) => Resolve {
                    host: name,
                    escapes: true,
                }
                .parse(Ok(body))
                .map(|resolved| Some(IpAddr::V4(resolved.0)))
                .map_err(|_| DnsError::NotFound),
                Err(ModemError::Rejected) if body.starts_with(b"no ip") => Err(DnsError::NoAddress),
                Err(ModemError::Rejected) => Err(DnsError::NotFound),
                Err(error) => Err(error.into()),
            }
        });
        flatten(outcome)
    }

    /// The modem cannot look up names by address: always an error.
    fn get_host_by_address(&mut self, _: IpAddr, _: &mut [u8]) -> nb::Result<usize, DnsError> {
        Err(nb::Error::Other(
            ModemError::Unsupported("lookup by address").into(),
        ))
    }
}

/// Host names are what DNS can carry; quotes and the like would only reach the
/// modem's parser.
fn check(name: &str) -> Result<(), InvalidText> {
    if name.is_empty() {
        return Err(InvalidText::Empty);
    }
    escape::check(name, MAX_HOST)?;
    if name.bytes().any(|b| b == b' ') || escape::needs_escapes(name) {
        return Err(InvalidText::Unusable);
    }
    Ok(())
}
