//! `setsockopt`.
//!
//! ```
//! # use nal_socket::Network;
//! # use usocket_api::{OPENMV, USocket};
//! use usocket_api::{SO_RCVTIMEO, SO_REUSEADDR, SOL_SOCKET};
//! # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! # let sock = USocket::new(&network, OPENMV).socket();
//! sock.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)?;
//! sock.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 250)?; // milliseconds
//!
//! let unknown = sock.setsockopt(SOL_SOCKET, 99, 1).unwrap_err();
//! assert_eq!(unknown.name(), "EOPNOTSUPP");
//! # Ok::<(), usocket_api::OSError>(())
//! ```
//!
//! | option | value | what it does |
//! |---|---|---|
//! | `SO_REUSEADDR` | 0 or 1 | before `bind`; `Ok` without effect where the stack has no such option |
//! | `SO_KEEPALIVE` | 0 or 1 | probes after two hours of silence |
//! | `SO_BROADCAST` | 0 or 1 | datagram sockets |
//! | `SO_SNDTIMEO`, `SO_RCVTIMEO` | milliseconds, 0 for no limit | one direction of `settimeout`; the last one called holds |
//! | [`SO_CALLBACK`], 20 | 0 or 1, `None` | switches [`Socket::notified`] |
//! | `TCP_NODELAY` | 0 or 1 | TCP sockets |
//! | `IP_ADD_MEMBERSHIP`, `IP_DROP_MEMBERSHIP` | 8 bytes: group, own address | datagram sockets |
//!
//! Limits: what the stack lacks is `EOPNOTSUPP`, and the message says how a network is told of what it
//! has. No two options have the same number, so a wrong level is forgiven if it is one at all, as in
//! MicroPython's `modlwip`.

use core::net::{IpAddr, Ipv4Addr};
use core::time::Duration;

use nal_socket::{Error, ErrorKind, Interface, NetworkRef, SocketOption};

use crate::constants::{
    IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, OptionName,
    Protocol, SO_BROADCAST, SO_CALLBACK, SO_KEEPALIVE, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDTIMEO,
    SOL_SOCKET, TCP_NODELAY,
};
use crate::option_value::OptionValue;
use crate::os_error::OSError;
use crate::socket::{Socket, State, set_up_time};

/// What systems take where `SO_KEEPALIVE` says no time (RFC 1122, section 4.2.3.6: not less).
const KEEP_ALIVE: Duration = Duration::from_secs(7200);

/// `SOL_SOCKET` of MicroPython's `modlwip`.
const SOL_SOCKET_LWIP: i32 = 1;

impl<N: NetworkRef> Socket<N> {
    /// Sets an option: see [`socket_option`](crate::socket_option) for which there are.
    ///
    /// A stack that has to be asked gets the timeout to answer, on a non-blocking socket 10 seconds.
    /// What is set before the stack has a socket is kept for then. If the stack turns out to lack it,
    /// `connect`, `bind` or the first use of a datagram socket is `EOPNOTSUPP`, until the option is set
    /// to what the stack does anyway.
    ///
    /// # Errors
    ///
    /// `EOPNOTSUPP` for an unknown level or option and for one that the stack or this type of socket
    /// does not have, `EINVAL` for a value of the wrong kind, length or range, `EBADF` if closed;
    /// for groups `EADDRINUSE` if joined already and `EADDRNOTAVAIL` if not joined; and what else the
    /// stack reports. Nothing has changed then.
    pub fn setsockopt<'v>(
        &self,
        level: impl Into<Protocol>,
        optname: impl Into<OptionName>,
        value: impl Into<OptionValue<'v>>,
    ) -> Result<(), OSError> {
        let level = level.into();
        let value = value.into();
        let option = optname.into();
        self.with_open(|state| {
            let known = [SOL_SOCKET, IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP].contains(&level);
            if !known && level.raw() != SOL_SOCKET_LWIP {
                return Err(OSError::unsupported(
                    &self.profile,
                    "there is no such level; use SOL_SOCKET, IPPROTO_IP or IPPROTO_TCP",
                ));
            }
            self.set(state, option, value)
        })
    }

    fn set(
        &self,
        state: &mut State<N>,
        option: OptionName,
        value: OptionValue<'_>,
    ) -> Result<(), OSError> {
        match option {
            SO_RCVTIMEO => {
                state.set_receive_timeout(milliseconds(value)?);
                Ok(())
            }
            SO_SNDTIMEO => {
                state.set_send_timeout(milliseconds(value)?);
                Ok(())
            }
            SO_CALLBACK => {
                self.notify.set(!value.is_none() && value.flag()?);
                Ok(())
            }
            SO_REUSEADDR => {
                let flag = value.flag()?;
                if let State::Stream(_) = state {
                    // Means something to `bind` only, which knows what a refusal is worth.
                    self.reuse.set(flag);
                    return Ok(());
                }
                match state.set_option(SocketOption::ReuseAddress(flag)) {
                    // Nothing that could stand in the way of a port then.
                    Err(error) if error.kind() == ErrorKind::NotSupported => Ok(()),
                    set => set.map_err(|error| self.error(error)),
                }
            }
            SO_KEEPALIVE => {
                let time = value.flag()?.then_some(KEEP_ALIVE);
                self.of_stream(state, SocketOption::KeepAlive(time))
            }
            TCP_NODELAY => self.of_stream(state, SocketOption::NoDelay(value.flag()?)),
            SO_BROADCAST => {
                let option = SocketOption::Broadcast(value.flag()?);
                match state {
                    State::Datagram(_) => self.tell(state, option),
                    _ => Err(self.wrong_type()),
                }
            }
            IP_ADD_MEMBERSHIP | IP_DROP_MEMBERSHIP => {
                let (group, interface) = membership(value)?;
                let State::Datagram(udp) = state else {
                    return Err(self.wrong_type());
                };
                let timeout = udp.send_timeout();
                udp.set_send_timeout(set_up_time(timeout));
                let changed = if option == IP_ADD_MEMBERSHIP {
                    udp.join_group(group, interface)
                } else {
                    udp.leave_group(group, interface)
                };
                udp.set_send_timeout(timeout);
                changed.map_err(|error| self.error(error))
            }
            _ => Err(OSError::unsupported(
                &self.profile,
                "there is no such option; the constants SO_*, TCP_* and IP_* are all there are",
            )),
        }
    }

    fn of_stream(&self, state: &mut State<N>, option: SocketOption) -> Result<(), OSError> {
        match state {
            State::Datagram(_) => Err(self.wrong_type()),
            _ => self.tell(state, option),
        }
    }

    fn tell(&self, state: &mut State<N>, option: SocketOption) -> Result<(), OSError> {
        state
            .set_option(option)
            .map_err(|error| match error.kind() {
                ErrorKind::AlreadyConnected => OSError::unsupported(
                    &self.profile,
                    "the stack takes this option only before connecting",
                ),
                _ => self.error(error),
            })
    }

    fn wrong_type(&self) -> OSError {
        OSError::unsupported(
            &self.profile,
            "this type of socket does not have that option",
        )
    }
}

impl<N: NetworkRef> State<N> {
    fn set_receive_timeout(&mut self, timeout: Option<Duration>) {
        match self {
            Self::Stream(tcp) => tcp.set_receive_timeout(timeout),
            Self::Datagram(udp) => udp.set_receive_timeout(timeout),
            // What waits for a connection.
            Self::Server(_) => self.set_timeout(timeout),
            Self::Closed => {}
        }
    }

    fn set_send_timeout(&mut self, timeout: Option<Duration>) {
        match self {
            Self::Stream(tcp) => tcp.set_send_timeout(timeout),
            Self::Datagram(udp) => udp.set_send_timeout(timeout),
            // Nothing is sent there.
            Self::Server(_) | Self::Closed => {}
        }
    }

    fn set_option(&mut self, option: SocketOption) -> Result<(), Error> {
        match self {
            Self::Stream(tcp) => {
                let timeout = tcp.send_timeout();
                tcp.set_send_timeout(set_up_time(timeout));
                let set = tcp.set_option(option);
                tcp.set_send_timeout(timeout);
                set
            }
            Self::Datagram(udp) => {
                let timeout = udp.send_timeout();
                udp.set_send_timeout(set_up_time(timeout));
                let set = udp.set_option(option);
                udp.set_send_timeout(timeout);
                set
            }
            Self::Server(server) => {
                server.listener.set_timeout(set_up_time(server.timeout));
                let set = server.listener.set_option(option);
                server.listener.set_timeout(server.timeout);
                set
            }
            Self::Closed => Err(Error::new(ErrorKind::Closed)),
        }
    }
}

/// 0 is no limit, as in POSIX; `settimeout(0)` is what makes a socket non-blocking.
fn milliseconds(value: OptionValue<'_>) -> Result<Option<Duration>, OSError> {
    let number = value.number()?;
    let millis = u32::try_from(number)
        .map_err(|_| OSError::invalid("a timeout is a number of milliseconds, 0 for no limit"))?;
    Ok((millis > 0).then(|| Duration::from_millis(millis.into())))
}

/// `struct ip_mreq`: the group and the interface's address, in network order.
fn membership(value: OptionValue<'_>) -> Result<(IpAddr, Interface), OSError> {
    let wrong = || {
        OSError::invalid(
            "the value of a membership is 8 bytes: the group, and the board's own address or zeros",
        )
    };
    let bytes = value.bytes().ok_or_else(wrong)?;
    let (group, interface) = bytes.split_first_chunk::<4>().ok_or_else(wrong)?;
    let interface: [u8; 4] = interface.try_into().map_err(|_| wrong())?;
    let interface = Ipv4Addr::from(interface);
    let interface = if interface.is_unspecified() {
        Interface::Default
    } else {
        Interface::Address(interface)
    };
    Ok((Ipv4Addr::from(*group).into(), interface))
}
