//! The other side of the cable: the peer's sessions, datagrams and names on bare smoltcp sockets.

use std::net::Ipv4Addr;

use nal_socket::conformance::peer::{Ledger, Session, datagram};
use smoltcp::iface::{Config, Interface, SocketHandle, SocketSet};
use smoltcp::socket::{tcp, udp};
use smoltcp::time::Instant;
use smoltcp::wire::{EthernetAddress, IpAddress, IpCidr, IpEndpoint};

use super::names;
use super::wire::Port;
use crate::common::{Incoming, Line, Moved, Time, drive};

pub const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 1);
pub const SERVER: u16 = 7000;
pub const SPEAKS_FIRST: u16 = 7001;
/// Closes at once whatever comes in.
pub const HANGS_UP: u16 = 7003;
pub const DATAGRAMS: u16 = 7000;
pub const MORE_DATAGRAMS: u16 = 7002;
const OTHER_DATAGRAMS: u16 = 7009;
const NAMES: u16 = 53;

/// How many connections may come in at once on one port.
const BACKLOG: usize = 4;

pub struct FarEnd {
    time: Time,
    interface: Interface,
    port: Port,
    sockets: SocketSet<'static>,
    connections: Vec<Connection>,
    ledger: Ledger,
    /// The ones that answer, and the one for answers from another port.
    datagrams: [SocketHandle; 2],
    other_datagrams: SocketHandle,
    names: SocketHandle,
}

struct Connection {
    handle: SocketHandle,
    port: u16,
    session: Option<Session>,
    over: bool,
}

struct Wire<'a>(&'a mut tcp::Socket<'static>);

impl Line for Wire<'_> {
    fn read(&mut self, room: usize, take: &mut dyn FnMut(&[u8]) -> usize) -> Incoming {
        let taken = self.0.recv(|bytes| {
            let offered = &bytes[..bytes.len().min(room)];
            let count = if offered.is_empty() { 0 } else { take(offered) };
            (count, count)
        });
        match taken {
            Ok(0) => Incoming::Nothing,
            Ok(count) => Incoming::Bytes(count),
            Err(tcp::RecvError::Finished) => Incoming::End,
            Err(tcp::RecvError::InvalidState) => Incoming::Broken,
        }
    }

    fn write(&mut self, bytes: &[u8]) -> usize {
        self.0.send_slice(bytes).unwrap_or(0)
    }

    fn finish(&mut self) {
        self.0.close();
    }

    fn close(&mut self) {
        self.0.close();
    }

    fn reset(&mut self) {
        self.0.abort();
    }
}

fn udp_socket(port: u16) -> udp::Socket<'static> {
    let buffer = || udp::PacketBuffer::new(vec![udp::PacketMetadata::EMPTY; 16], vec![0; 16384]);
    let mut socket = udp::Socket::new(buffer(), buffer());
    socket.bind(port).unwrap();
    socket
}

impl FarEnd {
    pub fn new(time: &Time, mut port: Port) -> Self {
        let mac = EthernetAddress([2, 0, 0, 0, 0, 1]);
        let mut interface =
            Interface::new(Config::new(mac.into()), &mut port, Instant::from_micros(0));
        interface.update_ip_addrs(|addresses| {
            addresses
                .push(IpCidr::new(IpAddress::Ipv4(ADDRESS), 24))
                .unwrap();
        });
        let mut sockets = SocketSet::new(Vec::new());
        let datagrams = [DATAGRAMS, MORE_DATAGRAMS].map(|port| sockets.add(udp_socket(port)));
        let other_datagrams = sockets.add(udp_socket(OTHER_DATAGRAMS));
        let names = sockets.add(udp_socket(NAMES));
        let mut far = Self {
            time: time.clone(),
            interface,
            port,
            sockets,
            connections: Vec::new(),
            ledger: Ledger::new(),
            datagrams,
            other_datagrams,
            names,
        };
        far.listen();
        far
    }

    /// Moves everything on.
    pub fn poll(&mut self) {
        self.exchange_frames();
        self.tidy();
        self.serve();
        self.answer_datagrams();
        self.answer_names();
        self.listen();
        self.exchange_frames();
    }

    /// How many connections a session still serves.
    pub fn sessions(&self) -> usize {
        self.connections
            .iter()
            .filter(|connection| connection.session.is_some() && !connection.over)
            .count()
    }

    fn exchange_frames(&mut self) {
        let now = Instant::from_micros(i64::try_from(self.time.get()).unwrap());
        self.interface.poll(now, &mut self.port, &mut self.sockets);
    }

    fn serve(&mut self) {
        let now = self.time.get();
        for connection in &mut self.connections {
            let socket = self.sockets.get_mut::<tcp::Socket<'_>>(connection.handle);
            // Nobody is there any more to read it.
            if connection.over && socket.can_recv() {
                socket.abort();
            }
            if matches!(socket.state(), tcp::State::Listen | tcp::State::SynReceived)
                || connection.over
            {
                continue;
            }
            let session = connection.session.get_or_insert_with(|| {
                if connection.port == SPEAKS_FIRST {
                    Session::speaking_first()
                } else {
                    Session::new()
                }
            });
            if connection.port == HANGS_UP {
                session.end(&mut self.ledger);
            }
            connection.over =
                drive(session, &mut self.ledger, now, &mut Wire(socket)) == Moved::Over;
        }
    }

    /// Forgets connections that are over, but not before their last frame has left.
    fn tidy(&mut self) {
        let sockets = &mut self.sockets;
        self.connections.retain(|connection| {
            let socket = sockets.get::<tcp::Socket<'_>>(connection.handle);
            let gone = connection.over && !socket.is_open() && !socket.is_active();
            if gone {
                sockets.remove(connection.handle);
            }
            !gone
        });
    }

    fn listen(&mut self) {
        for port in [SERVER, SPEAKS_FIRST, HANGS_UP] {
            let listening = self
                .connections
                .iter()
                .filter(|connection| connection.port == port && connection.session.is_none())
                .count();
            for _ in listening..BACKLOG {
                let buffer = || tcp::SocketBuffer::new(vec![0; 4096]);
                let mut socket = tcp::Socket::new(buffer(), buffer());
                socket.listen(port).unwrap();
                self.connections.push(Connection {
                    handle: self.sockets.add(socket),
                    port,
                    session: None,
                    over: false,
                });
            }
        }
    }

    fn answer_datagrams(&mut self) {
        let mut out = [0; 1472];
        for handle in self.datagrams {
            loop {
                let socket = self.sockets.get_mut::<udp::Socket<'_>>(handle);
                let Ok((request, from)) = socket.recv() else {
                    break;
                };
                let replies = datagram(request, &mut out);
                let to: IpEndpoint = from.endpoint;
                let from = if replies.from_other_port {
                    self.other_datagrams
                } else {
                    handle
                };
                let socket = self.sockets.get_mut::<udp::Socket<'_>>(from);
                for _ in 0..replies.count {
                    socket.send_slice(&out[..replies.length], to).unwrap();
                }
            }
        }
    }

    fn answer_names(&mut self) {
        let socket = self.sockets.get_mut::<udp::Socket<'_>>(self.names);
        while let Ok((query, from)) = socket.recv() {
            let reply = names::answer(query);
            let to: IpEndpoint = from.endpoint;
            if let Some(reply) = reply {
                socket.send_slice(&reply, to).unwrap();
            }
        }
    }
}
