//! The chip's pins as NonOS lets a host use them. Nothing is connected: an input reads what its pull-up gives.

use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::{Modem, args::Args};

/// One pin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pin {
    /// Multiplexer position; 0 or 3 makes most pins a GPIO, and any does here once `AT+SYSIOSETCFG` has named it.
    mode: u8,
    pull_up: bool,
    /// `AT+SYSIOSETCFG` has made it a GPIO.
    gpio: bool,
    output: bool,
    high: bool,
}

/// Pins, the numbers of the flash chip's lines included; those are refused.
pub(super) type Pins = [Pin; 17];

/// The pin a command names. 6 to 11 belong to the flash chip.
fn number(args: &Args) -> Result<usize, Refusal> {
    args.number(0, 0..=16)
        .ok()
        .filter(|pin: &usize| !(6..=11).contains(pin))
        .ok_or(PLAIN)
}

impl Modem {
    pub(super) fn cmd_adc(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        self.line(format!("{}:0", call.name));
        Ok(Done::Ok)
    }

    pub(super) fn cmd_pin_setup(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(3..=3)?;
        let pin = number(args)?;
        self.session.pins[pin] = Pin {
            mode: args.number(1, 0..=4)?,
            pull_up: args.number::<u8>(2, 0..=1)? == 1,
            gpio: true,
            ..Pin::default()
        };
        Ok(Done::Ok)
    }

    pub(super) fn cmd_pin_show(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(1..=1)?;
        let at = number(args)?;
        let Pin { mode, pull_up, .. } = self.session.pins[at];
        self.line(format!("{}:{at},{mode},{}", call.name, u8::from(pull_up)));
        Ok(Done::Ok)
    }

    /// The pin, if it has been set up.
    fn gpio(&mut self, args: &Args) -> Result<(usize, &mut Pin), Refusal> {
        let at = number(args)?;
        let pin = &mut self.session.pins[at];
        if pin.gpio {
            Ok((at, pin))
        } else {
            Err(Refusal::because("NOT GPIO MODE!"))
        }
    }

    pub(super) fn cmd_pin_direction(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(2..=2)?;
        let output = args.number::<u8>(1, 0..=1)? == 1;
        self.gpio(args)?.1.output = output;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_pin_write(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(2..=2)?;
        let high = args.number::<u8>(1, 0..=1)? == 1;
        let (_, pin) = self.gpio(args)?;
        if !pin.output {
            return Err(Refusal::because("NOT OUTPUT!"));
        }
        pin.high = high;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_pin_read(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(1..=1)?;
        let (at, pin) = self.gpio(args)?;
        let level = if pin.output { pin.high } else { pin.pull_up };
        let (output, level) = (u8::from(pin.output), u8::from(level));
        self.line(format!("{}:{at},{output},{level}", call.name));
        Ok(Done::Ok)
    }
}
