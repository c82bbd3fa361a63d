//! Words for the person, on streams that may be closed or full.
//!
//! `println!` panics when nobody reads any more (`... | head -1`). What the
//! programs say is worth less than what they do, so here that is ignored.
//!
//! ```
//! examples::say::result("saved picture.bmp");
//! examples::say::note("joined");
//! ```

use std::fmt::Display;
use std::io::{self, Write};

/// A line of result, on standard output.
pub fn result(text: impl Display) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// A line about what is going on, on standard error.
pub fn note(text: impl Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
