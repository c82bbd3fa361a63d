//! Futures of the async shell dropped at any poll: no byte is lost or doubled,
//! no answer reaches the wrong question, no link stays behind.

mod bench;
mod executor;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use atcmd_esp8285::asynch::{Modem, Shared};
use atcmd_esp8285::{Config, DnsError, JoinError, SocketError};
use bench::{SERVER, Setup, network, pattern};
use embassy_sync::blocking_mutex::raw::NoopRawMutex;
use embedded_io_async::{Read, Write};
use embedded_nal_async::{AddrType, Dns, TcpConnect};
use esp8285_sim::{AccessPoint, Air, Bench, BenchConfig, Echo};
use executor::{Board, Tasks, all};
use proptest::prelude::*;

type Clock = Box<dyn Fn() -> u64>;
type Wifi<'s> = Modem<'s, NoopRawMutex, Clock, 4096>;

/// How many polls each future of a test lives, over and over.
struct Lives {
    lives: Vec<usize>,
    next: usize,
    dropped: usize,
}

impl Lives {
    fn new(lives: &[usize], from: usize) -> Self {
        Self {
            lives: lives.to_vec(),
            next: from,
            dropped: 0,
        }
    }

    /// Polls a future so often and then drops it.
    async fn cut<T>(&mut self, future: impl Future<Output = T>) -> Option<T> {
        self.next += 1;
        let mut polls = self.lives[self.next % self.lives.len()];
        let mut future = std::pin::pin!(future);
        let value = poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending if polls == 0 => Poll::Ready(None),
            Poll::Pending => {
                polls -= 1;
                Poll::Pending
            }
        })
        .await;
        self.dropped += usize::from(value.is_none());
        value
    }
}

/// Echoes `data`, dropping whatever is not done after its number of polls.
async fn echo(wifi: Wifi<'_>, board: &Board, data: &[u8], mut lives: Lives) -> usize {
    let mut connection = loop {
        match lives.cut(wifi.connect(SERVER.into())).await {
            Some(Ok(connection)) => break connection,
            // A dropped connect's link takes a moment to be closed.
            Some(Err(SocketError::NoFreeLink)) | None => board.sleep(3_000).await,
            Some(Err(error)) => panic!("{error}"),
        }
    };
    let (mut sent, mut got) = (0, vec![]);
    let mut buf = [0; 500];
    while got.len() < data.len() {
        let most = data.len().min(got.len() + 2500);
        if sent < most {
            if let Some(n) = lives.cut(connection.write(&data[sent..most])).await {
                sent += n.unwrap();
            }
        } else if let Some(flushed) = lives.cut(connection.flush()).await {
            flushed.unwrap();
        }
        // Nothing comes back before something has gone out.
        if got.len() < sent
            && let Some(n) = lives.cut(connection.read(&mut buf)).await
        {
            let n = n.unwrap();
            assert_ne!(n, 0);
            got.extend_from_slice(&buf[..n]);
        }
        // A task that is never Pending would keep time from passing.
        board.sleep(500).await;
    }
    assert!(got == data);
    lives.dropped
}

/// Asks for names and joins, dropping in between; every answer must fit.
async fn ask(wifi: Wifi<'_>, board: &Board, mut lives: Lives) -> usize {
    let mut answers = 0;
    let mut round = 0;
    while answers < 20 {
        round += 1;
        let n = round % 3;
        let name = ["one.example", "two.example", "none.example"][n];
        let look_up = wifi.get_host_by_name(name, AddrType::IPv4);
        if let Some(answer) = lives.cut(look_up).await {
            let expected = [
                Ok([10, 0, 0, 1].into()),
                Ok([10, 0, 0, 2].into()),
                Err(DnsError::NotFound),
            ];
            assert_eq!(answer, expected[n]);
            answers += 1;
        }
        board.sleep(2_000).await;
    }
    lives.dropped
}

fn play(setup: Setup, lives: &[usize]) {
    let network = network(setup)
        .host("one.example", [10, 0, 0, 1].into())
        .host("two.example", [10, 0, 0, 2].into());
    network.listen(SERVER, || Box::new(Echo));
    let air = Air::new()
        .ap(AccessPoint::new("net", "password"))
        .join_time_ms(100);
    let modem = esp8285_sim::Modem::new(setup.dialect, air, network.clone());
    let board = Board::new(Bench::new(modem, BenchConfig::default()));
    let clock: Clock = Box::new(board.clock());
    let mut shared = Shared::new(Config::new().receive(setup.receive), clock);
    let (wifi, mut runner) = shared.split(board.rx(), board.tx(), board.delay());
    let mut tasks = Tasks::new(&board);
    tasks.spawn(async move {
        runner.run().await;
    });
    let data = pattern(6_000);
    tasks.block_on(async {
        let mut joining = Lives::new(lives, 0);
        while joining.cut(wifi.join("net", "password")).await != Some(Ok(())) {
            board.sleep(50_000).await;
        }
        type Task<'t> = Pin<Box<dyn Future<Output = usize> + 't>>;
        let dropped = all(vec![
            Box::pin(echo(wifi, &board, &data, Lives::new(lives, 1))) as Task<'_>,
            Box::pin(echo(wifi, &board, &data, Lives::new(lives, 2))),
            Box::pin(ask(wifi, &board, Lives::new(lives, 3))),
        ])
        .await;
        assert!(dropped.iter().sum::<usize>() > 0 || lives.iter().all(|n| *n > 5));
        // The wrong answer to a dropped join must not be taken for another's.
        let none = Lives::new(&[1], 0)
            .cut(wifi.join("elsewhere", "password"))
            .await;
        assert_eq!(none, None);
        assert_eq!(wifi.join("net", "password").await, Ok(()));
        let gone = wifi.join("elsewhere", "password").await;
        assert_eq!(gone, Err(JoinError::NoSuchAccessPoint));
        assert_eq!(wifi.join("net", "password").await, Ok(()));
        // No link was left behind: all five can be had.
        board.sleep(1_000_000).await;
        let mut open = vec![];
        for _ in 0..5 {
            open.push(wifi.connect(SERVER.into()).await.unwrap());
        }
    });
    assert_eq!(board.bench.stats().overruns, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]
    #[test]
    fn futures_can_be_dropped_at_any_poll(
        mut lives in prop::collection::vec(0usize..12, 1..40),
        which in 0usize..4,
    ) {
        // Some live long, so that everything is done in the end.
        lives.extend([200, 400, 1000]);
        play(Setup::all().nth(which).unwrap(), &lives);
    }
}

#[test]
fn futures_that_live_one_poll_only_get_done_when_the_answer_is_there() {
    for setup in Setup::all() {
        play(setup, &[0, 0, 0, 1, 0, 400]);
    }
}
