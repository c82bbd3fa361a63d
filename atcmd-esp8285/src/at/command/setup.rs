//! Commands of the start-up: what the driver needs the modem to be.

use super::commands;
use crate::machine::deadline;

commands! {
    /// `AT`: are you there?
    Attention {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT"); }

    /// `ATE0`: stop echoing.
    EchoOff {} timeout deadline::QUERY; |_this, line| { line.raw(b"ATE0"); }

    /// `AT+GMR`: which firmware?
    Version {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+GMR"); }

    /// `AT+SYSSTORE=0`: keep later settings out of flash (ESP-AT 2.1 and later).
    DoNotStore {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+SYSSTORE=0"); }

    /// `AT+CIPMODE=0`: no transparent transmission.
    NormalTransmission {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPMODE=0"); }

    /// `AT+CIPMUX=1`: numbered links.
    MultipleLinks {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPMUX=1"); }

    /// `AT+CIPMUX?`: are links numbered?
    AreLinksNumbered {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPMUX?"); }

    /// `AT+CIPDINFO`: the peer's address in data headers.
    PeerInfo {
        /// With it (1), or without (0).
        on: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPDINFO=").number(this.on.into());
    }

    /// `AT+CIPRECVMODE`: where received TCP data waits.
    ReceiveMode {
        /// In the modem until read (1), or pushed at once (0).
        passive: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPRECVMODE=").number(this.passive.into());
    }
}
