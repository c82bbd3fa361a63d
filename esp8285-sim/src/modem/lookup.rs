//! Names and pings: questions to the network that a command waits for.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::call::{Call, Form};
use super::connect::Target;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::send::Order;
use super::timers::Timer;
use super::{Activity, Modem};
use crate::network::QueryId;

/// How long a name server is asked before that counts as no answer.
const LOOKUP_LIMIT_US: u64 = 8_000_000;

/// How long a ping is waited for.
const PING_LIMIT_US: u64 = 2_000_000;

const LONGEST_NAME: usize = 64;

/// A name being looked up.
#[derive(Debug)]
pub(super) struct Lookup {
    query: QueryId,
    name: String,
    purpose: Purpose,
}

impl Lookup {
    /// The link it will open.
    pub(super) fn reserves(&self) -> Option<usize> {
        match self.purpose {
            Purpose::Connect(target) => Some(target.link),
            _ => None,
        }
    }

    /// It is the first step of a connect.
    pub(super) fn connects(&self) -> bool {
        matches!(self.purpose, Purpose::Connect(_))
    }
}

/// What a name is needed for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Purpose {
    /// `AT+CIPDOMAIN`
    Domain,
    /// `AT+PING`
    Ping,
    /// `AT+CIPSTART`
    Connect(Target),
    /// `AT+CIPSEND` to an address of its own.
    Send(Order, u16),
}

/// A ping on its way.
#[derive(Debug)]
pub(super) struct Ping {
    query: QueryId,
    sent: u64,
}

impl Modem {
    pub(super) fn cmd_domain(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(if self.nonos() { 1..=1 } else { 1..=2 })?;
        let name = args.name(0, LONGEST_NAME)?;
        self.look_up(&name, Purpose::Domain)
    }

    pub(super) fn cmd_ping(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        args.count(1..=1)?;
        let name = args.name(0, LONGEST_NAME)?;
        self.look_up(&name, Purpose::Ping)
    }

    /// Finds an address and goes on with it; numbers need no server.
    pub(super) fn look_up(&mut self, name: &str, purpose: Purpose) -> Outcome {
        if let Ok(address) = name.parse() {
            return self.found(address, purpose);
        }
        if name.is_empty() || self.station.joined().is_none() {
            return self.not_found(purpose, name);
        }
        let query = self.net.resolve(self.now, name);
        self.activity = Activity::Looking(Lookup {
            query,
            name: name.to_owned(),
            purpose,
        });
        self.timers
            .set(self.now + LOOKUP_LIMIT_US, Timer::LookupLimit);
        Ok(Done::Later)
    }

    pub(super) fn lookup_answered(&mut self, answered: QueryId, address: Option<Ipv4Addr>) {
        let (purpose, name) = match &self.activity {
            Activity::Looking(lookup) if lookup.query == answered => {
                (lookup.purpose, lookup.name.clone())
            }
            _ => return,
        };
        self.timers.cancel(Timer::LookupLimit);
        let outcome = match address {
            Some(address) => self.found(address, purpose),
            None => self.not_found(purpose, &name),
        };
        self.finish(outcome);
    }

    pub(super) fn lookup_failed(&mut self) {
        if let Activity::Looking(lookup) = &self.activity {
            let (purpose, name) = (lookup.purpose, lookup.name.clone());
            let outcome = self.not_found(purpose, &name);
            self.finish(outcome);
        }
    }

    fn found(&mut self, address: Ipv4Addr, purpose: Purpose) -> Outcome {
        match purpose {
            Purpose::Domain => {
                let quote = if self.profile.quoted_domain { "\"" } else { "" };
                self.line(format!("+CIPDOMAIN:{quote}{address}{quote}"));
                Ok(Done::Ok)
            }
            Purpose::Ping => {
                let query = self.net.ping(self.now, address);
                self.activity = Activity::Pinging(Ping {
                    query,
                    sent: self.now,
                });
                self.timers.set(self.now + PING_LIMIT_US, Timer::PingLimit);
                Ok(Done::Later)
            }
            Purpose::Connect(target) => self.connect(target, address),
            Purpose::Send(order, port) => {
                self.prompt_for(order, Some(SocketAddrV4::new(address, port)))
            }
        }
    }

    fn not_found(&mut self, purpose: Purpose, name: &str) -> Outcome {
        self.log_line(format!("unknown host: {name}"));
        match purpose {
            Purpose::Ping => Err(self.ping_timeout()),
            _ => Err(Refusal::because("DNS Fail")),
        }
    }

    pub(super) fn ping_answered(&mut self, answered: QueryId) {
        let sent = match &self.activity {
            Activity::Pinging(ping) if ping.query == answered => ping.sent,
            _ => return,
        };
        self.timers.cancel(Timer::PingLimit);
        let ms = ((self.now - sent) / 1_000).max(1);
        self.line(format!("{}{ms}", if self.nonos() { "+" } else { "+PING:" }));
        self.finish(Ok(Done::Ok));
    }

    pub(super) fn ping_lost(&mut self) {
        if let Activity::Pinging(_) = self.activity {
            let refusal = self.ping_timeout();
            self.finish(Err(refusal));
        }
    }

    fn ping_timeout(&mut self) -> Refusal {
        self.line(if self.nonos() {
            "+timeout"
        } else {
            "+PING:TIMEOUT"
        });
        PLAIN
    }
}
