use super::*;
use std::sync::{Arc, Mutex};

#[derive(Clone, Default)]
struct Page(Arc<Mutex<Vec<u8>>>);

impl io::Write for Page {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Page {
    /// The lines without their times, which are checked for shape.
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let line = |line: &str| {
            let (time, rest) = line.split_once(" ms] ").unwrap();
            assert!(
                time.strip_prefix('[')
                    .unwrap()
                    .trim()
                    .parse::<u64>()
                    .is_ok()
            );
            rest.to_owned()
        };
        text.lines().map(line).collect()
    }
}

/// `Said` and `Heard` in turn, in pieces of 1 byte and at once.
fn trace(exchange: &[(&str, &[u8])]) -> Vec<String> {
    let [single, whole] = [1, usize::MAX].map(|size| {
        let page = Page::default();
        let mut scribe = Scribe::new(Some(Box::new(page.clone())));
        for (direction, bytes) in exchange {
            for piece in bytes.chunks(size) {
                match *direction {
                    "->" => scribe.said(piece),
                    _ => scribe.heard(piece),
                }
            }
        }
        drop(scribe);
        page.lines()
    });
    assert_eq!(single, whole);
    whole
}

#[test]
fn commands_and_answers_become_lines() {
    let lines = trace(&[
        ("->", b"AT+GMR\r\n"),
        ("<-", b"AT+GMR\r\r\nAT version:1.7.4.0\r\n\r\nOK\r\n"),
        ("->", b"AT"),
        ("<-", b"busy p...\r\n"),
        ("->", b"\r\n"),
        ("<-", b"\r\nhome\x1b[31mred\x07 caf\xc3\xa9\r\nrest"),
    ]);
    assert_eq!(
        lines,
        [
            "-> AT+GMR",
            "<- AT+GMR",
            "<- AT version:1.7.4.0",
            "<- OK",
            "<- busy p...",
            "-> AT",
            "<- home\\u{1b}[31mred\\u{7} caf\u{e9}",
            "<- rest",
        ]
    );
}

#[test]
fn announced_payload_is_counted() {
    let mut received = b"\r\n+IPD,0,1460:".to_vec();
    received.extend(b"OK\r\nAT+X\r\n".iter().cycle().take(1460));
    received.extend(b"\r\nCLOSED\r\n");
    let lines = trace(&[
        ("->", b"AT+CIPSEND=0,6\r\n"),
        ("<-", b"\r\nOK\r\n> "),
        ("->", b"AT\r\n>>"),
        ("<-", b"\r\nRecv 6 bytes\r\n\r\nSEND OK\r\n"),
        ("<-", &received),
        ("->", b"AT+CIPRECVDATA=0,5\r\n"),
        ("<-", b"+CIPRECVDATA,5:\r\n\r\n\0\r\nOK\r\n"),
        ("<-", b"+CIPRECVDATA:5,hello\r\nOK\r\n+IPD,1,20\r\n"),
        (
            "<-",
            b"+IPD,3:abc+IPD,4,\"1.2.3.4\",80:abcd+IPD,2,1,1.2.3.4,80:x>\r\n",
        ),
    ]);
    assert_eq!(
        lines,
        [
            "-> AT+CIPSEND=0,6",
            "<- OK",
            "<- >",
            "-> [6 bytes]",
            "<- Recv 6 bytes",
            "<- SEND OK",
            "<- +IPD,0,1460:[1460 bytes]",
            "<- CLOSED",
            "-> AT+CIPRECVDATA=0,5",
            "<- +CIPRECVDATA,5:[5 bytes]",
            "<- OK",
            "<- +CIPRECVDATA:5,[5 bytes]",
            "<- OK",
            "<- +IPD,1,20",
            "<- +IPD,3:[3 bytes]",
            "<- +IPD,4,\"1.2.3.4\",80:[4 bytes]",
            "<- +IPD,2,1,1.2.3.4,80:[1 byte]",
            "<- >",
        ]
    );
}

#[test]
fn a_refused_send_is_forgotten() {
    let lines = trace(&[
        ("->", b"AT+CIPSEND=100\r\n"),
        ("<-", b"ERROR\r\n"),
        ("->", b"AT\r\n"),
        ("<-", b"OK\r\n>\r\n"),
        ("->", b"AT+GMR\r\n"),
    ]);
    assert_eq!(
        lines,
        [
            "-> AT+CIPSEND=100",
            "<- ERROR",
            "-> AT",
            "<- OK",
            "<- >",
            "-> AT+GMR"
        ]
    );
}

#[test]
fn binary_and_endless_lines_are_counted_together() {
    let long = [b'x'; 5000];
    let lines = trace(&[
        ("<-", b"\xff\xfe\x00\n\x80\x81\nready\r\n"),
        ("<-", &long),
        ("<-", b"\r\nOK\r\n"),
        ("<-", b"\x80\n"),
        ("->", b"AT\r\n"),
        ("<-", &long),
    ]);
    assert_eq!(
        lines,
        [
            "<- [7 bytes]",
            "<- ready",
            "<- [5002 bytes]",
            "<- OK",
            "<- [2 bytes]",
            "-> AT",
            "<- [5000 bytes]",
        ]
    );
}

#[test]
fn passwords_are_never_written() {
    for (line, shown) in [
        (r#"AT+CWJAP="home","secret""#, r#"AT+CWJAP="home",***"#),
        (
            r#"AT+CWJAP_CUR="home","secret""#,
            r#"AT+CWJAP_CUR="home",***"#,
        ),
        (
            r#"AT+CWJAP_DEF="a\"b","secret","aa:bb""#,
            r#"AT+CWJAP_DEF="a\"b",***"#,
        ),
        (r#"AT+CWJAP="a"b","secret""#, r#"AT+CWJAP="a",***"#),
        (r#"AT+CWJAP="a\","secret""#, r#"AT+CWJAP="a\",",***"#),
        (r#"AT+CWJAP="a\\","se\"secret""#, r#"AT+CWJAP="a\\",***"#),
        (r#"at+cwjap="home","secret"#, r#"at+cwjap="home",***"#),
        (r#">T+CWJAP="home","secret""#, r#">T+CWJAP="home",***"#),
        (r#"AT+CWJAP=secret,"secret""#, "AT+CWJAP=***"),
        (r#"AT+CWJAP="secret"#, "AT+CWJAP=***"),
        (
            r#"AT+CWSAP_CUR="me","secret",5,3"#,
            r#"AT+CWSAP_CUR="me",***"#,
        ),
        (r#"+CWSAP:"me","secret",5,3"#, r#"+CWSAP:"me",***"#),
        (r#"AT+CWJAP="open""#, r#"AT+CWJAP="open""#),
        ("AT+CWJAP?", "AT+CWJAP?"),
        ("AT+CWJAP=", "AT+CWJAP="),
        (
            r#"+CWJAP:"home","aa:bb",1,-50"#,
            r#"+CWJAP:"home","aa:bb",1,-50"#,
        ),
    ] {
        for arrow in ["->", "<-"] {
            // Whole, and broken off before its end.
            for end in ["\r\n", "\r\r\n", ""] {
                let lines = trace(&[(arrow, format!("{line}{end}").as_bytes())]);
                assert_eq!(lines, [format!("{arrow} {shown}")]);
            }
        }
    }
    // Longest names and passwords, everything escaped, and not UTF-8.
    let long = format!(
        "AT+CWJAP=\"{}\",\"{}secret\"",
        "\\\"".repeat(32),
        "\\,".repeat(61)
    );
    let lines = trace(&[("->", long.as_bytes()), ("->", b"\r\n")]);
    assert!(!lines.concat().contains("secret") && lines.concat().ends_with(",***"));
    let lines = trace(&[("->", b"AT+CWJAP=\"h\xe9\",\"secret\"\r\n")]);
    assert_eq!(lines, ["-> [24 bytes]"]);
}

struct Script(Vec<Result<&'static [u8], embedded_io::ErrorKind>>);

impl ErrorType for Script {
    type Error = embedded_io::ErrorKind;
}

impl Read for Script {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Self::Error> {
        let bytes = self.0.remove(0)?;
        buf[..bytes.len()].copy_from_slice(bytes);
        Ok(bytes.len())
    }
}

impl Write for Script {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Self::Error> {
        Ok(buf.len().min(3))
    }

    fn flush(&mut self) -> Result<(), Self::Error> {
        Ok(())
    }
}

#[test]
fn only_what_passed_is_written_and_failures_once() {
    let page = Page::default();
    let gone = Err(embedded_io::ErrorKind::BrokenPipe);
    let port = Script(vec![Ok(b"OK\r\n"), gone, gone]);
    let mut port = Trace::to(port, Box::new(page.clone()));
    port.write_all(b"AT+RST\r\n").unwrap();
    assert_eq!(port.read(&mut [0; 99]), Ok(4));
    assert!(port.read(&mut [0; 99]).is_err());
    assert!(port.read(&mut [0; 99]).is_err());
    drop(port.into_inner());
    assert_eq!(page.lines(), ["-> AT+RST", "<- OK", "!! BrokenPipe"]);

    let mut silent = Trace::off(Script(vec![Ok(b"OK\r\n")]));
    assert_eq!(silent.write(b"AT"), Ok(2));
    assert_eq!(silent.read(&mut [0; 99]), Ok(4));
}
