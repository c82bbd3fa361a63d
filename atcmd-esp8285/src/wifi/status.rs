//! What the station is joined to, asked of the modem.

use core::net::Ipv4Addr;

use super::address::parse_addresses;
use super::{MacAddress, Ssid};
use crate::at::command::{Addresses, JoinedTo, lines};
use crate::at::parse::{self, MAC_LEN, number, signed, value_of};
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, Turn};
use crate::{Capability, Clock, Esp8285, Uart};

/// The access point the station is joined to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct JoinedNetwork {
    /// Its name.
    pub ssid: Ssid,
    /// Its hardware address; NonOS 0.2x does not tell.
    pub bssid: Option<MacAddress>,
    /// Its channel; NonOS 0.2x does not tell.
    pub channel: Option<u8>,
    /// Signal strength in dBm; NonOS 0.2x does not tell.
    pub rssi: Option<i8>,
}

/// The station as the modem describes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct StationStatus {
    /// What it is joined to, if it is.
    pub joined: Option<JoinedNetwork>,
    /// Its address, once it has one.
    pub address: Option<Ipv4Addr>,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Asks the modem what it is joined to and which address it has
    /// (`AT+CWJAP?`, `AT+CIFSR`). [`station`](Self::station) answers at once,
    /// but knows only what the modem has announced.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn station_status(&mut self) -> nb::Result<StationStatus, ModemError> {
        flatten(self.turn(None, |state, now| state.station_status(now)))
    }

    /// Asks the modem what it is joined to, and nothing else (`AT+CWJAP?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn joined_network(&mut self) -> nb::Result<Option<JoinedNetwork>, ModemError> {
        flatten(self.turn(None, |state, now| state.joined_network(now)))
    }

    /// Signal strength of the joined access point in dBm, `None` while not
    /// joined.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` on NonOS 0.2x.
    pub fn rssi(&mut self) -> nb::Result<Option<i8>, ModemError> {
        flatten(self.turn(None, |state, now| state.rssi(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn station_status(&mut self, now: u64) -> Outcome<StationStatus, ModemError> {
        let owner = (Purpose::StationStatus, 0);
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            Turn::Begin => self.put_command(owner, 0, |dialect| JoinedTo {
                current: dialect.cur_suffix,
            }),
            Turn::Answer(_, Err(error)) => Err(error),
            Turn::Answer(0, Ok(())) => self.put_command(owner, 1, |_| Addresses {}),
            Turn::Answer(_, Ok(())) => {
                let body = &self.control.body;
                let addresses = parse_addresses(body);
                Ok(Some(StationStatus {
                    joined: parse_joined(body)?,
                    address: addresses.station.and_then(|station| station.ip),
                }))
            }
        }
    }

    pub(crate) fn joined_network(
        &mut self,
        now: u64,
    ) -> Outcome<Option<JoinedNetwork>, ModemError> {
        let owner = (Purpose::StationStatus, 1);
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            Turn::Begin => self.put_command(owner, 0, |dialect| JoinedTo {
                current: dialect.cur_suffix,
            }),
            Turn::Answer(_, Err(error)) => Err(error),
            Turn::Answer(_, Ok(())) => parse_joined(&self.control.body).map(Some),
        }
    }

    pub(crate) fn rssi(&mut self, now: u64) -> Outcome<Option<i8>, ModemError> {
        self.require(Capability::JoinedDetails)?;
        let joined = self.joined_network(now)?;
        Ok(joined.map(|joined| joined.and_then(|network| network.rssi)))
    }
}

/// The reply to `AT+CWJAP?`: not joined is `No AP` (NonOS) or nothing at all
/// (ESP-AT).
fn parse_joined(body: &[u8]) -> Result<Option<JoinedNetwork>, ModemError> {
    lines(body)
        .find_map(|line| value_of(line, b"CWJAP"))
        .map(|value| joined_network(value).ok_or(ModemError::Unreadable))
        .transpose()
}

/// `"ssid"`, or `"ssid","bssid",channel,rssi` with up to five more numbers.
///
/// The SSID is not escaped, so a BSSID is looked for from the end.
fn joined_network(value: &[u8]) -> Option<JoinedNetwork> {
    let named = |ssid: &[u8]| {
        Some(JoinedNetwork {
            ssid: Ssid::new(ssid).ok()?,
            bssid: None,
            channel: None,
            rssi: None,
        })
    };
    let text = value.strip_prefix(b"\"")?;
    let last_quote = text.iter().rposition(|b| *b == b'"')?;
    let (before, after) = text.split_at_checked(last_quote)?;
    let Some(numbers) = after.strip_prefix(b"\",") else {
        return named(before);
    };
    let (front, bssid) = before.split_at_checked(before.len().checked_sub(MAC_LEN)?)?;
    let mut numbers = numbers.split(|b| *b == b',');
    Some(JoinedNetwork {
        bssid: Some(parse::mac(bssid)?),
        channel: numbers.next().and_then(small),
        rssi: numbers.next().and_then(strength),
        ..named(front.strip_suffix(b"\",\"")?)?
    })
}

/// A number of one byte, such as a channel.
pub(super) fn small(text: &[u8]) -> Option<u8> {
    u8::try_from(number(text)?).ok()
}

/// A signal strength in dBm.
pub(super) fn strength(text: &[u8]) -> Option<i8> {
    i8::try_from(signed(text)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    const BSSID: MacAddress = MacAddress([0x18, 0xfe, 0x34, 1, 2, 3]);

    fn joined(line: &str) -> Option<JoinedNetwork> {
        parse_joined(line.as_bytes()).unwrap()
    }

    #[test]
    fn every_form_of_joined() {
        for tail in ["", ",0", ",0,1,3", ",0,1,3,0", ",0,1,3,0,1"] {
            for name in ["CWJAP", "CWJAP_CUR", "CWJAP_DEF"] {
                let line = format!("+{name}:\"home\",\"18:fe:34:01:02:03\",6,-58{tail}");
                let network = joined(&line).unwrap();
                assert_eq!(network.ssid.as_str(), Some("home"), "{line}");
                assert_eq!(network.bssid, Some(BSSID));
                assert_eq!((network.channel, network.rssi), (Some(6), Some(-58)));
            }
        }
        let old = joined("+CWJAP:\"home\"").unwrap();
        assert_eq!(old.ssid.as_str(), Some("home"));
        assert_eq!((old.bssid, old.channel, old.rssi), (None, None, None));
    }

    #[test]
    fn not_joined_is_a_line_or_nothing() {
        assert_eq!(joined("No AP"), None);
        assert_eq!(joined(""), None);
        assert_eq!(parse_joined(b"+CWJAP:"), Err(ModemError::Unreadable));
        assert_eq!(parse_joined(b"+CWJAP:\"a\",5"), Err(ModemError::Unreadable));
    }

    proptest! {
        #[test]
        fn any_ssid_comes_back_as_it_is(
            ssid in prop::collection::vec(any::<u8>().prop_filter("line end", |b| !b"\r\n".contains(b)), 0..=32),
            rssi in -128i8..0,
            channel in 1u8..14,
        ) {
            let mut line = b"+CWJAP_CUR:\"".to_vec();
            line.extend(&ssid);
            line.extend(format!("\",\"18:fe:34:01:02:03\",{channel},{rssi},0").as_bytes());
            let network = parse_joined(&line).unwrap().unwrap();
            prop_assert_eq!(network.ssid.as_bytes(), &ssid[..]);
            prop_assert_eq!((network.channel, network.rssi), (Some(channel), Some(rssi)));
        }

        #[test]
        fn nothing_panics(line in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = parse_joined(&line);
            let _ = parse_joined(&[b"+CWJAP:\"", &line[..]].concat());
        }
    }
}
