//! Options of UDP sockets, as far as the stack has them.
//!
//! ```
//! use nal_socket::{ErrorKind, Network, SocketOption, UdpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64).with_udp();
//! let mut socket = UdpSocket::new(&network);
//! let error = socket.set_option(SocketOption::Broadcast(true)).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::NotSupported);
//! ```

use embedded_nal::{TcpClientStack, UdpClientStack, UdpFullStack, nb};

use crate::datagrams::{UdpClient, UdpFull};
use crate::{ErrorKind, Network, SocketOption};

/// A stack whose UDP sockets have options.
pub trait UdpOptions: UdpClientStack {
    /// Sets one option. What was chosen before the first use of a socket is told right after
    /// [`socket`](UdpClientStack::socket); what is [`ErrorKind::NotConnected`] then, because it is too
    /// early for this stack, is told once more when the socket is bound or connected. The value is
    /// within the limits that [`SocketOption`] states. `WouldBlock` means "call again".
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] for an option that the stack does not have, or what the stack
    /// reports. Nothing has changed then.
    fn set_udp_option(
        &mut self,
        socket: &mut Self::UdpSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind>;
}

/// Sets an option, as [`UdpOptions::set_udp_option`] does.
pub type SetUdpOption<S> =
    fn(&mut S, &mut <S as UdpClientStack>::UdpSocket, SocketOption) -> nb::Result<(), ErrorKind>;

impl<S: TcpClientStack + UdpClientStack, P> Network<S, P, UdpClient<S>> {
    /// Puts the options of the stack's UDP sockets in.
    #[must_use]
    pub fn with_udp_options(self) -> Self
    where
        S: UdpOptions,
    {
        self.with_udp_options_by(S::set_udp_option)
    }

    /// The same by a function, for a stack that cannot implement [`UdpOptions`] because it is not
    /// yours.
    #[must_use]
    pub fn with_udp_options_by(mut self, set: SetUdpOption<S>) -> Self {
        self.udp.option = Some(set);
        self
    }
}

impl<S: TcpClientStack + UdpFullStack, P> Network<S, P, UdpFull<S>> {
    /// Puts the options of the stack's UDP sockets in.
    #[must_use]
    pub fn with_udp_options(self) -> Self
    where
        S: UdpOptions,
    {
        self.with_udp_options_by(S::set_udp_option)
    }

    /// The same by a function, for a stack that cannot implement [`UdpOptions`] because it is not
    /// yours.
    #[must_use]
    pub fn with_udp_options_by(mut self, set: SetUdpOption<S>) -> Self {
        self.udp.client.option = Some(set);
        self
    }
}
