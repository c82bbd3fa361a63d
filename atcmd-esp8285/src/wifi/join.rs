//! Joining and leaving an access point.

use core::fmt;

use atat::AtatCmd;

use super::{MacAddress, Ssid};
use crate::at::command::{Join, Leave, join_failure};
use crate::at::escape::{self, InvalidText, Secret};
use crate::driver::flatten;
use crate::error::{JoinError, ModemError};
use crate::machine::{Outcome, Purpose, State, Turn, deadline, fingerprint};
use crate::{Capability, Clock, Dialect, Esp8285, Station, Uart};

/// Longest SSID, in bytes (IEEE 802.11).
pub const MAX_SSID: u8 = 32;
/// Longest password, in bytes (64 hexadecimal digits are a raw key).
pub const MAX_PASSWORD: u8 = 64;
/// Seconds a join may be given.
const TIMEOUTS: core::ops::RangeInclusive<u16> = 3..=600;

/// Which access point to join, and how.
///
/// ```
/// use atcmd_esp8285::wifi::{JoinOptions, MacAddress};
///
/// let bssid = MacAddress([0x18, 0xfe, 0x34, 1, 2, 3]);
/// let options = JoinOptions::new(b"caf\xe9", "battery staple").bssid(bssid).timeout(30);
/// assert!(!format!("{options:?}").contains("battery"));
/// ```
#[derive(Clone, Copy)]
pub struct JoinOptions<'a> {
    ssid: &'a [u8],
    password: &'a [u8],
    bssid: Option<MacAddress>,
    timeout: Option<u16>,
}

impl<'a> JoinOptions<'a> {
    /// A network by its name, which may be any bytes but control characters;
    /// an empty password means an open network.
    #[must_use]
    pub fn new(
        ssid: &'a (impl AsRef<[u8]> + ?Sized),
        password: &'a (impl AsRef<[u8]> + ?Sized),
    ) -> Self {
        Self {
            ssid: ssid.as_ref(),
            password: password.as_ref(),
            bssid: None,
            timeout: None,
        }
    }

    /// Joins this one of several access points with the same name. Not on
    /// NonOS 0.2x.
    #[must_use]
    pub const fn bssid(mut self, bssid: MacAddress) -> Self {
        self.bssid = Some(bssid);
        self
    }

    /// How long the modem tries, 3 to 600 seconds; other values are moved into
    /// that range. Only ESP-AT from 2.2 can be told: it takes 15 s by itself,
    /// and all other firmware its own 14 to 17 s, whatever is given here.
    #[must_use]
    pub const fn timeout(mut self, seconds: u16) -> Self {
        let (least, most) = (*TIMEOUTS.start(), *TIMEOUTS.end());
        self.timeout = Some(if seconds < least {
            least
        } else if seconds > most {
            most
        } else {
            seconds
        });
        self
    }

    fn check(&self, dialect: Option<&Dialect>) -> Result<(), JoinError> {
        if self.ssid.is_empty() {
            return Err(JoinError::InvalidSsid(InvalidText::Empty));
        }
        let (ssid, password) = dialect.map_or((MAX_SSID, MAX_PASSWORD), |d| d.max_credentials);
        sendable(self.ssid, ssid, dialect).map_err(JoinError::InvalidSsid)?;
        sendable(self.password, password, dialect).map_err(JoinError::InvalidPassword)
    }
}

/// The password is not shown.
impl fmt::Debug for JoinOptions<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinOptions")
            .field("ssid", &Ssid::new(self.ssid))
            .field("password", &Secret(self.password))
            .field("bssid", &self.bssid)
            .field("timeout", &self.timeout)
            .finish()
    }
}

/// Whether text can be sent in quotes; before the firmware is known, whether
/// any firmware takes it.
pub(super) fn sendable(text: &[u8], max: u8, dialect: Option<&Dialect>) -> Result<(), InvalidText> {
    escape::check(text, max)?;
    if dialect.is_some_and(|d| !d.escapes) && escape::needs_escapes(text) {
        return Err(InvalidText::NeedsEscapes);
    }
    Ok(())
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Joins an access point; an empty password means an open network.
    ///
    /// The credentials are not written to the modem's flash (NonOS 0.2x and
    /// ESP-AT 2.0 always write them). Connections that are open end, even if
    /// the access point is the same.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered (2 to 25 s, up to 75 s from a
    /// modem that is busy): call again with the same arguments. Other
    /// arguments wait for the first answer to pass. An SSID or password that
    /// cannot be sent is refused before anything is sent.
    pub fn join(&mut self, ssid: &str, password: &str) -> nb::Result<(), JoinError> {
        self.join_with(&JoinOptions::new(ssid, password))
    }

    /// [`join`](Self::join) with an SSID of any bytes, one of several access
    /// points, or a time.
    ///
    /// # Errors
    /// As [`join`](Self::join). NonOS up to 1.6 takes lines of 128 bytes, so
    /// long names with long passwords and a BSSID do not fit
    /// ([`ModemError::LineTooLong`]).
    pub fn join_with(&mut self, options: &JoinOptions<'_>) -> nb::Result<(), JoinError> {
        flatten(self.turn(None, |state, now| state.join(options, now)))
    }

    /// Leaves the access point. Open connections end.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    pub fn leave(&mut self) -> nb::Result<(), ModemError> {
        flatten(self.turn(None, |state, now| state.leave(now)))
    }
}

impl<const RX: usize> State<RX> {
    pub(crate) fn join(&mut self, options: &JoinOptions<'_>, now: u64) -> Outcome<(), JoinError> {
        options.check(self.dialect())?;
        if options.bssid.is_some() {
            self.require(Capability::JoinBssid)?;
        }
        let bssid = options.bssid.map_or(&[][..], |_| b"bssid");
        let print = fingerprint(&[
            options.ssid,
            options.password,
            bssid,
            &options.bssid.map_or([0; 6], |bssid| bssid.0),
            &options.timeout.unwrap_or(0).to_le_bytes(),
        ]);
        let owner = (Purpose::Join, print);
        // `OK` can come before the address does.
        let mut waited = false;
        if self.station == Station::Associated && self.control.keep_done(owner, now) {
            let since = *self.address_wait.get_or_insert(now);
            if now.saturating_sub(since) < deadline::ADDRESS {
                return Ok(None);
            }
            waited = true;
        }
        self.address_wait = None;
        match self.turn_of(owner, now)? {
            Turn::Wait => Ok(None),
            Turn::Begin => Ok(self.put_join(owner, options)?),
            Turn::Answer(_, Ok(())) if self.station == Station::Associated && !waited => {
                self.control.done(Ok(()), now);
                Ok(None)
            }
            Turn::Answer(_, Ok(())) => Ok(Some(())),
            Turn::Answer(_, Err(ModemError::Rejected)) => {
                Err(match join_failure(&self.control.body) {
                    Some(1) => JoinError::TimedOut,
                    Some(2) => JoinError::WrongPassword,
                    Some(3) => JoinError::NoSuchAccessPoint,
                    Some(n) => JoinError::Failed(n),
                    None => JoinError::Modem(ModemError::Rejected),
                })
            }
            Turn::Answer(_, Err(error)) => Err(error.into()),
        }
    }

    fn put_join(
        &mut self,
        owner: (Purpose, u32),
        options: &JoinOptions<'_>,
    ) -> Outcome<(), ModemError> {
        let told = self.dialect.has(Capability::JoinTimeout);
        let timeout = options.timeout.filter(|_| told);
        let allowed = timeout.map_or(deadline::JOIN, |seconds| {
            u64::from(seconds) * 1_000_000 + deadline::JOIN_MARGIN
        });
        self.put(owner, 0, allowed, |buf, dialect| {
            Join {
                ssid: options.ssid,
                password: Secret(options.password),
                bssid: options.bssid,
                timeout,
                dialect,
            }
            .write(buf)
        })
    }

    pub(crate) fn leave(&mut self, now: u64) -> Outcome<(), ModemError> {
        self.set(Purpose::Leave, 0, now, |_| Leave {})
    }
}
