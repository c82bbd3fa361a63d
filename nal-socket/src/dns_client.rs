//! A resolver of its own, for stacks with datagrams but without `Dns` (feature `dns`).
//!
//! It asks one server over UDP, repeats the question while there is no answer, and takes only what
//! answers that question: from the server's address, to the port it was asked from, with the id and the
//! question that were sent.
//!
//! ```
//! use core::net::SocketAddr;
//! use core::time::Duration;
//! use nal_socket::{DnsClient, ErrorKind, Hints, Network};
//!
//! # let start = std::time::Instant::now();
//! # let microseconds = || start.elapsed().as_micros() as u64;
//! # let server = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
//! # let nameserver = server.local_addr().unwrap();
//! // The address that DHCP gave, or another.
//! let dns = DnsClient::new(nameserver)
//!     .timeout(Duration::from_millis(100))
//!     .attempts(2);
//! let network = Network::without_dns(std_embedded_nal::Stack, microseconds)
//!     .with_udp()
//!     .with_dns_client(dns);
//!
//! // This one does not answer.
//! let error = network.getaddrinfo("example.org", "https", Hints::stream()).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::TimedOut);
//! assert!(error.to_string().contains("DNS server"));
//! ```
//!
//! # Against forged answers
//!
//! A forger who cannot see the question has to guess the id (16 bits) and the port (14 bits, on stacks that
//! can bind). Both come from a generator that stirs in the clock. Give it a random [`seed`](DnsClient::seed)
//! where the hardware has one: a clock that starts at zero with the device can be guessed. What a
//! forger on the way sees, DNS without signatures does not keep secret.
//!
//! # Limits
//!
//! One server; answers of at most 512 bytes, of which the first address is taken; no TCP, so a longer answer
//! counts as far as it came. Aliases are followed within an answer, where a recursive server puts all of
//! them. No cache, no search list, no signatures. International names in their `xn--` form.
//!
//! A lookup reads the clock at each step, also with a timeout of zero.

use core::cell::Cell;
use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

use embedded_nal::{TcpClientStack, nb};

use crate::dns_message::{Answer, LONGEST_MESSAGE, answer, question};
use crate::error::Fault;
use crate::getaddrinfo::Family;
use crate::{Error, ErrorKind, Network, NetworkRef, UdpSocket};

/// How many datagrams are looked at before the clock and the idle hook get a turn.
const DATAGRAMS: usize = 8;

/// How many local ports are tried before the network chooses one.
const PORTS: usize = 8;

/// Which server to ask, and how patiently. See the [module](self).
#[derive(Debug, Clone)]
pub struct DnsClient {
    server: SocketAddr,
    attempts: u8,
    timeout: u64,
    random: Cell<u64>,
}

impl DnsClient {
    /// A client of this server, whose port usually is 53. It asks up to 3 times and waits 2 seconds for
    /// each answer: a name whose server is dead takes 12 seconds, 6 for each address family.
    #[must_use]
    pub const fn new(server: SocketAddr) -> Self {
        Self {
            server,
            attempts: 3,
            timeout: 2_000_000,
            random: Cell::new(0),
        }
    }

    /// How often a question is sent, 1 to 255 times. Zero is 1.
    #[must_use]
    pub const fn attempts(mut self, attempts: u8) -> Self {
        self.attempts = if attempts == 0 { 1 } else { attempts };
        self
    }

    /// How long to wait for an answer before the question is sent again, in microseconds of resolution
    /// and at least one.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = u64::try_from(timeout.as_micros())
            .unwrap_or(u64::MAX)
            .max(1);
        self
    }

    /// A random number, which makes ids and ports hard to guess.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        self.random.set(seed);
        self
    }

    /// The next number of the generator SplitMix64, with the time stirred in.
    fn random(&self, now: u64) -> u64 {
        let state = (self.random.get() ^ now).wrapping_add(0x9E37_79B9_7F4A_7C15);
        self.random.set(state);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    fn random_u16(&self, now: u64) -> u16 {
        let [first, second, ..] = self.random(now).to_be_bytes();
        u16::from_be_bytes([first, second])
    }
}

/// The functions of a UDP socket that a question needs. A trait object, so that there is one DNS client
/// in the program however many kinds of networks, and none if no network has one.
pub(crate) trait Wire {
    fn bind(&mut self, port: u16) -> Result<(), Error>;
    fn connect(&mut self, server: SocketAddr) -> Result<(), Error>;
    fn send(&mut self, message: &[u8]) -> Result<(), Error>;
    fn recv(&mut self, buf: &mut [u8]) -> Result<usize, Error>;
}

// The socket is non-blocking, and receives into a buffer that is larger than its own room.
impl<N: NetworkRef> Wire for UdpSocket<N, 1> {
    fn bind(&mut self, port: u16) -> Result<(), Error> {
        Self::bind(self, port)
    }

    fn connect(&mut self, server: SocketAddr) -> Result<(), Error> {
        Self::connect(self, server)
    }

    fn send(&mut self, message: &[u8]) -> Result<(), Error> {
        Self::send(self, message).map(|_| ())
    }

    fn recv(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        Self::recv(self, buf)
    }
}

/// Where a lookup stands with its server.
#[derive(Debug)]
pub(crate) struct Query {
    stage: Stage,
    /// The port that the stack was asked for and has not given yet.
    port: Option<u16>,
    id: u16,
    left: u8,
    until: u64,
    /// The last look ended before there was nothing left.
    more: bool,
    failure: Option<Error>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// There is no socket yet.
    Closed,
    /// There is nothing to ask yet.
    Idle,
    Sending,
    Listening,
}

impl Query {
    pub(crate) const fn new() -> Self {
        Self {
            stage: Stage::Closed,
            port: None,
            id: 0,
            left: 0,
            until: 0,
            more: false,
            failure: None,
        }
    }

    /// When it has something to do, whether or not a datagram comes. At once if there may be more.
    pub(crate) fn wake_at(&self) -> Option<u64> {
        match self.stage {
            Stage::Closed | Stage::Idle => None,
            Stage::Sending | Stage::Listening if self.more => Some(0),
            Stage::Sending | Stage::Listening => Some(self.until),
        }
    }

    fn attempt(&mut self, client: &DnsClient, now: u64) {
        self.stage = Stage::Sending;
        self.left = self.left.saturating_sub(1);
        self.until = now.saturating_add(client.timeout);
    }

    /// Reads what has come. `Some` ends the question; an error is that of this look only.
    fn listen(
        &mut self,
        wire: &mut dyn Wire,
        read: impl Fn(&[u8]) -> Answer,
    ) -> Result<Option<Result<IpAddr, Error>>, Error> {
        let mut buf = [0; LONGEST_MESSAGE];
        self.more = false;
        for _ in 0..DATAGRAMS {
            let message = match wire.recv(&mut buf) {
                Ok(count) => buf.get(..count).unwrap_or_default(),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(error) if for_the_caller(error) => return Err(error),
                Err(error) => {
                    self.failure = Some(error);
                    return Ok(None);
                }
            };
            let error = match read(message) {
                Answer::Address(address) => return Ok(Some(Ok(address))),
                Answer::NotFound => Error::new(ErrorKind::NameNotFound),
                Answer::Truncated => Error::with(ErrorKind::Other, Fault::DnsTruncated),
                Answer::Failed => {
                    // Often of a moment only: the next attempt may get better news.
                    let failed = Error::with(ErrorKind::Other, Fault::DnsFailed);
                    self.failure = Some(failed);
                    continue;
                }
                Answer::Stray => continue,
            };
            return Ok(Some(Err(error)));
        }
        self.more = true;
        Ok(None)
    }
}

/// Goes as far as possible without waiting. After an answer or an error the next question can follow on
/// the same socket.
pub(crate) type Step =
    fn(&DnsClient, &mut Query, &mut dyn Wire, u64, &str, Family) -> nb::Result<IpAddr, Error>;

fn step(
    client: &DnsClient,
    query: &mut Query,
    wire: &mut dyn Wire,
    now: u64,
    host: &str,
    family: Family,
) -> nb::Result<IpAddr, Error> {
    let mut question = question(host, family)?;
    if query.stage == Stage::Closed {
        open(client, &mut query.port, wire, now)?;
        query.stage = Stage::Idle;
    }
    if query.stage == Stage::Idle {
        query.id = client.random_u16(now);
        query.left = client.attempts;
        query.failure = None;
        query.attempt(client, now);
    }
    question.header_mut().set_id(query.id);
    loop {
        if query.stage == Stage::Sending {
            match wire.send(question.as_slice()) {
                Ok(()) => query.stage = Stage::Listening,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => {
                    if !for_the_caller(error) {
                        query.stage = Stage::Idle;
                    }
                    return Err(nb::Error::Other(error));
                }
            }
        }
        if query.stage == Stage::Listening
            && let Some(ended) = query.listen(wire, |bytes| answer(bytes, &question, family))?
        {
            query.stage = Stage::Idle;
            return ended.map_err(nb::Error::Other);
        }
        if now < query.until {
            return Err(nb::Error::WouldBlock);
        }
        if query.left == 0 {
            query.stage = Stage::Idle;
            let unanswered = Error::with(ErrorKind::TimedOut, Fault::DnsSilent);
            return Err(nb::Error::Other(query.failure.unwrap_or(unanswered)));
        }
        query.attempt(client, now);
    }
}

/// Errors that say nothing about the server: the lookup can go on.
fn for_the_caller(error: Error) -> bool {
    matches!(error.kind(), ErrorKind::Busy | ErrorKind::Interrupted)
}

/// Binds to a port that is hard to guess, where the stack can bind.
fn open(
    client: &DnsClient,
    asked: &mut Option<u16>,
    wire: &mut dyn Wire,
    now: u64,
) -> Result<(), Error> {
    for _ in 0..PORTS {
        // The dynamic range, RFC 6335.
        let port = asked
            .take()
            .unwrap_or_else(|| 0xC000 | client.random_u16(now));
        let Err(error) = wire.bind(port) else {
            break;
        };
        match error.kind() {
            ErrorKind::NotSupported => break,
            // Without a policy every error is `Other`.
            ErrorKind::AddressInUse | ErrorKind::AddressNotAvailable | ErrorKind::Other => {}
            ErrorKind::WouldBlock => {
                *asked = Some(port);
                return Err(error);
            }
            _ => return Err(error),
        }
    }
    wire.connect(client.server)
        .map_err(|error| match error.kind() {
            ErrorKind::NotSupported => Error::unsupported(Fault::DnsWithoutUdp),
            _ => error,
        })
}

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Looks names up by a DNS client over the network's datagrams, in place of the stack's `Dns` or
    /// where it has none. The datagrams come from [`with_udp`](Network::with_udp) and its like.
    #[must_use]
    pub fn with_dns_client(mut self, client: DnsClient) -> Self {
        self.names.resolver = None;
        self.names.dns = Some((client, step));
        self
    }
}
