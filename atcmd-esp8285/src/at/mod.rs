//! The AT layer, in atat's terms: commands, responses, URCs and the digester.
//!
//! Everything the driver says to the modem is an [`atat::AtatCmd`] in
//! [`command`], everything the modem says on its own is a [`urc::Urc`], and
//! the byte stream is taken apart by [`digest::Digester`]. A command of your
//! own is sent through [`AtatClient`](atat::blocking::AtatClient), which
//! [`Esp8285`](crate::Esp8285) implements, while sockets stay open (the example
//! `own_command` is a whole program):
//!
//! ```
//! use atcmd_esp8285::at::atat::{AtatCmd, AtatResp, Error, InternalError};
//!
//! /// `AT+SYSADC?`: the voltage at the modem's ADC pin.
//! struct ReadAdc;
//! struct Adc(u16);
//! impl AtatResp for Adc {}
//!
//! impl AtatCmd for ReadAdc {
//!     type Response = Adc;
//!     fn write(&self, buf: &mut [u8]) -> usize {
//!         let line = b"AT+SYSADC?\r\n";
//!         buf[..line.len()].copy_from_slice(line);
//!         line.len()
//!     }
//!     fn parse(&self, resp: Result<&[u8], InternalError>) -> Result<Adc, Error> {
//!         let text = core::str::from_utf8(resp.map_err(Error::from)?).map_err(|_| Error::Parse)?;
//!         let value = text.strip_prefix("+SYSADC:").ok_or(Error::Parse)?;
//!         value.trim().parse().map(Adc).map_err(|_| Error::Parse)
//!     }
//! }
//! # assert_eq!(ReadAdc.parse(Ok(b"+SYSADC:512")).map(|a| a.0), Ok(512));
//! ```
//!
//! Limits: a command line is at most [`MAX_COMMAND`] bytes and ends in CR LF,
//! a reply at most [`MAX_RESPONSE`]. atat's own clients, ingress and digester
//! are not used: they need global state, and they cannot carry ESP-AT's binary
//! frames. atat's derive works for commands without strings; for strings use
//! [`escape::quoted`], because ESP-AT escapes differ from the GSM standard's.

pub mod command;
pub mod digest;
pub mod escape;
pub(crate) mod parse;
pub mod urc;
pub mod writer;

pub use atat;

/// Most bytes a command line may have, CR LF included.
///
/// Twice what any firmware takes, so that too long a line is refused with an
/// error instead of making atat's derived serialisers panic.
pub const MAX_COMMAND: usize = 512;

/// Most bytes of reply (between a command and its `OK`) that are kept.
pub const MAX_RESPONSE: usize = 512;
