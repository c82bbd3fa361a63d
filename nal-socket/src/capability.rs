//! What a stack can do beyond TCP client connections, as tables of functions.
//!
//! A [`Network`](crate::Network) is one type for every stack, whether or not the stack resolves names
//! or accepts connections. The functions are put in where the bound is known, at construction, and
//! found missing at the call.

use core::net::{IpAddr, SocketAddr};

use embedded_nal::{AddrType, Dns, TcpClientStack, TcpFullStack, nb};

use crate::ErrorKind;

/// Looks a host name up. `WouldBlock` means "ask again with the same arguments".
pub type Resolver<S> = fn(&mut S, &str, AddrType) -> nb::Result<IpAddr, ErrorKind>;

type Handle<S> = <S as TcpClientStack>::TcpSocket;
type StackError<S> = <S as TcpClientStack>::Error;
type Bind<S> = fn(&mut S, &mut Handle<S>, u16) -> Result<(), StackError<S>>;
type Listen<S> = fn(&mut S, &mut Handle<S>) -> Result<(), StackError<S>>;
type Accept<S> = fn(&mut S, &mut Handle<S>) -> Accepted<S>;
type Accepted<S> = nb::Result<(Handle<S>, SocketAddr), StackError<S>>;

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
    pub(crate) resolver: Option<Resolver<S>>,
    pub(crate) server: Option<Server<S>>,
}

impl<S: TcpClientStack> Capabilities<S> {
    pub(crate) const fn none() -> Self {
        Self {
            resolver: None,
            server: None,
        }
    }
}

/// The stack's own `Dns`. Its error type tells nothing in common, so a failure is "not found".
pub(crate) fn resolve_by_dns<S: Dns>(
    stack: &mut S,
    host: &str,
    family: AddrType,
) -> nb::Result<IpAddr, ErrorKind> {
    stack
        .get_host_by_name(host, family)
        .map_err(|error| error.map(|_| ErrorKind::NameNotFound))
}
