//! The page that says which firmware can do what is the table in the code.

use std::fmt::Write as _;

use atcmd_esp8285::{Capability, Dialect};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/CAPABILITIES.md");

fn page() -> String {
    let mut page = String::from(
        "What each firmware line can do. A call that needs what is missing fails with\n\
         `ModemError::Unsupported` and the name of the command, before anything is\n\
         sent. A test keeps this table equal to the one in the code;\n\
         `UPDATE_CAPABILITIES=1 cargo test -p atcmd-esp8285 --test capabilities`\n\
         rewrites it.\n\n| capability | rests on |",
    );
    for dialect in Dialect::ALL {
        write!(page, " {} |", dialect.name).unwrap();
    }
    page += "\n|---|---|";
    page += &"---|".repeat(Dialect::ALL.len());
    page.push('\n');
    for capability in Capability::ALL {
        let command = capability.command();
        write!(page, "| `{capability:?}` | `{command}` |").unwrap();
        for dialect in Dialect::ALL {
            page += if dialect.has(*capability) {
                " yes |"
            } else {
                " |"
            };
        }
        page.push('\n');
    }
    page
}

#[test]
fn the_page_is_the_table_in_the_code() {
    let expected = page();
    if std::env::var_os("UPDATE_CAPABILITIES").is_some() {
        std::fs::write(PAGE, &expected).unwrap();
    }
    let actual = std::fs::read_to_string(PAGE).unwrap();
    for line in expected.lines() {
        assert!(
            actual.lines().any(|l| l == line),
            "CAPABILITIES.md lacks {line}"
        );
    }
    assert_eq!(actual, expected);
}

#[test]
fn every_capability_has_a_command_of_its_own() {
    for (n, one) in Capability::ALL.iter().enumerate() {
        assert!(one.command().starts_with("AT+"), "{one:?}");
        for other in &Capability::ALL[n + 1..] {
            assert_ne!(one.command(), other.command(), "{one:?} and {other:?}");
        }
    }
}
