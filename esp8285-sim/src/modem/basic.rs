//! Commands about the modem itself.

use super::boot::Cause;
use super::call::{Call, Form};
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};
use super::settings::{Kept, Uart};
use super::table::{self, Scope};
use super::timers::Timer;
use super::{Activity, Modem};
use crate::line::NANOS;

impl Modem {
    /// Whether a setting of that scope reaches flash.
    fn persists(&self, scope: Scope) -> bool {
        match scope {
            Scope::Plain => self.nonos() || self.session.store,
            Scope::Current => false,
            Scope::Default => true,
        }
    }

    /// Changes a setting, in flash too if the scope says so.
    pub(super) fn keep(&mut self, scope: Scope, change: impl Fn(&mut Kept)) {
        change(&mut self.kept);
        if self.persists(scope) {
            change(&mut self.flash);
        }
    }

    pub(super) fn cmd_at(&mut self, call: &Call<'_>) -> Outcome {
        match call.form {
            Form::Execute => Ok(Done::Ok),
            _ => Err(PLAIN),
        }
    }

    pub(super) fn cmd_echo(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(1..=1)?;
        self.session.echo = args.number::<u8>(0, 0..=1)? == 1;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_version(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        for line in self.profile.version {
            self.line(line);
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_reset(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        self.print_ok();
        self.begin_restart(Cause::Software);
        Ok(Done::Later)
    }

    pub(super) fn cmd_restore(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        self.flash = Kept::factory(self.profile);
        self.print_ok();
        self.begin_restart(Cause::Software);
        Ok(Done::Later)
    }

    pub(super) fn cmd_deep_sleep(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(1..=1)?;
        let ms: u64 = args.number(0, 0..=i64::from(u32::MAX))?;
        self.line(ms.to_string());
        self.print_ok();
        self.drop_links_silently();
        self.station.forget();
        self.guests.clear();
        self.timers.clear();
        self.activity = Activity::Down;
        if ms > 0 {
            self.timers.set(self.sent_at() + ms * 1_000, Timer::Restart);
        }
        Ok(Done::Later)
    }

    pub(super) fn cmd_sleep(&mut self, call: &Call<'_>) -> Outcome {
        let deepest = if self.nonos() { 2 } else { 3 };
        match &call.form {
            Form::Query => self.line(format!("{}:{}", call.name, self.session.sleep)),
            Form::Set(args) => {
                args.count(1..=1)?;
                self.session.sleep = args.number(0, 0..=deepest)?;
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_uart(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let uart = if call.scope == Scope::Default {
                    self.flash.uart
                } else {
                    self.kept.uart
                };
                let Uart {
                    data_bits,
                    stop_bits,
                    parity,
                    flow,
                    ..
                } = uart;
                let baud = uart.divided_baud();
                self.print(format!(
                    "{}:{baud},{data_bits},{stop_bits},{parity},{flow}",
                    call.name
                ));
                if !self.nonos() {
                    self.print("\r\n");
                }
            }
            Form::Set(args) => {
                args.count(5..=5)?;
                let (slowest, fastest) = self.profile.bauds;
                let uart = Uart {
                    baud: args.number(0, slowest..=fastest)?,
                    data_bits: args.number(1, 5..=8)?,
                    stop_bits: args.number(2, 1..=3)?,
                    parity: args.number(3, 0..=2)?,
                    flow: args.number(4, 0..=3)?,
                };
                self.keep(call.scope, |kept| kept.uart = uart);
                return self.change_baud();
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    /// The old way to set the baud rate, and nothing else of the UART.
    pub(super) fn cmd_baud(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(1..=1)?;
        let (slowest, fastest) = self.profile.bauds;
        let baud = args.number(0, slowest..=fastest)?;
        self.keep(Scope::Default, |kept| kept.uart.baud = baud);
        self.change_baud()
    }

    /// Says OK at the old rate, and changes to the new one.
    fn change_baud(&mut self) -> Outcome {
        self.print_ok();
        self.activity = Activity::Idle;
        self.timers
            .set(self.sent_at() + self.profile.baud_delay_us, Timer::Baud);
        Ok(Done::Later)
    }

    /// Every command there is, and which of test, query, set and execute it has.
    pub(super) fn cmd_commands(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        for (index, (name, uses)) in table::list(self.profile).into_iter().enumerate() {
            let uses = uses.map(|used| u8::from(used).to_string()).join(",");
            self.line(format!("{}:{index},\"AT{name}\",{uses}", call.name));
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_ram(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        if self.nonos() {
            self.line(format!("{}:38136", call.name));
        } else {
            self.print(format!("{}:46040,37152", call.name));
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_messages(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                self.print(format!("{}:{}", call.name, self.kept.messages));
                if self.nonos() {
                    self.print("\r\n");
                }
            }
            Form::Set(args) => {
                args.count(1..=1)?;
                let mask = args.number(0, 0..=3)?;
                self.keep(call.scope, |kept| kept.messages = mask);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_store(&mut self, call: &Call<'_>) -> Outcome {
        let store = self.session.store;
        self.session.store = self.switch(call, store)?;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_log(&mut self, call: &Call<'_>) -> Outcome {
        let log = self.session.log;
        self.session.log = self.switch(call, log)?;
        Ok(Done::Ok)
    }

    /// A setting that is 0 or 1, asked for or set.
    pub(super) fn switch(
        &mut self,
        call: &Call<'_>,
        value: bool,
    ) -> Result<bool, super::refusal::Refusal> {
        match &call.form {
            Form::Query => {
                self.line(format!("{}:{}", call.name, u8::from(value)));
                Ok(value)
            }
            Form::Set(args) => {
                args.count(1..=1)?;
                Ok(args.number::<u8>(0, 0..=1)? == 1)
            }
            _ => Err(PLAIN),
        }
    }

    /// When everything said so far has left the UART.
    pub(super) fn sent_at(&self) -> u64 {
        self.tx.free_ns().div_ceil(NANOS).max(self.now)
    }
}
