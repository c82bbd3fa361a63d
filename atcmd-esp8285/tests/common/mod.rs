//! A modem on paper: each expected line from the driver and what comes back.
#![allow(dead_code)] // each test file uses its own part of this

use std::cell::RefCell;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::rc::Rc;

use atcmd_esp8285::{Config, Esp8285, ReceiveMode, SocketError, TcpSocket};
use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use embedded_nal::TcpClientStack;

/// What the paper modem does with what it is sent.
#[derive(Default)]
struct Paper {
    to_host: VecDeque<u8>,
    from_host: Vec<u8>,
    script: VecDeque<(Vec<u8>, Vec<u8>)>,
    now: u64,
    chunk: usize,
    /// Everything the driver ever wrote.
    log: Vec<u8>,
    /// Answers `AT+GMR` with this and every other line with OK.
    easy: Option<String>,
}

/// The modem's side, kept by the test.
#[derive(Clone)]
pub struct Modem(Rc<RefCell<Paper>>);

/// The UART between the two.
pub struct Port(Rc<RefCell<Paper>>);

pub type Wifi = Esp8285<Port, Box<dyn Fn() -> u64>>;

/// The start-up exchange of NonOS 1.7.
pub const START_NONOS: &[(&str, &str)] = &[
    ("AT\r\n", "AT\r\n\r\nOK\r\n"),
    ("ATE0\r\n", "ATE0\r\n\r\nOK\r\n"),
    (
        "AT+GMR\r\n",
        "AT version:1.7.4.0(May 11 2020 19:13:04)\r\nSDK version:3.0.4(9532ceb)\r\n\
         compile time:May 27 2020 10:12:17\r\nBin version(Wroom 02):1.7.4\r\n\r\nOK\r\n",
    ),
    ("AT+CWMODE_CUR=1\r\n", "\r\nOK\r\n"),
    ("AT+CIPMUX=1\r\n", "\r\nOK\r\n"),
    ("AT+CIPDINFO=0\r\n", "\r\nOK\r\n"),
    ("AT+CIPRECVMODE=1\r\n", "\r\nOK\r\n"),
];

/// The start-up exchange of ESP-AT 2.2.
pub const START_ESP_AT: &[(&str, &str)] = &[
    ("AT\r\n", "AT\r\n\r\nOK\r\n"),
    ("ATE0\r\n", "ATE0\r\n\r\nOK\r\n"),
    (
        "AT+GMR\r\n",
        "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)\r\n\
         SDK version:v3.4-22-g967752e2\r\ncompile time(b498b58):Aug  6 2021 07:11:18\r\n\
         Bin version:2.2.1(ESP8266_1MB)\r\n\r\nOK\r\n",
    ),
    ("AT+SYSSTORE=0\r\n", "\r\nOK\r\n"),
    ("AT+CWMODE=1\r\n", "\r\nOK\r\n"),
    ("AT+CIPMUX=1\r\n", "\r\nOK\r\n"),
    ("AT+CIPDINFO=0\r\n", "\r\nOK\r\n"),
    ("AT+CIPRECVMODE=1\r\n", "\r\nOK\r\n"),
];

/// A driver on a paper modem that follows `script`.
pub fn wifi(script: &[(&str, &str)], config: Config) -> (Modem, Wifi) {
    let modem = Modem(Rc::new(RefCell::new(Paper {
        chunk: usize::MAX,
        ..Paper::default()
    })));
    modem.expect(script);
    let paper = modem.0.clone();
    let clock: Box<dyn Fn() -> u64> = Box::new(move || paper.borrow().now);
    let wifi = Esp8285::<_, _, 4096>::with_config(Port(modem.0.clone()), clock, config);
    (modem, wifi)
}

/// A driver that has been through its start-up.
pub fn started(script: &[(&str, &str)]) -> (Modem, Wifi) {
    let (modem, mut wifi) = wifi(script, Config::new());
    modem.drive(|| wifi.start()).unwrap();
    assert_eq!(modem.left(), 0, "the start-up is not over");
    (modem, wifi)
}

/// First lines of `AT+GMR`, one of each dialect the driver tells apart.
pub const FIRMWARE: &[(&str, &str)] = &[
    ("NonOS 0.2x", "0020000903"),
    ("NonOS 1.1-1.3", "AT version:1.3.0.0(Jul 14 2016 18:54:01)"),
    ("NonOS 1.4-1.6", "AT version:1.6.2.0(Apr 13 2018 11:10:59)"),
    ("NonOS 1.7", "AT version:1.7.4.0(May 11 2020 19:13:04)"),
    (
        "ESP-AT 2.0",
        "AT version:2.0.0.0(b1a5b57 - ESP8266 - Jul  2 2019)",
    ),
    (
        "ESP-AT 2.1",
        "AT version:2.1.0.0(883f7f2 - Jul 24 2020 11:50:07)",
    ),
    (
        "ESP-AT 2.2",
        "AT version:2.2.1.0(46d6c26 - ESP8266 - Aug  6 2021 06:50:15)",
    ),
    ("ESP-AT 2.3", "AT version:2.3.0.0(1)"),
    ("ESP_ATMod", "AT version:1.7.0.0 (partial)"),
];

/// A driver on a modem of that name in [`FIRMWARE`], after its start-up.
pub fn started_as(name: &str) -> (Modem, Wifi) {
    let (modem, mut wifi) = wifi(&[], Config::new());
    let firmware = FIRMWARE.iter().find(|f| f.0 == name).unwrap();
    modem.ease(Some(firmware.1));
    modem.drive(|| wifi.start()).unwrap();
    modem.ease(None);
    assert_eq!(wifi.dialect().unwrap().name, name);
    modem.written();
    (modem, wifi)
}

/// The first connection, on link 0.
pub const CONNECT_0: (&str, &str) = (
    "AT+CIPSTART=0,\"TCP\",\"10.0.0.1\",80\r\n",
    "0,CONNECT\r\n\r\nOK\r\n",
);

/// A driver with that connection open.
pub fn connected(start: &[(&str, &str)]) -> (Modem, Wifi, TcpSocket) {
    with_connection(started(start))
}

/// The same in active mode on NonOS.
pub fn connected_active() -> (Modem, Wifi, TcpSocket) {
    let mut script = START_NONOS.to_vec();
    *script.last_mut().unwrap() = ("AT+CIPRECVMODE=0\r\n", "\r\nOK\r\n");
    let config = Config::new().receive(ReceiveMode::Active);
    let (modem, mut wifi) = wifi(&script, config);
    modem.drive(|| wifi.start()).unwrap();
    with_connection((modem, wifi))
}

fn with_connection((modem, mut wifi): (Modem, Wifi)) -> (Modem, Wifi, TcpSocket) {
    modem.expect(&[CONNECT_0]);
    let socket = connect(&modem, &mut wifi, "10.0.0.1:80").unwrap();
    modem.written();
    (modem, wifi, socket)
}

/// A new socket, connected.
pub fn connect(modem: &Modem, wifi: &mut Wifi, to: &str) -> Result<TcpSocket, SocketError> {
    let mut socket = wifi.socket()?;
    let to = to.parse().unwrap();
    modem.drive(|| wifi.connect(&mut socket, to))?;
    Ok(socket)
}

/// What is there, as soon as something is.
pub fn receive(
    modem: &Modem,
    wifi: &mut Wifi,
    socket: &mut TcpSocket,
) -> Result<Vec<u8>, SocketError> {
    let mut buf = [0; 5000];
    modem
        .drive(|| wifi.receive(socket, &mut buf))
        .map(|n| buf[..n].to_vec())
}

impl Modem {
    /// Adds to what is expected: a line or payload, and the reply to it.
    pub fn expect(&self, script: &[(&str, &str)]) {
        let steps = script
            .iter()
            .map(|(line, reply)| (line.as_bytes().to_vec(), reply.as_bytes().to_vec()));
        self.0.borrow_mut().script.extend(steps);
    }

    /// From now on answers `AT+GMR` with this line and all others with OK; or
    /// follows the script again.
    pub fn ease(&self, gmr: Option<&str>) {
        let mut paper = self.0.borrow_mut();
        paper.easy = gmr.map(String::from);
        paper.from_host.clear();
    }

    /// Says something without being asked.
    pub fn say(&self, text: impl AsRef<[u8]>) {
        self.0.borrow_mut().to_host.extend(text.as_ref());
    }

    /// Lets time pass.
    pub fn pass(&self, microseconds: u64) {
        self.0.borrow_mut().now += microseconds;
    }

    pub fn now(&self) -> u64 {
        self.0.borrow().now
    }

    /// Steps of the script not reached yet.
    pub fn left(&self) -> usize {
        self.0.borrow().script.len()
    }

    /// Everything the driver wrote since the last call.
    pub fn written(&self) -> String {
        let log = std::mem::take(&mut self.0.borrow_mut().log);
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Repeats a call, a millisecond apart, until it no longer would block.
    pub fn drive<T, E>(&self, mut call: impl FnMut() -> nb::Result<T, E>) -> Result<T, E> {
        for _ in 0..200_000 {
            match call() {
                Ok(value) => return Ok(value),
                Err(nb::Error::Other(e)) => return Err(e),
                Err(nb::Error::WouldBlock) => self.pass(1000),
            }
        }
        panic!("still nothing after {} s", self.now() / 1_000_000);
    }
}

impl ErrorType for Port {
    type Error = Infallible;
}

impl Read for Port {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        let mut paper = self.0.borrow_mut();
        let n = buf.len().min(paper.to_host.len()).min(paper.chunk);
        assert!(n > 0, "a blocking read");
        for slot in &mut buf[..n] {
            *slot = paper.to_host.pop_front().unwrap();
        }
        Ok(n)
    }
}

impl ReadReady for Port {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        Ok(!self.0.borrow().to_host.is_empty())
    }
}

impl Write for Port {
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        let mut paper = self.0.borrow_mut();
        paper.from_host.extend(buf);
        paper.log.extend(buf);
        if let Some(gmr) = paper.easy.clone() {
            while let Some(end) = paper.from_host.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = paper.from_host.drain(..=end).collect();
                if line == b"AT+GMR\r\n" {
                    paper.to_host.extend(gmr.as_bytes());
                    paper.to_host.extend(b"\r\n");
                }
                paper.to_host.extend(b"\r\nOK\r\n");
            }
            return Ok(buf.len());
        }
        while let Some((line, _)) = paper.script.front() {
            let seen = paper.from_host.len().min(line.len());
            assert_eq!(
                paper.from_host[..seen].escape_ascii().to_string(),
                line[..seen].escape_ascii().to_string(),
                "the driver went off the script"
            );
            if seen < line.len() {
                break;
            }
            let (line, reply) = paper.script.pop_front().unwrap();
            paper.from_host.drain(..line.len());
            paper.to_host.extend(reply);
            if paper.from_host.is_empty() {
                break;
            }
        }
        if paper.script.is_empty() {
            paper.from_host.clear();
        }
        Ok(buf.len())
    }

    fn flush(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

impl WriteReady for Port {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        Ok(true)
    }
}
