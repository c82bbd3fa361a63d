//! The table of results in nal-socket's README.

mod atat_bench;
mod chip;
mod common;
mod ethernet;
mod loopback;
mod modem;
mod sim_peer;

use atcmd_esp8285::ReceiveMode;
use esp8285_sim::Dialect;
use nal_socket::conformance::{Report, Table};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../nal-socket/README.md");
const BEGIN: &str = "<!-- conformance results: begin -->\n";
const END: &str = "<!-- conformance results: end -->\n";

/// All stacks, in the order of the table.
fn reports() -> Vec<Report<'static>> {
    let driver = |name, dialect| modem::report(name, dialect, ReceiveMode::Auto);
    vec![
        loopback::report(),
        ethernet::report(),
        chip::report(),
        chip::mended_report(),
        atat_bench::report(),
        atat_bench::mended_report(),
        driver("atcmd-esp8285 on AT 1.7", Dialect::NonOs1_7),
        driver("atcmd-esp8285 on ESP-AT 2.2", Dialect::EspAt2_2),
    ]
}

#[test]
fn the_readme_has_the_results_of_today() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the README has the marks");
    let (_, after) = rest.split_once(END).expect("the README has the marks");
    let wanted = format!("{before}{BEGIN}\n{}\n{END}{after}", Table(&reports()));
    if std::env::var_os("UPDATE_RESULTS").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
        return;
    }
    assert!(
        page == wanted,
        "the results have changed: run `UPDATE_RESULTS=1 cargo test -p nal-socket-stacks --test results`\n\n{}",
        Table(&reports())
    );
}
