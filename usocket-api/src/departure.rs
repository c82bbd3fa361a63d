//! Sent means gone: a blocking or timed socket waits until what it has sent is on its way.
//!
//! A stack that works only while it is called would keep it until the next call, however long the program
//! does something else meanwhile; a script that sends and then sleeps does not know that. What the stack
//! has taken it has taken, so that a limit is over, or the wait given up, is no error here.

use core::time::Duration;

use nal_socket::{Error, ErrorKind, NetworkRef, TcpSocket, UdpSocket};

/// `sent`, once it is confirmed as far as the stack can tell, or an error that has ended the connection.
pub(crate) fn stream_departed<N: NetworkRef, T>(
    tcp: &mut TcpSocket<N>,
    sent: T,
) -> Result<T, Error> {
    if tcp.send_timeout() == Some(Duration::ZERO) {
        return Ok(sent);
    }
    match tcp.flush() {
        Err(error) => match error.kind() {
            ErrorKind::TimedOut | ErrorKind::Interrupted | ErrorKind::Busy => Ok(sent),
            _ => Err(error),
        },
        Ok(()) => Ok(sent),
    }
}

/// `sent`, once it has left. That a datagram is lost is nobody's error.
pub(crate) fn datagram_departed<N: NetworkRef, T, const DATAGRAM: usize>(
    udp: &mut UdpSocket<N, DATAGRAM>,
    sent: T,
) -> T {
    if udp.send_timeout() != Some(Duration::ZERO) {
        let _ = udp.flush();
    }
    sent
}
