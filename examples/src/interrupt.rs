//! Ctrl-C ends what waits, as `KeyboardInterrupt` does in Python.
//!
//! After [`on_ctrl_c`] the first Ctrl-C makes every socket operation that would
//! wait fail with `EINTR`, so that a server comes out of its loop and closes its
//! sockets. The second one ends the program at once.

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::failure::Failure;

static ASKED: AtomicBool = AtomicBool::new(false);

/// What shells report of a program ended by Ctrl-C.
const KILLED: i32 = 130;

/// From now on Ctrl-C interrupts sockets, not the program.
///
/// # Errors
/// Signals cannot be had, or were asked for before.
pub fn on_ctrl_c() -> Result<(), Failure> {
    let handler = || {
        if ASKED.swap(true, Ordering::SeqCst) {
            process::exit(KILLED);
        }
    };
    ctrlc::set_handler(handler).map_err(|error| Failure::Other(error.to_string()))
}

/// Whether Ctrl-C was pressed.
#[must_use]
pub fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
