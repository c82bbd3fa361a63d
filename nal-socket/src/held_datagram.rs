//! Room for one datagram between the stack and the user.
//!
//! Serves peek and readiness, and buffers of the user that a datagram may not fit. With `alloc` it
//! costs nothing until used.

use core::net::SocketAddr;

use crate::Error;
#[cfg(feature = "alloc")]
use crate::ErrorKind;

#[cfg(not(feature = "alloc"))]
type Store<const SIZE: usize> = [u8; SIZE];
#[cfg(feature = "alloc")]
type Store<const SIZE: usize> = alloc::vec::Vec<u8>;

/// At most `SIZE` bytes and where they came from.
pub(crate) struct HeldDatagram<const SIZE: usize> {
    store: Store<SIZE>,
    waiting: Option<(usize, SocketAddr)>,
}

impl<const SIZE: usize> HeldDatagram<SIZE> {
    pub(crate) const fn new() -> Self {
        Self {
            #[cfg(not(feature = "alloc"))]
            store: [0; SIZE],
            #[cfg(feature = "alloc")]
            store: alloc::vec::Vec::new(),
            waiting: None,
        }
    }

    /// Who sent the datagram that waits here.
    pub(crate) const fn from(&self) -> Option<SocketAddr> {
        match self.waiting {
            Some((_, from)) => Some(from),
            None => None,
        }
    }

    /// Copies the datagram out as far as it fits, and keeps it.
    pub(crate) fn copy(&self, buf: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let (length, from) = self.waiting?;
        let count = length.min(buf.len());
        buf.get_mut(..count)?
            .copy_from_slice(self.store.get(..count)?);
        Some((count, from))
    }

    /// Moves the datagram out; what does not fit is gone.
    pub(crate) fn take(&mut self, buf: &mut [u8]) -> Option<(usize, SocketAddr)> {
        let copied = self.copy(buf);
        self.discard();
        copied
    }

    pub(crate) const fn discard(&mut self) {
        self.waiting = None;
    }

    /// Gives the memory back too.
    pub(crate) fn clear(&mut self) {
        self.discard();
        #[cfg(feature = "alloc")]
        {
            self.store = alloc::vec::Vec::new();
        }
    }

    /// Makes sure that the room is there.
    pub(crate) fn reserve(&mut self) -> Result<(), Error> {
        #[cfg(feature = "alloc")]
        if self.store.len() < SIZE {
            self.store
                .try_reserve_exact(SIZE)
                .map_err(|_| Error::new(ErrorKind::NoMemory))?;
            self.store.resize(SIZE, 0);
        }
        Ok(())
    }

    /// Lets `receive` fill the room, in place of what was there.
    pub(crate) fn fill(
        &mut self,
        receive: impl FnOnce(&mut [u8]) -> Result<(usize, SocketAddr), Error>,
    ) -> Result<(), Error> {
        self.discard();
        self.reserve()?;
        let (length, from) = receive(self.store.as_mut_slice())?;
        self.waiting = Some((length.min(SIZE), from));
        Ok(())
    }
}
