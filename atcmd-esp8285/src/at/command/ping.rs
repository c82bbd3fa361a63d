//! The command that asks another host for a sign of life.

use super::commands;
use crate::at::escape::quoted;
use crate::machine::deadline;
use crate::system::Host;

commands! {
    /// `AT+PING`: one echo request.
    Ping<'a> {
        /// Whom to ask.
        host: Host<'a>,
        /// Whether the firmware knows escapes.
        escapes: bool,
    } timeout deadline::PING; |this, line| {
        line.raw(b"AT+PING=");
        match this.host {
            Host::Name(name) => quoted(line, name, this.escapes),
            Host::Address(address) => {
                line.raw(b"\"").ipv4(address).raw(b"\"");
            }
        }
    }
}
