//! Guide: many sockets on one network, and where to keep them.
//!
//! A socket holds a [`NetworkRef`](crate::NetworkRef): a reference to the network, or with the feature
//! `alloc` an `Rc` of it. The stack is borrowed only while one of its functions runs, so any number of
//! sockets share it. What differs is only how long the network lives:
//!
//! | the network lives in | a socket's type | needs |
//! |---|---|---|
//! | a variable of `main` | `TcpSocket<&Network<..>>` | nothing; sockets cannot leave `main` |
//! | a `static` | `TcpSocket<&'static Network<..>>` | a cell such as `static_cell::StaticCell` |
//! | an `Rc` | `TcpSocket<Rc<Network<..>>>` | the feature `alloc` |
//!
//! The last two have no lifetime to pass on: name the type once, and keep sockets in structs, vectors
//! and statics.
//!
//! # In a struct, next to the network, without a heap
//!
//! ```
//! use nal_socket::{Error, ErrorKind, Network, TcpSocket};
//! use static_cell::StaticCell;
//! use std_embedded_nal::Stack;
//!
//! type Net = &'static Network<Stack, fn() -> u64>;
//!
//! /// Two connections and what they run on. No lifetime parameter.
//! struct Station {
//!     network: Net,
//!     control: TcpSocket<Net>,
//!     pictures: TcpSocket<Net>,
//! }
//!
//! impl Station {
//!     fn new(network: Net) -> Self {
//!         let (control, pictures) = (TcpSocket::new(network), TcpSocket::new(network));
//!         Self { network, control, pictures }
//!     }
//!
//!     /// A closed socket is not used again: put a new one in its place.
//!     fn start_over(&mut self) -> Result<(), Error> {
//!         self.control.close()?;
//!         self.control = TcpSocket::new(self.network);
//!         Ok(())
//!     }
//! }
//!
//! static NETWORK: StaticCell<Network<Stack, fn() -> u64>> = StaticCell::new();
//!
//! let network: Net = NETWORK.init(Network::new(Stack, || 0));
//! let mut station = Station::new(network);
//! station.start_over().unwrap();
//! assert_eq!(station.control.send(b"x").unwrap_err().kind(), ErrorKind::NotConnected);
//! # let _ = station.pictures;
//! ```
//!
//! # In a static
//!
//! A network is not `Sync`, so a plain `static` will not hold a socket; a cell that is filled once and
//! gives out one exclusive reference will. That reference lives as long as the program and moves
//! wherever it is needed, a task of an executor for one.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, TcpSocket};
//! use static_cell::StaticCell;
//! use std_embedded_nal::Stack;
//!
//! type Net = &'static Network<Stack, fn() -> u64>;
//!
//! static NETWORK: StaticCell<Network<Stack, fn() -> u64>> = StaticCell::new();
//! static UPLINK: StaticCell<TcpSocket<Net>> = StaticCell::new();
//!
//! let network: Net = NETWORK.init(Network::new(Stack, || 0));
//! let uplink: &'static mut TcpSocket<Net> = UPLINK.init(TcpSocket::new(network));
//! uplink.set_nonblocking(true);
//! assert_eq!(uplink.recv(&mut [0; 8]).unwrap_err().kind(), ErrorKind::NotConnected);
//! ```
//!
//! # In an `Rc`
//!
#![cfg_attr(feature = "alloc", doc = "```")]
#![cfg_attr(not(feature = "alloc"), doc = "```text")]
//! use nal_socket::{Network, NetworkRef, TcpSocket};
//! use std::rc::Rc;
//! use std_embedded_nal::Stack;
//!
//! type Net = Rc<Network<Stack, fn() -> u64>>;
//!
//! struct Fetcher {
//!     network: Net,
//!     sockets: Vec<TcpSocket<Net>>,
//! }
//!
//! let network: Net = Rc::new(Network::new(Stack, || 0));
//! let mut fetcher = Fetcher { network, sockets: Vec::new() };
//! for _ in 0..3 {
//!     fetcher.sockets.push(TcpSocket::new(fetcher.network.clone()));
//! }
//! assert_eq!(fetcher.sockets.len(), 3);
//! ```
//!
//! # Calling back
//!
//! While an operation waits, [`Platform::idle`](crate::Platform::idle) runs and the stack is free: the
//! hook may use other sockets of the same network as long as they need not wait. A hook that would have
//! to wait itself, or code that uses a socket inside
//! [`Network::with_stack`](crate::Network::with_stack), is told [`ErrorKind::Busy`](crate::ErrorKind::Busy);
//! nothing panics and nothing is lost.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, TcpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! let inside = network.with_stack(|_stack| socket.connect("127.0.0.1:9".parse().unwrap()));
//! assert_eq!(inside.unwrap().unwrap_err().kind(), ErrorKind::Busy);
//! ```
//!
//! Limits: one thread or one task. To share a network between threads, give each its own stack, or a
//! thread that owns all sockets and a channel to it.
