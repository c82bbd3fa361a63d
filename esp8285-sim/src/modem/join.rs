//! `AT+CWJAP`: its forms and parameters.

use super::Modem;
use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome, mac, parse_mac};
use super::settings::Credentials;
use crate::air::AccessPoint;

impl Modem {
    pub(super) fn cmd_join(&mut self, call: &Call<'_>) -> Outcome {
        let station = self.kept.mode & 1 == 1;
        match &call.form {
            Form::Query => {
                let line = self
                    .station
                    .joined()
                    .map(|ap| self.join_line(call.name, ap));
                match line {
                    Some(line) => self.line(line),
                    None if self.nonos() => self.line("No AP"),
                    None => {}
                }
                Ok(Done::Ok)
            }
            Form::Execute if !self.nonos() && station => {
                let stored = self.kept.ap.clone().ok_or(PLAIN)?;
                self.start_joining(stored, self.profile.join_limit_us, call.scope)
            }
            Form::Set(args) if station => {
                let nonos = self.nonos();
                args.count(if nonos { 2 } else { 1 }..=self.profile.join_args)?;
                let ssid = args.text(0)?.to_vec();
                let password = match args.optional_text(1)? {
                    Some(password) => password.to_vec(),
                    None if nonos => return Err(PLAIN),
                    None => Vec::new(),
                };
                let (longest_ssid, longest_password) = self.profile.credentials;
                if ssid.is_empty() || ssid.len() > longest_ssid || password.len() > longest_password
                {
                    return Err(Refusal::length());
                }
                let bssid = match args.optional_text(2)? {
                    Some(text) => Some(parse_mac(text).ok_or(Refusal::value())?),
                    None => None,
                };
                args.optional_number::<u8>(3, 0..=1)?;
                let mut limit = self.profile.join_limit_us;
                if !nonos {
                    if let Some(interval) = args.optional_number(4, 0..=7200)? {
                        self.keep(call.scope, |kept| kept.reconnect.0 = interval);
                    }
                    args.optional_number::<u8>(5, 1..=100)?;
                    args.optional_number::<u8>(6, 0..=1)?;
                    if let Some(seconds) = args.optional_number::<u64>(7, 3..=600)? {
                        limit = seconds * 1_000_000;
                    }
                    args.optional_number::<u8>(8, 0..=3)?;
                }
                self.start_joining(
                    Credentials {
                        ssid,
                        password,
                        bssid,
                    },
                    limit,
                    call.scope,
                )
            }
            _ => Err(PLAIN),
        }
    }

    fn join_line(&self, name: &str, ap: &AccessPoint) -> Vec<u8> {
        let mut line = format!("{name}:\"").into_bytes();
        line.extend_from_slice(&ap.ssid);
        line.push(b'"');
        if let Some(details) = self.profile.join_details {
            let (bssid, channel, rssi) = (mac(self.profile, ap.bssid), ap.channel, ap.rssi);
            line.extend_from_slice(format!(",\"{bssid}\",{channel},{rssi}{details}").as_bytes());
        }
        line
    }
}
