//! Every command the driver sends.
//!
//! The exact bytes are an interface: `tests/wire.rs` holds a snapshot per
//! dialect. Each command ends in CR LF, the only line end all firmware takes.
//! The `write` methods are written out instead of derived because atat's
//! derived ones panic on a short buffer and escape strings the GSM way.

mod access_point;
mod address;
mod dns;
mod link;
mod ping;
mod scan;
mod server;
mod setup;
mod station;
mod system;
mod time;
mod tls;

pub use access_point::*;
pub use address::*;
pub use dns::*;
pub use link::*;
pub use ping::*;
pub use scan::*;
pub use server::*;
pub use setup::*;
pub use station::*;
pub use system::*;
pub use time::*;
pub use tls::*;

use atat::AtatResp;

use super::writer::LineWriter;

/// The reply of a command that has nothing to say beyond `OK`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoResponse;

impl AtatResp for NoResponse {}

/// What a command says, without its line end. One vtable entry a command is
/// smaller than one copy of the code around it.
pub(crate) trait CommandText {
    /// Appends it to `line`.
    fn put(&self, line: &mut LineWriter<'_>);
}

/// Writes the whole command line; 0 if it does not fit.
#[inline(never)]
pub(crate) fn write_line(command: &dyn CommandText, buf: &mut [u8]) -> usize {
    let mut line = LineWriter::new(buf);
    command.put(&mut line);
    line.raw(b"\r\n");
    line.finish().unwrap_or(0)
}

/// Declares a command whose reply is [`NoResponse`].
macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? { $($(#[$field_doc:meta])* $field:ident: $ty:ty),* $(,)? }
        timeout $timeout:expr; |$self:ident, $line:ident| $write:block)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub struct $name $(<$life>)? { $($(#[$field_doc])* pub $field: $ty),* }

        impl $(<$life>)? $crate::at::command::CommandText for $name $(<$life>)? {
            fn put(&self, $line: &mut $crate::at::writer::LineWriter<'_>) {
                let $self = self;
                $write;
            }
        }

        impl $(<$life>)? atat::AtatCmd for $name $(<$life>)? {
            type Response = $crate::at::command::NoResponse;
            const MAX_TIMEOUT_MS: u32 = ($timeout / 1000) as u32;

            fn write(&self, buf: &mut [u8]) -> usize {
                $crate::at::command::write_line(self, buf)
            }

            fn parse(&self, response: Result<&[u8], atat::InternalError<'_>>) -> Result<$crate::at::command::NoResponse, atat::Error> {
                response.map(|_| $crate::at::command::NoResponse).map_err(atat::Error::from)
            }
        }
    )*};
}

use commands;

pub(crate) fn suffix(current: bool) -> &'static [u8] {
    if current { b"_CUR" } else { b"" }
}

/// The lines of a collected response.
pub(crate) fn lines(response: &[u8]) -> impl Iterator<Item = &[u8]> {
    response
        .split(|b| *b == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}
