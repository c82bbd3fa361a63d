//! `Debug` for what holds text: sizes and states, never the text itself.
//!
//! A command line holds passwords, an echo of it can stand in the input, and
//! payload is nobody's business but its reader's.

use core::fmt;

use super::control::Control;
use super::exchange::Line;
use super::input::Input;
use super::ring::Ring;
use super::staging::Staging;

impl fmt::Debug for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("purpose", &self.owner.0)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Line({} bytes)", self.bytes().len())
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input")
            .field("sink", &self.sink)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Staging {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Staging")
            .field("owner", &self.owner())
            .field("bytes", &self.bytes().len())
            .finish_non_exhaustive()
    }
}

impl<const RX: usize> fmt::Debug for Ring<RX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ring({} bytes free)", self.free())
    }
}
