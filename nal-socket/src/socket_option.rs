//! Socket options: what can be chosen, and what has been.
//!
//! ```
//! use core::time::Duration;
//! use nal_socket::SocketOption;
//!
//! let minute = SocketOption::KeepAlive(Some(Duration::from_secs(60)));
//! assert_ne!(minute, SocketOption::KeepAlive(None));
//! ```
//!
//! Limits: timeouts are no options here; they have methods of their own, such as
//! [`TcpSocket::set_timeout`](crate::TcpSocket::set_timeout).

use core::time::Duration;

use embedded_nal::nb;

use crate::error::Fault;
use crate::{Error, ErrorKind};

/// An option and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SocketOption {
    /// Small pieces are sent at once, not collected (`TCP_NODELAY`). TCP only.
    NoDelay(bool),
    /// The peer is asked whether it is still there after this much silence, 1 to 32767 seconds, or
    /// never (`SO_KEEPALIVE` and `TCP_KEEPIDLE`). Stacks that count in whole seconds round up. TCP only.
    KeepAlive(Option<Duration>),
    /// A port may be bound while an earlier connection still holds it (`SO_REUSEADDR`).
    ReuseAddress(bool),
    /// Datagrams may go to broadcast addresses (`SO_BROADCAST`). UDP only.
    Broadcast(bool),
    /// How many routers what is sent may pass, 1 to 255 (`IP_TTL`, `IPV6_UNICAST_HOPS`).
    HopLimit(u8),
}

/// Linux takes no more either (tcp(7), `TCP_KEEPIDLE`).
const LONGEST_KEEP_ALIVE: Duration = Duration::from_secs(32_767);

impl SocketOption {
    pub(crate) fn check_for_tcp(self) -> Result<(), Error> {
        match self {
            Self::Broadcast(_) => Err(Error::invalid(Fault::OptionOfUdp)),
            Self::KeepAlive(Some(time))
                if time < Duration::from_secs(1) || time > LONGEST_KEEP_ALIVE =>
            {
                Err(Error::invalid(Fault::KeepAliveRange))
            }
            _ => self.check_hop_limit(),
        }
    }

    pub(crate) fn check_for_udp(self) -> Result<(), Error> {
        match self {
            Self::NoDelay(_) | Self::KeepAlive(_) => Err(Error::invalid(Fault::OptionOfTcp)),
            _ => self.check_hop_limit(),
        }
    }

    fn check_hop_limit(self) -> Result<(), Error> {
        match self {
            Self::HopLimit(0) => Err(Error::invalid(Fault::HopLimitZero)),
            _ => Ok(()),
        }
    }

    /// One bit for each option.
    const fn bit(self) -> u8 {
        match self {
            Self::NoDelay(_) => 1,
            Self::KeepAlive(_) => 2,
            Self::ReuseAddress(_) => 4,
            Self::Broadcast(_) => 8,
            Self::HopLimit(_) => 16,
        }
    }
}

/// The options that were set on a socket. `None` is for one that was not: the stack has its own
/// default then, which embedded-nal cannot ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    no_delay: Option<bool>,
    keep_alive: Option<Option<Duration>>,
    reuse_address: Option<bool>,
    broadcast: Option<bool>,
    hop_limit: Option<u8>,
    /// The bits of those that were set.
    set: u8,
    /// The bits of those that the stack has not been told yet.
    waiting: u8,
}

impl Options {
    pub(crate) const fn new() -> Self {
        Self {
            no_delay: None,
            keep_alive: None,
            reuse_address: None,
            broadcast: None,
            hop_limit: None,
            set: 0,
            waiting: 0,
        }
    }

    /// What [`SocketOption::NoDelay`] was set to.
    #[must_use]
    pub const fn no_delay(&self) -> Option<bool> {
        self.no_delay
    }

    /// What [`SocketOption::KeepAlive`] was set to; `Some(None)` is "switched off".
    #[must_use]
    pub const fn keep_alive(&self) -> Option<Option<Duration>> {
        self.keep_alive
    }

    /// What [`SocketOption::ReuseAddress`] was set to.
    #[must_use]
    pub const fn reuse_address(&self) -> Option<bool> {
        self.reuse_address
    }

    /// What [`SocketOption::Broadcast`] was set to.
    #[must_use]
    pub const fn broadcast(&self) -> Option<bool> {
        self.broadcast
    }

    /// What [`SocketOption::HopLimit`] was set to.
    #[must_use]
    pub const fn hop_limit(&self) -> Option<u8> {
        self.hop_limit
    }

    /// Notes an option that the stack has taken.
    pub(crate) const fn note(&mut self, option: SocketOption) {
        match option {
            SocketOption::NoDelay(value) => self.no_delay = Some(value),
            SocketOption::KeepAlive(value) => self.keep_alive = Some(value),
            SocketOption::ReuseAddress(value) => self.reuse_address = Some(value),
            SocketOption::Broadcast(value) => self.broadcast = Some(value),
            SocketOption::HopLimit(value) => self.hop_limit = Some(value),
        }
        self.set |= option.bit();
        self.waiting &= !option.bit();
    }

    /// Notes an option that the stack is to be told when it has a socket.
    pub(crate) const fn keep(&mut self, option: SocketOption) {
        self.note(option);
        self.waiting |= option.bit();
    }

    /// Whether the stack has not been told all of them.
    pub(crate) const fn are_waiting(&self) -> bool {
        self.waiting != 0
    }

    /// All that were set are to be told again, to a new socket of the stack.
    pub(crate) const fn start_over(&mut self) {
        self.waiting = self.set;
    }

    /// Those that were set, to set them on another socket.
    pub fn iter(&self) -> impl Iterator<Item = SocketOption> + use<> {
        [
            self.reuse_address.map(SocketOption::ReuseAddress),
            self.no_delay.map(SocketOption::NoDelay),
            self.keep_alive.map(SocketOption::KeepAlive),
            self.broadcast.map(SocketOption::Broadcast),
            self.hop_limit.map(SocketOption::HopLimit),
        ]
        .into_iter()
        .flatten()
    }

    /// Tells the stack what it has not been told yet. Each option succeeds once, however often this has
    /// to be called again. For what a `new` socket of the stack does not take, it is only too early.
    pub(crate) fn tell(
        &mut self,
        new: bool,
        mut set: impl FnMut(SocketOption) -> nb::Result<(), ErrorKind>,
    ) -> nb::Result<(), ErrorKind> {
        for option in self.iter() {
            if self.waiting & option.bit() != 0 {
                match set(option) {
                    Ok(()) => self.waiting &= !option.bit(),
                    Err(nb::Error::Other(ErrorKind::NotConnected)) if new => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(())
    }
}
