//! What the modem's own access point is to be.

use core::fmt;

use super::join::sendable;
use super::{AccessPointError, MAX_PASSWORD, MAX_SSID, Security, Ssid, Text};
use crate::Dialect;
use crate::at::command as cmd;
use crate::at::escape::{InvalidText, Secret};
use crate::machine::fingerprint;

/// Least bytes of a WPA password.
pub(super) const MIN_PASSWORD: usize = 8;

/// What the modem's own access point is to be.
///
/// ```
/// use atcmd_esp8285::wifi::AccessPointConfig;
///
/// let open = AccessPointConfig::new("camera", "").channel(6);
/// let closed = AccessPointConfig::new("camera", "12345678").hidden(true).max_stations(1);
/// assert!(!format!("{closed:?}").contains("12345678"));
/// ```
#[derive(Clone, Copy)]
pub struct AccessPointConfig<'a> {
    ssid: &'a [u8],
    password: &'a [u8],
    channel: u8,
    security: Security,
    hidden: bool,
    max_stations: Option<u8>,
}

impl<'a> AccessPointConfig<'a> {
    /// A network of that name, protected by WPA2, or open if the password is
    /// empty; on channel 1, visible, for as many stations as the firmware
    /// takes.
    #[must_use]
    pub fn new(
        ssid: &'a (impl AsRef<[u8]> + ?Sized),
        password: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Self {
        Self {
            ssid: ssid.as_ref(),
            password: password.as_ref(),
            channel: 1,
            security: Security::Wpa2,
            hidden: false,
            max_stations: None,
        }
    }

    /// The channel, 1 to 13.
    #[must_use]
    pub const fn channel(mut self, channel: u8) -> Self {
        self.channel = channel;
        self
    }

    /// Lets stations that know no WPA2 use WPA.
    #[must_use]
    pub const fn allow_wpa(mut self, allow: bool) -> Self {
        self.security = if allow {
            Security::WpaWpa2
        } else {
            Security::Wpa2
        };
        self
    }

    /// With a password: protected by [`Security::Wpa`], [`Security::Wpa2`]
    /// (as without this) or [`Security::WpaWpa2`]; the firmware knows no
    /// others. Without a password the network is open whatever this says.
    #[must_use]
    pub const fn security(mut self, security: Security) -> Self {
        self.security = security;
        self
    }

    /// Does not announce the name. Not on NonOS 0.2x.
    #[must_use]
    pub const fn hidden(mut self, hidden: bool) -> Self {
        self.hidden = hidden;
        self
    }

    /// Takes at most this many stations: 1 to 4 on NonOS (not 0.2x), 1 to 10
    /// on ESP-AT.
    #[must_use]
    pub const fn max_stations(mut self, max: u8) -> Self {
        self.max_stations = Some(max);
        self
    }

    pub(super) fn check(&self, dialect: Option<&Dialect>) -> Result<(), AccessPointError> {
        if self.ssid.is_empty() {
            return Err(AccessPointError::InvalidSsid(InvalidText::Empty));
        }
        let (ssid, password) = dialect.map_or((MAX_SSID, MAX_PASSWORD), |d| d.max_credentials);
        sendable(self.ssid, ssid, dialect).map_err(AccessPointError::InvalidSsid)?;
        sendable(self.password, password, dialect).map_err(AccessPointError::InvalidPassword)?;
        if !self.password.is_empty() && self.password.len() < MIN_PASSWORD {
            return Err(AccessPointError::PasswordTooShort);
        }
        if self.encryption().is_none() {
            return Err(AccessPointError::InvalidSecurity);
        }
        if !(1..=13).contains(&self.channel) {
            return Err(AccessPointError::InvalidChannel);
        }
        let most = dialect.map_or(u8::MAX, |dialect| dialect.max_stations);
        if self.max_stations.is_some_and(|max| max == 0 || max > most) {
            return Err(AccessPointError::InvalidLimit(most));
        }
        Ok(())
    }

    /// Whether it needs what NonOS 0.2x lacks.
    pub(super) const fn has_limits(&self) -> bool {
        self.hidden || self.max_stations.is_some()
    }

    /// The firmware's number for it, if it has one.
    const fn encryption(&self) -> Option<u8> {
        match (self.password.is_empty(), self.security) {
            (true, _) => Some(0),
            (false, Security::Wpa) => Some(2),
            (false, Security::Wpa2) => Some(3),
            (false, Security::WpaWpa2) => Some(4),
            (false, _) => None,
        }
    }

    pub(super) fn fingerprint(&self) -> u32 {
        let max = self.max_stations.unwrap_or(0);
        let encryption = self.encryption().unwrap_or(u8::MAX);
        let rest = [self.channel, encryption, self.hidden.into(), max];
        fingerprint(&[self.ssid, self.password, &rest])
    }

    /// A copy that lasts. Everything has been checked.
    pub(super) fn memory(&self) -> Option<AccessPointMemory> {
        Some(AccessPointMemory {
            ssid: Ssid::new(self.ssid).ok()?,
            password: Text::new(self.password).ok()?,
            channel: self.channel,
            encryption: self.encryption()?,
            hidden: self.hidden,
            max_stations: self.max_stations,
        })
    }
}

/// The password is not shown.
impl fmt::Debug for AccessPointConfig<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessPointConfig")
            .field("ssid", &Ssid::new(self.ssid))
            .field("password", &Secret(self.password))
            .field("channel", &self.channel)
            .field("security", &self.security)
            .field("hidden", &self.hidden)
            .field("max_stations", &self.max_stations)
            .finish()
    }
}

/// The access point that was started, for starting it again after the modem
/// has restarted.
#[derive(Clone)]
pub(crate) struct AccessPointMemory {
    ssid: Ssid,
    password: Text<{ MAX_PASSWORD as usize }>,
    channel: u8,
    encryption: u8,
    hidden: bool,
    max_stations: Option<u8>,
}

impl AccessPointMemory {
    pub(crate) fn command(&self, dialect: &'static Dialect) -> cmd::AccessPoint<'_> {
        cmd::AccessPoint {
            ssid: self.ssid.as_bytes(),
            password: Secret(self.password.as_bytes()),
            channel: self.channel,
            encryption: self.encryption,
            max_stations: self.max_stations.unwrap_or(dialect.max_stations),
            hidden: self.hidden,
            dialect,
        }
    }
}

/// The password is not shown.
impl fmt::Debug for AccessPointMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessPointMemory")
            .field("ssid", &self.ssid)
            .finish_non_exhaustive()
    }
}
