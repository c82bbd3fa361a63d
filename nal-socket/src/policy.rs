//! How a stack behaves where embedded-nal leaves it open.
//!
//! The traits do not say what `Ok(0)` from `receive` means, what happens at the end of the stream, or
//! what an empty send does. Published stacks differ. A [`Policy`] declares it once, and the sockets
//! then behave the same on all of them.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, Policy};
//! use std::io;
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64).with_policy(
//!     Policy::strict().classify(|error| match error.0.kind() {
//!         io::ErrorKind::ConnectionRefused => ErrorKind::ConnectionRefused,
//!         io::ErrorKind::ConnectionReset => ErrorKind::ConnectionReset,
//!         io::ErrorKind::BrokenPipe => ErrorKind::BrokenPipe,
//!         _ => ErrorKind::Other,
//!     }),
//! );
//! # let _ = network;
//! ```
//!
//! Limits: a stack whose `receive` never tells the end of the stream (esp-at-nal 0.5 answers
//! `WouldBlock` for ever) can be helped by an [`EndProbe`] if its `send` knows better; otherwise give
//! its sockets a timeout.

use core::time::Duration;

use embedded_nal::{TcpError, TcpErrorKind, nb};

use crate::{Error, ErrorKind};

/// What `Ok(0)` from `receive` into a non-empty buffer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroRead {
    /// The peer has closed its side and everything was read.
    EndOfStream,
    /// Nothing has arrived yet.
    Pending,
}

/// What `Ok(0)` from `send` of a non-empty buffer means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZeroSend {
    /// The stack's buffer is full; try again.
    Pending,
    /// The connection takes no more data: [`ErrorKind::BrokenPipe`].
    Closed,
}

/// What the error kind `PipeClosed` from `receive` means, or an error that
/// [`classify`](Policy::classify) calls [`BrokenPipe`](ErrorKind::BrokenPipe).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipeClosed {
    /// The connection was lost: reported once as [`ErrorKind::ConnectionReset`], then end of stream.
    Reset,
    /// The orderly end of the stream, unless [`classify`](Policy::classify) calls the error a
    /// [`ConnectionReset`](ErrorKind::ConnectionReset).
    EndOfStream,
}

/// What `Ok` from `connect` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectOk {
    /// There is a connection.
    Connected,
    /// The attempt has ended, one way or the other. A receive ahead shows whether there is a
    /// connection; if it tells of an end or a lost connection, that is
    /// [`ErrorKind::ConnectionRefused`].
    ///
    /// A peer that accepts and closes at once without a byte cannot be told from one that refuses.
    Ended,
}

/// How a connect that is under way is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectAgain {
    /// With the same address, as embedded-nal has it.
    SameAddress,
    /// With the unspecified address and port 0, for stacks that take a call after the attempt has
    /// failed for a new one and would dial for ever. On such a stack the address does not matter while
    /// the attempt runs, and once it has failed the call is an error, which is told as
    /// [`ErrorKind::ConnectionRefused`].
    ///
    /// Such stacks may also miss a connection that the peer closes at once. If an empty `send` is
    /// taken although connect is not done, the attempt has succeeded.
    NoAddress,
}

/// Whether the stack can say that what it accepted has left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barrier {
    /// An empty `send` is `WouldBlock` until earlier bytes are confirmed, then `Ok(0)`. Stacks for
    /// which an empty send is simply `Ok(0)` fit here too.
    EmptySend,
    /// The stack must not be given an empty `send`.
    None,
}

/// How the end of the stream is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndProbe {
    /// `receive` tells it, as [`ZeroRead`] and [`PipeClosed`] say.
    Receive,
    /// `receive` does not tell it: it has nothing, for ever. But an empty `send`, which must transmit
    /// nothing, fails once the peer has closed. If it fails with the error kind `PipeClosed` and a
    /// further `receive` still has nothing, that is the end of the stream; if it fails otherwise, the
    /// reader gets that error.
    ///
    /// The price: whoever waits for data asks the stack twice each time there is nothing, and a third
    /// time at the end. After [`shutdown`](crate::TcpSocket::shutdown) of the sending direction an
    /// empty send tells nothing about the peer, so the end is not found any more: set a timeout.
    EmptySend,
}

/// The declared behaviour of one stack with error type `E`.
#[derive(Debug)]
pub struct Policy<E> {
    pub(crate) zero_read: ZeroRead,
    pub(crate) zero_send: ZeroSend,
    pub(crate) pipe_closed: PipeClosed,
    pub(crate) barrier: Barrier,
    pub(crate) end_of_stream: EndProbe,
    pub(crate) connect_ok: ConnectOk,
    pub(crate) connect_again: ConnectAgain,
    /// In microseconds.
    pub(crate) pause_after_close: u64,
    pub(crate) classify: fn(&E) -> ErrorKind,
}

// Derived, these would ask for `E: Clone`.
impl<E> Clone for Policy<E> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<E> Copy for Policy<E> {}

impl<E: TcpError> Policy<E> {
    /// The default: `Ok(0)` and nothing else is the end of the stream, `WouldBlock` is "not yet",
    /// `PipeClosed` is a lost connection, an empty send is a barrier.
    ///
    /// Right for std-embedded-nal 0.4 and for any stack that keeps this contract. Errors are
    /// classified by `TcpErrorKind` alone: `PipeClosed` is [`ErrorKind::BrokenPipe`], the rest
    /// [`ErrorKind::Other`].
    #[must_use]
    pub const fn strict() -> Self {
        Self {
            zero_read: ZeroRead::EndOfStream,
            zero_send: ZeroSend::Pending,
            pipe_closed: PipeClosed::Reset,
            barrier: Barrier::EmptySend,
            end_of_stream: EndProbe::Receive,
            connect_ok: ConnectOk::Connected,
            connect_again: ConnectAgain::SameAddress,
            pause_after_close: 0,
            classify: by_tcp_error_kind,
        }
    }

    /// For stacks over smoltcp such as smoltcp-nal 0.7, and for w5500 0.6: `Ok(0)` is "not yet",
    /// `PipeClosed` on receive is the end of the stream.
    ///
    /// A reset is told from an orderly end only if [`classify`](Self::classify) can.
    #[must_use]
    pub const fn smoltcp() -> Self {
        Self::strict()
            .zero_read(ZeroRead::Pending)
            .pipe_closed(PipeClosed::EndOfStream)
    }

    /// Declares what `Ok(0)` from `receive` means.
    #[must_use]
    pub const fn zero_read(mut self, meaning: ZeroRead) -> Self {
        self.zero_read = meaning;
        self
    }

    /// Declares what `Ok(0)` from `send` of data means.
    #[must_use]
    pub const fn zero_send(mut self, meaning: ZeroSend) -> Self {
        self.zero_send = meaning;
        self
    }

    /// Declares what `PipeClosed` from `receive` means.
    #[must_use]
    pub const fn pipe_closed(mut self, meaning: PipeClosed) -> Self {
        self.pipe_closed = meaning;
        self
    }

    /// Declares whether an empty `send` is a barrier.
    #[must_use]
    pub const fn barrier(mut self, barrier: Barrier) -> Self {
        self.barrier = barrier;
        self
    }

    /// Declares how the end of the stream is found. [`EndProbe::Receive`] unless declared.
    #[must_use]
    pub const fn end_of_stream(mut self, probe: EndProbe) -> Self {
        self.end_of_stream = probe;
        self
    }

    /// Declares what `Ok` from `connect` means.
    #[must_use]
    pub const fn connect_ok(mut self, meaning: ConnectOk) -> Self {
        self.connect_ok = meaning;
        self
    }

    /// Declares how a connect that is under way is asked about.
    #[must_use]
    pub const fn connect_again(mut self, how: ConnectAgain) -> Self {
        self.connect_again = how;
        self
    }

    /// Lets so much time pass between closing a connection and taking the next socket from the stack,
    /// for stacks that hand the closing one out again and cut it off. Some round trips are enough for
    /// what was sent to arrive. A connect during the pause is in progress. 0 unless set, then the clock
    /// is not looked at for it.
    #[must_use]
    pub const fn pause_after_close(mut self, pause: Duration) -> Self {
        let micros = pause.as_micros();
        self.pause_after_close = if micros > u64::MAX as u128 {
            u64::MAX
        } else {
            micros as u64
        };
        self
    }

    /// Gives the function that translates the stack's errors. A capturing closure will not do.
    ///
    /// [`ErrorKind::BrokenPipe`] is for "closed in that direction": sending reports it as it is,
    /// receiving as `ConnectionReset`, connecting as `ConnectionAborted`. [`ErrorKind::WouldBlock`]
    /// means that the operation is to be tried again, for stacks that have an error of their own for
    /// "not yet". [`ErrorKind::DataLost`] from a receive means that the next one has what came behind
    /// the gap. [`ErrorKind::Busy`] is this crate's own: a stack that is busy is `WouldBlock`.
    #[must_use]
    pub const fn classify(mut self, classify: fn(&E) -> ErrorKind) -> Self {
        self.classify = classify;
        self
    }

    pub(crate) fn error(&self, error: &E) -> Error {
        Error::new((self.classify)(error))
    }

    /// The outcome of an operation that may be tried again.
    pub(crate) fn failure(&self, error: nb::Error<E>) -> nb::Error<Error> {
        match error {
            nb::Error::WouldBlock => nb::Error::WouldBlock,
            nb::Error::Other(error) => again_or(self.error(&error)),
        }
    }

    /// "Closed in this direction" while connecting: there was no connection to close yet.
    pub(crate) fn connect_failure(&self, error: nb::Error<E>) -> nb::Error<Error> {
        replace(
            self.failure(error),
            ErrorKind::BrokenPipe,
            ErrorKind::ConnectionAborted,
        )
    }

    /// The outcome of a failed receive: the end of the stream as `Ok(0)`, or the error.
    pub(crate) fn receive_failure(&self, error: nb::Error<E>) -> nb::Result<usize, Error> {
        if let nb::Error::Other(error) = &error
            && self.pipe_closed == PipeClosed::EndOfStream
            && match (self.classify)(error) {
                ErrorKind::BrokenPipe => true,
                ErrorKind::ConnectionReset => false,
                _ => error.kind() == TcpErrorKind::PipeClosed,
            }
        {
            return Ok(0);
        }
        Err(self.receive_error(error))
    }

    /// What a failed probe for the end of the stream means, once nothing is left to be received.
    pub(crate) fn probe_failure(&self, error: nb::Error<E>) -> nb::Result<usize, Error> {
        match &error {
            nb::Error::Other(error) if error.kind() == TcpErrorKind::PipeClosed => Ok(0),
            _ => Err(self.receive_error(error)),
        }
    }

    fn receive_error(&self, error: nb::Error<E>) -> nb::Error<Error> {
        replace(
            self.failure(error),
            ErrorKind::BrokenPipe,
            ErrorKind::ConnectionReset,
        )
    }
}

/// A kind that means "not yet" is no failure.
pub(crate) fn again_or(error: Error) -> nb::Error<Error> {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::InProgress | ErrorKind::AlreadyInProgress => {
            nb::Error::WouldBlock
        }
        _ => nb::Error::Other(error),
    }
}

/// The same for what a function of a capability reports.
pub(crate) fn again_or_kind(error: nb::Error<ErrorKind>) -> nb::Error<Error> {
    match error {
        nb::Error::WouldBlock => nb::Error::WouldBlock,
        nb::Error::Other(kind) => again_or(Error::new(kind)),
    }
}

fn replace(error: nb::Error<Error>, from: ErrorKind, to: ErrorKind) -> nb::Error<Error> {
    error.map(|error| {
        if error.kind() == from {
            Error::new(to)
        } else {
            error
        }
    })
}

impl<E: TcpError> Default for Policy<E> {
    fn default() -> Self {
        Self::strict()
    }
}

fn by_tcp_error_kind<E: TcpError>(error: &E) -> ErrorKind {
    match error.kind() {
        TcpErrorKind::PipeClosed => ErrorKind::BrokenPipe,
        _ => ErrorKind::Other,
    }
}
