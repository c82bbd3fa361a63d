//! A byte ring that lends out its free space, so a UART can write into it.

/// A fixed ring of `N` bytes. All operations are total: asking for more than
/// there is gives less, never a panic.
pub(crate) struct Ring<const N: usize> {
    buf: [u8; N],
    head: usize,
    len: usize,
}

impl<const N: usize> Ring<N> {
    pub(crate) const fn new() -> Self {
        Self {
            buf: [0; N],
            head: 0,
            len: 0,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn free(&self) -> usize {
        N - self.len
    }

    pub(crate) fn clear(&mut self) {
        self.head = 0;
        self.len = 0;
    }

    /// The next contiguous run of free bytes; empty only when the ring is full.
    pub(crate) fn space(&mut self) -> &mut [u8] {
        let tail = self.head + self.len;
        let range = if tail < N {
            tail..N
        } else {
            tail - N..self.head
        };
        self.buf.get_mut(range).unwrap_or_default()
    }

    /// Declares the first `n` bytes of [`space`](Self::space) to be data.
    pub(crate) fn commit(&mut self, n: usize) {
        self.len += n.min(N - self.len);
    }

    /// Copies in as much of `bytes` as fits and says how much that was.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> usize {
        let mut taken = 0;
        while let Some(rest) = bytes.get(taken..).filter(|rest| !rest.is_empty()) {
            let space = self.space();
            let n = space.len().min(rest.len());
            if n == 0 {
                break;
            }
            if let (Some(to), Some(from)) = (space.get_mut(..n), rest.get(..n)) {
                to.copy_from_slice(from);
            }
            self.commit(n);
            taken += n;
        }
        taken
    }

    /// Copies the first bytes without taking them; says how many there were.
    pub(crate) fn peek(&self, out: &mut [u8]) -> usize {
        let bytes = (0..self.len).map(|i| self.buf.get((self.head + i) % N).copied());
        let mut n = 0;
        for (to, from) in out.iter_mut().zip(bytes) {
            *to = from.unwrap_or(0);
            n += 1;
        }
        n
    }

    /// Drops the first `n` bytes.
    pub(crate) fn skip(&mut self, n: usize) {
        let n = n.min(self.len);
        self.len -= n;
        self.head = if self.len == 0 {
            0
        } else {
            (self.head + n) % N
        };
    }

    /// Drops the last `n` bytes.
    pub(crate) fn take_back(&mut self, n: usize) {
        self.len -= n.min(self.len);
    }

    /// Moves up to `out.len()` bytes out and says how many that were.
    pub(crate) fn pop(&mut self, out: &mut [u8]) -> usize {
        let wanted = out.len().min(self.len);
        let first = wanted.min(N - self.head);
        if let (Some(to), Some(from)) = (
            out.get_mut(..first),
            self.buf.get(self.head..self.head + first),
        ) {
            to.copy_from_slice(from);
        }
        if first < wanted
            && let (Some(to), Some(from)) =
                (out.get_mut(first..wanted), self.buf.get(..wanted - first))
        {
            to.copy_from_slice(from);
        }
        self.len -= wanted;
        // An empty ring starts over, so the next frame finds one long run.
        self.head = if self.len == 0 || self.head + wanted == N {
            0
        } else if self.head + wanted > N {
            self.head + wanted - N
        } else {
            self.head + wanted
        };
        wanted
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::VecDeque;
    use std::vec;
    use std::vec::Vec;

    proptest! {
        #[test]
        fn behaves_like_a_bounded_queue(ops in prop::collection::vec((any::<bool>(), 0usize..20), 0..200)) {
            let mut ring = Ring::<13>::new();
            let mut model = VecDeque::new();
            let mut next = 0u8;
            for (push, n) in ops {
                if push {
                    let bytes: Vec<u8> = (0..n).map(|_| { next = next.wrapping_add(1); next }).collect();
                    let taken = ring.push(&bytes);
                    prop_assert_eq!(taken, n.min(13 - model.len()));
                    model.extend(&bytes[..taken]);
                } else {
                    let mut out = vec![0; n];
                    let got = ring.pop(&mut out);
                    let expected: Vec<u8> = (0..n.min(model.len())).map(|_| model.pop_front().unwrap()).collect();
                    prop_assert_eq!(&out[..got], &expected[..]);
                }
                prop_assert_eq!(ring.is_empty(), model.is_empty());
                prop_assert_eq!(ring.free(), 13 - model.len());
            }
        }
    }

    #[test]
    fn a_ring_of_no_bytes_is_full_and_empty() {
        let mut ring = Ring::<0>::new();
        assert_eq!(ring.push(b"x"), 0);
        assert_eq!(ring.pop(&mut [0; 4]), 0);
        assert!(ring.is_empty() && ring.space().is_empty());
    }
}
