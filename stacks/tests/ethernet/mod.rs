//! smoltcp-nal on one end of an Ethernet cable, the peer on the other, in virtual time.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

pub mod far_end;
pub mod names;
mod wire;

use std::cell::{Cell, OnceCell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use embedded_time::fraction::Fraction;
use nal_socket::conformance::{Peer, Report};
use nal_socket::{Idle, Platform};
use nal_socket_stacks::smoltcp_nal::{SmoltcpNetwork, network as smoltcp_nal_network};
use smoltcp::iface::{Config, Interface, SocketSet};
use smoltcp::socket::{dns, tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr};
use smoltcp_nal::NetworkStack;

use crate::common::Time;
use far_end::FarEnd;
use wire::{Port, cable};

pub const SECOND: u64 = 1_000_000;
pub const NEAR: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 2);
/// How many sockets the stack is given.
pub const TCP_SOCKETS: usize = 4;
pub const UDP_SOCKETS: usize = 3;
/// How large their buffers are.
pub const BUFFER: usize = 2048;

/// The most that time moves on while somebody waits.
const STEP: u64 = 200;

pub type Stack = NetworkStack<'static, Port, Ticks>;
pub type Net = SmoltcpNetwork<'static, Port, Ticks, Bench>;

/// The virtual clock as embedded-time wants it, in milliseconds.
pub struct Ticks(Time);

impl embedded_time::Clock for Ticks {
    type T = u32;
    const SCALING_FACTOR: Fraction = Fraction::new(1, 1000);

    fn try_now(&self) -> Result<embedded_time::Instant<Self>, embedded_time::clock::Error> {
        let millis = u32::try_from(self.0.get() / 1000).unwrap();
        Ok(embedded_time::Instant::new(millis))
    }
}

pub struct World {
    pub time: Time,
    pub far: RefCell<FarEnd>,
    near: OnceCell<&'static Net>,
    pub idles: Cell<usize>,
}

impl World {
    /// Lets both ends do what there is to do now.
    pub fn poll(&self) {
        if let Some(near) = self.near.get() {
            near.with_stack(|stack| stack.poll().unwrap()).unwrap();
        }
        self.far.borrow_mut().poll();
    }

    /// Lets time pass.
    pub fn pass(&self, micros: u64) {
        let end = self.time.get() + micros;
        while self.time.get() < end {
            self.time.set((self.time.get() + STEP).min(end));
            self.poll();
        }
    }
}

/// The virtual clock, and idling that moves it and both ends on.
#[derive(Clone)]
pub struct Bench(pub Rc<World>);

impl Platform for Bench {
    fn now(&self) -> u64 {
        self.0.time.get()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        let now = self.0.time.get();
        assert!(now < 3600 * SECOND, "waits for ever");
        self.0.idles.set(self.0.idles.get() + 1);
        let step = until.map_or(STEP, |until| until.saturating_sub(now).clamp(1, STEP));
        self.0.pass(step);
        Idle::Continue
    }
}

/// The stack as a program would set it up.
fn stack(time: &Time, mut port: Port) -> Stack {
    let mac = EthernetAddress([2, 0, 0, 0, 0, 2]);
    let mut interface = Interface::new(Config::new(mac.into()), &mut port, Instant::from_micros(0));
    interface.update_ip_addrs(|addresses| {
        addresses
            .push(IpCidr::new(IpAddress::Ipv4(NEAR), 24))
            .unwrap();
    });
    let mut sockets = SocketSet::new(Vec::new());
    for _ in 0..TCP_SOCKETS {
        let buffer = || tcp::SocketBuffer::new(vec![0; BUFFER]);
        sockets.add(tcp::Socket::new(buffer(), buffer()));
    }
    for _ in 0..UDP_SOCKETS {
        let buffer =
            || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 4], vec![0; BUFFER]);
        sockets.add(udp::Socket::new(buffer(), buffer()));
    }
    let server = IpAddress::Ipv4(far_end::ADDRESS);
    sockets.add(dns::Socket::new(
        &[server],
        (0..2).map(|_| None).collect::<Vec<_>>(),
    ));
    NetworkStack::new(interface, port, sockets, Ticks(time.clone()))
}

/// Both ends, and the network that `make` makes of the near one.
pub fn bench(make: impl FnOnce(Stack, Bench) -> Net) -> (Rc<World>, &'static Net) {
    let time = Time::default();
    let (near, far) = cable(&time);
    let world = Rc::new(World {
        time: time.clone(),
        far: RefCell::new(FarEnd::new(&time, far)),
        near: OnceCell::new(),
        idles: Cell::new(0),
    });
    // The platform reaches the network that owns it.
    let net: &'static Net = Box::leak(Box::new(make(stack(&time, near), Bench(world.clone()))));
    assert!(world.near.set(net).is_ok());
    world.poll();
    (world, net)
}

pub fn at(port: u16) -> SocketAddr {
    (far_end::ADDRESS, port).into()
}

/// The network of a program that copies what is published here.
pub fn declared(stack: Stack, bench: Bench) -> Net {
    smoltcp_nal_network(stack, BUFFER, bench)
}

/// The other side, for the conformance kit.
pub fn peer() -> Peer<'static> {
    Peer::at(at(far_end::SERVER))
        .speaks_first(at(far_end::SPEAKS_FIRST))
        .refuses(at(1))
        .silent("192.0.2.99:7000".parse().unwrap())
        .other_family("[2001:db8::1]:7000".parse().unwrap())
        .datagrams(at(far_end::DATAGRAMS))
        .more_datagrams(at(far_end::MORE_DATAGRAMS))
        .host(names::HOST, names::HOST_ADDRESS.into())
        .unknown_host("nobody.test")
        .listen_port(8000)
        .slack(Duration::from_millis(1))
}

/// What every rule of the kit comes to.
pub fn report() -> Report<'static> {
    let (_world, net) = bench(declared);
    Report::of("smoltcp-nal 0.7", net, &peer())
}
