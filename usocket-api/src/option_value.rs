//! The value argument of `setsockopt`: a number, bytes, or `None`.
//!
//! ```
//! use usocket_api::OptionValue;
//!
//! // A C `int`, for a script that packs one.
//! assert_eq!(OptionValue::from(&1_i32.to_le_bytes()), OptionValue::Bytes(&[1, 0, 0, 0]));
//! assert_eq!(OptionValue::from(true), OptionValue::Number(1));
//! ```
//!
//! Limits: bytes that stand for a number are four, least significant first, as on every board that
//! these documents are for.

use crate::os_error::OSError;

/// What an option is set to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OptionValue<'v> {
    /// An integer; `True` and `False` are 1 and 0.
    Number(i64),
    /// Anything with bytes in it, text too.
    Bytes(&'v [u8]),
    /// Python's `None`, which only `SO_CALLBACK` takes.
    None,
}

impl<'v> OptionValue<'v> {
    pub(crate) const fn is_none(self) -> bool {
        matches!(self, Self::None)
    }

    pub(crate) fn number(self) -> Result<i64, OSError> {
        match self {
            Self::Number(number) => Ok(number),
            Self::Bytes(bytes) => match <[u8; 4]>::try_from(bytes) {
                Ok(bytes) => Ok(i32::from_le_bytes(bytes).into()),
                Err(_) => Err(OSError::invalid(
                    "the value of this option is a number, or the four bytes of one",
                )),
            },
            Self::None => Err(OSError::invalid("the value of this option is a number")),
        }
    }

    pub(crate) fn flag(self) -> Result<bool, OSError> {
        Ok(self.number()? != 0)
    }

    pub(crate) const fn bytes(self) -> Option<&'v [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Number(_) | Self::None => None,
        }
    }
}

impl From<i64> for OptionValue<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<i32> for OptionValue<'_> {
    fn from(number: i32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u32> for OptionValue<'_> {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<u16> for OptionValue<'_> {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

impl From<u8> for OptionValue<'_> {
    fn from(number: u8) -> Self {
        Self::Number(number.into())
    }
}

impl From<bool> for OptionValue<'_> {
    fn from(flag: bool) -> Self {
        Self::Number(flag.into())
    }
}

impl<'v> From<&'v [u8]> for OptionValue<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'v, const N: usize> From<&'v [u8; N]> for OptionValue<'v> {
    fn from(bytes: &'v [u8; N]) -> Self {
        Self::Bytes(bytes)
    }
}

#[cfg(feature = "alloc")]
impl<'v> From<&'v alloc::vec::Vec<u8>> for OptionValue<'v> {
    fn from(bytes: &'v alloc::vec::Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'v> From<&'v str> for OptionValue<'v> {
    fn from(text: &'v str) -> Self {
        Self::Bytes(text.as_bytes())
    }
}

impl From<Option<i32>> for OptionValue<'_> {
    fn from(number: Option<i32>) -> Self {
        number.map_or(Self::None, Self::from)
    }
}
