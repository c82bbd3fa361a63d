//! The time, from the network.

use core::fmt;

use atat::AtatCmd;
use embedded_io::ErrorKind;

use crate::at::command::{self, TimeServers, lines};
use crate::at::escape::InvalidText;
use crate::at::parse::number;
use crate::dns::check as check_host;
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, deadline, fingerprint};
use crate::{Capability, Clock, Esp8285, Uart};

/// Most time servers the modem takes.
pub const MAX_TIME_SERVERS: usize = 3;

/// A moment, in the timezone given to
/// [`set_time_servers`](Esp8285::set_time_servers).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct NetworkTime {
    /// Year, 1971 to 9999.
    pub year: u16,
    /// Month, 1 to 12.
    pub month: u8,
    /// Day of the month, 1 to 31.
    pub day: u8,
    /// Hour, 0 to 23.
    pub hour: u8,
    /// Minute, 0 to 59.
    pub minute: u8,
    /// Second, 0 to 60.
    pub second: u8,
}

impl NetworkTime {
    /// Seconds since the start of 1970 in the same timezone: with timezone 0
    /// this is Unix time.
    #[must_use]
    pub fn seconds(&self) -> u64 {
        let (month, day) = (u64::from(self.month), u64::from(self.day));
        // Years that start in March, so that the leap day comes last.
        let year = u64::from(self.year).saturating_sub(u64::from(month < 3));
        let month = (month + 9) % 12;
        let day_of_year = (153 * month + 2) / 5 + day.saturating_sub(1);
        let days = 365 * year + year / 4 - year / 100 + year / 400 + day_of_year;
        // Day 0 of this count is 1 March of year 0.
        let days = days.saturating_sub(719_468);
        let minutes = (days * 24 + u64::from(self.hour)) * 60 + u64::from(self.minute);
        minutes * 60 + u64::from(self.second)
    }

    /// Day of the week, 0 for Monday to 6 for Sunday.
    #[must_use]
    pub fn weekday(&self) -> u8 {
        // 1 January 1970 was a Thursday. Below 7, so the conversion is exact.
        ((self.seconds() / 86_400 + 3) % 7) as u8
    }
}

/// Why there is no time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub enum TimeError {
    /// A server's name cannot be sent; nothing was sent.
    InvalidServer(InvalidText),
    /// More than three servers; nothing was sent.
    TooManyServers,
    /// The timezone is not -12 to 14; nothing was sent.
    InvalidTimezone,
    /// No server has answered yet: the modem still believes it is 1970.
    NotYet,
    /// The modem could not do it at all; `Rejected` if it was given no
    /// servers, `Unreadable` if it said something that is no time.
    Modem(ModemError),
}

impl fmt::Display for TimeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidServer(why) => write!(f, "the time server's name {why}"),
            Self::TooManyServers => f.write_str("at most 3 time servers"),
            Self::InvalidTimezone => f.write_str("the timezone must be -12 to 14"),
            Self::NotYet => f.write_str("no time server has answered yet"),
            Self::Modem(e) => e.fmt(f),
        }
    }
}

impl embedded_io::Error for TimeError {
    fn kind(&self) -> ErrorKind {
        match self {
            Self::InvalidServer(_) | Self::TooManyServers | Self::InvalidTimezone => {
                ErrorKind::InvalidInput
            }
            Self::NotYet => ErrorKind::NotFound,
            Self::Modem(e) => e.kind(),
        }
    }
}

impl core::error::Error for TimeError {}

impl From<ModemError> for TimeError {
    fn from(e: ModemError) -> Self {
        Self::Modem(e)
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Says which time servers the modem is to ask, and in which timezone it
    /// is to answer: hours east of Greenwich, without summer time. An empty
    /// list stands for the servers built into the firmware.
    ///
    /// The modem asks as soon as the station has an address. Give the servers
    /// again after a restart.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered: call again with the same
    /// arguments. Unsupported before NonOS 1.4, where also a line with three
    /// long names is too long.
    pub fn set_time_servers(
        &mut self,
        timezone: i8,
        servers: &[&str],
    ) -> nb::Result<(), TimeError> {
        flatten(self.turn(None, |state, now| {
            state.set_time_servers(timezone, servers, now)
        }))
    }

    /// Asks the modem for the time. It counts on by itself between answers of
    /// its servers.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; [`TimeError::NotYet`] as
    /// long as no server has. Unsupported before NonOS 1.4.
    pub fn network_time(&mut self) -> nb::Result<NetworkTime, TimeError> {
        flatten(self.turn(None, |state, now| state.network_time(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn set_time_servers(
        &mut self,
        timezone: i8,
        servers: &[&str],
        now: u64,
    ) -> Outcome<(), TimeError> {
        if !(-12..=14).contains(&timezone) {
            return Err(TimeError::InvalidTimezone);
        }
        let mut parts = [&[][..]; MAX_TIME_SERVERS + 1];
        let zone = [timezone.cast_unsigned()];
        for (part, text) in parts
            .iter_mut()
            .zip(core::iter::once(&zone[..]).chain(servers.iter().map(|server| server.as_bytes())))
        {
            *part = text;
        }
        if servers.len() > MAX_TIME_SERVERS {
            return Err(TimeError::TooManyServers);
        }
        for server in servers {
            check_host(server).map_err(TimeError::InvalidServer)?;
        }
        self.require(Capability::NetworkTime)?;
        let print = fingerprint(&parts);
        Ok(self.request(
            Purpose::TimeServers,
            print,
            deadline::QUERY,
            now,
            |buf, dialect| {
                TimeServers {
                    timezone,
                    servers,
                    escapes: dialect.escapes,
                }
                .write(buf)
            },
        )?)
    }

    pub(crate) fn network_time(&mut self, now: u64) -> Outcome<NetworkTime, TimeError> {
        self.require(Capability::NetworkTime)?;
        let answer = self.request(Purpose::Time, 0, deadline::QUERY, now, |buf, _| {
            command::NetworkTime {}.write(buf)
        })?;
        if answer.is_none() {
            return Ok(None);
        }
        let time = lines(&self.control.body)
            .find_map(|line| parse(line.strip_prefix(b"+CIPSNTPTIME:")?))
            .ok_or(ModemError::Unreadable)?;
        // West of Greenwich it is still 1969.
        if time.year <= 1970 {
            return Err(TimeError::NotYet);
        }
        Ok(Some(time))
    }
}

/// `Thu Aug 04 14:48:05 2016`, or with `Aug  4` as C's `asctime` has it.
fn parse(text: &[u8]) -> Option<NetworkTime> {
    const MONTHS: [&[u8]; 12] = [
        b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov",
        b"Dec",
    ];
    let mut words = text
        .split(|b| matches!(b, b' ' | b'"'))
        .filter(|word| !word.is_empty());
    let _weekday = words.next()?;
    let month = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month)?;
    let day = ranged(words.next()?, 1, 31)?;
    let mut clock = words.next()?.split(|b| *b == b':');
    let hour = ranged(clock.next()?, 0, 23)?;
    let minute = ranged(clock.next()?, 0, 59)?;
    let second = ranged(clock.next()?, 0, 60)?;
    let year = number(words.next()?).filter(|year| (1..=9999).contains(year))?;
    if day > days_in(month as u8 + 1, year) {
        return None;
    }
    Some(NetworkTime {
        // All of them in range of their types by the checks above.
        year: year as u16,
        month: month as u8 + 1,
        day,
        hour,
        minute,
        second,
    })
}

fn days_in(month: u8, year: u32) -> u8 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn ranged(digits: &[u8], min: u8, max: u8) -> Option<u8> {
    let value = u8::try_from(number(digits)?).ok()?;
    (min..=max).contains(&value).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    #[test]
    fn both_forms_of_the_day() {
        let expected = NetworkTime {
            year: 2016,
            month: 8,
            day: 4,
            hour: 14,
            minute: 48,
            second: 5,
        };
        assert_eq!(parse(b"Thu Aug 04 14:48:05 2016"), Some(expected));
        assert_eq!(parse(b"Thu Aug  4 14:48:05 2016"), Some(expected));
        assert_eq!(expected.seconds(), 1_470_322_085);
        assert_eq!(expected.weekday(), 3);
    }

    #[test]
    fn seconds_around_leap_days_and_centuries() {
        for (text, seconds) in [
            ("Thu Jan  1 00:00:00 1970", 0),
            ("Tue Feb 29 23:59:59 2000", 951_868_799),
            ("Wed Mar  1 00:00:00 2000", 951_868_800),
            ("Fri Dec 31 23:59:60 1999", 946_684_800),
            ("Mon Mar  1 00:00:00 2100", 4_107_542_400),
            ("Tue Jan 19 03:14:07 2038", 2_147_483_647),
        ] {
            assert_eq!(parse(text.as_bytes()).unwrap().seconds(), seconds, "{text}");
        }
    }

    #[test]
    fn what_is_no_time() {
        for bad in [
            "",
            "Thu",
            "Thu Foo 04 14:48:05 2016",
            "Thu Aug 32 14:48:05 2016",
            "Thu Apr 31 14:48:05 2016",
            "Tue Feb 30 14:48:05 2016",
            "Wed Feb 29 14:48:05 2017",
            "Thu Feb 29 14:48:05 2100",
            "Thu Aug 04 24:48:05 2016",
            "Thu Aug 04 14:48 2016",
            "Thu Aug 04 14:48:05",
            "Thu Aug 04 14:48:05 99999",
        ] {
            assert_eq!(parse(bad.as_bytes()), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_time_or_none(text in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(time) = parse(&text) {
                let _ = (time.seconds(), time.weekday());
            }
        }

        #[test]
        fn any_word_in_place_of_another_is_a_time_or_none(
            at in 0usize..6, word in "[0-9A-Za-z:]{0,12}",
        ) {
            let mut words = ["Thu", "Aug", "04", "14:48:05", "2016", ""];
            words[at] = &word;
            if let Some(time) = parse(words.join(" ").as_bytes()) {
                prop_assert!(time.seconds() < 253_402_300_900, "{}", format!("{time:?}"));
            }
        }
    }
}
