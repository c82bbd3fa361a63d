//! Small total parsers for the values in AT lines.

use core::net::Ipv4Addr;

/// A decimal number that is all of `digits`.
pub(crate) fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// The number at the start of `text`, and what follows it.
pub(crate) fn leading_number(text: &[u8]) -> Option<(u32, &[u8])> {
    let end = text
        .iter()
        .position(|b| !b.is_ascii_digit())
        .unwrap_or(text.len());
    let (digits, rest) = text.split_at_checked(end)?;
    Some((number(digits)?, rest))
}

/// A link id: one digit below the number of links.
pub(crate) fn link_id(byte: u8) -> Option<u8> {
    let id = byte.wrapping_sub(b'0');
    (id < crate::LINKS).then_some(id)
}

/// An IPv4 address, bare or in double quotes.
pub(crate) fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let bare = text
        .strip_prefix(b"\"")
        .and_then(|t| t.strip_suffix(b"\""))
        .unwrap_or(text);
    core::str::from_utf8(bare).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_whole_and_bounded() {
        assert_eq!(number(b"0"), Some(0));
        assert_eq!(number(b"4294967295"), Some(u32::MAX));
        for bad in [&b""[..], b"4294967296", b"-1", b"1 ", b"1a"] {
            assert_eq!(number(bad), None);
        }
        assert_eq!(leading_number(b"12,3"), Some((12, &b",3"[..])));
        assert_eq!(leading_number(b",3"), None);
    }

    #[test]
    fn addresses_may_be_quoted() {
        let expected = Some(Ipv4Addr::new(10, 0, 0, 1));
        assert_eq!(ipv4(b"10.0.0.1"), expected);
        assert_eq!(ipv4(b"\"10.0.0.1\""), expected);
        assert_eq!(ipv4(b"\"10.0.0.1"), None);
        assert_eq!(ipv4(b"10.0.0.256"), None);
    }
}
