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
//! | when a listener's server is up | [`Listening`] | [`with_listening`](crate::Network::with_listening) |
//! | options of TCP sockets | [`TcpOptions`] | [`with_tcp_options`](crate::Network::with_tcp_options) |
//! | options of UDP sockets | [`UdpOptions`] | `with_udp_options`, behind `with_udp` |
//! | datagrams that have left | [`UdpFlush`] | `with_udp_flush`, behind `with_udp` |
//! | multicast groups | [`Multicast`] | `with_multicast`, behind `with_udp` |
//! | what a connection is ready for | [`Readiness`] | [`with_readiness`](crate::Network::with_readiness) |
//! | a look at accepted sockets | a function | [`with_accepted`](crate::Network::with_accepted) |
//!
//! A stack of your own implements the trait; for somebody else's each builder has a twin `.._by` that
//! takes a function.

use core::net::SocketAddr;

use embedded_nal::{TcpClientStack, TcpFullStack, nb};

pub mod abort;
pub mod accepted;
pub mod listening;
pub mod local_address;
pub mod multicast;
pub mod readiness;
pub mod shutdown;
pub mod tcp_options;
pub mod udp_flush;
pub mod udp_options;

pub use abort::{Abort, AbortFn};
pub use accepted::Accepted;
pub use listening::{Listening, ListeningFn};
pub use local_address::{LocalAddress, LocalAddressFn};
pub use multicast::{Group, Interface, Membership, Multicast};
pub use readiness::{Readiness, ReadinessFn, Ready};
pub use shutdown::{Direction, Shutdown, ShutdownWrite};
pub(crate) use tcp_options::OptionTable;
pub use tcp_options::{SetTcpOption, TcpOptions};
pub use udp_flush::{FlushUdp, UdpFlush};
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

/// Everything optional, absent until a constructor puts it in.
pub(crate) struct Capabilities<S: TcpClientStack> {
    pub(crate) server: Option<Server<S>>,
    pub(crate) readiness: Option<ReadinessFn<S>>,
    pub(crate) accepted: Option<Accepted<S>>,
    pub(crate) shutdown: Option<ShutdownWrite<S>>,
    pub(crate) abort: Option<AbortFn<S>>,
    pub(crate) listening: Option<ListeningFn<S>>,
    pub(crate) local_address: Option<LocalAddressFn<S>>,
    pub(crate) tcp_options: Option<OptionTable<S>>,
}

impl<S: TcpClientStack> Capabilities<S> {
    pub(crate) const fn none() -> Self {
        Self {
            server: None,
            readiness: None,
            accepted: None,
            shutdown: None,
            abort: None,
            listening: None,
            local_address: None,
            tcp_options: None,
        }
    }
}
