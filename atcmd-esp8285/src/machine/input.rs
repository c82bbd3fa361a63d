//! The way in: where the next bytes go, and what they were.

use core::cell::Cell;

use atat::{DigestResult, Digester as _};

use super::{Key, Machine, PeerInfo, deadline};
use crate::at::digest::{Digester, MAX_LINE};
use crate::error::ModemError;

/// Where the payload of the current frame goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sink {
    /// Into this link's ring.
    Ring(u8),
    /// Nowhere, and this link is told how much that was.
    Lost(u8),
    /// Nowhere: nobody wants it.
    Discard,
}

/// Stands for the reader of a list, where a link is named.
pub(crate) const LIST_READER: u8 = u8::MAX;

/// The text not yet understood, and the digester.
pub(super) struct Input {
    digester: Digester,
    text: [u8; MAX_LINE],
    start: usize,
    end: usize,
    pub(super) sink: Sink,
    /// The last window was the ring itself.
    direct: bool,
    /// Since when a full ring has held up the UART.
    stalled_since: Option<u64>,
    /// Since when an entry of a list has waited to be fetched.
    held_since: Option<u64>,
    /// When bytes last came.
    last_rx: u64,
}

impl Input {
    pub(super) const fn new() -> Self {
        Self {
            digester: Digester::new(),
            text: [0; MAX_LINE],
            start: 0,
            end: 0,
            sink: Sink::Discard,
            direct: false,
            stalled_since: None,
            held_since: None,
            last_rx: 0,
        }
    }
}

impl<const RX: usize> Machine<RX> {
    /// Where the next bytes from the modem belong; empty while a full ring has
    /// to be read first.
    ///
    /// `reader` is the link whose data the caller is about to take: for that
    /// link a full ring is no reason to drop anything.
    pub(crate) fn window(&mut self, reader: Option<u8>, now: u64) -> &mut [u8] {
        if self.input.held_since.is_some() && !self.release_entry(reader, now) {
            return &mut [];
        }
        let input = &mut self.input;
        input.direct = false;
        let remaining = input.digester.remaining();
        if remaining > 0
            && let Sink::Ring(id) = input.sink
        {
            let link = self.state.links.get_mut(usize::from(id));
            let full = link.as_ref().is_none_or(|l| l.rx.free() == 0);
            if full && !self.make_way(id, reader, now) {
                return &mut [];
            }
            // `make_way` may have turned the rest of the frame into a loss.
            if !full && self.input.start == self.input.end {
                self.input.direct = true;
                let space = self
                    .state
                    .links
                    .get_mut(usize::from(id))
                    .map(|l| l.rx.space())
                    .unwrap_or_default();
                let n = space.len().min(remaining);
                return space.get_mut(..n).unwrap_or_default();
            }
        }
        self.input.text_window()
    }

    /// A frame meets a full ring: wait, or drop the rest so that other links
    /// go on. Says whether to go on.
    #[cold]
    fn make_way(&mut self, id: u8, reader: Option<u8>, now: u64) -> bool {
        if reader == Some(id) {
            return false;
        }
        let since = *self.input.stalled_since.get_or_insert(now);
        if now.saturating_sub(since) < deadline::FULL_RING_PATIENCE {
            return false;
        }
        self.input.sink = Sink::Lost(id);
        self.input.stalled_since = None;
        self.process(now);
        true
    }

    /// An entry of a list waits to be fetched: wait, or drop what does not fit
    /// so that everything else goes on. Says whether to go on.
    #[cold]
    pub(super) fn release_entry(&mut self, reader: Option<u8>, now: u64) -> bool {
        if self
            .input
            .held_since
            .is_some_and(|since| now.saturating_sub(since) >= deadline::FULL_RING_PATIENCE)
            && reader != Some(LIST_READER)
            && !self.state.control.body.is_empty()
        {
            self.state.control.drop_entries();
        }
        let since = self.input.held_since.take();
        let at = self.input.start;
        self.process(now);
        if self.input.held_since.is_some() && self.input.start == at {
            // Still the same entry.
            self.input.held_since = since;
        }
        self.input.held_since.is_none()
    }

    /// When waiting for a list to be fetched is over.
    pub(super) fn held_until(&self) -> Option<u64> {
        let since = self.input.held_since?;
        Some(since + deadline::FULL_RING_PATIENCE)
    }

    /// Notes that the first `n` bytes of the last window have been filled.
    #[inline]
    pub(crate) fn received(&mut self, n: usize, now: u64) {
        self.input.last_rx = now;
        if self.input.direct
            && let Sink::Ring(id) = self.input.sink
            && let Some(link) = self.state.links.get_mut(usize::from(id))
        {
            link.rx.commit(n);
            self.payload_taken(n, now);
            return;
        }
        let end = (self.input.end + n).min(MAX_LINE);
        if self.state.serial.is_away() && self.input.digester.remaining() == 0 {
            self.listen_for_noise(end);
        }
        self.input.end = end;
        self.process(now);
    }

    /// Away from the rate at which the modem starts, its `ready` is noise.
    #[cold]
    fn listen_for_noise(&mut self, end: usize) {
        let new = self.input.text.get(self.input.end..end).unwrap_or_default();
        if new.iter().any(|b| !b.is_ascii()) {
            self.line_noise();
        }
    }

    /// The host's UART has another rate now: what came in part will not be
    /// continued.
    pub(super) fn line_changed(&mut self, now: u64) {
        if let Some(frame) = self.input.digester.frame() {
            if let Sink::Ring(id) | Sink::Lost(id) = self.input.sink {
                self.state.lose(id, frame.remaining);
            }
            self.state.on_frame(frame, now);
        }
        self.drop_text();
    }

    fn drop_text(&mut self) {
        self.input.digester.resync();
        self.input.start = 0;
        self.input.end = 0;
        self.input.stalled_since = None;
        self.input.held_since = None;
    }

    /// How many of the next bytes from the UART are payload that the reader of
    /// this connection may take without a stop in the ring.
    #[inline]
    pub(crate) fn straight(&self, key: Key) -> usize {
        let remaining = self.input.digester.remaining();
        if remaining == 0 || self.input.sink != Sink::Ring(key.link) {
            return 0;
        }
        match self.state.links.get(usize::from(key.link)) {
            Some(link)
                if self.input.start == self.input.end
                    && link.generation == key.generation
                    && !link.is_udp()
                    && link.rx.is_empty() =>
            {
                remaining
            }
            _ => 0,
        }
    }

    /// Notes that `n` bytes went straight to the reader.
    #[inline]
    pub(crate) fn went_straight(&mut self, n: usize, now: u64) {
        self.input.last_rx = now;
        self.payload_taken(n, now);
    }

    /// Somebody read from `link`, so a stalled frame can go on.
    pub(crate) fn drained(&mut self, now: u64) {
        self.input.stalled_since = None;
        if self.input.start < self.input.end {
            self.process(now);
        }
    }

    /// Works through the text that is there.
    fn process(&mut self, now: u64) {
        loop {
            let range = self.input.start..self.input.end;
            let Some(rest) = self.input.text.get(range).filter(|t| !t.is_empty()) else {
                self.input.start = 0;
                self.input.end = 0;
                return;
            };
            if let Some(frame) = self.input.digester.frame() {
                let n = rest.len().min(frame.remaining);
                let bytes = rest.get(..n).unwrap_or_default();
                let taken = match self.input.sink {
                    Sink::Ring(id) => self
                        .state
                        .links
                        .get_mut(usize::from(id))
                        .map_or(n, |link| link.rx.push(bytes)),
                    Sink::Lost(id) => {
                        self.state.lose(id, n);
                        n
                    }
                    Sink::Discard => n,
                };
                self.input.start += taken;
                self.payload_taken(taken, now);
                if taken < n {
                    return;
                }
                continue;
            }
            let (result, used) = self.input.digester.digest(rest);
            match result {
                DigestResult::None => {}
                DigestResult::Urc(line) if self.state.control.must_wait(line) => {
                    // A whole line is digested again as if for the first time.
                    self.input.held_since = Some(now);
                    return;
                }
                DigestResult::Urc(line) => self.state.on_line(line, now),
                DigestResult::Prompt(_) => self.state.on_prompt(now),
                DigestResult::Response(result) => {
                    self.state.on_result(result, now);
                    let on = self.state.peer_info == PeerInfo::On;
                    self.input.digester.expect_peer_info(on);
                }
            }
            self.input.start = (self.input.start + used).min(self.input.end);
            if let Some(frame) = self.input.digester.frame() {
                self.input.sink = self.state.sink(&frame);
                // The timer that watches for its end has to be set.
                self.state.dirty = true;
            } else if used == 0 {
                return;
            }
        }
    }

    /// Notes payload that went to where it belongs.
    #[inline]
    fn payload_taken(&mut self, n: usize, now: u64) {
        if n < self.input.digester.remaining() {
            self.input.digester.consumed(n);
        } else {
            self.frame_over(n, now);
        }
    }

    #[cold]
    fn frame_over(&mut self, n: usize, now: u64) {
        let frame = self.input.digester.frame();
        self.input.digester.consumed(n);
        if let Some(frame) = frame {
            self.input.stalled_since = None;
            self.state.on_frame(frame, now);
        }
    }

    /// Stops writing to a ring whose connection was given up.
    pub(super) fn abandon_sink(&mut self, id: u8, now: u64) {
        if matches!(self.input.sink, Sink::Ring(of) | Sink::Lost(of) if of == id) {
            self.input.sink = Sink::Discard;
            self.input.stalled_since = None;
            // Text that a full ring held back can go on.
            self.process(now);
        }
    }

    /// Gives up on a frame whose rest was lost on the wire. Called when
    /// nothing is waiting in the UART.
    pub(crate) fn check_frame(&mut self, now: u64) {
        let Some(frame) = self.input.digester.frame() else {
            return;
        };
        let stalled = self.input.stalled_since.is_some() || self.input.start < self.input.end;
        if stalled || now.saturating_sub(self.input.last_rx) < deadline::FRAME_GAP {
            return;
        }
        warning!(
            "a data frame broke off, {} bytes are missing",
            frame.remaining
        );
        if let Sink::Ring(id) | Sink::Lost(id) = self.input.sink {
            let mut lost = frame.remaining;
            if self.input.sink == Sink::Ring(id)
                && let Some(link) = self.state.link(id)
                && link.is_udp()
            {
                link.datagram_cut(&frame);
                lost = frame.total;
            }
            self.state.lose(id, lost);
        }
        self.input.digester.resync();
        self.state.on_frame(frame, now);
        // What cut it short may have been a restart, and its `ready` may have
        // been taken for data.
        self.state.suspect = true;
    }

    /// While a frame is passing, nothing else can time out; this is when the
    /// frame itself has.
    pub(super) fn frame_until(&self) -> Option<u64> {
        self.input
            .digester
            .frame()
            .map(|_| self.input.last_rx + deadline::FRAME_GAP)
    }

    /// Since when a full ring has held up the UART.
    #[cfg(feature = "async")]
    pub(super) fn stalled_since(&self) -> Option<u64> {
        self.input.stalled_since
    }

    /// Whether text is held back by a full ring.
    pub(crate) fn is_stalled(&self) -> bool {
        let full_ring = self.input.start < self.input.end && self.input.digester.remaining() > 0;
        full_ring || self.input.held_since.is_some()
    }

    /// The UART failed for good: nothing that was under way will be answered.
    pub(crate) fn uart_failed(&mut self, kind: embedded_io::ErrorKind, now: u64) {
        self.drop_text();
        self.state.gone(ModemError::Uart(kind), now);
    }
}

impl Input {
    fn text_window(&mut self) -> &mut [u8] {
        if self.start > 0 {
            // `copy_within` would link memmove, which is 1.5 KiB.
            let cells = Cell::from_mut(self.text.as_mut_slice()).as_slice_of_cells();
            let rest = cells.get(self.start..self.end).unwrap_or_default();
            for (to, from) in cells.iter().zip(rest) {
                to.set(from.get());
            }
            self.end -= self.start;
            self.start = 0;
        }
        self.text.get_mut(self.end..).unwrap_or_default()
    }
}
