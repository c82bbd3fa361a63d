//! The other side of the conformance rules, without a socket and without a clock.
//!
//! The same peer runs in a thread of the test, in a simulator in virtual time, on a second stack, or
//! on a PC while the rules run on a board: see `examples/conformance_peer.rs` in the repository. Whoever runs it moves bytes and
//! does what [`Session::next`] says.
//!
//! A client's first line says what the connection is for:
//!
//! | line | what the peer does |
//! |---|---|
//! | `ECHO` | sends back what comes, until the client closes |
//! | `SEND n` | sends n bytes of the [pattern](pattern_byte), then closes |
//! | `SLOW n chunk ms` | the same, `chunk` bytes every `ms` milliseconds, the first after as long |
//! | `SEND` or `SLOW`, then `RESET` | resets in place of closing |
//! | .. then `HALF`, `HALF tag` | closes the sending direction only and goes on as `COUNT` |
//! | .. then `HOLD ms` | closes so many milliseconds later, or once the client has |
//! | .. then `HOLD ms RESET` | resets so many milliseconds later |
//! | `COUNT` | counts and sums what comes; at each byte [`TELL`] tells both in a line |
//! | `COUNT tag` | the same until the client closes, and keeps it; every byte counts |
//! | `DEAF ms`, `DEAF ms tag` | the same, but reads nothing for so long |
//! | `TELL tag` | tells count, sum, and `END` or `RESET`, as soon as the connection with that tag has ended |
//! | `CONNECT port` | connects to that port of the client, serves there too, and waits for the next line |
//!
//! On a second port the peer speaks first ([`Session::speaking_first`]): it sends [`GREETING`] and
//! then waits for a line. A client that says nothing for 10 seconds is hung up on, so that a stack that
//! blocks inside comes back.
//!
//! ```
//! use nal_socket::conformance::peer::{Action, Ledger, Session};
//!
//! let mut ledger = Ledger::new();
//! let mut session = Session::new();
//! session.receive(b"ECHO\nabc", &mut ledger);
//! assert_eq!(session.next(0, &mut ledger), Action::Send(b"abc"));
//! session.sent(3);
//! session.end(&mut ledger);
//! assert_eq!(session.next(0, &mut ledger), Action::Close);
//! ```
//!
//! Limits: lines of up to 48 bytes; the newest 16 tags are kept.

mod datagram;
mod pattern;
mod request;
mod session;

pub use datagram::{Replies, datagram};
pub use pattern::{Checksum, pattern_byte};
pub use session::{Action, IMPATIENCE, Ledger, Session};

/// What a peer that speaks first says.
pub const GREETING: &[u8] = b"HELLO\n";

/// What a session answers to a line that it does not know.
pub const UNKNOWN: &[u8] = b"UNKNOWN\n";

/// The byte that makes a counting session tell; not part of the pattern.
pub const TELL: u8 = 0xFF;
