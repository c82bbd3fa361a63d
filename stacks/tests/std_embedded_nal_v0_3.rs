//! std-embedded-nal 0.3, a stack of embedded-nal 0.8, on the host's loopback interface, through the
//! adapter, in real time with generous limits.

mod common;
mod loopback;

use common::judge;

#[test]
fn all_rules_are_kept_but_for_the_timeouts_of_accepted_connections() {
    judge(
        &loopback::older_report(),
        &[(
            "listen::child_times_out",
            "the stack leaves accepted connections in blocking mode",
        )],
        &[
            // Connecting waits inside, for minutes if nobody answers.
            "connect::times_out",
            "connect::given_up",
            // It speaks both.
            "connect::other_family",
        ],
    );
}
