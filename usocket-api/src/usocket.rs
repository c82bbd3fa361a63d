//! The module object: what `import usocket` gives.
//!
//! MicroPython has one network and one module. Here the module is made from a network and a profile,
//! and its functions are methods.
//!
//! ```no_run
//! use nal_socket::Network;
//! use usocket_api::{MAIXPY, SOCK_STREAM, USocket};
//! # fn microseconds() -> u64 { 0 }
//!
//! # fn main() -> Result<(), usocket_api::OSError> {
//! let network = Network::new(std_embedded_nal::Stack, microseconds);
//! let usocket = USocket::new(&network, MAIXPY);
//!
//! let mut s = usocket.socket();
//! s.connect(usocket.getaddrinfo_with("www.micropython.org", 80, 0, SOCK_STREAM, 0, 0)?[0].sockaddr)?;
//! # Ok(())
//! # }
//! ```
//!
//! Limits: TCP clients. Datagram sockets and servers are `EOPNOTSUPP` in this version.

use core::fmt;

use nal_socket::{Error, ErrorKind, Hints, NetworkRef};

use crate::addr_info::AddrInfoList;
use crate::constants::{
    AF_INET, AF_INET6, Family, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, Protocol, SOCK_DGRAM,
    SOCK_STREAM, SocketType,
};
use crate::os_error::OSError;
use crate::profile::Profile;
use crate::sock_addr;
use crate::socket::Socket;

/// The `usocket` module on one network.
#[derive(Clone)]
pub struct USocket<N> {
    net: N,
    profile: Profile,
}

impl<N: NetworkRef> USocket<N> {
    /// The module on `net`, behaving as `profile` says.
    pub const fn new(net: N, profile: Profile) -> Self {
        Self { net, profile }
    }

    /// The profile.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// `socket()`: a TCP socket for IPv4. Takes nothing from the stack until it connects.
    pub fn socket(&self) -> Socket<N> {
        Socket::new(self.net.clone(), self.profile, AF_INET)
    }

    /// `socket(af, type, proto)`. `proto` may be 0, or the protocol of the type.
    ///
    /// # Errors
    ///
    /// `EAFNOSUPPORT` for a family other than [`AF_INET`] and [`AF_INET6`], `EOPNOTSUPP` for
    /// [`SOCK_DGRAM`], `EINVAL` for other types and for a protocol that contradicts the type.
    pub fn socket_with(
        &self,
        af: impl Into<Family>,
        type_: impl Into<SocketType>,
        proto: impl Into<Protocol>,
    ) -> Result<Socket<N>, OSError> {
        let family = af.into();
        if family != AF_INET && family != AF_INET6 {
            return Err(self.unknown_family());
        }
        match (type_.into(), proto.into()) {
            (SOCK_STREAM, IPPROTO_IP | IPPROTO_TCP) => {
                Ok(Socket::new(self.net.clone(), self.profile, family))
            }
            (SOCK_DGRAM, IPPROTO_IP | IPPROTO_UDP) => Err(OSError::socket(
                &self.profile,
                Error::new(ErrorKind::NotSupported),
            )),
            (SOCK_STREAM | SOCK_DGRAM, _) => Err(OSError::invalid(
                "the protocol does not go with the socket type; leave it 0",
            )),
            _ => Err(OSError::invalid(
                "the socket type is unknown; use SOCK_STREAM",
            )),
        }
    }

    /// `getaddrinfo(host, port)`: the address of a name, or of a numeric address, for [`SOCK_STREAM`].
    ///
    /// Waits as long as the stack's resolver does. A numeric host does not touch the stack. Port 0,
    /// which MicroPython and [`nal_socket`] take here for binding, is refused: these sockets only
    /// connect, and nothing connects to port 0.
    ///
    /// # Errors
    ///
    /// Negative numbers, see [`errno`](crate::errno): `EAI_NONAME` (-2) if the name is not found,
    /// `EAI_NORESOLVER` (-6), `EAI_ARG` (-16) for a host that is empty, too long or malformed and for a
    /// port that is not 1 to 65535.
    pub fn getaddrinfo(&self, host: &str, port: impl Into<i64>) -> Result<AddrInfoList, OSError> {
        self.getaddrinfo_with(host, port, 0, 0, 0, 0)
    }

    /// `getaddrinfo(host, port, af, type, proto, flags)`. Zero means any; a type that is left open is
    /// reported as [`SOCK_STREAM`]. There are no flags: `flags` is 0.
    ///
    /// # Errors
    ///
    /// As [`getaddrinfo`](Self::getaddrinfo), and `EAI_ADDRFAMILY` (-9) for a numeric address of
    /// another family or an unknown family, `EAI_ARG` (-16) for filters that are unknown or contradict
    /// each other.
    pub fn getaddrinfo_with(
        &self,
        host: &str,
        port: impl Into<i64>,
        af: impl Into<Family>,
        type_: impl Into<SocketType>,
        proto: impl Into<Protocol>,
        flags: i32,
    ) -> Result<AddrInfoList, OSError> {
        let invalid = |error: OSError| self.lookup_argument(error.message());
        let port = sock_addr::port(port.into()).map_err(invalid)?;
        let mut hints = Hints::default();
        hints.family = match af.into().raw() {
            0 => None,
            af if af == AF_INET.raw() => Some(nal_socket::Family::Inet),
            af if af == AF_INET6.raw() => Some(nal_socket::Family::Inet6),
            _ => {
                return Err(OSError::lookup(
                    &self.profile,
                    Error::new(ErrorKind::AddressFamily),
                ));
            }
        };
        hints.socktype = match type_.into().raw() {
            0 => None,
            kind if kind == SOCK_STREAM.raw() => Some(nal_socket::SocketType::Stream),
            kind if kind == SOCK_DGRAM.raw() => Some(nal_socket::SocketType::Datagram),
            _ => return Err(self.lookup_argument("the socket type is unknown; use 0 for any")),
        };
        hints.protocol = match proto.into() {
            IPPROTO_IP => None,
            IPPROTO_TCP => Some(nal_socket::Protocol::Tcp),
            IPPROTO_UDP => Some(nal_socket::Protocol::Udp),
            _ => return Err(self.lookup_argument("the protocol is unknown; use 0 for any")),
        };
        if flags != 0 {
            return Err(self.lookup_argument("getaddrinfo has no flags; use 0"));
        }
        self.net
            .network()
            .getaddrinfo(host, port, hints)
            .map(AddrInfoList::new)
            .map_err(|error| OSError::lookup(&self.profile, error))
    }

    fn lookup_argument(&self, message: &'static str) -> OSError {
        OSError::lookup_argument(&self.profile, message)
    }
}

impl<N> fmt::Debug for USocket<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("USocket")
            .field("profile", &self.profile)
            .finish_non_exhaustive()
    }
}
