//! What the modem's lines mean for what is being asked of it.

use atat::{AtatUrc, InternalError};

use super::control::Progress;
use super::exchange::{Exchange, Job, Phase, Reason};
use super::link::{Holding, State as LinkState};
use super::startup::{Life, Step};
use super::{State, deadline};
use crate::at::digest::{Frame, FrameKind};
use crate::at::parse::leading_number;
use crate::at::urc::Urc;
use crate::error::{ModemError, SocketError};
use crate::{Dialect, Event, Station};

impl<const RX: usize> State<RX> {
    /// A line that is not a result.
    pub(super) fn on_line(&mut self, line: &[u8], now: u64) {
        self.dirty = true;
        if let Some(exchange) = &mut self.exchange
            && exchange.job == Job::Control
            && self.control.doubtful.take().is_some()
        {
            // The list goes on.
            exchange.deadline = now + self.control.timeout;
        }
        if self.control.is_rest_of_name(line) {
            return;
        }
        if let Some(urc) = Urc::parse(line) {
            debug!("< {:?}", urc);
            self.on_urc(urc, now);
            return;
        }
        // An echo: from before `ATE0` took effect, or from after a restart.
        if line.starts_with(b"AT") && !line.starts_with(b"AT version") {
            self.suspect |= self.life == Life::Ready && self.is_own_command(line);
            return;
        }
        let Some(exchange) = &mut self.exchange else {
            self.say_unknown(line);
            return;
        };
        match exchange.job {
            Job::Setup(Step::Version) => self.on_version_line(line),
            Job::Control => self.control.collect(line),
            Job::Lengths => self.on_lengths(line, now),
            Job::Status => {
                if !self.on_status_line(line, now)
                    && let Some(exchange) = &mut self.exchange
                {
                    exchange.noise += line.len();
                }
            }
            Job::Server(_) if line == b"we must restart" => {
                exchange.reason = Some(Reason::MustRestart);
                if self.dialect.server_stays {
                    // Nothing else will come.
                    self.exchange = None;
                    self.server_is_stuck();
                }
            }
            Job::Verify => {
                if line == b"+CIPMUX:0" {
                    exchange.reason = Some(Reason::NotNumbered);
                }
            }
            _ => match Reason::parse(line) {
                Some(Reason::NotNumbered) => self.suspect = true,
                Some(reason) => exchange.reason = Some(reason),
                None => {
                    exchange.noise += line.len();
                    self.say_unknown(line);
                }
            },
        }
    }

    /// A line that means nothing here.
    fn say_unknown(&self, line: &[u8]) {
        trace!("ignored {} bytes: {}", line.len(), self.veil.shown(line));
    }

    /// Whether an echoed line is the command under way.
    fn is_own_command(&self, line: &[u8]) -> bool {
        let Some(exchange) = &self.exchange else {
            return false;
        };
        let own = match exchange.job {
            Job::Control => &self.control.line,
            _ => self.line.bytes(),
        };
        own.strip_suffix(b"\r\n") == Some(line)
    }

    /// Whether the command under way has left for the modem.
    pub(super) fn is_command_written(&self) -> bool {
        self.exchange.is_none_or(|exchange| {
            let own = match exchange.job {
                Job::Control => self.control.line.len(),
                _ => self.line.bytes().len(),
            };
            exchange.out >= own
        })
    }

    fn on_urc(&mut self, urc: Urc, now: u64) {
        match urc {
            Urc::Ready => self.on_ready(now),
            Urc::WifiConnected => {
                self.station = Station::Associated;
                self.event(Event::WifiConnected);
            }
            Urc::WifiGotIp => {
                self.station = Station::Up;
                self.wifi_lost = false;
                self.event(Event::GotAddress);
            }
            Urc::WifiDisconnect => {
                self.station = Station::Down;
                self.wifi_lost = true;
                let holding = self.holding();
                for link in &mut self.links {
                    link.wifi_gone(holding, now);
                }
                self.event(Event::WifiDisconnected);
            }
            Urc::Connect(id) => self.on_connect(id, now),
            Urc::StationConnected(mac) => self.event(Event::StationConnected(mac)),
            Urc::StationAddress(mac, ip) => self.event(Event::StationGotAddress(mac, ip)),
            Urc::StationDisconnected(mac) => self.event(Event::StationDisconnected(mac)),
            Urc::Closed(id) => self.on_closed(id, now),
            Urc::DataWaiting { link, len } => {
                if let Some(link) = self.link(link) {
                    link.waiting = true;
                    link.announced = u16::try_from(len).unwrap_or(u16::MAX);
                    link.news = now;
                }
                // Only passive mode announces without data.
                self.passive |= self.is_ready();
            }
        }
    }

    fn on_closed(&mut self, id: u8, now: u64) {
        let holding = self.holding();
        let Some(link) = self.link(id) else { return };
        link.closed(holding, now);
        if link.state == LinkState::Ended && link.wifi_lost {
            link.fail(SocketError::WifiLost);
        }
        // A send under way on a dead link ends in `SEND FAIL` or in silence.
        if let Some(exchange) = &mut self.exchange
            && exchange.job == Job::Send(id)
        {
            exchange.limit = exchange.limit.min(now + deadline::SEND_AFTER_CLOSE);
            exchange.allow(exchange.deadline);
        }
    }

    fn on_version_line(&mut self, line: &[u8]) {
        // The lines after the first say other things, on NonOS even a wrong
        // version; 0.2x has just one line, which starts with a digit.
        let first = line.starts_with(b"AT version:") || line.first() == Some(&b'0');
        self.version_seen |= first;
        if first && self.config.dialect.is_none() {
            self.dialect = Dialect::from_version_line(line);
        }
    }

    /// `+CIPRECVLEN:a,b,c,d,e`.
    fn on_lengths(&mut self, line: &[u8], now: u64) {
        let Some(values) = line.strip_prefix(b"+CIPRECVLEN:") else {
            return;
        };
        // One number: links are not numbered any more.
        if !values.contains(&b',') {
            self.suspect = true;
            return;
        }
        for (link, value) in self.links.iter_mut().zip(values.split(|b| *b == b',')) {
            match leading_number(value) {
                Some((n, _)) if n > 0 => {
                    link.waiting = true;
                    link.announced = u16::try_from(n).unwrap_or(u16::MAX);
                }
                // ESP-AT up to 2.2.1 says -1 for a dead link: its `CLOSED`
                // was missed.
                None if value == b"-1" => link.closed(Holding::All, now),
                _ => {}
            }
        }
    }

    /// The modem wants the payload of a send.
    pub(super) fn on_prompt(&mut self, now: u64) {
        if self.is_booting() {
            return; // noise
        }
        if self.sync.is_some() && self.exchange.is_none_or(|e| e.job == Job::Sync) {
            // A late one, for a send that was given up.
            self.exchange = None;
            self.sync_escape(now);
            return;
        }
        let ok_first = self.dialect.ok_before_prompt;
        if let Some(exchange) = &mut self.exchange
            && matches!(exchange.job, Job::Send(_))
            && (exchange.phase == Phase::Prompt || (exchange.phase == Phase::Command && !ok_first))
        {
            exchange.phase = Phase::Payload;
            exchange.out = 0;
            exchange.allow(now + deadline::SEND_RESULT);
            self.dirty = true;
        }
    }

    /// `OK`, `ERROR`, `SEND OK`, `busy p...` and their kin.
    pub(super) fn on_result(&mut self, result: Result<&[u8], InternalError<'_>>, now: u64) {
        self.dirty = true;
        if self.swallow_ok && result == Ok(b"") {
            self.swallow_ok = false;
            return;
        }
        if self.sync.is_some() && self.exchange.is_none() {
            self.sync_noise(now);
            return;
        }
        let written = self.is_command_written();
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        match (exchange.phase, result) {
            // It cannot be about a command that is not out yet.
            (Phase::Command, _) if !written => {}
            // Late answers to something else, while nothing is asked.
            (Phase::Retry(_), _) => {}
            (Phase::Command, result) if exchange.job == Job::Control && self.control.is_torn() => {
                // The end of the list, or a part of somebody's network name.
                if let Ok(b"") | Err(InternalError::Error) = result {
                    let result = result.map(drop).map_err(|_| ModemError::Rejected);
                    self.control.doubtful = Some(result);
                    exchange.deadline = now + deadline::LIST_SECOND_THOUGHT;
                }
            }
            (Phase::Command, Err(InternalError::Custom(text))) if text.starts_with(b"busy") => {
                self.on_busy(now);
            }
            (Phase::Command, Ok(b"")) => self.on_ok(now),
            (Phase::Command, Err(InternalError::Error)) => self.on_error(now),
            (Phase::Prompt, Err(InternalError::Error)) => self.send_over(false, now),
            (Phase::SendResult | Phase::SecondThought, Ok(b"SEND OK")) => {
                self.send_over(true, now);
            }
            (Phase::Payload, Err(InternalError::Custom(b"SEND FAIL"))) => {
                // The modem still swallows the rest of the payload.
                exchange.limit = exchange.limit.min(now + deadline::SEND_AFTER_CLOSE);
                exchange.allow(exchange.deadline);
            }
            (Phase::SendResult, Err(InternalError::Custom(b"SEND FAIL"))) => {
                exchange.phase = Phase::SecondThought;
                exchange.deadline = now + deadline::SEND_SECOND_THOUGHT;
            }
            (Phase::SendResult, Err(InternalError::Error))
            | (Phase::Payload | Phase::SendResult, Err(InternalError::Custom(b"SEND Canceled"))) => {
                self.send_over(false, now);
            }
            _ => {}
        }
    }

    /// The command was not taken: offer it again.
    fn on_busy(&mut self, now: u64) {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        trace!("the modem is busy: {:?} has to wait", exchange.job);
        if exchange.job == Job::Sync {
            self.exchange = None;
            self.sync_busy(now);
        } else if exchange.job == Job::Serial && self.serial.is_proving() {
            self.exchange = None;
            self.serial_answered(now);
        } else if now < exchange.patience {
            exchange.retry(now + deadline::BUSY_RETRY);
        } else {
            self.on_timeout(now);
        }
    }

    fn on_ok(&mut self, now: u64) {
        let Some(exchange) = &mut self.exchange else {
            return;
        };
        match exchange.job {
            Job::Send(_) => {
                exchange.phase = Phase::Prompt;
                return;
            }
            Job::Sync => {
                self.exchange = None;
                self.sync_answered(now);
                return;
            }
            Job::Escape => {}
            Job::Setup(step) => {
                self.exchange = None;
                self.setup_result(step, true, now);
                return;
            }
            Job::Control => self.control_over(Ok(()), now),
            Job::Serial => {
                self.exchange = None;
                self.serial_answered(now);
                return;
            }
            Job::Restart => {
                self.exchange = None;
                self.restart_answered(Ok(()), now);
                return;
            }
            Job::Connect(id) => {
                if let Some(link) = self.link(id) {
                    // Also when it was given up meanwhile: now it is known
                    // what there is to close.
                    link.unsure = false;
                    link.reopening = false;
                    link.news = now;
                    link.since = now;
                    if matches!(link.state, LinkState::Opening { .. }) {
                        link.state = LinkState::Open;
                    }
                }
            }
            Job::Read { link, wanted, got } => {
                let noise = exchange.noise;
                if got == 0 && noise > 0 {
                    // A damaged header: its data went by as text.
                    self.lose(link, noise);
                }
                self.read_over(link, wanted, got);
            }
            Job::Lengths => {}
            Job::Verify => {
                if exchange.reason == Some(Reason::NotNumbered) {
                    self.on_ready(now);
                    return;
                }
            }
            Job::Close(id) => self.link_gone(id),
            Job::CloseMode(id, mode) => self.close_mode(id, mode),
            Job::Prepare(id, preparation) => self.prepared(id, preparation, true),
            Job::Server(step) => self.server_result(step, true, now),
            Job::Status => {
                let exchange = *exchange;
                self.status_over(&exchange, now);
            }
        }
        self.exchange = None;
    }

    fn on_error(&mut self, now: u64) {
        let Some(exchange) = self.exchange.take() else {
            return;
        };
        debug!("refused: {:?}", exchange.job);
        match exchange.job {
            Job::Sync => self.sync_rejected(now),
            Job::Escape | Job::Lengths | Job::Verify => {}
            Job::Setup(step) => self.setup_result(step, false, now),
            Job::Control => self.control_over(Err(ModemError::Rejected), now),
            Job::Serial => self.serial_rejected(now),
            Job::Restart => self.restart_answered(Err(ModemError::Rejected), now),
            Job::Connect(id) => self.connect_failed(id, &exchange, now),
            Job::Send(_) => {
                self.exchange = Some(exchange);
                self.send_over(false, now);
            }
            Job::Read { link, .. } => {
                // Nothing is there: on ESP-AT that is how it says so. After
                // a restart it means something else.
                let suspect = self.suspect;
                if let Some(link) = self.link(link) {
                    link.waiting = suspect;
                }
                if !suspect {
                    self.drained(link);
                }
            }
            Job::Close(id) => self.link_gone(id),
            Job::CloseMode(id, mode) => self.close_mode(id, mode),
            Job::Prepare(id, preparation) => self.prepared(id, preparation, false),
            Job::Server(step) => self.server_result(step, false, now),
            Job::Status => {
                // No list: nothing follows from what is not in it.
                let exchange = Exchange {
                    noise: 1,
                    ..exchange
                };
                self.status_over(&exchange, now);
            }
        }
    }

    fn connect_failed(&mut self, id: u8, exchange: &Exchange, now: u64) {
        let took = now.saturating_sub(exchange.began);
        let up = self
            .link(id)
            .is_some_and(|link| link.state == LinkState::Opening { up: true });
        // ESP-AT gives no reason; then the `CONNECT` before says it.
        let taken = match exchange.reason {
            Some(Reason::AlreadyConnected) => true,
            Some(_) => false,
            None => up && self.dialect.sysstore,
        };
        if taken && up && self.taken_by_peer(id, now) {
            return;
        }
        let error = match exchange.reason {
            // An earlier session's link, which this driver knows nothing of:
            // close it, and the scheduler asks again.
            Some(Reason::AlreadyConnected) => {
                let again = self.link(id).is_some_and(|link| {
                    let first = !core::mem::replace(&mut link.unsure, true);
                    let opening = matches!(link.state, LinkState::Opening { .. });
                    if first && opening {
                        link.state = LinkState::Wanted;
                    }
                    first && opening
                });
                if again {
                    self.exchange = Some(self.line.close(id, now));
                    return;
                }
                SocketError::Refused
            }
            Some(Reason::NoAddress) => SocketError::NoAddress,
            _ if took >= deadline::CONNECT_REFUSED_WITHIN => SocketError::TimedOut,
            _ => SocketError::Refused,
        };
        // ESP-AT gives no reasons: it may have the link open already.
        let unsure = self.dialect.sysstore;
        if let Some(link) = self.link(id) {
            link.unsure |= unsure;
            match link.state {
                LinkState::Closing if unsure => {}
                // It was up, and the peer has closed it already.
                LinkState::Draining | LinkState::Ended => {}
                _ => link.fail(error),
            }
        }
    }

    /// A link the modem does not know any more.
    fn link_gone(&mut self, id: u8) {
        if let Some(link) = self.link(id) {
            if link.state == LinkState::Closing {
                link.release();
            }
            link.intruder = false;
        }
    }

    /// How a link is closed has been set, or cannot be.
    pub(super) fn close_mode(&mut self, id: u8, mode: bool) {
        if let Some(link) = self.link(id) {
            link.breaks_off = mode;
        }
    }

    /// A read brought `got` of the `wanted` bytes.
    fn read_over(&mut self, id: u8, wanted: u16, got: u16) {
        let more = got == wanted && !self.dialect.announces_rest;
        if let Some(link) = self.link(id) {
            // News that came meanwhile stays; a closed link is read to its end.
            link.waiting |= more || link.state == LinkState::Draining;
        }
        if got == 0 {
            self.drained(id);
        }
    }

    fn drained(&mut self, id: u8) {
        if let Some(link) = self.link(id)
            && link.state == LinkState::Draining
        {
            link.waiting = false;
            link.drained();
            if link.wifi_lost {
                link.fail(SocketError::WifiLost);
            }
        }
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

    pub(super) fn control_over(&mut self, result: Result<(), ModemError>, now: u64) {
        if self.control.progress == Progress::Running {
            self.control.done(result, now);
        }
    }

    /// The send under way is over.
    pub(super) fn send_over(&mut self, delivered: bool, now: u64) {
        self.exchange = None;
        let Some(id) = self.staging.owner() else {
            return;
        };
        if !delivered {
            warning!("link {}: a send failed", id);
        }
        self.staging.free(now);
        if !delivered && let Some(link) = self.link(id) {
            link.send_failed = true;
        }
    }

    /// The modem can no longer be talked to: tell everybody.
    pub(super) fn gone(&mut self, error: ModemError, now: u64) {
        warning!("the modem is given up: {:?}", error);
        self.exchange = None;
        self.sync = None;
        self.life = Life::Off;
        self.serial.gone(error);
        self.start_error = Some(error);
        self.station = Station::Down;
        self.lose_session(error, now);
        match self.control.progress {
            Progress::Queued | Progress::Running => self.control.done(Err(error), now),
            _ => {}
        }
        self.dirty = true;
    }

    /// Every link is gone, and what was being sent with it.
    pub(super) fn lose_session(&mut self, error: ModemError, now: u64) {
        for link in &mut self.links {
            if link.state != LinkState::Wanted || error != ModemError::Restarted {
                link.fail(SocketError::Modem(error));
            }
        }
        if self.staging.owner().is_some() {
            self.staging.free(now);
        }
        self.reading = None;
    }
}
