//! Options of UDP sockets.

use crate::datagrams::Datagrams;
use crate::error::Fault;
use crate::policy::again_or_kind;
use crate::{Error, NetworkRef, Options, SocketOption, UdpSocket};

impl<N: NetworkRef, const DATAGRAM: usize> UdpSocket<N, DATAGRAM> {
    /// Sets an option (`setsockopt`). The stack is told at once, within the send timeout; before the
    /// first use of the socket the option is kept for that, which fails with what the stack says if it
    /// refuses one.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) for a value that cannot be right or an option of
    /// TCP sockets, [`NotSupported`](crate::ErrorKind::NotSupported) for a network built without
    /// `with_udp_options` or an option that the stack does not have,
    /// [`Closed`](crate::ErrorKind::Closed), [`TimedOut`](crate::ErrorKind::TimedOut),
    /// [`WouldBlock`](crate::ErrorKind::WouldBlock) on a non-blocking socket,
    /// [`Interrupted`](crate::ErrorKind::Interrupted), [`Busy`](crate::ErrorKind::Busy), or what the
    /// stack reports. The option is as it was then.
    pub fn set_option(&mut self, option: SocketOption) -> Result<(), Error> {
        option.check_for_udp()?;
        self.not_closed()?;
        let limit = self.send_limit();
        let net = self.net.network();
        if !net.udp.has_options() {
            return Err(Error::unsupported(Fault::NoOptions));
        }
        match self.handle.as_mut() {
            None => self.options.keep(option),
            Some(handle) => {
                net.wait(limit, |stack, _| {
                    net.udp
                        .set_option(stack, handle, option)
                        .map_err(again_or_kind)
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
