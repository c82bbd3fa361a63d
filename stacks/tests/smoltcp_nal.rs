//! smoltcp-nal 0.7, unchanged, under nal-socket: the conformance kit.

mod common;
mod ethernet;

use common::{LISTEN, found, judge};
use std::time::Duration;

use ethernet::{bench, declared, peer};
use nal_socket::conformance::Report;
use nal_socket::{ConnectAgain, PipeClosed, Policy};
use nal_socket_stacks::smoltcp_nal::{POLICY, kind};
use smoltcp_nal::NetworkError;

#[test]
fn the_declared_policy_keeps_every_rule_that_the_stack_can() {
    judge(
        &ethernet::report(),
        &[(
            "datagram::taken",
            "the stack lets two sockets bind one port",
        )],
        &LISTEN,
    );
}

/// What the kit finds if `policy` is declared in place of the right one.
fn found_with(policy: Policy<NetworkError>) -> Vec<String> {
    let (_world, net) = bench(|stack, bench| declared(stack, bench).with_policy(policy));
    found(&ethernet::report(), &Report::of("wrong", net, &peer()))
}

#[test]
fn the_kit_finds_that_the_strict_policy_is_wrong() {
    let found = found_with(Policy::strict().classify(kind));
    for rule in [
        "connect::works",
        "connect::refused",
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
fn the_kit_finds_each_knob_that_is_set_wrong() {
    assert_eq!(
        found_with(POLICY.connect_again(ConnectAgain::SameAddress)),
        ["connect::refused", "poll::refused"]
    );
    assert_eq!(
        found_with(POLICY.pause_after_close(Duration::ZERO)),
        [
            "end::still_sending",
            "end::closed_here",
            "end::dropped_here",
            "end::closed_large"
        ]
    );
    let ends_are_resets = found_with(POLICY.pipe_closed(PipeClosed::Reset));
    for rule in ["receive::at_least_one", "receive::sizes", "receive::large"] {
        assert!(ends_are_resets.contains(&rule.to_string()), "{rule}");
    }
    assert!(!ends_are_resets.contains(&"receive::nothing_yet".to_string()));
}
