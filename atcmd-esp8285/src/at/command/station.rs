//! Commands of the Wi-Fi station.

use super::{commands, lines, suffix};
use crate::Dialect;
use crate::at::escape::quoted;
use crate::at::parse::number;
use crate::machine::deadline;

commands! {
    /// `AT+CWMODE=1`: be a station.
    StationMode {
        /// Use the form that does not write flash.
        current: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CWMODE").raw(suffix(this.current)).raw(b"=1");
    }

    /// `AT+CWJAP`: join an access point.
    Join<'a> {
        /// Network name, at most 32 bytes.
        ssid: &'a str,
        /// Password, at most 64 bytes; empty for an open network.
        password: &'a str,
        /// The firmware, for suffix and escapes.
        dialect: &'static Dialect,
    } timeout deadline::JOIN; |this, line| {
        line.raw(b"AT+CWJAP").raw(suffix(this.dialect.cur_suffix)).raw(b"=");
        quoted(line, this.ssid, this.dialect.escapes);
        line.raw(b",");
        quoted(line, this.password, this.dialect.escapes);
    }

    /// `AT+CWQAP`: leave the access point.
    Leave {} timeout deadline::LEAVE; |_this, line| { line.raw(b"AT+CWQAP"); }
}

/// The number the modem gives for a failed join (`+CWJAP:<n>` before `FAIL`).
#[must_use]
pub fn join_failure(response: &[u8]) -> Option<u8> {
    lines(response).find_map(|line| {
        let rest = line.strip_prefix(b"+CWJAP")?;
        // Some builds repeat the suffix of the command.
        let rest = rest.strip_prefix(b"_CUR").unwrap_or(rest);
        let value = number(rest.strip_prefix(b":")?)?;
        u8::try_from(value).ok()
    })
}
