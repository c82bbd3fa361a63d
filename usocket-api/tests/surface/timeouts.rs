//! `settimeout` and `setblocking`.

use std::time::Duration;

use usocket_api::{MAIXPY, OPENMV, OSError, TimedOutRecv};

use crate::simulated::Simulated;
use crate::world::{Step, World, error, name, send};

surface! {
    everywhere {
        a_timeout_is_seconds_as_a_float_or_integer
        an_operation_that_takes_longer_raises_os_error
        a_timed_out_recv_is_what_the_profile_says
        zero_is_non_blocking
        none_is_blocking
        setblocking_false_is_settimeout_0
        setblocking_true_is_settimeout_none
        a_timeout_that_is_no_time_is_refused
        the_limit_is_for_each_operation
    }
    simulated {
        a_new_socket_has_the_timeout_of_its_profile
    }
}

fn a_timeout_is_seconds_as_a_float_or_integer<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![]);
    sock.settimeout(world.pause()).unwrap();
    let result = world.takes(W::PAUSE, || sock.recv(1));
    assert_eq!(name(result), "ETIMEDOUT");
    sock.settimeout(Duration::from_micros(W::PAUSE)).unwrap();
    let result = world.takes(W::PAUSE, || sock.recv(1));
    assert_eq!(name(result), "ETIMEDOUT");
    sock.settimeout(1).unwrap();
    let result = world.takes(1_000_000, || sock.recv(1));
    assert_eq!(name(result), "ETIMEDOUT");
}

/// The socket is as good as before.
fn an_operation_that_takes_longer_raises_os_error<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 110), (MAIXPY, 116)] {
        let script = vec![Step::Read(1), send("so late\n")];
        let (sock, _server) = world.connected(profile, script);
        sock.settimeout(world.pause()).unwrap();
        let late = |result: Result<(), OSError>| {
            assert_eq!(error(result), (number, "ETIMEDOUT"));
        };
        late(world.takes(W::PAUSE, || sock.read(1).map(drop)));
        late(world.takes(W::PAUSE, || sock.read(None).map(drop)));
        late(world.takes(W::PAUSE, || sock.readinto(&mut [0; 9]).map(drop)));
        late(world.takes(W::PAUSE, || sock.readline().map(drop)));
        sock.settimeout(5).unwrap();
        sock.send("!").unwrap();
        assert_eq!(sock.readline().unwrap().unwrap(), b"so late\n");
    }
}

fn a_timed_out_recv_is_what_the_profile_says<W: World>(world: &W) {
    let outcome = |profile| {
        let (sock, _server) = world.connected(profile, vec![]);
        sock.settimeout(world.pause()).unwrap();
        world.takes(W::PAUSE, || sock.recv(10))
    };
    assert_eq!(outcome(MAIXPY).unwrap(), b"");
    assert_eq!(error(outcome(OPENMV)), (110, "ETIMEDOUT"));
    // MaixPy as its document has it.
    let documented = MAIXPY.with_timed_out_recv(TimedOutRecv::Error);
    assert_eq!(error(outcome(documented)), (116, "ETIMEDOUT"));
}

fn zero_is_non_blocking<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        for way in 0..3 {
            let (sock, _server) = world.connected(profile, vec![]);
            match way {
                0 => sock.settimeout(0),
                1 => sock.settimeout(0.0),
                _ => sock.settimeout(Duration::ZERO),
            }
            .unwrap();
            world.takes(0, || {
                assert_eq!(error(sock.recv(1)), (11, "EAGAIN"));
                assert_eq!(sock.read(1).unwrap(), None);
                assert_eq!(sock.readline().unwrap(), None);
            });
        }
    }
}

/// Longer than any profile waits by itself.
fn none_is_blocking<W: World>(world: &W) {
    let pause = if W::SIMULATED {
        60_000_000
    } else {
        5 * W::PAUSE
    };
    for profile in [MAIXPY, OPENMV] {
        let script = vec![Step::Read(1), Step::Wait(pause), send("at last")];
        let (sock, _server) = world.connected(profile, script);
        sock.settimeout(world.pause()).unwrap();
        sock.settimeout(None).unwrap();
        sock.send("?").unwrap();
        assert_eq!(sock.recv(10).unwrap(), b"at last");
    }
}

fn setblocking_false_is_settimeout_0<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![]);
    sock.setblocking(false).unwrap();
    world.takes(0, || assert_eq!(name(sock.recv(1)), "EAGAIN"));
    sock.settimeout(world.pause()).unwrap();
    world.takes(W::PAUSE, || assert_eq!(name(sock.recv(1)), "ETIMEDOUT"));
}

fn setblocking_true_is_settimeout_none<W: World>(world: &W) {
    let pause = if W::SIMULATED {
        60_000_000
    } else {
        5 * W::PAUSE
    };
    let script = vec![Step::Read(1), Step::Wait(pause), send("at last")];
    let (sock, _server) = world.connected(MAIXPY, script);
    for before in [0.0, world.pause()] {
        sock.settimeout(before).unwrap();
        sock.setblocking(true).unwrap();
    }
    sock.send("?").unwrap();
    assert_eq!(sock.recv(10).unwrap(), b"at last");
}

fn a_timeout_that_is_no_time_is_refused<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![]);
    sock.settimeout(world.pause()).unwrap();
    for wrong in [-1.0, -0.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(error(sock.settimeout(wrong)), (22, "EINVAL"));
    }
    assert_eq!(error(sock.settimeout(-1)), (22, "EINVAL"));
    // It is as it was.
    world.takes(W::PAUSE, || assert_eq!(name(sock.recv(1)), "ETIMEDOUT"));
    // However small, above zero is not zero.
    sock.settimeout(1e-12).unwrap();
    assert_eq!(name(sock.recv(1)), "ETIMEDOUT");
}

/// Each piece comes within the limit, all of them together do not.
fn the_limit_is_for_each_operation<W: World>(world: &W) {
    let mut script = vec![];
    for letter in ["a", "b", "c", "d"] {
        script.extend([Step::Wait(W::PAUSE), send(letter)]);
    }
    let (sock, _server) = world.connected(OPENMV, script);
    sock.settimeout(Duration::from_micros(3 * W::PAUSE))
        .unwrap();
    assert_eq!(sock.read(4).unwrap().unwrap(), b"abcd");
}

/// In real time it would take too long.
fn a_new_socket_has_the_timeout_of_its_profile(world: &Simulated) {
    let (sock, _server) = world.connected(MAIXPY, vec![]);
    let result = world.takes(10_000_000, || sock.recv(1));
    assert_eq!(result.unwrap(), b"");
    let (sock, server) = world.connected(OPENMV, vec![Step::Wait(600_000_000), send("!")]);
    assert_eq!(sock.recv(1).unwrap(), b"!");
    assert_eq!(server.heard.connections(), 1);
}
