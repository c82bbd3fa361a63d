#![doc = include_str!("../README.md")]
#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::unreachable,
        clippy::indexing_slicing
    )
)]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(test)]
extern crate std;

#[macro_use]
mod fmt;

#[cfg(feature = "async")]
pub mod asynch;
pub mod at;
mod capability;
mod client;
mod clock;
mod config;
pub mod dialect;
mod dns;
mod driver;
pub mod error;
mod local_address;
mod machine;
pub mod no_delay;
#[cfg(any(feature = "embedded-hal-nb-v1", feature = "embedded-hal-v0_2"))]
pub mod serial;
pub mod server;
#[cfg(feature = "nal-socket")]
pub mod socket_policy;
pub mod system;
pub mod tcp;
#[cfg(doc)]
pub mod testing;
pub mod tls;
pub mod udp;
mod veil;
mod wait;
pub mod wifi;
#[cfg(feature = "usocket-api")]
mod wifi_stack;

pub use capability::Capability;
pub use clock::Clock;
pub use config::{Config, Event, ReceiveMode, Station};
pub use dialect::Dialect;
pub use dns::MAX_HOST;
pub use driver::{Esp8285, Uart};
pub use embedded_nal;
pub use error::{DnsError, JoinError, ModemError, SocketError, UdpError};
pub use tcp::TcpSocket;
pub use tls::TlsSocket;
pub use udp::UdpSocket;
pub use wait::WaitError;
pub use wifi::{MAX_PASSWORD, MAX_SSID};

/// Links (TCP, TLS and UDP together) the modem holds at a time.
pub const LINKS: u8 = 5;
