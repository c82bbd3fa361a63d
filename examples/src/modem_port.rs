//! A serial port, pty or TCP connection as `embedded-io` UART.
//!
//! A driver wants to know whether bytes are there *now*; files and sockets
//! rather wait. [`ModemPort`] puts a small buffer on either side and moves bytes
//! only as far as the operating system takes them without waiting.
//!
//! ```
//! use embedded_io::{Read, ReadReady, Write};
//! use examples::modem_port::ModemPort;
//!
//! // Stands for a modem behind a serial-to-network bridge.
//! let bridge = std::net::TcpListener::bind("127.0.0.1:0")?;
//! let mut port = ModemPort::open(&format!("tcp:{}", bridge.local_addr()?), 115_200)?;
//! let (mut modem, _) = bridge.accept()?;
//!
//! assert!(!port.read_ready()?);
//! std::io::Write::write_all(&mut modem, b"ready\r\n")?;
//! let mut bytes = [0; 7];
//! port.read_exact(&mut bytes).unwrap();
//! assert_eq!(&bytes, b"ready\r\n");
//!
//! drop(modem);
//! assert!(port.read(&mut bytes).is_err(), "nobody there any more");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - `read` waits for the first byte, `write` for room for one byte; neither
//!   ever returns `Ok(0)` for a buffer that is not empty.
//! - The other side closing (TCP closed, pty or USB adapter gone) is
//!   [`PortError::Gone`] once the bytes received before are read.
//! - `Ok` from `write` means buffered. Every later call moves the rest on;
//!   `flush` waits until the operating system has it.
//!
//! Limits: a TCP peer that loses power closes nothing, so only the driver's own
//! timeouts notice. What the other side of a pty wrote right before closing is
//! lost, as Linux discards it. Bytes that a pty received before it was opened
//! may have been changed by the terminal settings it had then. Serial ports are
//! opened exclusively and without flow control. Tried on Linux with ptys and
//! TCP; macOS is provided for.

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs};
use std::thread;
use std::time::{Duration, Instant};

use embedded_io::{ErrorType, Read, ReadReady, Write, WriteReady};
use serialport::SerialPort;

use crate::url::{HostPort, UrlError};

/// Bytes buffered in either direction.
const BUFFER: usize = 4096;

/// Bytes given to a serial port at once. It waits until it has taken all of
/// them, and "ready" promises it only some room; drivers have at least this.
const SERIAL_PIECE: usize = 256;

/// How long a TCP connection may take to come up.
const CONNECT: Duration = Duration::from_secs(5);

/// How long dropping may take to send what is still buffered.
const LINGER: Duration = Duration::from_millis(200);

/// An open connection to a modem.
pub struct ModemPort {
    link: Link,
    incoming: VecDeque<u8>,
    outgoing: VecDeque<u8>,
}

enum Link {
    Tcp(TcpStream),
    Serial(Box<dyn SerialPort>),
}

impl ModemPort {
    /// Opens `tcp:HOST:PORT`, or else the serial port or pty of that name with
    /// 8 data bits, no parity and one stop bit. `baud` has no meaning for TCP
    /// and no effect on a pty.
    ///
    /// # Errors
    ///
    /// Says in one line what is wrong and what to do.
    pub fn open(name: &str, baud: u32) -> Result<Self, OpenError> {
        let link = match name.strip_prefix("tcp:") {
            Some(address) => Link::Tcp(open_tcp(address)?),
            None => Link::Serial(open_serial(name, baud)?),
        };
        Ok(Self {
            link,
            incoming: VecDeque::with_capacity(BUFFER),
            outgoing: VecDeque::with_capacity(BUFFER),
        })
    }

    /// Sends on what the operating system takes now.
    fn drain(&mut self) -> Result<(), PortError> {
        while !self.outgoing.is_empty() {
            let (bytes, _) = self.outgoing.as_slices();
            match self.link.write_now(bytes)? {
                Some(n) => drop(self.outgoing.drain(..n)),
                None => break,
            }
        }
        Ok(())
    }

    /// Fetches what the operating system has now, if nothing is left of before.
    fn fill(&mut self) -> Result<(), PortError> {
        // First: what the driver waits for may be the answer to these bytes.
        let sent = self.drain();
        if self.incoming.is_empty() {
            let mut piece = [0; BUFFER];
            if let Some(n) = self.link.read_now(&mut piece)? {
                self.incoming.extend(piece.iter().take(n));
            }
        }
        // What the modem said last is worth more than that it left.
        if self.incoming.is_empty() {
            sent
        } else {
            Ok(())
        }
    }
}

impl Link {
    /// Reads what is there; `None` when nothing is.
    fn read_now(&mut self, buf: &mut [u8]) -> Result<Option<usize>, PortError> {
        outcome(match self {
            Self::Tcp(stream) => stream.read(buf),
            Self::Serial(port) => port.read(buf).map_err(unplugged),
        })
    }

    /// Writes what fits; `None` when nothing does.
    fn write_now(&mut self, bytes: &[u8]) -> Result<Option<usize>, PortError> {
        outcome(match self {
            Self::Tcp(stream) => stream.write(bytes),
            Self::Serial(port) => port
                .write(bytes.get(..SERIAL_PIECE).unwrap_or(bytes))
                .map_err(unplugged),
        })
    }
}

/// An unplugged adapter shows as "I/O error", which the crate has no kind for.
fn unplugged(error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::Other => io::ErrorKind::BrokenPipe.into(),
        _ => error,
    }
}

fn outcome(result: io::Result<usize>) -> Result<Option<usize>, PortError> {
    use io::ErrorKind as Kind;
    match result {
        Ok(0) => Err(PortError::Gone),
        Ok(n) => Ok(Some(n)),
        Err(error) => match error.kind() {
            // A serial port with time limit 0 says `TimedOut`, a socket `WouldBlock`.
            Kind::WouldBlock | Kind::TimedOut | Kind::Interrupted => Ok(None),
            Kind::BrokenPipe
            | Kind::ConnectionReset
            | Kind::ConnectionAborted
            | Kind::NotConnected
            | Kind::UnexpectedEof => Err(PortError::Gone),
            kind => Err(PortError::Failed {
                kind,
                message: error.to_string(),
            }),
        },
    }
}

/// Sleeps longer the longer nothing happens: an answer usually follows at once,
/// but may take seconds.
struct Patience(Duration);

impl Patience {
    const fn new() -> Self {
        Self(Duration::from_micros(30))
    }

    fn wait(&mut self) {
        thread::sleep(self.0);
        self.0 = (self.0 * 2).min(Duration::from_millis(2));
    }
}

impl ErrorType for ModemPort {
    type Error = PortError;
}

impl Read for ModemPort {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, PortError> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut patience = Patience::new();
        while !self.read_ready()? {
            patience.wait();
        }
        let n = buf.len().min(self.incoming.len());
        for (to, from) in buf.iter_mut().zip(self.incoming.drain(..n)) {
            *to = from;
        }
        Ok(n)
    }
}

impl ReadReady for ModemPort {
    fn read_ready(&mut self) -> Result<bool, PortError> {
        self.fill()?;
        Ok(!self.incoming.is_empty())
    }
}

impl Write for ModemPort {
    fn write(&mut self, buf: &[u8]) -> Result<usize, PortError> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut patience = Patience::new();
        while !self.write_ready()? {
            patience.wait();
        }
        let n = buf.len().min(BUFFER - self.outgoing.len());
        self.outgoing.extend(buf.iter().take(n));
        self.drain()?;
        Ok(n)
    }

    fn flush(&mut self) -> Result<(), PortError> {
        let mut patience = Patience::new();
        loop {
            self.drain()?;
            if self.outgoing.is_empty() {
                return Ok(());
            }
            patience.wait();
        }
    }
}

impl WriteReady for ModemPort {
    fn write_ready(&mut self) -> Result<bool, PortError> {
        self.drain()?;
        Ok(self.outgoing.len() < BUFFER)
    }
}

impl Drop for ModemPort {
    fn drop(&mut self) {
        // The last command may be a farewell, but nobody waits for a deaf modem.
        let end = Instant::now() + LINGER;
        let mut patience = Patience::new();
        while self.drain().is_ok() && !self.outgoing.is_empty() && Instant::now() < end {
            patience.wait();
        }
    }
}

impl fmt::Debug for ModemPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.link {
            Link::Tcp(_) => "tcp",
            Link::Serial(_) => "serial",
        };
        f.debug_tuple("ModemPort").field(&kind).finish()
    }
}

/// What went wrong on an open port.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PortError {
    /// The other side closed the connection or was unplugged.
    Gone,
    /// Anything else.
    Failed {
        /// What the operating system calls it.
        kind: io::ErrorKind,
        /// Its words.
        message: String,
    },
}

impl fmt::Display for PortError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone => write!(f, "the modem's port closed: is it still plugged in?"),
            Self::Failed { message, .. } => write!(f, "the modem's port failed: {message}"),
        }
    }
}

impl std::error::Error for PortError {}

impl embedded_io::Error for PortError {
    fn kind(&self) -> embedded_io::ErrorKind {
        use embedded_io::ErrorKind;
        match self {
            Self::Gone => ErrorKind::BrokenPipe,
            Self::Failed { kind, .. } => match kind {
                io::ErrorKind::PermissionDenied => ErrorKind::PermissionDenied,
                io::ErrorKind::TimedOut => ErrorKind::TimedOut,
                io::ErrorKind::OutOfMemory => ErrorKind::OutOfMemory,
                _ => ErrorKind::Other,
            },
        }
    }
}

/// Why a port could not be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenError {
    /// The name as given.
    pub name: String,
    /// The reason.
    pub reason: OpenReason,
}

/// The reasons of an [`OpenError`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenReason {
    /// There is no such port.
    NotFound,
    /// This user may not open it.
    PermissionDenied,
    /// Another program has it.
    Busy,
    /// It exists but does not work as a serial port; the system's words.
    NotSerial(String),
    /// A baud rate the port does not take.
    Baud(u32),
    /// What follows `tcp:` is no address.
    Address(UrlError),
    /// The host's name is not known.
    NameNotFound,
    /// Nobody listens at that TCP port.
    Refused,
    /// The TCP host does not answer.
    Timeout,
    /// Anything else, in the system's words.
    Other(String),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.escape_debug();
        match &self.reason {
            OpenReason::NotFound => write!(f, "no such port {name}: is the modem plugged in?"),
            OpenReason::PermissionDenied => write!(
                f,
                "permission denied for {name}: on Linux, join the group that owns it (often 'dialout') and log in again"
            ),
            OpenReason::Busy => write!(f, "{name} is busy: close the other program that uses it"),
            OpenReason::NotSerial(why) => write!(f, "{name} is not a usable serial port ({why})"),
            OpenReason::Baud(baud) => {
                write!(f, "{name} cannot run at {baud} baud: try 115200")
            }
            OpenReason::Address(error) => write!(f, "{name} is not tcp:HOST:PORT: {error}"),
            OpenReason::NameNotFound => write!(f, "{name}: this host name is not known"),
            OpenReason::Refused => write!(f, "{name} refused the connection: is it running?"),
            OpenReason::Timeout => write!(
                f,
                "{name} does not answer within {} s: check the address",
                CONNECT.as_secs()
            ),
            OpenReason::Other(why) => write!(f, "{name} cannot be opened: {why}"),
        }
    }
}

impl std::error::Error for OpenError {}

fn open_tcp(address: &str) -> Result<TcpStream, OpenError> {
    let fail = |reason| OpenError {
        name: format!("tcp:{address}"),
        reason,
    };
    let to: HostPort = address.parse().map_err(|e| fail(OpenReason::Address(e)))?;
    // A name that resolves to nothing and one that does not resolve are alike.
    let mut result = Err(fail(OpenReason::NameNotFound));
    for addr in (to.host(), to.port())
        .to_socket_addrs()
        .into_iter()
        .flatten()
    {
        let attempt = TcpStream::connect_timeout(&addr, CONNECT).and_then(|stream| {
            // Commands are short and wait for their answer: never hold them back.
            stream.set_nodelay(true)?;
            stream.set_nonblocking(true)?;
            Ok(stream)
        });
        match attempt {
            Ok(stream) => return Ok(stream),
            Err(error) => result = Err(fail(tcp_reason(&error))),
        }
    }
    result
}

fn tcp_reason(error: &io::Error) -> OpenReason {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => OpenReason::Refused,
        io::ErrorKind::TimedOut => OpenReason::Timeout,
        _ => OpenReason::Other(error.to_string()),
    }
}

fn open_serial(name: &str, baud: u32) -> Result<Box<dyn SerialPort>, OpenError> {
    let fail = |reason| OpenError {
        name: name.to_owned(),
        reason,
    };
    if baud == 0 {
        // To a serial port this speed means "hang up".
        return Err(fail(OpenReason::Baud(baud)));
    }
    // macOS refuses to set the speed of a pty; 0 makes the crate leave it alone.
    let is_mac_pty = cfg!(target_os = "macos") && name.starts_with("/dev/ttys");
    let speed = if is_mac_pty { 0 } else { baud };
    // Time limit 0: `read` and `write` only do what they can do now.
    serialport::new(name, speed)
        .timeout(Duration::ZERO)
        .open()
        .map_err(|error| fail(serial_reason(&error, baud)))
}

fn serial_reason(error: &serialport::Error, baud: u32) -> OpenReason {
    use serialport::ErrorKind;
    match error.kind {
        // Linux and BSD; Windows says `NoDevice` also for what does not exist.
        ErrorKind::NoDevice if cfg!(unix) => OpenReason::Busy,
        ErrorKind::NoDevice | ErrorKind::Io(io::ErrorKind::NotFound) => OpenReason::NotFound,
        ErrorKind::Io(io::ErrorKind::PermissionDenied) => OpenReason::PermissionDenied,
        ErrorKind::InvalidInput => OpenReason::Baud(baud),
        ErrorKind::Unknown => OpenReason::NotSerial(error.description.clone()),
        ErrorKind::Io(_) => OpenReason::Other(error.description.clone()),
    }
}

#[cfg(test)]
mod tests;
