//! Multicast: datagrams to a group of hosts, for those who have joined it.
//!
//! ```
//! use nal_socket::{ErrorKind, Interface, Network, UdpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64).with_udp();
//! let mut socket = UdpSocket::new(&network);
//! let group = [224, 0, 0, 251].into();
//! let error = socket.join_group(group, Interface::Default).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::NotSupported);
//! ```

use core::net::{IpAddr, Ipv4Addr};

use embedded_nal::{TcpClientStack, UdpClientStack, UdpFullStack, nb};

use crate::datagrams::{UdpClient, UdpFull};
use crate::{ErrorKind, Network};

/// Where a group is joined.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Interface {
    /// Where the stack thinks best (`INADDR_ANY`, index 0).
    #[default]
    Default,
    /// The interface with this address. For IPv4 groups.
    Address(Ipv4Addr),
    /// The interface that the stack counts so.
    Index(u32),
}

/// A group, and where it is joined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Membership {
    /// A multicast address.
    pub group: IpAddr,
    /// Where.
    pub interface: Interface,
}

/// A stack whose UDP sockets can join multicast groups.
pub trait Multicast: UdpClientStack {
    /// Starts to hear what is sent to a group. The socket is bound or connected and not in the group
    /// yet. `WouldBlock` means "call again".
    ///
    /// # Errors
    ///
    /// What the stack reports; the group is not joined.
    fn join_group(
        &mut self,
        socket: &mut Self::UdpSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind>;

    /// Stops to hear a group that was joined. Called for each before the socket is closed, once.
    /// `WouldBlock` means "call again".
    ///
    /// # Errors
    ///
    /// What the stack reports.
    fn leave_group(
        &mut self,
        socket: &mut Self::UdpSocket,
        membership: Membership,
    ) -> nb::Result<(), ErrorKind>;
}

/// Joins or leaves a group, as the functions of [`Multicast`] do.
pub type Group<S> =
    fn(&mut S, &mut <S as UdpClientStack>::UdpSocket, Membership) -> nb::Result<(), ErrorKind>;

/// The functions of [`Multicast`].
pub(crate) struct Groups<S: UdpClientStack> {
    pub(crate) join: Group<S>,
    pub(crate) leave: Group<S>,
}

impl<S: TcpClientStack + UdpClientStack, P> Network<S, P, UdpClient<S>> {
    /// Puts the stack's multicast in.
    #[must_use]
    pub fn with_multicast(self) -> Self
    where
        S: Multicast,
    {
        self.with_multicast_by(S::join_group, S::leave_group)
    }

    /// The same by functions, for a stack that cannot implement [`Multicast`] because it is not yours.
    #[must_use]
    pub fn with_multicast_by(mut self, join: Group<S>, leave: Group<S>) -> Self {
        self.udp.groups = Some(Groups { join, leave });
        self
    }
}

impl<S: TcpClientStack + UdpFullStack, P> Network<S, P, UdpFull<S>> {
    /// Puts the stack's multicast in.
    #[must_use]
    pub fn with_multicast(self) -> Self
    where
        S: Multicast,
    {
        self.with_multicast_by(S::join_group, S::leave_group)
    }

    /// The same by functions, for a stack that cannot implement [`Multicast`] because it is not yours.
    #[must_use]
    pub fn with_multicast_by(mut self, join: Group<S>, leave: Group<S>) -> Self {
        self.udp.client.groups = Some(Groups { join, leave });
        self
    }
}
