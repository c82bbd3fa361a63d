//! Sockets beside the interface: what is received meanwhile is not lost.

use std::net::{Ipv4Addr, SocketAddrV4};

use atcmd_esp8285::ReceiveMode;
use esp8285_sim::{Dialect, MemoryNetwork, Peer, PeerIo};
use usocket_api::{MAIXPY, USocket};

use crate::{Board, DIALECTS, SECOND, home};

const SERVER: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::new(10, 0, 0, 1), 80);
const PIECES: u32 = 40;
const PIECE: usize = 64;

/// Sends a piece of text every tenth of a second.
struct Ticker(u32);

impl Peer for Ticker {
    fn connected(&mut self, io: &mut PeerIo) {
        io.wake_at(io.now() + SECOND / 10);
    }
    fn received(&mut self, _: &[u8], _: &mut PeerIo) {}
    fn tick(&mut self, io: &mut PeerIo) {
        io.send(piece(self.0).as_bytes());
        self.0 += 1;
        if self.0 < PIECES {
            io.wake_at(io.now() + SECOND / 10);
        } else {
            io.close();
        }
    }
}

fn piece(n: u32) -> String {
    format!("{n:0>width$}", width = PIECE)
}

fn online(dialect: Dialect, receive: ReceiveMode) -> Board {
    let internet = MemoryNetwork::new();
    internet.listen(SERVER, || Box::new(Ticker(0)));
    let board = Board::on(dialect, home(), internet, receive);
    board.nic().connect("home", "12345678").unwrap();
    board
}

#[test]
fn what_arrives_during_scan_and_ifconfig_is_received_whole() {
    for dialect in DIALECTS {
        for receive in [ReceiveMode::Auto, ReceiveMode::Active] {
            let board = online(dialect, receive);
            let nic = board.nic();
            let sock = USocket::new(&board.network, MAIXPY).socket();
            sock.connect(("10.0.0.1", 80)).unwrap();

            let mut scans = 0;
            nic.scan_each(|_| scans += 1).unwrap();
            assert_eq!(nic.ifconfig().unwrap().ssid.as_str(), Some("home"));
            assert!(nic.isconnected().unwrap());
            nic.enable_ap("camera", "12345678").unwrap();
            nic.disable_ap().unwrap();
            nic.scan_each(|_| scans += 1).unwrap();
            assert_eq!(scans, 2);

            let (mut all, mut buf) = (vec![], [0; 100]);
            loop {
                match sock.recv_into(&mut buf).unwrap() {
                    0 => break,
                    count => all.extend(&buf[..count]),
                }
            }
            let expected: String = (0..PIECES).map(piece).collect();
            assert_eq!(String::from_utf8(all).unwrap(), expected, "{dialect}");
        }
    }
}

#[test]
fn a_socket_works_from_connect_to_disconnect() {
    for dialect in DIALECTS {
        let board = online(dialect, ReceiveMode::Auto);
        let nic = board.nic();
        let usocket = USocket::new(&board.network, MAIXPY);
        let sock = usocket.socket();
        sock.connect(("10.0.0.1", 80)).unwrap();
        let mut buf = [0; PIECE];
        assert_eq!(sock.recv_into(&mut buf).unwrap(), PIECE, "{dialect}");
        nic.disconnect().unwrap();
        board.time.bench.advance(SECOND);
        // What had been received comes first, then the loss of the network.
        let error = loop {
            match sock.recv_into(&mut buf) {
                Ok(count) => assert!(count > 0, "{dialect}: an orderly end"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.name(), "ECONNRESET", "{dialect}");
        let error = usocket.socket().connect(("10.0.0.1", 80)).unwrap_err();
        // ESP-AT does not say why.
        let name = if dialect.to_string().starts_with("nonos") {
            "ENETDOWN"
        } else {
            "ECONNREFUSED"
        };
        assert_eq!(error.name(), name, "{dialect}");
        // And back.
        nic.connect("home", "12345678").unwrap();
        usocket.socket().connect(("10.0.0.1", 80)).unwrap();
    }
}
