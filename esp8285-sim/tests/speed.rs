//! With a fast peer the modem's transmitter is the bottleneck, and the bench is much faster than time.

mod common;

use common::{Host, MAIN, air, at};
use embedded_io::{Read, ReadReady};
use esp8285_sim::{Bench, BenchConfig, Chunk, Dialect, MemoryNetwork, Modem, Serve};

const PAYLOAD: usize = 5_000_000;
const BAUD: u32 = 921_600;

fn serving(dialect: Dialect) -> (Bench, Host) {
    let config = BenchConfig {
        host_baud: BAUD,
        rx_chunk: Chunk::Bytes(1),
        ..BenchConfig::default()
    };
    let net = MemoryNetwork::new();
    net.listen(at(80), || {
        Box::new(Serve::new(vec![0x55; PAYLOAD]).at_connect().keep_open())
    });
    let bench = Bench::new(
        Modem::new(dialect, air(), net.clone()).stored_baud(BAUD),
        config,
    );
    let mut host = Host::on(bench.clone(), net);
    host.join();
    (bench, host)
}

fn next(bench: &Bench) -> u8 {
    let mut uart = bench.uart();
    let mut byte = [0];
    while !uart.read_ready().unwrap() {
        bench.idle(None);
    }
    uart.read(&mut byte).unwrap();
    byte[0]
}

/// The least the payload takes on the wire, and what all else may add.
fn check(took_us: u64, overhead: f64) {
    let least = PAYLOAD as f64 * 10.0 / f64::from(BAUD) * 1e6;
    assert!(
        (took_us as f64) < least * overhead,
        "{took_us} us instead of {least}"
    );
}

#[test]
fn active_mode_fills_the_line() {
    for &dialect in MAIN {
        let (bench, mut host) = serving(dialect);
        host.send(b"AT+CIPSTART=\"TCP\",\"192.168.1.3\",80\r\n");
        let (start, before) = (bench.now(), bench.stats().from_modem);
        for _ in 0..PAYLOAD {
            next(&bench);
        }
        check(bench.now() - start, 1.002);
        assert_eq!(bench.stats().from_modem - before, PAYLOAD as u64);
        assert_eq!(bench.stats().overruns, 0);
    }
}

#[test]
fn passive_mode_costs_only_the_commands() {
    for &dialect in MAIN {
        let (bench, mut host) = serving(dialect);
        host.ask("AT+CIPRECVMODE=1");
        host.ask("AT+CIPSTART=\"TCP\",\"192.168.1.3\",80");
        let start = bench.now();
        let mut left = PAYLOAD;
        let mut seen: Vec<u8> = Vec::new();
        while left > 0 {
            host.send(b"AT+CIPRECVDATA=2048\r\n");
            loop {
                seen.push(next(&bench));
                assert!(!seen.ends_with(b"ERROR"));
                if seen.ends_with(b"OK\r\n") {
                    break;
                }
            }
            left -= seen.iter().filter(|&&byte| byte == 0x55).count();
            seen.clear();
        }
        check(bench.now() - start, 1.06);
    }
}
