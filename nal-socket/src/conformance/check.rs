//! Words to write rules in.

use core::time::Duration;

use super::Peer;
use super::outcome::{Difference, Found, Reason, Unkept, Verdict};
use super::peer::pattern_byte;
use crate::{Error, ErrorKind, NetworkRef, Platform};

pub(super) fn differs(expected: &'static str, found: impl Into<Found>) -> Unkept {
    Unkept::Differs(Difference {
        expected,
        found: found.into(),
    })
}

/// What the peer must have for a rule.
pub(super) fn given<T>(part: Option<T>, what: &'static str) -> Result<T, Unkept> {
    part.ok_or(Unkept::NotTried(Reason::PeerLacks(what)))
}

/// The operation must succeed, unless the stack lacks the part of that name.
pub(super) fn supported<T>(
    result: Result<T, Error>,
    part: &'static str,
    expected: &'static str,
) -> Result<T, Unkept> {
    result.map_err(|error| match error.kind() {
        ErrorKind::NotSupported => Unkept::NotTried(Reason::StackLacks(part)),
        _ => differs(expected, error),
    })
}

/// The operation must succeed.
pub(super) fn done<T>(result: Result<T, Error>, expected: &'static str) -> Result<T, Unkept> {
    result.map_err(|error| differs(expected, error))
}

/// The operation must fail, in one of these ways.
pub(super) fn fails<T: Into<Found>>(
    result: Result<T, Error>,
    kinds: &[ErrorKind],
    expected: &'static str,
) -> Verdict {
    match result {
        Err(error) if kinds.contains(&error.kind()) => Ok(()),
        other => Err(differs(expected, other)),
    }
}

/// The value must be this one.
pub(super) fn equal<T: PartialEq + Into<Found>>(
    value: T,
    wanted: T,
    expected: &'static str,
) -> Verdict {
    if value == wanted {
        Ok(())
    } else {
        Err(differs(expected, value))
    }
}

pub(super) fn holds(condition: bool, expected: &'static str, found: impl Into<Found>) -> Verdict {
    if condition {
        Ok(())
    } else {
        Err(differs(expected, found))
    }
}

/// The bytes must be the pattern from `position` on.
pub(super) fn is_pattern(bytes: &[u8], position: u64) -> Verdict {
    for (at, byte) in (position..).zip(bytes) {
        if *byte != pattern_byte(at) {
            return Err(differs(
                "the bytes that the peer sent",
                Found::Byte { at, byte: *byte },
            ));
        }
    }
    Ok(())
}

/// The bytes must be these.
pub(super) fn are(bytes: &[u8], wanted: &[u8], expected: &'static str) -> Verdict {
    if bytes == wanted {
        return Ok(());
    }
    let found = (0..)
        .zip(bytes)
        .zip(wanted)
        .find(|((_, byte), wanted)| byte != wanted)
        .map_or(Found::from(bytes.len()), |((at, byte), _)| Found::Byte {
            at,
            byte: *byte,
        });
    Err(differs(expected, found))
}

/// Runs something and tells how many microseconds it took.
pub(super) fn timed<N: NetworkRef, T>(net: &N, operation: impl FnOnce() -> T) -> (T, u64) {
    let platform = net.network().platform();
    let start = platform.now();
    let result = operation();
    (result, platform.now().saturating_sub(start))
}

/// What was to time out must have taken the limit, and more by the slack at most.
pub(super) fn on_time(took: u64, peer: &Peer<'_>) -> Verdict {
    let time = Duration::from_micros(took);
    let limit = peer.limit();
    holds(
        time >= limit && time <= limit + peer.slack,
        "a timeout when the time is over, not before and not later",
        Found::Micros(took),
    )
}

/// Asks again and again until the answer is yes or `patience` is over; tells the last answer.
pub(super) fn eventually<N: NetworkRef>(
    net: &N,
    patience: Duration,
    mut ask: impl FnMut() -> Result<bool, Error>,
) -> Result<bool, Error> {
    let platform = net.network().platform();
    let end = platform
        .now()
        .saturating_add(u64::try_from(patience.as_micros()).unwrap_or(u64::MAX));
    loop {
        if ask()? {
            return Ok(true);
        }
        if platform.now() >= end {
            return Ok(false);
        }
        let _ = platform.idle(Some(end));
    }
}

/// Lets time pass.
pub(super) fn pause<N: NetworkRef>(net: &N, time: Duration) {
    // This never answers yes, and its end is what is wanted.
    let _ = eventually(net, time, || Ok(false));
}
