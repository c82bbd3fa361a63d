//! Short texts by value: network and host names.

use core::fmt;

use crate::at::escape::InvalidText;

/// A text of at most `N` bytes, kept by value.
///
/// An SSID is bytes, not text: any byte can occur in one, so what the modem
/// says is kept as it is. [`Display`](fmt::Display) shows what is not UTF-8 as
/// `U+FFFD`.
///
/// ```
/// use atcmd_esp8285::wifi::Ssid;
///
/// let ssid = Ssid::new("grün").unwrap();
/// assert_eq!(ssid.as_str(), Some("grün"));
/// assert_eq!(Ssid::new(b"caf\xe9").unwrap().to_string(), "caf\u{fffd}");
/// assert!(Ssid::new([0; 33]).is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Text<N> {
    /// A copy of `text`.
    ///
    /// # Errors
    /// [`InvalidText::TooLong`] beyond `N` bytes.
    pub fn new(text: impl AsRef<[u8]>) -> Result<Self, InvalidText> {
        let text = text.as_ref();
        let mut bytes = [0; N];
        match (bytes.get_mut(..text.len()), u8::try_from(text.len())) {
            (Some(to), Ok(len)) => {
                to.copy_from_slice(text);
                Ok(Self { bytes, len })
            }
            _ => Err(InvalidText::TooLong {
                max: u8::try_from(N).unwrap_or(u8::MAX),
            }),
        }
    }

    /// The bytes as the modem said them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The text, if it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.as_bytes()).ok()
    }

    /// How many bytes it has.
    #[must_use]
    pub fn len(&self) -> usize {
        usize::from(self.len)
    }

    /// Whether it has no bytes, as the SSID of a hidden network.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl<const N: usize> AsRef<[u8]> for Text<N> {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl<const N: usize> fmt::Display for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.as_bytes().utf8_chunks() {
            f.write_str(chunk.valid())?;
            if !chunk.invalid().is_empty() {
                f.write_str("\u{fffd}")?;
            }
        }
        Ok(())
    }
}

impl<const N: usize> fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(feature = "defmt")]
impl<const N: usize> defmt::Format for Text<N> {
    fn format(&self, f: defmt::Formatter<'_>) {
        match self.as_str() {
            Some(text) => defmt::write!(f, "{=str}", text),
            None => defmt::write!(f, "{=[u8]:a}", self.as_bytes()),
        }
    }
}
