//! Does a stack, with its declared policy, give sockets that keep their promises?
//!
//! Each [rule](rules) is one promise. It runs sockets on a [`Network`](crate::Network) against a
//! [peer](mod@peer) and says what it saw. A wrong [`Policy`](crate::Policy) shows as rules that are not kept,
//! as much as a fault of the stack does.
//!
//! ```no_run
//! use nal_socket::conformance::{Peer, Report};
//! use nal_socket::Network;
//! # fn microseconds() -> u64 { 0 }
//!
//! let network = Network::new(std_embedded_nal::Stack, microseconds);
//! // Where `cargo run --features conformance --example conformance_peer` runs.
//! let peer = Peer::at("192.0.2.1:7000".parse().unwrap());
//! println!("{}", Report::of("std-embedded-nal 0.4", &network, &peer));
//! ```
//!
//! On hardware it is the same, with the peer's program on a PC in the same network and the report on
//! whatever the board can print to; [`run`] hands out each outcome as it comes.
//!
//! Limits: rules end by timeouts, so a stack that blocks inside blocks the rule too, until the peer
//! hangs up. A rule for which the peer lacks something, or the stack a part that a stack may lack, is
//! [`Outcome::NotTried`], never kept.

mod check;
mod client;
mod outcome;
pub mod peer;
mod peer_description;
mod report;
pub mod rules;

pub use outcome::{Difference, Found, Outcome, Reason};
pub use peer_description::Peer;
pub use report::{Report, Table};
pub use rules::{RULES, Rule, run};
