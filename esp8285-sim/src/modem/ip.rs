//! Addresses and DHCP.

use std::net::Ipv4Addr;

use super::Modem;
use super::args::Args;
use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome, mac, parse_mac};
use crate::air::IpSetup;

const NOWHERE: IpSetup = IpSetup {
    address: Ipv4Addr::UNSPECIFIED,
    gateway: Ipv4Addr::UNSPECIFIED,
    netmask: Ipv4Addr::UNSPECIFIED,
};

pub(super) fn address(args: &Args, index: usize) -> Result<Ipv4Addr, Refusal> {
    let text = args.text(index)?;
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse().ok())
        .ok_or(Refusal::value())
}

/// `"ip"[,"gateway","netmask"]`
fn ip_setup(args: &Args) -> Result<IpSetup, Refusal> {
    let own = address(args, 0)?;
    match args.len() {
        1 => {
            let [a, b, c, _] = own.octets();
            Ok(IpSetup {
                address: own,
                gateway: Ipv4Addr::new(a, b, c, 1),
                netmask: Ipv4Addr::new(255, 255, 255, 0),
            })
        }
        3 => Ok(IpSetup {
            address: own,
            gateway: address(args, 1)?,
            netmask: address(args, 2)?,
        }),
        _ => Err(Refusal::count()),
    }
}

impl Modem {
    fn print_setup(&mut self, name: &str, setup: IpSetup) {
        self.line(format!("{name}:ip:\"{}\"", setup.address));
        self.line(format!("{name}:gateway:\"{}\"", setup.gateway));
        self.line(format!("{name}:netmask:\"{}\"", setup.netmask));
    }

    pub(super) fn cmd_station_ip(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let fixed = self.kept.station_ip.filter(|_| !self.kept.dhcp_station);
                let setup = self.station.ip().or(fixed).unwrap_or(NOWHERE);
                self.print_setup(call.name, setup);
            }
            Form::Set(args) => {
                if self.kept.mode & 1 == 0 {
                    return Err(PLAIN);
                }
                let setup = ip_setup(args)?;
                self.keep(call.scope, |kept| {
                    kept.station_ip = Some(setup);
                    kept.dhcp_station = false;
                });
                self.station.readdress(setup);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_ap_ip(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => self.print_setup(call.name, self.kept.ap_ip),
            Form::Set(args) => {
                if self.kept.mode & 2 == 0 {
                    return Err(PLAIN);
                }
                let setup = ip_setup(args)?;
                self.keep(call.scope, |kept| kept.ap_ip = setup);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_station_mac(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => self.line(format!(
                "{}:\"{}\"",
                call.name,
                mac(self.profile, self.kept.station_mac)
            )),
            Form::Set(args) => {
                args.count(1..=1)?;
                let new = parse_mac(args.text(0)?).ok_or(Refusal::value())?;
                // The lowest bit of the first byte marks a group address.
                if new[0] & 1 == 1 || self.kept.mode & 1 == 0 {
                    return Err(Refusal::value());
                }
                self.keep(call.scope, |kept| kept.station_mac = new);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_addresses(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        if self.kept.mode & 2 != 0 {
            self.line(format!(
                "{}:APIP,\"{}\"",
                call.name, self.kept.ap_ip.address
            ));
            self.line(format!(
                "{}:APMAC,\"{}\"",
                call.name,
                mac(self.profile, self.kept.ap_mac())
            ));
        }
        if self.kept.mode & 1 != 0 {
            let ip = self.station.ip().unwrap_or(NOWHERE).address;
            self.line(format!("{},\"{ip}\"", self.profile.station_ip_name));
            self.line(format!(
                "{}:STAMAC,\"{}\"",
                call.name,
                mac(self.profile, self.kept.station_mac)
            ));
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_dhcp(&mut self, call: &Call<'_>) -> Outcome {
        let nonos = self.nonos();
        match &call.form {
            Form::Query => {
                let (station, ap) = (
                    u8::from(self.kept.dhcp_station),
                    u8::from(self.kept.dhcp_ap),
                );
                let bits = if nonos {
                    ap | station << 1
                } else {
                    station | ap << 1
                };
                self.print(format!("{}:{bits}", call.name));
            }
            Form::Set(args) => {
                args.count(2..=2)?;
                let (on, station, ap) = if nonos {
                    let which: u8 = args.number(0, 0..=2)?;
                    (args.number::<u8>(1, 0..=1)? == 1, which != 0, which != 1)
                } else {
                    let bits: u8 = args.number(1, 0..=3)?;
                    (
                        args.number::<u8>(0, 0..=1)? == 1,
                        bits & 1 != 0,
                        bits & 2 != 0,
                    )
                };
                self.keep(call.scope, |kept| {
                    if station {
                        kept.dhcp_station = on;
                    }
                    if ap {
                        kept.dhcp_ap = on;
                    }
                });
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }
}
