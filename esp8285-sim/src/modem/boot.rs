//! Restarts: what survives, and what the ROM prints at its own baud rate.

use super::settings::Session;
use super::station::REASON_LEFT;
use super::timers::Timer;
use super::{Activity, Modem};

/// The ROM's baud rate with the usual crystal.
const ROM_BAUD: u32 = 74_880;

/// What the SDK prints while it calibrates its radio; no text at any rate.
const CALIBRATION: &[u8] =
    b"rf cal sector: 251\r\n\xff\x00r\xfcl\x9c\x9e|\x00\x8cl\x0e|\x02\x0c\x0c\x0c\xecb|\x8e\n";

/// Why the chip resets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cause {
    /// On command.
    Software,
    /// The supply was too low.
    Power,
    /// The EN pin.
    Pin,
    /// The watchdog.
    Watchdog,
}

impl Cause {
    fn text(self) -> &'static str {
        match self {
            Cause::Software | Cause::Power => " ets Jan  8 2013,rst cause:1, boot mode:(3,7)\r\n",
            Cause::Pin => " ets Jan  8 2013,rst cause:2, boot mode:(3,0)\r\n",
            Cause::Watchdog => " ets Jan  8 2013,rst cause:4, boot mode:(3,7)\r\n\r\nwdt reset\r\n",
        }
    }
}

impl Modem {
    /// Resets by itself, in the middle of whatever it is doing, as a watchdog does.
    pub fn reset(&mut self) {
        self.restart_because(Cause::Watchdog);
    }

    /// Resets as by a low pulse on the EN pin.
    pub fn pulse_enable(&mut self) {
        self.restart_because(Cause::Pin);
    }

    /// A command has been answered; the restart follows when the answer is out.
    pub(super) fn begin_restart(&mut self, cause: Cause) {
        self.activity = Activity::Restarting { cause };
        self.timers.set(
            self.sent_at() + self.profile.restart_delay_us,
            Timer::Restart,
        );
    }

    pub(super) fn restart(&mut self) {
        let cause = match self.activity {
            Activity::Restarting { cause } => {
                self.say_goodbye();
                cause
            }
            _ => Cause::Pin,
        };
        self.restart_because(cause);
    }

    /// NonOS still reports what the restart takes away.
    fn say_goodbye(&mut self) {
        if self.nonos() {
            self.close_all_links();
            if self.station.joined().is_some() {
                self.disconnect_message(REASON_LEFT);
            }
        }
    }

    fn restart_because(&mut self, cause: Cause) {
        self.restart_with_noise(cause, b"");
    }

    /// As the levels on the line follow the supply, a dip shows there as bytes.
    pub(super) fn restart_with_noise(&mut self, cause: Cause, noise: &[u8]) {
        if cause != Cause::Software {
            self.tx.cut(self.now_ns());
        }
        self.print(noise);
        self.drop_links_silently();
        self.station.forget();
        self.guests.clear();
        self.timers.clear();
        self.forget_line();
        self.session = Session::new(self.profile);
        self.kept = self.flash.clone();
        self.activity = Activity::Down;
        self.baud = ROM_BAUD;
        self.flow = 0;
        self.stalled = false;
        let boot_text = self.profile.boot_text;
        self.print("\r\n");
        self.print(cause.text());
        self.print(boot_text);
        self.print(CALIBRATION);
        self.baud = self.kept.uart.baud;
        let text_out = self.sent_at();
        self.timers
            .set(text_out.max(self.now + self.profile.boot_us), Timer::Ready);
    }

    pub(super) fn boot_finished(&mut self) {
        self.activity = Activity::Idle;
        self.flow = self.kept.uart.flow;
        self.print("\r\nready\r\n");
        self.join_stored();
    }
}
