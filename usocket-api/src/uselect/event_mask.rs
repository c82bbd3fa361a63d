//! Event masks: the constants, typed, and the mask arguments of `register` and `modify`.

use core::ops::{BitAnd, BitAndAssign, BitOr, BitOrAssign};

use nal_socket::Events;

/// A set of events: what one waits for, or what is reported.
///
/// A plain number is accepted wherever a mask is. Bits that have no name here (2, `POLLPRI` elsewhere)
/// are kept and mean nothing, as on the ports: nothing is waited for or reported on their account.
///
/// ```
/// use usocket_api::uselect::{EventMask, POLLHUP, POLLIN, POLLOUT};
///
/// let event = EventMask::from(17);
/// assert!(event & POLLIN != 0);
/// assert!(event.has(POLLHUP) && !event.has(POLLOUT));
/// assert_eq!(event, POLLIN | POLLHUP);
/// assert_eq!((POLLIN | POLLOUT).raw(), 5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct EventMask(i32);

/// Receiving or accepting would not wait.
pub const POLLIN: EventMask = EventMask(1);
/// Sending would not wait, as far as can be told.
pub const POLLOUT: EventMask = EventMask(4);
/// An error waits for the next operation. Reported whatever the mask is.
pub const POLLERR: EventMask = EventMask(8);
/// There is no connection: not yet, or not any more. Reported whatever the mask is.
pub const POLLHUP: EventMask = EventMask(16);
/// The socket is closed. Reported whatever the mask is. (MicroPython reports it too, and has no name
/// for it.)
pub const POLLNVAL: EventMask = EventMask(32);

impl EventMask {
    /// No event.
    pub const NONE: Self = Self(0);

    /// The number.
    #[must_use]
    pub const fn raw(self) -> i32 {
        self.0
    }

    /// Whether any of `events` is in it.
    #[must_use]
    pub const fn has(self, events: Self) -> bool {
        self.0 & events.0 != 0
    }

    /// What of it can be waited for; the other events are reported in any case.
    pub(super) fn interest(self) -> Events {
        Events::from(self) & (Events::IN | Events::OUT)
    }
}

impl From<i32> for EventMask {
    fn from(raw: i32) -> Self {
        Self(raw)
    }
}

impl From<Events> for EventMask {
    fn from(events: Events) -> Self {
        Self(events.bits().into())
    }
}

/// Without the bits that mean nothing.
impl From<EventMask> for Events {
    fn from(mask: EventMask) -> Self {
        [
            Events::IN,
            Events::OUT,
            Events::ERR,
            Events::HUP,
            Events::NVAL,
        ]
        .into_iter()
        .filter(|event| mask.has((*event).into()))
        .fold(Events::NONE, Events::union)
    }
}

impl BitOr for EventMask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for EventMask {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl BitAnd for EventMask {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitAndAssign for EventMask {
    fn bitand_assign(&mut self, other: Self) {
        *self = *self & other;
    }
}

/// So that `event & POLLIN != 0` can be written.
impl PartialEq<i32> for EventMask {
    fn eq(&self, raw: &i32) -> bool {
        self.0 == *raw
    }
}

/// The mask argument of `register`: a mask, its number, or `None` for [`POLLIN`]` | `[`POLLOUT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Interest(EventMask);

impl From<EventMask> for Interest {
    fn from(mask: EventMask) -> Self {
        Self(mask)
    }
}

impl From<Option<EventMask>> for Interest {
    fn from(mask: Option<EventMask>) -> Self {
        Self(mask.unwrap_or(POLLIN | POLLOUT))
    }
}

impl From<i32> for Interest {
    fn from(raw: i32) -> Self {
        Self(raw.into())
    }
}

impl From<Events> for Interest {
    fn from(events: Events) -> Self {
        Self(events.into())
    }
}

impl From<Interest> for EventMask {
    fn from(interest: Interest) -> Self {
        interest.0
    }
}
