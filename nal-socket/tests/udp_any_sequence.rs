//! Any calls in any order on any behaviour of the stack: no panic, and no datagram twice, out of order,
//! merged with another or changed.

mod datagrams;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use datagrams::{Air, Call, FakeError, SECOND, client, full, peer, stranger};
use nal_socket::{Error, ErrorKind, NetworkRef, UdpSocket};
use proptest::prelude::*;

/// What the sockets under test hold.
const ROOM: usize = 24;

#[derive(Debug, Clone)]
enum Step {
    Bind(u16),
    Connect(bool),
    Send(usize, bool),
    SendTo(bool, usize, bool),
    Recv(usize, bool),
    Peek(usize, bool),
    RecvReady,
    SendReady,
    Timeout(Option<u64>),
    Close,
    Renew,
    // What the air does.
    Datagram(u64, bool, usize),
    Fail(u64, ErrorKind),
    SendFails(ErrorKind),
    RoomIn(u64),
    BindFails(Option<ErrorKind>),
    ConnectFails(Option<ErrorKind>),
    NoSocket(Option<ErrorKind>),
    NoSocketYet(u64),
    CloseFails(Option<ErrorKind>),
    Cuts(bool),
    Cancel,
    Pass(u64),
}

fn kind() -> impl Strategy<Value = ErrorKind> {
    prop::sample::select(vec![
        ErrorKind::ConnectionRefused,
        ErrorKind::DataLost,
        ErrorKind::MessageTooLong,
        ErrorKind::NetworkDown,
        ErrorKind::TimedOut,
        ErrorKind::WouldBlock,
        ErrorKind::Interrupted,
        ErrorKind::Closed,
        ErrorKind::NotSupported,
        ErrorKind::AddressInUse,
        ErrorKind::Other,
    ])
}

fn step() -> impl Strategy<Value = Step> {
    let size = || prop_oneof![0usize..3, 0usize..2 * ROOM];
    let time = || prop_oneof![Just(0), 0..3 * SECOND];
    let flag = any::<bool>;
    let maybe = || prop::option::weighted(0.3, kind());
    prop_oneof![
        2 => prop::sample::select(vec![0, 53]).prop_map(Step::Bind),
        2 => flag().prop_map(Step::Connect),
        2 => (size(), flag()).prop_map(|(n, now)| Step::Send(n, now)),
        3 => (flag(), size(), flag()).prop_map(|(p, n, now)| Step::SendTo(p, n, now)),
        6 => (size(), flag()).prop_map(|(n, now)| Step::Recv(n, now)),
        3 => (size(), flag()).prop_map(|(n, now)| Step::Peek(n, now)),
        2 => Just(Step::RecvReady),
        1 => Just(Step::SendReady),
        1 => prop::option::of(time()).prop_map(Step::Timeout),
        1 => Just(Step::Close),
        1 => Just(Step::Renew),
        9 => (time(), flag(), size()).prop_map(|(t, p, n)| Step::Datagram(t, p, n)),
        1 => (time(), kind()).prop_map(|(t, k)| Step::Fail(t, k)),
        1 => kind().prop_map(Step::SendFails),
        1 => time().prop_map(Step::RoomIn),
        1 => maybe().prop_map(Step::BindFails),
        1 => maybe().prop_map(Step::ConnectFails),
        1 => maybe().prop_map(Step::NoSocket),
        1 => time().prop_map(Step::NoSocketYet),
        1 => maybe().prop_map(Step::CloseFails),
        1 => flag().prop_map(Step::Cuts),
        1 => Just(Step::Cancel),
        1 => time().prop_map(Step::Pass),
    ]
}

fn who(is_peer: bool) -> SocketAddr {
    if is_peer { peer() } else { stranger() }
}

/// A payload that no other datagram begins like, as far as it has four bytes.
fn payload(number: u32, length: usize) -> Vec<u8> {
    let bytes = number.to_be_bytes().into_iter();
    bytes.chain(4u8..).take(length).collect()
}

/// Makes a call, and checks that one that must not wait does not.
fn call<T>(air: &Air, now: bool, f: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    let (idles, time) = (air.untils.borrow().len(), air.now.get());
    let result = f();
    if now {
        assert_eq!(air.untils.borrow().len(), idles, "it idled");
        assert_eq!(air.now.get(), time, "it took time");
    }
    result
}

/// The datagrams that have been sent to us and not been received: what comes out is one of them, and
/// those before it are gone.
struct Due(VecDeque<(SocketAddr, Vec<u8>)>);

impl Due {
    fn check(&self, buf: &[u8], from: SocketAddr, room: usize) -> usize {
        let found = self.0.iter().position(|(sender, data)| {
            // One that was peeked at is no longer than the socket's room.
            let whole = data.len().min(room);
            let lengths = [whole, whole.min(ROOM)];
            *sender == from && lengths.contains(&buf.len()) && data.starts_with(buf)
        });
        found.expect("nobody sent that, or it was received before")
    }

    fn take(&mut self, buf: &[u8], from: SocketAddr, room: usize) {
        let at = self.check(buf, from, room);
        self.0.drain(..=at);
    }
}

fn run<N: NetworkRef>(air: &Rc<Air>, network: N, steps: Vec<Step>) {
    air.cancel_hangs.set(true);
    let mut socket = UdpSocket::<N, ROOM>::sized(network.clone());
    let mut due = Due(VecDeque::new());
    let mut number = 0;
    let mut accepted = 0;
    for step in steps {
        let receive_now = socket.receive_timeout() == Some(Duration::ZERO);
        let send_now = socket.send_timeout() == Some(Duration::ZERO);
        let closed = socket.is_closed();
        let before = air.calls().len();
        let outcome = match step {
            Step::Bind(port) => call(air, send_now, || socket.bind(port)),
            Step::Connect(is_peer) => {
                let to = who(is_peer);
                call(air, send_now, || socket.connect(to)).map(|()| {
                    assert_eq!(socket.peer_addr(), Some(to));
                })
            }
            Step::Send(n, now) => {
                let data = payload(number, n);
                number += 1;
                let sent = call(air, now || send_now, || match now {
                    true => socket.try_send(&data),
                    false => socket.send(&data),
                });
                sent.map(|count| {
                    assert_eq!(count, n);
                    accepted += 1;
                    let to = socket.peer_addr().unwrap();
                    assert_eq!(air.sent.borrow().last(), Some(&(to, data)));
                })
            }
            Step::SendTo(is_peer, n, now) => {
                let data = payload(number, n);
                number += 1;
                let to = who(is_peer);
                let sent = call(air, now || send_now, || match now {
                    true => socket.try_sendto(&data, to),
                    false => socket.sendto(&data, to),
                });
                sent.map(|count| {
                    assert_eq!(count, n);
                    accepted += 1;
                    assert_eq!(air.sent.borrow().last(), Some(&(to, data)));
                })
            }
            Step::Recv(n, now) => {
                let mut buf = vec![0; n];
                let received = call(air, now || receive_now, || match now {
                    true => socket.try_recvfrom(&mut buf),
                    false => socket.recvfrom(&mut buf),
                });
                received.map(|(count, from)| {
                    assert!(socket.peer_addr().is_none_or(|peer| peer == from));
                    due.take(&buf[..count], from, n);
                })
            }
            Step::Peek(n, now) => {
                let mut buf = vec![0; n];
                let peeked = call(air, now || receive_now, || match now {
                    true => socket.try_peekfrom(&mut buf),
                    false => socket.peekfrom(&mut buf),
                });
                peeked.map(|(count, from)| {
                    assert!(socket.peer_addr().is_none_or(|peer| peer == from));
                    due.check(&buf[..count], from, n.min(ROOM));
                })
            }
            Step::RecvReady => {
                let ready = call(air, true, || socket.recv_ready());
                assert!(air.calls().len() <= before + 1, "more than one stack call");
                if ready == Ok(true) {
                    // Then receiving does not wait, nor ask for time to do so.
                    let mut buf = [0; ROOM];
                    match call(air, true, || socket.try_recvfrom(&mut buf)) {
                        Ok((count, from)) => due.take(&buf[..count], from, ROOM),
                        Err(error) => assert_ne!(error.kind(), ErrorKind::WouldBlock),
                    }
                }
                ready.map(drop)
            }
            Step::SendReady => {
                let ready = call(air, true, || socket.send_ready());
                assert!(air.calls().len() <= before + 1, "more than one stack call");
                ready.map(drop)
            }
            Step::Close => {
                let _ = call(air, true, || socket.close());
                assert!(socket.is_closed());
                assert!(air.open.borrow().is_empty());
                continue;
            }
            Step::Renew => {
                socket = UdpSocket::sized(network.clone());
                continue;
            }
            Step::Datagram(after, is_peer, n) => {
                let data = payload(number, n);
                number += 1;
                air.datagram(after, who(is_peer), &data);
                due.0.push_back((who(is_peer), data));
                continue;
            }
            other => {
                happen(air, &mut socket, other);
                continue;
            }
        };
        match outcome {
            Ok(()) => assert!(!closed),
            Err(error) if closed => assert_eq!(error.kind(), ErrorKind::Closed),
            Err(error) => assert_ne!(error.kind(), ErrorKind::Busy, "nobody else is here"),
        }
        assert!(air.open.borrow().len() <= 1);
        assert_eq!(
            air.sent.borrow().len(),
            accepted,
            "sent what was no success"
        );
    }
    drop(socket);
    assert!(air.open.borrow().is_empty());
    let calls = air.calls();
    let closed = calls.iter().filter(|call| matches!(call, Call::Close(_)));
    assert_eq!(closed.count(), air.made.get(), "each is closed once");
}

fn happen<N: NetworkRef>(air: &Air, socket: &mut UdpSocket<N, ROOM>, step: Step) {
    match step {
        Step::Timeout(time) => socket.set_timeout(time.map(Duration::from_micros)),
        Step::Fail(after, kind) => air.fail(after, kind),
        Step::SendFails(kind) => air.send_error.set(Some(FakeError(kind))),
        Step::RoomIn(time) => air.room_at.set(air.now.get() + time),
        Step::BindFails(kind) => air.bind_error.set(kind.map(FakeError)),
        Step::ConnectFails(kind) => air.connect_error.set(kind.map(FakeError)),
        Step::NoSocket(kind) => air.socket_error.set(kind.map(FakeError)),
        Step::NoSocketYet(time) => air.socket_until.set(air.now.get() + time),
        Step::CloseFails(kind) => air.close_error.set(kind.map(FakeError)),
        Step::Cuts(cuts) => air.cuts.set(cuts),
        Step::Cancel => air.cancel.set(true),
        Step::Pass(time) => air.now.set(air.now.get() + time),
        _ => unreachable!("a call"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn any_sequence_on_a_stack_that_binds(steps in prop::collection::vec(step(), 1..80)) {
        let air = Air::new();
        let network = full(&air);
        run(&air, &network, steps);
    }

    #[test]
    fn any_sequence_on_a_stack_that_connects(steps in prop::collection::vec(step(), 1..80)) {
        let air = Air::new();
        let network = client(&air);
        run(&air, &network, steps);
    }
}
