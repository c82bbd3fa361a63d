//! Sockets that wait until their datagrams have left, on a scripted stack in virtual time.

mod datagrams;

use std::rc::Rc;
use std::time::Duration;

use datagrams::{Air, Call, FakeError, FullNetwork, SECOND, addr, bound, client, full, peer};
use nal_socket::{Error, ErrorKind, UdpSocket};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

/// A network whose datagrams leave `after` from now.
fn slow(air: &Rc<Air>, after: u64) -> FullNetwork {
    air.leaves_at.set(air.now.get() + after);
    full(air).with_udp_flush()
}

fn sent(data: &[u8]) -> Call {
    Call::SendTo(peer(), data.to_vec())
}

#[test]
fn close_waits_until_what_was_sent_has_left() {
    let air = Air::new();
    let network = slow(&air, 3 * SECOND);
    let mut socket = bound(&air, &network);
    let start = air.now.get();
    socket.sendto(b"one", peer()).unwrap();
    socket.sendto(b"two", peer()).unwrap();
    assert_eq!(air.now.get(), start);
    socket.close().unwrap();
    assert_eq!(air.now.get(), start + 3 * SECOND);
    let calls = [
        sent(b"one"),
        sent(b"two"),
        Call::Flush,
        Call::Flush,
        Call::Close(0),
    ];
    assert_eq!(air.calls(), calls);
    assert_eq!(kind(socket.flush()), ErrorKind::Closed);
    socket.close().unwrap();
    assert_eq!(air.calls(), calls);
}

#[test]
fn dropping_waits_too() {
    let air = Air::new();
    let network = slow(&air, 3 * SECOND);
    let mut socket = bound(&air, &network);
    let start = air.now.get();
    socket.sendto(b"one", peer()).unwrap();
    drop(socket);
    assert_eq!(air.now.get(), start + 3 * SECOND);
    assert_eq!(
        air.calls(),
        [sent(b"one"), Call::Flush, Call::Flush, Call::Close(0)]
    );
}

#[test]
fn close_waits_no_longer_than_the_send_timeout_and_ten_seconds() {
    for (timeout, waits) in [
        (None, 10 * SECOND),
        (Some(Duration::from_secs(60)), 10 * SECOND),
        (Some(Duration::from_secs(2)), 2 * SECOND),
    ] {
        let air = Air::new();
        let network = slow(&air, 90 * SECOND);
        let mut socket = bound(&air, &network);
        socket.set_send_timeout(timeout);
        let start = air.now.get();
        socket.sendto(b"one", peer()).unwrap();
        assert_eq!(kind(socket.close()), ErrorKind::TimedOut);
        assert_eq!(air.now.get(), start + waits, "{timeout:?}");
        assert!(socket.is_closed());
        assert_eq!(*air.open.borrow(), [0; 0]);
    }
}

#[test]
fn a_non_blocking_socket_closes_at_once_and_asks_nothing() {
    let air = Air::new();
    let network = slow(&air, 3 * SECOND);
    let mut socket = bound(&air, &network);
    socket.set_nonblocking(true);
    let start = air.now.get();
    socket.sendto(b"one", peer()).unwrap();
    socket.close().unwrap();
    assert_eq!(air.now.get(), start);
    assert_eq!(air.calls(), [sent(b"one"), Call::Close(0)]);
}

#[test]
fn flush_waits_within_the_send_timeout_and_asks_only_for_what_was_sent() {
    let air = Air::new();
    let network = slow(&air, 3 * SECOND);
    let mut fresh = UdpSocket::<_, 8>::sized(&network);
    fresh.flush().unwrap();
    let mut socket = bound(&air, &network);
    socket.flush().unwrap();
    assert_eq!(air.calls(), []);
    let start = air.now.get();
    socket.sendto(b"one", peer()).unwrap();
    socket.set_send_timeout(Some(Duration::from_secs(1)));
    assert_eq!(kind(socket.flush()), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), start + SECOND);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.flush()), ErrorKind::WouldBlock);
    socket.set_timeout(None);
    socket.flush().unwrap();
    assert_eq!(air.now.get(), start + 3 * SECOND);
    air.forget_calls();
    socket.flush().unwrap();
    socket.close().unwrap();
    assert_eq!(air.calls(), [Call::Close(0)]);
}

#[test]
fn an_idle_hook_that_cancels_ends_the_wait_and_the_socket_is_closed() {
    let air = Air::new();
    let network = slow(&air, 3 * SECOND);
    let mut socket = bound(&air, &network);
    socket.sendto(b"one", peer()).unwrap();
    air.cancel.set(true);
    assert_eq!(kind(socket.flush()), ErrorKind::Interrupted);
    assert!(!socket.is_closed());
    air.cancel.set(true);
    assert_eq!(kind(socket.close()), ErrorKind::Interrupted);
    assert!(socket.is_closed());
    assert_eq!(*air.open.borrow(), [0; 0]);
}

#[test]
fn a_failed_flush_is_told_once_and_the_socket_is_closed() {
    let air = Air::new();
    let network = slow(&air, 0);
    let mut socket = bound(&air, &network);
    socket.sendto(b"one", peer()).unwrap();
    air.flush_error.set(Some(ErrorKind::NetworkDown));
    air.close_error.set(Some(FakeError(ErrorKind::Other)));
    assert_eq!(kind(socket.close()), ErrorKind::NetworkDown);
    assert_eq!(air.calls(), [sent(b"one"), Call::Flush, Call::Close(0)]);
    assert_eq!(socket.close(), Ok(()));
}

#[test]
fn while_the_stack_is_in_use_nothing_happens_and_close_can_be_called_again() {
    let air = Air::new();
    let network = slow(&air, 3 * SECOND);
    let mut socket = bound(&air, &network);
    socket.sendto(b"one", peer()).unwrap();
    network
        .with_stack(|_| {
            assert_eq!(kind(socket.close()), ErrorKind::Busy);
            assert_eq!(kind(socket.flush()), ErrorKind::Busy);
        })
        .unwrap();
    assert!(!socket.is_closed());
    assert_eq!(air.calls(), [sent(b"one")]);
    socket.close().unwrap();
    assert_eq!(*air.open.borrow(), [0; 0]);
}

#[test]
fn in_the_idle_hook_close_does_not_wait_and_dropping_closes_all_the_same() {
    let air = Air::new();
    let network: &'static FullNetwork = Box::leak(Box::new(slow(&air, 3 * SECOND)));
    let mut inner = bound(&air, network);
    inner.sendto(b"inner", peer()).unwrap();
    let mut outer = UdpSocket::<_, 8>::sized(network);
    outer.set_timeout(Some(Duration::from_secs(1)));
    outer.bind(5354).unwrap();
    air.forget_calls();
    let slot = std::cell::RefCell::new(Some(inner));
    let noted = air.clone();
    *air.hook.borrow_mut() = Some(Box::new(move || {
        if let Some(mut inner) = slot.take() {
            assert_eq!(kind(inner.close()), ErrorKind::Busy);
            assert!(!inner.is_closed());
            drop(inner);
            assert_eq!(*noted.open.borrow(), [1]);
        }
    }));
    assert_eq!(kind(outer.recv(&mut [0; 8])), ErrorKind::TimedOut);
    assert_eq!(*air.open.borrow(), [1]);
    *air.hook.borrow_mut() = None;
}

#[test]
fn a_socket_with_one_peer_flushes_before_it_takes_another() {
    let air = Air::new();
    air.leaves_at.set(air.now.get() + 3 * SECOND);
    let network = client(&air).with_udp_flush();
    let mut socket = UdpSocket::<_, 8>::sized(&network);
    let start = air.now.get();
    socket.sendto(b"one", peer()).unwrap();
    air.forget_calls();
    let next = addr("192.0.2.2:9");
    socket.connect(next).unwrap();
    assert_eq!(air.now.get(), start + 3 * SECOND);
    assert_eq!(
        air.calls(),
        [
            Call::Flush,
            Call::Flush,
            Call::Close(0),
            Call::Socket,
            Call::Connect(next)
        ]
    );
}

#[test]
fn without_the_capability_nothing_waits_and_flush_is_ok() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.leaves_at.set(u64::MAX);
    let start = air.now.get();
    socket.sendto(b"one", peer()).unwrap();
    socket.flush().unwrap();
    socket.close().unwrap();
    assert_eq!(air.now.get(), start);
    assert_eq!(air.calls(), [sent(b"one"), Call::Close(0)]);
}
