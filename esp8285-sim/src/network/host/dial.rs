//! What the standard library can only wait for, each on a thread of its own.

use std::io::{ErrorKind, Result};
use std::net::{IpAddr, Ipv4Addr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

/// Longest wait of a connecting thread; the modem gives up before.
const CONNECT_LIMIT: Duration = Duration::from_secs(20);

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Failure {
    /// Nobody answered.
    Silence,
    /// It does not work, for whatever reason.
    Refused,
    /// The place, named here, is not this computer, and others are not allowed.
    Forbidden(String),
}

/// Starts connecting.
pub(super) fn connect(
    place: String,
    allow_net: bool,
) -> Receiver<std::result::Result<TcpStream, Failure>> {
    answer(move || attempt(&place, allow_net))
}

/// Starts looking a name up.
pub(super) fn look_up(name: String) -> Receiver<Option<Ipv4Addr>> {
    answer(move || {
        let addresses = (name.as_str(), 0).to_socket_addrs().into_iter().flatten();
        let mut found = addresses.filter_map(|address| match address.ip() {
            IpAddr::V4(address) => Some(address),
            IpAddr::V6(_) => None,
        });
        found.next()
    })
}

fn answer<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Receiver<T> {
    let (sender, receiver) = channel();
    // Without a thread the sender is dropped, and the receiver knows that there is no answer.
    let _ = thread::Builder::new().spawn(move || {
        // The modem may have lost interest.
        let _ = sender.send(work());
    });
    receiver
}

fn attempt(place: &str, allow_net: bool) -> std::result::Result<TcpStream, Failure> {
    let mut failure = Failure::Refused;
    let mut forbidden = false;
    let mut tried = false;
    for address in place.to_socket_addrs().map_err(|_| Failure::Refused)? {
        if !allow_net && !address.ip().to_canonical().is_loopback() {
            forbidden = true;
            continue;
        }
        tried = true;
        let opened = TcpStream::connect_timeout(&address, CONNECT_LIMIT).and_then(ready);
        match opened {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == ErrorKind::TimedOut => failure = Failure::Silence,
            Err(_) => failure = Failure::Refused,
        }
    }
    if forbidden && !tried {
        failure = Failure::Forbidden(place.to_owned());
    }
    Err(failure)
}

pub(super) fn ready(stream: TcpStream) -> Result<TcpStream> {
    stream.set_nonblocking(true)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Ends a connection with a reset instead of an orderly close, where the host can.
pub(super) fn break_off(stream: TcpStream) {
    #[cfg(unix)]
    {
        // Without it the peer sees an orderly end.
        let _ = rustix::net::sockopt::set_socket_linger(&stream, Some(Duration::ZERO));
    }
    drop(stream);
}
