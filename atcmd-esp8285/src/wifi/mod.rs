//! Wi-Fi: the station, scanning, the modem's own access point.
//!
//! All of it is methods of [`Esp8285`](crate::Esp8285), of the `nb` kind: call
//! again with the same arguments until the answer is there, or let
//! [`wait`](crate::Esp8285::wait) do that.
//!
//! ```no_run
//! use atcmd_esp8285::wifi::{JoinOptions, ScanOptions};
//! use atcmd_esp8285::{Clock, Esp8285, Uart};
//!
//! fn join_strongest(
//!     wifi: &mut Esp8285<impl Uart, impl Clock>,
//!     ssid: &str,
//!     password: &str,
//! ) -> Result<(), Box<dyn core::error::Error>> {
//!     let mut best = None;
//!     wifi.wait(|wifi| {
//!         wifi.scan(&ScanOptions::new().ssid(ssid), |network| {
//!             if best.is_none_or(|best: i8| network.rssi > best) {
//!                 best = Some(network.rssi);
//!             }
//!         })
//!     })?;
//!     let options = JoinOptions::new(ssid, password).timeout(30);
//!     wifi.wait(|wifi| wifi.join_with(&options))?;
//!     Ok(())
//! }
//! ```
//!
//! The modem does one of these things at a time, and while it joins or scans
//! it takes no other command; data for open sockets keeps coming in as far as
//! the modem passes it on. A firmware that lacks something is an error
//! ([`ModemError::Unsupported`](crate::ModemError::Unsupported)) before
//! anything is sent; what each can do is the table of
//! [`Capability`](crate::Capability).
//!
//! # Flash
//! Settings are made in the form that is not written to the modem's flash:
//! `_CUR` on NonOS 1.x, `AT+SYSSTORE=0` (sent at start-up) on ESP-AT from 2.1.
//! NonOS 0.2x and ESP-AT 2.0 have no such form; there they are kept over a
//! power cycle. [`set_auto_join`](crate::Esp8285::set_auto_join) is always in
//! flash.
//!
//! # After a modem restart
//! The driver repeats the Wi-Fi mode and the access point that was started.
//! It does not join again, and static addresses, DNS servers, host name, MAC
//! and DHCP settings are the modem's own again:
//! [`Event::Restarted`](crate::Event::Restarted) says when to repeat them.

mod access_point;
mod access_point_config;
mod address;
mod error;
mod join;
mod mac;
mod scan;
mod settings;
mod stations;
mod status;
mod text;

pub use access_point::AccessPointStatus;
pub use access_point_config::AccessPointConfig;
pub(crate) use access_point_config::AccessPointMemory;
pub(crate) use address::parse_addresses;
pub use address::{Addresses, Interface, InterfaceAddresses, Ipv4Config};
pub use error::{AccessPointError, ScanError, SettingError};
pub use join::{JoinOptions, MAX_PASSWORD, MAX_SSID};
pub use mac::{InvalidMacAddress, MacAddress};
pub use scan::{Network, ScanOptions, Security};
pub use settings::{DhcpState, DnsServers, HostName};
pub use stations::AssociatedStation;
pub use status::{JoinedNetwork, StationStatus};
pub use text::Text;

/// A network name: any 0 to 32 bytes.
pub type Ssid = Text<{ MAX_SSID as usize }>;
