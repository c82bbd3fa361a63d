//! The modem's UART transmitter: knows when each byte leaves, so that frames are paced by the wire.

use std::collections::VecDeque;

use crate::line::duration_ns;

/// Something for the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Output {
    /// These bytes, the first one's start bit at that time.
    Bytes {
        start_ns: u64,
        baud: u32,
        bytes: Vec<u8>,
    },
    /// The modem died: bytes still on their way after this time never left.
    Cut { at_ns: u64 },
}

/// The transmit queue.
#[derive(Debug, Default)]
pub(super) struct Transmitter {
    queue: VecDeque<Output>,
    burst_start_ns: u64,
    burst_bytes: u64,
    burst_baud: u32,
    free_ns: u64,
    /// The host's RTS has stopped it.
    held: bool,
}

impl Transmitter {
    /// Queues bytes at `now_ns` or when the transmitter gets to them.
    pub(super) fn send(&mut self, now_ns: u64, baud: u32, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        let start_ns = self.free_ns.max(now_ns);
        if self.burst_baud != baud || now_ns > self.free_ns {
            self.burst_start_ns = start_ns;
            self.burst_bytes = 0;
            self.burst_baud = baud;
        }
        self.burst_bytes += bytes.len() as u64;
        let contiguous = now_ns <= self.free_ns;
        self.free_ns = self.burst_start_ns + duration_ns(self.burst_bytes, baud);
        match self.queue.back_mut() {
            Some(Output::Bytes {
                baud: last,
                bytes: queued,
                ..
            }) if *last == baud && contiguous => {
                queued.extend_from_slice(bytes);
            }
            _ => self.queue.push_back(Output::Bytes {
                start_ns,
                baud,
                bytes: bytes.to_vec(),
            }),
        }
    }

    /// The line has stopped, or goes on and will be free at that time.
    pub(super) fn hold(&mut self, free_ns: Option<u64>) {
        self.held = free_ns.is_none();
        if let Some(free_ns) = free_ns {
            self.free_ns = free_ns;
            self.burst_baud = 0;
        }
    }

    pub(super) fn is_held(&self) -> bool {
        self.held
    }

    /// When the last queued byte has left.
    pub(super) fn free_ns(&self) -> u64 {
        self.free_ns
    }

    /// Forgets what has not left by now.
    pub(super) fn cut(&mut self, now_ns: u64) {
        if self.free_ns > now_ns {
            self.queue.push_back(Output::Cut { at_ns: now_ns });
            self.free_ns = now_ns;
            self.burst_baud = 0;
        }
    }

    pub(super) fn pop(&mut self) -> Option<Output> {
        self.queue.pop_front()
    }
}
