//! Sending and receiving: buffers, strings, files, and with `alloc` methods that return bytes.

mod common;

use common::{Arrival, SECOND, World, connected, name, network};
use usocket_api::{MAIXPY, OPENMV};

#[test]
fn text_and_bytes_are_both_data() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, MAIXPY);
    assert_eq!(socket.send("text "), Ok(5));
    assert_eq!(socket.send(b"bytes "), Ok(6));
    assert_eq!(socket.write(String::from("owned ")), Ok(Some(6)));
    socket.sendall(vec![b'v']).unwrap();
    assert_eq!(*world.sent.borrow(), b"text bytes owned v");
}

#[test]
fn sendall_and_write_send_all_of_it() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, OPENMV);
    world.send_most.set(3);
    world.send_pause.set(SECOND);
    assert_eq!(socket.send("abcdefgh"), Ok(3));
    socket.sendall("defgh").unwrap();
    assert_eq!(socket.write("ijkl"), Ok(Some(4)));
    assert_eq!(*world.sent.borrow(), b"abcdefghijkl");
}

#[test]
fn a_file_is_the_socket_and_closing_it_closes_the_socket() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, MAIXPY);
    world.data(0, b"line\nrest");
    let mut buf = [0; 16];
    for mode in ["rb", "wb", "rwb"] {
        socket.makefile(mode).unwrap();
    }
    for mode in ["r", "w", "rt", "", "ab"] {
        assert_eq!(name(socket.makefile(mode)), "EINVAL");
    }
    let file = socket.makefile("rwb").unwrap();
    assert_eq!(file.readline_into(&mut buf), Ok(Some(5)));
    assert_eq!(file.write("x"), Ok(Some(1)));
    file.close().unwrap();
    assert_eq!(name(socket.recv_into(&mut buf)), "EBADF");
    assert_eq!(world.open.get(), 0);
}

#[test]
fn dropping_a_socket_closes_it() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, MAIXPY);
    assert_eq!(world.open.get(), 1);
    drop(socket);
    assert_eq!(world.open.get(), 0);
}

#[test]
fn the_end_of_the_stream_is_empty_again_and_again() {
    let world = World::new();
    let network = network(&world);
    let socket = connected(&network, OPENMV);
    world.data(0, b"ab");
    world.arrive(0, Arrival::End);
    let mut buf = [0; 16];
    assert_eq!(socket.readinto(&mut buf), Ok(Some(2)));
    for _ in 0..3 {
        assert_eq!(socket.recv_into(&mut buf), Ok(0));
        assert_eq!(socket.readinto(&mut buf), Ok(Some(0)));
        assert_eq!(socket.readline_into(&mut buf), Ok(Some(0)));
    }
}

#[cfg(feature = "alloc")]
mod heap {
    use super::*;
    use usocket_api::MSG_PEEK;

    #[test]
    fn recv_returns_what_is_there_up_to_bufsize() {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, OPENMV);
        world.data(0, b"abcdef");
        assert_eq!(socket.recv_flags(2, MSG_PEEK).unwrap(), b"ab");
        assert_eq!(socket.recv(4).unwrap(), b"abcd");
        assert_eq!(socket.recv(0).unwrap(), b"");
        assert_eq!(socket.recv(usize::MAX).unwrap(), b"ef");
    }

    #[test]
    fn read_takes_a_size_or_everything() {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, OPENMV);
        world.data(0, b"abc");
        world.data(SECOND, b"def\nghi");
        world.arrive(2 * SECOND, Arrival::End);
        assert_eq!(socket.read(4).unwrap().unwrap(), b"abcd");
        assert_eq!(socket.readline().unwrap().unwrap(), b"ef\n");
        assert_eq!(socket.read(0).unwrap().unwrap(), b"");
        assert_eq!(socket.read(None).unwrap().unwrap(), b"ghi");
        assert_eq!(socket.read(None).unwrap().unwrap(), b"");
        assert_eq!(socket.readline().unwrap().unwrap(), b"");
    }

    #[test]
    fn nothing_yet_on_a_non_blocking_socket_is_none() {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, OPENMV);
        socket.setblocking(false).unwrap();
        assert_eq!(socket.read(4), Ok(None));
        assert_eq!(socket.read(None), Ok(None));
        assert_eq!(socket.readline(), Ok(None));
        world.data(0, b"ab");
        assert_eq!(socket.read(None).unwrap().unwrap(), b"ab");
    }

    #[test]
    fn a_timed_read_keeps_any_amount() {
        let world = World::new();
        let network = network(&world);
        let socket = connected(&network, MAIXPY);
        socket.settimeout(1).unwrap();
        let data: Vec<u8> = (0..3_000).map(|i| (i % 10) as u8).collect();
        world.data(0, &data);
        assert_eq!(name(socket.read(4_000)), "ETIMEDOUT");
        assert_eq!(name(socket.read(None)), "ETIMEDOUT");
        assert_eq!(name(socket.readline()), "ETIMEDOUT");
        assert_eq!(socket.read(3_000).unwrap().unwrap(), data);
    }
}
