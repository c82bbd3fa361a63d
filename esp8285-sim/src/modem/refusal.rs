//! Why a command is answered with ERROR.

/// The two ways the families explain an ERROR: NonOS in a line before it, ESP-AT in a code (with `SYSLOG=1`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) reason: Option<&'static str>,
    pub(super) code: Option<u8>,
}

/// ERROR and nothing else.
pub(super) const PLAIN: Refusal = Refusal {
    reason: None,
    code: None,
};

impl Refusal {
    const fn coded(code: u8) -> Self {
        Self {
            reason: None,
            code: Some(code),
        }
    }

    /// With a line NonOS prints.
    pub(super) const fn because(reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            code: None,
        }
    }

    /// Adds the line NonOS prints.
    pub(super) const fn and(self, reason: &'static str) -> Self {
        Self {
            reason: Some(reason),
            code: self.code,
        }
    }

    /// The line does not begin with AT, or is too long.
    pub(super) const fn no_at() -> Self {
        Self::coded(0x03)
    }

    /// A parameter is too long.
    pub(super) const fn length() -> Self {
        Self::coded(0x04)
    }

    /// A parameter is of the wrong type.
    pub(super) const fn kind() -> Self {
        Self::coded(0x05)
    }

    /// Too few or too many parameters.
    pub(super) const fn count() -> Self {
        Self::coded(0x06)
    }

    /// A parameter is out of range.
    pub(super) const fn value() -> Self {
        Self::coded(0x07)
    }

    /// The parameters cannot be read.
    pub(super) const fn parse() -> Self {
        Self::coded(0x08)
    }

    /// There is no such command.
    pub(super) const fn unsupported() -> Self {
        Self::coded(0x09)
    }
}

/// The code of `busy p...`.
pub(super) const BUSY_CODE: u8 = 0x0b;
