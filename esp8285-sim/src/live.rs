//! A modem in real time, on a thread of its own, with every byte paced at the baud rate.
//!
//! ```
//! use embedded_io::{Read, Write};
//! use esp8285_sim::{Air, Dialect, HostNetwork, Modem, live};
//!
//! let mut uart = live::spawn(|| Modem::new(Dialect::EspAt2_2, Air::new(), HostNetwork::new()), 115_200);
//! uart.write_all(b"ATE0\r\n").unwrap();
//! let mut answer = [0; 12];
//! uart.read_exact(&mut answer).unwrap();
//! assert_eq!(&answer, b"ATE0\r\n\r\nOK\r\n");
//! ```
//!
//! Limits: the operating system decides how punctual the thread is, so a burst can be torn in two, as it can on
//! any computer's serial port. Nothing is lost in the receive buffer, which is unbounded.

mod shared;
mod thread;
mod uart;

use std::sync::Arc;

use crate::bench::Direction;
use crate::modem::Modem;
use shared::Shared;
use thread::Trace;
pub use uart::LiveUart;

/// Starts a modem whose host uses that baud rate. The modem is built inside the thread.
pub fn spawn(build: impl FnOnce() -> Modem + Send + 'static, baud: u32) -> LiveUart {
    start(build, baud, None)
}

/// As [`spawn`], and reports every piece of traffic to `trace`, on the modem's thread.
pub fn spawn_traced(
    build: impl FnOnce() -> Modem + Send + 'static,
    baud: u32,
    trace: impl FnMut(u64, Direction, &[u8]) + Send + 'static,
) -> LiveUart {
    start(build, baud, Some(Box::new(trace)))
}

fn start(
    build: impl FnOnce() -> Modem + Send + 'static,
    baud: u32,
    trace: Option<Trace>,
) -> LiveUart {
    let shared = Arc::new(Shared::new(baud));
    let inside = Arc::clone(&shared);
    let handle = std::thread::spawn(move || {
        let _farewell = thread::Farewell(Arc::clone(&inside));
        thread::run(build(), &inside, trace);
    });
    LiveUart::new(shared, handle)
}
