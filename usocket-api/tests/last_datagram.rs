//! What a datagram socket sent before it was closed, on the simulated modem in virtual time. Nobody
//! asks the driver for anything afterwards, as at the end of a program.

mod modem;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use embedded_io::Write;
use esp8285_sim::{Dialect, MemoryNetwork, UdpIo, UdpPeer};
use modem::{Board, SERVER, Time, board_on};
use usocket_api::{AF_INET, MAIXPY, SOCK_DGRAM, USocket};

const DIALECTS: [Dialect; 3] = [Dialect::NonOs1_3, Dialect::NonOs1_7, Dialect::EspAt2_2];

const TO: (&str, i32) = ("10.0.0.1", 7);

/// Keeps what came.
#[derive(Clone, Default)]
struct Kept(Rc<RefCell<Vec<Vec<u8>>>>);

impl UdpPeer for Kept {
    fn received(&mut self, data: &[u8], _: &mut UdpIo) {
        self.0.borrow_mut().push(data.to_vec());
    }
}

/// Runs `script`, lets time pass without the driver, and says what has come.
fn heard(dialect: Dialect, script: impl Fn(&Time, &USocket<&Board>)) -> Vec<Vec<u8>> {
    let SocketAddr::V4(server) = SERVER else {
        unreachable!("it is an IPv4 address")
    };
    let kept = Kept::default();
    let network = MemoryNetwork::new();
    network.listen_udp(server, kept.clone());
    let (time, board) = board_on(dialect, network);
    script(&time, &USocket::new(&board, MAIXPY));
    let until = time.bench.now() + 1_000_000;
    while time.bench.now() < until {
        time.bench.idle(Some(until));
    }
    kept.0.take()
}

#[test]
fn sendto_and_close_is_a_whole_script() {
    for dialect in DIALECTS {
        let kept = heard(dialect, |_, usocket| {
            let s = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
            s.sendto(b"x", TO).unwrap();
            s.close().unwrap();
        });
        assert_eq!(kept, [b"x"], "{dialect:?}");
    }
}

#[test]
fn a_socket_with_a_timeout_and_one_that_is_dropped_have_sent_everything_too() {
    for dialect in DIALECTS {
        let kept = heard(dialect, |_, usocket| {
            let s = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
            s.settimeout(2).unwrap();
            s.sendto(b"a", TO).unwrap();
            s.sendto(b"b", TO).unwrap();
            s.close().unwrap();
            let s = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
            s.sendto(b"c", TO).unwrap();
        });
        assert_eq!(kept, [b"a", b"b", b"c"], "{dialect:?}");
    }
}

#[test]
fn a_non_blocking_socket_closes_at_once_or_is_flushed_before() {
    for dialect in DIALECTS {
        let kept = heard(dialect, |time, usocket| {
            let mut s = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
            s.sendto(b"a", TO).unwrap();
            s.setblocking(false).unwrap();
            s.sendto(b"b", TO).unwrap();
            assert_eq!(s.flush().unwrap_err().name(), "EAGAIN", "{dialect:?}");
            s.setblocking(true).unwrap();
            s.flush().unwrap();
            let before = time.bench.now();
            s.setblocking(false).unwrap();
            s.close().unwrap();
            assert_eq!(time.bench.now(), before, "{dialect:?}");
        });
        assert_eq!(kept, [b"a", b"b"], "{dialect:?}");
    }
}
