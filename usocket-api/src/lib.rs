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

#[cfg(feature = "alloc")]
extern crate alloc;

pub mod addr_info;
pub mod constants;
#[doc = include_str!("../DIFFERENCES.md")]
pub mod differences {
    #[expect(unused_imports, reason = "for the links of the page")]
    use crate::{Nic, SockAddr, Socket, USocket};
}
mod departure;
pub mod errno;
pub mod inet;
pub mod network;
pub mod notify;
pub mod option_value;
pub mod os_error;
pub mod profile;
#[cfg(feature = "alloc")]
pub mod size;
pub mod sock_addr;
pub mod socket;
mod socket_data;
mod socket_io;
pub mod socket_option;
mod socket_poll;
mod socket_server;
mod socket_stream;
pub mod timeout;
pub mod uselect;
pub mod usocket;

pub use addr_info::{AddrInfo, AddrInfoList};
pub use constants::*;
pub use inet::BinAddr;
pub use nal_socket;
pub use nal_socket::ErrorKind;
pub use network::Nic;
pub use option_value::OptionValue;
pub use os_error::OSError;
pub use profile::{
    ESP32, MAIXPY, Numbering, OPENMV, OPENMV_RT1062, OPENMV_WINC1500, Profile, TimedOutRecv, UNIX,
};
#[cfg(feature = "alloc")]
pub use size::Size;
pub use sock_addr::{AddrItem, IntoSockAddr, SockAddr};
pub use socket::Socket;
pub use timeout::Timeout;
pub use uselect::USelect;
pub use usocket::USocket;
