//! A web server small enough to start inside a program.
//!
//! A thread on the loopback interface that serves given pages to `GET`, keeps
//! connections open and ends when dropped.
//!
//! ```
//! use examples::http_server::{HttpServer, Page};
//! use std::io::{Read, Write};
//!
//! let server = HttpServer::start(vec![Page::new("/hello", "text/plain", b"hi".to_vec())])?;
//! let mut stream = std::net::TcpStream::connect(server.addr())?;
//! stream.write_all(b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.ends_with("\r\n\r\nhi"));
//! assert_eq!(server.requests(), 1);
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Limits: for examples and tests, not for the internet. Loopback only, `GET`
//! only, a thread per connection, requests without a body, heads of at most
//! 8 KiB.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

const MAX_HEAD: usize = 8 * 1024;

/// How long a quiet connection may overlook that the server has ended.
const LOOK_UP: Duration = Duration::from_millis(20);

/// Something to serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// Path it is served at, such as `/picture.bmp`.
    pub path: String,
    /// Value of the `Content-Type` header.
    pub content_type: String,
    /// The bytes.
    pub body: Vec<u8>,
}

impl Page {
    /// A page from its parts.
    #[must_use]
    pub fn new(path: &str, content_type: &str, body: Vec<u8>) -> Self {
        Self {
            path: path.to_owned(),
            content_type: content_type.to_owned(),
            body,
        }
    }
}

#[derive(Debug)]
struct Shared {
    pages: Vec<Page>,
    requests: AtomicUsize,
    ended: AtomicBool,
}

/// A running server; dropping it ends it and closes its connections.
#[derive(Debug)]
pub struct HttpServer {
    addr: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl HttpServer {
    /// Starts a server on a free port of the loopback interface.
    ///
    /// # Errors
    ///
    /// When no port can be had, or a page's content type holds control
    /// characters.
    pub fn start(pages: Vec<Page>) -> io::Result<Self> {
        let control = |page: &Page| page.content_type.contains(char::is_control);
        if pages.iter().any(control) {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let addr = listener.local_addr()?;
        let shared = Arc::new(Shared {
            pages,
            requests: AtomicUsize::new(0),
            ended: AtomicBool::new(false),
        });
        let thread = {
            let shared = Arc::clone(&shared);
            thread::Builder::new().spawn(move || accept(&listener, &shared))?
        };
        Ok(Self {
            addr,
            shared,
            thread: Some(thread),
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// The address of a page, for instance `server.url("/picture.bmp")`.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// How many requests have been answered, whatever the answer.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.shared.requests.load(Ordering::SeqCst)
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        // `accept` has no timeout: a last visitor wakes it up.
        let woken = TcpStream::connect(self.addr).is_ok();
        if let Some(thread) = self.thread.take().filter(|_| woken) {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    let mut visitors: Vec<JoinHandle<()>> = Vec::new();
    for stream in listener.incoming() {
        if shared.ended.load(Ordering::SeqCst) {
            break;
        }
        visitors.retain(|visitor| !visitor.is_finished());
        let Ok(stream) = stream else {
            // Out of file handles, perhaps; trying at once would only burn time.
            thread::sleep(LOOK_UP);
            continue;
        };
        let shared = Arc::clone(shared);
        // A visitor who leaves early is no failure of the server.
        let serve = move || drop(serve(&stream, &shared));
        visitors.extend(thread::Builder::new().spawn(serve));
    }
    for visitor in visitors {
        let _ = visitor.join();
    }
}

/// Answers requests on one connection until either side ends it.
fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LOOK_UP))?;
    stream.set_write_timeout(Some(LOOK_UP))?;
    let mut bytes = Vec::new();
    loop {
        let question = loop {
            match Question::parse(&bytes) {
                Some(question) => break question,
                None => {
                    let mut piece = [0; 1024];
                    match patiently(shared, || (&*stream).read(&mut piece))? {
                        0 => return Ok(()),
                        n => bytes.extend_from_slice(piece.get(..n).unwrap_or(&piece)),
                    }
                }
            }
        };
        let (status, page) = question.answer(&shared.pages);
        let (content_type, body) = match page {
            Some(page) => (page.content_type.as_str(), page.body.as_slice()),
            None => ("text/plain", status.as_bytes()),
        };
        let mut head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n",
            body.len()
        );
        if status.starts_with("405") {
            head += "Allow: GET\r\n";
        }
        head += if question.close {
            "Connection: close\r\n\r\n"
        } else {
            "\r\n"
        };
        shared.requests.fetch_add(1, Ordering::SeqCst);
        for mut rest in [head.as_bytes(), body] {
            while !rest.is_empty() {
                match patiently(shared, || (&*stream).write(rest))? {
                    0 => return Err(io::ErrorKind::WriteZero.into()),
                    n => rest = rest.get(n..).unwrap_or_default(),
                }
            }
        }
        if question.close {
            return Ok(());
        }
        bytes.drain(..question.length);
    }
}

/// Tries until something happens or the server ends.
fn patiently(shared: &Shared, mut attempt: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    use io::ErrorKind::{Interrupted, TimedOut, WouldBlock};
    loop {
        match attempt() {
            Err(e) if matches!(e.kind(), Interrupted | TimedOut | WouldBlock) => {
                if shared.ended.load(Ordering::SeqCst) {
                    return Err(e);
                }
            }
            other => return other,
        }
    }
}

/// What of a request matters for the answer.
struct Question {
    /// Bytes of its head.
    length: usize,
    /// Method and path, or what is wrong with the request.
    target: Result<(String, String), &'static str>,
    /// Whether the connection ends after the answer.
    close: bool,
}

impl Question {
    /// `None` while the head is incomplete.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let refused = |status| {
            Some(Self {
                length: bytes.len(),
                target: Err(status),
                close: true,
            })
        };
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        let length = match request.parse(bytes) {
            Ok(httparse::Status::Complete(length)) => length,
            Ok(httparse::Status::Partial) if bytes.len() < MAX_HEAD => return None,
            Ok(httparse::Status::Partial) => return refused("431 Request Header Fields Too Large"),
            Err(_) => return refused("400 Bad Request"),
        };
        let mut close = request.version == Some(0);
        for header in request.headers.iter() {
            let value = header.value.trim_ascii();
            match header.name.to_ascii_lowercase().as_str() {
                "connection" => close |= value.eq_ignore_ascii_case(b"close"),
                // The body would be taken for the next request.
                "content-length" => close |= value != b"0",
                "transfer-encoding" => close = true,
                _ => {}
            }
        }
        let text = |part: Option<&str>| part.unwrap_or_default().to_owned();
        Some(Self {
            length,
            target: Ok((text(request.method), text(request.path))),
            close,
        })
    }

    fn answer<'a>(&self, pages: &'a [Page]) -> (&'static str, Option<&'a Page>) {
        let (method, path) = match &self.target {
            Ok(target) => target,
            Err(status) => return (status, None),
        };
        if method != "GET" {
            return ("405 Method Not Allowed", None);
        }
        let path = path.split('?').next();
        match pages.iter().find(|page| Some(page.path.as_str()) == path) {
            Some(page) => ("200 OK", Some(page)),
            None => ("404 Not Found", None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    fn server() -> HttpServer {
        HttpServer::start(vec![
            Page::new("/a", "text/plain", b"alpha".to_vec()),
            Page::new("/big", "application/octet-stream", vec![7; 8_000_000]),
        ])
        .unwrap()
    }

    fn ask(server: &HttpServer, request: &str) -> String {
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn answers_what_is_asked() {
        let server = server();
        for (request, first, last) in [
            ("GET /a HTTP/1.0\r\n\r\n", "HTTP/1.1 200 OK", "alpha"),
            (
                "GET /a?x=1 HTTP/1.1\r\nConnection: Close\r\n\r\n",
                "HTTP/1.1 200 OK",
                "alpha",
            ),
            (
                "GET /b HTTP/1.0\r\n\r\n",
                "HTTP/1.1 404 Not Found",
                "404 Not Found",
            ),
            (
                "POST /a HTTP/1.1\r\nContent-Length: 1\r\n\r\n",
                "HTTP/1.1 405 Method Not Allowed",
                "405 Method Not Allowed",
            ),
            (
                "\0\0\r\n\r\n",
                "HTTP/1.1 400 Bad Request",
                "400 Bad Request",
            ),
        ] {
            let answer = ask(&server, request);
            assert_eq!(answer.lines().next(), Some(first), "{request:?}");
            assert_eq!(answer.lines().last(), Some(last), "{request:?}");
        }
        assert_eq!(server.requests(), 5);
    }

    #[test]
    fn keeps_the_connection_and_takes_requests_in_any_pieces() {
        let server = server();
        let mut stream = TcpStream::connect(server.addr()).unwrap();
        let mut expected = 0;
        for pieces in [3, 1000] {
            // Two requests back to back, so that they overlap the pieces.
            let requests = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(2);
            for piece in requests.as_bytes().chunks(pieces) {
                stream.write_all(piece).unwrap();
            }
            for _ in 0..2 {
                let mut answer = Vec::new();
                while !answer.ends_with(b"alpha") {
                    let mut byte = [0];
                    stream.read_exact(&mut byte).unwrap();
                    answer.extend(byte);
                }
                assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
                expected += 1;
            }
        }
        assert_eq!(server.requests(), expected);
    }

    #[test]
    fn ends_on_drop_with_open_and_stuck_connections() {
        let server = server();
        let _quiet = TcpStream::connect(server.addr()).unwrap();
        let mut stuck = TcpStream::connect(server.addr()).unwrap();
        stuck.write_all(b"GET /big HTTP/1.1\r\n\r\n").unwrap();
        while server.requests() == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        let (addr, start) = (server.addr(), Instant::now());
        drop(server);
        assert!(start.elapsed() < Duration::from_secs(2));
        assert!(TcpStream::connect(addr).is_err());
    }

    #[test]
    fn content_types_cannot_inject() {
        let page = Page::new("/", "a\r\nb: c", Vec::new());
        assert!(HttpServer::start(vec![page]).is_err());
    }
}
