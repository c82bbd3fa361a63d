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

/// Each way to send, on a socket that may wait.
#[test]
fn when_a_blocking_call_returns_what_it_sent_has_left() {
    for dialect in DIALECTS {
        for limit in [None, Some(5.0)] {
            let (time, net) = board(dialect);
            let sock = connected(&time, &net);
            sock.settimeout(limit).unwrap();
            sock.send("temperature 21").unwrap();
            assert!(left(&time, b"temperature 21"), "{dialect}");
            sock.sendall("temperature 22").unwrap();
            assert!(left(&time, b"temperature 22"), "{dialect}");
            sock.write("temperature 23").unwrap();
            assert!(left(&time, b"temperature 23"), "{dialect}");
            sock.sendto("temperature 24", SERVER).unwrap();
            assert!(left(&time, b"temperature 24"), "{dialect}");
            let usocket = USocket::new(&net, OPENMV);
            let sock = usocket.socket_with(AF_INET, SOCK_DGRAM, 0).unwrap();
            sock.settimeout(limit).unwrap();
            sock.sendto("temperature 25", SERVER).unwrap();
            assert!(left(&time, b"temperature 25"), "{dialect}");
            sock.connect(SERVER).unwrap();
            sock.send("temperature 26").unwrap();
            assert!(left(&time, b"temperature 26"), "{dialect}");
            sock.write("temperature 27").unwrap();
            assert!(left(&time, b"temperature 27"), "{dialect}");
        }
    }
}

/// The modem has its prompt before it has the data: a limit that is shorter is no error.
#[test]
fn a_limit_that_ends_before_the_confirmation_is_no_error() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        let sock = connected(&time, &net);
        sock.settimeout(0.0005).unwrap();
        let before = time.bench.now();
        assert_eq!(sock.send("temperature 21").unwrap(), 14, "{dialect}");
        assert_eq!(time.bench.now() - before, 500, "{dialect}");
        assert!(!left(&time, b"temperature 21"), "{dialect}");
        sock.settimeout(5).unwrap();
        let mut echo = [0; 14];
        assert_eq!(sock.readinto(&mut echo).unwrap(), Some(14), "{dialect}");
        assert_eq!(&echo, b"temperature 21", "{dialect}");
    }
}

#[test]
fn what_a_non_blocking_socket_was_given_leaves_as_calls_go_on() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        let sock = connected(&time, &net);
        sock.setblocking(false).unwrap();
        sock.send("temperature 21").unwrap();
        time.bench.advance(60 * SECOND);
        assert!(!left(&time, b"temperature 21"), "{dialect}");
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
        sock.setblocking(false).unwrap();
        sock.send("temperature 21").unwrap();
        sock.setblocking(true).unwrap();
        (&sock).flush().unwrap();
        assert!(left(&time, b"temperature 21"), "{dialect}");
    }
}

#[test]
fn close_of_a_blocking_connection_waits_until_everything_has_left() {
    for dialect in DIALECTS {
        let (time, net) = board(dialect);
        let sock = connected(&time, &net);
        sock.setblocking(false).unwrap();
        sock.send("temperature 21").unwrap();
        sock.setblocking(true).unwrap();
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
        sock.sendto("the first opens", SERVER).unwrap();
        sock.recvfrom_into(&mut [0; 16]).unwrap();
        sock.setblocking(false).unwrap();
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
        sock.sendto("the first opens", SERVER).unwrap();
        sock.recvfrom_into(&mut [0; 16]).unwrap();
        sock.setblocking(false).unwrap();
        sock.sendto("temperature 21", SERVER).unwrap();
        sock.close().unwrap();
        for _ in 0..100 {
            net.with_stack(|wifi| wifi.poll()).unwrap().unwrap();
            time.bench.advance(1_000);
        }
        assert!(left(&time, b"temperature 21"), "{dialect}");
    }
}
