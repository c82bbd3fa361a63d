//! What the crate asks of the platform: the time, and something to do while waiting.
//!
//! A function that returns microseconds is a [`Platform`] already; it spins while it waits. To sleep,
//! feed a watchdog or let other work run, add an idle hook with [`Hooks`] or implement the trait.
//!
//! ```
//! use core::cell::Cell;
//! use nal_socket::{Hooks, Idle, Platform};
//!
//! // A virtual clock: waiting takes no time at all, the clock just jumps to the deadline.
//! let clock = Cell::new(0_u64);
//! let platform = Hooks::new(
//!     || clock.get(),
//!     |until| {
//!         clock.set(until.unwrap_or(clock.get() + 1));
//!         Idle::Continue
//!     },
//! );
//! platform.idle(Some(5_000));
//! assert_eq!(platform.now(), 5_000);
//! ```
//!
//! Limits: the clock must not run backwards; if it does, a wait lasts correspondingly longer. It may
//! start anywhere, 64 bits of microseconds do not wrap within half a million years.

/// Time and idling.
///
/// Implemented for every `Fn() -> u64`, which then is [`now`](Platform::now).
pub trait Platform {
    /// Monotonic time in microseconds, from any starting point.
    fn now(&self) -> u64;

    /// Called again and again while an operation waits, after each look at the stack.
    ///
    /// `until` is the deadline of the waiting operation on the scale of [`now`](Platform::now), or
    /// `None` when it waits for ever. The hook may return at any time before; it should not return
    /// after `until`, since the operation ends late by as much. A hook that sleeps for an interrupt
    /// must make sure that one comes when the stack has something new.
    ///
    /// The stack is not borrowed meanwhile: the hook may use other sockets of the same network as
    /// long as they need not wait; one that would have to wait reports [`ErrorKind::Busy`].
    ///
    /// The default spins once.
    ///
    /// [`ErrorKind::Busy`]: crate::ErrorKind::Busy
    fn idle(&self, until: Option<u64>) -> Idle {
        let _ = until;
        core::hint::spin_loop();
        Idle::Continue
    }
}

/// What a waiting operation does after [`Platform::idle`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Idle {
    /// Look at the stack again and go on waiting if need be.
    Continue,
    /// End the operation with [`ErrorKind::Interrupted`](crate::ErrorKind::Interrupted). Bytes it
    /// had already received stay in the socket.
    Cancel,
}

impl<F: Fn() -> u64> Platform for F {
    fn now(&self) -> u64 {
        self()
    }
}

/// A [`Platform`] made of two functions.
#[derive(Debug, Clone, Copy)]
pub struct Hooks<N, I> {
    now: N,
    idle: I,
}

impl<N: Fn() -> u64, I: Fn(Option<u64>) -> Idle> Hooks<N, I> {
    /// `now` as in [`Platform::now`], `idle` as in [`Platform::idle`].
    pub const fn new(now: N, idle: I) -> Self {
        Self { now, idle }
    }
}

impl<N: Fn() -> u64, I: Fn(Option<u64>) -> Idle> Platform for Hooks<N, I> {
    fn now(&self) -> u64 {
        (self.now)()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        (self.idle)(until)
    }
}
