//! One small error for every operation.
//!
//! An [`Error`] is an [`ErrorKind`] and, when the caller made the mistake, which mistake it was, so
//! that the printed message can say what to change. It is `Copy` and holds no text of its own.
//!
//! ```
//! use nal_socket::{Error, ErrorKind};
//!
//! let error = Error::new(ErrorKind::NotConnected);
//! assert_eq!(error.kind(), ErrorKind::NotConnected);
//! assert_eq!(error.to_string(), "the socket is not connected; call connect first");
//! ```
//!
//! Limits: the stack's own error value is not carried along; a stack says what it can through
//! [`Policy::classify`](crate::Policy::classify).

use core::fmt;

/// What went wrong, in the terms of the socket interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ErrorKind {
    /// A non-blocking operation has nothing to give or take yet. Call again later.
    WouldBlock,
    /// The deadline of a timed operation passed. Nothing received was lost.
    TimedOut,
    /// [`Platform::idle`](crate::Platform::idle) ended the wait. Nothing received was lost.
    Interrupted,
    /// A non-blocking connect has started. Call it again to see how it went.
    InProgress,
    /// A connect is still running.
    AlreadyInProgress,
    /// The socket is connected already.
    AlreadyConnected,
    /// The socket is not connected.
    NotConnected,
    /// The other side refused the connection.
    ConnectionRefused,
    /// The other side, or the modem between, dropped the connection. Data may be missing.
    ConnectionReset,
    /// Bytes that had been received were lost between the stack and here: what was read so far is
    /// whole, what follows has a gap before it. Reported once, at the gap; the connection stays and
    /// reading may go on behind it. A stack says so through
    /// [`Policy::classify`](crate::Policy::classify).
    DataLost,
    /// The connection ended before it was established, or was given up locally.
    ConnectionAborted,
    /// A datagram is too long: one to send for the stack, which has sent nothing, or one that arrived
    /// for the buffer, which is gone now. Reported once.
    MessageTooLong,
    /// The connection no longer takes data.
    BrokenPipe,
    /// There is no way to that host.
    HostUnreachable,
    /// There is no network: no Wi-Fi link, no address, no modem.
    NetworkDown,
    /// The socket was closed by this program.
    Closed,
    /// The local port is taken.
    AddressInUse,
    /// The local address or port cannot be had.
    AddressNotAvailable,
    /// The address is of a family that was not asked for or is not spoken here.
    AddressFamily,
    /// An argument cannot be right.
    InvalidInput,
    /// The network is in use further up the call chain.
    Busy,
    /// The stack lacks what this operation needs.
    NotSupported,
    /// Memory ran out.
    NoMemory,
    /// The stack has no socket left.
    NoSockets,
    /// The host name does not exist, or nobody could say.
    NameNotFound,
    /// The network was built without a resolver.
    NoResolver,
    /// Anything else the stack reported.
    Other,
}

/// Which argument cannot be right. Behind [`ErrorKind::InvalidInput`] and, for a contradicting
/// address, [`ErrorKind::AddressFamily`], or, for what the
/// stack lacks, [`ErrorKind::NotSupported`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub(crate) enum Fault {
    None,
    PortZero,
    HostEmpty,
    HostTooLong,
    HostCharacters,
    HostLabels,
    HostLooksNumeric,
    PortRange,
    ServiceEmpty,
    ServiceUnknown,
    ServiceNotNumeric,
    #[cfg(feature = "dns")]
    HostNotDns,
    #[cfg(feature = "dns")]
    DnsWithoutUdp,
    #[cfg(feature = "dns")]
    DnsSilent,
    #[cfg(feature = "dns")]
    DnsFailed,
    #[cfg(feature = "dns")]
    DnsTruncated,
    TypeAndProtocol,
    ListenerOrder,
    BoundAlready,
    OnePeer,
    NoServer,
    NoShutdown,
    NoAbort,
    NoLocalAddress,
    NoOptions,
    OptionOfUdp,
    KeepAliveRange,
    HopLimitZero,
    OptionOfTcp,
    NoMulticast,
    NotMulticast,
    InterfaceAddress,
    JoinedAlready,
    NotJoined,
    TooManyGroups,
}

/// The error of every operation in this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Error {
    kind: ErrorKind,
    fault: Fault,
}

impl Error {
    /// An error of this kind.
    #[must_use]
    pub const fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            fault: Fault::None,
        }
    }

    pub(crate) const fn invalid(fault: Fault) -> Self {
        Self {
            kind: ErrorKind::InvalidInput,
            fault,
        }
    }

    pub(crate) const fn with(kind: ErrorKind, fault: Fault) -> Self {
        Self { kind, fault }
    }

    pub(crate) const fn unsupported(fault: Fault) -> Self {
        Self {
            kind: ErrorKind::NotSupported,
            fault,
        }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The sentence that `Display` prints: what happened, and what to do where the caller can do
    /// something.
    #[must_use]
    pub const fn message(&self) -> &'static str {
        match self.fault {
            Fault::None => kind_message(self.kind),
            Fault::PortZero => "port 0 cannot be connected or sent to; use 1 to 65535",
            Fault::HostEmpty => "the host is empty; give a name or a numeric address",
            Fault::HostTooLong => "the host name is longer than 253 bytes; DNS has no such names",
            Fault::HostCharacters => {
                "the host holds a space or a control character; remove it (a trailing line end?)"
            }
            Fault::HostLabels => {
                "the host is no name: there is nothing between two of its dots, or before the first"
            }
            Fault::HostLooksNumeric => {
                "the host looks like a numeric address but is not one; check digits, dots and colons"
            }
            Fault::PortRange => "the port is out of range; use 0 to 65535",
            Fault::ServiceEmpty => "the port is empty text; give a number or the name of a service",
            Fault::ServiceUnknown => {
                "the service name is not known here; give the port as a number, 0 to 65535"
            }
            Fault::ServiceNotNumeric => {
                "the port is a service name, but the hints allow numbers only"
            }
            #[cfg(feature = "dns")]
            Fault::HostNotDns => {
                "DNS has no such names; use labels of 1 to 63 ASCII characters, international ones as xn--"
            }
            #[cfg(feature = "dns")]
            Fault::DnsWithoutUdp => {
                "the DNS client needs datagrams; put them in with with_udp or with_udp_client"
            }
            #[cfg(feature = "dns")]
            Fault::DnsSilent => {
                "the DNS server did not answer; check its address and that it can be reached"
            }
            #[cfg(feature = "dns")]
            Fault::DnsFailed => "the DNS server failed or refused to look the name up",
            #[cfg(feature = "dns")]
            Fault::DnsTruncated => "the answer of the DNS server is too long for a datagram",
            Fault::TypeAndProtocol => {
                "socket type and protocol contradict each other; leave the protocol out"
            }
            Fault::ListenerOrder => "call bind, then listen, then accept, each in this order",
            Fault::BoundAlready => {
                "the socket has its port already; call bind once, before connecting, sending or receiving"
            }
            Fault::OnePeer => {
                "sockets of this stack reach one peer each; connect to the other one, or use another socket"
            }
            Fault::NoServer => {
                "this network accepts no connections; if its stack is a TcpFullStack, build it with_server"
            }
            Fault::NoShutdown => {
                "this network cannot end sending alone; build it with_shutdown if the stack can, or close the socket"
            }
            Fault::NoAbort => {
                "this network cannot reset connections; build it with_abort if the stack can, or close the socket"
            }
            Fault::NoLocalAddress => {
                "this network does not tell local addresses; build it with_local_address if the stack does"
            }
            Fault::NoOptions => {
                "this network has no socket options; build it with_tcp_options or with_udp_options if the stack has them"
            }
            Fault::OptionOfUdp => "this option is for UDP sockets; TCP sockets have no such thing",
            Fault::OptionOfTcp => "this option is for TCP sockets; UDP sockets have no such thing",
            Fault::NoMulticast => {
                "this network joins no multicast groups; build it with_multicast if the stack can"
            }
            Fault::NotMulticast => {
                "this is no multicast address; groups are 224.0.0.0 to 239.255.255.255 and ff00::/8"
            }
            Fault::InterfaceAddress => {
                "an IPv6 group is joined on the default interface or by an interface's index"
            }
            Fault::JoinedAlready => "the socket is in this multicast group already",
            Fault::NotJoined => {
                "the socket is not in this multicast group; name the interface it was joined with"
            }
            Fault::TooManyGroups => {
                "the socket is in 4 multicast groups; leave one, or join with another socket"
            }
            Fault::KeepAliveRange => {
                "a keep-alive time is 1 to 32767 seconds; None switches keep-alive off"
            }
            Fault::HopLimitZero => "a hop limit of 0 lets nothing leave; use 1 to 255",
        }
    }
}

const fn kind_message(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::WouldBlock => "nothing to do yet on this non-blocking socket; try again later",
        ErrorKind::TimedOut => {
            "the operation did not finish within the socket's timeout; try again or set a longer one"
        }
        ErrorKind::Interrupted => "the wait was ended by the platform's idle hook; call again",
        ErrorKind::InProgress => "the connect has started; call it again to learn its outcome",
        ErrorKind::AlreadyInProgress => "a connect is still in progress; try again later",
        ErrorKind::AlreadyConnected => {
            "the socket is connected already; close it and use a new socket"
        }
        ErrorKind::NotConnected => "the socket is not connected; call connect first",
        ErrorKind::ConnectionRefused => {
            "the connection was refused; is a server listening on that port?"
        }
        ErrorKind::ConnectionReset => "the connection was reset; data may be missing",
        ErrorKind::DataLost => {
            "received bytes were lost before they could be read; what follows has a gap, reading may go on"
        }
        ErrorKind::ConnectionAborted => "the connection was aborted; connect again",
        ErrorKind::MessageTooLong => {
            "the datagram is too long; send shorter ones, or receive into a larger buffer"
        }
        ErrorKind::BrokenPipe => "the connection no longer takes data; connect again",
        ErrorKind::HostUnreachable => "there is no route to the host",
        ErrorKind::NetworkDown => "the network is down; is the link joined and has it an address?",
        ErrorKind::Closed => "the socket is closed; make a new one",
        ErrorKind::AddressInUse => "the local port is in use; choose another or wait",
        ErrorKind::AddressNotAvailable => "the local address or port is not available",
        ErrorKind::AddressFamily => "the address is of the wrong family (IPv4 or IPv6)",
        ErrorKind::InvalidInput => "an argument is not valid",
        ErrorKind::Busy => {
            "the network is in use further up the call chain; do not wait on it from a hook of its own"
        }
        ErrorKind::NotSupported => "the network stack does not support this",
        ErrorKind::NoMemory => "out of memory",
        ErrorKind::NoSockets => "the stack has no free socket; close one first",
        ErrorKind::NameNotFound => "the host name was not found",
        ErrorKind::NoResolver => {
            "this network was built without a name resolver; use a numeric address"
        }
        ErrorKind::Other => "the network stack reported an error",
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Self::new(kind)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl core::error::Error for Error {}

impl embedded_io::Error for Error {
    fn kind(&self) -> embedded_io::ErrorKind {
        use embedded_io::ErrorKind as Io;
        match self.kind {
            ErrorKind::TimedOut => Io::TimedOut,
            ErrorKind::Interrupted => Io::Interrupted,
            ErrorKind::NotConnected | ErrorKind::Closed => Io::NotConnected,
            ErrorKind::ConnectionRefused => Io::ConnectionRefused,
            ErrorKind::ConnectionReset => Io::ConnectionReset,
            ErrorKind::ConnectionAborted => Io::ConnectionAborted,
            ErrorKind::BrokenPipe => Io::BrokenPipe,
            ErrorKind::DataLost => Io::InvalidData,
            ErrorKind::AddressInUse => Io::AddrInUse,
            ErrorKind::AddressNotAvailable => Io::AddrNotAvailable,
            ErrorKind::AlreadyConnected => Io::AlreadyExists,
            ErrorKind::AddressFamily | ErrorKind::InvalidInput | ErrorKind::MessageTooLong => {
                Io::InvalidInput
            }
            ErrorKind::NotSupported | ErrorKind::NoResolver => Io::Unsupported,
            ErrorKind::NoMemory | ErrorKind::NoSockets => Io::OutOfMemory,
            ErrorKind::NameNotFound => Io::NotFound,
            // embedded-io has no word for these.
            ErrorKind::WouldBlock
            | ErrorKind::InProgress
            | ErrorKind::AlreadyInProgress
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::Busy
            | ErrorKind::Other => Io::Other,
        }
    }
}
