//! UDP links: datagrams keep their bounds, and senders may become the remote.

use std::net::SocketAddrV4;

use super::Modem;
use super::connect::Target;
use super::links::{Kind, Link};
use super::refusal::PLAIN;
use super::reply::{Done, Outcome};

/// Whether the sender of a datagram becomes the one a plain send goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RemoteRule {
    Fixed,
    FirstSender,
    EverySender,
}

impl RemoteRule {
    /// The last parameter of `AT+CIPSTART`.
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            1 => Self::FirstSender,
            2 => Self::EverySender,
            _ => Self::Fixed,
        }
    }

    fn number(self) -> u8 {
        match self {
            Self::Fixed => 0,
            Self::FirstSender => 1,
            Self::EverySender => 2,
        }
    }
}

impl Link {
    /// A datagram has gone to the host.
    pub(super) fn heard_from(&mut self, sender: SocketAddrV4) {
        if self.rule == RemoteRule::Fixed {
            return;
        }
        self.remote = sender;
        if self.rule == RemoteRule::FirstSender {
            self.rule = RemoteRule::Fixed;
        }
    }
}

impl Modem {
    /// Opens a UDP link; that takes no time.
    pub(super) fn open_udp(
        &mut self,
        target: Target,
        remote: SocketAddrV4,
        local: Option<u16>,
        rule: RemoteRule,
    ) -> Outcome {
        let Some((socket, port)) = self.net.bind(self.now, local) else {
            return Err(PLAIN);
        };
        self.log_line(format!("local port:{port}\r\n"));
        if rule != RemoteRule::Fixed {
            self.log_line(format!("change type:{}\r\n", rule.number()));
        }
        let mut link = Link::new(socket, Kind::Udp, remote, port);
        link.rule = rule;
        link.named = target.named;
        self.stash[target.link].clear();
        self.links[target.link] = Some(link);
        self.connected(target.link);
        Ok(Done::Later)
    }

    pub(super) fn datagram_arrived(&mut self, index: usize, from: SocketAddrV4, data: Vec<u8>) {
        if !self.routes_to(*from.ip()) {
            return;
        }
        let ends = self.profile.empty_datagram_closes;
        let window = self.profile.window;
        let Some(link) = &mut self.links[index] else {
            return;
        };
        if !data.is_empty() {
            // Datagrams beyond what fits are lost.
            if link.pending() + data.len() <= window {
                link.datagrams.push_back((from, data));
            }
        } else if ends {
            link.finished = true;
            if self.session.passive {
                self.link_ended(index);
            }
        }
    }

    /// Passive: one read per notification; what it does not take is lost.
    pub(super) fn read_datagrams(&mut self, index: usize, wanted: usize) -> Vec<u8> {
        let Some(link) = &mut self.links[index] else {
            return Vec::new();
        };
        link.announced = false;
        let mut data: Vec<u8> = link
            .datagrams
            .drain(..)
            .flat_map(|(_, data)| data)
            .collect();
        data.truncate(wanted);
        data
    }
}
