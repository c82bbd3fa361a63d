//! The program's log, and its faults.

#![cfg(unix)]

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use esp8285_sim::{Direction, Transcript};

const PATIENCE: Duration = Duration::from_secs(20);

struct Program {
    child: Child,
    client: TcpStream,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_esp8285-sim"))
            .args(["--tcp", "127.0.0.1:0", "--quiet"])
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut greeting = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("it was piped"));
        out.read_line(&mut greeting).expect("it greets");
        let port = greeting.split_whitespace().last();
        let port: u16 = port.and_then(|word| word.parse().ok()).expect("a port");
        let client = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
        client
            .set_read_timeout(Some(Duration::from_millis(20)))
            .expect("a valid time");
        Self { child, client }
    }

    fn ask(&mut self, line: &str, end: &str) -> String {
        self.client
            .write_all(format!("{line}\r\n").as_bytes())
            .expect("it takes a line");
        let limit = Instant::now() + PATIENCE;
        let mut all = String::new();
        let mut buf = [0; 256];
        while !all.ends_with(end) {
            assert!(Instant::now() < limit, "no {end:?} in {all:?}");
            match self.client.read(&mut buf) {
                Ok(0) => panic!("closed after {all:?}"),
                Ok(length) => all.push_str(&String::from_utf8_lossy(&buf[..length])),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => panic!("{error}"),
            }
        }
        all
    }

    /// Ends it; what it has complained about.
    fn end(mut self) -> String {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it ends");
        let mut errors = String::new();
        let mut stream = self.child.stderr.take().expect("it was piped");
        stream.read_to_string(&mut errors).expect("text");
        errors
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_esp8285-sim"))
        .args(["--tcp", "127.0.0.1:0"])
        .args(args)
        .output()
        .unwrap()
}

fn path(name: &str) -> PathBuf {
    let name = format!("esp8285-sim-log-{}-{name}", std::process::id());
    std::env::temp_dir().join(name)
}

/// The log, once it has an end.
fn log(path: &Path, end: &str) -> (String, Transcript) {
    let limit = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(path).unwrap();
        if text.ends_with(end) {
            let read = text.parse().unwrap();
            return (text, read);
        }
        assert!(Instant::now() < limit, "no {end:?} in {text:?}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn said(read: &Transcript, who: Direction) -> Vec<u8> {
    let all = read.exchange().filter(|(way, _)| *way == who);
    all.flat_map(|(_, bytes)| bytes).collect()
}

#[test]
fn a_log_holds_every_byte_but_no_password() {
    let path = path("every-byte");
    let mut program = Program::start(&["--log", path.to_str().unwrap()]);
    let mut answers = program.ask("ATE0", "OK\r\n");
    answers += &program.ask("AT+CWMODE=1", "OK\r\n");
    answers += &program.ask("AT+CWJAP=\"Simulated\",\"password\"", "\r\nOK\r\n");
    answers += &program.ask("AT\\ \u{7}", "OR\r\n");
    let (text, read) = log(&path, "< ERROR\\r\\n\n");
    assert_eq!(program.end(), "");
    std::fs::remove_file(&path).unwrap();
    assert!(text.starts_with("# esp8285-sim, nonos-1.7\n"), "{text}");
    assert!(!text.contains("password"), "{text}");
    assert_eq!(
        said(&read, Direction::ToModem),
        b"ATE0\r\nAT+CWMODE=1\r\nAT+CWJAP=\"Simulated\",\"***\"\r\nAT\\ \x07\r\n"
    );
    assert_eq!(said(&read, Direction::FromModem), answers.as_bytes());
    let times: Vec<_> = read.entries().iter().map(|entry| entry.at_us()).collect();
    assert!(times.iter().all(Option::is_some));
}

#[test]
fn a_log_holds_passwords_on_demand() {
    let path = path("passwords");
    let mut program = Program::start(&["--log", path.to_str().unwrap(), "--log-passwords"]);
    program.ask("AT+CWJAP=\"a\",\"b c\"", "OR\r\n");
    let (text, _) = log(&path, "ERROR\\r\\n\n");
    std::fs::remove_file(&path).unwrap();
    assert!(text.contains(" > AT+CWJAP=\"a\",\"b c\"\\r\\n\n"), "{text}");
}

#[test]
fn faults_strike_with_the_seed_given() {
    let mut first = Program::start(&["--fault", "busy=0.5,seed=3"]);
    let mut second = Program::start(&["--fault", "busy=0.5", "--seed", "3"]);
    for _ in 0..12 {
        assert_eq!(answer(&mut first), answer(&mut second));
    }
    assert_eq!(first.end() + &second.end(), "");
}

/// One command's answer, which may be OK or busy.
fn answer(program: &mut Program) -> String {
    let echo = program.ask("AT", "\r\n");
    let limit = Instant::now() + PATIENCE;
    let mut all = echo;
    let mut buf = [0; 64];
    while !all.ends_with("OK\r\n") && !all.ends_with("busy p...\r\n") {
        assert!(Instant::now() < limit, "{all:?}");
        if let Ok(length) = program.client.read(&mut buf) {
            all.push_str(&String::from_utf8_lossy(&buf[..length]));
        }
    }
    all
}

#[test]
fn a_seed_nobody_chose_is_told_and_logged() {
    let path = path("seed");
    let log_path = path.to_str().unwrap();
    let program = Program::start(&["--fault", "busy=5%", "--log", log_path]);
    let (text, _) = log(&path, "\n");
    let errors = program.end();
    std::fs::remove_file(&path).unwrap();
    let seed = errors
        .trim_end()
        .strip_prefix("esp8285-sim: faults repeat with --seed ")
        .expect("it says so");
    assert!(seed.parse::<u64>().is_ok(), "{errors}");
    assert_eq!(
        text,
        format!("# esp8285-sim, nonos-1.7, --fault busy=0.05,seed={seed}\n")
    );
}

#[test]
fn wrong_options_are_explained() {
    for (args, what) in [
        (
            &["--fault", "dropp=1"][..],
            "unknown fault \"dropp\"; known are drop,",
        ),
        (&["--fault", "busy=2"], "busy needs a chance from 0 to 1"),
        (
            &["--fault", "help"],
            "a command is refused with `busy p...`",
        ),
        (&["--seed", "1"], "--fault"),
        (&["--log-passwords"], "--log"),
        (&["--log", "/nonexistent/file"], "--log /nonexistent/file: "),
    ] {
        let output = run(args);
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success(), "{args:?}");
        assert!(errors.contains(what), "{args:?}: {errors}");
    }
}
