//! `SURFACE.md` against the tests: every row has its test, every test its row, every documented name
//! a row, and what a row claims to run on a backend does.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use crate::TESTS;
use crate::documented::NAMES;
use crate::registry::{BACKENDS, Test};

const TABLE: &str = include_str!("../../SURFACE.md");
const HEADER: [&str; 6] = [
    "row",
    "document",
    "name or promise",
    "here",
    "test",
    "runs on",
];

/// A row, as it is in the table.
#[derive(Debug)]
struct Row<'t> {
    id: &'t str,
    promise: &'t str,
    here: &'t str,
    test: &'t str,
    backends: &'t str,
}

/// The rows, and what is wrong with those that are none.
fn rows(table: &str) -> (Vec<Row<'_>>, Vec<String>) {
    let (mut rows, mut wrong) = (vec![], vec![]);
    for line in table.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        // Before the first and behind the last bar there is nothing.
        let [_, id, document, promise, here, test, backends, _] = cells[..] else {
            wrong.push(format!("not six cells: {line}"));
            continue;
        };
        let cells = [id, document, promise, here, test, backends];
        if cells == HEADER || cells.iter().all(|cell| *cell == "---") {
            continue;
        }
        if cells.iter().any(|cell| cell.is_empty()) {
            wrong.push(format!("an empty cell: {line}"));
        }
        let (page, section) = document.split_once(' ').unwrap_or((document, ""));
        if !["M", "O", "MO"].contains(&page) || section.is_empty() {
            wrong.push(format!(
                "row {id} names no page (M, O, MO) and section: {document}"
            ));
        }
        rows.push(Row {
            id,
            promise,
            here,
            test: test.trim_matches('`'),
            backends,
        });
    }
    (rows, wrong)
}

/// What is wrong with a table, given the tests that are registered and those that the test program
/// says it runs.
fn problems(table: &str, tests: &[Test], listed: &BTreeSet<String>, names: &[&str]) -> Vec<String> {
    let (rows, mut wrong) = rows(table);
    let mut registered = BTreeMap::new();
    for test in tests {
        if registered.insert(test.name, test).is_some() {
            wrong.push(format!("two tests are called {}", test.name));
        }
    }

    let mut ids = BTreeSet::new();
    for row in &rows {
        if !ids.insert(row.id) {
            wrong.push(format!("two rows are called {}", row.id));
        }
        let Some(test) = registered.get(row.test) else {
            wrong.push(format!(
                "row {} has no test: there is no {}",
                row.id, row.test
            ));
            continue;
        };
        if row.backends != test.backends {
            wrong.push(format!(
                "row {} claims {} but {} is registered for {}",
                row.id, row.backends, test.name, test.backends
            ));
        }
        let everywhere = BACKENDS.len() == row.backends.split(' ').count();
        if !everywhere && row.here == "as documented" {
            wrong.push(format!(
                "row {} does not say why it is not everywhere",
                row.id
            ));
        }
    }

    let shown: BTreeSet<&str> = rows.iter().map(|row| row.test).collect();
    for test in registered.values() {
        if !shown.contains(test.name) {
            wrong.push(format!("no row for the test {}", test.name));
        }
        for letter in test.backends.split(' ') {
            let module = test.module.rsplit("::").next().unwrap();
            let backend = BACKENDS
                .iter()
                .find(|(known, _)| letter == known.to_string());
            let run = backend.map(|(_, backend)| format!("{module}::{backend}::{}", test.name));
            match run {
                Some(run) if listed.contains(&run) => {}
                Some(run) => wrong.push(format!("{run} does not run")),
                None => wrong.push(format!("there is no backend {letter}")),
            }
        }
    }

    for name in names {
        let quoted = format!("`{name}`");
        if !rows.iter().any(|row| row.promise.contains(&quoted)) {
            wrong.push(format!("no row for the name {name}"));
        }
    }
    wrong
}

/// The tests of this program that run when it is asked for nothing special: those that are ignored or
/// left out by a condition are not among them.
fn listed() -> BTreeSet<String> {
    let list = |extra: &[&str]| -> BTreeSet<String> {
        let program = std::env::current_exe().unwrap();
        let output = Command::new(program)
            .args(["--list", "--format", "terse"])
            .args(extra)
            .output()
            .unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines()
            .filter_map(|line| line.strip_suffix(": test"))
            .map(str::to_owned)
            .collect()
    };
    &list(&[]) - &list(&["--ignored"])
}

#[test]
fn every_documented_name_and_promise_has_a_test_and_every_test_a_row() {
    let tests: Vec<Test> = TESTS
        .iter()
        .flat_map(|tests| tests.iter())
        .copied()
        .collect();
    let wrong = problems(TABLE, &tests, &listed(), NAMES);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

mod the_check_itself {
    use super::*;

    const HEAD: &str = "\
| row | document | name or promise | here | test | runs on |
|---|---|---|---|---|---|
";
    const GOOD: &str = "| 1 | M close | `close()` | as documented | `closes` | P A L |";

    const CLOSES: Test = Test {
        module: "surface::closing",
        name: "closes",
        backends: "P A L",
    };

    fn wrong_with(rows: &[&str], tests: &[Test], missing: &str) -> Vec<String> {
        let table = HEAD.to_owned() + &rows.join("\n");
        let listed = BACKENDS
            .iter()
            .flat_map(|(_, backend)| {
                tests
                    .iter()
                    .map(move |test| format!("closing::{backend}::{}", test.name))
            })
            .filter(|run| run != missing)
            .collect();
        problems(&table, tests, &listed, &["close()"])
    }

    #[track_caller]
    fn finds(problem: &str, rows: &[&str], tests: &[Test], missing: &str) {
        let wrong = wrong_with(rows, tests, missing);
        assert!(
            wrong.iter().any(|found| found.contains(problem)),
            "{wrong:?}"
        );
    }

    #[test]
    fn a_complete_table_has_no_problems() {
        assert!(wrong_with(&[GOOD], &[CLOSES], "").is_empty());
    }

    #[test]
    fn a_row_without_a_test_is_found() {
        finds("no test", &[GOOD], &[], "");
        finds(
            "no test",
            &[&GOOD.replace("closes", "closed")],
            &[CLOSES],
            "",
        );
    }

    #[test]
    fn a_test_without_a_row_is_found() {
        let other = Test {
            name: "other",
            ..CLOSES
        };
        finds("no row for the test other", &[GOOD], &[CLOSES, other], "");
    }

    #[test]
    fn two_of_a_name_are_found() {
        finds("two rows are called 1", &[GOOD, GOOD], &[CLOSES], "");
        finds(
            "two tests are called closes",
            &[GOOD],
            &[CLOSES, CLOSES],
            "",
        );
    }

    #[test]
    fn a_row_that_claims_too_much_or_too_little_is_found() {
        let modem = Test {
            backends: "P A",
            ..CLOSES
        };
        finds("claims P A L", &[GOOD], &[modem], "");
        let less = GOOD.replace("P A L", "P A");
        finds("claims P A but", &[&less], &[CLOSES], "");
        finds("does not say why", &[&less], &[modem], "");
        let why = less.replace("as documented", "no such limit on the host");
        assert!(wrong_with(&[&why], &[modem], "").is_empty());
    }

    #[test]
    fn a_test_that_does_not_run_is_found() {
        let missing = "closing::loopback::closes";
        finds(
            "closing::loopback::closes does not run",
            &[GOOD],
            &[CLOSES],
            missing,
        );
        let nowhere = Test {
            backends: "P A X",
            ..CLOSES
        };
        finds("no backend X", &[GOOD], &[nowhere], "");
    }

    #[test]
    fn rows_that_are_none_are_found() {
        finds(
            "not six cells",
            &[GOOD, "| 2 | M close | x |"],
            &[CLOSES],
            "",
        );
        finds(
            "an empty cell",
            &[&GOOD.replace("as documented", "")],
            &[CLOSES],
            "",
        );
        finds(
            "names no page",
            &[&GOOD.replace("M close", "close")],
            &[CLOSES],
            "",
        );
        finds(
            "names no page",
            &[&GOOD.replace("M close", "M")],
            &[CLOSES],
            "",
        );
    }

    #[test]
    fn a_name_without_a_row_is_found() {
        let other = GOOD.replace("`close()`", "`shut()`");
        finds("no row for the name close()", &[&other], &[CLOSES], "");
    }
}
