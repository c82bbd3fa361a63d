//! The program, started for real.

#![cfg(unix)]

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

struct Program {
    child: Child,
    out: BufReader<ChildStdout>,
    greeting: String,
}

impl Program {
    fn start(args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_esp8285-sim"))
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut out = BufReader::new(child.stdout.take().expect("it was piped"));
        let mut greeting = String::new();
        out.read_line(&mut greeting)
            .expect("it says how to connect");
        Self {
            child,
            out,
            greeting,
        }
    }

    /// Ends it; what it had printed.
    ///
    /// By TERM, because a test run in the background of a shell hands down INT
    /// as ignored.
    fn end(mut self) -> String {
        let status = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        assert!(status.expect("kill runs").success());
        self.child.wait().expect("it ends");
        let mut rest = String::new();
        self.out.read_to_string(&mut rest).expect("text");
        rest
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn until(from: &mut impl Read, end: &str) -> String {
    let limit = Instant::now() + PATIENCE;
    let mut all = Vec::new();
    let mut buf = [0; 256];
    while !all.ends_with(end.as_bytes()) {
        assert!(
            Instant::now() < limit,
            "no {end:?} in {:?}",
            String::from_utf8_lossy(&all)
        );
        match from.read(&mut buf) {
            Ok(0) => panic!("closed after {:?}", String::from_utf8_lossy(&all)),
            Ok(length) => all.extend_from_slice(&buf[..length]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                std::thread::sleep(Duration::from_millis(1));
            }
            Err(error) => panic!("{error}"),
        }
    }
    String::from_utf8_lossy(&all).into_owned()
}

fn ask(port: &mut (impl Read + Write), line: &str, end: &str) -> String {
    port.write_all(format!("{line}\r\n").as_bytes())
        .expect("it takes a line");
    until(port, end)
}

/// A client whose reads come back, so that the patience can end.
fn connect(port: u16) -> TcpStream {
    let client = TcpStream::connect(("127.0.0.1", port)).expect("it listens");
    let short = Some(Duration::from_millis(20));
    client.set_read_timeout(short).expect("a valid time");
    client
}

fn link(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("esp8285-sim-{}-{name}", std::process::id()))
}

fn open(link: &Path) -> File {
    let nonblocking = 0o4000; // O_NONBLOCK on Linux, where this runs
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags(nonblocking)
        .open(link)
        .expect("the link opens")
}

#[test]
#[cfg(target_os = "linux")]
fn a_pseudo_terminal_outlives_its_clients() {
    let path = link("pty");
    let program = Program::start(&["--pty", path.to_str().expect("a plain path")]);
    assert!(
        program.greeting.contains(path.to_str().unwrap()),
        "{}",
        program.greeting
    );
    let mut port = open(&path);
    assert_eq!(ask(&mut port, "AT", "OK\r\n"), "AT\r\n\r\nOK\r\n");
    assert_eq!(
        ask(&mut port, "AT+CIPMUX=1", "OK\r\n"),
        "AT+CIPMUX=1\r\n\r\nOK\r\n"
    );
    // Gone in the middle of an answer, which is not for the next client.
    port.write_all(b"AT+GMR\r\n").unwrap();
    drop(port);
    std::thread::sleep(Duration::from_millis(300));
    let mut port = open(&path);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(
        ask(&mut port, "AT+CIPMUX?", "OK\r\n"),
        "AT+CIPMUX?\r\n+CIPMUX:1\r\n\r\nOK\r\n"
    );
    ask(&mut port, "AT+CWMODE=1", "OK\r\n");
    ask(
        &mut port,
        "AT+CWJAP=\"Simulated\",\"password\"",
        "\r\nOK\r\n",
    );
    let trace = program.end();
    assert!(trace.contains(" > AT+CIPMUX=1\\r\\n\n"), "{trace}");
    assert!(
        trace.contains("AT+CWJAP=\"Simulated\",\"***\"\\r\\n"),
        "{trace}"
    );
    assert!(!trace.contains("password"), "{trace}");
    assert!(
        std::fs::symlink_metadata(&path).is_err(),
        "the link is gone"
    );
}

#[test]
fn a_file_is_not_replaced_by_the_link() {
    let path = link("file");
    std::fs::write(&path, "precious").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_esp8285-sim"))
        .arg("--pty")
        .arg(&path)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn tcp_clients_come_and_go() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = server.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = server.accept().unwrap();
        stream.write_all(b"hello").unwrap();
    });
    let program = Program::start(&[
        "--tcp",
        "127.0.0.1:0",
        "--dialect",
        "esp-at-2.2",
        "--quiet",
        "--baud",
        "921600",
        "--ap",
        "net:secret",
        "--host",
        &format!("dl.example={place}"),
    ]);
    let words: Vec<&str> = program.greeting.split_whitespace().collect();
    let port: u16 = words
        .last()
        .and_then(|word| word.parse().ok())
        .expect("the greeting ends with the port");
    let mut client = connect(port);
    assert_eq!(ask(&mut client, "ATE0", "OK\r\n"), "ATE0\r\n\r\nOK\r\n");
    // The line follows the modem's rate.
    ask(&mut client, "AT+UART_CUR=115200,8,1,0,0", "OK\r\n");
    std::thread::sleep(Duration::from_millis(100));
    ask(&mut client, "AT+CWJAP=\"net\",\"secret\"", "\r\nOK\r\n");
    drop(client);
    std::thread::sleep(Duration::from_millis(100));
    let mut client = connect(port);
    // A new client may have to wait until the old one is noticed gone.
    let all = ask(
        &mut client,
        "AT+CIPSTART=\"TCP\",\"dl.example\",80",
        "CLOSED\r\n",
    );
    assert_eq!(all, "CONNECT\r\n\r\nOK\r\n\r\n+IPD,5:hello\r\nCLOSED\r\n");
    assert_eq!(program.end(), "");
}

#[test]
fn the_command_line_explains_itself() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_esp8285-sim"))
            .args(args)
            .output()
            .unwrap();
        (
            output.status.success(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let (ok, help, _) = run(&["--help"]);
    assert!(ok);
    for dialect in esp8285_sim::Dialect::ALL {
        let version = dialect.to_string();
        let version = version
            .trim_start_matches("nonos")
            .trim_start_matches("esp-at");
        assert!(help.contains(version), "{dialect}");
    }
    for option in [
        "--pty",
        "--tcp",
        "--dialect",
        "--ap",
        "--host",
        "--allow-net",
        "--baud",
        "--quiet",
    ] {
        assert!(help.contains(option), "{option}");
    }
    for bad in [
        &[][..],
        &["--tcp", "127.0.0.1:0", "--pty", "x"],
        &["--tcp", "127.0.0.1:0", "--dialect", "hayes"],
        &["--tcp", "127.0.0.1:0", "--ap", "nocolon"],
        &["--tcp", "127.0.0.1:0", "--host", "x"],
        &["--tcp", "127.0.0.1:0", "--baud", "0"],
        &["--tcp", "not an address"],
    ] {
        let (ok, _, error) = run(bad);
        assert!(!ok && !error.is_empty(), "{bad:?}");
    }
    for (bad, hint) in [
        (
            &["--tcp", "8266"],
            "the form is ADDR:PORT, such as 127.0.0.1:8266",
        ),
        (
            &["--tcp", "127.0.0.1:99999"],
            "invalid port value; the form is ADDR:PORT",
        ),
        (
            &["--ap", "home"],
            "the form is SSID:PASSWORD, or home: without encryption",
        ),
        (&["--dialect", "nonos"], "known are nonos-0.2x, nonos-1.3,"),
    ] {
        let (ok, _, error) = run(bad);
        assert!(!ok && error.contains(hint), "{bad:?}: {error}");
    }
}
