//! Host name, name servers, mDNS.

use super::Modem;
use super::call::{Call, Form};
use super::ip::address;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};

impl Modem {
    pub(super) fn cmd_host_name(&mut self, call: &Call<'_>) -> Outcome {
        if !self.kept.has_station() {
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

    /// Checked and accepted; nothing answers multicast questions.
    pub(super) fn cmd_mdns(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        if args.number::<u8>(0, 0..=1)? == 1 {
            args.count(4..=4)?;
            args.name(1, 64)?;
            args.name(2, 64)?;
            args.number::<u16>(3, 1..=65_535)?;
        }
        Ok(Done::Ok)
    }
}
