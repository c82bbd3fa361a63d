//! `AT+CIPSTART` and `AT+CIPSTATUS`.

use std::net::{Ipv4Addr, SocketAddrV4};

use super::call::{Call, Form};
use super::links::Link;
use super::lookup::Purpose;
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::timers::Timer;
use super::{Activity, LINKS, Modem};
use crate::dialect::Refused;

/// `AT+SYSMSG`: links are reported as `+LINK_CONN`.
const LINK_MESSAGES: u8 = 2;

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
        if args
            .text(at)
            .map_err(|refusal| refusal.and("Link type ERROR"))?
            != b"TCP"
        {
            return Err(Refusal::value().and("Link type ERROR"));
        }
        let host = args
            .name(at + 1, 64)
            .map_err(|refusal| refusal.and("IP ERROR"))?;
        if host.is_empty() {
            return Err(Refusal::length().and("IP ERROR"));
        }
        let port = args
            .number(at + 2, 1..=65_535)
            .map_err(|refusal| refusal.and("ENTRY ERROR"))?;
        args.optional_number::<u16>(at + 3, 0..=7_200)?;
        args.count(at + 3..=at + 4)?;
        if self.links[link].is_some() {
            return Err(Refusal::because("ALREADY CONNECTED"));
        }
        if self.kept.mode == 1 && self.station.joined().is_none() {
            return Err(Refusal::because("no ip"));
        }
        self.look_up(&host, Purpose::Connect { link, port })
    }

    pub(super) fn connect(&mut self, link: usize, address: Ipv4Addr, port: u16) -> Outcome {
        let remote = SocketAddrV4::new(address, port);
        self.stash[link].clear();
        let (socket, local_port) = self.net.connect(self.now, remote, self.profile.window);
        self.links[link] = Some(Link::new(socket, remote, local_port));
        self.activity = Activity::Connecting(link);
        if self.station.joined().is_none() {
            // An access point of our own leads nowhere.
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
        let (remote, local_port) = (link.remote, link.local_port);
        self.timers.cancel(Timer::ConnectLimit);
        if self.kept.messages & LINK_MESSAGES == 0 {
            self.link_line(index, "CONNECT");
            self.finish(Ok(Done::Ok));
            return;
        }
        let (ip, port) = (remote.ip(), remote.port());
        let message = format!("+LINK_CONN:0,{index},\"TCP\",0,\"{ip}\",{port},{local_port}");
        if self.nonos() {
            self.finish(Ok(Done::Ok));
            self.line(message);
        } else {
            self.line(message);
            self.finish(Ok(Done::Ok));
        }
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

    pub(super) fn cmd_status(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Execute = call.form else {
            return Err(PLAIN);
        };
        let status = self.status();
        self.line(format!("STATUS:{status}"));
        for index in 0..LINKS {
            let Some(Link {
                remote, local_port, ..
            }) = self.open_link(index)
            else {
                continue;
            };
            let (ip, port) = (remote.ip(), remote.port());
            let local = if self.profile.status_local_port {
                format!(",{local_port}")
            } else {
                String::new()
            };
            let line = format!("{}:{index},\"TCP\",\"{ip}\",{port}{local},0", call.name);
            self.line(line);
        }
        Ok(Done::Ok)
    }

    fn status(&self) -> u8 {
        let linked = (0..LINKS).any(|index| self.open_link(index).is_some());
        match () {
            () if !self.nonos() && self.kept.mode & 1 == 0 => 0,
            () if !self.nonos() && !self.station.tried() => 1,
            () if linked => 3,
            () if self.station.joined().is_none() => 5,
            () if self.had_link => 4,
            () => 2,
        }
    }
}
