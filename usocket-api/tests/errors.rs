//! Numbers, names and messages of errors.

mod common;

use std::collections::HashMap;

use common::{Arrival, World, connected, name, network};
use usocket_api::{
    ESP32, ErrorKind, MAIXPY, OPENMV, OPENMV_RT1062, OPENMV_WINC1500, OSError, Profile, UNIX,
    USocket, errno,
};

/// Every kind that an operation on a socket can fail with, its name, and its number on OpenMV and on
/// MaixPy.
const TABLE: [(ErrorKind, &str, i32, i32); 25] = [
    (ErrorKind::Interrupted, "EINTR", 4, 4),
    (ErrorKind::Other, "EIO", 5, 5),
    (ErrorKind::Closed, "EBADF", 9, 9),
    (ErrorKind::WouldBlock, "EAGAIN", 11, 11),
    (ErrorKind::NoMemory, "ENOMEM", 12, 12),
    (ErrorKind::Busy, "EBUSY", 16, 16),
    (ErrorKind::InvalidInput, "EINVAL", 22, 22),
    (ErrorKind::NoSockets, "EMFILE", 24, 24),
    (ErrorKind::BrokenPipe, "EPIPE", 32, 32),
    (ErrorKind::MessageTooLong, "EMSGSIZE", 90, 122),
    (ErrorKind::NotSupported, "EOPNOTSUPP", 95, 95),
    (ErrorKind::AddressFamily, "EAFNOSUPPORT", 97, 106),
    (ErrorKind::AddressInUse, "EADDRINUSE", 98, 112),
    (ErrorKind::AddressNotAvailable, "EADDRNOTAVAIL", 99, 125),
    (ErrorKind::NetworkDown, "ENETDOWN", 100, 115),
    (ErrorKind::ConnectionAborted, "ECONNABORTED", 103, 113),
    (ErrorKind::ConnectionReset, "ECONNRESET", 104, 104),
    (ErrorKind::DataLost, "ENOBUFS", 105, 105),
    (ErrorKind::AlreadyConnected, "EISCONN", 106, 127),
    (ErrorKind::NotConnected, "ENOTCONN", 107, 128),
    (ErrorKind::TimedOut, "ETIMEDOUT", 110, 116),
    (ErrorKind::ConnectionRefused, "ECONNREFUSED", 111, 111),
    (ErrorKind::HostUnreachable, "EHOSTUNREACH", 113, 118),
    (ErrorKind::AlreadyInProgress, "EALREADY", 114, 120),
    (ErrorKind::InProgress, "EINPROGRESS", 115, 119),
];

const LOOKUPS: [(ErrorKind, &str, i32); 10] = [
    (ErrorKind::NoMemory, "EAI_MEMORY", -1),
    (ErrorKind::NameNotFound, "EAI_NONAME", -2),
    (ErrorKind::TimedOut, "EAI_AGAIN", -3),
    (ErrorKind::NetworkDown, "EAI_NETDOWN", -4),
    (ErrorKind::NoResolver, "EAI_NORESOLVER", -6),
    (ErrorKind::Busy, "EAI_BUSY", -8),
    (ErrorKind::AddressFamily, "EAI_ADDRFAMILY", -9),
    (ErrorKind::Other, "EAI_FAIL", -12),
    (ErrorKind::InvalidInput, "EAI_ARG", -16),
    (ErrorKind::Interrupted, "EAI_INTR", -104),
];

/// The error of an operation that the stack fails with `kind`.
fn failing_with(profile: Profile, kind: ErrorKind) -> OSError {
    let world = World::new();
    let network = network(&world);
    let socket = USocket::new(&network, profile).socket();
    match kind {
        // Only sending calls it so.
        ErrorKind::BrokenPipe => {
            socket.connect(common::PEER).unwrap();
            world.send_error.set(Some(kind));
            socket.send("x").unwrap_err()
        }
        // These are not the stack's to report.
        ErrorKind::WouldBlock | ErrorKind::InProgress | ErrorKind::AlreadyInProgress => {
            socket.setblocking(false).unwrap();
            world.connect.set((u64::MAX, Ok(())));
            let first = socket.connect(common::PEER).unwrap_err();
            match kind {
                ErrorKind::WouldBlock => socket.send("x").unwrap_err(),
                ErrorKind::InProgress => first,
                _ => socket.connect(common::PEER).unwrap_err(),
            }
        }
        _ => {
            world.connect.set((0, Err(kind)));
            socket.connect(common::PEER).unwrap_err()
        }
    }
}

/// The error of a lookup that the resolver fails with `kind`.
fn failing_lookup(profile: Profile, kind: ErrorKind) -> OSError {
    let world = World::new();
    let network = network(&world);
    world.resolve.set(Err(kind));
    USocket::new(&network, profile)
        .getaddrinfo("example.org", 80)
        .unwrap_err()
}

#[test]
fn every_kind_has_its_number_in_both_profiles() {
    for (kind, name, linux, newlib) in TABLE {
        for (profile, number) in [
            (OPENMV, linux),
            (OPENMV_WINC1500, linux),
            (UNIX, linux),
            (MAIXPY, newlib),
            (OPENMV_RT1062, newlib),
            (ESP32, newlib),
        ] {
            let error = failing_with(profile, kind);
            assert_eq!(error.errno(), number, "{kind:?} on {}", profile.name);
            assert_eq!(error.name(), name);
            assert_eq!(error.kind(), kind);
            assert!(
                error
                    .to_string()
                    .starts_with(&format!("[Errno {number}] {name}: ")),
                "{error}"
            );
            assert!(!error.message().is_empty());
        }
    }
}

#[test]
fn every_kind_of_failed_lookup_has_a_negative_number() {
    for (kind, name, number) in LOOKUPS {
        for profile in [MAIXPY, OPENMV] {
            let error = failing_lookup(profile, kind);
            assert_eq!((error.errno(), error.name()), (number, name));
            assert_eq!(error.kind(), kind);
        }
    }
}

#[test]
fn no_number_has_two_meanings_within_a_profile() {
    let mut linux = HashMap::new();
    let mut newlib = HashMap::new();
    for (_, name, l, n) in TABLE {
        assert!(l > 0 && n > 0);
        assert_eq!(linux.insert(l, name), None, "{l}");
        assert_eq!(newlib.insert(n, name), None, "{n}");
    }
    // Those that are cases of a kind.
    for (name, l, n) in [
        ("ENOENT", 2, 2),
        ("EACCES", 13, 13),
        ("ENODEV", 19, 19),
        ("EPROTONOSUPPORT", 93, 123),
        ("ENETUNREACH", 101, 114),
    ] {
        assert_eq!(linux.insert(l, name), None, "{l}");
        assert_eq!(newlib.insert(n, name), None, "{n}");
    }
    for (_, name, number) in LOOKUPS {
        assert!(number < 0);
        assert_eq!(linux.insert(number, name), None, "{number}");
    }
}

#[test]
fn a_kind_without_a_row_is_the_general_failure_of_its_space() {
    let error = failing_lookup(OPENMV, ErrorKind::ConnectionReset);
    assert_eq!((error.errno(), error.kind()), (-12, ErrorKind::Other));
    let error = failing_with(OPENMV, ErrorKind::NameNotFound);
    assert_eq!((error.errno(), error.kind()), (5, ErrorKind::Other));
}

#[test]
fn numbers_are_there_by_name_too() {
    assert_eq!(errno::linux::ENOTCONN, 107);
    assert_eq!(errno::newlib::ENOTCONN, 128);
    assert_eq!((errno::linux::ENOENT, errno::newlib::ENOENT), (2, 2));
    assert_eq!(
        (
            errno::linux::EPROTONOSUPPORT,
            errno::newlib::EPROTONOSUPPORT
        ),
        (93, 123)
    );
    assert_eq!(errno::EAI_NORESOLVER, -6);
}

#[test]
fn states_have_their_documented_errors() {
    for profile in [MAIXPY, OPENMV] {
        let world = World::new();
        let network = network(&world);
        let socket = USocket::new(&network, profile).socket();
        let mut buf = [0; 4];
        assert_eq!(name(socket.recv_into(&mut buf)), "ENOTCONN");
        assert_eq!(name(socket.readinto(&mut buf)), "ENOTCONN");
        assert_eq!(name(socket.readline_into(&mut buf)), "ENOTCONN");
        let error = socket.send("x").unwrap_err();
        assert_eq!(error.name(), "EPIPE");
        assert!(error.to_string().contains("not connected"), "{error}");
        assert_eq!(name(socket.send("")), "EPIPE");
        assert_eq!(name(socket.sendall("x")), "EPIPE");
        assert_eq!(name(socket.write("x")), "EPIPE");
        assert_eq!(socket.write(""), Ok(Some(0)));
        assert_eq!(socket.readinto(&mut []), Ok(Some(0)));

        socket.connect(common::PEER).unwrap();
        assert_eq!(name(socket.connect(common::PEER)), "EISCONN");
        assert_eq!(socket.send(""), Ok(0));

        socket.close().unwrap();
        socket.close().unwrap();
        assert_eq!(name(socket.recv_into(&mut buf)), "EBADF");
        assert_eq!(name(socket.readinto(&mut buf)), "EBADF");
        assert_eq!(name(socket.send("x")), "EBADF");
        assert_eq!(name(socket.sendall("x")), "EBADF");
        assert_eq!(name(socket.write("x")), "EBADF");
        assert_eq!(name(socket.connect(common::PEER)), "EBADF");
        assert_eq!(name(socket.settimeout(1)), "EBADF");
        assert_eq!(name(socket.setblocking(true)), "EBADF");
        assert_eq!(name(socket.makefile("rb")), "EBADF");
    }
}

#[test]
fn a_refused_connect_is_econnrefused_and_can_be_repeated() {
    let world = World::new();
    let network = network(&world);
    world.connect.set((0, Err(ErrorKind::ConnectionRefused)));
    let socket = USocket::new(&network, MAIXPY).socket();
    let error = socket.connect(common::PEER).unwrap_err();
    assert_eq!((error.errno(), error.name()), (111, "ECONNREFUSED"));
    world.connect.set((0, Ok(())));
    socket.connect(common::PEER).unwrap();
}

#[test]
fn a_reset_is_econnreset_once_after_the_data() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, MAIXPY);
    world.data(0, b"abc");
    world.arrive(0, Arrival::Fail(ErrorKind::BrokenPipe));
    let mut buf = [0; 8];
    assert_eq!(socket.recv_into(&mut buf), Ok(3));
    assert_eq!(name(socket.recv_into(&mut buf)), "ECONNRESET");
    assert_eq!(socket.recv_into(&mut buf), Ok(0));
    world.send_error.set(Some(ErrorKind::BrokenPipe));
    assert_eq!(name(socket.send("x")), "EPIPE");
}

#[test]
fn lost_data_is_enobufs_once_at_the_gap() {
    for profile in [MAIXPY, OPENMV] {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, profile);
        world.data(0, b"before");
        world.arrive(0, Arrival::Fail(ErrorKind::DataLost));
        world.data(0, b"behind\n");
        let mut buf = [0; 16];
        assert_eq!(socket.readinto(&mut buf), Ok(Some(6)));
        let error = socket.readline_into(&mut buf).unwrap_err();
        assert_eq!((error.errno(), error.name()), (105, "ENOBUFS"));
        assert!(error.to_string().contains("reading may go on"), "{error}");
        assert_eq!(socket.readline_into(&mut buf), Ok(Some(7)));
    }
}

#[test]
fn an_unknown_flag_is_named_as_the_fault() {
    for profile in [MAIXPY, OPENMV] {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, profile);
        world.data(0, b"abc");
        let mut buf = [0; 8];
        for flags in [4, 0x40, 0x41, i32::MIN, -1] {
            let error = socket.recv_into_flags(&mut buf, flags).unwrap_err();
            assert_eq!((error.errno(), error.name()), (95, "EOPNOTSUPP"));
            assert_eq!(error.kind(), ErrorKind::NotSupported);
            assert!(error.to_string().contains("flag"), "{error}");
        }
        assert_eq!(socket.recv_into_flags(&mut buf, 0), Ok(3));
    }
}

#[test]
fn asking_for_readiness_leaves_econnrefused_to_the_script() {
    let world = World::new();
    let network = network(&world);
    world.connect.set((u64::MAX, Ok(())));
    let mut socket = USocket::new(&network, OPENMV).socket();
    socket.setblocking(false).unwrap();
    assert_eq!(name(socket.connect(common::PEER)), "EINPROGRESS");
    world.connect.set((0, Err(ErrorKind::ConnectionRefused)));
    assert_eq!(socket.as_tcp().unwrap().send_ready(), Ok(true));
    assert_eq!(socket.as_tcp().unwrap().recv_ready(), Ok(true));
    assert_eq!(name(socket.connect(common::PEER)), "ECONNREFUSED");
    assert_eq!(name(socket.send("x")), "EPIPE");
}
