//! Bytes arrive as they were sent: every size, dialect, receive mode and cut.

mod bench;

use std::cell::RefCell;
use std::rc::Rc;

use bench::{SERVER, Setup, connect, joined, network, pattern, receive_all, send_all};
use embedded_nal::TcpClientStack;
use esp8285_sim::{Chunk, Echo, Serve, Sink};

const CHUNKS: [Chunk; 4] = [
    Chunk::Bytes(1),
    Chunk::Bytes(7),
    Chunk::Bytes(64),
    Chunk::All,
];

fn setups() -> impl Iterator<Item = Setup> {
    Setup::all().flat_map(|setup| CHUNKS.map(|chunk| Setup { chunk, ..setup }))
}

fn download(setup: Setup, data: &[u8]) {
    let network = network(setup);
    let served = data.to_vec();
    network.listen(SERVER, move || Box::new(Serve::new(served.clone())));
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    let mut socket = connect(&mut wifi).unwrap();
    send_all(&mut wifi, &mut socket, b"please").unwrap();
    let got = receive_all(&mut wifi, &mut socket).unwrap();
    assert_eq!(got.len(), data.len(), "{setup:?}");
    assert!(got == data, "{setup:?}");
    // The end of the stream stays the end.
    assert_eq!(wifi.receive(&mut socket, &mut [0; 8]), Ok(0));
    assert_eq!(bench.stats().overruns, 0, "{setup:?}");
    wifi.close(socket).unwrap();
}

#[test]
fn downloads_of_awkward_sizes_arrive_byte_exact() {
    for setup in setups() {
        for size in [0, 1, 1459, 1460, 1461, 2048, 65_536] {
            download(setup, &pattern(size));
        }
    }
}

#[test]
fn five_megabytes_arrive_byte_exact_at_921600_baud() {
    let data = pattern(5_000_000);
    for setup in setups() {
        let baud = 921_600;
        download(Setup { baud, ..setup }, &data);
    }
}

#[test]
fn a_payload_made_of_everything_the_modem_says_is_just_payload() {
    let trap = b"\r\nOK\r\n+IPD,0,5:> SEND OK\r\nERROR\r\n0,CLOSED\r\nready\r\n\r\n+IPD,0,5:\r\n> \r\nSEND OK\r\nbusy p...\r\n+CIPRECVDATA,9:WIFI DISCONNECT\r\n\r\nready\r\n+++\0";
    let data: Vec<u8> = trap.iter().copied().cycle().take(10_000).collect();
    for setup in setups() {
        download(setup, &data);
        upload(setup, &data);
    }
}

fn upload(setup: Setup, data: &[u8]) {
    let network = network(setup);
    let received = Rc::new(RefCell::new(vec![]));
    let sink = received.clone();
    network.listen(SERVER, move || Box::new(Sink(sink.clone())));
    let (bench, mut wifi) = joined::<4096>(setup, &network);
    let mut socket = connect(&mut wifi).unwrap();
    send_all(&mut wifi, &mut socket, data).unwrap();
    // ESP-AT confirms what it has taken, not what has arrived.
    bench.advance(1_000_000);
    assert!(*received.borrow() == data, "{setup:?}");
    wifi.close(socket).unwrap();
}

#[test]
fn uploads_of_awkward_sizes_arrive_byte_exact() {
    for setup in setups() {
        for size in [1, 2, 3, 1460, 2047, 2048, 2049, 65_536] {
            upload(setup, &pattern(size));
        }
    }
}

#[test]
fn plus_signs_are_never_taken_for_the_escape() {
    for setup in Setup::all() {
        for size in [1, 2, 3, 4, 6, 2047, 2048, 2049, 2051, 5000] {
            upload(setup, &vec![b'+'; size]);
        }
    }
}

#[test]
fn rings_of_every_size_work() {
    fn with_ring<const RX: usize>(setup: Setup) {
        let data = pattern(20_000);
        let network = network(setup);
        let served = data.clone();
        network.listen(SERVER, move || Box::new(Serve::new(served.clone())));
        let (_, mut wifi) = joined::<RX>(setup, &network);
        let mut socket = connect(&mut wifi).unwrap();
        send_all(&mut wifi, &mut socket, b"please").unwrap();
        assert!(
            receive_all(&mut wifi, &mut socket).unwrap() == data,
            "{RX} {setup:?}"
        );
    }
    for setup in Setup::all() {
        with_ring::<1>(setup);
        with_ring::<64>(setup);
        with_ring::<1460>(setup);
        with_ring::<5760>(setup);
        with_ring::<65_536>(setup);
    }
}

#[test]
fn five_connections_at_once_each_get_their_own_bytes() {
    for setup in setups() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let (_, mut wifi) = joined::<4096>(setup, &network);
        let mut sockets: Vec<_> = (0..5).map(|_| connect(&mut wifi).unwrap()).collect();
        let data: Vec<Vec<u8>> = (0..5u8)
            .map(|i| pattern(6000).iter().map(|b| b ^ i).collect())
            .collect();
        let mut sent = [0; 5];
        let mut got = vec![vec![]; 5];
        let mut turns = 0;
        while got.iter().any(|g| g.len() < 6000) {
            for (i, socket) in sockets.iter_mut().enumerate() {
                if let Some(rest) = data[i].get(sent[i]..).filter(|r| !r.is_empty())
                    && let Ok(n) = wifi.send(socket, rest)
                {
                    sent[i] += n;
                }
                let mut buf = [0; 333];
                match wifi.receive(socket, &mut buf) {
                    Ok(n) => got[i].extend_from_slice(&buf[..n]),
                    Err(nb::Error::WouldBlock) => {}
                    Err(nb::Error::Other(e)) => panic!("{setup:?} socket {i}: {e}"),
                }
            }
            wifi.wait(|_| {
                turns += 1;
                if turns % 2 == 0 {
                    Ok(())
                } else {
                    Err(nb::Error::<()>::WouldBlock)
                }
            })
            .unwrap();
            assert!(turns < 10_000_000, "{setup:?}: stuck");
        }
        assert!(got == data, "{setup:?}");
    }
}
