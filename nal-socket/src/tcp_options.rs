//! Options of TCP sockets.

use crate::error::Fault;
use crate::policy::again_or_kind;
use crate::tcp_socket::Phase;
use crate::{Error, ErrorKind, NetworkRef, Options, SocketOption, TcpSocket};

impl<N: NetworkRef> TcpSocket<N> {
    /// Sets an option (`setsockopt`). While connecting and connected the stack is told at once, within
    /// the send timeout. Before, the option is kept for [`connect`](Self::connect), which fails with
    /// what the stack says if it refuses one; a stack that knows better refuses it here.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) for a value that cannot be right or an option of UDP
    /// sockets, [`NotSupported`](ErrorKind::NotSupported) for a network built without
    /// [`with_tcp_options`](crate::Network::with_tcp_options) or an option that the stack does not
    /// have, [`AlreadyConnected`](ErrorKind::AlreadyConnected) for one that comes too late for it,
    /// [`Closed`](ErrorKind::Closed), [`TimedOut`](ErrorKind::TimedOut),
    /// [`WouldBlock`](ErrorKind::WouldBlock) on a non-blocking socket,
    /// [`Interrupted`](ErrorKind::Interrupted), [`Busy`](ErrorKind::Busy), or what the stack reports.
    /// The option is as it was then.
    pub fn set_option(&mut self, option: SocketOption) -> Result<(), Error> {
        option.check_for_tcp()?;
        if self.phase == Phase::Closed {
            return Err(Error::new(ErrorKind::Closed));
        }
        let net = self.net.network();
        let table = net
            .capabilities
            .tcp_options
            .ok_or(Error::unsupported(Fault::NoOptions))?;
        let limit = self.send_limit();
        match self.handle.as_mut() {
            None => {
                let mut stack = net.borrow_stack()?;
                (table.check)(&mut stack, option).map_err(Error::new)?;
                self.options.keep(option);
            }
            Some(handle) => {
                net.wait(limit, |stack, _| {
                    (table.set)(stack, handle, option).map_err(again_or_kind)
                })?;
                self.options.note(option);
            }
        }
        Ok(())
    }

    /// The options that were set on this socket.
    pub const fn options(&self) -> &Options {
        &self.options
    }
}
