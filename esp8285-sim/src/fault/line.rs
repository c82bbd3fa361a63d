//! What a bad line does to bytes, whatever they mean.

use super::{Clock, Dice, Fault, Faults};
use crate::line::{Line, NANOS};

/// Most bytes of one burst of noise.
const LONGEST_NOISE: u32 = 8;

/// What is wrong with both directions of a line.
#[derive(Debug, Default)]
pub(crate) struct LineFaults {
    pub(crate) to_modem: Strike,
    pub(crate) from_modem: Strike,
    noise: Option<Clock>,
}

impl LineFaults {
    pub(crate) fn new(faults: &Faults, now_us: u64) -> Self {
        let strike = |drop, corrupt, delay| Strike {
            drop: faults.dice(drop),
            corrupt: faults.dice(corrupt),
            delay: faults.dice(delay),
            delay_ns: faults.lasts_us(delay).saturating_mul(NANOS),
        };
        Self {
            to_modem: strike(
                Fault::DropToModem,
                Fault::CorruptToModem,
                Fault::DelayToModem,
            ),
            from_modem: strike(
                Fault::DropFromModem,
                Fault::CorruptFromModem,
                Fault::DelayFromModem,
            ),
            noise: faults.clock(Fault::Noise, now_us),
        }
    }

    /// When noise comes next, in microseconds.
    pub(crate) fn next_noise(&self) -> Option<u64> {
        self.noise.as_ref().map(Clock::next_us)
    }

    /// The noise that comes now, if any.
    pub(crate) fn noise(&mut self, now_us: u64) -> Option<Vec<u8>> {
        let clock = self.noise.as_mut()?;
        clock.strikes(now_us).then(|| clock.noise(LONGEST_NOISE))
    }
}

/// What is wrong with one direction.
#[derive(Debug, Default)]
pub(crate) struct Strike {
    drop: Option<Dice>,
    corrupt: Option<Dice>,
    delay: Option<Dice>,
    delay_ns: u64,
}

impl Strike {
    /// Puts bytes on a line, as far as they get there, and as what.
    pub(crate) fn push(&mut self, line: &mut Line, start_ns: u64, baud: u32, bytes: &[u8]) {
        if self.drop.is_none() && self.corrupt.is_none() && self.delay.is_none() {
            line.push(start_ns, baud, bytes);
            return;
        }
        for &byte in bytes {
            if self.delay.as_mut().is_some_and(Dice::strikes) {
                line.pause(start_ns, self.delay_ns);
            }
            let mut byte = byte;
            if let Some(corrupt) = &mut self.corrupt
                && corrupt.strikes()
            {
                byte ^= 1 << corrupt.below(8);
            }
            if self.drop.as_mut().is_some_and(Dice::strikes) {
                line.pause(start_ns, crate::line::duration_ns(1, baud));
            } else {
                line.push(start_ns, baud, &[byte]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BIT: u64 = 1_000;

    fn sent(spec: &str, bytes: &[u8]) -> Vec<(u64, u8)> {
        let faults: Faults = spec.parse().unwrap();
        let mut line = Line::default();
        let mut strike = LineFaults::new(&faults, 0).from_modem;
        strike.push(&mut line, 0, 1_000_000, bytes);
        let got = std::iter::from_fn(|| line.pop(u64::MAX));
        got.map(|(at, _, byte)| (at, byte)).collect()
    }

    #[test]
    fn a_lost_byte_leaves_its_gap() {
        assert!(sent("drop-from-modem=1", b"abc").is_empty());
        let bytes: Vec<u8> = (0..100).collect();
        let got = sent("drop-from-modem=0.5,seed=3", &bytes);
        assert!((30..70).contains(&got.len()), "{}", got.len());
        for (at, byte) in got {
            assert_eq!(at, (u64::from(byte) + 1) * 10 * BIT);
        }
    }

    #[test]
    fn a_corrupted_byte_differs_in_one_bit() {
        let got = sent("corrupt-from-modem=1", &[0; 100]);
        assert_eq!(got.len(), 100);
        assert!(got.iter().all(|(_, byte)| byte.count_ones() == 1));
    }

    #[test]
    fn a_delayed_byte_delays_those_behind_it() {
        let got = sent("delay-from-modem=1:3ms", b"ab");
        assert_eq!(got, [(3_010 * BIT, b'a'), (6_020 * BIT, b'b')]);
    }

    #[test]
    fn the_other_direction_is_left_alone() {
        let got = sent("drop-to-modem=1,corrupt-to-modem=1,delay-to-modem=1", b"ab");
        assert_eq!(got, [(10 * BIT, b'a'), (20 * BIT, b'b')]);
    }
}
