//! Listing the access points in range.
//!
//! Entries are handed over as they come, so there can be any number of them.
//! The driver keeps about five; when nobody fetches them it holds up the UART
//! for a tenth of a second and then drops and counts what does not fit, so
//! that everything else goes on.

use super::status::{small, strength};
use super::{MAX_SSID, MacAddress, ScanError, Ssid};
use crate::at::command::Scan;
use crate::at::escape;
use crate::at::parse::{MAC_LEN, leading_number, mac, unquoted};
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{LIST_READER, Outcome, Purpose, State, fingerprint};
use crate::{Capability, Clock, Dialect, Esp8285, Uart};

/// How a network is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Security {
    /// Not at all.
    Open,
    /// WEP, which can be broken in minutes.
    Wep,
    /// WPA with a password.
    Wpa,
    /// WPA2 with a password.
    Wpa2,
    /// WPA and WPA2 with a password.
    WpaWpa2,
    /// WPA2 with a user name, which this driver does not join.
    Wpa2Enterprise,
    /// WPA3 with a password.
    Wpa3,
    /// WPA2 and WPA3 with a password.
    Wpa2Wpa3,
    /// Another one, by the modem's number.
    Other(u8),
}

impl Security {
    pub(super) const fn from_number(number: u8) -> Self {
        match number {
            0 => Self::Open,
            1 => Self::Wep,
            2 => Self::Wpa,
            3 => Self::Wpa2,
            4 => Self::WpaWpa2,
            5 => Self::Wpa2Enterprise,
            6 => Self::Wpa3,
            7 => Self::Wpa2Wpa3,
            other => Self::Other(other),
        }
    }
}

/// An access point in range.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct Network {
    /// Its name; empty if it is hidden.
    pub ssid: Ssid,
    /// Its hardware address; the oldest firmware does not tell.
    pub bssid: Option<MacAddress>,
    /// Its channel; the oldest firmware does not tell.
    pub channel: Option<u8>,
    /// Signal strength in dBm.
    pub rssi: i8,
    /// How it is protected.
    pub security: Security,
}

/// Which networks to look for; without any filter, all.
///
/// The driver applies the filter to what the modem lists, so it works with
/// all firmware. Where the firmware filters too (all but NonOS 0.2x and
/// ESP_ATMod) it is told, which takes less time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ScanOptions<'a> {
    ssid: Option<&'a [u8]>,
    bssid: Option<MacAddress>,
    channel: Option<u8>,
}

impl<'a> ScanOptions<'a> {
    /// All networks.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            ssid: None,
            bssid: None,
            channel: None,
        }
    }

    /// Only networks of this name.
    #[must_use]
    pub fn ssid(mut self, ssid: &'a (impl AsRef<[u8]> + ?Sized)) -> Self {
        self.ssid = Some(ssid.as_ref());
        self
    }

    /// Only this access point.
    #[must_use]
    pub const fn bssid(mut self, bssid: MacAddress) -> Self {
        self.bssid = Some(bssid);
        self
    }

    /// Only networks on this channel.
    #[must_use]
    pub const fn channel(mut self, channel: u8) -> Self {
        self.channel = Some(channel);
        self
    }

    fn matches(&self, network: &Network) -> bool {
        self.ssid.is_none_or(|ssid| ssid == network.ssid.as_bytes())
            && (self.bssid.is_none() || self.bssid == network.bssid)
            && (self.channel.is_none() || self.channel == network.channel)
    }

    /// What of it the firmware is told.
    fn command(&self, dialect: &Dialect) -> Scan<'a> {
        let ssid = self.ssid.filter(|ssid| {
            dialect.has(Capability::ScanFilter)
                && !ssid.is_empty()
                && escape::check(ssid, MAX_SSID).is_ok()
        });
        Scan {
            ssid,
            exact: self.bssid.zip(self.channel),
        }
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Looks for access points and hands each to `network`, in the order the
    /// modem lists them; a name that several access points have comes several
    /// times.
    ///
    /// ```no_run
    /// # fn example<U: atcmd_esp8285::Uart, C: atcmd_esp8285::Clock>(
    /// #     wifi: &mut atcmd_esp8285::Esp8285<U, C>) -> Result<(), atcmd_esp8285::wifi::ScanError> {
    /// use atcmd_esp8285::wifi::ScanOptions;
    ///
    /// wifi.wait(|wifi| {
    ///     wifi.scan(&ScanOptions::new(), |network| {
    ///         println!("{:4} dBm  {}", network.rssi, network.ssid);
    ///     })
    /// })
    /// # }
    /// ```
    ///
    /// Takes 1 to 3 s, on NonOS in station mode and station + access point
    /// mode alike. Data for open sockets keeps coming in as far as the modem
    /// passes it on. A network with a line feed in its name is counted as
    /// missed; the lines such a name is made of are not taken for the modem's
    /// own words, whatever they say.
    ///
    /// # Errors
    /// `WouldBlock` until the list is complete: call again with the same
    /// options, often enough (see [`ScanError::Missed`]).
    pub fn scan(
        &mut self,
        options: &ScanOptions<'_>,
        network: impl FnMut(&Network),
    ) -> nb::Result<(), ScanError> {
        flatten(self.turn(Some(LIST_READER), |state, now| {
            state.scan(options, network, now)
        }))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn scan(
        &mut self,
        options: &ScanOptions<'_>,
        mut network: impl FnMut(&Network),
        now: u64,
    ) -> Outcome<(), ScanError> {
        let bssid = options.bssid.map_or([0; 6], |bssid| bssid.0);
        let print = fingerprint(&[
            options.ssid.unwrap_or_default(),
            &[
                options.ssid.is_some().into(),
                options.bssid.is_some().into(),
            ],
            &bssid,
            &[options.channel.unwrap_or(0)],
        ]);
        let mut damaged = 0;
        let progress = self.list(
            (Purpose::Scan, print),
            now,
            is_entry,
            |dialect| options.command(dialect),
            |line| match parse_network(line) {
                Some(found) if options.matches(&found) => network(&found),
                Some(_) => {}
                None => damaged += 1,
            },
        );
        self.control.missed = self.control.missed.saturating_add(damaged);
        match (progress, self.control.missed) {
            (Err(ModemError::Rejected), _) => Err(ScanError::Refused),
            (Err(error), _) => Err(error.into()),
            (Ok(Some(())), n @ 1..) => Err(ScanError::Missed(n)),
            (Ok(progress), _) => Ok(progress),
        }
    }
}

/// Whether a line is one of the list, damaged or not.
fn is_entry(line: &[u8]) -> bool {
    line.starts_with(b"+CWLAP:")
}

/// `+CWLAP:(security,"ssid",rssi[,"bssid"[,channel[,...]]])`, with 3 to 11
/// fields.
///
/// The SSID is not escaped (ESP_ATMod does not even quote it), so all but the
/// first field is looked for from the end, where the BSSID has a fixed shape.
fn parse_network(line: &[u8]) -> Option<Network> {
    let fields = line
        .strip_prefix(b"+CWLAP:(")?
        .trim_ascii_end()
        .strip_suffix(b")")?;
    let (security, rest) = leading_number(fields)?;
    let rest = rest.strip_prefix(b",")?;
    let (front, bssid, tail) = match last_mac(rest) {
        Some((front, bssid, tail)) => (front, Some(bssid), tail),
        None => (rest, None, &[][..]),
    };
    let comma = front.iter().rposition(|b| *b == b',')?;
    let (ssid, rssi) = front.split_at_checked(comma)?;
    let channel = tail.split(|b| *b == b',').next().and_then(small);
    Some(Network {
        ssid: Ssid::new(unquoted(ssid)).ok()?,
        bssid,
        channel,
        rssi: strength(rssi.strip_prefix(b",")?)?,
        security: Security::from_number(u8::try_from(security).ok()?),
    })
}

/// The last field that is a hardware address: what comes before its comma,
/// and what comes after.
fn last_mac(text: &[u8]) -> Option<(&[u8], MacAddress, &[u8])> {
    // In quotes and between commas, or the last field.
    const QUOTED: usize = MAC_LEN + 2;
    let at = (1..=text.len().checked_sub(QUOTED)?)
        .rev()
        .find(|at| quoted_mac(text, *at).is_some())?;
    let front = text.get(..at - 1)?;
    let tail = text.get(at + QUOTED..)?;
    let numbers_only = |b: &u8| matches!(b, b'0'..=b'9' | b',' | b'-');
    if !tail.iter().all(numbers_only) {
        return None;
    }
    Some((
        front,
        quoted_mac(text, at)?,
        tail.strip_prefix(b",").unwrap_or(tail),
    ))
}

fn quoted_mac(text: &[u8], at: usize) -> Option<MacAddress> {
    let field = text.get(at - 1..at + MAC_LEN + 2)?;
    mac(field.strip_prefix(b",\"")?.strip_suffix(b"\"")?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    const BSSID: MacAddress = MacAddress([0x18, 0xfe, 0x34, 1, 2, 3]);

    /// The fields behind the SSID, as the firmware lines write them.
    const TAILS: [&str; 5] = [
        "-58,\"18:fe:34:01:02:03\",6)",
        "-58,\"18:fe:34:01:02:03\",6,-27,0)",
        "-58,\"18:fe:34:01:02:03\",6,-27,0,4,4,7,0)",
        "-58,\"18:fe:34:01:02:03\",6,-1,-1,5,3,7,1)",
        "-58,\"18:FE:34:01:02:03\",6)",
    ];

    fn line(ssid: &[u8], quoted: bool, tail: &str) -> Vec<u8> {
        let quote: &[u8] = if quoted { b"\"" } else { b"" };
        [b"+CWLAP:(3,", quote, ssid, quote, b",", tail.as_bytes()].concat()
    }

    #[test]
    fn every_number_of_fields() {
        for tail in TAILS {
            let network = parse_network(&line(b"home", true, tail)).unwrap();
            assert_eq!(network.ssid.as_str(), Some("home"), "{tail}");
            assert_eq!((network.bssid, network.channel), (Some(BSSID), Some(6)));
            assert_eq!((network.rssi, network.security), (-58, Security::Wpa2));
        }
        let four = parse_network(b"+CWLAP:(0,\"x\",-90,\"18:fe:34:01:02:03\")").unwrap();
        assert_eq!((four.bssid, four.channel), (Some(BSSID), None));
        assert_eq!(four.security, Security::Open);
        let three = parse_network(b"+CWLAP:(4,\"x\",-90)").unwrap();
        assert_eq!((three.bssid, three.rssi), (None, -90));
    }

    #[test]
    fn hidden_and_awkward_names() {
        for ssid in [
            &b""[..],
            b"\"",
            b"a,b",
            b")",
            b"\\",
            b"x\",-1,\"18:fe:34:01:02:03\",1)",
            b"a\",-1,\"00:00:00:00:00:00\",1",
        ] {
            for tail in TAILS {
                let network = parse_network(&line(ssid, true, tail)).unwrap();
                assert_eq!(network.ssid.as_bytes(), ssid);
                assert_eq!(network.bssid, Some(BSSID));
            }
        }
    }

    #[test]
    fn damaged_lines_are_none() {
        for bad in [
            "+CWLAP:",
            "+CWLAP:(3,\"home\",-58,\"18:fe:34:01:02:03\",6",
            "+CWLAP:(3,\"home\"",
            "+CWLAP:(x,\"home\",-58)",
            "+CWLAP:(3,\"home\",58x)",
            "+CWLAP:(3,\"a name of more than thirty-two bytes\",-58,\"18:fe:34:01:02:03\",6)",
        ] {
            assert_eq!(parse_network(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_ssid_comes_back_as_it_is(
            ssid in prop::collection::vec(any::<u8>().prop_filter("line end", |b| !b"\r\n".contains(b)), 0..=32),
            tail in prop::sample::select(&TAILS[..]),
            quoted in any::<bool>(),
        ) {
            let twice_quoted = !quoted && ssid.len() > 1 && ssid.starts_with(b"\"") && ssid.ends_with(b"\"");
            prop_assume!(!twice_quoted);
            let network = parse_network(&line(&ssid, quoted, tail)).unwrap();
            prop_assert_eq!(network.ssid.as_bytes(), &ssid[..]);
            prop_assert_eq!(network.bssid, Some(BSSID));
            prop_assert_eq!(network.rssi, -58);
        }

        #[test]
        fn any_cut_is_an_entry_or_none(at in 0usize..60, tail in prop::sample::select(&TAILS[..])) {
            let whole = line(b"home", true, tail);
            if at < whole.len() {
                prop_assert_eq!(parse_network(&whole[..at]), None);
            }
        }

        #[test]
        fn nothing_panics(line in prop::collection::vec(any::<u8>(), 0..100)) {
            let _ = parse_network(&line);
            let _ = parse_network(&[b"+CWLAP:(", &line[..], b")"].concat());
        }
    }

    #[test]
    fn filters_the_firmware_cannot_be_told_still_count() {
        let network = parse_network(&line(b"home", true, TAILS[0])).unwrap();
        assert!(ScanOptions::new().matches(&network));
        assert!(ScanOptions::new().ssid("home").channel(6).matches(&network));
        assert!(!ScanOptions::new().ssid("hom").matches(&network));
        assert!(!ScanOptions::new().channel(7).matches(&network));
        let other = MacAddress([2; 6]);
        assert!(!ScanOptions::new().bssid(other).matches(&network));
    }
}
