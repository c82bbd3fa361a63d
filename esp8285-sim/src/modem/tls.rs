//! Settings of TLS links: stored and reported, for there are no such links here.
//!
//! Clients send them before they know whether they will ever need TLS.

use super::call::{Call, Form};
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};
use super::settings::TlsClient;
use super::{LINKS, Modem};

/// The link number that means every link.
const ALL: usize = 5;

impl Modem {
    pub(super) fn cmd_tls_buffer(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => self.line(format!("{}:{}", call.name, self.session.tls_buffer)),
            Form::Set(args) => {
                args.count(1..=1)?;
                self.session.tls_buffer = args.number(0, 2_048..=4_096)?;
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_tls_client(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query if self.nonos() => {
                self.line(format!("{}:{}", call.name, self.kept.tls[0].mode));
            }
            Form::Query => {
                for (link, tls) in self.kept.tls.into_iter().enumerate() {
                    let TlsClient {
                        mode,
                        own,
                        authority,
                    } = tls;
                    self.line(format!("{}:{link},{mode},{own},{authority}", call.name));
                }
            }
            Form::Set(args) => {
                let numbered = !self.nonos() && self.session.multiple;
                let (link, at): (usize, _) = if numbered {
                    (args.number(0, 0..=5)?, 1)
                } else {
                    (0, 0)
                };
                args.count(at + 1..=if self.nonos() { at + 1 } else { at + 3 })?;
                let tls = TlsClient {
                    mode: args.number(at, 0..=3)?,
                    own: args.optional_number(at + 1, 0..=255)?.unwrap_or(0),
                    authority: args.optional_number(at + 2, 0..=255)?.unwrap_or(0),
                };
                let chosen = if link == ALL {
                    0..LINKS
                } else {
                    link..link + 1
                };
                self.keep(call.scope, |kept| kept.tls[chosen.clone()].fill(tls));
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }
}
