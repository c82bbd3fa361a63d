//! Commands of the modem's own access point.

use super::{commands, suffix};
use crate::Dialect;
use crate::at::escape::{Secret, quoted};
use crate::machine::deadline;

commands! {
    /// `AT+CWSAP`: configure the access point.
    AccessPoint<'a> {
        /// Network name, 1 to 32 bytes.
        ssid: &'a [u8],
        /// Password, 8 to 64 bytes; empty for an open network.
        password: Secret<'a>,
        /// Channel, 1 to 13.
        channel: u8,
        /// Encryption: 0 none, 2 WPA, 3 WPA2, 4 both.
        encryption: u8,
        /// Most stations at a time.
        max_stations: u8,
        /// Do not announce the name.
        hidden: bool,
        /// The firmware, for suffix, escapes and the last two parameters.
        dialect: &'static Dialect,
    } timeout deadline::SETTING; |this, line| {
        line.raw(b"AT+CWSAP").raw(suffix(this.dialect.cur_suffix)).raw(b"=");
        quoted(line, this.ssid, this.dialect.escapes);
        line.raw(b",");
        quoted(line, this.password.0, this.dialect.escapes);
        line.raw(b",").number(this.channel.into()).raw(b",").number(this.encryption.into());
        if this.dialect.has(crate::Capability::AccessPointLimits) {
            line.raw(b",").number(this.max_stations.into())
                .raw(b",").number(this.hidden.into());
        }
    }

    /// `AT+CWSAP?`: how is the access point configured?
    AccessPointConfig {
        /// Use the form for settings that are not in flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWSAP").raw(suffix(this.current)).raw(b"?");
    }

    /// `AT+CWLIF`: list the stations that have joined.
    Stations {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CWLIF"); }
}
