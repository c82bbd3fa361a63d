//! The modem as an access point: its settings, and the stations that join it.
//!
//! Stations are played by the test: [`Modem::station_joins`] and [`Modem::station_leaves`].

use std::fmt;
use std::net::Ipv4Addr;

use super::call::{Call, Form};
use super::ip::address;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome, mac, parse_mac};
use super::settings::{ApConfig, DhcpRange};
use super::timers::Timer;
use super::{Activity, Modem};

/// From a station's joining to its address.
const DHCP_US: u64 = 300_000;

/// Why a station cannot join the modem's access point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StationRefused {
    /// The modem is no access point now: its Wi-Fi mode has none, or it is in reset or asleep.
    NoAccessPoint,
    /// It demands another password.
    WrongPassword,
    /// It has as many stations as `AT+CWSAP` allows.
    Full,
}

impl fmt::Display for StationRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            StationRefused::NoAccessPoint => "the modem is no access point now",
            StationRefused::WrongPassword => "the password is wrong",
            StationRefused::Full => "the access point has as many stations as it may have",
        })
    }
}

impl std::error::Error for StationRefused {}

/// A station at the modem's access point.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guest {
    mac: [u8; 6],
    /// What DHCP has for it, and when it gets it.
    lease: Option<(Ipv4Addr, u64)>,
    /// It has got it.
    served: bool,
}

impl Modem {
    /// A station joins the modem's access point; returns the address it will get by DHCP, if there is DHCP.
    ///
    /// The password counts unless the access point is open. A station that is there already stays. Firmware that
    /// reports such things says `+STA_CONNECTED` at once and `+DIST_STA_IP` 300 ms later.
    ///
    /// # Errors
    ///
    /// [`StationRefused`]: there is no access point, the password is wrong, or it is full.
    pub fn station_joins(
        &mut self,
        station: [u8; 6],
        password: impl AsRef<[u8]>,
    ) -> Result<Option<Ipv4Addr>, StationRefused> {
        let down = matches!(self.activity, Activity::Down | Activity::Restarting { .. });
        let config = &self.kept.soft_ap;
        if down || !self.kept.has_ap() {
            return Err(StationRefused::NoAccessPoint);
        }
        if config.security != 0 && config.password != password.as_ref() {
            return Err(StationRefused::WrongPassword);
        }
        if let Some(known) = self.guests.iter().find(|guest| guest.mac == station) {
            return Ok(known.lease.map(|(address, _)| address));
        }
        if self.guests.len() >= usize::from(config.most) {
            return Err(StationRefused::Full);
        }
        let lease = self.free_address().map(|free| (free, self.now + DHCP_US));
        self.guests.push(Guest {
            mac: station,
            lease,
            served: false,
        });
        self.station_message("CONNECTED", station, None);
        self.next_lease();
        Ok(lease.map(|(address, _)| address))
    }

    /// A station leaves the modem's access point; whether it was there.
    pub fn station_leaves(&mut self, station: [u8; 6]) -> bool {
        let before = self.guests.len();
        self.guests.retain(|guest| guest.mac != station);
        let left = self.guests.len() < before;
        if left {
            self.station_message("DISCONNECTED", station, None);
        }
        left
    }

    /// The access point ends or changes; every station has to go.
    pub(super) fn dismiss_stations(&mut self) {
        for guest in std::mem::take(&mut self.guests) {
            self.station_message("DISCONNECTED", guest.mac, None);
        }
    }

    fn station_message(&mut self, what: &str, station: [u8; 6], ip: Option<Ipv4Addr>) {
        if !self.profile.station_messages {
            return;
        }
        let station = mac(self.profile, station);
        self.line(match ip {
            Some(ip) => format!("+DIST_STA_IP:\"{station}\",\"{ip}\""),
            None => format!("+STA_{what}:\"{station}\""),
        });
    }

    /// The lowest address of the range that nobody has; none without DHCP.
    fn free_address(&self) -> Option<Ipv4Addr> {
        let (first, last) = self.dhcp_range();
        let taken = |address| {
            let mut leases = self.guests.iter().filter_map(|guest| guest.lease);
            leases.any(|(leased, _)| leased == address)
        };
        (u32::from(first)..=u32::from(last))
            .map(Ipv4Addr::from)
            .find(|&address| !taken(address))
            .filter(|_| self.kept.dhcp_ap)
    }

    fn dhcp_range(&self) -> (Ipv4Addr, Ipv4Addr) {
        let [a, b, c, _] = self.kept.ap_ip.address.octets();
        self.kept.dhcp_range.map_or(
            (Ipv4Addr::new(a, b, c, 2), Ipv4Addr::new(a, b, c, 101)),
            |range| (range.first, range.last),
        )
    }

    fn next_lease(&mut self) {
        let waiting = self.guests.iter().filter(|guest| !guest.served);
        if let Some(at) = waiting
            .filter_map(|guest| guest.lease.map(|(_, at)| at))
            .min()
        {
            self.timers.set(at, Timer::Lease);
        }
    }

    /// DHCP answers the stations whose time has come.
    pub(super) fn lease_due(&mut self) {
        let now = self.now;
        let mut served = Vec::new();
        for guest in self.guests.iter_mut().filter(|guest| !guest.served) {
            if let Some((address, at)) = guest.lease
                && at <= now
            {
                guest.served = true;
                served.push((guest.mac, address));
            }
        }
        for (station, address) in served {
            self.station_message("", station, Some(address));
        }
        self.next_lease();
    }

    pub(super) fn cmd_soft_ap(&mut self, call: &Call<'_>) -> Outcome {
        if !self.kept.has_ap() {
            return Err(PLAIN);
        }
        match &call.form {
            Form::Query => {
                let ApConfig {
                    ssid,
                    password,
                    channel,
                    security,
                    most,
                    hidden,
                } = self.kept.soft_ap.clone();
                let hidden = u8::from(hidden);
                self.print(format!("{}:\"", call.name));
                self.print(ssid);
                self.print("\",\"");
                self.print(password);
                self.line(format!("\",{channel},{security},{most},{hidden}"));
            }
            Form::Set(args) => {
                args.count(4..=6)?;
                let (longest_ssid, longest_password) = self.profile.credentials;
                let most = if self.nonos() { 8 } else { 10 };
                let config = ApConfig {
                    ssid: args.text(0)?.to_vec(),
                    password: args.text(1)?.to_vec(),
                    channel: args.number(2, 1..=14)?,
                    security: args.number(3, 0..=4)?,
                    most: args
                        .optional_number(4, 1..=most)?
                        .unwrap_or(ApConfig::factory(self.profile).most),
                    hidden: args.optional_number::<u8>(5, 0..=1)? == Some(1),
                };
                let short = config.security != 0 && config.password.len() < 8;
                if config.ssid.is_empty() || config.ssid.len() > longest_ssid {
                    return Err(Refusal::length());
                }
                if short || config.password.len() > longest_password {
                    return Err(Refusal::length());
                }
                // WEP is not among what an access point can be.
                if config.security == 1 {
                    return Err(Refusal::value());
                }
                self.keep(call.scope, |kept| kept.soft_ap = config.clone());
                self.dismiss_stations();
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_stations(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        if !self.kept.has_ap() {
            return Err(PLAIN);
        }
        let prefix = if self.nonos() { "" } else { "+CWLIF:" };
        for guest in self.guests.clone() {
            let lease = guest.lease.filter(|_| guest.served);
            let ip = lease.map_or(Ipv4Addr::UNSPECIFIED, |(address, _)| address);
            self.line(format!("{prefix}{ip},{}", mac(self.profile, guest.mac)));
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_dhcp_range(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let (first, last) = self.dhcp_range();
                let minutes = self.kept.dhcp_range.map_or(120, |range| range.minutes);
                self.line(format!("{}:{minutes},{first},{last}", call.name));
            }
            Form::Set(args) => {
                args.count(1..=4)?;
                if !self.kept.has_ap() {
                    return Err(PLAIN);
                }
                let range = if args.number::<u8>(0, 0..=1)? == 0 {
                    None
                } else {
                    args.count(4..=4)?;
                    let range = DhcpRange {
                        minutes: args.number(1, 1..=2_880)?,
                        first: address(args, 2)?,
                        last: address(args, 3)?,
                    };
                    self.check_range(range)?;
                    Some(range)
                };
                self.keep(call.scope, |kept| kept.dhcp_range = range);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    /// A range lies in the access point's network, beside its own address, and holds no more than 101 addresses.
    fn check_range(&self, range: DhcpRange) -> Result<(), Refusal> {
        let setup = self.kept.ap_ip;
        let mask = u32::from(setup.netmask);
        let (own, first, last) = (
            u32::from(setup.address),
            u32::from(range.first),
            u32::from(range.last),
        );
        let inside = |address: u32| address & mask == own & mask;
        let fits = first <= last && last - first <= 100;
        if inside(first) && inside(last) && fits && !(first..=last).contains(&own) {
            Ok(())
        } else {
            Err(Refusal::value())
        }
    }

    pub(super) fn cmd_ap_mac(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let own = mac(self.profile, self.kept.ap_mac());
                self.line(format!("{}:\"{own}\"", call.name));
            }
            Form::Set(args) => {
                args.count(1..=1)?;
                let new = parse_mac(args.text(0)?).ok_or(Refusal::value())?;
                // The lowest bit of the first byte marks a group address.
                if new[0] & 1 == 1 || !self.kept.has_ap() {
                    return Err(Refusal::value());
                }
                self.keep(call.scope, |kept| kept.own_ap_mac = Some(new));
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }
}
