//! Small total parsers for the values in AT lines.

use core::net::Ipv4Addr;

use crate::wifi::MacAddress;

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
    dotted(unquoted(text))
}

/// An IPv4 address: what core's parser takes, in a fraction of its size.
pub(crate) fn dotted(text: &[u8]) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut rest = text;
    for (i, octet) in octets.iter_mut().enumerate() {
        if i > 0 {
            rest = rest.strip_prefix(b".")?;
        }
        // Zeros in front would be octal elsewhere.
        let ambiguous = matches!(rest, [b'0', b'0'..=b'9', ..]);
        let (value, after) = leading_number(rest)?;
        *octet = u8::try_from(value).ok().filter(|_| !ambiguous)?;
        rest = after;
    }
    rest.is_empty().then_some(Ipv4Addr::from(octets))
}

/// A number that may be negative, such as a signal strength.
pub(crate) fn signed(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let value = i32::try_from(number(digits)?).ok()?;
    Some(if negative { -value } else { value })
}

/// Bytes of a hardware address in text form.
pub(crate) const MAC_LEN: usize = 17;

/// A hardware address, `18:fe:34:01:02:03`, in either case.
pub(crate) fn mac(text: &[u8]) -> Option<MacAddress> {
    if text.len() != MAC_LEN {
        return None;
    }
    let mut octets = [0; 6];
    for (octet, pair) in octets.iter_mut().zip(text.chunks(3)) {
        let (high, low) = match pair {
            [high, low] | [high, low, b':'] => (*high, *low),
            _ => return None,
        };
        let digit = |b: u8| char::from(b).to_digit(16);
        *octet = u8::try_from(digit(high)? << 4 | digit(low)?).ok()?;
    }
    Some(MacAddress(octets))
}

/// Text without the double quotes around it, if it has both.
pub(crate) fn unquoted(text: &[u8]) -> &[u8] {
    text.strip_prefix(b"\"")
        .and_then(|t| t.strip_suffix(b"\""))
        .unwrap_or(text)
}

/// What follows `+<name>:` or, as NonOS writes it, `+<name>_CUR:` or `_DEF:`.
pub(crate) fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let rest = line.strip_prefix(b"+")?.strip_prefix(name)?;
    let rest = rest
        .strip_prefix(b"_CUR")
        .or_else(|| rest.strip_prefix(b"_DEF"))
        .unwrap_or(rest);
    rest.strip_prefix(b":")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn addresses_are_what_core_takes_for_one(
            text in "[0-9.]{0,17}|([0-9]{1,3}\\.){3}[0-9]{1,3}|([12]?[0-9]{1,2}\\.){3}[12]?[0-9]{1,2}[ .x]?",
        ) {
            prop_assert_eq!(dotted(text.as_bytes()), text.parse().ok());
        }
    }

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
    fn hardware_addresses_have_one_shape() {
        let expected = Some(MacAddress([0x18, 0xfe, 0x34, 0xab, 0xcd, 0xef]));
        assert_eq!(mac(b"18:fe:34:ab:cd:ef"), expected);
        assert_eq!(mac(b"18:FE:34:AB:CD:EF"), expected);
        for bad in [
            &b"18:fe:34:ab:cd:e"[..],
            b"18:fe:34:ab:cd:ef:",
            b"18-fe-34-ab-cd-ef",
            b"18:fe:34:ab:cd:eg",
            b"18:fe:34:ab:cdef:",
            b"+8:fe:34:ab:cd:ef",
        ] {
            assert_eq!(mac(bad), None);
        }
    }

    #[test]
    fn signal_strengths_are_negative() {
        assert_eq!(signed(b"-58"), Some(-58));
        assert_eq!(signed(b"31"), Some(31));
        assert_eq!(signed(b"--1"), None);
        assert_eq!(signed(b"-"), None);
    }

    #[test]
    fn values_come_with_or_without_suffix() {
        assert_eq!(value_of(b"+CWJAP:1", b"CWJAP"), Some(&b"1"[..]));
        assert_eq!(value_of(b"+CWJAP_CUR:1", b"CWJAP"), Some(&b"1"[..]));
        assert_eq!(value_of(b"+CWJAP_DEF:", b"CWJAP"), Some(&b""[..]));
        assert_eq!(value_of(b"+CWJAPX:1", b"CWJAP"), None);
        assert_eq!(value_of(b"CWJAP:1", b"CWJAP"), None);
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
