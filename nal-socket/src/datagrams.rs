//! How a [`Network`](crate::Network) reaches the stack's datagrams.
//!
//! A stack may have no UDP at all, and its UDP socket is a type of its own. So the network carries a
//! [`Datagrams`] value: [`NoUdp`] until [`with_udp`](crate::Network::with_udp) or
//! [`with_udp_client`](crate::Network::with_udp_client) puts the stack's functions in. What a value
//! lacks is [`ErrorKind::NotSupported`] at the call, and is not linked.
//!
//! ```
//! use nal_socket::{Network, NoUdp, UdpFull};
//! use std_embedded_nal::Stack;
//!
//! type TcpOnly = Network<Stack, fn() -> u64, NoUdp>;
//! type Both = Network<Stack, fn() -> u64, UdpFull<Stack>>;
//!
//! let tcp: TcpOnly = Network::new(Stack, || 0);
//! let both: Both = tcp.with_udp();
//! # let _ = both;
//! ```
//!
//! Limits: one kind of datagram socket a network.

use core::convert::Infallible;
use core::fmt;
use core::net::SocketAddr;

use embedded_nal::{UdpClientStack, UdpFullStack, nb};

use crate::capability::multicast::Groups;
use crate::capability::{FlushUdp, Membership, SetUdpOption};
use crate::udp_policy::LONGEST;
use crate::{Ephemeral, ErrorKind, SocketOption, UdpPolicy};

/// The datagram functions of a stack `S`, as far as there are any.
///
/// Implemented by [`NoUdp`], [`UdpClient`] and [`UdpFull`]; implement it to bring datagrams that
/// embedded-nal's traits do not cover. Errors are classified already. `WouldBlock` means "call again
/// with the same arguments".
pub trait Datagrams<S> {
    /// The stack's UDP socket.
    type Handle;

    /// Takes a socket from the stack. The kind `WouldBlock` means "ask again", here as in
    /// [`bind`](Self::bind) and [`connect`](Self::connect).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] without UDP, or what the stack reports.
    fn socket(&self, stack: &mut S) -> Result<Self::Handle, ErrorKind>;

    /// Binds to a local port, to send to and hear from everybody. Port 0 comes only from those who
    /// declare [`Ephemeral::ByStack`]. After an error it may be called again, with another port or
    /// the same.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] for a stack of clients only, which [`connect`](Self::connect) is
    /// tried on then, or what the stack reports.
    fn bind(&self, stack: &mut S, handle: &mut Self::Handle, port: u16) -> Result<(), ErrorKind> {
        let _ = (stack, handle, port);
        Err(ErrorKind::NotSupported)
    }

    /// Connects to one peer, to send to and hear from only it.
    ///
    /// # Errors
    ///
    /// What the stack reports.
    fn connect(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        remote: SocketAddr,
    ) -> Result<(), ErrorKind>;

    /// Sends one datagram to the peer of [`connect`](Self::connect), whole. `WouldBlock` is for one that
    /// was not accepted: a caller whose time is over may send it again, later.
    ///
    /// # Errors
    ///
    /// What the stack reports.
    fn send(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        data: &[u8],
    ) -> nb::Result<(), ErrorKind>;

    /// Sends one datagram to `remote` from a bound socket, whole. `WouldBlock` as in
    /// [`send`](Self::send).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] for a stack of clients only, or what the stack reports.
    fn send_to(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        remote: SocketAddr,
        data: &[u8],
    ) -> nb::Result<(), ErrorKind> {
        let _ = (stack, handle, remote, data);
        Err(nb::Error::Other(ErrorKind::NotSupported))
    }

    /// Receives one datagram and where it came from.
    ///
    /// # Errors
    ///
    /// What the stack reports.
    fn receive(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        buf: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), ErrorKind>;

    /// Whether everything sent has left; see [`UdpFlush`](crate::capability::UdpFlush).
    ///
    /// # Errors
    ///
    /// What the stack reports.
    fn flush(&self, stack: &mut S, handle: &mut Self::Handle) -> nb::Result<(), ErrorKind> {
        let _ = (stack, handle);
        Ok(())
    }

    /// Gives the socket back to the stack.
    ///
    /// # Errors
    ///
    /// What the stack reports; the socket is gone all the same.
    fn close(&self, stack: &mut S, handle: Self::Handle) -> Result<(), ErrorKind>;

    /// Who chooses a local port that the user left open.
    fn ephemeral(&self) -> Ephemeral {
        Ephemeral::ByNetwork
    }

    /// How many bytes a datagram to send may have; the stack is not asked for more.
    fn longest_send(&self) -> usize {
        LONGEST
    }

    /// Whether there are options, so that a socket may keep one for later.
    fn has_options(&self) -> bool {
        false
    }

    /// Sets an option; see [`UdpOptions`](crate::capability::UdpOptions).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] without options or this one, or what the stack reports.
    fn set_option(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        let _ = (stack, handle, option);
        Err(nb::Error::Other(ErrorKind::NotSupported))
    }

    /// Whether there are multicast groups, so that a socket may keep one for later.
    fn has_multicast(&self) -> bool {
        false
    }

    /// Joins a multicast group; see [`Multicast`](crate::capability::Multicast).
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] without multicast, or what the stack reports.
    fn join_group(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        let _ = (stack, handle, membership);
        Err(nb::Error::Other(ErrorKind::NotSupported))
    }

    /// Leaves a multicast group.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] without multicast, or what the stack reports.
    fn leave_group(
        &self,
        stack: &mut S,
        handle: &mut Self::Handle,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        let _ = (stack, handle, membership);
        Err(nb::Error::Other(ErrorKind::NotSupported))
    }
}

/// No datagrams: making a socket is [`ErrorKind::NotSupported`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct NoUdp;

impl<S> Datagrams<S> for NoUdp {
    // Nobody can have one, so what would use one cannot be called.
    type Handle = Infallible;

    fn socket(&self, _: &mut S) -> Result<Infallible, ErrorKind> {
        Err(ErrorKind::NotSupported)
    }

    fn connect(&self, _: &mut S, handle: &mut Infallible, _: SocketAddr) -> Result<(), ErrorKind> {
        match *handle {}
    }

    fn send(&self, _: &mut S, handle: &mut Infallible, _: &[u8]) -> nb::Result<(), ErrorKind> {
        match *handle {}
    }

    fn receive(
        &self,
        _: &mut S,
        handle: &mut Infallible,
        _: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), ErrorKind> {
        match *handle {}
    }

    fn close(&self, _: &mut S, handle: Infallible) -> Result<(), ErrorKind> {
        match handle {}
    }
}

/// The datagrams of a [`UdpClientStack`]: sockets with one peer each.
pub struct UdpClient<S: UdpClientStack> {
    pub(crate) policy: UdpPolicy<S::Error>,
    pub(crate) option: Option<SetUdpOption<S>>,
    pub(crate) groups: Option<Groups<S>>,
    pub(crate) flush: Option<FlushUdp<S>>,
}

impl<S: UdpClientStack> UdpClient<S> {
    pub(crate) const fn new(policy: UdpPolicy<S::Error>) -> Self {
        Self {
            policy,
            option: None,
            groups: None,
            flush: None,
        }
    }
}

impl<S: UdpClientStack> Datagrams<S> for UdpClient<S> {
    type Handle = S::UdpSocket;

    fn socket(&self, stack: &mut S) -> Result<S::UdpSocket, ErrorKind> {
        stack.socket().map_err(|error| self.policy.kind(&error))
    }

    fn connect(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        remote: SocketAddr,
    ) -> Result<(), ErrorKind> {
        stack
            .connect(handle, remote)
            .map_err(|error| self.policy.kind(&error))
    }

    fn send(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        data: &[u8],
    ) -> nb::Result<(), ErrorKind> {
        stack
            .send(handle, data)
            .map_err(|error| self.policy.failure(error))
    }

    fn receive(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        buf: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), ErrorKind> {
        stack
            .receive(handle, buf)
            .map_err(|error| self.policy.failure(error))
    }

    fn flush(&self, stack: &mut S, handle: &mut S::UdpSocket) -> nb::Result<(), ErrorKind> {
        self.flush.map_or(Ok(()), |flush| flush(stack, handle))
    }

    fn close(&self, stack: &mut S, handle: S::UdpSocket) -> Result<(), ErrorKind> {
        stack
            .close(handle)
            .map_err(|error| self.policy.kind(&error))
    }

    fn ephemeral(&self) -> Ephemeral {
        self.policy.ephemeral
    }

    fn longest_send(&self) -> usize {
        self.policy.longest
    }

    fn has_options(&self) -> bool {
        self.option.is_some()
    }

    fn set_option(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        match self.option {
            Some(set) => set(stack, handle, option),
            None => Err(nb::Error::Other(ErrorKind::NotSupported)),
        }
    }

    fn has_multicast(&self) -> bool {
        self.groups.is_some()
    }

    fn join_group(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        match &self.groups {
            Some(groups) => (groups.join)(stack, handle, membership),
            None => Err(nb::Error::Other(ErrorKind::NotSupported)),
        }
    }

    fn leave_group(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        match &self.groups {
            Some(groups) => (groups.leave)(stack, handle, membership),
            None => Err(nb::Error::Other(ErrorKind::NotSupported)),
        }
    }
}

impl<S: UdpClientStack> fmt::Debug for UdpClient<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpClient").finish_non_exhaustive()
    }
}

/// The datagrams of a [`UdpFullStack`].
pub struct UdpFull<S: UdpFullStack> {
    pub(crate) client: UdpClient<S>,
}

impl<S: UdpFullStack> Datagrams<S> for UdpFull<S> {
    type Handle = S::UdpSocket;

    fn socket(&self, stack: &mut S) -> Result<S::UdpSocket, ErrorKind> {
        self.client.socket(stack)
    }

    fn bind(&self, stack: &mut S, handle: &mut S::UdpSocket, port: u16) -> Result<(), ErrorKind> {
        stack
            .bind(handle, port)
            .map_err(|error| self.client.policy.kind(&error))
    }

    fn connect(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        remote: SocketAddr,
    ) -> Result<(), ErrorKind> {
        self.client.connect(stack, handle, remote)
    }

    fn send(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        data: &[u8],
    ) -> nb::Result<(), ErrorKind> {
        self.client.send(stack, handle, data)
    }

    fn send_to(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        remote: SocketAddr,
        data: &[u8],
    ) -> nb::Result<(), ErrorKind> {
        stack
            .send_to(handle, remote, data)
            .map_err(|error| self.client.policy.failure(error))
    }

    fn receive(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        buf: &mut [u8],
    ) -> nb::Result<(usize, SocketAddr), ErrorKind> {
        self.client.receive(stack, handle, buf)
    }

    fn flush(&self, stack: &mut S, handle: &mut S::UdpSocket) -> nb::Result<(), ErrorKind> {
        self.client.flush(stack, handle)
    }

    fn close(&self, stack: &mut S, handle: S::UdpSocket) -> Result<(), ErrorKind> {
        self.client.close(stack, handle)
    }

    fn ephemeral(&self) -> Ephemeral {
        self.client.ephemeral()
    }

    fn longest_send(&self) -> usize {
        self.client.longest_send()
    }

    fn has_options(&self) -> bool {
        self.client.has_options()
    }

    fn set_option(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        self.client.set_option(stack, handle, option)
    }

    fn has_multicast(&self) -> bool {
        self.client.has_multicast()
    }

    fn join_group(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        self.client.join_group(stack, handle, membership)
    }

    fn leave_group(
        &self,
        stack: &mut S,
        handle: &mut S::UdpSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind> {
        self.client.leave_group(stack, handle, membership)
    }
}

impl<S: UdpFullStack> fmt::Debug for UdpFull<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UdpFull").finish_non_exhaustive()
    }
}
