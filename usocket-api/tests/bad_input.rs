//! What cannot be right, on the whole stack: the number, nothing sent to the modem, and the socket works
//! on with all its data.
#![cfg(feature = "alloc")]

mod modem;

use modem::{SERVER, board};
use nal_socket::NetworkRef;
use usocket_api::{
    AF_INET, AF_INET6, AddrItem, ESP32, IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, IPPROTO_IP,
    IPPROTO_TCP, MAIXPY, MSG_PEEK, OPENMV, OSError, OptionValue, Profile, SO_BROADCAST,
    SO_CALLBACK, SO_KEEPALIVE, SO_RCVTIMEO, SO_REUSEADDR, SO_SNDTIMEO, SOCK_DGRAM, SOCK_STREAM,
    SOL_SOCKET, Socket, TCP_NODELAY, USocket,
};

type Call<N> = (
    &'static str,
    &'static str,
    fn(&Socket<N>) -> Option<OSError>,
);

fn error<T>(result: Result<T, OSError>) -> Option<OSError> {
    result.err()
}

/// Calls that are wrong on any IPv4 socket, with the error each is.
fn wrong_calls<N: NetworkRef>() -> Vec<Call<N>> {
    vec![
        ("name in a tuple", "EINVAL", |s| {
            error(s.connect(("example.org", 80)))
        }),
        ("no port", "EINVAL", |s| {
            error(s.connect(&["1.2.3.4".into()] as &[AddrItem<'_>]))
        }),
        ("port as a name", "EINVAL", |s| {
            error(s.connect(["1.2.3.4".into(), "http".into()] as [AddrItem<'_>; 2]))
        }),
        ("host as a number", "EINVAL", |s| {
            error(s.connect([1.into(), 80.into()] as [AddrItem<'_>; 2]))
        }),
        ("three items", "EINVAL", |s| {
            error(s.connect(["1.2.3.4".into(), 80.into(), 0.into()] as [AddrItem<'_>; 3]))
        }),
        ("flowinfo", "EINVAL", |s| {
            error(s.connect(("2001:db8::1", 80, 1, 0)))
        }),
        ("port 0", "EINVAL", |s| error(s.connect(("1.2.3.4", 0)))),
        ("port 65536", "EINVAL", |s| {
            error(s.connect(("1.2.3.4", 65_536)))
        }),
        ("port -1", "EINVAL", |s| error(s.connect(("1.2.3.4", -1)))),
        ("other family", "EAFNOSUPPORT", |s| {
            error(s.connect(("2001:db8::1", 80, 0, 0)))
        }),
        ("sendto port 0", "EINVAL", |s| {
            error(s.sendto("x", ("1.2.3.4", 0)))
        }),
        ("sendto other family", "EAFNOSUPPORT", |s| {
            error(s.sendto("x", ("::1", 7)))
        }),
        ("sendto a name", "EINVAL", |s| {
            error(s.sendto("x", ("example.org", 7)))
        }),
        ("bind to another host", "EADDRNOTAVAIL", |s| {
            error(s.bind(("1.2.3.4", 80)))
        }),
        ("bind to a name", "EINVAL", |s| {
            error(s.bind(("localhost", 80)))
        }),
        ("bind to port 70000", "EINVAL", |s| {
            error(s.bind(("", 70_000)))
        }),
        ("recv -1", "ENOMEM", |s| error(s.recv(-1))),
        ("recv -2", "ENOMEM", |s| error(s.recv_flags(-2, MSG_PEEK))),
        ("recvfrom -1", "ENOMEM", |s| error(s.recvfrom(-1))),
        ("read -2", "ENOMEM", |s| error(s.read(-2))),
        ("readline -2", "ENOMEM", |s| error(s.readline_limit(-2))),
        ("flag 0x40", "EOPNOTSUPP", |s| error(s.recv_flags(1, 0x40))),
        ("flag of recvfrom", "EOPNOTSUPP", |s| {
            error(s.recvfrom_flags(1, -1))
        }),
        ("settimeout -1", "EINVAL", |s| error(s.settimeout(-1))),
        ("settimeout nan", "EINVAL", |s| {
            error(s.settimeout(f64::NAN))
        }),
        ("text mode", "EINVAL", |s| error(s.makefile("r"))),
        ("text mode with a buffer", "EINVAL", |s| {
            error(s.makefile_with("w", 512))
        }),
        ("unknown option", "EOPNOTSUPP", |s| {
            error(s.setsockopt(SOL_SOCKET, 4711, 1))
        }),
        ("unknown level", "EOPNOTSUPP", |s| {
            error(s.setsockopt(77, SO_REUSEADDR, 1))
        }),
        ("timeout below 0", "EINVAL", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_RCVTIMEO, -1))
        }),
        ("timeout in 3 bytes", "EINVAL", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_SNDTIMEO, &[1, 2, 3]))
        }),
        ("no value", "EINVAL", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_REUSEADDR, None))
        }),
        ("callback as text", "EINVAL", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_CALLBACK, "me"))
        }),
        ("group of 4 bytes", "EINVAL", |s| {
            error(s.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, &[224, 0, 0, 1]))
        }),
        ("group as a number", "EINVAL", |s| {
            error(s.setsockopt(IPPROTO_IP, IP_DROP_MEMBERSHIP, 1))
        }),
    ]
}

fn assert_all_wrong<N: NetworkRef>(what: &str, socket: &Socket<N>) {
    for (name, expected, call) in wrong_calls() {
        let raised = call(socket).map(|error| error.name());
        assert_eq!(raised, Some(expected), "{name} on {what}");
    }
}

#[test]
fn wrong_arguments_have_their_errors_and_send_nothing() {
    for dialect in modem::DIALECTS {
        let (time, board) = board(dialect);
        let usocket = USocket::new(&board, OPENMV);

        let fresh = usocket.socket();
        let connected = usocket.socket();
        connected.connect(SERVER).unwrap();
        let datagram = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
        let sent = time.bench.stats().to_modem;
        assert_all_wrong("a new socket", &fresh);
        assert_all_wrong("a connected socket", &connected);
        assert_all_wrong("a datagram socket", &datagram);
        assert_eq!(time.bench.stats().to_modem, sent, "{dialect}");

        connected.settimeout(5).unwrap();
        connected.send("hello").unwrap();
        assert_eq!(connected.read(5).unwrap().unwrap(), b"hello", "{dialect}");
        datagram.settimeout(5).unwrap();
        assert_eq!(datagram.sendto("hello", SERVER).unwrap(), 5, "{dialect}");
        let (data, from) = datagram.recvfrom(64).unwrap();
        assert_eq!((&data[..], from), (&b"hello"[..], SERVER.into()));
        fresh.bind(("", 8080)).unwrap();
        assert_all_wrong("a bound socket", &fresh_like(&usocket));
    }
}

/// A bound socket refuses the addresses of others before it says that it is bound.
fn fresh_like<N: NetworkRef>(usocket: &USocket<N>) -> Socket<N> {
    let socket = usocket.socket();
    socket.bind(("", 8081)).unwrap();
    socket
}

type Method<N> = (&'static str, fn(&Socket<N>) -> Option<OSError>);

/// Every method.
fn methods<N: NetworkRef>() -> Vec<Method<N>> {
    vec![
        ("connect", |s| error(s.connect(SERVER))),
        ("bind", |s| error(s.bind(("", 80)))),
        ("listen", |s| error(s.listen(None))),
        ("accept", |s| error(s.accept())),
        ("send", |s| error(s.send("x"))),
        ("send nothing", |s| error(s.send(""))),
        ("sendall", |s| error(s.sendall("x"))),
        ("sendto", |s| error(s.sendto("x", SERVER))),
        ("recv", |s| error(s.recv(1))),
        ("recv into", |s| error(s.recv_into(&mut [0]))),
        ("peek", |s| error(s.recv_flags(1, MSG_PEEK))),
        ("recvfrom", |s| error(s.recvfrom(1))),
        ("recvfrom into", |s| error(s.recvfrom_into(&mut [0]))),
        ("read", |s| error(s.read(None))),
        ("readinto", |s| error(s.readinto(&mut [0]))),
        ("readline", |s| error(s.readline())),
        ("readline into", |s| error(s.readline_into(&mut [0]))),
        ("write", |s| error(s.write("x"))),
        ("settimeout", |s| error(s.settimeout(1))),
        ("setblocking", |s| error(s.setblocking(false))),
        ("makefile", |s| error(s.makefile("rb"))),
        ("notified", |s| error(s.notified())),
        ("local_port", |s| error(s.local_port())),
        ("setsockopt", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1))
        }),
        ("timeout option", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_RCVTIMEO, 1))
        }),
        ("no delay", |s| {
            error(s.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1))
        }),
        ("keep alive", |s| {
            error(s.setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1))
        }),
        ("membership", |s| {
            let group = [224, 0, 0, 251, 0, 0, 0, 0];
            error(s.setsockopt(IPPROTO_IP, IP_ADD_MEMBERSHIP, &group))
        }),
    ]
}

#[test]
fn on_a_closed_socket_everything_is_ebadf_and_sends_nothing() {
    for profile in [MAIXPY, OPENMV, ESP32] {
        for dialect in modem::DIALECTS {
            let (time, board) = board(dialect);
            for (what, socket) in closed_sockets(&board, profile) {
                time.bench.advance(1_000_000);
                board.with_stack(|wifi| wifi.poll()).unwrap().unwrap();
                let sent = time.bench.stats().to_modem;
                for (name, call) in methods() {
                    let raised = call(&socket).unwrap_or_else(|| panic!("{name} on {what}"));
                    assert_eq!(
                        (raised.errno(), raised.name()),
                        (9, "EBADF"),
                        "{name} on {what}"
                    );
                }
                assert_eq!(socket.close(), Ok(()));
                assert_eq!(time.bench.stats().to_modem, sent, "{what}, {dialect}");
            }
        }
    }
}

fn closed_sockets(
    board: &modem::Board,
    profile: Profile,
) -> Vec<(&'static str, Socket<&modem::Board>)> {
    let usocket = USocket::new(board, profile);
    let fresh = usocket.socket();
    let connected = usocket.socket();
    connected.connect(SERVER).unwrap();
    let bound = usocket.socket();
    bound.bind(("", 81)).unwrap();
    let listening = usocket.socket();
    listening.bind(("", 80)).unwrap();
    listening.listen(None).unwrap();
    let datagram = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    let used = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
    used.sendto("x", SERVER).unwrap();
    let sockets = vec![
        ("new", fresh),
        ("connected", connected),
        ("bound", bound),
        ("listening", listening),
        ("datagram", datagram),
        ("datagram in use", used),
    ];
    for (_, socket) in &sockets {
        socket.close().unwrap();
    }
    sockets
}

#[test]
fn the_wrong_kind_of_socket_says_so() {
    for dialect in modem::DIALECTS {
        let (_time, board) = board(dialect);
        let usocket = USocket::new(&board, OPENMV);
        let name = |error: Option<OSError>| error.map(|error| error.name());

        let listening = usocket.socket();
        listening.bind(("", 80)).unwrap();
        assert_eq!(name(error(listening.accept())), Some("EINVAL"));
        assert_eq!(name(error(listening.bind(("", 81)))), Some("EINVAL"));
        assert_eq!(name(error(listening.connect(SERVER))), Some("EOPNOTSUPP"));
        listening.listen(-5).unwrap();
        listening.listen(None).unwrap();
        assert_eq!(name(error(listening.connect(SERVER))), Some("EISCONN"));
        assert_eq!(name(error(listening.recv(1))), Some("ENOTCONN"));
        assert_eq!(name(error(listening.recvfrom(1))), Some("ENOTCONN"));
        assert_eq!(name(error(listening.read(1))), Some("ENOTCONN"));
        assert_eq!(name(error(listening.send("x"))), Some("EPIPE"));
        assert_eq!(name(error(listening.write("x"))), Some("EPIPE"));
        assert_eq!(name(error(listening.sendto("x", SERVER))), Some("EPIPE"));

        let fresh = usocket.socket();
        assert_eq!(name(error(fresh.accept())), Some("EINVAL"));
        assert_eq!(name(error(fresh.recv(1))), Some("ENOTCONN"));
        assert_eq!(name(error(fresh.recvfrom(1))), Some("ENOTCONN"));
        assert_eq!(name(error(fresh.send(""))), Some("EPIPE"));
        assert_eq!(name(error(fresh.sendto("x", SERVER))), Some("EPIPE"));
        assert_eq!(fresh.read(0), Ok(Some(vec![])));
        assert_eq!(fresh.write(""), Ok(Some(0)));
        assert_eq!(
            name(error(fresh.setsockopt(SOL_SOCKET, SO_BROADCAST, 1))),
            Some("EOPNOTSUPP")
        );

        let connected = usocket.socket();
        connected.connect(SERVER).unwrap();
        assert_eq!(name(error(connected.connect(SERVER))), Some("EISCONN"));
        assert_eq!(name(error(connected.bind(("", 82)))), Some("EINVAL"));
        assert_eq!(name(error(connected.listen(1))), Some("EINVAL"));
        assert_eq!(name(error(connected.accept())), Some("EINVAL"));

        let datagram = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
        assert_eq!(name(error(datagram.listen(1))), Some("EOPNOTSUPP"));
        assert_eq!(name(error(datagram.accept())), Some("EOPNOTSUPP"));
        assert_eq!(name(error(datagram.send("x"))), Some("ENOTCONN"));
        assert_eq!(name(error(datagram.write("x"))), Some("ENOTCONN"));
        for option in [TCP_NODELAY, SO_KEEPALIVE] {
            let set = datagram.setsockopt(IPPROTO_TCP, option, OptionValue::Number(1));
            assert_eq!(name(error(set)), Some("EOPNOTSUPP"));
        }

        let v6 = usocket.socket_with(AF_INET6, SOCK_STREAM, 0).unwrap();
        assert_eq!(name(error(v6.connect(("1.2.3.4", 80)))), Some("EINVAL"));
    }
}
