//! Local port and peer of a UDP socket.
//!
//! The stack's socket is bound whenever the stack can: then everybody can be reached from one port, and
//! a peer is a matter of this crate alone. Only where binding is not supported is the stack's socket
//! connected.

use core::net::SocketAddr;

use embedded_nal::nb;

use crate::address::same_endpoint;
use crate::datagrams::Datagrams;
use crate::error::Fault;
use crate::policy::{again_or, again_or_kind};
use crate::udp_socket::{Opening, Phase};
use crate::wait::Limit;
use crate::{Ephemeral, Error, ErrorKind, Network, NetworkRef, Platform, UdpSocket};

/// How many ephemeral ports are tried before the last error is the user's.
const TRIES: usize = 8;

impl<N: NetworkRef, const DATAGRAM: usize> UdpSocket<N, DATAGRAM> {
    /// Takes `port` for receiving and sending; 0 is a free one. A socket that is not bound by its user
    /// gets a free one at its first use. Waits, if the stack cannot give a socket yet, within the send
    /// timeout.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the socket has a port or a peer already,
    /// [`NotSupported`](ErrorKind::NotSupported) if the stack's sockets have one peer each or if there
    /// are none at all, [`Closed`](ErrorKind::Closed), [`Busy`](ErrorKind::Busy),
    /// [`TimedOut`](ErrorKind::TimedOut), [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking
    /// socket, [`Interrupted`](ErrorKind::Interrupted), or what the stack reports:
    /// [`AddressInUse`](ErrorKind::AddressInUse) and the like. After an error bind can be called again.
    pub fn bind(&mut self, port: u16) -> Result<(), Error> {
        self.not_closed()?;
        if self.phase != Phase::Fresh {
            return Err(Error::invalid(Fault::BoundAlready));
        }
        let wanted = match port {
            0 => Wanted::AnyPort,
            port => Wanted::Port(port),
        };
        self.open(self.send_limit(), wanted).map(|_| ())
    }

    /// Makes `remote` the peer: [`send`](Self::send) sends there, and datagrams from others are thrown
    /// away, also one that was peeked at. Can be called again with another address. Nothing is sent.
    /// Waits as [`bind`](Self::bind) does.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for port 0,
    /// [`NotSupported`](ErrorKind::NotSupported) if there are no datagrams,
    /// [`Closed`](ErrorKind::Closed), [`Busy`](ErrorKind::Busy), [`TimedOut`](ErrorKind::TimedOut),
    /// [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking socket,
    /// [`Interrupted`](ErrorKind::Interrupted), or what the stack reports. The former peer, if any,
    /// stays.
    pub fn connect(&mut self, remote: SocketAddr) -> Result<(), Error> {
        self.not_closed()?;
        if remote.port() == 0 {
            return Err(Error::invalid(Fault::PortZero));
        }
        if let Phase::Attached(other) = self.phase
            && !same_endpoint(other, remote)
        {
            // Only one who ended the wait, or may not wait, is to call again.
            if let Err(error) = self.linger()
                && matches!(error.kind(), ErrorKind::Busy | ErrorKind::Interrupted)
            {
                return Err(error);
            }
            // The old one is gone whatever the stack says to that; Busy is before it.
            let closed = self.give_back();
            if self.handle.is_some() {
                return closed;
            }
        }
        self.open(self.send_limit(), Wanted::Any(Some(remote)))?;
        self.peer = Some(remote);
        if let Some(from) = self.held.from()
            && !same_endpoint(from, remote)
        {
            self.held.discard();
        }
        Ok(())
    }

    /// Makes sure that the stack's socket is there and can be used. What is left of the limit.
    pub(crate) fn open(&mut self, limit: Limit, wanted: Wanted) -> Result<Limit, Error> {
        match self.phase {
            Phase::Bound | Phase::Attached(_) => return Ok(limit),
            Phase::Closed => return Err(Error::new(ErrorKind::Closed)),
            Phase::Fresh => {}
        }
        if let Opening::Opened(phase, port) = self.opening
            && !wanted.is_met_by(phase, port)
        {
            let _ = self.give_back();
        }
        let net = self.net.network();
        let limit = net.started(limit);
        let slot = &mut self.handle;
        let options = &mut self.options;
        let opening = &mut self.opening;
        // The inner result is the stack's verdict, after which it has its socket back; the outer one
        // is how the waiting went.
        let verdict = net.wait(limit, |stack, _| {
            if let Opening::Opened(phase, port) = *opening {
                return Ok(Ok((phase, port)));
            }
            let handle = match slot.as_mut() {
                Some(handle) => handle,
                None => slot.insert(
                    net.udp
                        .socket(stack)
                        .map_err(|kind| again_or(Error::new(kind)))?,
                ),
            };
            if let Err(error) = options.tell(true, |o| net.udp.set_option(stack, handle, o)) {
                return match again_or_kind(error) {
                    nb::Error::WouldBlock => Err(nb::Error::WouldBlock),
                    nb::Error::Other(error) => Ok(Err(error)),
                };
            }
            match ready(net, stack, handle, wanted, opening) {
                Ok(ready) => Ok(Ok(ready)),
                Err(error) => match again_or(error) {
                    nb::Error::WouldBlock => Err(nb::Error::WouldBlock),
                    nb::Error::Other(error) => Ok(Err(error)),
                },
            }
        })?;
        match verdict {
            Ok((phase, local_port)) => {
                // In use only when the rest is told, too: until then it can be opened again.
                self.opening = Opening::Opened(phase, local_port);
                self.furnish(limit)?;
                self.opening = Opening::Not;
                self.phase = phase;
                self.local_port = local_port;
                Ok(limit)
            }
            Err(error) => {
                // It was of no use; whether the stack minds does not matter to the caller.
                let _ = self.give_back();
                Err(error)
            }
        }
    }

    /// Tells the stack the groups that were joined before, and the options that were too early.
    fn furnish(&mut self, limit: Limit) -> Result<(), Error> {
        let net = self.net.network();
        let (options, memberships) = (&mut self.options, &mut self.memberships);
        let Some(handle) = self.handle.as_mut() else {
            return Ok(());
        };
        if !options.are_waiting() && !memberships.are_waiting() {
            return Ok(());
        }
        let furnished = net.wait(limit, |stack, _| {
            options
                .tell(false, |o| net.udp.set_option(stack, handle, o))
                .and_then(|()| memberships.tell(|m| net.udp.join_group(stack, handle, m)))
                .map_err(again_or_kind)
        });
        if let Err(error) = furnished
            && !is_for_later(error.kind())
        {
            let _ = self.give_back();
        }
        furnished
    }
}

/// What a socket is opened for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wanted {
    /// This port and no other.
    Port(u16),
    /// Some port of its own.
    AnyPort,
    /// Some port, or without bind this peer.
    Any(Option<SocketAddr>),
}

impl Wanted {
    fn is_met_by(self, phase: Phase, local_port: Option<u16>) -> bool {
        match self {
            Self::Port(port) => local_port == Some(port),
            Self::AnyPort => phase == Phase::Bound,
            Self::Any(remote) => match phase {
                Phase::Attached(peer) => remote.is_some_and(|remote| same_endpoint(peer, remote)),
                _ => true,
            },
        }
    }
}

/// Whether the stack may still say yes, to one who comes again.
const fn is_for_later(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::Busy
    )
}

/// Binds, or connects where that is not supported.
fn ready<S, P, U>(
    net: &Network<S, P, U>,
    stack: &mut S,
    handle: &mut U::Handle,
    wanted: Wanted,
    opening: &mut Opening,
) -> Result<(Phase, Option<u16>), Error>
where
    S: embedded_nal::TcpClientStack,
    P: Platform,
    U: Datagrams<S>,
{
    let bound = match wanted {
        Wanted::Port(port) => net.udp.bind(stack, handle, port).map(|()| Some(port)),
        Wanted::AnyPort | Wanted::Any(_) => bind_somewhere(net, stack, handle, opening),
    };
    match (bound, wanted) {
        (Ok(port), _) => Ok((Phase::Bound, port)),
        (Err(ErrorKind::NotSupported), Wanted::Any(Some(remote))) => {
            net.udp.connect(stack, handle, remote)?;
            Ok((Phase::Attached(remote), None))
        }
        // Nobody to hear from and nobody to send to.
        (Err(ErrorKind::NotSupported), Wanted::Any(None)) => {
            Err(Error::new(ErrorKind::NotConnected))
        }
        (Err(kind), _) => Err(Error::new(kind)),
    }
}

fn bind_somewhere<S, P, U>(
    net: &Network<S, P, U>,
    stack: &mut S,
    handle: &mut U::Handle,
    opening: &mut Opening,
) -> Result<Option<u16>, ErrorKind>
where
    S: embedded_nal::TcpClientStack,
    P: Platform,
    U: Datagrams<S>,
{
    if net.udp.ephemeral() == Ephemeral::ByStack {
        return net.udp.bind(stack, handle, 0).map(|()| None);
    }
    let mut tries = TRIES;
    loop {
        // A stack that has said "not yet" is asked again for the same.
        let port = match core::mem::replace(opening, Opening::Not) {
            Opening::Asked(port) => port,
            _ => net.ports.next(|| net.platform.now()),
        };
        match net.udp.bind(stack, handle, port) {
            Ok(()) => return Ok(Some(port)),
            Err(kind) if matches!(again_or(Error::new(kind)), nb::Error::WouldBlock) => {
                *opening = Opening::Asked(port);
                return Err(kind);
            }
            // Without a policy every error is `Other`.
            Err(ErrorKind::AddressInUse | ErrorKind::AddressNotAvailable | ErrorKind::Other)
                if tries > 1 =>
            {
                tries -= 1;
            }
            Err(kind) => return Err(kind),
        }
    }
}
