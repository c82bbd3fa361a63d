//! When what was sent leaves on a stack that works only while it is called: the simulated modem.

mod modem;

use embedded_io::Write as _;
use esp8285_sim::Direction;
use modem::{Board, DIALECTS, SERVER, Time, board};
use usocket_api::uselect::{POLLIN, USelect};
use usocket_api::{AF_INET, OPENMV, SOCK_DGRAM, Socket, USocket};

const SECOND: u64 = 1_000_000;

/// Whether these bytes have gone to the modem since the last time.
fn left(time: &Time, bytes: &[u8]) -> bool {
    let mut written = vec![];
    for (_, direction, bytes) in time.bench.take_record() {
        if direction == Direction::ToModem {
            written.extend(bytes);
        }
    }
    written.windows(bytes.len()).any(|window| window == bytes)
}

fn connected<'n>(time: &Time, net: &'n Board) -> Socket<&'n Board> {
    let sock = USocket::new(net, OPENMV).socket();
    sock.connect(SERVER).unwrap();
    time.bench.record(true);
    sock
}

#[test]
fn while_the_program_does_other_things_nothing_leaves() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        let sock = connected(&time, &net);
        sock.send("temperature 21").unwrap();
        time.bench.advance(60 * SECOND);
        assert!(!left(&time, b"temperature 21"), "{dialect}");
        // Whatever asks the stack helps it on.
        sock.setblocking(false).unwrap();
        for _ in 0..100 {
            let _ = sock.recv_into(&mut [0; 4]);
            time.bench.advance(1_000);
        }
        assert!(left(&time, b"temperature 21"), "{dialect}");
    }
}

#[test]
fn after_flush_everything_has_left() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        let sock = connected(&time, &net);
        sock.send("temperature 21").unwrap();
        (&sock).flush().unwrap();
        assert!(left(&time, b"temperature 21"), "{dialect}");
    }
}

#[test]
fn close_of_a_blocking_connection_waits_until_everything_has_left() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        let sock = connected(&time, &net);
        sock.send("temperature 21").unwrap();
        sock.close().unwrap();
        assert!(left(&time, b"temperature 21"), "{dialect}");
    }
}

#[test]
fn a_datagram_leaves_while_its_socket_is_polled() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        time.bench.record(true);
        let usocket = USocket::new(&net, OPENMV);
        let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
        sock.sendto("temperature 21", SERVER).unwrap();
        assert!(!left(&time, b"temperature 21"), "{dialect}");
        let poller = USelect::new(&net, OPENMV).poll();
        poller.register(&sock, POLLIN).unwrap();
        poller.poll(20).unwrap();
        assert!(left(&time, b"temperature 21"), "{dialect}");
        sock.close().unwrap();
    }
}

#[test]
fn a_datagram_of_a_closed_socket_leaves_as_other_calls_go_on() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        time.bench.record(true);
        let usocket = USocket::new(&net, OPENMV);
        let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
        sock.sendto("temperature 21", SERVER).unwrap();
        sock.close().unwrap();
        for _ in 0..100 {
            net.with_stack(|wifi| wifi.poll()).unwrap().unwrap();
            time.bench.advance(1_000);
        }
        assert!(left(&time, b"temperature 21"), "{dialect}");
    }
}
