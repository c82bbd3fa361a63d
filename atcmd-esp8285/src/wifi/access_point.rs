//! The modem as an access point, beside being a station.
//!
//! The mode is station and access point together, so a joined station stays
//! joined; the radio has one channel, so while the station is joined the
//! access point uses the station's, whatever was asked for.

use super::access_point_config::{AccessPointConfig, MIN_PASSWORD};
use super::scan::Security;
use super::status::small;
use super::{AccessPointError, MAX_PASSWORD, Ssid};
use crate::at::command::{self as cmd, lines};
use crate::at::parse::value_of;
use crate::driver::flatten;
use crate::error::ModemError;
use crate::machine::{Outcome, Purpose, State, Turn};
use crate::{Capability, Clock, Esp8285, Uart};

/// The access point as the modem describes it. The password is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
#[non_exhaustive]
pub struct AccessPointStatus {
    /// Its name.
    pub ssid: Ssid,
    /// Its channel, as configured.
    pub channel: u8,
    /// How it is protected.
    pub security: Security,
    /// Most stations it takes; NonOS 0.2x does not tell.
    pub max_stations: Option<u8>,
    /// Whether its name is not announced; NonOS 0.2x does not tell.
    pub hidden: Option<bool>,
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Starts the modem's own access point (`AT+CWMODE=3`, `AT+CWSAP`), or
    /// configures it anew if it runs. A joined station stays joined.
    ///
    /// ```no_run
    /// # fn example<U: atcmd_esp8285::Uart, C: atcmd_esp8285::Clock>(
    /// #     wifi: &mut atcmd_esp8285::Esp8285<U, C>) -> Result<(), atcmd_esp8285::wifi::AccessPointError> {
    /// use atcmd_esp8285::wifi::AccessPointConfig;
    ///
    /// let config = AccessPointConfig::new("camera", "12345678").channel(6);
    /// wifi.wait(|wifi| wifi.start_access_point(&config))
    /// # }
    /// ```
    ///
    /// After a restart of the modem the driver starts it again. Its address,
    /// if it was changed, has to be set again.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered: call again with the same
    /// configuration. [`AccessPointError::Refused`] names the command; the
    /// access point is off then, unless it ran before. `Unsupported` on
    /// ESP_ATMod, and for `hidden` and `max_stations` on NonOS 0.2x.
    pub fn start_access_point(
        &mut self,
        config: &AccessPointConfig<'_>,
    ) -> nb::Result<(), AccessPointError> {
        flatten(self.turn(None, |state, now| state.start_access_point(config, now)))
    }

    /// Stops the access point (`AT+CWMODE=1`). Its stations lose it; the
    /// station stays joined.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered; `Unsupported` on ESP_ATMod.
    pub fn stop_access_point(&mut self) -> nb::Result<(), AccessPointError> {
        flatten(self.turn(None, |state, now| state.stop_access_point(now)))
    }

    /// How the access point is configured (`AT+CWSAP?`).
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    /// [`AccessPointError::Refused`] while it is off.
    pub fn access_point_status(&mut self) -> nb::Result<AccessPointStatus, AccessPointError> {
        flatten(self.turn(None, |state, now| state.access_point_status(now)))
    }
}

/// Steps of starting.
mod step {
    pub(super) const MODE: u8 = 0;
    pub(super) const CONFIGURE: u8 = 1;
    pub(super) const TAKE_BACK: u8 = 2;
}

impl<const RX: usize> State<RX> {
    pub(crate) fn start_access_point(
        &mut self,
        config: &AccessPointConfig<'_>,
        now: u64,
    ) -> Outcome<(), AccessPointError> {
        config.check(self.dialect())?;
        self.require(Capability::AccessPoint)?;
        if config.has_limits() {
            self.require(Capability::AccessPointLimits)?;
        }
        let Some(memory) = config.memory() else {
            return Ok(None); // it has been checked
        };
        let owner = (Purpose::StartAccessPoint, config.fingerprint());
        let ran = self.access_point.is_some();
        Ok(match self.turn_of(owner, now)? {
            Turn::Wait => None,
            Turn::Begin => self.put_mode(owner, step::MODE, true)?,
            Turn::Answer(step::MODE, Ok(())) => {
                self.put_command(owner, step::CONFIGURE, |dialect| memory.command(dialect))?
            }
            Turn::Answer(step::CONFIGURE, Ok(())) => {
                self.access_point = Some(memory);
                Some(())
            }
            // In this mode the modem would be the access point of its flash,
            // which may be an open one.
            Turn::Answer(step::CONFIGURE, Err(ModemError::Rejected)) if !ran => {
                self.put_mode(owner, step::TAKE_BACK, false)?
            }
            Turn::Answer(step::MODE, Err(ModemError::Rejected)) => {
                return Err(AccessPointError::Refused("AT+CWMODE"));
            }
            Turn::Answer(step::TAKE_BACK, _) | Turn::Answer(_, Err(ModemError::Rejected)) => {
                return Err(AccessPointError::Refused("AT+CWSAP"));
            }
            Turn::Answer(_, Ok(())) => Some(()),
            Turn::Answer(_, Err(error)) => return Err(error.into()),
        })
    }

    pub(crate) fn stop_access_point(&mut self, now: u64) -> Outcome<(), AccessPointError> {
        self.require(Capability::AccessPoint)?;
        let owner = (Purpose::StopAccessPoint, 0);
        Ok(match self.turn_of(owner, now)? {
            Turn::Wait => None,
            Turn::Begin => {
                // Whatever comes of it, it is not to come back by itself.
                self.access_point = None;
                self.put_mode(owner, step::MODE, false)?
            }
            Turn::Answer(_, Ok(())) => Some(()),
            Turn::Answer(_, Err(ModemError::Rejected)) => {
                return Err(AccessPointError::Refused("AT+CWMODE"));
            }
            Turn::Answer(_, Err(error)) => return Err(error.into()),
        })
    }

    fn put_mode(
        &mut self,
        owner: (Purpose, u32),
        step: u8,
        access_point: bool,
    ) -> Outcome<(), ModemError> {
        self.put_command(owner, step, |dialect| cmd::WifiMode {
            access_point,
            current: dialect.cur_suffix,
        })
    }

    pub(crate) fn access_point_status(
        &mut self,
        now: u64,
    ) -> Outcome<AccessPointStatus, AccessPointError> {
        self.require(Capability::AccessPoint)?;
        let answer = self.query(
            Purpose::AccessPointStatus,
            now,
            |dialect| cmd::AccessPointConfig {
                current: dialect.cur_suffix,
            },
            |body| lines(body).find_map(|line| parse_status(value_of(line, b"CWSAP")?)),
        );
        match answer {
            Err(ModemError::Rejected) => Err(AccessPointError::Refused("AT+CWSAP?")),
            answer => Ok(answer?),
        }
    }
}

/// `"ssid","password",channel,encryption[,max,hidden]`.
///
/// Neither text is escaped. The numbers start behind the last quote; where
/// the SSID ends is decided by what lengths a password can have.
fn parse_status(value: &[u8]) -> Option<AccessPointStatus> {
    let text = value.strip_prefix(b"\"")?;
    let last_quote = text.iter().rposition(|b| *b == b'"')?;
    let (texts, numbers) = text.split_at_checked(last_quote)?;
    const BETWEEN: &[u8] = b"\",\"";
    let end = (0..texts.len()).rev().find(|at| {
        let password = texts.len().checked_sub(at + BETWEEN.len());
        let fits = |n| n == 0 || (MIN_PASSWORD..=usize::from(MAX_PASSWORD)).contains(&n);
        password.is_some_and(fits)
            && texts
                .get(*at..)
                .is_some_and(|rest| rest.starts_with(BETWEEN))
    })?;
    let mut numbers = numbers.strip_prefix(b"\",")?.split(|b| *b == b',');
    Some(AccessPointStatus {
        ssid: Ssid::new(texts.get(..end)?).ok()?,
        channel: small(numbers.next()?)?,
        security: Security::from_number(small(numbers.next()?)?),
        max_stations: numbers.next().and_then(small),
        hidden: numbers.next().and_then(small).map(|hidden| hidden != 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::format;

    #[test]
    fn status_in_every_form() {
        let new = parse_status(b"\"cam\",\"12345678\",6,3,4,1").unwrap();
        assert_eq!(new.ssid.as_str(), Some("cam"));
        assert_eq!((new.channel, new.security), (6, Security::Wpa2));
        assert_eq!((new.max_stations, new.hidden), (Some(4), Some(true)));
        let old = parse_status(b"\"cam\",\"\",11,0").unwrap();
        assert_eq!((old.channel, old.security), (11, Security::Open));
        assert_eq!((old.max_stations, old.hidden), (None, None));
        assert_eq!(parse_status(b"\"cam\",\"1234\",6,3"), None);
        assert_eq!(parse_status(b"\"cam\",6,3"), None);
    }

    proptest! {
        #[test]
        fn quotes_and_commas_in_names_do_no_harm(
            ssid in "[a-z\",)\\\\]{1,32}",
            password in "[a-z0-9]{8,63}",
        ) {
            let line = format!("\"{ssid}\",\"{password}\",6,3,4,0");
            let status = parse_status(line.as_bytes()).unwrap();
            prop_assert_eq!(status.ssid.as_bytes(), ssid.as_bytes());
            prop_assert_eq!(status.hidden, Some(false));
        }

        #[test]
        fn nothing_panics(value in prop::collection::vec(any::<u8>(), 0..120)) {
            let _ = parse_status(&value);
            let _ = parse_status(&[b"\"", &value[..], b"\",1,3"].concat());
        }
    }
}
