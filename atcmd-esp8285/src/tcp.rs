//! TCP client sockets: `embedded_nal::TcpClientStack`.
//!
//! The contract, where the trait leaves it open:
//!
//! * `socket` costs nothing; a link is taken by `connect` (five at a time).
//! * `connect` is `WouldBlock` until the modem has answered. Call it again
//!   with the same address. After an error the socket can be used again.
//! * `send` copies up to 2048 bytes and returns at once with what it copied;
//!   those bytes are never asked for again. While another send is in the
//!   modem it is `WouldBlock`, in fair order between sockets. A failed
//!   delivery is the error of a later call.
//! * **An empty `send` is a barrier**: `WouldBlock` while this socket's bytes
//!   are on their way, `Ok(0)` once the modem has confirmed them, an error if
//!   it could not deliver them.
//! * `receive` is `WouldBlock` when nothing is there, `Ok(n)` for data, `Ok(0)`
//!   exactly at the orderly end of the stream, again and again.
//!   `PipeClosed` is for a restart, a lost Wi-Fi connection or a stale handle.
//! * `close` never waits. What `send` has accepted still goes out, and then
//!   the link is closed, as calls to the driver go on ([`poll`] is enough).
//!   Use the barrier first to be sure.
//!
//! [`poll`]: Esp8285::poll

use core::net::{SocketAddr, SocketAddrV4};

use embedded_nal::TcpClientStack;

use crate::driver::flatten;
use crate::error::SocketError;
use crate::machine::{Key, LinkState};
use crate::{Clock, Esp8285, Uart};

/// A TCP socket of an [`Esp8285`].
///
/// A plain handle: dropping it without [`close`](TcpClientStack::close) leaves
/// its link in use.
#[derive(Debug)]
pub struct TcpSocket {
    key: Option<Key>,
}

/// The address, if the modem can connect to it.
fn check(remote: SocketAddr) -> Result<SocketAddrV4, SocketError> {
    match remote {
        SocketAddr::V6(_) => Err(SocketError::Ipv6Unsupported),
        SocketAddr::V4(v4) if v4.port() == 0 || v4.ip().is_unspecified() => {
            Err(SocketError::InvalidAddress)
        }
        SocketAddr::V4(v4) => Ok(v4),
    }
}

impl<U: Uart, C: Clock, const RX: usize> TcpClientStack for Esp8285<U, C, RX> {
    type TcpSocket = TcpSocket;
    type Error = SocketError;

    fn socket(&mut self) -> Result<TcpSocket, SocketError> {
        Ok(TcpSocket { key: None })
    }

    fn connect(
        &mut self,
        socket: &mut TcpSocket,
        remote: SocketAddr,
    ) -> nb::Result<(), SocketError> {
        let remote = check(remote)?;
        let outcome = self.turn(None, |state, now| {
            let key = match socket.key {
                Some(key) => key,
                None => {
                    state.start(now);
                    let Some(key) = state.open(remote)? else {
                        return Ok(None);
                    };
                    socket.key = Some(key);
                    key
                }
            };
            let connected = state.connected(key, remote);
            if connected.is_err() && connected != Err(SocketError::AlreadyConnected) {
                socket.key = None;
            }
            connected
        });
        flatten(outcome)
    }

    fn send(&mut self, socket: &mut TcpSocket, buffer: &[u8]) -> nb::Result<usize, SocketError> {
        let key = socket.key.ok_or(SocketError::NotConnected)?;
        flatten(self.turn(None, |state, now| state.send(key, buffer, now)))
    }

    #[inline]
    fn receive(
        &mut self,
        socket: &mut TcpSocket,
        buffer: &mut [u8],
    ) -> nb::Result<usize, SocketError> {
        let key = socket.key.ok_or(SocketError::NotConnected)?;
        let now = self.now();
        let straight = self.machine.straight(key).min(buffer.len());
        if let Some(start) = buffer.get_mut(..straight).filter(|b| !b.is_empty()) {
            let n = self.read_straight(start, now).map_err(SocketError::Modem)?;
            if n > 0 {
                // A port that fails now fails the next call as well.
                let _ = self.finish_turn(now);
                return Ok(n);
            }
        }
        let taken = self.take_in(Some(key.link), now);
        let received = self.machine.state.receive(key, buffer);
        if let Ok(Some(1..)) = received {
            self.machine.drained(now);
        }
        // What was received before the UART failed is still good.
        let moved = taken.and_then(|()| self.finish_turn(now));
        match (received, moved) {
            (Ok(Some(n)), _) => Ok(n),
            (Err(error), _) => Err(nb::Error::Other(error)),
            (Ok(None), Err(error)) => Err(nb::Error::Other(error.into())),
            (Ok(None), Ok(())) => Err(nb::Error::WouldBlock),
        }
    }

    fn close(&mut self, socket: TcpSocket) -> Result<(), SocketError> {
        let Some(key) = socket.key else {
            return Ok(());
        };
        let now = self.now();
        let taken = self.take_in(None, now);
        self.machine.close(key, now);
        taken.and_then(|()| self.finish_turn(now))?;
        Ok(())
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Whether the peer has not closed yet and the modem has the connection up.
    ///
    /// Data may still be there to read when this says no.
    pub fn is_connected(&mut self, socket: &TcpSocket) -> bool {
        socket
            .key
            .and_then(|key| self.machine.state.link_state(key))
            == Some(LinkState::Open)
    }
}
