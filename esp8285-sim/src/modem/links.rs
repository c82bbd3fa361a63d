//! The five links: what the network reports about them, and how they end.

use std::collections::VecDeque;
use std::net::SocketAddrV4;

use super::segments::Segments;
use super::udp::RemoteRule;
use super::{Activity, LINKS, Modem};
use crate::fault::Fault;
use crate::network::{Event, SocketId};

/// What a link is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tcp,
    Udp,
    Ssl,
}

impl Kind {
    /// As `AT+CIPSTART` and `AT+CIPSTATUS` call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Tcp => "TCP",
            Kind::Udp => "UDP",
            Kind::Ssl => "SSL",
        }
    }
}

/// One connection, or one UDP socket.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) socket: SocketId,
    pub(super) kind: Kind,
    /// Where it leads; UDP: where a plain send goes.
    pub(super) remote: SocketAddrV4,
    pub(super) local_port: u16,
    /// It was opened by name, not by address.
    pub(super) named: bool,
    /// A client of our server has opened it.
    pub(super) server: bool,
    /// When something last went either way.
    pub(super) active_at: u64,
    /// The connection stands; until then only `AT+CIPSTART` knows it.
    pub(super) open: bool,
    /// Received and not handed to the host.
    pub(super) received: VecDeque<u8>,
    /// TLS in passive mode: what encryption added to it, which counts as received too.
    pub(super) overhead: usize,
    /// UDP: the same, with senders.
    pub(super) datagrams: VecDeque<(SocketAddrV4, Vec<u8>)>,
    /// UDP: whether senders become the remote.
    pub(super) rule: RemoteRule,
    /// ESP-AT, passive: the host has been told and has not read since.
    pub(super) announced: bool,
    /// The peer has sent everything.
    pub(super) finished: bool,
    /// The peer has broken the connection.
    pub(super) broken: bool,
    /// Sent and not acknowledged.
    pub(super) unacked: usize,
    pub(super) segments: Segments,
}

impl Link {
    pub(super) fn new(socket: SocketId, kind: Kind, remote: SocketAddrV4, local_port: u16) -> Self {
        Self {
            socket,
            kind,
            remote,
            local_port,
            named: false,
            server: false,
            active_at: 0,
            open: false,
            received: VecDeque::new(),
            overhead: 0,
            datagrams: VecDeque::new(),
            rule: RemoteRule::Fixed,
            announced: false,
            finished: false,
            broken: false,
            unacked: 0,
            segments: Segments::default(),
        }
    }

    /// How many bytes wait for the host, as the modem counts them.
    pub(super) fn pending(&self) -> usize {
        let datagrams: usize = self.datagrams.iter().map(|(_, data)| data.len()).sum();
        self.received.len() + self.overhead + datagrams
    }

    /// The peer could still end it.
    pub(super) fn takes_finish(&self) -> bool {
        self.kind != Kind::Udp && self.open && !self.finished
    }
}

impl Modem {
    pub(super) fn network_event(&mut self, event: Event) {
        if matches!(self.activity, Activity::Restarting { .. } | Activity::Down) {
            return;
        }
        match event {
            Event::Resolved(query, address) => self.lookup_answered(query, address),
            Event::Pong(query) => self.ping_answered(query),
            Event::Connected(socket) => {
                if let Some(link) = self.link_of(socket) {
                    self.connected(link);
                }
            }
            Event::Refused(socket) => {
                if let Some(link) = self.link_of(socket) {
                    self.connect_failed(link);
                }
            }
            Event::Data(socket, data) => {
                if let Some(link) = self.link_of(socket) {
                    self.data_arrived(link, &data);
                    self.may_half_close(link);
                }
            }
            Event::Acked(socket, bytes) => {
                if let Some(link) = self.link_of(socket) {
                    self.acknowledged(link, bytes);
                }
            }
            Event::Finished(socket) => {
                if let Some(link) = self.link_of(socket) {
                    self.peer_finished(link, false);
                }
            }
            Event::Reset(socket) => {
                if let Some(link) = self.link_of(socket) {
                    self.peer_finished(link, true);
                }
            }
            Event::Datagram(socket, from, data) => {
                if let Some(link) = self.link_of(socket) {
                    self.datagram_arrived(link, from, data);
                }
            }
            Event::Incoming(listener) => self.client_knocks(listener),
        }
    }

    fn link_of(&self, socket: SocketId) -> Option<usize> {
        self.links
            .iter()
            .position(|link| link.as_ref().is_some_and(|link| link.socket == socket))
    }

    /// The link, if it stands.
    pub(super) fn open_link(&self, index: usize) -> Option<&Link> {
        self.links.get(index)?.as_ref().filter(|link| link.open)
    }

    pub(super) fn peer_finished(&mut self, index: usize, broken: bool) {
        let Some(link) = &mut self.links[index] else {
            return;
        };
        if !link.open {
            self.connect_failed(index);
            return;
        }
        link.finished = true;
        link.broken |= broken;
        if self.nonos() && self.keeps(index) {
            self.link_ended_by_peer(index);
        } else if broken && !self.nonos() {
            self.send_lost_its_link(index);
        }
    }

    /// Ends a link from this side or after the peer, and says so.
    pub(super) fn link_ended(&mut self, index: usize) {
        self.end_link(index, true);
    }

    /// As [`link_ended`](Self::link_ended), which firmware may forget to say when it was the peer.
    pub(super) fn link_ended_by_peer(&mut self, index: usize) {
        let said = !self.strikes(Fault::LostClosed);
        self.end_link(index, said);
    }

    fn end_link(&mut self, index: usize, said: bool) {
        let kept = self.keeps(index);
        let Some(link) = self.take_link(index) else {
            return;
        };
        if self.nonos() && kept {
            self.stash[index] = link.received.into();
        }
        if said {
            self.link_line(index, "CLOSED");
        }
        self.send_lost_its_link(index);
    }

    /// Takes a link out of service and tells the network.
    fn take_link(&mut self, index: usize) -> Option<Link> {
        let link = self.links.get_mut(index)?.take()?;
        if self.session.abort_on_close[index] {
            self.net.abort(self.now, link.socket);
        } else {
            self.net.close(self.now, link.socket);
        }
        self.had_link = true;
        Some(link)
    }

    pub(super) fn close_all_links(&mut self) {
        for index in 0..LINKS {
            if self.open_link(index).is_some() {
                self.link_ended(index);
            }
        }
    }

    /// The way to the network is gone. ESP-AT leaves UDP links alone, and connections with unread data.
    pub(super) fn lose_links(&mut self) {
        let readable = !self.nonos() && self.session.passive;
        for index in 0..LINKS {
            let remote = self.links[index].as_ref().map(|link| *link.remote.ip());
            if remote.is_some_and(|remote| self.is_guest(remote)) {
                // It goes through the modem's own access point.
                continue;
            }
            let Some(link) = &mut self.links[index] else {
                continue;
            };
            if link.kind == Kind::Udp && !self.profile.wifi_closes_udp {
                continue;
            }
            if !link.open {
                self.connect_failed(index);
            } else if readable && !link.received.is_empty() {
                // Reported once it has been read out.
                link.finished = true;
                link.broken = true;
            } else {
                self.link_ended(index);
            }
        }
        self.had_link = false;
    }

    /// The chip loses power or resets: nothing is said, not even to the peers in order.
    pub(super) fn drop_links_silently(&mut self) {
        self.end_server();
        for index in 0..LINKS {
            if let Some(link) = self.links[index].take() {
                self.net.abort(self.now, link.socket);
            }
            self.stash[index].clear();
        }
        self.had_link = false;
    }

    /// ESP-AT: one task serves the sockets, and a connect or a send occupies it.
    pub(super) fn links_neglected(&self) -> bool {
        match &self.activity {
            Activity::Connecting(_) | Activity::Sending(_) => !self.nonos(),
            Activity::Looking(lookup) => !self.nonos() && lookup.connects(),
            Activity::Down => true,
            _ => false,
        }
    }
}
