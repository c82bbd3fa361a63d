//! The firmware lineages and everything in which they differ, as one table.
//!
//! ```
//! use esp8285_sim::Dialect;
//!
//! let dialect: Dialect = "esp-at-2.2".parse().unwrap();
//! assert_eq!(dialect, Dialect::EspAt2_2);
//! assert_eq!(Dialect::NonOs1_7.to_string(), "nonos-1.7");
//! ```
//!
//! Code asks the table ([`Profile`], internal), never the name, so another firmware version is another row.

mod esp_at;
mod nonos;
mod profile;

use std::fmt;
use std::str::FromStr;

pub(crate) use profile::{Family, Profile, ReadHeader, Refused, ServerStop};

/// Which firmware the modem runs.
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The AT firmware 0.2x of the first SDKs (reports `0020000903`): no `_CUR`, no Wi-Fi messages, no escapes.
    NonOs0_2x,
    /// NonOS AT 1.3 (reports 1.3.0.0).
    NonOs1_3,
    /// NonOS AT 1.6 (reports 1.6.2.0), the last without passive receiving.
    NonOs1_6,
    /// NonOS AT 1.7 (reports 1.7.4.0), as on the Maix boards.
    NonOs1_7,
    /// ESP-AT 2.0 (reports 2.0.0.0), the first built on the RTOS SDK.
    EspAt2_0,
    /// ESP-AT 2.1 (reports 2.1.0.0).
    EspAt2_1,
    /// ESP-AT 2.2 (reports 2.2.1.0).
    EspAt2_2,
    /// ESP-AT 2.3 (reports 2.3.0.0).
    EspAt2_3,
    /// ESP_ATMod 0.5.0, a third party's firmware that speaks most of NonOS 1.7 (reports 1.7.0.0).
    EspAtMod,
}

impl Dialect {
    /// All of them.
    pub const ALL: &'static [Dialect] = &[
        Dialect::NonOs0_2x,
        Dialect::NonOs1_3,
        Dialect::NonOs1_6,
        Dialect::NonOs1_7,
        Dialect::EspAt2_0,
        Dialect::EspAt2_1,
        Dialect::EspAt2_2,
        Dialect::EspAt2_3,
        Dialect::EspAtMod,
    ];

    pub(crate) fn profile(self) -> &'static Profile {
        match self {
            Dialect::NonOs0_2x => &nonos::NONOS_0_2X,
            Dialect::NonOs1_3 => &nonos::NONOS_1_3,
            Dialect::NonOs1_6 => &nonos::NONOS_1_6,
            Dialect::NonOs1_7 => &nonos::NONOS_1_7,
            Dialect::EspAt2_0 => &esp_at::ESP_AT_2_0,
            Dialect::EspAt2_1 => &esp_at::ESP_AT_2_1,
            Dialect::EspAt2_2 => &esp_at::ESP_AT_2_2,
            Dialect::EspAt2_3 => &esp_at::ESP_AT_2_3,
            Dialect::EspAtMod => &nonos::ESP_ATMOD,
        }
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.profile().name)
    }
}

/// A name that is no [`Dialect`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownDialect(String);

impl fmt::Display for UnknownDialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown dialect {:?}; known are", self.0)?;
        for (i, dialect) in Dialect::ALL.iter().enumerate() {
            write!(f, "{} {dialect}", if i == 0 { "" } else { "," })?;
        }
        Ok(())
    }
}

impl std::error::Error for UnknownDialect {}

impl FromStr for Dialect {
    type Err = UnknownDialect;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Dialect::ALL
            .iter()
            .find(|dialect| dialect.profile().name == name);
        found
            .copied()
            .ok_or_else(|| UnknownDialect(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_both_ways() {
        for &dialect in Dialect::ALL {
            assert_eq!(dialect.to_string().parse(), Ok(dialect));
        }
        let error = "nonos".parse::<Dialect>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown dialect \"nonos\"; known are nonos-0.2x, nonos-1.3, nonos-1.6, nonos-1.7, esp-at-2.0, esp-at-2.1, \
             esp-at-2.2, esp-at-2.3, esp-atmod"
        );
    }
}
