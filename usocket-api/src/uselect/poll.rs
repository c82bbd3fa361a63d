//! The poll object.

use core::cell::RefCell;
use core::fmt;

use nal_socket::{ErrorKind, Events, NetworkRef};

use super::watched::Watched;
use super::{EventMask, Handle, Interest, List, PollTimeout, ROOM};
use crate::errno;
use crate::os_error::OSError;
use crate::profile::Profile;

/// The flag of `ipoll` after which what was reported is not waited for any more.
const ONE_SHOT: i32 = 1;

/// A poll object: a set of objects and what one waits for on each. Made by
/// [`USelect::poll`](super::USelect::poll).
///
/// It is shared like a socket: its methods take `&self`, so that a loop over what is ready can register
/// new objects and take others out. Called from the idle hook while one of them waits, they are `EBUSY`.
///
/// A server's set of clients changes; `Rc` keeps each client as long as it is registered:
///
/// ```
/// # #[cfg(feature = "alloc")]
/// # {
/// use std::rc::Rc;
/// use usocket_api::uselect::{POLLIN, USelect};
/// # use nal_socket::{NetworkRef, Network};
/// # use usocket_api::{OPENMV, OSError, Socket, USocket};
///
/// fn serve<N: NetworkRef>(net: N, server: Rc<Socket<N>>) -> Result<(), OSError> {
///     let poller = USelect::new(net, OPENMV).poll();
///     poller.register(server.clone(), POLLIN)?;
///     loop {
///         for (s, _event) in poller.ipoll(None)? {
///             if Rc::ptr_eq(&s, &server) {
///                 let (client, _addr) = server.accept()?;
///                 poller.register(Rc::new(client), POLLIN)?;
///             } else if s.recv_into(&mut [0; 64])? == 0 {
///                 poller.unregister(&s)?; // dropped, and so closed
///             }
///         }
///     }
/// }
/// # }
/// ```
pub struct Poll<N, H, const MAX: usize = ROOM> {
    net: N,
    profile: Profile,
    state: RefCell<State<H, MAX>>,
}

struct State<H, const MAX: usize> {
    watched: Watched<H, MAX>,
    /// Where the loop over what is ready goes on. MicroPython's poll object is its own iterator, too.
    next: usize,
}

impl<N: NetworkRef, H: Handle, const MAX: usize> Poll<N, H, MAX> {
    pub(super) const fn new(net: N, profile: Profile) -> Self {
        Self {
            net,
            profile,
            state: RefCell::new(State {
                watched: Watched::new(),
                next: 0,
            }),
        }
    }

    /// Waits for `eventmask` on `obj` from the next poll on: [`POLLIN`](super::POLLIN),
    /// [`POLLOUT`](super::POLLOUT), both (`None` is that too) or 0. Registering again is
    /// [`modify`](Self::modify).
    ///
    /// # Errors
    ///
    /// `ENOMEM` if it is full, `EBUSY` if it is in use further up the call chain.
    pub fn register(&self, obj: H, eventmask: impl Into<Interest>) -> Result<(), OSError> {
        let mask = EventMask::from(eventmask.into());
        self.with_state(|state| {
            if let Some(watch) = state.watched.interest(&obj) {
                watch.set_interest(mask.interest());
                return Ok(());
            }
            if state.watched.push(obj.clone(), mask) {
                return Ok(());
            }
            Err(OSError::kind_with(
                &self.profile,
                ErrorKind::NoMemory,
                "the poll object is full; make a larger one with USelect::poll_sized",
            ))
        })
    }

    /// Does not wait for `obj` any more. One that is not registered is no error.
    ///
    /// # Errors
    ///
    /// `EBUSY` if it is in use further up the call chain.
    pub fn unregister(&self, obj: &H::Target) -> Result<(), OSError> {
        // Dropped at the end: closing a socket may idle.
        let _gone = self.with_state(|state| {
            let gone = state.watched.remove(obj);
            if let Some((index, _)) = gone
                && index < state.next
            {
                state.next -= 1;
            }
            Ok(gone)
        })?;
        Ok(())
    }

    /// Changes what is waited for on `obj`, from the next poll on; it arms again what a one-shot poll
    /// has reported.
    ///
    /// # Errors
    ///
    /// `ENOENT` if `obj` is not registered, `EBUSY` if it is in use further up the call chain.
    pub fn modify(&self, obj: &H::Target, eventmask: impl Into<EventMask>) -> Result<(), OSError> {
        let mask = eventmask.into();
        self.with_state(|state| match state.watched.interest(obj) {
            Some(watch) => {
                watch.set_interest(mask.interest());
                Ok(())
            }
            None => Err(OSError::of(
                &errno::ENOENT,
                &self.profile,
                "the object is not registered; call register first",
            )),
        })
    }

    /// Waits until at least one object is ready, at most `timeout` milliseconds; `None` and negative
    /// numbers are for ever, 0 only looks. Returns pairs of an object and its events, in the order of
    /// registration; none if the time ran out. Without any objects it waits all the same.
    ///
    /// # Errors
    ///
    /// Nothing is reported and nothing is used up, poll again: `EINTR` if the idle hook has ended the
    /// wait; `EBUSY` if this object, one of those in it or the stack is in use further up the call
    /// chain, or if nothing was ready and this was called from the idle hook of an operation that waits
    /// itself (poll with 0 there); what a [`Stream`](super::Stream) of yours returns.
    pub fn poll(
        &self,
        timeout: impl Into<PollTimeout>,
    ) -> Result<List<(H, EventMask), MAX>, OSError> {
        self.poll_with(timeout, 0)
    }

    /// The same with the flags of [`ipoll_with`](Self::ipoll_with), as MicroPython had it up to 1.11,
    /// which MaixPy is made of.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll), and `EINVAL` for other flags.
    pub fn poll_with(
        &self,
        timeout: impl Into<PollTimeout>,
        flags: i32,
    ) -> Result<List<(H, EventMask), MAX>, OSError> {
        self.ipoll_with(timeout, flags).map(List::of)
    }

    /// [`poll`](Self::poll) without a list: what is ready is handed out one by one. Objects may be
    /// registered, modified and taken out meanwhile. What was taken out does not come any more. A poll
    /// within the loop begins anew, for the loop as well.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll).
    pub fn ipoll(&self, timeout: impl Into<PollTimeout>) -> Result<Ipoll<'_, N, H, MAX>, OSError> {
        self.ipoll_with(timeout, 0)
    }

    /// The same with `flags` 1 for one-shot: the mask of every object that is handed out becomes 0,
    /// until [`modify`](Self::modify) or [`register`](Self::register) arms it again. With a mask of 0
    /// an error, a hang-up and a closed socket are reported all the same. 0 is no flags.
    ///
    /// # Errors
    ///
    /// As [`poll`](Self::poll), and `EINVAL` for other flags.
    pub fn ipoll_with(
        &self,
        timeout: impl Into<PollTimeout>,
        flags: i32,
    ) -> Result<Ipoll<'_, N, H, MAX>, OSError> {
        if flags & !ONE_SHOT != 0 {
            return Err(OSError::invalid(
                "the flags of a poll are 0, or 1 for one-shot",
            ));
        }
        let timeout = timeout.into().0;
        self.with_state(|state| {
            state.next = 0;
            let waited = state.watched.wait(&self.net, timeout);
            waited.map_err(|error| OSError::socket(&self.profile, error))
        })?;
        Ok(Ipoll {
            poll: self,
            one_shot: flags == ONE_SHOT,
        })
    }

    fn with_state<T>(
        &self,
        f: impl FnOnce(&mut State<H, MAX>) -> Result<T, OSError>,
    ) -> Result<T, OSError> {
        match self.state.try_borrow_mut() {
            Ok(mut state) => f(&mut state),
            Err(_) => Err(OSError::kind_with(
                &self.profile,
                ErrorKind::Busy,
                "the poll object is waiting further up the call chain; use another one in the idle hook",
            )),
        }
    }
}

/// What is ready, one by one: see [`Poll::ipoll`]. What is not fetched is reported again by the next
/// poll.
pub struct Ipoll<'p, N, H, const MAX: usize = ROOM> {
    poll: &'p Poll<N, H, MAX>,
    one_shot: bool,
}

impl<N: NetworkRef, H: Handle, const MAX: usize> Iterator for Ipoll<'_, N, H, MAX> {
    type Item = (H, EventMask);

    fn next(&mut self) -> Option<Self::Item> {
        let mut state = self.poll.state.try_borrow_mut().ok()?;
        let State { watched, next } = &mut *state;
        let (at, obj, event, watch) = watched.ready_from(*next)?;
        *next = at + 1;
        if self.one_shot {
            watch.set_interest(Events::NONE);
        }
        Some((obj.clone(), event))
    }
}

impl<N, H, const MAX: usize> fmt::Debug for Ipoll<'_, N, H, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ipoll").finish_non_exhaustive()
    }
}

impl<N, H, const MAX: usize> fmt::Debug for Poll<N, H, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Poll")
            .field("profile", &self.profile.name)
            .field("room", &MAX)
            .finish_non_exhaustive()
    }
}
