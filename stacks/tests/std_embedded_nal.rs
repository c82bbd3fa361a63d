//! std-embedded-nal 0.4 on the host's loopback interface, in real time with generous limits.

mod common;
mod loopback;

use common::judge;
use nal_socket::conformance::Outcome;
use nal_socket::{PipeClosed, ZeroRead};
use nal_socket_stacks::std_embedded_nal::POLICY;

#[test]
fn the_declared_policy_keeps_every_rule_that_the_stack_can() {
    judge(
        &loopback::report(),
        &[],
        &[
            // Connecting waits inside, for minutes if nobody answers.
            "connect::times_out",
            "connect::given_up",
            // It speaks both.
            "connect::other_family",
        ],
    );
}

#[test]
fn the_policy_of_smoltcp_is_found_wrong() {
    let wrong = POLICY
        .zero_read(ZeroRead::Pending)
        .pipe_closed(PipeClosed::EndOfStream);
    // Each of them waits for an end that never comes.
    for name in ["at_least_one", "large"] {
        let outcome = loopback::check_with(wrong, "receive", name);
        assert!(
            matches!(outcome, Outcome::Differs(_)),
            "receive::{name}: {outcome}"
        );
    }
}
