//! The bench's UART, as drivers see it.

use std::fmt;

use super::{Bench, Chunk, Direction};
use crate::line::NANOS;

/// The host's end of the line on a [`Bench`].
///
/// It never lets time pass: a driver asks [`ReadReady`](embedded_io::ReadReady) and
/// [`WriteReady`](embedded_io::WriteReady) and idles in between.
#[derive(Debug, Clone)]
pub struct VirtualUart {
    bench: Bench,
}

impl VirtualUart {
    pub(super) fn new(bench: Bench) -> Self {
        Self { bench }
    }
}

/// What a [`VirtualUart`] cannot do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UartError {
    /// A write while the transmit buffer is full. It would have to wait, and waiting is the host's part.
    Full,
}

impl fmt::Display for UartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the transmit buffer is full: wait for write_ready")
    }
}

impl std::error::Error for UartError {}

impl embedded_io::Error for UartError {
    fn kind(&self) -> embedded_io::ErrorKind {
        embedded_io::ErrorKind::Other
    }
}

impl embedded_io::ErrorType for VirtualUart {
    type Error = UartError;
}

impl embedded_io::ReadReady for VirtualUart {
    fn read_ready(&mut self) -> Result<bool, UartError> {
        let mut inner = self.bench.0.borrow_mut();
        inner.receive();
        Ok(!inner.fifo.is_empty())
    }
}

impl embedded_io::Read for VirtualUart {
    /// # Panics
    ///
    /// When nothing has arrived: nothing ever will while the host waits here.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, UartError> {
        let mut inner = self.bench.0.borrow_mut();
        inner.receive();
        let most = match inner.config.rx_chunk {
            Chunk::Bytes(n) => n.max(1).min(buf.len()),
            Chunk::All => buf.len(),
        };
        assert!(
            most == 0 || !inner.fifo.is_empty(),
            "read from a virtual UART that has nothing: ask read_ready first and let time pass"
        );
        let length = most.min(inner.fifo.len());
        for (slot, byte) in buf.iter_mut().zip(inner.fifo.drain(..length)) {
            *slot = byte;
        }
        let left = inner.fifo.len();
        inner.wire.host_holds(left);
        if inner.recording && length > 0 {
            let now = inner.wire.now_ns() / NANOS;
            inner
                .record
                .push((now, Direction::FromModem, buf[..length].to_vec()));
        }
        Ok(length)
    }
}

impl embedded_io::WriteReady for VirtualUart {
    fn write_ready(&mut self) -> Result<bool, UartError> {
        let inner = self.bench.0.borrow();
        Ok(inner.wire.host_backlog() < inner.config.tx_fifo)
    }
}

impl embedded_io::Write for VirtualUart {
    fn write(&mut self, buf: &[u8]) -> Result<usize, UartError> {
        let mut inner = self.bench.0.borrow_mut();
        let room = inner
            .config
            .tx_fifo
            .saturating_sub(inner.wire.host_backlog());
        let length = room.min(buf.len());
        if length == 0 && !buf.is_empty() {
            return Err(UartError::Full);
        }
        let taken = &buf[..length];
        inner.wire.host_sends(taken);
        inner.stats.to_modem += length as u64;
        if inner.recording && length > 0 {
            let now = inner.wire.now_ns() / NANOS;
            inner.record.push((now, Direction::ToModem, taken.to_vec()));
        }
        Ok(length)
    }

    /// Returns at once: what was written leaves by itself as time passes.
    fn flush(&mut self) -> Result<(), UartError> {
        Ok(())
    }
}
