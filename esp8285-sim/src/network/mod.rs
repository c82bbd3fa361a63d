//! What the modem's TCP/IP stack talks to.
//!
//! [`Network`] is a polled interface without I/O of its own: every call says what time it is, and what the
//! network has to say it says through [`Network::poll`]. Two implementations exist: [`MemoryNetwork`], with
//! scripted peers in virtual time, and [`HostNetwork`], which uses the host's sockets.
//!
//! Limits: IPv4, outgoing TCP, name look-ups and ping.

mod host;
mod memory;
mod peer;

pub use host::HostNetwork;
pub use memory::MemoryNetwork;
pub use peer::{Echo, Peer, PeerIo, Serve, Silent, Sink};

use std::net::{Ipv4Addr, SocketAddrV4};

/// Names one TCP connection of a [`Network`], from [`Network::connect`] until it is closed or reset.
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
}

impl Event {
    /// The connection it is about.
    pub fn socket(&self) -> Option<SocketId> {
        match self {
            Event::Resolved(..) | Event::Pong(_) => None,
            Event::Connected(id)
            | Event::Refused(id)
            | Event::Data(id, _)
            | Event::Acked(id, _)
            | Event::Finished(id)
            | Event::Reset(id) => Some(*id),
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

    /// Sends on a connection; all of `data` is taken.
    fn send(&mut self, now_us: u64, socket: SocketId, data: &[u8]);

    /// Opens the receive window by `bytes` again: so much received data has left the stack's buffer.
    fn consumed(&mut self, now_us: u64, socket: SocketId, bytes: usize);

    /// Closes orderly. No more events come from this socket.
    fn close(&mut self, now_us: u64, socket: SocketId);

    /// Breaks the connection. No more events come from this socket.
    fn abort(&mut self, now_us: u64, socket: SocketId);

    /// The next event that is due by `now_us`.
    fn poll(&mut self, now_us: u64) -> Option<Event>;

    /// When the next event is due, if that is known. A network that cannot know says `None` and is polled often.
    fn next_wakeup(&self) -> Option<u64>;
}
