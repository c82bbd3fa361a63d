//! `AT+CIPSTATUS` and `AT+CIPSTATE`.

use super::call::{Call, Form};
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};
use super::{LINKS, Modem};

impl Modem {
    pub(super) fn cmd_status(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        let status = self.status();
        self.line(format!("STATUS:{status}"));
        self.show_links(call.name);
        Ok(Done::Ok)
    }

    pub(super) fn cmd_link_state(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        self.show_links(call.name);
        Ok(Done::Ok)
    }

    /// One line per link.
    fn show_links(&mut self, name: &str) {
        for index in 0..LINKS {
            let Some(link) = self.open_link(index) else {
                continue;
            };
            let (kind, local_port) = (link.kind.name(), link.local_port);
            let (ip, port) = (link.remote.ip(), link.remote.port());
            let server = u8::from(link.server);
            let local = if self.profile.status_local_port {
                format!(",{local_port}")
            } else {
                String::new()
            };
            self.line(format!(
                "{}:{index},\"{kind}\",\"{ip}\",{port}{local},{server}",
                name
            ));
        }
    }

    fn status(&self) -> u8 {
        let linked = (0..LINKS).any(|index| self.open_link(index).is_some());
        match () {
            () if !self.nonos() && self.kept.mode & 1 == 0 => 0,
            () if !self.nonos() && !self.station.tried() => 1,
            () if linked => 3,
            () if self.station.joined().is_none() => 5,
            () if self.had_link => 4,
            () => 2,
        }
    }
}
