//! Frames of received data: whose they are, and what their end means.

use super::exchange::Job;
use super::input::Sink;
use super::{State, deadline};
use crate::at::digest::{Frame, FrameKind};

impl<const RX: usize> State<RX> {
    /// Where the payload of a frame that just began belongs.
    pub(super) fn sink(&mut self, frame: &Frame) -> Sink {
        let id = match frame.kind {
            FrameKind::Pushed => frame.link,
            FrameKind::Requested => self.reading.and_then(|(id, generation)| {
                let link = self.links.get(usize::from(id))?;
                (link.generation == generation).then_some(id)
            }),
        };
        let Some(id) = id else {
            return Sink::Discard;
        };
        match self.links.get_mut(usize::from(id)) {
            Some(link) if !link.receives() => {
                let n = u32::try_from(frame.total).unwrap_or(u32::MAX);
                link.stray = link.stray.saturating_add(n);
                Sink::Discard
            }
            Some(link) if link.is_udp() => link.datagram_sink(id, frame),
            // Behind a gap everything is held back until the reader has
            // been told of the gap.
            Some(link) if link.lost > 0 => Sink::Lost(id),
            Some(_) => Sink::Ring(id),
            None => Sink::Discard,
        }
    }

    /// Bytes for a link are missing from here on.
    pub(super) fn lose(&mut self, id: u8, n: usize) {
        warning!("link {}: {} bytes lost", id, n);
        if let Some(link) = self.link(id) {
            let n = u32::try_from(n).unwrap_or(u32::MAX);
            link.lost = link.lost.saturating_add(n);
        }
        self.dirty = true;
    }

    /// A data frame has passed.
    pub(super) fn on_frame(&mut self, frame: Frame, now: u64) {
        self.dirty = true;
        let id = match frame.kind {
            FrameKind::Pushed => {
                self.swallow_ok = self.dialect.ok_after_data;
                frame.link
            }
            FrameKind::Requested => self.reading.map(|(id, _)| id),
        };
        if let Some(link) = id.and_then(|id| self.link(id)) {
            link.news = now;
            link.missing = false;
        }
        if let Some(exchange) = &mut self.exchange {
            // The line was taken by data; what was asked gets its time.
            exchange.deadline = exchange.deadline.max(now + deadline::QUERY);
            if frame.kind == FrameKind::Requested
                && let Job::Read { got, .. } = &mut exchange.job
            {
                *got = u16::try_from(frame.total).unwrap_or(u16::MAX);
            }
        }
    }
}
