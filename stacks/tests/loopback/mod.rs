//! std-embedded-nal on the host's loopback interface, the peer in threads, in real time.

// Every test file uses its own part of it.
#![allow(dead_code, unreachable_pub)]

#[path = "../../../nal-socket/examples/conformance_peer/server.rs"]
mod server;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::conformance::{Outcome, Peer, RULES, Report};
use nal_socket::{Hooks, Idle, Platform, Policy};
use nal_socket_stacks::std_embedded_nal::{TcpError, network};
use nal_socket_stacks::std_embedded_nal_v0_3;
use server::Server;

/// The host's clock, and sleeping for a moment.
pub fn platform() -> impl Platform {
    let start = Instant::now();
    Hooks::new(
        move || start.elapsed().as_micros() as u64,
        |_| {
            thread::sleep(Duration::from_micros(200));
            Idle::Continue
        },
    )
}

/// What runs beside the rules, for as long as it is there.
pub struct World {
    server: Server,
    /// A port that is taken, and nobody listens there.
    refuses: TcpStream,
}

impl World {
    pub fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self {
            server: Server::start("127.0.0.1:0".parse().unwrap(), false).unwrap(),
            refuses: TcpStream::connect(listener.local_addr().unwrap()).unwrap(),
        }
    }

    pub fn peer(&self) -> Peer<'static> {
        let refuses: SocketAddr = self.refuses.local_addr().unwrap();
        // No address that does not answer: the stack's connect would wait for minutes inside.
        Peer::at(self.server.sessions)
            .speaks_first(self.server.speaks_first)
            .refuses(refuses)
            .datagrams(self.server.datagrams)
            .more_datagrams(self.server.more_datagrams)
            .host("localhost", [127, 0, 0, 1].into())
            .unknown_host("nobody.invalid")
            .listen_port(free_port())
            .slack(Duration::from_secs(2))
    }
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

pub fn report() -> Report<'static> {
    let world = World::new();
    let network = network(platform());
    Report::of("std-embedded-nal 0.4", &network, &world.peer())
}

/// The stack of embedded-nal 0.8, through the adapter.
pub fn older_report() -> Report<'static> {
    let world = World::new();
    let network = std_embedded_nal_v0_3::network(platform());
    Report::of("std-embedded-nal 0.3, adapted", &network, &world.peer())
}

/// One rule, with a policy that is not the stack's.
pub fn check_with(policy: Policy<TcpError>, group: &str, name: &str) -> Outcome {
    let world = World::new();
    let network = network(platform()).with_policy(policy);
    let rule = RULES
        .iter()
        .find(|rule| rule.group == group && rule.name == name)
        .unwrap();
    rule.check(&network, &world.peer())
}
