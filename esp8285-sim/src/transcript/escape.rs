//! Bytes as text from which they can be recovered.

use std::fmt::Write;

/// Printable ASCII as it is, the rest escaped; so are a backslash and a space at either end, which editors eat.
pub(super) fn escape(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for (i, &byte) in bytes.iter().enumerate() {
        let end = i == 0 || i + 1 == bytes.len();
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\\' => text.push_str("\\\\"),
            b' ' if end => text.push_str("\\x20"),
            // Otherwise it could look like the mark of unknown bytes.
            b'<' if bytes.get(i + 1).is_some_and(u8::is_ascii_digit) => text.push_str("\\x3c"),
            b' '..=b'~' => text.push(char::from(byte)),
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(text, "\\x{byte:02x}");
            }
        }
    }
    text
}

/// The bytes of escaped text.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        let (&kind, tail) = rest
            .split_first()
            .ok_or("a backslash at the end escapes nothing")?;
        rest = tail;
        bytes.push(match kind {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'0' => 0,
            b'\\' | b'"' | b'\'' => kind,
            b'x' => {
                let digits = rest
                    .split_at_checked(2)
                    .and_then(|(digits, tail)| {
                        rest = tail;
                        std::str::from_utf8(digits).ok()
                    })
                    .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                digits
                    .and_then(|digits| u8::from_str_radix(digits, 16).ok())
                    .ok_or("behind \\x there must be two hexadecimal digits")?
            }
            _ => {
                return Err(
                    "behind a backslash there must be r, n, t, 0, x, a quote or a backslash",
                );
            }
        });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn text_stays_readable() {
        assert_eq!(escape(b"\r\nOK\r\n"), "\\r\\nOK\\r\\n");
        assert_eq!(escape(b"> "), ">\\x20");
        assert_eq!(escape(b"<a><3B>"), "<a>\\x3c3B>");
        assert_eq!(escape(b"a b\\\x00\xff\t"), "a b\\\\\\x00\\xff\\x09");
    }

    #[test]
    fn wrong_escapes_are_refused() {
        for text in ["\\", "\\q", "\\x", "\\x1", "\\x+1", "\\xé"] {
            assert!(unescape(text).is_err(), "{text}");
        }
        assert_eq!(unescape("\\t\\\"\\x41").unwrap(), b"\t\"A");
    }

    proptest! {
        #[test]
        fn any_bytes_are_recovered(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
            let text = escape(&bytes);
            prop_assert!(text.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
            prop_assert_eq!(text.trim(), &text);
            prop_assert_eq!(unescape(&text), Ok(bytes));
        }
    }
}
