//! Received data on its way to the host: pushed in frames, or kept until asked for.

use std::net::SocketAddrV4;

use super::call::{Call, Form};
use super::links::Kind;
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};
use super::{LINKS, Modem};
use crate::dialect::ReadHeader;
use crate::fault::Fault;
use crate::line::{NANOS, duration_ns};

/// A new frame is started when no more than this is left to transmit, so that the line never falls idle and
/// the peer is held back by the receive window, not by a queue here.
const NEARLY_SENT: u64 = 128;

/// What encryption adds to a TLS record: header, nonce and tag.
const RECORD_OVERHEAD: usize = 29;

impl Modem {
    pub(super) fn data_arrived(&mut self, index: usize, data: &[u8]) {
        let Some(link) = self.links[index].as_mut().filter(|link| !link.finished) else {
            return;
        };
        link.received.extend(data);
        if link.kind == Kind::Ssl && self.profile.keeps_all_kinds && self.session.passive {
            link.overhead += RECORD_OVERHEAD;
        }
        link.active_at = self.now;
        if self.nonos() && self.keeps(index) {
            self.announce(index, data.len());
        }
    }

    /// Whether a link's data waits until the host asks for it.
    pub(super) fn keeps(&self, index: usize) -> bool {
        let kind = self.links[index].as_ref().map(|link| link.kind);
        !self.session.transparent
            && self.session.passive
            && (self.profile.keeps_all_kinds || kind == Some(Kind::Tcp))
    }

    fn announce(&mut self, index: usize, length: usize) {
        if self.strikes(Fault::MissingIpd) {
            return;
        }
        let link = self.link_prefix(index);
        self.print(format!("\r\n+IPD,{link}{length}\r\n"));
    }

    pub(super) fn link_prefix(&self, index: usize) -> String {
        if self.session.multiple {
            format!("{index},")
        } else {
            String::new()
        }
    }

    /// Passes on what the links have for the host; whether anything was.
    pub(super) fn serve_links(&mut self) -> bool {
        let mut any = false;
        while !self.links_neglected() && (self.accept_client() || self.serve_one_link()) {
            any = true;
        }
        if !self.links_neglected() {
            self.mind_the_door();
        }
        any
    }

    fn serve_one_link(&mut self) -> bool {
        let first = self.turn;
        (0..LINKS).any(|i| self.serve_link((first + i) % LINKS))
    }

    fn serve_link(&mut self, index: usize) -> bool {
        let nonos = self.nonos();
        let Some(link) = self.links[index].as_mut().filter(|link| link.open) else {
            return false;
        };
        let pending = link.pending();
        if pending == 0 {
            if link.finished {
                self.link_ended_by_peer(index);
            }
            return self.links[index].is_none();
        }
        let announced = link.announced;
        if !self.keeps(index) {
            return self.push_frame(index);
        }
        if nonos || announced {
            return false;
        }
        if let Some(link) = &mut self.links[index] {
            link.announced = true;
        }
        self.announce(index, pending);
        true
    }

    /// Sends one `+IPD` frame if the transmitter has room.
    fn push_frame(&mut self, index: usize) -> bool {
        if self.room_at() > self.now {
            return false;
        }
        let prefix = self.link_prefix(index);
        let quote = if self.profile.quoted_peer { "\"" } else { "" };
        let Some(link) = &mut self.links[index] else {
            return false;
        };
        let (from, payload) = match link.datagrams.pop_front() {
            Some((from, data)) => {
                link.heard_from(from);
                (from, data)
            }
            None => {
                let length = link.received.len().min(self.profile.frame);
                link.overhead = 0;
                (link.remote, link.received.drain(..length).collect())
            }
        };
        let length = payload.len();
        if self.session.transparent {
            let (kind, socket) = (link.kind, link.socket);
            self.print(payload);
            if kind != Kind::Udp {
                self.net.consumed(self.now, socket, length);
            }
            return true;
        }
        let mut frame = format!("\r\n+IPD,{prefix}{length}").into_bytes();
        if self.session.peer_info {
            let (ip, port) = (from.ip(), from.port());
            frame.extend_from_slice(format!(",{quote}{ip}{quote},{port}").as_bytes());
        }
        frame.push(b':');
        frame.extend(payload);
        frame.extend_from_slice(self.profile.frame_tail.as_bytes());
        let (kind, socket) = (link.kind, link.socket);
        self.print(frame);
        if kind != Kind::Udp {
            self.net.consumed(self.now, socket, length);
        }
        self.turn = (index + 1) % LINKS;
        true
    }

    /// When the transmitter has room for a frame.
    fn room_at(&self) -> u64 {
        if self.tx.is_held() {
            return u64::MAX;
        }
        self.tx
            .free_ns()
            .saturating_sub(duration_ns(NEARLY_SENT, self.baud))
            .div_ceil(NANOS)
    }

    /// When the next frame can go out, if one waits.
    pub(super) fn frame_room_at(&self) -> Option<u64> {
        if self.links_neglected() || self.tx.is_held() {
            return None;
        }
        let waiting = |index: usize| {
            let link = self.open_link(index);
            link.is_some_and(|link| link.pending() > 0) && !self.keeps(index)
        };
        (0..LINKS).any(waiting).then(|| self.room_at())
    }

    pub(super) fn cmd_receive_mode(&mut self, call: &Call<'_>) -> Outcome {
        self.session.passive = self.switch(call, self.session.passive)?;
        Ok(Done::Ok)
    }

    pub(super) fn cmd_receive_length(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Query = call.form else {
            return Err(PLAIN);
        };
        let shown = if self.session.multiple || !self.profile.single_length {
            LINKS
        } else {
            1
        };
        let lengths: Vec<String> = (0..shown)
            .map(|index| match self.open_link(index) {
                Some(link) => link.pending().to_string(),
                None => self.profile.dead_len.to_string(),
            })
            .collect();
        self.line(format!("{}:{}", call.name, lengths.join(",")));
        Ok(Done::Ok)
    }

    pub(super) fn cmd_receive_data(&mut self, call: &Call<'_>) -> Outcome {
        let Form::Set(args) = &call.form else {
            return Err(PLAIN);
        };
        let (index, at): (usize, _) = if self.session.multiple {
            (
                args.number(0, 0..=4)
                    .map_err(|refusal| refusal.and("ID ERROR"))?,
                1,
            )
        } else {
            (0, 0)
        };
        args.count(at + 1..=at + 1)?;
        let wanted: usize = args.number(at, 1..=self.profile.read_limit)?;
        if !self.session.passive {
            return Err(PLAIN);
        }
        if self.nonos() {
            self.read_nonos(index, wanted)
        } else {
            self.read_esp_at(index, wanted)
        }
    }

    fn read_nonos(&mut self, index: usize, wanted: usize) -> Outcome {
        let data: Vec<u8> = if self.open_link(index).is_some() {
            if !self.keeps(index) {
                return Err(PLAIN);
            }
            self.read_link(index, wanted)
        } else if self.stash[index].is_empty() {
            return Err(PLAIN);
        } else {
            let stash = &mut self.stash[index];
            let length = wanted.min(stash.len());
            stash.drain(..length).collect()
        };
        if !data.is_empty() {
            let header = self.read_header(index, data.len(), None);
            self.print(header);
            self.print(data);
        }
        Ok(Done::Ok)
    }

    fn read_esp_at(&mut self, index: usize, wanted: usize) -> Outcome {
        if self.unread_data_is_lost(index) {
            return Err(PLAIN);
        }
        let Some(link) = self.open_link(index) else {
            return Err(PLAIN);
        };
        let (remote, data) = match link.datagrams.front() {
            Some(&(from, _)) => (from, self.read_datagrams(index, wanted)),
            None => (link.remote, self.read_link(index, wanted)),
        };
        if data.is_empty() {
            return Err(PLAIN);
        }
        self.log_line(format!("to read {} bytes", data.len()));
        let remote = Some(remote).filter(|_| self.session.peer_info);
        let header = self.read_header(index, data.len(), remote);
        self.print(header);
        self.print(data);
        Ok(Done::Ok)
    }

    fn read_header(&self, index: usize, length: usize, peer: Option<SocketAddrV4>) -> String {
        match (self.profile.read_header, peer) {
            (ReadHeader::Colon, _) => format!("\r\n+CIPRECVDATA,{length}:"),
            (ReadHeader::Numbered, _) => format!("+CIPRECVDATA,{index},{length}:\r\n"),
            (ReadHeader::Comma, None) => format!("+CIPRECVDATA:{length},"),
            (ReadHeader::Comma, Some(peer)) => {
                let (ip, port) = (peer.ip(), peer.port());
                format!("+CIPRECVDATA:{length},\"{ip}\",{port},")
            }
        }
    }

    fn read_link(&mut self, index: usize, wanted: usize) -> Vec<u8> {
        let Some(link) = &mut self.links[index] else {
            return Vec::new();
        };
        let length = wanted.min(link.received.len());
        let data: Vec<u8> = link.received.drain(..length).collect();
        if link.received.is_empty() {
            link.overhead = 0;
        }
        link.announced = false;
        let socket = link.socket;
        if length > 0 {
            self.net.consumed(self.now, socket, length);
        }
        data
    }
}
