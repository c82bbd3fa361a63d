//! Hardware addresses.

use core::fmt;

use crate::at::parse;

/// The hardware (MAC) address of a station or an access point (BSSID).
///
/// ```
/// use atcmd_esp8285::wifi::MacAddress;
///
/// let mac: MacAddress = "18:FE:34:01:02:03".parse().unwrap();
/// assert_eq!(mac.0, [0x18, 0xfe, 0x34, 1, 2, 3]);
/// assert_eq!(mac.to_string(), "18:fe:34:01:02:03");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct MacAddress(pub [u8; 6]);

impl MacAddress {
    /// Whether it names one interface, as a modem's own address must.
    #[must_use]
    pub fn is_unicast(&self) -> bool {
        let [first, ..] = self.0;
        first & 1 == 0 && self.0 != [0; 6]
    }
}

impl fmt::Display for MacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}:{g:02x}")
    }
}

/// The text is not six pairs of hexadecimal digits with colons between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct InvalidMacAddress;

impl fmt::Display for InvalidMacAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a hardware address looks like 18:fe:34:01:02:03")
    }
}

impl core::error::Error for InvalidMacAddress {}

impl core::str::FromStr for MacAddress {
    type Err = InvalidMacAddress;

    fn from_str(text: &str) -> Result<Self, InvalidMacAddress> {
        parse::mac(text.as_bytes()).ok_or(InvalidMacAddress)
    }
}
