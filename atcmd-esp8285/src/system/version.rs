//! Which firmware this is, in its own words.

use core::fmt;

use atat::AtatCmd;
use heapless::Vec;

use crate::at::MAX_RESPONSE;
use crate::at::command::{self, lines};
use crate::at::parse::leading_number;
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, deadline};
use crate::{Clock, Esp8285, Uart};

/// A release number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub struct Release {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number; 0 if there is none.
    pub patch: u32,
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// What the modem says of its firmware (`AT+GMR`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    text: Vec<u8, MAX_RESPONSE>,
}

impl Version {
    /// The AT firmware's release: `AT version:1.7.4.0(...)` is 1.7.4, the
    /// `0020...` of old NonOS is 0.20.0.
    #[must_use]
    pub fn at(&self) -> Option<Release> {
        if let Some(value) = self.value(b"AT version:") {
            return release(value);
        }
        let mut digits = self.lines().filter_map(|line| line.get(..4));
        let digits = digits.find(|digits| digits.iter().all(u8::is_ascii_digit))?;
        let (number, _) = leading_number(digits)?;
        Some(Release {
            major: number / 100,
            minor: number % 100,
            patch: 0,
        })
    }

    /// The SDK's release, from `SDK version:3.0.4(...)` or
    /// `SDK version:v3.4-22-g967752e2`.
    #[must_use]
    pub fn sdk(&self) -> Option<Release> {
        let value = self.value(b"SDK version:")?;
        release(value.strip_prefix(b"v").unwrap_or(value))
    }

    /// All lines as the modem sent them, the first 512 bytes of them.
    ///
    /// Some say wrong things: NonOS 1.7.3 is out by one in `Bin version`, and
    /// third parties put their name there.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        lines(&self.text).filter(|line| !line.is_empty())
    }

    fn value(&self, name: &[u8]) -> Option<&[u8]> {
        self.lines().find_map(|line| line.strip_prefix(name))
    }
}

impl fmt::Display for Version {
    /// The lines; what is not ASCII is shown as an escape.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, line) in self.lines().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            write!(f, "{}", line.escape_ascii())?;
        }
        Ok(())
    }
}

fn release(text: &[u8]) -> Option<Release> {
    let (major, rest) = leading_number(text)?;
    let (minor, rest) = leading_number(rest.strip_prefix(b".")?)?;
    let patch = rest.strip_prefix(b".").and_then(leading_number);
    Some(Release {
        major,
        minor,
        patch: patch.map_or(0, |(patch, _)| patch),
    })
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Asks which firmware this is. What the driver makes of it is
    /// [`dialect`](Self::dialect).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn version(&mut self) -> nb::Result<Version, ModemError> {
        flatten(self.turn(None, |state, now| state.version(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn version(&mut self, now: u64) -> Outcome<Version, ModemError> {
        let answer = self.request(Purpose::Version, 0, deadline::QUERY, now, |buf, _| {
            command::Version {}.write(buf)
        })?;
        Ok(answer.map(|()| Version {
            text: self.control.body.clone(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn version(text: &str) -> Version {
        Version {
            text: Vec::from_slice(text.as_bytes()).unwrap(),
        }
    }

    #[test]
    fn replies_of_real_modems() {
        for (text, at, sdk) in [
            ("0020000903", Some("0.20.0"), None),
            ("0018000902-AI03", Some("0.18.0"), None),
            (
                "AT version:1.7.4.0(May 11 2020 19:13:04)\r\nSDK version:3.0.4(9532ceb)\r\n\
                 compile time:May 27 2020 10:12:17\r\nBin version(Wroom 02):1.7.4",
                Some("1.7.4"),
                Some("3.0.4"),
            ),
            (
                "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)\r\n\
                 SDK version:v3.4-22-g967752e2",
                Some("2.2.1"),
                Some("3.4.0"),
            ),
            ("AT version:2.1.0.0-dev(0ad1446)", Some("2.1.0"), None),
            ("AT version:1.7.0.0 (partial)", Some("1.7.0"), None),
            ("Ai-Thinker Technology Co. Ltd.", None, None),
            ("", None, None),
        ] {
            let version = version(text);
            assert_eq!(version.at().map(|r| r.to_string()).as_deref(), at, "{text}");
            assert_eq!(
                version.sdk().map(|r| r.to_string()).as_deref(),
                sdk,
                "{text}"
            );
        }
    }

    #[test]
    fn every_line_is_kept() {
        let version = version("AT version:1.3.0.0(x)\r\n\r\nvendor \u{e9}\r\n");
        assert_eq!(version.lines().count(), 2);
        assert_eq!(
            version.to_string(),
            "AT version:1.3.0.0(x)\nvendor \\xc3\\xa9"
        );
    }
}
