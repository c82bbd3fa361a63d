//! A client for esp-at-nal 0.5 that mends what no policy can.
//!
//! atat 0.24 takes a message of the modem that no line end comes before for an echo and drops it;
//! `0,CLOSED`, the only word on the end of a stream, comes so. And esp-at-nal counts what is left in the
//! modem wrong when the modem's own count, which comes behind the data, overtakes them: the rest then
//! stays there. A [`Line`] owns the port, looks for messages first ([`UrcFirst`]), and reads no further
//! than the answer that the stack waits for. It needs no executor and no time driver.
//!
//! ```no_run
//! # use embedded_io::{ErrorType, Read, ReadReady, Write};
//! # struct Port;
//! # impl ErrorType for Port { type Error = core::convert::Infallible; }
//! # impl Read for Port { fn read(&mut self, _: &mut [u8]) -> Result<usize, Self::Error> { Ok(0) } }
//! # impl ReadReady for Port { fn read_ready(&mut self) -> Result<bool, Self::Error> { Ok(false) } }
//! # impl Write for Port { fn write(&mut self, b: &[u8]) -> Result<usize, Self::Error> { Ok(b.len()) } fn flush(&mut self) -> Result<(), Self::Error> { Ok(()) } }
//! use core::cell::RefCell;
//! use atat::{ResponseSlot, UrcChannel};
//! use esp_at_nal::wifi::{Adapter, WifiAdapter};
//! use nal_socket_stacks::esp_at_nal::network;
//! use nal_socket_stacks::esp_at_nal_client::Line;
//!
//! // Room for one piece sent or received with what is around it, and for the modem's messages.
//! let slot = ResponseSlot::<2048>::new();
//! let messages = UrcChannel::<_, 32, 1>::new();
//! let mut buffer = [0; 2048];
//! let line = RefCell::new(Line::new(Port, || 0_u64, &slot, &messages, &mut buffer));
//! let urcs = messages.subscribe().unwrap();
//! let mut adapter: Adapter<_, _, 1_000_000, 256, 1024, 32> =
//!     Adapter::new(Line::share(&line), urcs, Line::share(&line));
//! adapter.join("home", "secret").unwrap();
//! let network = network(adapter, Line::share(&line));
//! # let _ = network;
//! ```
//!
//! Limits: the port is read only while the stack waits for an answer or somebody idles, so its buffer
//! must hold what comes in between.

use core::cell::RefCell;
use core::convert::Infallible;

use ::esp_at_nal::urc::URCMessages;
use atat::blocking::AtatClient;
use atat::{
    AtDigester, AtatCmd, AtatIngress, DigestResult, Digester, Error, Ingress, Parser, Response,
    ResponseSlot, UrcChannel,
};
use embedded_io::{Read, ReadReady, Write};
use fugit::{TimerDurationU32, TimerInstantU32};
use fugit_timer::Timer;
use nal_socket::{Idle, Platform};

/// How long the modem may take to ask for the bytes to be sent, in microseconds.
const PROMPT: u64 = 1_000_000;

/// The port, the parser behind it, and the time.
pub struct Line<'a, U, P, const RX: usize, const BUFFER: usize, const URCS: usize> {
    port: U,
    platform: P,
    slot: &'a ResponseSlot<BUFFER>,
    messages: &'a UrcChannel<URCMessages<RX>, URCS, 1>,
    ingress: Ingress<'a, UrcFirst<RX>, URCMessages<RX>, BUFFER, URCS, 1>,
}

impl<'a, U, P, const RX: usize, const BUFFER: usize, const URCS: usize>
    Line<'a, U, P, RX, BUFFER, URCS>
where
    U: Read + ReadReady + Write,
    P: Platform,
{
    /// A line on `port`. `buffer` takes what has come and is not understood yet.
    pub fn new(
        port: U,
        platform: P,
        slot: &'a ResponseSlot<BUFFER>,
        messages: &'a UrcChannel<URCMessages<RX>, URCS, 1>,
        buffer: &'a mut [u8],
    ) -> Self {
        Self {
            port,
            platform,
            slot,
            messages,
            ingress: Ingress::new(UrcFirst::default(), buffer, slot, messages),
        }
    }

    /// The client and the timer for esp-at-nal, and the platform for nal-socket, which is the one
    /// given and reads the port too.
    pub const fn share(line: &RefCell<Self>) -> Shared<'_, Self> {
        Shared { line, end: 0 }
    }

    /// Takes one byte in; false if there is none.
    fn byte(&mut self) -> Result<bool, Error> {
        let mut byte = [0];
        if !self.port.read_ready().map_err(|_| Error::Read)?
            || self.port.read(&mut byte).map_err(|_| Error::Read)? == 0
        {
            return Ok(false);
        }
        // As atat's own reader does.
        if self.ingress.write_buf().is_empty() {
            self.ingress.clear();
        }
        // A message for which there is no room is lost.
        let _ = self.ingress.try_write(&byte);
        Ok(true)
    }

    /// Waits for an answer and reads no further.
    fn answer<T>(
        &mut self,
        limit: u64,
        parse: impl FnOnce(&Response<BUFFER>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let deadline = self.platform.now().saturating_add(limit);
        loop {
            if let Some(answer) = self.slot.try_get() {
                return parse(&answer.borrow());
            }
            if !self.byte()? {
                if self.platform.now() >= deadline {
                    return Err(Error::Timeout);
                }
                // The stack has no way to be cancelled.
                let _ = self.platform.idle(Some(deadline));
            }
        }
    }

    fn command<C: AtatCmd>(&mut self, command: &C) -> Result<C::Response, Error> {
        self.slot.reset();
        if !C::EXPECTS_RESPONSE_CODE {
            // The bytes of a transmission, which the modem asks for.
            self.answer(PROMPT, |_| Ok(()))?;
        }
        let mut bytes = [0; BUFFER];
        let length = command.write(&mut bytes);
        self.port
            .write_all(bytes.get(..length).unwrap_or_default())
            .map_err(|_| Error::Write)?;
        self.port.flush().map_err(|_| Error::Write)?;
        if !C::EXPECTS_RESPONSE_CODE {
            return command.parse(Ok(&[]));
        }
        let limit = u64::from(C::MAX_TIMEOUT_MS) * 1000;
        self.answer(limit, |answer| command.parse(answer.into()))
    }

    fn idle(&mut self, until: Option<u64>) -> Idle {
        let verdict = self.platform.idle(until);
        // An error of the port is told by the next command.
        while self.messages.free_capacity() > 0 && self.byte() == Ok(true) {}
        verdict
    }
}

/// A line in use: atat's client, the stack's timer, the sockets' platform.
pub struct Shared<'l, L> {
    line: &'l RefCell<L>,
    end: u64,
}

impl<U, P, const RX: usize, const BUFFER: usize, const URCS: usize> AtatClient
    for Shared<'_, Line<'_, U, P, RX, BUFFER, URCS>>
where
    U: Read + ReadReady + Write,
    P: Platform,
{
    fn send<C: AtatCmd>(&mut self, command: &C) -> Result<C::Response, Error> {
        self.line.borrow_mut().command(command)
    }
}

impl<U, P, const RX: usize, const BUFFER: usize, const URCS: usize> Timer<1_000_000>
    for Shared<'_, Line<'_, U, P, RX, BUFFER, URCS>>
where
    U: Read + ReadReady + Write,
    P: Platform,
{
    type Error = Infallible;

    fn now(&mut self) -> TimerInstantU32<1_000_000> {
        TimerInstantU32::from_ticks(self.line.borrow().platform.now() as u32)
    }

    fn start(&mut self, duration: TimerDurationU32<1_000_000>) -> Result<(), Infallible> {
        self.end = self.line.borrow().platform.now() + u64::from(duration.ticks());
        Ok(())
    }

    fn cancel(&mut self) -> Result<(), Infallible> {
        Ok(())
    }

    /// Reads the port meanwhile.
    fn wait(&mut self) -> nb::Result<(), Infallible> {
        let mut line = self.line.borrow_mut();
        if line.platform.now() >= self.end {
            return Ok(());
        }
        let _ = line.idle(Some(self.end));
        Err(nb::Error::WouldBlock)
    }
}

impl<U, P, const RX: usize, const BUFFER: usize, const URCS: usize> Platform
    for Shared<'_, Line<'_, U, P, RX, BUFFER, URCS>>
where
    U: Read + ReadReady + Write,
    P: Platform,
{
    fn now(&self) -> u64 {
        self.line.borrow().platform.now()
    }

    fn idle(&self, until: Option<u64>) -> Idle {
        self.line.borrow_mut().idle(until)
    }
}

/// atat's digester, asked second: a line that is one of the modem's messages is no echo, and `>` is the
/// modem asking for bytes.
///
/// ```
/// use atat::{AtDigester, DigestResult, Digester};
/// use esp_at_nal::urc::URCMessages;
/// use nal_socket_stacks::esp_at_nal_client::UrcFirst;
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
        let blank = input.len() - text.len();
        // The stack's parser waits for three bytes more.
        if text.starts_with(b">") {
            return (DigestResult::Prompt(b'>'), blank + 1);
        }
        let end = text.windows(2).position(|pair| pair == b"\r\n");
        // The stack's parser panics on some lines that are not ASCII.
        if let Some(line) = end
            .and_then(|end| text.get(..end + 2))
            .filter(|l| l.is_ascii())
            && !line.starts_with(b"+CIPRECVDATA")
            && let Ok((message, length)) = URCMessages::<RX>::parse(line)
        {
            return (DigestResult::Urc(message), blank + length);
        }
        self.0.digest(input)
    }
}

impl<const RX: usize> core::fmt::Debug for UrcFirst<RX> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("UrcFirst").finish_non_exhaustive()
    }
}
