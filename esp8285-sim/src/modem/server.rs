//! `AT+CIPSERVER` and its settings: the one TCP server.
//!
//! NonOS accepts whoever comes and drops those it has no link for. ESP-AT accepts when its task has time, and closes
//! its listening socket while no link is free.

use super::call::{Call, Form};
use super::links::{Kind, Link};
use super::refusal::{PLAIN, Refusal};
use super::reply::{Done, Outcome};
use super::timers::Timer;
use super::{Activity, LINKS, Modem};
use crate::dialect::ServerStop;
use crate::network::SocketId;

/// The port when none is given.
const DEFAULT_PORT: u16 = 333;

/// Longest idle limit, in seconds.
const LONGEST_IDLE: i64 = 7_200;

const SECOND_US: u64 = 1_000_000;

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    port: u16,
    /// `None` while it does not listen.
    listener: Option<SocketId>,
    /// Connections that wait to be accepted.
    waiting: usize,
}

impl Modem {
    pub(super) fn cmd_server(&mut self, call: &Call<'_>) -> Outcome {
        let args = match &call.form {
            Form::Query if !self.nonos() => {
                let text = match &self.server {
                    Some(server) => format!("{}:1,{},\"TCP\",0", call.name, server.port),
                    None => format!("{}:0", call.name),
                };
                self.line(text);
                return Ok(Done::Ok);
            }
            Form::Set(args) => args,
            _ => return Err(PLAIN),
        };
        args.count(1..=2)?;
        let start = args.number::<u8>(0, 0..=1)? == 1;
        if !self.session.multiple {
            return Err(Refusal::because("MUX=0"));
        }
        if start {
            let port = args.optional_number(1, 1..=65_535)?;
            return self.start_server(port.unwrap_or(DEFAULT_PORT));
        }
        let close_all = if self.nonos() {
            false
        } else {
            args.optional_number(1, 0..=1)? == Some(1u8)
        };
        self.stop_server(close_all)
    }

    fn start_server(&mut self, port: u16) -> Outcome {
        if self.server.is_some() {
            return self.no_change();
        }
        let listener = self.listen(port);
        if listener.is_none() {
            return Err(Refusal::because("TcpServer Failure"));
        }
        self.server = Some(Server {
            port,
            listener,
            waiting: 0,
        });
        Ok(Done::Ok)
    }

    fn stop_server(&mut self, close_all: bool) -> Outcome {
        if self.server.is_none() {
            return self.no_change();
        }
        match self.profile.server_stop {
            ServerStop::Restart => {
                self.line("we must restart");
                return Ok(Done::Silent);
            }
            ServerStop::WithoutClients if self.clients() > 0 => {
                self.line("we must restart");
                return Ok(Done::Ok);
            }
            ServerStop::WithoutClients | ServerStop::Always => {}
        }
        self.end_server();
        for index in 0..LINKS {
            if close_all && self.open_link(index).is_some_and(|link| link.server) {
                self.link_ended(index);
            }
        }
        Ok(Done::Ok)
    }

    /// Stops listening, without a word.
    pub(super) fn end_server(&mut self) {
        if let Some(listener) = self.server.take().and_then(|server| server.listener) {
            self.net.close(self.now, listener);
        }
        if !self.nonos() {
            self.session.idle_limit = self.profile.idle_limit_s;
        }
    }

    fn no_change(&mut self) -> Outcome {
        if self.nonos() {
            self.line("no change");
        }
        Ok(Done::Ok)
    }

    fn listen(&mut self, port: u16) -> Option<SocketId> {
        let (backlog, window) = (self.profile.backlog, self.profile.window);
        self.net.listen(self.now, port, backlog, window)
    }

    /// How many links the server's clients have.
    fn clients(&self) -> usize {
        let links = self.links.iter().flatten();
        links.filter(|link| link.server).count()
    }

    /// The lowest link nobody has or is about to have, if another client is allowed.
    pub(super) fn link_for_client(&self) -> Option<usize> {
        let taken = match &self.activity {
            Activity::Looking(lookup) => lookup.reserves(),
            _ => None,
        };
        if self.clients() >= usize::from(self.session.max_clients) {
            return None;
        }
        (0..LINKS).find(|&index| self.links[index].is_none() && taken != Some(index))
    }

    pub(super) fn client_knocks(&mut self, listener: SocketId) {
        if let Some(server) = &mut self.server
            && server.listener == Some(listener)
        {
            server.waiting += 1;
        }
    }

    /// Takes one waiting client; whether there was one.
    pub(super) fn accept_client(&mut self) -> bool {
        let Some(server) = &mut self.server else {
            return false;
        };
        let (Some(listener), true) = (server.listener, server.waiting > 0) else {
            return false;
        };
        server.waiting -= 1;
        let port = server.port;
        let Some(client) = self.net.accept(self.now, listener) else {
            return true;
        };
        let free = self
            .link_for_client()
            .filter(|_| self.routes_to(*client.remote.ip()));
        let Some(index) = free else {
            self.net.abort(self.now, client.socket);
            return true;
        };
        let mut link = Link::new(client.socket, Kind::Tcp, client.remote, port);
        link.server = true;
        link.open = true;
        link.active_at = self.now;
        self.stash[index].clear();
        self.links[index] = Some(link);
        self.link_is_up(index);
        self.watch_idle_clients();
        true
    }

    /// ESP-AT: listens only while there is a link for a client.
    pub(super) fn mind_the_door(&mut self) {
        if !self.profile.closes_door {
            return;
        }
        let free = self.link_for_client().is_some();
        let Some(server) = &mut self.server else {
            return;
        };
        match server.listener {
            Some(listener) if !free => {
                server.listener = None;
                server.waiting = 0;
                self.net.close(self.now, listener);
            }
            None if free => {
                let port = server.port;
                let listener = self.listen(port);
                if let Some(server) = &mut self.server {
                    server.listener = listener;
                }
            }
            _ => {}
        }
    }

    pub(super) fn cmd_max_clients(&mut self, call: &Call<'_>) -> Outcome {
        match &call.form {
            Form::Query => {
                let text = format!("{}:{}", call.name, self.session.max_clients);
                self.print(text);
                if !self.nonos() {
                    self.print("\r\n");
                }
            }
            Form::Set(args) => {
                args.count(1..=1)?;
                let most = args.number(0, 1..=5)?;
                if self.server.is_some() {
                    return Err(Refusal::because("Server has started"));
                }
                self.session.max_clients = most;
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    pub(super) fn cmd_idle_limit(&mut self, call: &Call<'_>) -> Outcome {
        if self.server.is_none() && self.profile.idle_limit_needs_server {
            return Err(PLAIN);
        }
        match &call.form {
            Form::Query => self.line(format!("{}:{}", call.name, self.session.idle_limit)),
            Form::Set(args) => {
                args.count(1..=1)?;
                self.session.idle_limit = args.number(0, 0..=LONGEST_IDLE)?;
                self.watch_idle_clients();
            }
            _ => return Err(PLAIN),
        }
        Ok(Done::Ok)
    }

    /// When a client will have been idle for too long.
    fn idle_until(&self, link: &Link) -> Option<u64> {
        let limit = u64::from(self.session.idle_limit) * SECOND_US;
        (link.server && limit > 0).then_some(link.active_at + limit)
    }

    /// Sets the timer for the client that will be idle for too long first.
    fn watch_idle_clients(&mut self) {
        let links = self.links.iter().flatten();
        let first = links.filter_map(|link| self.idle_until(link)).min();
        match first {
            Some(at) => self.timers.set(at.max(self.now), Timer::IdleClients),
            None => self.timers.cancel(Timer::IdleClients),
        }
    }

    pub(super) fn close_idle_clients(&mut self) {
        if self.links_neglected() {
            self.timers.set(self.now + SECOND_US, Timer::IdleClients);
            return;
        }
        for index in 0..LINKS {
            let link = self.open_link(index);
            let until = link.and_then(|link| self.idle_until(link));
            if until.is_some_and(|until| until <= self.now) {
                self.link_ended(index);
            }
        }
        self.watch_idle_clients();
    }
}
