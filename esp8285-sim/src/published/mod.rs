//! Exchanges with real modems that their users have published, for tests of drivers.
//!
//! ```
//! use esp8285_sim::{Direction, published};
//!
//! for log in published::LOGS {
//!     for (direction, bytes) in log.transcript().unwrap().exchange() {
//!         if direction == Direction::FromModem {
//!             // parser.feed(&bytes)
//!             assert!(!bytes.is_empty());
//!         }
//!     }
//! }
//! ```
//!
//! Payloads a log does not show are `x`s of the right length. Where a log does not show what ended a line, it is CR
//! LF. The README says how far the simulator reproduces each.

use crate::dialect::Dialect;
use crate::transcript::{Transcript, TranscriptError};

/// A published exchange.
#[derive(Debug, Clone, Copy)]
pub struct Published {
    /// What it shows, in a word or two.
    pub name: &'static str,
    /// Where it stands: a repository on GitHub and the number of an issue, or a file.
    pub source: &'static str,
    /// The dialect that comes closest to the firmware it was taken from.
    pub dialect: Dialect,
    /// The exchange, in the forms a [`Transcript`] reads.
    pub text: &'static str,
}

impl Published {
    /// The exchange.
    ///
    /// # Errors
    ///
    /// None for the logs of [`LOGS`].
    pub fn transcript(&self) -> Result<Transcript, TranscriptError> {
        self.text.parse()
    }
}

/// The log of that name.
pub fn find(name: &str) -> Option<&'static Published> {
    LOGS.iter().find(|log| log.name == name)
}

macro_rules! logs {
    ($($name:literal $dialect:ident $source:literal)*) => {
        /// All of them.
        pub const LOGS: &[Published] = &[$(Published {
            name: $name,
            source: $source,
            dialect: Dialect::$dialect,
            text: include_str!(concat!($name, ".txt")),
        },)*];
    };
}

logs! {
    "join" NonOs1_6 "laanwj/k210-sdk-stuff, util/esp8266at/data/parses.txt"
    "urc-in-echo" NonOs1_6 "espressif/ESP8266_NONOS_SDK#59"
    "two-results" NonOs1_6 "espressif/ESP8266_NONOS_SDK#60"
    "send-timing" EspAt2_0 "espressif/esp-at#325"
    "late-result" NonOs1_7 "ARMmbed/mbed-os#11544"
    "no-announcement" EspAt2_1 "espressif/esp-at#294"
    "close-before-read" EspAt2_2 "espressif/esp-at#729"
    "tls-lengths" EspAt2_2 "espressif/esp-at#729"
    "udp" EspAt2_1 "espressif/esp-at#450"
    "join-busy" EspAt2_0 "espressif/esp-at#388"
    "restart" NonOs1_3 "ARMmbed/esp8266-driver#44"
    "boot" NonOs1_7 "sipeed/Maixduino#2"
    "old-frames" NonOs0_2x "ARMmbed/esp8266-driver#22"
    "frames-with-addresses" NonOs1_7 "espressif/esp-at#76"
    "udp-cut" EspAt2_1 "espressif/esp-at#323"
}
