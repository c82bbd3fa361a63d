//! The other end of a connection: what tests write, and a few ready-made ones.

use std::cell::RefCell;
use std::rc::Rc;

/// The far end of one connection in a [`MemoryNetwork`](crate::MemoryNetwork).
///
/// ```
/// use esp8285_sim::{Peer, PeerIo};
///
/// /// Says hello twice, one virtual second apart, then hangs up.
/// struct Twice(u32);
///
/// impl Peer for Twice {
///     fn connected(&mut self, io: &mut PeerIo) {
///         io.send(b"hello\r\n");
///         io.wake_at(io.now() + 1_000_000);
///     }
///     fn received(&mut self, _data: &[u8], _io: &mut PeerIo) {}
///     fn tick(&mut self, io: &mut PeerIo) {
///         io.send(b"hello again\r\n");
///         io.close();
///     }
/// }
/// ```
pub trait Peer {
    /// The connection stands.
    fn connected(&mut self, io: &mut PeerIo);
    /// Bytes arrived from the modem.
    fn received(&mut self, data: &[u8], io: &mut PeerIo);
    /// The modem closed the connection.
    fn closed(&mut self, io: &mut PeerIo) {
        let _ = io;
    }
    /// The modem broke the connection; the same as [`closed`](Self::closed) unless told apart.
    fn reset(&mut self, io: &mut PeerIo) {
        self.closed(io);
    }
    /// A connection to the modem was refused, or nobody answered it.
    fn refused(&mut self, io: &mut PeerIo) {
        let _ = io;
    }
    /// The moment given to [`PeerIo::wake_at`] has come.
    fn tick(&mut self, io: &mut PeerIo) {
        let _ = io;
    }
}

/// What a [`Peer`] can do while it is called.
#[derive(Debug, Default)]
pub struct PeerIo {
    pub(in crate::network) now: u64,
    pub(in crate::network) modem_port: u16,
    pub(in crate::network) out: Vec<u8>,
    pub(in crate::network) close: bool,
    pub(in crate::network) reset: bool,
    pub(in crate::network) wake: Option<u64>,
}

impl PeerIo {
    /// The virtual time in microseconds.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The connection's port on the modem; 0 when the modem refused it.
    pub fn modem_port(&self) -> u16 {
        self.modem_port
    }

    /// Sends to the modem, as fast as its receive window allows.
    pub fn send(&mut self, data: &[u8]) {
        self.out.extend_from_slice(data);
    }

    /// Closes orderly once everything queued has been sent.
    pub fn close(&mut self) {
        self.close = true;
    }

    /// Breaks the connection now; what is queued is lost.
    pub fn reset(&mut self) {
        self.reset = true;
    }

    /// Asks for [`Peer::tick`] at that virtual time.
    pub fn wake_at(&mut self, us: u64) {
        self.wake = Some(us);
    }
}

/// Sends one block of bytes: after the first bytes it receives, and then closes, unless told otherwise.
#[derive(Debug, Clone)]
pub struct Serve {
    data: Vec<u8>,
    at_connect: bool,
    keep_open: bool,
    done: bool,
}

impl Serve {
    /// Sends `data` after the first bytes received, then closes.
    pub fn new(data: impl Into<Vec<u8>>) -> Self {
        Self {
            data: data.into(),
            at_connect: false,
            keep_open: false,
            done: false,
        }
    }

    /// Does not wait for a request.
    #[must_use]
    pub fn at_connect(mut self) -> Self {
        self.at_connect = true;
        self
    }

    /// Leaves closing to the modem.
    #[must_use]
    pub fn keep_open(mut self) -> Self {
        self.keep_open = true;
        self
    }

    fn serve(&mut self, io: &mut PeerIo) {
        if !std::mem::replace(&mut self.done, true) {
            io.send(&std::mem::take(&mut self.data));
            if !self.keep_open {
                io.close();
            }
        }
    }
}

impl Peer for Serve {
    fn connected(&mut self, io: &mut PeerIo) {
        if self.at_connect {
            self.serve(io);
        }
    }

    fn received(&mut self, _data: &[u8], io: &mut PeerIo) {
        self.serve(io);
    }
}

/// Sends back what it receives.
#[derive(Debug, Clone, Copy, Default)]
pub struct Echo;

impl Peer for Echo {
    fn connected(&mut self, _io: &mut PeerIo) {}

    fn received(&mut self, data: &[u8], io: &mut PeerIo) {
        io.send(data);
    }
}

/// Collects what it receives where a test can look at it.
#[derive(Debug, Clone, Default)]
pub struct Sink(pub Rc<RefCell<Vec<u8>>>);

impl Peer for Sink {
    fn connected(&mut self, _io: &mut PeerIo) {}

    fn received(&mut self, data: &[u8], _io: &mut PeerIo) {
        self.0.borrow_mut().extend_from_slice(data);
    }
}

/// Accepts and never says anything.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Peer for Silent {
    fn connected(&mut self, _io: &mut PeerIo) {}

    fn received(&mut self, _data: &[u8], _io: &mut PeerIo) {}
}
