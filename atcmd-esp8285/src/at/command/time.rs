//! Commands of the network clock.

use super::commands;
use crate::at::escape::quoted;
use crate::machine::deadline;

commands! {
    /// `AT+CIPSNTPCFG`: which servers to ask, and in which timezone to answer.
    TimeServers<'a> {
        /// Hours east of Greenwich.
        timezone: i8,
        /// Up to three host names; none means those built in.
        servers: &'a [&'a str],
        /// Whether the firmware knows escapes.
        escapes: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSNTPCFG=1,");
        if this.timezone < 0 {
            line.raw(b"-");
        }
        line.number(this.timezone.unsigned_abs().into());
        for server in this.servers {
            line.raw(b",");
            quoted(line, server, this.escapes);
        }
    }

    /// `AT+CIPSNTPTIME?`: what time is it?
    NetworkTime {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPSNTPTIME?"); }
}
