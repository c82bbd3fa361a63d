//! A program of `host`, as a person runs it.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

/// Far longer than anything here takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A running program; dropping it ends it.
pub struct Program {
    name: String,
    child: Child,
    lines: Receiver<String>,
    said: Receiver<String>,
}

impl Program {
    /// Starts the example `name`, which stands beside the tests' own programs.
    /// Cargo makes it with them unless told to make one test alone.
    pub fn start(name: &str, arguments: &[&str]) -> Self {
        let mut path = std::env::current_exe().unwrap();
        path.pop();
        path.pop();
        path.push("examples");
        path.push(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        let mut child = Command::new(&path)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!(
                    "{}: {error}; cargo build --examples makes it",
                    path.display()
                )
            });
        let (tell, lines) = mpsc::channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for line in output.lines() {
                if tell.send(line.unwrap()).is_err() {
                    break;
                }
            }
        });
        let (tell, said) = mpsc::channel();
        let mut errors = child.stderr.take().unwrap();
        thread::spawn(move || {
            let mut text = String::new();
            let _ = errors.read_to_string(&mut text);
            let _ = tell.send(text);
        });
        Self {
            name: name.to_owned(),
            child,
            lines,
            said,
        }
    }

    /// The next line of its result.
    pub fn line(&mut self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            let _ = self.child.kill();
            let said = self.said.recv_timeout(PATIENCE).unwrap_or_default();
            panic!("{} says nothing more; before: {said}", self.name)
        })
    }

    /// Presses Ctrl-C.
    #[cfg(unix)]
    pub fn interrupt(&self) {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits for its end; what it said besides its result.
    pub fn end(mut self) -> (ExitStatus, String) {
        // It closes this with its end.
        let said = self.said.recv_timeout(PATIENCE).unwrap_or_else(|_| {
            panic!("{} does not end", self.name);
        });
        (self.child.wait().unwrap(), said)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // After `end` there is nothing left to kill.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A TCP port nobody has at the moment.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap().port()
}

/// A UDP port nobody has at the moment.
pub fn free_udp_port() -> u16 {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    socket.local_addr().unwrap().port()
}
