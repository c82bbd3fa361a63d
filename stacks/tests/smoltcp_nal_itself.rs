//! What smoltcp-nal 0.7 itself does where embedded-nal is silent, and what that means for the sockets.

mod common;
mod ethernet;

use std::time::Duration;

use ethernet::far_end::{HANGS_UP, SERVER};
use ethernet::{BUFFER, Net, SECOND, TCP_SOCKETS, World, at, bench, declared, names};
use nal_socket::embedded_nal::{AddrType, Dns, TcpClientStack, UdpClientStack, UdpFullStack, nb};
use nal_socket::{ErrorKind, Hints, Policy, TcpSocket, UdpSocket};
use nal_socket_stacks::smoltcp_nal::POLICY;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::{tcp, udp};
use smoltcp_nal::NetworkError;

fn kind<T: std::fmt::Debug>(result: Result<T, nal_socket::Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

/// A connection of the stack's own, which has asked the peer this.
fn raw(world: &World, net: &Net, request: &[u8]) -> SocketHandle {
    let mut handle = net
        .with_stack(|stack| TcpClientStack::socket(stack).unwrap())
        .unwrap();
    while net
        .with_stack(|stack| TcpClientStack::connect(stack, &mut handle, at(SERVER)))
        .unwrap()
        .is_err()
    {
        world.pass(1000);
    }
    assert_eq!(send(net, &mut handle, request).unwrap(), request.len());
    world.pass(SECOND);
    handle
}

fn send(net: &Net, handle: &mut SocketHandle, data: &[u8]) -> nb::Result<usize, NetworkError> {
    net.with_stack(|stack| TcpClientStack::send(stack, handle, data))
        .unwrap()
}

fn receive(net: &Net, handle: &mut SocketHandle, most: usize) -> nb::Result<usize, NetworkError> {
    net.with_stack(|stack| TcpClientStack::receive(stack, handle, &mut vec![0; most]))
        .unwrap()
}

#[test]
fn nothing_yet_is_zero_and_the_end_is_an_error_that_names_it() {
    let (world, net) = bench(declared);
    let mut handle = raw(&world, net, b"SLOW 3 3 2000\n");
    assert_eq!(receive(net, &mut handle, 8).unwrap(), 0);
    world.pass(2 * SECOND);
    assert_eq!(receive(net, &mut handle, 8).unwrap(), 3);
    world.pass(SECOND);
    assert!(matches!(
        receive(net, &mut handle, 8),
        Err(nb::Error::Other(NetworkError::TcpReadFailure(
            tcp::RecvError::Finished
        )))
    ));
}

#[test]
fn a_reset_is_an_error_that_names_it_after_the_data() {
    let (world, net) = bench(declared);
    let mut handle = raw(&world, net, b"SEND 3 HOLD 500 RESET\n");
    assert_eq!(receive(net, &mut handle, 8).unwrap(), 3);
    world.pass(SECOND);
    assert!(matches!(
        receive(net, &mut handle, 8),
        Err(nb::Error::Other(NetworkError::TcpReadFailure(
            tcp::RecvError::InvalidState
        )))
    ));
}

#[test]
fn full_is_zero_and_an_empty_send_does_not_wait_for_what_is_under_way() {
    let (world, net) = bench(declared);
    let mut handle = raw(&world, net, b"DEAF 60000\n");
    let mut sent = 0;
    loop {
        let count = send(net, &mut handle, &[0; 512]).unwrap();
        if count == 0 {
            break;
        }
        sent += count;
        world.pass(10_000);
    }
    // The peer's window and the stack's own buffer.
    assert!(sent >= BUFFER, "{sent}");
    assert_eq!(send(net, &mut handle, &[]).unwrap(), 0);
}

#[test]
fn a_refused_connect_dials_again_unless_it_is_asked_without_an_address() {
    // As embedded-nal has it: for ever "not yet".
    let (_world, net) = bench(|stack, bench| declared(stack, bench).with_policy(Policy::smoltcp()));
    let mut socket = TcpSocket::new(net);
    socket.set_timeout(Some(Duration::from_secs(60)));
    assert_eq!(kind(socket.connect(at(1))), ErrorKind::TimedOut);

    let (world, net) = bench(declared);
    let mut socket = TcpSocket::new(net);
    assert_eq!(kind(socket.connect(at(1))), ErrorKind::ConnectionRefused);
    // Two frames for the address and two for the answer, 400 us each, and the steps of the bench.
    assert!(world.time.get() < 2500, "{}", world.time.get());
}

#[test]
fn connect_misses_a_connection_that_was_closed_before_it_was_asked_again() {
    let (world, net) = bench(|stack, bench| declared(stack, bench).with_policy(Policy::smoltcp()));
    let mut socket = TcpSocket::new(net);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(at(HANGS_UP))), ErrorKind::InProgress);
    world.pass(SECOND);
    assert_eq!(
        kind(socket.connect(at(HANGS_UP))),
        ErrorKind::AlreadyInProgress
    );

    let (world, net) = bench(declared);
    let mut socket = TcpSocket::new(net);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(at(HANGS_UP))), ErrorKind::InProgress);
    world.pass(SECOND);
    socket.connect(at(HANGS_UP)).unwrap();
    assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
}

/// What the peer tells of "last words", sent on a connection that was closed just before the next one.
fn after_a_close(policy: Policy<NetworkError>) -> String {
    let (_world, net) = bench(|stack, bench| declared(stack, bench).with_policy(policy));
    let mut first = TcpSocket::new(net);
    first.connect(at(SERVER)).unwrap();
    first.sendall(b"COUNT 1\nlast words").unwrap();
    first.close().unwrap();
    let mut second = TcpSocket::new(net);
    second.connect(at(SERVER)).unwrap();
    second.sendall(b"TELL 1\n").unwrap();
    let mut line = [0; 32];
    let length = second.readline(&mut line).unwrap();
    String::from_utf8_lossy(&line[..length]).into_owned()
}

#[test]
fn a_socket_made_right_after_a_close_cuts_the_closing_connection_off_unless_there_is_a_pause() {
    // The stack hands out the socket that is still closing: the peer hears neither the words nor of an
    // end.
    assert_eq!(after_a_close(POLICY.pause_after_close(Duration::ZERO)), "");
    let told = after_a_close(POLICY);
    assert!(
        told.starts_with("10 ") && told.ends_with(" END\n"),
        "{told}"
    );
}

#[test]
fn sockets_run_out_as_no_sockets() {
    let (_world, net) = bench(declared);
    let mut sockets: Vec<_> = (0..=TCP_SOCKETS).map(|_| TcpSocket::new(net)).collect();
    let last = sockets.pop().unwrap();
    for socket in &mut sockets {
        socket.connect(at(SERVER)).unwrap();
    }
    let mut last = last;
    assert_eq!(kind(last.connect(at(SERVER))), ErrorKind::NoSockets);
    drop(sockets.pop());
    last.connect(at(SERVER)).unwrap();
}

#[test]
fn only_ipv4_is_spoken() {
    let (_world, net) = bench(declared);
    let mut socket = TcpSocket::new(net);
    assert_eq!(
        kind(socket.connect("[2001:db8::1]:80".parse().unwrap())),
        ErrorKind::AddressFamily
    );
}

#[test]
fn datagrams_have_errors_for_nothing_yet_and_for_port_0_and_lose_what_is_too_long() {
    let (world, net) = bench(declared);
    net.with_stack(|stack| {
        let mut socket = UdpClientStack::socket(stack).unwrap();
        assert!(matches!(
            stack.bind(&mut socket, 0),
            Err(NetworkError::UdpConnectionFailure(
                udp::BindError::Unaddressable
            ))
        ));
        UdpClientStack::connect(stack, &mut socket, at(7000)).unwrap();
        assert!(matches!(
            UdpClientStack::receive(stack, &mut socket, &mut [0; 8]),
            Err(nb::Error::Other(NetworkError::UdpReadFailure(
                udp::RecvError::Exhausted
            )))
        ));
        assert!(matches!(
            UdpClientStack::send(stack, &mut socket, &[0; BUFFER + 1]),
            Err(nb::Error::Other(NetworkError::UdpWriteFailure(
                udp::SendError::BufferFull
            )))
        ));
        UdpClientStack::send(stack, &mut socket, b"SIZE 100").unwrap();
        socket
    })
    .map(|mut socket| {
        world.pass(SECOND);
        let received = net
            .with_stack(|stack| UdpClientStack::receive(stack, &mut socket, &mut [0; 99]))
            .unwrap();
        assert!(matches!(
            received,
            Err(nb::Error::Other(NetworkError::UdpReadFailure(
                udp::RecvError::Truncated
            )))
        ));
    })
    .unwrap();

    // The sockets have room of their own, and know the longest.
    let mut socket = UdpSocket::new(net);
    socket.connect(at(7000)).unwrap();
    socket.send(b"SIZE 100").unwrap();
    assert_eq!(socket.recv(&mut [0; 99]), Ok(99));
    assert_eq!(
        kind(socket.send(&[0; BUFFER + 1])),
        ErrorKind::MessageTooLong
    );
}

#[test]
fn names_resolve_to_ipv4_whatever_was_asked_for() {
    let (_world, net) = bench(declared);
    let found = net.getaddrinfo(names::HOST, 80, Hints::stream()).unwrap();
    assert_eq!(found.first().sockaddr.ip(), names::HOST_ADDRESS);
    assert_eq!(
        kind(net.getaddrinfo("nobody.test", 80, Hints::stream())),
        ErrorKind::NameNotFound
    );
    assert_eq!(
        kind(net.getaddrinfo(
            names::HOST,
            80,
            Hints::stream().family(nal_socket::Family::Inet6)
        )),
        ErrorKind::NameNotFound
    );
}

#[test]
fn two_lookups_given_up_block_every_other_until_they_are_asked_for_again() {
    let (world, net) = bench(declared);
    let limit = Duration::from_secs(1);
    for host in [names::LOST_HOST, "other.lost.test"] {
        assert_eq!(
            kind(net.getaddrinfo_timeout(host, 80, Hints::stream(), limit)),
            ErrorKind::TimedOut
        );
    }
    world.pass(300 * SECOND);
    assert_eq!(
        kind(net.getaddrinfo(names::HOST, 80, Hints::stream())),
        ErrorKind::NameNotFound
    );
    assert_eq!(
        kind(net.getaddrinfo(names::LOST_HOST, 80, Hints::stream())),
        ErrorKind::NameNotFound
    );
    net.getaddrinfo(names::HOST, 80, Hints::stream()).unwrap();
}

#[test]
#[should_panic(expected = "Unexpected address return type")]
fn a_name_server_that_answers_with_ipv6_makes_the_stack_panic() {
    let (world, net) = bench(declared);
    let ask = || {
        net.with_stack(|stack| stack.get_host_by_name(names::HOST_V6_ONLY, AddrType::IPv4))
            .unwrap()
    };
    assert!(matches!(ask(), Err(nb::Error::WouldBlock)));
    world.pass(SECOND);
    let _ = ask();
}
