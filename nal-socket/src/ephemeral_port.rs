//! Local ports for sockets whose user does not care.
//!
//! Some stacks take 0 for "any"; most want a number. A [`Network`](crate::Network) counts through the
//! dynamic range (RFC 6335, section 6) from a start that depends on the clock, so that sockets do not
//! get a port again that one still has, even on stacks that do not notice, and a restarted device does
//! not begin where it was.

use core::cell::Cell;

const FIRST: u16 = 49_152;
const COUNT: u16 = u16::MAX - FIRST + 1;

/// Who chooses a local port where the user did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ephemeral {
    /// The network: 49152 to 65535 in turn, the next one if it is taken. Works on any stack that can
    /// bind. The numbers can be guessed. The clock is read for the first one, also by a non-blocking
    /// socket.
    ByNetwork,
    /// The stack, when it is asked for port 0. Nobody is told which one it is.
    ByStack,
}

/// The next port to try, or none chosen yet.
pub(crate) struct Ports(Cell<Option<u16>>);

impl Ports {
    pub(crate) const fn new() -> Self {
        Self(Cell::new(None))
    }

    /// A port that has not been given out lately. `now` is asked the first time only.
    pub(crate) fn next(&self, now: impl FnOnce() -> u64) -> u16 {
        let port = self.0.get().unwrap_or_else(|| start(now()));
        self.0.set(Some(port.checked_add(1).unwrap_or(FIRST)));
        port
    }
}

/// Spreads clocks that are close together over the range.
fn start(now: u64) -> u16 {
    let spread = now.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32;
    let offset = u16::try_from(spread % u64::from(COUNT)).unwrap_or(0);
    FIRST.saturating_add(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_port_of_the_range_comes_once_before_one_comes_again() {
        let ports = Ports::new();
        let mut seen = [false; COUNT as usize];
        for _ in 0..COUNT {
            let port = ports.next(|| 123_456_789);
            let seen = &mut seen[usize::from(port - FIRST)];
            assert!(!*seen, "{port} came twice");
            *seen = true;
        }
    }

    #[test]
    fn the_clock_is_read_once_and_its_microseconds_matter() {
        let first = |now| Ports::new().next(|| now);
        assert_ne!(first(1_000_000), first(1_000_001));
        let ports = Ports::new();
        let port = ports.next(|| 5);
        assert_eq!(ports.next(|| panic!("asked again")), port + 1);
    }
}
