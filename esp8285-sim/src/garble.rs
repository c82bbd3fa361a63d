//! What a receiver makes of bytes sent at another baud rate: it samples the same wire at other moments.

/// Two rates whose difference a UART absorbs: at most about four percent.
pub(crate) fn compatible(one: u32, other: u32) -> bool {
    let (low, high) = (u64::from(one.min(other)), u64::from(one.max(other)));
    (high - low) * 100 <= high * 4
}

/// Reads the waveform of a contiguous burst sent at `sent` with a receiver running at `received`.
///
/// Framing errors deliver the byte as sampled, as the common UARTs do.
pub(crate) fn resample(bytes: &[u8], sent: u32, received: u32) -> Vec<u8> {
    let (sent, received) = (u64::from(sent.max(1)), u64::from(received.max(1)));
    // Time unit: 1/(2*sent*received) s, in which both half bits are whole numbers.
    let (sent_bit, half) = (2 * received, sent);
    let level = |t: u64| -> bool {
        let bit = t / sent_bit;
        let Some(&byte) = usize::try_from(bit / 10).ok().and_then(|i| bytes.get(i)) else {
            return true;
        };
        match bit % 10 {
            0 => false,
            9 => true,
            n => byte >> (n - 1) & 1 == 1,
        }
    };
    let end = bytes.len() as u64 * 10 * sent_bit;
    let mut out = Vec::new();
    let mut t = 0;
    while t < end {
        if level(t) {
            // Edges lie on the sender's bit boundaries.
            t = (t / sent_bit + 1) * sent_bit;
            continue;
        }
        let mut byte = 0;
        for n in 0..8 {
            if level(t + half + (n + 1) * 2 * half) {
                byte |= 1 << n;
            }
        }
        out.push(byte);
        // From the middle of the stop bit on, the receiver looks for the next start bit.
        t += half + 9 * 2 * half;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_rate_is_clean() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(resample(&all, 115_200, 115_200), all);
        assert_eq!(resample(&all, 115_200, 114_000), all);
    }

    #[test]
    fn another_rate_is_not() {
        let text = b"AT+GMR\r\n";
        assert_ne!(resample(text, 115_200, 9_600), text);
        assert!(resample(text, 9_600, 115_200).len() > text.len());
        assert!(!compatible(74_880, 115_200) && compatible(115_200, 115_273));
    }
}
