//! esp-at-nal 0.5: an ESP-AT modem behind atat, TCP clients only.
//!
//! `receive` never tells the end of the stream: it has nothing, for ever. `send` does, and looks before
//! it sends, so an empty one asks without sending. There are no datagrams, no names and no server.
//!
//! atat 0.24 takes a message that no line end comes before for an echo and drops it. Modems send
//! `0,CLOSED` so, and without it nobody learns that the peer has closed. Give the parser [`UrcFirst`].
//!
//! Limits that no policy mends: a call of the stack waits until the modem has answered (up to 5 s for a
//! connect, 5 s for each piece sent), whatever the socket's timeout; a reset looks like an orderly end;
//! when data comes while it reads, it takes the modem's newer count for the older one and can leave the
//! rest in the modem.

use ::esp_at_nal::stack::Error;
use ::esp_at_nal::urc::URCMessages;
use ::esp_at_nal::wifi::Adapter;
use atat::Error as AtError;
use atat::blocking::AtatClient;
use atat::{AtDigester, DigestResult, Digester, Parser};
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

/// atat's digester, asked second: a line that is one of the modem's messages is no echo.
///
/// ```
/// use atat::{AtDigester, DigestResult, Digester};
/// use esp_at_nal::urc::URCMessages;
/// use nal_socket_stacks::esp_at_nal::UrcFirst;
///
/// let line = b"0,CLOSED\r\n";
/// let mut alone = AtDigester::<URCMessages<1024>>::new();
/// assert_eq!(alone.digest(line), (DigestResult::None, 8));
/// let mut first = UrcFirst::<1024>::default();
/// assert_eq!(first.digest(line), (DigestResult::Urc(line), line.len()));
/// ```
pub struct UrcFirst<const RX: usize>(AtDigester<URCMessages<RX>>);

impl<const RX: usize> Default for UrcFirst<RX> {
    fn default() -> Self {
        Self(AtDigester::new())
    }
}

impl<const RX: usize> Digester for UrcFirst<RX> {
    fn digest<'a>(&mut self, input: &'a [u8]) -> (DigestResult<'a>, usize) {
        let text = input.trim_ascii_start();
        let end = text.windows(2).position(|pair| pair == b"\r\n");
        // The stack's parser panics on some lines that are not ASCII.
        if let Some(line) = end
            .and_then(|end| text.get(..end + 2))
            .filter(|l| l.is_ascii())
            && !line.starts_with(b"+CIPRECVDATA")
            && let Ok((message, length)) = URCMessages::<RX>::parse(line)
        {
            return (
                DigestResult::Urc(message),
                input.len() - text.len() + length,
            );
        }
        self.0.digest(input)
    }
}

impl<const RX: usize> core::fmt::Debug for UrcFirst<RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UrcFirst").finish_non_exhaustive()
    }
}
