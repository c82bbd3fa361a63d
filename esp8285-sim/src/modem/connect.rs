//! `AT+CIPSTART`.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::args::Args;
use super::call::{Call, Form};
use super::links::{Kind, Link};
use super::lookup::Purpose;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::timers::Timer;
use super::udp::RemoteRule;
use super::{Activity, Modem};
use crate::dialect::Refused;

/// `AT+SYSMSG`: links are reported as `+LINK_CONN`.
const LINK_MESSAGES: u8 = 2;

/// Longest keep-alive time in seconds.
const LONGEST_KEEP_ALIVE: i64 = 7_200;

/// What `AT+CIPSTART` wants, but for the address.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target {
    pub(super) link: usize,
    pub(super) port: u16,
    /// The host is given by name.
    pub(super) named: bool,
    transport: Transport,
}

#[derive(Debug, Clone, Copy)]
enum Transport {
    Stream(Kind),
    Udp {
        local: Option<u16>,
        rule: RemoteRule,
    },
}

/// The parameters behind the port.
fn transport(kind: Kind, args: &Args, at: usize) -> Result<Transport, Refusal> {
    match kind {
        Kind::Tcp | Kind::Ssl => {
            args.count(at..=at + 1)?;
            args.optional_number::<u16>(at, 0..=LONGEST_KEEP_ALIVE)?;
            Ok(Transport::Stream(kind))
        }
        Kind::Udp => {
            let missing = |refusal: Refusal| refusal.and("Miss param");
            args.count(at..=at + 2)?;
            let local = args.optional_number(at, 1..=65_535).map_err(missing)?;
            let rule = args.optional_number(at + 1, 0..=2).map_err(missing)?;
            if rule.is_some() && local.is_none() {
                return Err(missing(Refusal::count()));
            }
            let rule = RemoteRule::from_number(rule.unwrap_or(0));
            Ok(Transport::Udp { local, rule })
        }
    }
}

impl Modem {
    pub(super) fn cmd_start(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        let (link, at) = if self.session.multiple {
            (
                args.number(0, 0..=4)
                    .map_err(|refusal| refusal.and("ID ERROR"))?,
                1,
            )
        } else {
            (0, 0)
        };
        let kind = match args
            .text(at)
            .map_err(|refusal| refusal.and("Link type ERROR"))?
        {
            b"TCP" => Kind::Tcp,
            b"SSL" if self.profile.ssl => Kind::Ssl,
            b"UDP" if self.profile.udp => Kind::Udp,
            _ => return Err(Refusal::value().and("Link type ERROR")),
        };
        let host = args
            .name(at + 1, 64)
            .map_err(|refusal| refusal.and("IP ERROR"))?;
        if host.is_empty() {
            return Err(Refusal::length().and("IP ERROR"));
        }
        let port = args
            .number(at + 2, 1..=65_535)
            .map_err(|refusal| refusal.and("ENTRY ERROR"))?;
        let transport = transport(kind, args, at + 3)?;
        if self.links[link].is_some() {
            return Err(Refusal::because("ALREADY CONNECTED"));
        }
        let ssl = |link: &Link| link.kind == Kind::Ssl;
        if kind == Kind::Ssl && self.links.iter().flatten().any(ssl) {
            return Err(Refusal::because("ssl reach max"));
        }
        if self.kept.mode == 1 && self.station.joined().is_none() {
            return Err(Refusal::because("no ip"));
        }
        let target = Target {
            link,
            port,
            named: host.parse::<Ipv4Addr>().is_err(),
            transport,
        };
        self.look_up(&host, Purpose::Connect(target))
    }

    pub(super) fn connect(&mut self, target: Target, address: Ipv4Addr) -> Outcome {
        let remote = SocketAddrV4::new(address, target.port);
        match target.transport {
            Transport::Stream(kind) => self.open_stream(target.link, kind, remote),
            Transport::Udp { local, rule } => self.open_udp(target, remote, local, rule),
        }
    }

    fn open_stream(&mut self, link: usize, kind: Kind, remote: SocketAddrV4) -> Outcome {
        self.stash[link].clear();
        let window = self.profile.window;
        let started = if kind == Kind::Ssl {
            self.connect_tls(link, remote)
        } else {
            Some(self.net.connect(self.now, remote, window))
        };
        let Some((socket, local_port)) = started else {
            self.connect_failed(link);
            return Ok(Done::Later);
        };
        self.links[link] = Some(Link::new(socket, kind, remote, local_port));
        self.activity = Activity::Connecting(link);
        if !self.routes_to(*remote.ip()) {
            self.connect_failed(link);
        } else {
            self.timers.set(
                self.now + self.profile.connect_limit_us,
                Timer::ConnectLimit,
            );
        }
        Ok(Done::Later)
    }

    pub(super) fn connected(&mut self, index: usize) {
        let Some(link) = &mut self.links[index] else {
            return;
        };
        link.open = true;
        self.timers.cancel(Timer::ConnectLimit);
        if self.reports_links() && self.nonos() {
            self.finish(Ok(Done::Ok));
            self.link_is_up(index);
        } else {
            self.link_is_up(index);
            self.finish(Ok(Done::Ok));
        }
    }

    /// Links are reported as `+LINK_CONN`.
    pub(super) fn reports_links(&self) -> bool {
        self.kept.messages & LINK_MESSAGES != 0
    }

    /// Says that a link stands.
    pub(super) fn link_is_up(&mut self, index: usize) {
        let Some(link) = self.open_link(index) else {
            return;
        };
        if !self.reports_links() {
            self.link_line(index, "CONNECT");
            return;
        }
        let (kind, local_port) = (link.kind.name(), link.local_port);
        let server = u8::from(link.server);
        let (ip, port) = (link.remote.ip(), link.remote.port());
        self.line(format!(
            "+LINK_CONN:0,{index},\"{kind}\",{server},\"{ip}\",{port},{local_port}"
        ));
    }

    pub(super) fn connect_timed_out(&mut self) {
        if let Activity::Connecting(link) = self.activity {
            self.connect_failed(link);
        }
    }

    /// NonOS reports the CLOSED of a link that never was.
    pub(super) fn connect_failed(&mut self, index: usize) {
        if let Some(link) = self.links[index].take() {
            self.net.abort(self.now, link.socket);
        }
        self.timers.cancel(Timer::ConnectLimit);
        if self.profile.refused == Refused::ClosedError {
            self.line(format!("{index},CLOSED"));
        }
        self.finish(Err(PLAIN));
        if self.profile.refused == Refused::ErrorClosed {
            self.link_line(index, "CLOSED");
        }
    }
}
