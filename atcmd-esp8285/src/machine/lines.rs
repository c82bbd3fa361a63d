//! What the modem's lines say that are no results: unsolicited ones, and
//! those that belong to the reply under way.

use atat::AtatUrc;

use super::State;
use super::deadline;
use super::exchange::{Job, Reason};
use super::link::{Holding, State as LinkState};
use super::startup::{Life, Step};
use crate::at::parse::leading_number;
use crate::at::urc::Urc;
use crate::error::SocketError;
use crate::{Dialect, Event, Station};

impl<const RX: usize> State<RX> {
    /// A line that is not a result.
    pub(super) fn on_line(&mut self, line: &[u8], now: u64) {
        self.dirty = true;
        if let Some(exchange) = &mut self.exchange
            && matches!(exchange.job, Job::Control)
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
            // What is asked because of an echo may be echoed as well.
            let verifying = self.exchange.is_some_and(|e| e.job == Job::Verify);
            self.suspect |= self.life == Life::Ready && !verifying && self.is_own_command(line);
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
            Job::Server(_) if line == b"no change" => exchange.reason = Some(Reason::NoChange),
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
                if let Some(link) = self.link(link)
                    && !link.intruder
                {
                    link.waiting = true;
                    link.announced = u16::try_from(len).unwrap_or(u16::MAX);
                    link.news = now;
                }
                self.heard_passive();
            }
        }
    }

    fn on_closed(&mut self, id: u8, now: u64) {
        let holding = self.holding();
        let Some(link) = self.link(id) else { return };
        link.closed(holding, now);
        if matches!(link.state, LinkState::Ended) && link.wifi_lost {
            link.fail(SocketError::WifiLost);
        }
        // A send under way on a dead link ends in `SEND FAIL` or in silence.
        if let Some(exchange) = &mut self.exchange
            && matches!(exchange.job, Job::Send(of) if of == id)
        {
            exchange.limit = exchange.limit.min(now + deadline::SEND_AFTER_CLOSE);
            exchange.allow(exchange.deadline);
        }
    }

    fn on_version_line(&mut self, line: &[u8]) {
        // The lines after the first say other things, on NonOS even a wrong
        // version; 0.2x has just one line, which starts with a digit.
        // Whatever else starts with a digit is not it.
        let digits = line.len() >= 4 && line.iter().take(4).all(u8::is_ascii_digit);
        let bare = digits && line.first() == Some(&b'0') && !self.version_seen;
        let first = line.starts_with(b"AT version:") || bare;
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
        if values.iter().all(|b| *b != b',') {
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
}
