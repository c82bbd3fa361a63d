//! `TCP_NODELAY`, on ESP-AT from 2.1 on (`AT+CIPTCPOPT`).
//!
//! ```
//! use core::net::SocketAddr;
//!
//! use atcmd_esp8285::embedded_nal::TcpClientStack;
//! use atcmd_esp8285::{Clock, Esp8285, SocketError, TcpSocket, Uart};
//!
//! fn keystrokes(
//!     wifi: &mut Esp8285<impl Uart, impl Clock>,
//!     to: SocketAddr,
//! ) -> Result<TcpSocket, SocketError> {
//!     let mut socket = TcpClientStack::socket(wifi)?;
//!     wifi.wait(|wifi| wifi.set_no_delay(&mut socket, true))?;
//!     wifi.wait(|wifi| TcpClientStack::connect(wifi, &mut socket, to))?;
//!     Ok(socket)
//! }
//! ```
//!
//! The firmware keeps the option for each of its five links, connected or not,
//! and does not forget it with the connection. So the driver sends it before
//! `AT+CIPSTART`, and takes it back once the connection that wanted it is
//! gone. One that a program before this one left on a link stays until the
//! modem restarts.

use crate::driver::flatten;
use crate::error::SocketError;
use crate::tcp::Role;
use crate::{Capability, Clock, Esp8285, TcpSocket, Uart};

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    /// Whether the modem sends small pieces at once instead of collecting
    /// them while earlier ones are on their way; it collects unless told.
    ///
    /// Before `connect` the socket notes it, at once. On a connection, opened
    /// here or accepted, the modem is told; one whose peer has closed has
    /// nothing more to send, and takes anything.
    ///
    /// # Errors
    /// `WouldBlock` until the modem has answered.
    /// [`Unsupported`](crate::ModemError::Unsupported) for `true` on firmware
    /// without the command (then or, if the firmware is not known yet, from
    /// `connect`); [`AlreadyConnected`](SocketError::AlreadyConnected) for a
    /// socket that is bound or listens, since accepted connections do not
    /// inherit it; [`Rejected`](crate::ModemError::Rejected) if the modem
    /// refuses, and what has become of the connection otherwise.
    pub fn set_no_delay(
        &mut self,
        socket: &mut TcpSocket,
        on: bool,
    ) -> nb::Result<(), SocketError> {
        self.machine.state.know_no_delay();
        match socket.role {
            Role::Fresh => {
                if on {
                    let supported = self.machine.state.require(Capability::NoDelay);
                    supported.map_err(SocketError::Modem)?;
                }
                socket.no_delay = on;
                Ok(())
            }
            Role::Connection(key) => {
                flatten(self.turn(None, |state, _| state.set_no_delay(key, on)))
            }
            Role::Bound(_) | Role::Listening(_) => {
                Err(nb::Error::Other(SocketError::AlreadyConnected))
            }
        }
    }
}
