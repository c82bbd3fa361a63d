//! What tasks can ask of the modem beside TCP connections: names, datagrams,
//! a server, TLS, commands of their own, scans, settings.

mod bench;
mod executor;

use std::cell::RefCell;
use std::net::SocketAddrV4;
use std::rc::Rc;

use atcmd_esp8285::at::atat::{self, AtatCmd, AtatResp, InternalError};
use atcmd_esp8285::tls::TlsConfig;
use atcmd_esp8285::wifi::ScanOptions;
use atcmd_esp8285::{DnsError, ModemError, SocketError, Station, UdpError};
use bench::{SERVER, Setup, network, pattern};
use embedded_io_async::{Read, Write};
use embedded_nal_async::{AddrType, ConnectedUdp, Dns, UnconnectedUdp};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Echo, Sink};
use executor::{Board, all};
use executor::{Wifi, board, echo, run, run_joined};

#[test]
fn names_are_asked_one_after_the_other_and_each_gets_its_own_answer() {
    for setup in Setup::all() {
        let network = network(setup)
            .host("one.example", [10, 0, 0, 1].into())
            .host("two.example", [10, 0, 0, 2].into());
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let names = ["one.example", "two.example", "one.example", "none.example"];
            let look_ups = names.map(|name| {
                let look_up: std::pin::Pin<Box<dyn Future<Output = _>>> =
                    Box::pin(async move { wifi.get_host_by_name(name, AddrType::IPv4).await });
                look_up
            });
            let one = Ok([10, 0, 0, 1].into());
            let two = Ok([10, 0, 0, 2].into());
            let none = Err(DnsError::NotFound);
            assert_eq!(all(look_ups.into()).await, [one, two, one, none]);
            let mut name = [0; 255];
            let unsupported = wifi.get_host_by_address([10, 0, 0, 1].into(), &mut name);
            assert!(matches!(
                unsupported.await,
                Err(DnsError::Modem(ModemError::Unsupported(_)))
            ));
        });
    }
}

/// `AT+CIPSTATUS` as text.
struct Status;
#[derive(Debug, PartialEq)]
struct Text(String);
impl AtatResp for Text {}
impl AtatCmd for Status {
    type Response = Text;
    const MAX_TIMEOUT_MS: u32 = 1000;
    fn write(&self, buf: &mut [u8]) -> usize {
        let line = b"AT+CIPSTATUS\r\n";
        buf[..line.len()].copy_from_slice(line);
        line.len()
    }
    fn parse(&self, response: Result<&[u8], InternalError<'_>>) -> Result<Text, atat::Error> {
        Ok(Text(String::from_utf8_lossy(response?).into_owned()))
    }
}

#[test]
fn own_commands_go_between_everything_else() {
    for setup in Setup::all() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        let data = pattern(20_000);
        run_joined(setup, &board, async |wifi| {
            let asking = async {
                for _ in 0..30 {
                    let Text(status) = wifi.command(&Status).await.unwrap();
                    assert!(status.starts_with("STATUS:"), "{status}");
                }
            };
            all(vec![
                Box::pin(echo(wifi, &data, 1460)) as std::pin::Pin<Box<dyn Future<Output = ()>>>,
                Box::pin(echo(wifi, &data, 700)),
                Box::pin(asking),
            ])
            .await;
        });
    }
}

#[test]
fn datagrams_go_both_ways_and_a_short_buffer_cuts() {
    use embedded_nal_async::UdpStack;

    struct Double;
    impl esp8285_sim::UdpPeer for Double {
        fn received(&mut self, data: &[u8], io: &mut esp8285_sim::UdpIo) {
            io.send(&[data, data].concat());
        }
    }
    for setup in Setup::all() {
        let network = network(setup);
        network.listen_udp(SERVER, Double);
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let mut buf = [0; 1472];
            let (_, mut connected) = UdpStack::connect(&wifi, SERVER.into()).await.unwrap();
            for n in [1, 5, 600] {
                connected.send(&pattern(n)).await.unwrap();
                assert_eq!(connected.receive_into(&mut buf).await, Ok(2 * n));
                assert_eq!(buf[n..2 * n], pattern(n));
            }
            connected.send(b"0123456789").await.unwrap();
            assert_eq!(connected.receive_into(&mut buf[..4]).await, Ok(20));
            assert_eq!(connected.send(b"").await, Err(UdpError::Empty));
            let local: std::net::SocketAddr = "0.0.0.0:5353".parse().unwrap();
            let (at, mut bound) = wifi.bind_single(local).await.unwrap();
            assert_eq!(at, local);
            bound.send(at, SERVER.into(), b"abc").await.unwrap();
            let received = bound.receive_into(&mut buf).await;
            assert_eq!(received, Ok((6, local, SERVER.into())));
            let nowhere = wifi.bind_multiple("0.0.0.0:0".parse().unwrap()).await;
            assert!(nowhere.is_err());
        });
    }
}

#[test]
fn peers_are_accepted_and_served() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        let from: SocketAddrV4 = "192.168.1.9:4000".parse().unwrap();
        let sink = Rc::new(RefCell::new(vec![]));
        let collected = sink.clone();
        run_joined(setup, &board, async |wifi| {
            let mut listener = wifi.listen(80).unwrap();
            assert_eq!(wifi.listen(81).err(), Some(SocketError::ServerInUse));
            assert_eq!(wifi.listen(0).err(), Some(SocketError::InvalidAddress));
            let knocking = async {
                board.sleep(1_000_000).await;
                let now = board.bench.now();
                network.connect_to_modem(now, from, 80, Sink(collected));
            };
            let serving = async {
                let (mut peer, address) = listener.accept().await.unwrap();
                assert_eq!(address, from.into());
                peer.write_all(b"welcome").await.unwrap();
                peer.flush().await.unwrap();
            };
            all(vec![
                Box::pin(knocking) as std::pin::Pin<Box<dyn Future<Output = ()>>>,
                Box::pin(serving),
            ])
            .await;
            drop(listener);
            board.sleep(500_000).await;
            wifi.listen(80).unwrap();
        });
        assert_eq!(*sink.borrow(), b"welcome", "{setup:?}");
    }
}

#[test]
fn a_tls_connection_is_one_like_any_other() {
    for setup in Setup::all() {
        let network = network(setup);
        network.listen_tls(SERVER, esp8285_sim::TlsServer::new("example.com"), || {
            Box::new(Echo)
        });
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let config = TlsConfig::new();
            let mut connection = wifi.connect_tls(config, SERVER.into()).await.unwrap();
            connection.write_all(b"secret").await.unwrap();
            let mut back = [0; 6];
            connection.read_exact(&mut back).await.unwrap();
            assert_eq!(back, *b"secret");
        });
    }
}

/// Runs `main` on a modem that hears forty networks.
fn run_crowded<T>(setup: Setup, main: impl AsyncFnOnce(Wifi<'_>, &Board) -> T) -> T {
    let mut air = Air::new();
    for n in 0..40 {
        air = air.ap(AccessPoint::new(
            format!("network number {n:02}"),
            "password",
        ));
    }
    let modem = esp8285_sim::Modem::new(setup.dialect, air, network(setup));
    let board = Board::new(Bench::new(modem, BenchConfig::default()));
    run(setup, &board, async |wifi| main(wifi, &board).await).0
}

#[test]
fn a_scan_hears_all_and_a_dropped_one_holds_up_nobody() {
    for setup in Setup::all() {
        run_crowded(setup, async |wifi, board| {
            wifi.start().await.unwrap();
            let options = ScanOptions::new();
            for _ in 0..2 {
                let mut names = vec![];
                let found = wifi.scan(&options, |found| names.push(found.ssid));
                found.await.unwrap();
                assert_eq!(names.len(), 40, "{setup:?}");
            }
            // A scan that is dropped at any moment: the next question is
            // answered in good time.
            for wait in [1_000, 500_000, 1_500_000, 2_000_000, 2_050_000, 2_100_000] {
                let mut scan = Box::pin(wifi.scan(&options, |_| ()));
                let mut sleep = Box::pin(board.sleep(wait));
                std::future::poll_fn(|cx| {
                    let scanned = scan.as_mut().poll(cx).is_ready();
                    let slept = sleep.as_mut().poll(cx).is_ready();
                    if scanned || slept {
                        std::task::Poll::Ready(())
                    } else {
                        std::task::Poll::Pending
                    }
                })
                .await;
                drop(scan);
                let before = board.bench.now();
                wifi.version().await.unwrap();
                let took = board.bench.now() - before;
                assert!(took < 4_000_000, "{setup:?}, {wait}: {took}");
            }
        });
    }
}

#[test]
fn everything_else_is_a_future_too() {
    for setup in Setup::all() {
        let network = network(setup);
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            assert!(wifi.rssi().await.unwrap().is_some());
            let address = wifi.station_address().await.unwrap().unwrap();
            wifi.set_host_name("sensor").await.unwrap();
            assert_eq!(wifi.host_name().await.unwrap().as_str(), Some("sensor"));
            assert!(wifi.free_memory().await.is_ok());
            assert!(!address.address.is_unspecified());
            wifi.reset().await.unwrap();
            assert_eq!(wifi.station(), Station::Down);
            wifi.join("net", "password").await.unwrap();
            wifi.leave().await.unwrap();
        });
    }
}
