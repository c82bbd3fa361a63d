//! How [`nal_socket`] is to treat this driver's errors.
//!
//! ```
//! # use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
//! # struct Port;
//! # impl ErrorType for Port { type Error = core::convert::Infallible; }
//! # impl Read for Port { fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> { Ok(0) } }
//! # impl ReadReady for Port { fn read_ready(&mut self) -> Result<bool, Self::Error> { Ok(false) } }
//! # impl Write for Port { fn write(&mut self, b: &[u8]) -> Result<usize, Self::Error> { Ok(b.len()) } fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) } }
//! # impl WriteReady for Port { fn write_ready(&mut self) -> Result<bool, Self::Error> { Ok(true) } }
//! use atcmd_esp8285::{Esp8285, socket_policy};
//!
//! let wifi = Esp8285::new(Port, || 0);
//! let network = socket_policy::network(wifi, || 0);
//! # let _ = network;
//! ```

use embedded_nal::{AddrType, Dns};
use nal_socket::{ErrorKind, Network, Policy, UdpFull, UdpPolicy};

use crate::{Clock, DnsError, Esp8285, ModemError, SocketError, Uart, UdpError};

mod capabilities;

/// A [`Network`] on this driver, with every error classified, for TCP alone.
/// [`network_with_udp`] has datagrams as well.
///
/// `platform` is the clock and idle hook of `nal-socket`. Its `TcpListener`
/// works on this network as it is, and costs nothing unless used. What follows is linked whether it is used or not, so it is for those
/// who ask for it:
///
/// * [`with_server`](Network::with_server), for layers that do not name the
///   stack;
/// * [`with_readiness`](Network::with_readiness): `poll` leaves received bytes
///   in the driver's ring, and says when `send` would be accepted;
/// * [`with_abort`](Network::with_abort): a reset, on NonOS 1.7; a socket on
///   other firmware says `NotSupported` and stays as it is;
/// * [`with_listening`](Network::with_listening): `listen` returns when the
///   modem has taken the port, some milliseconds later; without it who connects
///   in that time is refused, and an error shows at `accept`;
/// * [`with_local_address`](Network::with_local_address): the modem is asked
///   once for each connection; firmware before 1.x tells only that of accepted
///   ones;
/// * [`with_tcp_options`](Network::with_tcp_options): `KeepAlive` before
///   connecting, up to 7200 seconds; `NoDelay` before and after, on ESP-AT
///   from 2.1 on ([`no_delay`](crate::no_delay)); `ReuseAddress`, which changes
///   nothing, since nothing holds a port that no socket has. The firmware has
///   no command for `HopLimit`.
///
/// [`full_network`] has all of it.
pub fn network<U: Uart, C: Clock, P, const RX: usize>(
    stack: Esp8285<U, C, RX>,
    platform: P,
) -> Network<Esp8285<U, C, RX>, P> {
    Network::without_dns(stack, platform)
        .with_policy(POLICY)
        .with_resolver(resolve)
}

/// The same, with the driver's datagrams for `UdpSocket`, whose `flush` and
/// `close` wait until the modem has sent them. A program that makes none is
/// some 550 bytes larger for it.
pub fn network_with_udp<U: Uart, C: Clock, P, const RX: usize>(
    stack: Esp8285<U, C, RX>,
    platform: P,
) -> Network<Esp8285<U, C, RX>, P, UdpFull<Esp8285<U, C, RX>>> {
    network(stack, platform)
        .with_udp_policy(UDP_POLICY)
        .with_udp_flush()
}

/// The same with everything that is optional, for layers that offer the whole
/// surface of sockets: datagrams, server, readiness, abort, a `listen` that
/// waits for the modem, local addresses and the options of both types. Some
/// 13.9 KB of flash more than [`network`], used
/// or not (through `usocket-api`, on a Cortex-M4).
///
/// Datagram sockets take [`ReuseAddress`](nal_socket::SocketOption::ReuseAddress)
/// and [`Broadcast(true)`](nal_socket::SocketOption::Broadcast), which change
/// nothing: any socket may send to a broadcast address. `Broadcast(false)` is
/// `NotSupported`, because nothing would stop such a datagram. Multicast groups
/// are `NotSupported` as well: the firmware has no command to join one.
pub fn full_network<U: Uart, C: Clock, P, const RX: usize>(
    stack: Esp8285<U, C, RX>,
    platform: P,
) -> Network<Esp8285<U, C, RX>, P, UdpFull<Esp8285<U, C, RX>>> {
    network_with_udp(stack, platform)
        .with_server()
        .with_readiness()
        .with_abort()
        .with_listening()
        .with_local_address()
        .with_tcp_options()
        .with_udp_options()
}

/// The driver keeps nal-socket's strict contract; only its errors need words.
pub const POLICY: Policy<SocketError> = Policy::strict().classify(socket_error);

/// The same for datagrams. The modem has no port 0, and a socket binds to a
/// port of the network's choice; firmware before 1.x cannot bind, and there a
/// socket has one peer.
pub const UDP_POLICY: UdpPolicy<UdpError> = UdpPolicy::new().classify(udp_error);

fn resolve<U: Uart, C: Clock, const RX: usize>(
    stack: &mut Esp8285<U, C, RX>,
    host: &str,
    family: AddrType,
) -> nb::Result<core::net::IpAddr, ErrorKind> {
    stack
        .get_host_by_name(host, family)
        .map_err(|error| error.map(|error| dns_error(&error)))
}

fn socket_error(error: &SocketError) -> ErrorKind {
    match error {
        SocketError::InvalidAddress => ErrorKind::InvalidInput,
        SocketError::Ipv6Unsupported => ErrorKind::AddressFamily,
        SocketError::NoFreeLink | SocketError::TlsInUse | SocketError::ServerInUse => {
            ErrorKind::NoSockets
        }
        SocketError::PortInUse => ErrorKind::AddressInUse,
        SocketError::AlreadyConnected => ErrorKind::AlreadyConnected,
        SocketError::NotConnected => ErrorKind::NotConnected,
        SocketError::NoAddress => ErrorKind::NetworkDown,
        SocketError::Refused => ErrorKind::ConnectionRefused,
        SocketError::TimedOut => ErrorKind::TimedOut,
        SocketError::PeerClosed | SocketError::SendFailed => ErrorKind::BrokenPipe,
        SocketError::WifiLost | SocketError::Stale => ErrorKind::ConnectionReset,
        SocketError::DataLost(_) => ErrorKind::DataLost,
        SocketError::Modem(error) => modem_error(error),
    }
}

fn udp_error(error: &UdpError) -> ErrorKind {
    match error {
        UdpError::Empty | UdpError::Unsendable => ErrorKind::InvalidInput,
        UdpError::TooLong { .. } | UdpError::Truncated { .. } => ErrorKind::MessageTooLong,
        UdpError::NotConnected => ErrorKind::NotConnected,
        UdpError::DataLost(_) => ErrorKind::DataLost,
        UdpError::SendFailed => ErrorKind::Other,
        UdpError::Socket(error) => socket_error(error),
    }
}

fn dns_error(error: &DnsError) -> ErrorKind {
    match error {
        DnsError::InvalidName(_) => ErrorKind::InvalidInput,
        DnsError::NotFound => ErrorKind::NameNotFound,
        DnsError::NoAddress => ErrorKind::NetworkDown,
        DnsError::Modem(error) => modem_error(error),
    }
}

fn modem_error(error: &ModemError) -> ErrorKind {
    match error {
        ModemError::Restarted => ErrorKind::ConnectionReset,
        ModemError::NoReply | ModemError::Uart(_) => ErrorKind::NetworkDown,
        ModemError::Unsupported(_) => ErrorKind::NotSupported,
        ModemError::Rejected | ModemError::Unreadable | ModemError::LineTooLong { .. } => {
            ErrorKind::Other
        }
    }
}
