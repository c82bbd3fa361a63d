//! How a network is protected: MaixPy's constants, typed.

/// How a network is protected.
///
/// The numbers are those of the ESP8266's firmware, which MaixPy's constants have and its `scan` prints; a
/// stack for another radio translates. A plain number is accepted wherever a script would write one.
///
/// ```
/// use usocket_api::network::{OPEN, Security, WPA2_PSK};
///
/// assert_eq!((OPEN.raw(), WPA2_PSK.raw()), (0, 3));
/// assert_eq!(Security::from(3), WPA2_PSK);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Security(i32);

/// No protection at all.
pub const OPEN: Security = Security(0);
/// WPA with a key.
pub const WPA_PSK: Security = Security(2);
/// WPA2 with a key.
pub const WPA2_PSK: Security = Security(3);
/// WPA and WPA2 with a key.
pub const WPA_WPA2_PSK: Security = Security(4);

impl Security {
    /// WEP, which can be broken in minutes. MaixPy has no name for this and the following.
    pub const WEP: Self = Self(1);
    /// WPA2 with a user name.
    pub const WPA2_ENTERPRISE: Self = Self(5);
    /// WPA3 with a key.
    pub const WPA3_PSK: Self = Self(6);
    /// WPA2 and WPA3 with a key.
    pub const WPA2_WPA3_PSK: Self = Self(7);

    /// The number.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.0
    }
}

impl From<i32> for Security {
    /// Any number; whether it means something is checked where it is used.
    fn from(raw: i32) -> Self {
        Self(raw)
    }
}
