//! What can go wrong: one small enum per kind of operation.
//!
//! All of them have `kind()` (through [`embedded_io::Error`]), `Display` with
//! a hint for what the caller can mend, and `core::error::Error`.

use core::fmt;

use embedded_io::ErrorKind;

pub use crate::at::escape::InvalidText;
pub use crate::wifi::{AccessPointError, ScanError, SettingError};

/// Trouble with the modem itself, whatever was asked of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum ModemError {
    /// It gave no usable answer in time.
    NoReply,
    /// It restarted while this was under way.
    Restarted,
    /// It answered `ERROR`, or `busy` for longer than anything it does takes.
    Rejected,
    /// Its firmware lacks the named command or ability.
    Unsupported(&'static str),
    /// It answered, but in a form this driver does not know.
    Unreadable,
    /// The arguments make a command line longer than the firmware takes;
    /// nothing was sent.
    LineTooLong {
        /// The most bytes the firmware takes, `AT` and the line end included.
        max: u16,
    },
    /// The UART failed.
    Uart(ErrorKind),
}

impl fmt::Display for ModemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoReply => f.write_str(
                "the modem does not answer: check power, enable pin, TX/RX wiring and baud rate",
            ),
            Self::Restarted => f.write_str("the modem restarted: check its power supply"),
            Self::Rejected => f.write_str("the modem answered ERROR, or was busy too long"),
            Self::Unsupported(what) => write!(f, "not supported here: {what}"),
            Self::Unreadable => f.write_str(
                "the modem's answer could not be understood: ask again, or check the line",
            ),
            Self::LineTooLong { max } => write!(
                f,
                "this firmware takes command lines of at most {max} bytes: shorten the arguments"
            ),
            Self::Uart(kind) => write!(f, "the UART failed: {kind:?}"),
        }
    }
}

impl embedded_io::Error for ModemError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::NoReply => ErrorKind::TimedOut,
            Self::Restarted => ErrorKind::ConnectionReset,
            Self::Rejected => ErrorKind::Other,
            Self::Unsupported(_) => ErrorKind::Unsupported,
            Self::Unreadable => ErrorKind::InvalidData,
            Self::LineTooLong { .. } => ErrorKind::InvalidInput,
            Self::Uart(kind) => *kind,
        }
    }
}

/// Why joining an access point failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum JoinError {
    /// The network name cannot be sent; nothing was sent.
    InvalidSsid(InvalidText),
    /// The password cannot be sent; nothing was sent.
    InvalidPassword(InvalidText),
    /// Reason 1: no answer from the access point in time.
    TimedOut,
    /// Reason 2: wrong password.
    WrongPassword,
    /// Reason 3: no access point of that name in range.
    NoSuchAccessPoint,
    /// Reason 4, or another the modem gave.
    Failed(u8),
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for JoinError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidSsid(why) => write!(f, "the SSID {why}"),
            Self::InvalidPassword(why) => write!(f, "the Wi-Fi password {why}"),
            Self::TimedOut => f.write_str("the access point did not answer in time"),
            Self::WrongPassword => f.write_str("wrong Wi-Fi password"),
            Self::NoSuchAccessPoint => {
                f.write_str("no access point with this SSID (the modem sees 2.4 GHz only)")
            }
            Self::Failed(n) => write!(f, "joining failed, modem's reason {n}"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for JoinError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidSsid(_) | Self::InvalidPassword(_) => ErrorKind::InvalidInput,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::WrongPassword => ErrorKind::PermissionDenied,
            Self::NoSuchAccessPoint => ErrorKind::NotFound,
            Self::Failed(_) => ErrorKind::Other,
            Self::Modem(e) => e.kind(),
        }
    }
}

/// Why a name could not be resolved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum DnsError {
    /// The name cannot be sent; nothing was sent.
    InvalidName(InvalidText),
    /// No such name, or no DNS server answered: the modem reports both alike.
    NotFound,
    /// The station has no address yet: join an access point first.
    NoAddress,
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for DnsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidName(why) => write!(f, "the host name {why}"),
            Self::NotFound => f.write_str("host name not found"),
            Self::NoAddress => f.write_str("not on a network: join an access point first"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for DnsError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidName(_) => ErrorKind::InvalidInput,
            Self::NotFound => ErrorKind::NotFound,
            Self::NoAddress => ErrorKind::NotConnected,
            Self::Modem(e) => e.kind(),
        }
    }
}

/// Why a socket operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum SocketError {
    /// Port 0, or an unspecified address; nothing was sent.
    InvalidAddress,
    /// The modem's links carry IPv4 only.
    Ipv6Unsupported,
    /// All five links are in use: close a socket first.
    NoFreeLink,
    /// The modem holds one TLS connection at a time: close the other first.
    TlsInUse,
    /// The modem has one server, and a socket is listening already.
    ServerInUse,
    /// Another datagram socket, or the one that listens, has this local port.
    PortInUse,
    /// This socket is connecting, connected, bound or listening already.
    AlreadyConnected,
    /// This socket is not connected.
    NotConnected,
    /// The station has no address yet: join an access point first.
    NoAddress,
    /// The peer refused, or the modem could not reach it (reported alike).
    Refused,
    /// The peer did not answer.
    TimedOut,
    /// The peer has closed: nothing more can be sent.
    PeerClosed,
    /// The modem could not deliver what was sent; later sends fail too.
    SendFailed,
    /// This many received bytes were lost at this point of the stream,
    /// because they came faster than they were read. Reported once per gap;
    /// what follows can be read.
    DataLost(u32),
    /// The Wi-Fi connection went away under this socket.
    WifiLost,
    /// The handle is from before a restart, or its link was given up.
    Stale,
    /// The modem could not do it at all.
    Modem(ModemError),
}

impl fmt::Display for SocketError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidAddress => {
                f.write_str("the port must be 1 to 65535 and the address specific")
            }
            Self::Ipv6Unsupported => f.write_str("the modem's sockets are IPv4 only"),
            Self::NoFreeLink => f.write_str("all 5 links are in use: close a socket first"),
            Self::TlsInUse => {
                f.write_str("the modem holds one TLS connection at a time: close the other first")
            }
            Self::ServerInUse => {
                f.write_str("the modem has one server: close the socket that listens first")
            }
            Self::PortInUse => f.write_str("another socket has this local port"),
            Self::AlreadyConnected => {
                f.write_str("the socket is connected elsewhere, bound or listening")
            }
            Self::NotConnected => f.write_str("the socket is not connected"),
            Self::NoAddress => f.write_str("not on a network: join an access point first"),
            Self::Refused => f.write_str("connection refused"),
            Self::TimedOut => f.write_str("the peer did not answer"),
            Self::PeerClosed => f.write_str("the peer closed the connection"),
            Self::SendFailed => f.write_str("the modem could not deliver the data"),
            Self::DataLost(n) => write!(
                f,
                "{n} received bytes were lost: read faster, or use firmware with passive receive"
            ),
            Self::WifiLost => f.write_str("the Wi-Fi connection was lost"),
            Self::Stale => f.write_str("the socket belongs to an earlier connection"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for SocketError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidAddress => ErrorKind::InvalidInput,
            Self::Ipv6Unsupported => ErrorKind::Unsupported,
            Self::NoFreeLink | Self::TlsInUse => ErrorKind::OutOfMemory,
            Self::ServerInUse | Self::PortInUse => ErrorKind::AddrInUse,
            Self::AlreadyConnected => ErrorKind::AlreadyExists,
            Self::NotConnected | Self::NoAddress => ErrorKind::NotConnected,
            Self::Refused => ErrorKind::ConnectionRefused,
            Self::TimedOut => ErrorKind::TimedOut,
            Self::PeerClosed => ErrorKind::BrokenPipe,
            Self::SendFailed => ErrorKind::ConnectionAborted,
            Self::DataLost(_) => ErrorKind::InvalidData,
            Self::WifiLost | Self::Stale => ErrorKind::ConnectionReset,
            Self::Modem(e) => e.kind(),
        }
    }
}

/// Why a datagram operation failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum UdpError {
    /// A datagram without bytes: the modem cannot send one.
    Empty,
    /// The datagram is longer than the modem sends; nothing was sent.
    TooLong {
        /// The most bytes a datagram may have.
        max: usize,
    },
    /// The datagram is `+++`, which the modem takes as a command to stop.
    Unsendable,
    /// The socket has no peer: connect it, or say where to send.
    NotConnected,
    /// The buffer was too short. It holds the beginning; the rest is gone.
    Truncated {
        /// The datagram's whole length.
        len: usize,
    },
    /// Datagrams of so many bytes were lost at this point, because they came
    /// faster than they were read or because one was too long for the
    /// driver's ring. Reported once per gap.
    DataLost(u32),
    /// The modem could not deliver an earlier datagram.
    SendFailed,
    /// What can happen to any socket.
    Socket(SocketError),
}

impl fmt::Display for UdpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the modem cannot send a datagram without bytes"),
            Self::TooLong { max } => write!(f, "the datagram is longer than {max} bytes"),
            Self::Unsendable => f.write_str("the modem cannot send the datagram `+++`"),
            Self::NotConnected => {
                f.write_str("the socket has no peer: connect it, or say where to send")
            }
            Self::Truncated { len } => {
                write!(f, "the buffer is too short for the datagram of {len} bytes")
            }
            Self::DataLost(n) => write!(f, "datagrams of {n} bytes were lost: read faster"),
            Self::SendFailed => f.write_str("the modem could not deliver a datagram"),
            Self::Socket(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for UdpError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::Empty | Self::TooLong { .. } | Self::Unsendable => ErrorKind::InvalidInput,
            Self::NotConnected => ErrorKind::NotConnected,
            Self::Truncated { .. } | Self::DataLost(_) => ErrorKind::InvalidData,
            Self::SendFailed => ErrorKind::Other,
            Self::Socket(e) => e.kind(),
        }
    }
}

impl embedded_nal::TcpError for SocketError {
    /// `PipeClosed` for everything after which the connection is gone.
    fn kind(&self) -> embedded_nal::TcpErrorKind {
        match self {
            Self::PeerClosed
            | Self::SendFailed
            | Self::WifiLost
            | Self::Stale
            | Self::Modem(ModemError::Restarted) => embedded_nal::TcpErrorKind::PipeClosed,
            _ => embedded_nal::TcpErrorKind::Other,
        }
    }
}

impl core::error::Error for ModemError {}
impl core::error::Error for JoinError {}
impl core::error::Error for DnsError {}
impl core::error::Error for SocketError {}
impl core::error::Error for UdpError {}

impl From<ModemError> for JoinError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}
impl From<ModemError> for DnsError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}
impl From<ModemError> for SocketError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}
impl From<ModemError> for UdpError {
    fn from(e: ModemError) -> Self {
        Self::Socket(e.into())
    }
}
impl From<SocketError> for UdpError {
    fn from(e: SocketError) -> Self {
        Self::Socket(e)
    }
}
