//! How `poll` waits, and how a wait ends.

mod many;

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use many::{
    Arrival, FakeNetwork, Op, SECOND, Town, address, connected, connecting, listening, network,
};
use nal_socket::{Error, ErrorKind, Events, Look, Pollable, Watch};

const NOW: Option<Duration> = Some(Duration::ZERO);

fn both() -> Watch {
    Watch::new(Events::IN | Events::OUT)
}

fn reads() -> Watch {
    Watch::new(Events::IN)
}

#[test]
fn a_timeout_is_exact_and_zero_entries() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut watch = reads();
    let found = net.poll(
        &mut [(&mut socket, &mut watch)],
        Some(Duration::from_micros(1_234_567)),
    );
    assert_eq!(found, Ok(0));
    assert_eq!(town.now.get(), 7 * SECOND + 1_234_567);
    assert_eq!(*town.untils.borrow(), [Some(7 * SECOND + 1_234_567)]);
    assert_eq!(watch.ready(), Events::NONE);
}

#[test]
fn what_comes_at_the_deadline_is_found() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut watch = reads();
    town.data(1, SECOND, b"x");
    let found = net.poll(
        &mut [(&mut socket, &mut watch)],
        Some(Duration::from_secs(1)),
    );
    assert_eq!(found, Ok(1));
    assert_eq!(town.now.get(), 8 * SECOND);
}

#[test]
fn a_timeout_of_zero_neither_idles_nor_looks_at_the_clock() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let reads_before = town.clock_reads.get();
    assert_eq!(net.poll(&mut [(&mut socket, &mut reads())], NOW), Ok(0));
    assert_eq!(
        (town.idles.get(), town.clock_reads.get()),
        (0, reads_before)
    );
}

#[test]
fn without_a_timeout_it_waits_until_something_is_ready() {
    let town = Town::new();
    let net = network(&town);
    let mut first = connected(&town, &net, 1);
    let mut second = connected(&town, &net, 2);
    let (mut on_first, mut on_second) = (reads(), reads());
    town.data(2, 3_600 * SECOND, b"x");
    let found = net.poll(
        &mut [(&mut first, &mut on_first), (&mut second, &mut on_second)],
        None,
    );
    assert_eq!(found, Ok(1));
    assert_eq!(town.now.get(), 3_607 * SECOND);
    assert_eq!(*town.untils.borrow(), [None]);
    assert_eq!(on_first.ready(), Events::NONE);
    assert_eq!(on_second.ready(), Events::IN);
}

#[test]
fn no_entries_are_a_way_to_wait() {
    let town = Town::new();
    let net = network(&town);
    assert_eq!(net.poll(&mut [], NOW), Ok(0));
    assert_eq!(net.poll(&mut [], Some(Duration::from_secs(1))), Ok(0));
    assert_eq!(town.now.get(), 8 * SECOND);
    town.cancel.set(true);
    assert_eq!(
        net.poll(&mut [], None).unwrap_err().kind(),
        ErrorKind::Interrupted
    );
}

#[test]
fn a_one_shot_watch_reports_once_until_its_interest_is_renewed() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.data(1, 0, b"x");
    let mut watch = both().one_shot();
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::IN | Events::OUT);
    assert_eq!(watch.interest(), Events::NONE);
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(0));
    assert_eq!(watch.ready(), Events::NONE);
    watch.set_interest(Events::IN);
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::IN);
}

#[test]
fn a_one_shot_watch_that_found_nothing_keeps_its_interest() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut watch = reads().one_shot();
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(0));
    assert_eq!(watch.interest(), Events::IN);
}

#[test]
fn a_spent_one_shot_watch_still_hears_of_a_reset_and_of_closing() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut watch = Watch::new(Events::OUT).one_shot();
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::ERR | Events::HUP);
    socket.close().unwrap();
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], NOW), Ok(1));
    assert_eq!(watch.ready(), Events::NVAL);
}

#[test]
fn sockets_of_two_networks_wait_together() {
    let town = Town::new();
    let (here, there) = (network(&town), network(&town));
    let mut first = connected(&town, &here, 1);
    let mut second = connected(&town, &there, 2);
    let (mut on_first, mut on_second) = (reads(), reads());
    town.data(2, SECOND, b"x");
    let found = here.poll(
        &mut [(&mut first, &mut on_first), (&mut second, &mut on_second)],
        None,
    );
    assert_eq!((found, on_second.ready()), (Ok(1), Events::IN));
}

#[test]
fn a_connection_found_and_not_accepted_is_closed_with_its_listener() {
    for drops in [false, true] {
        let town = Town::new();
        let net = network(&town);
        let mut listener = listening(&town, &net, 1);
        town.arrive(1, 0, Arrival::Peer(2));
        assert_eq!(net.poll(&mut [(&mut listener, &mut reads())], NOW), Ok(1));
        assert_eq!(town.open.get(), 2);
        if drops {
            drop(listener);
        } else {
            listener.close().unwrap();
            assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::Closed);
        }
        assert_eq!(town.open.get(), 0);
    }
}

#[test]
fn a_connection_found_is_accepted_without_the_stack_and_is_like_any_other() {
    let town = Town::new();
    let net = network(&town);
    let mut listener = listening(&town, &net, 1);
    listener.set_nonblocking(true);
    town.arrive(1, 0, Arrival::Peer(2));
    town.arrive(1, 0, Arrival::Peer(3));
    town.data(2, 0, b"hello");
    for _ in 0..3 {
        assert_eq!(net.poll(&mut [(&mut listener, &mut reads())], NOW), Ok(1));
    }
    assert_eq!(town.calls(), [(1, Op::Accept)], "one ahead and no more");
    let (mut connection, from) = listener.accept().unwrap();
    assert_eq!(town.calls(), []);
    assert_eq!(
        (from, connection.peer_addr()),
        (address(2), Some(address(2)))
    );
    assert_eq!(connection.receive_timeout(), None);
    assert_eq!(connection.recv(&mut [0; 8]), Ok(5));
    assert_eq!(listener.accept().unwrap().1, address(3));
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::WouldBlock);
}

#[test]
fn an_error_of_accepting_is_for_accept() {
    let town = Town::new();
    let net = network(&town);
    let mut listener = listening(&town, &net, 1);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::NoSockets));
    town.arrive(1, 0, Arrival::Peer(2));
    let mut watch = reads();
    for _ in 0..2 {
        assert_eq!(net.poll(&mut [(&mut listener, &mut watch)], NOW), Ok(1));
        assert_eq!(watch.ready(), Events::IN | Events::ERR);
    }
    assert_eq!(listener.accept().unwrap_err().kind(), ErrorKind::NoSockets);
    assert_eq!(listener.accept().unwrap().1, address(2));
}

#[test]
fn inside_with_stack_it_is_busy_and_nothing_is_lost() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut listener = listening(&town, &net, 2);
    let mut refused = connecting(&town, &net, 3);
    town.data(1, 0, b"abc");
    town.arrive(2, 0, Arrival::Peer(4));
    town.line(3, |line| {
        line.connect_at = 0;
        line.connect = Err(ErrorKind::ConnectionRefused);
    });
    let mut watches = [both(), both(), both().one_shot()];
    let mut poll = || {
        let [first, second, third] = &mut watches;
        let found = net.poll(
            &mut [
                (&mut socket, first),
                (&mut listener, second),
                (&mut refused, third),
            ],
            NOW,
        );
        (found, watches.map(|watch| watch.ready().bits()))
    };
    let (found, ready) = net.with_stack(|_| poll()).unwrap();
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Busy);
    assert_eq!(ready, [0; 3]);
    assert_eq!(town.calls(), []);
    assert_eq!(poll(), (Ok(3), [5, 1, 29]));
}

#[test]
fn from_the_idle_hook_it_may_look_and_not_wait() {
    let town = Town::new();
    let net: &'static FakeNetwork = Box::leak(Box::new(network(&town)));
    let mut outer = connected(&town, net, 1);
    let inner = RefCell::new(connected(&town, net, 2));
    let seen = Rc::new(RefCell::new(Vec::new()));
    town.hook.replace(Some(Box::new({
        let seen = seen.clone();
        move || {
            let mut inner = inner.borrow_mut();
            let look = net.poll(&mut [(&mut *inner, &mut reads())], NOW);
            let wait = net.poll(&mut [(&mut *inner, &mut reads())], None);
            seen.borrow_mut()
                .push((look, wait.map_err(|error| error.kind())));
        }
    })));
    town.data(2, SECOND, b"for the inner one");
    town.data(1, 2 * SECOND, b"x");
    assert_eq!(outer.recv(&mut [0; 4]), Ok(1));
    assert_eq!(
        *seen.borrow(),
        [(Ok(0), Err(ErrorKind::Busy)), (Ok(1), Ok(1))],
        "with something there it need not wait"
    );
}

#[test]
fn a_source_of_ones_own_is_asked_twice_at_most_and_may_fail() {
    struct Source {
        asked: Vec<Events>,
        fails: bool,
    }
    impl Pollable for Source {
        fn look(&mut self, wanted: Events) -> Result<Look, Error> {
            self.asked.push(wanted);
            if self.fails {
                return Err(Error::new(ErrorKind::NetworkDown));
            }
            // More than is wanted, and never a full answer.
            Ok(Look::new(Events::OUT).leaving(Events::IN | Events::OUT))
        }
    }
    let town = Town::new();
    let net = network(&town);
    let mut source = Source {
        asked: Vec::new(),
        fails: false,
    };
    let mut watch = reads();
    let entries: &mut [(&mut dyn Pollable, &mut Watch)] = &mut [(&mut source, &mut watch)];
    assert_eq!(net.poll(entries, NOW), Ok(0));
    assert_eq!(source.asked, [Events::IN, Events::IN]);
    // What is left open keeps the hook awake.
    town.cancel.set(true);
    assert!(net.poll(&mut [(&mut source, &mut watch)], None).is_err());
    assert_eq!(*town.untils.borrow(), [Some(town.now.get())]);

    source.fails = true;
    let mut socket = connected(&town, &net, 1);
    let mut on_socket = Watch::new(Events::OUT).one_shot();
    // Whichever of them is asked first.
    for _ in 0..8 {
        let found = net.poll(
            &mut [(&mut socket, &mut on_socket), (&mut source, &mut watch)],
            None,
        );
        assert_eq!(found.unwrap_err().kind(), ErrorKind::NetworkDown);
        assert_eq!(on_socket.ready(), Events::NONE);
        assert_eq!(
            on_socket.interest(),
            Events::OUT,
            "not reported, so not spent"
        );
    }
}

#[test]
fn the_kinds_of_a_timeout_from_a_source_are_no_timeout() {
    struct Failing(ErrorKind);
    impl Pollable for Failing {
        fn look(&mut self, _: Events) -> Result<Look, Error> {
            Err(Error::new(self.0))
        }
    }
    let town = Town::new();
    let net = network(&town);
    for kind in [ErrorKind::TimedOut, ErrorKind::WouldBlock] {
        let found = net.poll(&mut [(&mut Failing(kind), &mut reads())], NOW);
        assert_eq!(found.unwrap_err().kind(), kind);
    }
}

#[test]
fn a_hook_that_cancels_ends_it_with_nothing_lost() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut watch = reads().one_shot();
    town.cancel.set(true);
    let found = net.poll(&mut [(&mut socket, &mut watch)], None);
    assert_eq!(found.unwrap_err().kind(), ErrorKind::Interrupted);
    assert_eq!(
        (town.idles.get(), watch.ready(), watch.interest()),
        (1, Events::NONE, Events::IN)
    );
    town.data(1, SECOND, b"x");
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], None), Ok(1));
    assert_eq!(town.now.get(), 8 * SECOND);
}
