//! Chances and times drawn from a seeded sequence, with whole numbers only, so that every computer draws the same.

use std::time::Duration;

use rand_pcg::Pcg32;
use rand_pcg::rand_core::Rng;

/// A generator for one fault; nearby seeds and streams share nothing.
fn sequence(seed: u64, stream: u64) -> Pcg32 {
    let spread = stream.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    Pcg32::new(seed ^ spread, stream)
}

/// Something that happens or not, with a fixed chance.
#[derive(Debug, Clone)]
pub(crate) struct Dice {
    rng: Pcg32,
    /// Of 2^32 draws so many are hits.
    hits: u64,
}

impl Dice {
    pub(super) fn new((seed, stream): (u64, u64), chance: f64) -> Self {
        Self {
            rng: sequence(seed, stream),
            hits: (chance * 4_294_967_296.0) as u64,
        }
    }

    /// Whether it happens this time.
    pub(crate) fn strikes(&mut self) -> bool {
        u64::from(self.rng.next_u32()) < self.hits
    }

    /// A number below `limit`; 0 when there is none.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        let draw = u64::from(self.rng.next_u32());
        // Not quite even for huge limits, which nobody has here.
        usize::try_from((draw * limit as u64) >> 32).unwrap_or(0)
    }

    /// From one to `most` random bytes.
    pub(crate) fn noise(&mut self, most: usize) -> Vec<u8> {
        let length = 1 + self.below(most);
        (0..length).map(|_| self.rng.next_u32() as u8).collect()
    }
}

/// Something that happens by itself, again and again.
#[derive(Debug, Clone)]
pub(crate) struct Clock {
    rng: Pcg32,
    mean_us: u64,
    next_us: u64,
}

impl Clock {
    pub(super) fn new((seed, stream): (u64, u64), mean: Duration, now_us: u64) -> Self {
        let mut clock = Self {
            rng: sequence(seed, stream),
            mean_us: u64::try_from(mean.as_micros()).unwrap_or(u64::MAX),
            next_us: 0,
        };
        clock.wind(now_us);
        clock
    }

    fn wind(&mut self, now_us: u64) {
        let draw = u128::from(self.rng.next_u32());
        let extra = u64::try_from((draw * u128::from(self.mean_us)) >> 32).unwrap_or(0);
        let pause = (self.mean_us / 2).saturating_add(extra).max(1);
        self.next_us = now_us.saturating_add(pause);
    }

    /// When it happens next, in microseconds.
    pub(crate) fn next_us(&self) -> u64 {
        self.next_us
    }

    /// Whether it happens now; if so, the next time is set.
    pub(crate) fn strikes(&mut self, now_us: u64) -> bool {
        let due = now_us >= self.next_us;
        if due {
            self.wind(now_us);
        }
        due
    }

    /// Random bytes to go with it.
    pub(crate) fn noise(&mut self, most: u32) -> Vec<u8> {
        let length = 1 + self.rng.next_u32() % most.max(1);
        (0..length).map(|_| self.rng.next_u32() as u8).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_kept_roughly() {
        for chance in [0.0, 0.01, 0.25, 1.0] {
            let mut dice = Dice::new((1, 2), chance);
            let hits = (0..100_000).filter(|_| dice.strikes()).count() as f64;
            assert!(
                (hits - chance * 100_000.0).abs() <= 500.0,
                "{chance}: {hits}"
            );
        }
        let mut clock = Clock::new((1, 2), Duration::from_secs(60), 0);
        let mut now = 0;
        for _ in 0..1_000 {
            let pause = clock.next_us() - now;
            assert!((30_000_000..=90_000_000).contains(&pause), "{pause}");
            now = clock.next_us();
            assert!(!clock.strikes(now - 1) && clock.strikes(now));
        }
        assert!((57_000..=63_000).contains(&(now / 1_000_000)), "{now}");
    }

    #[test]
    fn the_sequence_is_fixed_for_ever() {
        let mut dice = Dice::new((7, 1), 0.5);
        let drawn: Vec<bool> = (0..16).map(|_| dice.strikes()).collect();
        let mut again = Dice::new((7, 1), 0.5);
        assert_eq!(drawn, (0..16).map(|_| again.strikes()).collect::<Vec<_>>());
        let mut other = Dice::new((7, 2), 0.5);
        assert_ne!(drawn, (0..16).map(|_| other.strikes()).collect::<Vec<_>>());
        let numbers: Vec<usize> = (0..100).map(|_| dice.below(3)).collect();
        assert!((0..3).all(|n| numbers.contains(&n)) && numbers.iter().all(|&n| n < 3));
        assert_eq!(dice.below(0), 0);
    }
}
