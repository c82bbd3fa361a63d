//! Names on the air: network names and hardware addresses, by value.

use core::fmt;

/// A network name (SSID): any 0 to 32 bytes. A scan shows a hidden network with an empty one.
///
/// [`Display`](fmt::Display) shows what is not UTF-8 as `U+FFFD`.
///
/// ```
/// use usocket_api::network::Ssid;
///
/// let ssid = Ssid::new(b"caf\xe9").unwrap();
/// assert_eq!(ssid.as_bytes(), b"caf\xe9");
/// assert_eq!(ssid.to_string(), "caf\u{fffd}");
/// assert_eq!(Ssid::new([0; 33]), None);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Ssid {
    bytes: [u8; Self::MAX],
    len: u8,
}

impl Ssid {
    /// The most bytes a name has (IEEE 802.11).
    pub const MAX: usize = 32;

    /// A copy of `name`; `None` if that is longer than [`MAX`](Self::MAX).
    #[must_use]
    pub fn new(name: impl AsRef<[u8]>) -> Option<Self> {
        let name = name.as_ref();
        let mut bytes = [0; Self::MAX];
        bytes.get_mut(..name.len())?.copy_from_slice(name);
        let len = u8::try_from(name.len()).ok()?;
        Some(Self { bytes, len })
    }

    /// The bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }

    /// The name, if it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        core::str::from_utf8(self.as_bytes()).ok()
    }

    /// Whether it has no bytes.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }
}

impl AsRef<[u8]> for Ssid {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl fmt::Display for Ssid {
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

impl fmt::Debug for Ssid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.as_bytes().escape_ascii())
    }
}

#[cfg(feature = "defmt")]
impl defmt::Format for Ssid {
    fn format(&self, f: defmt::Formatter<'_>) {
        defmt::write!(f, "{=[u8]:a}", self.as_bytes());
    }
}

/// A hardware (MAC) address; of an access point it is the BSSID.
///
/// ```
/// use usocket_api::network::MacAddr;
///
/// assert_eq!(MacAddr([0x18, 0xfe, 0x34, 1, 2, 3]).to_string(), "18:fe:34:01:02:03");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MacAddr(pub [u8; 6]);

impl fmt::Display for MacAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}
