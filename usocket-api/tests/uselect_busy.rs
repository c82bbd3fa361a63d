//! Polls that are ended from the idle hook, or used there.

#[path = "../../nal-socket/tests/many/mod.rs"]
mod many;

use std::cell::RefCell;
use std::rc::Rc;

use many::{FakeNetwork, SECOND, Town, network};
use usocket_api::uselect::{POLLIN, POLLOUT, USelect};
use usocket_api::{MAIXPY, OPENMV, Socket, USocket};

fn connected(net: &FakeNetwork, line: i32) -> Socket<&FakeNetwork> {
    let sock = USocket::new(net, OPENMV).socket();
    sock.connect(("192.0.2.1", line)).unwrap();
    sock
}

/// Everything lives as long as the program, so that the idle hook can hold on to it.
fn leaked(town: &Rc<Town>) -> &'static FakeNetwork {
    Box::leak(Box::new(network(town)))
}

#[test]
fn an_idle_hook_that_cancels_is_eintr_and_nothing_is_used_up() {
    let town = Town::new();
    let net = network(&town);
    let sock = connected(&net, 1);
    for profile in [OPENMV, MAIXPY] {
        let uselect = USelect::new(&net, profile);
        let poller = uselect.poll();
        poller.register(&sock, POLLIN).unwrap();
        town.cancel.set(true);
        let error = poller.poll(1000).unwrap_err();
        assert_eq!((error.errno(), error.name()), (4, "EINTR"));
        town.cancel.set(true);
        let error = poller.ipoll_with(-1, 1).unwrap_err();
        assert_eq!(error.name(), "EINTR");
        town.cancel.set(true);
        let error = uselect.select(&[&sock], &[], &[], None).unwrap_err();
        assert_eq!(error.name(), "EINTR");
        // Still armed.
        town.data(1, SECOND, b"x");
        assert_eq!(poller.poll(None).unwrap()[0].1, POLLIN);
        assert_eq!(sock.recv_into(&mut [0; 4]), Ok(1));
    }
}

#[test]
fn a_poll_object_that_waits_is_ebusy_in_the_idle_hook() {
    let town = Town::new();
    let net = leaked(&town);
    let sock: &'static _ = Box::leak(Box::new(connected(net, 1)));
    let poller: &'static _ = Box::leak(Box::new(USelect::new(net, OPENMV).poll()));
    poller.register(sock, POLLIN).unwrap();
    let names = Rc::new(RefCell::new(vec![]));
    town.hook.replace(Some(Box::new({
        let names = names.clone();
        move || {
            let mut names = names.borrow_mut();
            names.push(poller.register(sock, POLLIN).unwrap_err().name());
            names.push(poller.modify(sock, POLLOUT).unwrap_err().name());
            names.push(poller.unregister(sock).unwrap_err().name());
            names.push(poller.poll(0).unwrap_err().name());
            names.push(poller.ipoll(0).unwrap_err().name());
        }
    })));
    assert!(poller.poll(5).unwrap().is_empty());
    town.hook.replace(None);
    assert_eq!(*names.borrow(), ["EBUSY"; 5]);
    // It has not changed.
    town.data(1, 0, b"x");
    assert_eq!(poller.poll(0).unwrap()[0].1, POLLIN);
}

#[test]
fn a_socket_that_waits_is_ebusy_for_a_poll_in_its_idle_hook() {
    let town = Town::new();
    let net = leaked(&town);
    let waiting: &'static _ = Box::leak(Box::new(connected(net, 1)));
    let other: &'static _ = Box::leak(Box::new(connected(net, 2)));
    let uselect: &'static _ = Box::leak(Box::new(USelect::new(net, OPENMV)));
    town.data(2, 0, b"x");
    let seen = Rc::new(RefCell::new(vec![]));
    town.hook.replace(Some(Box::new({
        let seen = seen.clone();
        move || {
            let mut seen = seen.borrow_mut();
            let poller = uselect.poll();
            poller.register(other, POLLIN).unwrap();
            // Another one can be looked at, but not waited for.
            seen.push(poller.poll(0).map(|list| list.len()));
            poller.register(other, 0).unwrap();
            seen.push(poller.poll(1000).map(|list| list.len()));
            poller.register(waiting, POLLIN).unwrap();
            seen.push(poller.poll(0).map(|list| list.len()));
            seen.push(
                uselect
                    .select(&[waiting], &[], &[], 0)
                    .map(|list| list.0.len()),
            );
        }
    })));
    waiting.settimeout(1).unwrap();
    let error = waiting.recv_into(&mut [0; 4]).unwrap_err();
    assert_eq!(error.name(), "ETIMEDOUT");
    town.hook.replace(None);
    let seen: Vec<_> = seen
        .borrow()
        .iter()
        .map(|one| one.as_ref().map_err(|e| e.name()).copied())
        .collect();
    assert_eq!(seen, [Ok(1), Err("EBUSY"), Err("EBUSY"), Err("EBUSY")]);
}

#[test]
fn a_stack_in_use_is_ebusy() {
    let town = Town::new();
    let net = network(&town);
    let sock = connected(&net, 1);
    let uselect = USelect::new(&net, OPENMV);
    let poller = uselect.poll();
    poller.register(&sock, POLLIN).unwrap();
    let within = net.with_stack(|_| {
        (
            poller.poll(0).unwrap_err().name(),
            poller.poll(None).unwrap_err().name(),
            uselect.select(&[&sock], &[], &[], 0).unwrap_err().name(),
        )
    });
    assert_eq!(within.unwrap(), ("EBUSY", "EBUSY", "EBUSY"));
}
