//! What can be ready: the events of [`poll`](crate::poll), with the numbers that POSIX and MicroPython
//! give them.
//!
//! ```
//! use nal_socket::Events;
//!
//! let interest = Events::IN | Events::OUT;
//! assert_eq!(interest.bits(), 5);
//! assert!(interest.contains(Events::OUT));
//! assert!(!interest.intersects(Events::ERR | Events::HUP));
//! assert_eq!(interest.to_string(), "IN|OUT");
//! assert_eq!(Events::NONE.to_string(), "none");
//! ```

use core::fmt;
use core::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign, Sub, SubAssign};

/// A set of events.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Events(u8);

impl Events {
    /// No event.
    pub const NONE: Self = Self(0);
    /// Receiving or accepting would not wait: there are bytes, a datagram, the end of the stream, a
    /// connection or an error to be had.
    pub const IN: Self = Self(1);
    /// Sending would not wait, as far as can be told.
    pub const OUT: Self = Self(4);
    /// An error waits for the next operation. Reported whatever the interest is.
    pub const ERR: Self = Self(8);
    /// There is no connection: not yet, or not any more. Reported whatever the interest is.
    pub const HUP: Self = Self(16);
    /// The socket was closed by this program. Reported whatever the interest is.
    pub const NVAL: Self = Self(32);
    /// What is reported whatever the interest is.
    pub const ALWAYS: Self = Self::ERR.union(Self::HUP).union(Self::NVAL);

    const NAMES: [(Self, &'static str); 5] = [
        (Self::IN, "IN"),
        (Self::OUT, "OUT"),
        (Self::ERR, "ERR"),
        (Self::HUP, "HUP"),
        (Self::NVAL, "NVAL"),
    ];

    /// The events of these bits; `None` if a bit stands for nothing.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Option<Self> {
        let all = Self::IN.union(Self::OUT).union(Self::ALWAYS);
        if bits & !all.0 == 0 {
            Some(Self(bits))
        } else {
            None
        }
    }

    /// As the number that POSIX and MicroPython use.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether there is no event in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether all of `other` are in it.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Whether any of `other` is in it.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is in either; `|` where a constant is needed.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These events if `condition`, else none.
    pub(crate) const fn when(self, condition: bool) -> Self {
        if condition { self } else { Self::NONE }
    }
}

impl BitOr for Events {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        self.union(other)
    }
}

impl BitOrAssign for Events {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAnd for Events {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitAndAssign for Events {
    fn bitand_assign(&mut self, other: Self) {
        *self = *self & other;
    }
}

/// What is in the first and not in the second.
impl Sub for Events {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl SubAssign for Events {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl fmt::Display for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        let mut separator = "";
        for (event, name) in Self::NAMES {
            if self.contains(event) {
                write!(f, "{separator}{name}")?;
                separator = "|";
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Events({self})")
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use super::Events;
    use std::format;

    #[test]
    fn numbers_are_those_of_posix_and_micropython() {
        let bits = [
            Events::IN,
            Events::OUT,
            Events::ERR,
            Events::HUP,
            Events::NVAL,
        ]
        .map(Events::bits);
        assert_eq!(bits, [1, 4, 8, 16, 32]);
        assert_eq!(Events::ALWAYS.bits(), 8 + 16 + 32);
    }

    #[test]
    fn only_bits_that_mean_something_are_events() {
        for bits in 0..=u8::MAX {
            let events = Events::from_bits(bits);
            assert_eq!(events.is_some(), bits & (2 | 64 | 128) == 0);
            if let Some(events) = events {
                assert_eq!(events.bits(), bits);
            }
        }
    }

    #[test]
    fn sets_combine() {
        let mut set = Events::IN | Events::OUT;
        set |= Events::ERR;
        assert_eq!(set.bits(), 13);
        assert_eq!((set & (Events::OUT | Events::HUP)).bits(), 4);
        assert_eq!((set - Events::OUT).bits(), 9);
        set -= Events::IN | Events::NVAL;
        set &= Events::ERR;
        assert_eq!(set, Events::ERR);
        assert!(set.contains(Events::NONE) && !set.intersects(Events::NONE));
    }

    #[test]
    fn they_read_well() {
        let all = Events::IN | Events::OUT | Events::ALWAYS;
        assert_eq!(format!("{all}"), "IN|OUT|ERR|HUP|NVAL");
        assert_eq!(format!("{:?}", Events::HUP), "Events(HUP)");
        assert_eq!(format!("{:?}", Events::default()), "Events(none)");
    }
}
