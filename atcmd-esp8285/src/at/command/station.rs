//! Commands of the Wi-Fi mode and the station.

use super::{commands, lines, suffix};
use crate::Dialect;
use crate::at::escape::{Secret, quoted};
use crate::at::parse::{number, value_of};
use crate::machine::deadline;
use crate::wifi::MacAddress;

commands! {
    /// `AT+CWMODE`: be a station, or a station and an access point.
    WifiMode {
        /// Whether to be an access point too (3) or a station only (1).
        access_point: bool,
        /// Use the form that does not write flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWMODE").raw(suffix(this.current)).raw(b"=")
            .number(if this.access_point { 3 } else { 1 });
    }

    /// `AT+CWJAP`: join an access point.
    Join<'a> {
        /// Network name, at most 32 bytes.
        ssid: &'a [u8],
        /// Password, at most 64 bytes; empty for an open network.
        password: Secret<'a>,
        /// The one access point of that name to join.
        bssid: Option<MacAddress>,
        /// Seconds after which the modem gives up, 3 to 600 (ESP-AT 2.2 on).
        timeout: Option<u16>,
        /// The firmware, for suffix and escapes.
        dialect: &'static Dialect,
    } timeout deadline::JOIN; |this, line| {
        line.raw(b"AT+CWJAP").raw(suffix(this.dialect.cur_suffix)).raw(b"=");
        quoted(line, this.ssid, this.dialect.escapes);
        line.raw(b",");
        quoted(line, this.password.0, this.dialect.escapes);
        if let Some(bssid) = this.bssid {
            line.raw(b",\"").mac(bssid).raw(b"\"");
        } else if this.timeout.is_some() {
            line.raw(b",");
        }
        if let Some(timeout) = this.timeout {
            // Between the two: PCI, reconnect and listen intervals, scan mode.
            line.raw(b",,,,,").number(timeout.into());
        }
    }

    /// `AT+CWJAP?`: which access point has been joined?
    JoinedTo {
        /// Use the form for settings that are not in flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWJAP").raw(suffix(this.current)).raw(b"?");
    }

    /// `AT+CWQAP`: leave the access point.
    Leave {} timeout deadline::LEAVE; |_this, line| { line.raw(b"AT+CWQAP"); }

    /// `AT+CWAUTOCONN`: whether to join by itself after power-up. Always in
    /// flash.
    AutoJoin {
        /// Join or not.
        on: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWAUTOCONN=").number(this.on.into());
    }

    /// `AT+CWRECONNCFG`: how to come back to an access point that was lost.
    Reconnect {
        /// Seconds between two tries, 0 for none, at most 7200.
        interval: u16,
        /// How many tries, 0 for no end, at most 1000.
        tries: u16,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWRECONNCFG=").number(this.interval.into())
            .raw(b",").number(this.tries.into());
    }
}

/// The number the modem gives for a failed join (`+CWJAP:<n>` before `FAIL`).
#[must_use]
pub fn join_failure(response: &[u8]) -> Option<u8> {
    lines(response).find_map(|line| {
        // Some builds repeat the suffix of the command.
        u8::try_from(number(value_of(line, b"CWJAP")?)?).ok()
    })
}
