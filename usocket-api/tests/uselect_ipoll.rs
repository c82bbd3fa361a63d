//! `ipoll`: one-shot, and a set that changes while it hands out.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use many::{Arrival, FakeNetwork, Town, network};
use usocket_api::uselect::{EventMask, List, POLLIN, POLLOUT, USelect};
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
