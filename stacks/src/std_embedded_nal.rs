//! std-embedded-nal 0.4: the operating system's sockets.
//!
//! `Ok(0)` is the end of the stream and `WouldBlock` is "not yet", as the strict policy has it. What
//! there is to declare is what the errors mean.
//!
//! Limits that no policy mends: `connect` blocks until the operating system gives up, whatever the
//! socket's timeout.

extern crate std;

use std::io;

use ::std_embedded_nal::Stack;
use nal_socket::embedded_nal::TcpClientStack;
use nal_socket::{ErrorKind, Network, Platform, Policy, UdpFull, UdpPolicy};

/// How the stack's TCP behaves.
pub const POLICY: Policy<<Stack as TcpClientStack>::Error> =
    Policy::strict().classify(|error| classify(&error.0));

/// How the stack's UDP behaves.
pub const UDP_POLICY: UdpPolicy<io::Error> = UdpPolicy::new().classify(classify);

/// What the operating system's errors mean.
pub fn classify(error: &io::Error) -> ErrorKind {
    match error.kind() {
        io::ErrorKind::WouldBlock => ErrorKind::WouldBlock,
        io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted => ErrorKind::ConnectionAborted,
        io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
        io::ErrorKind::NotConnected => ErrorKind::NotConnected,
        io::ErrorKind::TimedOut => ErrorKind::TimedOut,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable => {
            ErrorKind::HostUnreachable
        }
        io::ErrorKind::NetworkDown => ErrorKind::NetworkDown,
        io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
        io::ErrorKind::AddrNotAvailable => ErrorKind::AddressNotAvailable,
        io::ErrorKind::InvalidInput => ErrorKind::InvalidInput,
        io::ErrorKind::Unsupported => ErrorKind::NotSupported,
        io::ErrorKind::OutOfMemory => ErrorKind::NoMemory,
        _ => ErrorKind::Other,
    }
}

/// A network with names, datagrams and a server.
pub fn network<P: Platform>(platform: P) -> Network<Stack, P, UdpFull<Stack>> {
    Network::new(Stack, platform)
        .with_policy(POLICY)
        .with_server()
        .with_udp_policy(UDP_POLICY)
}
