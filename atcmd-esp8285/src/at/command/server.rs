//! Commands of the TCP server.

use super::commands;
use crate::machine::deadline;

commands! {
    /// `AT+CIPSERVERMAXCONN`: how many connections the server may hold.
    /// Before it starts.
    ServerLimit {
        /// 1 to 5.
        links: u8,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSERVERMAXCONN=").number(this.links.into());
    }

    /// `AT+CIPSERVER=1`: listen.
    StartServer {
        /// The port.
        port: u16,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSERVER=1,").number(this.port.into());
    }

    /// `AT+CIPSERVER=0`: stop listening.
    StopServer {} timeout deadline::CLOSE; |_this, line| { line.raw(b"AT+CIPSERVER=0"); }

    /// `AT+CIPSTO`: after how long the modem closes a silent connection of
    /// its server.
    ServerTimeout {
        /// Seconds, 0 (never) to 7200.
        seconds: u16,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPSTO=").number(this.seconds.into());
    }
}
