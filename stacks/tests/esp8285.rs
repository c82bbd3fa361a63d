//! Our driver on the simulated modem, in virtual time.

mod common;
mod modem;
mod sim_peer;

use atcmd_esp8285::{ReceiveMode, socket_policy};
use common::{found, judge};
use esp8285_sim::Dialect;
use nal_socket::conformance::RULES;
use nal_socket::{PipeClosed, ZeroRead};

const HALF: (&str, &str) = (
    "end::still_sending",
    "a modem closes a connection as soon as its peer has closed one direction",
);
const RESET: (&str, &str) = ("end::reset", "a modem says CLOSED to a reset too");
const RESET_AFTER_DATA: (&str, &str) = ("end::reset_after_data", RESET.1);
const EMPTY: (&str, &str) = (
    "datagram::empty",
    "a modem has no way to send a datagram without bytes, and tells nothing of one that comes",
);
const STRANGER: (&str, &str) = (
    "datagram::stranger",
    "this firmware does not tell who has sent a datagram",
);
/// The simulated network takes everything that a modem sends.
const NO_WALL: &str = "send::times_out";

/// The rules of some groups.
fn groups(names: &[&str]) -> Vec<String> {
    RULES
        .iter()
        .filter(|rule| names.contains(&rule.group))
        .map(|rule| rule.to_string())
        .collect()
}

#[test]
fn the_driver_keeps_every_rule_that_a_modem_can() {
    for &dialect in Dialect::ALL {
        let (no_parts, no_rules): (&[&str], &[&str]) = match dialect {
            Dialect::NonOs0_2x => (
                &[],
                &[
                    "datagram::echo",
                    "datagram::two_peers",
                    "datagram::taken",
                    "name::found",
                    "name::again",
                    "name::unknown",
                ],
            ),
            Dialect::EspAtMod => (&["listen", "datagram"], &[]),
            _ => (&[], &[]),
        };
        let differ: &[_] = match dialect {
            Dialect::NonOs0_2x => &[HALF, RESET, RESET_AFTER_DATA, EMPTY, STRANGER],
            Dialect::EspAtMod => &[HALF, RESET, RESET_AFTER_DATA],
            _ => &[HALF, RESET, RESET_AFTER_DATA, EMPTY],
        };
        let parts = groups(no_parts);
        let mut not_tried = vec![NO_WALL];
        not_tried.extend(parts.iter().map(String::as_str));
        not_tried.extend(no_rules);
        for receive in [ReceiveMode::Auto, ReceiveMode::Active] {
            println!("{dialect}, {receive:?}");
            judge(
                &modem::report("atcmd-esp8285", dialect, receive),
                differ,
                &not_tried,
            );
        }
    }
}

#[test]
fn the_policy_of_smoltcp_is_found_wrong() {
    let right = modem::report("right", Dialect::EspAt2_2, ReceiveMode::Auto);
    let wrong = socket_policy::POLICY
        .zero_read(ZeroRead::Pending)
        .pipe_closed(PipeClosed::EndOfStream);
    let found = found(&right, &modem::report_with(wrong));
    for rule in [
        "receive::sizes",
        "receive::large",
        "end::after_data",
        "end::at_once",
    ] {
        assert!(found.iter().any(|name| name == rule), "{rule} in {found:?}");
    }
}
