//! Receiving datagrams: whole, in order, once, and from whom they are asked for.

mod datagrams;

use std::time::Duration;

use datagrams::{Air, Call, SECOND, addr, bound, full, peer, stranger};
use nal_socket::{Error, ErrorKind, Events, UdpSocket, Watch};

fn kind<T: std::fmt::Debug>(result: Result<T, Error>) -> ErrorKind {
    result.unwrap_err().kind()
}

#[test]
fn each_call_gives_one_datagram_and_its_sender() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, peer(), b"one");
    air.datagram(0, stranger(), b"two");
    let mut buf = [0; 32];
    assert_eq!(socket.recvfrom(&mut buf), Ok((3, peer())));
    assert_eq!(&buf[..3], b"one");
    assert_eq!(socket.recvfrom(&mut buf), Ok((3, stranger())));
    assert_eq!(&buf[..3], b"two");
    // The buffer is large enough, so it went straight to the stack.
    assert_eq!(air.calls(), [Call::Receive(32), Call::Receive(32)]);
}

#[test]
fn a_datagram_is_waited_for_until_it_comes() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(3 * SECOND, peer(), b"late");
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
    assert_eq!(air.now.get(), 10 * SECOND);
}

#[test]
fn a_timeout_ends_at_the_microsecond_and_loses_nothing() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    socket.set_receive_timeout(Some(Duration::from_micros(2_500)));
    air.datagram(2_501, peer(), b"late");
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), 7 * SECOND + 2_500);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
}

#[test]
fn without_waiting_there_is_no_idling_and_no_clock() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    let mut buf = [0; 8];
    assert_eq!(kind(socket.try_recv(&mut buf)), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.try_recvfrom(&mut buf)), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.try_peek(&mut buf)), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.try_peekfrom(&mut buf)), ErrorKind::WouldBlock);
    socket.set_nonblocking(true);
    assert_eq!(kind(socket.recv(&mut buf)), ErrorKind::WouldBlock);
    assert_eq!(kind(socket.peek(&mut buf)), ErrorKind::WouldBlock);
    assert_eq!(air.clock_reads.get(), 0);
    assert_eq!(air.untils.borrow().len(), 0);
}

#[test]
fn what_does_not_fit_the_buffer_is_cut_and_gone_whatever_the_stack_does() {
    for cuts in [true, false] {
        let air = Air::new();
        air.cuts.set(cuts);
        let network = full(&air);
        let mut socket = bound(&air, &network);
        air.datagram(0, peer(), b"abcdef");
        air.datagram(0, peer(), b"gh");
        let mut buf = [0; 4];
        assert_eq!(socket.recvfrom(&mut buf), Ok((4, peer())));
        assert_eq!(&buf, b"abcd");
        assert_eq!(socket.recvfrom(&mut buf), Ok((2, peer())));
        assert_eq!(&buf[..2], b"gh");
        assert_eq!(air.calls(), [Call::Receive(8), Call::Receive(8)]);
    }
}

#[test]
fn what_fits_neither_the_buffer_nor_the_socket_is_cut_or_told_once() {
    for (cuts, expected) in [(true, Ok(4)), (false, Err(ErrorKind::MessageTooLong))] {
        let air = Air::new();
        air.cuts.set(cuts);
        let network = full(&air);
        let mut socket = bound(&air, &network);
        air.datagram(0, peer(), b"123456789");
        air.datagram(0, peer(), b"next");
        let mut buf = [0; 4];
        assert_eq!(
            socket.recv(&mut buf).map_err(|error| error.kind()),
            expected
        );
        assert_eq!(socket.recv(&mut buf), Ok(4));
        assert_eq!(&buf, b"next");
    }
}

#[test]
fn a_buffer_larger_than_the_socket_holds_longer_datagrams() {
    let air = Air::new();
    air.cuts.set(false);
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, peer(), b"123456789");
    let mut buf = [0; 9];
    assert_eq!(socket.recv(&mut buf), Ok(9));
    assert_eq!(&buf, b"123456789");
}

#[test]
fn a_datagram_without_bytes_is_ok_and_has_a_sender() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, peer(), b"");
    air.datagram(0, peer(), b"");
    assert_eq!(socket.peekfrom(&mut [0; 4]), Ok((0, peer())));
    assert_eq!(socket.recvfrom(&mut [0; 4]), Ok((0, peer())));
    assert_eq!(socket.recvfrom(&mut [0; 64]), Ok((0, peer())));
    assert_eq!(kind(socket.try_recv(&mut [0; 4])), ErrorKind::WouldBlock);
}

#[test]
fn an_empty_buffer_takes_a_datagram_and_throws_it_away() {
    let air = Air::new();
    air.cuts.set(false);
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, peer(), b"one");
    air.datagram(0, peer(), b"two");
    assert_eq!(socket.recvfrom(&mut []), Ok((0, peer())));
    let mut buf = [0; 8];
    assert_eq!(socket.recv(&mut buf), Ok(3));
    assert_eq!(&buf[..3], b"two");
}

#[test]
fn peeking_shows_a_datagram_again_and_again_and_cuts_without_losing() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(SECOND, peer(), b"abcdef");
    air.datagram(SECOND, peer(), b"next");
    let mut buf = [0; 3];
    assert_eq!(socket.peekfrom(&mut buf), Ok((3, peer())));
    assert_eq!(&buf, b"abc");
    assert_eq!(socket.peek(&mut []), Ok(0));
    assert_eq!(socket.try_peek(&mut buf), Ok(3));
    // Also into a buffer that would take it straight from the stack.
    let mut buf = [0; 32];
    assert_eq!(socket.recv(&mut buf), Ok(6));
    assert_eq!(&buf[..6], b"abcdef");
    assert_eq!(socket.recv(&mut buf), Ok(4));
    assert_eq!(&buf[..4], b"next");
}

#[test]
fn asking_for_readiness_is_one_call_and_keeps_what_it_finds() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    assert_eq!(socket.recv_ready(), Ok(false));
    assert_eq!(air.calls(), [Call::Receive(8)]);
    air.datagram(0, peer(), b"data");
    air.fail(0, ErrorKind::ConnectionRefused);
    air.forget_calls();
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(air.calls(), [Call::Receive(8)]);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::ConnectionRefused);
    assert_eq!(socket.recv_ready(), Ok(false));
}

#[test]
fn a_socket_that_was_never_used_is_not_ready_and_asks_nobody() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    assert_eq!(socket.recv_ready(), Ok(false));
    assert_eq!(socket.send_ready(), Ok(true));
    assert_eq!(air.calls(), []);
}

#[test]
fn receiving_on_a_new_socket_gives_it_a_port_first() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = UdpSocket::new(&network);
    air.datagram(SECOND, peer(), b"hello");
    assert_eq!(socket.recv(&mut [0; 8]), Ok(5));
    let port = socket.local_port().unwrap();
    assert!(port >= 49_152);
    assert_eq!(air.calls()[..2], [Call::Socket, Call::Bind(port)]);
}

#[test]
fn with_a_peer_only_the_peer_is_heard_within_one_call() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    socket.connect(peer()).unwrap();
    air.datagram(0, stranger(), b"spam");
    air.datagram(0, addr("192.0.2.1:8"), b"spam");
    air.datagram(0, peer(), b"mail");
    let mut buf = [0; 8];
    // Without waiting: strangers are no reason to say that there is nothing.
    assert_eq!(socket.try_recvfrom(&mut buf), Ok((4, peer())));
    assert_eq!(&buf[..4], b"mail");
    assert_eq!(kind(socket.try_recv(&mut buf)), ErrorKind::WouldBlock);
}

#[test]
fn readiness_throws_one_stranger_away_a_call() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    socket.connect(peer()).unwrap();
    air.datagram(0, stranger(), b"spam");
    air.datagram(0, peer(), b"mail");
    assert_eq!(socket.recv_ready(), Ok(false));
    assert_eq!(air.calls(), [Call::Receive(8)]);
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
}

#[test]
fn a_flood_of_strangers_neither_starves_the_hook_nor_lets_it_sleep() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    socket.connect(peer()).unwrap();
    for _ in 0..40 {
        air.datagram(0, stranger(), b"spam");
    }
    air.datagram(0, peer(), b"mail");
    socket.set_timeout(Some(Duration::from_secs(9)));
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
    // Twice after 16 of them, with a deadline that has come already.
    let now = Some(7 * SECOND);
    assert_eq!(*air.untils.borrow(), [now, now]);
    // After that a wait is a wait again.
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::TimedOut);
    assert_eq!(air.untils.borrow().last(), Some(&Some(16 * SECOND)));
}

#[test]
fn a_flood_of_strangers_does_not_outlast_a_timeout() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    socket.connect(peer()).unwrap();
    socket.set_timeout(Some(Duration::from_secs(1)));
    for at in 0..3_000 {
        air.datagram(at * 1_000, stranger(), b"spam");
    }
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::TimedOut);
    assert_eq!(air.now.get(), 8 * SECOND);
}

#[test]
fn connecting_elsewhere_forgets_a_strangers_datagram_that_was_peeked_at() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, stranger(), b"spam");
    air.datagram(0, peer(), b"mail");
    assert_eq!(socket.peekfrom(&mut [0; 8]), Ok((4, stranger())));
    socket.connect(peer()).unwrap();
    assert_eq!(socket.recvfrom(&mut [0; 8]), Ok((4, peer())));
    // One of the peer's own stays.
    air.datagram(0, peer(), b"more");
    assert_eq!(socket.peek(&mut [0; 8]), Ok(4));
    socket.connect(peer()).unwrap();
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
}

#[test]
fn ipv4_senders_are_ipv4_also_from_a_socket_for_both_families() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    let mapped = addr("[::ffff:192.0.2.1]:7");
    air.datagram(0, mapped, b"one");
    air.datagram(0, addr("[2001:db8::1]:7"), b"two");
    assert_eq!(socket.recvfrom(&mut [0; 8]), Ok((3, peer())));
    assert_eq!(
        socket.recvfrom(&mut [0; 8]),
        Ok((3, addr("[2001:db8::1]:7")))
    );
    // The filter knows that they are the same.
    socket.connect(peer()).unwrap();
    air.datagram(0, mapped, b"three");
    assert_eq!(socket.recvfrom(&mut [0; 8]), Ok((5, peer())));
}

#[test]
fn errors_of_the_stack_come_once_and_receiving_goes_on() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.fail(0, ErrorKind::DataLost);
    air.datagram(0, peer(), b"data");
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::DataLost);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
    // "Nothing yet" as an error of the stack's own.
    air.fail(0, ErrorKind::WouldBlock);
    air.datagram(SECOND, peer(), b"more");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(4));
}

#[test]
fn a_cancelled_wait_is_interrupted_and_loses_nothing() {
    let air = Air::new();
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(SECOND, peer(), b"data");
    air.cancel.set(true);
    assert_eq!(kind(socket.recv(&mut [0; 8])), ErrorKind::Interrupted);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(4));
}

#[test]
fn counts_beyond_the_buffer_are_not_believed() {
    let air = Air::new();
    air.lie.set(true);
    let network = full(&air);
    let mut socket = bound(&air, &network);
    air.datagram(0, peer(), b"data");
    air.datagram(0, peer(), b"data");
    air.datagram(0, peer(), b"data");
    assert_eq!(socket.recv(&mut [0; 16]), Ok(16));
    assert_eq!(socket.recv(&mut [0; 4]), Ok(4));
    assert_eq!(socket.peek(&mut [0; 16]), Ok(8));
}

#[test]
fn an_error_of_the_stack_that_reads_like_one_of_the_network_is_for_the_receiver_too() {
    for kind in [ErrorKind::NoMemory, ErrorKind::Busy, ErrorKind::Interrupted] {
        let air = Air::new();
        let network = full(&air);
        let mut socket = bound(&air, &network);
        air.fail(0, kind);
        air.datagram(0, peer(), b"behind it");
        let mut watch = Watch::new(Events::IN);
        for _ in 0..2 {
            let found = network.poll(&mut [(&mut socket, &mut watch)], Some(Duration::ZERO));
            assert_eq!((found, watch.ready()), (Ok(1), Events::IN | Events::ERR));
            assert_eq!(socket.recv_ready(), Ok(true));
        }
        assert_eq!(socket.recv(&mut [0; 9]).unwrap_err().kind(), kind);
        assert_eq!(socket.recv(&mut [0; 9]), Ok(9));
    }
}
