//! Readiness of a UDP socket, without using anything up.

use crate::udp_socket::Phase;
use crate::{Error, Events, Look, NetworkRef, Pollable, UdpSocket};

impl<N: NetworkRef, const DATAGRAM: usize> Pollable for UdpSocket<N, DATAGRAM> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        if self.phase == Phase::Closed {
            return Ok(Look::new(Events::NVAL));
        }
        let mut ready = Events::NONE;
        let mut left = Events::NONE;
        if wanted.contains(Events::IN) && !self.recv_ready()? {
            // A stranger's datagram has gone; the peer's may be behind it.
            left = Events::IN.when(self.net.network().hurry.take());
        }
        if wanted.contains(Events::OUT) {
            ready |= Events::OUT.when(self.send_ready()?);
        }
        ready |= Events::IN.when(self.held.from().is_some() || self.pending.is_some());
        ready |= Events::ERR.when(self.pending.is_some());
        Ok(Look::new(ready).leaving(left))
    }
}
