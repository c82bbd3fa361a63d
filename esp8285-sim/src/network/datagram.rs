//! The other end of datagrams: what tests write, and two ready-made ones.

use std::cell::RefCell;
use std::rc::Rc;

use super::Echo;

/// What answers at a UDP address of a [`MemoryNetwork`](crate::MemoryNetwork).
///
/// ```
/// use esp8285_sim::{MemoryNetwork, UdpIo, UdpPeer};
///
/// /// Answers each question twice, the second time one virtual second later.
/// struct Stutter(Vec<u8>);
///
/// impl UdpPeer for Stutter {
///     fn received(&mut self, data: &[u8], io: &mut UdpIo) {
///         self.0 = data.to_vec();
///         io.send(data);
///         io.wake_at(io.now() + 1_000_000);
///     }
///     fn tick(&mut self, io: &mut UdpIo) {
///         io.send(&self.0);
///     }
/// }
///
/// let network = MemoryNetwork::new();
/// network.listen_udp("10.0.0.1:7".parse().unwrap(), Stutter(Vec::new()));
/// ```
pub trait UdpPeer {
    /// A datagram arrived from the modem.
    fn received(&mut self, data: &[u8], io: &mut UdpIo);
    /// The moment given to [`UdpIo::wake_at`] has come.
    fn tick(&mut self, io: &mut UdpIo) {
        let _ = io;
    }
}

/// What a [`UdpPeer`] can do while it is called.
#[derive(Debug)]
pub struct UdpIo {
    pub(in crate::network) now: u64,
    pub(in crate::network) modem_port: u16,
    pub(in crate::network) out: Vec<Vec<u8>>,
    pub(in crate::network) wake: Option<u64>,
}

impl UdpIo {
    /// The virtual time in microseconds.
    pub fn now(&self) -> u64 {
        self.now
    }

    /// The port on the modem that the last datagram came from.
    pub fn modem_port(&self) -> u16 {
        self.modem_port
    }

    /// Sends one datagram to that port.
    pub fn send(&mut self, data: &[u8]) {
        self.out.push(data.to_vec());
    }

    /// Asks for [`UdpPeer::tick`] at that virtual time.
    pub fn wake_at(&mut self, us: u64) {
        self.wake = Some(us);
    }
}

impl UdpPeer for Echo {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        io.send(data);
    }
}

/// A datagram and the port on the modem that it came from.
type Received = (u16, Vec<u8>);

/// Collects datagrams, with the modem's port, where a test can look at them.
#[derive(Debug, Clone, Default)]
pub struct UdpSink(pub Rc<RefCell<Vec<Received>>>);

impl UdpPeer for UdpSink {
    fn received(&mut self, data: &[u8], io: &mut UdpIo) {
        self.0.borrow_mut().push((io.modem_port, data.to_vec()));
    }
}
