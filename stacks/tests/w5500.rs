//! w5500 0.6, unchanged, under nal-socket: the conformance kit, on the driver's own bus and on the mended
//! one.

mod chip;
mod common;

use chip::{Stuck, bench, peer};
use common::{LISTEN, found, judge};
use nal_socket::conformance::Report;
use nal_socket::{ConnectOk, Policy};
use nal_socket_stacks::w5500_bus::{Fault, Mended, mended_kind};
use w5500::tcp::TcpSocketError;

const UNREAD: &str = "what was not read when the peer closes is lost";
const LEFT_OVER: &str = "what a read leaves over is not seen until more comes";
const NO_RESET: &str = "a reset looks like the end, and what was not read is lost";
const NO_GOODBYE: &str = "closing does not tell the peer";
const DATAGRAMS: &str = "datagrams come with 8 bytes too many, several of them as one";
const INSIDE: &str = "a send waits inside the driver until the peer reads";
const EMPTY: &str = "the driver does not send an empty datagram";
const TAKEN: &str = "the driver lets two sockets bind one port";

/// What the other side of this bench or the driver lacks.
const NOT_TRIED: [&str; 11] = [
    // Connect blocks inside, so there is no silent address.
    "connect::times_out",
    "connect::given_up",
    LISTEN[0],
    LISTEN[1],
    LISTEN[2],
    LISTEN[3],
    LISTEN[4],
    LISTEN[5],
    // The driver has no Dns.
    "name::found",
    "name::again",
    "name::unknown",
];

#[test]
fn the_declared_policy_keeps_every_rule_that_the_driver_can() {
    judge(
        &chip::report(),
        &[
            ("receive::at_least_one", UNREAD),
            ("receive::sizes", UNREAD),
            ("receive::large", UNREAD),
            ("receive::bytewise", LEFT_OVER),
            ("receive::slowly", UNREAD),
            ("receive::peeked", UNREAD),
            ("receive::timeout_keeps", UNREAD),
            ("receive::two_at_once", UNREAD),
            ("send::would_block", INSIDE),
            ("send::times_out", INSIDE),
            ("send::wall_keeps", INSIDE),
            ("send::both_ways", LEFT_OVER),
            ("end::after_data", UNREAD),
            ("end::unread", UNREAD),
            ("end::half_read", UNREAD),
            ("end::still_sending", "the peer's end ends both directions"),
            ("end::reset", NO_RESET),
            ("end::reset_after_data", NO_RESET),
            ("end::closed_here", NO_GOODBYE),
            ("end::dropped_here", NO_GOODBYE),
            ("end::closed_large", NO_GOODBYE),
            ("datagram::echo", DATAGRAMS),
            ("datagram::sizes", DATAGRAMS),
            ("datagram::empty", EMPTY),
            ("datagram::boundaries", DATAGRAMS),
            ("datagram::cut", DATAGRAMS),
            ("datagram::stranger", DATAGRAMS),
            ("datagram::two_peers", DATAGRAMS),
            ("datagram::taken", TAKEN),
        ],
        &NOT_TRIED,
    );
}

#[test]
fn the_mended_bus_keeps_more() {
    judge(
        &chip::mended_report(),
        &[
            ("send::would_block", INSIDE),
            ("send::times_out", INSIDE),
            ("send::wall_keeps", INSIDE),
            ("datagram::empty", EMPTY),
        ],
        &NOT_TRIED,
    );
}

/// What the kit finds if `policy` is declared in place of the right one, on the mended bus, where the
/// right one keeps everything.
fn found_with(policy: Policy<TcpSocketError<Fault<Stuck>>>) -> Vec<String> {
    let (device, bench) = bench(|bus| Mended::new(bus, 49_152));
    let net = nal_socket_stacks::w5500_bus::network(device, bench).with_policy(policy);
    found(&chip::mended_report(), &Report::of("wrong", &net, &peer()))
}

#[test]
fn the_kit_finds_that_the_strict_policy_is_wrong() {
    let found = found_with(Policy::strict().classify(mended_kind));
    for rule in [
        "connect::works",
        "receive::nothing_yet",
        "receive::times_out",
        "receive::at_least_one",
        "receive::sizes",
        "receive::large",
        "send::large",
    ] {
        assert!(found.contains(&rule.to_string()), "{rule}: {found:#?}");
    }
}

#[test]
fn the_kit_finds_that_a_connect_is_believed() {
    let (device, bench) = bench(|bus| bus);
    let policy = nal_socket_stacks::w5500::policy().connect_ok(ConnectOk::Connected);
    let net = nal_socket_stacks::w5500::network(device, bench).with_policy(policy);
    let believing = Report::of("wrong", &net, &peer());
    assert_eq!(
        found(&chip::report(), &believing),
        [
            "connect::refused",
            "connect::after_refusal",
            "poll::refused"
        ]
    );
}
