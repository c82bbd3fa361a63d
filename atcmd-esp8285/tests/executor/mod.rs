//! Tasks on the simulator's virtual time: an executor that polls only what has
//! been woken, so that a forgotten wake-up shows as a test that stands still.
#![allow(dead_code)] // each test file uses its own part of this

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Wake, Waker};

use crate::bench::{SERVER, Setup};
use atcmd_esp8285::Config;
use atcmd_esp8285::asynch::{Modem, Shared};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_hal_async::delay::DelayNs;
use embedded_io::{Read as _, ReadReady, Write as _, WriteReady};
use embedded_io_async::{ErrorKind, ErrorType, Read, Write};
use embedded_nal_async::TcpConnect;
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, MemoryNetwork, VirtualUart};

/// Who waits for the hardware, and until when.
#[derive(Default)]
struct Hardware {
    wakers: Vec<Waker>,
    timers: Vec<u64>,
}

/// The bench as tasks see it.
#[derive(Clone)]
pub struct Board {
    pub bench: Bench,
    hardware: Rc<RefCell<Hardware>>,
    /// The port fails with this from now on.
    pub broken: Rc<Cell<Option<ErrorKind>>>,
}

impl Board {
    pub fn new(bench: Bench) -> Self {
        Self {
            bench,
            hardware: Rc::default(),
            broken: Rc::default(),
        }
    }

    pub fn rx(&self) -> Rx {
        Rx(self.clone(), self.bench.uart())
    }

    pub fn tx(&self) -> Tx {
        Tx(self.clone(), self.bench.uart())
    }

    pub fn delay(&self) -> Delay {
        Delay(self.clone())
    }

    pub fn clock(&self) -> impl Fn() -> u64 + use<> {
        let bench = self.bench.clone();
        move || bench.now()
    }

    /// A task that sleeps.
    pub async fn sleep(&self, us: u64) {
        let until = self.bench.now() + us;
        poll_fn(|cx| {
            if self.bench.now() >= until {
                return Poll::Ready(());
            }
            let mut hardware = self.hardware.borrow_mut();
            hardware.timers.push(until);
            hardware.wakers.push(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    fn wait(&self, cx: &Context<'_>) {
        let waker = cx.waker().clone();
        self.hardware.borrow_mut().wakers.push(waker);
    }

    /// Time passes to the next thing that can happen.
    fn idle(&self) {
        let hardware = self.hardware.take();
        self.bench.idle(hardware.timers.into_iter().min());
        for waker in hardware.wakers {
            waker.wake();
        }
    }
}

/// The port's receiving half.
pub struct Rx(Board, VirtualUart);
/// The port's sending half.
pub struct Tx(Board, VirtualUart);
/// A timer.
pub struct Delay(Board);

impl ErrorType for Rx {
    type Error = ErrorKind;
}
impl ErrorType for Tx {
    type Error = ErrorKind;
}

impl Read for Rx {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, ErrorKind> {
        poll_fn(|cx| {
            if let Some(kind) = self.0.broken.get() {
                return Poll::Ready(Err(kind));
            }
            if self.1.read_ready().unwrap() {
                return Poll::Ready(Ok(self.1.read(buf).unwrap()));
            }
            self.0.wait(cx);
            Poll::Pending
        })
        .await
    }
}

impl Write for Tx {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, ErrorKind> {
        poll_fn(|cx| {
            if self.1.write_ready().unwrap() {
                return Poll::Ready(Ok(self.1.write(buf).unwrap()));
            }
            self.0.wait(cx);
            Poll::Pending
        })
        .await
    }

    async fn flush(&mut self) -> Result<(), ErrorKind> {
        Ok(())
    }
}

impl DelayNs for Delay {
    async fn delay_ns(&mut self, ns: u32) {
        self.0.sleep(u64::from(ns).div_ceil(1000)).await;
    }

    async fn delay_us(&mut self, us: u32) {
        self.0.sleep(us.into()).await;
    }
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

type Task<'t> = (Pin<Box<dyn Future<Output = ()> + 't>>, Arc<Flag>);

/// The tasks of one test.
pub struct Tasks<'t> {
    board: Board,
    tasks: Vec<Task<'t>>,
    pub polls: usize,
}

impl<'t> Tasks<'t> {
    pub fn new(board: &Board) -> Self {
        Self {
            board: board.clone(),
            tasks: vec![],
            polls: 0,
        }
    }

    pub fn spawn(&mut self, task: impl Future<Output = ()> + 't) {
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        self.tasks.push((Box::pin(task), flag));
    }

    /// Polls who has been woken, once. Says whether anybody was.
    pub fn turn_once(&mut self) -> bool {
        let mut any = false;
        self.tasks.retain_mut(|(task, flag)| {
            if !flag.0.swap(false, Ordering::Relaxed) {
                return true;
            }
            any = true;
            self.polls += 1;
            let waker = Waker::from(flag.clone());
            task.as_mut()
                .poll(&mut Context::from_waker(&waker))
                .is_pending()
        });
        any
    }

    /// Polls who has been woken until nobody is.
    fn turn(&mut self) {
        while self.turn_once() {
            assert!(self.polls < 10_000_000, "tasks wake each other for ever");
        }
    }

    /// Runs all tasks until `main` is over.
    pub fn block_on<T>(&mut self, main: impl Future<Output = T>) -> T {
        let mut main = std::pin::pin!(main);
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        let waker = Waker::from(flag.clone());
        let limit = self.board.bench.now() + 600_000_000;
        loop {
            while flag.0.swap(false, Ordering::Relaxed) {
                if let Poll::Ready(value) = main.as_mut().poll(&mut Context::from_waker(&waker)) {
                    return value;
                }
                self.turn();
            }
            self.turn();
            if !flag.0.load(Ordering::Relaxed) {
                self.board.idle();
                assert!(self.board.bench.now() < limit, "nobody was woken");
            }
        }
    }
}

/// Waits for all of them at once.
pub async fn all<T>(futures: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut futures = futures;
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(move |cx| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(cx)
            {
                *done = Some(value);
            }
        }
        if done.iter().all(Option::is_some) {
            return Poll::Ready(done.iter_mut().filter_map(Option::take).collect());
        }
        Poll::Pending
    })
    .await
}

pub type Clock = Box<dyn Fn() -> u64>;
pub type Wifi<'s> = Modem<'s, NoopRawMutex, Clock, 4096>;

/// A board with a modem, and a joined network unless `join` says otherwise.
pub fn board(setup: Setup, network: &MemoryNetwork) -> Board {
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
pub fn run<T>(setup: Setup, board: &Board, main: impl AsyncFnOnce(Wifi<'_>) -> T) -> (T, usize) {
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
pub fn run_joined<T>(
    setup: Setup,
    board: &Board,
    main: impl AsyncFnOnce(Wifi<'_>) -> T,
) -> (T, usize) {
    run(setup, board, async |wifi| {
        wifi.join("net", "password").await.unwrap();
        main(wifi).await
    })
}

/// Has the server echo `data`, a piece at a time.
pub async fn echo(wifi: Wifi<'_>, data: &[u8], piece: usize) {
    let mut connection = wifi.connect(SERVER.into()).await.unwrap();
    let mut back = vec![0; piece];
    for piece in data.chunks(piece) {
        connection.write_all(piece).await.unwrap();
        let back = &mut back[..piece.len()];
        connection.read_exact(back).await.unwrap();
        assert!(back == piece);
    }
}
