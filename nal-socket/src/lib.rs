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

mod address;
pub mod capability;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod datagrams;
#[cfg(feature = "dns")]
pub mod dns_client;
#[cfg(feature = "dns")]
mod dns_message;
mod ephemeral_port;
pub mod error;
pub mod events;
pub mod getaddrinfo;
mod held_datagram;
pub mod host;
mod host_name;
pub mod host_table;
mod listener_ready;
mod lookahead;
pub mod lookup;
mod memberships;
pub mod network;
#[cfg(any(feature = "embedded-nal-v0_8", feature = "no-std-net-v0_6"))]
pub mod older;
pub mod other_crates;
mod pause;
pub mod platform;
pub mod policy;
pub mod poll;
pub mod resolver;
pub mod service;
pub mod sharing;
pub mod socket_file;
pub mod socket_option;
mod tcp_abort;
mod tcp_address;
mod tcp_connect;
mod tcp_dial;
mod tcp_io;
pub mod tcp_listener;
mod tcp_options;
mod tcp_ready;
mod tcp_receive;
mod tcp_send;
mod tcp_shutdown;
pub mod tcp_socket;
mod tcp_stream;
mod udp_bind;
mod udp_multicast;
mod udp_options;
pub mod udp_policy;
mod udp_ready;
mod udp_receive;
mod udp_send;
pub mod udp_socket;
mod wait;
pub mod watch;

pub use capability::{Direction, Interface};
pub use datagrams::{Datagrams, NoUdp, UdpClient, UdpFull};
#[cfg(feature = "dns")]
pub use dns_client::DnsClient;
pub use embedded_nal;
pub use ephemeral_port::Ephemeral;
pub use error::{Error, ErrorKind};
pub use events::Events;
pub use getaddrinfo::{AddrInfo, AddrInfos, Family, Hints, Protocol, SocketType};
pub use host::parse_numeric;
pub use host_table::HostTable;
pub use lookahead::LOOKAHEAD;
pub use lookup::Lookup;
pub use memberships::MEMBERSHIPS;
pub use network::{Network, NetworkRef};
pub use platform::{Hooks, Idle, Platform};
pub use policy::{
    Barrier, ConnectAgain, ConnectOk, EndProbe, PipeClosed, Policy, ZeroRead, ZeroSend,
};
pub use poll::{Look, Pollable};
pub use resolver::Resolver;
pub use service::{SERVICES, ToPort};
pub use socket_file::SocketFile;
pub use socket_option::{Options, SocketOption};
pub use tcp_listener::TcpListener;
pub use tcp_socket::TcpSocket;
pub use udp_policy::UdpPolicy;
pub use udp_socket::UdpSocket;
pub use watch::Watch;
