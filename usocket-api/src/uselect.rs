//! Waiting for many objects at once: what `import uselect` gives.
//!
//! As with [`USocket`](crate::USocket), the module is made from a network and a profile, and its
//! functions are methods. [`poll`](USelect::poll) makes a [poll object](Poll) with `register`,
//! `modify`, `unregister`, `poll` and `ipoll`; [`select`](USelect::select) takes three lists.
//!
//! This is what the socket documents say to use in place of `settimeout`:
//!
//! ```
//! use usocket_api::uselect::{self, USelect};
//! # use nal_socket::{Hooks, Idle, Network};
//! # use usocket_api::{USocket, OPENMV};
//! # use std::time::{Duration, Instant};
//! # fn main() -> Result<(), usocket_api::OSError> {
//! # let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
//! # let port = i32::from(server.local_addr().unwrap().port());
//! # let start = Instant::now();
//! # let platform = Hooks::new(
//! #     move || start.elapsed().as_micros() as u64,
//! #     |_| { std::thread::sleep(Duration::from_millis(1)); Idle::Continue },
//! # );
//! # let network = Network::new(std_embedded_nal::Stack, platform);
//! # let s = USocket::new(&network, OPENMV).socket();
//! # s.connect(("127.0.0.1", port))?;
//!
//! // Instead of:
//! s.settimeout(0.01)?; // time in seconds
//! assert!(s.readinto(&mut [0; 10]).is_err()); // may time out
//!
//! // Use:
//! let uselect = USelect::new(&network, OPENMV);
//! let poller = uselect.poll();
//! poller.register(&s, uselect::POLLIN)?;
//! let res = poller.poll(10)?; // time in milliseconds
//! if res.is_empty() {
//!     // s is still not ready for input, i.e. the operation timed out.
//! }
//! # assert!(res.is_empty());
//! # Ok(())
//! # }
//! ```
//!
//! # What is reported
//!
//! [`POLLIN`] and [`POLLOUT`] as far as the mask has them, [`POLLERR`], [`POLLHUP`] and [`POLLNVAL`] in
//! any case. These are the values of MicroPython's unix port, measured:
//!
//! | state | events | number |
//! |---|---|---|
//! | new TCP socket | `POLLOUT`, `POLLHUP` | 20 |
//! | connecting | none | |
//! | connected | `POLLOUT` | 4 |
//! | bytes to read, or the peer has closed | `POLLIN`, `POLLOUT` | 5 |
//! | connect failed, connection reset | all but `POLLNVAL` | 29 |
//! | listening; with a connection to accept | none; `POLLIN` | 1 |
//! | UDP; with a datagram | `POLLOUT`; `POLLIN`, `POLLOUT` | 4, 5 |
//! | closed | `POLLNVAL` | 32 |
//!
//! Asking uses nothing up. What a look costs the stack, and what `POLLOUT` is worth, is told in
//! [`nal_socket::poll`].
//!
//! Where ports do otherwise is told in [`differences`](crate::differences).
//!
//! # Limits
//!
//! - A set has room for a fixed number of objects, 8 unless told otherwise.
//! - Objects are told apart by their address. Those without a size have none of their own: give a
//!   [`Stream`] of yours at least a byte.
//! - To look for an object, and to merge the lists of `select`, all that are in the set are compared.

mod event_mask;
mod handle;
mod list;
mod poll;
mod select;
mod wait;
mod watched;

pub use event_mask::{EventMask, Interest, POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT};
pub use handle::{Handle, Stream};
pub use list::{IntoIter, List};
pub use poll::{Ipoll, Poll};
pub use select::Selected;
pub use wait::{PollTimeout, SelectTimeout};

use core::fmt;

use nal_socket::{Error, NetworkRef};

use crate::os_error::OSError;
use crate::profile::Profile;

/// How many objects a set has room for unless told otherwise.
pub const ROOM: usize = 8;

/// The `uselect` module on one network.
///
/// The network says what time it is and what to do while waiting; objects of other networks may be
/// waited for as well.
#[derive(Clone)]
pub struct USelect<N> {
    net: N,
    profile: Profile,
}

impl<N: NetworkRef> USelect<N> {
    /// The module on `net`, with the error numbers of `profile`.
    pub const fn new(net: N, profile: Profile) -> Self {
        Self { net, profile }
    }

    /// `poll()`: a poll object with room for 8 objects. What kind of [handle](Handle) it takes follows
    /// from what is registered; for objects of several kinds write `poll::<&dyn Stream>()`.
    pub fn poll<H: Handle>(&self) -> Poll<N, H> {
        self.poll_sized()
    }

    /// The same with room for `MAX` objects: `poll_sized::<_, 20>()`.
    pub fn poll_sized<H: Handle, const MAX: usize>(&self) -> Poll<N, H, MAX> {
        Poll::new(self.net.clone(), self.profile)
    }

    fn error(&self, error: Error) -> OSError {
        OSError::socket(&self.profile, error)
    }
}

impl<N> fmt::Debug for USelect<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("USelect")
            .field("profile", &self.profile.name)
            .finish_non_exhaustive()
    }
}
