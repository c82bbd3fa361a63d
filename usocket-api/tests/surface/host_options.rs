//! Socket options and groups of the host's sockets, which std-embedded-nal has no words for.

use std::cell::RefCell;
use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

use nal_socket::capability::{Interface, Membership};
use nal_socket::embedded_nal::{TcpClientStack, UdpClientStack};
use nal_socket::{ErrorKind, SocketOption};
use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use rustix::net::sockopt;
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, recvmsg};
use std_embedded_nal::Stack;

type Tcp = <Stack as TcpClientStack>::TcpSocket;
type Udp = <Stack as UdpClientStack>::UdpSocket;

thread_local! {
    /// What sockets of this thread were told.
    static TOLD: RefCell<Vec<SocketOption>> = const { RefCell::new(Vec::new()) };
}

/// Takes what the host's sockets were told.
pub fn told() -> Vec<SocketOption> {
    TOLD.take()
}

pub fn set_tcp(_: &mut Stack, socket: &mut Tcp, option: SocketOption) -> nb::Result<(), ErrorKind> {
    let socket = descriptor(socket.as_raw_fd())?;
    let set = match option {
        SocketOption::NoDelay(on) => sockopt::set_tcp_nodelay(&socket, on),
        SocketOption::KeepAlive(time) => sockopt::set_socket_keepalive(&socket, time.is_some()),
        _ => return Err(ErrorKind::NotSupported.into()),
    };
    set.map_err(|_| ErrorKind::Other)?;
    match option {
        SocketOption::NoDelay(on) => assert_eq!(sockopt::tcp_nodelay(&socket), Ok(on)),
        SocketOption::KeepAlive(time) => {
            assert_eq!(sockopt::socket_keepalive(&socket), Ok(time.is_some()));
        }
        _ => {}
    }
    TOLD.with_borrow_mut(|told| told.push(option));
    Ok(())
}

pub fn set_udp(_: &mut Stack, socket: &mut Udp, option: SocketOption) -> nb::Result<(), ErrorKind> {
    let SocketOption::Broadcast(on) = option else {
        return Err(ErrorKind::NotSupported.into());
    };
    let socket = descriptor(socket.as_raw_fd())?;
    sockopt::set_socket_broadcast(&socket, on).map_err(|_| ErrorKind::Other)?;
    assert_eq!(sockopt::socket_broadcast(&socket), Ok(on));
    TOLD.with_borrow_mut(|told| told.push(option));
    Ok(())
}

pub fn join(_: &mut Stack, socket: &mut Udp, group: Membership) -> nb::Result<(), ErrorKind> {
    let (group, interface) = addresses(group)?;
    let socket = descriptor(socket.as_raw_fd())?;
    sockopt::set_ip_add_membership(&socket, &group, &interface).map_err(|_| ErrorKind::Other)?;
    Ok(())
}

pub fn leave(_: &mut Stack, socket: &mut Udp, group: Membership) -> nb::Result<(), ErrorKind> {
    let (group, interface) = addresses(group)?;
    let socket = descriptor(socket.as_raw_fd())?;
    sockopt::set_ip_drop_membership(&socket, &group, &interface).map_err(|_| ErrorKind::Other)?;
    Ok(())
}

/// Sends a datagram to a group, over the loopback interface.
pub fn send_to_group(group: Ipv4Addr, port: u16, data: &[u8]) {
    let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
    sockopt::set_ip_multicast_if(&socket, &Ipv4Addr::LOCALHOST).unwrap();
    socket.send_to(data, (group, port)).unwrap();
}

fn addresses(membership: Membership) -> Result<(Ipv4Addr, Ipv4Addr), ErrorKind> {
    match (membership.group, membership.interface) {
        (IpAddr::V4(group), Interface::Address(interface)) => Ok((group, interface)),
        (IpAddr::V4(group), Interface::Default) => Ok((group, Ipv4Addr::UNSPECIFIED)),
        _ => Err(ErrorKind::NotSupported),
    }
}

/// The stack tells descriptors as numbers. Sent through a pair of sockets, the system makes one of it
/// that has an owner, without which no option can be set in safe code.
fn descriptor(number: Option<RawFd>) -> Result<OwnedFd, ErrorKind> {
    let number = number.ok_or(ErrorKind::NotConnected)?;
    handed_over(number).map_err(|_| ErrorKind::Other)
}

fn handed_over(number: RawFd) -> io::Result<OwnedFd> {
    let (from, to) = UnixStream::pair()?;
    let numbers = [number];
    let message = [ControlMessage::ScmRights(&numbers)];
    let data = [IoSlice::new(b"x")];
    sendmsg::<()>(from.as_raw_fd(), &data, &message, MsgFlags::empty(), None)?;
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut data = [IoSliceMut::new(&mut byte)];
    recvmsg(&to, &mut data, &mut control, RecvFlags::empty())?;
    control
        .drain()
        .find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut owned) => owned.next(),
            _ => None,
        })
        .ok_or(io::ErrorKind::NotFound.into())
}
