//! Waiting for many sockets at once.
//!
//! [`Network::poll`] takes pairs of a socket and a [`Watch`], in any mix: TCP sockets, their files,
//! listeners, UDP sockets, sources of your own ([`Pollable`]).
//!
//! ```
//! use core::time::Duration;
//! use nal_socket::{Events, Network, TcpSocket, Watch};
//! # use nal_socket::{Hooks, Idle};
//! # use std::net::TcpListener as StdListener;
//! # use std::io::Write;
//! # fn main() -> Result<(), nal_socket::Error> {
//! # let server = StdListener::bind("127.0.0.1:0").unwrap();
//! # let address = server.local_addr().unwrap();
//! # let start = std::time::Instant::now();
//! # let platform = Hooks::new(
//! #     move || start.elapsed().as_micros() as u64,
//! #     |_| { std::thread::sleep(Duration::from_millis(1)); Idle::Continue },
//! # );
//! let network = Network::new(std_embedded_nal::Stack, platform);
//! let mut first = TcpSocket::new(&network);
//! let mut second = TcpSocket::new(&network);
//! first.connect(address)?;
//! # let (mut peer, _) = server.accept().unwrap();
//!
//! let mut on_first = Watch::new(Events::IN);
//! let mut on_second = Watch::new(Events::IN | Events::OUT).one_shot();
//! # peer.write_all(b"hello").unwrap();
//! let ready = network.poll(
//!     &mut [(&mut first, &mut on_first), (&mut second, &mut on_second)],
//!     Some(Duration::ZERO),
//! )?;
//! assert!(ready >= 1);
//! // A socket that never was connected.
//! assert_eq!(on_second.ready(), Events::OUT | Events::HUP);
//!
//! // Five seconds for something to arrive.
//! network.poll(&mut [(&mut first, &mut on_first)], Some(Duration::from_secs(5)))?;
//! assert_eq!(on_first.ready(), Events::IN);
//! assert_eq!(first.recv(&mut [0; 16])?, 5);
//! # Ok(())
//! # }
//! ```
//!
//! # What is reported
//!
//! The values of a Unix system. `IN` and `OUT` only as far as one is interested, the rest always.
//!
//! | state | events |
//! |---|---|
//! | new TCP socket, listener that does not listen | `OUT`, `HUP` |
//! | connecting | none |
//! | connected | `OUT` |
//! | bytes to read | `IN`, `OUT` |
//! | the peer has closed | `IN`, `OUT` |
//! | connect failed, connection reset, nobody told yet | `IN`, `OUT`, `ERR`, `HUP` |
//! | the same, told | after the connect as new; after the reset `IN`, `OUT`, `HUP` |
//! | listening; with a connection to accept | none; `IN` |
//! | UDP; with a datagram | `OUT`; `IN`, `OUT` |
//! | closed | `NVAL` |
//!
//! Asking uses nothing up: bytes, datagrams, connections and errors found are there for the operation
//! that follows. A listener accepts one connection ahead; closing the listener closes that one too.
//!
//! # What it costs
//!
//! A *turn* asks each socket once, and a socket makes at most one call to the stack for it. (One more
//! gives a socket back whose connect has failed, or looks for the error of one that has just connected
//! and is watched for nothing else, and a [`Policy`](crate::Policy) may declare that an
//! answer takes several, as [`EndProbe::EmptySend`](crate::EndProbe::EmptySend) does.)
//!
//! `IN` asks the stack unless the answer is known here. `OUT` does not, until a send took less than it
//! was given or nothing: from then on it asks the stack's [`Barrier`](crate::Barrier). Where there is
//! no barrier, or it has nothing to tell because nothing is on its way, the socket is not `OUT` once
//! and is again after that, which comes to one idle.
//!
//! A socket that needs the stack for both is asked for `IN` in a turn and for `OUT` in a second turn
//! right after, so that no idle hook goes to sleep on half an answer. Sockets that need no second turn
//! are not asked again. A stack with [`Readiness`](crate::capability::Readiness) says both in one call,
//! and exactly.
//!
//! A UDP socket with a peer takes one datagram a turn and throws a stranger's away. While there are such,
//! the idle hook is called with a deadline that has passed.
//!
//! Every turn asks every socket, and all that are ready are reported. Which one is first changes from
//! look to look.
//!
//! # Limits
//!
//! - `OUT` is a hint, except with `Readiness`: a send may find the stack full all the same.
//! - A socket with unread bytes kept here does not see what comes behind them, so neither a reset.
//! - A socket that is `OUT` without asking the stack, and whose `IN` nobody wants, is not asked for
//!   errors; the send finds them.

use core::time::Duration;

use embedded_nal::{TcpClientStack, nb};

use crate::wait::Limit;
use crate::{Error, ErrorKind, Events, Network, Platform, Watch};

/// Something that can be waited for in [`Network::poll`].
///
/// The sockets of this crate are; implement it for a button, a queue, a timer or a modem's event pin.
///
/// An implementation
///
/// - must not wait, and must not wait for anything through a [`Network`];
/// - must not use anything up: what it reports must be found by the operation that follows, and be
///   reported again until then;
/// - must not report [`IN`](Events::IN) or [`OUT`](Events::OUT) where that operation would have to wait,
///   if it can know;
/// - must report all of `wanted` that are ready, or leave them ([`Look::leaving`]) for the next turn,
///   and is asked for these once more at once; what it leaves then counts as not ready, and if nothing
///   is, the idle hook is told to return at once;
/// - may report events nobody wants: they are taken out, but for [`ERR`](Events::ERR),
///   [`HUP`](Events::HUP) and [`NVAL`](Events::NVAL), which end the wait whatever the interest is;
/// - should do at most one expensive thing a call.
///
/// ```
/// use core::cell::Cell;
/// use core::time::Duration;
/// use nal_socket::{Error, Events, Look, Network, Pollable, Watch};
///
/// struct Button<'p>(&'p Cell<bool>);
///
/// impl Pollable for Button<'_> {
///     fn look(&mut self, _wanted: Events) -> Result<Look, Error> {
///         Ok(Look::new(if self.0.get() { Events::IN } else { Events::NONE }))
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// let network = Network::new(std_embedded_nal::Stack, || 0);
/// let pressed = Cell::new(true);
/// let mut on_button = Watch::new(Events::IN);
/// let ready = network.poll(
///     &mut [(&mut Button(&pressed), &mut on_button)],
///     Some(Duration::ZERO),
/// )?;
/// assert_eq!((ready, on_button.ready()), (1, Events::IN));
/// # Ok(())
/// # }
/// ```
pub trait Pollable {
    /// What is ready at this moment. `wanted` is the interest, or what the look before has left.
    ///
    /// # Errors
    ///
    /// Only that it could not look, which ends the poll: the sockets here say
    /// [`ErrorKind::Busy`]. What has gone wrong on a connection is [`Events::ERR`].
    fn look(&mut self, wanted: Events) -> Result<Look, Error>;
}

impl<T: Pollable + ?Sized> Pollable for &mut T {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        (**self).look(wanted)
    }
}

/// The answer of a [`Pollable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    ready: Events,
    left: Events,
}

impl Look {
    /// `ready` and nothing else.
    #[must_use]
    pub const fn new(ready: Events) -> Self {
        Self {
            ready,
            left: Events::NONE,
        }
    }

    /// Of these it is not known yet whether they are ready: ask again.
    #[must_use]
    pub const fn leaving(mut self, left: Events) -> Self {
        self.left = left;
        self
    }

    /// What is ready.
    #[must_use]
    pub const fn ready(&self) -> Events {
        self.ready
    }

    /// What is not known yet.
    #[must_use]
    pub const fn left(&self) -> Events {
        self.left
    }
}

/// One socket to ask, and where the answer goes.
type Entry<'e> = (&'e mut dyn Pollable, &'e mut Watch);

/// How many turns a look has: in the second, sockets answer what the first left open.
const TURNS: usize = 2;

impl<S: TcpClientStack, P: Platform, U> Network<S, P, U> {
    /// Waits until at least one of the sockets is ready and returns how many are; each one's
    /// [`Watch::ready`] says for what.
    ///
    /// A `timeout` of `None` is for ever, zero only looks: no idling, no clock. `Ok(0)` says that the
    /// time ran out. Without any entries it waits all the same. Sockets of other networks may be among
    /// the entries; the idle hook and the clock are those of this one.
    ///
    /// # Errors
    ///
    /// Nothing is reported and nothing is used up, poll again:
    ///
    /// - [`ErrorKind::Interrupted`]: the idle hook has ended the wait.
    /// - [`ErrorKind::Busy`]: the stack is in use further up the call chain, or nothing was ready and
    ///   this is called from the idle hook of an operation that waits itself (poll with a timeout of
    ///   zero there).
    /// - What a [`Pollable`] of your own returns.
    pub fn poll(
        &self,
        entries: &mut [Entry<'_>],
        timeout: Option<Duration>,
    ) -> Result<usize, Error> {
        let outcome = self.wait_for(Limit::from(timeout), || match self.look_at_all(entries) {
            Ok(0) => Err(nb::Error::WouldBlock),
            // Apart from how the waiting went, which may end in the same kinds.
            looked => Ok(looked),
        });
        let found = match outcome {
            Ok(looked) => looked,
            Err(error) => match error.kind() {
                ErrorKind::TimedOut | ErrorKind::WouldBlock => Ok(0),
                _ => Err(error),
            },
        };
        if found.is_err() {
            for (_, watch) in entries {
                watch.clear();
            }
        }
        found
    }

    /// One look at every entry, in as many turns as it takes. How many are ready.
    fn look_at_all(&self, entries: &mut [Entry<'_>]) -> Result<usize, Error> {
        let first = self.first_of(entries.len());
        for (_, watch) in entries.iter_mut() {
            watch.begin();
        }
        for _ in 0..TURNS {
            let Some((later, sooner)) = entries.split_at_mut_checked(first) else {
                break;
            };
            for (source, watch) in sooner.iter_mut().chain(later) {
                watch.ask(&mut **source)?;
            }
            if !entries.iter().any(|(_, watch)| watch.is_open()) {
                break;
            }
        }
        if entries.iter().any(|(_, watch)| watch.is_open()) {
            self.hurry.set(true);
        }
        let reports = entries.iter_mut().map(|(_, watch)| watch.report());
        Ok(reports.filter(|reports| *reports).count())
    }

    /// Which of `count` is asked first.
    ///
    /// Steps of the golden ratio round a circle visit every part of it, and so does every second,
    /// third and so on of them: whoever polls several sets by turns has them all rotate, too.
    fn first_of(&self, count: usize) -> usize {
        const GOLDEN: u32 = 0x9E37_79B9;
        let place = self.rotation.get().wrapping_add(GOLDEN);
        self.rotation.set(place);
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        let first = (u64::from(place) * u64::from(count)) >> 32;
        usize::try_from(first).unwrap_or(0)
    }
}
