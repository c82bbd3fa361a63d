//! What `poll` costs the stack, turn by turn, and that everybody gets a turn.

mod many;

use std::rc::Rc;
use std::time::Duration;

use many::{
    Arrival, FakeNetwork, Op, SECOND, Town, address, connected, connecting, listening, network,
    without_barrier,
};
use nal_socket::{ErrorKind, Events, Pollable, TcpSocket, Watch};

const NOW: Option<Duration> = Some(Duration::ZERO);

fn both() -> Watch {
    Watch::new(Events::IN | Events::OUT)
}

fn reads() -> Watch {
    Watch::new(Events::IN)
}

fn sorted(mut calls: Vec<(u16, Op)>) -> Vec<(u16, Op)> {
    calls.sort_by_key(|(line, op)| (*line, *op as u8));
    calls
}

#[test]
fn five_sockets_cost_five_calls_a_turn() {
    let town = Town::new();
    let net = network(&town);
    let mut a = connected(&town, &net, 1);
    let mut b = connected(&town, &net, 2);
    let mut c = connecting(&town, &net, 3);
    let mut d = listening(&town, &net, 4);
    let mut e = connected(&town, &net, 5);
    let mut watches = [reads(), reads(), reads(), reads(), reads()];
    // Three things happen elsewhere while it waits: a look before each, and the last.
    for time in [1, 2, 3] {
        town.line(99, |line| {
            line.arrivals.push_back(((7 + time) * SECOND, Arrival::End))
        });
    }
    town.hook.replace(Some(Box::new({
        let town = town.clone();
        move || {
            let now = town.now.get();
            town.line(99, |line| line.arrivals.retain(|(at, _)| *at > now));
        }
    })));
    let [wa, wb, wc, wd, we] = &mut watches;
    let found = net.poll(
        &mut [
            (&mut a, wa),
            (&mut b, wb),
            (&mut c, wc),
            (&mut d, wd),
            (&mut e, we),
        ],
        Some(Duration::from_secs(4)),
    );
    assert_eq!(found, Ok(0));
    assert_eq!(town.idles.get(), 4);
    let turns = 5;
    let calls = town.calls();
    for turn in calls.chunks(5) {
        assert_eq!(
            sorted(turn.to_vec()),
            [
                (1, Op::Receive),
                (2, Op::Receive),
                (3, Op::Connect),
                (4, Op::Accept),
                (5, Op::Receive)
            ]
        );
    }
    assert_eq!(calls.len(), 5 * turns);
}

#[test]
fn a_full_look_at_five_full_sockets_is_two_turns_of_one_call_each() {
    let town = Town::new();
    let net = network(&town);
    let mut sockets: Vec<_> = (1..=5)
        .map(|line| {
            let mut socket = connected(&town, &net, line);
            town.line(line, |line| {
                line.send_most = 2;
                line.confirm_after = SECOND;
            });
            assert_eq!(socket.send(b"abc"), Ok(2));
            socket
        })
        .collect();
    town.calls();
    let mut watches = [both(); 5];
    let mut entries: Vec<(&mut dyn Pollable, &mut Watch)> = sockets
        .iter_mut()
        .map(|socket| socket as &mut dyn Pollable)
        .zip(&mut watches)
        .collect();
    assert_eq!(net.poll(&mut entries, NOW), Ok(0));
    let calls = town.calls();
    let all = |op| (1..=5).map(|line| (line, op)).collect::<Vec<_>>();
    assert_eq!(sorted(calls[..5].to_vec()), all(Op::Receive));
    assert_eq!(sorted(calls[5..].to_vec()), all(Op::Barrier));
    // Confirmed after a second: now, and from then on without the stack.
    assert_eq!(net.poll(&mut entries, None), Ok(5));
    assert_eq!(town.now.get(), 8 * SECOND);
    town.calls();
    assert_eq!(net.poll(&mut entries, NOW), Ok(5));
    assert_eq!(sorted(town.calls()), all(Op::Receive));
}

#[test]
fn what_is_known_costs_nothing() {
    let town = Town::new();
    let net = network(&town);
    let mut readable = connected(&town, &net, 1);
    let mut writable = connected(&town, &net, 2);
    let mut closed = connected(&town, &net, 3);
    let mut new = TcpSocket::new(&net);
    closed.close().unwrap();
    town.data(1, 0, b"x");
    assert_eq!(readable.recv_ready(), Ok(true));
    town.calls();
    let found = net.poll(
        &mut [
            (&mut readable, &mut both()),
            (&mut writable, &mut Watch::new(Events::OUT)),
            (&mut closed, &mut both()),
            (&mut new, &mut both()),
        ],
        NOW,
    );
    assert_eq!(found, Ok(4));
    assert_eq!(town.calls(), []);
}

#[test]
fn a_stack_with_readiness_says_both_in_one_call_and_keeps_the_bytes() {
    let town = Town::new();
    let net = network(&town).with_readiness();
    let mut socket = connected(&town, &net, 1);
    let mut watch = both();
    town.line(1, |line| line.room_at = 8 * SECOND);
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(0));
    assert_eq!(socket.send_ready(), Ok(false));
    assert_eq!(socket.recv_ready(), Ok(false));
    town.data(1, 0, b"abc");
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::IN);
    town.pass(SECOND);
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::IN | Events::OUT);
    assert_eq!(socket.recv_ready(), Ok(true));
    assert_eq!(socket.send_ready(), Ok(true));
    assert_eq!(town.calls(), [(1, Op::Readiness); 7]);
    assert_eq!(town.line(1, |line| line.arrivals.len()), 1);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(3));
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    for _ in 0..2 {
        assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
        assert_eq!(watch.ready().bits(), 29);
        assert_eq!(socket.recv_ready(), Ok(true));
    }
    let error = socket.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    town.calls();
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::IN | Events::OUT | Events::HUP);
    assert_eq!(town.calls(), []);
}

/// Sends by turns of poll and a non-blocking send until everything is out. How many polls and idles.
fn pump(
    town: &Rc<Town>,
    net: &FakeNetwork,
    script: impl FnOnce(&mut many::Line),
) -> (usize, usize) {
    let mut socket = connected(town, net, 1);
    socket.set_nonblocking(true);
    town.line(1, script);
    let mut watch = both();
    let (mut polls, mut sent) = (0, 0);
    let data = [b'x'; 10];
    while sent < data.len() {
        assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], None), Ok(1));
        assert_eq!(watch.ready(), Events::OUT);
        polls += 1;
        sent += match socket.send(&data[sent..]) {
            Ok(count) => count,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock);
                0
            }
        };
    }
    (polls, town.idles.get())
}

#[test]
fn a_full_stack_with_a_barrier_is_asked_until_it_has_confirmed() {
    let town = Town::new();
    let net = network(&town);
    // A second to confirm, and room with it.
    let figures = pump(&town, &net, |line| {
        line.send_most = 4;
        line.confirm_after = SECOND;
        line.send_pause = SECOND;
    });
    assert_eq!(figures, (3, 2));
    assert_eq!(town.now.get(), 9 * SECOND);
}

#[test]
fn a_full_stack_without_a_barrier_is_tried_again_after_one_idle() {
    let town = Town::new();
    let net = without_barrier(&town);
    let figures = pump(&town, &net, |line| {
        line.send_most = 4;
        line.send_pause = SECOND;
    });
    assert_eq!(figures, (3, 2));
    assert!(town.calls().iter().all(|(_, op)| *op != Op::Barrier));
}

#[test]
fn a_stack_that_others_keep_full_is_tried_after_an_idle_and_never_without() {
    let town = Town::new();
    let net = network(&town);
    // The barrier says that nothing of this socket's is on its way, which is true.
    let figures = pump(&town, &net, |line| line.room_at = 9 * SECOND);
    assert_eq!(figures, (2, 1));
}

#[test]
fn polling_without_waiting_finds_room_again_too() {
    for net in [network, without_barrier] {
        let town = Town::new();
        let net = net(&town);
        let mut socket = connected(&town, &net, 1);
        socket.set_nonblocking(true);
        town.line(1, |line| line.room_at = 8 * SECOND);
        assert!(socket.send(b"x").is_err());
        let mut watch = Watch::new(Events::OUT);
        assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(0));
        assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    }
}

#[test]
fn all_that_are_ready_are_reported_beside_a_neighbour_that_always_is() {
    let town = Town::new();
    let net = network(&town);
    let mut chatty = connected(&town, &net, 1);
    let mut quiet = connected(&town, &net, 2);
    let mut listener = listening(&town, &net, 3);
    let (mut on_chatty, mut on_quiet, mut on_listener) = (reads(), reads(), reads());
    for round in 0..50 {
        town.data(1, 0, b"again and again");
        if round % 10 == 9 {
            town.data(2, 0, b"x");
            town.arrive(3, 0, Arrival::Peer(100 + round));
        }
        let found = net.poll(
            &mut [
                (&mut chatty, &mut on_chatty),
                (&mut quiet, &mut on_quiet),
                (&mut listener, &mut on_listener),
            ],
            None,
        );
        // The chatty one is never read to the end.
        assert!(chatty.recv(&mut [0; 4]).unwrap() > 0);
        if round % 10 == 9 {
            assert_eq!(found, Ok(3));
            assert_eq!(quiet.recv(&mut [0; 4]), Ok(1));
            assert_eq!(listener.accept().unwrap().1, address(100 + round));
        } else {
            assert_eq!(found, Ok(1));
            assert_eq!(on_chatty.ready(), Events::IN);
        }
    }
}

#[test]
fn each_is_first_by_turns_also_when_two_sets_are_polled_alternately() {
    let town = Town::new();
    let net = network(&town);
    let mut sets: Vec<Vec<TcpSocket<&FakeNetwork>>> = (0..2)
        .map(|set| {
            (1..=4)
                .map(|n| connected(&town, &net, 10 * set + n))
                .collect()
        })
        .collect();
    let mut firsts = [[0; 4]; 2];
    for _ in 0..100 {
        for (sockets, firsts) in sets.iter_mut().zip(&mut firsts) {
            let mut watches = [reads(); 4];
            let mut entries: Vec<(&mut dyn Pollable, &mut Watch)> = sockets
                .iter_mut()
                .map(|socket| socket as &mut dyn Pollable)
                .zip(&mut watches)
                .collect();
            assert_eq!(net.poll(&mut entries, NOW), Ok(0));
            let calls = town.calls();
            assert_eq!(calls.len(), 4);
            firsts[usize::from(calls[0].0 % 10 - 1)] += 1;
        }
    }
    for count in firsts.as_flattened() {
        assert!((20..=30).contains(count), "{firsts:?}");
    }
}
