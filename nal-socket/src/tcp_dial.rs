//! One step of a connect on the stack, with what the stack leaves untold found out.

use core::net::{Ipv4Addr, SocketAddr, SocketAddrV4};

use embedded_nal::{TcpClientStack, nb};

use crate::lookahead::Lookahead;
use crate::policy::{ConnectAgain, ConnectOk, Policy};
use crate::tcp_receive::take;
use crate::tcp_socket::is_end;
use crate::{Error, ErrorKind};

const NO_ADDRESS: SocketAddr = SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, 0));

/// Starts an attempt (`first`), or asks how the one under way is doing. `lookahead` is empty.
pub(crate) fn dial<S: TcpClientStack>(
    stack: &mut S,
    policy: &Policy<S::Error>,
    handle: &mut S::TcpSocket,
    lookahead: &mut Lookahead,
    remote: SocketAddr,
    first: bool,
) -> nb::Result<(), Error> {
    let connected = if first || policy.connect_again == ConnectAgain::SameAddress {
        stack
            .connect(handle, remote)
            .map_err(|error| policy.connect_failure(error))
    } else {
        ask_without_address(stack, policy, handle)
    };
    connected?;
    match policy.connect_ok {
        ConnectOk::Connected => Ok(()),
        ConnectOk::Ended => verify(stack, policy, handle, lookahead),
    }
}

/// For [`ConnectAgain::NoAddress`].
fn ask_without_address<S: TcpClientStack>(
    stack: &mut S,
    policy: &Policy<S::Error>,
    handle: &mut S::TcpSocket,
) -> nb::Result<(), Error> {
    match stack
        .connect(handle, NO_ADDRESS)
        .map_err(|error| policy.connect_failure(error))
    {
        Ok(()) => Ok(()),
        Err(nb::Error::Other(_)) => Err(refused()),
        // Open, but is it still on its way, or at its end already?
        Err(nb::Error::WouldBlock) => match stack.send(handle, &[]) {
            Ok(_) => Ok(()),
            Err(_) => Err(nb::Error::WouldBlock),
        },
    }
}

/// For [`ConnectOk::Ended`]: what is received already stays for the reader.
fn verify<S: TcpClientStack>(
    stack: &mut S,
    policy: &Policy<S::Error>,
    handle: &mut S::TcpSocket,
    lookahead: &mut Lookahead,
) -> nb::Result<(), Error> {
    let received = lookahead.fill(|buf| {
        take(stack, policy, handle, buf).map_err(|error| match error {
            nb::Error::WouldBlock => Error::new(ErrorKind::WouldBlock),
            nb::Error::Other(error) => error,
        })
    });
    match received {
        Ok(0) => Err(refused()),
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
        Err(error) if is_end(error.kind()) => Err(refused()),
        Err(error) => Err(nb::Error::Other(error)),
    }
}

const fn refused() -> nb::Error<Error> {
    nb::Error::Other(Error::new(ErrorKind::ConnectionRefused))
}
