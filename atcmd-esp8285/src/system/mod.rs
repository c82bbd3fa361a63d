//! The modem itself: its serial line, restarts, sleep, clock, memory, version.
//!
//! ```no_run
//! use atcmd_esp8285::system::SerialMode;
//! use atcmd_esp8285::{Clock, Esp8285, Uart};
//!
//! fn example<U: Uart, C: Clock>(wifi: &mut Esp8285<U, C>) -> Result<(), Box<dyn core::error::Error>> {
//!     let version = wifi.wait(|wifi| wifi.version())?;
//!     println!("{:?} with {:?} bytes free", version.at(), wifi.wait(|wifi| wifi.free_memory())?.free);
//!
//!     fn set<U>(_uart: &mut U, _mode: SerialMode) -> Result<(), embedded_io::ErrorKind> {
//!         Ok(()) // tell the UART here
//!     }
//!     wifi.wait(|wifi| wifi.switch_baud(921_600, set::<U>))?;
//!
//!     wifi.wait(|wifi| wifi.join("ssid", "password"))?;
//!     println!("{} ms", wifi.wait(|wifi| wifi.ping("example.com"))?.milliseconds);
//!
//!     wifi.wait(|wifi| wifi.set_time_servers(0, &["pool.ntp.org"]))?;
//!     if let Ok(time) = wifi.wait(|wifi| wifi.network_time()) {
//!         println!("{} s since 1970", time.seconds());
//!     }
//!     Ok(())
//! }
//! ```
//!
//! | call | NonOS 0.2x | 1.1-1.3 | 1.4-1.7 | ESP-AT 2.x | ESP_ATMod |
//! |---|---|---|---|---|---|
//! | [`switch_baud`](crate::Esp8285::switch_baud) | - | yes | yes | yes | yes |
//! | [`reset`](crate::Esp8285::reset) | yes | yes | yes | yes, even while busy | yes |
//! | [`restore`](crate::Esp8285::restore) | - | yes | yes | yes | yes |
//! | [`version`](crate::Esp8285::version) | yes | yes | yes | yes | yes |
//! | [`free_memory`](crate::Esp8285::free_memory) | - | - | yes | yes, with its lowest | yes |
//! | [`ping`](crate::Esp8285::ping) | - | yes | yes | yes | - |
//! | [`set_time_servers`](crate::Esp8285::set_time_servers), [`network_time`](crate::Esp8285::network_time) | - | - | yes | yes | yes |
//! | [`sleep_mode`](crate::Esp8285::sleep_mode) | - | yes | yes | yes | - |
//! | [`deep_sleep`](crate::Esp8285::deep_sleep) | yes | yes | yes | yes | - |
//!
//! A dash is [`ModemError::Unsupported`](crate::ModemError::Unsupported),
//! before anything is sent. All calls are non-blocking: they say `WouldBlock`
//! and are repeated with the same arguments.
//!
//! # Why there is no transparent mode
//!
//! ESP-AT can turn its UART into a pipe to one peer (`AT+CIPMODE=1`). This
//! driver never does, on purpose:
//!
//! * it works with one connection only, and with links not numbered;
//! * nothing on the wire is framed, so what a restarting modem prints reaches
//!   the application as data, and `CLOSED` or a lost access point are either
//!   not announced or cannot be told from data;
//! * no send is ever confirmed or refused, so lost data is lost in silence;
//! * the way out is `+++` between two silences and is not answered: whether
//!   the modem is listening again is a guess, and a pause in the data around
//!   three plus signs is a way out nobody meant;
//! * without RTS/CTS the modem drops what the network cannot take in time.
//!
//! What it would save is small: passive mode costs 3.5 % of the wire on NonOS
//! and 1.5 % on ESP-AT. A modem that an earlier program left in this mode is
//! brought out of it at start-up.

mod baud;
mod memory;
#[cfg(feature = "embedded-hal-v1")]
mod pin;
mod ping;
mod reset;
mod sleep;
mod time;
mod version;

pub use baud::{BaudError, FlowControl, SerialMode, SetSerial};
pub use memory::Memory;
#[cfg(feature = "embedded-hal-v1")]
pub use pin::PinResetError;
pub use ping::{Host, PingError, RoundTrip};
pub use sleep::SleepMode;
pub use time::{MAX_TIME_SERVERS, NetworkTime, TimeError};
pub use version::{Release, Version};
