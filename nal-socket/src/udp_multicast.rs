//! Multicast groups of UDP sockets.

use core::net::IpAddr;

use crate::capability::{Interface, Membership};
use crate::datagrams::Datagrams;
use crate::error::Fault;
use crate::policy::again_or_kind;
use crate::udp_socket::Phase;
use crate::{Error, ErrorKind, NetworkRef, UdpSocket};

impl<N: NetworkRef, const DATAGRAM: usize> UdpSocket<N, DATAGRAM> {
    /// Joins a multicast group (`IP_ADD_MEMBERSHIP`, `IPV6_JOIN_GROUP`), at most
    /// [`MEMBERSHIPS`](crate::MEMBERSHIPS) a socket. What is sent to the group and the socket's port is
    /// received from then on. The stack is told at once, within the send timeout; before the first use
    /// of the socket the group is kept for that, which fails with what the stack says if it refuses
    /// one. Closing leaves every group.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for an address that is not multicast or an interface
    /// that does not go with it, [`NotSupported`](ErrorKind::NotSupported) for a network built without
    /// `with_multicast`, [`AddressInUse`](ErrorKind::AddressInUse) if joined already,
    /// [`NoMemory`](ErrorKind::NoMemory) for too many groups, [`Closed`](ErrorKind::Closed),
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`Interrupted`](ErrorKind::Interrupted), [`Busy`](ErrorKind::Busy), or what the stack
    /// reports. The group is not joined then.
    pub fn join_group(&mut self, group: IpAddr, interface: Interface) -> Result<(), Error> {
        let membership = self.membership(group, interface)?;
        self.memberships.check(membership)?;
        let told = self.is_open();
        if told {
            self.tell_group(membership, N::Udp::join_group)?;
        }
        self.memberships.add(membership, told);
        Ok(())
    }

    /// Leaves a group (`IP_DROP_MEMBERSHIP`, `IPV6_LEAVE_GROUP`) with the interface that it was joined
    /// with, within the send timeout.
    ///
    /// # Errors
    ///
    /// As [`join_group`](Self::join_group), but
    /// [`AddressNotAvailable`](ErrorKind::AddressNotAvailable) if it was not joined. The group stays
    /// joined then.
    pub fn leave_group(&mut self, group: IpAddr, interface: Interface) -> Result<(), Error> {
        let membership = self.membership(group, interface)?;
        match self.memberships.told(membership) {
            None => {
                return Err(Error::with(
                    ErrorKind::AddressNotAvailable,
                    Fault::NotJoined,
                ));
            }
            Some(false) => {}
            Some(true) => self.tell_group(membership, N::Udp::leave_group)?,
        }
        self.memberships.remove(membership);
        Ok(())
    }

    fn membership(&self, group: IpAddr, interface: Interface) -> Result<Membership, Error> {
        if !group.is_multicast() {
            return Err(Error::invalid(Fault::NotMulticast));
        }
        if group.is_ipv6() && matches!(interface, Interface::Address(_)) {
            return Err(Error::invalid(Fault::InterfaceAddress));
        }
        self.not_closed()?;
        if !self.net.network().udp.has_multicast() {
            return Err(Error::unsupported(Fault::NoMulticast));
        }
        Ok(Membership { group, interface })
    }

    const fn is_open(&self) -> bool {
        matches!(self.phase, Phase::Bound | Phase::Attached(_))
    }

    fn tell_group(&mut self, membership: Membership, tell: Tell<N>) -> Result<(), Error> {
        let limit = self.send_limit();
        let net = self.net.network();
        let handle = self
            .handle
            .as_mut()
            .ok_or(Error::new(ErrorKind::NotConnected))?;
        net.wait(limit, |stack, _| {
            tell(&net.udp, stack, handle, membership).map_err(again_or_kind)
        })
    }
}

type Tell<N> = fn(
    &<N as NetworkRef>::Udp,
    &mut <N as NetworkRef>::Stack,
    &mut crate::udp_socket::UdpHandle<N>,
    Membership,
) -> embedded_nal::nb::Result<(), ErrorKind>;
