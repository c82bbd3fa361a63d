//! How long to wait: milliseconds for `poll`, seconds for `select`.

use core::time::Duration;

use crate::os_error::OSError;

/// The timeout of `poll` and `ipoll`: milliseconds, or a [`Duration`]. `None` and negative numbers are
/// for ever, zero only looks. There are no fractions, as in Python, where a float is a `TypeError`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollTimeout(pub(super) Option<Duration>);

impl From<i64> for PollTimeout {
    fn from(milliseconds: i64) -> Self {
        Self(u64::try_from(milliseconds).ok().map(Duration::from_millis))
    }
}

impl From<i32> for PollTimeout {
    fn from(milliseconds: i32) -> Self {
        i64::from(milliseconds).into()
    }
}

impl From<u32> for PollTimeout {
    fn from(milliseconds: u32) -> Self {
        i64::from(milliseconds).into()
    }
}

impl From<u64> for PollTimeout {
    fn from(milliseconds: u64) -> Self {
        Self(Some(Duration::from_millis(milliseconds)))
    }
}

impl From<u16> for PollTimeout {
    fn from(milliseconds: u16) -> Self {
        i64::from(milliseconds).into()
    }
}

impl From<Option<i32>> for PollTimeout {
    fn from(milliseconds: Option<i32>) -> Self {
        milliseconds.map_or(Self(None), Self::from)
    }
}

impl From<Duration> for PollTimeout {
    fn from(time: Duration) -> Self {
        Self(Some(time))
    }
}

/// The timeout of `select`: seconds as an integer or a float, or a [`Duration`]. `None` and negative
/// numbers are for ever, zero only looks; a time above zero is never rounded to zero. Infinite and
/// undefined numbers are `EINVAL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectTimeout(Result<Option<Duration>, ()>);

impl SelectTimeout {
    pub(super) fn check(self) -> Result<Option<Duration>, OSError> {
        self.0.map_err(|()| {
            OSError::invalid("a timeout is a number of seconds; use None to wait without limit")
        })
    }
}

impl From<f64> for SelectTimeout {
    fn from(seconds: f64) -> Self {
        if !seconds.is_finite() {
            return Self(Err(()));
        }
        if seconds < 0.0 {
            return Self(Ok(None));
        }
        let time = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        if time.is_zero() && seconds > 0.0 {
            return Duration::from_nanos(1).into();
        }
        time.into()
    }
}

impl From<f32> for SelectTimeout {
    fn from(seconds: f32) -> Self {
        f64::from(seconds).into()
    }
}

impl From<Option<f64>> for SelectTimeout {
    fn from(seconds: Option<f64>) -> Self {
        seconds.map_or(Self(Ok(None)), Self::from)
    }
}

impl From<i64> for SelectTimeout {
    fn from(seconds: i64) -> Self {
        Self(Ok(u64::try_from(seconds).ok().map(Duration::from_secs)))
    }
}

impl From<i32> for SelectTimeout {
    fn from(seconds: i32) -> Self {
        i64::from(seconds).into()
    }
}

impl From<u32> for SelectTimeout {
    fn from(seconds: u32) -> Self {
        i64::from(seconds).into()
    }
}

impl From<u64> for SelectTimeout {
    fn from(seconds: u64) -> Self {
        Duration::from_secs(seconds).into()
    }
}

impl From<u16> for SelectTimeout {
    fn from(seconds: u16) -> Self {
        u64::from(seconds).into()
    }
}

impl From<Duration> for SelectTimeout {
    fn from(time: Duration) -> Self {
        Self(Ok(Some(time)))
    }
}
