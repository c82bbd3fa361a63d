//! What `poll` reports: the table of events, row by row.

mod many;

use std::time::Duration;

use many::{
    Arrival, FakeNetwork, Op, SECOND, Town, address, connected, connecting, listening, network,
};
use nal_socket::{ErrorKind, Events, Pollable, TcpListener, TcpSocket, Watch};

const IN: u8 = 1;
const OUT: u8 = 4;
const ERR: u8 = 8;
const HUP: u8 = 16;
const NVAL: u8 = 32;
const BOTH: u8 = IN | OUT;

/// What a look without waiting reports on `source` for this interest. It is told the same twice, but
/// where `OUT` is a guess.
fn events(net: &FakeNetwork, source: &mut dyn Pollable, interest: u8) -> u8 {
    let mut watch = Watch::new(Events::from_bits(interest).unwrap());
    let found = net.poll(&mut [(source, &mut watch)], Some(Duration::ZERO));
    assert_eq!(found, Ok(usize::from(!watch.ready().is_empty())));
    watch.ready().bits()
}

/// The answers to an interest in both, in `IN`, in `OUT` and in nothing.
fn row(net: &FakeNetwork, source: &mut dyn Pollable) -> [u8; 4] {
    let row = [BOTH, IN, OUT, 0].map(|interest| events(net, source, interest));
    let again = [BOTH, IN, OUT, 0].map(|interest| events(net, source, interest));
    assert_eq!(row, again, "asking has changed something");
    row
}

#[test]
fn a_new_socket_could_be_used_and_is_hung_up() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = TcpSocket::new(&net);
    assert_eq!(row(&net, &mut socket), [OUT | HUP, HUP, OUT | HUP, HUP]);
    assert_eq!(town.calls(), []);
}

#[test]
fn a_connecting_socket_is_nothing() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connecting(&town, &net, 1);
    assert_eq!(row(&net, &mut socket), [0; 4]);
}

#[test]
fn a_connection_lost_as_it_is_made_is_heard_by_one_who_waits_for_nothing() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connecting(&town, &net, 1);
    town.line(1, |line| line.connect_at = 0);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    assert_eq!(events(&net, &mut socket, 0), ERR | HUP);
    assert_eq!(town.calls(), [(1, Op::Connect), (1, Op::Receive)]);
}

#[test]
fn a_connect_that_ends_well_is_found_with_what_has_arrived() {
    for (arrived, expected) in [(false, OUT), (true, IN | OUT)] {
        let town = Town::new();
        let net = network(&town);
        let mut socket = connecting(&town, &net, 1);
        town.line(1, |line| line.connect_at = 0);
        if arrived {
            town.data(1, 0, b"x");
        }
        assert_eq!(events(&net, &mut socket, BOTH), expected);
        assert!(socket.is_connected());
        assert_eq!(town.calls(), [(1, Op::Connect), (1, Op::Receive)]);
    }
}

#[test]
fn a_refused_connect_is_everything_until_it_is_told() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connecting(&town, &net, 1);
    town.line(1, |line| {
        line.connect_at = 0;
        line.connect = Err(ErrorKind::ConnectionRefused);
    });
    let always = ERR | HUP;
    assert_eq!(
        row(&net, &mut socket),
        [29, IN | always, OUT | always, always]
    );
    let error = socket.connect(address(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
    // As new.
    assert_eq!(row(&net, &mut socket), [OUT | HUP, HUP, OUT | HUP, HUP]);
}

#[test]
fn an_idle_connection_takes_data() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    assert_eq!(row(&net, &mut socket), [OUT, 0, OUT, 0]);
    // Also with bytes on their way that nobody has confirmed.
    town.line(1, |line| line.confirm_after = SECOND);
    socket.sendall(b"abc").unwrap();
    assert_eq!(row(&net, &mut socket), [OUT, 0, OUT, 0]);
}

#[test]
fn bytes_are_readable_and_stay_for_the_reader() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.data(1, 0, b"abc");
    assert_eq!(row(&net, &mut socket), [IN | OUT, IN, OUT, 0]);
    let mut buf = [0; 8];
    assert_eq!(socket.recv(&mut buf), Ok(3));
    assert_eq!(&buf[..3], b"abc");
    assert_eq!(row(&net, &mut socket), [OUT, 0, OUT, 0]);
}

#[test]
fn the_end_of_the_stream_is_readable_for_ever_and_no_hang_up() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.arrive(1, 0, Arrival::End);
    assert_eq!(row(&net, &mut socket), [IN | OUT, IN, OUT, 0]);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(0));
    assert_eq!(row(&net, &mut socket), [IN | OUT, IN, OUT, 0]);
}

#[test]
fn a_reset_is_everything_and_once_told_a_hang_up() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    let always = ERR | HUP;
    assert_eq!(
        row(&net, &mut socket),
        [29, IN | always, OUT | always, always]
    );
    let error = socket.recv(&mut [0; 8]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    let told = [IN | OUT | HUP, IN | HUP, OUT | HUP, HUP];
    assert_eq!(row(&net, &mut socket), told);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(0));
    assert_eq!(row(&net, &mut socket), told);
}

#[test]
fn a_reset_is_heard_by_one_who_is_interested_in_nothing() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    let mut watch = Watch::new(Events::NONE);
    town.arrive(1, SECOND, Arrival::Fail(ErrorKind::ConnectionReset));
    assert_eq!(net.poll(&mut [(&mut socket, &mut watch)], None), Ok(1));
    assert_eq!(town.now.get(), 8 * SECOND);
    assert_eq!(watch.ready().bits(), ERR | HUP);
}

#[test]
fn a_reset_behind_unread_bytes_comes_after_them() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.data(1, 0, b"abc");
    town.arrive(1, 0, Arrival::Fail(ErrorKind::ConnectionReset));
    assert_eq!(events(&net, &mut socket, BOTH), IN | OUT);
    assert_eq!(socket.recv(&mut [0; 8]), Ok(3));
    assert_eq!(events(&net, &mut socket, BOTH), 29);
}

#[test]
fn an_error_that_is_not_the_end_is_an_error_without_a_hang_up() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.arrive(1, 0, Arrival::Fail(ErrorKind::DataLost));
    assert_eq!(events(&net, &mut socket, BOTH), IN | OUT | ERR);
    assert_eq!(
        socket.recv(&mut [0; 8]).unwrap_err().kind(),
        ErrorKind::DataLost
    );
    assert_eq!(events(&net, &mut socket, BOTH), OUT);
}

#[test]
fn a_failed_delivery_is_an_error_for_the_sender_and_no_reason_to_read() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.line(1, |line| line.send_most = 1);
    assert_eq!(socket.send(b"abc"), Ok(1));
    town.line(1, |line| line.send_error = Some(ErrorKind::BrokenPipe));
    let always = ERR | HUP;
    assert_eq!(events(&net, &mut socket, BOTH), OUT | always);
    town.line(1, |line| line.send_error = None);
    assert_eq!(
        row(&net, &mut socket),
        [OUT | always, always, OUT | always, always]
    );
    assert_eq!(
        socket.send(b"abc").unwrap_err().kind(),
        ErrorKind::BrokenPipe
    );
    assert_eq!(row(&net, &mut socket), [OUT | HUP, HUP, OUT | HUP, HUP]);
}

#[test]
fn a_closed_socket_is_not_valid() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    socket.close().unwrap();
    assert_eq!(row(&net, &mut socket), [NVAL; 4]);
    let mut listener = listening(&town, &net, 2);
    listener.close().unwrap();
    assert_eq!(row(&net, &mut listener), [NVAL; 4]);
}

#[test]
fn a_listener_is_a_new_socket_then_nothing_then_readable() {
    let town = Town::new();
    let net = network(&town);
    let mut listener = TcpListener::new(&net);
    let new = [OUT | HUP, HUP, OUT | HUP, HUP];
    assert_eq!(row(&net, &mut listener), new);
    listener.bind(5).unwrap();
    assert_eq!(row(&net, &mut listener), new);
    listener.listen().unwrap();
    assert_eq!(row(&net, &mut listener), [0; 4]);
    town.arrive(5, 0, Arrival::Peer(6));
    assert_eq!(row(&net, &mut listener), [IN, IN, 0, 0]);
    let (connection, from) = listener.accept().unwrap();
    assert_eq!(from, address(6));
    assert_eq!(connection.peer_addr(), Some(address(6)));
    assert_eq!(row(&net, &mut listener), [0; 4]);
}

#[test]
fn a_file_is_as_ready_as_its_socket() {
    let town = Town::new();
    let net = network(&town);
    let mut socket = connected(&town, &net, 1);
    town.data(1, 0, b"x");
    assert_eq!(row(&net, &mut socket.file()), [IN | OUT, IN, OUT, 0]);
    let mut file = socket.makefile();
    assert_eq!(row(&net, &mut file), [IN | OUT, IN, OUT, 0]);
    file.close().unwrap();
    assert_eq!(row(&net, &mut file), [NVAL; 4]);
}
