//! Commands of the links: connect, send, receive, close.

use core::net::SocketAddrV4;

use super::commands;
use crate::machine::deadline;

commands! {
    /// `AT+CIPSTART`: open a TCP connection.
    Connect {
        /// Link to use, 0 to 4.
        link: u8,
        /// Where to.
        remote: SocketAddrV4,
    } timeout deadline::CONNECT; |this, line| {
        line.raw(b"AT+CIPSTART=").number(this.link.into()).raw(b",\"TCP\",\"")
            .ipv4(*this.remote.ip()).raw(b"\",").number(this.remote.port().into());
    }

    /// `AT+CIPSEND`: announce `len` bytes; the prompt follows.
    Send {
        /// Link to use, 0 to 4.
        link: u8,
        /// Bytes that follow the prompt, 1 to 2048.
        len: u16,
    } timeout deadline::PROMPT; |this, line| {
        line.raw(b"AT+CIPSEND=").number(this.link.into()).raw(b",").number(this.len.into());
    }

    /// `AT+CIPRECVDATA`: fetch up to `len` bytes (passive mode).
    Receive {
        /// Link to read, 0 to 4.
        link: u8,
        /// Most bytes to fetch.
        len: u16,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPRECVDATA=").number(this.link.into()).raw(b",").number(this.len.into());
    }

    /// `AT+CIPRECVLEN?`: how much waits in the modem, per link (passive mode).
    ReceiveLengths {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPRECVLEN?"); }

    /// `AT+CIPCLOSE`: close one link, or all of them with id 5.
    Close {
        /// Link to close, or 5 for all.
        link: u8,
    } timeout deadline::CLOSE; |this, line| {
        line.raw(b"AT+CIPCLOSE=").number(this.link.into());
    }

    /// `AT+CIPCLOSE` without id: close the link of single-link mode.
    CloseSingle {} timeout deadline::CLOSE; |_this, line| { line.raw(b"AT+CIPCLOSE"); }
}
