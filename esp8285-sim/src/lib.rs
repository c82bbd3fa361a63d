//! An ESP8285/ESP8266 AT modem in software.
//!
//! A [`Modem`] takes bytes and the time, and gives bytes: the replies, messages, echoes and refusals of one firmware
//! [`Dialect`], byte for byte. Around it are the things a real modem has around it: access points in the [`Air`], a
//! [`Network`] of scripted peers or of the host's sockets, and a serial line with a baud rate. A [`Bench`] runs all
//! of that in virtual time, so that a test of a driver's 15-second time-out takes microseconds and always gives the
//! same bytes; [`live`] runs it in real time; the program `esp8285-sim` puts it on a pseudo-terminal or TCP port.
//! By default nothing goes wrong; [`Faults`] make it, by chance and repeatably. [`Transcript`] reads, writes and plays
//! exchanges, those of [`published`] logs of real modems among them.
//!
//! ```
//! use embedded_io::{Read, ReadReady, Write};
//! use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, Serve};
//!
//! // A world: one access point, one name, one web server.
//! let air = Air::new().ap(AccessPoint::new("home", "secret"));
//! let server = "10.0.0.1:80".parse().unwrap();
//! let network = MemoryNetwork::new().host("example.com", *std::net::SocketAddrV4::ip(&server));
//! network.listen(server, || Box::new(Serve::new("HTTP/1.0 200 OK\r\n\r\nhello")));
//!
//! let bench = Bench::new(Modem::new(Dialect::EspAt2_2, air, network), BenchConfig::default());
//! let mut uart = bench.uart();
//! let mut talk = |bytes: &[u8], end: &[u8]| {
//!     uart.write_all(bytes).unwrap();
//!     let (mut seen, mut buf) = (Vec::new(), [0; 256]);
//!     while !seen.ends_with(end) {
//!         bench.idle(None);
//!         while uart.read_ready().unwrap() {
//!             let n = uart.read(&mut buf).unwrap();
//!             seen.extend_from_slice(&buf[..n]);
//!         }
//!     }
//!     seen
//! };
//! talk(b"ATE0\r\n", b"OK\r\n");
//! talk(b"AT+CWJAP=\"home\",\"secret\"\r\n", b"\r\nOK\r\n");
//! talk(b"AT+CIPSTART=\"TCP\",\"example.com\",80\r\n", b"CONNECT\r\n\r\nOK\r\n");
//! talk(b"AT+CIPSEND=18\r\n", b">");
//! let answer = talk(b"GET / HTTP/1.0\r\n\r\n", b"CLOSED\r\n");
//! assert!(answer.ends_with(b"\r\n+IPD,24:HTTP/1.0 200 OK\r\n\r\nhello\r\nCLOSED\r\n"));
//! assert!(bench.now() > 1_000_000, "joining took a virtual second");
//! ```
//!
//! Limits: TCP and UDP over IPv4. The README lists exactly what is not simulated; an AT command that is not
//! gets ERROR.

#![forbid(unsafe_code)]

mod air;
mod bench;
mod dialect;
mod fault;
mod garble;
mod line;
pub mod live;
mod modem;
mod network;
pub mod published;
mod transcript;
mod wire;

pub use air::{AccessPoint, Air, IpSetup};
pub use bench::{Bench, BenchConfig, Chunk, Direction, Record, Stats, UartError, VirtualUart};
pub use dialect::{Dialect, UnknownDialect};
pub use fault::{Fault, FaultError, Faults, Rate};
pub use modem::{Modem, StationRefused};
pub use network::{
    Accepted, ClientState, Echo, Event, HostNetwork, MemoryNetwork, Network, Peer, PeerIo, QueryId,
    Serve, Silent, Sink, SocketId, Tls, TlsServer, UdpIo, UdpPeer, UdpSink,
};
pub use transcript::{Entry, Log, Mismatch, Transcript, TranscriptError};

/// Compiles and runs the README's example.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
