//! Quoted strings as ESP-AT reads them.
//!
//! ESP-AT takes `\x` inside quotes as a literal `x`. ESP-AT 2.x needs that for
//! `"`, `\` and `,`; NonOS needs it for the first two and accepts the third,
//! so all three are always escaped. Firmware before NonOS 1.x knows no
//! escapes: there, a string that would need one cannot be sent.
//!
//! ```
//! use atcmd_esp8285::at::{escape::quoted, writer::LineWriter};
//!
//! let mut buf = [0; 32];
//! let mut line = LineWriter::new(&mut buf);
//! quoted(&mut line, r#"a"b,c"#, true);
//! let len = line.finish().unwrap();
//! assert_eq!(&buf[..len], br#""a\"b\,c""#);
//! ```

use super::writer::LineWriter;

/// Why a string cannot be sent to the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum InvalidText {
    /// It is empty where something is needed.
    Empty,
    /// It is longer than the given number of bytes.
    TooLong {
        /// The most bytes it may have.
        max: u8,
    },
    /// It holds a control character (CR, LF, NUL and the like), which would
    /// end or corrupt the command line.
    ControlCharacter,
    /// It holds a space, quote, comma or backslash where none can be.
    Unusable,
    /// The firmware has no escapes and the text holds `"`, `\` or `,`.
    NeedsEscapes,
}

impl core::fmt::Display for InvalidText {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty"),
            Self::TooLong { max } => write!(f, "is longer than {max} bytes"),
            Self::ControlCharacter => {
                f.write_str("contains a control character such as CR, LF or NUL")
            }
            Self::Unusable => f.write_str("contains a space, quote, comma or backslash"),
            Self::NeedsEscapes => f.write_str(
                "contains a quote, comma or backslash, which this old firmware cannot be sent",
            ),
        }
    }
}

/// A password on its way into a command: never printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Secret<'a>(pub &'a [u8]);

impl core::fmt::Debug for Secret<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("<secret>")
    }
}

/// Checks that `text` can be an argument of at most `max` bytes.
///
/// # Errors
/// Says what is wrong; nothing has been sent then.
pub fn check(text: impl AsRef<[u8]>, max: u8) -> Result<(), InvalidText> {
    let text = text.as_ref();
    if text.len() > usize::from(max) {
        return Err(InvalidText::TooLong { max });
    }
    if text.iter().any(|b| *b < 0x20 || *b == 0x7f) {
        return Err(InvalidText::ControlCharacter);
    }
    Ok(())
}

/// Whether sending `text` takes escapes.
#[must_use]
pub fn needs_escapes(text: impl AsRef<[u8]>) -> bool {
    text.as_ref().iter().copied().any(special)
}

fn special(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | b',')
}

/// Writes `text` in double quotes, escaped unless the firmware has no escapes.
pub fn quoted(line: &mut LineWriter<'_>, text: impl AsRef<[u8]>, escapes: bool) {
    line.raw(b"\"");
    for byte in text.as_ref().iter().copied() {
        if escapes && special(byte) {
            line.raw(b"\\");
        }
        line.raw(&[byte]);
    }
    line.raw(b"\"");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_and_long_text_are_refused() {
        for bad in ["a\rb", "a\nb", "a\0b", "\u{1b}", "\u{7f}"] {
            assert_eq!(check(bad, 32), Err(InvalidText::ControlCharacter));
        }
        assert_eq!(check("123456789", 8), Err(InvalidText::TooLong { max: 8 }));
        assert_eq!(check("grün, \"und\" \\", 32), Ok(()));
    }
}
