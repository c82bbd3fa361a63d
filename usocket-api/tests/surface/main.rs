//! The documented surface: every name and every promise of the two documents, each shown by a test
//! over the simulated modem, receiving passively and actively, and over the host's own sockets.
//!
//! `SURFACE.md` is the list; `table.rs` holds it against the tests that there are.
#![cfg(all(unix, feature = "alloc"))]

#[macro_use]
mod registry;

mod host_options;
mod loopback;
mod simulated;
mod world;

mod addresses;
mod closing;
mod connecting;
mod creating;
mod datagrams;
mod documented;
mod examples;
mod lookup;
mod names;
mod options;
mod polling;
mod receiving;
mod sending;
mod serving;
mod stream;
mod table;
mod timeouts;

/// Every test, with where it runs.
const TESTS: &[&[registry::Test]] = &[
    addresses::TESTS,
    closing::TESTS,
    connecting::TESTS,
    creating::TESTS,
    datagrams::TESTS,
    examples::TESTS,
    lookup::TESTS,
    names::TESTS,
    options::TESTS,
    polling::TESTS,
    receiving::TESTS,
    sending::TESTS,
    serving::TESTS,
    stream::TESTS,
    timeouts::TESTS,
];
