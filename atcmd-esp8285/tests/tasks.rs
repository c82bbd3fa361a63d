//! The async shell: many tasks on one modem, in virtual time.

mod bench;
mod executor;

use std::cell::{Cell, RefCell};
use std::net::SocketAddrV4;
use std::rc::Rc;

use atcmd_esp8285::asynch::{Modem, Shared};
use atcmd_esp8285::at::atat::{self, AtatCmd, AtatResp, InternalError};
use atcmd_esp8285::tls::TlsConfig;
use atcmd_esp8285::wifi::ScanOptions;
use atcmd_esp8285::{
    Config, DnsError, Event, JoinError, ModemError, SocketError, Station, UdpError,
};
use bench::{SERVER, Setup, network, pattern};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_async::{ErrorKind, Read, ReadReady, Write};
use embedded_nal_async::{AddrType, ConnectedUdp, Dns, TcpConnect, UnconnectedUdp};
use esp8285_sim::{
    AccessPoint, Air, Bench, BenchConfig, Dialect, Echo, MemoryNetwork, Serve, Silent, Sink,
};
use executor::{Board, Tasks, all};

type Clock = Box<dyn Fn() -> u64>;
type Wifi<'s> = Modem<'s, NoopRawMutex, Clock, 4096>;

/// A board with a modem, and a joined network unless `join` says otherwise.
fn board(setup: Setup, network: &MemoryNetwork) -> Board {
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = esp8285_sim::Modem::new(setup.dialect, air, network.clone());
    let config = BenchConfig {
        rx_chunk: setup.chunk,
        ..BenchConfig::default()
    };
    Board::new(Bench::new(modem, config))
}

/// Runs `main` beside the runner, on a modem nobody has talked to yet.
fn run<T>(setup: Setup, board: &Board, main: impl AsyncFnOnce(Wifi<'_>) -> T) -> (T, usize) {
    let config = Config::new().receive(setup.receive);
    let clock: Clock = Box::new(board.clock());
    let mut shared = Shared::new(config, clock);
    let (wifi, mut runner) = shared.split(board.rx(), board.tx(), board.delay());
    let mut tasks = Tasks::new(board);
    tasks.spawn(async move {
        runner.run().await;
    });
    let value = tasks.block_on(main(wifi));
    (value, tasks.polls)
}

/// The same, joined.
fn run_joined<T>(setup: Setup, board: &Board, main: impl AsyncFnOnce(Wifi<'_>) -> T) -> (T, usize) {
    run(setup, board, async |wifi| {
        wifi.join("net", "password").await.unwrap();
        main(wifi).await
    })
}

#[test]
fn a_page_is_fetched_to_its_end() {
    for setup in Setup::all() {
        let network = network(setup).host("example.com", *SERVER.ip());
        let page = pattern(30_000);
        let served = page.clone();
        network.listen(SERVER, move || Box::new(Serve::new(served.clone())));
        let board = board(setup, &network);
        run(setup, &board, async |wifi| {
            wifi.join("net", "password").await.unwrap();
            assert_eq!(wifi.station(), Station::Up);
            let dns = wifi.get_host_by_name("example.com", AddrType::IPv4);
            let address = dns.await.unwrap();
            let mut connection = wifi.connect((address, 80).into()).await.unwrap();
            assert_eq!(connection.read_ready(), Ok(false));
            connection.write_all(b"please").await.unwrap();
            connection.flush().await.unwrap();
            let (mut got, mut buf) = (vec![], [0; 777]);
            loop {
                match connection.read(&mut buf).await.unwrap() {
                    0 => break,
                    n => got.extend_from_slice(&buf[..n]),
                }
            }
            assert!(got == page, "{setup:?}");
            assert_eq!(connection.read_ready(), Ok(true), "the end stays");
            assert_eq!(connection.read(&mut buf).await, Ok(0));
            assert!(!connection.is_connected());
        });
        assert_eq!(board.bench.stats().overruns, 0, "{setup:?}");
    }
}

async fn echo(wifi: Wifi<'_>, data: &[u8], piece: usize) {
    let mut connection = wifi.connect(SERVER.into()).await.unwrap();
    let mut back = vec![0; piece];
    for piece in data.chunks(piece) {
        connection.write_all(piece).await.unwrap();
        let back = &mut back[..piece.len()];
        connection.read_exact(back).await.unwrap();
        assert!(back == piece);
    }
}

#[test]
fn five_tasks_echo_at_once_and_nobody_is_polled_for_nothing() {
    for setup in Setup::all() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        let data = pattern(20_000);
        let (_, polls) = run_joined(setup, &board, async |wifi| {
            let pieces = [1, 100, 1460, 2048, 3000];
            let tasks = pieces.map(|piece| {
                let data = &data[..data.len().min(piece * 40)];
                let task: std::pin::Pin<Box<dyn Future<Output = ()>>> =
                    Box::pin(echo(wifi, data, piece));
                task
            });
            all(tasks.into()).await;
        });
        assert_eq!(board.bench.stats().overruns, 0, "{setup:?}");
        // Two wake-ups of the runner per portion from the line would do.
        assert!(polls < 20_000, "{setup:?}: {polls}");
    }
}

#[test]
fn links_of_dropped_connections_are_used_again() {
    for setup in Setup::all() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Echo));
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            for _ in 0..3 {
                let mut open = vec![];
                for _ in 0..5 {
                    open.push(wifi.connect(SERVER.into()).await.unwrap());
                }
                let sixth = wifi.connect(SERVER.into()).await.err();
                assert_eq!(sixth, Some(SocketError::NoFreeLink));
                open.remove(2).abort();
                open.push(wifi.connect(SERVER.into()).await.unwrap());
            }
        });
    }
}

#[test]
fn accepted_bytes_go_out_although_the_connection_is_dropped() {
    for setup in Setup::all() {
        let network = network(setup);
        let sink = Rc::new(RefCell::new(vec![]));
        let received = sink.clone();
        network.listen(SERVER, move || Box::new(Sink(received.clone())));
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let mut connection = wifi.connect(SERVER.into()).await.unwrap();
            assert_eq!(connection.write(b"last words").await, Ok(10));
            drop(connection);
            board.sleep(1_000_000).await;
        });
        assert_eq!(*sink.borrow(), b"last words", "{setup:?}");
    }
}

#[test]
fn a_restart_of_the_modem_wakes_every_task_with_an_error() {
    for setup in Setup::all() {
        let network = network(setup);
        network.listen(SERVER, || Box::new(Silent));
        let nobody = "10.0.0.9:80".parse::<SocketAddrV4>().unwrap();
        network.blackhole(nobody);
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let errors = Rc::new(Cell::new(0));
            let reader = |errors: Rc<Cell<i32>>| async move {
                let mut connection = wifi.connect(SERVER.into()).await.unwrap();
                let error = connection.read(&mut [0; 8]).await.unwrap_err();
                assert_eq!(error, SocketError::Modem(ModemError::Restarted));
                let error = connection.write(b"x").await.unwrap_err();
                assert_eq!(error, SocketError::Modem(ModemError::Restarted));
                errors.set(errors.get() + 1);
            };
            let mut tasks: Vec<std::pin::Pin<Box<dyn Future<Output = ()>>>> = vec![];
            for _ in 0..4 {
                tasks.push(Box::pin(reader(errors.clone())));
            }
            let bench = board.bench.clone();
            let connect_errors = errors.clone();
            tasks.push(Box::pin(async move {
                let error = wifi.connect(nobody.into()).await.err();
                assert_eq!(error, Some(SocketError::Modem(ModemError::Restarted)));
                connect_errors.set(connect_errors.get() + 1);
            }));
            let sleeper = board.clone();
            tasks.push(Box::pin(async move {
                sleeper.sleep(1_500_000).await;
                bench.with_modem(|modem| modem.reset());
            }));
            all(tasks).await;
            assert_eq!(errors.get(), 5);
            // And everything works again.
            wifi.join("net", "password").await.unwrap();
            wifi.connect(SERVER.into()).await.unwrap();
            while wifi.next_event().await != Ok(Event::Restarted) {}
        });
    }
}

#[test]
fn a_dead_modem_and_a_dead_port_end_every_wait() {
    let setup = Setup::new(Dialect::NonOs1_7, Default::default());
    // Another baud rate: nothing it says makes sense.
    let dead = board(setup, &network(setup));
    dead.bench.set_host_baud(9600);
    run(setup, &dead, async |wifi| {
        assert!(wifi.start().await.is_err());
        assert!(wifi.join("net", "password").await.is_err());
    });
    let board = board(setup, &network(setup));
    run_joined(setup, &board, async |wifi| {
        board.broken.set(Some(ErrorKind::NotConnected));
        let error = ModemError::Uart(ErrorKind::NotConnected);
        let joined = wifi.join("elsewhere", "").await;
        assert_eq!(joined, Err(JoinError::Modem(error)));
        assert_eq!(wifi.start().await, Err(error));
        let connected = wifi.connect(SERVER.into()).await.err();
        assert_eq!(connected, Some(SocketError::Modem(error)));
    });
}

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

#[test]
fn a_task_that_does_not_read_holds_up_nobody_and_is_told_what_it_lost() {
    let other: SocketAddrV4 = "10.0.0.2:81".parse().unwrap();
    for setup in Setup::all() {
        let network = network(setup);
        let page = pattern(60_000);
        let served = page.clone();
        network.listen(SERVER, || Box::new(Echo));
        network.listen(other, move || {
            Box::new(Serve::new(served.clone()).at_connect())
        });
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let mut lazy = wifi.connect(other.into()).await.unwrap();
            let data = pattern(3000);
            let before = board.bench.now();
            echo(wifi, &data, 1000).await;
            // 60 kB take more than 5 s: nobody waited for the lazy one.
            let took = board.bench.now() - before;
            assert!(took < 10_000_000, "{setup:?}: {took}");
            let (mut got, mut lost, mut buf) = (0, 0, [0; 500]);
            loop {
                match lazy.read(&mut buf).await {
                    Ok(0) => break,
                    Ok(n) => {
                        let at = got + lost;
                        assert!(buf[..n] == page[at..at + n], "{setup:?} at {at}");
                        got += n;
                    }
                    Err(SocketError::DataLost(n)) => lost += n as usize,
                    Err(error) => panic!("{setup:?}: {error}"),
                }
            }
            assert_eq!(got + lost, page.len());
            let passive = setup.receive == atcmd_esp8285::ReceiveMode::Auto;
            assert_eq!(lost == 0, passive, "{setup:?}: {lost}");
        });
    }
}

#[test]
fn more_tasks_than_there_is_room_to_wait_get_their_answers_as_well() {
    for setup in Setup::all() {
        let network = network(setup).host("example.com", *SERVER.ip());
        let board = board(setup, &network);
        run_joined(setup, &board, async |wifi| {
            let answered = Cell::new(0);
            let mut tasks = Tasks::new(&board);
            for _ in 0..2 * atcmd_esp8285::asynch::WAITING_TASKS {
                tasks.spawn(async {
                    let look_up = wifi.get_host_by_name("example.com", AddrType::IPv4);
                    look_up.await.unwrap();
                    answered.set(answered.get() + 1);
                });
            }
            while answered.get() < 2 * atcmd_esp8285::asynch::WAITING_TASKS {
                tasks.turn_once();
                board.sleep(1_000).await;
            }
        });
    }
}

#[test]
fn a_runner_that_is_started_again_finds_the_modem_again() {
    let setup = Setup::new(Dialect::NonOs1_7, Default::default());
    let network = network(setup);
    network.listen(SERVER, || Box::new(Echo));
    let board = board(setup, &network);
    let clock: Clock = Box::new(board.clock());
    let mut shared = Shared::<NoopRawMutex, _>::new(Config::new(), clock);
    let (wifi, mut runner) = shared.split(board.rx(), board.tx(), board.delay());
    let mut tasks = Tasks::new(&board);
    let again = board.clone();
    tasks.spawn(async move {
        loop {
            let why = runner.run().await;
            assert_eq!(why, ModemError::Uart(ErrorKind::NotConnected));
            again.sleep(100_000).await;
            again.broken.set(None);
        }
    });
    tasks.block_on(async {
        wifi.join("net", "password").await.unwrap();
        let mut connection = wifi.connect(SERVER.into()).await.unwrap();
        board.broken.set(Some(ErrorKind::NotConnected));
        let error = SocketError::Modem(ModemError::Uart(ErrorKind::NotConnected));
        assert_eq!(connection.read(&mut [0]).await, Err(error));
        board.sleep(200_000).await;
        // The modem has stayed joined.
        echo(wifi, &pattern(100), 100).await;
    });
}

/// Handles and futures can go to executors of other priorities.
#[test]
fn across_executors_everything_can_be_sent() {
    use embassy_sync::blocking_mutex::raw::CriticalSectionRawMutex as Mutex;
    fn sync<T: Send + Sync>() {}
    fn send<T: Send>(_: impl FnOnce(Modem<'static, Mutex, fn() -> u64>) -> T) {}
    sync::<Shared<Mutex, fn() -> u64>>();
    sync::<Modem<'static, Mutex, fn() -> u64>>();
    sync::<atcmd_esp8285::asynch::Connection<'static, Mutex, fn() -> u64>>();
    send(|wifi| async move { wifi.join("net", "password").await });
    send(|wifi| async move { wifi.start().await });
}
