//! The stations that have joined the modem's own access point.

use core::net::Ipv4Addr;

use super::{AccessPointError, MacAddress};
use crate::at::command::Stations;
use crate::at::parse::{ipv4, mac, unquoted};
use crate::driver::flatten;
use crate::machine::{LIST_READER, Outcome, Purpose, State};
use crate::{Capability, Clock, Esp8285, Uart};

/// A station that has joined the modem's access point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct AssociatedStation {
    /// The address it was given; `None` while it has none.
    pub ip: Option<Ipv4Addr>,
    /// Its hardware address.
    pub mac: MacAddress,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Lists the stations that have joined the modem's access point
    /// (`AT+CWLIF`); each is handed to `station` once.
    ///
    /// # Errors
    /// `WouldBlock` until the list is complete: call again with the same
    /// purpose in `station`. `Unsupported` on ESP_ATMod.
    pub fn stations(
        &mut self,
        station: impl FnMut(&AssociatedStation),
    ) -> nb::Result<(), AccessPointError> {
        flatten(self.turn(Some(LIST_READER), |state, now| state.stations(station, now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn stations(
        &mut self,
        mut station: impl FnMut(&AssociatedStation),
        now: u64,
    ) -> Outcome<(), AccessPointError> {
        self.require(Capability::AccessPoint)?;
        let owner = (Purpose::Stations, 0);
        let is_entry = |line: &[u8]| parse_station(line).is_some();
        let progress = self.list(
            owner,
            now,
            is_entry,
            |_| Stations {},
            |line| {
                if let Some(entry) = parse_station(line) {
                    station(&entry);
                }
            },
        )?;
        match (progress, self.control.missed) {
            (Some(()), n @ 1..) => Err(AccessPointError::Missed(n)),
            (progress, _) => Ok(progress),
        }
    }
}

/// `ip,mac` (NonOS) or `+CWLIF:ip,mac` (ESP-AT), either in quotes or not.
fn parse_station(line: &[u8]) -> Option<AssociatedStation> {
    let value = line.strip_prefix(b"+CWLIF:").unwrap_or(line);
    let comma = value.iter().position(|b| *b == b',')?;
    let (address, rest) = value.split_at_checked(comma)?;
    Some(AssociatedStation {
        ip: Some(ipv4(address)?).filter(|ip| !ip.is_unspecified()),
        mac: mac(unquoted(rest.strip_prefix(b",")?))?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn stations_in_both_forms() {
        let expected = AssociatedStation {
            ip: Some(Ipv4Addr::new(192, 168, 4, 2)),
            mac: MacAddress([0x3c, 0x61, 5, 1, 2, 3]),
        };
        for line in [
            "192.168.4.2,3c:61:05:01:02:03",
            "+CWLIF:192.168.4.2,3c:61:05:01:02:03",
            "+CWLIF:\"192.168.4.2\",\"3C:61:05:01:02:03\"",
        ] {
            assert_eq!(parse_station(line.as_bytes()), Some(expected), "{line}");
        }
        let early = parse_station(b"0.0.0.0,3c:61:05:01:02:03").unwrap();
        assert_eq!(early.ip, None);
        assert_eq!(parse_station(b"192.168.4.2,3c:61:05"), None);
    }

    proptest! {
        #[test]
        fn nothing_panics(line in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse_station(&line);
        }
    }
}
