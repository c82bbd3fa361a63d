//! The command that lists access points.

use super::commands;
use crate::at::escape::quoted;
use crate::machine::deadline;
use crate::wifi::MacAddress;

commands! {
    /// `AT+CWLAP`: list the access points in range.
    Scan<'a> {
        /// Only those of this name.
        ssid: Option<&'a [u8]>,
        /// Only this one of them, on this channel.
        exact: Option<(MacAddress, u8)>,
    } timeout deadline::SCAN; |this, line| {
        line.raw(b"AT+CWLAP");
        if let Some(ssid) = this.ssid {
            line.raw(b"=");
            quoted(line, ssid, true);
            if let Some((bssid, channel)) = this.exact {
                line.raw(b",\"").mac(bssid).raw(b"\",").number(channel.into());
            }
        }
    }
}
