//! What `nal-socket` has traits for and embedded-nal has not.

use core::mem;
use core::net::SocketAddr;
use core::time::Duration;

use nal_socket::capability::{
    Abort, Listening, LocalAddress, Readiness, Ready, TcpOptions, UdpFlush, UdpOptions,
};
use nal_socket::{ErrorKind, SocketOption};

use super::{modem_error, socket_error, udp_error};
use crate::driver::flatten;
use crate::machine::Machine;
use crate::tcp::{Role, TcpSocket};
use crate::udp;
use crate::{Capability, Clock, Esp8285, Uart, UdpSocket};

/// The longest that the firmware takes in `AT+CIPSTART`.
const LONGEST_KEEP_ALIVE: u16 = 7200;

impl<U: Uart, C: Clock, const RX: usize> Readiness for Esp8285<U, C, RX> {
    fn readiness(&mut self, socket: &mut TcpSocket) -> Result<Ready, ErrorKind> {
        let key = socket.key().map_err(|error| socket_error(&error))?;
        let (readable, writable) = self
            .turn(None, |state, now| state.readiness(key, now))
            .map_err(|error| modem_error(&error))?
            .map_err(|error| socket_error(&error))?;
        Ok(Ready { readable, writable })
    }
}

impl<U: Uart, C: Clock, const RX: usize> Abort for Esp8285<U, C, RX> {
    fn abort(&mut self, socket: &mut TcpSocket) -> Result<(), ErrorKind> {
        self.machine
            .state
            .require(Capability::Abort)
            .map_err(|error| modem_error(&error))?;
        let role = mem::replace(&mut socket.role, Role::Fresh);
        // The link is given up whatever the port says, which fails the next call as well.
        let _ = self.close_with(TcpSocket::new(role), Machine::abort);
        Ok(())
    }
}

impl<U: Uart, C: Clock, const RX: usize> Listening for Esp8285<U, C, RX> {
    fn listening(&mut self, socket: &mut TcpSocket) -> nb::Result<(), ErrorKind> {
        let Role::Listening(listener) = socket.role else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let port = self.machine.state.listening_port(listener);
        let up = flatten(self.turn(None, |state, now| state.listening(listener, now)));
        up.map_err(|error| {
            error.map(|error| {
                self.machine.state.stop_listening(listener);
                socket.role = port.map_or(Role::Fresh, Role::Bound);
                socket_error(&error)
            })
        })
    }
}

impl<U: Uart, C: Clock, const RX: usize> LocalAddress for Esp8285<U, C, RX> {
    fn local_address(&mut self, socket: &mut TcpSocket) -> nb::Result<SocketAddr, ErrorKind> {
        Esp8285::local_address(self, socket)
            .map_err(|error| error.map(|error| socket_error(&error)))
    }
}

impl<U: Uart, C: Clock, const RX: usize> TcpOptions for Esp8285<U, C, RX> {
    fn set_tcp_option(
        &mut self,
        socket: &mut TcpSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        match option {
            SocketOption::NoDelay(on) => match socket.role {
                Role::Bound(_) | Role::Listening(_) => Err(ErrorKind::NotSupported.into()),
                _ => self
                    .set_no_delay(socket, on)
                    .map_err(|error| error.map(|error| socket_error(&error))),
            },
            SocketOption::KeepAlive(time) => Ok(self.set_keep_alive(socket, time)?),
            // Nothing holds a port that no socket has.
            SocketOption::ReuseAddress(_) => Ok(()),
            _ => Err(ErrorKind::NotSupported.into()),
        }
    }

    fn check_tcp_option(&mut self, option: SocketOption) -> Result<(), ErrorKind> {
        let needed = match option {
            SocketOption::NoDelay(true) => Capability::NoDelay,
            SocketOption::KeepAlive(Some(_)) => Capability::KeepAlive,
            SocketOption::NoDelay(false)
            | SocketOption::KeepAlive(None)
            | SocketOption::ReuseAddress(_) => return Ok(()),
            _ => return Err(ErrorKind::NotSupported),
        };
        // Nothing is refused while it is not known what the firmware is.
        let supported = self.machine.state.require(needed);
        supported.map_err(|error| modem_error(&error))
    }
}

impl<U: Uart, C: Clock, const RX: usize> Esp8285<U, C, RX> {
    fn set_keep_alive(
        &mut self,
        socket: &mut TcpSocket,
        time: Option<Duration>,
    ) -> Result<(), ErrorKind> {
        let seconds = time.map_or(Some(0), whole_seconds);
        let seconds = seconds.ok_or(ErrorKind::InvalidInput)?;
        match socket.role {
            Role::Fresh => {}
            // It goes with the command that connects.
            Role::Connection(_) => return Err(ErrorKind::AlreadyConnected),
            Role::Bound(_) | Role::Listening(_) => return Err(ErrorKind::NotSupported),
        }
        if seconds > 0 {
            self.machine
                .state
                .require(Capability::KeepAlive)
                .map_err(|error| modem_error(&error))?;
        }
        socket.set_keep_alive(seconds);
        Ok(())
    }
}

impl<U: Uart, C: Clock, const RX: usize> UdpOptions for Esp8285<U, C, RX> {
    fn set_udp_option(
        &mut self,
        _: &mut UdpSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind> {
        match option {
            // Every socket can; none can be kept from it.
            SocketOption::Broadcast(true) | SocketOption::ReuseAddress(_) => Ok(()),
            _ => Err(ErrorKind::NotSupported.into()),
        }
    }
}

impl<U: Uart, C: Clock, const RX: usize> UdpFlush for Esp8285<U, C, RX> {
    fn flush_udp(&mut self, socket: &mut UdpSocket) -> nb::Result<(), ErrorKind> {
        // Others have no link yet, and so have sent nothing.
        let udp::Role::Open(key) = socket.role else {
            return Ok(());
        };
        flatten(self.turn(None, |state, _| state.flush_datagrams(key)))
            .map_err(|error| error.map(|error| udp_error(&error)))
    }
}

/// Rounded up; `None` if the firmware does not take so many.
fn whole_seconds(time: Duration) -> Option<u16> {
    let started = u64::from(time.subsec_nanos() > 0);
    let seconds = u16::try_from(time.as_secs().saturating_add(started)).ok()?;
    (seconds <= LONGEST_KEEP_ALIVE).then_some(seconds)
}
