//! Keeps passwords out of the trace.

/// Commands whose second string is a password.
const SECRETS: [&[u8]; 2] = [b"CWJAP", b"CWSAP"];

/// The line with its password, finished or not, replaced by `***`.
pub(crate) fn redact(line: &[u8]) -> Vec<u8> {
    let Some(start) = SECRETS
        .iter()
        .find_map(|&name| line.windows(name.len()).position(|window| window == name))
    else {
        return line.to_vec();
    };
    let mut quotes = 0;
    let mut escaped = false;
    let mut out = Vec::with_capacity(line.len());
    for (i, &byte) in line.iter().enumerate() {
        let quote = i > start && byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        if quote {
            quotes += 1;
            if quotes == 3 {
                out.extend_from_slice(b"\"***");
                continue;
            }
        }
        if quotes != 3 || byte == b'\r' || byte == b'\n' {
            out.push(byte);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redacted(line: &str) -> String {
        String::from_utf8(redact(line.as_bytes())).unwrap()
    }

    #[test]
    fn passwords_do_not_show() {
        assert_eq!(
            redacted("AT+CWJAP=\"net\",\"se\\\"cret\"\r\n"),
            "AT+CWJAP=\"net\",\"***\"\r\n"
        );
        assert_eq!(
            redacted("AT+CWJAP_CUR=\"net\",\"secr"),
            "AT+CWJAP_CUR=\"net\",\"***"
        );
        assert_eq!(
            redacted("AT+CWJAP=\"net\",\"x\",\"12:34\"\r\n"),
            "AT+CWJAP=\"net\",\"***\",\"12:34\"\r\n"
        );
        assert_eq!(
            redacted("AT+CIPSTART=\"TCP\",\"h\",80\r\n"),
            "AT+CIPSTART=\"TCP\",\"h\",80\r\n"
        );
    }
}
