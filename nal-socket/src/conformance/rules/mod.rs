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
mod datagrams;
mod ending;
mod lookup;
mod many_sockets;
mod polling;
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
        after_refusal: "After a refused connect the same socket can connect elsewhere.";
        times_out: "A connect to an address that does not answer is TimedOut when its time is over, not before and not later.";
        given_up: "A connect that is given up gives its socket back to the stack: after a dozen of them a connect works.";
        without_blocking: "A non-blocking connect is InProgress, then AlreadyInProgress, and succeeds in the end; the socket then knows its peer.";
        other_family: "A connect to an address of a family that the stack does not speak is an error, not a timeout, and the socket stays usable.";
    }
    /// Receiving.
    receive in receiving {
        nothing_yet: "While nothing has come, a non-blocking receive is WouldBlock.";
        times_out: "While nothing has come, a timed receive is TimedOut when its time is over, not before and not later.";
        at_least_one: "A receive gives what is there, at least one byte, and does not wait for more.";
        peer_first: "What the peer says before it is asked is received.";
        sizes: "Reading 1, 2, 511, 512, 513, 1460 and 4096 bytes gives exactly these.";
        large: "64 KiB arrive complete and in order.";
        bytewise: "Reading byte by byte gives every byte once, in order, then the end.";
        slowly: "A read that asks for all waits for a slow sender, and the pauses are not the end.";
        peeked: "Peeking shows what the receive after it gives, and uses nothing up.";
        lines: "Lines are read one by one, each with its end, and the last without one.";
        timeout_keeps: "A read whose time runs out half way loses nothing: what follows starts where it started.";
        two_at_once: "Two sockets have each their own bytes, whichever is read first.";
    }
    /// Sending.
    send in sending {
        sizes: "Sending 1, 2, 511, 512, 513, 1460 and 4096 bytes puts exactly these at the peer.";
        large: "64 KiB arrive at the peer complete and in order.";
        would_block: "To a peer that does not read, a non-blocking send says WouldBlock in the end.";
        times_out: "To a peer that does not read, a timed send says TimedOut when its time is over, not before and not later.";
        wall_keeps: "What was taken while the peer did not read, and what was not, arrives once and in order when it reads again.";
        both_ways: "Sending and receiving at the same time, each as far as it goes, carries 64 KiB there and back.";
        flushed: "A flush ends, at once if nothing was sent, and what was sent is at the peer.";
    }
    /// The end of a connection.
    end in ending {
        after_data: "When the peer has closed, all it sent is read first, then the end, as 0, again and again.";
        unread: "A peer that closes before anything is read takes nothing away: all it sent is there, then the end.";
        half_read: "A peer that closes while its data is half read takes the other half not away.";
        at_once: "A peer that closes without a byte is the end, not an error.";
        sending_after: "Who goes on sending to a peer that has closed is told so: BrokenPipe, ConnectionReset or ConnectionAborted.";
        still_sending: "A peer that has closed its direction only can still be sent to, and answers nothing.";
        reset: "A reset is ConnectionReset once, then the end.";
        reset_after_data: "What was read before a reset stays read, and what follows is ConnectionReset once, then the end.";
        closed_here: "When the socket is closed, the peer gets all that was sent, then the end.";
        dropped_here: "When the socket is dropped, the peer gets all that was sent, then the end.";
        closed_large: "64 KiB sent and closed at once arrive complete, then the end.";
        closed: "A closed socket says Closed to everything but a second close.";
    }
    /// The stack's sockets.
    sockets in many_sockets {
        one_by_one: "30 connections one after the other work.";
        all: "Connections up to the stack's last socket work at the same time; one more is NoSockets, at once; closing one makes room.";
    }
    /// Listening and accepting.
    listen in serving {
        accepts: "A listener accepts a connection, tells where it comes from, and bytes go both ways.";
        nothing_yet: "While nobody connects, a non-blocking accept is WouldBlock.";
        times_out: "While nobody connects, a timed accept is TimedOut when its time is over, not before and not later.";
        child_times_out: "An accepted connection has timeouts of its own, which pass when they should.";
        two_children: "Two connections of one listener are there at once, each with its own bytes.";
        again: "After closing a listener and its connection, the port can be listened on again.";
    }
    /// Datagrams.
    datagram in datagrams {
        echo: "A datagram comes back, and its sender is told.";
        sizes: "Datagrams of 1, 512 and 1472 bytes come back whole.";
        empty: "A datagram without bytes is received as 0 bytes.";
        boundaries: "Two datagrams are received one by one, never together.";
        cut: "A datagram longer than the buffer is cut to it, its rest is gone, and the next is whole.";
        stranger: "A socket with a peer does not receive what comes from another address.";
        nothing_yet: "While no datagram has come, a non-blocking receive is WouldBlock.";
        times_out: "While no datagram has come, a timed receive is TimedOut when its time is over, not before and not later.";
        two_peers: "One socket sends to two peers and hears from both.";
        taken: "Binding a port that another socket has is AddressInUse.";
    }
    /// Names.
    name in lookup {
        found: "A known host has its address.";
        again: "After a lookup that failed, a known host is found.";
        unknown: "An unknown host is NameNotFound, within the patience.";
    }
    /// Waiting for many sockets.
    poll in polling {
        idle: "A connected socket with nothing to read is ready for sending only.";
        readable: "A socket with something to read is ready for receiving, and what is there is still there.";
        ended: "A socket whose peer has closed is ready for receiving, which then gives the end.";
        refused: "A refused non-blocking connect is an error and a hang-up in poll, and the connect after it tells why.";
        times_out: "With nothing to report, poll ends with none when its time is over, not before and not later.";
    }
}
