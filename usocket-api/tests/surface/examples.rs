//! The two scripts at the end of MaixPy's page, without camera and display.

use usocket_api::{MAIXPY, Nic, OPENMV, Profile};

use crate::simulated::Simulated;
use crate::world::{Ending, Server, Step, World, error, send};

surface! {
    everywhere {
        example_1_with_a_server_that_closes
        example_1_with_a_server_that_keeps_open
        example_2_sends_the_picture
    }
    simulated {
        the_examples_begin_with_the_radio
    }
}

const REQUEST: &str = "GET /MAIX/MaixPy/assets/Alice.bmp HTTP/1.1
Host: dl.sipeed.com
cache-control: no-cache

";

fn picture() -> Vec<u8> {
    (0..30_054_u32).map(|n| (n * n / 7) as u8).collect()
}

fn server<W: World>(world: &W, closes: bool) -> Server {
    let answer = [b"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", &picture()[..]].concat();
    let mut script = vec![Step::Read(REQUEST.len()), send(answer)];
    if closes {
        script.push(Step::Close);
    }
    world.serve(script)
}

/// The script up to the file, and how its loop ended.
fn example_1<W: World>(
    world: &W,
    profile: Profile,
    server: &Server,
    timeout: f64,
) -> (Vec<u8>, Result<(), usocket_api::OSError>) {
    let socket = world.usocket(profile);

    let sock = socket.socket();
    let addr = socket.getaddrinfo(W::KNOWN.0, server.address.1).unwrap()[0].sockaddr;
    sock.connect(addr).unwrap();
    sock.send(REQUEST).unwrap();

    let mut img = b"".to_vec();
    sock.settimeout(timeout).unwrap();
    let ended = loop {
        let data = match sock.recv(4096) {
            Ok(data) => data,
            Err(error) => break Err(error),
        };
        if data.is_empty() {
            break Ok(());
        }
        img.extend(data);
    };
    let found = img.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
    (img[found + 4..].to_vec(), ended)
}

fn example_1_with_a_server_that_closes<W: World>(world: &W) {
    for profile in [MAIXPY, OPENMV] {
        let server = server(world, true);
        let (img, ended) = example_1(world, profile, &server, 5.0);
        ended.unwrap();
        assert!(img == picture());
        assert_eq!(server.heard.bytes(), REQUEST.as_bytes());
    }
}

/// As servers of HTTP/1.1 do. What ends the loop is the timeout: on MaixPy's boards by empty bytes,
/// by the documents with an error. All bytes are there in both cases.
fn example_1_with_a_server_that_keeps_open<W: World>(world: &W) {
    let timeout = if W::SIMULATED { 5.0 } else { 0.5 };
    let server = server(world, false);
    let (img, ended) = example_1(world, MAIXPY, &server, timeout);
    ended.unwrap();
    assert!(img == picture());
    let (img, ended) = example_1(world, OPENMV, &server, timeout);
    assert_eq!(error(ended), (110, "ETIMEDOUT"));
    assert!(img == picture());
}

fn example_2_sends_the_picture<W: World>(world: &W) {
    let server = world.serve(vec![]);
    let socket = world.usocket(MAIXPY);

    let addr = server.at();
    let sock = socket.socket();
    sock.connect(addr).unwrap();
    sock.settimeout(5).unwrap();

    let file = picture();
    for mut img in file.chunks(2048) {
        // The script takes it for granted that all of it goes at once.
        while !img.is_empty() {
            let sent = sock.send(img).unwrap();
            img = &img[sent..];
        }
    }
    sock.close().unwrap();

    world.until(|| server.heard.ending() == Some(Ending::Orderly));
    assert!(server.heard.bytes() == file);
}

/// Both scripts connect to the access point first; nothing is to be waited for after that.
fn the_examples_begin_with_the_radio(world: &Simulated) {
    let world = world.switched_on();
    let nic = Nic::new(world.net(), MAIXPY);
    nic.connect("net", "password").unwrap();

    let server = server(&world, true);
    let (img, ended) = example_1(&world, MAIXPY, &server, 5.0);
    ended.unwrap();
    assert!(img == picture());
    assert!(nic.isconnected().unwrap());
}
