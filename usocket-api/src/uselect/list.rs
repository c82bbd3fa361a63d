//! The lists that `poll` and `select` return.

use core::fmt;
use core::iter::{Flatten, Take, once};
use core::ops::Deref;

/// A list of at most `MAX`: a slice to look at, and to be iterated over. It holds on to nothing but its
/// items.
///
/// It has no destructor of its own, as a `heapless::Vec` has: with one, a socket that is made after the
/// list could not be registered by reference as long as the list is there.
#[derive(Clone)]
pub struct List<T, const MAX: usize> {
    /// Behind the items it is filled up with the first one.
    items: Option<[T; MAX]>,
    len: usize,
}

impl<T: Clone, const MAX: usize> List<T, MAX> {
    /// Of the items there are as many as there is room for.
    pub(super) fn of(mut from: impl Iterator<Item = T>) -> Self {
        let mut len = 0;
        let items = from.next().map(|first| {
            let mut from = once(first.clone()).chain(from).fuse();
            core::array::from_fn(|_| match from.next() {
                Some(item) => {
                    len += 1;
                    item
                }
                None => first.clone(),
            })
        });
        Self { items, len }
    }
}

impl<T, const MAX: usize> Deref for List<T, MAX> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        let items = self.items.as_ref();
        items.and_then(|items| items.get(..self.len)).unwrap_or(&[])
    }
}

impl<T: fmt::Debug, const MAX: usize> fmt::Debug for List<T, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&**self).finish()
    }
}

/// What is left of a [`List`] by value.
#[derive(Clone)]
pub struct IntoIter<T, const MAX: usize>(Take<Flatten<core::option::IntoIter<[T; MAX]>>>);

impl<T, const MAX: usize> Iterator for IntoIter<T, MAX> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl<T, const MAX: usize> fmt::Debug for IntoIter<T, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IntoIter").finish_non_exhaustive()
    }
}

impl<T, const MAX: usize> IntoIterator for List<T, MAX> {
    type Item = T;
    type IntoIter = IntoIter<T, MAX>;

    fn into_iter(self) -> IntoIter<T, MAX> {
        IntoIter(self.items.into_iter().flatten().take(self.len))
    }
}

impl<'l, T, const MAX: usize> IntoIterator for &'l List<T, MAX> {
    type Item = &'l T;
    type IntoIter = core::slice::Iter<'l, T>;

    fn into_iter(self) -> core::slice::Iter<'l, T> {
        self.iter()
    }
}
