//! What only rare orders of calls come to. Most of it random sequences have found.

mod common;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use common::capable::capable;
use common::{
    Arrival, Bench, Call, FakeError, FakeNetwork, FakeSocket, FakeStack, SECOND, World, connected,
    network, peer, policy,
};
use embedded_nal::nb;
use nal_socket::{
    ConnectOk, Direction, EndProbe, Error, ErrorKind, Events, Idle, LOOKAHEAD, Network, Platform,
    SocketOption, TcpSocket, Watch,
};

const NO_DELAY: SocketOption = SocketOption::NoDelay(true);

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

fn other() -> SocketAddr {
    "192.0.2.9:81".parse().unwrap()
}

/// Options are too early for a socket that is not connected, and take time on one that is.
fn late_option(
    stack: &mut FakeStack,
    socket: &mut FakeSocket,
    option: SocketOption,
) -> nb::Result<(), ErrorKind> {
    let world = &stack.0;
    let dialled = world
        .calls()
        .iter()
        .any(|call| matches!(call, Call::Connect(_)));
    let connected = dialled && world.now.get() >= world.connect.borrow().0;
    world.log.borrow_mut().push(Call::Option(socket.id, option));
    if !connected {
        return Err(nb::Error::Other(ErrorKind::NotConnected));
    }
    if world.now.get() < world.can.ready_at.get() {
        return Err(nb::Error::WouldBlock);
    }
    match world.can.error.take() {
        Some(kind) => Err(nb::Error::Other(kind)),
        None => Ok(()),
    }
}

fn late(world: &Rc<World>) -> FakeNetwork {
    network(world).with_tcp_options_by(late_option)
}

#[test]
fn a_late_option_that_takes_time_does_not_undo_a_non_blocking_connect() {
    let world = World::new();
    let network = late(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    socket.set_nonblocking(true);
    world.can.ready_at.set(world.now.get() + SECOND);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::AlreadyInProgress);
    assert_eq!(socket.recv_ready(), Ok(false));
    let mut watch = Watch::new(Events::IN | Events::OUT);
    let polled = network.poll(&mut [(&mut socket, &mut watch)], Some(Duration::ZERO));
    assert_eq!(polled, Ok(0), "{}", watch.ready());
    world.now.set(world.now.get() + SECOND);
    assert_eq!(socket.connect(peer()), Ok(()));
    let option = Call::Option(0, NO_DELAY);
    let asked: Vec<_> = world
        .calls()
        .into_iter()
        .filter(|call| *call != option)
        .collect();
    assert_eq!(asked, [Call::Socket, Call::Connect(peer())], "one dial");
}

#[test]
fn a_timeout_while_a_late_option_is_told_leaves_the_attempt_there() {
    let world = World::new();
    let network = late(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    let start = world.now.get();
    world.connects(start + SECOND, Ok(()));
    world.can.ready_at.set(start + 5 * SECOND);
    socket.set_timeout(Some(Duration::from_secs(2)));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), start + 2 * SECOND, "one limit for both");
    assert_eq!(*world.open.borrow(), [0]);
    socket.set_timeout(None);
    assert_eq!(socket.connect(peer()), Ok(()));
    assert_eq!(world.now.get(), start + 5 * SECOND);
    assert_eq!(*world.open.borrow(), [0], "the same socket of the stack");
}

#[test]
fn a_socket_that_the_stack_has_not_after_a_pause_fails_the_attempt_and_not_the_poll() {
    let world = World::new();
    let network = network(&world).with_policy(policy().pause_after_close(Duration::from_secs(1)));
    connected(&world, &network).close().unwrap();
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    world.now.set(world.now.get() + SECOND);
    world
        .socket_error
        .set(Some(FakeError(ErrorKind::NoSockets)));
    let mut watch = Watch::new(Events::IN);
    let polled = network.poll(&mut [(&mut socket, &mut watch)], Some(Duration::ZERO));
    assert_eq!(polled, Ok(1));
    assert_eq!(watch.ready(), Events::IN | Events::ERR | Events::HUP);
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NoSockets);
    assert_eq!(kind(socket.recv(&mut [0; 4])), ErrorKind::NotConnected);
}

#[test]
fn bytes_of_a_connection_that_an_option_failed_are_not_for_the_next_one() {
    let world = World::new();
    let network = Network::new(FakeStack(world.clone()), Bench(world.clone()))
        .with_policy(policy().connect_ok(ConnectOk::Ended))
        .with_tcp_options_by(late_option);
    let mut socket = TcpSocket::new(&network);
    socket.set_option(NO_DELAY).unwrap();
    world.can.error.set(Some(ErrorKind::NotSupported));
    world.data(0, b"first");
    assert_eq!(kind(socket.connect(peer())), ErrorKind::NotSupported);
    assert_eq!(socket.peer_addr(), None);
    world.data(0, b"second");
    socket.connect(other()).unwrap();
    let mut buf = [0; 16];
    assert_eq!(socket.recv(&mut buf), Ok(6));
    assert_eq!(&buf[..6], b"second");
}

#[test]
fn without_blocking_a_call_with_another_address_learns_the_outcome_too() {
    let world = World::new();
    let network = network(&world);
    let mut socket = TcpSocket::new(&network);
    socket.set_nonblocking(true);
    world.connects(
        world.now.get() + SECOND,
        Err(FakeError(ErrorKind::ConnectionRefused)),
    );
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    assert_eq!(kind(socket.connect(other())), ErrorKind::AlreadyInProgress);
    world.now.set(world.now.get() + SECOND);
    assert_eq!(kind(socket.connect(other())), ErrorKind::ConnectionRefused);

    world.connects(world.now.get() + SECOND, Ok(()));
    assert_eq!(kind(socket.connect(peer())), ErrorKind::InProgress);
    world.now.set(world.now.get() + SECOND);
    assert_eq!(socket.connect(other()), Ok(()));
    assert_eq!(socket.peer_addr(), Some(peer()));
    let dialled = world.calls();
    assert!(!dialled.contains(&Call::Connect(other())));
}

#[test]
fn after_half_close_a_failing_probe_is_not_the_end_of_the_stream() {
    let world = World::new();
    world.mute_end.set(true);
    let network = capable(&world).with_policy(policy().end_of_stream(EndProbe::EmptySend));
    let mut socket = connected(&world, &network);
    socket.shutdown(Direction::Write).unwrap();
    // As a stack that takes no more data answers.
    world.send_error.set(Some(FakeError(ErrorKind::BrokenPipe)));
    socket.set_timeout(Some(Duration::from_secs(2)));
    world.data(SECOND, b"answer");
    let mut buf = [0; 16];
    assert_eq!(socket.recv(&mut buf), Ok(6));
    assert_eq!(&buf[..6], b"answer");
    assert_eq!(kind(socket.recv(&mut buf)), ErrorKind::TimedOut);
    assert_eq!(socket.recv_ready(), Ok(false));
    assert_eq!(kind(socket.try_peek(&mut buf)), ErrorKind::WouldBlock);
}

#[test]
fn a_close_that_finds_the_stack_busy_uses_up_no_error() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    socket.send(b"abc").unwrap();
    world
        .send_error
        .set(Some(FakeError(ErrorKind::NetworkDown)));
    assert_eq!(socket.send_ready(), Ok(true));
    world.send_error.set(None);
    let inside = network.with_stack(|_| socket.close()).unwrap();
    assert_eq!(kind(inside), ErrorKind::Busy);
    assert_eq!(kind(socket.send(b"def")), ErrorKind::NetworkDown);
    assert_eq!(socket.send(b"def"), Ok(3));
}

#[test]
fn writing_nothing_does_not_touch_the_socket() {
    let world = World::new();
    let network = network(&world);
    let mut socket = TcpSocket::new(&network);
    assert_eq!(socket.write(b""), Ok(0));
    socket.connect(peer()).unwrap();
    socket.send(b"abc").unwrap();
    world.forget_calls();
    assert_eq!(socket.write(b""), Ok(0));
    assert_eq!(socket.sent(), 0);
    assert_eq!(world.calls(), []);
    socket.close().unwrap();
    assert_eq!(socket.write(b""), Ok(0));
    assert_eq!(kind(socket.write(b"x")), ErrorKind::Closed);
}

/// Idling that runs something once and then cancels.
struct Once {
    world: Rc<World>,
    hook: RefCell<Option<Box<dyn FnOnce()>>>,
}

impl Platform for &Once {
    fn now(&self) -> u64 {
        self.world.now.get()
    }

    fn idle(&self, _: Option<u64>) -> Idle {
        if let Some(hook) = self.hook.take() {
            hook();
        }
        Idle::Cancel
    }
}

#[test]
fn a_hook_that_read_more_than_is_kept_leaves_no_busy_behind() {
    let world = World::new();
    // The hook holds a socket, so nothing here can be borrowed for less than ever.
    let platform: &Once = Box::leak(Box::new(Once {
        world: world.clone(),
        hook: RefCell::default(),
    }));
    let network = Network::new(FakeStack(world.clone()), platform).with_policy(policy());
    let network: &Network<_, _> = Box::leak(Box::new(network));
    let mut waiting = TcpSocket::new(network);
    let mut socket = TcpSocket::new(network);
    waiting.connect(peer()).unwrap();
    socket.connect(peer()).unwrap();
    let socket = Rc::new(RefCell::new(socket));
    let (inner, hook_world) = (socket.clone(), world.clone());
    let size = LOOKAHEAD + 1;
    platform.hook.replace(Some(Box::new(move || {
        hook_world.data(0, &vec![b'x'; size]);
        match inner.borrow_mut().readinto(&mut vec![0; 2 * size]) {
            // All are kept, or all are returned.
            Err(error) => assert_eq!(error.kind(), ErrorKind::Busy),
            Ok(count) => assert_eq!(count, size),
        }
    })));
    assert_eq!(kind(waiting.recv(&mut [0; 4])), ErrorKind::Interrupted);
    world.data(0, b"y");
    let mut buf = vec![0; size + 1];
    let mut socket = socket.borrow_mut();
    socket.set_nonblocking(true);
    let count = socket.readinto(&mut buf).unwrap();
    assert_eq!(buf[count - 1], b'y', "what follows, not an old Busy");
}

#[test]
fn a_probe_that_ends_a_half_read_line_keeps_the_reset_for_later_and_tells_it_once() {
    let world = World::new();
    let network = network(&world).with_policy(policy().end_of_stream(EndProbe::EmptySend));
    let mut socket = connected(&world, &network);
    world.data(0, b"half");
    world.arrive(SECOND, Arrival::Fail(FakeError(ErrorKind::ConnectionReset)));
    let mut buf = [0; 16];
    assert_eq!(socket.readline(&mut buf), Ok(4));
    assert_eq!(kind(socket.readline(&mut buf)), ErrorKind::ConnectionReset);
    assert_eq!(socket.readline(&mut buf), Ok(0));
    assert_eq!(socket.readline(&mut buf), Ok(0));
}
