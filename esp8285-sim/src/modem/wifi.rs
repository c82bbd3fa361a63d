//! Wi-Fi commands around the station: mode, scan, automatic connection.

use super::call::{Call, Form};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome, mac, parse_mac};
use super::settings::{Country, ScanOptions};
use super::timers::Timer;
use super::{Activity, Modem};
use crate::air::AccessPoint;
use crate::dialect::Profile;

/// What a scan looks for.
#[derive(Debug, Default)]
pub(super) struct ScanFilter {
    ssid: Option<Vec<u8>>,
    bssid: Option<[u8; 6]>,
    channel: Option<u8>,
}

impl ScanFilter {
    fn matches(&self, ap: &AccessPoint) -> bool {
        self.ssid.as_ref().is_none_or(|ssid| *ssid == ap.ssid)
            && self.bssid.is_none_or(|bssid| bssid == ap.bssid)
            && self.channel.is_none_or(|channel| channel == ap.channel)
    }
}

impl Modem {
    pub(super) fn cmd_mode(&mut self, call: &Call<'_>) -> Outcome {
        let lowest = if self.nonos() { 1 } else { 0 };
        match &call.form {
            Form::Query => self.line(format!("{}:{}", call.name, self.kept.mode)),
            Form::Test => self.line(format!("{}:({lowest}-3)", call.name)),
            Form::Set(args) => {
                args.count(if self.nonos() { 1..=1 } else { 1..=2 })?;
                let mode: u8 = args.number(0, lowest..=3)?;
                let connect = args.optional_number::<u8>(1, 0..=1)?;
                if mode == self.kept.mode && self.profile.same_mode_is_no_change {
                    self.line("no change");
                    return Ok(Done::Ok);
                }
                let had_station = self.kept.mode & 1 == 1;
                self.keep(call.scope, |kept| kept.mode = mode);
                let has_station = mode & 1 == 1;
                if !self.kept.has_ap() {
                    self.dismiss_stations();
                }
                if had_station && !has_station {
                    self.end_station();
                } else if has_station && !had_station && !self.nonos() && connect != Some(0) {
                    self.join_stored();
                }
            }
            Form::Execute => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_scan(&mut self, call: &Call<'_>) -> Outcome {
        let mut filter = ScanFilter::default();
        match &call.form {
            Form::Execute => {}
            Form::Set(args) => {
                args.count(1..=if self.nonos() { 3 } else { 6 })?;
                filter.ssid = args.optional_text(0)?.map(<[u8]>::to_vec);
                if let Some(text) = args.optional_text(1)? {
                    filter.bssid = Some(parse_mac(text).ok_or(Refusal::value())?);
                }
                filter.channel = args.optional_number(2, 1..=14)?;
            }
            _ => return Err(PLAIN),
        }
        if self.kept.mode & 1 == 0 {
            return Err(PLAIN);
        }
        self.activity = Activity::Scanning(filter);
        self.timers
            .set(self.now + self.air.scan_us(), Timer::ScanDone);
        Ok(Done::Later)
    }

    pub(super) fn scan_done(&mut self) {
        let Activity::Scanning(filter) = &self.activity else {
            return;
        };
        let options = self.session.scan;
        let mut found: Vec<&AccessPoint> = self
            .air
            .access_points()
            .iter()
            .filter(|ap| {
                filter.matches(ap)
                    && i16::from(ap.rssi) >= options.weakest
                    && options.securities >> security(ap) & 1 == 1
            })
            .collect();
        if options.sorted {
            found.sort_by_key(|ap| std::cmp::Reverse(ap.rssi));
        }
        let lines: Vec<Vec<u8>> = found
            .into_iter()
            .map(|ap| scan_line(self.profile, ap, options.fields))
            .collect();
        for line in lines {
            self.print(line);
        }
        self.finish(Ok(Done::Ok));
    }

    pub(super) fn cmd_scan_options(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(2..=if self.nonos() { 2 } else { 4 })?;
        let sorted = args.number::<u8>(0, 0..=1)? == 1;
        let fields = args.number(1, 0..=i64::from(self.profile.scan_fields))?;
        let weakest = args.optional_number(2, -100..=40)?.unwrap_or(-100);
        let securities = args.optional_number(3, 0..=0x7ff)?.unwrap_or(0x7ff);
        self.session.scan = ScanOptions {
            sorted,
            fields,
            weakest,
            securities,
        };
        Ok(Done::Ok)
    }

    pub(super) fn cmd_auto_connect(&mut self, call: &Call<'_>) -> Outcome {
        let wanted = self.switch(call, self.kept.auto_connect)?;
        self.kept.auto_connect = wanted;
        self.flash.auto_connect = wanted;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_reconnect(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let (interval, count) = self.kept.reconnect;
                self.line(format!("{}:{interval},{count}", call.name));
            }
            Form::Set(args) => {
                args.count(2..=2)?;
                let reconnect = (args.number(0, 0..=7200)?, args.number(1, 0..=1000)?);
                self.keep(call.scope, |kept| kept.reconnect = reconnect);
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_station_state(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        let state = self.station_state();
        let ssid = self
            .station
            .joined()
            .map_or_else(Vec::new, |ap| ap.ssid.clone());
        self.print(format!("{}:{state},\"", call.name));
        self.print(ssid);
        self.line("\"");
        Ok(Done::Ok)
    }

    pub(super) fn cmd_country(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let Country {
                    policy,
                    code,
                    first,
                    count,
                } = self.kept.country.clone();
                self.line(format!("{}:{policy},\"{code}\",{first},{count}", call.name));
            }
            Form::Set(args) => {
                args.count(4..=4)?;
                let country = Country {
                    policy: args.number(0, 0..=1)?,
                    code: args.name(1, 3)?,
                    first: args.number(2, 1..=14)?,
                    count: args.number(3, 1..=14)?,
                };
                self.keep(call.scope, |kept| kept.country = country.clone());
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    fn station_state(&self) -> u8 {
        match () {
            () if self.station.joined().is_some() => 2,
            () if !self.station.tried() => 0,
            () if self.station.associated() => 1,
            () if self.timers.has(Timer::Associated) => 3,
            () => 4,
        }
    }
}

/// WPA2, or none.
fn security(ap: &AccessPoint) -> u8 {
    if ap.password.is_some() { 3 } else { 0 }
}

fn scan_line(profile: &Profile, ap: &AccessPoint, fields: u16) -> Vec<u8> {
    let security = security(ap);
    let cipher = if security == 0 { 0 } else { 4 };
    let quote: &[u8] = if profile.scan_quotes { b"\"" } else { b"" };
    let ssid = [quote, &ap.ssid, quote].concat();
    let values: [Vec<u8>; 11] = [
        format!("{security}").into(),
        ssid,
        format!("{}", ap.rssi).into(),
        format!("\"{}\"", mac(profile, ap.bssid)).into(),
        format!("{}", ap.channel).into(),
        "-11".into(),
        "0".into(),
        format!("{cipher}").into(),
        format!("{cipher}").into(),
        "7".into(),
        "0".into(),
    ];
    let mut line = b"+CWLAP:(".to_vec();
    let shown = values
        .iter()
        .enumerate()
        .filter(|&(bit, _)| fields & profile.scan_fields & (1 << bit) != 0);
    for (i, (_, value)) in shown.enumerate() {
        if i > 0 {
            line.push(b',');
        }
        line.extend_from_slice(value);
    }
    line.push(b')');
    line.extend_from_slice(profile.scan_line_end.as_bytes());
    line
}
