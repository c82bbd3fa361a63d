//! Bytes taken from the stack that the user has not had yet.
//!
//! Serves peek, readline and `BufRead`, and keeps what a timed read had collected when its time ran
//! out. Without `alloc` it is [`LOOKAHEAD`] bytes inside the socket; with `alloc` it costs nothing
//! until used and grows as needed.

use crate::{Error, ErrorKind};

/// How many bytes a socket takes ahead at once, and without the feature `alloc` the most it can keep.
pub const LOOKAHEAD: usize = 512;

#[cfg(not(feature = "alloc"))]
type Store = [u8; LOOKAHEAD];
#[cfg(feature = "alloc")]
type Store = alloc::vec::Vec<u8>;

/// `store[start..end]` is waiting. `start <= end <= store.len()`.
pub(crate) struct Lookahead {
    store: Store,
    start: usize,
    end: usize,
}

impl Lookahead {
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(not(feature = "alloc"))]
            store: [0; LOOKAHEAD],
            #[cfg(feature = "alloc")]
            store: alloc::vec::Vec::new(),
            start: 0,
            end: 0,
        }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.start == self.end
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.store.get(self.start..self.end).unwrap_or(&[])
    }

    /// Forgets the first `count` bytes, or all there are.
    pub(crate) fn consume(&mut self, count: usize) {
        self.start = self.start.saturating_add(count).min(self.end);
        if self.is_empty() {
            self.clear();
        }
    }

    /// Moves bytes out, as many as there are and fit.
    pub(crate) fn take(&mut self, buf: &mut [u8]) -> usize {
        let count = self.copy(buf);
        self.consume(count);
        count
    }

    /// Copies bytes out and keeps them.
    pub(crate) fn copy(&self, buf: &mut [u8]) -> usize {
        copy_prefix(buf, self.bytes())
    }

    /// Forgets everything and gives unusual amounts of memory back.
    pub(crate) fn clear(&mut self) {
        self.start = 0;
        self.end = 0;
        #[cfg(feature = "alloc")]
        if self.store.len() > LOOKAHEAD {
            self.store = alloc::vec::Vec::new();
        }
    }

    /// Keeps `bytes`, which came before anything still in the stack. Only while empty. False if they
    /// do not fit.
    #[must_use]
    pub(crate) fn keep(&mut self, bytes: &[u8]) -> bool {
        debug_assert!(self.is_empty());
        if self.reserve(bytes.len()).is_err() {
            return false;
        }
        self.start = 0;
        self.end = bytes.len();
        copy_prefix(&mut self.store, bytes);
        true
    }

    /// The same, taking over the memory.
    #[cfg(feature = "alloc")]
    pub(crate) fn adopt(&mut self, bytes: alloc::vec::Vec<u8>) {
        debug_assert!(self.is_empty());
        self.start = 0;
        self.end = bytes.len();
        self.store = bytes;
    }

    /// Lets `receive` fill the space. Only while empty. Returns what `receive` returns.
    pub(crate) fn fill(
        &mut self,
        receive: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
    ) -> Result<usize, Error> {
        debug_assert!(self.is_empty());
        self.reserve(LOOKAHEAD)?;
        let count = receive(self.store.as_mut_slice())?;
        self.start = 0;
        self.end = count.min(self.store.len());
        Ok(self.end)
    }

    /// Lets `receive` fill the space behind what is waiting, up to [`LOOKAHEAD`] bytes in all, and
    /// returns what it returns. `None` if there is no space; then it is not called.
    pub(crate) fn extend(
        &mut self,
        receive: impl FnOnce(&mut [u8]) -> Result<usize, Error>,
    ) -> Option<Result<usize, Error>> {
        let waiting = self.bytes().len();
        if waiting >= LOOKAHEAD || self.reserve(LOOKAHEAD).is_err() {
            return None;
        }
        self.store.copy_within(self.start..self.end, 0);
        self.start = 0;
        self.end = waiting;
        let space = self.store.get_mut(waiting..LOOKAHEAD)?;
        let room = space.len();
        let received = receive(space);
        if let Ok(count) = received {
            self.end += count.min(room);
        }
        Some(received)
    }

    #[cfg(not(feature = "alloc"))]
    fn reserve(&mut self, count: usize) -> Result<(), Error> {
        if count > self.store.len() {
            return Err(Error::new(ErrorKind::NoMemory));
        }
        Ok(())
    }

    #[cfg(feature = "alloc")]
    fn reserve(&mut self, count: usize) -> Result<(), Error> {
        if let Some(more) = count.checked_sub(self.store.len()) {
            self.store
                .try_reserve_exact(more)
                .map_err(|_| Error::new(ErrorKind::NoMemory))?;
            self.store.resize(count, 0);
        }
        Ok(())
    }
}

/// Copies as much as both have.
fn copy_prefix(to: &mut [u8], from: &[u8]) -> usize {
    let count = to.len().min(from.len());
    if let (Some(to), Some(from)) = (to.get_mut(..count), from.get(..count)) {
        to.copy_from_slice(from);
    }
    count
}
