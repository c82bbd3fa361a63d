//! UDP sockets for tasks: `embedded_nal_async::UdpStack`.
//!
//! What [`udp`](crate::udp) says of datagrams holds here too, except that a
//! datagram longer than the buffer is cut and told by its whole length, as the
//! async traits want it.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use embassy_sync::blocking_mutex::raw::RawMutex;
use embedded_nal_async::{UdpStack, UnconnectedUdp};

use super::Modem;
use crate::Clock;
use crate::error::{SocketError, UdpError};
use crate::tcp::check;
use crate::udp::{Role, UdpSocket};

/// A UDP socket with a fixed peer. Dropping it gives its link back.
pub struct ConnectedUdp<'s, M: RawMutex, C: Clock, const RX: usize = 4096>(Udp<'s, M, C, RX>);

/// A UDP socket with a port of its own, for any peer. Dropping it gives its
/// link back.
pub struct BoundUdp<'s, M: RawMutex, C: Clock, const RX: usize = 4096> {
    udp: Udp<'s, M, C, RX>,
    local: SocketAddr,
}

impl<M: RawMutex, C: Clock, const RX: usize> core::fmt::Debug for ConnectedUdp<'_, M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("ConnectedUdp")
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> core::fmt::Debug for BoundUdp<'_, M, C, RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "BoundUdp({})", self.local)
    }
}

struct Udp<'s, M: RawMutex, C: Clock, const RX: usize> {
    modem: Modem<'s, M, C, RX>,
    socket: UdpSocket,
}

impl<M: RawMutex, C: Clock, const RX: usize> Drop for Udp<'_, M, C, RX> {
    fn drop(&mut self) {
        if let Role::Open(key) | Role::Opening(key, ..) = self.socket.role {
            self.modem.0.with(|inner, now| {
                inner.machine.close(key, now);
                inner.settle(now);
            });
        }
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Udp<'s, M, C, RX> {
    /// Takes a link, as soon as there is one.
    async fn open(
        modem: Modem<'s, M, C, RX>,
        remote: SocketAddrV4,
        local_port: u16,
    ) -> Result<Self, UdpError> {
        // What the firmware cannot do is known after the start.
        modem.start().await?;
        let mut udp = Self {
            modem,
            socket: UdpSocket::new(),
        };
        modem.0.with(|inner, now| {
            let state = &mut inner.machine.state;
            let opened = state.udp_open(&mut udp.socket, remote, local_port, now);
            inner.settle(now);
            opened
        })?;
        let socket = &mut udp.socket;
        modem
            .until(|machine, now| machine.state.udp_key(socket, now))
            .await?;
        Ok(udp)
    }

    async fn send(&mut self, to: Option<SocketAddrV4>, data: &[u8]) -> Result<(), UdpError> {
        let socket = &mut self.socket;
        self.modem
            .until(|machine, now| machine.state.udp_send(socket, to, data, now))
            .await
    }

    async fn receive(&mut self, buf: &mut [u8]) -> Result<(usize, SocketAddr), UdpError> {
        let socket = &mut self.socket;
        self.modem
            .until(|machine, now| {
                let Some(key) = machine.state.udp_key(socket, now)? else {
                    return Ok(None);
                };
                let datagram = machine.state.receive_datagram(key, buf)?;
                if datagram.is_some() {
                    machine.drained(now);
                }
                Ok(datagram.map(|datagram| (datagram.len, datagram.from.into())))
            })
            .await
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> embedded_nal_async::ConnectedUdp
    for ConnectedUdp<'_, M, C, RX>
{
    type Error = UdpError;

    /// Completes when the datagram is accepted; it goes out whether the task
    /// comes back or not.
    async fn send(&mut self, data: &[u8]) -> Result<(), UdpError> {
        self.0.send(None, data).await
    }

    async fn receive_into(&mut self, buffer: &mut [u8]) -> Result<usize, UdpError> {
        self.0.receive(buffer).await.map(|(len, _)| len)
    }
}

impl<M: RawMutex, C: Clock, const RX: usize> UnconnectedUdp for BoundUdp<'_, M, C, RX> {
    type Error = UdpError;

    /// `local` is not looked at: the socket has one port.
    async fn send(
        &mut self,
        _local: SocketAddr,
        remote: SocketAddr,
        data: &[u8],
    ) -> Result<(), UdpError> {
        let to = check(remote).map_err(UdpError::Socket)?;
        self.udp.send(Some(to), data).await
    }

    async fn receive_into(
        &mut self,
        buffer: &mut [u8],
    ) -> Result<(usize, SocketAddr, SocketAddr), UdpError> {
        let (len, from) = self.udp.receive(buffer).await?;
        Ok((len, self.local, from))
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> Modem<'s, M, C, RX> {
    async fn bound(&self, local: SocketAddr) -> Result<BoundUdp<'s, M, C, RX>, UdpError> {
        let port = local.port();
        if port == 0 {
            return Err(SocketError::InvalidAddress.into());
        }
        if local.is_ipv6() {
            return Err(SocketError::Ipv6Unsupported.into());
        }
        // The peer of a socket that hears everybody; the modem wants a port.
        let everybody = SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port);
        let udp = Udp::open(*self, everybody, port).await?;
        Ok(BoundUdp { udp, local })
    }
}

impl<'s, M: RawMutex, C: Clock, const RX: usize> UdpStack for Modem<'s, M, C, RX> {
    type Error = UdpError;
    type Connected = ConnectedUdp<'s, M, C, RX>;
    type UniquelyBound = BoundUdp<'s, M, C, RX>;
    type MultiplyBound = BoundUdp<'s, M, C, RX>;

    /// Of `local` only the port counts; with 0 the modem chooses one, which it
    /// does not tell. The address returned is `local` as it was given.
    async fn connect_from(
        &self,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> Result<(SocketAddr, Self::Connected), UdpError> {
        let remote = check(remote).map_err(UdpError::Socket)?;
        let udp = Udp::open(*self, remote, local.port()).await?;
        Ok((local, ConnectedUdp(udp)))
    }

    /// The modem has one address: only the port of `local` counts, and it
    /// cannot be 0.
    async fn bind_single(
        &self,
        local: SocketAddr,
    ) -> Result<(SocketAddr, Self::UniquelyBound), UdpError> {
        Ok((local, self.bound(local).await?))
    }

    /// The same.
    async fn bind_multiple(&self, local: SocketAddr) -> Result<Self::MultiplyBound, UdpError> {
        self.bound(local).await
    }
}
