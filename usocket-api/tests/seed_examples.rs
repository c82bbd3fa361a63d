//! MaixPy's published examples, ported, over real TCP on the loopback interface. Time is virtual: the
//! clock moves only when everything the server sends has been received.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use nal_socket::{Hooks, Idle, Network};
use std_embedded_nal::Stack;
use usocket_api::{MAIXPY, OPENMV, OSError, Profile, USocket};

const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: image/bmp\r\n\r\n";

fn picture() -> Vec<u8> {
    (0..230_454_usize).map(|i| (i * 31 + i / 7) as u8).collect()
}

fn serve<T: Send + 'static>(
    server: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (SocketAddr, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let thread = thread::spawn(move || server(listener.accept().unwrap().0));
    (address, thread)
}

struct Download {
    image: Vec<u8>,
    ended: Result<(), OSError>,
    waited: u64,
}

/// Example 1: download a picture. The server keeps the connection open, as HTTP/1.1 servers do.
fn example_1(profile: Profile) -> Download {
    let (done, wait) = mpsc::channel::<()>();
    let (address, server) = serve(move |mut stream| {
        let mut request = Vec::new();
        let mut byte = [0];
        while !request.ends_with(b"\n\n") {
            stream.read_exact(&mut byte).unwrap();
            request.extend(byte);
        }
        stream.write_all(HEAD).unwrap();
        stream.write_all(&picture()).unwrap();
        // Open until the client has gone.
        wait.recv().unwrap();
        String::from_utf8(request).unwrap()
    });

    let clock = Cell::new(0);
    let received = Cell::new(0);
    let everything = HEAD.len() + picture().len();
    let network = Network::new(
        Stack,
        Hooks::new(
            || clock.get(),
            |until| {
                if received.get() < everything {
                    thread::yield_now();
                } else {
                    clock.set(until.expect("a deadline"));
                }
                Idle::Continue
            },
        ),
    );
    let socket = USocket::new(&network, profile);

    let sock = socket.socket();
    let addr = socket.getaddrinfo("127.0.0.1", address.port()).unwrap()[0].sockaddr;
    sock.connect(addr).unwrap();
    sock.send(
        "GET /MAIX/MaixPy/assets/Alice.bmp HTTP/1.1
Host: dl.sipeed.com
cache-control: no-cache

",
    )
    .unwrap();

    let mut img = Vec::new();
    sock.settimeout(5).unwrap();
    let mut data = [0; 4096];
    let ended = loop {
        match sock.recv_into(&mut data) {
            Ok(0) => break Ok(()),
            Ok(count) => {
                img.extend(&data[..count]);
                received.set(img.len());
            }
            Err(error) => break Err(error),
        }
    };
    let body = img.windows(4).position(|w| w == b"\r\n\r\n").unwrap() + 4;

    done.send(()).unwrap();
    let request = server.join().unwrap();
    assert!(request.starts_with("GET /MAIX/MaixPy/assets/Alice.bmp HTTP/1.1\n"));
    Download {
        image: img.split_off(body),
        ended,
        waited: clock.get(),
    }
}

#[test]
fn example_1_on_maixpy_ends_by_empty_bytes_after_its_timeout() {
    let download = example_1(MAIXPY);
    assert!(download.image == picture());
    assert_eq!(download.ended, Ok(()));
    assert_eq!(download.waited, 5_000_000);
}

#[test]
fn example_1_on_openmv_ends_by_etimedout_with_the_same_bytes() {
    let download = example_1(OPENMV);
    assert!(download.image == picture());
    let error = download.ended.unwrap_err();
    assert_eq!((error.errno(), error.name()), (110, "ETIMEDOUT"));
    assert_eq!(download.waited, 5_000_000);
}

/// Example 2: send a picture in pieces of 2048 bytes.
#[test]
fn example_2_sends_the_picture_exactly() {
    for profile in [MAIXPY, OPENMV] {
        let (address, server) = serve(|mut stream| {
            let mut all = Vec::new();
            stream.read_to_end(&mut all).unwrap();
            all
        });
        let network = Network::new(
            Stack,
            // The clock stands still: nothing times out.
            Hooks::new(
                || 0,
                |_| {
                    thread::yield_now();
                    Idle::Continue
                },
            ),
        );
        let socket = USocket::new(&network, profile);

        let addr = ("127.0.0.1", address.port());
        let sock = socket.socket();
        sock.connect(addr).unwrap();
        sock.settimeout(5).unwrap();

        let file = picture();
        let mut f = &file[..];
        loop {
            let mut img = [0; 2048];
            let count = std::io::Read::read(&mut f, &mut img).unwrap();
            if count == 0 {
                break;
            }
            // The published script ignores that send may be short; a real network does not.
            let mut rest = &img[..count];
            while !rest.is_empty() {
                let sent = sock.send(rest).unwrap();
                rest = &rest[sent..];
            }
        }
        sock.close().unwrap();

        assert!(server.join().unwrap() == file);
    }
}

/// The same with the method that sends all.
#[test]
fn example_2_with_sendall() {
    let (address, server) = serve(|mut stream| {
        let mut all = Vec::new();
        stream.read_to_end(&mut all).unwrap();
        all
    });
    let network = Network::new(
        Stack,
        Hooks::new(
            || 0,
            |_| {
                thread::yield_now();
                Idle::Continue
            },
        ),
    );
    let sock = USocket::new(&network, MAIXPY).socket();
    sock.connect(("127.0.0.1", address.port())).unwrap();
    for piece in picture().chunks(2048) {
        sock.sendall(piece).unwrap();
    }
    drop(sock);
    assert!(server.join().unwrap() == picture());
}
