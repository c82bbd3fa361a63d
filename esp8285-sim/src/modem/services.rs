//! Host name, name servers, time servers.

use super::Modem;
use super::call::{Call, Form};
use super::ip::address;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::settings::Sntp;

impl Modem {
    pub(super) fn cmd_host_name(&mut self, call: &Call<'_>) -> Outcome {
        if self.kept.mode & 1 == 0 {
            return Err(PLAIN);
        }
        match &call.form {
            Form::Query => {
                let [.., a, b, c] = self.kept.station_mac;
                let own = self.session.hostname.clone();
                let name = own.unwrap_or_else(|| format!("ESP-{a:02X}{b:02X}{c:02X}"));
                self.line(format!("{}:{name}", call.name));
            }
            Form::Set(args) => {
                args.count(1..=1)?;
                self.session.hostname = Some(args.name(0, 32)?);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_dns(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let own = self.kept.dns.clone();
                let manual = u8::from(own.is_some());
                let granted = || {
                    self.station
                        .joined()
                        .map(|ap| vec![ap.dns])
                        .unwrap_or_default()
                };
                let servers = own.unwrap_or_else(granted);
                if self.nonos() {
                    for server in servers {
                        self.line(format!("{}:{server}", call.name));
                    }
                } else {
                    let list: String = servers
                        .iter()
                        .map(|server| format!(",\"{server}\""))
                        .collect();
                    self.line(format!("{}:{manual}{list}", call.name));
                }
            }
            Form::Set(args) => {
                args.count(1..=if self.nonos() { 3 } else { 4 })?;
                let manual = args.number::<u8>(0, 0..=1)? == 1;
                let servers = (1..args.len())
                    .map(|i| address(args, i))
                    .collect::<Result<Vec<_>, _>>()?;
                if manual && servers.is_empty() {
                    return Err(Refusal::count());
                }
                self.keep(call.scope, |kept| {
                    kept.dns = manual.then(|| servers.clone())
                });
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_sntp_config(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let Sntp {
                    enabled,
                    timezone,
                    servers,
                } = self.session.sntp.clone();
                let mut line = format!("{}:{}", call.name, u8::from(enabled));
                if enabled {
                    line.push_str(&format!(",{timezone}"));
                    for server in servers {
                        line.push_str(&format!(",\"{server}\""));
                    }
                }
                self.line(line);
            }
            Form::Set(args) => {
                args.count(1..=5)?;
                let enabled = args.number::<u8>(0, 0..=1)? == 1;
                let timezone = args.optional_number(1, -12..=14)?.unwrap_or(0);
                let servers = (2..args.len())
                    .map(|i| args.name(i, 64))
                    .collect::<Result<_, _>>()?;
                self.session.sntp = Sntp {
                    enabled,
                    timezone,
                    servers,
                };
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_sntp_time(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        // No time server is ever reached, so the clock stands at its epoch.
        if self.nonos() {
            self.line(format!("{}:Thu Jan 01 00:00:00 1970", call.name));
        } else {
            self.print(format!("{}:Thu Jan  1 00:00:00 1970", call.name));
        }
        Ok(Done::Ok)
    }
}
