use std::io::{ErrorKind, Read, Write};
use std::iter;
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use crate::DIALECTS;
use crate::program::{PATIENCE, Program, free_port};

fn start(dialect: &str, requests: u32) -> (Program, u16) {
    let port = free_port();
    let (number, requests) = (port.to_string(), requests.to_string());
    let mut program = Program::start(
        "web_server",
        &[
            "--dialect",
            dialect,
            "--port",
            &number,
            "--requests",
            &requests,
        ],
    );
    assert_eq!(program.line(), format!("http://127.0.0.1:{port}/"));
    (program, port)
}

/// The modem is told of a server behind the program's back: until then, and on
/// ESP-AT while all its links are in use, connections are refused.
fn connect(port: u16) -> TcpStream {
    let stream = (0..10_000).find_map(|_| {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
        if stream.is_none() {
            thread::sleep(Duration::from_millis(5));
        }
        stream
    });
    let stream = stream.unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that comes; nothing if the connection was turned away.
fn answer(mut stream: TcpStream, request: &str) -> String {
    let mut answer = String::new();
    match stream
        .write_all(request.as_bytes())
        .and_then(|()| stream.read_to_string(&mut answer))
    {
        Err(error)
            if [ErrorKind::ConnectionReset, ErrorKind::BrokenPipe].contains(&error.kind()) =>
        {
            String::new()
        }
        read => read.map(|_| answer).unwrap(),
    }
}

/// Who comes in the moment in which another connection is closed may be turned
/// away, and tries again, as browsers do.
fn ask(port: u16, request: &str) -> String {
    let answers = || answer(connect(port), request);
    let mut answers = iter::repeat_with(answers).take(100);
    answers.find(|answer| !answer.is_empty()).unwrap()
}

fn page(visits: u32) -> String {
    let body = format!("<title>ESP8285</title><h1>Hello</h1><p>Visit {visits}.</p>\n");
    head("200 OK", body.len()) + &body
}

fn head(status: &str, length: usize) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    )
}

#[test]
fn a_browser_gets_the_page_the_counter_and_a_404() {
    for dialect in DIALECTS {
        let (program, port) = start(dialect, 6);
        let get = "GET / HTTP/1.1\r\nHost: board\r\nUser-Agent: test\r\n\r\n";
        assert_eq!(ask(port, get), page(1));
        let missing = "<p>There is no such page.</p>\n";
        assert_eq!(
            ask(port, "GET /favicon.ico HTTP/1.1\r\nHost: board\r\n\r\n"),
            head("404 Not Found", missing.len()) + missing
        );
        assert_eq!(ask(port, get), page(2));
        // The same head and no body; not counted.
        assert_eq!(
            ask(port, "HEAD / HTTP/1.0\r\n\r\n"),
            head("200 OK", page(2).len() - head("200 OK", 10).len())
        );
        let refused = "<p>GET and HEAD only.</p>\n";
        assert_eq!(
            ask(port, "DELETE / HTTP/1.1\r\nHost: board\r\n\r\n"),
            head("405 Method Not Allowed", refused.len()) + refused
        );
        // Bare line ends, as people type them.
        assert_eq!(ask(port, "GET /\n\n"), page(3));
        let (status, said) = program.end();
        assert_eq!(status.code(), Some(0), "{said}");
    }
}

#[test]
fn clients_that_are_silent_or_go_away_do_not_stop_it() {
    for dialect in DIALECTS {
        let (mut program, port) = start(dialect, 1);
        let mut silent = connect(port);
        match silent.read(&mut [0]) {
            Ok(0) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => {}
            other => panic!("{other:?}"),
        }
        assert!(
            program
                .line()
                .starts_with("a client left: [Errno 110] ETIMEDOUT")
        );
        // Gone before a word, and in the middle of one.
        connect(port).shutdown(Shutdown::Both).unwrap();
        drop(connect(port));
        let mut hasty = connect(port);
        hasty.write_all(b"GET").unwrap();
        drop(hasty);
        assert_eq!(ask(port, "GET / HTTP/1.0\r\n\r\n"), page(1));
        assert_eq!(program.end().0.code(), Some(0));
    }
}

#[test]
fn several_clients_at_once_get_a_visit_each() {
    for dialect in DIALECTS {
        let (program, port) = start(dialect, 20);
        let client = move || -> Vec<String> {
            let get = || ask(port, "GET / HTTP/1.1\r\nHost: board\r\n\r\n");
            iter::repeat_with(get).take(4).collect()
        };
        let clients: Vec<_> = (0..5).map(|_| thread::spawn(client)).collect();
        let clients = clients.into_iter().map(|client| client.join().unwrap());
        let mut pages: Vec<String> = clients.flatten().collect();
        let mut expected: Vec<String> = (1..=20).map(page).collect();
        pages.sort();
        expected.sort();
        assert_eq!(pages, expected);
        assert_eq!(program.end().0.code(), Some(0));
    }
}

#[test]
fn a_port_that_is_taken_is_told() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (status, said) = Program::start("web_server", &["--port", &port]).end();
    assert_eq!(status.code(), Some(1), "{said}");
    assert!(said.contains("--port"), "{said}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_in_good_order() {
    let (program, port) = start("nonos-1.7", 9);
    let _waiting = connect(port);
    program.interrupt();
    let (status, said) = program.end();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.ends_with("stopped\n"), "{said}");
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err());
}
