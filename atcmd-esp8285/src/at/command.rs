//! Every command the driver sends.
//!
//! The exact bytes are an interface: `tests/wire.rs` holds a snapshot per
//! dialect. Each command ends in CR LF, the only line end all firmware takes.
//! The `write` methods are written out instead of derived because atat's
//! derived ones panic on a short buffer and escape strings the GSM way.

use core::net::{Ipv4Addr, SocketAddrV4};

use atat::{AtatCmd, AtatResp, Error, InternalError};

use super::escape::quoted;
use super::parse::{ipv4, number};
use super::writer::LineWriter;
use crate::Dialect;
use crate::machine::deadline;

/// The reply of a command that has nothing to say beyond `OK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoResponse;

impl AtatResp for NoResponse {}

/// Declares a command whose reply is [`NoResponse`].
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? }
        timeout $timeout:expr; |$self:ident, $line:ident| $write:block)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name $(<$life>)? { $($(#[$field_doc])* pub $field: $ty),* }

        impl $(<$life>)? AtatCmd for $name $(<$life>)? {
            type Response = NoResponse;
            const MAX_TIMEOUT_MS: u32 = ($timeout / 1000) as u32;

            fn write(&self, buf: &mut [u8]) -> usize {
                let $self = self;
                let mut writer = LineWriter::new(buf);
                let $line = &mut writer;
                $write;
                $line.raw(b"\r\n");
                writer.finish().unwrap_or(0)
            }

            fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<NoResponse, Error> {
                response.map(|_| NoResponse).map_err(Error::from)
            }
        }
    )*};
}

commands! {
    /// `AT`: are you there?
    Attention {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT"); }

    /// `ATE0`: stop echoing.
    EchoOff {} timeout deadline::QUERY; |_this, line| { line.raw(b"ATE0"); }

    /// `AT+GMR`: which firmware?
    Version {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+GMR"); }

    /// `AT+RST`: restart.
    Reset {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+RST"); }

    /// `AT+SYSSTORE=0`: keep later settings out of flash (ESP-AT 2.1 and later).
    DoNotStore {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+SYSSTORE=0"); }

    /// `AT+CIPMODE=0`: no transparent transmission.
    NormalTransmission {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPMODE=0"); }

    /// `AT+CIPMUX=1`: numbered links.
    MultipleLinks {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPMUX=1"); }

    /// `AT+CIPMUX?`: are links numbered?
    AreLinksNumbered {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPMUX?"); }

    /// `AT+CIPDINFO=0`: no peer address in data headers.
    NoPeerInfo {} timeout deadline::QUERY; |_this, line| { line.raw(b"AT+CIPDINFO=0"); }

    /// `AT+CIPRECVMODE`: where received TCP data waits.
    ReceiveMode {
        /// In the modem until read (1), or pushed at once (0).
        passive: bool,
    } timeout deadline::QUERY; |this, line| {
        line.raw(b"AT+CIPRECVMODE=").number(this.passive.into());
    }

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

fn suffix(current: bool) -> &'static [u8] {
    if current { b"_CUR" } else { b"" }
}

/// `AT+CIPDOMAIN`: resolve a name.
#[derive(Debug, Clone, Copy)]
pub struct Resolve<'a> {
    /// Host name, at most 64 bytes.
    pub host: &'a str,
    /// Whether the firmware knows escapes.
    pub escapes: bool,
}

/// The address a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved(pub Ipv4Addr);

impl AtatResp for Resolved {}

impl AtatCmd for Resolve<'_> {
    type Response = Resolved;
    const MAX_TIMEOUT_MS: u32 = (deadline::RESOLVE / 1000) as u32;

    fn write(&self, buf: &mut [u8]) -> usize {
        let mut line = LineWriter::new(buf);
        line.raw(b"AT+CIPDOMAIN=");
        quoted(&mut line, self.host, self.escapes);
        line.raw(b"\r\n");
        line.finish().unwrap_or(0)
    }

    /// Takes the address bare (NonOS, ESP-AT 2.0 and 2.1) or quoted (2.2 on).
    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Resolved, Error> {
        lines(response?)
            .find_map(|line| ipv4(line.strip_prefix(b"+CIPDOMAIN:")?))
            .map(Resolved)
            .ok_or(Error::Parse)
    }
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

/// The lines of a collected response.
pub(crate) fn lines(response: &[u8]) -> impl Iterator<Item = &[u8]> {
    response
        .split(|b| *b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}
