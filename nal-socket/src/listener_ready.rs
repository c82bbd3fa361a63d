//! Readiness of a listener: it accepts one connection ahead and keeps it for `accept`.

use embedded_nal::nb;

use crate::capability::accepted::accept;
use crate::tcp_listener::Phase;
use crate::{Error, Events, Look, NetworkRef, Pollable, TcpListener};

impl<N: NetworkRef> Pollable for TcpListener<N> {
    fn look(&mut self, wanted: Events) -> Result<Look, Error> {
        match self.phase {
            Phase::Closed => return Ok(Look::new(Events::NVAL)),
            // As any TCP socket that is not connected.
            Phase::Fresh | Phase::Bound => return Ok(Look::new(Events::OUT | Events::HUP)),
            Phase::Starting | Phase::Listening => {}
        }
        // Nobody's connection is taken for one who does not want to accept.
        if self.ahead.is_none() && wanted.contains(Events::IN) {
            self.accept_ahead()?;
        }
        Ok(Look::new(match &self.ahead {
            Some(Ok(_)) => Events::IN,
            Some(Err(_)) => Events::IN | Events::ERR,
            None => Events::NONE,
        }))
    }
}

impl<N: NetworkRef> TcpListener<N> {
    fn accept_ahead(&mut self) -> Result<(), Error> {
        let net = self.net.network();
        let Some(handle) = self.handle.as_mut() else {
            return Ok(());
        };
        let mut stack = net.borrow_stack()?;
        let accepted = net.capabilities.accepted;
        self.ahead = match accept(&mut *stack, &net.policy, self.server, accepted, handle) {
            Ok(accepted) => Some(Ok(accepted)),
            Err(nb::Error::WouldBlock) => None,
            Err(nb::Error::Other(error)) => Some(Err(error)),
        };
        Ok(())
    }
}
