//! The serial line: another rate, the proof that it works, and the way back.
//!
//! Everything here goes on by itself once it has begun; a caller only asks how
//! it went. The host's own UART is switched by the shell: it looks at
//! [`Serial::due`] and answers with [`Machine::serial_set`].

use embedded_io::ErrorKind;

use super::exchange::{Exchange, Job};
use super::link::State as LinkState;
use super::{Machine, Outcome, State, deadline};
use crate::at::command as cmd;
use crate::error::ModemError;
use crate::system::{BaudError, FlowControl, SerialMode};
use crate::{Capability, Event};

/// The proof fails after this many unanswered `AT`.
const PROOF_TRIES: u8 = 3;
/// How often the modem is called back from a rate that did not work.
const CALLS_BACK: u8 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Idle,
    /// `AT+UART_CUR` is due.
    Wanted,
    /// It has been sent.
    Asked,
    /// Silence, then the host changes over; whether on the way back, and the
    /// how manieth call that was.
    Moving(SerialMode, Back),
    /// The host is about to change over.
    Setting(SerialMode, Back),
    /// `AT` until it answers, so many are out.
    Proving(Back, u8),
    /// `AT+UART_CUR` with the old rate, at the new one: the answer may be
    /// unreadable, so none is needed.
    Calling(u8),
}

/// On the way back, the number of the call; `None` on the way there.
type Back = Option<u8>;

/// Both ends of the line.
#[derive(Debug)]
pub(crate) struct Serial {
    /// Where the modem starts.
    home: SerialMode,
    /// Where the host is.
    host: SerialMode,
    /// Where the modem was last known to be.
    modem: SerialMode,
    /// Where both are to be after a restart, too.
    wanted: SerialMode,
    /// Where the switch under way leads.
    target: SerialMode,
    phase: Phase,
    /// A caller waits for the outcome.
    asked: bool,
    outcome: Option<Result<(), BaudError>>,
    due: Option<SerialMode>,
}

impl Serial {
    pub(super) const fn new(baud: u32) -> Self {
        let home = SerialMode {
            baud,
            flow: FlowControl::None,
        };
        Self {
            home,
            host: home,
            modem: home,
            wanted: home,
            target: home,
            phase: Phase::Idle,
            asked: false,
            outcome: None,
            due: None,
        }
    }

    /// What the host's UART has to be set to, if it has to be.
    #[inline]
    pub(crate) fn due(&self) -> Option<SerialMode> {
        self.due
    }

    /// Where the host is now.
    pub(crate) fn host(&self) -> SerialMode {
        self.host
    }

    /// The modem would be somewhere else after a restart.
    #[inline]
    pub(super) fn is_away(&self) -> bool {
        self.host != self.home
    }

    /// A switch is under way: nothing else may be asked.
    pub(super) fn is_moving(&self) -> bool {
        !matches!(self.phase, Phase::Idle | Phase::Wanted)
    }

    /// Any answer at all proves that the line works.
    pub(super) fn is_proving(&self) -> bool {
        matches!(self.phase, Phase::Proving(..))
    }

    fn end(&mut self, outcome: Result<(), BaudError>) {
        self.phase = Phase::Idle;
        if core::mem::take(&mut self.asked) {
            self.outcome = Some(outcome);
        }
    }

    fn move_host(&mut self, to: SerialMode) {
        self.due = (to != self.host).then_some(to);
    }

    /// The modem restarts, or has: it is where it starts.
    pub(super) fn restarting(&mut self) {
        self.end(Err(BaudError::Modem(ModemError::Restarted)));
        self.modem = self.home;
        self.move_host(self.home);
    }

    /// Factory settings: that includes the rate.
    pub(super) fn forget(&mut self) {
        self.home = SerialMode::from(115_200);
        self.wanted = self.home;
    }

    /// `ready` could be read: the modem is where the host is.
    pub(super) fn heard_ready(&mut self) {
        self.end(Err(BaudError::Modem(ModemError::Restarted)));
        self.modem = self.host;
        self.due = None;
    }

    /// The modem cannot be found.
    pub(super) fn gone(&mut self, error: ModemError) {
        self.end(Err(BaudError::Modem(error)));
    }

    /// Looks at the other of the two rates at which a modem can be that may
    /// have restarted. Says whether there is one.
    pub(super) fn look_elsewhere(&mut self) -> bool {
        let other = if self.host == self.home {
            self.wanted
        } else {
            self.home
        };
        self.move_host(other);
        self.due.is_some()
    }

    /// The modem has answered. Says whether it must have restarted to be here.
    pub(super) fn found(&mut self) -> bool {
        core::mem::replace(&mut self.modem, self.host) != self.host
    }
}

impl<const RX: usize> State<RX> {
    /// Switches both ends of the line, and finds out whether that worked.
    pub(crate) fn switch_baud(&mut self, mode: SerialMode, now: u64) -> Outcome<(), BaudError> {
        // One that nobody came back for is about another mode.
        if let Some(outcome) = self.serial.outcome.take()
            && self.serial.target == mode
        {
            if self.is_off() {
                // Told now.
                self.start_error = None;
            }
            return outcome.map(Some);
        }
        if self.serial.asked {
            return Ok(None);
        }
        self.require(Capability::SerialLine)?;
        if !self.is_ready() {
            if let Some(error) = self.take_start_error() {
                return Err(error.into());
            }
            self.start(now);
            return Ok(None);
        }
        if !matches!(self.serial.phase, Phase::Idle) {
            // The rate from before a restart is being restored.
            return Ok(None);
        }
        let max = self.dialect.max_baud;
        if !(SerialMode::MIN_BAUD..=max).contains(&mode.baud) {
            return Err(BaudError::InvalidRate { max });
        }
        self.serial.target = mode;
        self.serial.phase = Phase::Wanted;
        self.serial.asked = true;
        self.dirty = true;
        Ok(None)
    }

    /// After the set-up: back to the rate from before the restart.
    pub(super) fn restore_rate(&mut self) {
        if self.serial.wanted != self.serial.modem && matches!(self.serial.phase, Phase::Idle) {
            self.serial.target = self.serial.wanted;
            self.serial.phase = Phase::Wanted;
        }
    }

    /// The first command of a switch, when one is wanted.
    pub(super) fn serial_wanted(&mut self, now: u64) -> Option<Exchange> {
        if !matches!(self.serial.phase, Phase::Wanted) {
            return None;
        }
        self.serial.phase = Phase::Asked;
        Some(self.ask_for(self.serial.target, now))
    }

    fn ask_for(&mut self, mode: SerialMode, now: u64) -> Exchange {
        let command = cmd::SetSerial {
            baud: mode.baud,
            flow: mode.flow as u8,
        };
        self.line.ask(Job::Serial, &command, now)
    }

    /// The next step of a switch under way.
    pub(super) fn serial_next(&mut self, now: u64) -> Option<Exchange> {
        match self.serial.phase {
            Phase::Moving(to, back) => {
                self.serial.phase = Phase::Setting(to, back);
                self.serial.due = Some(to);
                None
            }
            Phase::Proving(back, tries) => {
                self.serial.phase = Phase::Proving(back, tries.saturating_add(1));
                let mut exchange = self.line.ask(Job::Serial, &cmd::Attention {}, now);
                exchange.deadline = now + deadline::BAUD_TRY;
                Some(exchange)
            }
            Phase::Calling(_) => {
                let mut exchange = self.ask_for(self.serial.modem, now);
                exchange.deadline = now + deadline::BAUD_TRY;
                Some(exchange)
            }
            _ => None,
        }
    }

    fn serial_move(&mut self, to: SerialMode, back: Back, now: u64) {
        self.serial.phase = Phase::Moving(to, back);
        self.hold_until = now + deadline::BAUD_SETTLE;
        self.dirty = true;
    }

    /// `OK`, or `busy`, which proves as much.
    pub(super) fn serial_answered(&mut self, now: u64) {
        match self.serial.phase {
            Phase::Asked => self.serial_move(self.serial.target, None, now),
            Phase::Calling(calls) => self.serial_move(self.serial.modem, Some(calls), now),
            Phase::Proving(back, _) => {
                self.serial.modem = self.serial.host;
                self.serial_over(back.is_none());
            }
            _ => {}
        }
    }

    /// `ERROR`.
    pub(super) fn serial_rejected(&mut self, now: u64) {
        match self.serial.phase {
            Phase::Asked => self.serial_failed(BaudError::Modem(ModemError::Rejected)),
            // It listens, but our line got stuck to what came before it.
            Phase::Proving(..) | Phase::Calling(_) => self.serial_unanswered(now),
            _ => {}
        }
    }

    /// Silence.
    pub(super) fn serial_unanswered(&mut self, now: u64) {
        self.dirty = true;
        match self.serial.phase {
            // Whether it has switched is unknown.
            Phase::Asked => self.serial_move(self.serial.target, None, now),
            Phase::Proving(_, tries) if tries < PROOF_TRIES => {}
            Phase::Proving(None, _) => self.serial.phase = Phase::Calling(1),
            Phase::Proving(Some(calls), _) if calls < CALLS_BACK => {
                self.serial_move(self.serial.target, Some(calls), now);
            }
            Phase::Proving(Some(_), _) => self.gone(ModemError::NoReply, now),
            Phase::Calling(calls) => self.serial_move(self.serial.modem, Some(calls), now),
            _ => {}
        }
    }

    fn serial_over(&mut self, there: bool) {
        // What the modem said during the change-over may have been lost.
        for link in &mut self.links {
            link.waiting |= self.passive && matches!(link.state, LinkState::Open) && !link.is_udp();
        }
        if there {
            self.serial.wanted = self.serial.target;
            self.serial.end(Ok(()));
        } else {
            self.serial_failed(BaudError::NotVerified);
        }
        self.dirty = true;
    }

    /// The line stays where it was.
    fn serial_failed(&mut self, error: BaudError) {
        if !self.serial.asked {
            self.event(Event::BaudNotRestored);
            self.serial.wanted = self.serial.modem;
        }
        self.serial.end(Err(error));
    }

    fn serial_changed(&mut self, result: Result<(), ErrorKind>) {
        let Some(to) = self.serial.due.take() else {
            return;
        };
        self.dirty = true;
        let phase = self.serial.phase;
        match result {
            Ok(()) => self.serial.host = to,
            Err(kind) => {
                if matches!(phase, Phase::Setting(..)) {
                    self.serial_failed(BaudError::Uart(kind));
                    // It may have switched without us.
                    self.suspect = true;
                }
                return;
            }
        }
        if let Phase::Setting(_, back) = phase {
            self.serial.phase = match back {
                Some(calls) if to != self.serial.modem => Phase::Calling(calls + 1),
                _ => Phase::Proving(back, 0),
            };
        }
    }
}

impl<const RX: usize> Machine<RX> {
    /// The host's UART has been set to what was due, or could not be.
    pub(crate) fn serial_set(&mut self, result: Result<(), ErrorKind>, now: u64) {
        self.line_changed(now);
        self.state.serial_changed(result);
    }

    /// The port reported noise: away from the rate at which the modem starts,
    /// that may be a modem that has started.
    pub(crate) fn line_noise(&mut self) {
        let serial = &self.state.serial;
        if serial.is_away() && !serial.is_moving() && self.state.is_ready() {
            self.state.suspect = true;
            self.state.dirty = true;
        }
    }
}
