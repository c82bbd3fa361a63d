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
    /// Flow control has stopped the sender; these bytes wait there, with their baud rates.
    held: Option<Vec<(u32, Vec<u8>)>>,
}

impl Line {
    /// Puts bytes on the wire behind whatever is on it, not before `start_ns`.
    pub(crate) fn push(&mut self, start_ns: u64, baud: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let baud = baud.max(1);
        if let Some(held) = &mut self.held {
            held.push((baud, bytes.to_vec()));
            return;
        }
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

    /// Stops the sender: the byte it has begun still arrives, the others wait.
    pub(crate) fn hold(&mut self, now_ns: u64) {
        if self.held.is_some() {
            return;
        }
        let mut held = Vec::new();
        for burst in &mut self.bursts {
            // A start bit that coincides has begun; arrivals are rounded to nanoseconds.
            let begun = (0..burst.bytes.len())
                .take_while(|&i| burst.arrival(i) - duration_ns(1, burst.baud) <= now_ns + 1)
                .count();
            let rest: Vec<u8> = burst.bytes.drain(begun..).collect();
            if !rest.is_empty() {
                held.push((burst.baud, rest));
            }
        }
        self.bursts.retain(|burst| !burst.bytes.is_empty());
        let end = self.bursts.back().map_or(now_ns, Burst::end);
        self.free_ns = self.free_ns.min(end.max(now_ns));
        self.held = Some(held);
    }

    /// Lets a stopped sender go on.
    pub(crate) fn release(&mut self, now_ns: u64) {
        for (baud, bytes) in self.held.take().unwrap_or_default() {
            self.push(now_ns, baud, &bytes);
        }
    }

    /// Whether flow control has stopped the sender.
    pub(crate) fn is_held(&self) -> bool {
        self.held.is_some()
    }

    /// Bytes a stopped sender has left.
    pub(crate) fn waiting(&self) -> usize {
        let held = self.held.iter().flatten();
        held.map(|(_, bytes)| bytes.len()).sum()
    }

    /// When so many bytes (one at least) will have arrived and not been taken.
    pub(crate) fn arrival_of(&self, count: usize) -> Option<u64> {
        let mut before = 0;
        for burst in &self.bursts {
            if count <= before + burst.bytes.len() {
                return Some(burst.arrival((count - before).saturating_sub(1)));
            }
            before += burst.bytes.len();
        }
        None
    }

    /// How many bytes have arrived by `now_ns` and have not been taken.
    pub(crate) fn arrived(&self, now_ns: u64) -> usize {
        let arrived = |burst: &Burst| {
            (0..burst.bytes.len())
                .take_while(|&i| burst.arrival(i) <= now_ns)
                .count()
        };
        self.bursts.iter().map(arrived).sum()
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
        if let Some(held) = &mut self.held {
            held.clear();
        }
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
    fn a_stopped_sender_ends_its_byte_and_goes_on_later() {
        let mut line = Line::default();
        line.push(0, 1_000_000, b"abc");
        line.hold(15_000);
        assert_eq!(
            (line.arrival_of(2), line.arrival_of(3)),
            (Some(20_000), None)
        );
        line.push(16_000, 1_000_000, b"d");
        assert_eq!((line.waiting(), line.arrived(20_000)), (2, 2));
        line.release(50_000);
        let all: Vec<_> = std::iter::from_fn(|| line.pop(u64::MAX)).collect();
        let arrivals: Vec<_> = all.iter().map(|&(at, _, byte)| (at, byte)).collect();
        assert_eq!(
            arrivals,
            [
                (10_000, b'a'),
                (20_000, b'b'),
                (60_000, b'c'),
                (70_000, b'd')
            ]
        );
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
