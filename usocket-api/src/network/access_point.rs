//! What the radio's own access point is to be.

use super::{Key, Security, WPA2_PSK};

/// What the radio's own access point is to be.
///
/// ```
/// use usocket_api::network::{ApConfig, WPA_WPA2_PSK};
///
/// let config = ApConfig::new("camera", "12345678").channel(11).security(WPA_WPA2_PSK).hidden(true);
/// assert_eq!((config.ssid, config.channel), (&b"camera"[..], 11));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ApConfig<'a> {
    /// Its name, 1 to 32 bytes.
    pub ssid: &'a [u8],
    /// Its key, 8 bytes or more; without a meaning if it is open.
    pub key: Key<'a>,
    /// Its channel.
    pub channel: u8,
    /// How it is protected.
    pub security: Security,
    /// Whether it does not announce its name.
    pub hidden: bool,
}

impl<'a> ApConfig<'a> {
    /// The channel unless another is asked for (MaixPy's default).
    pub const CHANNEL: u8 = 5;

    /// An access point with WPA2 on channel 5, visible.
    #[must_use]
    pub fn new(ssid: &'a (impl AsRef<[u8]> + ?Sized), key: impl Into<Key<'a>>) -> Self {
        Self {
            ssid: ssid.as_ref(),
            key: key.into(),
            channel: Self::CHANNEL,
            security: WPA2_PSK,
            hidden: false,
        }
    }

    /// On this channel.
    #[must_use]
    pub const fn channel(mut self, channel: u8) -> Self {
        self.channel = channel;
        self
    }

    /// Protected like this.
    #[must_use]
    pub const fn security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// Without announcing its name.
    #[must_use]
    pub const fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }
}
