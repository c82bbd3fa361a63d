//! The constants with their numbers, and the one exception.

use usocket_api::{
    AF_INET, AF_INET6, Family, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IPPROTO_IP, IPPROTO_TCP,
    IPPROTO_UDP, MAIXPY, MSG_DONTWAIT, MSG_PEEK, MessageFlags, OPENMV, OSError, OptionName,
    Profile, Protocol, SO_BROADCAST, SO_CALLBACK, SO_KEEPALIVE, SO_RCVTIMEO, SO_REUSEADDR,
    SO_SNDTIMEO, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET, SocketType, TCP_NODELAY,
};

use crate::world::{World, error};

surface! {
    everywhere {
        families_and_types_have_their_numbers
        protocols_and_levels_have_their_numbers
        options_have_their_numbers_and_no_two_the_same
        message_flags_have_their_numbers
        every_error_is_an_os_error
    }
}

/// A constant is a value of its group, and a number does as well.
fn families_and_types_have_their_numbers<W: World>(world: &W) {
    assert_eq!((AF_INET.raw(), AF_INET6.raw()), (2, 10));
    assert_eq!((SOCK_STREAM.raw(), SOCK_DGRAM.raw()), (1, 2));
    assert_eq!(
        (Family::from(2), SocketType::from(2)),
        (AF_INET, SOCK_DGRAM)
    );
    let usocket = world.usocket(MAIXPY);
    for (family, kind) in [(2, 1), (2, 2), (10, 1), (10, 2)] {
        let sock = usocket.socket_with(family, kind, 0).unwrap();
        assert_eq!(sock.family(), Family::from(family));
        assert_eq!(sock.socket_type(), Some(SocketType::from(kind)));
    }
}

fn protocols_and_levels_have_their_numbers<W: World>(world: &W) {
    assert_eq!(IPPROTO_IP.raw(), 0);
    assert_eq!(IPPROTO_TCP.raw(), 6);
    assert_eq!(IPPROTO_UDP.raw(), 17);
    assert_eq!(SOL_SOCKET.raw(), 0x0FFF);
    let sock = world.usocket(OPENMV).socket();
    // Some ports number SOL_SOCKET 1: a script may bring that along.
    for level in [SOL_SOCKET, Protocol::from(0x0FFF), Protocol::from(1)] {
        sock.setsockopt(level, SO_RCVTIMEO, 250).unwrap();
    }
}

fn options_have_their_numbers_and_no_two_the_same<W: World>(world: &W) {
    let options: [(OptionName, i32); 9] = [
        (SO_REUSEADDR, 4),
        (SO_KEEPALIVE, 8),
        (SO_CALLBACK, 20),
        (SO_BROADCAST, 0x20),
        (TCP_NODELAY, 0x40),
        (IP_ADD_MEMBERSHIP, 0x400),
        (IP_DROP_MEMBERSHIP, 0x401),
        (SO_SNDTIMEO, 0x1005),
        (SO_RCVTIMEO, 0x1006),
    ];
    for (n, (option, number)) in options.into_iter().enumerate() {
        assert_eq!(option.raw(), number);
        assert!(options[..n].iter().all(|(_, other)| *other != number));
    }
    // By number as well as by name.
    let sock = world.usocket(OPENMV).socket();
    sock.setsockopt(0x0FFF, 4, 1).unwrap();
    sock.setsockopt(0x0FFF, 0x1006, 1).unwrap();
}

fn message_flags_have_their_numbers<W: World>(world: &W) {
    assert_eq!((MSG_PEEK.raw(), MSG_DONTWAIT.raw()), (1, 2));
    assert_eq!(MSG_PEEK | MSG_DONTWAIT, MessageFlags::from(3));
    let (sock, _server) = world.connected(OPENMV, vec![]);
    let both = error(sock.recv_flags(1, 3));
    assert_eq!(both, error(sock.recv_flags(1, MSG_PEEK | MSG_DONTWAIT)));
    assert_eq!(both, (11, "EAGAIN"));
}

/// There is no `usocket.error`, `socket.timeout` or `socket.gaierror`: one type, whose number is what
/// `e.args[0]` is in a script, in the profile's numbering; of look-ups it is negative.
fn every_error_is_an_os_error<W: World>(world: &W) {
    let errors = |profile: Profile| -> [OSError; 5] {
        let usocket = world.usocket(profile);
        let (sock, _server) = world.connected(profile, vec![]);
        let refusing = world.refusing();
        [
            usocket.getaddrinfo(W::UNKNOWN, 80).unwrap_err(),
            usocket
                .socket()
                .connect((refusing.0, refusing.1))
                .unwrap_err(),
            usocket.socket().recv(1).unwrap_err(),
            sock.recv_flags(1, MSG_DONTWAIT).unwrap_err(),
            {
                sock.settimeout(world.pause()).unwrap();
                sock.read(1).unwrap_err()
            },
        ]
    };
    let numbers = |profile| errors(profile).map(|error| error.errno());
    assert_eq!(numbers(OPENMV), [-2, 111, 107, 11, 110]);
    assert_eq!(numbers(MAIXPY), [-2, 111, 128, 11, 116]);
    let names = errors(MAIXPY).map(|error| error.name());
    assert_eq!(
        names,
        [
            "EAI_NONAME",
            "ECONNREFUSED",
            "ENOTCONN",
            "EAGAIN",
            "ETIMEDOUT"
        ]
    );
    assert_eq!(names, errors(OPENMV).map(|error| error.name()));
    let text = errors(MAIXPY)[2].to_string();
    assert!(text.starts_with("[Errno 128] ENOTCONN: "), "{text}");
}
