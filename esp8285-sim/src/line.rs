//! Bytes on a serial wire: each takes ten bit times, and when it arrives is arithmetic, not events.

use std::collections::VecDeque;

/// Nanoseconds one microsecond has.
pub(crate) const NANOS: u64 = 1_000;

/// Bits a byte takes: start, eight data, stop.
const BITS: u64 = 10;

/// How long `bytes` bytes take at `baud`, in nanoseconds.
pub(crate) fn duration_ns(bytes: u64, baud: u32) -> u64 {
    let bits = u128::from(bytes) * u128::from(BITS);
    u64::try_from(bits * 1_000_000_000 / u128::from(baud.max(1))).unwrap_or(u64::MAX)
}

/// Bytes that follow each other without a gap at one baud rate.
#[derive(Debug)]
struct Burst {
    start_ns: u64,
    baud: u32,
    gone: u64,
    bytes: VecDeque<u8>,
}

impl Burst {
    fn arrival(&self, index: usize) -> u64 {
        let nth = self.gone + index as u64 + 1;
        // Same value as `duration_ns`, without the wide division: this runs once per byte.
        let nanos = nth.checked_mul(BITS * 1_000_000_000);
        self.start_ns
            + nanos.map_or_else(|| duration_ns(nth, self.baud), |n| n / u64::from(self.baud))
    }

    fn end(&self) -> u64 {
        self.start_ns + duration_ns(self.gone + self.bytes.len() as u64, self.baud)
    }
}

/// One direction of a serial connection.
#[derive(Debug, Default)]
pub(crate) struct Line {
    bursts: VecDeque<Burst>,
    free_ns: u64,
}

impl Line {
    /// Puts bytes on the wire behind whatever is on it, not before `start_ns`.
    pub(crate) fn push(&mut self, start_ns: u64, baud: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let baud = baud.max(1);
        match self.bursts.back_mut() {
            Some(last)
                if last.baud == baud && start_ns <= self.free_ns && last.end() == self.free_ns =>
            {
                last.bytes.extend(bytes);
            }
            _ => self.bursts.push_back(Burst {
                start_ns: start_ns.max(self.free_ns),
                baud,
                gone: 0,
                bytes: bytes.iter().copied().collect(),
            }),
        }
        self.free_ns = self.bursts.back().map_or(self.free_ns, Burst::end);
    }

    /// Leaves the wire idle for a time, behind whatever is on it, not before `start_ns`.
    pub(crate) fn pause(&mut self, start_ns: u64, length_ns: u64) {
        self.free_ns = self.free_ns.max(start_ns).saturating_add(length_ns);
    }

    /// When the byte `index` places behind the first arrives, if it belongs to the first burst.
    pub(crate) fn arrival(&self, index: usize) -> Option<u64> {
        let first = self.bursts.front()?;
        (index < first.bytes.len()).then(|| first.arrival(index))
    }

    /// When the last byte of the first burst arrives.
    pub(crate) fn burst_end(&self) -> Option<u64> {
        self.bursts.front().map(Burst::end)
    }

    /// Takes the next byte if it has arrived by `now_ns`: its arrival, its baud rate, itself.
    pub(crate) fn pop(&mut self, now_ns: u64) -> Option<(u64, u32, u8)> {
        let first = self.bursts.front_mut()?;
        let at = first.arrival(0);
        if at > now_ns {
            return None;
        }
        let byte = first.bytes.pop_front()?;
        first.gone += 1;
        let baud = first.baud;
        if first.bytes.is_empty() {
            self.bursts.pop_front();
        }
        Some((at, baud, byte))
    }

    /// When everything put on the wire so far will have arrived.
    pub(crate) fn free_ns(&self) -> u64 {
        self.free_ns
    }

    /// Takes back every byte that has not arrived by `now_ns`: the sender died.
    pub(crate) fn cut(&mut self, now_ns: u64) {
        for burst in &mut self.bursts {
            let arrived = (0..burst.bytes.len())
                .take_while(|&i| burst.arrival(i) <= now_ns)
                .count();
            burst.bytes.truncate(arrived);
        }
        self.bursts.retain(|burst| !burst.bytes.is_empty());
        self.free_ns = self.free_ns.min(now_ns);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_takes_ten_bits() {
        let mut line = Line::default();
        line.push(0, 115_200, b"ab");
        assert_eq!(line.arrival(0), Some(86_805));
        assert_eq!(line.arrival(1), Some(173_611));
        assert!(line.pop(86_804).is_none());
        assert_eq!(line.pop(86_805), Some((86_805, 115_200, b'a')));
        assert_eq!(line.arrival(0), Some(173_611));
    }

    #[test]
    fn a_gap_starts_a_new_burst() {
        let mut line = Line::default();
        line.push(0, 1_000_000, b"a");
        line.push(5_000, 1_000_000, b"b");
        line.push(90_000, 1_000_000, b"c");
        assert_eq!(line.burst_end(), Some(20_000));
        line.cut(10_000);
        assert!(line.pop(10_000).is_some() && line.pop(1_000_000).is_none());
    }
}
