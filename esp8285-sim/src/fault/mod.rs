//! Things that go wrong by chance, in a way that can be repeated.
//!
//! [`Faults`] says what goes wrong how often, and holds the seed. The same seed and the same input at the same
//! (virtual) times give the same bytes. Each fault draws from a sequence of its own: switching one on or off does
//! not move the others.
//!
//! ```
//! use esp8285_sim::{Air, Bench, BenchConfig, Dialect, Fault, Faults, MemoryNetwork, Modem};
//! use std::time::Duration;
//!
//! let faults: Faults = "drop=0.001,delay-from-modem=1%:20ms,busy=0.05,reset=1/60s,seed=7".parse().unwrap();
//! let same = Faults::seeded(7)
//!     .with(Fault::DropToModem, 0.001)?
//!     .with(Fault::DropFromModem, 0.001)?
//!     .with(Fault::DelayFromModem, 0.01)?
//!     .lasting(Fault::DelayFromModem, Duration::from_millis(20))?
//!     .with(Fault::Busy, 0.05)?
//!     .with(Fault::Reset, Duration::from_secs(60))?;
//! assert_eq!(faults, same);
//!
//! let modem = Modem::new(Dialect::NonOs1_7, Air::new(), MemoryNetwork::new()).with_faults(faults);
//! let bench = Bench::new(modem, BenchConfig::default()); // the line's faults work here, the modem's anywhere
//! # Ok::<(), esp8285_sim::FaultError>(())
//! ```
//!
//! Faults of the line (see [`Fault::is_of_the_line`]) damage bytes without regard to what they mean, and need a
//! line: a [`Bench`](crate::Bench) or [`live`](crate::live). Faults of the modem never make it do what no real
//! firmware does: no message inside the counted bytes of a frame, nothing its lineage does not know.

mod dice;
mod kind;
mod line;
mod spec;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

pub(crate) use dice::{Clock, Dice};
pub use kind::Fault;
use kind::Sort;
pub(crate) use line::LineFaults;

/// What goes wrong, how often, and the seed of the chances.
///
/// `Display` and `FromStr` use the form of the program's `--fault`: `name=rate` or `name=rate:duration`, separated
/// by commas. A chance is a number from 0 to 1, a percentage or a fraction (`0.05`, `5%`, `1/20`); faults that
/// happen by themselves have a number per time (`1/60s`). Times have a unit: `us`, `ms`, `s`, `min`, `h`. `drop`,
/// `corrupt`, `delay` and `urc` stand for all faults whose names begin so. `seed=N` sets the seed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    seed: Option<u64>,
    settings: BTreeMap<Fault, Setting>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Setting {
    rate: Rate,
    lasts: Duration,
}

/// How often a fault strikes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rate {
    /// Each byte or occasion, with this probability from 0 to 1.
    Chance(f64),
    /// Once in this time on average; the pauses are between half of it and one and a half of it.
    Every(Duration),
}

impl From<f64> for Rate {
    fn from(chance: f64) -> Self {
        Rate::Chance(chance)
    }
}

impl From<Duration> for Rate {
    fn from(time: Duration) -> Self {
        Rate::Every(time)
    }
}

/// Why faults cannot be set as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultError {
    /// There is no fault of that name.
    Unknown(String),
    /// The fault's rate is a chance, from 0 to 1.
    NoChance(Fault),
    /// The fault's rate is a number per time, of at least a microsecond.
    NoTime(Fault),
    /// The fault has no duration, or not that one: at least a microsecond, at most an hour.
    NoDuration(Fault),
    /// A part of a specification is not of the form `name=rate` or `name=rate:duration`.
    Form(String),
    /// A seed is a number from 0 to 2^64 - 1.
    Seed(String),
}

impl fmt::Display for FaultError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FaultError::Unknown(name) => {
                write!(f, "unknown fault {name:?}; known are {}", spec::known())
            }
            FaultError::NoChance(fault) => write!(
                f,
                "{fault} needs a chance from 0 to 1, such as {fault}=0.01, {fault}=1% or {fault}=1/100"
            ),
            FaultError::NoTime(fault) => {
                write!(f, "{fault} needs a number per time, such as {fault}=1/60s")
            }
            FaultError::NoDuration(fault) if fault.row().lasts_us == 0 => {
                write!(f, "{fault} has no duration")
            }
            FaultError::NoDuration(fault) => write!(
                f,
                "{fault} takes a duration from 1us to 1h, such as {fault}=...:20ms"
            ),
            FaultError::Form(part) => write!(
                f,
                "{part:?} is not of the form NAME=RATE or NAME=RATE:DURATION"
            ),
            FaultError::Seed(seed) => {
                write!(f, "{seed:?} is no seed: a number from 0 to {}", u64::MAX)
            }
        }
    }
}

impl std::error::Error for FaultError {}

/// Longest duration and pause.
const LONGEST: Duration = Duration::from_secs(3_600);
const SHORTEST: Duration = Duration::from_micros(1);

impl Faults {
    /// No faults.
    pub fn new() -> Self {
        Self::default()
    }

    /// No faults yet, and this seed for their chances.
    pub fn seeded(seed: u64) -> Self {
        Self::new().with_seed(seed)
    }

    /// Sets the seed; without one it is 0.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The seed, if one was set.
    pub fn seed(&self) -> Option<u64> {
        self.seed
    }

    /// Sets how often a fault strikes: an `f64` for a chance, a [`Duration`] for once in that time.
    ///
    /// # Errors
    ///
    /// The fault has the other kind of rate, or the rate is out of range.
    pub fn with(mut self, fault: Fault, rate: impl Into<Rate>) -> Result<Self, FaultError> {
        let rate = match (fault.row().sort, rate.into()) {
            (Sort::Time, Rate::Every(time)) if time >= SHORTEST => {
                Rate::Every(whole_microseconds(time))
            }
            (Sort::Time, _) => return Err(FaultError::NoTime(fault)),
            (_, Rate::Chance(chance)) if (0.0..=1.0).contains(&chance) => Rate::Chance(chance),
            _ => return Err(FaultError::NoChance(fault)),
        };
        let lasts = Duration::from_micros(fault.row().lasts_us);
        self.settings
            .entry(fault)
            .and_modify(|setting| setting.rate = rate)
            .or_insert(Setting { rate, lasts });
        Ok(self)
    }

    /// Sets how long a fault lasts that has been set to happen.
    ///
    /// # Errors
    ///
    /// The fault has no duration, the duration is out of range, or the fault has no rate yet.
    pub fn lasting(mut self, fault: Fault, time: Duration) -> Result<Self, FaultError> {
        let possible = fault.row().lasts_us > 0 && (SHORTEST..=LONGEST).contains(&time);
        match self.settings.get_mut(&fault).filter(|_| possible) {
            Some(setting) => setting.lasts = whole_microseconds(time),
            None => return Err(FaultError::NoDuration(fault)),
        }
        Ok(self)
    }

    /// How often a fault strikes, if it does.
    pub fn rate(&self, fault: Fault) -> Option<Rate> {
        self.settings.get(&fault).map(|setting| setting.rate)
    }

    /// Whether nothing ever goes wrong.
    pub fn is_empty(&self) -> bool {
        self.settings.is_empty()
    }

    /// How long a fault lasts, in microseconds.
    pub(crate) fn lasts_us(&self, fault: Fault) -> u64 {
        let set = self.settings.get(&fault).map(|setting| setting.lasts);
        set.map_or(fault.row().lasts_us, |time| {
            u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
        })
    }

    /// The chances of a fault, from its own sequence.
    pub(crate) fn dice(&self, fault: Fault) -> Option<Dice> {
        match self.rate(fault)? {
            Rate::Chance(chance) => Some(Dice::new(self.sequence(fault), chance)),
            Rate::Every(_) => None,
        }
    }

    /// The times of a fault that happens by itself, from now on.
    pub(crate) fn clock(&self, fault: Fault, now_us: u64) -> Option<Clock> {
        match self.rate(fault)? {
            Rate::Every(time) => Some(Clock::new(self.sequence(fault), time, now_us)),
            Rate::Chance(_) => None,
        }
    }

    /// Seed and number of the sequence.
    fn sequence(&self, fault: Fault) -> (u64, u64) {
        (self.seed.unwrap_or(0), fault as u64)
    }
}

fn whole_microseconds(time: Duration) -> Duration {
    Duration::from_micros(u64::try_from(time.as_micros()).unwrap_or(u64::MAX))
}
