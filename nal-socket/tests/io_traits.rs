//! The embedded-io traits on sockets and files.

mod common;

use common::{Arrival, SECOND, World, connected, network};
use embedded_io::{BufRead, Read, ReadReady, Write, WriteReady};
use nal_socket::{Error, ErrorKind};

fn exercise<T>(world: &World, stream: &mut T)
where
    T: Read<Error = Error> + BufRead + Write + ReadReady + WriteReady,
{
    assert_eq!(stream.read_ready(), Ok(false));
    world.data(SECOND, b"hello world");
    let mut buf = [0; 5];
    assert_eq!(stream.read(&mut []), Ok(0));
    assert_eq!(stream.read(&mut buf), Ok(5));
    assert_eq!(&buf, b"hello");
    assert_eq!(stream.read_ready(), Ok(true));
    assert_eq!(stream.fill_buf(), Ok(&b" world"[..]));
    stream.consume(1);
    assert_eq!(stream.fill_buf(), Ok(&b"world"[..]));
    stream.consume(99);
    world.arrive(SECOND, Arrival::End);
    assert_eq!(stream.fill_buf(), Ok(&b""[..]));
    assert_eq!(stream.read(&mut buf), Ok(0));
    assert_eq!(stream.read_ready(), Ok(true));

    assert_eq!(stream.write(b""), Ok(0));
    world.send_most.set(2);
    assert_eq!(stream.write(b"abc"), Ok(2));
    stream.write_all(b"cdefg").unwrap();
    stream.flush().unwrap();
    assert_eq!(stream.write_ready(), Ok(true));
    assert_eq!(*world.sent.borrow(), b"abcdefg");
}

#[test]
fn a_socket_is_a_stream() {
    let world = World::new();
    let network = network(&world);
    exercise(&world, &mut connected(&world, &network));
}

#[test]
fn an_owning_file_is_a_stream() {
    let world = World::new();
    let network = network(&world);
    exercise(&world, &mut connected(&world, &network).makefile());
}

#[test]
fn a_borrowing_file_is_a_stream() {
    let world = World::new();
    let network = network(&world);
    exercise(&world, &mut connected(&world, &network).file());
}

#[test]
fn read_gives_what_is_there_while_readinto_fills() {
    let world = World::new();
    let network = network(&world);
    let mut socket = connected(&world, &network);
    world.data(0, b"ab");
    let mut buf = [0; 4];
    assert_eq!(Read::read(&mut socket, &mut buf), Ok(2));
    world.data(0, b"ab");
    world.data(SECOND, b"cd");
    assert_eq!(socket.readinto(&mut buf), Ok(4));
}

#[test]
fn kinds_translate() {
    for (kind, io) in [
        (ErrorKind::TimedOut, embedded_io::ErrorKind::TimedOut),
        (ErrorKind::Interrupted, embedded_io::ErrorKind::Interrupted),
        (
            ErrorKind::ConnectionReset,
            embedded_io::ErrorKind::ConnectionReset,
        ),
        (ErrorKind::DataLost, embedded_io::ErrorKind::InvalidData),
        (ErrorKind::Closed, embedded_io::ErrorKind::NotConnected),
        (ErrorKind::NotSupported, embedded_io::ErrorKind::Unsupported),
        (ErrorKind::WouldBlock, embedded_io::ErrorKind::Other),
    ] {
        assert_eq!(embedded_io::Error::kind(&Error::new(kind)), io);
    }
}
