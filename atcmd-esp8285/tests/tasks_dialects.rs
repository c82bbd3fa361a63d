//! The async shell on every firmware: a connection by name, echoed data, and
//! the end of the stream.

mod bench;
mod executor;

use atcmd_esp8285::asynch::Shared;
use atcmd_esp8285::{Config, SocketError};
use bench::{SERVER, Setup, network, pattern};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_async::{Read, Write};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Modem, Serve};
use executor::{Board, Tasks};

#[test]
fn a_page_is_fetched_by_name_on_every_firmware() {
    for setup in Setup::every_dialect() {
        let page = pattern(9000);
        let served = page.clone();
        let network = network(setup).host("page.example", *SERVER.ip());
        network.listen(SERVER, move || Box::new(Serve::new(served.clone())));
        let air = Air::new()
            .ap(AccessPoint::new("net", "password"))
            .join_time_ms(100);
        let modem = Modem::new(setup.dialect, air, network);
        let board = Board::new(Bench::new(modem, BenchConfig::default()));
        let mut shared = Shared::<NoopRawMutex, _>::new(Config::new(), board.clock());
        let (wifi, mut runner) = shared.split(board.rx(), board.tx(), board.delay());
        let mut tasks = Tasks::new(&board);
        tasks.spawn(async move {
            runner.run().await;
        });
        let got = tasks.block_on(async {
            wifi.join("net", "password").await.unwrap();
            let refused = wifi.connect_by_name("a\"b", 80).await.map(drop);
            assert_eq!(refused, Err(SocketError::InvalidAddress));
            let mut socket = wifi.connect_by_name("page.example", 80).await.unwrap();
            socket.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
            let (mut got, mut buf) = (vec![], [0; 700]);
            loop {
                match socket.read(&mut buf).await.unwrap() {
                    0 => return got,
                    n => got.extend_from_slice(&buf[..n]),
                }
            }
        });
        assert!(got == page, "{setup:?}: {} of {}", got.len(), page.len());
    }
}
