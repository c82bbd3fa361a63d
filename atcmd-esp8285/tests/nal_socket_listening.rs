//! `listen` through `nal-socket` returns when the modem has taken the port.

mod bench;
mod board;

use std::time::Duration;

use atcmd_esp8285::{ReceiveMode, socket_policy};
use bench::{Setup, joined, network};
use board::{Board, Time, bench, board, commands, pass, someone};
use esp8285_sim::{ClientState, Dialect, MemoryNetwork, Sink, SocketId};
use nal_socket::{ErrorKind, TcpListener};

const SECOND: u64 = 1_000_000;

fn with_server() -> impl Iterator<Item = Setup> {
    Setup::every_dialect()
        .filter(|setup| setup.dialect != Dialect::EspAtMod)
        .flat_map(|setup| {
            [ReceiveMode::Auto, ReceiveMode::Active].map(|receive| Setup { receive, ..setup })
        })
}

fn bound(board: &Board, port: u16) -> TcpListener<&Board> {
    let mut listener = TcpListener::new(board);
    listener.bind(port).unwrap();
    listener
}

/// Connects in this very microsecond.
fn client(network: &MemoryNetwork, board: &Board, n: u8, port: u16) -> SocketId {
    network.connect_to_modem(bench(board).now(), someone(n), port, Sink::default())
}

/// Client `n` connects to `port` and is accepted.
fn visited(network: &MemoryNetwork, listener: &mut TcpListener<&Board>, board: &Board, n: u8) {
    let port = listener.local_port().unwrap();
    client(network, board, n, port);
    listener.set_timeout(Some(Duration::from_secs(1)));
    let accepted = listener.accept();
    let (_, from) = accepted.unwrap_or_else(|error| panic!("client {n}: {error:?}"));
    assert_eq!(from, someone(n).into());
}

#[test]
fn who_connects_the_moment_listen_returns_is_accepted() {
    // At once, and over a network that takes no time.
    let hurried = |setup| Setup {
        round_trip_us: 0,
        ..setup
    };
    for setup in with_server().flat_map(|setup| [setup, hurried(setup)]) {
        let network = network(setup);
        let board = board(setup, &network);
        let start = bench(&board).now();
        let mut listener = bound(&board, 80);
        assert_eq!(bench(&board).now(), start, "{setup:?}");
        listener.listen().unwrap();
        let taken = bench(&board).now() - start;
        assert!((1..100_000).contains(&taken), "{setup:?}: {taken} us");
        visited(&network, &mut listener, &board, 9);
    }
}

#[test]
fn without_the_capability_listen_does_not_wait_and_who_is_early_is_refused() {
    for setup in Setup::all() {
        let network = network(setup);
        let (bench, wifi) = joined::<2048>(setup, &network);
        let board = socket_policy::network(wifi, Time(bench.clone()));
        let mut listener = TcpListener::new(&board);
        listener.bind(80).unwrap();
        let start = bench.now();
        listener.listen().unwrap();
        assert_eq!(bench.now(), start, "{setup:?}");
        let early = network.connect_to_modem(start, someone(9), 80, Sink::default());
        listener.set_timeout(Some(Duration::from_secs(1)));
        let nobody = listener.accept().map(drop).unwrap_err();
        assert_eq!(nobody.kind(), ErrorKind::TimedOut, "{setup:?}");
        assert_eq!(network.client(early), ClientState::Refused, "{setup:?}");
    }
}

#[test]
fn a_non_blocking_listen_is_not_yet_and_then_done() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        let mut listener = bound(&board, 80);
        listener.set_nonblocking(true);
        let mut times = 0;
        while let Err(error) = listener.listen() {
            assert_eq!(error.kind(), ErrorKind::WouldBlock, "{setup:?}");
            times += 1;
            assert!(times < 1000, "{setup:?}: stuck");
            bench(&board).advance(100);
        }
        assert!(times > 0, "{setup:?}");
        visited(&network, &mut listener, &board, 9);
    }
}

#[test]
fn a_listener_after_another_on_the_same_port_outlives_the_others_stop() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        for step in 0..40 {
            let mut first = bound(&board, 80);
            first.listen().unwrap();
            first.close().unwrap();
            // Before the modem is told to stop, meanwhile, and after.
            pass(&board, step * 250);
            let mut second = bound(&board, 80);
            second.listen().unwrap();
            visited(&network, &mut second, &board, 9);
            second.close().unwrap();
            pass(&board, 500_000);
        }
    }
}

#[test]
fn a_restart_while_it_listens_makes_it_take_longer() {
    for setup in Setup::all() {
        for step in 0..40 {
            let network = network(setup);
            let board = board(setup, &network);
            let mut listener = bound(&board, 80);
            listener.set_timeout(Some(Duration::from_micros(step * 250 + 1)));
            let early = listener.listen();
            bench(&board).with_modem(esp8285_sim::Modem::reset);
            // It has to be heard of.
            pass(&board, SECOND);
            if let Err(error) = early {
                assert_eq!(error.kind(), ErrorKind::TimedOut, "{setup:?} {step}");
                listener.set_timeout(None);
                assert_eq!(listener.listen(), Ok(()), "{setup:?} {step}");
            }
            let joined = board.with_stack(|wifi| wifi.wait(|wifi| wifi.join("net", "password")));
            joined.unwrap().unwrap();
            visited(&network, &mut listener, &board, 9);
        }
    }
}

#[test]
fn a_restart_in_the_midst_is_waited_out_by_the_call_itself() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        bench(&board).record(true);
        let mut listener = bound(&board, 80);
        listener.set_nonblocking(true);
        assert!(listener.listen().is_err(), "{setup:?}");
        bench(&board).with_modem(esp8285_sim::Modem::reset);
        listener.set_timeout(None);
        assert_eq!(listener.listen(), Ok(()), "{setup:?}");
        // The server is one of the restarted modem's.
        let sent = commands(&board);
        let (_, after) = sent.rsplit_once("AT+CIPMUX=1\r\n").unwrap();
        assert!(after.contains("AT+CIPSERVER=1,80\r\n"), "{setup:?}: {sent}");
    }
}

#[test]
fn a_silent_modem_is_an_error_within_its_time_and_listening_again_works() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        bench(&board).with_modem(|modem| modem.stall(true));
        let start = bench(&board).now();
        let mut listener = bound(&board, 80);
        listener.set_timeout(Some(Duration::from_secs(1)));
        let error = listener.listen().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::TimedOut, "{setup:?}");
        assert_eq!(bench(&board).now(), start + SECOND, "{setup:?}");
        // Without a limit of its own it is the driver that gives up.
        listener.set_timeout(None);
        let error = listener.listen().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NetworkDown, "{setup:?}");
        let waited = bench(&board).now() - start;
        assert!(waited < 60 * SECOND, "{setup:?}: {waited} us");
        assert_eq!(
            listener.accept().map(drop).unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
        bench(&board).with_modem(|modem| modem.stall(false));
        assert_eq!(listener.listen(), Ok(()), "{setup:?}");
        visited(&network, &mut listener, &board, 9);
    }
}

#[test]
fn a_listener_that_is_closed_while_it_starts_leaves_the_port_to_the_next() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        for step in 0..20 {
            let mut first = bound(&board, 80);
            first.set_timeout(Some(Duration::from_micros(step * 250 + 1)));
            let _ = first.listen();
            first.close().unwrap();
            let mut second = bound(&board, 8080);
            second.listen().unwrap();
            visited(&network, &mut second, &board, 9);
            second.close().unwrap();
            pass(&board, 500_000);
        }
    }
}

#[test]
fn where_a_server_cannot_be_moved_listen_says_so() {
    let setup = Setup::new(Dialect::NonOs0_2x, ReceiveMode::Auto);
    let network = network(setup);
    let board = board(setup, &network);
    let mut first = bound(&board, 80);
    first.listen().unwrap();
    first.close().unwrap();
    let mut other = bound(&board, 8080);
    let error = other.listen().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotSupported);
    // That one has given its place back.
    let mut again = bound(&board, 80);
    assert_eq!(again.listen(), Ok(()));
    visited(&network, &mut again, &board, 9);
}
