//! std-embedded-nal 0.4: the operating system's sockets.
//!
//! `Ok(0)` is the end of the stream and `WouldBlock` is "not yet", as the strict policy has it. What
//! there is to declare is what the errors mean. Its sockets tell their descriptors on Unix, with which
//! nix 0.29 mends that accepted connections block, and gives half close and local addresses.
//!
//! Limits that no policy mends: `connect` blocks until the operating system gives up, whatever the
//! socket's timeout. Reset and options would need `unsafe` code to make more of a descriptor.

use std::io;

use ::std_embedded_nal::Stack;
use nal_socket::embedded_nal::TcpClientStack;
use nal_socket::{ErrorKind, Network, Platform, Policy, UdpFull, UdpPolicy};

/// The error of the stack's TCP, which it does not export by name.
pub type TcpError = <Stack as TcpClientStack>::Error;

/// How the stack's TCP behaves.
pub const POLICY: Policy<TcpError> = Policy::strict().classify(|error| classify(&error.0));

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

/// A network with names, datagrams and a server, and with what a Unix system can do with the
/// descriptors that the stack's sockets tell.
#[cfg(unix)]
pub fn network<P: Platform>(platform: P) -> Network<Stack, P, UdpFull<Stack>> {
    portable_network(platform)
        .with_accepted(unix::without_blocking)
        .with_local_address_by(unix::local_address)
        .with_shutdown_by(unix::shutdown_write)
}

/// A network with names, datagrams and a server. Connections that it accepts block inside the stack.
pub fn portable_network<P: Platform>(platform: P) -> Network<Stack, P, UdpFull<Stack>> {
    Network::new(Stack, platform)
        .with_policy(POLICY)
        .with_server()
        .with_udp_policy(UDP_POLICY)
}

/// Functions for the descriptors of the stack's sockets.
#[cfg(unix)]
mod unix {
    use core::net::SocketAddr;
    use std::io;

    use ::std_embedded_nal::Stack;
    use nal_socket::ErrorKind;
    use nal_socket::embedded_nal::{TcpClientStack, nb};
    use nix::errno::Errno;
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    use nix::sys::socket::{Shutdown, SockaddrStorage, getsockname, shutdown};

    type TcpSocket = <Stack as TcpClientStack>::TcpSocket;

    fn kind(errno: Errno) -> ErrorKind {
        super::classify(&io::Error::from(errno))
    }

    /// The stack leaves what it accepts in blocking mode, in which no timeout can work.
    pub(super) fn without_blocking(_: &mut Stack, socket: &mut TcpSocket) -> Result<(), ErrorKind> {
        let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
        fcntl(descriptor, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(kind)?;
        Ok(())
    }

    pub(super) fn local_address(
        _: &mut Stack,
        socket: &mut TcpSocket,
    ) -> nb::Result<SocketAddr, ErrorKind> {
        let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
        let address: SockaddrStorage = getsockname(descriptor).map_err(kind)?;
        match (address.as_sockaddr_in(), address.as_sockaddr_in6()) {
            (Some(v4), _) => Ok((v4.ip(), v4.port()).into()),
            (_, Some(v6)) => Ok((v6.ip(), v6.port()).into()),
            _ => Err(nb::Error::Other(ErrorKind::AddressFamily)),
        }
    }

    pub(super) fn shutdown_write(
        _: &mut Stack,
        socket: &mut TcpSocket,
    ) -> nb::Result<(), ErrorKind> {
        let descriptor = socket.as_raw_fd().ok_or(ErrorKind::NotConnected)?;
        Ok(shutdown(descriptor, Shutdown::Write).map_err(kind)?)
    }
}
