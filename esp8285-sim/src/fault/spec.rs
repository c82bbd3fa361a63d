//! The written form of faults: `drop=0.001,delay=1%:20ms,reset=1/60s`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::kind::{GROUPS, Sort, TABLE, named};
use super::{Fault, FaultError, Faults, Rate};

/// Names and lengths of the units, longest first.
const UNITS: &[(&str, u64)] = &[
    ("h", 3_600_000_000),
    ("min", 60_000_000),
    ("s", 1_000_000),
    ("ms", 1_000),
    ("us", 1),
];

/// Every name a specification can have, with groups first.
pub(super) fn known() -> String {
    let groups = GROUPS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = groups.chain(TABLE.iter().map(|row| row.name)).collect();
    names.join(", ")
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for (fault, setting) in &self.settings {
            write!(f, "{between}{fault}=")?;
            match setting.rate {
                Rate::Chance(chance) => write!(f, "{chance}")?,
                Rate::Every(time) => write!(f, "1/{}", Written(time))?,
            }
            if !setting.lasts.is_zero() {
                write!(f, ":{}", Written(setting.lasts))?;
            }
            between = ",";
        }
        match self.seed {
            Some(seed) => write!(f, "{between}seed={seed}"),
            None => Ok(()),
        }
    }
}

/// A time with the longest unit that needs no fraction.
struct Written(Duration);

impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let us = u64::try_from(self.0.as_micros()).unwrap_or(u64::MAX);
        let unit = UNITS
            .iter()
            .find(|(_, length)| us.is_multiple_of(*length) && us > 0);
        let (name, length) = unit.copied().unwrap_or(("us", 1));
        write!(f, "{}{name}", us / length)
    }
}

impl FromStr for Faults {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        let mut faults = Faults::new();
        for part in text.split(',').map(str::trim) {
            if part.is_empty() && text.trim().is_empty() {
                continue;
            }
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| FaultError::Form(part.to_owned()))?;
            let (name, value) = (name.trim(), value.trim());
            if name == "seed" {
                let seed = value.parse();
                faults = faults.with_seed(seed.map_err(|_| FaultError::Seed(value.to_owned()))?);
                continue;
            }
            let (rate, lasts) = match value.split_once(':') {
                Some((rate, lasts)) => (rate, Some(lasts)),
                None => (value, None),
            };
            for fault in named(name)? {
                faults = faults.with(fault, read_rate(fault, rate)?)?;
                if let Some(lasts) = lasts {
                    let time = read_time(lasts).ok_or(FaultError::NoDuration(fault))?;
                    faults = faults.lasting(fault, time)?;
                }
            }
        }
        Ok(faults)
    }
}

fn read_rate(fault: Fault, text: &str) -> Result<Rate, FaultError> {
    if fault.row().sort == Sort::Time {
        let rate = text.split_once('/').and_then(|(number, time)| {
            let number: f64 = number.parse().ok()?;
            let us = read_time(time)?.as_micros() as f64 / number;
            // Also keeps out what is no number.
            (us >= 1.0 && us <= u64::MAX as f64).then(|| Duration::from_micros(us as u64))
        });
        return rate.map(Rate::Every).ok_or(FaultError::NoTime(fault));
    }
    let chance = if let Some(percent) = text.strip_suffix('%') {
        percent.parse::<f64>().ok().map(|percent| percent / 100.0)
    } else if let Some((hits, of)) = text.split_once('/') {
        let (hits, of) = (hits.parse::<f64>().ok(), of.parse::<f64>().ok());
        hits.zip(of).map(|(hits, of)| hits / of)
    } else {
        text.parse().ok()
    };
    chance.map(Rate::Chance).ok_or(FaultError::NoChance(fault))
}

/// A number with a unit.
fn read_time(text: &str) -> Option<Duration> {
    let digits = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let &(_, length) = UNITS.iter().find(|(name, _)| *name == unit)?;
    if let Ok(number) = number.parse::<u64>() {
        return number.checked_mul(length).map(Duration::from_micros);
    }
    let us = number.parse::<f64>().ok()? * length as f64;
    (us <= u64::MAX as f64).then(|| Duration::from_micros(us as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_specification_reads_as_it_looks() {
        let faults: Faults = "drop=0.001, corrupt-to-modem=5%,delay=1/100:20ms,reset=2/1min"
            .parse()
            .unwrap();
        assert_eq!(faults.rate(Fault::DropToModem), Some(Rate::Chance(0.001)));
        assert_eq!(faults.rate(Fault::DropFromModem), Some(Rate::Chance(0.001)));
        assert_eq!(faults.rate(Fault::CorruptToModem), Some(Rate::Chance(0.05)));
        assert_eq!(faults.rate(Fault::CorruptFromModem), None);
        assert_eq!(faults.lasts_us(Fault::DelayFromModem), 20_000);
        let half_minute = Rate::Every(Duration::from_secs(30));
        assert_eq!(faults.rate(Fault::Reset), Some(half_minute));
        assert_eq!(
            faults.with_seed(9).to_string(),
            "drop-to-modem=0.001,drop-from-modem=0.001,corrupt-to-modem=0.05,\
             delay-to-modem=0.01:20ms,delay-from-modem=0.01:20ms,reset=1/30s,seed=9"
        );
        assert_eq!("".parse(), Ok(Faults::new()));
        assert_eq!(
            "late-send=1:1.5s".parse::<Faults>().unwrap().to_string(),
            "late-send=1:1500ms"
        );
    }

    #[test]
    fn errors_name_what_is_wrong() {
        let error = |text: &str| text.parse::<Faults>().unwrap_err().to_string();
        let unknown = error("dropp=1");
        assert!(
            unknown.starts_with(
                "unknown fault \"dropp\"; known are drop, corrupt, delay, urc, drop-to-modem, "
            ),
            "{unknown}"
        );
        for &fault in Fault::ALL {
            assert!(unknown.contains(&fault.to_string()), "{fault}");
        }
        for (text, what) in [
            ("busy", "NAME=RATE"),
            ("busy=0.1,", "NAME=RATE"),
            ("busy=2", "busy needs a chance from 0 to 1"),
            ("busy=1/60s", "busy needs a chance from 0 to 1"),
            ("busy=NaN", "busy needs a chance from 0 to 1"),
            ("busy=0.1:3ms", "busy has no duration"),
            ("reset=0.1", "reset needs a number per time"),
            ("reset=1/0s", "reset needs a number per time"),
            ("reset=NaN/1s", "reset needs a number per time"),
            ("reset=1/60", "reset needs a number per time"),
            (
                "delay=0.1:2h",
                "delay-to-modem takes a duration from 1us to 1h",
            ),
            (
                "delay=0.1:soon",
                "delay-to-modem takes a duration from 1us to 1h",
            ),
            ("seed=x", "\"x\" is no seed"),
        ] {
            assert!(error(text).contains(what), "{text}: {}", error(text));
        }
    }

    fn any_faults() -> impl Strategy<Value = Faults> {
        let one = (0..Fault::ALL.len(), 0.0..=1.0, 1u64..=3_600_000_000);
        let several = prop::collection::vec(one, 0..12);
        (several, any::<Option<u64>>()).prop_map(|(several, seed)| {
            let mut faults = seed.map_or_else(Faults::new, Faults::seeded);
            for (which, chance, us) in several {
                let fault = Fault::ALL[which];
                let time = Duration::from_micros(us);
                faults = match fault.row().sort {
                    Sort::Time => faults.with(fault, time).unwrap(),
                    _ => faults.with(fault, chance).unwrap(),
                };
                if fault.row().lasts_us > 0 {
                    faults = faults.lasting(fault, time).unwrap();
                }
            }
            faults
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_the_same(faults in any_faults()) {
            prop_assert_eq!(faults.to_string().parse(), Ok(faults));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[a-z=,.:/%0-9 -]{0,40}") {
            if let Ok(faults) = text.parse::<Faults>() {
                prop_assert_eq!(faults.to_string().parse(), Ok(faults));
            }
        }
    }
}
