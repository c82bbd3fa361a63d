//! What may be shown of lines that could hold a password.
//!
//! A modem echoes commands, and on a bad line any piece of an echo can turn up
//! anywhere. So the driver remembers which runs of [`RUN`] bytes occurred in
//! the strings it has sent, as bits of a hash, and shows no such run of a line
//! it does not understand. A run that only hashes alike is hidden as well.

use core::fmt;

use heapless::Vec;

/// Bytes that may stay visible of a hidden text are fewer than this.
const RUN: usize = 4;
/// Most bytes of a line that are shown.
const SHOWN: usize = 32;
#[cfg(any(feature = "log", feature = "defmt"))]
const WORDS: usize = 32;

/// The runs that are not to be shown. Takes no room unless something is said.
pub(crate) struct Veil {
    #[cfg(any(feature = "log", feature = "defmt"))]
    bits: [u32; WORDS],
}

impl Veil {
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(any(feature = "log", feature = "defmt"))]
            bits: [0; WORDS],
        }
    }

    /// Hides from now on what stands in quotes in this command line, as it is
    /// written and without its escapes.
    pub(crate) fn hide_strings(&mut self, line: &[u8]) {
        if cfg!(not(any(feature = "log", feature = "defmt"))) {
            return;
        }
        let Some(start) = line.iter().position(|b| *b == b'"') else {
            return;
        };
        let text = line.get(start + 1..).unwrap_or_default();
        self.hide(text.iter().copied());
        self.hide(text.iter().copied().filter(|b| *b != b'\\'));
    }

    fn hide(&mut self, text: impl Iterator<Item = u8>) {
        let mut run = [0; RUN];
        for byte in text {
            run.rotate_left(1);
            if let Some(last) = run.last_mut() {
                *last = byte;
            }
            self.set(run);
        }
    }

    #[cfg(any(feature = "log", feature = "defmt"))]
    fn set(&mut self, run: [u8; RUN]) {
        let bit = hash(run);
        if let Some(word) = self.bits.get_mut(bit / 32) {
            *word |= 1 << (bit % 32);
        }
    }

    #[cfg(not(any(feature = "log", feature = "defmt")))]
    fn set(&mut self, _: [u8; RUN]) {}

    #[cfg(any(feature = "log", feature = "defmt"))]
    fn hides(&self, run: [u8; RUN]) -> bool {
        let bit = hash(run);
        self.bits
            .get(bit / 32)
            .is_none_or(|word| word >> (bit % 32) & 1 == 1)
    }

    #[cfg(not(any(feature = "log", feature = "defmt")))]
    fn hides(&self, _: [u8; RUN]) -> bool {
        true
    }

    /// The start of a line, with `*` for what is hidden and `.` for what
    /// cannot be printed.
    pub(crate) fn shown(&self, line: &[u8]) -> Shown {
        let visible = match line.iter().position(|b| *b == b'"') {
            None => line,
            // A string the modem says on its own can be a password, too; so
            // can what stands before a quote that may be a closing one.
            Some(quote) if line.starts_with(b"+") => line.get(..quote).unwrap_or_default(),
            Some(_) => &[],
        };
        let mut text = Vec::<u8, SHOWN>::new();
        for byte in visible.iter().take(SHOWN) {
            let printable = byte.is_ascii_graphic() || *byte == b' ';
            // There is room for each of them.
            let _ = text.push(if printable { *byte } else { b'.' });
        }
        // One run more, so that a hidden text is not cut short of one.
        let runs = line.windows(RUN).take(SHOWN);
        for (at, run) in runs.enumerate() {
            if run.try_into().is_ok_and(|run| self.hides(run)) {
                for byte in text.iter_mut().skip(at).take(RUN) {
                    *byte = b'*';
                }
            }
        }
        Shown(text)
    }
}

impl fmt::Debug for Veil {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Veil")
    }
}

#[cfg(any(feature = "log", feature = "defmt"))]
fn hash(run: [u8; RUN]) -> usize {
    let mixed = u32::from_le_bytes(run).wrapping_mul(0x9e37_79b1);
    (mixed >> 16) as usize % (WORDS * 32)
}

/// Text that may be shown.
pub(crate) struct Shown(Vec<u8, SHOWN>);

impl Shown {
    /// A command line with its strings left out.
    pub(crate) fn command(line: &[u8]) -> Self {
        let mut text = Vec::new();
        let end = line
            .iter()
            .position(|b| matches!(b, b'"' | b'\r' | b'\n'))
            .unwrap_or(line.len());
        for byte in line.iter().take(end.min(SHOWN - 3)) {
            // There is room for each of them.
            let _ = text.push(if byte.is_ascii_graphic() { *byte } else { b'.' });
        }
        if line.get(end) == Some(&b'"') {
            let _ = text.extend_from_slice(b"...");
        }
        Self(text)
    }

    fn text(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Shown {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", self.text());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn commands_are_shown_without_their_strings() {
        for (line, shown) in [
            ("AT+CIPSEND=0,98\r\n", "AT+CIPSEND=0,98"),
            ("AT+CWJAP=\"net\",\"pass\"\r\n", "AT+CWJAP=..."),
            ("AT+CIPSTART=1,\"TCP\",\"x\",80\r\n", "AT+CIPSTART=1,..."),
            ("", ""),
        ] {
            assert_eq!(Shown::command(line.as_bytes()).to_string(), shown);
        }
    }

    #[cfg(any(feature = "log", feature = "defmt"))]
    #[test]
    fn four_bytes_of_a_sent_string_are_never_shown() {
        let mut veil = Veil::new();
        veil.hide_strings(b"AT+CWJAP=\"net\",\"cor\\\"rect horse\"\r\n");
        for line in [
            "cor\"rect horse",
            "cor\\\"rect horse",
            "rect horse\"",
            "+CWX:1,rect horse,",
            "1,\"net\",\"cor",
            "0123456789012345678901234567 rect horse",
        ] {
            let shown = veil.shown(line.as_bytes()).to_string();
            for secret in ["cor\"", "cor\\", "rect", "hors", "orse", "t ho"] {
                assert!(!shown.contains(secret), "{line} shows {shown}");
            }
        }
        assert_eq!(
            veil.shown(b"local port:2390").to_string(),
            "local port:2390"
        );
        assert_eq!(veil.shown(b"\x01b\xff").to_string(), ".b.");
        // Strings that were never sent: an access point's password, asked for.
        let reply = b"+CWSAP:\"net\",\"battery staple\",5,3";
        assert_eq!(veil.shown(reply).to_string(), "+CWSAP:");
        assert_eq!(veil.shown(b"battery staple\",5,3").to_string(), "");
    }
}
