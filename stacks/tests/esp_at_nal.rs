//! esp-at-nal 0.5 on the simulated modem, in virtual time: with atat's parser as published, and on the
//! client that mends it.

mod atat_bench;
mod common;
mod sim_peer;

use common::found;
use nal_socket::EndProbe;
use nal_socket::conformance::{RULES, Report};
use nal_socket_stacks::esp_at_nal::POLICY;

/// atat's parser drops it, so nobody learns of the end.
const END: &str = "the message that the peer has closed is dropped as an echo";
const COUNT: &str =
    "a message about what waits in the modem is dropped or counted wrong, and bytes stay there";
const RESET: &str = "a modem says CLOSED to a reset too";

/// Parts that the stack does not have.
const MISSING: &[&str] = &["listen", "datagram"];
const NOT_TRIED: &[&str] = &[
    // A connect waits inside, and keeps the modem busy after the stack has given up.
    "connect::times_out",
    "connect::given_up",
    // A send waits inside.
    "send::would_block",
    "send::times_out",
    "send::wall_keeps",
    // It resolves no names.
    "name::found",
    "name::again",
    "name::unknown",
];

/// Checks exactly what differs, and why.
#[track_caller]
fn judge(report: &Report<'_>, differ: &[(&str, &str)]) {
    let names: Vec<String> = RULES
        .iter()
        .filter(|rule| {
            MISSING.contains(&rule.group) || NOT_TRIED.contains(&rule.to_string().as_str())
        })
        .map(ToString::to_string)
        .collect();
    let not_tried: Vec<&str> = names.iter().map(String::as_str).collect();
    common::judge(report, differ, &not_tried);
}

#[test]
fn as_published_it_differs_where_much_comes_and_where_the_stream_ends() {
    judge(
        &atat_bench::report(),
        &[
            ("receive::at_least_one", END),
            (
                "receive::peer_first",
                "what comes while it connects is forgotten",
            ),
            ("receive::sizes", END),
            ("receive::large", COUNT),
            ("receive::bytewise", COUNT),
            ("receive::slowly", END),
            ("receive::peeked", END),
            ("receive::two_at_once", COUNT),
            ("end::after_data", COUNT),
            ("end::unread", COUNT),
            ("end::half_read", COUNT),
            ("end::at_once", END),
            ("end::sending_after", END),
            ("end::still_sending", END),
            ("end::reset", END),
            ("end::reset_after_data", COUNT),
            ("poll::ended", END),
        ],
    );
}

#[test]
fn the_client_that_mends_it_keeps_every_rule_that_a_modem_can() {
    judge(
        &atat_bench::mended_report(),
        &[
            (
                "end::still_sending",
                "a modem closes a connection as soon as its peer has closed one direction",
            ),
            ("end::reset", RESET),
            ("end::reset_after_data", RESET),
        ],
    );
}

#[test]
fn the_strict_policy_without_the_probe_is_found_wrong() {
    let wrong = atat_bench::mended_report_with(POLICY.end_of_stream(EndProbe::Receive));
    let found = found(&atat_bench::mended_report(), &wrong);
    for rule in [
        "receive::sizes",
        "receive::large",
        "end::after_data",
        "end::at_once",
        "poll::ended",
    ] {
        assert!(found.iter().any(|name| name == rule), "{rule} in {found:?}");
    }
}
