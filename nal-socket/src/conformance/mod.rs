//! Does a stack, with its declared policy, give sockets that keep their promises?
//!
//! Each [rule](rules) is one promise. It runs sockets on a [`Network`](crate::Network) against a
//! [peer](mod@peer) and says what it saw. A wrong [`Policy`](crate::Policy) shows as rules that are not kept,
//! as much as a fault of the stack does.
//!
//! ```
//! use nal_socket::conformance::{Outcome, Peer, rules};
//! use nal_socket::{ErrorKind, Network, Policy};
//! # let start = std::time::Instant::now();
//! # let microseconds = move || start.elapsed().as_micros() as u64;
//!
//! let nobody = "127.0.0.1:1".parse().unwrap();
//! let peer = Peer::at(nobody).refuses(nobody);
//!
//! // A policy that does not tell what the stack's errors mean: that is found.
//! let network = Network::new(std_embedded_nal::Stack, microseconds);
//! let outcome = rules::connect::refused(&network, &peer);
//! assert_eq!(
//!     outcome.to_string(),
//!     "expected the error ConnectionRefused, found the error Other",
//! );
//!
//! // The right one.
//! let network = network.with_policy(Policy::strict().classify(|error| match error.0.kind() {
//!     std::io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
//!     _ => ErrorKind::Other,
//! }));
//! assert_eq!(rules::connect::refused(&network, &peer), Outcome::Kept);
//! ```
//!
//! # On your own stack
//!
//! 1. Start the peer on a PC that the stack can reach, in this crate's directory:
//!    `cargo run --features conformance --example conformance_peer`. It prints its ports: sessions and
//!    datagrams on 7000, speaking first on 7001, more datagrams on 7002.
//! 2. Describe it. What is left out makes the rules that need it not tried, so begin with the address
//!    alone and add one after the other.
//! 3. Run all rules and print the report.
//!
//! ```no_run
//! use nal_socket::Network;
//! use nal_socket::conformance::{Peer, Report};
//! # fn microseconds() -> u64 { 0 }
//!
//! let network = Network::new(std_embedded_nal::Stack, microseconds)
//!     .with_server()
//!     .with_udp();
//! let peer = Peer::at("192.0.2.1:7000".parse().unwrap())
//!     .speaks_first("192.0.2.1:7001".parse().unwrap())
//!     .datagrams("192.0.2.1:7000".parse().unwrap())
//!     .more_datagrams("192.0.2.1:7002".parse().unwrap())
//!     // A port on which nothing listens.
//!     .refuses("192.0.2.1:1".parse().unwrap())
//!     // An address in the same network that nobody has.
//!     .silent("192.0.2.99:7000".parse().unwrap())
//!     // The peer connects to this port of the stack.
//!     .listen_port(8080);
//! println!("{}", Report::of("my-stack 1.0", &network, &peer));
//! ```
//!
//! On hardware there is nothing else to it. [`run`] hands out each outcome as it comes, for a log line
//! each; a [`Report`] is some kilobytes, and a rule needs up to 16 on the call stack. [`rules`] has each
//! rule as a function, for a test of one thing. A slow link needs more [patience](Peer::patience), a
//! busy host more [slack](Peer::slack).
//!
//! Half close, abort and local addresses, which a stack may add, have rules of their own in
//! [`capability`].
//!
//! What sockets promise without asking the stack, such as `NotConnected` before a connect, is not among
//! the rules: no stack can break it, and this crate's own tests are about it.
//!
//! Limits: rules end by timeouts, so a stack that blocks inside blocks the rule too, until the peer
//! hangs up. A rule for which the peer lacks something, or the stack a part that a stack may lack, is
//! [`Outcome::NotTried`], never kept.

pub mod capability;
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
