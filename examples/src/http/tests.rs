use super::*;
use std::collections::VecDeque;

/// Hands out scripted pieces; `None` is a timeout.
struct Script(VecDeque<Option<Vec<u8>>>);

impl Script {
    fn pieces(bytes: &[u8], size: usize) -> Self {
        Self(bytes.chunks(size).map(|c| Some(c.to_vec())).collect())
    }
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self.0.pop_front() {
            None => Ok(0),
            Some(None) => Err(io::ErrorKind::TimedOut.into()),
            Some(Some(mut piece)) => {
                let n = piece.len().min(buf.len());
                buf[..n].copy_from_slice(&piece[..n]);
                let rest = piece.split_off(n);
                if !rest.is_empty() {
                    self.0.push_front(Some(rest));
                }
                Ok(n)
            }
        }
    }
}

fn fetch(bytes: &[u8], size: usize) -> Result<(Vec<u8>, Option<End>), Box<dyn std::error::Error>> {
    let mut response = Response::read(Script::pieces(bytes, size))?;
    let mut body = Vec::new();
    response.read_to_end(&mut body)?;
    assert_eq!(response.received(), body.len() as u64);
    assert_eq!(response.read(&mut [0; 8])?, 0, "the end stays the end");
    Ok((body, response.end()))
}

const CHUNKED: &[u8] =
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 999\r\n\r\n\
    5;ext=1\r\nhello\r\n00A \r\n, w\r\norld!\r\n0\r\nTrailer: x\r\n\r\nNEXT";

#[test]
fn bodies_end_where_they_should_however_they_arrive() {
    let answers: [(&[u8], &[u8], End); 8] = [
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1",
            b"hello",
            End::Announced,
        ),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length:  0 \r\n\r\nx",
            b"",
            End::Announced,
        ),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
            b"abc",
            End::Announced,
        ),
        (
            b"HTTP/1.0 200 OK\r\nContent-type: image/bmp\r\n\r\nhello",
            b"hello",
            End::Closed,
        ),
        (b"HTTP/1.1 200\r\n\r\n", b"", End::Closed),
        (
            b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
            b"",
            End::Announced,
        ),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Made\r\nContent-Length: 1\r\n\r\nx",
            b"x",
            End::Announced,
        ),
        (CHUNKED, b"hello, w\r\norld!", End::Announced),
    ];
    for (bytes, body, end) in answers {
        for size in 1..=bytes.len() {
            let (got, how) = fetch(bytes, size)
                .unwrap_or_else(|e| panic!("{size}: {e}: {}", bytes.escape_ascii()));
            assert_eq!(
                got.escape_ascii().to_string(),
                body.escape_ascii().to_string()
            );
            assert_eq!(how, Some(end), "pieces of {size}");
        }
    }
}

#[test]
fn what_breaks_off_is_never_complete() {
    let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
    for bytes in [&whole[..], &CHUNKED[..CHUNKED.len() - 4]] {
        for cut in 0..bytes.len() {
            assert!(
                fetch(&bytes[..cut], 7).is_err(),
                "{cut} {}",
                bytes.escape_ascii()
            );
        }
        assert!(fetch(bytes, 7).is_ok());
    }
}

#[test]
fn any_timeout_can_be_waited_out() {
    let body_at = CHUNKED.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;
    let (head, body) = CHUNKED.split_at(body_at);
    let mut script = Script::pieces(head, 100);
    for &byte in body {
        script.0.extend([None, Some(vec![byte])]);
    }
    let mut response = Response::read(script).unwrap();
    let mut got = Vec::new();
    let mut timeouts = 0;
    loop {
        match response.read(&mut [0; 3][..]) {
            Ok(0) => break,
            Ok(n) => got.push(n),
            Err(error) => {
                assert_eq!(error.kind(), io::ErrorKind::TimedOut);
                timeouts += 1;
            }
        }
    }
    assert_eq!(got.iter().sum::<usize>(), 15);
    assert!(timeouts > 15);
    assert_eq!(response.end(), Some(End::Announced));
}

#[test]
fn silence_ends_only_bodies_without_a_length() {
    let run = |head: &str, body: &str| {
        let pieces = [
            Some(head.into()),
            Some(body.into()),
            None,
            Some(b"late".to_vec()),
        ];
        let pieces = pieces
            .into_iter()
            .filter(|p| p != &Some(Vec::new()))
            .collect();
        let mut response = Response::read(Script(pieces)).unwrap();
        let mut body = Vec::new();
        let result = response.read_to_end(&mut body).map_err(|e| e.kind());
        (result, response.end())
    };
    let silence = Some(End::Silence);
    assert_eq!(run("HTTP/1.1 200 OK\r\n\r\n", "abc"), (Ok(3), silence));
    let timeout = (Err(io::ErrorKind::TimedOut), None);
    assert_eq!(run("HTTP/1.1 200 OK\r\n\r\n", ""), timeout);
    assert_eq!(
        run("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "abc"),
        timeout
    );
}

#[test]
fn damaged_chunks_are_told() {
    for body in [
        "\r\n\r\n",
        "x\r\n",
        "-1\r\n",
        "5\r\nhelloX\r\n",
        "5 5\r\nhello\r\n",
        "0\r\n\n",
        "ffffffffffffffffff\r\n",
        " 5\r\nhello\r\n",
    ] {
        let bytes = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        let result = fetch(bytes.as_bytes(), 5);
        assert!(result.is_err(), "{body:?}: {result:?}");
    }
    let endless =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_owned() + &"0".repeat(100_000);
    assert!(fetch(endless.as_bytes(), 999).is_err());
}

#[test]
fn other_statuses_are_errors_with_their_status() {
    for (answer, expected) in [
        (
            "HTTP/1.0 404 File not found\r\n",
            "the server answered 404 File not found: check the path of the address",
        ),
        (
            "HTTP/1.1 301 Moved\r\nLocation: https://a/\r\nContent-Length: x\r\n",
            "the server answered 301 Moved: redirects are not followed, try https://a/",
        ),
        (
            "HTTP/1.1 503\r\nContent-Encoding: gzip\r\n",
            "the server answered 503: its trouble, try again later",
        ),
        (
            "HTTP/1.1 304 Not Modified\r\n",
            "the server answered 304 Not Modified",
        ),
        ("HTTP/1.1 101 Switch\r\n", "the server answered 101 Switch"),
        ("HTTP/1.1 999 ?\r\n", "the server answered 999 ?"),
    ] {
        let error = Response::read(format!("{answer}\r\n").as_bytes()).unwrap_err();
        assert!(matches!(error, HttpError::Status { .. }), "{error:?}");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    for answer in [
        "",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/3 200 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n",
    ] {
        let result = Response::read(answer.as_bytes());
        assert!(result.is_err(), "{answer:?}");
    }
    let endless = io::repeat(b'a').take(1 << 20);
    let long = (&b"HTTP/1.1 200 OK\r\nA: "[..]).chain(endless);
    assert!(matches!(Response::read(long), Err(HttpError::HeadTooLong)));
}

#[test]
fn headers_cannot_inject() {
    let request = || Request::get(&"http://h:81/p?q".parse().unwrap());
    let bytes = request().header("Connection", "close").unwrap().to_bytes();
    let text = String::from_utf8(bytes).unwrap();
    assert!(text.starts_with("GET /p?q HTTP/1.1\r\nHost: h:81\r\nUser-Agent: "));
    assert!(text.ends_with("\r\nAccept-Encoding: identity\r\nConnection: close\r\n\r\n"));
    for (name, value) in [
        ("", "x"),
        ("A B", "x"),
        ("A:", "x"),
        ("A\r\nB", "x"),
        ("\u{e4}", "x"),
        ("A", "x\r\nB: y"),
        ("A", "x\n"),
        ("A", "x\r"),
        ("A", "\0"),
        ("A", "\u{e4}"),
    ] {
        assert!(request().header(name, value).is_err(), "{name:?} {value:?}");
    }
}

#[test]
fn works_with_the_server_of_this_package_on_one_connection() {
    let page = crate::http_server::Page::new("/p", "image/bmp", crate::picture::bmp());
    let server = crate::http_server::HttpServer::start(vec![page]).unwrap();
    let stream = std::net::TcpStream::connect(server.addr()).unwrap();
    let url: HttpUrl = server.url("/p").parse().unwrap();
    for _ in 0..3 {
        io::Write::write_all(&mut (&stream), &Request::get(&url).to_bytes()).unwrap();
        let mut response = Response::read(&stream).unwrap();
        assert_eq!(response.content_type(), Some("image/bmp"));
        let mut body = Vec::new();
        response.read_to_end(&mut body).unwrap();
        assert_eq!(body, crate::picture::bmp());
    }
    assert_eq!(server.requests(), 3);
}
