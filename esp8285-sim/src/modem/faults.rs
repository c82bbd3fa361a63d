//! Where the modem's own faults strike, and what they look like.

use std::collections::BTreeMap;

use super::boot::Cause;
use super::links::Kind;
use super::timers::Timer;
use super::{Activity, LINKS, Modem};
use crate::dialect::Dialect;
use crate::fault::{Clock, Dice, Fault, Faults};

/// Most bytes of noise a dip of the supply puts on the line.
const DIP_NOISE: usize = 16;

/// The faults that were asked for, as far as the firmware can have them.
#[derive(Debug, Default)]
pub(super) struct Trouble {
    faults: Faults,
    dice: BTreeMap<Fault, Dice>,
    reset: Option<Clock>,
    wifi: Option<Clock>,
    /// How often the faults have been set.
    revision: u64,
}

impl Trouble {
    fn new(faults: Faults, dialect: Dialect, now: u64, revision: u64) -> Self {
        let possible = Fault::ALL
            .iter()
            .filter(|fault| !fault.is_of_the_line() && fault.is_possible_on(dialect));
        Self {
            dice: possible
                .filter_map(|&fault| Some((fault, faults.dice(fault)?)))
                .collect(),
            reset: faults.clock(Fault::Reset, now),
            wifi: faults.clock(Fault::WifiDrop, now),
            faults,
            revision,
        }
    }

    /// When one happens by itself.
    pub(super) fn next(&self) -> Option<u64> {
        let clocks = [&self.reset, &self.wifi];
        clocks.into_iter().flatten().map(Clock::next_us).min()
    }

    /// Takes what happens by itself now.
    pub(super) fn pop_due(&mut self, now: u64) -> Option<Fault> {
        let clocks = [
            (Fault::Reset, &mut self.reset),
            (Fault::WifiDrop, &mut self.wifi),
        ];
        for (fault, clock) in clocks {
            if clock.as_mut().is_some_and(|clock| clock.strikes(now)) {
                return Some(fault);
            }
        }
        None
    }
}

impl Modem {
    /// With faults from the start.
    #[must_use]
    pub fn with_faults(mut self, faults: Faults) -> Self {
        self.set_faults(faults);
        self
    }

    /// Replaces the faults from now on; every sequence of chances starts anew.
    ///
    /// Faults of the line work where there is a line: on a [`Bench`](crate::Bench) or [`live`](crate::live).
    pub fn set_faults(&mut self, faults: Faults) {
        let revision = self.trouble.revision + 1;
        self.trouble = Trouble::new(faults, self.dialect, self.now, revision);
    }

    /// The faults it was given.
    pub fn faults(&self) -> &Faults {
        &self.trouble.faults
    }

    /// How often the faults have been set.
    pub(crate) fn faults_revision(&self) -> u64 {
        self.trouble.revision
    }

    /// Whether a fault happens on this occasion.
    pub(super) fn strikes(&mut self, fault: Fault) -> bool {
        self.trouble.dice.get_mut(&fault).is_some_and(Dice::strikes)
    }

    /// A number below `limit`, from the sequence of a fault that has struck.
    fn draw(&mut self, fault: Fault, limit: usize) -> usize {
        let dice = self.trouble.dice.get_mut(&fault);
        dice.map_or(0, |dice| dice.below(limit))
    }

    /// Something happens by itself.
    pub(super) fn fault_happens(&mut self, fault: Fault) {
        match fault {
            Fault::Reset if !matches!(self.activity, Activity::Down) => self.reset(),
            Fault::WifiDrop => {
                let away = self.trouble.faults.lasts_us(fault);
                self.lose_access_point(away);
            }
            _ => {}
        }
    }

    /// A message of the kind that comes at any time may come now.
    pub(super) fn stray_message(&mut self, point: Fault) {
        if !self.strikes(point) {
            return;
        }
        let candidates = self.possible_messages();
        let chosen = self.draw(point, candidates.len());
        if let Some(text) = candidates.get(chosen) {
            self.print(text);
        }
    }

    /// What could be said now and leaves everything as it is.
    fn possible_messages(&self) -> Vec<String> {
        let mut all = Vec::new();
        if self.profile.wifi_messages && self.station.joined().is_some() {
            // A renewed lease.
            all.push("WIFI GOT IP\r\n".to_owned());
        }
        if !self.reports_links()
            && self.server.is_some()
            && let Some(link) = self.link_for_client()
        {
            // A client that comes and goes.
            all.push(format!("{link},CONNECT\r\n{link},CLOSED\r\n"));
        }
        if self.profile.station_messages && self.kept.has_ap() {
            // A station that comes and goes.
            let mac = "02:1a:11:28:5e:51";
            all.push(format!(
                "+STA_CONNECTED:\"{mac}\"\r\n+STA_DISCONNECTED:\"{mac}\"\r\n"
            ));
        }
        all
    }

    /// NonOS echoes byte by byte, so that a message can stand between any two.
    pub(super) fn print_echo(&mut self, bytes: &[u8]) {
        if bytes.len() < 2 || !self.strikes(Fault::UrcInEcho) {
            self.print(bytes);
            return;
        }
        let at = 1 + self.draw(Fault::UrcInEcho, bytes.len() - 1);
        let (before, behind) = bytes.split_at(at.min(bytes.len()));
        let candidates = self.possible_messages();
        let chosen = self.draw(Fault::UrcInEcho, candidates.len());
        self.print(before);
        if let Some(text) = candidates.get(chosen) {
            self.print(text);
        }
        self.print(behind);
    }

    /// OK and prompt are two writes, and messages can come between and behind.
    pub(super) fn print_prompt(&mut self) {
        const OK: &str = "OK\r\n";
        let prompt = self.profile.prompt;
        let ok = prompt.find(OK).map(|at| at + OK.len());
        let (ok, prompt) = prompt.split_at(ok.unwrap_or(0));
        if !ok.is_empty() {
            self.print_line(ok);
            self.stray_message(Fault::UrcBeforePrompt);
        }
        self.print(prompt);
        self.stray_message(Fault::UrcAfterPrompt);
    }

    /// A whole line, unless it gets lost.
    pub(super) fn print_line(&mut self, text: impl AsRef<[u8]>) {
        if !self.strikes(Fault::LostLine) {
            self.print(text);
        }
    }

    /// A line of the log port, where it shares the AT port's UART.
    pub(super) fn log_line(&mut self, text: impl AsRef<str>) {
        if self.strikes(Fault::LogLines) {
            self.print(format!("{}\r\n", text.as_ref()));
        }
    }

    /// The radio transmits at full power; a weak supply may dip.
    pub(super) fn radio_transmits(&mut self) {
        if self.strikes(Fault::Brownout) {
            self.timers.set(self.now, Timer::Brownout);
        }
    }

    /// The supply has dipped.
    pub(super) fn brownout(&mut self) {
        let dice = self.trouble.dice.get_mut(&Fault::Brownout);
        let noise = dice.map_or_else(Vec::new, |dice| dice.noise(DIP_NOISE));
        self.restart_with_noise(Cause::Power, &noise);
    }

    /// How much later the result of a send comes, if this one is late.
    pub(super) fn send_is_late(&mut self) -> Option<u64> {
        let late = self.strikes(Fault::LateSend);
        late.then(|| self.trouble.faults.lasts_us(Fault::LateSend))
    }

    /// The peer may end the connection right behind its data.
    pub(super) fn may_half_close(&mut self, index: usize) {
        let standing = self
            .open_link(index)
            .is_some_and(|link| link.takes_finish());
        if standing && self.strikes(Fault::HalfClose) {
            self.peer_finished(index, false);
        }
    }

    /// ESP-AT: the rest of an ended link may be lost when it is asked for.
    pub(super) fn unread_data_is_lost(&mut self, index: usize) -> bool {
        let ended = self
            .open_link(index)
            .is_some_and(|link| link.finished && link.kind != Kind::Udp);
        let lost = ended && index < LINKS && self.strikes(Fault::UnreadClose);
        if lost && let Some(Some(link)) = self.links.get_mut(index) {
            link.received.clear();
            link.overhead = 0;
        }
        lost
    }
}
