//! Stacks of embedded-nal 0.8 as stacks of 0.9, and the other way round.
//!
//! The two versions differ in their address types, and in the name of an address: that one is not a
//! part of the text that makes both adapters.

use core::fmt;

mod convert {
    crate::older::conversions::conversions!(embedded_nal_v0_8);
}

/// A stack of embedded-nal 0.8, as one of 0.9.
///
/// Implements of `TcpClientStack`, `TcpFullStack`, `UdpClientStack`, `UdpFullStack` and `Dns` what the
/// stack inside implements. Every call is one call of the stack inside. The sockets are the stack's own;
/// its TCP error comes as [`OtherVersion`], the others as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct FromV0_8<S>(
    /// The stack inside.
    pub S,
);

/// A stack of embedded-nal 0.9, as one of 0.8: for a program that is bound to the older version and is
/// to run on a newer stack. Otherwise as [`FromV0_8`].
///
/// Limit: the name of an address (`get_host_by_address`) is always [`LookupError::Reverse`]. Version 0.8
/// asks for it with a shared reference and an answer at once, 0.9 gives it for an exclusive one and may
/// take its time.
#[derive(Debug, Clone, Copy, Default)]
pub struct ToV0_8<S>(
    /// The stack inside.
    pub S,
);

/// A stack's TCP error, for the other version's `TcpError`. The kind stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct OtherVersion<E>(
    /// The stack's own error.
    pub E,
);

impl<E: fmt::Display> fmt::Display for OtherVersion<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<E: core::error::Error> core::error::Error for OtherVersion<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        self.0.source()
    }
}

/// Why [`ToV0_8`] found no name or address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum LookupError<E> {
    /// The stack's own error.
    Stack(E),
    /// The name of an address was asked for, which the adapter does not offer.
    Reverse,
}

impl<E: fmt::Display> fmt::Display for LookupError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stack(error) => error.fmt(f),
            Self::Reverse => f.write_str("the adapter does not look up the names of addresses"),
        }
    }
}

impl<E: core::error::Error> core::error::Error for LookupError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Stack(error) => error.source(),
            Self::Reverse => None,
        }
    }
}

/// `$adapter<S>` holds a stack with the traits of `$inner` and gets those of `$outer`. `$address` is the
/// outer address, what follows converts it into the stack and out of it.
macro_rules! adapter {
    (
        $adapter:ident: $inner:ident as $outer:ident, $address:ty, $address_in:ident, $address_out:ident
    ) => {
        impl<E: $inner::TcpError> $outer::TcpError for OtherVersion<E> {
            fn kind(&self) -> $outer::TcpErrorKind {
                match self.0.kind() {
                    $inner::TcpErrorKind::PipeClosed => $outer::TcpErrorKind::PipeClosed,
                    _ => $outer::TcpErrorKind::Other,
                }
            }
        }

        impl<S: $inner::TcpClientStack> $outer::TcpClientStack for $adapter<S> {
            type TcpSocket = S::TcpSocket;
            type Error = OtherVersion<S::Error>;

            fn socket(&mut self) -> Result<S::TcpSocket, Self::Error> {
                self.0.socket().map_err(OtherVersion)
            }

            fn connect(
                &mut self,
                socket: &mut S::TcpSocket,
                remote: $address,
            ) -> nb::Result<(), Self::Error> {
                let remote = convert::$address_in(remote);
                self.0.connect(socket, remote).map_err(other_version)
            }

            fn send(
                &mut self,
                socket: &mut S::TcpSocket,
                buffer: &[u8],
            ) -> nb::Result<usize, Self::Error> {
                self.0.send(socket, buffer).map_err(other_version)
            }

            fn receive(
                &mut self,
                socket: &mut S::TcpSocket,
                buffer: &mut [u8],
            ) -> nb::Result<usize, Self::Error> {
                self.0.receive(socket, buffer).map_err(other_version)
            }

            fn close(&mut self, socket: S::TcpSocket) -> Result<(), Self::Error> {
                self.0.close(socket).map_err(OtherVersion)
            }
        }

        impl<S: $inner::TcpFullStack> $outer::TcpFullStack for $adapter<S> {
            fn bind(&mut self, socket: &mut S::TcpSocket, port: u16) -> Result<(), Self::Error> {
                self.0.bind(socket, port).map_err(OtherVersion)
            }

            fn listen(&mut self, socket: &mut S::TcpSocket) -> Result<(), Self::Error> {
                self.0.listen(socket).map_err(OtherVersion)
            }

            fn accept(
                &mut self,
                socket: &mut S::TcpSocket,
            ) -> nb::Result<(S::TcpSocket, $address), Self::Error> {
                let (accepted, remote) = self.0.accept(socket).map_err(other_version)?;
                Ok((accepted, convert::$address_out(remote)))
            }
        }

        impl<S: $inner::UdpClientStack> $outer::UdpClientStack for $adapter<S> {
            type UdpSocket = S::UdpSocket;
            type Error = S::Error;

            fn socket(&mut self) -> Result<S::UdpSocket, S::Error> {
                self.0.socket()
            }

            fn connect(
                &mut self,
                socket: &mut S::UdpSocket,
                remote: $address,
            ) -> Result<(), S::Error> {
                self.0.connect(socket, convert::$address_in(remote))
            }

            fn send(
                &mut self,
                socket: &mut S::UdpSocket,
                buffer: &[u8],
            ) -> nb::Result<(), S::Error> {
                self.0.send(socket, buffer)
            }

            fn receive(
                &mut self,
                socket: &mut S::UdpSocket,
                buffer: &mut [u8],
            ) -> nb::Result<(usize, $address), S::Error> {
                let (length, remote) = self.0.receive(socket, buffer)?;
                Ok((length, convert::$address_out(remote)))
            }

            fn close(&mut self, socket: S::UdpSocket) -> Result<(), S::Error> {
                self.0.close(socket)
            }
        }

        impl<S: $inner::UdpFullStack> $outer::UdpFullStack for $adapter<S> {
            fn bind(&mut self, socket: &mut S::UdpSocket, port: u16) -> Result<(), S::Error> {
                self.0.bind(socket, port)
            }

            fn send_to(
                &mut self,
                socket: &mut S::UdpSocket,
                remote: $address,
                buffer: &[u8],
            ) -> nb::Result<(), S::Error> {
                let remote = convert::$address_in(remote);
                self.0.send_to(socket, remote, buffer)
            }
        }
    };
}

fn other_version<E>(error: nb::Error<E>) -> nb::Error<OtherVersion<E>> {
    error.map(OtherVersion)
}

adapter!(
    FromV0_8: embedded_nal_v0_8 as embedded_nal, core::net::SocketAddr,
    address_from_core, address_to_core
);
adapter!(
    ToV0_8: embedded_nal as embedded_nal_v0_8, embedded_nal_v0_8::SocketAddr,
    address_to_core, address_from_core
);

impl<S: embedded_nal_v0_8::Dns> embedded_nal::Dns for FromV0_8<S> {
    type Error = S::Error;

    fn get_host_by_name(
        &mut self,
        host: &str,
        family: embedded_nal::AddrType,
    ) -> nb::Result<core::net::IpAddr, S::Error> {
        use embedded_nal::AddrType as Newer;
        use embedded_nal_v0_8::AddrType as Older;
        let family = match family {
            Newer::IPv4 => Older::IPv4,
            Newer::IPv6 => Older::IPv6,
            Newer::Either => Older::Either,
        };
        let ip = self.0.get_host_by_name(host, family)?;
        Ok(convert::ip_to_core(ip))
    }

    fn get_host_by_address(
        &mut self,
        address: core::net::IpAddr,
        result: &mut [u8],
    ) -> nb::Result<usize, S::Error> {
        let address = convert::ip_from_core(address);
        Ok(self.0.get_host_by_address(address, result)?)
    }
}

impl<S: embedded_nal::Dns> embedded_nal_v0_8::Dns for ToV0_8<S> {
    type Error = LookupError<S::Error>;

    fn get_host_by_name(
        &mut self,
        host: &str,
        family: embedded_nal_v0_8::AddrType,
    ) -> nb::Result<embedded_nal_v0_8::IpAddr, Self::Error> {
        use embedded_nal::AddrType as Newer;
        use embedded_nal_v0_8::AddrType as Older;
        let family = match family {
            Older::IPv4 => Newer::IPv4,
            Older::IPv6 => Newer::IPv6,
            Older::Either => Newer::Either,
        };
        let found = self.0.get_host_by_name(host, family);
        let ip = found.map_err(|error| error.map(LookupError::Stack))?;
        Ok(convert::ip_from_core(ip))
    }

    fn get_host_by_address(
        &self,
        _address: embedded_nal_v0_8::IpAddr,
        _result: &mut [u8],
    ) -> Result<usize, Self::Error> {
        Err(LookupError::Reverse)
    }
}
