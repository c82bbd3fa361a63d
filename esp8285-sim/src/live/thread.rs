//! The modem's thread: lets real time pass and moves bytes.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::shared::Shared;
use crate::bench::Direction;
use crate::modem::Modem;
use crate::wire::Wire;

/// How far ahead of the line the thread takes bytes, so that its own unpunctuality leaves no gaps.
const AHEAD: usize = 256;

/// Longest sleep of the thread.
const NAP: Duration = Duration::from_millis(20);

/// Called with microseconds since the start, direction and bytes.
pub(super) type Trace = Box<dyn FnMut(u64, Direction, &[u8]) + Send>;

/// Tells the handles when the thread ends, however it ends.
pub(super) struct Farewell(pub(super) Arc<Shared>);

impl Drop for Farewell {
    fn drop(&mut self) {
        self.0.lock().stopped = true;
        self.0.changed.notify_all();
    }
}

pub(super) fn run(modem: Modem, shared: &Shared, mut trace: Option<Trace>) {
    let begin = Instant::now();
    let now_ns = || u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
    let mut wire = Wire::new(modem, shared.lock().baud);
    let mut received = Vec::new();
    loop {
        wire.advance(now_ns());
        received.clear();
        while let Some((_, byte)) = wire.host_receives() {
            received.push(byte);
        }
        if let Some(trace) = trace.as_mut().filter(|_| !received.is_empty()) {
            trace(wire.now_ns() / 1_000, Direction::FromModem, &received);
        }

        let mut state = shared.lock();
        if state.stop {
            return;
        }
        state.from_modem.extend(&received);
        if state.follow {
            state.baud = wire.modem().baud();
        }
        wire.set_host_baud(state.baud);
        let room = AHEAD
            .saturating_sub(wire.host_backlog())
            .min(state.to_modem.len());
        let taken: Vec<u8> = state.to_modem.drain(..room).collect();
        wire.host_sends(&taken);
        let backlog = wire.host_backlog();
        let news = !received.is_empty() || !taken.is_empty() || state.backlog != backlog;
        state.backlog = backlog;
        let pokes = std::mem::take(&mut state.pokes);
        if news {
            shared.changed.notify_all();
        }
        if !taken.is_empty() || !pokes.is_empty() {
            drop(state);
            if let Some(trace) = trace.as_mut().filter(|_| !taken.is_empty()) {
                trace(wire.now_ns() / 1_000, Direction::ToModem, &taken);
            }
            for poke in pokes {
                wire.with_modem(poke);
            }
            state = shared.lock();
        }
        if state.to_modem.is_empty() || wire.host_backlog() >= AHEAD {
            let nap = nap(&wire, now_ns());
            if !nap.is_zero() && state.pokes.is_empty() && !state.stop {
                drop(shared.wait_for(state, nap));
            }
        }
    }
}

/// How long nothing happens by itself.
fn nap(wire: &Wire, now_ns: u64) -> Duration {
    // Bytes to the host are looked at in bunches: waking for each would cost more than it shows.
    let bunch = wire
        .incoming()
        .arrival(15)
        .or_else(|| wire.incoming().burst_end());
    // Half of what is on its way out leaves time to follow up without a gap.
    let left = wire.host_sent_ns().saturating_sub(now_ns);
    let sent = (left > 0).then(|| now_ns + (left / 2).clamp(50_000, 1_000_000));
    let next = [wire.next_event(), bunch, sent].into_iter().flatten().min();
    next.map_or(NAP, |next| {
        Duration::from_nanos(next.saturating_sub(now_ns)).min(NAP)
    })
}
