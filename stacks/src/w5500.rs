//! w5500 0.6, the driver of Wiznet's chip.
//!
//! `Ok(0)` is "nothing yet" and "full"; the end of the stream is an error of kind `PipeClosed`. Connect
//! waits for the chip and is `Ok(())` whether or not there is a connection then. An empty send is a
//! command to the chip, so it is no barrier. There is no `Dns` and no listener.
//!
//! Limits that no policy can mend, but [`w5500_bus`](crate::w5500_bus) does:
//! - What was not read when the peer closes or resets is lost, and nothing can be sent after the peer has
//!   closed its direction.
//! - After a read that leaves bytes over, these are not seen until more come.
//! - Closing does not tell the peer.
//! - A send waits for ever if the connection breaks off meanwhile.
//! - Received datagrams have 8 bytes too many at their end, several that came together are given as one,
//!   and one that is longer than the buffer makes the driver panic. The sockets' own buffer holds the
//!   longest that can come.
//! - A refused connect and one that nobody answered look alike.
//! - Local ports are the same at each start, and two datagram sockets can be bound to one port.
//!
//! What stays: connect and send wait inside the driver, whatever the timeout, and an empty datagram is
//! not sent.

use core::fmt::Debug;

use nal_socket::{Barrier, ConnectOk, ErrorKind, Network, Policy, UdpFull, UdpPolicy};
use w5500::bus::Bus;
use w5500::tcp::TcpSocketError;
use w5500::udp::UdpSocketError;
use w5500::{Device, DeviceState, Host};

/// What the TCP functions do where embedded-nal leaves it open.
pub const fn policy<E: Debug>() -> Policy<TcpSocketError<E>> {
    Policy::smoltcp()
        .barrier(Barrier::None)
        .connect_ok(ConnectOk::Ended)
        .classify(kind)
}

/// What the UDP functions do where embedded-nal leaves it open.
pub const fn udp_policy<E: Debug>() -> UdpPolicy<UdpSocketError<E>> {
    UdpPolicy::new()
        .classify(udp_kind)
        .longest_send(LONGEST_DATAGRAM)
}

/// The most that an Ethernet frame carries; the chip does not put fragments together.
pub const LONGEST_DATAGRAM: usize = 1472;

/// A network on the chip.
pub type W5500Network<B, H, P> =
    Network<Device<B, DeviceState<H>>, P, UdpFull<Device<B, DeviceState<H>>>>;

/// TCP and UDP on `device`. Names need
/// [`with_resolver`](nal_socket::Network::with_resolver).
pub fn network<B: Bus, H: Host, P>(
    device: Device<B, DeviceState<H>>,
    platform: P,
) -> W5500Network<B, H, P> {
    Network::without_dns(device, platform)
        .with_policy(policy())
        .with_udp_policy(udp_policy())
}

/// The meaning of the TCP functions' errors.
pub const fn kind<E: Debug>(error: &TcpSocketError<E>) -> ErrorKind {
    match error {
        TcpSocketError::NoMoreSockets => ErrorKind::NoSockets,
        // Closed in whichever direction was tried.
        TcpSocketError::NotConnected => ErrorKind::BrokenPipe,
        TcpSocketError::UnsupportedAddress => ErrorKind::AddressFamily,
        // The bus, or a socket of the chip in another protocol's mode.
        TcpSocketError::Other(_) | TcpSocketError::UnsupportedMode => ErrorKind::Other,
    }
}

/// The meaning of the UDP functions' errors.
pub const fn udp_kind<E: Debug>(error: &UdpSocketError<E>) -> ErrorKind {
    match error {
        UdpSocketError::NoMoreSockets => ErrorKind::NoSockets,
        UdpSocketError::UnsupportedAddress => ErrorKind::AddressFamily,
        UdpSocketError::DestinationNotSet | UdpSocketError::SocketNotOpen => {
            ErrorKind::NotConnected
        }
        UdpSocketError::BufferFull => ErrorKind::WouldBlock,
        // Nobody answered for that address on the link.
        UdpSocketError::WriteTimeout => ErrorKind::HostUnreachable,
        UdpSocketError::BufferOverflow => ErrorKind::InvalidInput,
        UdpSocketError::UnrecognisedStatus | UdpSocketError::Other(_) => ErrorKind::Other,
    }
}
