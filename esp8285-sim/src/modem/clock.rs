//! The clock: time servers, and the time set by hand.
//!
//! What a time server would say is given to the modem once, for its time zero; from there virtual time counts.

use super::Modem;
use super::call::{Call, Form};
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};
use super::settings::Sntp;
use super::timers::Timer;

/// From the question to a time server to its answer.
const ANSWER_US: u64 = 500_000;

const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

impl Modem {
    /// What time servers say at the modem's time zero, in seconds since 1970. Without it none is ever reached.
    #[must_use]
    pub fn wall_clock(mut self, unix_seconds: u32) -> Self {
        self.wall_clock = Some(i64::from(unix_seconds));
        self
    }

    fn uptime_s(&self) -> i64 {
        i64::try_from(self.now / 1_000_000).unwrap_or(i64::MAX)
    }

    /// Asks a time server, if that is wanted and possible.
    pub(super) fn ask_time(&mut self) {
        if self.session.sntp.enabled && self.station.joined().is_some() && self.wall_clock.is_some()
        {
            self.timers.set(self.now + ANSWER_US, Timer::TimeAnswer);
        }
    }

    pub(super) fn time_answered(&mut self) {
        if self.station.joined().is_some() {
            self.session.clock = self.wall_clock;
        }
    }

    pub(super) fn cmd_sntp_config(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let Sntp {
                    enabled,
                    timezone,
                    servers,
                } = self.session.sntp.clone();
                let mut line = format!("{}:{}", call.name, u8::from(enabled));
                if enabled {
                    line.push_str(&format!(",{timezone}"));
                    for server in servers {
                        line.push_str(&format!(",\"{server}\""));
                    }
                }
                self.line(line);
            }
            Form::Set(args) => {
                args.count(1..=5)?;
                let enabled = args.number::<u8>(0, 0..=1)? == 1;
                let timezone = args.optional_number(1, -12..=14)?.unwrap_or(0);
                let servers = (2..args.len())
                    .map(|i| args.name(i, 64))
                    .collect::<Result<_, _>>()?;
                self.session.sntp = Sntp {
                    enabled,
                    timezone,
                    servers,
                };
                self.ask_time();
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_sntp_time(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        let zone = i64::from(self.session.sntp.timezone) * 3_600;
        let local = self
            .session
            .clock
            .map(|at_zero| at_zero + self.uptime_s() + zone);
        let time = date(local.unwrap_or(0), self.nonos());
        if self.nonos() {
            self.line(format!("{}:{time}", call.name));
        } else {
            self.print(format!("{}:{time}", call.name));
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_time_stamp(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let now = self.session.clock.unwrap_or(0) + self.uptime_s();
                self.print(format!("{}:{now}", call.name));
            }
            Form::Set(args) => {
                args.count(1..=1)?;
                let now: i64 = args.number(0, 0..=i64::from(u32::MAX))?;
                self.session.clock = Some(now - self.uptime_s());
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }
}

/// As C's `asctime` writes it, or with a leading zero in the day.
fn date(unix: i64, zero: bool) -> String {
    let (days, second) = (unix.div_euclid(86_400), unix.rem_euclid(86_400));
    let weekday = index(&WEEKDAYS, days.rem_euclid(7));
    // Years from March to February, in eras of 400: the leap day comes last.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = (march_month + 2) % 12;
    let year = year_of_era + era * 400 + i64::from(month < 2);
    let month = index(&MONTHS, month);
    let day = if zero {
        format!("{day:02}")
    } else {
        format!("{day:2}")
    };
    let (h, m, s) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{weekday} {month} {day} {h:02}:{m:02}:{s:02} {year}")
}

fn index<const N: usize>(names: &[&'static str; N], at: i64) -> &'static str {
    usize::try_from(at)
        .ok()
        .and_then(|at| names.get(at))
        .copied()
        .unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates() {
        assert_eq!(date(0, true), "Thu Jan 01 00:00:00 1970");
        assert_eq!(date(0, false), "Thu Jan  1 00:00:00 1970");
        assert_eq!(date(951_827_696, true), "Tue Feb 29 12:34:56 2000");
        assert_eq!(date(1_735_689_599, true), "Tue Dec 31 23:59:59 2024");
        assert_eq!(date(1_740_787_200, false), "Sat Mar  1 00:00:00 2025");
        assert_eq!(date(-1, true), "Wed Dec 31 23:59:59 1969");
    }
}
