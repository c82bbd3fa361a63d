//! How a stack's datagrams behave where embedded-nal leaves it open.
//!
//! `embedded_nal::UdpClientStack` asks nothing of its error but `Debug`, and some stacks have an error
//! of their own for "nothing yet".
//!
//! ```
//! use nal_socket::{ErrorKind, Network, UdpPolicy};
//! use std::io;
//!
//! let policy = UdpPolicy::new().classify(|error: &io::Error| match error.kind() {
//!     io::ErrorKind::AddrInUse => ErrorKind::AddressInUse,
//!     _ => ErrorKind::Other,
//! });
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64).with_udp_policy(policy);
//! # let _ = network;
//! ```

use embedded_nal::nb;

use crate::{Ephemeral, ErrorKind};

/// The longest payload that UDP over IPv6 carries: 65535 less the UDP header.
pub(crate) const LONGEST: usize = 65_527;

/// The declared behaviour of the datagrams of one stack with error type `E`.
#[derive(Debug)]
pub struct UdpPolicy<E> {
    classify: fn(&E) -> ErrorKind,
    pub(crate) ephemeral: Ephemeral,
    pub(crate) longest: usize,
}

impl<E> Clone for UdpPolicy<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for UdpPolicy<E> {}

impl<E> UdpPolicy<E> {
    /// The default: every error is [`ErrorKind::Other`], local ports are chosen
    /// [`ByNetwork`](Ephemeral::ByNetwork), and the stack itself refuses what is too long to send.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            classify: |_| ErrorKind::Other,
            ephemeral: Ephemeral::ByNetwork,
            longest: LONGEST,
        }
    }

    /// Gives the function that translates the stack's errors. A capturing closure will not do.
    ///
    /// [`ErrorKind::WouldBlock`] means that the operation is to be tried again, for stacks that have an
    /// error of their own for "nothing yet" or "no room yet". [`ErrorKind::MessageTooLong`] is for a
    /// received datagram that the buffer does not hold and that is gone now, and for one that is too
    /// long to send. [`ErrorKind::AddressInUse`] from bind makes the network try another ephemeral port.
    #[must_use]
    pub const fn classify(mut self, classify: fn(&E) -> ErrorKind) -> Self {
        self.classify = classify;
        self
    }

    /// Says who chooses a local port that the user left open.
    #[must_use]
    pub const fn ephemeral(mut self, by: Ephemeral) -> Self {
        self.ephemeral = by;
        self
    }

    /// Says how many bytes a datagram to send may have; more is [`ErrorKind::MessageTooLong`] without
    /// asking the stack. For stacks that split a longer one (w5500 0.6), or never have room for it and
    /// say "not yet" for ever (smoltcp-nal 0.7: the size of its transmit buffer).
    #[must_use]
    pub const fn longest_send(mut self, bytes: usize) -> Self {
        self.longest = bytes;
        self
    }

    pub(crate) fn kind(&self, error: &E) -> ErrorKind {
        (self.classify)(error)
    }

    pub(crate) fn failure(&self, error: nb::Error<E>) -> nb::Error<ErrorKind> {
        match error {
            nb::Error::WouldBlock => nb::Error::WouldBlock,
            nb::Error::Other(error) => match self.kind(&error) {
                ErrorKind::WouldBlock => nb::Error::WouldBlock,
                kind => nb::Error::Other(kind),
            },
        }
    }
}

impl<E> Default for UdpPolicy<E> {
    fn default() -> Self {
        Self::new()
    }
}
