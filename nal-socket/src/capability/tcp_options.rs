//! Options of TCP sockets and listeners, as far as the stack has them.
//!
//! ```
//! use core::time::Duration;
//! use nal_socket::{ErrorKind, Network, SocketOption, TcpSocket};
//!
//! let network = Network::new(std_embedded_nal::Stack, || 0_u64);
//! let mut socket = TcpSocket::new(&network);
//! let keep_alive = SocketOption::KeepAlive(Some(Duration::from_secs(60)));
//! assert_eq!(socket.set_option(keep_alive).unwrap_err().kind(), ErrorKind::NotSupported);
//!
//! // A value that cannot be right is told first, whatever the stack.
//! let hopeless = SocketOption::KeepAlive(Some(Duration::ZERO));
//! let error = socket.set_option(hopeless).unwrap_err();
//! assert_eq!(error.kind(), ErrorKind::InvalidInput);
//! ```

use embedded_nal::{TcpClientStack, nb};

use crate::policy::again_or_kind;
use crate::{Error, ErrorKind, Network, Options, SocketOption};

/// A stack whose TCP sockets have options.
pub trait TcpOptions: TcpClientStack {
    /// Sets one option. What was chosen before connecting or binding is told right after
    /// [`socket`](TcpClientStack::socket); what is [`ErrorKind::NotConnected`] then, because it is too
    /// early for this stack, is told once more when the socket is connected or bound. The value is
    /// within the limits that [`SocketOption`] states. `WouldBlock` means "call again".
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] for an option that the stack does not have,
    /// [`ErrorKind::AlreadyConnected`] for one that comes too late, or what the stack reports. Nothing
    /// has changed then.
    fn set_tcp_option(
        &mut self,
        socket: &mut Self::TcpSocket,
        option: SocketOption,
    ) -> nb::Result<(), ErrorKind>;

    /// Whether the stack knows the option at all, asked when one is set before the stack has a socket
    /// for it. What is refused here is an error of setting the option, and otherwise of connecting or
    /// binding. The default refuses nothing.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotSupported`] for an option that the stack does not have.
    fn check_tcp_option(&mut self, option: SocketOption) -> Result<(), ErrorKind> {
        let _ = option;
        Ok(())
    }
}

/// Sets an option, as [`TcpOptions::set_tcp_option`] does.
pub type SetTcpOption<S> =
    fn(&mut S, &mut <S as TcpClientStack>::TcpSocket, SocketOption) -> nb::Result<(), ErrorKind>;

type Handle<S> = <S as TcpClientStack>::TcpSocket;
type Tell<S> =
    fn(&OptionTable<S>, &mut S, &mut Handle<S>, &mut Options, bool) -> nb::Result<(), Error>;

/// How options are set. What only programs with options need is reached through it, so that the others
/// do not link it.
pub(crate) struct OptionTable<S: TcpClientStack> {
    pub(crate) set: SetTcpOption<S>,
    pub(crate) check: fn(&mut S, SocketOption) -> Result<(), ErrorKind>,
    tell: Tell<S>,
}

impl<S: TcpClientStack> Clone for OptionTable<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: TcpClientStack> Copy for OptionTable<S> {}

impl<S: TcpClientStack> OptionTable<S> {
    /// Tells the stack's socket, which may be `new`, what it has not been told yet.
    pub(crate) fn tell(
        &self,
        stack: &mut S,
        handle: &mut Handle<S>,
        options: &mut Options,
        new: bool,
    ) -> nb::Result<(), Error> {
        (self.tell)(self, stack, handle, options, new)
    }
}

impl<S: TcpClientStack, P, U> Network<S, P, U> {
    /// Puts the options of the stack's TCP sockets in.
    #[must_use]
    pub fn with_tcp_options(self) -> Self
    where
        S: TcpOptions,
    {
        let mut network = self.with_tcp_options_by(S::set_tcp_option);
        if let Some(table) = &mut network.capabilities.tcp_options {
            table.check = S::check_tcp_option;
        }
        network
    }

    /// The same by a function, for a stack that cannot implement [`TcpOptions`] because it is not
    /// yours.
    #[must_use]
    pub fn with_tcp_options_by(mut self, set: SetTcpOption<S>) -> Self {
        self.capabilities.tcp_options = Some(OptionTable {
            set,
            check: |_, _| Ok(()),
            tell: |table, stack, handle, options, new| {
                options
                    .tell(new, |option| (table.set)(stack, handle, option))
                    .map_err(again_or_kind)
            },
        });
        self
    }
}
