//! The Wi-Fi station: joining, staying, losing, coming back.
//!
//! An attempt runs by itself; `AT+CWJAP` starts one and then only watches it, at the moments and up to the limit
//! its firmware has. So a slow access point can be reported as failed and be joined a second later.

use std::net::Ipv4Addr;

use super::call::{Call, Form};
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};
use super::settings::Credentials;
use super::table::Scope;
use super::timers::Timer;
use super::{Activity, Modem};
use crate::air::{AccessPoint, IpSetup};

/// `+CWJAP:<n>`: why a join failed.
const TIMEOUT: u8 = 1;
const WRONG_PASSWORD: u8 = 2;
const NO_AP: u8 = 3;

/// Reasons of `WIFI DISCONNECT`, as the SDK numbers them.
pub(super) const REASON_LEFT: u8 = 8;
const REASON_LOST: u8 = 200;
const REASON_NO_AP: u8 = 201;
const REASON_PASSWORD: u8 = 202;

/// NonOS tries a lost access point again every second, for ever.
const NONOS_RETURNS: (u16, u16) = (1, 0);

/// How long a DHCP server is asked before that counts as no answer.
const DHCP_LIMIT_US: u64 = 15_000_000;

/// State of the station.
#[derive(Debug, Default)]
pub(super) struct Station {
    target: Option<Credentials>,
    /// Associated, not necessarily with an address yet.
    ap: Option<AccessPoint>,
    ip: Option<IpSetup>,
    /// What the last attempt failed of; 1 while it is under way.
    trouble: u8,
    /// An attempt has been made since the start.
    tried: bool,
    /// Attempts to return since the access point was lost.
    returns: u16,
}

impl Station {
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }

    /// The access point, once the station has an address there.
    pub(super) fn joined(&self) -> Option<&AccessPoint> {
        self.ap.as_ref().filter(|_| self.ip.is_some())
    }

    /// At an access point, with an address or without.
    pub(super) fn associated(&self) -> bool {
        self.ap.is_some()
    }

    pub(super) fn ip(&self) -> Option<IpSetup> {
        self.ip
    }

    /// A fixed address replaces the one in use.
    pub(super) fn readdress(&mut self, setup: IpSetup) {
        if let Some(ip) = &mut self.ip {
            *ip = setup;
        }
    }

    pub(super) fn tried(&self) -> bool {
        self.tried
    }
}

/// `AT+CWJAP` at work.
#[derive(Debug)]
pub(super) struct Joining {
    deadline: u64,
    scope: Scope,
    /// NonOS reports a lost access point once per attempt to join, even when there was none.
    reported: bool,
}

impl Modem {
    /// Loses the access point; the station tries to return by itself.
    pub fn wifi_lost(&mut self) {
        self.lose_access_point(0);
    }

    /// Loses the access point and tries to return after that time.
    pub(super) fn lose_access_point(&mut self, away_us: u64) {
        if self.station.ap.is_some() {
            self.disconnected(REASON_LOST);
            self.station.returns = 0;
            self.return_later(away_us);
        }
    }

    /// Packets get there: through the access point, or in the network of the modem's own.
    pub(super) fn routes_to(&self, address: Ipv4Addr) -> bool {
        self.station.joined().is_some() || self.is_guest(address)
    }

    /// An address in the network of the modem's own access point, or all of that network.
    pub(super) fn is_guest(&self, address: Ipv4Addr) -> bool {
        let own = self.kept.ap_ip;
        let same = |bits: Ipv4Addr| bits.to_bits() & own.netmask.to_bits();
        self.kept.mode & 2 != 0 && (same(address) == same(own.address) || address.is_broadcast())
    }

    pub(super) fn start_joining(
        &mut self,
        target: Credentials,
        limit: u64,
        scope: Scope,
    ) -> Outcome {
        let was_joined = self.station.ap.is_some();
        if was_joined {
            self.disconnected(REASON_LEFT);
        }
        if self.nonos() {
            self.keep(scope, |kept| kept.ap = Some(target.clone()));
        }
        self.activity = Activity::Joining(Joining {
            deadline: self.now + limit,
            scope,
            reported: was_joined,
        });
        self.attempt(target);
        let first = match self.profile.join_polls_us {
            (0, _) => limit,
            (first, _) => first.min(limit),
        };
        self.timers.set(self.now + first, Timer::JoinCheck);
        Ok(Done::Later)
    }

    /// Starts an attempt in the background.
    fn attempt(&mut self, target: Credentials) {
        self.station.target = Some(target);
        self.station.trouble = TIMEOUT;
        self.station.tried = true;
        self.timers.cancel(Timer::Rejoin);
        self.timers.cancel(Timer::GotIp);
        self.timers.cancel(Timer::DhcpLimit);
        // Finding and associating takes most of the time, DHCP the rest.
        self.timers
            .set(self.now + self.air.join_us() * 3 / 4, Timer::Associated);
    }

    /// The access point admits the station, or does not.
    pub(super) fn associated(&mut self) {
        let Some(target) = &self.station.target else {
            return;
        };
        let named: Vec<&AccessPoint> = self
            .air
            .access_points()
            .iter()
            .filter(|ap| {
                ap.ssid == target.ssid && target.bssid.is_none_or(|bssid| bssid == ap.bssid)
            })
            .collect();
        let strongest = named.iter().max_by_key(|ap| ap.rssi);
        match strongest {
            Some(ap)
                if ap
                    .password
                    .as_ref()
                    .is_none_or(|password| *password == target.password) =>
            {
                let ap = (*ap).clone();
                self.station.ap = Some(ap.clone());
                self.radio_transmits();
                self.wifi_message("WIFI CONNECTED");
                if ap.dhcp || !self.kept.dhcp_station {
                    self.timers.set(
                        self.now + self.air.join_us() - self.air.join_us() * 3 / 4,
                        Timer::GotIp,
                    );
                } else {
                    self.timers.set(self.now + DHCP_LIMIT_US, Timer::DhcpLimit);
                }
            }
            Some(_) => self.turned_away(WRONG_PASSWORD),
            None => self.turned_away(NO_AP),
        }
    }

    /// No DHCP server has answered; only NonOS says so.
    pub(super) fn dhcp_timed_out(&mut self) {
        if self.nonos() {
            self.wifi_message("DHCP TIMEOUT");
        }
    }

    /// The station will try again, if the settings want it to, and not before that time has passed.
    fn return_later(&mut self, away_us: u64) {
        let (interval, most) = if self.nonos() {
            NONOS_RETURNS
        } else {
            self.kept.reconnect
        };
        if interval > 0 && (most == 0 || self.station.returns < most) {
            self.station.returns = self.station.returns.saturating_add(1);
            let wait = away_us.max(u64::from(interval) * 1_000_000);
            self.timers.set(self.now + wait, Timer::Rejoin);
        }
    }

    fn turned_away(&mut self, trouble: u8) {
        self.station.trouble = trouble;
        let nonos = self.nonos();
        match &mut self.activity {
            Activity::Joining(joining) => {
                if nonos && !std::mem::replace(&mut joining.reported, true) {
                    self.disconnect_message(if trouble == NO_AP {
                        REASON_NO_AP
                    } else {
                        REASON_PASSWORD
                    });
                }
            }
            _ => self.return_later(0),
        }
    }

    pub(super) fn got_ip(&mut self) {
        let Some(ap) = &self.station.ap else { return };
        self.station.ip = Some(
            self.kept
                .station_ip
                .filter(|_| !self.kept.dhcp_station)
                .unwrap_or(ap.ip),
        );
        self.station.trouble = 0;
        self.station.returns = 0;
        self.wifi_message("WIFI GOT IP");
        self.ask_time();
        if matches!(self.activity, Activity::Joining(_)) && self.profile.join_polls_us.0 == 0 {
            self.join_check();
        }
    }

    /// `AT+CWJAP` looks at its attempt.
    pub(super) fn join_check(&mut self) {
        let Activity::Joining(Joining {
            deadline, scope, ..
        }) = self.activity
        else {
            return;
        };
        if self.station.joined().is_some() {
            self.timers.cancel(Timer::JoinCheck);
            if !self.nonos() {
                let target = self.station.target.clone();
                self.keep(scope, |kept| kept.ap.clone_from(&target));
            }
            self.finish(Ok(Done::Ok));
        } else if self.now >= deadline {
            let (before, result) = self.profile.join_failure;
            self.print(before);
            self.line(format!("+CWJAP:{}", self.station.trouble));
            self.print_line(result);
            self.activity = Activity::Idle;
        } else {
            let next = match self.profile.join_polls_us {
                (0, _) => deadline,
                (_, step) => deadline.min(self.now + step),
            };
            self.timers.set(next, Timer::JoinCheck);
        }
    }

    /// The station tries again what it was joined to.
    pub(super) fn rejoin(&mut self) {
        if let Some(target) = self.station.target.clone() {
            self.attempt(target);
        }
    }

    /// After a start: the stored access point, if that is wanted.
    pub(super) fn join_stored(&mut self) {
        if self.kept.auto_connect
            && self.kept.mode & 1 == 1
            && let Some(stored) = self.kept.ap.clone()
        {
            self.attempt(stored);
        }
    }

    pub(super) fn cmd_leave(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        self.stop_station();
        if self.station.ap.is_some() {
            self.timers.set(self.now + 1_000, Timer::LeftAp);
        }
        Ok(Done::Ok)
    }

    /// Gives up every attempt, without leaving.
    fn stop_station(&mut self) {
        for timer in [
            Timer::Associated,
            Timer::GotIp,
            Timer::DhcpLimit,
            Timer::Rejoin,
        ] {
            self.timers.cancel(timer);
        }
        self.station.target = None;
    }

    pub(super) fn left_ap(&mut self) {
        if self.station.ap.is_some() {
            self.disconnected(REASON_LEFT);
        }
    }

    /// The mode no longer has a station.
    pub(super) fn end_station(&mut self) {
        self.stop_station();
        self.left_ap();
    }

    fn wifi_message(&mut self, text: &str) {
        if self.profile.wifi_messages {
            self.line(text);
        }
    }

    pub(super) fn disconnect_message(&mut self, reason: u8) {
        if self.profile.wifi_reason {
            self.line(format!("WIFI DISCONNECT ({reason})"));
        } else {
            self.wifi_message("WIFI DISCONNECT");
        }
    }

    /// What losing the access point means for the links, and in which order it is said.
    fn disconnected(&mut self, reason: u8) {
        self.station.ap = None;
        self.station.ip = None;
        self.timers.cancel(Timer::GotIp);
        self.timers.cancel(Timer::DhcpLimit);
        self.timers.cancel(Timer::LeftAp);
        if self.nonos() {
            self.lose_links();
            self.disconnect_message(reason);
        } else {
            self.disconnect_message(reason);
            self.lose_links();
        }
    }
}
