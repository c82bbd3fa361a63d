//! The poll object: what it promises, in virtual time.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use std::time::Duration;

use many::{FakeNetwork, Op, SECOND, Town, network};
use nal_socket::Events;
use usocket_api::uselect::{EventMask, List, POLLIN, POLLOUT, Poll, USelect};
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
