//! w5500 0.6, unchanged, under nal-socket: the conformance kit, on the driver's own bus and on the mended
//! one.

mod chip;
mod common;

use chip::{Stuck, bench, peer};
use common::{found, judge};
use nal_socket::conformance::Report;
use nal_socket::{ConnectOk, Policy};
use nal_socket_stacks::w5500_bus::{Fault, Mended, mended_kind};
use w5500::tcp::TcpSocketError;

#[test]
fn the_declared_policy_keeps_every_rule_that_the_driver_can() {
    judge(
        &chip::report(),
        &[
            (
                "receive::at_least_one",
                "what was not read when the peer closes is lost",
            ),
            (
                "receive::sizes",
                "what was not read when the peer closes is lost, and after a partial read the rest is not seen",
            ),
            (
                "receive::large",
                "what was not read when the peer closes is lost",
            ),
        ],
        // The driver has no TcpFullStack.
        &["listen::accepts"],
    );
}

#[test]
fn the_mended_bus_keeps_more() {
    judge(&chip::mended_report(), &[], &["listen::accepts"]);
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
    assert_eq!(found(&chip::report(), &believing), ["connect::refused"]);
}
