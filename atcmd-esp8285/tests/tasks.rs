//! The async shell: many tasks on one modem, in virtual time.

mod bench;
mod executor;

use std::cell::{Cell, RefCell};
use std::net::SocketAddrV4;
use std::rc::Rc;

use atcmd_esp8285::asynch::{Modem, Shared};
use atcmd_esp8285::{Config, Event, JoinError, ModemError, SocketError, Station};
use bench::{SERVER, Setup, network, pattern};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_async::{ErrorKind, Read, ReadReady, Write};
use embedded_nal_async::{AddrType, Dns, TcpConnect};
use esp8285_sim::{Dialect, Echo, Serve, Silent, Sink};
use executor::{Tasks, all};
use executor::{board, echo, run, run_joined};

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
    let clock: executor::Clock = Box::new(board.clock());
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
