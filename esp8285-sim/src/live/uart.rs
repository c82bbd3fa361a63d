//! The host's end of the line.

use std::convert::Infallible;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::shared::{Shared, State};
use crate::modem::Modem;

/// Bytes a write may be ahead of the line.
const TX_BUFFER: usize = 1_024;

/// The host's end of a live modem's line.
///
/// A clone is another handle to the same line, for a reading and a writing thread. The modem's thread ends with
/// the last handle.
#[derive(Debug, Clone)]
pub struct LiveUart {
    owner: Arc<Owner>,
}

#[derive(Debug)]
struct Owner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.lock().stop = true;
        self.shared.changed.notify_all();
        if let Some(thread) = self.thread.take() {
            // A panic of the modem's thread has been reported by itself.
            let _ = thread.join();
        }
    }
}

impl LiveUart {
    pub(super) fn new(shared: Arc<Shared>, thread: JoinHandle<()>) -> Self {
        Self {
            owner: Arc::new(Owner {
                shared,
                thread: Some(thread),
            }),
        }
    }

    fn shared(&self) -> &Shared {
        &self.owner.shared
    }

    /// Sets the host's baud rate, once everything written before has been sent.
    pub fn set_baud(&self, baud: u32) {
        self.drain();
        let mut state = self.shared().lock();
        state.baud = baud.max(1);
        state.follow = false;
        self.shared().changed.notify_all();
    }

    /// Makes the host's baud rate follow the modem's, for hosts that have none, such as a TCP connection.
    pub fn follow_baud(&self) {
        self.shared().lock().follow = true;
        self.shared().changed.notify_all();
    }

    /// Reaches into the modem, on its thread and soon: faults, the air.
    pub fn with_modem(&self, act: impl FnOnce(&mut Modem) + Send + 'static) {
        self.shared().lock().pokes.push(Box::new(act));
        self.shared().changed.notify_all();
    }

    /// Takes what has arrived, waiting at most that long for something to arrive.
    pub fn read_for(&self, buf: &mut [u8], time: Duration) -> usize {
        let end = Instant::now() + time;
        let mut state = self.shared().lock();
        while state.from_modem.is_empty() && !state.stopped {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return 0;
            }
            state = self.shared().wait_for(state, left);
        }
        take(&mut state, buf)
    }

    fn drain(&self) {
        let mut state = self.shared().lock();
        while !state.stopped && (state.backlog > 0 || !state.to_modem.is_empty()) {
            state = self.shared().wait(state);
        }
    }
}

fn take(state: &mut State, buf: &mut [u8]) -> usize {
    let length = buf.len().min(state.from_modem.len());
    for (slot, byte) in buf.iter_mut().zip(state.from_modem.drain(..length)) {
        *slot = byte;
    }
    length
}

impl embedded_io::ErrorType for LiveUart {
    type Error = Infallible;
}

impl embedded_io::ReadReady for LiveUart {
    fn read_ready(&mut self) -> Result<bool, Infallible> {
        let state = self.shared().lock();
        Ok(!state.from_modem.is_empty() || state.stopped)
    }
}

impl embedded_io::Read for LiveUart {
    /// Waits until there is something; nothing ever is only when the modem's thread has died.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Infallible> {
        if buf.is_empty() {
            return Ok(0);
        }
        let mut state = self.shared().lock();
        while state.from_modem.is_empty() && !state.stopped {
            state = self.shared().wait(state);
        }
        Ok(take(&mut state, buf))
    }
}

impl embedded_io::WriteReady for LiveUart {
    fn write_ready(&mut self) -> Result<bool, Infallible> {
        let state = self.shared().lock();
        Ok(state.to_modem.len() < TX_BUFFER || state.stopped)
    }
}

impl embedded_io::Write for LiveUart {
    /// Waits for room. What is written to a dead modem is lost, as on any serial line.
    fn write(&mut self, buf: &[u8]) -> Result<usize, Infallible> {
        let mut state = self.shared().lock();
        while state.to_modem.len() >= TX_BUFFER && !state.stopped {
            state = self.shared().wait(state);
        }
        if state.stopped {
            return Ok(buf.len());
        }
        let length = buf.len().min(TX_BUFFER - state.to_modem.len());
        state.to_modem.extend(&buf[..length]);
        self.shared().changed.notify_all();
        Ok(length)
    }

    /// Waits until everything is on the line.
    fn flush(&mut self) -> Result<(), Infallible> {
        self.drain();
        Ok(())
    }
}
