//! The promises of the sockets, one function each.
//!
//! ```
//! use nal_socket::conformance::RULES;
//!
//! for rule in RULES {
//!     println!("{rule}: {}", rule.sentence);
//! }
//! ```

// Each group's functions, named as in the table below.
mod connecting;
mod receiving;
mod sending;
mod serving;

use core::fmt;

use super::Peer;
use super::outcome::{Outcome, Reason};
use crate::NetworkRef;

/// One promise of the sockets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// What it is about.
    pub group: &'static str,
    /// Its name, which no other rule of the group has.
    pub name: &'static str,
    /// The promise.
    pub sentence: &'static str,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}::{}", self.group, self.name)
    }
}

/// Makes the list of rules and the public functions from one table.
macro_rules! rules {
    ($($(#[$doc:meta])* $group:ident in $module:ident {
        $($name:ident: $sentence:literal;)*
    })*) => {
        $(
            $(#[$doc])*
            pub mod $group {
                use super::{Outcome, Peer};
                use crate::NetworkRef;

                $(
                    #[doc = $sentence]
                    pub fn $name<N: NetworkRef>(net: N, peer: &Peer<'_>) -> Outcome {
                        super::$module::$name(&net, peer).into()
                    }
                )*
            }
        )*

        /// Every rule, in the order in which [`run`] tries them.
        pub const RULES: &[Rule] = &[$($(Rule {
            group: stringify!($group),
            name: stringify!($name),
            sentence: $sentence,
        },)*)*];

        impl Rule {
            /// Tries this rule.
            pub fn check<N: NetworkRef>(&self, net: N, peer: &Peer<'_>) -> Outcome {
                $($(
                    if self.group == stringify!($group) && self.name == stringify!($name) {
                        return $group::$name(net, peer);
                    }
                )*)*
                Outcome::NotTried(Reason::PeerLacks("rule of that name"))
            }
        }
    };
}

/// Tries every rule and tells each outcome as soon as it is there.
pub fn run<N: NetworkRef>(net: N, peer: &Peer<'_>, tell: &mut dyn FnMut(&'static Rule, Outcome)) {
    for rule in RULES {
        tell(rule, rule.check(net.clone(), peer));
    }
}

rules! {
    /// Connecting.
    connect in connecting {
        works: "A connect to a port on which somebody listens succeeds, and bytes go both ways.";
        refused: "A refused connect is an error, ConnectionRefused, and never success.";
        without_blocking: "A non-blocking connect is InProgress, then AlreadyInProgress, and succeeds in the end; the socket then knows its peer.";
        twice: "Connecting a connected socket is AlreadyConnected, and the connection stays.";
    }
    /// Receiving.
    receive in receiving {
        nothing_yet: "While nothing has come, a non-blocking receive is WouldBlock.";
        times_out: "While nothing has come, a timed receive is TimedOut when its time is over, not before and not later.";
        at_least_one: "A receive gives what is there, at least one byte, and does not wait for more.";
        sizes: "Reading 1, 2, 511, 512, 513, 1460 and 4096 bytes gives exactly these.";
        large: "64 KiB arrive complete and in order.";
    }
    /// Sending.
    send in sending {
        sizes: "Sending 1, 2, 511, 512, 513, 1460 and 4096 bytes puts exactly these at the peer.";
        large: "64 KiB arrive at the peer complete and in order.";
    }
    /// Listening and accepting.
    listen in serving {
        accepts: "A listener accepts a connection, tells where it comes from, and bytes go both ways.";
    }
}
