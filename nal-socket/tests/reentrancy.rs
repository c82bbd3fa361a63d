//! Hooks that call back: errors, never panics.

mod common;

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

use common::{Arrival, FakeStack, World, peer, policy};
use nal_socket::{ErrorKind, Idle, Network, NetworkRef, Platform, TcpSocket};

/// Runs a hook while it idles, and lets time pass.
struct Hooked {
    world: Rc<World>,
    hook: RefCell<Option<Box<dyn Fn()>>>,
    idles: Cell<usize>,
}

impl Platform for Hooked {
    fn now(&self) -> u64 {
        self.world.now.get()
    }

    fn idle(&self, _: Option<u64>) -> Idle {
        self.idles.set(self.idles.get() + 1);
        assert!(self.idles.get() < 100, "recursion or a hang");
        self.world.now.set(self.world.now.get() + 1_000);
        let hook = self.hook.borrow();
        if let Some(hook) = &*hook {
            hook();
        }
        Idle::Continue
    }
}

type HookedNetwork = Network<FakeStack, Hooked>;

/// `Rc` needs the feature `alloc`; this is the same in the test's own words.
#[derive(Clone)]
struct Shared(Rc<OnceCell<HookedNetwork>>);

impl NetworkRef for Shared {
    type Stack = FakeStack;
    type Platform = Hooked;
    type Udp = nal_socket::NoUdp;

    fn network(&self) -> &HookedNetwork {
        self.0.get().unwrap()
    }
}

fn shared(world: &Rc<World>) -> Shared {
    let cell = OnceCell::new();
    let platform = Hooked {
        world: world.clone(),
        hook: RefCell::new(None),
        idles: Cell::new(0),
    };
    let network = Network::new(FakeStack(world.clone()), platform).with_policy(policy());
    cell.set(network).ok().unwrap();
    Shared(Rc::new(cell))
}

fn connected(net: &Shared) -> TcpSocket<Shared> {
    let mut socket = TcpSocket::new(net.clone());
    socket.connect(peer()).unwrap();
    socket
}

fn on_idle(net: &Shared, hook: impl Fn() + 'static) {
    *net.network().platform().hook.borrow_mut() = Some(Box::new(hook));
}

#[test]
fn waiting_inside_the_idle_hook_is_busy() {
    let world = World::new();
    let net = shared(&world);
    let mut socket = connected(&net);
    let seen = Rc::new(Cell::new(None));
    world.data(3_000, b"x");
    on_idle(&net, {
        let inner = RefCell::new(connected(&net));
        let seen = seen.clone();
        let world = world.clone();
        move || {
            // The script of the fake stack is for all its sockets; keep the bytes for the outer one.
            let kept = std::mem::take(&mut *world.arrivals.borrow_mut());
            let result = inner.borrow_mut().recv(&mut [0; 4]);
            *world.arrivals.borrow_mut() = kept;
            seen.set(Some(result.unwrap_err().kind()));
        }
    });
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
    assert_eq!(seen.get(), Some(ErrorKind::Busy));
}

#[test]
fn the_idle_hook_may_use_other_sockets_that_need_not_wait() {
    let world = World::new();
    let net = shared(&world);
    let mut socket = connected(&net);
    world.data(3_000, b"x");
    let sent = Rc::new(Cell::new(0));
    on_idle(&net, {
        let inner = RefCell::new(connected(&net));
        let sent = sent.clone();
        move || {
            inner.borrow_mut().sendall(b"tick").unwrap();
            sent.set(sent.get() + 1);
        }
    });
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
    assert_eq!(sent.get(), 3);
    assert_eq!(*world.sent.borrow(), b"tickticktick");
}

#[test]
fn dropping_a_socket_with_unconfirmed_bytes_in_the_idle_hook_closes_it_without_waiting() {
    let world = World::new();
    let net = shared(&world);
    let mut socket = connected(&net);
    world.confirm_after.set(u64::MAX / 2);
    let mut inner = connected(&net);
    inner.sendall(b"abc").unwrap();
    let inner = RefCell::new(Some(inner));
    on_idle(&net, move || drop(inner.borrow_mut().take()));
    world.data(2_000, b"x");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
    assert_eq!(*world.open.borrow(), [0]);
}

#[test]
fn everything_inside_with_stack_is_busy() {
    let world = World::new();
    let net = shared(&world);
    let mut socket = connected(&net);
    world.arrive(0, Arrival::End);
    net.network()
        .with_stack(|_| {
            assert_eq!(
                socket.recv(&mut [0; 4]).unwrap_err().kind(),
                ErrorKind::Busy
            );
            assert_eq!(socket.send(b"x").unwrap_err().kind(), ErrorKind::Busy);
            assert_eq!(socket.recv_ready().unwrap_err().kind(), ErrorKind::Busy);
            assert_eq!(connected_error(&net), ErrorKind::Busy,);
            assert_eq!(
                net.network()
                    .getaddrinfo("example.org", 80, nal_socket::Hints::default())
                    .unwrap_err()
                    .kind(),
                ErrorKind::Busy
            );
            assert_eq!(
                net.network().with_stack(|_| ()).unwrap_err().kind(),
                ErrorKind::Busy
            );
            // Not closed, so that it can be closed later.
            assert_eq!(socket.close().unwrap_err().kind(), ErrorKind::Busy);
        })
        .unwrap();
    assert_eq!(socket.recv(&mut [0; 4]), Ok(0));
    socket.close().unwrap();
    assert_eq!(*world.open.borrow(), [0; 0]);
}

fn connected_error(net: &Shared) -> ErrorKind {
    TcpSocket::new(net.clone())
        .connect(peer())
        .unwrap_err()
        .kind()
}

#[test]
fn dropping_a_socket_inside_with_stack_does_not_panic() {
    let world = World::new();
    let net = shared(&world);
    let socket = connected(&net);
    net.network().with_stack(|_| drop(socket)).unwrap();
}

#[test]
fn a_hook_that_panics_leaves_the_network_usable() {
    let world = World::new();
    let net = shared(&world);
    let mut socket = connected(&net);
    on_idle(&net, || panic!("the hook"));
    let caught =
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| socket.recv(&mut [0; 4])));
    assert!(caught.is_err());
    on_idle(&net, || ());
    world.data(2_000, b"x");
    assert_eq!(socket.recv(&mut [0; 4]), Ok(1));
}

#[cfg(feature = "alloc")]
#[test]
fn an_rc_of_a_network_is_a_network() {
    let world = World::new();
    let net = Rc::new(common::network(&world));
    let mut socket = TcpSocket::new(net.clone());
    drop(net);
    socket.connect(peer()).unwrap();
    assert_eq!(socket.send(b"x"), Ok(1));
}
