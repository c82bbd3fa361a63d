//! The lines that a client may send first.

/// The longest request line, without its end.
pub(crate) const LINE: usize = 48;

/// What a session does once it has sent everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    Close,
    Reset,
    /// Close the sending direction, go on counting, under a tag if there is one.
    Half(Option<u64>),
    /// Stay for so many microseconds, then close.
    Hold(u64),
    /// Stay for so many microseconds, then reset.
    HoldThenReset(u64),
}

/// A request, times in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Request {
    Echo,
    Send {
        bytes: u64,
        chunk: u64,
        every: u64,
        then: After,
    },
    Count {
        tag: Option<u64>,
        deaf: Option<u64>,
    },
    Tell(u64),
    Connect(u16),
}

impl Request {
    pub(crate) fn parse(line: &str) -> Option<Self> {
        let mut words = line.trim_end_matches('\r').split(' ');
        let verb = words.next()?;
        let request = match verb {
            "ECHO" => Self::Echo,
            "SEND" => Self::Send {
                bytes: number(words.next())?,
                chunk: u64::MAX,
                every: 0,
                then: after(&mut words)?,
            },
            "SLOW" => Self::Send {
                bytes: number(words.next())?,
                chunk: number(words.next())?.max(1),
                every: millis(words.next())?,
                then: after(&mut words)?,
            },
            "COUNT" => Self::Count {
                tag: optional(&mut words)?,
                deaf: None,
            },
            "DEAF" => Self::Count {
                deaf: Some(millis(words.next())?),
                tag: optional(&mut words)?,
            },
            "TELL" => Self::Tell(number(words.next())?),
            "CONNECT" => Self::Connect(words.next()?.parse().ok()?),
            _ => return None,
        };
        words.next().is_none().then_some(request)
    }
}

fn number(word: Option<&str>) -> Option<u64> {
    word?.parse().ok()
}

fn millis(word: Option<&str>) -> Option<u64> {
    number(word)?.checked_mul(1000)
}

/// Nothing, or a number; anything else is not a request.
#[expect(clippy::option_option, reason = "no number and a bad number differ")]
fn optional<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<Option<u64>> {
    match words.next() {
        None => Some(None),
        word => number(word).map(Some),
    }
}

fn after<'a>(words: &mut impl Iterator<Item = &'a str>) -> Option<After> {
    match words.next() {
        None => Some(After::Close),
        Some("RESET") => Some(After::Reset),
        Some("HALF") => optional(words).map(After::Half),
        Some("HOLD") => {
            let micros = millis(words.next())?;
            match words.next() {
                None => Some(After::Hold(micros)),
                Some("RESET") => Some(After::HoldThenReset(micros)),
                Some(_) => None,
            }
        }
        Some(_) => None,
    }
}
