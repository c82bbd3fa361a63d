//! What a test asks of the network it runs in, whichever it is.

use std::sync::{Arc, Mutex};

use nal_socket::NetworkRef;
use usocket_api::{OSError, Profile, Socket, USocket};

/// The host and port of somebody, as a script would write it.
pub type Address = (String, i32);

/// What the other side of a connection does, in this order. After the last step it goes on reading.
#[derive(Debug, Clone)]
pub enum Step {
    /// Lets so many microseconds pass.
    Wait(u64),
    /// Waits until so many more bytes have come.
    Read(usize),
    Send(Vec<u8>),
    /// Sends the end, and goes on reading.
    Close,
    /// Breaks the connection.
    Reset,
}

pub fn send(bytes: impl AsRef<[u8]>) -> Step {
    Step::Send(bytes.as_ref().to_vec())
}

/// How a connection ended for the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The board sent the end.
    Orderly,
    Reset,
    /// The board did not take it.
    Refused,
}

/// What the other side has heard: of all connections to one server together.
#[derive(Debug, Clone, Default)]
pub struct Heard(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
pub struct Record {
    pub connections: usize,
    pub bytes: Vec<u8>,
    pub ending: Option<Ending>,
}

impl Heard {
    pub fn note(&self, note: impl FnOnce(&mut Record)) {
        note(&mut self.0.lock().unwrap());
    }

    pub fn connections(&self) -> usize {
        self.0.lock().unwrap().connections
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.0.lock().unwrap().bytes.clone()
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().bytes.len()
    }

    pub fn ending(&self) -> Option<Ending> {
        self.0.lock().unwrap().ending
    }
}

/// A server that somebody runs.
pub struct Server {
    pub address: Address,
    pub heard: Heard,
}

impl Server {
    /// The address as a tuple.
    pub fn at(&self) -> (&str, i32) {
        (&self.address.0, self.address.1)
    }
}

/// Somebody with a UDP socket, who may answer.
pub struct Neighbour {
    pub address: Address,
    /// What came, in this order.
    pub heard: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl Neighbour {
    pub fn at(&self) -> (&str, i32) {
        (&self.address.0, self.address.1)
    }

    pub fn heard(&self) -> Vec<Vec<u8>> {
        self.heard.lock().unwrap().clone()
    }
}

/// Whom a socket of a world holds on to.
pub type Net<'w, W> = <W as World>::Net<'w>;
/// A socket in a world.
pub type Sock<'w, W> = Socket<Net<'w, W>>;

/// A board with its network, and what there is in it.
pub trait World {
    type Net<'w>: NetworkRef
    where
        Self: 'w;

    /// Whether time is virtual, and so exact, and the stack below is the modem's driver.
    const SIMULATED: bool;
    /// A name with an address, and the address.
    const KNOWN: (&'static str, &'static str);
    /// A name without.
    const UNKNOWN: &'static str;
    /// The pause that others make, in microseconds; also a short timeout.
    const PAUSE: u64;

    fn net(&self) -> Self::Net<'_>;
    /// Microseconds.
    fn now(&self) -> u64;
    /// Lets time pass; the stack has its turns.
    fn pass(&self, us: u64);
    /// Somebody who serves with this script, each connection from its beginning.
    fn serve(&self, script: Vec<Step>) -> Server;
    /// Where connections are refused.
    fn refusing(&self) -> Address;
    /// Somebody who connects to a port of the board.
    fn visit(&self, port: u16, script: Vec<Step>) -> Heard;
    /// Somebody who sends each datagram back so many times.
    fn echo(&self, times: usize) -> Neighbour;
    /// Somebody who sends a datagram to a port of the board, from the address that is told.
    fn datagram(&self, port: u16, data: &[u8]) -> Address;
    /// A port of the board that nobody has.
    fn free_port(&self) -> u16;
    /// Whether the stack has `TCP_NODELAY`.
    fn has_no_delay(&self) -> bool;
    /// Whether something that ends after `expected` microseconds may have taken `waited`.
    fn plausible(&self, waited: u64, expected: u64) -> bool;

    fn usocket(&self, profile: Profile) -> USocket<Self::Net<'_>> {
        USocket::new(self.net(), profile)
    }

    /// A socket that is connected to somebody who does this.
    fn connected(&self, profile: Profile, script: Vec<Step>) -> (Sock<'_, Self>, Server) {
        let server = self.serve(script);
        let sock = self.usocket(profile).socket();
        sock.connect(server.at()).unwrap();
        (sock, server)
    }

    /// The pause in seconds.
    fn pause(&self) -> f64 {
        Self::PAUSE as f64 / 1e6
    }

    /// Waits until something is so.
    #[track_caller]
    fn until(&self, is_so: impl Fn() -> bool) {
        let start = self.now();
        while !is_so() {
            assert!(self.now() - start < 30_000_000, "it never happens");
            self.pass(1_000);
        }
    }

    /// Runs something that must take this time, in microseconds.
    #[track_caller]
    fn takes<T>(&self, expected: u64, what: impl FnOnce() -> T) -> T {
        let start = self.now();
        let result = what();
        let waited = self.now() - start;
        assert!(
            self.plausible(waited, expected),
            "{waited} us and not {expected}"
        );
        result
    }
}

/// Number and name of the error of a call that must fail.
#[track_caller]
pub fn error<T: std::fmt::Debug>(result: Result<T, OSError>) -> (i32, &'static str) {
    let error = result.unwrap_err();
    (error.errno(), error.name())
}

/// The name of the error of a call that must fail.
#[track_caller]
pub fn name<T: std::fmt::Debug>(result: Result<T, OSError>) -> &'static str {
    result.unwrap_err().name()
}
