//! Bytes that both sides know, and a sum that tells whether they are all there and in order.

use core::fmt::{self, Write as _};

/// The byte at `position` of the pattern. No period that a buffer size divides, and never above 250.
#[must_use]
pub const fn pattern_byte(position: u64) -> u8 {
    ((position % 251 * 7 + position / 251 % 251) % 251) as u8
}

/// A count of bytes and their FNV-1a sum, which depends on their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksum {
    count: u64,
    sum: u32,
}

impl Checksum {
    /// Of nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            count: 0,
            sum: 0x811c_9dc5,
        }
    }

    /// Of the first `count` bytes of the pattern.
    #[must_use]
    pub fn of_pattern(count: u64) -> Self {
        let mut checksum = Self::new();
        for position in 0..count {
            checksum.add(pattern_byte(position));
        }
        checksum
    }

    /// Counts one more byte.
    pub const fn add(&mut self, byte: u8) {
        self.count = self.count.saturating_add(1);
        self.sum = (self.sum ^ byte as u32).wrapping_mul(0x0100_0193);
    }

    /// How many bytes.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Reads what a session tells: a count in decimal and a sum in hexadecimal. Returns the rest too.
    #[must_use]
    pub fn parse(text: &str) -> Option<(Self, &str)> {
        let (count, rest) = text.split_once(' ')?;
        let (sum, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let checksum = Self {
            count: count.parse().ok()?,
            sum: u32::from_str_radix(sum, 16).ok()?,
        };
        Some((checksum, rest))
    }
}

impl Default for Checksum {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:x}", self.count, self.sum)
    }
}

/// A short text on the stack. What does not fit is cut.
#[derive(Debug)]
pub(crate) struct Text {
    bytes: [u8; 64],
    length: usize,
}

impl Text {
    pub(crate) const fn new() -> Self {
        Self {
            bytes: [0; 64],
            length: 0,
        }
    }

    pub(crate) fn counted(&mut self, checksum: Checksum) {
        // Writing here cannot fail, it cuts.
        let _ = write!(self, "{checksum}");
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl fmt::Write for Text {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for byte in text.bytes() {
            if let Some(slot) = self.bytes.get_mut(self.length) {
                *slot = byte;
                self.length += 1;
            }
        }
        Ok(())
    }
}
