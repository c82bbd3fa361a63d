//! Serial ports of HALs that speak embedded-hal instead of embedded-io.
//!
//! Two generations of byte-wise, non-blocking serial traits are still all that
//! many HALs offer: embedded-hal 0.2's `serial::{Read, Write}` (k210-hal,
//! older stm32 HALs) and their successors in embedded-hal-nb 1.0. [`NbSerial`]
//! makes either of them a [`Uart`](crate::Uart), as one object or as the two
//! halves that a HAL's `split` gives.
//!
#![cfg_attr(feature = "embedded-hal-nb-v1", doc = "```")]
#![cfg_attr(not(feature = "embedded-hal-nb-v1"), doc = "```ignore")]
//! use atcmd_esp8285::Esp8285;
//! use atcmd_esp8285::serial::NbSerial;
//! # use embedded_hal_nb::{nb, serial::{ErrorType, Read, Write}};
//! # struct Rx; struct Tx;
//! # impl ErrorType for Rx { type Error = core::convert::Infallible; }
//! # impl ErrorType for Tx { type Error = core::convert::Infallible; }
//! # impl Read for Rx { fn read(&mut self) -> nb::Result<u8, Self::Error> { Err(nb::Error::WouldBlock) } }
//! # impl Write for Tx {
//! #     fn write(&mut self, _: u8) -> nb::Result<(), Self::Error> { Ok(()) }
//! #     fn flush(&mut self) -> nb::Result<(), Self::Error> { Ok(()) }
//! # }
//! # let (rx, tx) = (Rx, Tx);
//!
//! // let (tx, rx) = serial.split();
//! let uart = NbSerial::from_v1_halves(rx, tx);
//! let wifi = Esp8285::new(uart, || 0);
//! # let _ = wifi;
//! ```
//!
//! These traits can be asked for a byte, but not whether there is one. So the
//! adapter holds one received byte that nobody has taken yet, and one byte to
//! be sent that the port had no room for; the latter is offered again whenever
//! either ready question is asked, which the driver does in every call.
//!
//! Limits: a port that is read byte by byte is only as good as its receive
//! FIFO. At 115200 baud a byte arrives every 87 microseconds, so without flow
//! control a port with no more than a hardware FIFO loses bytes whenever the
//! driver is not called for that long; an interrupt-fed ring behind the same
//! traits does not.

use embedded_io::{ErrorKind, ErrorType, Read, ReadReady, Write, WriteReady};

#[cfg(feature = "embedded-hal-v0_2")]
mod v0_2;
#[cfg(feature = "embedded-hal-nb-v1")]
mod v1;

#[cfg(feature = "embedded-hal-v0_2")]
pub use v0_2::{HalvesV0_2, WholeV0_2};
#[cfg(feature = "embedded-hal-nb-v1")]
pub use v1::{HalvesV1, WholeV1};

/// A byte-wise, non-blocking line of either generation.
///
/// Implemented by what the constructors of [`NbSerial`] wrap.
pub trait ByteLine {
    /// One received byte, or `WouldBlock`.
    ///
    /// # Errors
    /// What the port reports; line noise of every sort is
    /// [`ErrorKind::Other`], from which the driver recovers.
    fn get(&mut self) -> nb::Result<u8, ErrorKind>;

    /// Takes one byte for sending, or `WouldBlock`.
    ///
    /// # Errors
    /// The same.
    fn put(&mut self, byte: u8) -> nb::Result<(), ErrorKind>;

    /// Whether everything taken has left; `WouldBlock` until then.
    ///
    /// # Errors
    /// The same.
    fn sent(&mut self) -> nb::Result<(), ErrorKind>;
}

/// A [`Uart`](crate::Uart) on a non-blocking serial port of embedded-hal.
///
/// See the [module](self) for how it is made and what it costs.
#[derive(Debug)]
pub struct NbSerial<L> {
    line: L,
    /// What the port gave and nobody has taken yet.
    received: Option<Result<u8, ErrorKind>>,
    /// What was accepted and the port had no room for.
    unsent: Option<u8>,
}

impl<L: ByteLine> NbSerial<L> {
    const fn on(line: L) -> Self {
        Self {
            line,
            received: None,
            unsent: None,
        }
    }

    /// Gives the line back. A byte read ahead or not sent yet is dropped.
    pub fn release(self) -> L {
        self.line
    }

    /// Offers the port the byte it had no room for. Says whether it is gone.
    fn push(&mut self) -> Result<bool, ErrorKind> {
        let Some(byte) = self.unsent else {
            return Ok(true);
        };
        let gone = ready(self.line.put(byte))?;
        if gone.is_some() {
            self.unsent = None;
        }
        Ok(gone.is_some())
    }

    /// The next byte or error, if there is one.
    fn look(&mut self) -> Option<Result<u8, ErrorKind>> {
        match self.line.get() {
            Ok(byte) => Some(Ok(byte)),
            Err(nb::Error::WouldBlock) => None,
            Err(nb::Error::Other(error)) => Some(Err(error)),
        }
    }
}

/// nb's three answers as Rust's.
fn ready<T>(answer: nb::Result<T, ErrorKind>) -> Result<Option<T>, ErrorKind> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(nb::Error::WouldBlock) => Ok(None),
        Err(nb::Error::Other(error)) => Err(error),
    }
}

impl<L: ByteLine> ErrorType for NbSerial<L> {
    type Error = ErrorKind;
}

impl<L: ByteLine> ReadReady for NbSerial<L> {
    fn read_ready(&mut self) -> Result<bool, ErrorKind> {
        // Trouble with sending shows when sending; reading goes on.
        let _ = self.push();
        if self.received.is_none() {
            self.received = self.look();
        }
        match self.received {
            Some(Err(error)) => {
                self.received = None;
                Err(error)
            }
            Some(Ok(_)) => Ok(true),
            None => Ok(false),
        }
    }
}

impl<L: ByteLine> Read for NbSerial<L> {
    /// Takes what is there; waits for the first byte if there is none, unless
    /// `buf` is empty.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        let mut n = 0;
        while let Some(slot) = buf.get_mut(n) {
            match self.received.take().or_else(|| self.look()) {
                Some(Ok(byte)) => {
                    *slot = byte;
                    n += 1;
                }
                // What came before the trouble is still good.
                Some(Err(error)) if n > 0 => {
                    self.received = Some(Err(error));
                    break;
                }
                Some(Err(error)) => return Err(error),
                None if n > 0 => break,
                None => {
                    let _ = self.push();
                    core::hint::spin_loop();
                }
            }
        }
        Ok(n)
    }
}

impl<L: ByteLine> WriteReady for NbSerial<L> {
    fn write_ready(&mut self) -> Result<bool, ErrorKind> {
        self.push()
    }
}

impl<L: ByteLine> Write for NbSerial<L> {
    /// Takes what the port has room for, and one byte more; waits if not even
    /// that is possible.
    fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        if buf.is_empty() {
            return Ok(0);
        }
        while !self.push()? {
            core::hint::spin_loop();
        }
        for (n, byte) in buf.iter().enumerate() {
            match ready(self.line.put(*byte)) {
                Ok(Some(())) => {}
                Ok(None) => {
                    self.unsent = Some(*byte);
                    return Ok(n + 1);
                }
                // It is met again by the call that offers this byte again.
                Err(_) if n > 0 => return Ok(n),
                Err(error) => return Err(error),
            }
        }
        Ok(buf.len())
    }

    /// Waits until everything has left the port. The driver never calls it.
    fn flush(&mut self) -> Result<(), ErrorKind> {
        while !self.push()? || ready(self.line.sent())?.is_none() {
            core::hint::spin_loop();
        }
        Ok(())
    }
}
