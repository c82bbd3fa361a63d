//! esp-at-nal 0.5: an ESP-AT modem behind atat, TCP clients only.
//!
//! `receive` never tells the end of the stream: it has nothing, for ever. `send` does, and looks before
//! it sends, so an empty one asks without sending. There are no datagrams, no names and no server.
//!
//! Limits that no policy mends: a call of the stack waits until the modem has answered (up to 5 s for a
//! connect, 5 s for each piece sent), whatever the socket's timeout; a reset looks like an orderly end.
//!
//! Two more a client of one's own mends, see [`esp_at_nal_client`](crate::esp_at_nal_client): with
//! atat's, the message that the peer has closed is dropped, and the last of what has come can stay in
//! the modem.

use ::esp_at_nal::stack::Error;
use ::esp_at_nal::wifi::Adapter;
use atat::Error as AtError;
use atat::blocking::AtatClient;
use fugit_timer::Timer;
use nal_socket::{EndProbe, ErrorKind, Network, Policy};

/// How the stack's TCP behaves.
pub const POLICY: Policy<Error> = Policy::strict()
    .end_of_stream(EndProbe::EmptySend)
    .classify(classify);

/// What the stack's errors mean.
pub fn classify(error: &Error) -> ErrorKind {
    match error {
        // The modem has said ERROR, which is all it says when it is refused or finds no way.
        Error::ConnectError(AtError::Timeout) => ErrorKind::TimedOut,
        Error::ConnectError(_) => ErrorKind::ConnectionRefused,
        // The modem has said OK to a connect or close, and no more.
        Error::UnconfirmedSocketState => ErrorKind::ConnectionAborted,
        // Closed by the peer, or forgotten when the modem was restarted.
        Error::ClosingSocket | Error::SocketUnconnected => ErrorKind::BrokenPipe,
        Error::AlreadyConnected => ErrorKind::AlreadyConnected,
        Error::NoSocketAvailable => ErrorKind::NoSockets,
        Error::EnablingMultiConnectionsFailed(AtError::Timeout)
        | Error::EnablingPassiveSocketModeFailed(AtError::Timeout)
        | Error::TransmissionStartFailed(AtError::Timeout)
        | Error::SendFailed(AtError::Timeout)
        | Error::ReceiveFailed(AtError::Timeout)
        | Error::CloseError(AtError::Timeout) => ErrorKind::NetworkDown,
        // The modem refuses a link that is gone.
        Error::TransmissionStartFailed(_) | Error::SendFailed(_) | Error::PartialSend => {
            ErrorKind::BrokenPipe
        }
        Error::ReceiveFailed(_) => ErrorKind::ConnectionReset,
        _ => ErrorKind::Other,
    }
}

/// A network on an adapter that has joined an access point.
pub fn network<
    'urc,
    A: AtatClient,
    T: Timer<HZ>,
    P,
    const HZ: u32,
    const TX: usize,
    const RX: usize,
    const URCS: usize,
>(
    adapter: Adapter<'urc, A, T, HZ, TX, RX, URCS>,
    platform: P,
) -> Network<Adapter<'urc, A, T, HZ, TX, RX, URCS>, P> {
    Network::without_dns(adapter, platform).with_policy(POLICY)
}
