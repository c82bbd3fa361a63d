//! The multicast groups of one socket.

use embedded_nal::nb;

use crate::capability::Membership;
use crate::error::Fault;
use crate::{Error, ErrorKind};

/// How many groups a socket can be in.
pub const MEMBERSHIPS: usize = 4;

#[derive(Debug, Clone, Copy)]
struct Entry {
    membership: Membership,
    /// The stack knows it.
    told: bool,
}

#[derive(Debug)]
pub(crate) struct Memberships([Option<Entry>; MEMBERSHIPS]);

impl Memberships {
    pub(crate) const fn new() -> Self {
        Self([None; MEMBERSHIPS])
    }

    /// Whether the stack has not been told all of them.
    pub(crate) fn are_waiting(&self) -> bool {
        self.0.iter().flatten().any(|entry| !entry.told)
    }

    fn entries(&mut self) -> impl Iterator<Item = &mut Entry> {
        self.0.iter_mut().flatten()
    }

    /// Whether the stack knows the membership; `None` if there is none.
    pub(crate) fn told(&self, membership: Membership) -> Option<bool> {
        let mut entries = self.0.iter().flatten();
        let entry = entries.find(|entry| entry.membership == membership)?;
        Some(entry.told)
    }

    /// Whether another one can be added.
    pub(crate) fn check(&self, membership: Membership) -> Result<(), Error> {
        if self.told(membership).is_some() {
            return Err(Error::with(ErrorKind::AddressInUse, Fault::JoinedAlready));
        }
        if self.0.iter().all(Option::is_some) {
            return Err(Error::with(ErrorKind::NoMemory, Fault::TooManyGroups));
        }
        Ok(())
    }

    pub(crate) fn add(&mut self, membership: Membership, told: bool) {
        if let Some(free) = self.0.iter_mut().find(|entry| entry.is_none()) {
            *free = Some(Entry { membership, told });
        }
    }

    pub(crate) fn remove(&mut self, membership: Membership) {
        for entry in &mut self.0 {
            if entry.is_some_and(|entry| entry.membership == membership) {
                *entry = None;
            }
        }
    }

    /// Tells the stack what it has not been told yet, each membership once.
    pub(crate) fn tell(
        &mut self,
        mut join: impl FnMut(Membership) -> nb::Result<(), ErrorKind>,
    ) -> nb::Result<(), ErrorKind> {
        for entry in self.entries().filter(|entry| !entry.told) {
            join(entry.membership)?;
            entry.told = true;
        }
        Ok(())
    }

    /// Leaves every group that the stack knows; they are to be told again, to a new socket.
    pub(crate) fn start_over(&mut self, mut leave: impl FnMut(Membership)) {
        for entry in self.entries().filter(|entry| entry.told) {
            leave(entry.membership);
            entry.told = false;
        }
    }
}
