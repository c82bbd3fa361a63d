//! `bind`, `listen` and `accept`.
//!
//! A TCP socket that is bound becomes a listener of the network's; one that is not stays a socket to
//! connect. MaixPy documents these methods and lacks them; they work on any stack with
//! `TcpFullStack` here, the ESP8285 included.

use core::net::{IpAddr, Ipv4Addr};

use nal_socket::{Error, ErrorKind, NetworkRef, SocketOption, TcpListener, TcpSocket};

use crate::os_error::OSError;
use crate::sock_addr::{IntoSockAddr, SockAddr};
use crate::socket::{Server, Socket, State, set_up_time};

impl<N: NetworkRef> Socket<N> {
    /// Takes a local port: `("", 80)`, `("0.0.0.0", 80)`, or what `getaddrinfo` returned for one of
    /// these. Port 0 is a free one, where the stack has such a thing. Stacks bind on every local
    /// address, so the host is empty or all zeros, or the one given to
    /// [`USocket::with_own_address`](crate::USocket::with_own_address).
    ///
    /// On a non-blocking socket it takes the time it needs all the same, at most 10 seconds.
    ///
    /// # Errors
    ///
    /// `EADDRINUSE`, `EADDRNOTAVAIL` for a host that is not one of the above, `EINVAL` for an address
    /// that cannot be right and for a socket that is bound or connected already, `EOPNOTSUPP` if the
    /// stack accepts no connections (or the network was built without saying so), `EAFNOSUPPORT` as for
    /// [`connect`](Self::connect), `EBADF` if closed, and what else the stack reports.
    pub fn bind(&self, address: impl IntoSockAddr) -> Result<(), OSError> {
        let address = self.address(address)?;
        self.with_open(|state| {
            self.check_local(address.ip())?;
            match state {
                State::Stream(tcp) => {
                    let server = self.bound(tcp, address.port())?;
                    *state = State::Server(server);
                    Ok(())
                }
                State::Datagram(udp) => {
                    let timeout = udp.send_timeout();
                    udp.set_send_timeout(set_up_time(timeout));
                    let bound = udp.bind(address.port());
                    udp.set_send_timeout(timeout);
                    bound.map_err(|error| self.error(error))
                }
                State::Server(_) => Err(OSError::invalid("the socket is bound already")),
                State::Closed => Err(self.kind_error(ErrorKind::Closed)),
            }
        })
    }

    /// Starts to accept connections. `backlog` is how many may wait to be accepted, `None` is 2 and
    /// negative numbers are 0; how many can the stack decides, which has no word for it in
    /// embedded-nal. A socket that is not bound gets a free port, where the stack has such a thing.
    /// Listening again changes nothing. A socket that could not listen is as bound or unbound as before.
    ///
    /// Returns when the port is open, where the network was built
    /// [`with_listening`](nal_socket::Network::with_listening) or the stack opens it at once. That may
    /// take the socket's timeout; on a non-blocking socket the time it needs, at most 10 seconds. After an
    /// error, `ETIMEDOUT` included, the socket can listen again, and a bound one goes on with what it began.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT`, `EINVAL` for a connected socket, `EOPNOTSUPP` for a datagram socket, `EBADF` if closed, what
    /// [`bind`](Self::bind) raises if not bound, and what else the stack reports.
    pub fn listen(&self, backlog: impl Into<Option<i32>>) -> Result<(), OSError> {
        // Checked by its type; see above.
        let _: Option<i32> = backlog.into();
        self.with_open(|state| {
            match state {
                State::Server(server) if server.listening => Ok(()),
                State::Server(server) => self.start(server),
                State::Stream(tcp) => {
                    // Bound for good only with the port that it listens on.
                    let mut server = self.bound(tcp, 0)?;
                    self.start(&mut server)?;
                    *state = State::Server(server);
                    Ok(())
                }
                _ => Err(self.not_a_stream()),
            }
        })
    }

    /// Waits for a connection, within the timeout: the new socket and the address of its other side.
    /// The new socket blocks without limit, whatever the timeout of this one.
    ///
    /// # Errors
    ///
    /// `ETIMEDOUT`, `EAGAIN` on a non-blocking socket, `EINVAL` if not listening, `EOPNOTSUPP` for a
    /// datagram socket, `EBADF` if closed, and what else the stack reports. The socket goes on
    /// listening.
    pub fn accept(&self) -> Result<(Self, SockAddr), OSError> {
        self.with_open(|state| match state {
            State::Server(server) if server.listening => {
                let (connection, peer) = server
                    .listener
                    .accept()
                    .map_err(|error| self.error(error))?;
                Ok((self.accepted(connection), peer.into()))
            }
            State::Server(_) | State::Stream(_) => Err(OSError::invalid(
                "the socket does not listen; call bind and listen first",
            )),
            _ => Err(self.not_a_stream()),
        })
    }

    /// The local port of a bound socket, also if it was bound to port 0. (MicroPython has no method for
    /// it.) It may have to ask the stack, for at most 10 seconds.
    ///
    /// # Errors
    ///
    /// `EINVAL` if not bound, `EOPNOTSUPP` if the stack does not tell, `EBADF` if closed.
    pub fn local_port(&self) -> Result<u16, OSError> {
        self.with_open(|state| match state {
            State::Server(server) => {
                server.listener.set_timeout(set_up_time(server.timeout));
                let port = server.listener.local_port();
                server.listener.set_timeout(server.timeout);
                port.map_err(|error| self.error(error))
            }
            State::Datagram(udp) => udp.local_port().ok_or(not_bound()),
            _ => Err(not_bound()),
        })
    }

    fn start(&self, server: &mut Server<N>) -> Result<(), OSError> {
        server.listener.set_timeout(set_up_time(server.timeout));
        let started = server.listener.listen();
        server.listener.set_timeout(server.timeout);
        started.map_err(|error| self.error(error))?;
        server.listening = true;
        Ok(())
    }

    /// A listener on `port` in place of `tcp`, with its timeout and options.
    fn bound(&self, tcp: &TcpSocket<N>, port: u16) -> Result<Server<N>, OSError> {
        if tcp.is_connected() || tcp.is_connecting() {
            return Err(OSError::invalid(
                "a socket that connects cannot be bound or listen; make another one",
            ));
        }
        let timeout = tcp.receive_timeout();
        let bound = match self.listener(tcp, port, self.reuse.get()) {
            // A stack without that option has nothing that could stand in the way of a port.
            Err(error) if error.kind() == ErrorKind::NotSupported && self.reuse.get() => {
                self.listener(tcp, port, false)
            }
            bound => bound,
        };
        let mut listener = bound.map_err(|error| self.error(error))?;
        listener.set_timeout(timeout);
        Ok(Server {
            listener,
            listening: false,
            timeout,
        })
    }

    fn listener(
        &self,
        tcp: &TcpSocket<N>,
        port: u16,
        reuse: bool,
    ) -> Result<TcpListener<N>, Error> {
        let mut listener = TcpListener::try_new(self.net.clone())?;
        let reuse = reuse.then_some(SocketOption::ReuseAddress(true));
        for option in tcp.options().iter().chain(reuse) {
            listener.set_option(option)?;
        }
        listener.set_timeout(set_up_time(tcp.receive_timeout()));
        listener.bind(port)?;
        Ok(listener)
    }

    /// An address to bind to. Stacks bind to every local address at once: to offer a service there
    /// that was meant for one of them would be worse than an error.
    fn check_local(&self, address: IpAddr) -> Result<(), OSError> {
        // The empty host is 0.0.0.0 for both families.
        if address == IpAddr::V4(Ipv4Addr::UNSPECIFIED) {
            return Ok(());
        }
        self.check_family(address)?;
        if address.is_unspecified() {
            return Ok(());
        }
        if self.own_address == Some(address) {
            return Ok(());
        }
        Err(OSError::kind_with(
            &self.profile,
            ErrorKind::AddressNotAvailable,
            "the stack binds to every local address; use \"\" for the host, or tell USocket::with_own_address",
        ))
    }

    pub(crate) fn not_a_stream(&self) -> OSError {
        OSError::unsupported(
            &self.profile,
            "a datagram socket does not listen; make the socket with SOCK_STREAM",
        )
    }
}

fn not_bound() -> OSError {
    OSError::invalid("the socket has no local port yet; call bind first")
}
