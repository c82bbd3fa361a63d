//! Request head, response head and the end of the body.
//!
//! Works over anything that reads bytes. The hard part of HTTP/1.1 is to know
//! when a body is over; [`Response`] is a reader that ends exactly there and
//! fails when the connection ends before.
//!
//! ```
//! use examples::http::{Request, Response};
//! use std::io::Read;
//!
//! let url = "http://example.org/hello".parse().unwrap();
//! let request = Request::get(&url).to_bytes();
//! assert!(request.starts_with(b"GET /hello HTTP/1.1\r\nHost: example.org\r\n"));
//!
//! let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi... next answer";
//! let mut response = Response::read(&answer[..])?;
//! let mut body = String::new();
//! response.read_to_string(&mut body)?;
//! assert_eq!(body, "hi");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! How a body ends, in this order: `Transfer-Encoding: chunked` with the last
//! chunk; `Content-Length` with that many bytes; otherwise when the connection
//! closes. In that last case a connection that stays open and silent until the
//! transport reports [`TimedOut`](io::ErrorKind::TimedOut) ends the body too,
//! provided some of it has come; [`Response::end`] tells the two apart.
//!
//! Limits: no redirects are followed, a status other than 2xx is an error
//! value; heads of at most [`MAX_HEAD`] bytes; no compression is asked for and
//! none is accepted; trailers of chunked bodies are skipped. Errors of the
//! transport such as `WouldBlock` lose nothing: reading may go on afterwards.
//!
//! The chunk lines are read here with `httparse`. The `chunked_transfer` crate
//! reports a chunk that breaks off as a good end of the body, so half a picture
//! would pass for a whole one.

use std::fmt;
use std::io::{self, Read};

use crate::url::HttpUrl;

/// Longest response head in bytes.
pub const MAX_HEAD: usize = 16 * 1024;

/// Longest line of chunk size or trailer.
const MAX_LINE: usize = 4096;

/// The head of a request without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    head: String,
}

impl Request {
    /// A `GET` request. The connection stays open unless the server closes it.
    #[must_use]
    pub fn get(url: &HttpUrl) -> Self {
        // Safe to paste: `HttpUrl` holds visible ASCII only.
        let head = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: {}/{}\r\nAccept-Encoding: identity\r\n",
            url.path(),
            url.host_header(),
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
        );
        Self { head }
    }

    /// Adds a header.
    ///
    /// # Errors
    ///
    /// When name or value could end the line early or begin another.
    pub fn header(mut self, name: &str, value: &str) -> Result<Self, HttpError> {
        let token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
        let text = |b: u8| b == b'\t' || b == b' ' || b.is_ascii_graphic();
        if name.is_empty() || !name.bytes().all(token) || !value.bytes().all(text) {
            return Err(HttpError::Header(format!("{name}: {value}")));
        }
        self.head += &format!("{name}: {value}\r\n");
        Ok(self)
    }

    /// The bytes to send.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        format!("{}\r\n", self.head).into_bytes()
    }
}

/// What ended a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// As many bytes as announced, or the last chunk: nothing is missing.
    Announced,
    /// The connection closed and no length was known.
    Closed,
    /// Silence and no length was known: the end may be missing.
    Silence,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Framing {
    /// Bytes still to come.
    Length(u64),
    /// Bytes still to come of this chunk.
    Chunk(u64),
    /// CR and LF after a chunk's bytes.
    ChunkEnd,
    ChunkSize,
    Trailer,
    UntilClose,
    Done(End),
}

/// A response with status 2xx; reading it reads the body.
#[derive(Debug)]
pub struct Response<R> {
    status: u16,
    content_length: Option<u64>,
    content_type: Option<String>,
    transport: R,
    /// Bytes that came together with those before them.
    early: Vec<u8>,
    framing: Framing,
    received: u64,
}

impl<R: Read> Response<R> {
    /// Reads the head of the response from `transport`.
    ///
    /// # Errors
    ///
    /// Every status but 2xx is [`HttpError::Status`]. A transport error ends
    /// the attempt: wait inside `transport`, not around this function.
    pub fn read(mut transport: R) -> Result<Self, HttpError> {
        let mut bytes = Vec::new();
        let mut piece = [0; 1024];
        loop {
            match parse_head(&bytes)? {
                // 100 Continue and its kind announce the real answer.
                Some(head) if (100..200).contains(&head.status) && head.status != 101 => {
                    bytes.drain(..head.length);
                    continue;
                }
                Some(head) => {
                    bytes.drain(..head.length);
                    return head.into_response(transport, bytes);
                }
                None if bytes.len() >= MAX_HEAD => return Err(HttpError::HeadTooLong),
                None => {}
            }
            match transport.read(&mut piece) {
                Ok(0) if bytes.is_empty() => return Err(HttpError::NoAnswer),
                Ok(0) => return Err(HttpError::NotHttp("the head breaks off".to_owned())),
                Ok(n) => bytes.extend_from_slice(piece.get(..n).unwrap_or(&piece)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(HttpError::Transport(error)),
            }
        }
    }

    /// The status, 200 to 299.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Length of the body if the server told it.
    #[must_use]
    pub fn content_length(&self) -> Option<u64> {
        self.content_length
    }

    /// The `Content-Type` header.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.content_type.as_deref()
    }

    /// Bytes of the body read so far.
    #[must_use]
    pub fn received(&self) -> u64 {
        self.received
    }

    /// What ended the body, once it has ended.
    #[must_use]
    pub fn end(&self) -> Option<End> {
        match self.framing {
            Framing::Done(end) => Some(end),
            _ => None,
        }
    }

    /// Returns the transport, for the next request or for closing it.
    pub fn into_inner(self) -> R {
        self.transport
    }

    /// Bytes from the head's last read first, then from the transport.
    fn next(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.early.is_empty() {
            return self.transport.read(buf);
        }
        let n = buf.len().min(self.early.len());
        for (to, from) in buf.iter_mut().zip(self.early.drain(..n)) {
            *to = from;
        }
        Ok(n)
    }

    /// At most `left` body bytes; the connection must not end before.
    fn counted(&mut self, buf: &mut [u8], left: u64) -> io::Result<usize> {
        let room = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        match self.next(buf.get_mut(..room).unwrap_or_default())? {
            0 => Err(self.broken_off()),
            n => Ok(n),
        }
    }

    /// A line with its end; short lines are kept in `early` until complete, so
    /// that a transport error in the middle loses nothing.
    fn line(&mut self) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.early.iter().position(|&b| b == b'\n') {
                return Ok(self.early.drain(..=end).collect());
            }
            if self.early.len() > MAX_LINE {
                return Err(bad_chunk("a line without end"));
            }
            let mut piece = [0; 1024];
            match self.transport.read(&mut piece)? {
                0 => return Err(self.broken_off()),
                n => self
                    .early
                    .extend_from_slice(piece.get(..n).unwrap_or(&piece)),
            }
        }
    }

    fn broken_off(&self) -> io::Error {
        let got = self.received;
        let text = match self.content_length {
            Some(length) => format!("the server closed after {got} of {length} bytes"),
            None => format!("the server closed in the middle, after {got} bytes"),
        };
        io::Error::new(io::ErrorKind::UnexpectedEof, text)
    }
}

impl<R: Read> Read for Response<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        loop {
            let n = match self.framing {
                Framing::Done(_) => return Ok(0),
                Framing::Length(0) => {
                    self.framing = Framing::Done(End::Announced);
                    continue;
                }
                Framing::Length(left) => {
                    let n = self.counted(buf, left)?;
                    self.framing = Framing::Length(left - n as u64);
                    n
                }
                Framing::Chunk(0) => {
                    self.framing = Framing::ChunkEnd;
                    continue;
                }
                Framing::Chunk(left) => {
                    let n = self.counted(buf, left)?;
                    self.framing = Framing::Chunk(left - n as u64);
                    n
                }
                Framing::ChunkEnd => {
                    if self.line()? != b"\r\n" {
                        return Err(bad_chunk("a chunk is longer than its size"));
                    }
                    self.framing = Framing::ChunkSize;
                    continue;
                }
                Framing::ChunkSize => {
                    self.framing = match chunk_size(&self.line()?)? {
                        0 => Framing::Trailer,
                        size => Framing::Chunk(size),
                    };
                    continue;
                }
                Framing::Trailer => {
                    if self.line()? == b"\r\n" {
                        self.framing = Framing::Done(End::Announced);
                    }
                    continue;
                }
                Framing::UntilClose => match self.next(buf) {
                    Ok(0) => {
                        self.framing = Framing::Done(End::Closed);
                        continue;
                    }
                    Err(e) if e.kind() == io::ErrorKind::TimedOut && self.received > 0 => {
                        self.framing = Framing::Done(End::Silence);
                        continue;
                    }
                    other => other?,
                },
            };
            self.received += n as u64;
            return Ok(n);
        }
    }
}

fn bad_chunk(what: &str) -> io::Error {
    let text = format!("the chunked body is damaged: {what}");
    io::Error::new(io::ErrorKind::InvalidData, text)
}

fn chunk_size(line: &[u8]) -> io::Result<u64> {
    // httparse takes an empty line for size 0, which would end the body.
    let digit = line.first().is_some_and(u8::is_ascii_hexdigit);
    match httparse::parse_chunk_size(line) {
        Ok(httparse::Status::Complete((_, size))) if digit => Ok(size),
        _ => Err(bad_chunk("no chunk size where one should be")),
    }
}

/// What matters of a response head.
struct Head {
    /// Bytes of the head itself.
    length: usize,
    status: u16,
    reason: String,
    location: Option<String>,
    content_type: Option<String>,
    content_length: Option<u64>,
    chunked: bool,
}

impl Head {
    fn into_response<R>(self, transport: R, early: Vec<u8>) -> Result<Response<R>, HttpError> {
        if !(200..300).contains(&self.status) {
            return Err(HttpError::Status {
                status: self.status,
                reason: self.reason,
                location: self.location,
            });
        }
        let framing = match (self.status, self.chunked, self.content_length) {
            // These never have a body, whatever the headers say.
            (204 | 205, ..) => Framing::Length(0),
            (_, true, _) => Framing::ChunkSize,
            (_, _, Some(length)) => Framing::Length(length),
            _ => Framing::UntilClose,
        };
        Ok(Response {
            status: self.status,
            // With chunks the length is not what counts, and may be a lie.
            content_length: self.content_length.filter(|_| !self.chunked),
            content_type: self.content_type,
            transport,
            early,
            framing,
            received: 0,
        })
    }
}

/// The head, or `None` when more bytes are needed.
fn parse_head(bytes: &[u8]) -> Result<Option<Head>, HttpError> {
    let mut headers = [httparse::EMPTY_HEADER; 96];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(bytes) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(error) => return Err(HttpError::NotHttp(error.to_string())),
    };
    let mut head = Head {
        length,
        status: response.code.unwrap_or_default(),
        reason: response.reason.unwrap_or_default().to_owned(),
        location: None,
        content_type: None,
        content_length: None,
        chunked: false,
    };
    // The body of an error or redirect is not read: its framing cannot hurt.
    let good = (200..300).contains(&head.status);
    for header in response.headers.iter() {
        let value = String::from_utf8_lossy(header.value).trim().to_owned();
        match header.name.to_ascii_lowercase().as_str() {
            "location" => head.location = Some(value),
            "content-type" => head.content_type = Some(value),
            "content-length" if good => {
                // Two different lengths are an old trick to smuggle responses.
                let number = Some(value.as_str())
                    .filter(|v| v.bytes().all(|b| b.is_ascii_digit()))
                    .and_then(|v| v.parse().ok());
                if number.is_none() || head.content_length.is_some_and(|n| Some(n) != number) {
                    return Err(HttpError::Header(format!("Content-Length: {value}")));
                }
                head.content_length = number;
            }
            "transfer-encoding" if good => {
                if head.chunked || !value.eq_ignore_ascii_case("chunked") {
                    return Err(HttpError::Header(format!("Transfer-Encoding: {value}")));
                }
                head.chunked = true;
            }
            "content-encoding" if good && !value.eq_ignore_ascii_case("identity") => {
                return Err(HttpError::Header(format!("Content-Encoding: {value}")));
            }
            _ => {}
        }
    }
    Ok(Some(head))
}

/// Why there is no response.
#[derive(Debug)]
#[non_exhaustive]
pub enum HttpError {
    /// The server answered with another status than 2xx.
    Status {
        /// Status code such as 404.
        status: u16,
        /// The server's words for it, possibly empty.
        reason: String,
        /// Where a redirect leads.
        location: Option<String>,
    },
    /// The connection closed without a byte.
    NoAnswer,
    /// The bytes are no HTTP response.
    NotHttp(String),
    /// No end of the head within [`MAX_HEAD`] bytes.
    HeadTooLong,
    /// A header that cannot be sent or understood.
    Header(String),
    /// Reading failed.
    Transport(io::Error),
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status {
                status,
                reason,
                location,
            } => {
                write!(f, "the server answered {status}")?;
                if !reason.is_empty() {
                    write!(f, " {}", reason.escape_debug())?;
                }
                match (status, location) {
                    (300..400, Some(to)) => {
                        write!(f, ": redirects are not followed, try {}", to.escape_debug())
                    }
                    (404 | 410, _) => write!(f, ": check the path of the address"),
                    (500..600, _) => write!(f, ": its trouble, try again later"),
                    _ => Ok(()),
                }
            }
            Self::NoAnswer => write!(f, "the server closed the connection without an answer"),
            Self::NotHttp(why) => write!(f, "the answer is not HTTP ({why}): check host and port"),
            Self::HeadTooLong => write!(f, "the answer's head is longer than {MAX_HEAD} bytes"),
            Self::Header(line) => {
                write!(f, "this header cannot be used: {}", line.escape_debug())
            }
            Self::Transport(error) => write!(f, "the connection failed: {error}"),
        }
    }
}

impl std::error::Error for HttpError {}

#[cfg(test)]
mod tests;
