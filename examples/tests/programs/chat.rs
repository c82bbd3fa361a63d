use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::thread;
use std::time::Duration;

use crate::DIALECTS;
use crate::program::{PATIENCE, Program, free_port};

struct Guest(BufReader<TcpStream>);

impl Guest {
    fn come(port: u16) -> Self {
        // The modem is told of a server behind the program's back.
        let stream = (0..10_000).find_map(|_| {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok();
            if stream.is_none() {
                thread::sleep(Duration::from_millis(5));
            }
            stream
        });
        let stream = stream.unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        Self(BufReader::new(stream))
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line
    }

    fn say(&mut self, text: &[u8]) {
        self.0.get_mut().write_all(text).unwrap();
    }
}

fn start(dialect: &str, timeout: &str) -> (Program, Guest, Guest) {
    let port = free_port();
    let number = port.to_string();
    let mut program = Program::start(
        "chat",
        &[
            "--dialect",
            dialect,
            "--port",
            &number,
            "--timeout",
            timeout,
        ],
    );
    assert_eq!(program.line(), format!("tcp://127.0.0.1:{port}"));
    let mut first = Guest::come(port);
    assert_eq!(first.line(), "* you are the first; wait for the second\n");
    let mut second = Guest::come(port);
    for guest in [&mut first, &mut second] {
        assert_eq!(guest.line(), "* you are two\n");
    }
    (program, first, second)
}

#[test]
fn what_one_says_the_other_hears() {
    for dialect in DIALECTS {
        let (program, mut first, mut second) = start(dialect, "3600");
        first.say(b"hello\n");
        assert_eq!(second.line(), "hello\n");
        second.say(b"hi\n");
        assert_eq!(first.line(), "hi\n");
        // Both at once, and longer than one piece.
        let story: Vec<u8> = (0..4000_u32)
            .flat_map(|i| (i % 251).to_be_bytes())
            .collect();
        first.say(&story[..6000]);
        second.say(&story);
        let mut heard = vec![0; 6000];
        second.0.read_exact(&mut heard).unwrap();
        assert!(heard == story[..6000]);
        let mut heard = vec![0; story.len()];
        first.0.read_exact(&mut heard).unwrap();
        assert!(heard == story);

        first.0.get_ref().shutdown(Shutdown::Write).unwrap();
        assert_eq!(second.line(), "* the other one has left\n");
        assert_eq!(second.line(), "");
        assert_eq!(program.end().0.code(), Some(0));
    }
}

#[test]
fn silence_is_remarked_upon_to_both_and_is_not_the_end() {
    for dialect in DIALECTS {
        let (_program, mut first, mut second) = start(dialect, "1");
        for _ in 0..2 {
            for guest in [&mut first, &mut second] {
                let line = guest.line();
                assert_eq!(line, "* nobody has said anything for 1 seconds\n");
            }
        }
        second.say(b"still here\n");
        while first.line() != "still here\n" {}
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_in_good_order() {
    let (program, mut first, _second) = start("nonos-1.7", "3600");
    program.interrupt();
    let (status, said) = program.end();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(said.ends_with("stopped\n"), "{said}");
    assert_eq!(first.line(), "");
}
