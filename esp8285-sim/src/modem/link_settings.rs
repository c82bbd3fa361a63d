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
        if multiple && self.session.transparent {
            return Err(Refusal::because("IPMODE must be 0"));
        }
        self.session.multiple = multiple;
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

    /// `AT+CIPTCPOPT`: linger time, no-delay and send time-out. Only a linger time of 0 has an effect: closing breaks
    /// the connection.
    pub(super) fn cmd_tcp_options(&mut self, call: &Call<'_>) -> Outcome {
        let args = match &call.form {
            Form::Query => {
                for (link, options) in self.session.tcp_options.into_iter().enumerate() {
                    let (linger, no_delay, timeout) = options;
                    self.line(format!(
                        "{}:{link},{linger},{no_delay},{timeout}",
                        call.name
                    ));
                }
                return Ok(Done::Ok);
            }
            Form::Set(args) => args,
            _ => return Err(PLAIN),
        };
        let (links, at) = self.settings_of(args)?;
        args.count(at + 1..=at + 3)?;
        let linger = args.optional_number(at, -1..=i64::from(i16::MAX))?;
        let no_delay = args.optional_number(at + 1, 0..=1)?;
        let timeout = args.optional_number(at + 2, 0..=i64::from(i32::MAX))?;
        for options in &mut self.session.tcp_options[links.clone()] {
            options.0 = linger.unwrap_or(options.0);
            options.1 = no_delay.unwrap_or(options.1);
            options.2 = timeout.unwrap_or(options.2);
        }
        if let Some(linger) = linger {
            self.session.abort_on_close[links].fill(linger == 0);
        }
        Ok(Done::Ok)
    }
}
