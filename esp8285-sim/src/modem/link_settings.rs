//! How links are numbered and reported.

use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::{LINKS, Modem};

impl Modem {
    pub(super) fn cmd_multiple(&mut self, call: &Call<'_>) -> Outcome {
        if let Form::Set(_) = call.form
            && (0..LINKS).any(|link| self.links[link].is_some())
        {
            return Err(Refusal::because("link is builded"));
        }
        self.session.multiple = self.switch(call, self.session.multiple)?;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_transparent(&mut self, call: &Call<'_>) -> Outcome {
        if self.switch(call, false)? {
            return Err(if self.session.multiple {
                Refusal::because("CIPMUX and CIPSERVER must be 0")
            } else {
                PLAIN
            });
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_peer_info(&mut self, call: &Call<'_>) -> Outcome {
        if let Form::Query = call.form {
            let text = match (self.session.peer_info, self.nonos()) {
                (true, true) => "TRUE",
                (false, true) => "FALSE",
                (true, false) => "true",
                (false, false) => "false",
            };
            self.print(format!("{}:{text}", call.name));
            return Ok(Done::Ok);
        }
        self.session.peer_info = self.switch(call, false)?;
        Ok(Done::Ok)
    }
}
