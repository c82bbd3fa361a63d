//! The network: a stack, a platform, and what the stack is known to do.
//!
//! Sockets hold a reference to it and share the stack.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, TcpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut first = TcpSocket::new(&network);
//! let second = TcpSocket::new(&network);
//! assert_eq!(first.recv(&mut [0; 4]).unwrap_err().kind(), ErrorKind::NotConnected);
//! # drop(second);
//! ```
//!
//! Limits: one thread or one task (`Network` is not `Sync`); the stack is borrowed only while one of
//! its functions runs, and a second borrow from within is [`ErrorKind::Busy`], never a panic.

use core::cell::{Cell, RefCell, RefMut};
use core::fmt;

use embedded_nal::{Dns, TcpClientStack, TcpFullStack, UdpClientStack, UdpFullStack};

use crate::capability::{Capabilities, Server};
use crate::datagrams::{Datagrams, NoUdp, UdpClient, UdpFull};
use crate::ephemeral_port::Ports;
use crate::pause::Pause;
use crate::resolver::{Names, resolve_by_dns};
use crate::{Error, ErrorKind, Platform, Policy, UdpPolicy};

/// A stack shared by many sockets.
///
/// `U` is how its datagrams are reached: [`NoUdp`] unless asked for.
pub struct Network<S: TcpClientStack, P, U = NoUdp> {
    stack: RefCell<S>,
    pub(crate) platform: P,
    pub(crate) policy: Policy<S::Error>,
    pub(crate) capabilities: Capabilities<S>,
    pub(crate) names: Names<S>,
    pub(crate) udp: U,
    /// Where the next socket without a port of its own gets one.
    pub(crate) ports: Ports,
    pub(crate) idling: Cell<bool>,
    pub(crate) pause: Pause,
    /// Something was taken from the stack and thrown away. More may be there, so the next idling must
    /// not sleep.
    pub(crate) hurry: Cell<bool>,
    /// Where the latest poll has begun, as a part of the circle.
    pub(crate) rotation: Cell<u32>,
}

impl<S: TcpClientStack, P> Network<S, P> {
    /// A network on a stack that resolves names.
    pub const fn new(stack: S, platform: P) -> Self
    where
        S: Dns,
    {
        let mut network = Self::without_dns(stack, platform);
        network.names.resolver = Some(resolve_by_dns::<S>);
        network
    }

    /// A network on a stack that does not resolve names. Numeric addresses work; a name is
    /// [`ErrorKind::NoResolver`] until [`with_resolver`](Self::with_resolver) gives one.
    pub const fn without_dns(stack: S, platform: P) -> Self {
        Self {
            stack: RefCell::new(stack),
            platform,
            policy: Policy::strict(),
            capabilities: Capabilities::none(),
            names: Names::none(),
            udp: NoUdp,
            ports: Ports::new(),
            idling: Cell::new(false),
            pause: Pause::new(),
            hurry: Cell::new(false),
            rotation: Cell::new(0),
        }
    }

    /// Puts the stack's datagrams in. Their errors are [`ErrorKind::Other`] unless
    /// [`with_udp_policy`](Self::with_udp_policy) says more.
    pub fn with_udp(self) -> Network<S, P, UdpFull<S>>
    where
        S: UdpFullStack,
    {
        self.with_udp_policy(UdpPolicy::new())
    }

    /// Puts the stack's datagrams in and declares how they behave.
    pub fn with_udp_policy(
        self,
        policy: UdpPolicy<<S as UdpClientStack>::Error>,
    ) -> Network<S, P, UdpFull<S>>
    where
        S: UdpFullStack,
    {
        self.with_datagrams(UdpFull {
            client: UdpClient::new(policy),
        })
    }

    /// Puts the datagrams of a stack in that can send to and hear from one peer only: it need not be
    /// a `UdpFullStack`.
    pub fn with_udp_client(
        self,
        policy: UdpPolicy<<S as UdpClientStack>::Error>,
    ) -> Network<S, P, UdpClient<S>>
    where
        S: UdpClientStack,
    {
        self.with_datagrams(UdpClient::new(policy))
    }

    /// Puts datagrams of whatever kind in.
    pub fn with_datagrams<V: Datagrams<S>>(self, datagrams: V) -> Network<S, P, V> {
        Network {
            stack: self.stack,
            platform: self.platform,
            policy: self.policy,
            capabilities: self.capabilities,
            names: self.names,
            udp: datagrams,
            ports: self.ports,
            idling: self.idling,
            pause: self.pause,
            hurry: self.hurry,
            rotation: self.rotation,
        }
    }
}

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Declares how the stack behaves. Without it, [`Policy::strict`].
    #[must_use]
    pub fn with_policy(mut self, policy: Policy<S::Error>) -> Self {
        self.policy = policy;
        self
    }

    /// Puts the stack's server functions in, so that code which only knows `S: TcpClientStack` can
    /// make a [`TcpListener`](crate::TcpListener) with [`try_new`](crate::TcpListener::try_new).
    #[must_use]
    pub fn with_server(mut self) -> Self
    where
        S: TcpFullStack,
    {
        self.capabilities.server = Some(Server::of_stack());
        self
    }

    /// Runs `f` on the stack itself, once, for what the socket interface does not offer.
    /// [`wait_with_stack`](Self::wait_with_stack) runs it until it is done.
    ///
    /// Sockets used inside `f` report [`ErrorKind::Busy`]; a socket dropped inside `f` is not closed
    /// in the stack.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::Busy`] when the stack is in use further up the call chain.
    pub fn with_stack<R>(&self, f: impl FnOnce(&mut S) -> R) -> Result<R, Error> {
        Ok(f(&mut *self.borrow_stack()?))
    }

    /// The platform given at construction.
    pub const fn platform(&self) -> &P {
        &self.platform
    }

    /// Takes the network apart again.
    pub fn into_parts(self) -> (S, P) {
        (self.stack.into_inner(), self.platform)
    }

    pub(crate) fn borrow_stack(&self) -> Result<RefMut<'_, S>, Error> {
        self.stack
            .try_borrow_mut()
            .map_err(|_| Error::new(ErrorKind::Busy))
    }
}

impl<S: TcpClientStack, P, U> fmt::Debug for Network<S, P, U> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("resolver", &self.names.can_ask())
            .field("server", &self.capabilities.server.is_some())
            .field("shutdown", &self.capabilities.shutdown.is_some())
            .field("abort", &self.capabilities.abort.is_some())
            .field("listening", &self.capabilities.listening.is_some())
            .field("local_address", &self.capabilities.local_address.is_some())
            .field("tcp_options", &self.capabilities.tcp_options.is_some())
            .field("in_use", &self.stack.try_borrow().is_err())
            .finish_non_exhaustive()
    }
}

/// Something that leads to a [`Network`]: a reference, or with the feature `alloc` an `Rc`.
///
/// Every clone must lead to the same network.
pub trait NetworkRef: Clone {
    /// The stack's type.
    type Stack: TcpClientStack;
    /// The platform's type.
    type Platform: Platform;
    /// How the stack's datagrams are reached; [`NoUdp`] for none.
    type Udp: Datagrams<Self::Stack>;

    /// The network.
    fn network(&self) -> &Network<Self::Stack, Self::Platform, Self::Udp>;
}

impl<S: TcpClientStack, P: Platform, U: Datagrams<S>> NetworkRef for &Network<S, P, U> {
    type Stack = S;
    type Platform = P;
    type Udp = U;

    fn network(&self) -> &Network<S, P, U> {
        self
    }
}

#[cfg(feature = "alloc")]
impl<S: TcpClientStack, P: Platform, U: Datagrams<S>> NetworkRef
    for alloc::rc::Rc<Network<S, P, U>>
{
    type Stack = S;
    type Platform = P;
    type Udp = U;

    fn network(&self) -> &Network<S, P, U> {
        self
    }
}
