//! What can go wrong with Wi-Fi operations other than joining.

use core::fmt;

use embedded_io::ErrorKind;

use crate::at::escape::InvalidText;
use crate::error::ModemError;

/// Why a scan failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ScanError {
    /// The modem cannot scan now: it is busy joining, or its radio is off.
    Refused,
    /// The scan is complete, but this many of its entries were not handed
    /// over: they came damaged, or nobody called `scan` for a tenth of a
    /// second while there was no more room for them.
    Missed(u32),
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused => f.write_str("the modem cannot scan now: try again in some seconds"),
            Self::Missed(n) => write!(
                f,
                "{n} entries of the list were missed: call more often while it comes"
            ),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for ScanError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Refused => ErrorKind::Other,
            Self::Missed(_) => ErrorKind::InvalidData,
            Self::Modem(e) => e.kind(),
        }
    }
}

/// Why something about the modem's own access point failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum AccessPointError {
    /// The network name cannot be sent; nothing was sent.
    InvalidSsid(InvalidText),
    /// The password cannot be sent; nothing was sent.
    InvalidPassword(InvalidText),
    /// The password has less than 8 bytes; nothing was sent.
    PasswordTooShort,
    /// The firmware's access point knows no such security; nothing was sent.
    InvalidSecurity,
    /// The channel is not 1 to 13; nothing was sent.
    InvalidChannel,
    /// The firmware takes 1 to this many stations; nothing was sent.
    InvalidLimit(u8),
    /// The modem refused this command; what came before it was taken back.
    Refused(&'static str),
    /// The list is complete, but this many of its entries were not handed
    /// over, as [`ScanError::Missed`].
    Missed(u32),
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for AccessPointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSsid(why) => write!(f, "the access point's SSID {why}"),
            Self::InvalidPassword(why) => write!(f, "the access point's password {why}"),
            Self::PasswordTooShort => f.write_str(
                "the access point's password needs at least 8 bytes (none at all makes it open)",
            ),
            Self::InvalidSecurity => {
                f.write_str("the access point's security must be WPA, WPA2 or both")
            }
            Self::InvalidChannel => f.write_str("the channel must be 1 to 13"),
            Self::InvalidLimit(max) => {
                write!(f, "this firmware takes 1 to {max} stations")
            }
            Self::Refused(command) => write!(f, "the modem refused {command}"),
            Self::Missed(n) => write!(
                f,
                "{n} entries of the list were missed: call more often while it comes"
            ),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for AccessPointError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidSsid(_)
            | Self::InvalidPassword(_)
            | Self::PasswordTooShort
            | Self::InvalidSecurity
            | Self::InvalidChannel
            | Self::InvalidLimit(_) => ErrorKind::InvalidInput,
            Self::Refused(_) => ErrorKind::Other,
            Self::Missed(_) => ErrorKind::InvalidData,
            Self::Modem(e) => e.kind(),
        }
    }
}

/// Why a setting could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SettingError {
    /// The text cannot be sent; nothing was sent.
    InvalidText(InvalidText),
    /// The value is out of range, as described; nothing was sent.
    InvalidValue(&'static str),
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for SettingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidText(why) => write!(f, "the text {why}"),
            Self::InvalidValue(why) => f.write_str(why),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for SettingError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidText(_) | Self::InvalidValue(_) => ErrorKind::InvalidInput,
            Self::Modem(e) => e.kind(),
        }
    }
}

impl core::error::Error for ScanError {}
impl core::error::Error for AccessPointError {}
impl core::error::Error for SettingError {}

impl From<ModemError> for ScanError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}
impl From<ModemError> for AccessPointError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}
impl From<ModemError> for SettingError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}
