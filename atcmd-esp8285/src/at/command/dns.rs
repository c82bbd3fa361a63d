//! The command of the resolver.

use core::net::Ipv4Addr;

use atat::{AtatCmd, AtatResp, Error, InternalError};

use super::{CommandText, lines, write_line};
use crate::at::escape::quoted;
use crate::at::parse::ipv4;
use crate::at::writer::LineWriter;
use crate::machine::deadline;

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

impl CommandText for Resolve<'_> {
    fn put(&self, line: &mut LineWriter<'_>) {
        line.raw(b"AT+CIPDOMAIN=");
        quoted(line, self.host, self.escapes);
    }
}

impl AtatCmd for Resolve<'_> {
    type Response = Resolved;
    const MAX_TIMEOUT_MS: u32 = (deadline::RESOLVE / 1000) as u32;

    fn write(&self, buf: &mut [u8]) -> usize {
        write_line(self, buf)
    }

    /// Takes the address bare (NonOS, ESP-AT 2.0 and 2.1) or quoted (2.2 on).
    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Resolved, Error> {
        lines(response?)
            .find_map(|line| ipv4(line.strip_prefix(b"+CIPDOMAIN:")?))
            .map(Resolved)
            .ok_or(Error::Parse)
    }
}
