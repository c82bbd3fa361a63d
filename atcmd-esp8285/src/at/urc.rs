//! What the modem says without being asked.
//!
//! ```
//! use atcmd_esp8285::at::{atat::AtatUrc, urc::Urc};
//!
//! assert_eq!(Urc::parse(b"3,CLOSED"), Some(Urc::Closed(3)));
//! assert_eq!(Urc::parse(b"+IPD,0,1460"), Some(Urc::DataWaiting { link: 0, len: 1460 }));
//! assert_eq!(Urc::parse(b"+CWJAP:3"), None);
//! ```

use core::net::Ipv4Addr;

use super::parse::{ipv4, leading_number, link_id, mac, unquoted};
use crate::wifi::MacAddress;

/// An unsolicited line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum Urc {
    /// `ready`: the modem has (re)started and forgotten everything.
    Ready,
    /// `WIFI CONNECTED`: associated with an access point, no address yet.
    WifiConnected,
    /// `WIFI GOT IP`: the station has an address.
    WifiGotIp,
    /// `WIFI DISCONNECT`: the access point is gone.
    WifiDisconnect,
    /// `<id>,CONNECT` or `+LINK_CONN:0,<id>,..`: a link is up.
    Connect(u8),
    /// `<id>,CLOSED`: a link is down.
    Closed(u8),
    /// `+STA_CONNECTED:"<mac>"`: a station has joined the modem's access point.
    StationConnected(MacAddress),
    /// `+DIST_STA_IP:"<mac>","<ip>"`: that station has been given an address.
    StationAddress(MacAddress, Ipv4Addr),
    /// `+STA_DISCONNECTED:"<mac>"`: a station has left.
    StationDisconnected(MacAddress),
    /// `+IPD,<id>,<len>` without data: bytes wait in the modem.
    DataWaiting {
        /// The link.
        link: u8,
        /// How many bytes this event was about; not a total on every firmware.
        len: u32,
    },
}

/// How a line starts, and what its rest makes of it.
type Form = (&'static str, fn(&[u8]) -> Option<Urc>);

const FORMS: [Form; 9] = [
    ("ready", |rest| rest.is_empty().then_some(Urc::Ready)),
    ("WIFI CONNECTED", |rest| {
        rest.is_empty().then_some(Urc::WifiConnected)
    }),
    ("WIFI GOT IP", |rest| {
        rest.is_empty().then_some(Urc::WifiGotIp)
    }),
    // ESP_ATMod adds the reason in brackets.
    ("WIFI DISCONNECT", |rest| {
        matches!(rest, [] | [b' ', ..]).then_some(Urc::WifiDisconnect)
    }),
    ("+IPD,", data_waiting),
    ("+STA_CONNECTED:", |rest| {
        mac(unquoted(rest)).map(Urc::StationConnected)
    }),
    ("+STA_DISCONNECTED:", |rest| {
        mac(unquoted(rest)).map(Urc::StationDisconnected)
    }),
    ("+DIST_STA_IP:", station_address),
    ("+LINK_CONN:0,", |rest| {
        rest.first().copied().and_then(link_id).map(Urc::Connect)
    }),
];

fn data_waiting(rest: &[u8]) -> Option<Urc> {
    let (link, rest) = leading_number(rest)?;
    let (len, rest) = leading_number(rest.strip_prefix(b",")?)?;
    let link = u8::try_from(link).ok().filter(|l| *l < crate::LINKS)?;
    rest.is_empty().then_some(Urc::DataWaiting { link, len })
}

fn station_address(rest: &[u8]) -> Option<Urc> {
    let (station, address) = rest.split_at(rest.iter().position(|b| *b == b',')?);
    let address = ipv4(address.strip_prefix(b",")?)?;
    Some(Urc::StationAddress(mac(unquoted(station))?, address))
}

/// `<id>,CONNECT` and `<id>,CLOSED`.
fn link_event(line: &[u8]) -> Option<Urc> {
    // With echo still on, a URC can break into the echoed command
    // (`AT+CIPSEND=0,1,CONNECT`), so there its end counts.
    let line = if line.starts_with(b"AT") {
        let from = line.iter().rposition(|b| *b == b',')?.checked_sub(1)?;
        line.get(from..)?
    } else {
        line
    };
    let (id, event) = line.split_first()?;
    let link = link_id(*id)?;
    match event {
        b",CONNECT" => Some(Urc::Connect(link)),
        b",CLOSED" => Some(Urc::Closed(link)),
        _ => None,
    }
}

impl atat::AtatUrc for Urc {
    fn parse(line: &[u8]) -> Option<Self> {
        for (start, parse) in &FORMS {
            if let Some(rest) = line.strip_prefix(start.as_bytes()) {
                return parse(rest);
            }
        }
        link_event(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use atat::AtatUrc;

    #[test]
    fn lines_that_only_look_alike_are_not_urcs() {
        for line in [
            "ready!",
            "5,CLOSED",
            "12,CLOSED",
            "0,CLOSEDX",
            "+IPD,5,10",
            "+IPD,0,",
            "+IPD,0,10,1.2.3.4,80",
            "WIFI DISCONNECTED",
            "AT",
            ",CLOSED",
            "",
            "AT+CIPSEND=0,98",
            "+LINK_CONN:1,0,\"TCP\"",
        ] {
            assert_eq!(Urc::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn stations_of_the_access_point_come_and_go() {
        let mac = MacAddress([0x3c, 0x61, 5, 1, 2, 0xab]);
        for (line, urc) in [
            (
                "+STA_CONNECTED:\"3c:61:05:01:02:ab\"",
                Urc::StationConnected(mac),
            ),
            (
                "+DIST_STA_IP:\"3c:61:05:01:02:ab\",\"192.168.4.2\"",
                Urc::StationAddress(mac, Ipv4Addr::new(192, 168, 4, 2)),
            ),
            (
                "+STA_DISCONNECTED:\"3C:61:05:01:02:AB\"",
                Urc::StationDisconnected(mac),
            ),
        ] {
            assert_eq!(Urc::parse(line.as_bytes()), Some(urc), "{line}");
            let cut = line.get(..line.len() - 3).unwrap();
            assert_eq!(Urc::parse(cut.as_bytes()), None, "{cut}");
        }
    }

    #[test]
    fn a_urc_inside_an_echo_counts() {
        assert_eq!(Urc::parse(b"AT+CIPSEND=0,1,CONNECT"), Some(Urc::Connect(1)));
        assert_eq!(Urc::parse(b"AT+CIPSEN2,CLOSED"), Some(Urc::Closed(2)));
    }

    #[test]
    fn sysmsg_form_of_connect() {
        assert_eq!(
            Urc::parse(b"+LINK_CONN:0,2,\"TCP\",1,\"192.168.4.2\",49469,80"),
            Some(Urc::Connect(2))
        );
    }
}
