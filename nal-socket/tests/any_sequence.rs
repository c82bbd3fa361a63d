//! Any calls in any order on any behaviour of the stack: no panic, and what always holds does hold.

mod common;

use std::time::Duration;

use common::{Arrival, Call, FakeError, SECOND, World, network, peer};
use nal_socket::{Error, ErrorKind, LOOKAHEAD, TcpSocket};
use proptest::prelude::*;

#[derive(Debug, Clone)]
enum Step {
    Connect(bool),
    Send(usize),
    Sendall(usize),
    Write(usize),
    Flush,
    Recv(usize),
    Peek(usize),
    Readinto(usize),
    Readline(usize),
    RecvReady,
    SendReady,
    Timeout(Option<u64>),
    Close,
    Renew,
    // What the world does.
    Data(u64, usize),
    End,
    Fail(u64, ErrorKind),
    ConnectEnds(u64, Result<(), ErrorKind>),
    SendFails(Option<ErrorKind>),
    SendTakes(usize, u64, u64),
    NoSocket(bool),
    NoSocketYet(u64),
    CloseFails(Option<ErrorKind>),
    Cancel,
    Pass(u64),
}

fn kind() -> impl Strategy<Value = ErrorKind> {
    prop::sample::select(vec![
        ErrorKind::BrokenPipe,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionRefused,
        ErrorKind::DataLost,
        ErrorKind::NetworkDown,
        ErrorKind::TimedOut,
        ErrorKind::WouldBlock,
        ErrorKind::Interrupted,
        ErrorKind::Closed,
        ErrorKind::Other,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    let size = || prop_oneof![0usize..4, 0usize..2 * LOOKAHEAD];
    let time = || prop_oneof![Just(0), 0..3 * SECOND];
    prop_oneof![
        3 => any::<bool>().prop_map(Step::Connect),
        1 => size().prop_map(Step::Send),
        1 => size().prop_map(Step::Sendall),
        1 => size().prop_map(Step::Write),
        1 => Just(Step::Flush),
        1 => size().prop_map(Step::Recv),
        1 => size().prop_map(Step::Peek),
        1 => size().prop_map(Step::Readinto),
        1 => size().prop_map(Step::Readline),
        1 => Just(Step::RecvReady),
        1 => Just(Step::SendReady),
        1 => prop::option::of(time()).prop_map(Step::Timeout),
        1 => Just(Step::Close),
        1 => Just(Step::Renew),
        3 => (time(), 1..2 * LOOKAHEAD).prop_map(|(t, n)| Step::Data(t, n)),
        1 => Just(Step::End),
        1 => (time(), kind()).prop_map(|(t, k)| Step::Fail(t, k)),
        1 => (time(), prop_oneof![Just(Ok(())), kind().prop_map(Err)])
            .prop_map(|(t, r)| Step::ConnectEnds(t, r)),
        1 => prop::option::of(kind()).prop_map(Step::SendFails),
        1 => (1usize..600, time(), time()).prop_map(|(n, a, b)| Step::SendTakes(n, a, b)),
        1 => any::<bool>().prop_map(Step::NoSocket),
        1 => time().prop_map(Step::NoSocketYet),
        1 => prop::option::of(kind()).prop_map(Step::CloseFails),
        1 => Just(Step::Cancel),
        1 => time().prop_map(Step::Pass),
    ]
}

/// Makes a call, and checks that one that must not wait does not.
fn call<T>(
    world: &World,
    nonblocking: bool,
    f: impl FnOnce() -> Result<T, Error>,
) -> Result<T, Error> {
    let (idles, now) = (world.idles.get(), world.now.get());
    let result = f();
    if nonblocking {
        assert_eq!(world.idles.get(), idles, "a non-blocking call idled");
        assert_eq!(world.now.get(), now, "a non-blocking call took time");
    }
    result
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_sequence_of_calls_is_survived(steps in prop::collection::vec(step(), 1..60)) {
        let world = World::new();
        // A blocking call on a world in which nothing more happens.
        world.cancel_hangs.set(true);
        let network = network(&world);
        let mut socket = TcpSocket::new(&network);
        let mut closed = false;
        for step in steps {
            let nonblocking = socket.receive_timeout() == Some(Duration::ZERO);
            let mut buf = vec![0; 4 * LOOKAHEAD];
            let check = |limit: usize, result: Result<usize, Error>| match result {
                Ok(count) => {
                    assert!(count <= limit);
                    // Asking for nothing does not touch the socket, closed or not.
                    assert!(!closed || limit == 0);
                }
                Err(error) if closed => assert_eq!(error.kind(), ErrorKind::Closed),
                Err(error) => assert!(error.kind() != ErrorKind::Busy, "nobody else is here"),
            };
            match step {
                Step::Connect(same) => {
                    let to = if same { peer() } else { "192.0.2.9:9".parse().unwrap() };
                    let result = call(&world, nonblocking, || socket.connect(to));
                    check(0, result.map(|()| 0));
                }
                Step::Send(n) => check(n, call(&world, nonblocking, || socket.send(&buf[..n]))),
                Step::Sendall(n) => {
                    let result = call(&world, nonblocking, || socket.sendall(&buf[..n]));
                    check(n, result.map(|()| n));
                    prop_assert!(socket.sent() <= n);
                }
                Step::Write(n) => check(n, call(&world, nonblocking, || socket.write(&buf[..n]))),
                Step::Flush => check(0, call(&world, nonblocking, || socket.flush()).map(|()| 0)),
                Step::Recv(n) => check(n, call(&world, nonblocking, || socket.recv(&mut buf[..n]))),
                Step::Peek(n) => check(n, call(&world, nonblocking, || socket.peek(&mut buf[..n]))),
                Step::Readinto(n) => {
                    check(n, call(&world, nonblocking, || socket.readinto(&mut buf[..n])));
                }
                Step::Readline(n) => {
                    check(n, call(&world, nonblocking, || socket.readline(&mut buf[..n])));
                }
                Step::RecvReady => check(0, call(&world, true, || socket.recv_ready()).map(|_| 0)),
                Step::SendReady => check(0, call(&world, true, || socket.send_ready()).map(|_| 0)),
                Step::Timeout(t) => socket.set_timeout(t.map(Duration::from_micros)),
                Step::Close => {
                    let begin = world.now.get();
                    let _ = call(&world, nonblocking, || socket.close());
                    prop_assert!(world.now.get() <= begin + 10 * SECOND);
                    prop_assert!(socket.is_closed());
                    prop_assert!(world.open.borrow().is_empty());
                    closed = true;
                }
                Step::Renew => {
                    let begin = world.now.get();
                    socket = TcpSocket::new(&network);
                    prop_assert!(world.now.get() <= begin + 10 * SECOND);
                    prop_assert!(world.open.borrow().is_empty());
                    closed = false;
                }
                Step::Data(after, n) => world.data(after, &vec![b'x'; n]),
                Step::End => world.arrive(0, Arrival::End),
                Step::Fail(after, kind) => world.arrive(after, Arrival::Fail(FakeError(kind))),
                Step::ConnectEnds(after, outcome) => {
                    world.connects(world.now.get() + after, outcome.map_err(FakeError));
                }
                Step::SendFails(kind) => world.send_error.set(kind.map(FakeError)),
                Step::SendTakes(most, pause, confirm) => {
                    world.send_most.set(most);
                    world.send_pause.set(pause);
                    world.confirm_after.set(confirm);
                }
                Step::NoSocket(none) => {
                    world.socket_error.set(none.then_some(FakeError(ErrorKind::NoSockets)));
                }
                Step::NoSocketYet(time) => world.socket_until.set(world.now.get() + time),
                Step::CloseFails(kind) => world.close_error.set(kind.map(FakeError)),
                Step::Cancel => world.cancel.set(true),
                Step::Pass(time) => world.now.set(world.now.get() + time),
            }
            prop_assert!(world.open.borrow().len() <= 1);
            prop_assert_eq!(
                socket.is_connected() && world.open.borrow().is_empty(),
                false,
                "connected without a stack socket"
            );
        }
        drop(socket);
        prop_assert!(world.open.borrow().is_empty());
        let calls = world.calls();
        let closed = calls.iter().filter(|call| matches!(call, Call::Close(_))).count();
        let made = world.next_handle.get();
        prop_assert_eq!(closed, made, "each stack socket is closed exactly once");
    }
}
