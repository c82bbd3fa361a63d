//! What a stack can do beyond TCP client connections, as tables of functions.
//!
//! A [`Network`](crate::Network) is one type for every stack, whether or not the stack resolves names
//! or accepts connections. The functions are put in where the bound is known, at construction, and
//! found missing at the call.
//!
//! What embedded-nal has no words for is a trait here, each in a module with its builder method:
//!
//! | capability | trait | puts it in |
//! |---|---|---|
//! | half close | [`Shutdown`] | [`with_shutdown`](crate::Network::with_shutdown) |
//! | reset | [`Abort`] | [`with_abort`](crate::Network::with_abort) |
//! | local addresses | [`LocalAddress`] | [`with_local_address`](crate::Network::with_local_address) |
//! | options of TCP sockets | [`TcpOptions`] | [`with_tcp_options`](crate::Network::with_tcp_options) |
//! | options of UDP sockets | [`UdpOptions`] | `with_udp_options`, behind `with_udp` |
//! | multicast groups | [`Multicast`] | `with_multicast`, behind `with_udp` |
//! | what a connection is ready for | [`Readiness`] | [`with_readiness`](crate::Network::with_readiness) |
//! | a look at accepted sockets | a function | [`with_accepted`](crate::Network::with_accepted) |
//!
//! A stack of your own implements the trait; for somebody else's each builder has a twin `.._by` that
//! takes a function.

use core::net::SocketAddr;

use embedded_nal::{TcpClientStack, TcpFullStack, nb};

use crate::ErrorKind;

pub mod abort;
pub mod accepted;
pub mod local_address;
pub mod multicast;
pub mod shutdown;
pub mod tcp_options;
pub mod udp_options;

pub use abort::{Abort, AbortFn};
pub use accepted::Accepted;
pub use local_address::{LocalAddress, LocalAddressFn};
pub use multicast::{Group, Interface, Membership, Multicast};
pub use shutdown::{Direction, Shutdown, ShutdownWrite};
pub use tcp_options::{SetTcpOption, TcpOptions};
pub use udp_options::{SetUdpOption, UdpOptions};

type Handle<S> = <S as TcpClientStack>::TcpSocket;
type StackError<S> = <S as TcpClientStack>::Error;
type Bind<S> = fn(&mut S, &mut Handle<S>, u16) -> Result<(), StackError<S>>;
type Listen<S> = fn(&mut S, &mut Handle<S>) -> Result<(), StackError<S>>;
type Accept<S> = fn(&mut S, &mut Handle<S>) -> Connection<S>;
type Connection<S> = nb::Result<(Handle<S>, SocketAddr), StackError<S>>;

/// The functions of `TcpFullStack`.
pub(crate) struct Server<S: TcpClientStack> {
    pub(crate) bind: Bind<S>,
    pub(crate) listen: Listen<S>,
    pub(crate) accept: Accept<S>,
}

impl<S: TcpClientStack> Clone for Server<S> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<S: TcpClientStack> Copy for Server<S> {}

impl<S: TcpFullStack> Server<S> {
    pub(crate) const fn of_stack() -> Self {
        Self {
            bind: S::bind,
            listen: S::listen,
            accept: S::accept,
        }
    }
}

/// A stack that can say what a connection is ready for without taking anything from it.
///
/// With [`Network::with_readiness`](crate::Network::with_readiness), polling leaves the bytes in the
/// stack until they are read, and [`Events::OUT`](crate::Events::OUT) is more than a hint.
///
/// ```
/// use core::cell::Cell;
/// use nal_socket::capability::{Readiness, Ready};
/// use nal_socket::embedded_nal::{TcpClientStack, nb};
/// use nal_socket::{ErrorKind, Network};
/// # use core::net::SocketAddr;
/// # use nal_socket::embedded_nal::{TcpError, TcpErrorKind};
/// # #[derive(Debug)] struct Never;
/// # impl TcpError for Never { fn kind(&self) -> TcpErrorKind { TcpErrorKind::Other } }
/// # struct Stack;
/// # impl TcpClientStack for Stack {
/// #     type TcpSocket = Buffers;
/// #     type Error = Never;
/// #     fn socket(&mut self) -> Result<Buffers, Never> { Err(Never) }
/// #     fn connect(&mut self, _: &mut Buffers, _: SocketAddr) -> nb::Result<(), Never> { Ok(()) }
/// #     fn send(&mut self, _: &mut Buffers, b: &[u8]) -> nb::Result<usize, Never> { Ok(b.len()) }
/// #     fn receive(&mut self, _: &mut Buffers, _: &mut [u8]) -> nb::Result<usize, Never> { Ok(0) }
/// #     fn close(&mut self, _: Buffers) -> Result<(), Never> { Ok(()) }
/// # }
/// struct Buffers {
///     received: usize,
///     room: usize,
///     peer_closed: bool,
/// }
///
/// impl Readiness for Stack {
///     fn readiness(&mut self, socket: &mut Buffers) -> Result<Ready, ErrorKind> {
///         Ok(Ready {
///             readable: socket.received > 0 || socket.peer_closed,
///             writable: socket.room > 0,
///         })
///     }
/// }
///
/// let network = Network::without_dns(Stack, || 0).with_readiness();
/// # let _ = network;
/// ```
pub trait Readiness: TcpClientStack {
    /// What a connected `socket` is ready for. Must not wait, and must not take anything from it.
    ///
    /// # Errors
    ///
    /// The error that the next operation on the socket is going to report; it is still there then.
    fn readiness(&mut self, socket: &mut Self::TcpSocket) -> Result<Ready, ErrorKind>;
}

/// The answer of [`Readiness`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Ready {
    /// `receive` would give bytes or the end of the stream.
    pub readable: bool,
    /// `send` would take a byte at least.
    pub writable: bool,
}

type ReadinessOf<S> = fn(&mut S, &mut Handle<S>) -> Result<Ready, ErrorKind>;

/// Everything optional, absent until a constructor puts it in.
pub(crate) struct Capabilities<S: TcpClientStack> {
    pub(crate) server: Option<Server<S>>,
    pub(crate) readiness: Option<ReadinessOf<S>>,
    pub(crate) accepted: Option<Accepted<S>>,
    pub(crate) shutdown: Option<ShutdownWrite<S>>,
    pub(crate) abort: Option<AbortFn<S>>,
    pub(crate) local_address: Option<LocalAddressFn<S>>,
    pub(crate) tcp_option: Option<SetTcpOption<S>>,
}

impl<S: TcpClientStack> Capabilities<S> {
    pub(crate) const fn none() -> Self {
        Self {
            server: None,
            readiness: None,
            accepted: None,
            shutdown: None,
            abort: None,
            local_address: None,
            tcp_option: None,
        }
    }
}
