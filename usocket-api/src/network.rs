//! The `network` module: a Wi-Fi interface, on every radio.
//!
//! A script makes a `nic` and connects it, then its sockets work. Here the nic is a [`Nic`], made from the
//! same [`Network`](nal_socket::Network) as the sockets; it works on every stack that is a [`WifiStack`],
//! such as `atcmd-esp8285` with its feature `usocket-api`.
//!
//! ```
//! use atcmd_esp8285::{Esp8285, socket_policy};
//! use usocket_api::network::{Nic, WPA2_PSK};
//! use usocket_api::{MAIXPY, USocket};
//! # use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, Silent};
//! # use nal_socket::{Hooks, Idle};
//!
//! # let air = Air::new().ap(AccessPoint::new("Sipeed_2.4G", "------")).ap(AccessPoint::new("cafe", "").open().channel(11));
//! # let internet = MemoryNetwork::new();
//! # internet.listen("192.168.0.183:3456".parse().unwrap(), || Box::new(Silent));
//! # let bench = Bench::new(Modem::new(Dialect::NonOs1_7, air, internet), BenchConfig::default());
//! # let (uart, clock) = (bench.uart(), || bench.now());
//! # let platform = Hooks::new(|| bench.now(), |until| { bench.idle(until); Idle::Continue });
//! let network = socket_policy::network(Esp8285::new(uart, clock), platform);
//! let nic = Nic::new(&network, MAIXPY);
//! nic.connect("Sipeed_2.4G", "------")?;
//! assert!(nic.isconnected()?);
//!
//! let (ip, netmask, gateway, dns, _, mac, ssid) = nic.ifconfig()?.as_tuple();
//! assert_eq!(ip.to_string(), "192.168.1.77");
//! assert_eq!(ssid.to_string(), "Sipeed_2.4G");
//! # let _ = (netmask, gateway, dns, mac);
//!
//! let sock = &mut USocket::new(&network, MAIXPY).socket();
//! sock.connect(("192.168.0.183", 3456))?;
//!
//! let mut open = 0;
//! nic.scan_each(|found| {
//!     open += usize::from(found.security != WPA2_PSK);
//!     assert!(found.to_string().starts_with("0,\"cafe\",-58,\"") || found.security == WPA2_PSK);
//! })?;
//! assert_eq!(open, 1);
//! # Ok::<(), usocket_api::OSError>(())
//! ```
//!
//! Every call that waits lets the network's idle hook run and ends after a documented time, and sockets
//! keep what they receive meanwhile.
//!
//! Limits: one interface, IPv4, personal security (a key, no user names). The differences from the ports'
//! modules are rows of [`differences`](crate::differences).

mod access_point;
mod if_config;
mod key;
mod names;
mod nic;
mod nic_wait;
mod scan_entry;
mod security;
mod wifi_error;
mod wifi_stack;

pub use access_point::ApConfig;
pub use if_config::IfConfig;
pub use key::Key;
pub use names::{MacAddr, Ssid};
pub use nic::{ANSWER_TIMEOUT, CONNECT_TIMEOUT, Nic};
pub use scan_entry::ScanEntry;
pub use security::{OPEN, Security, WPA_PSK, WPA_WPA2_PSK, WPA2_PSK};
pub use wifi_error::{WifiError, WifiErrorKind};
pub use wifi_stack::{Addresses, Join, Joined, WifiStack};
