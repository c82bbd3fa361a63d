//! TLS links: what they show and check.
//!
//! NonOS has one setting for all links; ESP-AT has one of each kind per link.

use std::net::SocketAddrV4;
use std::ops::Range;

use super::args::Args;
use super::call::{Call, Form};
use super::links::Kind;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::settings::TlsClient;
use super::{LINKS, Modem};
use crate::network::{SocketId, Tls};

/// The link number that means every link.
const ALL: usize = 5;

/// Bits of the mode of `AT+CIPSSLCCONF`.
const SHOW_CERTIFICATE: u8 = 1;
const VERIFY: u8 = 2;

const LONGEST_NAME: usize = 64;
const LONGEST_KEY: usize = 32;
const MOST_PROTOCOLS: i64 = 6;

impl Modem {
    /// How many certificates, and as many authorities, are in flash; none on NonOS and two on ESP-AT unless set.
    #[must_use]
    pub fn stored_certificates(mut self, count: u8) -> Self {
        self.certificates = count;
        self
    }

    /// Starts a TLS connection with the link's settings; `None` when it cannot even begin.
    pub(super) fn connect_tls(
        &mut self,
        link: usize,
        remote: SocketAddrV4,
    ) -> Option<(SocketId, u16)> {
        let settings = if self.nonos() {
            self.kept.tls.first()?
        } else {
            self.kept.tls.get(link)?
        };
        let shows = settings.mode & SHOW_CERTIFICATE != 0;
        let verifies = settings.mode & VERIFY != 0;
        if (shows && settings.own >= self.certificates)
            || (verifies && settings.authority >= self.certificates)
        {
            if !self.nonos() {
                self.line("NO CERT FOUND");
            }
            return None;
        }
        let mut tls = Tls::default();
        tls.server_name.clone_from(&settings.server_name);
        tls.common_name.clone_from(&settings.common_name);
        tls.protocols.clone_from(&settings.protocols);
        tls.certificate = shows;
        tls.verify = verifies;
        self.net
            .connect_tls(self.now, remote, self.profile.window, &tls)
    }

    pub(super) fn cmd_tls_buffer(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => self.line(format!("{}:{}", call.name, self.session.tls_buffer)),
            Form::Set(args) => {
                args.count(1..=1)?;
                let size = args.number(0, 2_048..=4_096)?;
                let mut links = self.links.iter().flatten();
                if links.any(|link| link.kind == Kind::Ssl) {
                    return Err(Refusal::because("must close ssl link"));
                }
                self.session.tls_buffer = size;
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    /// Which links a setting is for, and where its parameters begin.
    pub(super) fn settings_of(&self, args: &Args) -> Result<(Range<usize>, usize), Refusal> {
        if self.nonos() || !self.session.multiple {
            return Ok((0..1, 0));
        }
        let link: usize = args.number(0, 0..=5)?;
        let chosen = if link == ALL {
            0..LINKS
        } else {
            link..link + 1
        };
        Ok((chosen, 1))
    }

    /// Changes the settings of some links.
    fn set_tls(
        &mut self,
        call: &Call<'_>,
        links: Range<usize>,
        change: impl Fn(&mut TlsClient),
    ) -> Outcome {
        self.keep(call.scope, |kept| {
            for settings in kept.tls.iter_mut().take(links.end).skip(links.start) {
                change(settings);
            }
        });
        Ok(Done::Ok)
    }

    /// One line per link.
    fn show_tls(&mut self, call: &Call<'_>, text: impl Fn(&TlsClient) -> String) -> Outcome {
        for (link, settings) in self.kept.tls.clone().iter().enumerate() {
            self.line(format!("{}:{link},{}", call.name, text(settings)));
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_tls_client(&mut self, call: &Call<'_>) -> Outcome {
        let args = match &call.form {
            Form::Query if self.nonos() => {
                let mode = self.kept.tls.first().map_or(0, |settings| settings.mode);
                self.line(format!("{}:{mode}", call.name));
                return Ok(Done::Ok);
            }
            Form::Query => {
                return self.show_tls(call, |settings| {
                    let TlsClient {
                        mode,
                        own,
                        authority,
                        ..
                    } = settings;
                    format!("{mode},{own},{authority}")
                });
            }
            Form::Set(args) => args,
            _ => return Err(PLAIN),
        };
        let (links, at) = self.settings_of(args)?;
        args.count(at + 1..=if self.nonos() { at + 1 } else { at + 3 })?;
        let mode = args.number(at, 0..=3)?;
        let own = args.optional_number(at + 1, 0..=255)?.unwrap_or(0);
        let authority = args.optional_number(at + 2, 0..=255)?.unwrap_or(0);
        self.set_tls(call, links, |settings| {
            settings.mode = mode;
            settings.own = own;
            settings.authority = authority;
        })
    }

    pub(super) fn cmd_tls_server_name(&mut self, call: &Call<'_>) -> Outcome {
        self.tls_name(call, |settings| &mut settings.server_name)
    }

    pub(super) fn cmd_tls_common_name(&mut self, call: &Call<'_>) -> Outcome {
        self.tls_name(call, |settings| &mut settings.common_name)
    }

    fn tls_name(
        &mut self,
        call: &Call<'_>,
        place: impl Fn(&mut TlsClient) -> &mut Option<String>,
    ) -> Outcome {
        match &call.form {
            Form::Query => self.show_tls(call, |settings| {
                let name = place(&mut settings.clone()).take().unwrap_or_default();
                format!("\"{name}\"")
            }),
            Form::Set(args) => {
                let (links, at) = self.settings_of(args)?;
                args.count(at + 1..=at + 1)?;
                let name = args.name(at, LONGEST_NAME)?;
                let name = Some(name).filter(|name| !name.is_empty());
                self.set_tls(call, links, |settings| place(settings).clone_from(&name))
            }
            _ => Err(PLAIN),
        }
    }

    pub(super) fn cmd_tls_protocols(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => self.show_tls(call, |settings| {
                format!("\"{}\"", settings.protocols.join("\",\""))
            }),
            Form::Set(args) => {
                let (links, at) = self.settings_of(args)?;
                let count: usize = args.number(at, 0..=MOST_PROTOCOLS)?;
                args.count(at + 1 + count..=at + 1 + count)?;
                let names: Result<Vec<String>, Refusal> = (0..count)
                    .map(|index| args.name(at + 1 + index, LONGEST_NAME))
                    .collect();
                let names = names?;
                self.set_tls(call, links, |settings| {
                    settings.protocols.clone_from(&names);
                })
            }
            _ => Err(PLAIN),
        }
    }

    pub(super) fn cmd_tls_key(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => self.show_tls(call, |settings| {
                let (key, hint) = &settings.key;
                format!("\"{key}\",\"{hint}\"")
            }),
            Form::Set(args) => {
                let (links, at) = self.settings_of(args)?;
                args.count(at + 2..=at + 2)?;
                let key = args.name(at, LONGEST_KEY)?;
                let hint = args.name(at + 1, LONGEST_KEY)?;
                self.set_tls(call, links, |settings| {
                    settings.key = (key.clone(), hint.clone());
                })
            }
            _ => Err(PLAIN),
        }
    }
}
