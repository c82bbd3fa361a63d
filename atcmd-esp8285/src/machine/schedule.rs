//! What is asked of the modem next, and when.

use super::control::Progress;
use super::datagram::HEADER;
use super::exchange::{Exchange, FILLER, Job, Phase};
use super::link::State as LinkState;
use super::startup::Life;
use super::{Machine, State, deadline};
use crate::at::command as cmd;
use crate::veil::Shown;
use crate::{Capability, LINKS};

/// Every so many questions for lengths are one for the list of links instead.
const LENGTHS_PER_STATUS: u8 = 5;

impl<const RX: usize> Machine<RX> {
    /// Does everything that is due by now. Cheap when nothing is.
    #[inline]
    pub(crate) fn service(&mut self, now: u64) {
        if self.state.dirty || now >= self.state.wake_at {
            self.service_due(now);
        }
    }

    fn service_due(&mut self, now: u64) {
        if self.held_until().is_some() {
            // The list may have been fetched in this very call.
            self.release_entry(None, now);
        }
        self.check_frame(now);
        let frame_until = self.frame_until();
        let state = &mut self.state;
        state.dirty = false;
        if frame_until.is_none() {
            state.check_exchange(now);
        }
        // A step may be skipped or end what was under way, so more than one
        // look can be needed; the number of steps bounds it.
        for _ in 0..16 {
            if state.exchange.is_some() || now < state.hold_until {
                break;
            }
            state.exchange = state.next_exchange(now);
            state.say_command();
            if !state.dirty && state.exchange.is_none() {
                break;
            }
            state.dirty = false;
        }
        let wake_at = frame_until
            .map(|until| until.max(now + 1))
            .unwrap_or_else(|| state.next_wake(now));
        let held_until = self.held_until().unwrap_or(deadline::NEVER);
        self.state.wake_at = wake_at.min(held_until);
    }

    /// Bytes for the modem; write as many as the UART takes.
    pub(crate) fn output(&self) -> &[u8] {
        let state = &self.state;
        let Some(exchange) = &state.exchange else {
            return &[];
        };
        let bytes = match (exchange.phase, exchange.job) {
            (Phase::Command, Job::Fill(_)) => FILLER,
            (Phase::Command, Job::Control) => &state.control.line,
            (Phase::Command, _) => state.line.bytes(),
            (Phase::Payload, _) => state.staging.bytes(),
            _ => &[],
        };
        bytes.get(exchange.out..).unwrap_or_default()
    }

    /// Notes that the first `n` bytes of [`output`](Self::output) are written.
    pub(crate) fn written(&mut self, n: usize, now: u64) {
        let rest = self.output().len();
        let state = &mut self.state;
        let Some(exchange) = &mut state.exchange else {
            return;
        };
        exchange.out += n.min(rest);
        if n < rest {
            return;
        }
        match (exchange.phase, exchange.job) {
            (Phase::Payload, _) => {
                exchange.phase = Phase::SendResult;
                exchange.allow(now + deadline::SEND_RESULT);
            }
            (_, Job::Fill(more)) if more > 0 => {
                exchange.job = Job::Fill(more - 1);
                exchange.out = 0;
            }
            (_, Job::Escape | Job::Fill(_)) => {
                state.exchange = None;
                state.hold_until = now + deadline::ESCAPE_SETTLE;
            }
            _ => {}
        }
        state.dirty = true;
    }
}

impl<const RX: usize> State<RX> {
    /// A command is about to go out: from here on its strings are hidden.
    fn say_command(&mut self) {
        let Some(exchange) = &self.exchange else {
            return;
        };
        let line = match exchange.job {
            Job::Control => self.control.line.as_slice(),
            _ => self.line.bytes(),
        };
        self.veil.hide_strings(line);
        trace!("> {}", Shown::command(line));
    }

    fn next_exchange(&mut self, now: u64) -> Option<Exchange> {
        if self.serial.due().is_some() {
            return None;
        }
        if self.serial.is_moving() {
            return self.serial_next(now);
        }
        if self.sync.is_some() {
            return self.sync_next(now);
        }
        match self.life {
            Life::Off => None,
            Life::Starting(step) => {
                let exchange = self.setup_command(step, now);
                if exchange.is_none() {
                    self.setup_result(step, true, now);
                }
                exchange
            }
            Life::Ready => self.next_request(now),
        }
    }

    fn next_request(&mut self, now: u64) -> Option<Exchange> {
        if core::mem::take(&mut self.suspect) {
            return Some(self.line.ask(Job::Verify, &cmd::AreLinksNumbered {}, now));
        }
        let urgent = self.restart_wanted(now);
        if let Some(exchange) = urgent.or_else(|| self.serial_wanted(now)) {
            return Some(exchange);
        }
        self.drop_orphaned_send(now);
        // Peers that come again at once must not keep everything else waiting.
        let first = !core::mem::take(&mut self.turned_away);
        if first && let Some(exchange) = self.next_close(now) {
            return Some(exchange);
        }
        if let Some(exchange) = self.next_wanted(now) {
            return Some(exchange);
        }
        self.next_close(now)
    }

    /// What is due apart from closing.
    fn next_wanted(&mut self, now: u64) -> Option<Exchange> {
        if let Some(exchange) = self.next_server(now) {
            return Some(exchange);
        }
        if matches!(self.control.progress, Progress::Queued) {
            self.control.progress = Progress::Running;
            return Some(Exchange::new(Job::Control, self.control.timeout, now));
        }
        if let Some(exchange) = self.next_mode(now) {
            return Some(exchange);
        }
        if let Some(exchange) = self.next_no_delay(now) {
            return Some(exchange);
        }
        if let Some(exchange) = self.next_opening(now) {
            return Some(exchange);
        }
        if self.is_status_due() {
            return Some(self.line.ask(Job::Status, &cmd::Status {}, now));
        }
        // Rare, and steady traffic elsewhere must not keep it from being asked.
        if let Some(probe) = self.next_probe(now) {
            return Some(probe);
        }
        // Sends and reads take turns, so neither starves the other.
        if self.read_last {
            self.next_send(now).or_else(|| self.next_read(now))
        } else {
            self.next_read(now).or_else(|| self.next_send(now))
        }
    }

    fn next_close(&mut self, now: u64) -> Option<Exchange> {
        let mut links = self.links.iter().zip(0u8..);
        let (link, id) =
            links.find(|(link, _)| link.intruder || matches!(link.state, LinkState::Closing))?;
        if link.intruder {
            self.turned_away = true;
            return Some(self.line.close(id, now));
        }
        // What a link has accepted goes out before it is closed, and before its port is opened anew.
        if self.staging.owner() == Some(id) {
            return self.next_send(now);
        }
        let mode = link.abort && self.dialect.has(Capability::Abort);
        if mode != link.breaks_off {
            let job = Job::CloseMode(id, mode);
            let command = cmd::CloseMode {
                link: id,
                abort: mode,
            };
            return Some(self.line.ask(job, &command, now));
        }
        Some(self.line.close(id, now))
    }

    /// What was accepted for a connection that no longer exists on either side
    /// has nowhere to go.
    fn drop_orphaned_send(&mut self, now: u64) {
        if self.staging.is_orphaned() {
            self.send_over(false, now);
        }
        if let Some(id) = self.staging.owner()
            && self
                .link(id)
                .is_some_and(|link| matches!(link.state, LinkState::Free))
        {
            self.staging.free(now);
        }
    }

    fn next_send(&mut self, now: u64) -> Option<Exchange> {
        let link = self.staging.owner()?;
        self.read_last = false;
        if self
            .link(link)
            .is_some_and(|l| matches!(l.state, LinkState::Wanted | LinkState::Opening { .. }))
        {
            // A datagram link that is being opened again.
            return None;
        }
        // At most 2048, so the conversion keeps the value.
        let len = self.staging.bytes().len() as u16;
        let job = Job::Send(link);
        Some(match self.staging.to() {
            Some(to) => self.line.ask(job, &cmd::SendTo { link, len, to }, now),
            None => self.line.ask(job, &cmd::Send { link, len }, now),
        })
    }

    fn next_read(&mut self, now: u64) -> Option<Exchange> {
        if !self.passive {
            return None;
        }
        let holding = self.holding();
        let link = (1..=LINKS)
            .map(|step| (self.last_read + step) % LINKS)
            .find(|id| {
                self.links.get(usize::from(*id)).is_some_and(|link| {
                    let open = matches!(link.state, LinkState::Open | LinkState::Draining);
                    // Many small reads would cost more than they bring.
                    let room = link.rx.is_empty()
                        || if link.is_udp() {
                            link.rx.free() >= HEADER + usize::from(link.announced)
                        } else {
                            link.rx.free() * 2 >= RX
                        };
                    let passive = holding.holds(link.target.kind);
                    open && link.waiting && room && passive && RX > 0 && link.lost == 0
                })
            })?;
        let max = usize::from(self.dialect.max_read);
        let entry = self.links.get_mut(usize::from(link))?;
        entry.waiting = false;
        // At most `max_read`, so the conversion keeps the value.
        let len = if entry.is_udp() {
            // Exactly one datagram: more would run into the next one, and of
            // one that is read in part the rest is gone.
            match usize::from(entry.announced) {
                0 => max as u16,
                announced => announced.min(max) as u16,
            }
        } else {
            entry.rx.free().min(max) as u16
        };
        entry.announced = 0;
        self.reading = Some((link, entry.generation));
        self.last_read = link;
        self.read_last = true;
        let job = Job::Read {
            link,
            wanted: len,
            got: 0,
        };
        Some(self.line.ask(job, &cmd::Receive { link, len }, now))
    }

    /// Asks for lengths, or for a sign of life, when a reader has waited long
    /// without any news.
    fn next_probe(&mut self, now: u64) -> Option<Exchange> {
        if now < self.probe_at() {
            return None;
        }
        for link in &mut self.links {
            link.news = now;
            link.wanted = false;
        }
        // Lengths do not tell whether a link still stands, nor who came.
        self.lengths_asked = (self.lengths_asked + 1) % LENGTHS_PER_STATUS;
        let peers_due = now >= self.server.due();
        if self.passive && self.lengths_asked != 0 && !peers_due {
            return Some(self.line.ask(Job::Lengths, &cmd::ReceiveLengths {}, now));
        }
        self.server.looked(now);
        Some(self.line.ask(Job::Status, &cmd::Status {}, now))
    }

    fn probe_at(&self) -> u64 {
        let interval = if self.passive {
            deadline::FORGOTTEN_DATA
        } else {
            deadline::SIGN_OF_LIFE
        };
        let mut at = self.server.due();
        for link in &self.links {
            if matches!(link.state, LinkState::Open) && link.wanted && link.rx.is_empty() {
                at = at.min(link.news.saturating_add(interval));
            }
        }
        at
    }

    /// The next moment at which something is due without anything happening.
    fn next_wake(&self, now: u64) -> u64 {
        match &self.exchange {
            Some(exchange) => match exchange.phase {
                Phase::Retry(at) => at,
                _ => exchange.deadline,
            },
            None if now < self.hold_until => self.hold_until,
            None if self.is_ready() => self.probe_at().min(self.reopening_at()),
            None => deadline::NEVER,
        }
    }
}
