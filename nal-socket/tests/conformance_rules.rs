//! The conformance rules themselves: a stack that keeps the contract passes all, and a check that
//! cannot fail is none, so each is made to fail.
#![cfg(feature = "conformance")]

mod conformance_sim;

use conformance_sim::found::{FOUND, Found};
use conformance_sim::{Fault, SimError, peer, policy, udp_policy, world};
use nal_socket::conformance::{Outcome, Peer, RULES, Reason, Report, Table, capability, rules};
use nal_socket::{Barrier, ErrorKind, Network, PipeClosed, Policy, ZeroRead};

fn report(fault: Fault, policy: Policy<SimError>) -> Report<'static> {
    let (stack, clock) = world(fault);
    let network = Network::new(stack, clock)
        .with_policy(policy)
        .with_server()
        .with_udp_policy(udp_policy());
    Report::of("the stack in memory", &network, &peer())
}

fn differing(report: &Report<'_>) -> Vec<String> {
    report
        .outcomes()
        .filter(|(_, outcome)| matches!(outcome, Outcome::Differs(_)))
        .map(|(rule, _)| rule.to_string())
        .collect()
}

/// What a fault or a wrong policy does to the rules, as the table has it.
fn expected(found: &Found) -> Vec<String> {
    let names = RULES.iter().map(ToString::to_string);
    match found {
        Found::Only(rules) => names.filter(|name| rules.contains(&&**name)).collect(),
        Found::AllBut(rules) => names.filter(|name| !rules.contains(&&**name)).collect(),
    }
}

/// `Ok(0)` is "not yet", `PipeClosed` the end, as `Policy::smoltcp` has it.
fn smoltcp() -> Policy<SimError> {
    policy()
        .zero_read(ZeroRead::Pending)
        .pipe_closed(PipeClosed::EndOfStream)
}

#[test]
fn a_stack_that_keeps_the_strict_contract_keeps_every_rule() {
    let report = report(Fault::Nothing, policy());
    let all = RULES.len();
    assert_eq!(
        report.to_string(),
        format!("the stack in memory: {all} of {all}")
    );
}

#[test]
fn each_fault_makes_exactly_the_rules_differ_that_are_about_it() {
    for (fault, found) in FOUND {
        let policy = match fault {
            // Else nothing is unsent when the socket is closed.
            Fault::CloseDropsUnsent => policy().barrier(Barrier::None),
            _ => policy(),
        };
        let report = report(*fault, policy);
        assert_eq!(differing(&report), expected(found), "{fault:?}: {report}");
        assert_eq!(report.tried(), RULES.len(), "{fault:?}: {report}");
    }
}

#[test]
fn every_rule_finds_some_fault() {
    for rule in RULES {
        let name = rule.to_string();
        assert!(
            FOUND
                .iter()
                .any(|(_, found)| expected(found).contains(&name)),
            "{name} never fails"
        );
    }
}

#[test]
fn the_strict_policy_on_a_stack_like_smoltcp_is_found_and_the_right_one_mends_it() {
    let found = differing(&report(Fault::ZeroIsNothingYet, policy()));
    assert!(found.len() > RULES.len() / 2, "{found:?}");
    assert!(found.contains(&"receive::nothing_yet".to_string()));
    let right = report(Fault::ZeroIsNothingYet, smoltcp());
    assert_eq!(right.kept(), RULES.len(), "{right}");
}

#[test]
fn the_smoltcp_policy_on_a_strict_stack_is_found() {
    let report = report(Fault::Nothing, smoltcp());
    let ends: Vec<_> = differing(&report)
        .into_iter()
        .filter(|name| name.starts_with("end::"))
        .collect();
    assert_eq!(
        ends,
        [
            "end::after_data",
            "end::unread",
            "end::half_read",
            "end::at_once",
            "end::sending_after",
            "end::still_sending"
        ]
    );
}

#[test]
fn a_policy_that_does_not_tell_errors_apart_is_found() {
    let report = report(Fault::Nothing, Policy::strict());
    assert_eq!(
        differing(&report),
        [
            "connect::refused",
            "end::reset",
            "end::reset_after_data",
            "sockets::all",
            "poll::refused"
        ]
    );
}

#[test]
fn what_the_peer_or_the_stack_lacks_is_not_tried_and_not_kept() {
    let (stack, clock) = world(Fault::Nothing);
    let network = Network::without_dns(stack, clock).with_policy(policy());
    let server = peer();
    let refusing = rules::connect::refused(&network, &Peer::at(([192, 0, 2, 1], 7000).into()));
    assert!(matches!(refusing, Outcome::NotTried(Reason::PeerLacks(_))));
    for outcome in [
        rules::listen::accepts(&network, &server),
        rules::datagram::echo(&network, &server),
        rules::name::found(&network, &server),
    ] {
        assert!(
            matches!(outcome, Outcome::NotTried(Reason::StackLacks(_))),
            "{outcome}"
        );
    }
    let report = Report::of("a client", &network, &server);
    assert_eq!(report.kept(), report.tried());
    assert!(report.tried() < RULES.len());
}

#[test]
fn a_stack_that_takes_whatever_it_is_given_is_not_tried_where_it_should_be_full() {
    let report = report(Fault::NeverFull, policy());
    let not_tried: Vec<_> = report
        .outcomes()
        .filter(|(_, outcome)| *outcome != Outcome::Kept)
        .map(|(rule, _)| rule.to_string())
        .collect();
    assert_eq!(
        not_tried,
        ["send::would_block", "send::times_out", "send::wall_keeps"]
    );
    assert_eq!(report.kept(), report.tried());
}

#[test]
fn a_report_says_what_was_expected_and_what_was_found() {
    let mut report = report(Fault::ResetIsEnd, policy());
    report.record(&RULES[0], Outcome::NotTried(Reason::PeerLacks("patience")));
    let tried = RULES.len() - 1;
    assert_eq!(
        report.to_string(),
        format!(
            "the stack in memory: {} of {tried}, these 2 differ:
  end::reset: expected the error ConnectionReset, found 0
    A reset is ConnectionReset once, then the end.
  end::reset_after_data: expected the error ConnectionReset, found 0
    What was read before a reset stays read, and what follows is ConnectionReset once, then the end.
1 not tried:
  connect::works: the peer has no patience",
            tried - 2
        )
    );
}

#[test]
fn a_table_has_a_row_for_each_stack_and_then_what_differs() {
    let good = report(Fault::Nothing, policy());
    let bad = report(Fault::BindsTwice, policy());
    let text = Table(&[good, bad]).to_string();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some(
            "| stack | all | connect | receive | send | end | sockets | listen | datagram | name | poll |"
        )
    );
    assert_eq!(
        lines.next(),
        Some("|---|---|---|---|---|---|---|---|---|---|---|")
    );
    let all = RULES.len();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with(&format!("| the stack in memory | {all} of {all} |"))
    );
    assert!(lines.next().unwrap().contains("| 9 of 10 | 3 of 3 |"));
    let rest: Vec<_> = lines.collect();
    assert_eq!(
        rest,
        [
            "",
            "Where the stack in memory differs:",
            "",
            "- `datagram::taken`: expected the error AddressInUse, found success."
        ]
    );
}

#[test]
fn an_outcome_names_the_error_that_was_found() {
    let (stack, clock) = world(Fault::RefusedIsOther);
    let network = Network::new(stack, clock).with_policy(policy());
    let outcome = rules::connect::refused(&network, &peer());
    assert_eq!(
        outcome.to_string(),
        "expected the error ConnectionRefused, found the error Other"
    );
    assert!(format!("{outcome:?}").contains(&format!("{:?}", ErrorKind::Other)));
}

#[test]
fn what_a_stack_adds_is_tried_too_and_each_fault_of_it_is_found() {
    for (fault, differs) in [
        (Fault::Nothing, [false, false, false]),
        (Fault::HalfCloseIsClose, [true, false, false]),
        (Fault::HalfCloseIsNothing, [true, false, false]),
        (Fault::AbortIsClose, [false, true, false]),
        (Fault::LocalIsNobody, [false, false, true]),
        (Fault::LocalChanges, [false, false, true]),
    ] {
        let (stack, clock) = world(fault);
        let network = Network::new(stack, clock)
            .with_policy(policy())
            .with_shutdown()
            .with_abort()
            .with_local_address();
        let outcomes = [
            capability::half_close(&network, &peer()),
            capability::abort(&network, &peer()),
            capability::local_address(&network, &peer()),
        ];
        let found = outcomes.map(|outcome| matches!(outcome, Outcome::Differs(_)));
        assert_eq!(found, differs, "{fault:?}: {outcomes:?}");
        assert!(
            outcomes
                .iter()
                .all(|outcome| !matches!(outcome, Outcome::NotTried(_)))
        );
    }
}

#[test]
fn what_a_stack_does_not_add_is_not_tried() {
    let (stack, clock) = world(Fault::Nothing);
    let network = Network::new(stack, clock).with_policy(policy());
    for outcome in [
        capability::half_close(&network, &peer()),
        capability::abort(&network, &peer()),
        capability::local_address(&network, &peer()),
    ] {
        assert!(matches!(outcome, Outcome::NotTried(Reason::StackLacks(_))));
    }
}
