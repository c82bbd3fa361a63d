//! Commands about the modem itself.

use super::commands;
use crate::machine::deadline;

commands! {
    /// `AT+RST`: restart.
    Reset {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+RST"); }
}
