//! The sockets: made, filled and emptied.

#![allow(unreachable_pub)]

use std::collections::VecDeque;
use std::rc::Rc;

use nal_socket::ErrorKind;
use usocket_api::uselect::{Poll, USelect};
use usocket_api::{AF_INET, OPENMV, SOCK_DGRAM, USocket};

use crate::many::udp::UdpNetwork;
use crate::many::{Arrival, Town};
use crate::thing::{Item, Kind, Sock, Thing};

/// Room of the poll object, so that some sequences fill it.
pub const ROOM: usize = 6;

pub struct World<'n> {
    pub town: Rc<Town>,
    pub net: &'n UdpNetwork,
    pub things: Vec<Thing<'n>>,
    pub lines: u16,
    pub poll: Poll<&'n UdpNetwork, Rc<Sock<'n>>, ROOM>,
    /// Of things by their index, with masks.
    pub set: Vec<(usize, i32)>,
}

impl<'n> World<'n> {
    pub fn new(town: &Rc<Town>, net: &'n UdpNetwork) -> Self {
        Self {
            town: town.clone(),
            net,
            things: vec![],
            lines: 0,
            poll: USelect::new(net, OPENMV).poll_sized(),
            set: vec![],
        }
    }

    pub fn now(&self) -> u64 {
        self.town.now.get()
    }

    pub fn pick(&self, who: u8) -> Option<usize> {
        (!self.things.is_empty()).then(|| usize::from(who) % self.things.len())
    }

    pub fn make(&mut self, kind: u8) {
        self.lines += 1;
        let line = self.lines;
        let at = self.now() + u64::from(line % 3) * 700_000;
        let peer = ("192.0.2.1", line);
        let usocket = USocket::new(self.net, OPENMV);
        let sock = usocket.socket();
        let (sock, kind) = match kind {
            0 => (sock, Kind::New),
            1 => {
                sock.connect(peer).unwrap();
                (sock, Kind::Stream)
            }
            2 | 3 => {
                let refused = kind == 3;
                self.town.line(line, |line| {
                    line.connect_at = at.max(1);
                    if refused {
                        line.connect = Err(ErrorKind::ConnectionRefused);
                    }
                });
                sock.setblocking(false).unwrap();
                match sock.connect(peer) {
                    Ok(()) => (sock, Kind::Stream),
                    Err(error) if error.name() == "EINPROGRESS" => {
                        (sock, Kind::Connecting { at, refused })
                    }
                    Err(_) => (sock, Kind::New),
                }
            }
            4 => {
                sock.bind(("", line)).unwrap();
                let listening = !line.is_multiple_of(4);
                if listening {
                    sock.listen(None).unwrap();
                }
                (sock, Kind::Server { listening })
            }
            _ => {
                let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
                sock.bind(("", line)).unwrap();
                (sock, Kind::Datagram)
            }
        };
        self.things.push(Thing {
            sock: Rc::new(sock),
            line,
            kind,
            queue: VecDeque::new(),
        });
    }

    pub fn arrive(&mut self, who: usize, what: u8, after: u32) {
        let fresh = self.lines + 1;
        let now = self.now();
        let thing = &mut self.things[who];
        let last = thing.queue.back().copied();
        if matches!(last, Some((_, Item::End | Item::Reset))) {
            return;
        }
        let at = (now + u64::from(after)).max(last.map_or(0, |(at, _)| at));
        let item = match (thing.kind, what) {
            (Kind::Stream | Kind::Connecting { refused: false, .. }, 6) => Item::End,
            (Kind::Stream | Kind::Connecting { refused: false, .. }, 7) => Item::Reset,
            (Kind::Stream | Kind::Connecting { refused: false, .. }, _) => {
                Item::Bytes(1 + usize::from(what))
            }
            (Kind::Server { .. }, _) => Item::Peer(fresh),
            (Kind::Datagram, _) => Item::Bytes(usize::from(what)),
            _ => return,
        };
        thing.queue.push_back((at, item));
        let bytes = |count| vec![b'x'; count];
        let arrival = match (thing.kind, item) {
            (Kind::Datagram, Item::Bytes(count)) => Arrival::Datagram(9, bytes(count)),
            (_, Item::Bytes(count)) => Arrival::Data(bytes(count)),
            (_, Item::End) => Arrival::End,
            (_, Item::Reset) => Arrival::Fail(ErrorKind::ConnectionReset),
            (_, Item::Peer(line)) => {
                self.lines = line;
                Arrival::Peer(line)
            }
        };
        let line = thing.line;
        self.town
            .line(line, |line| line.arrivals.push_back((at, arrival)));
    }

    /// Does what does not wait, as the model says, and checks that it does not.
    pub fn take(&mut self, who: usize) {
        let now = self.now();
        let idles = self.town.idles.get();
        let thing = &mut self.things[who];
        if let Kind::Connecting { at, refused } = thing.kind {
            if now < at {
                return;
            }
            if refused {
                let error = thing.sock.recv_into(&mut [0; 4]).unwrap_err();
                assert_eq!(error.name(), "ECONNREFUSED");
                thing.kind = Kind::New;
                return;
            }
            thing.kind = Kind::Stream;
        }
        let mut buf = [0; 16];
        match (thing.kind, thing.arrived(now)) {
            (Kind::Server { listening: true }, Some(Item::Peer(line))) => {
                let (sock, _) = thing.sock.accept().unwrap();
                thing.queue.pop_front();
                self.things.push(Thing {
                    sock: Rc::new(sock),
                    line,
                    kind: Kind::Stream,
                    queue: VecDeque::new(),
                });
            }
            (Kind::Datagram, Some(Item::Bytes(count))) => {
                assert_eq!(thing.sock.recvfrom_into(&mut buf).unwrap().0, count);
                thing.queue.pop_front();
            }
            (Kind::Stream, Some(Item::End)) => assert_eq!(thing.sock.recv_into(&mut buf), Ok(0)),
            (Kind::Stream, Some(Item::Reset)) => {
                let error = thing.sock.recv_into(&mut buf).unwrap_err();
                assert_eq!(error.name(), "ECONNRESET");
                thing.queue.pop_front();
                thing.kind = Kind::Told;
            }
            (Kind::Stream, Some(_)) => {
                let mut count = thing.sock.recv_into(&mut buf).unwrap();
                assert!(count > 0);
                while count > 0 {
                    let Some((at, Item::Bytes(left))) = thing.queue.front_mut() else {
                        panic!("{count} bytes too many");
                    };
                    assert!(*at <= now);
                    let here = count.min(*left);
                    *left -= here;
                    count -= here;
                    if *left == 0 {
                        thing.queue.pop_front();
                    }
                }
            }
            _ => return,
        }
        assert_eq!(self.town.idles.get(), idles, "it has waited");
    }
}
