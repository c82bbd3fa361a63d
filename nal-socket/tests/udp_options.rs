//! Options of UDP sockets.

mod datagrams;

use std::time::Duration;

use datagrams::{Air, Call, SECOND, bound, client, full, peer};
use nal_socket::{Error, ErrorKind, SocketOption, UdpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

const BROADCAST: SocketOption = SocketOption::Broadcast(true);
const REUSE: SocketOption = SocketOption::ReuseAddress(true);

#[test]
fn without_the_capability_options_are_refused_at_once() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    let error = socket.set_option(BROADCAST).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(
        error.to_string(),
        "this network has no socket options; build it with_tcp_options or with_udp_options \
         if the stack has them"
    );
    assert_eq!(socket.options().broadcast(), None);
    assert_eq!(air.calls(), []);
}

#[test]
fn options_are_told_before_the_port_is_bound() {
    let air = Air::new();
    let network = full(&air).with_udp_options();
    let mut socket = UdpSocket::new(&network);
    socket.set_option(BROADCAST).unwrap();
    socket.set_option(REUSE).unwrap();
    socket.bind(5353).unwrap();
    assert_eq!(
        air.calls(),
        [
            Call::Socket,
            Call::Option(REUSE),
            Call::Option(BROADCAST),
            Call::Bind(5353)
        ]
    );
    assert_eq!(socket.options().broadcast(), Some(true));
    assert_eq!(socket.options().reuse_address(), Some(true));
}

#[test]
fn a_stack_for_which_that_is_too_early_is_told_again_when_bound() {
    let air = Air::new();
    air.options_late.set(true);
    let network = full(&air).with_udp_options();
    let mut socket = UdpSocket::new(&network);
    socket.set_option(BROADCAST).unwrap();
    air.capable_at.set(air.now.get() + SECOND);
    socket.bind(5353).unwrap();
    let option = Call::Option(BROADCAST);
    assert_eq!(
        air.calls(),
        [
            Call::Socket,
            option.clone(),
            option.clone(),
            Call::Bind(5353),
            option
        ]
    );
}

#[test]
fn sockets_with_one_peer_each_have_options_too() {
    let air = Air::new();
    let network = client(&air).with_udp_options();
    let mut socket = UdpSocket::new(&network);
    socket.set_option(BROADCAST).unwrap();
    socket.sendto(b"x", peer()).unwrap();
    assert_eq!(air.calls()[..2], [Call::Socket, Call::Option(BROADCAST)]);
}

#[test]
fn a_refused_option_fails_the_first_use_and_the_socket_is_fresh() {
    let air = Air::new();
    let network = full(&air).with_udp_options();
    let mut socket = UdpSocket::new(&network);
    socket.set_option(BROADCAST).unwrap();
    air.capable_error.set(Some(ErrorKind::NotSupported));
    assert_eq!(kind(socket.bind(5353)), ErrorKind::NotSupported);
    assert_eq!(*air.open.borrow(), [0; 0]);
    air.capable_error.set(None);
    air.forget_calls();
    socket.bind(5353).unwrap();
    assert_eq!(
        air.calls(),
        [Call::Socket, Call::Option(BROADCAST), Call::Bind(5353)]
    );
}

#[test]
fn a_bound_socket_passes_options_on_within_the_send_timeout() {
    let air = Air::new();
    let network = full(&air).with_udp_options();
    let mut socket = UdpSocket::new(&network);
    socket.bind(5353).unwrap();
    let start = air.now.get();
    air.capable_at.set(start + 3 * SECOND);
    socket.set_send_timeout(Some(Duration::from_secs(1)));
    assert_eq!(kind(socket.set_option(BROADCAST)), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + SECOND);
    assert_eq!(socket.options().broadcast(), None);
    socket.set_send_timeout(None);
    socket.set_option(BROADCAST).unwrap();
    assert_eq!(socket.options().broadcast(), Some(true));
    socket.close().unwrap();
    assert_eq!(kind(socket.set_option(BROADCAST)), ErrorKind::Closed);
}

#[test]
fn options_of_tcp_and_values_that_cannot_be_right_are_invalid_on_every_stack() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    let of_tcp = "this option is for TCP sockets; UDP sockets have no such thing";
    for (option, message) in [
        (SocketOption::NoDelay(true), of_tcp),
        (SocketOption::KeepAlive(None), of_tcp),
        (
            SocketOption::HopLimit(0),
            "a hop limit of 0 lets nothing leave; use 1 to 255",
        ),
    ] {
        let error = socket.set_option(option).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.to_string(), message);
    }
    assert_eq!(air.calls(), []);
}
