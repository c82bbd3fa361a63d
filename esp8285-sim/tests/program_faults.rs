//! The program where nobody listens, where a name is taken, and where the arguments make no sense.

#![cfg(target_os = "linux")]

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(20);

/// A running program, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_esp8285-sim"))
}

fn run(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

fn complaint(args: &[&str]) -> String {
    let output = run(args);
    assert!(!output.status.success(), "{args:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn full() -> Stdio {
    OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

/// A pipe whose reader has gone.
fn closed() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

fn eventually<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let limit = Instant::now() + PATIENCE;
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < limit, "{what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

fn path(name: &str) -> PathBuf {
    let name = format!("esp8285-sim-faults-{}-{name}", std::process::id());
    std::env::temp_dir().join(name)
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn interrupt(program: &mut Running) {
    let id = program.0.id().to_string();
    let status = Command::new("kill").args(["-TERM", &id]).status();
    assert!(status.expect("kill runs").success());
    assert!(program.0.wait().expect("it ends").success());
}

#[test]
fn an_output_that_takes_nothing_stops_no_modem() {
    for output in [full, closed] {
        let address = free_address();
        let child = program()
            .args(["--tcp", &address])
            .stdout(output())
            .stderr(output())
            .spawn();
        let _program = Running(child.unwrap());
        let mut client = eventually("it listens", || TcpStream::connect(&address).ok());
        client.set_read_timeout(Some(PATIENCE)).unwrap();
        for _ in 0..3 {
            client.write_all(b"AT\r\n").unwrap();
            let mut answer = [0; 10];
            client.read_exact(&mut answer).unwrap();
            assert_eq!(&answer, b"AT\r\n\r\nOK\r\n");
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

#[test]
fn an_output_that_takes_nothing_leaves_no_link_behind() {
    let link = path("unheard");
    let child = program()
        .args(["--pty", text(&link)])
        .stdout(full())
        .stderr(full())
        .spawn();
    let mut program = Running(child.unwrap());
    eventually("there is a link", || fs::read_link(&link).ok());
    // The link is there a little before the signal handler.
    std::thread::sleep(Duration::from_millis(200));
    interrupt(&mut program);
    assert!(fs::read_link(&link).is_err());
}

#[test]
fn an_error_nobody_hears_is_still_an_error() {
    for error in [full, closed] {
        let status = program()
            .args(["--tcp", "nowhere"])
            .stdout(error())
            .stderr(error())
            .status();
        assert_eq!(status.unwrap().code(), Some(1));
        // The warning before the start is one more line nobody hears.
        let status = program()
            .args(["--tcp", "nowhere", "--host", "far.example=192.0.2.1"])
            .stderr(error())
            .status();
        assert_eq!(status.unwrap().code(), Some(1));
    }
}

#[test]
fn only_links_to_pseudo_terminals_and_to_nothing_are_replaced() {
    let (file, link) = (path("precious"), path("link"));
    fs::write(&file, "precious").unwrap();
    symlink(&file, &link).unwrap();
    let error = complaint(&["--pty", text(&link)]);
    assert!(
        error.contains(text(&link)) && error.contains(text(&file)),
        "{error}"
    );
    assert_eq!(fs::read_link(&link).unwrap(), file);
    fs::remove_file(&file).unwrap();
    // Now it dangles; and after a killed program, it may lead to somebody else's terminal.
    for _ in 0..2 {
        let before = fs::read_link(&link).unwrap();
        let child = program()
            .args(["--pty", text(&link)])
            .stdout(Stdio::null())
            .spawn();
        let mut running = Running(child.unwrap());
        let to = eventually("the link is replaced", || {
            fs::read_link(&link).ok().filter(|to| *to != before)
        });
        assert!(to.starts_with("/dev/pts"), "{to:?}");
        std::thread::sleep(Duration::from_millis(200));
        interrupt(&mut running);
        assert!(fs::read_link(&link).is_err());
        symlink("/dev/pts/ptmx", &link).unwrap();
    }
    fs::remove_file(&link).unwrap();
}

#[test]
fn a_link_somebody_else_has_changed_stays() {
    let link = path("changed");
    let child = program()
        .args(["--pty", text(&link)])
        .stdout(Stdio::null())
        .spawn();
    let mut program = Running(child.unwrap());
    eventually("there is a link", || fs::read_link(&link).ok());
    std::thread::sleep(Duration::from_millis(200));
    fs::remove_file(&link).unwrap();
    symlink("/elsewhere", &link).unwrap();
    interrupt(&mut program);
    assert_eq!(fs::read_link(&link).unwrap(), Path::new("/elsewhere"));
    fs::remove_file(&link).unwrap();
}

#[test]
fn complaints_name_what_they_are_about() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (args, named) in [
        (&["--tcp", &taken][..], &format!("--tcp {taken}: ")[..]),
        (&["--tcp", "nowhere"], "--tcp nowhere: "),
        (&["--tcp", "127.0.0.1:99999"], "--tcp 127.0.0.1:99999: "),
        (&["--tcp", ""], "--tcp : "),
        (&["--pty", ""], "--pty"),
        (&["--pty", "/nowhere/esp"], "--pty /nowhere/esp: "),
        (
            &["--tcp", "127.0.0.1:0", "--host", "a=notanaddr"],
            "notanaddr",
        ),
        (
            &["--tcp", "127.0.0.1:0", "--host", "a=127.0.0.1:0"],
            "127.0.0.1:0",
        ),
        (
            &["--tcp", "127.0.0.1:0", "--host", "a=localhost:http"],
            "localhost:http",
        ),
        (
            &["--tcp", "127.0.0.1:0", "--host", "a=localhosts"],
            "localhosts",
        ),
        (
            &["--tcp", "127.0.0.1:0", "--host", "=127.0.0.1"],
            "NAME=ADDR",
        ),
    ] {
        let error = complaint(args);
        assert!(error.contains(named), "{args:?}: {error}");
        assert!(!error.contains("panicked"), "{error}");
    }
}

#[test]
fn every_form_of_a_place_is_taken() {
    // It ends at the last step, where it would listen.
    for place in [
        "::1",
        "[::1]:80",
        "10.0.0.1:80",
        "localhost",
        "localhost:80",
    ] {
        let host = format!("a={place}");
        let error = complaint(&["--host", &host, "--tcp", "nowhere"]);
        assert!(error.contains("--tcp nowhere"), "{error}");
        assert_eq!(
            error.contains("--allow-net"),
            place.starts_with("10."),
            "{error}"
        );
    }
}

#[test]
fn the_trace_says_that_the_network_is_not_allowed() {
    for quiet in [false, true] {
        let address = free_address();
        let mut command = program();
        command.args(["--tcp", &address, "--ap", "net:secret"]);
        if quiet {
            command.arg("--quiet");
        }
        let child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut program = Running(child.unwrap());
        let out = program.0.stdout.take().unwrap();
        let err = program.0.stderr.take().unwrap();
        let from: Box<dyn Read> = if quiet { Box::new(err) } else { Box::new(out) };
        let mut client = eventually("it listens", || TcpStream::connect(&address).ok());
        for line in [
            "AT+CWMODE=1",
            "AT+CWJAP=\"net\",\"secret\"",
            "AT+CIPSTART=\"TCP\",\"192.0.2.1\",80",
        ] {
            client.write_all(format!("{line}\r\n").as_bytes()).unwrap();
            // Joining takes longest: a second or two.
            std::thread::sleep(Duration::from_millis(if line.contains("JAP") {
                4_000
            } else {
                200
            }));
        }
        let mut lines = BufReader::new(from).lines().map(Result::unwrap);
        let note = lines.find(|line| line.contains("--allow-net")).unwrap();
        assert!(note.contains("192.0.2.1:80"), "{note}");
        assert_eq!(note.contains(" ! "), !quiet, "{note}");
    }
}
