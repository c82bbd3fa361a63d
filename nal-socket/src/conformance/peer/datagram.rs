//! What the peer does with a datagram.

use super::pattern::pattern_byte;

/// How the peer answers a datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Replies {
    /// How many datagrams to send, all alike.
    pub count: usize,
    /// How many bytes of the buffer each holds.
    pub length: usize,
    /// From a port other than the one that the request came to.
    pub from_other_port: bool,
}

/// The answer to `request`, written to `out`, which should hold the largest datagram, 1472 bytes; what
/// does not fit is cut.
///
/// `SIZE n` is n bytes of the pattern, `TWICE ..` the request two times, `OTHER ..` the request from
/// another port, `EMPTY` an empty datagram, `QUIET` nothing; anything else comes back as it is, also
/// an empty one.
pub fn datagram(request: &[u8], out: &mut [u8]) -> Replies {
    let mut replies = Replies {
        count: 1,
        length: 0,
        from_other_port: false,
    };
    if let Some(size) = size(request) {
        replies.length = size.min(out.len());
        for (position, byte) in (0..).zip(out.iter_mut().take(size)) {
            *byte = pattern_byte(position);
        }
        return replies;
    }
    match request {
        b"QUIET" => replies.count = 0,
        b"EMPTY" => {}
        _ => {
            replies.length = request.len().min(out.len());
            for (to, from) in out.iter_mut().zip(request) {
                *to = *from;
            }
            if request.starts_with(b"TWICE") {
                replies.count = 2;
            }
            replies.from_other_port = request.starts_with(b"OTHER");
        }
    }
    replies
}

fn size(request: &[u8]) -> Option<usize> {
    let digits = request.strip_prefix(b"SIZE ")?;
    core::str::from_utf8(digits).ok()?.parse().ok()
}
