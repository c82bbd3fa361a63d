//! smoltcp-nal 0.7 over smoltcp 0.12.
//!
//! `Ok(0)` is "nothing yet" and "full". Behind the end of the stream, reading is an error of kind
//! `PipeClosed`, after a reset as well; the value tells which of the two it was. Calling connect again
//! after the peer has refused dials again. Datagrams have errors of their own for "nothing yet" and
//! "full".

use embedded_time::Clock;
use nal_socket::{ConnectAgain, ErrorKind, Network, Policy, UdpFull, UdpPolicy};
use smoltcp_nal::smoltcp::phy::Device;
use smoltcp_nal::smoltcp::socket::{tcp, udp};
use smoltcp_nal::{NetworkError, NetworkStack};

/// What the TCP functions do where embedded-nal leaves it open.
pub const POLICY: Policy<NetworkError> = Policy::smoltcp()
    .connect_again(ConnectAgain::NoAddress)
    .classify(kind);

/// What the UDP functions do where embedded-nal leaves it open.
pub const UDP_POLICY: UdpPolicy<NetworkError> = UdpPolicy::new().classify(kind);

/// A network on smoltcp-nal.
pub type SmoltcpNetwork<'a, D, C, P> =
    Network<NetworkStack<'a, D, C>, P, UdpFull<NetworkStack<'a, D, C>>>;

/// TCP, UDP and names on `stack`.
///
/// The idle hook of `platform` must call the stack's `poll`: smoltcp-nal does nothing by itself.
pub fn network<D: Device, C: Clock, P>(
    stack: NetworkStack<'_, D, C>,
    platform: P,
) -> SmoltcpNetwork<'_, D, C, P>
where
    u32: From<C::T>,
{
    Network::new(stack, platform)
        .with_policy(POLICY)
        .with_udp_policy(UDP_POLICY)
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
        NetworkError::UdpReadFailure(udp::RecvError::Truncated) => ErrorKind::DataLost,
        NetworkError::DnsStart(_) | NetworkError::DnsFailure => ErrorKind::NameNotFound,
    }
}
