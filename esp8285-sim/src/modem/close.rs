//! `AT+CIPCLOSE` and its mode.

use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::{LINKS, Modem};

/// The number that means every link.
const ALL: usize = 5;

impl Modem {
    pub(super) fn cmd_close(&mut self, call: &Call<'_>) -> Outcome {
        let index = match &call.form {
            Form::Execute if self.session.multiple => return Err(Refusal::because("MUX=1")),
            Form::Execute => 0,
            Form::Set(_) if !self.session.multiple => return Err(Refusal::because("MUX=0")),
            Form::Set(args) => {
                args.count(1..=1)?;
                args.number(0, 0..=5)?
            }
            _ => return Err(PLAIN),
        };
        if index == ALL {
            self.close_all_links();
            return Ok(Done::Ok);
        }
        if self.open_link(index).is_none() {
            return Err(if self.session.multiple {
                Refusal::because("UNLINK")
            } else {
                PLAIN
            });
        }
        self.link_ended(index);
        Ok(Done::Ok)
    }

    pub(super) fn cmd_close_mode(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        let (index, at): (usize, _) = if self.session.multiple {
            (args.number(0, 0..=5)?, 1)
        } else {
            (0, 0)
        };
        args.count(at + 1..=at + 1)?;
        let abort = args.number::<u8>(at, 0..=1)? == 1;
        let chosen = if index == ALL {
            0..LINKS
        } else {
            index..index + 1
        };
        self.session.abort_on_close[chosen].fill(abort);
        Ok(Done::Ok)
    }
}
