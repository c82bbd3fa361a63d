//! The modem as a program: on a pseudo-terminal or a TCP port, for AT clients in any language.

#![forbid(unsafe_code)]

mod program;

use std::process::ExitCode;

fn main() -> ExitCode {
    match program::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            program::complain(&error);
            ExitCode::FAILURE
        }
    }
}
