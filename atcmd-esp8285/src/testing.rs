//! Guide: testing firmware that uses this driver, without a board.
//!
//! Write the part of your firmware that talks to the network for any
//! [`Uart`](crate::Uart) and [`Clock`](crate::Clock). On the board it gets the
//! HAL's port and a hardware timer; in a test one of these:
//!
//! | | a mock, byte for byte | a simulated modem |
//! |---|---|---|
//! | crate | `embedded-hal-mock` | `esp8285-sim` |
//! | you write | every byte in both directions | an access point, a server |
//! | good for | your HAL glue, one exact exchange, a reply no modem should give | what your firmware does with a network: joins, data, time-outs, restarts |
//! | breaks when | anything on the line changes | your firmware's behaviour changes |
//!
//! # On a mock
//!
//! `serial::NbSerial` puts the driver on `embedded-hal-mock`'s serial port of
//! either embedded-hal generation (features `embedded-hal-nb-v1` and
//! `embedded-hal-v0_2`). The mock wants to know each call in advance, also
//! those that find nothing; in return it proves that the firmware sends these
//! bytes in this order and nothing else.
//!
//! ```
//! use std::cell::Cell;
//!
//! use atcmd_esp8285::serial::NbSerial;
//! use atcmd_esp8285::{Clock, Esp8285, JoinError, Uart};
//! use embedded_hal_mock::eh1::serial::{Mock, Transaction};
//!
//! /// The firmware under test.
//! fn go_online(uart: impl Uart, clock: impl Clock) -> Result<(), JoinError> {
//!     let mut wifi = Esp8285::new(uart, clock);
//!     wifi.wait(|wifi| wifi.join("home", "secret"))
//! }
//!
//! /// Five milliseconds pass whenever a call waits.
//! struct Ticks(Cell<u64>);
//! impl Clock for Ticks {
//!     fn now(&self) -> u64 {
//!         self.0.get()
//!     }
//!     fn idle(&self, _until: Option<u64>) {
//!         self.0.set(self.0.get() + 5_000);
//!     }
//! }
//!
//! let mut port = Vec::new();
//! // In each call the driver takes in what has come until there is no more,
//! // and then sends what is due.
//! let mut call = |comes: &str, goes: &str| {
//!     if !comes.is_empty() {
//!         port.push(Transaction::read_many(comes));
//!         port.push(Transaction::read_error(nb::Error::WouldBlock));
//!     }
//!     port.push(Transaction::read_error(nb::Error::WouldBlock));
//!     port.push(Transaction::write_many(goes));
//! };
//! call("", "AT\r\n");
//! call("AT\r\r\n\r\nOK\r\n", "");
//! // 20 ms without a word, in case the modem was still answering something.
//! for _ in 0..3 {
//!     call("", "");
//! }
//! call("", "ATE0\r\n");
//! call("\r\nOK\r\n", "AT+GMR\r\n");
//! call("AT version:1.7.4.0\r\n\r\nOK\r\n", "AT+CWMODE_CUR=1\r\n");
//! call("\r\nOK\r\n", "AT+CIPMUX=1\r\n");
//! call("\r\nOK\r\n", "AT+CIPDINFO=0\r\n");
//! call("\r\nOK\r\n", "AT+CIPRECVMODE=1\r\n");
//! call("\r\nOK\r\n", "AT+CWJAP_CUR=\"home\",\"secret\"\r\n");
//! call("+CWJAP:3\r\n\r\nFAIL\r\n", "");
//!
//! let mut mock = Mock::new(&port);
//! let result = go_online(NbSerial::from_v1(mock.clone()), Ticks(Cell::new(0)));
//! assert_eq!(result, Err(JoinError::NoSuchAccessPoint));
//! mock.done();
//! ```
//!
//! # On a simulated modem
//!
//! `esp8285-sim` answers as the firmware does, on a serial line with a baud
//! rate, in virtual time: a test that waits for half a minute takes
//! microseconds and always sees the same bytes.
//!
//! ```
//! use std::net::SocketAddrV4;
//!
//! use atcmd_esp8285::embedded_nal::{TcpClientStack, nb};
//! use atcmd_esp8285::{Clock, Esp8285, SocketError, Uart};
//! use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Dialect, MemoryNetwork, Modem, Serve};
//!
//! /// The firmware under test: reads a thermometer's page to its end.
//! fn temperature(
//!     wifi: &mut Esp8285<impl Uart, impl Clock>,
//!     server: SocketAddrV4,
//! ) -> Result<String, SocketError> {
//!     let mut socket = wifi.socket()?;
//!     wifi.wait(|wifi| wifi.connect(&mut socket, server.into()))?;
//!     wifi.wait(|wifi| wifi.send(&mut socket, b"t?"))?;
//!     let (mut page, mut buf) = (String::new(), [0; 64]);
//!     loop {
//!         match wifi.wait(|wifi| wifi.receive(&mut socket, &mut buf))? {
//!             0 => break,
//!             n => page.push_str(&String::from_utf8_lossy(&buf[..n])),
//!         }
//!     }
//!     wifi.close(socket)?;
//!     Ok(page)
//! }
//!
//! /// The simulator's time is the driver's.
//! struct Virtual(Bench);
//! impl Clock for Virtual {
//!     fn now(&self) -> u64 {
//!         self.0.now()
//!     }
//!     fn idle(&self, until: Option<u64>) {
//!         self.0.idle(until);
//!     }
//! }
//!
//! let server = "10.0.0.1:80".parse().unwrap();
//! let network = MemoryNetwork::new();
//! network.listen(server, || Box::new(Serve::new("21.5")));
//! let air = Air::new().ap(AccessPoint::new("home", "secret"));
//! let modem = Modem::new(Dialect::NonOs1_7, air, network);
//! let bench = Bench::new(modem, BenchConfig::default());
//! let mut wifi = Esp8285::new(bench.uart(), Virtual(bench.clone()));
//!
//! wifi.wait(|wifi| wifi.join("home", "secret")).unwrap();
//! assert_eq!(temperature(&mut wifi, server).unwrap(), "21.5");
//!
//! // Faults are calls: here the modem restarts, as with a weak supply.
//! bench.with_modem(|modem| modem.reset());
//! assert!(temperature(&mut wifi, server).is_err());
//! assert!(bench.now() < 30_000_000, "and nothing hangs");
//! ```
//!
//! The board's own serial port stays out of both: a port that loses bytes or
//! whose `read_ready` lies shows up on the board only. `esp8285-sim` as a
//! program, on a pseudo-terminal behind a USB adapter, helps there.
