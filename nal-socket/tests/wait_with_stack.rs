//! `Network::wait_with_stack`: an operation of the stack's own, waited for as sockets wait.

mod common;

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use common::{Bench, FakeNetwork, FakeStack, SECOND, World, network, peer, policy};
use embedded_nal::nb;
use nal_socket::{Error, ErrorKind, Hooks, Idle, Network, TcpSocket};

type Outcome = Result<Result<&'static str, &'static str>, Error>;

/// Waits for an operation that ends when the clock says `end`, as `world` lets time pass.
fn wait(world: &Rc<World>, net: &FakeNetwork, timeout: Option<Duration>, end: u64) -> Outcome {
    // Something for the idle hook to jump to.
    world.connects(end, Ok(()));
    net.wait_with_stack(timeout, |stack: &mut FakeStack| {
        if stack.0.now.get() >= end {
            Ok("done")
        } else {
            Err(nb::Error::WouldBlock)
        }
    })
}

fn kind(outcome: Outcome) -> ErrorKind {
    outcome.unwrap_err().kind()
}

#[test]
fn an_operation_that_is_done_at_once_never_waits() {
    let world = World::new();
    let net = network(&world);
    let now = world.now.get();
    for timeout in [None, Some(Duration::ZERO), Some(Duration::from_secs(1))] {
        assert_eq!(wait(&world, &net, timeout, now).unwrap(), Ok("done"));
    }
    assert_eq!(world.idles.get(), 0);
}

#[test]
fn an_operation_is_repeated_until_it_is_done() {
    let world = World::new();
    let net = network(&world);
    let end = world.now.get() + 3 * SECOND;
    assert_eq!(wait(&world, &net, None, end).unwrap(), Ok("done"));
    assert_eq!(world.now.get(), end);
    assert_eq!(*world.untils.borrow(), [None]);
}

#[test]
fn the_timeout_is_exact_and_the_operation_can_be_waited_for_again() {
    let world = World::new();
    let net = network(&world);
    let begin = world.now.get();
    let end = begin + 3 * SECOND;
    let timeout = Some(Duration::from_millis(1_250));
    assert_eq!(kind(wait(&world, &net, timeout, end)), ErrorKind::TimedOut);
    assert_eq!(world.now.get(), begin + 1_250_000);
    assert_eq!(*world.untils.borrow(), [Some(begin + 1_250_000)]);
    assert_eq!(wait(&world, &net, None, end).unwrap(), Ok("done"));
    assert_eq!(world.now.get(), end);
}

#[test]
fn what_is_done_at_the_deadline_is_done() {
    let world = World::new();
    let net = network(&world);
    let end = world.now.get() + SECOND;
    let timeout = Some(Duration::from_secs(1));
    assert_eq!(wait(&world, &net, timeout, end).unwrap(), Ok("done"));
}

#[test]
fn a_timeout_of_zero_tries_once_and_asks_no_clock() {
    let world = World::new();
    let net = network(&world);
    let end = world.now.get() + SECOND;
    let outcome = wait(&world, &net, Some(Duration::ZERO), end);
    assert_eq!(kind(outcome), ErrorKind::WouldBlock);
    assert_eq!((world.idles.get(), world.clock_reads.get()), (0, 0));
}

#[test]
fn the_operations_own_error_comes_through_as_it_is() {
    #[derive(Debug, PartialEq)]
    struct NoAccessPoint(String);
    let world = World::new();
    let net = network(&world);
    let mut calls = 0;
    let outcome = net.wait_with_stack(None, |_| {
        calls += 1;
        nb::Result::<(), _>::Err(nb::Error::Other(NoAccessPoint("cafe".into())))
    });
    assert_eq!(outcome.unwrap(), Err(NoAccessPoint("cafe".into())));
    assert_eq!(calls, 1);
}

#[test]
fn the_idle_hook_can_end_the_wait_and_it_can_be_begun_again() {
    let world = World::new();
    let net = network(&world);
    let begin = world.now.get();
    world.cancel.set(true);
    let end = begin + SECOND;
    assert_eq!(kind(wait(&world, &net, None, end)), ErrorKind::Interrupted);
    assert_eq!(world.now.get(), begin);
    assert_eq!(wait(&world, &net, None, end).unwrap(), Ok("done"));
}

#[test]
fn inside_with_stack_it_is_busy_and_the_operation_does_not_run() {
    let world = World::new();
    let net = network(&world);
    let now = world.now.get();
    let inside = |_: &mut FakeStack| {
        let mut calls = 0;
        let outcome = net.wait_with_stack(None, |_| {
            calls += 1;
            nb::Result::<_, &str>::Ok("done")
        });
        (kind(outcome), calls)
    };
    assert_eq!(net.with_stack(inside).unwrap(), (ErrorKind::Busy, 0));
    // And the other way round.
    let outcome = net.wait_with_stack(None, |_| {
        nb::Result::<_, &str>::Ok(net.with_stack(|_| ()).unwrap_err().kind())
    });
    assert_eq!(outcome.unwrap(), Ok(ErrorKind::Busy));
    assert_eq!(wait(&world, &net, None, now).unwrap(), Ok("done"));
}

type Hook = Box<dyn Fn(&HookNetwork)>;
type HookNetwork =
    Network<FakeStack, Hooks<Box<dyn Fn() -> u64>, Box<dyn Fn(Option<u64>) -> Idle>>>;

/// Waits a second while `hook` is the idle hook, which is given the network.
fn while_idling(hook: Hook) {
    thread_local!(static NET: Cell<Option<&'static HookNetwork>> = const { Cell::new(None) });
    let world = World::new();
    let now: Box<dyn Fn() -> u64> = Box::new({
        let world = world.clone();
        move || world.now.get()
    });
    let hook = RefCell::new(hook);
    let idle: Box<dyn Fn(Option<u64>) -> Idle> = Box::new({
        let bench = Bench(world.clone());
        move |_| {
            bench.0.now.set(bench.0.now.get() + SECOND / 10);
            if let Ok(hook) = hook.try_borrow_mut() {
                hook(NET.get().unwrap());
            }
            Idle::Continue
        }
    });
    let stack = FakeStack(world.clone());
    let net = Network::new(stack, Hooks::new(now, idle)).with_policy(policy());
    let net: &'static HookNetwork = Box::leak(Box::new(net));
    NET.set(Some(net));
    let end = world.now.get() + SECOND;
    let outcome = net.wait_with_stack(None, |stack| {
        if stack.0.now.get() >= end {
            nb::Result::<_, &str>::Ok("done")
        } else {
            Err(nb::Error::WouldBlock)
        }
    });
    assert_eq!(outcome.unwrap(), Ok("done"));
    assert_eq!(world.now.get(), end);
}

#[test]
fn the_idle_hook_may_use_the_network_meanwhile() {
    while_idling(Box::new(|net| {
        let mut socket = TcpSocket::new(net);
        socket.connect(peer()).unwrap();
        assert_eq!(socket.send(b"x").unwrap(), 1);
        let at_once = net.wait_with_stack(None, |_| nb::Result::<_, &str>::Ok("at once"));
        assert_eq!(at_once.unwrap(), Ok("at once"));
    }));
}

#[test]
fn waiting_inside_the_idle_hook_is_busy() {
    while_idling(Box::new(|net| {
        let would_wait = net.wait_with_stack(None, |_| {
            nb::Result::<&str, &str>::Err(nb::Error::WouldBlock)
        });
        assert_eq!(kind(would_wait), ErrorKind::Busy);
    }));
}
