//! A set of objects with what one waits for on each, in the order they were put in.

use core::time::Duration;

use nal_socket::{Error, Events, Look, NetworkRef, Pollable, Watch};

use super::{EventMask, Handle, Stream};

/// No `heapless::Vec`: that one has a destructor, and with it sockets that are made after the poll
/// object could not be registered by reference.
pub(super) struct Watched<H, const MAX: usize> {
    /// What is occupied comes first.
    slots: [Option<Slot<H>>; MAX],
}

struct Slot<H> {
    source: Source<H>,
    watch: Watch,
}

struct Source<H>(H);

impl<H: Handle> Pollable for Source<H> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        Stream::look(&*self.0, wanted)
    }
}

impl<H: Handle> Slot<H> {
    fn is(&self, object: &H::Target) -> bool {
        core::ptr::addr_eq(&raw const *self.source.0, object)
    }
}

impl<H: Handle, const MAX: usize> Watched<H, MAX> {
    pub(super) const fn new() -> Self {
        Self {
            slots: [const { None }; MAX],
        }
    }

    /// What one waits for on `object`.
    pub(super) fn interest(&mut self, object: &H::Target) -> Option<&mut Watch> {
        let mut slots = self.slots.iter_mut().map_while(Option::as_mut);
        slots
            .find(|slot| slot.is(object))
            .map(|slot| &mut slot.watch)
    }

    /// Puts one at the end that is not in it. Whether there was room.
    pub(super) fn push(&mut self, handle: H, mask: EventMask) -> bool {
        let free = self.slots.iter_mut().find(|slot| slot.is_none());
        let room = free.is_some();
        if let Some(free) = free {
            *free = Some(Slot {
                source: Source(handle),
                watch: Watch::new(mask.interest()),
            });
        }
        room
    }

    /// Takes one out, and says where it was.
    pub(super) fn remove(&mut self, object: &H::Target) -> Option<(usize, H)> {
        let is_it = |slot: &Option<Slot<H>>| slot.as_ref().is_some_and(|slot| slot.is(object));
        let index = self.slots.iter().position(is_it)?;
        let tail = self.slots.get_mut(index..)?;
        let gone = tail.first_mut()?.take()?;
        tail.rotate_left(1);
        Some((index, gone.source.0))
    }

    /// Waits until one is ready; see [`Network::poll`](nal_socket::Network::poll).
    pub(super) fn wait<N: NetworkRef>(
        &mut self,
        net: &N,
        timeout: Option<Duration>,
    ) -> Result<(), Error> {
        let mut entries = heapless::Vec::<(&mut dyn Pollable, &mut Watch), MAX>::new();
        for slot in self.slots.iter_mut().flatten() {
            // There are no more than slots.
            let _ = entries.push((&mut slot.source, &mut slot.watch));
        }
        net.network().poll(&mut entries, timeout).map(drop)
    }

    /// The next one at or behind `index` that was found ready: where it is, what it is, for what, and
    /// what one waits for on it.
    pub(super) fn ready_from(
        &mut self,
        index: usize,
    ) -> Option<(usize, &H, EventMask, &mut Watch)> {
        let behind = self.slots.get_mut(index..)?.iter_mut();
        let mut behind = behind.map_while(Option::as_mut).enumerate();
        let (steps, slot) = behind.find(|(_, slot)| !slot.watch.ready().is_empty())?;
        let ready = slot.watch.ready().into();
        Some((index + steps, &slot.source.0, ready, &mut slot.watch))
    }
}
