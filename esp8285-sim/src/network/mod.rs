//! What the modem's TCP/IP stack talks to.
//!
//! [`Network`] is a polled interface without I/O of its own: every call says what time it is, and what the
//! network has to say it says through [`Network::poll`]. Two implementations exist: [`MemoryNetwork`], with
//! scripted peers in virtual time, and [`HostNetwork`], which uses the host's sockets.
//!
//! Limits: IPv4.

mod datagram;
mod host;
mod memory;
mod peer;
mod tls;

pub use datagram::{UdpIo, UdpPeer, UdpSink};
pub use host::HostNetwork;
pub use memory::{ClientState, MemoryNetwork};
pub use peer::{Echo, Peer, PeerIo, Serve, Silent, Sink};
pub use tls::{Tls, TlsServer};

use std::net::{Ipv4Addr, SocketAddrV4};

/// Names one socket of a [`Network`]: a TCP connection, a UDP socket or a listener, until it is closed or reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SocketId(pub u64);

/// Names one question ([`Network::resolve`] or [`Network::ping`]) until it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct QueryId(pub u64);

/// What a network reports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The answer to a look-up; `None` when there is no such name.
    Resolved(QueryId, Option<Ipv4Addr>),
    /// The answer to a ping. A ping that is lost has no event.
    Pong(QueryId),
    /// The connection stands.
    Connected(SocketId),
    /// The other side refused; the socket is gone.
    Refused(SocketId),
    /// One segment arrived. Never more than the window given to [`Network::connect`] is unconsumed.
    Data(SocketId, Vec<u8>),
    /// This many further bytes of what was sent have been acknowledged.
    Acked(SocketId, usize),
    /// The other side has sent everything. The socket lives until it is closed from here.
    Finished(SocketId),
    /// The other side broke the connection; the socket is gone.
    Reset(SocketId),
    /// A datagram arrived on a UDP socket, from that address.
    Datagram(SocketId, SocketAddrV4, Vec<u8>),
    /// A connection waits on a listener for [`Network::accept`].
    Incoming(SocketId),
}

/// A connection somebody made to the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The connection; its events follow.
    pub socket: SocketId,
    /// Who made it.
    pub remote: SocketAddrV4,
}

impl Event {
    /// The socket it is about.
    pub fn socket(&self) -> Option<SocketId> {
        match self {
            Event::Resolved(..) | Event::Pong(_) => None,
            Event::Connected(id)
            | Event::Refused(id)
            | Event::Data(id, _)
            | Event::Acked(id, _)
            | Event::Finished(id)
            | Event::Reset(id)
            | Event::Datagram(id, ..)
            | Event::Incoming(id) => Some(*id),
        }
    }
}

/// What the modem's TCP/IP stack talks to.
pub trait Network {
    /// Starts looking up a name; the answer is [`Event::Resolved`].
    fn resolve(&mut self, now_us: u64, name: &str) -> QueryId;

    /// Sends a ping; the answer is [`Event::Pong`].
    fn ping(&mut self, now_us: u64, to: Ipv4Addr) -> QueryId;

    /// Starts a connection with a receive window of `window` bytes; returns it and its local port.
    ///
    /// The answer is [`Event::Connected`], [`Event::Refused`] or silence.
    fn connect(&mut self, now_us: u64, to: SocketAddrV4, window: usize) -> (SocketId, u16);

    /// Starts a TLS connection; [`Event::Connected`] comes after the handshake, [`Event::Refused`] also when that fails.
    ///
    /// `None` from a network without TLS.
    fn connect_tls(
        &mut self,
        now_us: u64,
        to: SocketAddrV4,
        window: usize,
        tls: &Tls,
    ) -> Option<(SocketId, u16)> {
        let _ = (now_us, to, window, tls);
        None
    }

    /// Sends on a connection; all of `data` is taken.
    fn send(&mut self, now_us: u64, socket: SocketId, data: &[u8]);

    /// Opens the receive window by `bytes` again: so much received data has left the stack's buffer.
    fn consumed(&mut self, now_us: u64, socket: SocketId, bytes: usize);

    /// Opens a UDP socket on that port, or on a free one; returns it and its port.
    ///
    /// `None` when the port is taken. Datagrams arrive as [`Event::Datagram`].
    fn bind(&mut self, now_us: u64, port: Option<u16>) -> Option<(SocketId, u16)>;

    /// Sends one datagram, also to a broadcast address.
    fn send_to(&mut self, now_us: u64, socket: SocketId, to: SocketAddrV4, data: &[u8]);

    /// Listens for TCP connections on that port; each gets a receive window of `window` bytes.
    ///
    /// Up to `backlog` connections wait for [`accept`](Self::accept), each reported by one [`Event::Incoming`];
    /// further ones are not answered. `None` when the port is taken.
    fn listen(&mut self, now_us: u64, port: u16, backlog: usize, window: usize)
    -> Option<SocketId>;

    /// Takes the connection that has waited longest on a listener. What it received meanwhile is reported next.
    fn accept(&mut self, now_us: u64, listener: SocketId) -> Option<Accepted>;

    /// Closes orderly. No more events come from this socket. Connections that still wait on a listener are broken.
    fn close(&mut self, now_us: u64, socket: SocketId);

    /// Breaks the connection. No more events come from this socket.
    fn abort(&mut self, now_us: u64, socket: SocketId);

    /// The next event that is due by `now_us`.
    fn poll(&mut self, now_us: u64) -> Option<Event>;

    /// When the next event is due, if that is known. A network that cannot know says `None` and is polled often.
    fn next_wakeup(&self) -> Option<u64>;
}
