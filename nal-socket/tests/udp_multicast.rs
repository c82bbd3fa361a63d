//! Multicast groups.

mod datagrams;

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use datagrams::{Air, Call, SECOND, full};
use nal_socket::capability::Membership;
use nal_socket::{Error, ErrorKind, Interface, MEMBERSHIPS, UdpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

const MDNS: IpAddr = IpAddr::V4(Ipv4Addr::new(224, 0, 0, 251));

fn mdns(interface: Interface) -> Membership {
    Membership {
        group: MDNS,
        interface,
    }
}

#[test]
fn without_the_capability_nothing_is_joined() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    let error = socket.join_group(MDNS, Interface::Default).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(
        error.to_string(),
        "this network joins no multicast groups; build it with_multicast if the stack can"
    );
    let error = socket.leave_group(MDNS, Interface::Default).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(air.calls(), []);
}

#[test]
fn a_bound_socket_joins_at_once_and_leaves_once() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.bind(5353).unwrap();
    air.forget_calls();
    socket.join_group(MDNS, Interface::Default).unwrap();
    let error = socket.join_group(MDNS, Interface::Default).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressInUse);
    assert_eq!(
        error.to_string(),
        "the socket is in this multicast group already"
    );
    socket.leave_group(MDNS, Interface::Default).unwrap();
    let error = socket.leave_group(MDNS, Interface::Default).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AddressNotAvailable);
    assert_eq!(
        error.to_string(),
        "the socket is not in this multicast group; name the interface it was joined with"
    );
    let group = mdns(Interface::Default);
    assert_eq!(air.calls(), [Call::Join(group), Call::Leave(group)]);
}

#[test]
fn a_group_joined_before_the_first_use_is_told_when_the_port_is_there() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.join_group(MDNS, Interface::Index(2)).unwrap();
    let address = Interface::Address(Ipv4Addr::new(192, 0, 2, 7));
    socket.join_group(MDNS, address).unwrap();
    socket.leave_group(MDNS, address).unwrap();
    assert_eq!(air.calls(), []);
    air.capable_at.set(air.now.get() + SECOND);
    socket.bind(5353).unwrap();
    let group = mdns(Interface::Index(2));
    assert_eq!(
        air.calls(),
        [
            Call::Socket,
            Call::Bind(5353),
            Call::Join(group),
            Call::Join(group)
        ]
    );
}

#[test]
fn a_group_that_is_refused_later_fails_the_first_use() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.join_group(MDNS, Interface::Default).unwrap();
    air.capable_error.set(Some(ErrorKind::NoMemory));
    assert_eq!(kind(socket.bind(5353)), ErrorKind::NoMemory);
    assert_eq!(*air.open.borrow(), [0; 0]);
    air.capable_error.set(None);
    socket.bind(5353).unwrap();
    assert_eq!(*air.open.borrow(), [1]);
    assert_eq!(
        air.calls().last(),
        Some(&Call::Join(mdns(Interface::Default)))
    );
}

#[test]
fn closing_and_dropping_leave_every_group_that_the_stack_knows() {
    for drop_it in [false, true] {
        let air = Air::new();
        let network = full(&air).with_multicast();
        let mut socket = UdpSocket::new(&network);
        socket.bind(5353).unwrap();
        socket.join_group(MDNS, Interface::Default).unwrap();
        socket.join_group(MDNS, Interface::Index(1)).unwrap();
        air.capable_error.set(Some(ErrorKind::Other));
        assert_eq!(
            kind(socket.join_group(MDNS, Interface::Index(9))),
            ErrorKind::Other
        );
        air.forget_calls();
        if !drop_it {
            assert_eq!(socket.close(), Ok(()));
            assert_eq!(
                kind(socket.join_group(MDNS, Interface::Default)),
                ErrorKind::Closed
            );
        }
        drop(socket);
        assert_eq!(
            air.calls(),
            [
                Call::Leave(mdns(Interface::Default)),
                Call::Leave(mdns(Interface::Index(1))),
                Call::Close(0)
            ]
        );
    }
}

#[test]
fn what_takes_the_stack_time_has_the_send_timeout() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    socket.bind(5353).unwrap();
    let start = air.now.get();
    air.capable_at.set(start + 3 * SECOND);
    socket.set_send_timeout(Some(Duration::from_secs(1)));
    let default = Interface::Default;
    assert_eq!(kind(socket.join_group(MDNS, default)), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + SECOND);
    socket.set_send_timeout(None);
    assert_eq!(socket.join_group(MDNS, default), Ok(()));
    air.capable_error.set(Some(ErrorKind::NetworkDown));
    assert_eq!(
        kind(socket.leave_group(MDNS, default)),
        ErrorKind::NetworkDown
    );
    air.capable_error.set(None);
    assert_eq!(socket.leave_group(MDNS, default), Ok(()));
}

#[test]
fn there_is_room_for_so_many_groups() {
    let air = Air::new();
    let network = full(&air).with_multicast();
    let mut socket = UdpSocket::new(&network);
    let group = |n: usize| IpAddr::from([239, 0, 0, n as u8]);
    for n in 0..MEMBERSHIPS {
        socket.join_group(group(n), Interface::Default).unwrap();
    }
    let more = group(MEMBERSHIPS);
    let error = socket.join_group(more, Interface::Default).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoMemory);
    assert_eq!(
        error.to_string(),
        "the socket is in 4 multicast groups; leave one, or join with another socket"
    );
    socket.leave_group(group(0), Interface::Default).unwrap();
    socket.join_group(more, Interface::Default).unwrap();
}

#[test]
fn only_multicast_addresses_are_groups_and_only_some_interfaces_fit() {
    let air = Air::new();
    for network in [full(&air), full(&air).with_multicast()] {
        let mut socket = UdpSocket::new(&network);
        for address in [
            "192.0.2.1",
            "223.255.255.255",
            "240.0.0.0",
            "::1",
            "fe80::1",
        ] {
            let address = address.parse().unwrap();
            let error = socket.join_group(address, Interface::Default).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(
                error.to_string(),
                "this is no multicast address; groups are 224.0.0.0 to 239.255.255.255 and ff00::/8"
            );
            assert_eq!(
                kind(socket.leave_group(address, Interface::Default)),
                ErrorKind::InvalidInput
            );
        }
        let v6 = "ff02::fb".parse().unwrap();
        let error = socket
            .join_group(v6, Interface::Address(Ipv4Addr::LOCALHOST))
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(
            error.to_string(),
            "an IPv6 group is joined on the default interface or by an interface's index"
        );
    }
}
