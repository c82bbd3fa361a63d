//! Timeouts and non-blocking sockets, in virtual time, in both profiles.

mod common;

use std::time::Duration;

use common::{Arrival, PEER, SECOND, World, connected, name, network};
use usocket_api::{MAIXPY, MSG_DONTWAIT, MSG_PEEK, MessageFlags, OPENMV, TimedOutRecv, USocket};

#[test]
fn maixpy_gives_empty_bytes_after_ten_seconds() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, MAIXPY);
    let start = world.now.get();
    assert_eq!(socket.recv_into(&mut [0; 16]), Ok(0));
    assert_eq!(world.now.get(), start + 10 * SECOND);
    // Not the end of the stream: what comes later is received.
    world.data(0, b"late");
    assert_eq!(socket.recv_into(&mut [0; 16]), Ok(4));
}

#[test]
fn openmv_waits_without_limit_and_raises_etimedout_when_told_to() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, OPENMV);
    let start = world.now.get();
    world.data(3_600 * SECOND, b"x");
    assert_eq!(socket.recv_into(&mut [0; 16]), Ok(1));
    assert_eq!(world.now.get(), start + 3_600 * SECOND);
    socket.settimeout(0.5).unwrap();
    let error = socket.recv_into(&mut [0; 16]).unwrap_err();
    assert_eq!((error.errno(), error.name()), (110, "ETIMEDOUT"));
    assert_eq!(world.now.get(), start + 3_600 * SECOND + SECOND / 2);
}

#[test]
fn a_profile_can_be_adjusted() {
    let world = World::new();
    let network = network(&world);
    let profile = MAIXPY
        .with_timed_out_recv(TimedOutRecv::Error)
        .with_default_timeout(Some(Duration::from_secs(1)));
    let socket = connected(&network, profile);
    assert_eq!(socket.recv_into(&mut [0; 16]).unwrap_err().errno(), 116);
}

#[test]
fn a_timed_out_stream_read_is_an_error_in_both_profiles_and_loses_nothing() {
    for profile in [MAIXPY, OPENMV] {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, profile);
        let start = world.now.get();
        socket.settimeout(2).unwrap();
        world.data(0, b"abc");
        let mut buf = [0; 6];
        assert_eq!(name(socket.readinto(&mut buf)), "ETIMEDOUT");
        assert_eq!(world.now.get(), start + 2 * SECOND);
        assert_eq!(name(socket.readline_into(&mut buf)), "ETIMEDOUT");
        world.data(0, b"d\nf");
        assert_eq!(socket.readline_into(&mut buf), Ok(Some(5)));
        assert_eq!(&buf[..5], b"abcd\n");
        assert_eq!(socket.recv_into(&mut buf), Ok(1));
    }
}

#[test]
fn a_timed_connect_is_etimedout_and_the_same_call_resumes_it() {
    let world = World::new();
    let network = network(&world);
    let start = world.now.get();
    world.connect.set((start + 3 * SECOND, Ok(())));
    let socket = USocket::new(&network, MAIXPY).socket();
    socket.settimeout(2).unwrap();
    assert_eq!(name(socket.connect(PEER)), "ETIMEDOUT");
    assert_eq!(world.now.get(), start + 2 * SECOND);
    socket.connect(PEER).unwrap();
    assert_eq!(world.now.get(), start + 3 * SECOND);
}

#[test]
fn a_recv_that_times_out_while_connecting_is_not_empty_bytes() {
    let world = World::new();
    let network = network(&world);
    world.connect.set((u64::MAX, Ok(())));
    let socket = USocket::new(&network, MAIXPY).socket();
    socket.settimeout(1).unwrap();
    assert_eq!(name(socket.connect(PEER)), "ETIMEDOUT");
    assert_eq!(name(socket.recv_into(&mut [0; 4])), "ETIMEDOUT");
}

#[test]
fn a_non_blocking_socket_never_waits() {
    for profile in [MAIXPY, OPENMV] {
        let world = World::new();
        let network = network(&world);
        let start = world.now.get();
        world.connect.set((start + SECOND, Ok(())));
        let socket = USocket::new(&network, profile).socket();
        socket.setblocking(false).unwrap();
        let mut buf = [0; 8];
        assert_eq!(name(socket.connect(PEER)), "EINPROGRESS");
        assert_eq!(name(socket.connect(PEER)), "EALREADY");
        assert_eq!(name(socket.send("x")), "EAGAIN");
        assert_eq!(socket.write("x"), Ok(None));
        world.now.set(start + SECOND);
        socket.connect(PEER).unwrap();
        assert_eq!(name(socket.connect(PEER)), "EISCONN");

        assert_eq!(name(socket.recv_into(&mut buf)), "EAGAIN");
        assert_eq!(socket.readinto(&mut buf), Ok(None));
        assert_eq!(socket.readline_into(&mut buf), Ok(None));
        world.data(0, b"abc");
        assert_eq!(socket.readinto(&mut buf), Ok(Some(3)));

        world.send_most.set(2);
        world.send_pause.set(SECOND);
        assert_eq!(socket.write("abcdef"), Ok(Some(2)));
        assert_eq!(socket.write("cdef"), Ok(None));
        assert_eq!(name(socket.send("cdef")), "EAGAIN");
        assert_eq!(name(socket.sendall("cdef")), "EAGAIN");

        world.arrive(0, Arrival::End);
        assert_eq!(socket.recv_into(&mut buf), Ok(0));
        assert_eq!(socket.readinto(&mut buf), Ok(Some(0)));
        socket.close().unwrap();
        assert_eq!(world.idles.get(), 0);
    }
}

#[test]
fn message_flags_peek_and_do_not_wait() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, MAIXPY);
    let mut buf = [0; 8];
    assert_eq!(
        name(socket.recv_into_flags(&mut buf, MSG_DONTWAIT)),
        "EAGAIN"
    );
    world.data(0, b"abc");
    assert_eq!(
        socket.recv_into_flags(&mut buf, MSG_PEEK | MSG_DONTWAIT),
        Ok(3)
    );
    assert_eq!(socket.recv_into_flags(&mut buf, MSG_PEEK), Ok(3));
    assert_eq!(socket.recv_into_flags(&mut buf, 0), Ok(3));
    assert_eq!(
        name(socket.recv_into_flags(&mut buf, MessageFlags::from(0x40))),
        "EOPNOTSUPP"
    );
    // Its own mode is unchanged: it waits.
    world.data(SECOND, b"x");
    assert_eq!(socket.recv_into(&mut buf), Ok(1));
}

#[test]
fn timeouts_that_are_no_time_are_refused_and_change_nothing() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, OPENMV);
    socket.settimeout(2).unwrap();
    for bad in [
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
        -1.0,
        -f64::MIN_POSITIVE,
    ] {
        let error = socket.settimeout(bad).unwrap_err();
        assert_eq!(error.errno(), 22, "{bad}");
        assert!(error.to_string().contains("None"), "{error}");
    }
    assert_eq!(name(socket.settimeout(-1)), "EINVAL");
    assert_eq!(name(socket.settimeout(i64::MIN)), "EINVAL");
    assert_eq!(name(socket.settimeout(f32::NAN)), "EINVAL");
    let start = world.now.get();
    assert_eq!(name(socket.recv_into(&mut [0; 1])), "ETIMEDOUT");
    assert_eq!(world.now.get(), start + 2 * SECOND);
}

#[test]
fn odd_timeouts_mean_what_they_say() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&network, OPENMV);
    let takes = |socket: &mut usocket_api::Socket<_>, expected| {
        let start = world.now.get();
        assert_eq!(name(socket.recv_into(&mut [0; 1])), "ETIMEDOUT");
        assert_eq!(world.now.get() - start, expected);
    };
    socket.settimeout(f64::MIN_POSITIVE).unwrap();
    takes(&mut socket, 1);
    socket.settimeout(0.001_f32).unwrap();
    takes(&mut socket, 1_000);
    socket.settimeout(Some(1.5)).unwrap();
    takes(&mut socket, 1_500_000);
    socket.settimeout(Duration::from_millis(3)).unwrap();
    takes(&mut socket, 3_000);
    socket.settimeout(7_u32).unwrap();
    takes(&mut socket, 7_000_000);
    // Negative zero is zero.
    socket.settimeout(-0.0).unwrap();
    assert_eq!(name(socket.recv_into(&mut [0; 1])), "EAGAIN");
    // Longer than the clock runs.
    for huge in [f64::MAX, 1e300, 1e13] {
        socket.settimeout(huge).unwrap();
        world.data(SECOND, b"x");
        assert_eq!(socket.recv_into(&mut [0; 1]), Ok(1));
    }
    socket.settimeout(u64::MAX).unwrap();
    world.data(SECOND, b"x");
    assert_eq!(socket.recv_into(&mut [0; 1]), Ok(1));
}

#[test]
fn setblocking_is_short_for_settimeout() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&network, MAIXPY);
    socket.setblocking(true).unwrap();
    assert_eq!(socket.as_tcp().unwrap().receive_timeout(), None);
    socket.setblocking(false).unwrap();
    assert_eq!(
        socket.as_tcp().unwrap().receive_timeout(),
        Some(Duration::ZERO)
    );
    socket.settimeout(None).unwrap();
    assert_eq!(socket.as_tcp().unwrap().receive_timeout(), None);
}
