//! The forms of text in which exchanges are published.

use super::escape::unescape;
use super::{Entry, Piece, Shape};
use crate::bench::Direction::{self, FromModem, ToModem};

/// What a driver's trace puts in front of a line.
const MARKS: &[(&str, Direction)] = &[
    ("AT>", ToModem),
    ("AT<", FromModem),
    ("AT=", FromModem),
    ("AT!", FromModem),
    (">", ToModem),
    ("<", FromModem),
];

/// Reads one line; it may be two entries, a command and its echo.
pub(super) fn read(number: usize, line: &str) -> Result<Vec<Entry>, &'static str> {
    let ignored = line.trim().is_empty()
        || line.starts_with('#')
        || (line.len() >= 4 && line.bytes().all(|byte| byte == b'-'));
    if ignored {
        return Ok(Vec::new());
    }
    let (timed, at_us, rest) = split_time(line);
    let entry = |direction, pieces, shape| Entry {
        number,
        at_us,
        direction,
        pieces,
        shape,
    };
    if timed {
        for (mark, direction) in [("> ", ToModem), ("< ", FromModem)] {
            // Some editors remove the space behind an empty entry.
            let bytes = rest
                .strip_prefix(mark)
                .or((rest == mark.trim_end()).then_some(""));
            if let Some(text) = bytes {
                return Ok(vec![entry(direction, exact(text)?, Shape::Exact)]);
            }
        }
        for (word, direction) in [("SEND ", ToModem), ("RECV ", FromModem)] {
            let Some(text) = rest.strip_prefix(word) else {
                continue;
            };
            let quoted = text
                .strip_prefix('"')
                .and_then(|text| text.strip_suffix('"'));
            return Ok(vec![match quoted {
                Some(text) => entry(direction, exact(text)?, Shape::Exact),
                None => entry(direction, pieces(text), Shape::Line),
            }]);
        }
    }
    if is_prompt(rest) {
        return Ok(vec![entry(FromModem, pieces(rest), Shape::Prompt)]);
    }
    for &(mark, direction) in MARKS {
        let Some(text) = rest.strip_prefix(mark) else {
            continue;
        };
        let Some(text) = text.strip_prefix(' ') else {
            if text.is_empty() {
                return Ok(Vec::new());
            }
            continue;
        };
        let shape = match direction {
            FromModem if is_prompt(text) => Shape::Prompt,
            FromModem if text.trim().is_empty() => return Ok(Vec::new()),
            _ => Shape::Line,
        };
        return Ok(vec![entry(direction, pieces(text), shape)]);
    }
    let mut entries = Vec::new();
    if rest.starts_with("AT") {
        entries.push(entry(ToModem, pieces(rest), Shape::Line));
    }
    entries.push(entry(FromModem, pieces(rest), Shape::Line));
    Ok(entries)
}

fn is_prompt(text: &str) -> bool {
    matches!(text, ">" | "> ")
}

/// Takes a time from the front: whether there is one, its microseconds, the rest.
fn split_time(line: &str) -> (bool, Option<u64>, &str) {
    let line = line.trim_start();
    let Some((first, rest)) = line.split_once(' ') else {
        return (false, None, line);
    };
    if first == "-" {
        return (true, None, rest);
    }
    let looks_right = first.starts_with(|c: char| c.is_ascii_digit())
        && first.contains([':', '.', ','])
        && first
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b":.,".contains(&byte));
    match time(first).filter(|_| looks_right) {
        Some(us) => (true, Some(us), rest),
        None => (false, None, line),
    }
}

/// Microseconds of `[[hours:]minutes:]seconds[.fraction]`.
fn time(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let mut seconds: u64 = 0;
    for part in whole.split(':') {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    let micros = match fraction.get(..6).unwrap_or(fraction) {
        "" => 0,
        digits => {
            let scale = 10u64.checked_pow(6 - u32::try_from(digits.len()).ok()?)?;
            digits.parse::<u64>().ok()? * scale
        }
    };
    seconds.checked_mul(1_000_000)?.checked_add(micros)
}

/// Escaped text with its `<326B>` marks.
fn exact(text: &str) -> Result<Vec<Piece>, &'static str> {
    let mut pieces = pieces(text);
    for piece in &mut pieces {
        if let Piece::Known(known) = piece {
            let text = std::str::from_utf8(known).map_err(|_| "not UTF-8")?;
            *known = unescape(text)?;
        }
    }
    Ok(pieces)
}

/// Text with its `<326B>` marks.
fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut known = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, mark) = rest.split_at(at);
        known.extend_from_slice(before.as_bytes());
        let count = mark.find("B>").and_then(|end| {
            let count: usize = mark.get(1..end)?.parse().ok()?;
            Some((count, mark.get(end + 2..)?))
        });
        match count {
            Some((count, behind)) => {
                pieces.push(Piece::Known(std::mem::take(&mut known)));
                pieces.push(Piece::Unknown(count));
                rest = behind;
            }
            None => {
                known.push(b'<');
                rest = mark.get(1..).unwrap_or("");
            }
        }
    }
    known.extend_from_slice(rest.as_bytes());
    pieces.push(Piece::Known(known));
    pieces.retain(|piece| *piece != Piece::Known(Vec::new()));
    pieces
}

/// Where a prompt is followed by `Recv n bytes` and nobody is shown to send them, they are put there.
pub(super) fn fill_in_payloads(entries: &mut Vec<Entry>) {
    let mut prompted = false;
    let mut i = 0;
    while let Some(entry) = entries.get(i) {
        let count = match (entry.direction, entry.shape) {
            (FromModem, Shape::Prompt) => {
                prompted = true;
                None
            }
            (FromModem, Shape::Line) if prompted => received(&entry.text()),
            (ToModem, _) => {
                prompted = false;
                None
            }
            _ => None,
        };
        if let Some(count) = count {
            let payload = Entry {
                direction: ToModem,
                pieces: vec![Piece::Unknown(count)],
                shape: Shape::Exact,
                ..entry.clone()
            };
            entries.insert(i, payload);
            prompted = false;
            i += 1;
        }
        i += 1;
    }
}

fn received(line: &str) -> Option<usize> {
    let count = line.strip_prefix("Recv ")?.strip_suffix(" bytes\r\n")?;
    count.parse().ok().filter(|&count| count <= 1 << 16)
}

#[cfg(test)]
mod tests {
    use super::super::Transcript;
    use super::*;
    use proptest::prelude::*;

    fn exchange(text: &str) -> Vec<(Direction, String)> {
        let read: Transcript = text.parse().unwrap();
        read.entries()
            .iter()
            .map(|entry| (entry.direction(), entry.text()))
            .collect()
    }

    fn check(text: &str, expected: &[(Direction, &str)]) {
        let found = exchange(text);
        let found: Vec<_> = found.iter().map(|(way, text)| (*way, &**text)).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn marked_lines() {
        check(
            "# who\n> AT+X=1\n< OK\n\n< \n< >\n< Recv 3 bytes\n",
            &[
                (ToModem, "AT+X=1\r\n"),
                (FromModem, "OK\r\n"),
                (FromModem, ">"),
                (ToModem, "xxx"),
                (FromModem, "Recv 3 bytes\r\n"),
            ],
        );
        check(
            "AT> AT+RST\nAT<\nAT= OK\nAT! busy s...\nAT= >",
            &[
                (ToModem, "AT+RST\r\n"),
                (FromModem, "OK\r\n"),
                (FromModem, "busy s...\r\n"),
                (FromModem, ">"),
            ],
        );
    }

    #[test]
    fn a_capture_with_echo() {
        check(
            "AT+CIPMUX=1\n\nOK\n----\n+IPD,0,3:<3B>\n> ",
            &[
                (ToModem, "AT+CIPMUX=1\r\n"),
                (FromModem, "AT+CIPMUX=1\r\n"),
                (FromModem, "OK\r\n"),
                (FromModem, "+IPD,0,3:xxx"),
                (FromModem, "> "),
            ],
        );
        check("35:07.966897 busy p...", &[(FromModem, "busy p...\r\n")]);
        check("a<b>B><9c>", &[(FromModem, "a<b>B><9c>\r\n")]);
    }

    #[test]
    fn times_and_every_byte() {
        let read: Transcript = "12:05:09,091 SEND AT\n12:05:09,099 RECV \"AT\\r\\n\"\n\
                                0.5 > \\x20\n- < \\r\n1.000001 >\n"
            .parse()
            .unwrap();
        let times: Vec<_> = read.entries().iter().map(Entry::at_us).collect();
        let noon = 43_509_000_000;
        assert_eq!(
            times,
            [
                Some(noon + 91_000),
                Some(noon + 99_000),
                Some(500_000),
                None,
                Some(1_000_001)
            ]
        );
        let bytes: Vec<_> = read.entries().iter().map(Entry::bytes).collect();
        assert_eq!(bytes, [&b"AT\r\n"[..], b"AT\r\n", b" ", b"\r", b""]);
        let error = "0.1 > \\q".parse::<Transcript>().unwrap_err();
        assert!(error.to_string().starts_with("line 1: behind a backslash"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[-><AT=!#0-9:.,B\\\\xr\"SENDRCV \n]{0,80}") {
            if let Ok(read) = text.parse::<Transcript>() {
                let again: Transcript = read.to_string().parse().unwrap();
                prop_assert_eq!(again.to_string(), read.to_string());
            }
        }
    }
}
