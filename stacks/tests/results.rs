//! The table of results in nal-socket's README, and RESULTS.md with what is behind it.

mod atat_bench;
mod chip;
mod common;
mod ethernet;
mod loopback;
mod modem;
mod sim_peer;

use atcmd_esp8285::ReceiveMode;
use esp8285_sim::Dialect;
use nal_socket::conformance::{Outcome, Report, Table};

const RESULTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/RESULTS.md");
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../nal-socket/README.md");
const BEGIN: &str = "<!-- conformance results: begin -->\n";
const END: &str = "<!-- conformance results: end -->\n";

/// All stacks, in the order of the table.
fn reports() -> Vec<Report<'static>> {
    let driver = |name, dialect| modem::report(name, dialect, ReceiveMode::Auto);
    vec![
        loopback::report(),
        loopback::older_report(),
        ethernet::report(),
        chip::report(),
        chip::mended_report(),
        atat_bench::report(),
        atat_bench::mended_report(),
        driver("atcmd-esp8285 on AT 1.7", Dialect::NonOs1_7),
        driver("atcmd-esp8285 on ESP-AT 2.2", Dialect::EspAt2_2),
    ]
}

/// The table with a link to the rest.
fn summary(reports: &[Report<'_>]) -> String {
    let table = Table(reports).to_string();
    let (rows, _) = table.split_once("\n\n").unwrap_or((&table, ""));
    rows.trim_end().to_string()
}

/// For each stack the rules that differ and those not tried. What was found in place of what was
/// expected stands in no page: a stack that has lost its way does not fail twice in the same words.
fn results(reports: &[Report<'_>]) -> String {
    let mut page = String::from(
        "# Results\n\nWhat the conformance rules of nal-socket say of each stack, written by `tests/results.rs`.\n",
    );
    for report in reports {
        page += &format!("\n## {}\n\n", report.stack());
        page += &format!("Keeps {} of {} rules.\n\n", report.kept(), report.tried());
        for (rule, outcome) in report.outcomes() {
            match outcome {
                Outcome::Kept => {}
                Outcome::Differs(_) => {
                    page += &format!("- Differs in `{rule}`: {}\n", rule.sentence)
                }
                Outcome::NotTried(reason) => {
                    page += &format!("- Not tried is `{rule}`: {reason}.\n")
                }
            }
        }
    }
    page
}

#[test]
fn the_readme_has_the_results_of_today() {
    let reports = reports();
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the README has the marks");
    let (_, after) = rest.split_once(END).expect("the README has the marks");
    let wanted = format!("{before}{BEGIN}\n{}\n\n{END}{after}", summary(&reports));
    let details = results(&reports);
    if std::env::var_os("UPDATE_RESULTS").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
        std::fs::write(RESULTS, &details).unwrap();
        return;
    }
    let hint = "run `UPDATE_RESULTS=1 cargo test -p nal-socket-stacks --test results`";
    assert!(page == wanted, "the table has changed: {hint}\n\n{wanted}");
    let had = std::fs::read_to_string(RESULTS).unwrap_or_default();
    assert!(
        had == details,
        "the results have changed: {hint}\n\n{details}"
    );
}
