//! What a scan finds.

use core::fmt;

use super::{MacAddr, Security, Ssid};

/// An access point in range. Its text is what MaixPy's `scan` gives for it.
///
/// ```
/// use usocket_api::network::{MacAddr, ScanEntry, Ssid, WPA2_PSK};
///
/// let mut entry = ScanEntry::new(Ssid::new("Sipeed").unwrap(), -62, WPA2_PSK);
/// entry.bssid = Some(MacAddr([0x18, 0xfe, 0x34, 1, 2, 3]));
/// entry.channel = Some(11);
/// assert_eq!(entry.to_string(), r#"3,"Sipeed",-62,"18:fe:34:01:02:03",11"#);
/// ```
///
/// In the text, as in MaixPy's, a name is not escaped; use the fields for names that may hold quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct ScanEntry {
    /// Its name; empty if it is hidden.
    pub ssid: Ssid,
    /// Signal strength in dBm.
    pub rssi: i8,
    /// How it is protected.
    pub security: Security,
    /// Its hardware address, if the radio tells it.
    pub bssid: Option<MacAddr>,
    /// Its channel, if the radio tells it.
    pub channel: Option<u8>,
}

impl ScanEntry {
    /// An entry without hardware address and channel.
    #[must_use]
    pub const fn new(ssid: Ssid, rssi: i8, security: Security) -> Self {
        Self {
            ssid,
            rssi,
            security,
            bssid: None,
            channel: None,
        }
    }
}

impl fmt::Display for ScanEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},\"{}\",{}", self.security.raw(), self.ssid, self.rssi)?;
        if let Some(bssid) = self.bssid {
            write!(f, ",\"{bssid}\"")?;
            if let Some(channel) = self.channel {
                write!(f, ",{channel}")?;
            }
        }
        Ok(())
    }
}
