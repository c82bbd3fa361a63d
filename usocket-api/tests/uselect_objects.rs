//! What can be registered: sockets that come and go, and objects of several kinds.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use many::{Arrival, FakeNetwork, Op, SECOND, Town, network};
use nal_socket::{Error, Events, Look};
use usocket_api::uselect::{POLLIN, POLLOUT, Stream, USelect};
use usocket_api::{OPENMV, Socket, USocket};

type Sock<'n> = Socket<&'n FakeNetwork>;

/// A connected socket on `line`; the log is empty.
fn connected<'n>(town: &Town, net: &'n FakeNetwork, line: u16) -> Sock<'n> {
    let sock = USocket::new(net, OPENMV).socket();
    sock.connect(("192.0.2.1", i32::from(line))).unwrap();
    town.calls();
    sock
}

fn uselect(net: &FakeNetwork) -> USelect<&FakeNetwork> {
    USelect::new(net, OPENMV)
}

#[test]
fn rc_handles_keep_their_sockets_until_they_are_taken_out() {
    let town = Town::new();
    let net = network(&town).with_server();
    let usocket = USocket::new(&net, OPENMV);
    let server = Rc::new(usocket.socket());
    server.bind(("", 80)).unwrap();
    server.listen(5).unwrap();
    let poller = uselect(&net).poll();
    poller.register(server.clone(), POLLIN).unwrap();

    for line in 1..=20 {
        town.arrive(80, 0, Arrival::Peer(line));
        town.data(line, SECOND, b"hello");
        town.arrive(line, 2 * SECOND, Arrival::End);
    }
    let (mut bytes, mut most) = (0, 0);
    let mut here = 0;
    while bytes < 100 || here > 0 {
        for (s, event) in poller.ipoll(5_000).unwrap() {
            assert_eq!(event, POLLIN);
            let mut buf = [0; 64];
            if Rc::ptr_eq(&s, &server) {
                // No room for more than seven beside the server: the rest waits in the stack.
                let (client, _) = server.accept().unwrap();
                poller.register(Rc::new(client), POLLIN).unwrap();
                here += 1;
                most = most.max(here);
                if here == 7 {
                    poller.modify(&server, 0).unwrap();
                }
            } else {
                match s.recv_into(&mut buf).unwrap() {
                    0 => {
                        poller.unregister(&s).unwrap();
                        poller.modify(&server, POLLIN).unwrap();
                        here -= 1;
                    }
                    count => bytes += count,
                }
            }
        }
    }
    assert_eq!((bytes, most), (100, 7));
    // All closed but the listener.
    let closed = town
        .calls()
        .iter()
        .filter(|(_, op)| *op == Op::Close)
        .count();
    assert_eq!(closed, 20);
}

/// A source of the program's own.
struct Button {
    pressed: Cell<bool>,
    asked: RefCell<Vec<u8>>,
}

impl Stream for Button {
    fn look(&self, wanted: Events) -> Result<Look, Error> {
        self.asked.borrow_mut().push(wanted.bits());
        Ok(Look::new(if self.pressed.get() {
            Events::IN
        } else {
            Events::NONE
        }))
    }
}

/// One that cannot be polled.
struct Flash;

impl Stream for Flash {
    fn look(&self, _: Events) -> Result<Look, Error> {
        Err(Error::new(nal_socket::ErrorKind::NotSupported))
    }
}

#[test]
fn objects_of_several_kinds_are_waited_for_together() {
    let town = Town::new();
    let net = network(&town);
    let sock = connected(&town, &net, 1);
    let button = Button {
        pressed: Cell::new(false),
        asked: RefCell::default(),
    };
    // A socket of the layer below.
    let mut tcp = nal_socket::TcpSocket::new(&net);
    tcp.connect("192.0.2.1:2".parse().unwrap()).unwrap();
    let tcp = RefCell::new(tcp);

    let poller = uselect(&net).poll::<&dyn Stream>();
    poller.register(&sock, POLLIN).unwrap();
    poller.register(&button, 1 | 2 | 8).unwrap();
    poller.register(&tcp, POLLIN).unwrap();
    assert!(poller.poll(10).unwrap().is_empty());
    button.pressed.set(true);
    town.data(2, 0, b"x");
    let list = poller.poll(None).unwrap();
    let [(first, POLLIN), (second, POLLIN)] = *list else {
        panic!("{} ready", list.len());
    };
    assert!(std::ptr::addr_eq(first, &button));
    assert!(std::ptr::addr_eq(second, &tcp));
    // Only what can be waited for is asked for.
    assert!(button.asked.borrow().iter().all(|bits| *bits == 1));
    poller.unregister(&button).unwrap();
    poller.modify(&tcp, POLLOUT).unwrap();
    assert_eq!(poller.poll(0).unwrap().len(), 1);

    let flash = Flash;
    poller.register(&flash, POLLIN).unwrap();
    for timeout in [0, -1] {
        let error = poller.poll(timeout).err().unwrap();
        assert_eq!(error.name(), "EOPNOTSUPP");
    }
}
