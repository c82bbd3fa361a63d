//! The optional `key` argument.

use core::fmt;

/// A key (password): text, bytes, or `None` for an open network. Its bytes are never printed.
///
/// ```
/// use usocket_api::network::Key;
///
/// assert_eq!(Key::from("battery staple").as_bytes(), b"battery staple");
/// assert_eq!(Key::from(&[1, 2, 3]).as_bytes(), [1, 2, 3]);
/// let none: Key = None.into();
/// assert!(none.is_empty());
/// assert!(!format!("{:?}", Key::from("battery staple")).contains("staple"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Key<'a>(&'a [u8]);

impl<'a> Key<'a> {
    /// No key.
    pub const NONE: Self = Self(&[]);
    /// The most bytes a key has: 63 of text, or 64 hexadecimal digits (IEEE 802.11).
    pub const MAX: usize = 64;

    /// The bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.0
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<'a, T: AsRef<[u8]> + ?Sized> From<&'a T> for Key<'a> {
    fn from(key: &'a T) -> Self {
        Self(key.as_ref())
    }
}

impl<'a> From<Option<&'a str>> for Key<'a> {
    fn from(key: Option<&'a str>) -> Self {
        key.map_or(Self::NONE, Self::from)
    }
}

impl fmt::Debug for Key<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_empty() { "none" } else { "secret" })
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Key<'_> {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=str}", if self.is_empty() { "none" } else { "secret" });
    }
}
