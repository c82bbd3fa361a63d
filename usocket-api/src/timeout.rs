//! The argument of `settimeout`.
//!
//! ```
//! use core::time::Duration;
//! # use nal_socket::Network;
//! # use usocket_api::{USocket, OPENMV};
//! # let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! # let sock = USocket::new(&network, OPENMV).socket();
//! sock.settimeout(5)?; // seconds
//! sock.settimeout(0.25)?;
//! sock.settimeout(Duration::from_millis(250))?;
//! sock.settimeout(0)?; // non-blocking
//! sock.settimeout(None)?; // without limit
//! assert!(sock.settimeout(-1).is_err());
//! assert!(sock.settimeout(f64::NAN).is_err());
//! # Ok::<(), usocket_api::OSError>(())
//! ```
//!
//! Limits: resolution is a microsecond. A time above zero is never rounded to zero, which would make
//! the socket non-blocking. (MicroPython's bare-metal ports do that below a millisecond.)

use core::time::Duration;

use crate::os_error::OSError;

/// A timeout: seconds as an integer or a float, a [`Duration`], or `None` for no limit.
///
/// Zero is non-blocking. Negative, infinite and undefined numbers make `settimeout` fail with `EINVAL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeout(Result<Option<Duration>, ()>);

impl Timeout {
    /// No limit: the socket blocks.
    pub const NONE: Self = Self(Ok(None));

    pub(crate) fn check(self) -> Result<Option<Duration>, OSError> {
        self.0.map_err(|()| {
            OSError::invalid(
                "a timeout is a number of seconds, zero or more; use None to wait without limit",
            )
        })
    }
}

impl From<Duration> for Timeout {
    fn from(time: Duration) -> Self {
        Self(Ok(Some(time)))
    }
}

impl From<f64> for Timeout {
    fn from(seconds: f64) -> Self {
        // Infinity is refused with the other non-numbers: what is meant has a word, `None`.
        if !seconds.is_finite() || seconds < 0.0 {
            return Self(Err(()));
        }
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        if time.is_zero() && seconds > 0.0 {
            return Duration::from_nanos(1).into();
        }
        time.into()
    }
}

impl From<Option<f64>> for Timeout {
    fn from(seconds: Option<f64>) -> Self {
        seconds.map_or(Self::NONE, Self::from)
    }
}

impl From<f32> for Timeout {
    fn from(seconds: f32) -> Self {
        f64::from(seconds).into()
    }
}

impl From<u64> for Timeout {
    fn from(seconds: u64) -> Self {
        Duration::from_secs(seconds).into()
    }
}

impl From<u32> for Timeout {
    fn from(seconds: u32) -> Self {
        u64::from(seconds).into()
    }
}

impl From<u16> for Timeout {
    fn from(seconds: u16) -> Self {
        u64::from(seconds).into()
    }
}

impl From<i64> for Timeout {
    fn from(seconds: i64) -> Self {
        u64::try_from(seconds).map_or(Self(Err(())), Self::from)
    }
}

impl From<i32> for Timeout {
    fn from(seconds: i32) -> Self {
        i64::from(seconds).into()
    }
}
