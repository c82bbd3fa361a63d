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
//! let s = usocket.socket();
//! s.connect(usocket.getaddrinfo_with("www.micropython.org", 80, 0, SOCK_STREAM, 0, 0)?[0].sockaddr)?;
//! # Ok(())
//! # }
//! ```
//!
//! Limits: datagrams and servers need a network that was built with them
//! ([`with_udp`](nal_socket::Network::with_udp), [`with_server`](nal_socket::Network::with_server)).

use core::fmt;

use core::net::IpAddr;

use nal_socket::{Error, ErrorKind, Hints, NetworkRef};

use crate::addr_info::AddrInfoList;
use crate::constants::{
    AF_INET, AF_INET6, Family, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, Protocol, SOCK_DGRAM,
    SOCK_STREAM, SocketType,
};
use crate::errno;
use crate::os_error::OSError;
use crate::profile::Profile;
use crate::sock_addr;
use crate::socket::Socket;

/// The `usocket` module on one network.
#[derive(Clone)]
pub struct USocket<N> {
    pub(crate) net: N,
    pub(crate) profile: Profile,
    pub(crate) own_address: Option<IpAddr>,
}

impl<N: NetworkRef> USocket<N> {
    /// The module on `net`, behaving as `profile` says.
    pub const fn new(net: N, profile: Profile) -> Self {
        Self {
            net,
            profile,
            own_address: None,
        }
    }

    /// Says which address the board has, for `bind` to accept it as a host. Without it `bind` takes
    /// `""` and the address of all zeros, which is what stacks bind to in any case.
    #[must_use]
    pub fn with_own_address(mut self, address: impl Into<IpAddr>) -> Self {
        self.own_address = Some(address.into());
        self
    }

    /// The profile.
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// `socket()`: a TCP socket for IPv4. Takes nothing from the stack until it connects.
    pub fn socket(&self) -> Socket<N> {
        Socket::stream(self, AF_INET)
    }

    /// `socket(af, type, proto)`. `proto` may be 0, or the protocol of the type.
    ///
    /// # Errors
    ///
    /// `EAFNOSUPPORT` for a family other than [`AF_INET`] and [`AF_INET6`], `EPROTONOSUPPORT` for a
    /// protocol that does not go with the type, `EINVAL` for other types. A datagram socket on a network
    /// without datagrams can be made; using it is `EOPNOTSUPP`.
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
            (SOCK_STREAM, IPPROTO_IP | IPPROTO_TCP) => Ok(Socket::stream(self, family)),
            (SOCK_DGRAM, IPPROTO_IP | IPPROTO_UDP) => Ok(Socket::datagram(self, family)),
            (SOCK_STREAM | SOCK_DGRAM, _) => Err(OSError::of(
                &errno::EPROTONOSUPPORT,
                &self.profile,
                "the protocol does not go with the socket type; leave it 0",
            )),
            _ => Err(OSError::invalid(
                "the socket type is unknown; use SOCK_STREAM or SOCK_DGRAM",
            )),
        }
    }

    /// `getaddrinfo(host, port)`: the address of a name, or of a numeric address, for [`SOCK_STREAM`].
    ///
    /// Waits as long as the stack's resolver does. A numeric host does not touch the stack. Port 0 is
    /// for `bind`.
    ///
    /// # Errors
    ///
    /// Negative numbers, see [`errno`]: `EAI_NONAME` (-2) if the name is not found,
    /// `EAI_NORESOLVER` (-6), `EAI_ARG` (-16) for a host that is empty, too long or malformed and for a
    /// port that is not 0 to 65535.
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
