//! The poll object: what it promises, in virtual time.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use many::{Arrival, FakeNetwork, Op, SECOND, Town, network};
use nal_socket::{Error, Events, Look};
use usocket_api::uselect::{EventMask, List, POLLIN, POLLOUT, Poll, Stream, USelect};
use usocket_api::{MAIXPY, OPENMV, Socket, USocket};

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

/// Which of `known` are in the list, by index, with their events.
fn found<const MAX: usize>(
    list: &List<(&Sock<'_>, EventMask), MAX>,
    known: &[&Sock<'_>],
) -> Vec<(usize, i32)> {
    list.iter()
        .map(|(obj, event)| {
            let index = known.iter().position(|sock| std::ptr::addr_eq(*sock, *obj));
            (index.unwrap(), event.raw())
        })
        .collect()
}

#[test]
fn the_documents_example_waits_a_second_and_not_longer() {
    let town = Town::new();
    let net = network(&town);
    let s = connected(&town, &net, 1);
    let uselect = uselect(&net);

    let poller = uselect.poll();
    poller.register(&s, POLLIN).unwrap();
    let start = town.now.get();
    let res = poller.poll(1000).unwrap(); // time in milliseconds
    assert!(res.is_empty()); // s is still not ready for input, i.e. operation timed out
    assert_eq!(town.now.get(), start + SECOND);

    town.data(1, SECOND / 4, b"0123456789");
    let res = poller.poll(1000).unwrap();
    assert_eq!(found(&res, &[&s]), [(0, 1)]);
    assert_eq!(town.now.get(), start + SECOND + SECOND / 4);
    assert_eq!(s.readinto(&mut [0; 10]), Ok(Some(10)));
}

#[test]
fn timeouts_are_exact_and_zero_only_looks() {
    let town = Town::new();
    let net = network(&town);
    let s = connected(&town, &net, 1);
    let poller = uselect(&net).poll();
    poller.register(&s, POLLIN).unwrap();
    let waits = |list: List<(&Sock<'_>, EventMask), 8>, start: u64| {
        assert!(list.is_empty());
        town.now.get() - start
    };
    let start = town.now.get();
    assert_eq!(waits(poller.poll(1).unwrap(), start), 1_000);
    let start = town.now.get();
    assert_eq!(waits(poller.poll(2_500_u32).unwrap(), start), 2_500_000);
    let start = town.now.get();
    assert_eq!(
        waits(poller.poll(86_400_000_i64).unwrap(), start),
        86_400 * SECOND
    );
    let start = town.now.get();
    assert_eq!(
        waits(poller.poll(Duration::from_micros(7)).unwrap(), start),
        7
    );

    let (start, idles, clock) = (town.now.get(), town.idles.get(), town.clock_reads.get());
    assert_eq!(waits(poller.poll(0).unwrap(), start), 0);
    assert_eq!(waits(poller.poll(Some(0)).unwrap(), start), 0);
    assert_eq!((town.idles.get(), town.clock_reads.get()), (idles, clock));
}

#[test]
fn none_and_negative_timeouts_are_for_ever() {
    let town = Town::new();
    let net = network(&town);
    let s = connected(&town, &net, 1);
    let poller = uselect(&net).poll();
    poller.register(&s, POLLIN).unwrap();
    let mut buf = [0; 4];
    let week = 7 * 86_400 * SECOND;
    for wait in 0..3 {
        town.data(1, week, b"x");
        town.untils.borrow_mut().clear();
        let start = town.now.get();
        let res = match wait {
            0 => poller.poll(None),
            1 => poller.poll(-1),
            _ => poller.poll(i64::MIN),
        };
        assert_eq!(res.unwrap().len(), 1);
        assert_eq!(town.now.get(), start + week);
        assert!(town.untils.borrow().iter().all(Option::is_none));
        assert_eq!(s.recv_into(&mut buf), Ok(1));
    }
}

#[test]
fn an_empty_set_just_waits() {
    let town = Town::new();
    let net = network(&town);
    let poller: Poll<_, &Sock<'_>> = uselect(&net).poll();
    let start = town.now.get();
    assert!(poller.poll(300).unwrap().is_empty());
    assert_eq!(poller.ipoll(200).unwrap().count(), 0);
    assert_eq!(town.now.get(), start + SECOND / 2);
}

#[test]
fn ready_ones_come_in_the_order_of_registration() {
    let town = Town::new();
    let net = network(&town);
    let socks: Vec<_> = (1..=5).map(|line| connected(&town, &net, line)).collect();
    let known: Vec<_> = socks.iter().collect();
    let poller = uselect(&net).poll();
    for index in [3, 0, 4, 1, 2] {
        poller.register(known[index], None).unwrap();
    }
    town.data(1, 0, b"x");
    // The look begins with another one every time.
    for _ in 0..10 {
        let list = poller.poll(0).unwrap();
        assert_eq!(
            found(&list, &known),
            [(3, 4), (0, 5), (4, 4), (1, 4), (2, 4)]
        );
    }
    // One that was taken out and is registered again is the last.
    poller.unregister(known[0]).unwrap();
    poller.register(known[0], POLLIN).unwrap();
    let list = poller.poll(0).unwrap();
    assert_eq!(
        found(&list, &known),
        [(3, 4), (4, 4), (1, 4), (2, 4), (0, 1)]
    );
}

#[test]
fn the_default_mask_is_in_and_out() {
    let town = Town::new();
    let net = network(&town);
    let s = connected(&town, &net, 1);
    town.data(1, 0, b"x");
    let poller = uselect(&net).poll();
    poller.register(&s, None).unwrap();
    assert_eq!(found(&poller.poll(0).unwrap(), &[&s]), [(0, 5)]);
    poller.register(&s, Some(POLLIN)).unwrap();
    assert_eq!(found(&poller.poll(0).unwrap(), &[&s]), [(0, 1)]);
    poller.register(&s, Events::OUT).unwrap();
    assert_eq!(found(&poller.poll(0).unwrap(), &[&s]), [(0, 4)]);
    poller.register(&s, 0).unwrap();
    assert_eq!(found(&poller.poll(0).unwrap(), &[&s]), []);
    poller.register(&s, POLLIN | POLLOUT).unwrap();
    assert_eq!(found(&poller.poll(0).unwrap(), &[&s]), [(0, 5)]);
}

#[test]
fn modifying_an_unknown_object_is_enoent_and_taking_it_out_is_nothing() {
    let town = Town::new();
    let net = network(&town);
    let (known, unknown) = (connected(&town, &net, 1), connected(&town, &net, 2));
    let poller = USelect::new(&net, MAIXPY).poll();
    poller.register(&known, POLLOUT).unwrap();
    poller.unregister(&unknown).unwrap();
    let error = poller.modify(&unknown, POLLIN).unwrap_err();
    assert_eq!((error.errno(), error.name()), (2, "ENOENT"));
    poller.modify(&known, 1).unwrap();
    assert_eq!(poller.poll(0).unwrap().len(), 0);
    poller.modify(&known, POLLIN | POLLOUT).unwrap();
    assert_eq!(found(&poller.poll(0).unwrap(), &[&known]), [(0, 4)]);
    poller.unregister(&known).unwrap();
    poller.unregister(&known).unwrap();
    assert_eq!(poller.modify(&known, POLLIN).unwrap_err().errno(), 2);
    assert_eq!(poller.poll(0).unwrap().len(), 0);
}

#[test]
fn a_full_set_is_enomem_and_one_with_more_room_is_not() {
    let town = Town::new();
    let net = network(&town);
    let socks: Vec<_> = (1..=9).map(|line| connected(&town, &net, line)).collect();
    let poller = uselect(&net).poll();
    for sock in &socks[..8] {
        poller.register(sock, POLLOUT).unwrap();
    }
    let error = poller.register(&socks[8], POLLOUT).unwrap_err();
    assert_eq!((error.errno(), error.name()), (12, "ENOMEM"));
    // What is in it can still be modified that way, and makes room when it goes.
    poller.register(&socks[7], POLLIN).unwrap();
    assert_eq!(poller.poll(0).unwrap().len(), 7);
    poller.unregister(&socks[0]).unwrap();
    poller.register(&socks[8], POLLOUT).unwrap();

    let poller = uselect(&net).poll_sized::<_, 20>();
    for sock in &socks {
        poller.register(sock, POLLOUT).unwrap();
    }
    assert_eq!(poller.poll(0).unwrap().len(), 9);
    let none = uselect(&net).poll_sized::<_, 0>();
    assert_eq!(none.register(&socks[0], None).unwrap_err().name(), "ENOMEM");
    assert!(none.poll(5).unwrap().is_empty());
}

#[test]
fn one_shot_clears_the_mask_of_what_was_reported_and_of_nothing_else() {
    let town = Town::new();
    let net = network(&town);
    let (a, b) = (connected(&town, &net, 1), connected(&town, &net, 2));
    let poller = uselect(&net).poll();
    poller.register(&a, POLLIN).unwrap();
    poller.register(&b, POLLIN).unwrap();
    town.data(1, 0, b"x");
    let shots = || -> Vec<_> {
        let ipoll = poller.ipoll_with(0, 1).unwrap();
        ipoll
            .map(|(obj, event)| (std::ptr::eq(obj, &a), event.raw()))
            .collect()
    };
    assert_eq!(shots(), [(true, 1)]);
    assert_eq!(shots(), []);
    town.data(2, 0, b"y");
    assert_eq!(shots(), [(false, 1)]);
    // Armed again, either way.
    poller.modify(&a, POLLIN).unwrap();
    poller.register(&b, POLLOUT).unwrap();
    assert_eq!(shots(), [(true, 1), (false, 4)]);
    assert_eq!(shots(), []);
    // Errors and the like are reported all the same, also to those who have shot.
    town.line(2, |line| line.arrivals.clear());
    town.arrive(2, 0, Arrival::Fail(nal_socket::ErrorKind::ConnectionReset));
    assert_eq!(b.recv_into(&mut [0; 1]), Ok(1));
    assert_eq!(shots(), [(false, 24)]);
    a.close().unwrap();
    assert_eq!(shots(), [(true, 32), (false, 24)]);
}

#[test]
fn one_shot_spares_what_the_loop_did_not_get_to() {
    let town = Town::new();
    let net = network(&town);
    let (a, b) = (connected(&town, &net, 1), connected(&town, &net, 2));
    let poller = uselect(&net).poll();
    poller.register(&a, POLLOUT).unwrap();
    poller.register(&b, POLLOUT).unwrap();
    let first = poller.ipoll_with(0, 1).unwrap().next().unwrap();
    assert!(std::ptr::eq(first.0, &a));
    assert_eq!(found(&poller.poll(0).unwrap(), &[&a, &b]), [(1, 4)]);
    // As a list everything is reported.
    assert_eq!(poller.poll_with(0, 1).unwrap().len(), 1);
    assert_eq!(poller.poll(0).unwrap().len(), 0);
}

#[test]
fn unknown_flags_are_einval_and_nothing_is_asked() {
    let town = Town::new();
    let net = network(&town);
    let a = connected(&town, &net, 1);
    let poller = uselect(&net).poll();
    poller.register(&a, POLLIN).unwrap();
    for flags in [2, 3, -1] {
        assert_eq!(poller.ipoll_with(-1, flags).unwrap_err().name(), "EINVAL");
        assert_eq!(poller.poll_with(-1, flags).unwrap_err().name(), "EINVAL");
    }
    assert_eq!(town.calls(), []);
}

#[test]
fn the_set_may_change_while_ipoll_hands_out() {
    let town = Town::new();
    let net = network(&town);
    let socks: Vec<_> = (1..=6).map(|line| connected(&town, &net, line)).collect();
    let poller = uselect(&net).poll();
    for sock in &socks[..5] {
        poller.register(sock, POLLOUT).unwrap();
    }
    let mut seen = vec![];
    for (obj, _) in poller.ipoll(0).unwrap() {
        let index = socks
            .iter()
            .position(|sock| std::ptr::eq(sock, obj))
            .unwrap();
        seen.push(index);
        match index {
            // One that was, this one, one to come; and a new one, which has not been asked.
            1 => {
                poller.unregister(&socks[0]).unwrap();
                poller.unregister(&socks[1]).unwrap();
                poller.unregister(&socks[3]).unwrap();
                poller.register(&socks[5], POLLOUT).unwrap();
            }
            // The answer that was found stays.
            2 => poller.modify(&socks[4], POLLIN).unwrap(),
            _ => {}
        }
    }
    assert_eq!(seen, [0, 1, 2, 4]);
    let known: Vec<_> = socks.iter().collect();
    assert_eq!(found(&poller.poll(0).unwrap(), &known), [(2, 4), (5, 4)]);
}

#[test]
fn a_poll_within_the_loop_begins_anew() {
    let town = Town::new();
    let net = network(&town);
    let socks: Vec<_> = (1..=3).map(|line| connected(&town, &net, line)).collect();
    let poller = uselect(&net).poll();
    for sock in &socks {
        poller.register(sock, POLLOUT).unwrap();
    }
    let mut turns = 0;
    for _ in poller.ipoll(0).unwrap() {
        turns += 1;
        assert_eq!(poller.poll(0).unwrap().len(), 3);
    }
    assert_eq!(turns, 1);
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

#[test]
fn a_turn_is_one_call_to_the_stack_for_each_socket() {
    let town = Town::new();
    let net = network(&town);
    let socks: Vec<_> = (1..=5).map(|line| connected(&town, &net, line)).collect();
    let poller = uselect(&net).poll();
    for sock in &socks {
        poller.register(sock, POLLIN).unwrap();
        poller.register(sock, POLLIN).unwrap();
    }
    town.data(3, SECOND, b"x");
    let idles = town.idles.get();
    assert_eq!(poller.poll(2_000).unwrap().len(), 1);
    assert_eq!(town.idles.get() - idles, 1);
    let calls = town.calls();
    assert_eq!(calls.len(), 10);
    for turn in calls.chunks(5) {
        let mut lines: Vec<_> = turn.iter().map(|(line, _)| *line).collect();
        lines.sort_unstable();
        assert_eq!(lines, [1, 2, 3, 4, 5]);
        assert!(turn.iter().all(|(_, op)| *op == Op::Receive));
    }
}

#[test]
fn sockets_may_be_made_after_the_poll_object() {
    let town = Town::new();
    let net = network(&town);
    let poller = uselect(&net).poll();
    let sock = connected(&town, &net, 1);
    poller.register(&sock, POLLOUT).unwrap();
    assert_eq!(poller.poll(0).unwrap().len(), 1);
}

#[test]
fn the_list_is_a_slice_and_can_be_iterated_over() {
    let town = Town::new();
    let net = network(&town);
    let (a, b) = (connected(&town, &net, 1), connected(&town, &net, 2));
    let poller = uselect(&net).poll();
    poller.register(&a, POLLOUT).unwrap();
    poller.register(&b, POLLOUT).unwrap();
    let list = poller.poll(0).unwrap();
    assert_eq!(list.len(), 2);
    assert!(std::ptr::eq(list[0].0, &a) && list[1].1 == 4);
    for (obj, event) in &list {
        obj.send("x").unwrap();
        assert_eq!(*event, POLLOUT);
    }
    let owned: Vec<_> = list.into_iter().map(|(obj, _)| obj).collect();
    assert!(std::ptr::eq(owned[1], &b));
}
