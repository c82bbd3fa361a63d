//! std-embedded-nal 0.3, a stack of embedded-nal 0.8, on the host's loopback interface, through the
//! adapter. The peer lives in threads, in real time, with generous limits.

#[path = "../../nal-socket/examples/conformance_peer/server.rs"]
#[allow(unreachable_pub)]
mod server;

use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use nal_socket::conformance::{Outcome, Peer, Report};
use nal_socket::{Hooks, Idle, Platform};
use nal_socket_stacks::std_embedded_nal_v0_3;
use server::Server;

/// The host's clock, and sleeping for a moment.
fn platform() -> impl Platform {
    let start = Instant::now();
    Hooks::new(
        move || start.elapsed().as_micros() as u64,
        |_| {
            thread::sleep(Duration::from_micros(200));
            Idle::Continue
        },
    )
}

/// A port that was free just now.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// The rules whose outcome is such.
fn names(report: &Report<'_>, which: fn(&Outcome) -> bool) -> Vec<String> {
    report
        .outcomes()
        .filter(|(_, outcome)| which(outcome))
        .map(|(rule, _)| rule.to_string())
        .collect()
}

#[test]
fn all_rules_are_kept_but_for_the_timeouts_of_accepted_connections() {
    let server = Server::start("127.0.0.1:0".parse().unwrap(), false).unwrap();
    // A port that is taken, and nobody listens there.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let refuses = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let peer = Peer::at(server.sessions)
        .speaks_first(server.speaks_first)
        .refuses(refuses.local_addr().unwrap())
        .datagrams(server.datagrams)
        .more_datagrams(server.more_datagrams)
        .host("localhost", server.sessions.ip())
        .unknown_host("host.invalid")
        .listen_port(free_port())
        .patience(Duration::from_secs(3))
        .slack(Duration::from_secs(2));
    let network = std_embedded_nal_v0_3::network(platform());
    let report = Report::of("std-embedded-nal 0.3", &network, &peer);
    // The stack leaves them in blocking mode.
    assert_eq!(
        names(&report, |outcome| matches!(outcome, Outcome::Differs(_))),
        ["listen::child_times_out"],
        "{report}"
    );
    // Its connect blocks for minutes where nobody answers, so it is not sent there.
    assert_eq!(
        names(&report, |outcome| matches!(outcome, Outcome::NotTried(_))),
        [
            "connect::times_out",
            "connect::given_up",
            "connect::other_family"
        ],
        "{report}"
    );
}
