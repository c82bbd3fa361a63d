//! Takes the modem's byte stream apart: lines, results, prompts, binary frames.
//!
//! The digester is a state machine over whatever bytes are there. It needs at
//! most [`MAX_LINE`] bytes of a line at once and never a whole frame: when a
//! frame header has been seen, [`frame`](Digester::frame) says how many raw
//! bytes follow and for which link, and the caller moves them straight to
//! where they belong.
//!
//! ```
//! use atcmd_esp8285::at::atat::{DigestResult, Digester as _};
//! use atcmd_esp8285::at::digest::Digester;
//!
//! let mut digester = Digester::new();
//! let input = b"\r\n+IPD,2,5:\r\nOK\n0,CLOSED\r\n";
//! let (result, used) = digester.digest(input);
//! assert_eq!((result, used), (DigestResult::None, 11));
//!
//! let frame = digester.frame().unwrap();
//! assert_eq!((frame.link, frame.remaining), (Some(2), 5));
//! digester.consumed(5); // `\r\nOK\n` is payload, not a result
//!
//! let (result, _) = digester.digest(&input[16..]);
//! assert_eq!(result, DigestResult::Urc(b"0,CLOSED"));
//! ```
//!
//! As [`atat::Digester`] it reports every complete line the moment it ends:
//! results as `Response`, all others as `Urc`. Whether a line belongs to a
//! reply is left to the one who knows which command is running. Binary
//! payload is skipped by `digest` when the caller does not take it.
//!
//! Limits: a line longer than [`MAX_LINE`] is dropped up to its line feed, and
//! so is a header whose length no firmware would send.

use core::net::SocketAddrV4;

use atat::{DigestResult, InternalError};

use super::parse::{ipv4, leading_number, number};

/// Longest line that is understood, line end included.
///
/// The longest useful ones are `+CWLAP` lines with a raw 32-byte SSID.
pub const MAX_LINE: usize = 256;

/// Largest frame taken for real. Firmware sends at most 5760 bytes at once;
/// anything beyond this is a corrupted header.
const MAX_FRAME: u32 = 16 * 1024;

/// What a binary frame is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "defmt", derive(defmt::Format))]
pub enum FrameKind {
    /// `+IPD`: data the modem pushed.
    Pushed,
    /// `+CIPRECVDATA`: data that was asked for.
    Requested,
}

/// A binary frame in progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame {
    /// What it is.
    pub kind: FrameKind,
    /// The link it names; requested data names none, nor does data in
    /// single-link mode.
    pub link: Option<u8>,
    /// Who sent the data, where the header says so (`AT+CIPDINFO=1`).
    pub peer: Option<SocketAddrV4>,
    /// Payload bytes of the whole frame.
    pub total: usize,
    /// Payload bytes still to come.
    pub remaining: usize,
}

/// The stateful digester. See the [module](self) for its idea.
#[derive(Debug, Default)]
pub struct Digester {
    frame: Option<Frame>,
    /// Inside a line that was too long: drop everything to its end.
    skipping: bool,
    peer_info: bool,
    /// Bytes of the current line already searched for its end.
    scanned: usize,
}

/// What the start of the buffer holds.
enum Header {
    /// Too early to tell.
    Incomplete,
    /// Not a frame header: an ordinary line.
    None,
    /// A frame, whose header takes that many bytes.
    Frame(Frame, usize),
}

impl Digester {
    /// A digester at the start of a line.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            frame: None,
            skipping: false,
            peer_info: false,
            scanned: 0,
        }
    }

    /// Says whether ESP-AT puts `"ip",port,` inside `+CIPRECVDATA` headers,
    /// which it does after `AT+CIPDINFO=1`. Off by default.
    pub fn expect_peer_info(&mut self, on: bool) {
        self.peer_info = on;
    }

    /// The binary frame whose payload comes next, if there is one.
    #[must_use]
    #[inline]
    pub fn frame(&self) -> Option<Frame> {
        self.frame
    }

    /// Payload bytes of the current frame still to come; 0 outside of one.
    #[must_use]
    #[inline]
    pub fn remaining(&self) -> usize {
        match &self.frame {
            Some(frame) => frame.remaining,
            None => 0,
        }
    }

    /// Notes that the caller took `n` payload bytes of the current frame.
    #[inline]
    pub fn consumed(&mut self, n: usize) {
        if let Some(frame) = &mut self.frame {
            frame.remaining = frame.remaining.saturating_sub(n);
            if frame.remaining == 0 {
                self.frame = None;
            }
        }
    }

    /// Gives up on the current frame or line and looks for the next line.
    ///
    /// For when bytes were lost and the rest will not come.
    pub fn resync(&mut self) {
        *self = Self {
            peer_info: self.peer_info,
            ..Self::new()
        };
    }

    fn line<'a>(&mut self, buf: &'a [u8]) -> (DigestResult<'a>, usize) {
        // Line ends before a line, the space of NonOS's `> ` prompt, and the
        // NULs of boot noise carry no meaning.
        let blank = buf
            .iter()
            .take_while(|b| matches!(b, b'\r' | b'\n' | b' ' | 0))
            .count();
        let text = buf.get(blank..).unwrap_or_default();
        if blank > 0 {
            self.scanned = 0;
        }
        match text.first() {
            None => return (DigestResult::None, blank),
            Some(b'>') => return (DigestResult::Prompt(b'>'), blank + 1),
            Some(b'+') => match self.header(text) {
                Header::None => {}
                Header::Incomplete => {
                    let header_may_follow =
                        text.len() < MAX_LINE && text.iter().all(|b| *b != b'\n');
                    if header_may_follow {
                        return (DigestResult::None, blank);
                    }
                }
                Header::Frame(frame, len) => {
                    self.frame = (frame.remaining > 0).then_some(frame);
                    self.scanned = 0;
                    return (DigestResult::None, blank + len);
                }
            },
            Some(_) => {}
        }
        let unseen = text.get(self.scanned..).unwrap_or_default();
        let Some(end) = unseen.iter().position(|b| *b == b'\n') else {
            if text.len() >= MAX_LINE {
                self.skipping = true;
                self.scanned = 0;
                return (DigestResult::None, buf.len());
            }
            self.scanned = text.len();
            return (DigestResult::None, blank);
        };
        let end = self.scanned + end;
        self.scanned = 0;
        if end >= MAX_LINE {
            return (DigestResult::None, blank + end + 1);
        }
        let mut line = text.get(..end).unwrap_or_default();
        while let Some(shorter) = line.strip_suffix(b"\r") {
            line = shorter;
        }
        (classify(line), blank + end + 1)
    }

    fn header(&self, text: &[u8]) -> Header {
        if let Some(rest) = text.strip_prefix(b"+IPD,") {
            return pushed_header(text, rest);
        }
        if let Some(rest) = text.strip_prefix(b"+CIPRECVDATA") {
            return self.requested_header(text, rest);
        }
        let could_become = |name: &[u8]| name.starts_with(text);
        if could_become(b"+IPD,") || could_become(b"+CIPRECVDATA") {
            return Header::Incomplete;
        }
        Header::None
    }

    /// `+CIPRECVDATA,<n>:` (NonOS 1.7), `+CIPRECVDATA:<n>,` (ESP-AT 2.1 on,
    /// with `"ip",port,` after `AT+CIPDINFO=1`), `+CIPRECVDATA,<n>,` (seen
    /// from 2.1 development builds), `+CIPRECVDATA,<id>,<n>:\r\n` (2.0).
    fn requested_header(&self, text: &[u8], rest: &[u8]) -> Header {
        let Some((separator, rest)) = rest.split_first() else {
            return Header::Incomplete;
        };
        let Some((n, after)) = leading_number(rest) else {
            return if rest.is_empty() {
                Header::Incomplete
            } else {
                Header::None
            };
        };
        let data = match (separator, after.split_first()) {
            (b',' | b':', None) => return Header::Incomplete,
            (b',', Some((b':', data))) => data,
            (b',', Some((b',', data))) => match second_number_header(n, data) {
                Some(header) => return at_offset(header, text),
                None => data,
            },
            (b':', Some((b',', data))) if self.peer_info => match peer_info(data) {
                PeerInfo::Incomplete => return Header::Incomplete,
                PeerInfo::None => data,
                PeerInfo::Some(peer, data) => {
                    return frame_at(FrameKind::Requested, None, n, Some(peer), text, data);
                }
            },
            (b':', Some((b',', data))) => data,
            _ => return Header::None,
        };
        frame_at(FrameKind::Requested, None, n, None, text, data)
    }
}

/// What stands where ESP-AT puts `"<ip>",<port>,` in front of the data.
enum PeerInfo<'a> {
    Incomplete,
    None,
    Some(SocketAddrV4, &'a [u8]),
}

/// Longest peer info: `"255.255.255.255",65535,`.
const MAX_PEER_INFO: usize = 24;

fn peer_info(data: &[u8]) -> PeerInfo<'_> {
    let mut commas = data.iter().enumerate().filter(|(_, b)| **b == b',');
    let Some((at, _)) = commas.nth(1) else {
        let possible = |b: &u8| b.is_ascii_digit() || matches!(b, b'"' | b'.' | b',');
        return if data.len() < MAX_PEER_INFO && data.iter().all(possible) {
            PeerInfo::Incomplete
        } else {
            PeerInfo::None
        };
    };
    let (Some(info), Some(data)) = (data.get(..at), data.get(at + 1..)) else {
        return PeerInfo::None;
    };
    match peer(info.split(|b| *b == b',')) {
        Some(peer) => PeerInfo::Some(peer, data),
        None => PeerInfo::None,
    }
}

/// `<ip>,<port>`, the address bare or quoted.
fn peer<'a>(mut fields: impl Iterator<Item = &'a [u8]>) -> Option<SocketAddrV4> {
    let ip = ipv4(fields.next()?)?;
    let port = u16::try_from(number(fields.next()?)?).ok()?;
    Some(SocketAddrV4::new(ip, port))
}

/// ESP-AT 2.0's `<id>,<n>:\r\n`, of which `id` has been read and `rest` follows.
///
/// The data of the one-number form could start just like it, so this form is
/// taken only for what can be a link id.
fn second_number_header(id: u32, rest: &[u8]) -> Option<(u32, &[u8], bool)> {
    if id >= u32::from(crate::LINKS) {
        return None;
    }
    if rest.is_empty() {
        return Some((0, rest, false));
    }
    let (n, after) = leading_number(rest)?;
    match after {
        [] => Some((n, after, false)),
        [b':', tail @ ..] if b"\r\n".starts_with(tail) && tail.len() < 2 => Some((n, tail, false)),
        [b':', b'\r', b'\n', data @ ..] => Some((n, data, true)),
        _ => None,
    }
}

fn at_offset((n, data, complete): (u32, &[u8], bool), text: &[u8]) -> Header {
    if complete {
        frame_at(FrameKind::Requested, None, n, None, text, data)
    } else {
        Header::Incomplete
    }
}

/// `+IPD,[<id>,]<n>[,<ip>,<port>]:`; without the colon it is a line that
/// announces data.
fn pushed_header(text: &[u8], rest: &[u8]) -> Header {
    // The end must come before the line does.
    let Some(end) = rest.iter().position(|b| matches!(b, b':' | b'\r' | b'\n')) else {
        return Header::Incomplete;
    };
    if rest.get(end) != Some(&b':') {
        return Header::None;
    }
    let (Some(fields), Some(data)) = (rest.get(..end), rest.get(end + 1..)) else {
        return Header::None;
    };
    let mut fields = fields.split(|b| *b == b',').peekable();
    let Some(first) = fields.next().and_then(number) else {
        return Header::None;
    };
    let (link, n) = match fields.next_if(|field| number(field).is_some()) {
        Some(second) => match u8::try_from(first) {
            Ok(id) if id < crate::LINKS => (Some(id), number(second).unwrap_or(0)),
            _ => return Header::None,
        },
        None => (None, first),
    };
    frame_at(FrameKind::Pushed, link, n, peer(fields), text, data)
}

fn frame_at(
    kind: FrameKind,
    link: Option<u8>,
    n: u32,
    peer: Option<SocketAddrV4>,
    text: &[u8],
    data: &[u8],
) -> Header {
    if n > MAX_FRAME {
        return Header::None;
    }
    let total = n as usize;
    let frame = Frame {
        kind,
        link,
        peer,
        total,
        remaining: total,
    };
    Header::Frame(frame, text.len() - data.len())
}

fn classify(line: &[u8]) -> DigestResult<'_> {
    let is_one_of = |texts: &[&str]| texts.iter().any(|text| text.as_bytes() == line);
    DigestResult::Response(if is_one_of(&["OK"]) {
        Ok(b"")
    } else if is_one_of(&["SEND OK"]) {
        Ok(line)
    } else if is_one_of(&["ERROR", "FAIL"]) {
        Err(InternalError::Error)
    } else if is_one_of(&["SEND FAIL", "SEND Canceled"]) || line.starts_with(b"busy ") {
        Err(InternalError::Custom(line))
    } else {
        return DigestResult::Urc(line);
    })
}

impl atat::Digester for Digester {
    fn digest<'a>(&mut self, buf: &'a [u8]) -> (DigestResult<'a>, usize) {
        if let Some(frame) = self.frame {
            let n = frame.remaining.min(buf.len());
            self.consumed(n);
            return (DigestResult::None, n);
        }
        if self.skipping {
            let Some(end) = buf.iter().position(|b| *b == b'\n') else {
                return (DigestResult::None, buf.len());
            };
            self.skipping = false;
            return (DigestResult::None, end + 1);
        }
        self.line(buf)
    }
}
