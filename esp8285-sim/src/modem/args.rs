//! The parameters of a set command.
//!
//! Both families write strings in quotes with backslash escapes, but split differently: NonOS reads from the
//! left, so a comma inside quotes is text; ESP-AT first splits at every comma that has no backslash.

use std::ops::RangeInclusive;

use super::refusal::Refusal;
use crate::dialect::{Family, Profile};

/// One parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Arg {
    Absent,
    Text(Vec<u8>),
    Number(i64),
}

/// The parameters of one command.
#[derive(Debug, Clone, Default)]
pub(super) struct Args(Vec<Arg>);

impl Args {
    pub(super) fn parse(profile: &Profile, raw: &[u8]) -> Result<Self, Refusal> {
        match profile.family {
            Family::NonOs => parse_from_left(raw, profile.escapes),
            Family::EspAt => raw_pieces(raw).into_iter().map(parse_piece).collect(),
        }
        .map(Self)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Refuses a number of parameters outside the range.
    pub(super) fn count(&self, allowed: RangeInclusive<usize>) -> Result<(), Refusal> {
        if allowed.contains(&self.0.len()) {
            Ok(())
        } else {
            Err(Refusal::count())
        }
    }

    pub(super) fn get(&self, index: usize) -> &Arg {
        self.0.get(index).unwrap_or(&Arg::Absent)
    }

    pub(super) fn text(&self, index: usize) -> Result<&[u8], Refusal> {
        match self.get(index) {
            Arg::Text(text) => Ok(text),
            _ => Err(Refusal::kind()),
        }
    }

    pub(super) fn optional_text(&self, index: usize) -> Result<Option<&[u8]>, Refusal> {
        match self.get(index) {
            Arg::Absent => Ok(None),
            _ => self.text(index).map(Some),
        }
    }

    /// A string of limited length that is valid UTF-8.
    pub(super) fn name(&self, index: usize, longest: usize) -> Result<String, Refusal> {
        let text = self.text(index)?;
        if text.len() > longest {
            return Err(Refusal::length());
        }
        String::from_utf8(text.to_vec()).map_err(|_| Refusal::value())
    }

    pub(super) fn number<T: TryFrom<i64>>(
        &self,
        index: usize,
        allowed: RangeInclusive<i64>,
    ) -> Result<T, Refusal> {
        match *self.get(index) {
            Arg::Number(n) if allowed.contains(&n) => T::try_from(n).map_err(|_| Refusal::value()),
            Arg::Number(_) => Err(Refusal::value()),
            _ => Err(Refusal::kind()),
        }
    }

    pub(super) fn optional_number<T: TryFrom<i64>>(
        &self,
        index: usize,
        allowed: RangeInclusive<i64>,
    ) -> Result<Option<T>, Refusal> {
        match self.get(index) {
            Arg::Absent => Ok(None),
            _ => self.number(index, allowed).map(Some),
        }
    }
}

fn number(digits: &[u8]) -> Result<Arg, Refusal> {
    let text = std::str::from_utf8(digits).map_err(|_| Refusal::parse())?;
    let plain = text.strip_prefix('-').unwrap_or(text);
    if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::parse());
    }
    text.parse().map(Arg::Number).map_err(|_| Refusal::value())
}

fn parse_from_left(raw: &[u8], escapes: bool) -> Result<Vec<Arg>, Refusal> {
    let mut args = Vec::new();
    let mut rest = raw;
    loop {
        let after = if let Some(mut quoted) = rest.strip_prefix(b"\"") {
            let mut text = Vec::new();
            loop {
                match quoted {
                    [b'\\', escaped, tail @ ..] if escapes => {
                        text.push(*escaped);
                        quoted = tail;
                    }
                    [b'"', tail @ ..] => {
                        quoted = tail;
                        break;
                    }
                    [plain, tail @ ..] => {
                        text.push(*plain);
                        quoted = tail;
                    }
                    [] => return Err(Refusal::parse()),
                }
            }
            args.push(Arg::Text(text));
            quoted
        } else {
            let end = rest.iter().position(|&b| b == b',').unwrap_or(rest.len());
            let (piece, tail) = rest.split_at(end);
            args.push(if piece.is_empty() {
                Arg::Absent
            } else {
                number(piece)?
            });
            tail
        };
        match after {
            [] => return Ok(args),
            [b',', tail @ ..] => rest = tail,
            _ => return Err(Refusal::parse()),
        }
    }
}

fn raw_pieces(raw: &[u8]) -> Vec<&[u8]> {
    let mut escaped = false;
    raw.split(|&byte| {
        let splits = byte == b',' && !escaped;
        escaped = byte == b'\\' && !escaped;
        splits
    })
    .collect()
}

fn parse_piece(piece: &[u8]) -> Result<Arg, Refusal> {
    let Some(mut quoted) = piece.strip_prefix(b"\"") else {
        return if piece.is_empty() {
            Ok(Arg::Absent)
        } else {
            number(piece)
        };
    };
    let mut text = Vec::new();
    loop {
        match quoted {
            [b'"'] => return Ok(Arg::Text(text)),
            [b'\\', escaped, tail @ ..] => {
                text.push(*escaped);
                quoted = tail;
            }
            [] | [b'"', ..] => return Err(Refusal::parse()),
            [plain, tail @ ..] => {
                text.push(*plain);
                quoted = tail;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Dialect;

    fn parse(dialect: Dialect, raw: &str) -> Option<Vec<Arg>> {
        let args = Args::parse(dialect.profile(), raw.as_bytes());
        args.ok().map(|args| args.0)
    }

    fn text(text: &str) -> Arg {
        Arg::Text(text.as_bytes().to_vec())
    }

    #[test]
    fn both_families_unescape() {
        for family in [Dialect::NonOs1_3, Dialect::EspAt2_2] {
            assert_eq!(
                parse(family, r#""a\"b\\c\,d",7,,"""#),
                Some(vec![
                    text(r#"a"b\c,d"#),
                    Arg::Number(7),
                    Arg::Absent,
                    text("")
                ])
            );
            assert_eq!(parse(family, r#""open"#), None);
            assert_eq!(parse(family, r#""a"b"#), None);
            assert_eq!(parse(family, "12x"), None);
            assert_eq!(parse(family, "99999999999999999999"), None);
        }
    }

    #[test]
    fn a_bare_comma_in_quotes_is_text_on_nonos_only() {
        assert_eq!(
            parse(Dialect::NonOs1_7, r#""a,b""#),
            Some(vec![text("a,b")])
        );
        assert_eq!(parse(Dialect::EspAt2_2, r#""a,b""#), None);
    }

    #[test]
    fn the_oldest_firmware_has_no_escapes() {
        let old = Dialect::NonOs0_2x;
        assert_eq!(parse(old, r#""a""#), Some(vec![text(r"a")]));
        assert_eq!(parse(old, r#""a"b""#), None);
    }
}
