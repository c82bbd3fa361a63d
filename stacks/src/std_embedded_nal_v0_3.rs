//! std-embedded-nal 0.3: a stack of embedded-nal 0.8, through nal-socket's adapter.
//!
//! Behind the adapter it behaves as its successor [`std_embedded_nal`](crate::std_embedded_nal) does; only
//! its TCP error stands one level deeper.
//!
//! Limits that no policy mends: `connect` blocks until the operating system gives up. Connections that the
//! stack accepts are in blocking mode: reading from one waits, whatever the socket's timeout. The scope of
//! an IPv6 address does not reach the operating system, so link-local addresses cannot be connected to.

extern crate std;

use std::io;

use ::std_embedded_nal_v0_3::Stack;
use nal_socket::embedded_nal::TcpClientStack;
use nal_socket::older::FromV0_8;
use nal_socket::{Network, Platform, Policy, UdpFull, UdpPolicy};

use crate::std_embedded_nal::classify;

/// The stack's TCP error as the adapter gives it.
pub type TcpError = <FromV0_8<Stack> as TcpClientStack>::Error;

/// How the stack's TCP behaves.
pub const POLICY: Policy<TcpError> = Policy::strict().classify(|error| classify(&error.0.0));

/// How the stack's UDP behaves.
pub const UDP_POLICY: UdpPolicy<io::Error> = UdpPolicy::new().classify(classify);

/// A network with names, datagrams and a server.
pub fn network<P: Platform>(platform: P) -> Network<FromV0_8<Stack>, P, UdpFull<FromV0_8<Stack>>> {
    Network::new(FromV0_8(Stack), platform)
        .with_policy(POLICY)
        .with_server()
        .with_udp_policy(UDP_POLICY)
}
