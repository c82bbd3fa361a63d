//! How links are numbered and reported.

use super::Modem;
use super::call::{Call, Form};
use super::links::{Kind, Link};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};

impl Modem {
    pub(super) fn cmd_multiple(&mut self, call: &Call<'_>) -> Outcome {
        let all = self.profile.mux_minds_udp;
        let counts = |link: &Link| all || link.kind != Kind::Udp;
        if let Form::Set(_) = call.form
            && self.links.iter().flatten().any(counts)
        {
            return Err(Refusal::because("link is builded"));
        }
        let multiple = self.switch(call, self.session.multiple)?;
        if !multiple && self.server.is_some() {
            return Err(Refusal::because("CIPSERVER must be 0"));
        }
        self.session.multiple = multiple;
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
