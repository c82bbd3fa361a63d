//! The stream interface: `read`, `readinto`, `readline`, `write`, and `makefile`.

use usocket_api::{MAIXPY, OPENMV};

use crate::world::{Ending, Step, World, error, name, send};

surface! {
    everywhere {
        read_gives_all_that_was_asked_for
        read_without_a_size_reads_to_the_end
        read_comes_back_short_at_the_end_only
        a_non_blocking_read_gives_what_is_there
        readinto_fills_the_buffer
        readinto_takes_nbytes
        readline_reads_up_to_the_newline
        readline_gives_the_rest_at_the_end
        write_writes_all_of_it
        a_non_blocking_write_tells_how_much_went
        nothing_needs_no_connection
        what_a_timed_out_read_had_comes_first_in_the_next
        makefile_gives_the_socket_itself
        makefile_knows_the_binary_modes_only
        the_size_of_makefiles_buffer_is_ignored
        closing_the_file_closes_the_socket
    }
}

/// In pieces, with pauses between them.
fn pieces<W: World>(pieces: &[&str]) -> Vec<Step> {
    let mut script = vec![];
    for piece in pieces {
        script.extend([send(piece), Step::Wait(W::PAUSE)]);
    }
    script
}

fn read_gives_all_that_was_asked_for<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let script = pieces::<W>(&["one", "two", "three"]);
        let (sock, _server) = world.connected(profile, script);
        assert_eq!(sock.read(8).unwrap().unwrap(), b"onetwoth");
        assert_eq!(sock.read(3).unwrap().unwrap(), b"ree");
    }
}

fn read_without_a_size_reads_to_the_end<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        for way in 0..2 {
            let mut script = pieces::<W>(&["one", "two", "three"]);
            script.push(Step::Close);
            let (sock, _server) = world.connected(profile, script);
            let all = match way {
                0 => sock.read(None),
                _ => sock.read(-1),
            };
            assert_eq!(all.unwrap().unwrap(), b"onetwothree");
            assert_eq!(sock.read(None).unwrap().unwrap(), b"");
        }
    }
}

fn read_comes_back_short_at_the_end_only<W: World>(world: &W) {
    let mut script = pieces::<W>(&["all", "there is"]);
    script.push(Step::Close);
    let (sock, _server) = world.connected(MAIXPY, script);
    assert_eq!(sock.read(1_000).unwrap().unwrap(), b"allthere is");
    assert_eq!(sock.read(1_000).unwrap().unwrap(), b"");
}

fn a_non_blocking_read_gives_what_is_there<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let (sock, _server) = world.connected(profile, vec![Step::Read(1), send("some")]);
        sock.setblocking(false).unwrap();
        assert_eq!(sock.read(10).unwrap(), None);
        assert_eq!(sock.readinto(&mut [0; 10]).unwrap(), None);
        assert_eq!(sock.readline().unwrap(), None);
        assert_eq!(sock.read(None).unwrap(), None);
        assert_eq!(sock.write("?").unwrap(), Some(1));
        let mut got = vec![];
        while got.len() < 4 {
            got.extend(sock.read(10).unwrap().unwrap_or_default());
            world.pass(1_000);
        }
        assert_eq!(got, b"some");
        assert_eq!(sock.read(10).unwrap(), None);
    }
}

fn readinto_fills_the_buffer<W: World>(world: &W) {
    let mut script = pieces::<W>(&["0123", "4567"]);
    script.push(Step::Close);
    let (sock, _server) = world.connected(MAIXPY, script);
    let mut buf = [0; 6];
    assert_eq!(sock.readinto(&mut buf).unwrap(), Some(6));
    assert_eq!(&buf, b"012345");
    assert_eq!(sock.readinto(&mut buf).unwrap(), Some(2));
    assert_eq!(&buf[..2], b"67");
    assert_eq!(sock.readinto(&mut buf).unwrap(), Some(0));
}

/// A part of the buffer is how Rust says it.
fn readinto_takes_nbytes<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![send("01234567")]);
    let mut buf = [b'-'; 8];
    assert_eq!(sock.readinto(&mut buf[..3]).unwrap(), Some(3));
    assert_eq!(&buf, b"012-----");
    assert_eq!(sock.readinto(&mut []).unwrap(), Some(0));
    assert_eq!(sock.readinto(&mut buf[3..]).unwrap(), Some(5));
    assert_eq!(&buf, b"01234567");
}

fn readline_reads_up_to_the_newline<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let script = pieces::<W>(&["HTTP/1.1 200", " OK\r\n\r\nbo", "dy\n"]);
        let (sock, _server) = world.connected(profile, script);
        assert_eq!(sock.readline().unwrap().unwrap(), b"HTTP/1.1 200 OK\r\n");
        let mut buf = [0; 16];
        assert_eq!(sock.readline_into(&mut buf).unwrap(), Some(2));
        assert_eq!(&buf[..2], b"\r\n");
        assert_eq!(sock.readline().unwrap().unwrap(), b"body\n");
    }
}

fn readline_gives_the_rest_at_the_end<W: World>(world: &W) {
    let mut script = pieces::<W>(&["a line\nno", " newline"]);
    script.push(Step::Close);
    let (sock, _server) = world.connected(OPENMV, script);
    assert_eq!(sock.readline().unwrap().unwrap(), b"a line\n");
    assert_eq!(sock.readline().unwrap().unwrap(), b"no newline");
    assert_eq!(sock.readline().unwrap().unwrap(), b"");
}

fn write_writes_all_of_it<W: World>(world: &W) {
    let data: Vec<u8> = (0..20_000_u32).map(|n| (n * n / 5) as u8).collect();
    for profile in [MAIXPY, OPENMV] {
        let (sock, server) = world.connected(profile, vec![]);
        assert_eq!(sock.write(&data).unwrap(), Some(data.len()));
        sock.close().unwrap();
        world.until(|| server.heard.count() == data.len());
        assert!(server.heard.bytes() == data);
    }
}

fn a_non_blocking_write_tells_how_much_went<W: World>(world: &W) {
    let data = vec![b'w'; 64 << 20];
    // The other side reads nothing for a while.
    let script = vec![Step::Wait(4 * W::PAUSE)];
    let (sock, server) = world.connected(OPENMV, script);
    sock.setblocking(false).unwrap();
    let mut sent = sock.write(&data).unwrap().unwrap();
    assert!(sent < data.len(), "all at once");
    while let Some(count) = sock.write(&data[sent..]).unwrap() {
        assert!(count > 0, "None is what nothing is called");
        sent += count;
    }
    sock.setblocking(true).unwrap();
    sock.close().unwrap();
    world.until(|| server.heard.count() == sent);
}

fn nothing_needs_no_connection<W: World>(world: &W) {
    let sock = world.usocket(MAIXPY).socket();
    assert_eq!(sock.read(0).unwrap().unwrap(), b"");
    assert_eq!(sock.readinto(&mut []).unwrap(), Some(0));
    assert_eq!(sock.readline_limit(0).unwrap().unwrap(), b"");
    assert_eq!(sock.write("").unwrap(), Some(0));
    assert_eq!(name(sock.read(-2)), "ENOMEM");
}

fn what_a_timed_out_read_had_comes_first_in_the_next<W: World>(world: &W) {
    for (profile, number) in [(OPENMV, 110), (MAIXPY, 116)] {
        let timeout = (number, "ETIMEDOUT");
        let script = vec![send("half"), Step::Read(1), send(" and half\n")];
        let (sock, _server) = world.connected(profile, script);
        sock.settimeout(world.pause()).unwrap();
        assert_eq!(error(sock.read(100)), timeout);
        assert_eq!(error(sock.readline()), timeout);
        assert_eq!(error(sock.read(None)), timeout);
        assert_eq!(error(sock.readinto(&mut [0; 100])), timeout);
        sock.settimeout(5).unwrap();
        sock.write("!").unwrap();
        assert_eq!(sock.readline().unwrap().unwrap(), b"half and half\n");
    }
}

fn makefile_gives_the_socket_itself<W: World>(world: &W) {
    let (sock, _server) = world.connected(OPENMV, vec![Step::Read(4), send("line\nrest")]);
    let file = sock.makefile("rwb").unwrap();
    assert!(std::ptr::eq(file, &sock));
    // What MicroPython's sockets can do, the file can: they are streams themselves.
    assert_eq!(file.write("file").unwrap(), Some(4));
    assert_eq!(file.readline().unwrap().unwrap(), b"line\n");
    assert_eq!(sock.read(4).unwrap().unwrap(), b"rest");
}

fn makefile_knows_the_binary_modes_only<W: World>(world: &W) {
    let sock = world.usocket(OPENMV).socket();
    for mode in [None, Some("rb"), Some("wb"), Some("rwb")] {
        sock.makefile(mode).unwrap();
    }
    for mode in ["r", "w", "rw", "rt", "", "a", "ab", "br"] {
        assert_eq!(error(sock.makefile(mode)), (22, "EINVAL"));
    }
}

fn the_size_of_makefiles_buffer_is_ignored<W: World>(world: &W) {
    let (sock, server) = world.connected(OPENMV, vec![send("abc")]);
    for size in [0, 1, 4_096, -1] {
        let file = sock.makefile_with("rwb", size).unwrap();
        assert!(std::ptr::eq(file, &sock));
    }
    // Written is sent: nothing waits to be flushed.
    sock.makefile_with("wb", 4_096).unwrap().write("x").unwrap();
    world.until(|| server.heard.bytes() == b"x");
    // And nothing is read ahead for the file that the socket would miss.
    let file = sock.makefile_with("rb", 4_096).unwrap();
    assert_eq!(file.read(1).unwrap().unwrap(), b"a");
    assert_eq!(sock.read(2).unwrap().unwrap(), b"bc");
}

fn closing_the_file_closes_the_socket<W: World>(world: &W) {
    let (sock, server) = world.connected(MAIXPY, vec![]);
    sock.makefile("rb").unwrap().close().unwrap();
    assert_eq!(error(sock.send("x")), (9, "EBADF"));
    world.until(|| server.heard.ending() == Some(Ending::Orderly));
}
