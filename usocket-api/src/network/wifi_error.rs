//! What can go wrong with Wi-Fi, and which number a script sees.

use core::fmt;

use nal_socket::ErrorKind;

use crate::errno;
use crate::os_error::OSError;
use crate::profile::Profile;

/// What went wrong, as a [`WifiStack`](super::WifiStack) says it. Each has a number of its own, but for
/// the arguments, which are all `EINVAL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum WifiErrorKind {
    /// The name cannot be one here; nothing was sent. `EINVAL`.
    InvalidSsid,
    /// The key cannot be one here; nothing was sent. `EINVAL`.
    InvalidKey,
    /// The channel cannot be used; nothing was sent. `EINVAL`.
    InvalidChannel,
    /// Another argument cannot be right; nothing was sent. `EINVAL`.
    InvalidInput,
    /// The access point does not accept the key. `EACCES`.
    WrongKey,
    /// No access point of that name is in range. `ENETUNREACH`.
    NoSuchAccessPoint,
    /// The access point, or its DHCP server, did not answer in time. `ETIMEDOUT`.
    NoAnswer,
    /// Joining failed otherwise. `ECONNREFUSED`.
    JoinFailed,
    /// The radio itself does not answer, or the way to it is broken. `ENODEV`.
    NoRadio,
    /// The radio restarted meanwhile. `ECONNRESET`.
    Restarted,
    /// The radio cannot do it at this moment. `EAGAIN`.
    NotNow,
    /// The radio or its firmware has no such thing. `EOPNOTSUPP`.
    Unsupported,
    /// Anything else. `EIO`.
    Other,
}

impl WifiErrorKind {
    const fn message(self) -> &'static str {
        match self {
            Self::InvalidSsid => "the ssid must have 1 to 32 bytes",
            Self::InvalidKey => "the key must have 8 to 63 bytes, or 64 hexadecimal digits",
            Self::InvalidChannel => "the channel must be 1 to 13",
            Self::InvalidInput => "an argument is not valid",
            Self::WrongKey => "the access point does not accept the key; check it",
            Self::NoSuchAccessPoint => {
                "no access point with this ssid is in range; check the name and whether it sends on 2.4 GHz"
            }
            Self::NoAnswer => {
                "the access point did not answer in time, or gave no address; move closer or try again"
            }
            Self::JoinFailed => {
                "the access point turned the station away; check its security settings, or try again"
            }
            Self::NoRadio => {
                "the radio does not answer; check its power, enable pin, wiring and baud rate"
            }
            Self::Restarted => {
                "the radio restarted meanwhile; try again, and check its power supply"
            }
            Self::NotNow => "the radio cannot do that now; try again in some seconds",
            Self::Unsupported => {
                "the radio or its firmware cannot do that; newer firmware may be able to"
            }
            Self::Other => "the radio reported an error",
        }
    }
}

/// What a [`WifiStack`](super::WifiStack) reports: what went wrong, and a sentence about it.
///
/// ```
/// use usocket_api::network::{WifiError, WifiErrorKind};
///
/// let error = WifiError::new(WifiErrorKind::InvalidChannel).with_message("channels are 1 to 11 here");
/// assert_eq!(error.to_string(), "channels are 1 to 11 here");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct WifiError {
    kind: WifiErrorKind,
    message: &'static str,
}

impl WifiError {
    /// An error with the kind's own sentence.
    #[must_use]
    pub const fn new(kind: WifiErrorKind) -> Self {
        let message = kind.message();
        Self { kind, message }
    }

    /// The same with another sentence, which says what to do.
    #[must_use]
    pub const fn with_message(mut self, message: &'static str) -> Self {
        self.message = message;
        self
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> WifiErrorKind {
        self.kind
    }

    /// The sentence.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        self.message
    }

    /// The exception.
    pub(super) fn os_error(self, profile: &Profile) -> OSError {
        use WifiErrorKind as Wifi;
        let message = self.message;
        let socket = |kind| OSError::kind_with(profile, kind, message);
        match self.kind {
            Wifi::InvalidSsid | Wifi::InvalidKey | Wifi::InvalidChannel | Wifi::InvalidInput => {
                OSError::invalid(message)
            }
            Wifi::WrongKey => OSError::of(&errno::EACCES, profile, message),
            Wifi::NoSuchAccessPoint => OSError::of(&errno::ENETUNREACH, profile, message),
            Wifi::NoRadio => OSError::of(&errno::ENODEV, profile, message),
            Wifi::NoAnswer => socket(ErrorKind::TimedOut),
            Wifi::JoinFailed => socket(ErrorKind::ConnectionRefused),
            Wifi::Restarted => socket(ErrorKind::ConnectionReset),
            Wifi::NotNow => socket(ErrorKind::WouldBlock),
            Wifi::Unsupported => socket(ErrorKind::NotSupported),
            Wifi::Other => socket(ErrorKind::Other),
        }
    }
}

impl From<WifiErrorKind> for WifiError {
    fn from(kind: WifiErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for WifiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message)
    }
}

impl core::error::Error for WifiError {}
