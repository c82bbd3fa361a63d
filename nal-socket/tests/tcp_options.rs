//! Options of TCP sockets and listeners.

mod common;

use std::time::Duration;

use common::capable::capable;
use common::{Call, FakeError, SECOND, World, connected, network, peer, policy};
use nal_socket::{ConnectAgain, Error, ErrorKind, SocketOption, TcpListener, TcpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

const NO_DELAY: SocketOption = SocketOption::NoDelay(true);
const KEEP_ALIVE: SocketOption = SocketOption::KeepAlive(Some(Duration::from_secs(60)));
const REUSE: SocketOption = SocketOption::ReuseAddress(true);
const HOPS: SocketOption = SocketOption::HopLimit(3);

#[test]
fn without_the_capability_options_are_refused_at_once_and_not_noted() {
    let world = World::new();
    let network = network(&world);
    let message = "this network has no socket options; build it with_tcp_options or \
                   with_udp_options if the stack has them";
    let mut socket = TcpSocket::new(&network);
    let error = socket.set_option(NO_DELAY).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    assert_eq!(error.to_string(), message);
    assert_eq!(socket.options().no_delay(), None);
    socket.connect(peer()).unwrap();
    assert_eq!(kind(socket.set_option(NO_DELAY)), ErrorKind::NotSupported);

    let mut listener = TcpListener::new(&network);
    let error = listener.set_option(REUSE).unwrap_err();
    assert_eq!(error.to_string(), message);
}

#[test]
fn options_chosen_before_connecting_are_set_on_the_new_socket_once() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    for option in [NO_DELAY, KEEP_ALIVE, HOPS, SocketOption::NoDelay(false)] {
        socket.set_option(option).unwrap();
    }
    assert_eq!(world.calls(), []);
    world.connects(world.now.get() + SECOND, Ok(()));
    socket.connect(peer()).unwrap();
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Option(0, SocketOption::NoDelay(false)),
            Call::Option(0, KEEP_ALIVE),
            Call::Option(0, HOPS),
            Call::Connect(peer()),
            Call::Connect(peer()),
        ]
    );
    let options = socket.options();
    assert_eq!(options.no_delay(), Some(false));
    assert_eq!(options.keep_alive(), Some(Some(Duration::from_secs(60))));
    assert_eq!(options.hop_limit(), Some(3));
    assert_eq!(options.reuse_address(), None);
    assert_eq!(options.broadcast(), None);
}

#[test]
fn an_option_that_takes_the_stack_time_is_waited_for_and_not_repeated() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    world.can.ready_at.set(world.now.get() + SECOND);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    socket.set_nonblocking(false);
    socket.connect(peer()).unwrap();
    let option = Call::Option(0, NO_DELAY);
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            option.clone(),
            option.clone(),
            option,
            Call::Connect(peer())
        ]
    );
}

#[test]
fn a_refused_option_fails_the_connect_and_the_socket_is_as_new() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    socket.set_option(HOPS).unwrap();
    world.can.refused.set(Some((HOPS, ErrorKind::NotSupported)));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NotSupported);
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Option(0, NO_DELAY),
            Call::Option(0, HOPS),
            Call::Close(0)
        ]
    );
    world.forget_calls();
    let more = SocketOption::HopLimit(64);
    socket.set_option(more).unwrap();
    socket.connect(peer()).unwrap();
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Option(1, NO_DELAY),
            Call::Option(1, more),
            Call::Connect(peer())
        ]
    );
}

#[test]
fn an_option_that_the_stack_does_not_know_is_refused_before_there_is_a_socket() {
    let world = World::new();
    let network = capable(&world);
    world.can.unknown.set(Some(NO_DELAY));
    let mut socket = TcpSocket::new(&network);
    assert_eq!(kind(socket.set_option(NO_DELAY)), ErrorKind::NotSupported);
    assert_eq!(socket.options().no_delay(), None);
    let mut listener = TcpListener::new(&network);
    assert_eq!(kind(listener.set_option(NO_DELAY)), ErrorKind::NotSupported);
    assert_eq!(world.calls(), []);
    socket.connect(peer()).unwrap();
    assert_eq!(world.calls(), [Call::Socket, Call::Connect(peer())]);
}

#[test]
fn after_a_failed_connect_the_next_attempt_has_the_options_too() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    world.connects(0, Err(FakeError(ErrorKind::ConnectionRefused)));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::ConnectionRefused);
    world.connects(0, Ok(()));
    world.forget_calls();
    socket.connect(peer()).unwrap();
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Option(1, NO_DELAY),
            Call::Connect(peer())
        ]
    );
}

#[test]
fn a_connected_socket_passes_options_on_at_once() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = connected(&world, &network);
    socket.set_option(NO_DELAY).unwrap();
    assert_eq!(world.calls(), [Call::Option(0, NO_DELAY)]);
    assert_eq!(socket.options().no_delay(), Some(true));

    world
        .can
        .refused
        .set(Some((KEEP_ALIVE, ErrorKind::AlreadyConnected)));
    assert_eq!(
        kind(socket.set_option(KEEP_ALIVE)),
        ErrorKind::AlreadyConnected
    );
    assert_eq!(socket.options().keep_alive(), None);

    let start = world.now.get();
    world.can.ready_at.set(start + 3 * SECOND);
    socket.set_send_timeout(Some(Duration::from_secs(1)));
    assert_eq!(kind(socket.set_option(HOPS)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + SECOND);
    assert_eq!(socket.options().hop_limit(), None);
    socket.close().unwrap();
    assert_eq!(kind(socket.set_option(HOPS)), ErrorKind::Closed);
}

#[test]
fn a_listener_has_its_options_before_its_port() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = TcpListener::new(&network);
    listener.set_option(REUSE).unwrap();
    world.can.ready_at.set(world.now.get() + SECOND);
    listener.bind(80).unwrap();
    listener.set_option(HOPS).unwrap();
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            Call::Option(0, REUSE),
            Call::Option(0, REUSE),
            Call::Bind(80),
            Call::Option(0, HOPS)
        ]
    );
    assert_eq!(listener.options().reuse_address(), Some(true));
}

#[test]
fn a_refused_option_fails_the_bind_which_can_be_repeated() {
    let world = World::new();
    let network = capable(&world);
    let mut listener = TcpListener::new(&network);
    listener.set_option(REUSE).unwrap();
    world
        .can
        .refused
        .set(Some((REUSE, ErrorKind::NotSupported)));
    assert_eq!(kind(listener.bind(80)), ErrorKind::NotSupported);
    assert_eq!(*world.open.borrow(), [0; 0]);
    world.can.refused.set(None);
    world.forget_calls();
    listener.bind(80).unwrap();
    assert_eq!(
        world.calls(),
        [Call::Socket, Call::Option(1, REUSE), Call::Bind(80)]
    );
}

#[test]
fn values_that_cannot_be_right_are_told_before_anything_else() {
    let world = World::new();
    for network in [network(&world), capable(&world)] {
        let mut socket = TcpSocket::new(&network);
        let mut listener = TcpListener::new(&network);
        let keep_alive = "a keep-alive time is 1 to 32767 seconds; None switches keep-alive off";
        for (option, message) in [
            (SocketOption::KeepAlive(Some(Duration::ZERO)), keep_alive),
            (
                SocketOption::KeepAlive(Some(Duration::from_millis(999))),
                keep_alive,
            ),
            (
                SocketOption::KeepAlive(Some(Duration::from_secs(32_768))),
                keep_alive,
            ),
            (SocketOption::KeepAlive(Some(Duration::MAX)), keep_alive),
            (
                SocketOption::HopLimit(0),
                "a hop limit of 0 lets nothing leave; use 1 to 255",
            ),
            (
                SocketOption::Broadcast(true),
                "this option is for UDP sockets; TCP sockets have no such thing",
            ),
        ] {
            for error in [socket.set_option(option), listener.set_option(option)] {
                let error = error.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidInput);
                assert_eq!(error.to_string(), message);
            }
        }
    }
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    for seconds in [1, 32_767] {
        let time = Some(Duration::from_secs(seconds));
        assert_eq!(socket.set_option(SocketOption::KeepAlive(time)), Ok(()));
    }
    assert_eq!(socket.set_option(SocketOption::KeepAlive(None)), Ok(()));
    assert_eq!(socket.options().keep_alive(), Some(None));
}

#[test]
fn a_stack_that_is_given_its_address_once_is_given_it_after_the_options() {
    let world = World::new();
    let network = capable(&world).with_policy(policy().connect_again(ConnectAgain::NoAddress));
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    world.can.ready_at.set(world.now.get() + SECOND);
    socket.connect(peer()).unwrap();
    let option = Call::Option(0, NO_DELAY);
    assert_eq!(
        world.calls(),
        [Call::Socket, option.clone(), option, Call::Connect(peer())]
    );
}

#[test]
fn a_stack_for_which_a_new_socket_is_too_early_is_told_again_when_connected() {
    let world = World::new();
    let network = capable(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    world
        .can
        .refused
        .set(Some((NO_DELAY, ErrorKind::NotConnected)));
    // It stays "too early", which is an error then, and the connection is given up.
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NotConnected);
    let option = Call::Option(0, NO_DELAY);
    assert_eq!(
        world.calls(),
        [
            Call::Socket,
            option.clone(),
            Call::Connect(peer()),
            option,
            Call::Close(0)
        ]
    );
    assert!(!socket.is_connected());
    assert_eq!(socket.peer_addr(), None);
    world.can.refused.set(None);
    socket.connect(peer()).unwrap();
}
