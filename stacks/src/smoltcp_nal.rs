//! smoltcp-nal 0.7 over smoltcp 0.12.
//!
//! `Ok(0)` is "nothing yet" and "full". Behind the end of the stream, reading is an error of kind
//! `PipeClosed`, after a reset as well; the value tells which of the two it was. Calling connect again
//! after the peer has refused dials again. Datagrams have errors of their own for "nothing yet" and
//! "full".
//!
//! Limits that no policy can mend:
//! - A connection that is still closing is cut off, without a word to the peer and with what it had left to
//!   send, when the next socket is made, because the stack hands out the one given back last. An empty
//!   send is `Ok(0)` at once, so closing cannot wait for what was sent. [`PAUSE`] puts time in between;
//!   over slow paths more may be needed.
//! - Two datagram sockets can be bound to one port.
//! - Two lookups of different names that were given up, by a timeout for example, block all others until
//!   those names are asked for again.
//! - A name server that answers with an IPv6 address makes the stack panic.
//! - `get_host_by_address` panics:
//!   [`with_reverse_dns`](nal_socket::Network::with_reverse_dns) must not be used.
//! - IPv4 only, no listener.

use core::net::IpAddr;
use core::time::Duration;

use embedded_time::Clock;
use nal_socket::embedded_nal::{AddrType, Dns, nb};
use nal_socket::{ConnectAgain, ErrorKind, Network, Policy, UdpFull, UdpPolicy};
use smoltcp_nal::smoltcp::phy::Device;
use smoltcp_nal::smoltcp::socket::{tcp, udp};
use smoltcp_nal::{NetworkError, NetworkStack};

/// What the TCP functions do where embedded-nal leaves it open.
pub const POLICY: Policy<NetworkError> = Policy::smoltcp()
    .connect_again(ConnectAgain::NoAddress)
    .pause_after_close(PAUSE)
    .classify(kind);

/// How long a closing connection has for what it still sends: many round trips in a local network.
pub const PAUSE: Duration = Duration::from_millis(100);

/// What the UDP functions do where embedded-nal leaves it open, with transmit buffers of `buffer` bytes:
/// for a datagram that is longer there never is room.
pub const fn udp_policy(buffer: usize) -> UdpPolicy<NetworkError> {
    UdpPolicy::new().classify(kind).longest_send(buffer)
}

/// A network on smoltcp-nal.
pub type SmoltcpNetwork<'a, D, C, P> =
    Network<NetworkStack<'a, D, C>, P, UdpFull<NetworkStack<'a, D, C>>>;

/// TCP, UDP and names on `stack`, whose UDP sockets have transmit buffers of `udp_buffer` bytes.
///
/// The idle hook of `platform` must call the stack's `poll`: smoltcp-nal does nothing by itself.
pub fn network<D: Device, C: Clock, P>(
    stack: NetworkStack<'_, D, C>,
    udp_buffer: usize,
    platform: P,
) -> SmoltcpNetwork<'_, D, C, P>
where
    u32: From<C::T>,
{
    Network::without_dns(stack, platform)
        .with_resolver(resolve)
        .with_policy(POLICY)
        .with_udp_policy(udp_policy(udp_buffer))
}

/// The stack's `Dns`, which asks for IPv4 addresses whatever it is asked for.
fn resolve<D: Device, C: Clock>(
    stack: &mut NetworkStack<'_, D, C>,
    host: &str,
    family: AddrType,
) -> nb::Result<IpAddr, ErrorKind>
where
    u32: From<C::T>,
{
    match family {
        AddrType::IPv6 => Err(nb::Error::Other(ErrorKind::NameNotFound)),
        AddrType::IPv4 | AddrType::Either => stack
            .get_host_by_name(host, AddrType::IPv4)
            .map_err(|error| error.map(|_| ErrorKind::NameNotFound)),
    }
}

/// The meaning of the stack's errors.
pub const fn kind(error: &NetworkError) -> ErrorKind {
    match error {
        NetworkError::NoSocket => ErrorKind::NoSockets,
        NetworkError::NotConnected => ErrorKind::NotConnected,
        NetworkError::NoAddress => ErrorKind::NetworkDown,
        // IPv4 only.
        NetworkError::Unsupported => ErrorKind::AddressFamily,
        // No local address to reach that one from.
        NetworkError::TcpConnectionFailure(_) => ErrorKind::HostUnreachable,
        // There was no FIN.
        NetworkError::TcpReadFailure(tcp::RecvError::InvalidState) => ErrorKind::ConnectionReset,
        NetworkError::TcpReadFailure(tcp::RecvError::Finished)
        | NetworkError::TcpWriteFailure(_) => ErrorKind::BrokenPipe,
        NetworkError::UdpConnectionFailure(udp::BindError::Unaddressable)
        | NetworkError::UdpWriteFailure(udp::SendError::Unaddressable) => {
            ErrorKind::AddressNotAvailable
        }
        NetworkError::UdpConnectionFailure(udp::BindError::InvalidState) => ErrorKind::InvalidInput,
        NetworkError::UdpReadFailure(udp::RecvError::Exhausted)
        | NetworkError::UdpWriteFailure(udp::SendError::BufferFull) => ErrorKind::WouldBlock,
        NetworkError::UdpReadFailure(udp::RecvError::Truncated) => ErrorKind::MessageTooLong,
        NetworkError::DnsStart(_) | NetworkError::DnsFailure => ErrorKind::NameNotFound,
    }
}
